package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// OpenLot makes a new, empty lot; a Bring step fills it.
func OpenLot(ctx context.Context, tx pgx.Tx, kind LotKind) (LotID, error) {
	id, err := db.NextID(ctx, tx, "lot_id_seq")
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO lot (id, kind) VALUES ($1, $2)`, id, kind); err != nil {
		return 0, fmt.Errorf("open lot: %w", err)
	}
	return LotID(id), nil //nolint:gosec // lot ids fit 31 bits
}

// Lots reads all lots in order of their id.
func Lots(ctx context.Context, q db.Querier) ([]Lot, error) {
	rows, err := q.Query(ctx, `SELECT id, kind, size_fen, seq, stopped FROM lot ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read lots: %w", err)
	}
	lots, err := pgx.CollectRows(rows, scanLot)
	if err != nil {
		return nil, fmt.Errorf("read lots: %w", err)
	}
	return lots, nil
}
