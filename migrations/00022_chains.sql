-- +goose NO TRANSACTION
-- +goose Up
-- Delegation of rights, approval chains by office and program, and the payment
-- vouchers of a batch.

CREATE SEQUENCE IF NOT EXISTS delegation_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS chain_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS batch_voucher_id_seq INCREMENT BY 1;

-- owner: auth
-- append-only
-- A right handed to somebody else for some days (委托代办). A row with ends takes
-- back the delegation that it names, from valid_from on.
CREATE TABLE IF NOT EXISTS delegation (
    id          bigint      PRIMARY KEY,
    from_login  text        NOT NULL,
    to_login    text        NOT NULL,
    right_code  text        NOT NULL,
    valid_from  date        NOT NULL,
    valid_to    date        NOT NULL,
    reason      text        NOT NULL,
    ends        bigint,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT delegation_days CHECK (valid_from <= valid_to),
    CONSTRAINT delegation_apart CHECK (from_login <> to_login)
);
-- on whose behalf somebody acts on a day
CREATE INDEX IF NOT EXISTS delegation_to ON delegation (to_login, right_code, valid_to);
-- taken back once
CREATE UNIQUE INDEX IF NOT EXISTS delegation_ends ON delegation (ends) WHERE ends IS NOT NULL;
GRANT SELECT, INSERT ON delegation TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- An approval chain (审批链) of an office and program from a date on; an empty
-- office or program is any. Of those that fit, the one that names most counts.
CREATE TABLE IF NOT EXISTS approval_chain (
    id          bigint      PRIMARY KEY,
    kind        text        NOT NULL,
    office      text        NOT NULL,
    program     text        NOT NULL,
    valid_from  date        NOT NULL,
    document    text        NOT NULL,
    clause      text        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT approval_chain_kind CHECK (kind IN ('batch', 'list', 'emergency'))
);
CREATE UNIQUE INDEX IF NOT EXISTS approval_chain_row ON approval_chain (kind, office, program, valid_from);
GRANT SELECT, INSERT ON approval_chain TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- A stage of a chain: the step, the right that it needs, the office whose people
-- take it (empty: any), and how many persons have to. Only reviews, which stand
-- between submission and approval, may need several.
CREATE TABLE IF NOT EXISTS approval_stage (
    chain      bigint  NOT NULL,
    ord        integer NOT NULL,
    step       text    NOT NULL,
    title      text    NOT NULL,
    right_code text    NOT NULL,
    office     text    NOT NULL,
    persons    integer NOT NULL,
    PRIMARY KEY (chain, ord),
    CONSTRAINT approval_stage_chain FOREIGN KEY (chain) REFERENCES approval_chain (id),
    CONSTRAINT approval_stage_persons CHECK (persons = 1 OR (step = 'review' AND persons > 1))
);
GRANT SELECT, INSERT ON approval_stage TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- A payment voucher (支付凭证) of a batch: what the treasury is asked to pay from
-- a budget line. Where the channel wants them, nothing is released before the
-- vouchers of each budget line come to what is frozen there.
CREATE TABLE IF NOT EXISTS batch_voucher (
    id          bigint      PRIMARY KEY,
    batch       bigint      NOT NULL,
    number      text        NOT NULL,
    dated       date        NOT NULL,
    budget_line integer     NOT NULL,
    amount_fen  bigint      NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT batch_voucher_amount CHECK (amount_fen > 0)
);
-- a number is used once for a budget line; the vouchers of a batch
CREATE UNIQUE INDEX IF NOT EXISTS batch_voucher_number ON batch_voucher (number, budget_line);
CREATE INDEX IF NOT EXISTS batch_voucher_batch ON batch_voucher (batch, id);
GRANT SELECT, INSERT ON batch_voucher TO fenlu_app;

-- Whether the treasury pays this channel by vouchers (支付凭证): nothing is released
-- without them.
ALTER TABLE channel ADD COLUMN IF NOT EXISTS needs_voucher boolean NOT NULL DEFAULT false;

-- what was looked at for a bank file or an instruction: audit bundles
CREATE INDEX IF NOT EXISTS unmasking_subject ON unmasking (subject, id);

GRANT USAGE ON SEQUENCE delegation_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE chain_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE batch_voucher_id_seq TO fenlu_app;
