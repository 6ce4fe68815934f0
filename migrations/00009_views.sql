-- +goose NO TRANSACTION
-- +goose Up
-- The views outsiders may read (DESIGN §6.3): stable, columns are only ever
-- appended.

-- owner: migrations
CREATE OR REPLACE VIEW x_lot (lot, kind, document, brought_in_fen, withdrawn_fen) AS
SELECT l.id, l.kind, coalesce(d.number, ''), coalesce(dl.amount_fen, l.size_fen),
    coalesce((SELECT sum(c.amount_fen)::bigint FROM document_line c WHERE c.lot = l.id AND c.kind = 'cut'), 0)
FROM lot l
LEFT JOIN document_line dl ON dl.lot = l.id AND dl.kind = 'bring'
LEFT JOIN document d ON d.id = dl.document;

CREATE OR REPLACE VIEW x_account (id, kind, lot, budget_line, township) AS
SELECT id, kind, lot, budget_line, township FROM account;

CREATE OR REPLACE VIEW x_transfer (journal, line, lot, debit, credit, amount_fen, payment, party, posted_at) AS
SELECT t.journal, t.line, t.lot, t.debit, t.credit, t.amount_fen, t.payment, t.party, j.posted_at
FROM transfer t JOIN journal j ON j.id = t.journal;

CREATE OR REPLACE VIEW x_line (id, program, person, household, month, component, occasion, amount_fen) AS
SELECT id, program, person, household, month, component, occasion, amount_fen FROM entitlement_line;

-- place: a free account's kind; a leg's account kind, "paid" told apart by who
-- the line is for.
CREATE OR REPLACE VIEW x_piece (lot, offset_fen, amount_fen, place, line, payment) AS
SELECT p.lot, p.offset_fen, p.amount_fen, a.kind, NULL::bigint, NULL::bigint
FROM piece p JOIN account a ON a.id = p.account
UNION ALL
SELECT p.lot, p.offset_fen, p.amount_fen,
    CASE WHEN a.kind <> 'paid' THEN a.kind WHEN e.unit IS NULL THEN 'paid_persons' ELSE 'paid_units' END,
    h.line, h.payment
FROM piece p
JOIN leg h ON h.id = p.holding
JOIN account a ON a.id = h.account
LEFT JOIN entitlement_line e ON e.id = h.line;

-- A payment's state is its latest attempt's; formed before the first, stopped
-- when its last line was taken out before release.
CREATE OR REPLACE VIEW x_payment (id, state, amount_fen) AS
SELECT p.id,
    CASE WHEN p.amount_fen = 0 THEN 'stopped'
         WHEN t.state IS NULL THEN 'formed'
         WHEN t.state = 'written' THEN 'sent' ELSE t.state END,
    p.amount_fen
FROM payment p
LEFT JOIN attempt t ON t.payment = p.id AND t.n = (SELECT max(u.n) FROM attempt u WHERE u.payment = p.id);

CREATE OR REPLACE VIEW x_attempt (id, payment, end_to_end_id, state, amount_fen, booked_fen, returned_fen) AS
SELECT id, payment, end_to_end_id, state, amount_fen, booked_fen, returned_fen FROM attempt;

CREATE OR REPLACE VIEW x_leaf (index, kind, digest) AS
SELECT leaf_index, kind, digest FROM log_leaf;

GRANT SELECT ON x_lot TO fenlu_app;
GRANT SELECT ON x_account TO fenlu_app;
GRANT SELECT ON x_transfer TO fenlu_app;
GRANT SELECT ON x_line TO fenlu_app;
GRANT SELECT ON x_piece TO fenlu_app;
GRANT SELECT ON x_payment TO fenlu_app;
GRANT SELECT ON x_attempt TO fenlu_app;
GRANT SELECT ON x_leaf TO fenlu_app;
GRANT SELECT ON x_lot TO fenlu_audit;
GRANT SELECT ON x_account TO fenlu_audit;
GRANT SELECT ON x_transfer TO fenlu_audit;
GRANT SELECT ON x_line TO fenlu_audit;
GRANT SELECT ON x_piece TO fenlu_audit;
GRANT SELECT ON x_payment TO fenlu_audit;
GRANT SELECT ON x_attempt TO fenlu_audit;
GRANT SELECT ON x_leaf TO fenlu_audit;
