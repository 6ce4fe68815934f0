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
