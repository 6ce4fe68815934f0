package ledger_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// answer is what was said of every account at one point.
type answer map[ledger.AccountID][2]money.Fen

func answerOf(t *testing.T, list []ledger.Standing, err error) answer {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out, total, debits, credits := answer{}, money.Fen(0), money.Fen(0), money.Fen(0)
	for _, s := range list {
		if s.Balance != 0 || s.Debits != 0 {
			out[s.ID] = [2]money.Fen{s.Balance, s.Debits}
		}
		total += s.Balance
		debits += s.Debits
		credits += s.Credits()
	}
	if total != 0 || debits != credits {
		t.Fatalf("balances add up to %s, debits %s, credits %s", total, debits, credits)
	}
	return out
}

// past is a book with everything that was ever answered about it.
type past struct {
	*book
	lots    []ledger.LotID
	days    []time.Time
	indexes map[int64]answer
}

// TestHistory_yesterdays_answer_never_changes posts at random, on business dates
// in any order, and asks again about every index and every date after each.
func TestHistory_yesterdays_answer_never_changes(t *testing.T) {
	t.Parallel()
	p := &past{book: newBook(t), indexes: map[int64]answer{}}
	for i := range 5 {
		p.days = append(p.days, day.AddDate(0, 0, i))
	}
	p.lots = []ledger.LotID{p.lot(50_000), p.lot(80_000)}
	dice := rand.New(rand.NewPCG(3, 7))
	for range 60 {
		c := p.command(p.anything(dice))
		c.BusinessDate = p.days[dice.IntN(len(p.days))]
		if _, err := p.svc.Post(p.ctx, c); err != nil {
			t.Fatal(err)
		}
		if dice.IntN(3) == 0 {
			p.remember()
		}
	}
	p.remember()
	for index, then := range p.indexes {
		list, err := ledger.StandingsAt(p.ctx, p.db.Pool(), index, ledger.Which{})
		if diff := cmp.Diff(then, answerOf(t, list, err)); diff != "" {
			t.Errorf("as of index %d (-then +now):\n%s", index, diff)
		}
	}
	p.byDate()
	p.sound()
}

// anything is a step that can be done.
func (p *past) anything(dice *rand.Rand) ledger.Step {
	lot := p.lots[dice.IntN(len(p.lots))]
	switch dice.IntN(4) {
	case 0:
		return ledger.Bring{Lot: lot, To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: money.Fen(1 + dice.IntN(1000))}
	case 1:
		return ledger.Shift{From: p.account(lot, ledger.Available), To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 1}, Amount: money.Fen(1 + dice.IntN(300))}
	case 2:
		return ledger.Shift{From: p.account(lot, ledger.Available), To: ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 1}, Amount: money.Fen(1 + dice.IntN(100)), Highest: true, Fact: true}
	}
	return ledger.Draw{From: p.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(money.Fen(1+dice.IntN(200)), money.Fen(1+dice.IntN(200)))}
}

// remember keeps what is answered of the last index of the log.
func (p *past) remember() {
	p.t.Helper()
	p.drain()
	leaves, _, err := proof.Head(p.ctx, p.db.Pool())
	if err != nil {
		p.t.Fatal(err)
	}
	list, err := ledger.StandingsAt(p.ctx, p.db.Pool(), leaves-1, ledger.Which{})
	p.indexes[leaves-1] = answerOf(p.t, list, err)
}

// byDate compares what is answered of each date with the journals up to it.
func (p *past) byDate() {
	p.t.Helper()
	for _, on := range append([]time.Time{p.days[0].AddDate(0, 0, -1)}, p.days...) {
		want := answer{}
		rows, err := p.db.Pool().Query(p.ctx, `SELECT t.journal, t.debit, t.credit, t.amount_fen FROM transfer t JOIN journal j ON j.id = t.journal
			WHERE j.business_date <= $1`, on)
		if err != nil {
			p.t.Fatal(err)
		}
		net := map[[2]int64]money.Fen{}
		for rows.Next() {
			var journal, debit, credit int64
			var amount money.Fen
			if err := rows.Scan(&journal, &debit, &credit, &amount); err != nil {
				p.t.Fatal(err)
			}
			net[[2]int64{journal, debit}] += amount
			net[[2]int64{journal, credit}] -= amount
		}
		for k, v := range net {
			a := want[ledger.AccountID(k[1])]
			want[ledger.AccountID(k[1])] = [2]money.Fen{a[0] + v, a[1] + max(v, 0)}
		}
		list, err := ledger.StandingsOn(p.ctx, p.db.Pool(), on, ledger.Which{})
		if diff := cmp.Diff(want, answerOf(p.t, list, err)); diff != "" {
			p.t.Errorf("on %s (-journals +answer):\n%s", on.Format(time.DateOnly), diff)
		}
	}
}

// TestStatement_pages_end_where_the_account_stands reads statements three
// entries at a time, in both orders.
func TestStatement_pages_end_where_the_account_stands(t *testing.T) {
	t.Parallel()
	p := &past{book: newBook(t)}
	p.lots = []ledger.LotID{p.lot(50_000)}
	dice := rand.New(rand.NewPCG(5, 9))
	for range 20 {
		c := p.command(p.anything(dice))
		c.BusinessDate = day.AddDate(0, 0, dice.IntN(4))
		if _, err := p.svc.Post(p.ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	all, err := ledger.StandingsOn(p.ctx, p.db.Pool(), day.AddDate(1, 0, 0), ledger.Which{Lot: p.lots[0]})
	if err != nil {
		t.Fatal(err)
	}
	var ids []ledger.AccountID
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	until := day.AddDate(0, 0, 9)
	for name, read := range map[string]func(ledger.EntryKey, int) ([]ledger.Entry, error){
		"by number": func(k ledger.EntryKey, n int) ([]ledger.Entry, error) {
			return ledger.EntriesBySeq(p.ctx, p.db.Pool(), ids, 1000, k, n)
		},
		"by day": func(k ledger.EntryKey, n int) ([]ledger.Entry, error) {
			return ledger.EntriesByDay(p.ctx, p.db.Pool(), ids, until, k, n)
		},
	} {
		whole, err := read(ledger.EntryKey{Day: day}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		var paged []ledger.Entry
		for key := (ledger.EntryKey{Day: day}); ; {
			some, err := read(key, 3)
			if err != nil {
				t.Fatal(err)
			}
			if len(some) == 0 {
				break
			}
			paged = append(paged, some...)
			last := some[len(some)-1]
			key = ledger.EntryKey{Day: last.BusinessDate, Seq: last.Seq, Account: last.Account}
		}
		if diff := cmp.Diff(whole, paged); diff != "" || len(whole) < 40 {
			t.Errorf("%s: %d entries, pages differ (-whole +paged):\n%s", name, len(whole), diff)
		}
		for _, s := range all {
			i := slices.IndexFunc(whole, func(e ledger.Entry) bool { return e.Account == s.ID })
			last := ledger.Entry{}
			for _, e := range whole[max(i, 0):] {
				if e.Account == s.ID {
					last = e
				}
			}
			if last.Balance != s.Balance {
				t.Errorf("%s: account %d ends at %s, stands at %s", name, s.ID, last.Balance, s.Balance)
			}
		}
	}
}
