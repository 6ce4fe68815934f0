-- +goose NO TRANSACTION
-- +goose Up
-- Documents as the field calls them, what an advance notice's successor includes,
-- and the first day on which a budget line may be drawn on.

-- The document's type (提前下达, 追加, 收回, 调剂 …) beside what it does with money;
-- empty for documents recorded before types were kept.
ALTER TABLE document ADD COLUMN IF NOT EXISTS type text NOT NULL DEFAULT '';

-- owner: disbursement/funds
-- append-only
-- A line of a document whose amount on paper includes (含) an advance notice's
-- line, or has it still to be deducted (扣除): only the difference entered. Each
-- line of an advance notice is settled once.
CREATE TABLE IF NOT EXISTS document_inclusion (
    document     integer NOT NULL,
    line_no      integer NOT NULL,
    advance_line integer NOT NULL,
    word         text    NOT NULL,
    paper_fen    bigint  NOT NULL,
    included_fen bigint  NOT NULL,
    PRIMARY KEY (document, line_no, advance_line),
    CONSTRAINT document_inclusion_document FOREIGN KEY (document) REFERENCES document (id),
    CONSTRAINT document_inclusion_advance FOREIGN KEY (advance_line) REFERENCES document_line (id),
    CONSTRAINT document_inclusion_word CHECK (word IN ('include', 'deduct')),
    CONSTRAINT document_inclusion_amounts CHECK (paper_fen > 0 AND included_fen >= 0)
);
CREATE UNIQUE INDEX IF NOT EXISTS document_inclusion_once ON document_inclusion (advance_line);
GRANT SELECT, INSERT ON document_inclusion TO fenlu_app;

-- owner: ledger
-- append-only
-- The first business date on which legs may be drawn from a budget line of a lot:
-- money of a coming year is on the books before it may be used.
CREATE TABLE IF NOT EXISTS line_opening (
    lot         integer NOT NULL,
    budget_line integer NOT NULL,
    opens_on    date    NOT NULL,
    PRIMARY KEY (lot, budget_line)
);
GRANT SELECT, INSERT ON line_opening TO fenlu_app;

CREATE SEQUENCE IF NOT EXISTS cash_arrival_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS fund_receipt_id_seq INCREMENT BY 1;

-- owner: disbursement/funds
-- append-only
-- Cash of a lot that has arrived (到款), in instalments, each with its voucher.
CREATE TABLE IF NOT EXISTS cash_arrival (
    id          integer     PRIMARY KEY,
    lot         integer     NOT NULL,
    voucher     text        NOT NULL,
    arrived_on  date        NOT NULL,
    amount_fen  bigint      NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT cash_arrival_amount CHECK (amount_fen > 0)
);
CREATE UNIQUE INDEX IF NOT EXISTS cash_arrival_voucher ON cash_arrival (lot, voucher);
GRANT SELECT, INSERT ON cash_arrival TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- The day on which a document was passed on (转下达), where the paper did not say.
CREATE TABLE IF NOT EXISTS document_passed_on (
    document    integer     PRIMARY KEY,
    passed_on   date        NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT document_passed_on_document FOREIGN KEY (document) REFERENCES document (id)
);
GRANT SELECT, INSERT ON document_passed_on TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- Money without a document that has to be remitted (应缴财政款): interest, fines.
-- Each opens a lot of kind receipt.
CREATE TABLE IF NOT EXISTS fund_receipt (
    id          integer     PRIMARY KEY,
    number      text        NOT NULL,
    kind        text        NOT NULL,
    received_on date        NOT NULL,
    due_on      date        NOT NULL,
    payer       text        NOT NULL,
    amount_fen  bigint      NOT NULL,
    lot         integer     NOT NULL,
    budget_line integer     NOT NULL,
    journal     bigint      NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT fund_receipt_amount CHECK (amount_fen > 0),
    CONSTRAINT fund_receipt_kind CHECK (kind IN ('interest', 'fine', 'other'))
);
CREATE UNIQUE INDEX IF NOT EXISTS fund_receipt_number ON fund_receipt (number);
GRANT SELECT, INSERT ON fund_receipt TO fenlu_app;

-- owner: disbursement/funds
-- append-only
-- What of a receipt was remitted to the treasury, under which document (缴款书).
CREATE TABLE IF NOT EXISTS receipt_remittance (
    number      text        NOT NULL,
    receipt     integer     NOT NULL,
    remitted_on date        NOT NULL,
    amount_fen  bigint      NOT NULL,
    journal     bigint      NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (receipt, number),
    CONSTRAINT receipt_remittance_receipt FOREIGN KEY (receipt) REFERENCES fund_receipt (id),
    CONSTRAINT receipt_remittance_amount CHECK (amount_fen > 0)
);
GRANT SELECT, INSERT ON receipt_remittance TO fenlu_app;

GRANT USAGE ON SEQUENCE cash_arrival_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE fund_receipt_id_seq TO fenlu_app;
