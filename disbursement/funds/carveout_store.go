package funds

import (
	"context"
	"slices"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/money"
)

// lineSum is what a line of a year brought, net of its cuts.
type lineSum struct {
	Fund     string      `db:"fund"`
	Level    terms.Level `db:"level"`
	Document string      `db:"number"`
	Amount   money.Fen   `db:"amount_fen"`
}

// lineSums reads the year's lines, by level from the top and then in document
// order.
func lineSums(ctx context.Context, q db.Querier, year int) ([]lineSum, error) {
	sums, err := query[lineSum](ctx, q, "lines of the year", `
		SELECT dl.fund, dl.level, d.number,
			dl.amount_fen - coalesce((SELECT sum(c.amount_fen)::bigint FROM document_line c WHERE c.lot = dl.lot AND c.kind = 'cut'), 0) AS amount_fen
		FROM document_line dl JOIN document d ON d.id = dl.document
		WHERE dl.kind = 'bring' AND d.year = $1
		ORDER BY d.issued_on, d.id, dl.line_no`, year)
	slices.SortStableFunc(sums, func(a, b lineSum) int { return rank(a.Level) - rank(b.Level) })
	return sums, err
}

// asideLines are the budget lines for services on which money of a year stands:
// it was set aside in that year, and may have been carried over since.
const asideLines = `WITH RECURSIVE aside AS (
		SELECT b.id FROM budget_line b LEFT JOIN budget_line p ON p.id = b.parent
		WHERE b.purpose = 'carveout' AND b.year = $1 AND p.purpose IS DISTINCT FROM 'carveout'
		UNION ALL
		SELECT b.id FROM budget_line b JOIN aside x ON b.parent = x.id WHERE b.purpose = 'carveout')`

// carveoutLines reads the budget lines for services of a year with what stands
// on them.
func carveoutLines(ctx context.Context, q db.Querier, year int) ([]CarveoutLine, error) {
	type record struct {
		BudgetLine   ledger.BudgetLineID `db:"id"`
		Lot          ledger.LotID        `db:"lot"`
		Number       string              `db:"number"`
		Document     string              `db:"document"`
		Level        terms.Level         `db:"level"`
		Fund         string              `db:"fund"`
		EconomicCode string              `db:"economic_code"`
		Balance      money.Fen           `db:"balance_fen"`
		Spent        money.Fen           `db:"spent_fen"`
		Paid         money.Fen           `db:"paid_fen"`
	}
	found, err := query[record](ctx, q, "lines set aside", asideLines+`
		SELECT b.id, b.lot, b.number, d.number AS document, dl.level, dl.fund, b.economic_code,
			coalesce(sum(a.balance_fen) FILTER (WHERE a.kind = 'carveout'), 0)::bigint AS balance_fen,
			coalesce(sum(a.balance_fen) FILTER (WHERE a.kind IN ('frozen', 'in_transit', 'paid', 'returned')), 0)::bigint AS spent_fen,
			coalesce(sum(a.balance_fen) FILTER (WHERE a.kind = 'paid'), 0)::bigint AS paid_fen
		FROM aside x JOIN budget_line b ON b.id = x.id
		JOIN document_line dl ON dl.lot = b.lot AND dl.kind = 'bring'
		JOIN document d ON d.id = dl.document
		JOIN account a ON a.lot = b.lot AND a.budget_line = b.id
		GROUP BY b.id, b.lot, b.number, d.number, dl.level, dl.fund, b.economic_code
		ORDER BY b.id`, year)
	out := make([]CarveoutLine, len(found))
	for i, r := range found {
		out[i] = CarveoutLine(r)
	}
	return out, err
}
