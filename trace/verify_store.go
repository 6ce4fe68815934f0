package trace

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
)

// monthDue is what a policy makes of each month that a line names it for, by
// operator: layer by layer where it has layers, each by the row's rounding.
const monthDue = `(SELECT k.policy, k.month, p.operator, sum(CASE WHEN p.period <> 'year' THEN a.fen
					WHEN p.rounding = 'annual' THEN div(2 * a.fen * k.no + 12, 24)::bigint - div(2 * a.fen * (k.no - 1) + 12, 24)::bigint
					ELSE div(2 * a.fen + 12, 24)::bigint END)::bigint AS fen
			FROM (SELECT DISTINCT policy, month, substr(month, 6, 2)::bigint AS no FROM entitlement_line) k
			JOIN policy p ON p.id = k.policy
			JOIN (SELECT policy, amount_fen AS fen FROM policy_layer
				UNION ALL SELECT w.id, w.amount_fen FROM policy w WHERE NOT EXISTS (SELECT 1 FROM policy_layer y WHERE y.policy = w.id)) a ON a.policy = p.id
			GROUP BY k.policy, k.month, p.operator)`

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
			UNION ALL SELECT 'x_attempt', (SELECT count(*) FROM x_attempt), (SELECT count(*) FROM attempt a JOIN bank_file f ON f.id = a.file)
			UNION ALL SELECT 'x_lot', (SELECT count(*) FROM x_lot), (SELECT count(*) FROM lot)) v
		WHERE shown <> kept ORDER BY name`},
	{Promise: 4, Check: "cross_line_legs", SQL: `
		SELECT 'entitlement_line ' || e.id::text, 'amount ' || e.amount_fen::text || ', legs ' || coalesce(s.fen, 0)::text
		FROM entitlement_line e
		JOIN batch b ON b.id = e.batch AND b.state IN ('approved', 'releasing', 'released', 'reconciled', 'closed')
		LEFT JOIN (SELECT line, sum(amount_fen)::bigint AS fen FROM leg WHERE account IS NOT NULL GROUP BY line) s ON s.line = e.id
		LEFT JOIN (SELECT line, sum(amount_fen)::bigint AS fen FROM recovery_settled WHERE way = 'lot' GROUP BY line) r ON r.line = e.id
		WHERE e.status = 'listed' AND coalesce(s.fen, 0) + coalesce(r.fen, 0) <> e.amount_fen
			AND NOT EXISTS (SELECT 1 FROM once_key o WHERE o.line = e.id AND o.freed IS NOT NULL)
		ORDER BY e.id`},
	{Promise: 4, Check: "cross_leg", SQL: `
		SELECT 'holding ' || h.id::text, 'line ' || h.line::text || ', payment ' || h.payment::text || ', party ' || h.party::text
		FROM leg h LEFT JOIN entitlement_line e ON e.id = h.line LEFT JOIN payment p ON p.id = h.payment
		WHERE e.id IS NULL OR p.id IS NULL OR p.batch <> e.batch OR h.party <> coalesce(e.person, e.unit)
		ORDER BY h.id`},
	{Promise: 9, Check: "cross_attempt", SQL: `
		SELECT 'attempt ' || v.id::text, 'state ' || v.state || ', booked ' || v.kept_booked_fen::text || ', returned ' || v.kept_returned_fen::text ||
			'; evidence says ' || CASE WHEN v.says = '' THEN 'nothing' ELSE v.says END || ', ' || v.booked_fen::text || ', ' || v.returned_fen::text
		FROM (` + verdicts + `) v
		WHERE v.state <> 'stopped' AND (v.kept_booked_fen <> v.booked_fen OR v.kept_returned_fen <> v.returned_fen
			OR (v.says <> '' AND v.state <> v.says) OR (v.says = '' AND v.state NOT IN ('written', 'sent', 'unknown')))
		ORDER BY v.id`},
	// The first instruction of a payment goes where its lines say, others where
	// their list says; those whose release was given back count for nothing.
	{Promise: 4, Check: "cross_attempt_account", SQL: `
		SELECT 'attempt ' || a.id::text, 'number ' || a.n::text || ' to account ' || a.account::text || ', asked for ' ||
			CASE WHEN a.n <= 1 + coalesce(z.n, 0) THEN coalesce(l.lowest::text, 'none') || ' to ' || coalesce(l.highest::text, 'none') ELSE coalesce(i.account::text, 'none') END
		FROM attempt a
		LEFT JOIN (SELECT h.payment, min(coalesce(e.account, 0)) AS lowest, max(coalesce(e.account, 0)) AS highest
			FROM leg h JOIN entitlement_line e ON e.id = h.line GROUP BY h.payment) l ON l.payment = a.payment
		LEFT JOIN bank_file f ON f.id = a.file
		LEFT JOIN line_list_item i ON i.list = f.list AND i.payment = a.payment
		LEFT JOIN (SELECT payment, count(*) AS n FROM attempt WHERE state = 'stopped' GROUP BY payment) z ON z.payment = a.payment
		WHERE CASE WHEN a.n <= 1 + coalesce(z.n, 0) THEN a.account IS DISTINCT FROM l.lowest OR a.account IS DISTINCT FROM l.highest
			ELSE a.account IS DISTINCT FROM i.account END
		ORDER BY a.id`},
	// What is paid by hand goes to no account.
	{Promise: 4, Check: "cross_attempt_owner", SQL: `
		SELECT 'attempt ' || a.id::text, 'account ' || a.account::text || ' of ' || coalesce(c.owner::text, 'nobody') || ', payee ' || coalesce(p.payee::text, 'nobody')
		FROM attempt a LEFT JOIN payment p ON p.id = a.payment LEFT JOIN payee_account c ON c.id = a.account LEFT JOIN bank_file f ON f.id = a.file
		WHERE CASE WHEN coalesce(f.profile, '') LIKE 'receipt.%' THEN a.account <> 0 ELSE c.owner IS NULL OR c.owner IS DISTINCT FROM p.payee END ORDER BY a.id`},
	// The events of an attempt are numbered from 1, each begins where the one
	// before ended, and the last ends where the attempt stands. Writing its file
	// makes no event: what was written may have been sent meanwhile.
	{Promise: 9, Check: "cross_attempt_events", SQL: `
		SELECT 'attempt ' || a.id::text, 'state ' || a.state || ', events ' || coalesce(s.n, 0)::text || ' up to ' || coalesce(s.highest, 0)::text ||
			', broken ' || coalesce(s.broken, 0)::text || ', last ' || coalesce(l.to_state, 'none')
		FROM attempt a
		LEFT JOIN (SELECT attempt, count(*) AS n, max(n) AS highest, count(CASE WHEN from_state <> before THEN 1 END) AS broken FROM (
				SELECT attempt, n, from_state, coalesce(lag(to_state) OVER (PARTITION BY attempt ORDER BY n),
					CASE WHEN from_state = 'sent' THEN 'sent' ELSE 'written' END) AS before FROM attempt_event) e
			GROUP BY attempt) s ON s.attempt = a.id
		LEFT JOIN attempt_event l ON l.attempt = a.id AND l.n = s.highest
		WHERE s.n <> s.highest OR s.broken > 0 OR l.to_state <> a.state OR (s.n IS NULL AND a.state NOT IN ('written', 'sent'))
		ORDER BY a.id`},
	// What a policy makes of a month: layer by layer where it has layers, each
	// by the row's rounding. A row that is worked out has no amount of its own:
	// batch.VerifyWorkedOut works it out again. Of a row of which a household or a case
	// decides SQL has nothing to compare with.
	{Promise: 4, Check: "cross_policy", SQL: `
		SELECT 'entitlement_line ' || e.id::text, 'amount ' || e.amount_fen::text || ' in ' || e.month || ', policy ' || e.policy::text || ' gives ' || d.operator || ' ' || d.fen::text
		FROM entitlement_line e
		JOIN batch b ON b.id = e.batch AND b.state IN ('submitted', 'freezing', 'approved', 'releasing', 'released', 'reconciled', 'closed')
		JOIN ` + monthDue + ` d ON d.policy = e.policy AND d.month = e.month
		WHERE e.status <> 'withdrawn' AND e.occasion NOT LIKE 'backpay/%'
			AND d.fen > 0 AND NOT EXISTS (SELECT 1 FROM policy_formula f WHERE f.policy = e.policy AND f.family NOT IN ('flat', 'ratio', 'institution', 'indexed'))
			AND CASE WHEN d.operator = 'exact' THEN e.amount_fen <> d.fen ELSE e.amount_fen > d.fen END
		ORDER BY e.id`},
	// Back-pay is what its policy gives for the month less what the lines made
	// before it bring: with them it is never more.
	{Promise: 4, Check: "cross_backpay", SQL: `
		SELECT 'entitlement_line ' || e.id::text, 'back-pay and what came before make ' || s.fen::text || ' in ' || e.month || ', policy ' || e.policy::text || ' gives ' || d.fen::text
		FROM entitlement_line e
		JOIN ` + monthDue + ` d ON d.policy = e.policy AND d.month = e.month
		JOIN (SELECT k.line, sum(f.amount_fen)::bigint AS fen
			FROM once_key k
			JOIN once_key o ON o.subject = k.subject AND o.program = k.program AND o.component = k.component AND o.month = k.month AND o.freed IS NULL AND o.line <= k.line
			JOIN entitlement_line f ON f.id = o.line
			WHERE k.freed IS NULL AND k.occasion LIKE 'backpay/%' GROUP BY k.line) s ON s.line = e.id
		WHERE s.fen > d.fen ORDER BY e.id`},
	{Promise: 4, Check: "cross_line_policy", SQL: `
		SELECT 'entitlement_line ' || e.id::text, e.program || '/' || e.component || '/' || e.class || ' ' || e.month || ', policy ' || e.policy::text || ' is ' ||
			coalesce(p.program || '/' || p.component || '/' || p.class || ' from ' || p.valid_from::text, 'missing')
		FROM entitlement_line e
		JOIN batch b ON b.id = e.batch AND b.state IN ('submitted', 'freezing', 'approved', 'releasing', 'released', 'reconciled', 'closed')
		LEFT JOIN policy p ON p.id = e.policy
		WHERE e.status <> 'withdrawn' AND (p.id IS NULL OR p.program <> e.program OR p.component <> e.component OR p.class <> e.class
			OR p.valid_from::text > e.month || '-01')
		ORDER BY e.id`},
	{Promise: 4, Check: "cross_household", SQL: `
		SELECT 'entitlement_line ' || e.id::text, 'person ' || coalesce(e.person, 0)::text || ' was never in household ' || e.household::text
		FROM entitlement_line e LEFT JOIN (SELECT DISTINCT household, person FROM household_member) m ON m.household = e.household AND m.person = e.person
		WHERE e.household IS NOT NULL AND m.household IS NULL ORDER BY e.id`},
	{Promise: 3, Check: "cross_leg_batch", SQL: `
		SELECT 'holding ' || o.holding::text, 'of batch ' || coalesce(p.batch, 0)::text || ' holds what journal ' || j.id::text || ' froze for ' || j.cause
		FROM (SELECT lot, opened_seq, holding FROM piece WHERE holding IS NOT NULL
			UNION ALL SELECT lot, opened_seq, holding FROM piece_history WHERE holding IS NOT NULL) o
		JOIN journal_lot l ON l.lot = o.lot AND l.seq = o.opened_seq
		JOIN journal j ON j.id = l.journal AND j.kind = 'freeze'
		LEFT JOIN leg h ON h.id = o.holding LEFT JOIN payment p ON p.id = h.payment
		WHERE 'batch:' || p.batch::text IS DISTINCT FROM j.cause ORDER BY o.holding`},
	// What came with a merged township has no residents of its own, and a successor
	// counts those of the townships that became part of it.
	{Promise: 2, Check: "cross_population", SQL: `
		SELECT 'reserve_allotment ' || r.township || '/' || r.year::text || '/' || r.budget_line::text,
			'residents ' || r.residents::text || ', on record ' || coalesce(p.residents::text, 'none')
		FROM reserve_allotment r LEFT JOIN population p ON p.area_code = r.township AND p.as_of = r.population_as_of
		WHERE p.residents IS DISTINCT FROM r.residents AND NOT (r.kind = 'merge' AND r.residents = 0)
			AND NOT (r.residents > p.residents AND EXISTS (SELECT 1 FROM area_change m WHERE m.successor = r.township)) ORDER BY r.township, r.year, r.budget_line`},
	{Promise: 2, Check: "cross_reserve_case", SQL: `
		SELECT 'reserve_case ' || c.id::text, 'amount ' || c.amount_fen::text || ' of person ' || c.person::text || ', batch ' || coalesce(b.code, '?') ||
			' has ' || coalesce(e.amount_fen, 0)::text || ' of person ' || coalesce(e.person, 0)::text
		FROM reserve_case c LEFT JOIN batch b ON b.id = c.batch LEFT JOIN entitlement_line e ON e.batch = b.id
		WHERE b.kind IS DISTINCT FROM 'emergency' OR e.amount_fen IS DISTINCT FROM c.amount_fen OR e.person IS DISTINCT FROM c.person
			OR (e.status <> 'withdrawn' AND b.amount_fen <> c.amount_fen)
		ORDER BY c.id`},
	// A case goes out in the form that it was drawn in, in kind or cash with the
	// receipt that its two people saw.
	{Promise: 9, Check: "cross_reserve_receipt", SQL: `
		SELECT 'reserve_case ' || c.id::text, 'drawn as ' || c.form || ', ' || b.code || ' went out by ' || f.profile || ' ' || f.name
		FROM reserve_case c JOIN batch b ON b.id = c.batch JOIN bank_file f ON f.batch = b.id
		WHERE (c.form IN ('transfer', 'advanced')) = (f.profile LIKE 'receipt.%') OR (c.form IN ('cash', 'goods') AND (f.profile <> 'receipt.' || c.form OR f.sha256 <> c.receipt_sha256))
		ORDER BY c.id`},
	// The last step that was taken on a batch says where it stands.
	{Promise: 7, Check: "cross_batch_state", SQL: `
		SELECT 'batch ' || b.id::text, b.code || ' is ' || b.state || ', last step ' || coalesce(a.step || ' ' || a.decision || ' by ' || a.actor, 'none')
		FROM batch b
		LEFT JOIN (SELECT subject, max(id) AS id FROM approval GROUP BY subject) s ON s.subject = 'batch:' || b.id::text
		LEFT JOIN approval a ON a.id = s.id
		WHERE b.state IS DISTINCT FROM CASE
			WHEN a.decision = 'rejected' OR a.step = 'remove' THEN 'draft'
			WHEN a.step = 'make' THEN CASE WHEN b.kind = 'emergency' THEN 'submitted' ELSE 'draft' END
			WHEN a.step = 'check' THEN 'checked'
			WHEN a.step = 'submit' THEN CASE WHEN b.state = 'freezing' THEN b.state ELSE 'submitted' END
			WHEN a.step = 'approve' THEN CASE WHEN b.kind = 'emergency' THEN 'released' WHEN b.state = 'releasing' THEN b.state ELSE 'approved' END
			WHEN a.step = 'release' THEN 'released'
			WHEN a.step = 'reconcile' THEN 'reconciled'
			WHEN a.step = 'close' THEN 'closed'
			WHEN a.step = 'cancel' THEN 'cancelled' END
		ORDER BY b.id`},
	{Promise: 7, Check: "cross_batch_maker", SQL: `
		SELECT 'batch ' || b.id::text, b.code || ' maker ' || b.maker || ', made by ' || coalesce(a.actor, 'nobody')
		FROM batch b
		LEFT JOIN (SELECT subject, max(id) AS id FROM approval WHERE step = 'make' AND decision = 'done' GROUP BY subject) s ON s.subject = 'batch:' || b.id::text
		LEFT JOIN approval a ON a.id = s.id
		WHERE a.actor IS DISTINCT FROM b.maker ORDER BY b.id`},
	{Promise: 7, Check: "cross_list_maker", SQL: `
		SELECT 'line_list ' || l.id::text, l.kind || ' maker ' || l.maker || ', made by ' || coalesce(a.actor, 'nobody')
		FROM line_list l
		LEFT JOIN (SELECT subject, max(id) AS id FROM approval WHERE step = 'make' AND decision = 'done' GROUP BY subject) s ON s.subject = 'list:' || l.id::text
		LEFT JOIN approval a ON a.id = s.id
		WHERE a.actor IS DISTINCT FROM l.maker ORDER BY l.id`},
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
		UNION ALL SELECT 10, count(*) FROM log_leaf UNION ALL SELECT 11, count(*) FROM activity UNION ALL SELECT 12, count(*) FROM person_version`)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&promise, &n}, func() error { out[promise] = n; return nil })
	}
	if err != nil {
		return nil, fmt.Errorf("count rows of promises: %w", err)
	}
	return out, nil
}
