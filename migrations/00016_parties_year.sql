-- +goose NO TRANSACTION
-- +goose Up
-- The people side of a year: what changes about households and persons is an act
-- of somebody under a document; payee relations end by themselves; a wrong death
-- report can be withdrawn; two records of one person become one.

CREATE SEQUENCE IF NOT EXISTS party_act_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS payee_relation_id_seq INCREMENT BY 1000;
CREATE SEQUENCE IF NOT EXISTS once_conflict_id_seq INCREMENT BY 1;

-- The record that counts of a person who was registered twice (重复人员合并).
ALTER TABLE person ADD COLUMN IF NOT EXISTS merged_into bigint;
-- the records that were merged into one
CREATE INDEX IF NOT EXISTS person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;

-- Class of a bank account (I, II, III; empty: not told), what one credit may be
-- at most (0: no limit told), and whether it is activated (yes, no; empty: not told).
ALTER TABLE payee_account ADD COLUMN IF NOT EXISTS bank_class text NOT NULL DEFAULT '';
ALTER TABLE payee_account ADD COLUMN IF NOT EXISTS limit_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE payee_account ADD COLUMN IF NOT EXISTS activation text NOT NULL DEFAULT '';

-- A carer or an heir may be paid, too.
ALTER TABLE entitlement_line DROP CONSTRAINT IF EXISTS entitlement_line_payee_role;
ALTER TABLE entitlement_line ADD CONSTRAINT entitlement_line_payee_role
    CHECK (payee_role IN ('self', 'head', 'guardian', 'institution', 'carer', 'heir'));

-- owner: disbursement/parties
-- append-only
-- An act about parties (变更登记): what changed from which day, by which document,
-- why and by whom. act_key is the digest of what was asked for: the same again is
-- the same act. What needs two persons is proposed in one row and confirmed in
-- another that names it. Each row is a leaf of the log.
CREATE TABLE IF NOT EXISTS party_act (
    id           bigint      PRIMARY KEY,
    kind         text        NOT NULL,
    act_key      bytea       NOT NULL,
    subject      bigint      NOT NULL,
    other        bigint      NOT NULL,
    proposal     bigint      NOT NULL,
    effective_on date        NOT NULL,
    document     text        NOT NULL,
    reason       text        NOT NULL,
    import_file  bigint      NOT NULL,
    actor        text        NOT NULL,
    recorded_at  timestamptz NOT NULL
);
-- the same request again
CREATE UNIQUE INDEX IF NOT EXISTS party_act_key ON party_act (act_key);
-- a proposal is confirmed once
CREATE UNIQUE INDEX IF NOT EXISTS party_act_proposal ON party_act (proposal) WHERE proposal > 0;
-- what happened to a person or household
CREATE INDEX IF NOT EXISTS party_act_subject ON party_act (subject, id);
GRANT SELECT, INSERT ON party_act TO fenlu_app;

-- owner: disbursement/parties
-- append-only
-- What an act did, one line for each person, relation or account: the parts
-- of its leaf, in canonical text with numbers inside only.
CREATE TABLE IF NOT EXISTS party_act_item (
    act  bigint  NOT NULL,
    no   integer NOT NULL,
    part bytea   NOT NULL,
    PRIMARY KEY (act, no)
);
GRANT SELECT, INSERT ON party_act_item TO fenlu_app;

-- owner: disbursement/parties
-- append-only
-- Who may be paid for somebody else (收款关系), by which document, from when until
-- when. It ends earlier by a row of payee_relation_end, at a death, when a child
-- comes of age, or when another guardian follows.
CREATE TABLE IF NOT EXISTS payee_relation (
    id         bigint  PRIMARY KEY,
    person     bigint  NOT NULL,
    payee      bigint  NOT NULL,
    kind       text    NOT NULL,
    valid_from date    NOT NULL,
    valid_to   date,
    document   text    NOT NULL,
    act        bigint  NOT NULL,
    no         integer NOT NULL,
    CONSTRAINT payee_relation_kind CHECK (kind IN ('guardian', 'carer', 'institution', 'heir'))
);
-- the relations of a person; one of a kind with a payee from a day
CREATE UNIQUE INDEX IF NOT EXISTS payee_relation_person ON payee_relation (person, payee, kind, valid_from);
GRANT SELECT, INSERT ON payee_relation TO fenlu_app;

-- owner: disbursement/parties
-- append-only
CREATE TABLE IF NOT EXISTS payee_relation_end (
    relation bigint PRIMARY KEY,
    ended_on date   NOT NULL,
    act      bigint NOT NULL
);
GRANT SELECT, INSERT ON payee_relation_end TO fenlu_app;

-- owner: disbursement/parties
-- append-only
-- What was said about a death after it was first registered: withdrawn, or
-- registered again. The last row counts.
CREATE TABLE IF NOT EXISTS death_version (
    id_blind    bytea       NOT NULL,
    n           integer     NOT NULL,
    withdrawn   boolean     NOT NULL,
    died_on     date        NOT NULL,
    source      text        NOT NULL,
    act         bigint      NOT NULL,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (id_blind, n)
);
GRANT SELECT, INSERT ON death_version TO fenlu_app;

-- owner: disbursement/batch
-- Under which number the once-keys of a merged person are kept: now is the record
-- that counts.
CREATE TABLE IF NOT EXISTS once_alias (
    subject bigint PRIMARY KEY,
    now     bigint NOT NULL
);
-- when the record that counts is itself merged
CREATE INDEX IF NOT EXISTS once_alias_now ON once_alias (now);
GRANT SELECT, INSERT, UPDATE ON once_alias TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- Two live once-keys of one person for the same entitlement, found when two
-- records of the person became one. It is open until one of the keys is freed.
CREATE TABLE IF NOT EXISTS once_conflict (
    id      bigint      PRIMARY KEY,
    line    bigint      NOT NULL,
    other   bigint      NOT NULL,
    subject bigint      NOT NULL,
    act     bigint      NOT NULL,
    found_at timestamptz NOT NULL
);
-- the conflict of a line; once
CREATE UNIQUE INDEX IF NOT EXISTS once_conflict_line ON once_conflict (line, other);
-- the conflict of the line it collides with
CREATE INDEX IF NOT EXISTS once_conflict_other ON once_conflict (other);
GRANT SELECT, INSERT ON once_conflict TO fenlu_app;

GRANT USAGE ON SEQUENCE party_act_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE payee_relation_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE once_conflict_id_seq TO fenlu_app;
