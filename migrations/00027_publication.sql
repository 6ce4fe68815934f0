-- +goose NO TRANSACTION
-- +goose Up
-- Lists that were published, objections to them, and what became of those.

CREATE SEQUENCE IF NOT EXISTS publication_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS objection_id_seq INCREMENT BY 1;

-- owner: disbursement/batch
-- append-only
-- A list that was published (公示): its rows by digest, and the days it stands.
CREATE TABLE IF NOT EXISTS publication (
    id           bigint      PRIMARY KEY,
    batch        bigint      NOT NULL,
    published_on date        NOT NULL,
    until_on     date        NOT NULL,
    digest       bytea       NOT NULL,
    row_count    integer     NOT NULL,
    hidden       integer     NOT NULL,
    published_by text        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT publication_days CHECK (published_on <= until_on)
);
-- the same list on the same day is the same publication
CREATE UNIQUE INDEX IF NOT EXISTS publication_batch ON publication (batch, published_on, digest);
GRANT SELECT, INSERT ON publication TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- An objection (异议) to a row of a published list.
CREATE TABLE IF NOT EXISTS objection (
    id          bigint      PRIMARY KEY,
    publication bigint      NOT NULL,
    line_no     integer     NOT NULL,
    said        text        NOT NULL,
    raised_on   date        NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT objection_publication FOREIGN KEY (publication) REFERENCES publication (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS objection_row ON objection (publication, line_no, said);
GRANT SELECT, INSERT ON objection TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- What became of an objection: another person says whether it holds, and what
-- is right instead (更正). The published row stays as it was.
CREATE TABLE IF NOT EXISTS objection_answer (
    objection   bigint      PRIMARY KEY,
    upheld      boolean     NOT NULL,
    correction  text        NOT NULL,
    answered_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT objection_answer_objection FOREIGN KEY (objection) REFERENCES objection (id)
);
GRANT SELECT, INSERT ON objection_answer TO fenlu_app;

GRANT USAGE ON SEQUENCE publication_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE objection_id_seq TO fenlu_app;
