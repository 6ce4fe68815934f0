-- +goose NO TRANSACTION
-- +goose Up
-- What people owe because they were paid too much (追回): the lines it is about,
-- and what was done about it.

-- a claim for lines has no case
ALTER TABLE recovery ALTER COLUMN reserve_case DROP NOT NULL;
-- how it was found: a refused case, a death, a line paid twice, or otherwise
ALTER TABLE recovery ADD COLUMN IF NOT EXISTS source text NOT NULL DEFAULT 'case'
    CONSTRAINT recovery_source CHECK (source IN ('case', 'death', 'twice', 'other'));
-- what a person owes
CREATE INDEX IF NOT EXISTS recovery_person ON recovery (person, id);

CREATE SEQUENCE IF NOT EXISTS recovery_act_id_seq INCREMENT BY 1;

-- owner: disbursement/funds
-- append-only
-- The lines that a claim is about, with how much of each is to be got back.
CREATE TABLE IF NOT EXISTS recovery_item (
    recovery   bigint NOT NULL,
    line       bigint NOT NULL,
    month      text   NOT NULL,
    amount_fen bigint NOT NULL,
    PRIMARY KEY (recovery, line),
    CONSTRAINT recovery_item_amount CHECK (amount_fen > 0),
    CONSTRAINT recovery_item_recovery FOREIGN KEY (recovery) REFERENCES recovery (id)
);
-- a line is claimed once
CREATE UNIQUE INDEX IF NOT EXISTS recovery_item_line ON recovery_item (line);
GRANT SELECT, INSERT ON recovery_item TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- What was done about a claim: opened, confirmed by a second person, an instalment
-- received (number is the bank's reference, evidence the digest of its paper), or
-- written off under a document. n counts the acts of a claim without a gap, so that
-- two of them cannot happen at once.
CREATE TABLE IF NOT EXISTS recovery_act (
    id          bigint      PRIMARY KEY,
    recovery    bigint      NOT NULL,
    n           integer     NOT NULL,
    kind        text        NOT NULL,
    happened_on date        NOT NULL,
    amount_fen  bigint      NOT NULL,
    number      text        NOT NULL,
    evidence    bytea       NOT NULL,
    reason      text        NOT NULL,
    actor       text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT recovery_act_kind CHECK (kind IN ('open', 'confirm', 'receive', 'write_off')),
    CONSTRAINT recovery_act_amount CHECK (amount_fen > 0),
    CONSTRAINT recovery_act_recovery FOREIGN KEY (recovery) REFERENCES recovery (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS recovery_act_n ON recovery_act (recovery, n);
-- the same bank reference, or document, counts once for a claim
CREATE UNIQUE INDEX IF NOT EXISTS recovery_act_number ON recovery_act (recovery, kind, number);
GRANT SELECT, INSERT ON recovery_act TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- What an instalment settled: the oldest month first. way 'lot' is money of this
-- year, free again at its own addresses; 'receipt' is of an earlier year, in a
-- receipt that has to be remitted, and the leg stays as it was paid.
CREATE TABLE IF NOT EXISTS recovery_settled (
    act        bigint NOT NULL,
    n          integer NOT NULL,
    recovery   bigint NOT NULL,
    line       bigint NOT NULL,
    holding    bigint NOT NULL,
    payment    bigint NOT NULL,
    way        text   NOT NULL,
    amount_fen bigint NOT NULL,
    journal    bigint NOT NULL,
    PRIMARY KEY (act, n),
    CONSTRAINT recovery_settled_way CHECK (way IN ('lot', 'receipt')),
    CONSTRAINT recovery_settled_amount CHECK (amount_fen > 0),
    CONSTRAINT recovery_settled_act FOREIGN KEY (act) REFERENCES recovery_act (id)
);
-- what was settled of a line
CREATE INDEX IF NOT EXISTS recovery_settled_line ON recovery_settled (line);
-- what of a payment was got back
CREATE INDEX IF NOT EXISTS recovery_settled_payment ON recovery_settled (payment);
-- what a claim has got back
CREATE INDEX IF NOT EXISTS recovery_settled_recovery ON recovery_settled (recovery);
GRANT SELECT, INSERT ON recovery_settled TO fenlu_app;

GRANT USAGE ON SEQUENCE recovery_act_id_seq TO fenlu_app;

-- Money of this year that a person paid back: red on what was paid.
INSERT INTO voucher_rule (id, area, year, event, version, condition, purpose, payee, setting, book, ord, debit, credit, red, status, source, recorded_by, recorded_at)
SELECT -(y * 1000 + r.n), '', y, 'recovered', 0, '', '', '', '', r.book, 1, r.debit, r.credit, true, 'to_be_confirmed',
    'domain.md §6, overpayment repaid, same year [GK]', 'fenlu', '2026-01-01T00:00:00Z'::timestamptz
FROM generate_series(2024, 2030) AS y CROSS JOIN (VALUES
    (120, 'financial', '5001', '4001'),
    (121, 'budget', '7101.01', '6001')
) AS r (n, book, debit, credit)
ON CONFLICT (year, area, event, version, condition, purpose, payee, setting, book, ord) DO NOTHING;
