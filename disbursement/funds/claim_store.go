package funds

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// lineNow is an entitlement line with what of it is paid and not yet got back.
type lineNow struct {
	Line   int64     `db:"id"`
	Person int64     `db:"person"`
	Month  string    `db:"month"`
	Paid   money.Fen `db:"paid_fen"`
}

// paidLines reads the lines that are asked for, by number.
func paidLines(ctx context.Context, q db.Querier, asked []ClaimLine) (map[int64]lineNow, error) {
	ids := make([]int64, len(asked))
	for i, a := range asked {
		ids[i] = a.Line
	}
	found, err := query[lineNow](ctx, q, "lines", `SELECT l.id, coalesce(l.person, 0) AS person, l.month,
			coalesce((SELECT sum(h.amount_fen)::bigint FROM leg h JOIN account a ON a.id = h.account AND a.kind = 'paid' WHERE h.line = l.id), 0) AS paid_fen
		FROM entitlement_line l WHERE l.id = ANY($1)`, ids)
	out := make(map[int64]lineNow, len(found))
	for _, l := range found {
		out[l.Line] = l
	}
	return out, err
}

// paidLeg is a leg that stands in paid, less what of it came back into receipts.
type paidLeg struct {
	Line    int64            `db:"line"`
	Holding ledger.HoldingID `db:"holding"`
	Payment int64            `db:"payment"`
	Amount  money.Fen        `db:"amount_fen"`
	Year    int              `db:"year"` // budget year of the money
}

// paidLegs are the paid legs of lines, of each the last first.
func paidLegs(ctx context.Context, q db.Querier, items []RecoveryItem) (map[int64][]paidLeg, error) {
	ids := make([]int64, len(items))
	for i, item := range items {
		ids[i] = item.Line
	}
	found, err := query[paidLeg](ctx, q, "paid legs", `SELECT h.line, h.id AS holding, h.payment, b.year,
			h.amount_fen - coalesce((SELECT sum(s.amount_fen)::bigint FROM recovery_settled s WHERE s.line = h.line AND s.holding = h.id AND s.way = 'receipt'), 0) AS amount_fen
		FROM leg h JOIN account a ON a.id = h.account AND a.kind = 'paid' JOIN budget_line b ON b.id = a.budget_line
		WHERE h.line = ANY($1) ORDER BY h.id DESC`, ids)
	out := map[int64][]paidLeg{}
	for _, l := range found {
		out[l.Line] = append(out[l.Line], l)
	}
	return out, err
}

// claimedBefore finds the claim that is the same as the one asked for: of these
// lines and amounts, found in this way and for this reason. Claims that were
// rejected do not count. Errors: RECOVERY_LINE_CLAIMED (Conflict) where another
// claim has one of the lines.
func claimedBefore(ctx context.Context, q db.Querier, cmd OpenRecovery) (RecoveryID, bool, error) {
	var first RecoveryID
	for i, l := range cmd.Lines {
		id, same, err := claimOfLine(ctx, q, l, cmd)
		if err != nil {
			return 0, false, err
		}
		if i == 0 && same {
			first = id
		}
		if same && id == first || id == 0 && first == 0 {
			continue
		}
		return 0, false, errs.New(errs.Conflict, "RECOVERY_LINE_CLAIMED", "line", l.Line, "id", int64(cmp.Or(id, first)))
	}
	return first, first != 0, nil
}

// claimOfLine is the claim that has a line, 0 if none, and whether it is the same
// as the one asked for. An amount of 0 is all that was paid: what still is, and
// what the claim has brought back to the lot.
func claimOfLine(ctx context.Context, q db.Querier, l ClaimLine, cmd OpenRecovery) (id RecoveryID, same bool, err error) {
	var amount, paid money.Fen
	var lines int
	var source RecoverySource
	var reason string
	err = q.QueryRow(ctx, `SELECT i.recovery, i.amount_fen, (SELECT count(*) FROM recovery_item o WHERE o.recovery = i.recovery), r.source, r.reason,
			coalesce((SELECT sum(h.amount_fen)::bigint FROM leg h JOIN account a ON a.id = h.account AND a.kind = 'paid' WHERE h.line = i.line), 0) +
			coalesce((SELECT sum(s.amount_fen)::bigint FROM recovery_settled s WHERE s.line = i.line AND s.recovery = i.recovery AND s.way = 'lot'), 0)
		FROM recovery_item i JOIN recovery r ON r.id = i.recovery WHERE i.line = $1`+standingItem, l.Line).Scan(&id, &amount, &lines, &source, &reason, &paid)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("claim of line %d: %w", l.Line, err)
	}
	return id, cmp.Or(l.Amount, paid) == amount && lines == len(cmd.Lines) && source == cmd.Source && reason == cmd.Reason, nil
}

// standingItem holds for an item of a claim that was not rejected.
const standingItem = ` AND NOT EXISTS (SELECT 1 FROM recovery_act z WHERE z.recovery = i.recovery AND z.kind = 'reject')`

func insertRecovery(ctx context.Context, tx pgx.Tx, r Recovery) (RecoveryID, error) {
	id, err := db.NextID(ctx, tx, "recovery_id_seq")
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO recovery (id, source, person, amount_fen, reason, opened_by, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, r.Source, r.Person, r.Amount, r.Reason, r.OpenedBy, r.OpenedAt)
	if err != nil {
		return 0, fmt.Errorf("open recovery: %w", err)
	}
	return RecoveryID(id), nil
}

func insertItems(ctx context.Context, tx pgx.Tx, id RecoveryID, items []RecoveryItem) error {
	for _, i := range items {
		_, err := tx.Exec(ctx, `INSERT INTO recovery_item (recovery, line, month, amount_fen, round) VALUES ($1, $2, $3, $4,
			(SELECT count(*) FROM recovery_item b JOIN recovery_act z ON z.recovery = b.recovery AND z.kind = 'reject' WHERE b.line = $2))`,
			id, i.Line, i.Month, i.Amount)
		if err != nil {
			return fmt.Errorf("line %d of recovery %d: %w", i.Line, id, err)
		}
	}
	return nil
}

// itemsOfCase are the lines that paid a case, with what of each stands paid; what
// the bank returned or never booked is not among them.
func itemsOfCase(ctx context.Context, q db.Querier, c Case) ([]RecoveryItem, error) {
	return query[RecoveryItem](ctx, q, "lines of a case", `SELECT l.id AS line, l.month, sum(h.amount_fen)::bigint AS amount_fen, 0::bigint AS settled_fen
		FROM entitlement_line l JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account AND a.kind = 'paid'
		WHERE l.batch = $1 AND l.status = 'listed' GROUP BY l.id, l.month ORDER BY l.month, l.id`, c.Batch)
}

// insertAct stores an act.
func insertAct(ctx context.Context, tx pgx.Tx, a RecoveryAct) (RecoveryAct, error) {
	var err error
	if a.ID, err = db.NextID(ctx, tx, "recovery_act_id_seq"); err != nil {
		return a, err
	}
	if a.Evidence == nil {
		a.Evidence = []byte{}
	}
	_, err = tx.Exec(ctx, `INSERT INTO recovery_act (id, recovery, n, kind, happened_on, amount_fen, number, evidence, reason, actor, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		a.ID, a.Recovery, a.N, string(a.Kind), a.On, a.Amount, a.Number, a.Evidence, a.Reason, a.Actor, a.At)
	if err != nil {
		return a, fmt.Errorf("record %s of recovery %d: %w", a.Kind, a.Recovery, err)
	}
	return a, nil
}

func insertSettled(ctx context.Context, tx pgx.Tx, act RecoveryAct, parts []settledPart) error {
	for i, p := range parts {
		_, err := tx.Exec(ctx, `INSERT INTO recovery_settled (act, n, recovery, line, holding, payment, way, amount_fen, journal)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			act.ID, i+1, act.Recovery, p.Line, p.Leg.Holding, p.Leg.Payment, p.Way, p.Amount, p.Journal)
		if err != nil {
			return fmt.Errorf("settle line %d: %w", p.Line, err)
		}
	}
	return nil
}

const actColumns = `id, recovery, n, kind, happened_on, amount_fen, number, evidence, reason, actor, recorded_at`

func scanAct(row pgx.CollectableRow) (RecoveryAct, error) {
	var a RecoveryAct
	err := row.Scan(&a.ID, &a.Recovery, &a.N, &a.Kind, &a.On, &a.Amount, &a.Number, &a.Evidence, &a.Reason, &a.Actor, &a.At)
	return a, err
}

// recoveryByID reads a claim with its lines and acts. Errors: RECOVERY_UNKNOWN (NotFound).
func recoveryByID(ctx context.Context, q db.Querier, id RecoveryID) (RecoveryView, error) {
	found, err := recoveries(ctx, q, `r.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "RECOVERY_UNKNOWN", "id", int64(id))
	}
	if err != nil {
		return RecoveryView{}, err
	}
	return found[0], nil
}

func recoveries(ctx context.Context, q db.Querier, where string, args ...any) ([]RecoveryView, error) {
	list, err := collect(ctx, q, "recoveries", scanRecovery, `SELECT `+recoveryColumns+` FROM recovery r WHERE `+where+` ORDER BY r.id`, args...)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(list))
	at := map[RecoveryID]int{}
	out := make([]RecoveryView, len(list))
	for i, r := range list {
		ids[i], at[r.ID], out[i].Recovery = int64(r.ID), i, r
	}
	acts, err := collect(ctx, q, "acts of recoveries", scanAct, `SELECT `+actColumns+` FROM recovery_act WHERE recovery = ANY($1) ORDER BY recovery, n`, ids)
	if err != nil {
		return nil, err
	}
	for _, a := range acts {
		v := &out[at[a.Recovery]]
		v.Acts = append(v.Acts, a)
	}
	type itemOf struct {
		Recovery RecoveryID `db:"recovery"`
		Township string     `db:"township"`
		RecoveryItem
	}
	items, err := query[itemOf](ctx, q, "lines of recoveries", `SELECT i.recovery, i.line, i.month, i.amount_fen, coalesce(l.township, '') AS township,
			coalesce((SELECT sum(s.amount_fen)::bigint FROM recovery_settled s WHERE s.line = i.line AND s.recovery = i.recovery), 0) AS settled_fen
		FROM recovery_item i LEFT JOIN entitlement_line l ON l.id = i.line WHERE i.recovery = ANY($1) ORDER BY i.recovery, i.month, i.line`, ids)
	for _, i := range items {
		v := &out[at[i.Recovery]]
		v.Items, v.Area = append(v.Items, i.RecoveryItem), i.Township
	}
	for i := range out {
		out[i].derive()
	}
	return out, err
}

// candidatesSQL finds lines that were paid and should not have been: for months
// after that of a death, or of the day from which the entitlement was stopped and
// not approved again, and a second time for the same person and entitlement.
// What is claimed already is left out.
const candidatesSQL = `SELECT x.source, x.line, x.person, x.township, x.program, x.month, x.paid_fen, x.because FROM (
	SELECT 'death' AS source, l.id AS line, l.person, l.township, l.program, l.month, sum(h.amount_fen)::bigint AS paid_fen, coalesce(v.died_on, d.died_on)::text AS because
	FROM death d JOIN identity i ON i.id_blind = d.id_blind
	LEFT JOIN death_version v ON v.id_blind = d.id_blind AND v.n = (SELECT max(w.n) FROM death_version w WHERE w.id_blind = d.id_blind)
	JOIN entitlement_line l ON l.person = i.person AND l.month > substring(coalesce(v.died_on, d.died_on)::text, 1, 7) AND l.month >= $1 AND l.township LIKE $2
	JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account AND a.kind = 'paid'
	WHERE NOT coalesce(v.withdrawn, false)
	GROUP BY l.id, l.person, l.township, l.program, l.month, coalesce(v.died_on, d.died_on)
	UNION ALL
	SELECT 'stopped', l.id, l.person, l.township, l.program, l.month, sum(h.amount_fen)::bigint, s.since
	FROM (SELECT l.id, min(e.on_date)::text AS since FROM entitlement_event e
			JOIN entitlement_line l ON l.person = e.person AND l.program = e.program AND l.month > substring(e.on_date::text, 1, 7) AND l.month >= $1 AND l.township LIKE $2
			WHERE e.event = 'stopped' AND NOT e.grace AND NOT EXISTS (SELECT 1 FROM entitlement_event n WHERE n.person = e.person AND n.program = e.program
				AND n.event = 'approved' AND n.on_date >= e.on_date AND substring(n.on_date::text, 1, 7) <= l.month)
			GROUP BY l.id) s
	JOIN entitlement_line l ON l.id = s.id JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account AND a.kind = 'paid'
	GROUP BY l.id, l.person, l.township, l.program, l.month, s.since
	UNION ALL
	SELECT 'twice', l.id, l.person, l.township, l.program, l.month, sum(h.amount_fen)::bigint, o.id::text
	FROM batch b JOIN entitlement_line l ON l.batch = b.id AND b.period >= $1 AND l.township LIKE $2 AND l.person IS NOT NULL
	LEFT JOIN once_alias n ON n.subject = l.person
	JOIN LATERAL (SELECT min(k.line) AS id FROM once_key k JOIN leg g ON g.line = k.line JOIN account c ON c.id = g.account AND c.kind = 'paid'
		WHERE k.subject IN (l.person, coalesce(n.now, l.person)) AND k.program = l.program AND k.component = l.component AND k.month = l.month
			AND k.occasion = l.occasion AND k.freed IS NULL AND k.line < l.id) o ON o.id IS NOT NULL
	JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account AND a.kind = 'paid'
	GROUP BY l.id, l.person, l.township, l.program, l.month, o.id) x
	WHERE NOT EXISTS (SELECT 1 FROM recovery_item i WHERE i.line = x.line` + standingItem + `)
	ORDER BY x.township, x.person, x.month, x.line`

// claimChecks re-derive what claims promise.
var claimChecks = []check.Query{
	// What came and what was written off is never more than the claim.
	{Promise: 2, Check: "recovery_sum", SQL: `
		SELECT 'recovery ' || r.id::text, 'claim ' || r.amount_fen::text || ', received ' || coalesce(a.got, 0)::text || ', written off ' || coalesce(a.off, 0)::text ||
			', lines ' || coalesce(i.fen, 0)::text || ', settled ' || coalesce(s.fen, 0)::text
		FROM recovery r
		LEFT JOIN (SELECT recovery, sum(amount_fen) FILTER (WHERE kind = 'receive')::bigint AS got, sum(amount_fen) FILTER (WHERE kind = 'write_off')::bigint AS off
			FROM recovery_act GROUP BY recovery) a ON a.recovery = r.id
		LEFT JOIN (SELECT recovery, sum(amount_fen)::bigint AS fen FROM recovery_item GROUP BY recovery) i ON i.recovery = r.id
		LEFT JOIN (SELECT recovery, sum(amount_fen)::bigint AS fen FROM recovery_settled GROUP BY recovery) s ON s.recovery = r.id
		WHERE coalesce(a.got, 0) + coalesce(a.off, 0) > r.amount_fen OR coalesce(a.got, 0) <> coalesce(s.fen, 0)
			OR r.source <> 'case' AND r.amount_fen <> coalesce(i.fen, 0) ORDER BY r.id`},
	{Promise: 2, Check: "recovery_line", SQL: `
		SELECT 'recovery ' || i.recovery::text, 'line ' || i.line::text || ' of ' || coalesce(l.person, 0)::text || ': claimed ' || i.amount_fen::text || ', settled ' || coalesce(s.fen, 0)::text
		FROM recovery_item i JOIN recovery r ON r.id = i.recovery LEFT JOIN entitlement_line l ON l.id = i.line
		LEFT JOIN (SELECT line, recovery, sum(amount_fen)::bigint AS fen FROM recovery_settled GROUP BY line, recovery) s ON s.line = i.line AND s.recovery = i.recovery
		WHERE coalesce(s.fen, 0) > i.amount_fen OR i.amount_fen > coalesce(l.amount_fen, 0) OR l.person IS DISTINCT FROM r.person
		ORDER BY i.recovery, i.line`},
	// The ledger moved what instalments say, and nothing else passed recovered.
	{Promise: 2, Check: "recovery_ledger", SQL: `
		SELECT 'journal ' || coalesce(s.journal, t.journal)::text, 'settled ' || coalesce(s.fen, 0)::text || ', recovered ' || coalesce(t.fen, 0)::text
		FROM (SELECT journal, sum(amount_fen)::bigint AS fen FROM recovery_settled WHERE way = 'lot' GROUP BY journal) s
		FULL JOIN (SELECT x.journal, sum(x.amount_fen)::bigint AS fen FROM account a JOIN transfer x ON x.debit = a.id WHERE a.kind = 'recovered' GROUP BY x.journal) t
			ON t.journal = s.journal
		WHERE coalesce(s.fen, 0) <> coalesce(t.fen, 0) ORDER BY 1`},
	{Promise: 1, Check: "recovery_receipt", SQL: `
		SELECT 'journal ' || s.journal::text, 'settled ' || s.fen::text || ', receipt ' || coalesce(r.amount_fen, 0)::text
		FROM (SELECT journal, sum(amount_fen)::bigint AS fen FROM recovery_settled WHERE way = 'receipt' GROUP BY journal) s
		LEFT JOIN fund_receipt r ON r.journal = s.journal WHERE r.amount_fen IS DISTINCT FROM s.fen ORDER BY s.journal`},
	// No line is in two claims that stand.
	{Promise: 4, Check: "recovery_once", SQL: `
		SELECT 'line ' || i.line::text, 'recoveries ' || min(i.recovery)::text || ' and ' || max(i.recovery)::text
		FROM recovery_item i WHERE true` + standingItem + ` GROUP BY i.line HAVING count(*) > 1 ORDER BY i.line`},
	// Nobody confirms, rejects or writes off a claim that they opened; none is
	// collected or written off before it is confirmed, or after it was rejected.
	{Promise: 7, Check: "recovery_persons", SQL: `
		SELECT 'recovery ' || r.id::text, a.kind || ' by ' || a.actor || ', opened by ' || r.opened_by
		FROM recovery_act a JOIN recovery r ON r.id = a.recovery
		LEFT JOIN recovery_act c ON c.recovery = r.id AND c.kind = 'confirm'
		WHERE a.kind IN ('confirm', 'reject', 'write_off') AND a.actor = r.opened_by
			OR a.kind IN ('receive', 'write_off') AND r.source <> 'case' AND (c.n IS NULL OR c.n > a.n) OR a.kind = 'reject' AND c.n IS NOT NULL
		ORDER BY r.id, a.n`},
	proof.Orphans("recovery_leaf", proof.KindRecovery, "recovery_act"),
}

// verifyClaims makes the leaf of every act of a claim again.
func verifyClaims(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	views, err := recoveries(ctx, q, `TRUE`)
	if err != nil {
		return nil, err
	}
	parts, err := partsOfInstalments(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, v := range views {
		for _, a := range v.Acts {
			if a.Kind == RecoveryOpen {
				parts[a.ID] = itemParts(v.Items)
			}
		}
	}
	rows, err := q.Query(ctx, `SELECT a.id, a.recovery, a.n, a.kind, a.happened_on, a.amount_fen, a.number, a.evidence, a.reason, a.actor, a.recorded_at, l.digest
		FROM recovery_act a LEFT JOIN logged l ON l.kind = 'recovery' AND l.ref = a.id ORDER BY a.id`)
	if err != nil {
		return nil, fmt.Errorf("acts of recoveries: %w", err)
	}
	return proof.Recheck(rows, "recovery_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var a RecoveryAct
		var logged []byte
		err := row.Scan(&a.ID, &a.Recovery, &a.N, &a.Kind, &a.On, &a.Amount, &a.Number, &a.Evidence, &a.Reason, &a.Actor, &a.At, &logged)
		var tree leaf.Tree
		for _, p := range parts[a.ID] {
			tree.Add(p)
		}
		return proof.Row{Name: fmt.Sprintf("recovery_act %d", a.ID), Leaf: a.Leaf(&tree), Logged: logged}, err
	})
}

// partsOfInstalments are what instalments settled, as the parts of their leaves.
func partsOfInstalments(ctx context.Context, q db.Querier) (map[int64][][]byte, error) {
	rows, err := q.Query(ctx, `SELECT act, line, holding, way, amount_fen, journal FROM recovery_settled ORDER BY act, n`)
	if err != nil {
		return nil, fmt.Errorf("what instalments settled: %w", err)
	}
	parts := map[int64][][]byte{}
	var act int64
	var p settledPart
	_, err = pgx.ForEachRow(rows, []any{&act, &p.Line, &p.Leg.Holding, &p.Way, &p.Amount, &p.Journal}, func() error {
		var b leaf.Part
		parts[act] = append(parts[act], p.part(&b))
		return nil
	})
	return parts, err
}
