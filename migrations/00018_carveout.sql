-- +goose NO TRANSACTION
-- +goose Up
-- Purchased services: the decision on the base of the floor, contracts with
-- suppliers and their acceptance, and the program that pays them.

CREATE SEQUENCE IF NOT EXISTS carveout_base_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS service_contract_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS service_acceptance_id_seq INCREMENT BY 1;

-- owner: disbursement/funds
-- append-only
-- The decision on what the base of the floor is (基数口径): variant 'together' is
-- one floor over all named funds, 'each' a floor of every fund alone; levels that
-- count (empty: all); whether money carried in counts; budgeted or executed
-- figures; as of a date, or as they are. The newest row of an area and year is in
-- force.
CREATE TABLE IF NOT EXISTS carveout_base (
    id          bigint      PRIMARY KEY,
    area_code   text        NOT NULL,
    year        integer     NOT NULL,
    variant     text        NOT NULL,
    levels      text        NOT NULL,
    carry_in    boolean     NOT NULL,
    basis       text        NOT NULL,
    as_of       date,
    document    text        NOT NULL,
    clause      text        NOT NULL,
    decided_by  text        NOT NULL,
    decided_on  date        NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT carveout_base_variant CHECK (variant IN ('together', 'each')),
    CONSTRAINT carveout_base_basis CHECK (basis IN ('budgeted', 'executed'))
);
-- the decision in force
CREATE INDEX IF NOT EXISTS carveout_base_year ON carveout_base (area_code, year, id);
GRANT SELECT, INSERT ON carveout_base TO fenlu_app;
GRANT USAGE ON SEQUENCE carveout_base_id_seq TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- A contract for services (购买服务合同): which supplier, where, what for, with how
-- many workers, and which fund of which budget year is to pay it.
CREATE TABLE IF NOT EXISTS service_contract (
    id          bigint      PRIMARY KEY,
    number      text        NOT NULL,
    credit_code text        NOT NULL,
    supplier    text        NOT NULL,
    township    text        NOT NULL,
    service     text        NOT NULL,
    scope       text        NOT NULL,
    headcount   integer     NOT NULL,
    recipients  integer     NOT NULL,
    amount_fen  bigint      NOT NULL,
    fund        text        NOT NULL,
    year        integer     NOT NULL,
    signed_on   date        NOT NULL,
    starts_on   date        NOT NULL,
    ends_on     date        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT service_contract_amount CHECK (amount_fen > 0),
    CONSTRAINT service_contract_dates CHECK (starts_on <= ends_on)
);
CREATE UNIQUE INDEX IF NOT EXISTS service_contract_number ON service_contract (number);
-- the contracts of a year
CREATE INDEX IF NOT EXISTS service_contract_year ON service_contract (year, id);
GRANT SELECT, INSERT ON service_contract TO fenlu_app;
GRANT USAGE ON SEQUENCE service_contract_id_seq TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- What was accepted of a contract (验收): the number is the occasion of the
-- payment, evidence is the digest of the signed paper.
CREATE TABLE IF NOT EXISTS service_acceptance (
    id          bigint      PRIMARY KEY,
    number      text        NOT NULL,
    contract    bigint      NOT NULL,
    accepted_on date        NOT NULL,
    amount_fen  bigint      NOT NULL,
    evidence    bytea       NOT NULL,
    accepted_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT service_acceptance_contract FOREIGN KEY (contract) REFERENCES service_contract (id),
    CONSTRAINT service_acceptance_amount CHECK (amount_fen > 0)
);
CREATE UNIQUE INDEX IF NOT EXISTS service_acceptance_number ON service_acceptance (number);
-- the acceptances of a contract
CREATE INDEX IF NOT EXISTS service_acceptance_of ON service_acceptance (contract, id);
GRANT SELECT, INSERT ON service_acceptance TO fenlu_app;
GRANT USAGE ON SEQUENCE service_acceptance_id_seq TO fenlu_app;

-- owner: disbursement/funds
-- The row on which payments for services of an area and year wait for each
-- other, because the cap speaks of all of them. tests counts them.
CREATE TABLE IF NOT EXISTS carveout_gate (
    area_code text    NOT NULL,
    year      integer NOT NULL,
    tests     bigint  NOT NULL,
    PRIMARY KEY (area_code, year)
);
GRANT SELECT, INSERT, UPDATE ON carveout_gate TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- The programs that pay suppliers: from what was set aside for services, and
-- from nothing else.
CREATE TABLE IF NOT EXISTS service_program (
    program text PRIMARY KEY
);
GRANT SELECT, INSERT ON service_program TO fenlu_app;

INSERT INTO program (code, name_zh, name_en, ord) VALUES
    ('FW', '政府购买社会救助服务', 'Purchased services', 7)
ON CONFLICT (code) DO NOTHING;

INSERT INTO component (program, code, name_zh, name_en) VALUES
    ('FW', 'service', '购买服务', 'Services')
ON CONFLICT (program, code) DO NOTHING;

INSERT INTO service_program (program) VALUES ('FW') ON CONFLICT (program) DO NOTHING;
