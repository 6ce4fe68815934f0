-- +goose NO TRANSACTION
-- +goose Up
-- Accounting periods: what is closed, who closed it, and what came late.

CREATE SEQUENCE IF NOT EXISTS period_act_id_seq INCREMENT BY 1;

-- owner: ledger
-- A month (会计期间) and whether it is closed. Posting locks its row FOR SHARE,
-- closing FOR UPDATE, so that a journal is either in the books that were closed
-- or refused. The rows are there beforehand: posting never waits for another
-- posting that makes one.
CREATE TABLE IF NOT EXISTS period (
    month  text    PRIMARY KEY,
    closed boolean NOT NULL DEFAULT false
);
GRANT SELECT, INSERT, UPDATE ON period TO fenlu_app;
INSERT INTO period (month)
SELECT (2000 + div(n, 12))::text || '-' || lpad((mod(n, 12) + 1)::text, 2, '0') FROM generate_series(0, 1199) AS n
ON CONFLICT (month) DO NOTHING;

-- owner: ledger
-- append-only
-- Late evidence (跨期凭据): a day in a closed period on which something happened
-- that the journal, in an open one, books.
CREATE TABLE IF NOT EXISTS late_entry (
    journal    bigint NOT NULL,
    value_date date   NOT NULL,
    PRIMARY KEY (journal, value_date)
);
GRANT SELECT, INSERT ON late_entry TO fenlu_app;

-- owner: ledger/books
-- append-only
-- What people did to a period (2026-10, 2026): one proposes to close or to
-- reopen it, another confirms or rejects. What a closed period held then, its
-- journals and the fen they moved, is what it must hold as long as it is closed.
CREATE TABLE IF NOT EXISTS period_act (
    id         bigint      PRIMARY KEY,
    period     text        NOT NULL,
    act        text        NOT NULL,
    proposal   bigint,
    actor      text        NOT NULL,
    reason     text        NOT NULL,
    decided_at timestamptz NOT NULL,
    journals   bigint      NOT NULL DEFAULT 0,
    amount_fen bigint      NOT NULL DEFAULT 0,
    CONSTRAINT period_act_act CHECK (act IN ('propose_close', 'close', 'propose_reopen', 'reopen', 'reject'))
);
-- the story of a period
CREATE INDEX IF NOT EXISTS period_act_period ON period_act (period, id);
-- a proposal is decided once
CREATE UNIQUE INDEX IF NOT EXISTS period_act_proposal ON period_act (proposal) WHERE proposal IS NOT NULL;
GRANT SELECT, INSERT ON period_act TO fenlu_app;

GRANT USAGE ON SEQUENCE period_act_id_seq TO fenlu_app;
