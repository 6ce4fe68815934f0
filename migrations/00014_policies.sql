-- +goose NO TRANSACTION
-- +goose Up
-- How a standard is worked out, what it must keep to, and a catalogue that is
-- data with dates.

-- The area in which a policy row holds (区划代码); all zeros: everywhere.
ALTER TABLE policy ADD COLUMN IF NOT EXISTS area_code text NOT NULL DEFAULT '000000000000';

-- Two areas may have a standard for one class and date; a row that is worked
-- out has no amount of its own (0).
DROP INDEX IF EXISTS policy_row;
CREATE UNIQUE INDEX IF NOT EXISTS policy_row ON policy (program, component, class, area_code, valid_from);
ALTER TABLE policy DROP CONSTRAINT IF EXISTS policy_amount;
ALTER TABLE policy DROP CONSTRAINT IF EXISTS policy_amount_known;
ALTER TABLE policy ADD CONSTRAINT policy_amount_known CHECK (amount_fen >= 0);

-- owner: disbursement/benefits
-- append-only
-- How a policy row is worked out (计算方法): family, exact rates as text, the
-- terms of its base, and why it was taken in although a check spoke against it.
-- No row: the amount is given.
CREATE TABLE IF NOT EXISTS policy_formula (
    policy          integer PRIMARY KEY,
    family          text    NOT NULL,
    rate            text    NOT NULL,
    base            text    NOT NULL,
    operator        text    NOT NULL,
    least           text    NOT NULL,
    greatest        text    NOT NULL,
    operations      text    NOT NULL,
    round           text    NOT NULL,
    stated_from_fen bigint  NOT NULL,
    stated_rise     text    NOT NULL,
    reason          text    NOT NULL,
    CONSTRAINT policy_formula_policy FOREIGN KEY (policy) REFERENCES policy (id)
);
GRANT SELECT, INSERT ON policy_formula TO fenlu_app;

CREATE SEQUENCE IF NOT EXISTS policy_limit_id_seq INCREMENT BY 1;

-- owner: disbursement/benefits
-- append-only
-- What a standard must keep to (标准约束): a rate of a base, an order of classes,
-- one standard in a whole city. Documents that contradict each other have a row
-- each: document and clause are part of the key. class '' is every class.
CREATE TABLE IF NOT EXISTS policy_limit (
    id          integer     PRIMARY KEY,
    program     text        NOT NULL,
    component   text        NOT NULL,
    class       text        NOT NULL,
    area_code   text        NOT NULL,
    valid_from  date        NOT NULL,
    operator    text        NOT NULL,
    rate        text        NOT NULL,
    greatest    text        NOT NULL,
    base        text        NOT NULL,
    round       text        NOT NULL,
    binding     boolean     NOT NULL,
    document    text        NOT NULL,
    clause      text        NOT NULL,
    quote       text        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT policy_limit_operator CHECK (operator IN ('=', '≥', '≤', '>', '<', 'band', 'uniform'))
);
CREATE UNIQUE INDEX IF NOT EXISTS policy_limit_row ON policy_limit (program, component, class, area_code, valid_from, operator, base, document, clause);
GRANT SELECT, INSERT ON policy_limit TO fenlu_app;

-- From which month on a program is paid and until which (执行期间), by which
-- document; shipped programs have always been there.
ALTER TABLE program ADD COLUMN IF NOT EXISTS valid_from date NOT NULL DEFAULT '1949-10-01';
ALTER TABLE program ADD COLUMN IF NOT EXISTS valid_until date;
ALTER TABLE program ADD COLUMN IF NOT EXISTS document text NOT NULL DEFAULT '';

-- What a component is called at the one-card platform (一卡通项目编码), and on
-- which function codes urban and rural people of it stand (功能科目).
ALTER TABLE component ADD COLUMN IF NOT EXISTS item_code text NOT NULL DEFAULT '';
ALTER TABLE component ADD COLUMN IF NOT EXISTS function_urban text NOT NULL DEFAULT '';
ALTER TABLE component ADD COLUMN IF NOT EXISTS function_rural text NOT NULL DEFAULT '';

GRANT USAGE ON SEQUENCE policy_limit_id_seq TO fenlu_app;
