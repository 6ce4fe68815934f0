-- +goose NO TRANSACTION
-- +goose Up
-- A correction of payments (支付更正) need not repay an advance: money of another
-- document may take the place of money that was cut, or of a year that has ended.

ALTER TABLE correction ALTER COLUMN advance DROP NOT NULL;
