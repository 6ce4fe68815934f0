-- +goose NO TRANSACTION
-- +goose Up
-- What was paid after an entitlement was stopped may be claimed as that.

ALTER TABLE recovery DROP CONSTRAINT IF EXISTS recovery_source;
ALTER TABLE recovery ADD CONSTRAINT recovery_source CHECK (source IN ('case', 'death', 'twice', 'stopped', 'other'));
