-- +goose NO TRANSACTION
-- +goose Up
-- The keys that sign the log's checkpoints (DESIGN §2 promise 10): public ones
-- only; the private key is never in a database.

-- owner: ledger/proof
-- append-only
-- vkey is the public key, its name the log's origin. rotation is the note by
-- which the key before it named it, '' for the first. Each row is a leaf.
CREATE TABLE IF NOT EXISTS log_key (
    id          integer     PRIMARY KEY,
    vkey        text        NOT NULL,
    rotation    text        NOT NULL,
    recorded_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON log_key TO fenlu_app;
