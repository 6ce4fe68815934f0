package ledger_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/ledger"
	"fenlu/money"
)

// freezeLines is the size of the big freeze: FENLU_FIRE_LINES, which make
// test-fire sets to a million, or what fits among the other tests.
func freezeLines(t *testing.T) int {
	t.Helper()
	lines := 100_000
	if testing.Short() {
		lines = 6_000
	}
	if given := os.Getenv("FENLU_FIRE_LINES"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 20 {
			t.Fatalf("FENLU_FIRE_LINES=%q is not a number of lines", given)
		}
		lines = n
	}
	return lines
}

// A large freeze on three lots commits at its first try, beside five other
// freezes, five clerks who draw on its own lots and wait for it there, and
// twenty who draw once a second each on other lots (DESIGN section 5).
func TestFire_a_big_freeze_beside_draws_and_freezes(t *testing.T) {
	t.Parallel()
	const others, behind, clerks = 5, 5, 20
	lines := freezeLines(t)
	f := newFire(t)
	accounts := f.accounts(6, 20_000_000)
	var tries, draws atomic.Int64
	var waits waiting
	done := make(chan struct{})
	began := time.Now()
	var froze time.Duration
	f.outcomes(atOnce(1+others+behind+clerks, func(i int) error {
		switch {
		case i == 0:
			defer close(done)
			err := f.freeze("big", accounts[:3], lines, &tries)
			froze = time.Since(began)
			return err
		case i <= others:
			var own atomic.Int64
			return f.freeze(fmt.Sprintf("other%d", i), []ledger.AccountID{accounts[i%6], accounts[(i+2)%6]}, lines/20, &own)
		}
		if i <= others+behind {
			return f.drawEachSecond(i, accounts[:3], done, &draws, &waiting{})
		}
		return f.drawEachSecond(i, accounts[3:], done, &draws, &waits)
	}), map[string]int{"": 1 + others + behind + clerks})
	if n := tries.Load(); n != 1 {
		t.Errorf("the big freeze took %d tries", n)
	}
	f.quiet()
	t.Logf("%d lines frozen in %s beside %d draws; a draw on another lot took %s as a rule, %s at most",
		lines, froze.Round(time.Millisecond), draws.Load(), waits.usual().Round(time.Millisecond), waits.longest().Round(time.Millisecond))
	taken := money.Fen(lines)*5 + others*money.Fen(lines/20)*5 + money.Fen(draws.Load())*3
	f.want(map[ledger.AccountKind]money.Fen{"appropriated": -120_000_000, "available": 120_000_000 - taken, "frozen": taken})
}

// freeze draws n legs from the accounts and counts its tries.
func (f *fire) freeze(key string, accounts []ledger.AccountID, n int, tries *atomic.Int64) error {
	c := f.keyed(key, bigDraws(accounts, n)...)
	return f.db.Run(f.ctx, func(tx pgx.Tx) error {
		tries.Add(1)
		_, err := f.svc.PostTx(f.ctx, tx, c)
		return err
	})
}

// drawEachSecond is one clerk at work until done; waits keeps how long each of
// his draws took.
func (f *fire) drawEachSecond(clerk int, accounts []ledger.AccountID, done <-chan struct{}, draws *atomic.Int64, waits *waiting) error {
	each := time.NewTicker(time.Second)
	defer each.Stop()
	for n := 0; ; n++ {
		at := (clerk + n) % len(accounts)
		began := time.Now()
		_, err := f.postKeyed(fmt.Sprintf("clerk%d.%d", clerk, n), ledger.Draw{From: accounts[at], To: ledger.Frozen, Legs: legs(3)})
		if err != nil {
			return err
		}
		draws.Add(1)
		waits.add(time.Since(began))
		select {
		case <-done:
			return nil
		case <-each.C:
		}
	}
}

// waiting keeps how long calls took.
type waiting struct {
	mu   sync.Mutex
	list []time.Duration
}

func (w *waiting) add(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, d)
}

// usual and longest are the median and the maximum.
func (w *waiting) usual() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.list)
	return w.list[len(w.list)/2]
}

func (w *waiting) longest() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.MaxFunc(append(w.list, 0), cmp.Compare)
}

// Freezes that race for one pool, each naming its lots in an order of its own:
// as many as fit are booked whole, the others refused whole.
func TestFire_freezes_race_for_one_pool(t *testing.T) {
	t.Parallel()
	f := newFire(t)
	accounts := f.accounts(3, 1000)
	// Each of 8 takes 300 fen from each lot: three fit.
	f.outcomes(atOnce(8, func(i int) error {
		var steps []ledger.Step
		for n := range accounts {
			steps = append(steps, ledger.Draw{From: accounts[(n+i)%3], To: ledger.Frozen, Legs: legs(100, 150, 50)})
		}
		if i%2 == 1 {
			slices.Reverse(steps)
		}
		_, err := f.postKeyed(fmt.Sprintf("freeze%d", i), steps...)
		return err
	}), map[string]int{"": 3, "LEDGER_INSUFFICIENT": 5})
	f.quiet()
	f.want(map[ledger.AccountKind]money.Fen{"appropriated": -3000, "available": 300, "frozen": 2700})
}

// bigDraws shares n legs of 5 fen out over accounts.
func bigDraws(accounts []ledger.AccountID, n int) []ledger.Step {
	all := make([]ledger.Leg, n)
	for i := range all {
		all[i] = ledger.Leg{Line: int64(i + 1), Payment: int64(i + 1), Party: int64(i + 1), Amount: 5}
	}
	var steps []ledger.Step
	for part := range slices.Chunk(all, (n+len(accounts)-1)/len(accounts)) {
		steps = append(steps, ledger.Draw{From: accounts[len(steps)], To: ledger.Frozen, Legs: part})
	}
	return steps
}
