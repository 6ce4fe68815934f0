package batch

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/money"
)

// backPayBatches are the batches of an office and program that hold lines of an
// occasion, in their order. The batches of an office are found by batch_no.
func backPayBatches(ctx context.Context, q db.Querier, office, program, occasion string) ([]Batch, error) {
	rows, err := q.Query(ctx, `SELECT `+batchColumns+` FROM batch b
		WHERE office = $1 AND program = $2 AND kind = 'backpay'
			AND EXISTS (SELECT 1 FROM entitlement_line l WHERE l.batch = b.id AND l.occasion = $3)
		ORDER BY no`, office, program, occasion)
	if err != nil {
		return nil, fmt.Errorf("back-pay batches: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Batch, error) { return scanBatch(row) })
}

// regularSubjects is whom the lists of an office cover in a row's months and
// class; the lists are found by batch_period. A person registered twice is the
// record that counts.
func regularSubjects(ctx context.Context, q db.Querier, r raise, office string) ([]int64, error) {
	p := r.policy
	rows, err := q.Query(ctx, `SELECT DISTINCT coalesce(a.now, l.person, l.unit) AS subject
		FROM batch b JOIN entitlement_line l ON l.batch = b.id
		LEFT JOIN once_alias a ON a.subject = l.person
		WHERE b.period = ANY($1) AND b.program = $2 AND b.office = $3 AND b.state NOT IN ('draft', 'checked', 'cancelled')
			AND l.component = $4 AND l.class = $5 AND l.month = ANY($1) AND l.occasion = 'regular' AND l.status <> 'withdrawn'
		ORDER BY subject`, r.months, p.Program, office, p.Component, p.Class)
	if err != nil {
		return nil, fmt.Errorf("whom policy %d covers: %w", p.ID, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("whom policy %d covers: %w", p.ID, err)
	}
	return found, nil
}

// paidLines reads the lines of persons with a live once-key in a row's months,
// of all offices, with what is paid of them by the level of the money that paid.
func paidLines(ctx context.Context, q db.Querier, r raise, subjects []int64) (map[monthKey][]paidLine, error) {
	rows, err := q.Query(ctx, `SELECT k.subject, b.id, b.code, b.office, coalesce(dl.level, ''),
			coalesce(sum(h.amount_fen) FILTER (WHERE c.kind = 'paid'), 0)::bigint,
			coalesce(bool_or(c.kind = 'returned'), false), `+lineColumns+`
		FROM once_key k JOIN entitlement_line l ON l.id = k.line JOIN batch b ON b.id = l.batch
		LEFT JOIN leg h ON h.line = l.id AND h.account IS NOT NULL
		LEFT JOIN account c ON c.id = h.account
		LEFT JOIN document_line dl ON dl.lot = h.lot AND dl.kind = 'bring'
		WHERE k.subject = ANY($1) AND k.program = $2 AND k.component = $3 AND k.month = ANY($4) AND k.freed IS NULL
		GROUP BY k.subject, b.id, b.code, b.office, dl.level, l.id
		ORDER BY k.subject, l.id, dl.level`, subjects, r.policy.Program, r.policy.Component, r.months)
	if err != nil {
		return nil, fmt.Errorf("paid under policy %d: %w", r.policy.ID, err)
	}
	out := map[monthKey][]paidLine{}
	var p paidLine
	var level string
	var paid money.Fen
	var back bool
	l := &p.Line
	_, err = pgx.ForEachRow(rows, []any{&p.subject, &p.batch, &p.code, &p.office, &level, &paid, &back, &l.ID, &l.No, &l.Component, &l.Class, &l.Person,
		&l.Household, &l.Unit, &l.Payee, &l.Role, &l.Account, &l.Township, &l.Residence, &l.Month, &l.Occasion, &l.Policy, &l.Amount, &l.Status}, func() error {
		key := monthKey{p.subject, l.Month}
		lines := out[key]
		if n := len(lines); n == 0 || lines[n-1].ID != l.ID {
			lines = append(lines, p)
		}
		last := &lines[len(lines)-1]
		last.returned = last.returned || back
		if paid > 0 {
			last.paid = append(last.paid, benefits.Layer{Level: terms.Level(level), Amount: paid})
		}
		out[key] = lines
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("paid under policy %d: %w", r.policy.ID, err)
	}
	return out, withoutRecovered(ctx, q, out)
}

// withoutRecovered takes what payees paid back out of what is paid: to a lot, its
// legs lost it; as receipts of a later year, they still have it.
func withoutRecovered(ctx context.Context, q db.Querier, all map[monthKey][]paidLine) error {
	of := map[LineID]*paidLine{}
	for _, lines := range all {
		for i := range lines {
			of[lines[i].ID] = &lines[i]
		}
	}
	rows, err := q.Query(ctx, `SELECT r.line, r.way, coalesce(dl.level, ''), sum(r.amount_fen)::bigint
		FROM recovery_settled r JOIN leg h ON h.id = r.holding
		LEFT JOIN document_line dl ON dl.lot = h.lot AND dl.kind = 'bring'
		WHERE r.line = ANY($1) GROUP BY r.line, r.way, dl.level ORDER BY r.line, r.way, dl.level`, slices.Sorted(maps.Keys(of)))
	if err != nil {
		return fmt.Errorf("what payees paid back: %w", err)
	}
	var line LineID
	var way, level string
	var amount money.Fen
	_, err = pgx.ForEachRow(rows, []any{&line, &way, &level, &amount}, func() error {
		l := of[line]
		if err := grow(&l.got, amount); err != nil || way == "lot" {
			return err
		}
		for i := range l.paid {
			if string(l.paid[i].Level) == level {
				l.paid[i].Amount -= min(amount, l.paid[i].Amount)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("what payees paid back: %w", err)
	}
	return nil
}

// copyLayers stores what each level pays of lines that have their ids by now.
func copyLayers(ctx context.Context, tx pgx.Tx, lines []Line, made []backLine) error {
	type layerOf struct {
		line LineID
		benefits.Layer
	}
	var all []layerOf
	for i := range made {
		for _, l := range made[i].layers {
			all = append(all, layerOf{lines[i].ID, l})
		}
	}
	_, err := db.CopyIn(ctx, tx, "line_layer", []string{"line", "level", "amount_fen"}, len(all), func(i int) ([]any, error) {
		return []any{int64(all[i].line), string(all[i].Level), int64(all[i].Amount)}, nil
	})
	return err
}

// given is what each level pays of lines for which it is set down; the policy
// says it for all others.
type given map[LineID][]benefits.Layer

// layersOf reads what is set down for the lines of a back-pay batch.
func layersOf(ctx context.Context, q db.Querier, b Batch) (given, error) {
	if b.Kind != BackPay {
		return nil, nil
	}
	rows, err := q.Query(ctx, `SELECT y.line, y.level, y.amount_fen FROM entitlement_line l JOIN line_layer y ON y.line = l.id
		WHERE l.batch = $1 ORDER BY l.no`, b.ID)
	if err != nil {
		return nil, fmt.Errorf("levels of batch %d: %w", b.ID, err)
	}
	out := given{}
	var line LineID
	var layer benefits.Layer
	_, err = pgx.ForEachRow(rows, []any{&line, &layer.Level, &layer.Amount}, func() error {
		out[line] = append(out[line], layer)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("levels of batch %d: %w", b.ID, err)
	}
	return out, nil
}
