-- +goose NO TRANSACTION
-- +goose Up
-- A return in several parts is paid once: only what found a payment paid says
-- when it was, not what found more of it back. Before, the second part of a
-- return of an earlier year looked like one of this year.

-- owner: migrations
CREATE OR REPLACE VIEW paid_fact (payment, journal) AS
SELECT a.payment, e.journal
FROM attempt a JOIN attempt_event e ON e.attempt = a.id
WHERE e.to_state IN ('paid', 'part_returned') AND e.from_state NOT IN ('paid', 'part_returned') AND e.journal IS NOT NULL;

-- the vouchers of a batch
CREATE INDEX IF NOT EXISTS voucher_cause ON voucher (cause, event);
