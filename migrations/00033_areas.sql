-- +goose NO TRANSACTION
-- +goose Up
-- Areas change (区划变更), and offices belong to areas.

CREATE SEQUENCE IF NOT EXISTS area_change_id_seq INCREMENT BY 1;
CREATE SEQUENCE IF NOT EXISTS office_id_seq INCREMENT BY 1;

-- owner: disbursement/areas
-- append-only
-- A change of an area (区划变更): it was set up, renamed, merged into its successor
-- or abolished from a day on, by which document. Few rows: they are read whole.
CREATE TABLE IF NOT EXISTS area_change (
    id          bigint      PRIMARY KEY,
    code        text        NOT NULL,
    kind        text        NOT NULL,
    name        text        NOT NULL,
    successor   text        NOT NULL,
    valid_from  date        NOT NULL,
    document    text        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT area_change_kind CHECK (kind IN ('set_up', 'renamed', 'merged', 'abolished')),
    CONSTRAINT area_change_successor CHECK ((kind = 'merged') = (successor <> '') AND successor <> code),
    CONSTRAINT area_change_name CHECK ((kind IN ('set_up', 'renamed')) = (name <> ''))
);
-- one change of an area on a day
CREATE UNIQUE INDEX IF NOT EXISTS area_change_row ON area_change (code, valid_from);
GRANT SELECT, INSERT ON area_change TO fenlu_app;

-- owner: disbursement/areas
-- append-only
-- An office (单位): its code in the banks' ids, its name on budget lines, the area
-- that it works for, from a day on; closed from that day where it is.
CREATE TABLE IF NOT EXISTS office (
    id          bigint      PRIMARY KEY,
    code        text        NOT NULL,
    name        text        NOT NULL,
    area_code   text        NOT NULL,
    valid_from  date        NOT NULL,
    closed      boolean     NOT NULL,
    document    text        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL
);
-- one row of an office on a day
CREATE UNIQUE INDEX IF NOT EXISTS office_row ON office (code, valid_from);
GRANT SELECT, INSERT ON office TO fenlu_app;

GRANT USAGE ON SEQUENCE area_change_id_seq TO fenlu_app;
GRANT USAGE ON SEQUENCE office_id_seq TO fenlu_app;

-- Money of a merged township's reserve becomes its successor's.
ALTER TABLE reserve_allotment DROP CONSTRAINT IF EXISTS reserve_allotment_kind;
ALTER TABLE reserve_allotment ADD CONSTRAINT reserve_allotment_kind CHECK (kind IN ('year', 'refill', 'carry', 'merge'));
