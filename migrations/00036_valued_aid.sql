-- +goose NO TRANSACTION
-- +goose Up
-- Aid that is no money of ours, by its value.

CREATE SEQUENCE IF NOT EXISTS valued_aid_id_seq INCREMENT BY 1;

-- owner: disbursement/entitlements
-- append-only
-- Aid that was given in kind or as a service, or an institution's operating quota
-- (折价救助), with what it was worth and whose money paid it. It moves nothing in the
-- ledger. Exactly one of person and unit received it.
CREATE TABLE IF NOT EXISTS valued_aid (
    id          bigint      PRIMARY KEY,
    number      text        NOT NULL,
    form        text        NOT NULL,
    scheme      text        NOT NULL,
    source      text        NOT NULL,
    person      bigint,
    unit        bigint,
    given_on    date        NOT NULL,
    what        text        NOT NULL,
    quantity    bigint      NOT NULL,
    value_fen   bigint      NOT NULL,
    document    text        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT valued_aid_form CHECK (form IN ('goods', 'service', 'quota')),
    CONSTRAINT valued_aid_receiver CHECK ((person IS NULL) <> (unit IS NULL)),
    CONSTRAINT valued_aid_quota CHECK (form <> 'quota' OR unit IS NOT NULL),
    CONSTRAINT valued_aid_amounts CHECK (quantity > 0 AND value_fen > 0)
);
-- a record is there once
CREATE UNIQUE INDEX IF NOT EXISTS valued_aid_number ON valued_aid (number);
-- the aid of some days
CREATE INDEX IF NOT EXISTS valued_aid_day ON valued_aid (given_on, id);
GRANT SELECT, INSERT ON valued_aid TO fenlu_app;

GRANT USAGE ON SEQUENCE valued_aid_id_seq TO fenlu_app;
