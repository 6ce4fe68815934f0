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
CREATE UNIQUE INDEX IF NOT EXISTS recovery_item_round ON recovery_item (line, round);

-- a bank credit settles one claim
CREATE UNIQUE INDEX IF NOT EXISTS recovery_act_reference ON recovery_act (number) WHERE kind = 'receive';
-- the claim that a paper was booked on
CREATE INDEX IF NOT EXISTS recovery_act_evidence ON recovery_act (evidence) WHERE kind = 'receive';
