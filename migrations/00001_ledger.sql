-- +goose NO TRANSACTION
-- +goose Up
-- The fund ledger: lots, accounts, journals, transfers, pieces and their
-- history. It knows lines, payments, parties and budget lines as numbers only.
-- Every statement can be run again: CockroachDB commits DDL one by one.

CREATE SEQUENCE IF NOT EXISTS lot_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS account_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS journal_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS parcel_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS holding_id_seq INCREMENT BY 1000;
CREATE SEQUENCE IF NOT EXISTS claim_id_seq INCREMENT BY 1;

-- owner: ledger
-- A lot (来源) is the money one line of one document brought in. Its fen have
-- the addresses 0 … size_fen-1 for ever. seq counts the journals that touched
-- it and is raised under the row lock. stopped refuses new draws while an
-- uncovered claim is open.
CREATE TABLE IF NOT EXISTS lot (
    id       integer PRIMARY KEY,
    kind     text    NOT NULL,
    size_fen bigint  NOT NULL DEFAULT 0,
    seq      bigint  NOT NULL DEFAULT 0,
    stopped  boolean NOT NULL DEFAULT false,
    CONSTRAINT lot_kind CHECK (kind IN ('appropriation', 'receipt')),
    CONSTRAINT lot_size CHECK (size_fen >= 0)
);
GRANT SELECT, INSERT, UPDATE ON lot TO fenlu_app;

-- owner: ledger
-- An account is (kind, budget line, township where it is a reserve); a budget
-- line belongs to one lot, so the account row is the balance row.
-- Balance = debits - credits: what stands there is positive; appropriated (the
-- outside) and shortfall (what is missing) are negative or zero.
CREATE TABLE IF NOT EXISTS account (
    id          integer PRIMARY KEY,
    lot         integer NOT NULL,
    kind        text    NOT NULL,
    budget_line integer NOT NULL,
    township    text    NOT NULL DEFAULT '',
    balance_fen bigint  NOT NULL DEFAULT 0,
    CONSTRAINT account_lot FOREIGN KEY (lot) REFERENCES lot (id),
    CONSTRAINT account_kind CHECK (kind IN ('appropriated', 'available', 'carveout', 'reserve', 'frozen',
        'in_transit', 'paid', 'returned', 'recovered', 'surrendered', 'withdrawn', 'carried_over', 'shortfall', 'suspense')),
    CONSTRAINT account_not_overdrawn CHECK (balance_fen >= 0 OR kind IN ('appropriated', 'shortfall')),
    CONSTRAINT account_contra CHECK (balance_fen <= 0 OR kind NOT IN ('appropriated', 'shortfall')),
    CONSTRAINT account_township CHECK ((kind = 'reserve') = (township <> ''))
);
-- one row per place: found by lot and kind when a journal needs its accounts
CREATE UNIQUE INDEX IF NOT EXISTS account_place ON account (lot, kind, budget_line, township);
GRANT SELECT, INSERT, UPDATE ON account TO fenlu_app;

-- owner: ledger
-- append-only
-- A journal (分录) is a set of transfers with one cause. transfers, amount_fen
-- and digest let verification name the journal whose lines were touched.
CREATE TABLE IF NOT EXISTS journal (
    id            bigint      PRIMARY KEY,
    kind          text        NOT NULL,
    key           text        NOT NULL,
    request       bytea       NOT NULL,
    business_date date        NOT NULL,
    posted_at     timestamptz NOT NULL,
    actor         text        NOT NULL,
    cause         text        NOT NULL,
    memo          text        NOT NULL DEFAULT '',
    reverses      bigint,
    transfers     integer     NOT NULL,
    amount_fen    bigint      NOT NULL,
    digest        bytea       NOT NULL,
    CONSTRAINT journal_transfers CHECK (transfers > 0),
    CONSTRAINT journal_amount CHECK (amount_fen > 0)
);
-- idempotency: same key, same journal
CREATE UNIQUE INDEX IF NOT EXISTS journal_key ON journal (key);
-- from a journal to its reversals: together they are never more than it moved
CREATE INDEX IF NOT EXISTS journal_reverses ON journal (reverses) WHERE reverses IS NOT NULL;
-- the journals of one document, batch or case
CREATE INDEX IF NOT EXISTS journal_cause ON journal (cause, id);
GRANT SELECT, INSERT ON journal TO fenlu_app;

-- owner: ledger
-- append-only
-- Which journal is number seq of a lot: the order of that lot's history.
CREATE TABLE IF NOT EXISTS journal_lot (
    lot     integer NOT NULL,
    seq     bigint  NOT NULL,
    journal bigint  NOT NULL,
    PRIMARY KEY (lot, seq)
);
-- the lots of a journal: sequencing and reversal
CREATE UNIQUE INDEX IF NOT EXISTS journal_lot_journal ON journal_lot (journal, lot);
GRANT SELECT, INSERT ON journal_lot TO fenlu_app;

-- owner: ledger
-- append-only
-- A transfer (划转) moves amount_fen of one lot from credit to debit. payment,
-- party (beneficiary) and holding are dimensions where the movement is one
-- person's; bulk movements have none. The primary key is the only index.
CREATE TABLE IF NOT EXISTS transfer (
    journal    bigint  NOT NULL,
    amount_fen bigint  NOT NULL,
    payment    bigint,
    party      bigint,
    holding    bigint,
    line       integer NOT NULL,
    lot        integer NOT NULL,
    debit      integer NOT NULL,
    credit     integer NOT NULL,
    PRIMARY KEY (journal, line),
    CONSTRAINT transfer_amount CHECK (amount_fen > 0),
    CONSTRAINT transfer_sides CHECK (debit <> credit)
);
GRANT SELECT, INSERT ON transfer TO fenlu_app;

-- owner: ledger
-- append-only
-- One row per journal and account: the change, the balance after it and all the
-- account was ever debited with, each journal netted, so that a trial balance at
-- any lot sequence is one probe for each account and a statement is one range.
CREATE TABLE IF NOT EXISTS account_entry (
    account       integer NOT NULL,
    business_date date    NOT NULL,
    seq           bigint  NOT NULL,
    journal       bigint  NOT NULL,
    delta_fen     bigint  NOT NULL,
    balance_fen   bigint  NOT NULL,
    debited_fen   bigint  NOT NULL,
    PRIMARY KEY (account, seq)
);
-- a statement in order of business dates
CREATE INDEX IF NOT EXISTS account_entry_day ON account_entry (account, business_date, seq);
GRANT SELECT, INSERT ON account_entry TO fenlu_app;

-- owner: ledger
-- Where an account stood at the end of a business date on which it moved: the
-- sum of its entries up to that date. A journal booked into an earlier date, as
-- long as its period is open, raises the later rows too.
CREATE TABLE IF NOT EXISTS account_day (
    account     integer NOT NULL,
    day         date    NOT NULL,
    closing_fen bigint  NOT NULL,
    debited_fen bigint  NOT NULL,
    PRIMARY KEY (account, day)
);
GRANT SELECT, INSERT, UPDATE ON account_day TO fenlu_app;

-- owner: ledger
-- A parcel (成组资金) is the legs of one draw that have stood together since:
-- account is where they stand now (NULL once given back), origin the account
-- they were drawn from and go back to. Releasing or settling a file moves a few
-- parcels, not each of its legs; legs that part ways get a parcel of their own.
-- The numbers of its legs lie in first_holding … last_holding. parent is the
-- parcel that they parted from.
CREATE TABLE IF NOT EXISTS parcel (
    id            bigint  PRIMARY KEY,
    first_holding bigint  NOT NULL,
    last_holding  bigint  NOT NULL,
    lot           integer NOT NULL,
    account       integer,
    origin        integer NOT NULL,
    legs          integer NOT NULL,
    parent        bigint,
    CONSTRAINT parcel_legs CHECK (legs > 0)
);
GRANT SELECT, INSERT, UPDATE ON parcel TO fenlu_app;

-- owner: ledger
-- append-only
-- Where a parcel has stood since number seq of its lot (account is NULL once
-- given back), one row for each journal that moved it. Before its first row its
-- legs stood with its parent: so where a leg stood at any sequence is a few rows,
-- however many legs were moved together.
CREATE TABLE IF NOT EXISTS parcel_stand (
    parcel  bigint  NOT NULL,
    seq     bigint  NOT NULL,
    account integer,
    PRIMARY KEY (parcel, seq)
);
GRANT SELECT, INSERT ON parcel_stand TO fenlu_app;

-- owner: ledger
-- A holding is a leg (资金分段): what one budget line pays of one entitlement
-- line in one payment. Where it stands, its parcel says.
CREATE TABLE IF NOT EXISTS holding (
    id         bigint PRIMARY KEY,
    line       bigint NOT NULL,
    payment    bigint NOT NULL,
    party      bigint NOT NULL,
    amount_fen bigint NOT NULL,
    parcel     bigint NOT NULL,
    CONSTRAINT holding_amount CHECK (amount_fen > 0)
);
-- the legs of a payment: settlement, return, re-issue
CREATE INDEX IF NOT EXISTS holding_payment ON holding (payment);
-- the legs of an entitlement line: trace, withhold, withdraw
CREATE INDEX IF NOT EXISTS holding_line ON holding (line);
GRANT SELECT, INSERT, UPDATE ON holding TO fenlu_app;

-- owner: ledger
-- What other rooms read of a leg: a holding with where its parcel stands.
CREATE OR REPLACE VIEW leg (id, line, payment, party, amount_fen, lot, account, origin) AS
SELECT h.id, h.line, h.payment, h.party, h.amount_fen, p.lot, p.account, p.origin
FROM holding h JOIN parcel p ON p.id = h.parcel;
GRANT SELECT ON leg TO fenlu_app;

-- owner: ledger
-- The fen of every lot, as disjoint segments, each with exactly one holder: a
-- free account (account) or a leg (holding). opened_seq is the lot sequence
-- that put it there.
CREATE TABLE IF NOT EXISTS piece (
    offset_fen bigint  NOT NULL,
    amount_fen bigint  NOT NULL,
    opened_seq bigint  NOT NULL,
    holding    bigint,
    lot        integer NOT NULL,
    account    integer,
    PRIMARY KEY (lot, offset_fen),
    CONSTRAINT piece_amount CHECK (amount_fen > 0),
    CONSTRAINT piece_offset CHECK (offset_fen >= 0),
    CONSTRAINT piece_holder CHECK ((account IS NULL) <> (holding IS NULL))
);
-- the lowest (or highest) free fen of an account
CREATE INDEX IF NOT EXISTS piece_free ON piece (account, offset_fen) WHERE account IS NOT NULL;
-- the pieces of a leg
CREATE INDEX IF NOT EXISTS piece_holding ON piece (holding) WHERE holding IS NOT NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON piece TO fenlu_app;

-- owner: ledger
-- append-only
-- Closed segments: who held [offset, offset+amount) from opened_seq until
-- closed_seq. The holder of a fen at an earlier sequence is found by one probe
-- per change since.
CREATE TABLE IF NOT EXISTS piece_history (
    offset_fen bigint  NOT NULL,
    amount_fen bigint  NOT NULL,
    opened_seq bigint  NOT NULL,
    closed_seq bigint  NOT NULL,
    holding    bigint,
    lot        integer NOT NULL,
    account    integer,
    PRIMARY KEY (lot, closed_seq, offset_fen),
    CONSTRAINT piece_history_amount CHECK (amount_fen > 0),
    CONSTRAINT piece_history_holder CHECK ((account IS NULL) <> (holding IS NULL))
);
-- past pieces of a leg: trace of a returned or stopped line
CREATE INDEX IF NOT EXISTS piece_history_holding ON piece_history (holding) WHERE holding IS NOT NULL;
GRANT SELECT, INSERT ON piece_history TO fenlu_app;

-- owner: ledger
-- append-only
-- An uncovered claim (缺口): a fact took more than was free. It has an amount
-- on an account but no address.
CREATE TABLE IF NOT EXISTS claim (
    id         bigint  PRIMARY KEY,
    lot        integer NOT NULL,
    account    integer NOT NULL,
    payment    bigint,
    amount_fen bigint  NOT NULL,
    journal    bigint  NOT NULL,
    seq        bigint  NOT NULL,
    CONSTRAINT claim_amount CHECK (amount_fen > 0)
);
-- the open claims of a lot
CREATE INDEX IF NOT EXISTS claim_lot ON claim (lot, id);
GRANT SELECT, INSERT ON claim TO fenlu_app;

-- owner: ledger
-- append-only
-- What ended a claim, in part or whole: money that came in by a document, a
-- 支付更正 or a recovery.
CREATE TABLE IF NOT EXISTS claim_cover (
    claim      bigint NOT NULL,
    journal    bigint NOT NULL,
    amount_fen bigint NOT NULL,
    PRIMARY KEY (claim, journal),
    CONSTRAINT claim_cover_amount CHECK (amount_fen > 0)
);
GRANT SELECT, INSERT ON claim_cover TO fenlu_app;

GRANT USAGE ON SEQUENCE lot_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE account_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE journal_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE parcel_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE holding_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE claim_id_seq TO fenlu_app;
