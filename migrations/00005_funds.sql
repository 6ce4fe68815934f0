-- +goose NO TRANSACTION
-- +goose Up
-- Appropriation documents, budget lines, the carve-out and the township
-- reserves.

CREATE SEQUENCE IF NOT EXISTS document_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS document_line_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS budget_line_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS reserve_case_id_seq INCREMENT BY 1;

-- owner: disbursement/funds
-- append-only
-- A document (指标文件): it brings money, withdraws it, or only moves it.
CREATE TABLE IF NOT EXISTS document (
    id          integer     PRIMARY KEY,
    number      text        NOT NULL,
    title       text        NOT NULL,
    kind        text        NOT NULL,
    year        integer     NOT NULL,
    issued_on   date        NOT NULL,
    received_on date        NOT NULL,
    passed_on   date,
    import_file bigint,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT document_kind CHECK (kind IN ('bring', 'cut', 'move'))
);
CREATE UNIQUE INDEX IF NOT EXISTS document_number ON document (number);
GRANT SELECT, INSERT ON document TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- One line of a document. A 'bring' line opens its lot; a 'cut' line names the
-- line it cuts (and so its lot); a 'move' line names the budget lines it moves
-- money between. amount_fen here is what the paper says: the first of the three
-- sources of unaccounted.
CREATE TABLE IF NOT EXISTS document_line (
    id               integer NOT NULL PRIMARY KEY,
    document         integer NOT NULL,
    line_no          integer NOT NULL,
    kind             text    NOT NULL,
    lot              integer NOT NULL,
    level            text    NOT NULL,
    fund             text    NOT NULL,
    function_code    text    NOT NULL,
    economic_code    text    NOT NULL,
    office           text    NOT NULL,
    trace_code       text    NOT NULL DEFAULT '',
    tags             text    NOT NULL DEFAULT '',
    programs         text    NOT NULL DEFAULT '',
    cuts_line        integer,
    from_budget_line integer,
    to_budget_line   integer,
    cash_arrived_fen bigint,
    amount_fen       bigint  NOT NULL,
    journal          bigint  NOT NULL,
    CONSTRAINT document_line_document FOREIGN KEY (document) REFERENCES document (id),
    CONSTRAINT document_line_kind CHECK (kind IN ('bring', 'cut', 'move')),
    CONSTRAINT document_line_level CHECK (level IN ('central', 'province', 'prefecture', 'county', 'lottery', 'donation')),
    CONSTRAINT document_line_amount CHECK (amount_fen > 0)
);
CREATE UNIQUE INDEX IF NOT EXISTS document_line_no ON document_line (document, line_no);
-- the documents of a lot, in order: trace
CREATE INDEX IF NOT EXISTS document_line_lot ON document_line (lot, id);
GRANT SELECT, INSERT ON document_line TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- A budget line (指标行): where money of a lot stands: 文号, year, codes, office.
CREATE TABLE IF NOT EXISTS budget_line (
    id            integer PRIMARY KEY,
    lot           integer NOT NULL,
    parent        integer,
    document_line integer NOT NULL,
    purpose       text    NOT NULL,
    number        text    NOT NULL,
    year          integer NOT NULL,
    function_code text    NOT NULL,
    economic_code text    NOT NULL,
    office        text    NOT NULL,
    CONSTRAINT budget_line_purpose CHECK (purpose IN ('benefit', 'carveout', 'reserve', 'receipt'))
);
CREATE INDEX IF NOT EXISTS budget_line_lot ON budget_line (lot, id);
GRANT SELECT, INSERT ON budget_line TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- The carve-out rule (购买服务列支) of an area and year, as a dated policy row.
-- Rates are exact decimal text ("5%").
CREATE TABLE IF NOT EXISTS carveout_rule (
    area_code     text        NOT NULL,
    year          integer     NOT NULL,
    recorded_at   timestamptz NOT NULL,
    floor_rate    text        NOT NULL,
    base_funds    text        NOT NULL,
    cap_rate      text        NOT NULL,
    cap_fund      text        NOT NULL,
    barred_levels text        NOT NULL,
    document      text        NOT NULL,
    clause        text        NOT NULL,
    recorded_by   text        NOT NULL,
    PRIMARY KEY (area_code, year, recorded_at)
);
GRANT SELECT, INSERT ON carveout_rule TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- The reserve rule (临时救助备用金) of an area and year: yuan per registered resident.
CREATE TABLE IF NOT EXISTS reserve_rule (
    area_code     text        NOT NULL,
    year          integer     NOT NULL,
    recorded_at   timestamptz NOT NULL,
    per_resident_fen bigint   NOT NULL,
    case_limit_fen bigint     NOT NULL,
    document      text        NOT NULL,
    clause        text        NOT NULL,
    recorded_by   text        NOT NULL,
    PRIMARY KEY (area_code, year, recorded_at),
    CONSTRAINT reserve_rule_rate CHECK (per_resident_fen > 0)
);
GRANT SELECT, INSERT ON reserve_rule TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- What a township's reserve of a year was given, from which population row.
CREATE TABLE IF NOT EXISTS reserve_allotment (
    township      text    NOT NULL,
    year          integer NOT NULL,
    budget_line   integer NOT NULL,
    account       integer NOT NULL,
    residents     bigint  NOT NULL,
    population_as_of date NOT NULL,
    amount_fen    bigint  NOT NULL,
    journal       bigint  NOT NULL,
    PRIMARY KEY (township, year, budget_line)
);
GRANT SELECT, INSERT ON reserve_allotment TO fenlu_app;

-- owner: disbursement/funds
-- An emergency case paid from a reserve (急难型临时救助先行支付). batch is the small
-- batch that paid it; documented_on is set when the write-up is complete.
CREATE TABLE IF NOT EXISTS reserve_case (
    id            bigint      PRIMARY KEY,
    number        text        NOT NULL,
    township      text        NOT NULL,
    person        bigint      NOT NULL,
    reason        text        NOT NULL,
    amount_fen    bigint      NOT NULL,
    reported_at   timestamptz NOT NULL,
    drawn_by      text        NOT NULL,
    drawn_at      timestamptz NOT NULL,
    document_due  date        NOT NULL,
    documented_on date,
    documented_by text        NOT NULL DEFAULT '',
    batch         bigint,
    CONSTRAINT reserve_case_amount CHECK (amount_fen > 0)
);
CREATE UNIQUE INDEX IF NOT EXISTS reserve_case_number ON reserve_case (number);
-- the cases of a township: status, overdue write-ups
CREATE INDEX IF NOT EXISTS reserve_case_township ON reserve_case (township, id);
GRANT SELECT, INSERT, UPDATE ON reserve_case TO fenlu_app;

GRANT USAGE ON SEQUENCE document_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE document_line_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE budget_line_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE reserve_case_id_seq TO fenlu_app;
