-- +goose NO TRANSACTION
-- +goose Up
-- The clocks of an emergency, what an allotment was for, and what is to be got
-- back where papers were refused.

-- pay_due is when the money has to be on its way after the report, confirm_due
-- until when the second person may confirm; both as the rules stood when the
-- case was drawn. released_at is when it left; refused_on when the write-up was refused.
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS pay_due timestamptz;
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS confirm_due timestamptz;
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS released_at timestamptz;
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS refused_on date;
ALTER TABLE reserve_case ADD COLUMN IF NOT EXISTS refused_by text NOT NULL DEFAULT '';
-- the cases of a span of time, for the report of what was late
CREATE INDEX IF NOT EXISTS reserve_case_drawn ON reserve_case (drawn_at);

-- the year's allotment, a refill, or what came over from the year before
ALTER TABLE reserve_allotment ADD COLUMN IF NOT EXISTS kind text NOT NULL DEFAULT 'year'
    CONSTRAINT reserve_allotment_kind CHECK (kind IN ('year', 'refill', 'carry'));

CREATE SEQUENCE IF NOT EXISTS recovery_id_seq INCREMENT BY 1;

-- owner: disbursement/funds
-- append-only
-- Money that is to be got back (追回): from whom, how much, for which case and why.
CREATE TABLE IF NOT EXISTS recovery (
    id           bigint      PRIMARY KEY,
    reserve_case bigint      NOT NULL,
    person       bigint      NOT NULL,
    amount_fen   bigint      NOT NULL,
    reason       text        NOT NULL,
    opened_by    text        NOT NULL,
    opened_at    timestamptz NOT NULL,
    CONSTRAINT recovery_amount CHECK (amount_fen > 0)
);
-- a case is recovered once
CREATE UNIQUE INDEX IF NOT EXISTS recovery_case ON recovery (reserve_case);
GRANT SELECT, INSERT ON recovery TO fenlu_app;

GRANT USAGE ON SEQUENCE recovery_id_seq TO fenlu_app;

CREATE SEQUENCE IF NOT EXISTS aid_plan_id_seq INCREMENT BY 1;

-- owner: disbursement/batch
-- One approval of temporary aid for a case (一次审批、分阶段救助, 一事一议): what is
-- approved for whom. Its approvals are rows of approval, bound to digest. changes
-- counts what was shortened or stopped since, and is the row others wait on.
CREATE TABLE IF NOT EXISTS aid_plan (
    id           bigint      PRIMARY KEY,
    number       text        NOT NULL,
    kind         text        NOT NULL,
    office       text        NOT NULL,
    person       bigint      NOT NULL,
    reason       text        NOT NULL,
    minutes      text        NOT NULL,
    approved_fen bigint      NOT NULL,
    maker        text        NOT NULL,
    made_at      timestamptz NOT NULL,
    digest       bytea       NOT NULL,
    changes      integer     NOT NULL DEFAULT 0,
    CONSTRAINT aid_plan_kind CHECK (kind IN ('staged', 'case_by_case')),
    CONSTRAINT aid_plan_amount CHECK (approved_fen > 0)
);
-- the plan of a case
CREATE UNIQUE INDEX IF NOT EXISTS aid_plan_number ON aid_plan (number);
GRANT SELECT, INSERT, UPDATE ON aid_plan TO fenlu_app;

-- owner: disbursement/batch
-- append-only
-- What of a plan falls due when (分期). change 0 is the plan; a later one is what
-- the instalment was shortened to, 0 fen where it was stopped.
CREATE TABLE IF NOT EXISTS aid_instalment (
    plan       bigint      NOT NULL,
    no         integer     NOT NULL,
    change     integer     NOT NULL,
    due_on     date        NOT NULL,
    amount_fen bigint      NOT NULL,
    reason     text        NOT NULL,
    decided_by text        NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (plan, no, change),
    CONSTRAINT aid_instalment_amount CHECK (amount_fen >= 0)
);
GRANT SELECT, INSERT ON aid_instalment TO fenlu_app;

GRANT USAGE ON SEQUENCE aid_plan_id_seq TO fenlu_app;
