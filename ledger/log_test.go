package ledger_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// Journals of one lot keep their order in the log though a transaction with a
// smaller number, on another lot, commits after them; and the balances as of
// every index are the sum of the transfers logged until then.
func TestLog_keeps_the_order_of_each_lot(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	slow, quick := b.lot(1000), b.lot(1000)
	early, err := b.db.Pool().Begin(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = early.Rollback(b.ctx) }()
	first, err := b.svc.PostTx(b.ctx, early, b.command(ledger.Draw{From: b.account(slow, ledger.Available), To: ledger.Frozen, Legs: legs(10)}))
	if err != nil {
		t.Fatal(err)
	}
	second := b.post(ledger.Draw{From: b.account(quick, ledger.Available), To: ledger.Frozen, Legs: legs(20)})
	b.post(ledger.GiveBack{Holdings: second.Holdings, From: ledger.Frozen})
	b.drain()
	if err := early.Commit(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.post(
		ledger.Draw{From: b.account(quick, ledger.Available), To: ledger.Frozen, Legs: legs(30)},
		ledger.GiveBack{Holdings: first.Holdings, From: ledger.Frozen})
	b.post(ledger.Shift{From: b.account(slow, ledger.Available), To: ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 1}, Amount: 1500, Fact: true})
	b.drain()
	if first.Journal > second.Journal {
		t.Fatalf("journals %d and %d: the first was not first", first.Journal, second.Journal)
	}
	if late, now := b.leaf(first.Journal), b.leaf(second.Journal); late < now {
		t.Errorf("leaves %d and %d: the log was rewritten", late, now)
	}
	for _, lot := range []ledger.LotID{slow, quick} {
		order := column[int64](t, b.db.Pool(), `SELECT seq FROM log_lot WHERE lot = $1 ORDER BY leaf_index`, lot)
		for i, seq := range order {
			if seq != int64(i+1) {
				t.Errorf("lot %d is logged in the order %v", lot, order)
			}
		}
	}
	b.agreeAtEveryIndex()
	b.sound()
}

func (b *book) leaf(id ledger.JournalID) int64 {
	b.t.Helper()
	index, found, err := proof.LeafOf(b.ctx, b.db.Pool(), proof.KindJournal, int64(id))
	if err != nil || !found {
		b.t.Fatalf("journal %d has no leaf: %v", id, err)
	}
	return index
}

// agreeAtEveryIndex compares AccountsAt with the transfers themselves.
func (b *book) agreeAtEveryIndex() {
	b.t.Helper()
	leaves, waiting, err := proof.Head(b.ctx, b.db.Pool())
	if err != nil || waiting != 0 || leaves == 0 {
		b.t.Fatalf("%d leaves, %d waiting, %v", leaves, waiting, err)
	}
	for index := int64(-1); index < leaves; index++ {
		accounts, err := ledger.AccountsAt(b.ctx, b.db.Pool(), index)
		if err != nil {
			b.t.Fatal(err)
		}
		got := map[ledger.AccountID]money.Fen{}
		for _, a := range accounts {
			if a.Balance != 0 {
				got[a.ID] = a.Balance
			}
		}
		if diff := cmp.Diff(b.sumsAt(index), got); diff != "" {
			b.t.Errorf("as of %d (-transfers +accounts):\n%s", index, diff)
		}
	}
}

func (b *book) sumsAt(index int64) map[ledger.AccountID]money.Fen {
	b.t.Helper()
	rows, err := b.db.Pool().Query(b.ctx, `SELECT t.debit, t.credit, t.amount_fen FROM transfer t
		JOIN log_leaf f ON f.kind = 'journal' AND f.ref = t.journal WHERE f.leaf_index <= $1`, index)
	if err != nil {
		b.t.Fatal(err)
	}
	sums := map[ledger.AccountID]money.Fen{}
	var debit, credit ledger.AccountID
	var amount money.Fen
	_, err = pgx.ForEachRow(rows, []any{&debit, &credit, &amount}, func() error {
		sums[debit] += amount
		sums[credit] -= amount
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	for id, sum := range sums {
		if sum == 0 {
			delete(sums, id)
		}
	}
	return sums
}
