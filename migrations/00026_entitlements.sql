-- +goose NO TRANSACTION
-- +goose Up
-- Which aid excludes which, until when people are entitled, and what other
-- offices know about them.

CREATE SEQUENCE IF NOT EXISTS exclusion_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS entitlement_event_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS outside_fact_id_seq INCREMENT BY 1;

-- owner: disbursement/entitlements
-- append-only
-- A row of the exclusivity matrix (互斥矩阵): from a date on, in an area, who is paid
-- the one may not be paid the other in the same month, or not while a fact holds.
-- An empty component is every component; class is a LIKE pattern.
CREATE TABLE IF NOT EXISTS exclusion (
    id              bigint      PRIMARY KEY,
    area_code       text        NOT NULL,
    valid_from      date        NOT NULL,
    program         text        NOT NULL,
    component       text        NOT NULL,
    class           text        NOT NULL,
    other_program   text        NOT NULL,
    other_component text        NOT NULL,
    other_class     text        NOT NULL,
    fact            text        NOT NULL,
    scope           text        NOT NULL,
    effect          text        NOT NULL,
    document        text        NOT NULL,
    clause          text        NOT NULL,
    quote           text        NOT NULL,
    import_file     bigint      NOT NULL,
    recorded_at     timestamptz NOT NULL,
    CONSTRAINT exclusion_other CHECK ((other_program = '') <> (fact = '')),
    CONSTRAINT exclusion_scope CHECK (scope IN ('person', 'household')),
    CONSTRAINT exclusion_effect CHECK (effect IN ('block', 'reason', 'note', 'allow'))
);
-- one row for a pair, area and date
CREATE UNIQUE INDEX IF NOT EXISTS exclusion_row ON exclusion (program, component, class, other_program, other_component, other_class, fact, scope, area_code, valid_from);
GRANT SELECT, INSERT ON exclusion TO fenlu_app;

-- owner: disbursement/entitlements
-- append-only
-- What was decided about somebody's entitlement to a program (待遇审批): approved,
-- reviewed, changed, stopped. household is set where it is the household's.
CREATE TABLE IF NOT EXISTS entitlement_event (
    id           bigint      PRIMARY KEY,
    person       bigint      NOT NULL,
    household    bigint,
    program      text        NOT NULL,
    event        text        NOT NULL,
    on_date      date        NOT NULL,
    review_class text        NOT NULL,
    valid_until  date,
    next_review  date,
    grace        boolean     NOT NULL,
    document     text        NOT NULL,
    import_file  bigint      NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT entitlement_event_kind CHECK (event IN ('approved', 'reviewed', 'changed', 'stopped')),
    CONSTRAINT entitlement_event_class CHECK (review_class IN ('', 'stable', 'changing'))
);
-- the events of people in a program
CREATE UNIQUE INDEX IF NOT EXISTS entitlement_event_person ON entitlement_event (person, program, event, on_date);
-- the events of households in a program
CREATE INDEX IF NOT EXISTS entitlement_event_household ON entitlement_event (household, program) WHERE household IS NOT NULL;
GRANT SELECT, INSERT ON entitlement_event TO fenlu_app;

-- owner: disbursement/entitlements
-- append-only
-- What another office knows about somebody (外部信息), by blind index: people need
-- not be on record. A later row for the same kind and first day replaces.
CREATE TABLE IF NOT EXISTS outside_fact (
    id          bigint      PRIMARY KEY,
    id_blind    bytea       NOT NULL,
    person      bigint,
    kind        text        NOT NULL,
    from_on     date        NOT NULL,
    to_on       date,
    source      text        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL
);
-- what is known about a number, once in a file
CREATE UNIQUE INDEX IF NOT EXISTS outside_fact_blind ON outside_fact (id_blind, kind, from_on, import_file);
-- what is known about somebody whose number was another
CREATE INDEX IF NOT EXISTS outside_fact_person ON outside_fact (person) WHERE person IS NOT NULL;
GRANT SELECT, INSERT ON outside_fact TO fenlu_app;

GRANT USAGE ON SEQUENCE exclusion_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE entitlement_event_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE outside_fact_id_seq TO fenlu_app;
