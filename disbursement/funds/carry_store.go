package funds

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/money"
)

// Remaining is unspent money of one place of a budget line (结余).
type Remaining struct {
	BudgetLine ledger.BudgetLineID `json:"budget_line"`
	Place      ledger.AccountKind  `json:"place"`
	Township   string              `json:"township,omitempty"`
	Amount     money.Fen           `json:"amount"`

	account ledger.AccountID
}

// Unspent is what budget lines of a year have free, in order of budget line and
// account: available, set aside, in reserve.
func Unspent(ctx context.Context, q db.Querier, year int) ([]Remaining, error) {
	rows, err := q.Query(ctx, `SELECT b.id, a.kind, a.township, a.balance_fen, a.id FROM budget_line b
		JOIN account a ON a.lot = b.lot AND a.budget_line = b.id AND a.kind IN ('available', 'carveout', 'reserve')
		WHERE b.year = $1 AND a.balance_fen > 0 ORDER BY b.id, a.id`, year)
	if err != nil {
		return nil, fmt.Errorf("read unspent money: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Remaining, error) {
		var r Remaining
		err := row.Scan(&r.BudgetLine, &r.Place, &r.Township, &r.Amount, &r.account)
		return r, err
	})
}

// budgetLinesByID finds budget lines, whether or not anything is available
// there.
func budgetLinesByID(ctx context.Context, q db.Querier, ids []ledger.BudgetLineID) (map[ledger.BudgetLineID]free, error) {
	found, err := collect(ctx, q, "budget lines", func(row pgx.CollectableRow) (free, error) {
		var f free
		err := row.Scan(&f.BudgetLine, &f.Lot, &f.Purpose, &f.Level, &f.Fund, &f.FunctionCode, &f.EconomicCode, &f.Office, &f.TraceCode)
		return f, err
	}, `SELECT b.id, b.lot, b.purpose, dl.level, dl.fund, b.function_code, b.economic_code, b.office, dl.trace_code
		FROM budget_line b JOIN document_line dl ON dl.lot = b.lot AND dl.kind = 'bring' WHERE b.id = ANY($1)`, ids)
	out := map[ledger.BudgetLineID]free{}
	for _, f := range found {
		out[f.BudgetLine] = f
	}
	return out, err
}
