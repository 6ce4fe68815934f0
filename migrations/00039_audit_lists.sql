-- +goose NO TRANSACTION
-- +goose Up
-- What other people's lists say, for the monthly checks to compare our books with:
-- the offices' bank accounts, who lives in an institution, what people say they
-- received, and what was reported to the system of direct funds.

CREATE SEQUENCE IF NOT EXISTS audit_list_id_seq INCREMENT BY 1000;

-- owner: disbursement/audit
-- append-only
-- A bank account of an office or unit, as the yearly list of accounts has it
-- (银行账户清单), with its balance on a day. A later day of the same account counts.
CREATE TABLE IF NOT EXISTS held_account (
    id            bigint      PRIMARY KEY,
    account_blind bytea       NOT NULL,
    masked        text        NOT NULL,
    holder        text        NOT NULL,
    bank          text        NOT NULL,
    usage         text        NOT NULL,
    area_code     text        NOT NULL,
    opened_on     date        NOT NULL,
    closed_on     date,
    as_of         date        NOT NULL,
    balance_fen   bigint      NOT NULL,
    document      text        NOT NULL,
    import_file   bigint      NOT NULL,
    recorded_at   timestamptz NOT NULL,
    CONSTRAINT held_account_usage CHECK (usage IN ('fund', 'basic', 'custody', 'card', 'other')),
    CONSTRAINT held_account_balance CHECK (balance_fen >= 0),
    CONSTRAINT held_account_days CHECK (closed_on IS NULL OR closed_on >= opened_on)
);
-- an account as of a day, once; the newest of an account; an account that was paid into
CREATE UNIQUE INDEX IF NOT EXISTS held_account_row ON held_account (account_blind, as_of);
GRANT SELECT, INSERT ON held_account TO fenlu_app;

-- owner: disbursement/audit
-- append-only
-- Who lived in an institution in a month, as it reports (在院名册). person is empty
-- where nobody on record had the number.
CREATE TABLE IF NOT EXISTS resident (
    id          bigint      PRIMARY KEY,
    unit        bigint      NOT NULL,
    month       text        NOT NULL,
    id_blind    bytea       NOT NULL,
    person      bigint,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL
);
-- somebody is on the list of a month once; the list of an institution and month
CREATE UNIQUE INDEX IF NOT EXISTS resident_row ON resident (month, unit, id_blind);
GRANT SELECT, INSERT ON resident TO fenlu_app;

-- owner: disbursement/audit
-- append-only
-- What somebody says about a month's aid (回访核实): how much reached him and how,
-- and what was taken back from him afterwards.
CREATE TABLE IF NOT EXISTS visit (
    id           bigint      PRIMARY KEY,
    number       text        NOT NULL,
    form         text        NOT NULL,
    person       bigint      NOT NULL,
    program      text        NOT NULL,
    month        text        NOT NULL,
    received_fen bigint      NOT NULL,
    received_as  text        NOT NULL,
    taken_fen    bigint      NOT NULL,
    taken_by     text        NOT NULL,
    said_on      date        NOT NULL,
    visitor      text        NOT NULL,
    import_file  bigint      NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT visit_form CHECK (form IN ('visit', 'phone', 'message', 'complaint')),
    CONSTRAINT visit_received_as CHECK (received_as IN ('transfer', 'cash', 'goods', 'nothing')),
    CONSTRAINT visit_amounts CHECK (received_fen >= 0 AND taken_fen BETWEEN 0 AND received_fen),
    CONSTRAINT visit_nothing CHECK ((received_as = 'nothing') = (received_fen = 0)),
    CONSTRAINT visit_taken_by CHECK ((taken_fen > 0) = (taken_by <> ''))
);
-- a record is there once
CREATE UNIQUE INDEX IF NOT EXISTS visit_number ON visit (number);
-- what somebody said about a month's aid, the newest last
CREATE INDEX IF NOT EXISTS visit_person ON visit (person, program, month, said_on, id);
-- what people said about the months looked at
CREATE INDEX IF NOT EXISTS visit_month ON visit (month, id);
GRANT SELECT, INSERT ON visit TO fenlu_app;

-- owner: disbursement/audit
-- append-only
-- What the system of direct funds was told about people paid from a document
-- (直达资金个人明细). A later day for the same person, month and program replaces.
CREATE TABLE IF NOT EXISTS direct_file (
    id          bigint      PRIMARY KEY,
    area_code   text        NOT NULL,
    number      text        NOT NULL,
    month       text        NOT NULL,
    program     text        NOT NULL,
    id_blind    bytea       NOT NULL,
    amount_fen  bigint      NOT NULL,
    sent_on     date        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT direct_file_amount CHECK (amount_fen >= 0)
);
-- a person of a document, month and program, as of a day, once
CREATE UNIQUE INDEX IF NOT EXISTS direct_file_row ON direct_file (month, number, program, id_blind, sent_on);
GRANT SELECT, INSERT ON direct_file TO fenlu_app;

GRANT USAGE ON SEQUENCE audit_list_id_seq TO fenlu_app;
