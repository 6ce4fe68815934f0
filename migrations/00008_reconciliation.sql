-- +goose NO TRANSACTION
-- +goose Up
-- Evidence from banks, what it was matched with, and the breaks.

CREATE SEQUENCE IF NOT EXISTS evidence_file_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS break_id_seq INCREMENT BY 1;

-- owner: reconciliation
-- append-only
-- A result file or statement, known by its digest within its purpose: kind and
-- scope, which is the file that a result answers or the account of a statement.
-- item_count is what the file listed; rows after it (pos > item_count) are the
-- payments that a rejection of their whole file was said about.
CREATE TABLE IF NOT EXISTS evidence_file (
    id           bigint      PRIMARY KEY,
    kind         text        NOT NULL,
    scope        text        NOT NULL,
    sha256       bytea       NOT NULL,
    name         text        NOT NULL,
    profile      text        NOT NULL,
    item_count   integer     NOT NULL,
    imported_by  text        NOT NULL,
    imported_at  timestamptz NOT NULL,
    CONSTRAINT evidence_file_kind CHECK (kind IN ('result', 'statement'))
);
CREATE UNIQUE INDEX IF NOT EXISTS evidence_file_once ON evidence_file (kind, scope, sha256);
GRANT SELECT, INSERT ON evidence_file TO fenlu_app;

-- owner: reconciliation
-- append-only
-- Evidence (凭据): one line of such a file: what it says, where it stands, and
-- what it was matched with. amount_fen 0 means the line named no amount. place is
-- a blind index of what tells a booking from all others, whatever statement lists
-- it (account, bank's reference, day, id, amount, direction, which of the like);
-- says is what the line means for its attempt, whatever the bank's code for it.
-- Long numbers in the bank's texts are masked, and so is an id that is none of
-- ours. reason_text may name somebody: the leaf has a commitment to it under
-- text_salt, which is random and empty where there is no text.
CREATE TABLE IF NOT EXISTS evidence (
    file          bigint  NOT NULL,
    pos           integer NOT NULL,
    kind          text    NOT NULL,
    place         text    NOT NULL,
    end_to_end_id text    NOT NULL,
    bank_ref      text    NOT NULL,
    amount_fen    bigint  NOT NULL,
    direction     text    NOT NULL,
    status        text    NOT NULL,
    reason        text    NOT NULL,
    reason_text   text    NOT NULL,
    text_salt     bytea   NOT NULL DEFAULT '',
    value_date    date,
    src_offset    bigint  NOT NULL,
    src_line      integer NOT NULL,
    attempt       bigint,
    outcome       text    NOT NULL,
    says          text    NOT NULL DEFAULT '',
    PRIMARY KEY (file, pos),
    CONSTRAINT evidence_kind CHECK (kind IN ('status', 'entry', 'return')),
    CONSTRAINT evidence_outcome CHECK (outcome IN ('matched', 'unmatched', 'amount_differs', 'repeated', 'other_money')),
    CONSTRAINT evidence_says CHECK (says IN ('', 'accepted', 'unknown', 'failed', 'paid', 'booked', 'returned'))
);
-- everything that was ever said about an attempt: its state is derived from it
CREATE INDEX IF NOT EXISTS evidence_attempt ON evidence (attempt, file, pos) WHERE attempt IS NOT NULL;
-- a statement entry counts once, in whatever file and however often it comes
CREATE UNIQUE INDEX IF NOT EXISTS evidence_place ON evidence (place) WHERE place <> '' AND outcome <> 'repeated';
GRANT SELECT, INSERT ON evidence TO fenlu_app;

-- owner: reconciliation
-- A break (差异): whatever did not match, until somebody resolves it. amount_fen
-- is what is at issue: said minus instructed where both are known, or all of it.
CREATE TABLE IF NOT EXISTS break (
    id         bigint      PRIMARY KEY,
    kind       text        NOT NULL,
    file       bigint      NOT NULL,
    pos        integer     NOT NULL,
    attempt    bigint,
    amount_fen bigint      NOT NULL,
    owner      text        NOT NULL,
    opened_on  date        NOT NULL,
    due_on     date        NOT NULL,
    resolved_on date,
    resolution text        NOT NULL DEFAULT '',
    resolved_by text       NOT NULL DEFAULT '',
    CONSTRAINT break_kind CHECK (kind IN ('unmatched', 'amount_differs', 'contradiction', 'paid_twice', 'which_line', 'other_money'))
);
CREATE UNIQUE INDEX IF NOT EXISTS break_once ON break (file, pos, kind);
-- the open queue
CREATE INDEX IF NOT EXISTS break_open ON break (due_on, id) WHERE resolved_on IS NULL;
-- what is unresolved about an attempt
CREATE INDEX IF NOT EXISTS break_attempt ON break (attempt) WHERE resolved_on IS NULL AND attempt IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON break TO fenlu_app;

GRANT USAGE ON SEQUENCE evidence_file_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE break_id_seq TO fenlu_app;
