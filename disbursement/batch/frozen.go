package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/money"
)

// FrozenOn is what one batch has frozen on a lot (冻结).
type FrozenOn struct {
	Lot    ledger.LotID `json:"lot" db:"lot"`
	Batch  string       `json:"batch" db:"code"`
	State  State        `json:"state" db:"state"`
	Lines  int64        `json:"lines" db:"lines"`
	Amount money.Fen    `json:"amount" db:"amount_fen"`
}

// FrozenOnLots lists the batches that have money frozen on lots, the newest
// first: where a cut was larger than what was free, lines are taken out of them
// by withdrawal lists until the lot is whole again. It reads the pieces of the
// lots and of no other. Errors: none of its own.
func FrozenOnLots(ctx context.Context, q db.Querier, lots []ledger.LotID) ([]FrozenOn, error) {
	rows, err := q.Query(ctx, `SELECT p.lot, b.code, b.state, count(DISTINCT l.id) AS lines, sum(p.amount_fen)::bigint AS amount_fen
		FROM piece p JOIN leg h ON h.id = p.holding
		JOIN account a ON a.id = h.account AND a.kind = 'frozen'
		JOIN entitlement_line l ON l.id = h.line JOIN batch b ON b.id = l.batch
		WHERE p.lot = ANY($1) GROUP BY p.lot, b.id, b.code, b.state ORDER BY p.lot, b.id DESC`, lots)
	if err != nil {
		return nil, fmt.Errorf("frozen on lots: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[FrozenOn])
	if err != nil {
		return nil, fmt.Errorf("frozen on lots: %w", err)
	}
	return found, nil
}
