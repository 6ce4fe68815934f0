package trace

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
)

// crossChecks compare what different domains wrote about the same money, and
// the views outsiders read with the tables under them.
var crossChecks = []check.Query{
	{Promise: 2, Check: "cross_lot", SQL: `
		SELECT 'lot ' || coalesce(l.id, dl.lot)::text, 'size ' || coalesce(l.size_fen, 0)::text || ', document line ' || coalesce(dl.fen, 0)::text
			|| ' fen in ' || coalesce(dl.n, 0)::text || ' lines'
		FROM (SELECT id, size_fen FROM lot WHERE kind = 'appropriation') l
		FULL JOIN (SELECT lot, count(*) AS n, sum(amount_fen)::bigint AS fen FROM document_line WHERE kind = 'bring' GROUP BY lot) dl ON dl.lot = l.id
		WHERE l.id IS NULL OR dl.n IS DISTINCT FROM 1 OR dl.fen <> l.size_fen
		ORDER BY 1`},
	{Promise: 3, Check: "x_piece_cover", SQL: `
		SELECT 'x_piece ' || x.lot::text || '@' || x.offset_fen::text, 'previous ends at ' || x.before::text
		FROM (SELECT lot, offset_fen, coalesce(lag(offset_fen + amount_fen) OVER (PARTITION BY lot ORDER BY offset_fen), 0) AS before FROM x_piece) x
		WHERE x.offset_fen <> x.before ORDER BY x.lot, x.offset_fen`},
	{Promise: 3, Check: "x_piece_size", SQL: `
		SELECT 'lot ' || l.id::text, 'size ' || l.size_fen::text || ', x_piece ' || coalesce(x.fen, 0)::text
		FROM lot l LEFT JOIN (SELECT lot, sum(amount_fen)::bigint AS fen FROM x_piece GROUP BY lot) x ON x.lot = l.id
		WHERE l.size_fen <> coalesce(x.fen, 0) ORDER BY l.id`},
	{Promise: 1, Check: "cross_views", SQL: `
		SELECT 'view ' || name, shown::text || ' rows, table ' || kept::text FROM (
			SELECT 'x_transfer' AS name, (SELECT count(*) FROM x_transfer) AS shown, (SELECT count(*) FROM transfer) AS kept
			UNION ALL SELECT 'x_piece', (SELECT count(*) FROM x_piece), (SELECT count(*) FROM piece)
			UNION ALL SELECT 'x_line', (SELECT count(*) FROM x_line), (SELECT count(*) FROM entitlement_line)
			UNION ALL SELECT 'x_payment', (SELECT count(*) FROM x_payment), (SELECT count(*) FROM payment)
			UNION ALL SELECT 'x_attempt', (SELECT count(*) FROM x_attempt), (SELECT count(*) FROM attempt)
			UNION ALL SELECT 'x_lot', (SELECT count(*) FROM x_lot), (SELECT count(*) FROM lot)) v
		WHERE shown <> kept ORDER BY name`},
	{Promise: 4, Check: "cross_line_legs", SQL: `
		SELECT 'entitlement_line ' || e.id::text, 'amount ' || e.amount_fen::text || ', legs ' || coalesce(s.fen, 0)::text
		FROM entitlement_line e
		JOIN batch b ON b.id = e.batch AND b.state IN ('approved', 'released', 'reconciled', 'closed')
		LEFT JOIN (SELECT line, sum(amount_fen)::bigint AS fen FROM holding WHERE account IS NOT NULL GROUP BY line) s ON s.line = e.id
		WHERE e.status = 'listed' AND coalesce(s.fen, 0) <> e.amount_fen
			AND NOT EXISTS (SELECT 1 FROM once_key o WHERE o.line = e.id AND o.freed IS NOT NULL)
		ORDER BY e.id`},
	{Promise: 4, Check: "cross_leg", SQL: `
		SELECT 'holding ' || h.id::text, 'line ' || h.line::text || ', payment ' || h.payment::text || ', party ' || h.party::text
		FROM holding h LEFT JOIN entitlement_line e ON e.id = h.line LEFT JOIN payment p ON p.id = h.payment
		WHERE e.id IS NULL OR p.id IS NULL OR p.batch <> e.batch OR h.party <> coalesce(e.person, e.unit)
		ORDER BY h.id`},
	{Promise: 9, Check: "cross_attempt", SQL: `
		SELECT 'attempt ' || v.id::text, 'state ' || v.state || ', booked ' || v.kept_booked_fen::text || ', returned ' || v.kept_returned_fen::text ||
			'; evidence says ' || CASE WHEN v.says = '' THEN 'nothing' ELSE v.says END || ', ' || v.booked_fen::text || ', ' || v.returned_fen::text
		FROM (` + verdicts + `) v
		WHERE v.state <> 'stopped' AND (v.kept_booked_fen <> v.booked_fen OR v.kept_returned_fen <> v.returned_fen
			OR (v.says <> '' AND v.state <> v.says) OR (v.says = '' AND v.state NOT IN ('written', 'sent', 'unknown')))
		ORDER BY v.id`},
}

// rowsOfPromises says how many rows each promise was re-derived from: what a
// reader wants to know beside "kept".
func rowsOfPromises(ctx context.Context, q db.Querier) (map[int]int, error) {
	out := map[int]int{}
	var promise, n int
	rows, err := q.Query(ctx, `
		SELECT 1, count(*) FROM transfer UNION ALL SELECT 2, count(*) FROM account UNION ALL SELECT 3, count(*) FROM piece
		UNION ALL SELECT 4, count(*) FROM once_key UNION ALL SELECT 5, count(*) FROM claim UNION ALL SELECT 6, count(*) FROM journal
		UNION ALL SELECT 7, count(*) FROM approval UNION ALL SELECT 8, (SELECT count(*) FROM journal) + (SELECT count(*) FROM import_file) + (SELECT count(*) FROM evidence_file)
		UNION ALL SELECT 9, count(*) FROM evidence
		UNION ALL SELECT 10, count(*) FROM log_leaf UNION ALL SELECT 12, count(*) FROM person_version`)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&promise, &n}, func() error { out[promise] = n; return nil })
	}
	if err != nil {
		return nil, fmt.Errorf("count rows of promises: %w", err)
	}
	return out, nil
}
