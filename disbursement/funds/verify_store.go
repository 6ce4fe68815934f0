package funds

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
)

// checks compare what the papers say with what the ledger holds. Each selects
// the row that is wrong and the numbers that disagree.
var checks = []check.Query{
	{Promise: 2, Check: "lot_document", SQL: `
		SELECT 'lot ' || l.id::text, 'size ' || l.size_fen::text || ', lines that brought it ' || count(dl.id)::text ||
			', on paper ' || coalesce(sum(dl.amount_fen)::bigint, 0)::text
		FROM lot l LEFT JOIN document_line dl ON dl.lot = l.id AND dl.kind = 'bring'
		WHERE l.kind = 'appropriation'
		GROUP BY l.id, l.size_fen
		HAVING count(dl.id) <> 1 OR coalesce(sum(dl.amount_fen)::bigint, 0) <> l.size_fen
		ORDER BY l.id`},
	{Promise: 2, Check: "cuts_withdrawn", SQL: `
		SELECT 'lot ' || l.id::text, 'cut on paper ' || coalesce(c.fen, 0)::text || ', withdrawn ' || coalesce(w.fen, 0)::text
		FROM lot l
		LEFT JOIN (SELECT lot, sum(amount_fen)::bigint AS fen FROM document_line WHERE kind = 'cut' GROUP BY lot) c ON c.lot = l.id
		LEFT JOIN (SELECT lot, sum(balance_fen)::bigint AS fen FROM account WHERE kind = 'withdrawn' GROUP BY lot) w ON w.lot = l.id
		WHERE coalesce(c.fen, 0) <> coalesce(w.fen, 0) ORDER BY l.id`},
	{Promise: 2, Check: "cut_line", SQL: `
		SELECT 'document_line ' || c.id::text, 'lot ' || c.lot::text || ', cuts line ' || coalesce(c.cuts_line, 0)::text || ' of lot ' || coalesce(b.lot, 0)::text
		FROM document_line c LEFT JOIN document_line b ON b.id = c.cuts_line AND b.kind = 'bring'
		WHERE c.kind = 'cut' AND b.lot IS DISTINCT FROM c.lot ORDER BY c.id`},
	{Promise: 2, Check: "move_transfers", SQL: `
		SELECT 'document_line ' || m.id::text, 'on paper ' || m.amount_fen::text || ', transfers ' || coalesce(s.fen, 0)::text || ' in journal ' || m.journal::text
		FROM document_line m LEFT JOIN (
			SELECT t.journal, c.budget_line AS from_line, d.budget_line AS to_line, t.lot, sum(t.amount_fen)::bigint AS fen
			FROM transfer t JOIN account c ON c.id = t.credit JOIN account d ON d.id = t.debit
			WHERE t.journal IN (SELECT journal FROM document_line WHERE kind = 'move')
			GROUP BY t.journal, c.budget_line, d.budget_line, t.lot) s
			ON s.journal = m.journal AND s.from_line = m.from_budget_line AND s.to_line = m.to_budget_line AND s.lot = m.lot
		WHERE m.kind = 'move' AND m.amount_fen <> coalesce(s.fen, 0) ORDER BY m.id`},
	{Promise: 2, Check: "line_journal", SQL: `
		SELECT 'document_line ' || dl.id::text, 'journal ' || dl.journal::text || ' has cause ' || coalesce(j.cause, '?') || ', document ' || dl.document::text
		FROM document_line dl LEFT JOIN journal j ON j.id = dl.journal
		WHERE j.cause IS DISTINCT FROM 'document:' || dl.document::text ORDER BY dl.id`},
	{Promise: 2, Check: "document_journal", SQL: `
		SELECT 'journal ' || j.id::text, 'moved ' || j.amount_fen::text || ', lines of ' || j.cause || ' ' || coalesce(s.fen, 0)::text
		FROM journal j LEFT JOIN (SELECT journal, sum(amount_fen)::bigint AS fen FROM document_line GROUP BY journal) s ON s.journal = j.id
		WHERE j.cause LIKE 'document:%' AND j.amount_fen <> coalesce(s.fen, 0) ORDER BY j.id`},
	// A document is of one kind, except a correction, one that settles an advance
	// notice with a cut, and one that includes exactly its advance and has no line.
	{Promise: 2, Check: "document_lines", SQL: `
		SELECT 'document ' || d.id::text, d.kind || ', lines ' || count(dl.id)::text || ', of another kind ' || (count(*) FILTER (WHERE dl.kind <> d.kind))::text
		FROM document d LEFT JOIN document_line dl ON dl.document = d.id
		GROUP BY d.id, d.kind, d.type
		HAVING NOT EXISTS (SELECT 1 FROM document_inclusion i WHERE i.document = d.id)
			AND (count(dl.id) = 0 OR d.type <> 'correction' AND count(*) FILTER (WHERE dl.kind <> d.kind) > 0) ORDER BY d.id`},
	{Promise: 2, Check: "document_type", SQL: `
		SELECT 'document ' || d.id::text, 'type ' || d.type || ', kind ' || d.kind || ', year ' || d.year::text || ', issued ' || d.issued_on::text
		FROM document d
		WHERE d.type <> '' AND (
			CASE d.type WHEN 'issue' THEN 'bring' WHEN 'advance' THEN 'bring' WHEN 'addition' THEN 'bring' WHEN 'reduction' THEN 'cut'
				WHEN 'clawback' THEN 'cut' WHEN 'correction' THEN d.kind WHEN 'transfer' THEN 'move' WHEN 'recoding' THEN 'move'
				WHEN 'allocation' THEN 'move' WHEN 'carry_over' THEN 'move' WHEN 'set_aside' THEN 'move' WHEN 'reserve' THEN 'move'
				WHEN 'reversal' THEN 'move' ELSE '' END <> d.kind
			OR d.type = 'advance' AND d.year <> extract(year FROM d.issued_on) + 1)
		ORDER BY d.id`},
	// What a line that settles advance notices entered is its amount on paper less
	// what it includes of them.
	{Promise: 2, Check: "inclusion_amount", SQL: `
		SELECT 'document_inclusion ' || i.document::text || '/' || i.line_no::text, 'on paper ' || i.paper::text || ', included ' || i.included::text ||
			', entered ' || coalesce(dl.fen, 0)::text
		FROM (SELECT document, line_no, min(paper_fen) AS paper, max(paper_fen) AS highest, sum(included_fen)::bigint AS included
			FROM document_inclusion GROUP BY document, line_no) i
		LEFT JOIN (SELECT x.document, x.line_no % 10000 AS line_no, sum(CASE x.kind WHEN 'cut' THEN -x.amount_fen ELSE x.amount_fen END)::bigint AS fen
			FROM document_line x WHERE x.document IN (SELECT document FROM document_inclusion) GROUP BY x.document, x.line_no % 10000) dl
			ON dl.document = i.document AND dl.line_no = i.line_no
		WHERE i.paper <> i.highest OR i.paper - i.included <> coalesce(dl.fen, 0) ORDER BY i.document, i.line_no`},
	{Promise: 2, Check: "inclusion_advance", SQL: `
		SELECT 'document_inclusion ' || i.document::text || '/' || i.line_no::text, 'settles line ' || i.advance_line::text || ' of ' || coalesce(d.type, '?')
		FROM document_inclusion i LEFT JOIN document_line dl ON dl.id = i.advance_line AND dl.kind = 'bring' LEFT JOIN document d ON d.id = dl.document
		WHERE i.word <> 'within' AND d.type IS DISTINCT FROM 'advance' OR i.included_fen > dl.amount_fen OR i.word = 'within' AND (dl.id IS NULL OR d.type = 'advance')
		ORDER BY i.document, i.line_no`},
	// Late advance notices say no more of a line than it brought.
	{Promise: 2, Check: "inclusion_within", SQL: `
		SELECT 'document_line ' || dl.id::text, 'brought ' || dl.amount_fen::text || ', late advance notices ' || sum(i.included_fen)::bigint::text
		FROM document_inclusion i JOIN document_line dl ON dl.id = i.advance_line
		WHERE i.word = 'within' GROUP BY dl.id, dl.amount_fen HAVING sum(i.included_fen) > dl.amount_fen ORDER BY dl.id`},
	// Money of a coming year says from which day it may be drawn on.
	{Promise: 5, Check: "line_opening", SQL: `
		SELECT 'budget_line ' || b.id::text, 'year ' || b.year::text || ', opens ' || coalesce(o.opens_on::text, 'at once')
		FROM document d JOIN document_line dl ON dl.document = d.id AND dl.kind = 'bring'
		JOIN budget_line b ON b.document_line = dl.id
		LEFT JOIN line_opening o ON o.lot = b.lot AND o.budget_line = b.id
		WHERE d.type = 'advance' AND extract(year FROM d.recorded_at AT TIME ZONE 'Asia/Shanghai') < d.year
			AND (o.opens_on IS NULL OR extract(year FROM o.opens_on) < b.year) ORDER BY b.id`},
	{Promise: 2, Check: "budget_line_lot", SQL: `
		SELECT 'budget_line ' || b.id::text, 'lot ' || b.lot::text || ' number ' || b.number || ', document line ' || b.document_line::text ||
			' lot ' || coalesce(dl.lot, 0)::text || ' number ' || coalesce(d.number, '?') || ', parent lot ' || coalesce(p.lot, b.lot)::text
		FROM budget_line b
		LEFT JOIN document_line dl ON dl.id = b.document_line AND dl.to_budget_line = b.id
		LEFT JOIN document d ON d.id = dl.document
		LEFT JOIN budget_line p ON p.id = b.parent
		WHERE b.purpose <> 'receipt' AND (dl.lot IS DISTINCT FROM b.lot OR d.number IS DISTINCT FROM b.number OR d.year IS DISTINCT FROM b.year
			OR (b.parent IS NOT NULL AND p.lot IS DISTINCT FROM b.lot))
		ORDER BY b.id`},
	{Promise: 2, Check: "account_budget_line", SQL: `
		SELECT 'account ' || a.id::text, a.kind || ' of lot ' || a.lot::text || ', budget line ' || a.budget_line::text || ' of lot ' ||
			coalesce(b.lot, 0)::text || ' for ' || coalesce(b.purpose, '?')
		FROM account a JOIN lot l ON l.id = a.lot AND l.kind = 'appropriation'
		LEFT JOIN budget_line b ON b.id = a.budget_line
		WHERE b.lot IS DISTINCT FROM a.lot OR (a.kind = 'carveout') AND b.purpose <> 'carveout' OR (a.kind = 'reserve') AND b.purpose <> 'reserve'
		ORDER BY a.id`},
	{Promise: 2, Check: "allotment_transfers", SQL: `
		SELECT 'reserve_allotment ' || r.township || '/' || r.year::text || '/' || r.budget_line::text,
			'allotted ' || r.amount_fen::text || ', transfers ' || coalesce(s.fen, 0)::text || ', account of ' || coalesce(a.township, '?')
		FROM reserve_allotment r
		LEFT JOIN account a ON a.id = r.account
		LEFT JOIN (SELECT t.journal, t.debit, sum(t.amount_fen)::bigint AS fen FROM transfer t
			WHERE t.journal IN (SELECT journal FROM reserve_allotment) GROUP BY t.journal, t.debit) s ON s.journal = r.journal AND s.debit = r.account
		WHERE r.amount_fen <> coalesce(s.fen, 0) OR a.township IS DISTINCT FROM r.township OR a.budget_line IS DISTINCT FROM r.budget_line
		ORDER BY r.township, r.year, r.budget_line`},
	{Promise: 2, Check: "reserve_allotted", SQL: `
		SELECT 'account ' || a.id::text, 'reserve of ' || a.township || ' on budget line ' || a.budget_line::text || ' was never allotted'
		FROM account a LEFT JOIN reserve_allotment r ON r.account = a.id
		WHERE a.kind = 'reserve' AND r.account IS NULL ORDER BY a.id`},
	// What a township was given in all is its residents at the rate that a rule
	// of its county (or of what stands above) had when it was given, less what it
	// had carried over by then where residents at the rate are a ceiling.
	{Promise: 2, Check: "allotment_rule", SQL: `
		SELECT 'reserve_allotment ' || g.township || '/' || g.year::text,
			'allotted ' || g.fen::text || ' for ' || g.residents::text || ' residents, rule gives ' || coalesce(max(r.per_resident_fen * g.residents), 0)::text
		FROM (SELECT a.township, a.year, a.journal, min(a.residents) AS residents, max(a.residents) AS highest, sum(a.amount_fen)::bigint AS fen, j.posted_at
			FROM reserve_allotment a LEFT JOIN journal j ON j.id = a.journal WHERE a.kind = 'year' GROUP BY a.township, a.year, a.journal, j.posted_at) g
		LEFT JOIN LATERAL (SELECT sum(e.delta_fen)::bigint AS fen FROM reserve_allotment c JOIN account_entry e ON e.account = c.account
			JOIN journal j ON j.id = e.journal AND (j.id = c.journal OR j.reverses = c.journal) AND j.id < g.journal
			WHERE c.township = g.township AND c.year = g.year AND c.kind = 'carry') k ON true
		LEFT JOIN reserve_rule r ON r.year = g.year AND r.recorded_at <= g.posted_at
			AND r.area_code IN (substr(g.township, 1, 6) || '000000', substr(g.township, 1, 4) || '00000000', substr(g.township, 1, 2) || '0000000000')
			AND NOT EXISTS (SELECT 1 FROM reserve_rule later WHERE later.area_code = r.area_code AND later.year = r.year
				AND later.recorded_at > r.recorded_at AND later.recorded_at <= g.posted_at)
		GROUP BY g.township, g.year, g.fen, g.residents, g.highest, k.fen
		HAVING g.residents <> g.highest OR count(*) FILTER (WHERE r.per_resident_fen * g.residents - g.fen IN (0, coalesce(k.fen, 0))) = 0
		ORDER BY g.township, g.year`},
	// Never more is paid of a lot than it was issued, but for what a cut took
	// that was spent, which stands in shortfall.
	{Promise: 2, Check: "paid_issued", SQL: `
		SELECT 'lot ' || l.id::text, 'issued ' || l.size_fen::text || ', withdrawn ' || coalesce(s.withdrawn, 0)::text || ', paid ' || coalesce(s.paid, 0)::text
		FROM lot l JOIN (SELECT lot, sum(balance_fen) FILTER (WHERE kind = 'paid')::bigint AS paid,
				sum(balance_fen) FILTER (WHERE kind = 'withdrawn')::bigint AS withdrawn, sum(balance_fen) FILTER (WHERE kind = 'shortfall')::bigint AS short
			FROM account GROUP BY lot) s ON s.lot = l.id
		WHERE coalesce(s.paid, 0) > l.size_fen - coalesce(s.withdrawn, 0) - coalesce(s.short, 0) ORDER BY l.id`},
	{Promise: 2, Check: "cash_arrival", SQL: `
		SELECT 'lot ' || x.lot::text, 'brought ' || coalesce(dl.amount_fen, 0)::text || ', cash ' || (x.fen + coalesce(dl.cash_arrived_fen, 0))::text
		FROM (SELECT lot, sum(amount_fen)::bigint AS fen FROM cash_arrival GROUP BY lot) x
		LEFT JOIN document_line dl ON dl.lot = x.lot AND dl.kind = 'bring'
		WHERE x.fen + coalesce(dl.cash_arrived_fen, 0) > coalesce(dl.amount_fen, 0) ORDER BY x.lot`},
	{Promise: 1, Check: "fund_receipt", SQL: `
		SELECT 'fund_receipt ' || r.id::text, 'amount ' || r.amount_fen::text || ', lot ' || coalesce(l.kind, '?') || ' of ' || coalesce(l.size_fen, 0)::text ||
			', remitted ' || coalesce(m.fen, 0)::text || ', surrendered ' || coalesce(a.fen, 0)::text
		FROM fund_receipt r LEFT JOIN lot l ON l.id = r.lot
		LEFT JOIN (SELECT receipt, sum(amount_fen)::bigint AS fen FROM receipt_remittance GROUP BY receipt) m ON m.receipt = r.id
		LEFT JOIN (SELECT lot, sum(balance_fen)::bigint AS fen FROM account WHERE kind = 'surrendered' GROUP BY lot) a ON a.lot = r.lot
		WHERE l.kind IS DISTINCT FROM 'receipt' OR l.size_fen <> r.amount_fen OR coalesce(m.fen, 0) <> coalesce(a.fen, 0) ORDER BY r.id`},
	proof.Orphans("document_leaf", proof.KindDocument, "document"),
}

// Checks compares documents, budget lines and reserves with the ledger and the
// log, from the rows alone.
func Checks() []check.Job {
	return append(check.Jobs(slices.Concat(checks, claimChecks, advanceChecks), check.Job{Name: "document_leaf", Run: verifyLeaves}, check.Job{Name: "recovery_leaf", Run: verifyClaims},
		check.Job{Name: "township_advance_leaf", Run: verifyAdvances}),
		append(serviceJobs(), cashJobs()...)...)
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}

// verifyLeaves makes the leaf of every document again from its row and lines;
// there are hundreds.
func verifyLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	all, err := collect(ctx, q, "lines of documents", scanLine, `SELECT `+lineColumns+` FROM document_line dl ORDER BY dl.document, dl.line_no`)
	if err != nil {
		return nil, err
	}
	lines := map[DocumentID][]Line{}
	for _, l := range all {
		lines[l.Document] = append(lines[l.Document], l)
	}
	documents, err := collect(ctx, q, "documents", scanDocument, `SELECT `+documentColumns+` FROM document d ORDER BY d.id`)
	if err != nil {
		return nil, err
	}
	byID := make(map[DocumentID]Document, len(documents))
	for _, d := range documents {
		byID[d.ID] = d
	}
	inclusions, err := inclusionsOf(ctx, q, keys(byID))
	if err != nil {
		return nil, err
	}
	for id, list := range inclusions {
		d := byID[id]
		d.Inclusions = list
		byID[id] = d
	}
	rows, err := q.Query(ctx, `SELECT d.id, l.digest FROM document d LEFT JOIN logged l ON l.kind = 'document' AND l.ref = d.id ORDER BY d.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of documents: %w", err)
	}
	return proof.Recheck(rows, "document_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var id DocumentID
		var logged []byte
		err := row.Scan(&id, &logged)
		return proof.Row{Name: fmt.Sprintf("document %d", id), Leaf: DocumentLeaf(byID[id], lines[id]), Logged: logged}, err
	})
}
