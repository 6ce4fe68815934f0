package ledger_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/ledger"
	"fenlu/money"
)

// parcels reads how many legs each parcel has, in order of their numbers.
func (b *book) parcels() []int {
	b.t.Helper()
	rows, err := b.db.Pool().Query(b.ctx, `SELECT legs FROM parcel ORDER BY id`)
	if err != nil {
		b.t.Fatal(err)
	}
	sizes, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		b.t.Fatal(err)
	}
	return sizes
}

// The legs of a draw stand together until they part ways; then the fewer get a
// parcel of their own, whether they are the ones that move or the ones that
// stay, and every leg stands where it was sent.
func TestParcels(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		paid    []int // of ten legs
		parcels []int
	}{
		{"all_move_as_one", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, []int{10}},
		{"few_leave", []int{3, 7}, []int{8, 2}},
		{"few_stay", []int{0, 1, 2, 4, 5, 6, 8, 9}, []int{8, 2}},
		{"half_and_half", []int{0, 2, 4, 6, 8}, []int{5, 5}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			lot := b.lot(2000)
			h := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen,
				Legs: legs(100, 101, 102, 103, 104, 105, 106, 107, 108, 109)}).Holdings
			b.post(ledger.Move{Holdings: h, From: ledger.Frozen, To: ledger.InTransit})
			want := map[ledger.HoldingID]ledger.AccountID{}
			for _, id := range h {
				want[id] = b.account(lot, ledger.InTransit)
			}
			var paid []ledger.HoldingID
			for _, i := range tt.paid {
				paid = append(paid, h[i])
			}
			b.post(ledger.Move{Holdings: paid, From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
			for _, id := range paid {
				want[id] = b.account(lot, ledger.Paid)
			}
			if diff := cmp.Diff(tt.parcels, b.parcels()); diff != "" {
				t.Errorf("legs of parcels (-want +got):\n%s", diff)
			}
			list, err := ledger.Holdings(b.ctx, b.db.Pool(), h)
			if err != nil {
				t.Fatal(err)
			}
			got := map[ledger.HoldingID]ledger.AccountID{}
			for _, l := range list {
				got[l.ID] = l.Account
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("where the legs stand (-want +got):\n%s", diff)
			}
			b.sound()
		})
	}
}

// A leg that two posts move at once is moved by one of them, and its parcel
// loses no leg.
func TestParcels_a_leg_twice_in_one_command(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(2000)
	h := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(100, 100, 100)}).Holdings
	b.refused("LEDGER_HOLDING_UNKNOWN", ledger.Move{Holdings: []ledger.HoldingID{h[0], h[1], h[0]}, From: ledger.Frozen, To: ledger.InTransit})
	b.refused("LEDGER_HOLDING_MOVED", ledger.Move{Holdings: h[:1], From: ledger.Frozen, To: ledger.InTransit},
		ledger.Move{Holdings: h[:2], From: ledger.Frozen, To: ledger.InTransit})
	if diff := cmp.Diff([]int{3}, b.parcels()); diff != "" {
		t.Errorf("legs of parcels (-want +got):\n%s", diff)
	}
	b.sound()
}

// A bulk move looks at parcels, not at legs: it must see all the same that one
// stands elsewhere, is unknown, or is named twice.
func TestParcels_in_bulk_refuse_as_legs_do(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(2000)
	draw := ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(100, 101, 102)}
	h := b.post(draw).Holdings
	bulk := func(from ledger.AccountKind, ids ...ledger.HoldingID) ledger.Move {
		return ledger.Move{Holdings: ids, From: from, To: ledger.InTransit}
	}
	b.refused("LEDGER_HOLDING_MOVED", bulk(ledger.Paid, h...))
	b.refused("LEDGER_HOLDING_UNKNOWN", bulk(ledger.Frozen, h[0], h[1], 7_777_777))
	b.refused("LEDGER_HOLDING_UNKNOWN", bulk(ledger.Frozen, h[0], h[1], h[1]))
	b.refused("LEDGER_HOLDING_UNKNOWN", bulk(ledger.Frozen, h[0], h[1], h[2], h[2]))
	b.post(ledger.GiveBack{Holdings: h, From: ledger.Frozen})
	b.refused("LEDGER_HOLDING_MOVED", bulk(ledger.Frozen, h...))

	other := b.post(draw).Holdings
	third := b.post(draw).Holdings
	moved := b.post(bulk(ledger.Frozen, other[0], other[1], other[2], third[1]))
	if moved.Amount != 303+101 {
		t.Errorf("moved %s", moved.Amount)
	}
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -2000, "available": 2000 - 606, "frozen": 202, "in_transit": 404})
	b.sound()
}
