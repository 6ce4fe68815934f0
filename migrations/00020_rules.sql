-- +goose NO TRANSACTION
-- +goose Up
-- The single figures of rules.

CREATE SEQUENCE IF NOT EXISTS rule_figure_id_seq INCREMENT BY 1;

-- owner: disbursement/rules
-- append-only
-- A figure of a rule (规则参数): from a date on, in an area, this is the value, by
-- which document and clause. value is exact text in the unit of its name.
CREATE TABLE IF NOT EXISTS rule_figure (
    id          bigint      PRIMARY KEY,
    name        text        NOT NULL,
    area_code   text        NOT NULL,
    valid_from  date        NOT NULL,
    value       text        NOT NULL,
    operator    text        NOT NULL,
    document    text        NOT NULL,
    clause      text        NOT NULL,
    quote       text        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT rule_figure_operator CHECK (operator IN ('=', '≥', '≤'))
);
-- the figure in force at a place on a date
CREATE UNIQUE INDEX IF NOT EXISTS rule_figure_row ON rule_figure (name, area_code, valid_from);
GRANT SELECT, INSERT ON rule_figure TO fenlu_app;

GRANT USAGE ON SEQUENCE rule_figure_id_seq TO fenlu_app;
