package ledger_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/ledger"
	"fenlu/money"
)

// moment is an account at a number of its lot.
type moment struct {
	account ledger.AccountID
	seq     int64
}

// legsTie compares, at every number of every lot, what the history of all legs
// says that each of their accounts changed by with the account's own entries.
func (b *book) legsTie() {
	b.t.Helper()
	rows, err := b.db.Pool().Query(b.ctx, `SELECT DISTINCT line FROM holding`)
	if err != nil {
		b.t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		b.t.Fatal(err)
	}
	if len(lines) > 10_000 {
		return // the books of a race: their balances and pieces are compared
	}
	changes, err := ledger.LegChanges(b.ctx, b.db.Pool(), lines)
	if err != nil {
		b.t.Fatal(err)
	}
	got, want := map[moment]money.Fen{}, map[moment]money.Fen{}
	for _, c := range changes {
		if at := (moment{c.Account, c.Seq}); got[at]+c.Delta != 0 {
			got[at] += c.Delta
		} else {
			delete(got, at)
		}
	}
	var at moment
	var delta money.Fen
	rows, err = b.db.Pool().Query(b.ctx, `SELECT e.account, e.seq, e.delta_fen FROM account_entry e
		JOIN account a ON a.id = e.account AND a.kind IN ('frozen', 'in_transit', 'paid', 'returned') WHERE e.delta_fen <> 0`)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&at.account, &at.seq, &delta}, func() error { want[at] = delta; return nil })
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(moment{})); err != nil || diff != "" {
		b.t.Errorf("accounts by their entries, and by the history of legs (-want +got), %v:\n%s", err, diff)
	}
}

// TestLegChanges says of each line what it had where, through a part return, a
// re-issue and a stop, whichever of the legs moved together.
func TestLegChanges(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(2000)
	from := b.account(lot, ledger.Available)
	h := b.post(ledger.Draw{From: from, To: ledger.Frozen, Legs: legs(100, 200, 300, 400)}).Holdings // number 2
	b.post(ledger.GiveBack{Holdings: h[3:], From: ledger.Frozen})                                    // 3
	b.post(ledger.Move{Holdings: h[:3], From: ledger.Frozen, To: ledger.InTransit})                  // 4
	b.post(ledger.Move{Holdings: h[:2], From: ledger.InTransit, To: ledger.Paid, PerLeg: true},      // 5
		ledger.Move{Holdings: h[2:3], From: ledger.InTransit, To: ledger.Returned, PerLeg: true},
		ledger.PartMove{Holding: h[1], From: ledger.Paid, To: ledger.Returned, Amount: 50})
	b.post(ledger.Move{Holdings: h[2:3], From: ledger.Returned, To: ledger.InTransit, PerLeg: true}) // 6
	b.post(ledger.Move{Holdings: h[2:3], From: ledger.InTransit, To: ledger.Paid, PerLeg: true})     // 7
	frozen, transit, paid, returned := b.account(lot, ledger.Frozen), b.account(lot, ledger.InTransit), b.account(lot, ledger.Paid), b.account(lot, ledger.Returned)
	for line, want := range map[int64][]ledger.LegChange{
		1: {{Seq: 2, Account: frozen, Delta: 100}, {Seq: 4, Account: frozen, Delta: -100}, {Seq: 4, Account: transit, Delta: 100},
			{Seq: 5, Account: transit, Delta: -100}, {Seq: 5, Account: paid, Delta: 100}},
		2: {{Seq: 2, Account: frozen, Delta: 200}, {Seq: 4, Account: frozen, Delta: -200}, {Seq: 4, Account: transit, Delta: 200},
			{Seq: 5, Account: transit, Delta: -200}, {Seq: 5, Account: paid, Delta: 150}, {Seq: 5, Account: returned, Delta: 50}},
		3: {{Seq: 2, Account: frozen, Delta: 300}, {Seq: 4, Account: frozen, Delta: -300}, {Seq: 4, Account: transit, Delta: 300},
			{Seq: 5, Account: transit, Delta: -300}, {Seq: 5, Account: returned, Delta: 300}, {Seq: 6, Account: transit, Delta: 300},
			{Seq: 6, Account: returned, Delta: -300}, {Seq: 7, Account: transit, Delta: -300}, {Seq: 7, Account: paid, Delta: 300}},
		4: {{Seq: 2, Account: frozen, Delta: 400}, {Seq: 3, Account: frozen, Delta: -400}},
	} {
		got, err := ledger.LegChanges(b.ctx, b.db.Pool(), []int64{line})
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			want[i].Lot, want[i].Line = lot, line
		}
		if diff := cmp.Diff(byMoment(want), byMoment(got)); diff != "" {
			t.Errorf("line %d (-want +got):\n%s", line, diff)
		}
	}
	b.sound()
}

// byMoment makes the order of one number's accounts no matter.
func byMoment(list []ledger.LegChange) map[moment]ledger.LegChange {
	out := map[moment]ledger.LegChange{}
	for _, c := range list {
		out[moment{c.Account, c.Seq}] = c
	}
	return out
}
