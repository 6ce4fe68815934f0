-- +goose NO TRANSACTION
-- +goose Up
-- An emergency is paid in cash or in kind out of a township's own hand, with the
-- receipt as the evidence; what a reserve cannot pay is an urgent payment of the county.

-- What is handed over goes in no bank file: its "file" is the receipt, sealed under
-- its own digest. No account pays it and none is paid.
INSERT INTO channel (code, name_zh, name_en, profile, many_budget_lines, max_rows, debtor_name, debtor_account, debtor_agent) VALUES
    ('XJ', '现金发放', 'Paid in cash', 'receipt.cash', true, 1, '', '', ''),
    ('SW', '实物发放', 'Given in kind', 'receipt.goods', true, 1, '', '', '')
ON CONFLICT (code) DO NOTHING;

ALTER TABLE evidence_file DROP CONSTRAINT IF EXISTS evidence_file_kind;
ALTER TABLE evidence_file ADD CONSTRAINT evidence_file_kind CHECK (kind IN ('result', 'statement', 'receipt'));

-- How a case is paid, and what shows that it was: digest and name of the image of the
-- receipt, who saw it handed over, and in kind what and from whom.
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS form text NOT NULL DEFAULT 'transfer'
    CONSTRAINT reserve_case_form CHECK (form IN ('transfer', 'cash', 'goods'));
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS receipt_sha256 bytea NOT NULL DEFAULT '';
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS receipt_name text NOT NULL DEFAULT '';
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS witness text NOT NULL DEFAULT '';
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS goods text NOT NULL DEFAULT '';
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS supplier text NOT NULL DEFAULT '';
-- a receipt pays one case
CREATE UNIQUE INDEX IF NOT EXISTS reserve_case_receipt ON reserve_case (receipt_sha256) WHERE form <> 'transfer';

-- owner: disbursement/batch
-- append-only
-- An urgent payment asked of the county (县级紧急支付): a draw that its reserve did not
-- cover, with the clock of the draw. It is settled when a list of the program pays
-- the person under the case's number, which is derived and not stored.
CREATE TABLE IF NOT EXISTS urgent_payment (
    number      text        NOT NULL PRIMARY KEY,
    township    text        NOT NULL,
    person      bigint      NOT NULL,
    amount_fen  bigint      NOT NULL,
    free_fen    bigint      NOT NULL,
    reason      text        NOT NULL,
    reported_at timestamptz NOT NULL,
    pay_due     timestamptz NOT NULL,
    opened_by   text        NOT NULL,
    opened_at   timestamptz NOT NULL,
    CONSTRAINT urgent_payment_amount CHECK (amount_fen > free_fen AND free_fen >= 0)
);
-- the requests of a span of time
CREATE INDEX IF NOT EXISTS urgent_payment_opened ON urgent_payment (opened_at);
GRANT SELECT, INSERT ON urgent_payment TO fenlu_app;
