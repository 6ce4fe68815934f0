-- +goose NO TRANSACTION
-- +goose Up
-- Money that one level advanced for another (垫付), and the corrections of payments
-- (支付更正) that let the other level's money pay.

CREATE SEQUENCE IF NOT EXISTS advance_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS correction_id_seq INCREMENT BY 1;

-- owner: disbursement/batch
-- append-only
-- A decision (垫付决定): until a date, money of payer may pay what owing has to pay of
-- a program and has not, up to an amount.
CREATE TABLE IF NOT EXISTS advance (
    id          bigint      PRIMARY KEY,
    number      text        NOT NULL,
    title       text        NOT NULL,
    issued_on   date        NOT NULL,
    program     text        NOT NULL,
    payer       text        NOT NULL,
    owing       text        NOT NULL,
    amount_fen  bigint      NOT NULL,
    until       date        NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT advance_amount CHECK (amount_fen > 0),
    CONSTRAINT advance_levels CHECK (payer <> owing),
    CONSTRAINT advance_days CHECK (issued_on <= until)
);
-- a 文号 is used once
CREATE UNIQUE INDEX IF NOT EXISTS advance_number ON advance (number);
-- what may be advanced for a program today
CREATE INDEX IF NOT EXISTS advance_program ON advance (program, until);
GRANT SELECT, INSERT ON advance TO fenlu_app;

-- owner: disbursement/batch
-- The row that whoever uses a decision, or corrects what it paid, locks first.
CREATE TABLE IF NOT EXISTS advance_lock (
    advance bigint PRIMARY KEY,
    CONSTRAINT advance_lock_advance FOREIGN KEY (advance) REFERENCES advance (id)
);
GRANT SELECT, INSERT, UPDATE ON advance_lock TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- A leg that was paid under a decision, with what was drawn for it. What of it is
-- still owed, the ledger says: what of the leg, and of legs parted from it, stands.
CREATE TABLE IF NOT EXISTS advance_leg (
    holding    bigint PRIMARY KEY,
    advance    bigint NOT NULL,
    line       bigint NOT NULL,
    amount_fen bigint NOT NULL,
    journal    bigint NOT NULL,
    CONSTRAINT advance_leg_advance FOREIGN KEY (advance) REFERENCES advance (id),
    CONSTRAINT advance_leg_amount CHECK (amount_fen > 0)
);
-- the legs of a decision in stable order
CREATE INDEX IF NOT EXISTS advance_leg_order ON advance_leg (advance, holding);
GRANT SELECT, INSERT ON advance_leg TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- A correction of payments (支付更正) under a document: money of document arrived pays
-- what a decision advanced. One with undoes takes an earlier one back.
CREATE TABLE IF NOT EXISTS correction (
    id          bigint      PRIMARY KEY,
    number      text        NOT NULL,
    title       text        NOT NULL,
    issued_on   date        NOT NULL,
    advance     bigint      NOT NULL,
    arrived     text        NOT NULL,
    undoes      bigint,
    asked_fen   bigint      NOT NULL,
    amount_fen  bigint      NOT NULL,
    journal     bigint      NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT correction_advance FOREIGN KEY (advance) REFERENCES advance (id),
    CONSTRAINT correction_amount CHECK (amount_fen > 0),
    CONSTRAINT correction_asked CHECK (asked_fen >= 0)
);
-- a 文号 is used once
CREATE UNIQUE INDEX IF NOT EXISTS correction_number ON correction (number);
-- taken back once
CREATE UNIQUE INDEX IF NOT EXISTS correction_undoes ON correction (undoes) WHERE undoes IS NOT NULL;
-- the corrections of a decision
CREATE INDEX IF NOT EXISTS correction_of ON correction (advance, id);
GRANT SELECT, INSERT ON correction TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- What a correction moved: so much of one leg to another of the same line. root is
-- the leg that was paid under the decision.
CREATE TABLE IF NOT EXISTS correction_leg (
    correction bigint  NOT NULL,
    ord        integer NOT NULL,
    root       bigint  NOT NULL,
    from_leg   bigint  NOT NULL,
    to_leg     bigint  NOT NULL,
    amount_fen bigint  NOT NULL,
    PRIMARY KEY (correction, ord),
    CONSTRAINT correction_leg_correction FOREIGN KEY (correction) REFERENCES correction (id),
    CONSTRAINT correction_leg_amount CHECK (amount_fen > 0)
);
-- which correction opened a leg
CREATE UNIQUE INDEX IF NOT EXISTS correction_leg_to ON correction_leg (to_leg);
GRANT SELECT, INSERT ON correction_leg TO fenlu_app;

GRANT USAGE ON SEQUENCE advance_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE correction_id_seq TO fenlu_app;
