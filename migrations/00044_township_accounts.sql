-- +goose NO TRANSACTION
-- +goose Up
-- Reserves that are cash on accounts of the townships (预拨到乡镇账户), ADR 30: the accounts,
-- the cash that moved because a document moved a reserve, and which entries of the
-- townships' statements show it.

CREATE SEQUENCE IF NOT EXISTS township_account_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS reserve_transfer_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS township_entry_id_seq INCREMENT BY 1;

-- owner: disbursement/funds
-- append-only
-- The bank account on which a township's reserve stands, and the channel that pays from it.
CREATE TABLE IF NOT EXISTS township_account (
    id          bigint      PRIMARY KEY,
    township    text        NOT NULL,
    channel     text        NOT NULL,
    account     text        NOT NULL,
    holder      text        NOT NULL,
    agent       text        NOT NULL,
    document    text        NOT NULL,
    opened_on   date        NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL
);
-- a township has one, and pays by it alone
CREATE UNIQUE INDEX IF NOT EXISTS township_account_township ON township_account (township);
CREATE UNIQUE INDEX IF NOT EXISTS township_account_account ON township_account (account);
GRANT SELECT, INSERT ON township_account TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- Cash that a journal about reserves sends from the county to a township's account, back,
-- or from one township's to another's ('' is the county). It is in transit until an
-- entry of the township's statement shows it.
CREATE TABLE IF NOT EXISTS reserve_transfer (
    id            bigint      PRIMARY KEY,
    number        text        NOT NULL,
    journal       bigint      NOT NULL,
    from_township text        NOT NULL,
    to_township   text        NOT NULL,
    issued_on     date        NOT NULL,
    amount_fen    bigint      NOT NULL,
    recorded_by   text        NOT NULL,
    recorded_at   timestamptz NOT NULL,
    CONSTRAINT reserve_transfer_amount CHECK (amount_fen > 0),
    CONSTRAINT reserve_transfer_ends CHECK (from_township <> to_township)
);
-- what a document sent, once from and to the same
CREATE UNIQUE INDEX IF NOT EXISTS reserve_transfer_number ON reserve_transfer (number, from_township, to_township);
-- what is on its way to a township, and from it
CREATE INDEX IF NOT EXISTS reserve_transfer_to ON reserve_transfer (to_township, id);
CREATE INDEX IF NOT EXISTS reserve_transfer_from ON reserve_transfer (from_township, id);
GRANT SELECT, INSERT ON reserve_transfer TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- What an entry of a township's statement is: the arrival or departure of a transfer, or
-- interest, which is a receipt to remit. ref is the transfer or the receipt.
CREATE TABLE IF NOT EXISTS township_entry (
    id          bigint      PRIMARY KEY,
    township    text        NOT NULL,
    kind        text        NOT NULL,
    ref         bigint      NOT NULL,
    file        bigint      NOT NULL,
    pos         integer     NOT NULL,
    booked_on   date        NOT NULL,
    amount_fen  bigint      NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT township_entry_kind CHECK (kind IN ('arrived', 'left', 'interest'))
);
-- an entry shows one thing, and one entry shows it
CREATE UNIQUE INDEX IF NOT EXISTS township_entry_place ON township_entry (file, pos);
CREATE UNIQUE INDEX IF NOT EXISTS township_entry_once ON township_entry (kind, ref);
GRANT SELECT, INSERT ON township_entry TO fenlu_app;

-- the emergencies that went out through a channel
CREATE INDEX IF NOT EXISTS batch_channel ON batch (channel, id) WHERE kind = 'emergency';

GRANT USAGE ON SEQUENCE township_account_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE reserve_transfer_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE township_entry_id_seq TO fenlu_app;
