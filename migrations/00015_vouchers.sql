-- +goose NO TRANSACTION
-- +goose Up
-- Vouchers of government accounting: 财务会计 and 预算会计 beside the fund ledger,
-- made from its journals by a mapping table that is data (domain.md §6).

CREATE SEQUENCE IF NOT EXISTS voucher_id_seq INCREMENT BY 1000;
CREATE SEQUENCE IF NOT EXISTS voucher_rule_id_seq INCREMENT BY 1000;

-- owner: ledger/books
-- append-only
-- An account (会计科目) of one of the two books, for a year: the table is issued
-- anew each year and codes are not joined across years.
CREATE TABLE IF NOT EXISTS voucher_account (
    year    integer NOT NULL,
    code    text    NOT NULL,
    book    text    NOT NULL,
    name_zh text    NOT NULL,
    name_en text    NOT NULL,
    normal  text    NOT NULL,
    status  text    NOT NULL,
    source  text    NOT NULL,
    PRIMARY KEY (year, code),
    CONSTRAINT voucher_account_book CHECK (book IN ('financial', 'budget')),
    CONSTRAINT voucher_account_normal CHECK (normal IN ('debit', 'credit')),
    CONSTRAINT voucher_account_status CHECK (status IN ('verified', 'to_be_confirmed'))
);
GRANT SELECT, INSERT ON voucher_account TO fenlu_app;

-- owner: ledger/books
-- append-only
-- A line of the mapping table (凭证规则): what an event debits and credits in a
-- book. area '' is for every area; of an area, year and event the highest
-- version counts, whole. Empty condition, purpose and payee match any; setting
-- is "key=value,key=value". debit and credit empty: the event makes no entry.
CREATE TABLE IF NOT EXISTS voucher_rule (
    id          bigint      PRIMARY KEY,
    area        text        NOT NULL,
    year        integer     NOT NULL,
    event       text        NOT NULL,
    version     integer     NOT NULL,
    condition   text        NOT NULL,
    purpose     text        NOT NULL,
    payee       text        NOT NULL,
    setting     text        NOT NULL,
    book        text        NOT NULL,
    ord         integer     NOT NULL,
    debit       text        NOT NULL,
    credit      text        NOT NULL,
    red         boolean     NOT NULL,
    status      text        NOT NULL,
    source      text        NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT voucher_rule_condition CHECK (condition IN ('', 'same_year', 'prior_year')),
    CONSTRAINT voucher_rule_purpose CHECK (purpose IN ('', 'benefit', 'carveout', 'reserve', 'receipt')),
    CONSTRAINT voucher_rule_payee CHECK (payee IN ('', 'person', 'unit')),
    CONSTRAINT voucher_rule_book CHECK (book IN ('financial', 'budget')),
    CONSTRAINT voucher_rule_status CHECK (status IN ('verified', 'to_be_confirmed')),
    CONSTRAINT voucher_rule_sides CHECK ((debit = '') = (credit = ''))
);
-- the rules of a year
CREATE UNIQUE INDEX IF NOT EXISTS voucher_rule_place ON voucher_rule (year, area, event, version, condition, purpose, payee, setting, book, ord);
GRANT SELECT, INSERT ON voucher_rule TO fenlu_app;

-- owner: ledger/books
-- append-only
-- A setting of the books (核算设置) of an area from a year on: the last row counts.
CREATE TABLE IF NOT EXISTS voucher_setting (
    area        text        NOT NULL,
    year        integer     NOT NULL,
    name        text        NOT NULL,
    n           integer     NOT NULL,
    value       text        NOT NULL,
    document    text        NOT NULL,
    id          bigint      NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (area, year, name, n)
);
-- from a leaf of the log to its row
CREATE UNIQUE INDEX IF NOT EXISTS voucher_setting_id ON voucher_setting (id);
GRANT SELECT, INSERT ON voucher_setting TO fenlu_app;

-- owner: ledger/books
-- The last voucher number (凭证号) of an office, book and period. A sequence would
-- leave gaps. The row of office '' is the lock of whoever makes vouchers.
CREATE TABLE IF NOT EXISTS voucher_number (
    office text   NOT NULL,
    book   text   NOT NULL,
    period text   NOT NULL,
    last   bigint NOT NULL,
    PRIMARY KEY (office, book, period)
);
GRANT SELECT, INSERT, UPDATE ON voucher_number TO fenlu_app;
INSERT INTO voucher_number (office, book, period, last) VALUES ('', '', '', 0) ON CONFLICT (office, book, period) DO NOTHING;

-- owner: ledger/books
-- append-only
-- A voucher (记账凭证): one book, one business date, event and cause. Those of the
-- two books for the same thing share their group.
CREATE TABLE IF NOT EXISTS voucher (
    id           bigint      PRIMARY KEY,
    voucher_group bigint     NOT NULL,
    office       text        NOT NULL,
    book         text        NOT NULL,
    period       text        NOT NULL,
    no           bigint      NOT NULL,
    voucher_date date        NOT NULL,
    event        text        NOT NULL,
    condition    text        NOT NULL,
    cause        text        NOT NULL,
    about        text        NOT NULL,
    line_count   integer     NOT NULL,
    amount_fen   bigint      NOT NULL,
    made_by      text        NOT NULL,
    made_at      timestamptz NOT NULL,
    CONSTRAINT voucher_book CHECK (book IN ('financial', 'budget')),
    CONSTRAINT voucher_lines CHECK (line_count >= 2)
);
-- numbers without gaps; the vouchers of a period in order
CREATE UNIQUE INDEX IF NOT EXISTS voucher_no ON voucher (office, book, period, no);
-- the vouchers of a period of every office
CREATE INDEX IF NOT EXISTS voucher_period ON voucher (period, office, book, no);
GRANT SELECT, INSERT ON voucher TO fenlu_app;

-- owner: ledger/books
-- append-only
-- A line of a voucher. amount_fen is negative in a red entry (红字).
CREATE TABLE IF NOT EXISTS voucher_line (
    voucher       bigint  NOT NULL,
    line          integer NOT NULL,
    account       text    NOT NULL,
    side          text    NOT NULL,
    amount_fen    bigint  NOT NULL,
    function_code text    NOT NULL,
    economic_code text    NOT NULL,
    level         text    NOT NULL,
    program       text    NOT NULL,
    payee         text    NOT NULL,
    township      text    NOT NULL,
    PRIMARY KEY (voucher, line),
    CONSTRAINT voucher_line_side CHECK (side IN ('debit', 'credit')),
    CONSTRAINT voucher_line_amount CHECK (amount_fen <> 0)
);
GRANT SELECT, INSERT ON voucher_line TO fenlu_app;

-- owner: ledger/books
-- append-only
-- Which journals a voucher's line is made from, and of which how much.
CREATE TABLE IF NOT EXISTS voucher_source (
    voucher    bigint  NOT NULL,
    line       integer NOT NULL,
    journal    bigint  NOT NULL,
    amount_fen bigint  NOT NULL,
    PRIMARY KEY (voucher, line, journal)
);
-- the vouchers of a journal
CREATE INDEX IF NOT EXISTS voucher_source_journal ON voucher_source (journal);
GRANT SELECT, INSERT ON voucher_source TO fenlu_app;

-- owner: ledger/books
-- append-only
-- A journal that the books have read, once.
CREATE TABLE IF NOT EXISTS voucher_journal (
    journal bigint PRIMARY KEY,
    period  text   NOT NULL
);
GRANT SELECT, INSERT ON voucher_journal TO fenlu_app;

-- owner: ledger/books
-- append-only
-- What a journal meant to the books: how much of which event, and in how many
-- pairs of lines of each book it was entered (0: the event makes no entry).
CREATE TABLE IF NOT EXISTS voucher_event (
    journal    bigint  NOT NULL,
    event      text    NOT NULL,
    n          integer NOT NULL,
    amount_fen bigint  NOT NULL,
    financial  integer NOT NULL,
    budget     integer NOT NULL,
    PRIMARY KEY (journal, event, n),
    CONSTRAINT voucher_event_amount CHECK (amount_fen > 0)
);
GRANT SELECT, INSERT ON voucher_event TO fenlu_app;

-- owner: migrations
-- What the books read of the rooms above: a batch, who a payment pays, where a
-- budget line comes from, and the journals that found a payment paid.
CREATE OR REPLACE VIEW batch_fact (batch, code, program, township) AS
SELECT b.id, b.code, b.program, coalesce(a.township, '')
FROM batch b LEFT JOIN account a ON a.id = b.source_account;

CREATE OR REPLACE VIEW payment_fact (payment, batch, payee) AS
SELECT p.id, p.batch, CASE WHEN u.id IS NULL THEN 'person' ELSE 'unit' END
FROM payment p LEFT JOIN unit u ON u.id = p.payee;

CREATE OR REPLACE VIEW budget_fact (budget_line, purpose, number, function_code, economic_code, office, level) AS
SELECT b.id, b.purpose, b.number, b.function_code, b.economic_code, b.office, d.level
FROM budget_line b JOIN document_line d ON d.id = b.document_line;

CREATE OR REPLACE VIEW paid_fact (payment, journal) AS
SELECT a.payment, e.journal
FROM attempt a JOIN attempt_event e ON e.attempt = a.id
WHERE e.to_state IN ('paid', 'part_returned') AND e.journal IS NOT NULL;

GRANT SELECT ON batch_fact TO fenlu_app;
GRANT SELECT ON payment_fact TO fenlu_app;
GRANT SELECT ON budget_fact TO fenlu_app;
GRANT SELECT ON paid_fact TO fenlu_app;

GRANT USAGE ON SEQUENCE voucher_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE voucher_rule_id_seq TO fenlu_app;

INSERT INTO voucher_account (year, code, book, name_zh, name_en, normal, status, source)
SELECT y, a.code, a.book, a.zh, a.en, a.normal, a.status, '财会〔2017〕25号'
FROM generate_series(2024, 2030) AS y CROSS JOIN (VALUES
    ('1002', 'financial', '银行存款', 'Bank deposits', 'debit', 'verified'),
    ('1201', 'financial', '财政应返还额度', 'Fiscal quota to be returned', 'debit', 'verified'),
    ('1218', 'financial', '其他应收款', 'Other receivables', 'debit', 'verified'),
    ('1218.01', 'financial', '其他应收款—乡镇备用金', 'Other receivables: township imprest', 'debit', 'to_be_confirmed'),
    ('2103', 'financial', '应缴财政款', 'Payable to the treasury', 'credit', 'verified'),
    ('2302', 'financial', '应付账款', 'Accounts payable', 'credit', 'verified'),
    ('2303', 'financial', '应付政府补贴款', 'Government subsidies payable', 'credit', 'verified'),
    ('3001', 'financial', '累计盈余', 'Accumulated surplus', 'credit', 'verified'),
    ('3301', 'financial', '本期盈余', 'Surplus of the period', 'credit', 'verified'),
    ('3302', 'financial', '本年盈余分配', 'Distribution of the year''s surplus', 'credit', 'verified'),
    ('3501', 'financial', '以前年度盈余调整', 'Adjustment of earlier surplus', 'credit', 'verified'),
    ('4001', 'financial', '财政拨款收入', 'Fiscal appropriation income', 'credit', 'verified'),
    ('5001', 'financial', '业务活动费用', 'Expense of operations', 'debit', 'verified'),
    ('6001', 'budget', '财政拨款预算收入', 'Fiscal appropriation budget income', 'credit', 'verified'),
    ('7101.01', 'budget', '行政支出—财政拨款支出', 'Administrative expenditure: fiscal appropriation', 'debit', 'verified'),
    ('8001.03', 'budget', '资金结存—财政应返还额度', 'Fund balance: fiscal quota to be returned', 'debit', 'verified'),
    ('8101.01', 'budget', '财政拨款结转—年初余额调整', 'Fiscal carry-over: opening adjustment', 'credit', 'verified'),
    ('8101.06', 'budget', '财政拨款结转—本年收支结转', 'Fiscal carry-over: closing of the year', 'credit', 'verified')
) AS a (code, book, zh, en, normal, status)
ON CONFLICT (year, code) DO NOTHING;

-- The shipped rules have negative numbers; imports draw theirs from the sequence.
INSERT INTO voucher_rule (id, area, year, event, version, condition, purpose, payee, setting, book, ord, debit, credit, red, status, source, recorded_by, recorded_at)
SELECT -(y * 1000 + r.n), '', y, r.event, 0, r.condition, r.purpose, '', r.setting, r.book, r.ord, r.debit, r.credit, r.red, r.status, r.source, 'fenlu', '2026-01-01T00:00:00Z'::timestamptz
FROM generate_series(2024, 2030) AS y CROSS JOIN (VALUES
    (1, 'due', '', 'benefit', 'accrual=on', 'financial', 1, '5001', '2303', false, 'to_be_confirmed', 'domain.md §6, entitlement run approved [GK]'),
    (2, 'due', '', 'reserve', 'accrual=on', 'financial', 1, '5001', '2303', false, 'to_be_confirmed', 'domain.md §6, entitlement run approved [GK]'),
    (3, 'due', '', 'carveout', 'accrual=on', 'financial', 1, '5001', '2302', false, 'to_be_confirmed', 'domain.md §6, purchased services accepted [GK]'),
    (4, 'due', '', '', 'accrual=off', 'financial', 1, '', '', false, 'verified', 'domain.md §6, without accrual'),
    (5, 'due_undone', 'same_year', 'benefit', 'accrual=on', 'financial', 1, '5001', '2303', true, 'to_be_confirmed', 'red entry of entitlement run approved'),
    (6, 'due_undone', 'same_year', 'reserve', 'accrual=on', 'financial', 1, '5001', '2303', true, 'to_be_confirmed', 'red entry of entitlement run approved'),
    (7, 'due_undone', 'same_year', 'carveout', 'accrual=on', 'financial', 1, '5001', '2302', true, 'to_be_confirmed', 'red entry of purchased services accepted'),
    (8, 'due_undone', 'prior_year', 'benefit', 'accrual=on', 'financial', 1, '2303', '3501', false, 'to_be_confirmed', 'an expense of an earlier year is taken back through 3501'),
    (9, 'due_undone', 'prior_year', 'reserve', 'accrual=on', 'financial', 1, '2303', '3501', false, 'to_be_confirmed', 'an expense of an earlier year is taken back through 3501'),
    (10, 'due_undone', 'prior_year', 'carveout', 'accrual=on', 'financial', 1, '2302', '3501', false, 'to_be_confirmed', 'an expense of an earlier year is taken back through 3501'),
    (11, 'due_undone', '', '', 'accrual=off', 'financial', 1, '', '', false, 'verified', 'domain.md §6, without accrual'),
    (20, 'paid', '', 'benefit', 'accrual=on', 'financial', 1, '2303', '4001', false, 'to_be_confirmed', 'domain.md §6, bank paid [V2 33]'),
    (21, 'paid', '', 'benefit', 'accrual=off', 'financial', 1, '5001', '4001', false, 'to_be_confirmed', 'domain.md §6, bank paid without accrual [V2 33]'),
    (22, 'paid', '', 'benefit', '', 'budget', 1, '7101.01', '6001', false, 'to_be_confirmed', 'domain.md §6, bank paid [V2 33]'),
    (23, 'paid', '', 'carveout', 'accrual=on', 'financial', 1, '2302', '4001', false, 'to_be_confirmed', 'domain.md §6, purchased services paid [GK]'),
    (24, 'paid', '', 'carveout', 'accrual=off', 'financial', 1, '5001', '4001', false, 'to_be_confirmed', 'domain.md §6, purchased services paid [GK]'),
    (25, 'paid', '', 'carveout', '', 'budget', 1, '7101.01', '6001', false, 'to_be_confirmed', 'domain.md §6, purchased services paid [GK]'),
    (26, 'paid', '', 'reserve', 'accrual=on,reserve_form=cash', 'financial', 1, '2303', '1218.01', false, 'to_be_confirmed', 'domain.md §6, imprest used [GK]'),
    (27, 'paid', '', 'reserve', 'accrual=off,reserve_form=cash', 'financial', 1, '5001', '1218.01', false, 'to_be_confirmed', 'domain.md §6, imprest used [GK]'),
    (28, 'paid', '', 'reserve', 'reserve_budget=on_use,reserve_form=cash', 'budget', 1, '7101.01', '6001', false, 'to_be_confirmed', 'domain.md §6, imprest used, recognised on use [GK]'),
    (29, 'paid', '', 'reserve', 'accrual=on,reserve_form=quota', 'financial', 1, '2303', '4001', false, 'to_be_confirmed', 'domain.md §6, quota split to the township, then as bank paid'),
    (30, 'paid', '', 'reserve', 'accrual=off,reserve_form=quota', 'financial', 1, '5001', '4001', false, 'to_be_confirmed', 'domain.md §6, quota split to the township, then as bank paid'),
    (31, 'paid', '', 'reserve', 'reserve_form=quota', 'budget', 1, '7101.01', '6001', false, 'to_be_confirmed', 'domain.md §6, quota split to the township, then as bank paid'),
    (40, 'returned', 'same_year', 'benefit', 'accrual=on,passive_return=red', 'financial', 1, '2303', '4001', true, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, red [GK]'),
    (41, 'returned', 'same_year', 'benefit', 'accrual=off,passive_return=red', 'financial', 1, '5001', '4001', true, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, red [GK]'),
    (42, 'returned', 'same_year', 'benefit', 'passive_return=red', 'budget', 1, '7101.01', '6001', true, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, red [GK]'),
    (43, 'returned', 'same_year', 'benefit', 'accrual=on,passive_return=reverse', 'financial', 1, '4001', '2303', false, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, reverse entry [GK]'),
    (44, 'returned', 'same_year', 'benefit', 'accrual=off,passive_return=reverse', 'financial', 1, '4001', '5001', false, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, reverse entry [GK]'),
    (45, 'returned', 'same_year', 'benefit', 'passive_return=reverse', 'budget', 1, '6001', '7101.01', false, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, reverse entry [GK]'),
    (46, 'returned', 'same_year', 'carveout', 'accrual=on,passive_return=red', 'financial', 1, '2302', '4001', true, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, red [GK]'),
    (47, 'returned', 'same_year', 'carveout', 'accrual=off,passive_return=red', 'financial', 1, '5001', '4001', true, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, red [GK]'),
    (48, 'returned', 'same_year', 'carveout', 'passive_return=red', 'budget', 1, '7101.01', '6001', true, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, red [GK]'),
    (49, 'returned', 'same_year', 'carveout', 'accrual=on,passive_return=reverse', 'financial', 1, '4001', '2302', false, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, reverse entry [GK]'),
    (50, 'returned', 'same_year', 'carveout', 'accrual=off,passive_return=reverse', 'financial', 1, '4001', '5001', false, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, reverse entry [GK]'),
    (51, 'returned', 'same_year', 'carveout', 'passive_return=reverse', 'budget', 1, '6001', '7101.01', false, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, reverse entry [GK]'),
    (52, 'returned', 'same_year', 'reserve', 'accrual=on,passive_return=red,reserve_form=cash', 'financial', 1, '2303', '1218.01', true, 'to_be_confirmed', 'domain.md §6, imprest returned, red [GK]'),
    (53, 'returned', 'same_year', 'reserve', 'accrual=off,passive_return=red,reserve_form=cash', 'financial', 1, '5001', '1218.01', true, 'to_be_confirmed', 'domain.md §6, imprest returned, red [GK]'),
    (54, 'returned', 'same_year', 'reserve', 'passive_return=red,reserve_budget=on_use,reserve_form=cash', 'budget', 1, '7101.01', '6001', true, 'to_be_confirmed', 'domain.md §6, imprest returned, red [GK]'),
    (55, 'returned', 'same_year', 'reserve', 'accrual=on,passive_return=reverse,reserve_form=cash', 'financial', 1, '1218.01', '2303', false, 'to_be_confirmed', 'domain.md §6, imprest returned, reverse entry [GK]'),
    (56, 'returned', 'same_year', 'reserve', 'accrual=off,passive_return=reverse,reserve_form=cash', 'financial', 1, '1218.01', '5001', false, 'to_be_confirmed', 'domain.md §6, imprest returned, reverse entry [GK]'),
    (57, 'returned', 'same_year', 'reserve', 'passive_return=reverse,reserve_budget=on_use,reserve_form=cash', 'budget', 1, '6001', '7101.01', false, 'to_be_confirmed', 'domain.md §6, imprest returned, reverse entry [GK]'),
    (58, 'returned', 'same_year', 'reserve', 'accrual=on,passive_return=red,reserve_form=quota', 'financial', 1, '2303', '4001', true, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, red [GK]'),
    (59, 'returned', 'same_year', 'reserve', 'accrual=off,passive_return=red,reserve_form=quota', 'financial', 1, '5001', '4001', true, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, red [GK]'),
    (60, 'returned', 'same_year', 'reserve', 'passive_return=red,reserve_form=quota', 'budget', 1, '7101.01', '6001', true, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, red [GK]'),
    (61, 'returned', 'same_year', 'reserve', 'accrual=on,passive_return=reverse,reserve_form=quota', 'financial', 1, '4001', '2303', false, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, reverse entry [GK]'),
    (62, 'returned', 'same_year', 'reserve', 'accrual=off,passive_return=reverse,reserve_form=quota', 'financial', 1, '4001', '5001', false, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, reverse entry [GK]'),
    (63, 'returned', 'same_year', 'reserve', 'passive_return=reverse,reserve_form=quota', 'budget', 1, '6001', '7101.01', false, 'to_be_confirmed', 'domain.md §6, 被动退回 same year, reverse entry [GK]'),
    (70, 'returned', 'prior_year', '', 'prior_return=to_finance', 'financial', 1, '', '', false, 'to_be_confirmed', 'domain.md §6, prior year, money to 财政: no entry, needs a new budget [V2 26]'),
    (71, 'returned', 'prior_year', 'benefit', 'prior_return=quota_kept', 'financial', 1, '1201', '2303', false, 'to_be_confirmed', 'domain.md §6, prior year, quota kept [GK]'),
    (72, 'returned', 'prior_year', 'benefit', 'prior_return=quota_kept', 'budget', 1, '8001.03', '8101.01', false, 'to_be_confirmed', 'domain.md §6, prior year, quota kept [GK]'),
    (73, 'returned', 'prior_year', 'carveout', 'prior_return=quota_kept', 'financial', 1, '1201', '2302', false, 'to_be_confirmed', 'domain.md §6, prior year, quota kept [GK]'),
    (74, 'returned', 'prior_year', 'carveout', 'prior_return=quota_kept', 'budget', 1, '8001.03', '8101.01', false, 'to_be_confirmed', 'domain.md §6, prior year, quota kept [GK]'),
    (75, 'returned', 'prior_year', 'reserve', 'prior_return=quota_kept', 'financial', 1, '1218.01', '2303', false, 'to_be_confirmed', 'imprest money of an earlier year is back in the township account'),
    (80, 'reserve_advance', '', 'reserve', 'reserve_form=cash', 'financial', 1, '1218.01', '4001', false, 'to_be_confirmed', 'domain.md §6, township imprest 预拨 [GK]'),
    (81, 'reserve_advance', '', 'reserve', 'reserve_budget=on_advance,reserve_form=cash', 'budget', 1, '7101.01', '6001', false, 'to_be_confirmed', 'domain.md §6, township imprest, recognised on advance [GK]'),
    (82, 'reserve_advance', '', 'reserve', 'reserve_form=quota', 'financial', 1, '', '', false, 'verified', 'domain.md §6, quota split to the township: no entry'),
    (83, 'reserve_back', '', 'reserve', 'reserve_form=cash', 'financial', 1, '1218.01', '4001', true, 'to_be_confirmed', 'domain.md §6, imprest returned: refund reverses [GK]'),
    (84, 'reserve_back', '', 'reserve', 'reserve_budget=on_advance,reserve_form=cash', 'budget', 1, '7101.01', '6001', true, 'to_be_confirmed', 'domain.md §6, imprest returned: refund reverses [GK]'),
    (85, 'reserve_back', '', 'reserve', 'reserve_form=quota', 'financial', 1, '', '', false, 'verified', 'domain.md §6, quota split to the township: no entry'),
    (90, 'overpaid', '', '', '', 'financial', 1, '1218', '4001', false, 'to_be_confirmed', 'the bank credited more than was instructed: a receivable'),
    (91, 'overpaid', '', '', '', 'budget', 1, '7101.01', '6001', false, 'to_be_confirmed', 'the bank credited more than was instructed: a receivable'),
    (92, 'overpaid_back', '', '', '', 'financial', 1, '4001', '1218', false, 'to_be_confirmed', 'domain.md §6, overpayment repaid, same year [GK]'),
    (93, 'overpaid_back', '', '', '', 'budget', 1, '6001', '7101.01', false, 'to_be_confirmed', 'domain.md §6, overpayment repaid, same year [GK]'),
    (95, 'correction_out', '', '', '', 'financial', 1, '5001', '4001', true, 'to_be_confirmed', '支付更正: red on the old money'),
    (96, 'correction_out', '', '', '', 'budget', 1, '7101.01', '6001', true, 'to_be_confirmed', '支付更正: red on the old money'),
    (97, 'correction_in', '', '', '', 'financial', 1, '5001', '4001', false, 'to_be_confirmed', '支付更正: on the right money'),
    (98, 'correction_in', '', '', '', 'budget', 1, '7101.01', '6001', false, 'to_be_confirmed', '支付更正: on the right money'),
    (99, 'receipt', '', '', '', 'financial', 1, '1002', '2103', false, 'to_be_confirmed', 'domain.md §6, money to be surrendered: collected [GK]'),
    (110, 'receipt_gone', '', '', '', 'financial', 1, '2103', '1002', false, 'to_be_confirmed', 'domain.md §6, money to be surrendered: remitted [GK]'),
    (100, 'quota_unused', '', '', 'quota_accrual=off', 'financial', 1, '', '', false, 'to_be_confirmed', 'domain.md §6, off by default for counties'),
    (101, 'quota_unused', '', '', 'quota_accrual=on', 'financial', 1, '1201', '4001', false, 'to_be_confirmed', 'domain.md §6, year end unused quota [V2 33,34]'),
    (102, 'quota_unused', '', '', 'quota_accrual=on', 'budget', 1, '8001.03', '6001', false, 'to_be_confirmed', 'domain.md §6, year end unused quota [V2 33,34]')
) AS r (n, event, condition, purpose, setting, book, ord, debit, credit, red, status, source)
ON CONFLICT (year, area, event, version, condition, purpose, payee, setting, book, ord) DO NOTHING;
