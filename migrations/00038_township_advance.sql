-- +goose NO TRANSACTION
-- +goose Up
-- What a township paid out of its own pocket first, and is paid back once (乡镇垫付).

ALTER TABLE reserve_case DROP CONSTRAINT IF EXISTS reserve_case_form;
ALTER TABLE reserve_case ADD CONSTRAINT reserve_case_form CHECK (form IN ('transfer', 'cash', 'goods', 'advanced'));

-- a case that was given up before it was paid leaves its receipt to the one that is
-- recorded in its place
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS given_up boolean NOT NULL DEFAULT false;
DROP INDEX IF EXISTS reserve_case_receipt;
-- a receipt pays one case
CREATE UNIQUE INDEX IF NOT EXISTS reserve_case_receipt ON reserve_case (receipt_sha256) WHERE form <> 'transfer' AND NOT given_up;

-- the money goes to the unit that paid; the line stays the person's
ALTER TABLE entitlement_line DROP CONSTRAINT IF EXISTS entitlement_line_payee_role;
ALTER TABLE entitlement_line ADD CONSTRAINT entitlement_line_payee_role
    CHECK (payee_role IN ('self', 'head', 'guardian', 'institution', 'carer', 'heir', 'township'));

-- owner: disbursement/funds
-- append-only
-- What is beside a case of the form 'advanced': which unit paid it, when it was handed
-- over, and by when the unit is to be paid back as the rule stood then (null: there was
-- none). The case has amount, person and receipt.
CREATE TABLE IF NOT EXISTS township_advance (
    reserve_case bigint      PRIMARY KEY,
    unit         bigint      NOT NULL,
    paid_at      timestamptz NOT NULL,
    due_on       date,
    recorded_by  text        NOT NULL,
    recorded_at  timestamptz NOT NULL
);
-- what was advanced in a span of time
CREATE INDEX IF NOT EXISTS township_advance_paid ON township_advance (paid_at);
GRANT SELECT, INSERT ON township_advance TO fenlu_app;
