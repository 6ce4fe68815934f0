-- +goose NO TRANSACTION
-- +goose Up
-- The catalogue of programs, pools, channels and approval chains, and the
-- dated policy rows.

CREATE SEQUENCE IF NOT EXISTS policy_id_seq INCREMENT BY 1;

-- owner: disbursement/benefits
CREATE TABLE IF NOT EXISTS program (
    code    text    PRIMARY KEY,
    name_zh text    NOT NULL,
    name_en text    NOT NULL,
    ord     integer NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON program TO fenlu_app;

-- owner: disbursement/benefits
CREATE TABLE IF NOT EXISTS component (
    program text NOT NULL,
    code    text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    PRIMARY KEY (program, code),
    CONSTRAINT component_program FOREIGN KEY (program) REFERENCES program (code)
);
GRANT SELECT, INSERT, UPDATE ON component TO fenlu_app;

-- owner: disbursement/benefits
-- A pool (资金池): which fund's lots of which level may pay a program, in which
-- order. A document line that names programs narrows it further.
CREATE TABLE IF NOT EXISTS pool (
    program text    NOT NULL,
    fund    text    NOT NULL,
    level   text    NOT NULL,
    ord     integer NOT NULL,
    PRIMARY KEY (program, fund, level)
);
GRANT SELECT, INSERT, UPDATE ON pool TO fenlu_app;

-- owner: disbursement/benefits
-- append-only
-- A policy row (政策标准): what a class of a component is owed from a date, by
-- which document and clause. rounding 'annual' pays month k of a yearly
-- standard as round(a*k/12) - round(a*(k-1)/12); 'fen' rounds once.
CREATE TABLE IF NOT EXISTS policy (
    id          integer     PRIMARY KEY,
    program     text        NOT NULL,
    component   text        NOT NULL,
    class       text        NOT NULL,
    valid_from  date        NOT NULL,
    period      text        NOT NULL,
    amount_fen  bigint      NOT NULL,
    rounding    text        NOT NULL,
    operator    text        NOT NULL,
    document    text        NOT NULL,
    clause      text        NOT NULL,
    quote       text        NOT NULL,
    import_file bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT policy_period CHECK (period IN ('month', 'year', 'once')),
    CONSTRAINT policy_rounding CHECK (rounding IN ('fen', 'annual')),
    CONSTRAINT policy_operator CHECK (operator IN ('exact', 'at_most')),
    CONSTRAINT policy_amount CHECK (amount_fen > 0)
);
CREATE UNIQUE INDEX IF NOT EXISTS policy_row ON policy (program, component, class, valid_from);
GRANT SELECT, INSERT ON policy TO fenlu_app;

-- owner: disbursement/benefits
-- append-only
-- What each level pays of a policy row (分担), in the row's period. No rows: the
-- pool pays in its order.
CREATE TABLE IF NOT EXISTS policy_layer (
    policy     integer NOT NULL,
    level      text    NOT NULL,
    amount_fen bigint  NOT NULL,
    PRIMARY KEY (policy, level),
    CONSTRAINT policy_layer_policy FOREIGN KEY (policy) REFERENCES policy (id),
    CONSTRAINT policy_layer_amount CHECK (amount_fen > 0)
);
GRANT SELECT, INSERT ON policy_layer TO fenlu_app;

INSERT INTO program (code, name_zh, name_en, ord) VALUES
    ('DB', '最低生活保障', 'Minimum living allowance', 1),
    ('TK', '特困人员救助供养', 'Support for the extremely poor', 2),
    ('LS', '临时救助', 'Temporary assistance', 3),
    ('ET', '孤儿和事实无人抚养儿童', 'Orphans and de facto unsupported children', 4),
    ('LL', '流浪乞讨人员救助', 'Assistance to homeless people', 5),
    ('CJ', '残疾人两项补贴', 'Disability allowances', 6)
ON CONFLICT (code) DO NOTHING;

INSERT INTO component (program, code, name_zh, name_en) VALUES
    ('DB', 'basic', '基本保障', 'Basic'),
    ('TK', 'basic', '基本生活', 'Basic living'),
    ('TK', 'care', '照料护理', 'Care'),
    ('LS', 'expense', '支出型', 'Expense'),
    ('LS', 'emergency', '急难型', 'Emergency'),
    ('ET', 'basic', '基本生活', 'Basic living'),
    ('LL', 'relief', '站内救助', 'Station relief'),
    ('CJ', 'living', '生活补贴', 'Living allowance'),
    ('CJ', 'nursing', '护理补贴', 'Nursing allowance')
ON CONFLICT (program, code) DO NOTHING;

INSERT INTO pool (program, fund, level, ord) VALUES
    ('DB', '困难群众救助补助资金', 'central', 1), ('DB', '困难群众救助补助资金', 'province', 2),
    ('DB', '困难群众救助补助资金', 'prefecture', 3), ('DB', '困难群众救助补助资金', 'county', 4),
    ('TK', '困难群众救助补助资金', 'central', 1), ('TK', '困难群众救助补助资金', 'province', 2),
    ('TK', '困难群众救助补助资金', 'prefecture', 3), ('TK', '困难群众救助补助资金', 'county', 4),
    ('LS', '困难群众救助补助资金', 'central', 1), ('LS', '困难群众救助补助资金', 'province', 2),
    ('LS', '困难群众救助补助资金', 'prefecture', 3), ('LS', '困难群众救助补助资金', 'county', 4),
    ('ET', '困难群众救助补助资金', 'central', 1), ('ET', '困难群众救助补助资金', 'province', 2),
    ('ET', '困难群众救助补助资金', 'prefecture', 3), ('ET', '困难群众救助补助资金', 'county', 4),
    ('ET', '福彩公益金', 'lottery', 5),
    ('LL', '困难群众救助补助资金', 'central', 1), ('LL', '困难群众救助补助资金', 'province', 2),
    ('LL', '困难群众救助补助资金', 'prefecture', 3), ('LL', '困难群众救助补助资金', 'county', 4),
    ('CJ', '残疾人两项补贴资金', 'province', 1), ('CJ', '残疾人两项补贴资金', 'county', 2)
ON CONFLICT (program, fund, level) DO NOTHING;

GRANT USAGE ON SEQUENCE policy_id_seq TO fenlu_app;
