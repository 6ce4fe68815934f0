-- +goose NO TRANSACTION
-- +goose Up
-- Users and rights, the outbox and the activity log.

CREATE SEQUENCE IF NOT EXISTS user_right_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS outbox_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS activity_id_seq INCREMENT BY 1;

-- owner: auth
-- append-only
-- Facts about this database itself, such as the mark of a demo database. id is
-- the same for a fact in every database: its leaf's number.
CREATE TABLE IF NOT EXISTS installation (
    name        text        PRIMARY KEY,
    id          integer     NOT NULL,
    value       text        NOT NULL,
    recorded_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON installation TO fenlu_app;

-- owner: auth
CREATE TABLE IF NOT EXISTS app_user (
    login       text        PRIMARY KEY,
    name        text        NOT NULL,
    office      text        NOT NULL,
    created_at  timestamptz NOT NULL,
    disabled_at timestamptz
);
GRANT SELECT, INSERT, UPDATE ON app_user TO fenlu_app;

-- owner: auth
-- append-only
-- A right (权限) given to a user, or taken back: the last row counts. 'login' is
-- being a user: given when the user was added, taken when they were stopped.
CREATE TABLE IF NOT EXISTS user_right (
    id        bigint      PRIMARY KEY,
    login     text        NOT NULL,
    right_code text       NOT NULL,
    given_at  timestamptz NOT NULL,
    given_by  text        NOT NULL,
    given     boolean     NOT NULL,
    CONSTRAINT user_right_login FOREIGN KEY (login) REFERENCES app_user (login)
);
-- the last row of a user and right
CREATE UNIQUE INDEX IF NOT EXISTS user_right_last ON user_right (login, right_code, given_at);
GRANT SELECT, INSERT ON user_right TO fenlu_app;

-- owner: events
-- What happened and has not been told yet. Rows leave when every handler has
-- them in its inbox, so nothing is skipped whatever the order of commits.
CREATE TABLE IF NOT EXISTS outbox (
    id         bigint      PRIMARY KEY,
    topic      text        NOT NULL,
    subject    text        NOT NULL,
    payload    bytea       NOT NULL,
    created_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON outbox TO fenlu_app;

-- owner: events
-- append-only
CREATE TABLE IF NOT EXISTS inbox (
    handler    text   NOT NULL,
    message    bigint NOT NULL,
    PRIMARY KEY (handler, message)
);
GRANT SELECT, INSERT ON inbox TO fenlu_app;

-- owner: events
-- append-only
-- The readable activity log (工作日志): one row per event.
CREATE TABLE IF NOT EXISTS activity (
    id       bigint      PRIMARY KEY,
    message  bigint      NOT NULL,
    topic    text        NOT NULL,
    subject  text        NOT NULL,
    payload  bytea       NOT NULL,
    happened_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS activity_message ON activity (message);
-- the story of one batch or document
CREATE INDEX IF NOT EXISTS activity_subject ON activity (subject, id);
GRANT SELECT, INSERT ON activity TO fenlu_app;

GRANT USAGE ON SEQUENCE user_right_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE outbox_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE activity_id_seq TO fenlu_app;
