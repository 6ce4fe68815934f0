package batch

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
)

// checks re-derive what batches promise from the rows. "Submitted" below is
// every state in which the keys of a list are claimed.
var checks = []check.Query{
	{Promise: 4, Check: "once_key_missing", SQL: `
		SELECT 'entitlement_line ' || l.id::text, b.code || ' line ' || l.no::text || ' is ' || l.status || ' without its live once-key'
		FROM batch b JOIN entitlement_line l ON l.batch = b.id AND l.status IN ('listed', 'withheld')
		LEFT JOIN once_alias a ON a.subject = l.person
		LEFT JOIN once_conflict c ON c.line = l.id
		LEFT JOIN once_key k ON k.line = l.id AND k.freed IS NULL
			AND (k.subject = coalesce(a.now, l.person, l.unit) OR (c.id IS NOT NULL AND k.subject = l.person)) AND k.program = l.program
			AND k.component = l.component AND k.month = l.month AND k.occasion = l.occasion
		WHERE b.state NOT IN ('draft', 'checked', 'cancelled') AND k.line IS NULL
		ORDER BY l.id`},
	{Promise: 4, Check: "once_key_stray", SQL: `
		SELECT 'once_key ' || k.line::text || '/' || k.subject::text, coalesce(b.code || ' line ' || l.no::text || ' is ' || l.status || ' in state ' || b.state, 'line missing')
		FROM once_key k LEFT JOIN entitlement_line l ON l.id = k.line LEFT JOIN batch b ON b.id = l.batch
		LEFT JOIN once_alias a ON a.subject = l.person
		LEFT JOIN once_conflict c ON c.line = l.id
		WHERE k.freed IS NULL AND (l.id IS NULL OR l.status = 'withdrawn' OR b.state IN ('draft', 'checked', 'cancelled')
			OR (k.subject <> coalesce(a.now, l.person, l.unit) AND NOT (c.id IS NOT NULL AND k.subject = l.person)) OR k.program <> l.program OR k.component <> l.component OR k.month <> l.month OR k.occasion <> l.occasion)
		ORDER BY k.line`},
	{Promise: 4, Check: "covered_twice", SQL: `
		SELECT 'entitlement_line ' || max(l.id)::text, count(*)::text || ' lines cover subject ' || coalesce(a.now, l.person, l.unit)::text || ', ' ||
			l.program || '/' || l.component || ' ' || l.month || ' ' || l.occasion
		FROM batch b JOIN entitlement_line l ON l.batch = b.id AND l.status IN ('listed', 'withheld')
		LEFT JOIN once_alias a ON a.subject = l.person
		WHERE b.state NOT IN ('draft', 'checked', 'cancelled') AND NOT EXISTS (SELECT 1 FROM once_conflict c WHERE c.line = l.id)
		GROUP BY coalesce(a.now, l.person, l.unit), l.program, l.component, l.month, l.occasion HAVING count(*) > 1
		ORDER BY 1`},
	{Promise: 7, Check: "batch_steps", SQL: `
		SELECT 'batch ' || b.id::text, b.code || ' is ' || b.state || ', step ' || s.step || ' missing'
		FROM batch b
		JOIN (SELECT 'roster' AS kind, 'approve' AS step, 'approved' AS at UNION ALL SELECT 'roster', 'check', 'submitted'
			UNION ALL SELECT 'roster', 'release', 'released' UNION ALL SELECT 'emergency', 'approve', 'released') s ON s.kind = CASE WHEN b.kind = 'backpay' THEN 'roster' ELSE b.kind END
		WHERE (b.state IN ('released', 'reconciled', 'closed') OR (b.state IN ('approved', 'releasing') AND s.at <> 'released') OR (b.state IN ('submitted', 'freezing') AND s.at = 'submitted'))
			AND NOT EXISTS (SELECT 1 FROM approval a WHERE a.subject = 'batch:' || b.id::text AND a.step = s.step AND a.decision = 'done')
			AND (s.step <> 'release' OR b.state <> 'closed' OR EXISTS (SELECT 1 FROM entitlement_line l WHERE l.batch = b.id AND l.status = 'listed'))
		ORDER BY b.id`},
	{Promise: 7, Check: "same_person", SQL: `
		SELECT 'approval ' || y.id::text, y.subject || ': ' || y.actor || ' did ' || x.step || ' and ' || y.step
		FROM (SELECT a.id, a.subject, a.step, a.actor FROM approval a
			WHERE a.decision = 'done' AND a.step IN ('make', 'check', 'approve', 'release', 'reconcile', 'close')
				AND a.id = (SELECT max(u.id) FROM approval u WHERE u.subject = a.subject AND u.step = a.step AND u.decision = 'done')) y
		JOIN approval x ON x.subject = y.subject AND x.actor = y.actor AND x.decision = 'done' AND x.step IN ('make', 'check', 'approve', 'release', 'reconcile', 'close')
			AND x.step <> y.step AND x.id < y.id AND NOT (x.step = 'reconcile' AND y.step = 'close')
			AND x.id = (SELECT max(v.id) FROM approval v WHERE v.subject = x.subject AND v.step = x.step AND v.decision = 'done')
		ORDER BY y.id`},
	{Promise: 7, Check: "same_person", SQL: `
		SELECT 'approval ' || a.id::text, a.subject || ': ' || a.actor || ' released ' || f.name || ' and did ' || a.step
		FROM bank_file f
		JOIN (SELECT c.id, c.subject, c.step, c.actor, c.subject AS batch FROM approval c WHERE c.decision = 'done' AND c.step = 'close'
			UNION ALL SELECT s.id, s.subject, s.step, s.actor, 'batch:' || l.batch::text
				FROM line_list l JOIN approval s ON s.subject = 'list:' || l.id::text AND s.step = 'approve' AND s.decision = 'done'
				WHERE l.kind = 'open_items') a ON a.batch = 'batch:' || f.batch::text AND a.actor = f.released_by
		WHERE f.list IS NULL OR a.step = 'close'
		ORDER BY a.id`},
	{Promise: 7, Check: "same_person", SQL: `
		SELECT 'approval ' || c.id::text, c.subject || ': ' || c.actor || ' signed ' || c.comment || ' and closed'
		FROM approval c JOIN approval s ON s.subject = c.comment AND s.step = 'approve' AND s.decision = 'done' AND s.actor = c.actor
		WHERE c.step = 'close' AND c.decision = 'done' AND c.comment <> ''
		ORDER BY c.id`},
	{Promise: 7, Check: "open_items", SQL: `
		SELECT 'payment ' || p.id::text, b.code || ' is closed with ' || o.fen::text || ' ' || o.place || ', signed for ' || coalesce(s.fen, 0)::text
		FROM (SELECT h.payment, a.kind AS place, sum(h.amount_fen)::bigint AS fen
			FROM account a JOIN leg h ON h.account = a.id
			WHERE a.kind IN ('frozen', 'in_transit', 'returned') GROUP BY h.payment, a.kind) o
		JOIN payment p ON p.id = o.payment
		JOIN batch b ON b.id = p.batch AND b.state = 'closed'
		JOIN approval c ON c.subject = 'batch:' || b.id::text AND c.step = 'close' AND c.decision = 'done'
		LEFT JOIN attempt t ON t.payment = p.id AND t.n = (SELECT max(u.n) FROM attempt u WHERE u.payment = p.id)
		LEFT JOIN (SELECT 'list:' || i.list::text AS list, i.payment, i.place, i.end_to_end_id, sum(i.amount_fen)::bigint AS fen
			FROM line_list_item i WHERE i.place <> '' GROUP BY i.list, i.payment, i.place, i.end_to_end_id) s
			ON s.list = c.comment AND s.payment = p.id AND s.place = o.place AND s.end_to_end_id = coalesce(t.end_to_end_id, '')
		WHERE o.fen > coalesce(s.fen, 0)
			AND NOT EXISTS (SELECT 1 FROM attempt e JOIN attempt_event v ON v.attempt = e.id WHERE e.payment = p.id AND v.happened_at >= c.decided_at)
			AND NOT EXISTS (SELECT 1 FROM attempt e JOIN bank_file f ON f.id = e.file WHERE e.payment = p.id AND f.created_at >= c.decided_at)
		ORDER BY p.id, o.place`},
	{Promise: 7, Check: "list_steps", SQL: `
		SELECT 'line_list ' || l.id::text, l.kind || ' is ' || l.state || ', maker ' || l.maker || ', approved by ' || coalesce(a.actor, 'nobody')
		FROM line_list l
		LEFT JOIN approval a ON a.subject = 'list:' || l.id::text AND a.step = 'approve' AND a.decision = 'done'
		WHERE l.state IN ('approved', 'released') AND (a.id IS NULL OR a.actor = l.maker OR a.digest <> l.digest)
		ORDER BY l.id`},
	{Promise: 2, Check: "batch_sums", SQL: `
		SELECT 'batch ' || b.id::text, b.code || ': ' || b.line_count::text || ' lines ' || b.amount_fen::text || ', rows ' || coalesce(s.n, 0)::text || ' / ' || coalesce(s.fen, 0)::text
		FROM batch b LEFT JOIN (SELECT l.batch, count(*) AS n, sum(l.amount_fen)::bigint AS fen FROM entitlement_line l
			WHERE` + inList + ` GROUP BY l.batch) s ON s.batch = b.id
		WHERE b.line_count <> coalesce(s.n, 0) OR b.amount_fen <> coalesce(s.fen, 0) ORDER BY b.id`},
	{Promise: 2, Check: "line_legs", SQL: `
		SELECT 'entitlement_line ' || l.id::text, b.code || ' line ' || l.no::text || ' ' || l.status || ': amount ' || l.amount_fen::text || ', legs ' || coalesce(s.fen, 0)::text
		FROM batch b JOIN entitlement_line l ON l.batch = b.id
		LEFT JOIN (SELECT h.line, sum(h.amount_fen)::bigint AS fen FROM leg h WHERE h.account IS NOT NULL GROUP BY h.line) s ON s.line = l.id
		LEFT JOIN (SELECT line, sum(amount_fen)::bigint AS fen FROM recovery_settled WHERE way = 'lot' GROUP BY line) r ON r.line = l.id
		WHERE CASE WHEN b.state IN ('approved', 'releasing', 'released', 'reconciled', 'closed') AND l.status = 'listed' THEN l.amount_fen ELSE 0 END
				<> coalesce(s.fen, 0) + coalesce(r.fen, 0)
			AND (b.state <> 'freezing' OR l.status <> 'listed' OR s.fen <> l.amount_fen)
		ORDER BY l.id`},
	{Promise: 2, Check: "line_layers", SQL: `
		SELECT 'entitlement_line ' || l.id::text, 'amount ' || l.amount_fen::text || ' fen, levels ' || (sum(y.amount_fen)::bigint)::text
		FROM line_layer y JOIN entitlement_line l ON l.id = y.line
		GROUP BY l.id, l.amount_fen HAVING sum(y.amount_fen) <> l.amount_fen ORDER BY l.id`},
	{Promise: 2, Check: "payment_lines", SQL: `
		SELECT 'payment ' || p.id::text, 'amount ' || p.amount_fen::text || ' of ' || p.line_count::text || ' lines, legs ' || coalesce(s.fen, 0)::text || ' of ' || coalesce(s.n, 0)::text
		FROM payment p LEFT JOIN (SELECT h.payment, sum(h.amount_fen)::bigint AS fen, count(DISTINCT h.line) AS n
			FROM (SELECT payment, line, amount_fen FROM leg WHERE account IS NOT NULL
				UNION ALL SELECT payment, line, amount_fen FROM recovery_settled WHERE way = 'lot') h GROUP BY h.payment) s ON s.payment = p.id
		WHERE p.amount_fen <> coalesce(s.fen, 0) OR p.line_count <> coalesce(s.n, 0) ORDER BY p.id`},
	{Promise: 2, Check: "payment_payee", SQL: `
		SELECT 'holding ' || h.id::text, 'line ' || l.id::text || ' is due to ' || l.payee::text || ', payment ' || p.id::text || ' goes to ' || p.payee::text
		FROM leg h JOIN entitlement_line l ON l.id = h.line JOIN payment p ON p.id = h.payment
		WHERE p.payee <> l.payee OR p.batch <> l.batch ORDER BY h.id`},
	proof.Orphans("publication_leaf", proof.KindPublication, "publication"),
	proof.Orphans("voucher_leaf", proof.KindVoucher, "batch_voucher"),
	proof.OrphansBy("voucher_leaf", proof.KindVoucherVoid, "batch_voucher_void", "voucher"),
	proof.Orphans("chain_leaf", proof.KindChain, "approval_chain"),
	proof.Orphans("approval_leaf", proof.KindApproval, "approval"),
}

// Checks re-derives the promises of this room: the checks above, the digests of
// every approved list from its lines, and the leaf of every approval.
func Checks() []check.Job {
	return check.Jobs(slices.Concat(checks, advanceChecks, planChecks),
		check.Job{Name: "advance_owed", Run: verifyAdvances}, check.Job{Name: "advance_leaf", Run: verifyAdvanceLeaves},
		check.Job{Name: "advanced_leaf", Run: verifyAdvancedLeaves}, check.Job{Name: "correction_leaf", Run: verifyCorrectionLeaves},
		check.Job{Name: "plan_digest", Run: verifyPlans}, check.Job{Name: "list_digest", Run: verifyLists}, check.Job{Name: "small_list_digest", Run: verifySmallLists}, check.Job{Name: "computed_list", Run: verifyComputed}, check.Job{Name: "approval_leaf", Run: verifyLeaves},
		check.Job{Name: "voucher_leaf", Run: verifyVouchers}, check.Job{Name: "voucher_leaf", Run: verifyVoids}, check.Job{Name: "chain_leaf", Run: verifyChains}, check.Job{Name: "publication_leaf", Run: verifyPublications}, check.Job{Name: "batch_reviews", Run: verifyReviews})
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}

// verifyLists makes the digest of every submitted list again.
func verifyLists(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	var found []check.Finding
	for after := ID(0); ; {
		page, err := List(ctx, q, after, 0)
		if err != nil || len(page) == 0 {
			return found, err
		}
		for _, b := range page {
			if !b.State.Reached(Submitted) {
				continue
			}
			wrong, err := verifyList(ctx, q, b)
			if err != nil {
				return nil, err
			}
			found = append(found, wrong...)
		}
		after = page[len(page)-1].ID
	}
}

func verifyList(ctx context.Context, q db.Querier, b Batch) ([]check.Finding, error) {
	now, err := DigestOfList(ctx, q, b)
	if err != nil {
		return nil, err
	}
	last, err := lastApprovals(ctx, q, b.subject())
	if err != nil {
		return nil, err
	}
	was := map[string]Digest{"list": b.Digest}
	for _, step := range []Step{StepCheck, StepApprove, StepRelease} {
		if a, ok := last[step]; ok && step != StepMake {
			was[string(step)] = a.Digest
		}
	}
	for _, name := range []string{"list", "check", "approve", "release"} {
		if d, ok := was[name]; ok && string(d) != string(now) {
			return []check.Finding{{Promise: 7, Check: "list_digest", Row: fmt.Sprintf("batch %d", b.ID),
				Detail: fmt.Sprintf("%s: %s has %.16s, lines give %.16s", b.Code, name, d, now)}}, nil
		}
	}
	return nil, nil
}

func verifySmallLists(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT l.id, b.code FROM line_list l JOIN batch b ON b.id = l.batch ORDER BY l.id`)
	if err != nil {
		return nil, fmt.Errorf("read lists: %w", err)
	}
	type named struct {
		ID   ListID
		Code string
	}
	lists, err := pgx.CollectRows(rows, pgx.RowToStructByPos[named])
	if err != nil {
		return nil, fmt.Errorf("read lists: %w", err)
	}
	var found []check.Finding
	for _, n := range lists {
		l, err := ListByID(ctx, q, n.ID)
		if err != nil {
			return nil, err
		}
		if now := listDigestOf(l.Kind, n.Code, l.Items); string(now) != string(l.Digest) {
			found = append(found, check.Finding{Promise: 7, Check: "small_list_digest", Row: fmt.Sprintf("line_list %d", l.ID),
				Detail: fmt.Sprintf("has %.16s, items give %.16s", l.Digest, now)})
		}
	}
	return found, nil
}

// verifyLeaves makes the leaf of every approval again.
func verifyLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT a.id, a.subject, a.step, a.decision, a.actor, a.decided_at, a.digest, a.comment, l.digest
		FROM approval a LEFT JOIN logged l ON l.kind = 'approval' AND l.ref = a.id ORDER BY a.id`)
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	return proof.Recheck(rows, "approval_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var a Approval
		var logged []byte
		err := row.Scan(&a.ID, &a.Subject, &a.Step, &a.Decision, &a.Actor, &a.DecidedAt, (*[]byte)(&a.Digest), &a.Comment, &logged)
		return proof.Row{Name: fmt.Sprintf("approval %d", a.ID), Leaf: ApprovalLeaf(a), Logged: logged}, err
	})
}
