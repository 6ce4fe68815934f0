-- +goose NO TRANSACTION
-- +goose Up
-- A claim that the second person rejects (不予追回): its lines can be claimed again.

ALTER TABLE recovery_act DROP CONSTRAINT IF EXISTS recovery_act_kind;

ALTER TABLE recovery_act ADD CONSTRAINT recovery_act_kind CHECK (kind IN ('open', 'confirm', 'reject', 'receive', 'write_off'));

-- how many claims for the line were rejected before: of two claims opened at once
-- one is refused by the index
ALTER TABLE recovery_item ADD COLUMN IF NOT EXISTS round integer NOT NULL DEFAULT 0;

DROP INDEX IF EXISTS recovery_item_line;

-- a line is claimed once, and again when that claim was rejected
CREATE UNIQUE INDEX IF NOT EXISTS recovery_item_line ON recovery_item (line, round);

-- a bank credit settles one claim
CREATE UNIQUE INDEX IF NOT EXISTS recovery_act_reference ON recovery_act (number) WHERE kind = 'receive';
-- the claim that a paper was booked on
CREATE INDEX IF NOT EXISTS recovery_act_evidence ON recovery_act (evidence) WHERE kind = 'receive';

-- An advance notice that came after the document that brought its money: word
-- 'within', and advance_line is the line of that document.
ALTER TABLE document_inclusion DROP CONSTRAINT IF EXISTS document_inclusion_word;

ALTER TABLE document_inclusion ADD CONSTRAINT document_inclusion_word CHECK (word IN ('include', 'deduct', 'within'));

DROP INDEX IF EXISTS document_inclusion_once;

-- a line of an advance notice is settled once; a document may contain several
CREATE UNIQUE INDEX IF NOT EXISTS document_inclusion_once ON document_inclusion (advance_line) WHERE word <> 'within';
-- what late advance notices say of a line
CREATE INDEX IF NOT EXISTS document_inclusion_within ON document_inclusion (advance_line) WHERE word = 'within';

-- Whether the log has a leaf of the row: those of before have none.
ALTER TABLE cash_arrival ADD COLUMN IF NOT EXISTS in_log boolean NOT NULL DEFAULT false;

ALTER TABLE fund_receipt ADD COLUMN IF NOT EXISTS in_log boolean NOT NULL DEFAULT false;

ALTER TABLE receipt_remittance ADD COLUMN IF NOT EXISTS in_log boolean NOT NULL DEFAULT false;

ALTER TABLE document_passed_on ADD COLUMN IF NOT EXISTS in_log boolean NOT NULL DEFAULT false;
