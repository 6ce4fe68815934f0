-- +goose NO TRANSACTION
-- +goose Up
-- Bulk work in steps, where one transaction carries only so many rows (DESIGN §5,
-- ADR 28): a batch is 'releasing' until its last step has sealed the files; an
-- evidence file is on record when its last line is.

ALTER TABLE batch DROP CONSTRAINT IF EXISTS batch_state;

ALTER TABLE batch ADD CONSTRAINT batch_state
    CHECK (state IN ('draft', 'checked', 'submitted', 'freezing', 'approved', 'releasing', 'released', 'reconciled', 'closed', 'cancelled'));

-- owner: disbursement/payment
-- append-only
-- A step of a release: the journal that sent the payments of a file's lines
-- first_line … last_line. The file's row in bank_file comes with the last step
-- of its batch; a file given back before has none for ever.
CREATE TABLE IF NOT EXISTS release_step (
    file       bigint  NOT NULL,
    first_line integer NOT NULL,
    last_line  integer NOT NULL,
    batch      bigint  NOT NULL,
    ordinal    integer NOT NULL,
    journal    bigint  NOT NULL,
    PRIMARY KEY (file, first_line),
    CONSTRAINT release_step_lines CHECK (first_line >= 1 AND last_line >= first_line)
);
-- how far the release of a batch has come
CREATE INDEX IF NOT EXISTS release_step_batch ON release_step (batch, file, first_line);
GRANT SELECT, INSERT ON release_step TO fenlu_app;

-- owner: reconciliation
-- append-only
-- A step in which an evidence file is read: its lines up to last_pos are stored
-- under the number file, and settled. The row of evidence_file comes with the
-- last step: kind, scope and sha256 are those that it will have.
CREATE TABLE IF NOT EXISTS evidence_step (
    kind     text    NOT NULL,
    scope    text    NOT NULL,
    sha256   bytea   NOT NULL,
    step     integer NOT NULL,
    file     bigint  NOT NULL,
    last_pos integer NOT NULL,
    PRIMARY KEY (kind, scope, sha256, step)
);
GRANT SELECT, INSERT ON evidence_step TO fenlu_app;

-- An attempt is an instruction from the moment its file is sealed: before that,
-- and when its release was given back, its payment stands as it stood.
CREATE OR REPLACE VIEW x_payment (id, state, amount_fen) AS
SELECT p.id,
    CASE WHEN p.amount_fen = 0 THEN 'stopped'
         WHEN t.state IS NULL THEN 'formed'
         WHEN t.state = 'written' THEN 'sent' ELSE t.state END,
    p.amount_fen
FROM payment p
LEFT JOIN attempt t ON t.payment = p.id
    AND t.n = (SELECT max(u.n) FROM attempt u JOIN bank_file f ON f.id = u.file WHERE u.payment = p.id);

CREATE OR REPLACE VIEW x_attempt (id, payment, end_to_end_id, state, amount_fen, booked_fen, returned_fen) AS
SELECT a.id, a.payment, a.end_to_end_id, a.state, a.amount_fen, a.booked_fen, a.returned_fen
FROM attempt a JOIN bank_file f ON f.id = a.file;
