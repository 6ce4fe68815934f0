package ledger

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

const holdingColumns = `id, line, payment, party, amount_fen, lot, coalesce(account, 0), origin`

func scanHolding(row pgx.CollectableRow) (Holding, error) {
	var h Holding
	err := row.Scan(&h.ID, &h.Line, &h.Payment, &h.Party, &h.Amount, &h.Lot, &h.Account, &h.Origin)
	return h, err
}

// Holdings reads holdings by id, in id order; unknown ids are left out.
func Holdings(ctx context.Context, q db.Querier, ids []HoldingID) ([]Holding, error) {
	return holdings(ctx, q, `SELECT `+holdingColumns+` FROM holding WHERE id = ANY($1) ORDER BY id`, ids)
}

// HoldingsOfPayments reads the legs of payments, in id order.
func HoldingsOfPayments(ctx context.Context, q db.Querier, payments []int64) ([]Holding, error) {
	return holdings(ctx, q, `SELECT `+holdingColumns+` FROM holding WHERE payment = ANY($1) ORDER BY id`, payments)
}

// HoldingsOfLines reads the legs of entitlement lines, in id order.
func HoldingsOfLines(ctx context.Context, q db.Querier, lines []int64) ([]Holding, error) {
	return holdings(ctx, q, `SELECT `+holdingColumns+` FROM holding WHERE line = ANY($1) ORDER BY id`, lines)
}

func holdings[T any](ctx context.Context, q db.Querier, sql string, ids []T) ([]Holding, error) {
	var out []Holding
	for part := range slices.Chunk(ids, chunk) {
		rows, err := q.Query(ctx, sql, part)
		if err != nil {
			return nil, fmt.Errorf("read holdings: %w", err)
		}
		found, err := pgx.CollectRows(rows, scanHolding)
		if err != nil {
			return nil, fmt.Errorf("read holdings: %w", err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// PiecesOfHoldings reads where the fen of holdings are now, by lot and offset.
func PiecesOfHoldings(ctx context.Context, q db.Querier, ids []HoldingID) ([]Piece, error) {
	var out []Piece
	for part := range slices.Chunk(ids, chunk) {
		found, err := pieces(ctx, q, `SELECT lot, offset_fen, amount_fen, opened_seq, 0, holding FROM piece
			WHERE holding = ANY($1) ORDER BY lot, offset_fen`, part)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
