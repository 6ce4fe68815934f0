package trace

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// lotSources are the sources of all lots: the level and fund of the line that
// brought their money. Receipts have none.
func lotSources(ctx context.Context, q db.Querier) (map[int64]moneySource, error) {
	out, id, of := map[int64]moneySource{}, int64(0), moneySource{}
	rows, err := q.Query(ctx, `SELECT lot, level, fund FROM document_line WHERE kind = 'bring'`)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&id, &of.level, &of.fund}, func() error { out[id] = of; return nil })
	}
	if err != nil {
		return nil, fmt.Errorf("trace sources of lots: %w", err)
	}
	return out, nil
}

// setAsideLines are the budget lines that are kept for something, and for what.
func setAsideLines(ctx context.Context, q db.Querier) (map[int64]string, error) {
	out, id, purpose := map[int64]string{}, int64(0), ""
	rows, err := q.Query(ctx, `SELECT id, purpose FROM budget_line WHERE purpose IN ('carveout', 'reserve')`)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&id, &purpose}, func() error { out[id] = purpose; return nil })
	}
	if err != nil {
		return nil, fmt.Errorf("trace budget lines that are kept: %w", err)
	}
	return out, nil
}

// paidIn are the transfers into and out of the place paid from $1 to $2, with who
// each was for: a bank that paid more than was free has no leg, and counts by its
// payment's batch.
const paidIn = ` account a
	JOIN account_entry e ON e.account = a.id AND e.business_date BETWEEN $1 AND $2
	JOIN transfer t ON t.journal = e.journal AND (t.debit = a.id OR t.credit = a.id)
	LEFT JOIN holding h ON h.id = t.holding
	LEFT JOIN entitlement_line l ON l.id = h.line
	LEFT JOIN payment p ON p.id = t.payment AND l.id IS NULL
	LEFT JOIN batch b ON b.id = p.batch
	LEFT JOIN document_line d ON d.lot = a.lot AND d.kind = 'bring' `

// paymentsOf reads what was paid by program, source and month.
func paymentsOf(ctx context.Context, q db.Querier, days reportDays) ([]PaymentsRow, error) {
	out, err := collect(ctx, q, "payments by program", func(row pgx.CollectableRow) (PaymentsRow, error) {
		var r PaymentsRow
		err := row.Scan(&r.Program, &r.Level, &r.Fund, &r.Month, &r.Persons, &r.Units, &r.Back, &r.People, &r.Households)
		return r, err
	}, `SELECT coalesce(l.program, b.program, ''), coalesce(d.level, ''), coalesce(d.fund, ''), substring(e.business_date::text, 1, 7) AS month,
			coalesce(sum(t.amount_fen) FILTER (WHERE t.debit = a.id AND l.unit IS NULL), 0)::bigint,
			coalesce(sum(t.amount_fen) FILTER (WHERE t.debit = a.id AND l.unit IS NOT NULL), 0)::bigint,
			coalesce(sum(t.amount_fen) FILTER (WHERE t.credit = a.id), 0)::bigint,
			count(DISTINCT l.person) FILTER (WHERE t.debit = a.id), count(DISTINCT l.household) FILTER (WHERE t.debit = a.id)
		FROM`+paidIn+`WHERE a.kind = 'paid'
		GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`, days.from.Format(time.DateOnly), days.to.Format(time.DateOnly))
	if out == nil {
		out = []PaymentsRow{}
	}
	return out, err
}
