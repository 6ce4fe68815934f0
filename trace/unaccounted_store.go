package trace

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/money"
)

func receiptLots(ctx context.Context, q db.Querier) (map[int64]bool, error) {
	ids, err := numbers(ctx, q, "receipts", `SELECT id FROM lot WHERE kind = 'receipt'`)
	out := map[int64]bool{}
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// papersSay is the first source: the document lines as stored. A line that
// brings gives its budget line the money, one that moves takes it from one and
// gives it to another, one that cuts turns it into withdrawn.
func papersSay(ctx context.Context, q db.Querier) (source, error) {
	out := source{}
	var lot, from, to int64
	var kind string
	var amount money.Fen
	rows, err := q.Query(ctx, `SELECT lot, kind, coalesce(from_budget_line, 0), coalesce(to_budget_line, 0), sum(amount_fen)::bigint
		FROM document_line GROUP BY lot, kind, from_budget_line, to_budget_line`)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&lot, &kind, &from, &to, &amount}, func() error {
			if kind != "bring" {
				out[spot{lot: lot, budgetLine: from}] -= amount
			}
			if kind == "cut" {
				out[spot{lot: lot, budgetLine: from, withdrawn: true}] += amount
			} else {
				out[spot{lot: lot, budgetLine: to}] += amount
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("trace what documents say: %w", err)
	}
	return out, nil
}

// transfersSay is the second source: debits less credits of every account, by
// the lot that the transfer names.
func transfersSay(ctx context.Context, q db.Querier) (source, error) {
	return bySpot(ctx, q, "what transfers say", `
		SELECT lot, account, sum(fen)::bigint FROM (
			SELECT lot, debit AS account, sum(amount_fen)::bigint AS fen FROM transfer GROUP BY lot, debit
			UNION ALL SELECT lot, credit, -sum(amount_fen)::bigint FROM transfer GROUP BY lot, credit) x
		GROUP BY lot, account`)
}

// piecesSay is the third source: the pieces by who holds them, less those that
// are paid and not covered by evidence, and the open claims on both sides.
func piecesSay(ctx context.Context, q db.Querier) (source, error) {
	out, err := bySpot(ctx, q, "what pieces say", `
		SELECT p.lot, coalesce(p.account, h.account, 0), sum(p.amount_fen)::bigint
		FROM piece p LEFT JOIN leg h ON h.id = p.holding GROUP BY p.lot, coalesce(p.account, h.account, 0)`)
	if err != nil {
		return nil, err
	}
	claims, err := bySpot(ctx, q, "what claims say", `
		SELECT c.lot, x.account, sum(CASE WHEN x.account = c.account THEN c.open_fen ELSE -c.open_fen END)::bigint
		FROM (SELECT k.lot, k.account, k.amount_fen - coalesce((SELECT sum(v.amount_fen)::bigint FROM claim_cover v WHERE v.claim = k.id), 0) AS open_fen
			FROM claim k) c
		JOIN account a ON a.id = c.account
		JOIN (SELECT id AS account, lot, budget_line, kind FROM account) x
			ON x.account = c.account OR (x.lot = c.lot AND x.kind = 'shortfall' AND x.budget_line = a.budget_line)
		GROUP BY c.lot, x.account`)
	if err != nil {
		return nil, err
	}
	uncovered, err := uncoveredPaid(ctx, q)
	for at, amount := range claims {
		out[at] += amount
	}
	for at, amount := range uncovered {
		out[at] -= amount
	}
	return out, err
}

func bySpot(ctx context.Context, q db.Querier, what, sql string) (source, error) {
	out := source{}
	var at spot
	var amount money.Fen
	rows, err := q.Query(ctx, sql)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&at.lot, &at.account, &amount}, func() error { out[at] += amount; return nil })
	}
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", what, err)
	}
	return out, nil
}

// verdicts is what all the evidence about each attempt says together: booked
// if anything says paid, booked or returned; returned what came back, at most
// what was booked. It reads evidence only, not what the payments made of it.
const verdicts = `SELECT t.id, t.payment, t.amount_fen, t.state, t.booked_fen AS kept_booked_fen, t.returned_fen AS kept_returned_fen,
		CASE WHEN coalesce(e.paid, 0) > 0 THEN t.amount_fen ELSE 0 END AS booked_fen,
		least(coalesce(e.back_fen, 0), t.amount_fen) AS returned_fen,
		CASE WHEN coalesce(e.back_fen, 0) >= t.amount_fen THEN 'returned' WHEN coalesce(e.back_fen, 0) > 0 THEN 'part_returned'
			WHEN e.paid > 0 THEN 'paid' WHEN e.failed > 0 THEN 'failed' WHEN e.unsure > 0 THEN 'unknown' ELSE '' END AS says
	FROM attempt t
	LEFT JOIN (SELECT attempt, count(CASE WHEN says IN ('paid', 'booked', 'returned') THEN 1 END) AS paid,
			count(CASE WHEN says = 'failed' THEN 1 END) AS failed, count(CASE WHEN says = 'unknown' THEN 1 END) AS unsure,
			sum(CASE WHEN says = 'returned' THEN amount_fen ELSE 0 END)::bigint AS back_fen
		FROM evidence WHERE attempt IS NOT NULL AND outcome = 'matched' GROUP BY attempt) e ON e.attempt = t.id`

// uncoveredPaid is how much of each paid account no evidence covers: a
// payment's paid pieces beyond what its bank credits, less returns, amount to.
func uncoveredPaid(ctx context.Context, q db.Querier) (source, error) {
	out, left := source{}, map[int64]money.Fen{}
	var at spot
	var payment int64
	var fen, paid, covered money.Fen
	rows, err := q.Query(ctx, `
		SELECT lot, account, payment, fen, paid_fen, covered_fen FROM (
			SELECT x.lot, x.account, x.payment, x.fen, sum(x.fen) OVER (PARTITION BY x.payment)::bigint AS paid_fen, coalesce(v.fen, 0) AS covered_fen
			FROM (SELECT p.lot, h.account, h.payment, sum(p.amount_fen)::bigint AS fen
				FROM piece p JOIN leg h ON h.id = p.holding JOIN account a ON a.id = h.account
				WHERE a.kind = 'paid' GROUP BY p.lot, h.account, h.payment) x
			LEFT JOIN (SELECT payment, sum(booked_fen - returned_fen)::bigint AS fen FROM (`+verdicts+`) w GROUP BY payment) v ON v.payment = x.payment) y
		WHERE paid_fen > covered_fen ORDER BY payment, lot, account`)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&at.lot, &at.account, &payment, &fen, &paid, &covered}, func() error {
			if _, seen := left[payment]; !seen {
				left[payment] = paid - covered
			}
			take := min(left[payment], fen)
			left[payment] -= take
			out[at] += take
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("trace what evidence covers: %w", err)
	}
	return out, nil
}
