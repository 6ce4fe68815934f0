package funds

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/money"
)

// Unused tells the books what quota was unused at the end of a year (年末未用指标).
type Unused struct{}

// UnusedOf sums, by office, what the budget lines of a year had available or set
// aside on 31 December, whatever was carried over since; what a document had
// carried into the next year by then counts, too. A reserve is the township's
// already.
func (Unused) UnusedOf(ctx context.Context, q db.Querier, year int) (map[string]money.Fen, error) {
	rows, err := q.Query(ctx, `SELECT b.office, sum(d.closing_fen)::bigint FROM budget_line b
		JOIN document_line dl ON dl.id = b.document_line
		JOIN document p ON p.id = dl.document
		JOIN account a ON a.lot = b.lot AND a.budget_line = b.id AND a.kind IN ('available', 'carveout')
		JOIN LATERAL (SELECT x.closing_fen FROM account_day x WHERE x.account = a.id AND x.day <= $2 ORDER BY x.day DESC LIMIT 1) d ON true
		WHERE b.year = $1 OR b.year = $1 + 1 AND p.type = $3
		GROUP BY b.office`, year, fmt.Sprintf("%04d-12-31", year), string(CarryType))
	if err != nil {
		return nil, fmt.Errorf("read unused quota of %d: %w", year, err)
	}
	unused := map[string]money.Fen{}
	var office string
	var left money.Fen
	_, err = pgx.ForEachRow(rows, []any{&office, &left}, func() error { unused[office] = left; return nil })
	return unused, err
}
