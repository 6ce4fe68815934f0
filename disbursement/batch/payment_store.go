package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/payment"
	"fenlu/internal/db"
	"fenlu/money"
)

func countPayments(ctx context.Context, q db.Querier, id ID) (int, error) {
	var n int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM payment WHERE batch = $1`, id).Scan(&n); err != nil {
		return 0, fmt.Errorf("count payments of batch %d: %w", id, err)
	}
	return n, nil
}

// toPay is the payments of a batch with money frozen, in order, each with the
// account version that its lines were approved with.
func toPay(ctx context.Context, q db.Querier, id ID) ([]payment.ToPay, error) {
	rows, err := q.Query(ctx, `SELECT p.id, min(l.account)
		FROM payment p
		JOIN holding h ON h.payment = p.id
		JOIN account a ON a.id = h.account AND a.kind = 'frozen'
		JOIN entitlement_line l ON l.id = h.line
		WHERE p.batch = $1
		GROUP BY p.id, p.no ORDER BY p.no`, id)
	if err != nil {
		return nil, fmt.Errorf("read payments of batch %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[payment.ToPay])
}

// unfrozen is a listed line whose frozen legs are not its amount.
type unfrozen struct {
	No     int32
	Amount money.Fen
	Frozen money.Fen
}

// notFrozen compares every line of an approved batch with its legs: listed
// lines stand frozen whole, others not at all.
func notFrozen(ctx context.Context, q db.Querier, id ID) ([]unfrozen, error) {
	rows, err := q.Query(ctx, `SELECT l.no, CASE WHEN l.status = 'listed' THEN l.amount_fen ELSE 0 END, coalesce(s.fen, 0)
		FROM entitlement_line l
		LEFT JOIN (SELECT h.line, sum(h.amount_fen)::bigint AS fen
			FROM payment p JOIN holding h ON h.payment = p.id JOIN account a ON a.id = h.account AND a.kind = 'frozen'
			WHERE p.batch = $1 GROUP BY h.line) s ON s.line = l.id
		WHERE l.batch = $1 AND CASE WHEN l.status = 'listed' THEN l.amount_fen ELSE 0 END <> coalesce(s.fen, 0)
		ORDER BY l.no LIMIT 100`, id)
	if err != nil {
		return nil, fmt.Errorf("compare lines of batch %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[unfrozen])
}
