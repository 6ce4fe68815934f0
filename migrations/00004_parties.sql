-- +goose NO TRANSACTION
-- +goose Up
-- People, households, units and payee accounts, as dated versions. ID and
-- account numbers are ciphertext with a blind index and a key version.
-- People, households and units draw their ids from one sequence, so that a
-- transfer's party is one number.

CREATE SEQUENCE IF NOT EXISTS party_id_seq INCREMENT BY 1000;
CREATE SEQUENCE IF NOT EXISTS payee_account_id_seq INCREMENT BY 1000;
CREATE SEQUENCE IF NOT EXISTS unmasking_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS import_id_seq INCREMENT BY 1;

-- owner: disbursement/imports
-- append-only
-- A file that was imported, known by its digest within its purpose.
CREATE TABLE IF NOT EXISTS import_file (
    id          bigint      PRIMARY KEY,
    kind        text        NOT NULL,
    scope       text        NOT NULL,
    sha256      bytea       NOT NULL,
    name        text        NOT NULL,
    rows        integer     NOT NULL,
    imported_by text        NOT NULL,
    imported_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS import_file_once ON import_file (kind, scope, sha256);
GRANT SELECT, INSERT ON import_file TO fenlu_app;

-- owner: disbursement/parties
-- A person (人). version is the current row of person_version.
CREATE TABLE IF NOT EXISTS person (
    id        bigint  PRIMARY KEY,
    version   integer NOT NULL,
    temporary boolean NOT NULL DEFAULT false
);
GRANT SELECT, INSERT, UPDATE ON person TO fenlu_app;

-- owner: disbursement/parties
-- append-only
CREATE TABLE IF NOT EXISTS person_version (
    person        bigint      NOT NULL,
    version       integer     NOT NULL,
    valid_from    date        NOT NULL,
    name          text        NOT NULL,
    id_type       text        NOT NULL,
    id_cipher     bytea       NOT NULL,
    id_blind      bytea       NOT NULL,
    key_version   integer     NOT NULL,
    area_code     text        NOT NULL,
    residence     text        NOT NULL,
    temp_reason   text        NOT NULL DEFAULT '',
    temp_approver text        NOT NULL DEFAULT '',
    temp_until    date,
    recorded_by   text        NOT NULL,
    recorded_at   timestamptz NOT NULL,
    import_file   bigint,
    PRIMARY KEY (person, version),
    CONSTRAINT person_version_id_type CHECK (id_type IN ('resident_id', 'temporary')),
    CONSTRAINT person_version_residence CHECK (residence IN ('urban', 'rural')),
    CONSTRAINT person_version_temp CHECK (id_type <> 'temporary' OR (temp_reason <> '' AND temp_approver <> '' AND temp_until IS NOT NULL))
);
-- people by name: search in trace
CREATE INDEX IF NOT EXISTS person_version_name ON person_version (name, person);
GRANT SELECT, INSERT ON person_version TO fenlu_app;

-- owner: disbursement/parties
-- append-only
-- Which person an ID number (by its blind index) is, or was.
CREATE TABLE IF NOT EXISTS identity (
    id_blind bytea  PRIMARY KEY,
    person   bigint NOT NULL
);
GRANT SELECT, INSERT ON identity TO fenlu_app;

-- owner: disbursement/parties
-- append-only
CREATE TABLE IF NOT EXISTS household (
    id   bigint PRIMARY KEY,
    code text   NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS household_code ON household (code);
GRANT SELECT, INSERT ON household TO fenlu_app;

-- owner: disbursement/parties
-- Membership (户成员) is dated; valid_to is set when it ends.
CREATE TABLE IF NOT EXISTS household_member (
    household  bigint NOT NULL,
    person     bigint NOT NULL,
    relation   text   NOT NULL,
    valid_from date   NOT NULL,
    valid_to   date,
    PRIMARY KEY (household, person, valid_from)
);
-- a person is in one household at a time
CREATE UNIQUE INDEX IF NOT EXISTS household_member_now ON household_member (person) WHERE valid_to IS NULL;
-- the households a person was ever in
CREATE INDEX IF NOT EXISTS household_member_person ON household_member (person);
-- a household has one head at a time
CREATE UNIQUE INDEX IF NOT EXISTS household_head_now ON household_member (household) WHERE valid_to IS NULL AND relation = 'head';
GRANT SELECT, INSERT, UPDATE ON household_member TO fenlu_app;

-- owner: disbursement/parties
-- A unit (单位): institution, station, supplier, township. Credit codes are public.
CREATE TABLE IF NOT EXISTS unit (
    id          bigint  PRIMARY KEY,
    credit_code text    NOT NULL,
    version     integer NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS unit_credit_code ON unit (credit_code);
GRANT SELECT, INSERT, UPDATE ON unit TO fenlu_app;

-- owner: disbursement/parties
-- append-only
CREATE TABLE IF NOT EXISTS unit_version (
    unit        bigint      NOT NULL,
    version     integer     NOT NULL,
    valid_from  date        NOT NULL,
    name        text        NOT NULL,
    kind        text        NOT NULL,
    area_code   text        NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (unit, version)
);
GRANT SELECT, INSERT ON unit_version TO fenlu_app;

-- owner: disbursement/parties
-- append-only
-- A payee account (收款账户), one row per version; the highest version of an
-- owner is the one in use. owner is a person's or a unit's id.
CREATE TABLE IF NOT EXISTS payee_account (
    id             bigint      PRIMARY KEY,
    owner          bigint      NOT NULL,
    version        integer     NOT NULL,
    kind           text        NOT NULL,
    bank_code      text        NOT NULL,
    bank_name      text        NOT NULL,
    holder_name    text        NOT NULL,
    account_cipher bytea       NOT NULL,
    account_blind  bytea       NOT NULL,
    key_version    integer     NOT NULL,
    verified_by    text        NOT NULL DEFAULT '',
    verified_on    date,
    valid_from     date        NOT NULL,
    recorded_by    text        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    CONSTRAINT payee_account_kind CHECK (kind IN ('social_card', 'passbook', 'corporate'))
);
CREATE UNIQUE INDEX IF NOT EXISTS payee_account_owner ON payee_account (owner, version);
-- one account, many people
CREATE INDEX IF NOT EXISTS payee_account_blind ON payee_account (account_blind);
GRANT SELECT, INSERT ON payee_account TO fenlu_app;

-- owner: disbursement/parties
-- append-only
-- A death (死亡登记) by the blind index of the ID number: it may arrive before
-- the person does.
CREATE TABLE IF NOT EXISTS death (
    id_blind    bytea       PRIMARY KEY,
    died_on     date        NOT NULL,
    source      text        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON death TO fenlu_app;

-- owner: disbursement/areas
CREATE TABLE IF NOT EXISTS area (
    code   text PRIMARY KEY,
    name   text NOT NULL,
    level  text NOT NULL,
    CONSTRAINT area_level CHECK (level IN ('province', 'prefecture', 'county', 'township', 'village'))
);
GRANT SELECT, INSERT, UPDATE ON area TO fenlu_app;

-- owner: disbursement/parties
-- append-only
-- Registered residents (户籍人口) of an area at a date, with the source.
CREATE TABLE IF NOT EXISTS population (
    area_code   text    NOT NULL,
    as_of       date    NOT NULL,
    residents   bigint  NOT NULL,
    source      text    NOT NULL,
    import_file bigint  NOT NULL,
    PRIMARY KEY (area_code, as_of),
    CONSTRAINT population_residents CHECK (residents >= 0)
);
GRANT SELECT, INSERT ON population TO fenlu_app;

-- owner: disbursement/parties
-- append-only
-- ID and account numbers were taken out of their encryption (查看完整号码): by
-- whom, what for, of how many accounts, and whose where it was one. Never the
-- numbers. subject is the file or attempt it was for: "bank_file:12".
CREATE TABLE IF NOT EXISTS unmasking (
    id          bigint      PRIMARY KEY,
    purpose     text        NOT NULL,
    subject     text        NOT NULL,
    owner       bigint      NOT NULL DEFAULT 0,
    account     bigint      NOT NULL DEFAULT 0,
    accounts    integer     NOT NULL,
    actor       text        NOT NULL,
    unmasked_at timestamptz NOT NULL,
    CONSTRAINT unmasking_purpose CHECK (purpose IN ('release', 'file', 'payee'))
);
GRANT SELECT, INSERT ON unmasking TO fenlu_app;

GRANT USAGE ON SEQUENCE unmasking_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE party_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE payee_account_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE import_id_seq TO fenlu_app;
