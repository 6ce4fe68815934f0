-- +goose NO TRANSACTION
-- +goose Up
-- The log (DESIGN §2 promise 10): what was written, in the order it was
-- sequenced. Posting writes pending rows in its own transaction; the sequencer
-- gives them their place.

CREATE SEQUENCE IF NOT EXISTS log_pending_id_seq INCREMENT BY 1;

-- owner: ledger/proof
-- id is drawn while the locks of the posting transaction are held, so that
-- the order of ids is, for each lot, the order of its journals. created_at is
-- of the database's clock, since a demo's clock is set by hand: verification
-- names what has waited too long.
CREATE TABLE IF NOT EXISTS log_pending (
    id         bigint      PRIMARY KEY,
    kind       text        NOT NULL,
    ref        bigint      NOT NULL,
    version    integer     NOT NULL,
    digest     bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- a thing that was appended twice is refused to its writer, not to the sequencer
CREATE UNIQUE INDEX IF NOT EXISTS log_pending_ref ON log_pending (kind, ref);
GRANT SELECT, INSERT, DELETE ON log_pending TO fenlu_app;

-- owner: ledger/proof
-- append-only
-- digest is the RFC 6962 record hash of the leaf's canonical bytes.
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
-- append-only
-- The hashes of the complete subtrees of the log's tree, in the order in which
-- the leaves complete them (tlog.StoredHashIndex): what is here never changes.
CREATE TABLE IF NOT EXISTS log_hash (
    position bigint PRIMARY KEY,
    hash     bytea  NOT NULL
);
GRANT SELECT, INSERT ON log_hash TO fenlu_app;

-- owner: ledger/proof
-- One row, and its lock is the lease: whoever holds it is the sequencer until
-- the transaction ends, and whoever dies gives it back.
CREATE TABLE IF NOT EXISTS log_head (
    id         integer PRIMARY KEY,
    next_index bigint  NOT NULL,
    CONSTRAINT log_head_one CHECK (id = 1)
);
GRANT SELECT, UPDATE ON log_head TO fenlu_app;
INSERT INTO log_head (id, next_index) VALUES (1, 0) ON CONFLICT (id) DO NOTHING;

GRANT USAGE ON SEQUENCE log_pending_id_seq TO fenlu_app;

-- Every leaf by what it is about, whether it has its place already or waits:
-- verification joins rows with it.
CREATE OR REPLACE VIEW logged (kind, ref, version, digest) AS
SELECT kind, ref, version, digest FROM log_leaf
UNION ALL
SELECT kind, ref, version, digest FROM log_pending;
GRANT SELECT ON logged TO fenlu_app;
