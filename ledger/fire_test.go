package ledger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
	"fenlu/ledger"
	"fenlu/money"
)

// fire is a book that counts its collisions.
type fire struct {
	*book
	env *pgtest.Env

	mu        sync.Mutex
	worst     int // highest number of a try that collided
	deadlocks int
}

// mostTries is how often one call may be tried, whatever happens around it.
const mostTries = 20

func newFire(t *testing.T) *fire {
	t.Helper()
	return fireOn(t, pgtest.NewEnv(t))
}

// fireOn opens a database that may be at work already.
func fireOn(t *testing.T, env *pgtest.Env) *fire {
	t.Helper()
	f := &fire{env: env}
	d := env.OpenWith(t, db.Options{MaxConns: 32, OnRetry: f.collided})
	f.book = &book{t: t, ctx: t.Context(), db: d, svc: ledger.New(d, clock.NewManual(day), nil)}
	return f
}

func (f *fire) collided(try int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.worst = max(f.worst, try)
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok && pe.Code == "40P01" {
		f.deadlocks++
	}
}

// quiet wants no deadlock, not even one that was tried again, and no call that
// was tried more often than mostTries.
func (f *fire) quiet() {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.deadlocks > 0 || f.worst > mostTries {
		f.t.Errorf("%d deadlocks, %d tries of one call", f.deadlocks, f.worst)
	}
}

// accounts opens lots and gives their available accounts.
func (f *fire) accounts(n int, each money.Fen) []ledger.AccountID {
	f.t.Helper()
	var list []ledger.AccountID
	for range n {
		list = append(list, f.account(f.lot(each), ledger.Available))
	}
	return list
}

// sums are amounts by kind of account.
type sums map[ledger.AccountKind]money.Fen

func (s sums) add(other sums, times money.Fen) {
	for kind, n := range other {
		s[kind] += n * times
	}
	maps.DeleteFunc(s, func(_ ledger.AccountKind, n money.Fen) bool { return n == 0 })
}

// act is what a worker did, and what that changed.
type act struct {
	journal ledger.JournalID
	changed sums
	legs    []ledger.HoldingID // that stand where act put them
	each    money.Fen          // of each leg
}

// task is what a process has to do: everything that two processes share.
type task struct {
	Name     string             // before its keys
	Accounts []ledger.AccountID // available, one a lot
	Legs     []ledger.HoldingID // frozen, of five fen each
	Workers  int
	Rounds   int
}

// report is what a process did.
type report struct {
	Changed sums // by its successes
	Done    int
	Refused map[string]int
	Tries   int
	Locked  int // deadlocks
}

// crew is the workers of one process.
type crew struct {
	f    *fire
	task task

	mu     sync.Mutex
	acts   []act
	report report
}

// expected are the refusals that racing clerks must live with.
func expected() []string {
	return []string{"LEDGER_INSUFFICIENT", "LEDGER_HOLDING_MOVED", "LEDGER_CANNOT_REVERSE", "LEDGER_REVERSED_ALREADY", "LEDGER_REVERSED_IN_PART"}
}

// work runs the task's workers and reports what all of them changed.
func (f *fire) work(j task) report {
	f.t.Helper()
	c := &crew{f: f, task: j, report: report{Changed: sums{}, Refused: map[string]int{}}}
	for _, leg := range j.Legs {
		c.acts = append(c.acts, act{legs: []ledger.HoldingID{leg}, each: 5})
	}
	for _, err := range atOnce(j.Workers, c.clerk) {
		if err != nil {
			f.t.Errorf("%s: %v", j.Name, err)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c.report.Tries, c.report.Locked = f.worst, f.deadlocks
	return c.report
}

func (c *crew) clerk(i int) error {
	random := rand.New(rand.NewPCG(uint64(i), uint64(len(c.task.Name))))
	for n := range c.task.Rounds {
		done, err := c.one(random, fmt.Sprintf("%s.%d.%d", c.task.Name, i, n))
		code := errs.CodeOf(err)
		if err != nil && !slices.Contains(expected(), code) {
			return fmt.Errorf("round %d: %w", n, err)
		}
		c.mu.Lock()
		if err != nil {
			c.report.Refused[code]++
		} else {
			c.report.Done++
			c.report.Changed.add(done.changed, 1)
			c.acts = append(c.acts, done)
		}
		c.mu.Unlock()
	}
	return nil
}

// one does one thing of those that a clerk does.
func (c *crew) one(random *rand.Rand, key string) (act, error) {
	c.mu.Lock()
	var earlier act
	if len(c.acts) > 0 {
		earlier = c.acts[random.IntN(len(c.acts))]
	}
	c.mu.Unlock()
	switch n := random.IntN(10); {
	case n < 4 || (n < 8 && len(earlier.legs) == 0):
		return c.draw(random, key)
	case n < 8:
		return c.moveOn(random, key, earlier)
	case n == 8 && earlier.journal != 0:
		posted, err := c.f.reverse(key, earlier.journal)
		undone := sums{}
		undone.add(earlier.changed, -1)
		return act{journal: posted.Journal, changed: undone}, err
	}
	posted, err := c.f.postKeyed(key, ledger.Shift{From: c.task.Accounts[random.IntN(len(c.task.Accounts))],
		To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 2}, Amount: 3, Highest: true})
	return act{journal: posted.Journal, changed: sums{ledger.Available: -3, ledger.Carveout: 3}}, err
}

// draw takes two legs of five fen from each of one to three lots, in any order.
func (c *crew) draw(random *rand.Rand, key string) (act, error) {
	var steps []ledger.Step
	for _, i := range random.Perm(len(c.task.Accounts))[:1+random.IntN(3)] {
		steps = append(steps, ledger.Draw{From: c.task.Accounts[i], To: ledger.Frozen, Legs: legs(5, 5)})
	}
	posted, err := c.f.postKeyed(key, steps...)
	n := money.Fen(10 * len(steps))
	return act{journal: posted.Journal, changed: sums{ledger.Available: -n, ledger.Frozen: n}, legs: posted.Holdings, each: 5}, err
}

// moveOn releases or gives back legs that others may be after, too.
func (c *crew) moveOn(random *rand.Rand, key string, earlier act) (act, error) {
	n := money.Fen(len(earlier.legs)) * earlier.each
	if random.IntN(2) == 0 {
		posted, err := c.f.postKeyed(key, ledger.GiveBack{Holdings: earlier.legs, From: ledger.Frozen})
		return act{journal: posted.Journal, changed: sums{ledger.Frozen: -n, ledger.Available: n}}, err
	}
	posted, err := c.f.postKeyed(key, ledger.Move{Holdings: earlier.legs, From: ledger.Frozen, To: ledger.InTransit, PerLeg: random.IntN(2) == 0})
	return act{journal: posted.Journal, changed: sums{ledger.Frozen: -n, ledger.InTransit: n}}, err
}

// crowd brings money and freezes legs that the workers will fight for.
func (f *fire) crowd() (task, sums) {
	f.t.Helper()
	const lots, each, shared = 4, 600, 12
	j := task{Accounts: f.accounts(lots, each), Workers: 8, Rounds: 30}
	if testing.Short() {
		j.Rounds = 8
	}
	var amounts []money.Fen
	for range shared {
		amounts = append(amounts, 5)
	}
	j.Legs = f.post(ledger.Draw{From: j.Accounts[0], To: ledger.Frozen, Legs: legs(amounts...)}).Holdings
	return j, sums{ledger.Appropriated: -lots * each, ledger.Available: lots*each - shared*5, ledger.Frozen: shared * 5}
}

// agree compares the books with the sum of what everybody was told he had done:
// a lost update, or one done twice, shows there.
func (f *fire) agree(books sums, reports ...report) {
	f.t.Helper()
	for _, r := range reports {
		books.add(r.Changed, 1)
		if r.Tries > mostTries || r.Locked > 0 {
			f.t.Errorf("%d tries of one call, %d deadlocks", r.Tries, r.Locked)
		}
		if r.Done == 0 || len(r.Refused) == 0 {
			f.t.Errorf("nothing was fought for: %+v", r)
		}
		f.t.Logf("done %d, refused %v", r.Done, r.Refused)
	}
	f.want(books)
}

func TestFire_workers_on_overlapping_accounts(t *testing.T) {
	t.Parallel()
	f := newFire(t)
	j, books := f.crowd()
	j.Name = "one"
	f.agree(books, f.work(j))
}

// childTask is how the second process knows its task and database.
const childTask = "FENLU_FIRE_TASK"

// assignment is a task and where it is to be done.
type assignment struct {
	Task task
	Env  pgtest.Env
}

// Two processes on one database, on the same lots and the same legs. The second
// is this test binary, running this test with its task in the environment.
func TestFire_two_processes(t *testing.T) {
	t.Parallel()
	if given := os.Getenv(childTask); given != "" {
		secondProcess(t, given)
		return
	}
	f := newFire(t)
	j, books := f.crowd()
	mine, theirs := j, j
	mine.Name, theirs.Name = "first", "second one"
	var got [2]report
	for _, err := range atOnce(2, func(i int) error {
		if i == 0 {
			got[0] = f.work(mine)
			return nil
		}
		var err error
		got[1], err = f.inSecondProcess(theirs)
		return err
	}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	f.agree(books, got[0], got[1])
}

// inSecondProcess has a task done by another process.
func (f *fire) inSecondProcess(j task) (report, error) {
	given, err := json.Marshal(assignment{Task: j, Env: *f.env})
	if err != nil {
		return report{}, err
	}
	file := f.t.TempDir() + "/report.json"
	cmd := exec.CommandContext(f.ctx, os.Args[0], "-test.run=^TestFire_two_processes$")
	cmd.Env = append(os.Environ(), childTask+"="+string(given), childReport+"="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		return report{}, fmt.Errorf("second process: %w\n%s", err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return report{}, err
	}
	var r report
	return r, json.Unmarshal(text, &r)
}

// childReport is the file in which the second process reports.
const childReport = "FENLU_FIRE_REPORT"

func secondProcess(t *testing.T, given string) {
	t.Helper()
	var a assignment
	if err := json.Unmarshal([]byte(given), &a); err != nil {
		t.Fatal(err)
	}
	r, err := json.Marshal(fireOn(t, &a.Env).work(a.Task))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(os.Getenv(childReport), r, 0o600); err != nil {
		t.Fatal(err)
	}
}
