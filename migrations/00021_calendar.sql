-- +goose NO TRANSACTION
-- +goose Up
-- What a month's calendar reads.

-- the lists of a month: the calendar, and the month before in a comparison
CREATE INDEX IF NOT EXISTS batch_period ON batch (period, program);
