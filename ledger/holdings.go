package ledger

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

const holdingColumns = `h.id, h.line, h.payment, h.party, h.amount_fen, h.parcel`

func scanHolding(row pgx.CollectableRow) (Holding, error) {
	var h Holding
	err := row.Scan((*int64)(&h.ID), &h.Line, &h.Payment, &h.Party, (*int64)(&h.Amount), &h.parcel)
	return h, err
}

// Holdings reads holdings by id, in id order; unknown ids are left out.
func Holdings(ctx context.Context, q db.Querier, ids []HoldingID) ([]Holding, error) {
	var out []Holding
	for _, some := range spansOf(ids) {
		found, err := holdings(ctx, q, `SELECT `+holdingColumns+` FROM holding h WHERE `+some.condition()+` ORDER BY h.id`, some.args()...)
		if err != nil {
			return nil, err
		}
		for _, h := range found {
			if some.has(h.ID) {
				out = append(out, h)
			}
		}
	}
	return out, nil
}

// span is some legs' numbers, ascending. The legs of a draw are numbered one
// after the other: such numbers are read as a range, others one by one. Never
// as a join with ranges, which a server without statistics walks as often as
// there are ranges.
type span []HoldingID

// spansOf puts ids in order, each once, and parts them.
func spansOf(ids []HoldingID) []span {
	var out []span
	for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(ids))), chunk) {
		out = append(out, span(part))
	}
	return out
}

// all says whether no number between the first and the last is missing.
func (s span) all() bool { return int(s[len(s)-1]-s[0])+1 == len(s) }

// dense says whether at least every second number between the first and the
// last is there.
func (s span) dense() bool { return int(s[len(s)-1]-s[0]) < 2*len(s) }

func (s span) condition() string {
	if s.dense() {
		return `h.id BETWEEN $1 AND $2`
	}
	return `h.id = ANY($1)`
}

func (s span) args() []any {
	if s.dense() {
		return []any{s[0], s[len(s)-1]}
	}
	return []any{[]HoldingID(s)}
}

func (s span) has(id HoldingID) bool {
	if s.all() {
		return id >= s[0] && id <= s[len(s)-1]
	}
	_, found := slices.BinarySearch(s, id)
	return found
}

// HoldingsOfPayments reads the legs of payments, in id order.
func HoldingsOfPayments(ctx context.Context, q db.Querier, payments []int64) ([]Holding, error) {
	return holdingsBy(ctx, q, `SELECT `+holdingColumns+` FROM holding h WHERE h.payment = ANY($1) ORDER BY h.id`, payments)
}

// HoldingsOfLines reads the legs of entitlement lines, in id order.
func HoldingsOfLines(ctx context.Context, q db.Querier, lines []int64) ([]Holding, error) {
	return holdingsBy(ctx, q, `SELECT `+holdingColumns+` FROM holding h WHERE h.line = ANY($1) ORDER BY h.id`, lines)
}

func holdingsBy(ctx context.Context, q db.Querier, sql string, keys []int64) ([]Holding, error) {
	var out []Holding
	for part := range slices.Chunk(keys, chunk) {
		found, err := holdings(ctx, q, sql, part)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func holdings(ctx context.Context, q db.Querier, sql string, args ...any) ([]Holding, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read holdings: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanHolding)
	if err != nil {
		return nil, fmt.Errorf("read holdings: %w", err)
	}
	return found, place(ctx, q, found)
}

// place says of each holding what its parcel says: lot, origin, and where it
// stands.
func place(ctx context.Context, q db.Querier, list []Holding) error {
	parcels, err := parcelsByID(ctx, q, parcelsOf(list))
	if err != nil {
		return err
	}
	for i := range list {
		c := parcels[list[i].parcel]
		if c == nil {
			return fmt.Errorf("leg %d is of parcel %d, which does not exist", list[i].ID, list[i].parcel)
		}
		list[i].Lot, list[i].Account, list[i].Origin = c.lot, c.account, c.origin
	}
	return nil
}

// parcelsOf are the numbers of the parcels that holdings are of, each once.
func parcelsOf(list []Holding) []int64 {
	var ids []int64
	for _, h := range list {
		if n := len(ids); n == 0 || ids[n-1] != h.parcel {
			ids = append(ids, h.parcel)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
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
