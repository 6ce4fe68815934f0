package ledger

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/money"
)

// verifyLegs goes over all legs in order of their numbers, a page at a time,
// with what they hold now and held before, and says of each
//
//   - holding_pieces: whether its pieces, in its own lot, are its amount, or
//     nothing once it was given back;
//   - legs_in_order: whether it stands behind the leg before it of the same
//     draw. A draw gives its legs, in order, ascending addresses of the account
//     it drew from; so no two legs can have changed places.
func verifyLegs(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	draws, err := readDraws(ctx, q)
	if err != nil {
		return nil, err
	}
	v := &legsVerifier{last: draws}
	var legs []Holding
	var held []heldPiece
	for after, more := HoldingID(0), true; more; {
		if legs, err = legsAfter(ctx, q, after, legs[:0]); err != nil {
			return nil, err
		}
		upTo := HoldingID(money.Max)
		if more = len(legs) == chunk; more {
			upTo = legs[len(legs)-1].ID
		}
		if held, err = heldBetween(ctx, q, after, upTo, held[:0]); err != nil {
			return nil, err
		}
		v.page(legs, held)
		after = upTo
	}
	return v.found, nil
}

// draw is a draw of one lot: the journal's number there, and the account.
type draw struct {
	lot    LotID
	seq    int64
	origin AccountID
}

// stood is how far the legs of a draw have been followed.
type stood struct {
	leg HoldingID
	end money.Fen
}

// heldPiece is a piece of a leg; a past one is of its history.
type heldPiece struct {
	Piece
	past bool
}

type legsVerifier struct {
	last  map[draw]*stood
	found []check.Finding
}

// page checks legs with what they hold, both in order of the legs' numbers.
func (v *legsVerifier) page(legs []Holding, held []heldPiece) {
	for _, leg := range legs {
		n := 0
		for n < len(held) && held[n].Holding < leg.ID {
			n++
		}
		v.strangers(held[:n])
		held = held[n:]
		for n = 0; n < len(held) && held[n].Holding == leg.ID; {
			n++
		}
		v.leg(leg, held[:n])
		held = held[n:]
	}
	v.strangers(held)
}

// strangers are pieces of a leg that does not exist.
func (v *legsVerifier) strangers(held []heldPiece) {
	for _, p := range held {
		v.report("holding_pieces", fmt.Sprintf("holding %d", p.Holding), "does not exist and holds piece %d@%d", p.Lot, p.Offset)
	}
}

func (v *legsVerifier) leg(leg Holding, held []heldPiece) {
	want, sum := leg.Amount, money.Fen(0)
	if leg.Account == 0 {
		want = 0
	}
	for _, p := range held {
		if !p.past {
			sum += p.Amount
		}
		if p.Lot != leg.Lot {
			v.report("holding_pieces", fmt.Sprintf("holding %d", leg.ID), "of lot %d holds piece %d@%d", leg.Lot, p.Lot, p.Offset)
		}
		v.inOrder(leg, p)
	}
	if sum != want {
		v.report("holding_pieces", fmt.Sprintf("holding %d", leg.ID), "amount %d, pieces %d", want, sum)
	}
}

// inOrder compares a piece with the last one of the same draw.
func (v *legsVerifier) inOrder(leg Holding, p heldPiece) {
	last := v.last[draw{p.Lot, p.Opened, leg.Origin}]
	if last == nil {
		return
	}
	if last.leg != leg.ID && p.Offset < last.end {
		v.report("legs_in_order", fmt.Sprintf("piece %d@%d", p.Lot, p.Offset), "leg %d stands before the end of leg %d of the same draw", leg.ID, last.leg)
	}
	last.leg, last.end = leg.ID, max(last.end, p.End())
}

func (v *legsVerifier) report(name, row, detail string, args ...any) {
	if len(v.found) < check.Limit {
		v.found = append(v.found, check.Finding{Promise: 3, Check: name, Row: row, Detail: fmt.Sprintf(detail, args...)})
	}
}

// readDraws finds every draw: what took free money for legs. Where its journal
// also parted a leg or gave one back, later numbers may stand at earlier
// addresses: such draws are left out. No caller but the tests' model posts one.
func readDraws(ctx context.Context, q db.Querier) (map[draw]*stood, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT l.lot, l.seq, t.credit FROM transfer t
		JOIN account d ON d.id = t.debit AND d.kind IN ('frozen', 'in_transit', 'paid', 'returned')
		JOIN account c ON c.id = t.credit AND c.kind NOT IN ('frozen', 'in_transit', 'paid', 'returned')
		JOIN journal_lot l ON l.journal = t.journal AND l.lot = t.lot
		WHERE t.holding IS NULL
			AND NOT EXISTS (SELECT 1 FROM piece_history c WHERE c.lot = l.lot AND c.closed_seq = l.seq AND c.holding IS NOT NULL)`)
	if err != nil {
		return nil, fmt.Errorf("read draws: %w", err)
	}
	found, one := map[draw]*stood{}, draw{}
	_, err = pgx.ForEachRow(rows, []any{&one.lot, &one.seq, &one.origin}, func() error { found[one] = &stood{}; return nil })
	if err != nil {
		return nil, fmt.Errorf("read draws: %w", err)
	}
	return found, nil
}

// legsAfter appends a page of legs; one whose parcel is gone stands nowhere, in
// lot 0.
func legsAfter(ctx context.Context, q db.Querier, after HoldingID, legs []Holding) ([]Holding, error) {
	rows, err := q.Query(ctx, `SELECT `+holdingColumns+` FROM holding h WHERE h.id > $1 ORDER BY h.id LIMIT $2`, after, chunk)
	if err != nil {
		return nil, fmt.Errorf("read legs: %w", err)
	}
	err = db.ForEachInts(rows, func(v []int64) error {
		legs = append(legs, Holding{ID: HoldingID(v[0]), Line: v[1], Payment: v[2], Party: v[3], Amount: money.Fen(v[4]), parcel: v[5]})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read legs: %w", err)
	}
	parcels, err := parcelsByID(ctx, q, parcelsOf(legs))
	if err != nil {
		return nil, err
	}
	for i := range legs {
		if c := parcels[legs[i].parcel]; c != nil {
			legs[i].Lot, legs[i].Account, legs[i].Origin = c.lot, c.account, c.origin
		}
	}
	return legs, nil
}

// heldBetween appends the pieces, present and past, of the legs numbered above
// after, up to upTo, by leg and address.
func heldBetween(ctx context.Context, q db.Querier, after, upTo HoldingID, all []heldPiece) ([]heldPiece, error) {
	for past, table := range map[bool]string{false: "piece", true: "piece_history"} {
		rows, err := q.Query(ctx, `SELECT lot, offset_fen, amount_fen, opened_seq, holding FROM `+table+`
			WHERE holding > $1 AND holding <= $2 ORDER BY holding`, after, upTo)
		if err != nil {
			return nil, fmt.Errorf("read what legs hold: %w", err)
		}
		err = db.ForEachInts(rows, func(v []int64) error {
			//nolint:gosec // lot is an integer column: it fits 32 bits
			all = append(all, heldPiece{Piece{Lot: LotID(v[0]), Offset: money.Fen(v[1]), Amount: money.Fen(v[2]), Opened: v[3], Holding: HoldingID(v[4])}, past})
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read what legs hold: %w", err)
		}
	}
	slices.SortFunc(all, func(a, b heldPiece) int {
		if a.Holding != b.Holding {
			return int(a.Holding - b.Holding)
		}
		return int(a.Offset - b.Offset)
	})
	return all, nil
}
