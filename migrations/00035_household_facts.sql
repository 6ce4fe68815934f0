-- +goose NO TRANSACTION
-- +goose Up
-- What amounts are computed from: the means of households, and why a line has
-- the amount that it has.

CREATE SEQUENCE IF NOT EXISTS household_fact_id_seq INCREMENT BY 1;

-- owner: disbursement/entitlements
-- append-only
-- A fact about a household's means or a member of it (家庭经济状况) from a day on.
-- household is set where it is the household's. A later row for the same fact and
-- first day replaces.
CREATE TABLE IF NOT EXISTS household_fact (
    id          bigint      PRIMARY KEY,
    person      bigint      NOT NULL,
    household   bigint,
    kind        text        NOT NULL,
    program     text        NOT NULL,
    component   text        NOT NULL,
    value       text        NOT NULL,
    from_on     date        NOT NULL,
    to_on       date,
    document    text        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT household_fact_kind CHECK (kind IN ('income', 'work_costs', 'allowance', 'members', 'class', 'uplift', 'disability', 'care')),
    CONSTRAINT household_fact_of CHECK (household IS NOT NULL OR kind NOT IN ('income', 'work_costs', 'allowance', 'members'))
);
-- the facts of people
CREATE INDEX IF NOT EXISTS household_fact_person ON household_fact (person) WHERE household IS NULL;
-- the facts of households
CREATE INDEX IF NOT EXISTS household_fact_household ON household_fact (household) WHERE household IS NOT NULL;
GRANT SELECT, INSERT ON household_fact TO fenlu_app;

-- everybody with an entitlement to a program
CREATE INDEX IF NOT EXISTS entitlement_event_program ON entitlement_event (program, person);

-- owner: disbursement/batch
-- append-only
-- Why a computed line has its amount, in the words of the day it was computed:
-- what a clerk reads aloud. The digest of a computed list covers them.
CREATE TABLE IF NOT EXISTS line_explanation (
    line     bigint PRIMARY KEY,
    steps_zh text   NOT NULL,
    steps_en text   NOT NULL
);
GRANT SELECT, INSERT ON line_explanation TO fenlu_app;

GRANT USAGE ON SEQUENCE household_fact_id_seq TO fenlu_app;
