-- +goose NO TRANSACTION
-- +goose Up
-- The log's history started again from an older state, on purpose: a backup was
-- restored (DESIGN §2 promise 10).

CREATE SEQUENCE IF NOT EXISTS log_restart_id_seq INCREMENT BY 1;

-- owner: ledger/proof
-- append-only
-- One proposes, another confirms. abandoned is the largest checkpoint of the
-- history given up, kept_size the leaves of the largest that both have. Each row
-- is a leaf.
CREATE TABLE IF NOT EXISTS log_restart (
    id             bigint      PRIMARY KEY,
    act            text        NOT NULL,
    proposal       bigint      NOT NULL,
    abandoned_size bigint      NOT NULL,
    abandoned_root bytea       NOT NULL,
    kept_size      bigint      NOT NULL,
    reason         text        NOT NULL,
    actor          text        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    CONSTRAINT log_restart_act CHECK (act IN ('propose', 'confirm'))
);
-- a proposal is confirmed once
CREATE UNIQUE INDEX IF NOT EXISTS log_restart_proposal ON log_restart (proposal) WHERE proposal > 0;
GRANT SELECT, INSERT ON log_restart TO fenlu_app;

GRANT USAGE ON SEQUENCE log_restart_id_seq TO fenlu_app;
