-- +goose NO TRANSACTION
-- +goose Up
-- The log (DESIGN §2 promise 10): what was written, in the order it was
-- sequenced. Posting writes pending rows in its own transaction; the sequencer
-- gives them their place.

CREATE SEQUENCE IF NOT EXISTS log_pending_id_seq INCREMENT BY 1;

-- owner: ledger/proof
-- id is drawn while the locks of the posting transaction are held, so that
-- the order of ids is, for each lot, the order of its journals.
CREATE TABLE IF NOT EXISTS log_pending (
    id         bigint      PRIMARY KEY,
    kind       text        NOT NULL,
    ref        bigint      NOT NULL,
    version    integer     NOT NULL,
    digest     bytea       NOT NULL,
    created_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON log_pending TO fenlu_app;

-- owner: ledger/proof
-- append-only
CREATE TABLE IF NOT EXISTS log_leaf (
    leaf_index   bigint      PRIMARY KEY,
    kind         text        NOT NULL,
    ref          bigint      NOT NULL,
    version      integer     NOT NULL,
    digest       bytea       NOT NULL,
    sequenced_at timestamptz NOT NULL
);
-- from a journal, approval … to its leaf
CREATE UNIQUE INDEX IF NOT EXISTS log_leaf_ref ON log_leaf (kind, ref);
-- --at TIME resolves to the last index sequenced at or before TIME
CREATE INDEX IF NOT EXISTS log_leaf_time ON log_leaf (sequenced_at, leaf_index);
GRANT SELECT, INSERT ON log_leaf TO fenlu_app;

-- owner: ledger/proof
-- append-only
-- As of index L a lot stands at the seq of its greatest leaf_index <= L.
CREATE TABLE IF NOT EXISTS log_lot (
    lot        integer NOT NULL,
    leaf_index bigint  NOT NULL,
    seq        bigint  NOT NULL,
    PRIMARY KEY (lot, leaf_index)
);
GRANT SELECT, INSERT ON log_lot TO fenlu_app;

-- owner: ledger/proof
-- One row: whoever locks it is the sequencer.
CREATE TABLE IF NOT EXISTS log_head (
    id         integer PRIMARY KEY,
    next_index bigint  NOT NULL,
    CONSTRAINT log_head_one CHECK (id = 1)
);
GRANT SELECT, UPDATE ON log_head TO fenlu_app;
INSERT INTO log_head (id, next_index) VALUES (1, 0) ON CONFLICT (id) DO NOTHING;

GRANT USAGE ON SEQUENCE log_pending_id_seq TO fenlu_app;
