-- +goose NO TRANSACTION
-- +goose Up
-- A contract or an acceptance that was entered wrongly is voided by another person;
-- what was decided about entitlements, what other offices know and what amounts are
-- computed from has its leaf.

CREATE SEQUENCE IF NOT EXISTS service_void_id_seq INCREMENT BY 1;

-- owner: disbursement/funds
-- append-only
-- A contract or an acceptance was voided (作废): nothing is accepted, paid or counted
-- under it since, and its number is not used again.
CREATE TABLE IF NOT EXISTS service_void (
    id        bigint      PRIMARY KEY,
    kind      text        NOT NULL,
    of        bigint      NOT NULL,
    reason    text        NOT NULL,
    voided_by text        NOT NULL,
    voided_at timestamptz NOT NULL,
    CONSTRAINT service_void_kind CHECK (kind IN ('contract', 'acceptance'))
);
-- voided once; whether it is
CREATE UNIQUE INDEX IF NOT EXISTS service_void_of ON service_void (kind, of);
GRANT SELECT, INSERT ON service_void TO fenlu_app;
GRANT USAGE ON SEQUENCE service_void_id_seq TO fenlu_app;

-- their numbers are drawn in blocks: with steps of one, the second file of facts
-- drew numbers of the first
ALTER SEQUENCE entitlement_event_id_seq INCREMENT BY 1000;
ALTER SEQUENCE outside_fact_id_seq INCREMENT BY 1000;
ALTER SEQUENCE household_fact_id_seq INCREMENT BY 1000;

-- rows of before leaves were kept have none
ALTER TABLE entitlement_event ADD COLUMN IF NOT EXISTS in_log boolean NOT NULL DEFAULT false;
ALTER TABLE outside_fact ADD COLUMN IF NOT EXISTS in_log boolean NOT NULL DEFAULT false;
ALTER TABLE household_fact ADD COLUMN IF NOT EXISTS in_log boolean NOT NULL DEFAULT false;

-- at least what is used of a decision to advance: what was advanced since it was last
-- counted is added, so that a step of a large list does not count all steps before
-- it; NULL: count
ALTER TABLE advance_lock ADD COLUMN IF NOT EXISTS bound_fen bigint;
