-- +goose NO TRANSACTION
-- +goose Up
-- Batches: entitlement lines, once-keys, approvals, payments, attempts, files.

CREATE SEQUENCE IF NOT EXISTS batch_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS line_id_seq INCREMENT BY 1000;
CREATE SEQUENCE IF NOT EXISTS payment_id_seq INCREMENT BY 1000;
CREATE SEQUENCE IF NOT EXISTS attempt_id_seq INCREMENT BY 1000;
CREATE SEQUENCE IF NOT EXISTS bank_file_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS approval_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS line_list_id_seq INCREMENT BY 1;

-- owner: disbursement/payment
-- A channel (支付渠道): whose account pays, through which file profile, whether
-- one bank credit may carry several budget lines, and what proves "paid".
CREATE TABLE IF NOT EXISTS channel (
    code             text    PRIMARY KEY,
    name_zh          text    NOT NULL,
    name_en          text    NOT NULL,
    profile          text    NOT NULL,
    many_budget_lines boolean NOT NULL,
    max_rows         integer NOT NULL,
    debtor_name      text    NOT NULL,
    debtor_account   text    NOT NULL,
    debtor_agent     text    NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON channel TO fenlu_app;

-- owner: disbursement/batch
-- The approval chain (审批链) as data: ordered steps with the right each needs.
-- kind is 'batch', 'emergency' or 'list'. Its steps are taken by different
-- persons.
CREATE TABLE IF NOT EXISTS chain_step (
    kind       text    NOT NULL,
    ord        integer NOT NULL,
    step       text    NOT NULL,
    right_code text    NOT NULL,
    PRIMARY KEY (kind, ord)
);
GRANT SELECT, INSERT, UPDATE ON chain_step TO fenlu_app;

-- owner: disbursement/batch
-- A batch (批次): one program, office and period of entitlement lines. kind
-- 'emergency' is the small batch of one reserve case; no counts an office's
-- batches without a gap and goes into the ids that banks see; source_account is then
-- the township's reserve account, otherwise the pool pays.
CREATE TABLE IF NOT EXISTS batch (
    id             bigint      PRIMARY KEY,
    code           text        NOT NULL,
    no             bigint      NOT NULL,
    kind           text        NOT NULL,
    program        text        NOT NULL,
    office         text        NOT NULL,
    period         text        NOT NULL,
    channel        text        NOT NULL,
    state          text        NOT NULL,
    import_file    bigint,
    source_account integer,
    line_count     integer     NOT NULL,
    amount_fen     bigint      NOT NULL,
    list_digest    bytea,
    maker          text        NOT NULL,
    created_at     timestamptz NOT NULL,
    CONSTRAINT batch_kind CHECK (kind IN ('roster', 'emergency')),
    CONSTRAINT batch_state CHECK (state IN ('draft', 'checked', 'submitted', 'freezing', 'approved', 'released', 'reconciled', 'closed', 'cancelled')),
    CONSTRAINT batch_channel FOREIGN KEY (channel) REFERENCES channel (code)
);
CREATE UNIQUE INDEX IF NOT EXISTS batch_code ON batch (code);
CREATE UNIQUE INDEX IF NOT EXISTS batch_no ON batch (office, no);
GRANT SELECT, INSERT, UPDATE ON batch TO fenlu_app;

-- owner: disbursement/batch
-- The last batch number (批次号) of each office. A sequence would leave gaps: it
-- does not take back what a rolled back transaction or a crash used up.
CREATE TABLE IF NOT EXISTS batch_number (
    office text   PRIMARY KEY,
    last   bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON batch_number TO fenlu_app;

-- owner: disbursement/batch
-- An entitlement line (应发明细): what one beneficiary is owed for one component,
-- service month and occasion. Exactly one of person and unit is the
-- beneficiary; household is where the person belonged when the line was made.
-- status is only what a person decided about the line; frozen, sent and paid
-- follow from its legs.
CREATE TABLE IF NOT EXISTS entitlement_line (
    id         bigint  PRIMARY KEY,
    batch      bigint  NOT NULL,
    no         integer NOT NULL,
    program    text    NOT NULL,
    component  text    NOT NULL,
    class      text    NOT NULL,
    person     bigint,
    household  bigint,
    unit       bigint,
    payee      bigint  NOT NULL,
    payee_role text    NOT NULL,
    account    bigint,
    township   text    NOT NULL,
    residence  text    NOT NULL,
    month      text    NOT NULL,
    occasion   text    NOT NULL,
    policy     integer NOT NULL,
    amount_fen bigint  NOT NULL,
    status     text    NOT NULL DEFAULT 'listed',
    CONSTRAINT entitlement_line_amount CHECK (amount_fen > 0),
    CONSTRAINT entitlement_line_beneficiary CHECK ((person IS NULL) <> (unit IS NULL)),
    CONSTRAINT entitlement_line_payee_role CHECK (payee_role IN ('self', 'head', 'guardian', 'institution')),
    CONSTRAINT entitlement_line_status CHECK (status IN ('listed', 'withheld', 'withdrawn'))
);
-- the lines of a batch in list order
CREATE UNIQUE INDEX IF NOT EXISTS entitlement_line_batch ON entitlement_line (batch, no);
-- everything a person, household or unit was owed, newest first
CREATE INDEX IF NOT EXISTS entitlement_line_person ON entitlement_line (person, id) WHERE person IS NOT NULL;
CREATE INDEX IF NOT EXISTS entitlement_line_household ON entitlement_line (household, id) WHERE household IS NOT NULL;
-- lines for units: the part of "paid" that did not go to persons
CREATE INDEX IF NOT EXISTS entitlement_line_unit ON entitlement_line (unit, id) WHERE unit IS NOT NULL;
CREATE INDEX IF NOT EXISTS entitlement_line_payee ON entitlement_line (payee, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON entitlement_line TO fenlu_app;

-- owner: disbursement/batch
-- The once-key (唯一键): one entitlement is instructed at most once at a time.
-- subject is the covered person's id (found through the blind index of the ID
-- number) or a unit's id; freed says why it was given up, rows stay.
CREATE TABLE IF NOT EXISTS once_key (
    line      bigint NOT NULL,
    subject   bigint NOT NULL,
    program   text   NOT NULL,
    component text   NOT NULL,
    month     text   NOT NULL,
    occasion  text   NOT NULL,
    freed     text,
    PRIMARY KEY (line, subject),
    CONSTRAINT once_key_freed CHECK (freed IN ('rejected', 'cancelled', 'withdrawn', 'stopped'))
);
CREATE UNIQUE INDEX IF NOT EXISTS once_key_live ON once_key (subject, program, component, month, occasion) WHERE freed IS NULL;
GRANT SELECT, INSERT, UPDATE ON once_key TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- The result of the checks before submission (核对), one row per finding.
CREATE TABLE IF NOT EXISTS batch_finding (
    batch    bigint  NOT NULL,
    round    integer NOT NULL,
    no       integer NOT NULL,
    line     bigint,
    check_code text  NOT NULL,
    severity text    NOT NULL,
    detail   bytea   NOT NULL,
    PRIMARY KEY (batch, round, no),
    CONSTRAINT batch_finding_severity CHECK (severity IN ('block', 'reason', 'note'))
);
GRANT SELECT, INSERT ON batch_finding TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- An approval (审批) is bound to the digest of the list it was given for.
CREATE TABLE IF NOT EXISTS approval (
    id         bigint      PRIMARY KEY,
    subject    text        NOT NULL,
    step       text        NOT NULL,
    decision   text        NOT NULL,
    actor      text        NOT NULL,
    decided_at timestamptz NOT NULL,
    digest     bytea       NOT NULL,
    comment    text        NOT NULL DEFAULT '',
    CONSTRAINT approval_decision CHECK (decision IN ('done', 'rejected'))
);
-- who did what on a batch or list: "batch:12", "list:3"
CREATE INDEX IF NOT EXISTS approval_subject ON approval (subject, id);
GRANT SELECT, INSERT ON approval TO fenlu_app;

-- owner: disbursement/batch
-- A small list (小名单) with its own maker, checker and digest: withhold,
-- withdraw, re-issue, or the open items a batch is closed with.
CREATE TABLE IF NOT EXISTS line_list (
    id         bigint      PRIMARY KEY,
    kind       text        NOT NULL,
    batch      bigint      NOT NULL,
    state      text        NOT NULL,
    digest     bytea       NOT NULL,
    maker      text        NOT NULL,
    made_at    timestamptz NOT NULL,
    CONSTRAINT line_list_kind CHECK (kind IN ('withhold', 'withdraw', 'reissue', 'open_items')),
    CONSTRAINT line_list_state CHECK (state IN ('proposed', 'approved', 'released', 'rejected'))
);
CREATE INDEX IF NOT EXISTS line_list_batch ON line_list (batch, id);
GRANT SELECT, INSERT, UPDATE ON line_list TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- line for withhold and withdraw; payment for re-issue and open items, with the
-- account version a re-issue goes to. Of an open item also the place where its
-- money stood and the attempt it stood for: signed is that, and nothing else.
CREATE TABLE IF NOT EXISTS line_list_item (
    list       bigint  NOT NULL,
    no         integer NOT NULL,
    line       bigint,
    payment    bigint,
    account    bigint,
    amount_fen bigint  NOT NULL,
    reason     text    NOT NULL,
    owner      text    NOT NULL DEFAULT '',
    due_on     date,
    place      text    NOT NULL DEFAULT '',
    end_to_end_id text NOT NULL DEFAULT '',
    PRIMARY KEY (list, no)
);
GRANT SELECT, INSERT ON line_list_item TO fenlu_app;

-- owner: disbursement/payment
-- A payment (支付): one bank credit to one payee, of one or many lines.
-- budget_line is set where the channel wants one payment per budget line.
-- amount_fen and line_count fall when a line is withheld or withdrawn before
-- release; at zero the payment is stopped.
CREATE TABLE IF NOT EXISTS payment (
    id          bigint  PRIMARY KEY,
    batch       bigint  NOT NULL,
    no          integer NOT NULL,
    payee       bigint  NOT NULL,
    budget_line integer,
    amount_fen  bigint  NOT NULL,
    line_count  integer NOT NULL,
    CONSTRAINT payment_amount CHECK (amount_fen >= 0)
);
CREATE UNIQUE INDEX IF NOT EXISTS payment_batch ON payment (batch, no);
-- what one payee was paid
CREATE INDEX IF NOT EXISTS payment_payee ON payment (payee, id);
GRANT SELECT, INSERT, UPDATE ON payment TO fenlu_app;

-- owner: disbursement/payment
-- append-only
-- A file that goes to a bank. Its ids, digest, count and sum are stored before
-- a byte of it is written; the same release writes the same bytes again.
CREATE TABLE IF NOT EXISTS bank_file (
    id         bigint      PRIMARY KEY,
    batch      bigint      NOT NULL,
    list       bigint,
    ordinal    integer     NOT NULL,
    name       text        NOT NULL,
    file_ref   text        NOT NULL,
    profile    text        NOT NULL,
    channel    text        NOT NULL,
    sha256     bytea       NOT NULL,
    line_count integer     NOT NULL,
    amount_fen bigint      NOT NULL,
    remark     text        NOT NULL,
    execute_on date        NOT NULL,
    created_at timestamptz NOT NULL,
    released_by text       NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS bank_file_name ON bank_file (name);
CREATE UNIQUE INDEX IF NOT EXISTS bank_file_ref ON bank_file (file_ref);
CREATE INDEX IF NOT EXISTS bank_file_batch ON bank_file (batch, id);
GRANT SELECT, INSERT ON bank_file TO fenlu_app;

-- owner: disbursement/payment
-- An attempt (支付指令): one instruction to a bank for a payment. account pins
-- the payee account version. booked, returned and excess (debited above the
-- amount) are what evidence says.
CREATE TABLE IF NOT EXISTS attempt (
    id            bigint  PRIMARY KEY,
    payment       bigint  NOT NULL,
    n             integer NOT NULL,
    end_to_end_id text    NOT NULL,
    account       bigint  NOT NULL,
    file          bigint,
    file_line     integer,
    amount_fen    bigint  NOT NULL,
    state         text    NOT NULL,
    booked_fen    bigint  NOT NULL DEFAULT 0,
    returned_fen  bigint  NOT NULL DEFAULT 0,
    excess_fen    bigint  NOT NULL DEFAULT 0,
    CONSTRAINT attempt_amount CHECK (amount_fen > 0),
    CONSTRAINT attempt_booked CHECK (booked_fen >= 0 AND returned_fen >= 0 AND excess_fen >= 0),
    CONSTRAINT attempt_state CHECK (state IN ('written', 'sent', 'unknown', 'paid', 'part_returned', 'returned', 'failed', 'stopped'))
);
CREATE UNIQUE INDEX IF NOT EXISTS attempt_payment ON attempt (payment, n);
-- evidence names an attempt by its end-to-end id
CREATE UNIQUE INDEX IF NOT EXISTS attempt_end_to_end ON attempt (end_to_end_id);
-- never two live at once
CREATE UNIQUE INDEX IF NOT EXISTS attempt_live ON attempt (payment) WHERE state IN ('written', 'sent', 'unknown');
-- the lines of a file in order
CREATE INDEX IF NOT EXISTS attempt_file ON attempt (file, file_line);
GRANT SELECT, INSERT, UPDATE ON attempt TO fenlu_app;

-- owner: disbursement/payment
-- append-only
-- Who an attempt pays, bound without saying it: HMAC-SHA256 over name, ID number,
-- account and bank under a random salt, which is sealed. version is the person's
-- or unit's version that the number is of.
CREATE TABLE IF NOT EXISTS attempt_payee (
    attempt     bigint  PRIMARY KEY,
    version     integer NOT NULL,
    commitment  bytea   NOT NULL,
    salt_cipher bytea   NOT NULL,
    key_version integer NOT NULL
);
GRANT SELECT, INSERT ON attempt_payee TO fenlu_app;

-- owner: disbursement/payment
-- Which attempt a leg belongs to, where that is not its payment's first: legs
-- that came back and were issued again. Evidence about an attempt moves its own
-- legs only.
CREATE TABLE IF NOT EXISTS attempt_leg (
    holding bigint PRIMARY KEY,
    attempt bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON attempt_leg TO fenlu_app;

-- owner: disbursement/payment
-- append-only
-- Every change of an attempt's state that evidence made, with the journal.
-- (written and sent are its file's release and writing.)
CREATE TABLE IF NOT EXISTS attempt_event (
    attempt       bigint      NOT NULL,
    n             integer     NOT NULL,
    from_state    text        NOT NULL,
    to_state      text        NOT NULL,
    evidence_file bigint,
    evidence_pos  integer,
    journal       bigint,
    happened_at   timestamptz NOT NULL,
    PRIMARY KEY (attempt, n)
);
GRANT SELECT, INSERT ON attempt_event TO fenlu_app;

INSERT INTO channel (code, name_zh, name_en, profile, many_budget_lines, max_rows, debtor_name, debtor_account, debtor_agent) VALUES
    ('DF', '财政代发专户', 'Fiscal agency-payment account', 'cn.daifa.gbk', true, 5000, '青禾县财政局社保资金代发专户', '955800991301000018', '402991300018'),
    ('GK', '国库集中支付', 'Centralised treasury payment', 'pain.001.001.09', false, 20000, '青禾县财政国库支付中心', '955800991301000026', '402991300026'),
    ('XZ', '乡镇备用金账户', 'Township reserve account', 'cn.daifa.gbk', true, 5000, '青禾县乡镇临时救助备用金专户', '955800991301000034', '402991300034')
ON CONFLICT (code) DO NOTHING;

INSERT INTO chain_step (kind, ord, step, right_code) VALUES
    ('batch', 1, 'make', 'batch.make'), ('batch', 2, 'check', 'batch.check'),
    ('batch', 3, 'approve', 'batch.approve'), ('batch', 4, 'release', 'batch.release'), ('batch', 5, 'close', 'batch.close'),
    ('emergency', 1, 'make', 'reserve.draw'), ('emergency', 2, 'approve', 'reserve.confirm'), ('emergency', 3, 'close', 'batch.close'),
    ('list', 1, 'make', 'list.make'), ('list', 2, 'approve', 'list.approve')
ON CONFLICT (kind, ord) DO NOTHING;

GRANT USAGE ON SEQUENCE batch_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE line_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE payment_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE attempt_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE bank_file_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE approval_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE line_list_id_seq TO fenlu_app;
