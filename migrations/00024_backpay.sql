-- +goose NO TRANSACTION
-- +goose Up
-- Back-pay (补发): lists of differences between a raised standard and what was
-- paid, each level paying what its own part rose by.

ALTER TABLE batch DROP CONSTRAINT IF EXISTS batch_kind;
ALTER TABLE batch ADD CONSTRAINT batch_kind CHECK (kind IN ('roster', 'emergency', 'backpay'));

-- owner: disbursement/batch
-- append-only
-- What one level (资金级次) pays of a back-pay line: its difference, not its part
-- of the standard. A line of a policy row without levels has none.
CREATE TABLE IF NOT EXISTS line_layer (
    line       bigint NOT NULL,
    level      text   NOT NULL,
    amount_fen bigint NOT NULL,
    PRIMARY KEY (line, level),
    CONSTRAINT line_layer_amount CHECK (amount_fen > 0)
);
GRANT SELECT, INSERT ON line_layer TO fenlu_app;
