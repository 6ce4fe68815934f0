package ledger

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/money"
)

// LegChange is what one journal changed in what the legs of one line have in one
// account, netted: money the line got there is positive.
type LegChange struct {
	Lot     LotID
	Seq     int64
	Line    int64
	Account AccountID
	Delta   money.Fen
}

// LegChanges reads how legs of entitlement lines came to stand where they stand,
// in order of lot and number. Two histories say it, and neither ever changes:
// who held which fen from which number of the lot until which, and where the
// parcels of legs stood. Every statement is a probe for each leg.
func LegChanges(ctx context.Context, q db.Querier, lines []int64) ([]LegChange, error) {
	var all []LegChange
	for page := range slices.Chunk(lines, linesPage) {
		some, err := legChanges(ctx, q, page)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return netted(all), nil
}

// linesPage is how many lines one statement reads about: a handful of buffers for
// each leg.
const linesPage = 32

func legChanges(ctx context.Context, q db.Querier, lines []int64) ([]LegChange, error) {
	legs, err := HoldingsOfLines(ctx, q, lines)
	if err != nil || len(legs) == 0 {
		return nil, err
	}
	held, err := heldOver(ctx, q, legs)
	if err != nil {
		return nil, err
	}
	stood, err := stoodOver(ctx, q, parcelsOf(legs))
	if err != nil {
		return nil, err
	}
	var all []LegChange
	for _, h := range legs {
		all = append(all, changesOfLeg(h, held[h.ID], stood[h.parcel])...)
	}
	return all, nil
}

// never is the number at which something ends that has not ended.
const never = math.MaxInt64

// tenure is a run of a leg's fen from number opened of the lot until closed.
type tenure struct {
	amount         money.Fen
	opened, closed int64
}

// heldOver reads what legs held, and from when until when.
func heldOver(ctx context.Context, q db.Querier, legs []Holding) (map[HoldingID][]tenure, error) {
	ids := make([]int64, len(legs))
	for i, h := range legs {
		ids[i] = int64(h.ID)
	}
	out := make(map[HoldingID][]tenure, len(legs))
	for part := range slices.Chunk(ids, chunk) {
		for _, sql := range []string{
			`SELECT holding, amount_fen, opened_seq, 9223372036854775807 FROM piece WHERE holding = ANY($1)`,
			`SELECT holding, amount_fen, opened_seq, closed_seq FROM piece_history WHERE holding = ANY($1)`,
		} {
			var leg HoldingID
			var t tenure
			rows, err := q.Query(ctx, sql, part)
			if err == nil {
				_, err = pgx.ForEachRow(rows, []any{&leg, &t.amount, &t.opened, &t.closed}, func() error { out[leg] = append(out[leg], t); return nil })
			}
			if err != nil {
				return nil, fmt.Errorf("read what legs held: %w", err)
			}
		}
	}
	return out, nil
}

// stand is where a parcel stood from number seq on; account 0: given back.
type stand struct {
	seq     int64
	account AccountID
}

// stoodOver reads where the legs of parcels stood, in order: with the parcel
// since it has been one, before that with the parcels it parted from.
func stoodOver(ctx context.Context, q db.Querier, parcels []int64) (map[int64][]stand, error) {
	out := make(map[int64][]stand, len(parcels))
	for part := range slices.Chunk(parcels, chunk) {
		rows, err := q.Query(ctx, `WITH RECURSIVE up (own, parcel, parent, until) AS (
				SELECT p.id, p.id, p.parent, 9223372036854775807 FROM parcel p WHERE p.id = ANY($1)
				UNION ALL
				SELECT u.own, p.id, p.parent, (SELECT s.seq FROM parcel_stand s WHERE s.parcel = u.parcel ORDER BY s.seq LIMIT 1)
				FROM up u JOIN parcel p ON p.id = u.parent AND p.id < u.parcel)
			SELECT u.own, s.seq, coalesce(s.account, 0)
			FROM up u CROSS JOIN LATERAL (SELECT x.seq, x.account FROM parcel_stand x WHERE x.parcel = u.parcel AND x.seq < u.until) s
			ORDER BY u.own, s.seq`, part)
		var own int64
		var s stand
		if err == nil {
			_, err = pgx.ForEachRow(rows, []any{&own, &s.seq, &s.account}, func() error { out[own] = append(out[own], s); return nil })
		}
		if err != nil {
			return nil, fmt.Errorf("read where legs stood: %w", err)
		}
	}
	return out, nil
}

// changesOfLeg walks a leg through the numbers at which it changed, and says
// what it had where before and after each.
func changesOfLeg(h Holding, held []tenure, stood []stand) []LegChange {
	var moments []int64
	for _, t := range held {
		moments = append(moments, t.opened, t.closed)
	}
	for _, s := range stood {
		moments = append(moments, s.seq)
	}
	slices.Sort(moments)
	var out []LegChange
	var before LegChange
	for _, seq := range slices.Compact(moments) {
		if seq == never {
			break
		}
		now := LegChange{Lot: h.Lot, Seq: seq, Line: h.Line, Account: stoodAt(stood, seq), Delta: heldAt(held, seq)}
		if now.Account == before.Account && now.Delta == before.Delta {
			continue
		}
		left := before
		left.Lot, left.Seq, left.Line, left.Delta = h.Lot, seq, h.Line, -before.Delta
		out, before = append(out, left, now), now
	}
	return out
}

// heldAt is how much of a leg was held after number seq.
func heldAt(held []tenure, seq int64) (sum money.Fen) {
	for _, t := range held {
		if t.opened <= seq && seq < t.closed {
			sum += t.amount
		}
	}
	return sum
}

func stoodAt(stood []stand, seq int64) (at AccountID) {
	for _, s := range stood {
		if s.seq <= seq {
			at = s.account
		}
	}
	return at
}

// netted sums changes of one line and account in one journal, and leaves out
// what comes to nothing.
func netted(all []LegChange) []LegChange {
	slices.SortFunc(all, func(a, b LegChange) int {
		return cmp.Or(cmp.Compare(a.Lot, b.Lot), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Account, b.Account))
	})
	var out []LegChange
	for _, c := range all {
		if n := len(out); n > 0 && out[n-1].Lot == c.Lot && out[n-1].Seq == c.Seq && out[n-1].Line == c.Line && out[n-1].Account == c.Account {
			out[n-1].Delta += c.Delta
			continue
		}
		out = append(out, c)
	}
	return slices.DeleteFunc(out, func(c LegChange) bool { return c.Delta == 0 })
}
