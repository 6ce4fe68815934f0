package ledger_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// atOnce runs fn n times at the same moment and gives the errors in order.
func atOnce(n int, fn func(i int) error) []error {
	var wg sync.WaitGroup
	start, out := make(chan struct{}), make([]error, n)
	for i := range n {
		wg.Go(func() {
			<-start
			out[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return out
}

// outcomes counts errors by code; "" is success. A code that is not wanted
// fails the test with its error.
func (b *book) outcomes(list []error, want map[string]int) {
	b.t.Helper()
	got := map[string]int{}
	for _, err := range list {
		code := ""
		if err != nil {
			code = errs.CodeOf(err)
		}
		if _, expected := want[code]; !expected {
			b.t.Errorf("unexpected outcome: %v", err)
		}
		got[code]++
	}
	for code, n := range want {
		if got[code] != n {
			b.t.Errorf("%d outcomes %q, want %d", got[code], code, n)
		}
	}
}

func (b *book) keyed(key string, steps ...ledger.Step) ledger.Command {
	return ledger.Command{Key: key, Kind: "test", Actor: "zhou", Cause: "test:1", BusinessDate: day, Steps: steps}
}

func (b *book) postKeyed(key string, steps ...ledger.Step) (ledger.Posted, error) {
	return b.svc.Post(b.ctx, b.keyed(key, steps...))
}

func TestRace_draws_never_overdraw(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(1000)
	available := b.account(lot, ledger.Available)
	// 40 draws of 30 fen from 1,000: 33 fit, whatever their order.
	got := atOnce(40, func(i int) error {
		_, err := b.postKeyed(fmt.Sprintf("draw%d", i), ledger.Draw{From: available, To: ledger.Frozen, Legs: legs(10, 20)})
		return err
	})
	b.outcomes(got, map[string]int{"": 33, "LEDGER_INSUFFICIENT": 7})
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 10, "frozen": 990})
}

func TestRace_one_key(t *testing.T) {
	t.Parallel()
	t.Run("same_content_posts_once_and_replays", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		from := b.account(b.lot(1000), ledger.Available)
		posted := make([]ledger.Posted, 20)
		b.outcomes(atOnce(20, func(i int) error {
			var err error
			posted[i], err = b.postKeyed("once", ledger.Draw{From: from, To: ledger.Frozen, Legs: legs(100)})
			return err
		}), map[string]int{"": 20})
		first := 0
		for _, p := range posted {
			if p.Journal != posted[0].Journal || p.Amount != 100 {
				t.Errorf("another journal: %+v", p)
			}
			if !p.Replay {
				first++
			}
		}
		if first != 1 {
			t.Errorf("%d posted, want 1", first)
		}
		b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 900, "frozen": 100})
	})
	t.Run("other_content_on_the_same_lot_is_told", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		from := b.account(b.lot(1000), ledger.Available)
		b.outcomes(atOnce(20, func(i int) error {
			_, err := b.postKeyed("once", ledger.Draw{From: from, To: ledger.Frozen, Legs: legs(money.Fen(i + 1))})
			return err
		}), map[string]int{"": 1, "LEDGER_KEY_REUSED": 19})
		b.sound()
	})
	t.Run("other_content_on_another_lot_is_told", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		from := make([]ledger.AccountID, 8)
		for i := range from {
			from[i] = b.account(b.lot(1000), ledger.Available)
		}
		b.outcomes(atOnce(len(from), func(i int) error {
			_, err := b.postKeyed("once", ledger.Draw{From: from[i], To: ledger.Frozen, Legs: legs(7)})
			return err
		}), map[string]int{"": 1, "LEDGER_KEY_REUSED": len(from) - 1})
		b.want(map[ledger.AccountKind]money.Fen{"appropriated": -8000, "available": 7993, "frozen": 7})
	})
}

// Two journals that name the same lots in opposite order lock them in one.
func TestRace_lots_in_opposite_order_never_deadlock(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var accounts []ledger.AccountID
	for range 4 {
		accounts = append(accounts, b.account(b.lot(100_000), ledger.Available))
	}
	var runs atomic.Int64
	const workers, rounds = 8, 10
	b.outcomes(atOnce(workers, func(i int) error {
		order := slices.Clone(accounts)
		if i%2 == 1 {
			slices.Reverse(order)
		}
		for n := range rounds {
			var steps []ledger.Step
			for _, a := range order {
				steps = append(steps, ledger.Draw{From: a, To: ledger.Frozen, Legs: legs(1)})
			}
			c := b.keyed(fmt.Sprintf("w%d.%d", i, n), steps...)
			err := b.db.Run(b.ctx, func(tx pgx.Tx) error {
				runs.Add(1)
				_, err := b.svc.PostTx(b.ctx, tx, c)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}), map[string]int{"": workers})
	if runs.Load() != workers*rounds {
		t.Errorf("%d runs of %d postings: some collided", runs.Load(), workers*rounds)
	}
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -400_000, "available": 400_000 - 4*workers*rounds, "frozen": 4 * workers * rounds})
}

func TestRace_one_holding_is_given_back_once(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	drawn := b.post(ledger.Draw{From: b.account(b.lot(1000), ledger.Available), To: ledger.Frozen, Legs: legs(100, 50)})
	b.outcomes(atOnce(10, func(i int) error {
		_, err := b.postKeyed(fmt.Sprintf("stop%d", i), ledger.GiveBack{Holdings: drawn.Holdings[:1], From: ledger.Frozen})
		return err
	}), map[string]int{"": 1, "LEDGER_HOLDING_MOVED": 9})
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 950, "frozen": 50})
}

// A release and a stop of the same leg: one of them finds it gone.
func TestRace_release_against_stop(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	from := b.account(b.lot(10_000), ledger.Available)
	for round := range 10 {
		h := b.post(ledger.Draw{From: from, To: ledger.Frozen, Legs: legs(100)}).Holdings
		b.outcomes(atOnce(2, func(i int) error {
			step := ledger.Step(ledger.GiveBack{Holdings: h, From: ledger.Frozen})
			if i == 1 {
				step = ledger.Move{Holdings: h, From: ledger.Frozen, To: ledger.InTransit}
			}
			_, err := b.postKeyed(fmt.Sprintf("r%d.%d", round, i), step)
			return err
		}), map[string]int{"": 1, "LEDGER_HOLDING_MOVED": 1})
	}
	b.sound()
}

func TestRace_reversal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		key  func(i int) string
		want map[string]int
	}{
		{"other_keys_reverse_once", func(i int) string { return fmt.Sprintf("reverse%d", i) }, map[string]int{"": 1, "LEDGER_REVERSED_ALREADY": 9}},
		{"one_key_reverses_once_and_replays", func(int) string { return "reverse" }, map[string]int{"": 10}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			d := b.post(ledger.Draw{From: b.account(b.lot(1000), ledger.Available), To: ledger.Frozen, Legs: legs(100)})
			b.outcomes(atOnce(10, func(i int) error {
				_, err := b.reverse(tt.key(i), d.Journal)
				return err
			}), tt.want)
			b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 1000})
		})
	}
}

func (b *book) reverse(key string, id ledger.JournalID, parts ...ledger.Part) (posted ledger.Posted, err error) {
	err = b.db.Run(b.ctx, func(tx pgx.Tx) error {
		var err error
		posted, err = b.svc.ReverseTx(b.ctx, tx, ledger.Reversal{Journal: id, Parts: parts, Key: key, Actor: "zhao", BusinessDate: day})
		return err
	})
	return posted, err
}

// Ten reverse 100 of 450 at once: four can, for the fifth 50 are left.
func TestRace_reversal_in_parts(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	set := b.post(ledger.Shift{From: b.account(b.lot(1000), ledger.Available), To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 1}, Amount: 450})
	b.outcomes(atOnce(10, func(i int) error {
		_, err := b.reverse(fmt.Sprintf("part%d", i), set.Journal, ledger.Part{Line: 1, Amount: 100})
		return err
	}), map[string]int{"": 4, "LEDGER_PART_TOO_MUCH": 6})
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 950, "carveout": 50})
	if by, err := ledger.ReversalsOf(b.ctx, b.db.Pool(), set.Journal); err != nil || len(by) != 4 {
		t.Errorf("reversals are %v, %v", by, err)
	}
}
