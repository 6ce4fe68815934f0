package events_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/events"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/pgtest"
)

var at = time.Date(2026, 10, 9, 1, 0, 0, 0, time.UTC)

// quick tries again without waiting long.
var quick = events.Options{RetryWait: time.Millisecond}

func about(subject, code string) events.Event {
	return events.Event{Topic: events.BatchApproved, Subject: subject, Facts: events.Facts{Code: code, Actor: "刘芳", Count: 1, Amount: 100}}
}

// publish commits one event.
func publish(t *testing.T, d *db.DB, subject, code string) {
	t.Helper()
	must(t, d.Run(t.Context(), func(tx pgx.Tx) error { return events.Publish(t.Context(), tx, about(subject, code), at) }))
}

func relay(t *testing.T, d *db.DB, o events.Options, handlers ...events.Handler) *events.Relay {
	t.Helper()
	r, err := events.NewRelay(d, o, handlers...)
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	return r
}

// drain wants so many events told and none refused.
func drain(t *testing.T, r *events.Relay, want int) {
	t.Helper()
	if n, err := r.Drain(t.Context()); err != nil || n != want {
		t.Fatalf("drained %d, %v; want %d", n, err, want)
	}
}

// logged is the codes in the activity log, in its order.
func logged(t *testing.T, d *db.DB, subject string) []string {
	t.Helper()
	entries, err := events.Activity(t.Context(), d.Pool(), events.Filter{Subject: subject, Limit: 1000})
	must(t, err)
	codes := []string{}
	for _, e := range entries {
		codes = append(codes, e.Facts.Code)
	}
	return codes
}

func wantLogged(t *testing.T, d *db.DB, subject string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), logged(t, d, subject)); diff != "" {
		t.Errorf("activity of %q: %s", subject, diff)
	}
}

func wantPending(t *testing.T, d *db.DB, want int) {
	t.Helper()
	if n, err := events.Pending(t.Context(), d.Pool()); err != nil || n != want {
		t.Errorf("%d pending, %v; want %d", n, err, want)
	}
}

func TestDrainWritesTheActivityLog(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	r := relay(t, d, quick, events.ActivityLog())
	drain(t, r, 0)
	publish(t, d, "batch:1", "a")
	publish(t, d, "batch:2", "b")
	drain(t, r, 2)
	wantPending(t, d, 0)
	drain(t, r, 0)
	got, err := events.Activity(t.Context(), d.Pool(), events.Filter{})
	must(t, err)
	want := []events.Entry{
		{ID: 1, Topic: events.BatchApproved, Subject: "batch:1", Facts: about("", "a").Facts, HappenedAt: at},
		{ID: 2, Topic: events.BatchApproved, Subject: "batch:2", Facts: about("", "b").Facts, HappenedAt: at},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := got[0].Sentence(i18n.ZH); got != "批次 a 已批准：1 笔 1.00 元，批准人 刘芳" {
		t.Error(got)
	}
}

func TestARolledBackTransactionPublishesNothing(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	broken := errors.New("broken")
	err := d.Run(t.Context(), func(tx pgx.Tx) error {
		must(t, events.Publish(t.Context(), tx, about("batch:1", "a"), at))
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	drain(t, relay(t, d, quick, events.ActivityLog()), 0)
}

func TestPublishRefusesWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	for _, e := range []events.Event{
		{Topic: "batch.praised.v1", Subject: "batch:1"}, {Topic: events.BatchApproved}, {Topic: events.BatchApproved, Subject: "batch"},
		{Topic: events.BatchApproved, Subject: "batch:"}, {Topic: events.BatchApproved, Subject: ":1"},
	} {
		if err := d.Run(t.Context(), func(tx pgx.Tx) error { return events.Publish(t.Context(), tx, e, at) }); err == nil {
			t.Errorf("%+v was published", e)
		}
	}
	wantPending(t, d, 0)
}

// A number may be drawn long before its transaction commits: the later number
// is told first, and the earlier one is not passed over.
func TestNothingIsSkippedWhenCommitsAreOutOfOrder(t *testing.T) {
	t.Parallel()
	d, ctx := pgtest.New(t), t.Context()
	r := relay(t, d, quick, events.ActivityLog())
	slow, err := d.Pool().Begin(ctx)
	must(t, err)
	defer func() { _ = slow.Rollback(context.WithoutCancel(ctx)) }()
	must(t, events.Publish(ctx, slow, about("batch:1", "drawn first"), at))
	publish(t, d, "batch:2", "committed first")
	drain(t, r, 1)
	wantLogged(t, d, "", "committed first")
	must(t, slow.Commit(ctx))
	drain(t, r, 1)
	wantLogged(t, d, "", "committed first", "drawn first")
	wantPending(t, d, 0)
}

func TestManyPagesInOrder(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	r := relay(t, d, events.Options{Page: 4}, events.ActivityLog())
	var want []string
	for i := range 17 {
		publish(t, d, fmt.Sprintf("batch:%d", i%3), fmt.Sprint(i))
		want = append(want, fmt.Sprint(i))
	}
	drain(t, r, 17)
	wantLogged(t, d, "", want...)
}

// picky refuses one code until it is told not to.
type picky struct {
	mu     sync.Mutex
	code   string
	reason func() error
	seen   map[string]int
}

func (p *picky) handler(name string) events.Handler {
	return events.Handler{Name: name, Handle: func(_ context.Context, _ pgx.Tx, m events.Message) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.seen == nil {
			p.seen = map[string]int{}
		}
		p.seen[m.Facts.Code]++
		if m.Facts.Code == p.code {
			return p.reason()
		}
		return nil
	}}
}

func (p *picky) accept() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code = ""
}

func (p *picky) times(code string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[code]
}

func TestARefusedEventKeepsItsSubjectBackAndNoOther(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reason func() error
		tries  int
		says   string
	}{
		"an error": {func() error { return errors.New("the printer is out of paper") }, 4, "the printer is out of paper"},
		"a panic":  {func() error { panic("nil map") }, 1, "nil map"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := pgtest.New(t)
			p := &picky{code: "1b", reason: c.reason}
			r := relay(t, d, events.Options{RetryWait: time.Millisecond, Page: 2}, events.ActivityLog(), p.handler("picky"))
			for _, code := range []string{"1a", "1b", "2a", "1c", "1d", "2b", "3a"} {
				publish(t, d, "batch:"+code[:1], code)
			}
			n, err := r.Drain(t.Context())
			if n != 4 || errs.CodeOf(err) != "EVENTS_NOT_DELIVERED" || errs.KindOf(err) != errs.Unavailable {
				t.Fatalf("drained %d, %v", n, err)
			}
			if said := i18n.Error(i18n.ZH, err); !strings.Contains(said, "batch:1") || !strings.Contains(said, c.says) || strings.Contains(said, "\n") {
				t.Errorf("says %q", said)
			}
			wantPending(t, d, 3)
			if got := p.times("1b"); got != c.tries {
				t.Errorf("tried %d times, want %d", got, c.tries)
			}
			if p.times("1c") != 0 {
				t.Error("told what stands behind the refused event")
			}
			// The log had 1b already, beside the handler that refused it: once is enough.
			p.accept()
			drain(t, r, 3)
			wantLogged(t, d, "batch:1", "1a", "1b", "1c", "1d")
			wantPending(t, d, 0)
		})
	}
}

func TestAPassingFailureIsTriedAgain(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	left := 2
	p := &picky{code: "a", reason: func() error {
		if left--; left < 0 {
			return nil
		}
		return errors.New("not now")
	}}
	r := relay(t, d, quick, p.handler("picky"))
	publish(t, d, "batch:1", "a")
	drain(t, r, 1)
	if got := p.times("a"); got != 3 {
		t.Errorf("tried %d times, want 3", got)
	}
}

// Delivered again, after a crash between handling and clearing the outbox, an
// event is not handled again.
func TestDeliveredTwiceIsHandledOnce(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	r := relay(t, d, quick, events.ActivityLog())
	publish(t, d, "batch:1", "a")
	drain(t, r, 1)
	_, err := env.Owner(t).Exec(t.Context(), `
		INSERT INTO outbox (id, topic, subject, payload, created_at)
		SELECT message, topic, subject, payload, happened_at FROM activity`)
	must(t, err)
	wantPending(t, d, 1)
	drain(t, r, 1)
	wantLogged(t, d, "", "a")
	wantPending(t, d, 0)
}

// A handler's effect and its inbox row are one: when the handler fails after
// its effect, neither is there.
func TestAHandlerThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	log, fail := events.ActivityLog(), true
	failing := events.Handler{Name: "late", Handle: func(ctx context.Context, tx pgx.Tx, m events.Message) error {
		if err := log.Handle(ctx, tx, m); err != nil {
			return err
		}
		if fail {
			return errors.New("late")
		}
		return nil
	}}
	r := relay(t, d, events.Options{Retries: -1}, failing)
	publish(t, d, "batch:1", "a")
	if n, err := r.Drain(t.Context()); n != 0 || err == nil {
		t.Fatalf("drained %d, %v", n, err)
	}
	wantLogged(t, d, "")
	fail = false
	drain(t, r, 1)
	wantLogged(t, d, "", "a")
}

// Processes are pools of their own here: each has a relay and publishes while
// the others drain.
func TestProcessesThatDrainAtOnceHandleOnceAndInOrder(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	const processes, each = 4, 30
	var wg sync.WaitGroup
	failures := make(chan error, processes*(each+1))
	for p := range processes {
		d := env.Open(t)
		r := relay(t, d, events.Options{Page: 5}, events.ActivityLog())
		wg.Go(func() {
			for i := range each {
				err := d.Run(t.Context(), func(tx pgx.Tx) error {
					return events.Publish(t.Context(), tx, about(fmt.Sprintf("batch:%d", p), fmt.Sprintf("%d", i)), at)
				})
				if err == nil && i%3 == 0 {
					_, err = r.Drain(t.Context())
				}
				failures <- err
			}
			_, err := r.Drain(t.Context())
			failures <- err
		})
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		must(t, err)
	}
	d := env.Open(t)
	wantPending(t, d, 0)
	var want []string
	for i := range each {
		want = append(want, fmt.Sprint(i))
	}
	for p := range processes {
		wantLogged(t, d, fmt.Sprintf("batch:%d", p), want...)
	}
}

// When a drain returns, what was committed before it is handled, even if
// another process was at it.
func TestDrainWaitsForTheOtherProcess(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	entered, gate := make(chan struct{}), make(chan struct{})
	slow := events.ActivityLog()
	slowLog := events.Handler{Name: slow.Name, Handle: func(ctx context.Context, tx pgx.Tx, m events.Message) error {
		close(entered)
		<-gate
		return slow.Handle(ctx, tx, m)
	}}
	first, second := relay(t, d, quick, slowLog), relay(t, env.Open(t), quick, events.ActivityLog())
	publish(t, d, "batch:1", "a")
	result := make(chan error, 1)
	go func() { _, err := first.Drain(t.Context()); result <- err }()
	select {
	case <-entered:
	case err := <-result:
		t.Fatalf("the first drain ended early: %v", err)
	}
	other := make(chan []string, 1)
	go func() {
		if _, err := second.Drain(t.Context()); err != nil {
			other <- []string{err.Error()}
			return
		}
		entries, _ := events.Activity(t.Context(), d.Pool(), events.Filter{})
		codes := []string{}
		for _, e := range entries {
			codes = append(codes, e.Facts.Code)
		}
		other <- codes
	}()
	select {
	case got := <-other:
		close(gate)
		t.Fatalf("the second drain did not wait: %v", got)
	case <-waitingForALock(t, env.Open(t)):
	}
	close(gate)
	must(t, <-result)
	if diff := cmp.Diff([]string{"a"}, <-other); diff != "" {
		t.Error(diff)
	}
}

// A process that died while it drained holds nobody up.
func TestDrainGoesOnWhenTheHolderOfTheLockDies(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	publish(t, d, "batch:1", "a")
	dying, err := env.Open(t).Pool().Acquire(t.Context())
	must(t, err)
	conn := dying.Hijack()
	_, err = conn.Exec(t.Context(), `BEGIN`)
	must(t, err)
	_, err = conn.Exec(t.Context(), `INSERT INTO inbox (handler, message) VALUES ('relay', 0)`)
	must(t, err)
	r, result := relay(t, d, quick, events.ActivityLog()), make(chan error, 1)
	go func() {
		n, err := r.Drain(t.Context())
		if err == nil && n != 1 {
			err = fmt.Errorf("drained %d", n)
		}
		result <- err
	}()
	select {
	case err := <-result:
		t.Fatalf("the drain did not wait: %v", err)
	case <-waitingForALock(t, env.Open(t)):
	}
	must(t, conn.PgConn().Conn().Close())
	must(t, <-result)
	wantLogged(t, d, "", "a")
}

// waitingForALock is closed when some connection to this database waits for
// another's lock. Everybody may see that; what others wait for, only some.
func waitingForALock(t *testing.T, d *db.DB) <-chan struct{} {
	found := make(chan struct{})
	go func() {
		defer close(found)
		for n := 0; n == 0 && t.Context().Err() == nil; {
			if d.Pool().QueryRow(t.Context(), `
				SELECT count(*) FROM pg_locks WHERE NOT granted
				AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`).Scan(&n) != nil {
				return
			}
		}
	}()
	return found
}

func TestDrainStopsWithItsContext(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	stuck := events.Handler{Name: "stuck", Handle: func(ctx context.Context, _ pgx.Tx, _ events.Message) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}}
	r := relay(t, d, quick, stuck)
	publish(t, d, "batch:1", "a")
	if n, err := r.Drain(ctx); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("drained %d, %v", n, err)
	}
	wantPending(t, d, 1)
}

func TestRelayRefusesWrongHandlers(t *testing.T) {
	t.Parallel()
	for name, handlers := range map[string][]events.Handler{
		"none": nil, "two of a name": {events.ActivityLog(), events.ActivityLog()}, "no function": {{Name: "a"}}, "no name": {{Handle: events.ActivityLog().Handle}},
		"the lock's name": {{Name: "relay", Handle: events.ActivityLog().Handle}},
	} {
		if _, err := events.NewRelay(nil, quick, handlers...); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// Not parallel: it looks at the goroutines of the whole process.
func TestCloseLeavesNoGoroutines(t *testing.T) {
	d := pgtest.New(t)
	publish(t, d, "batch:1", "a")
	began := time.Now()
	r, err := events.NewRelay(d, quick, events.ActivityLog())
	must(t, err)
	if took := time.Since(began); took > 50*time.Millisecond {
		t.Errorf("the router took %s to start", took)
	}
	drain(t, r, 1)
	must(t, r.Close())
	must(t, r.Close())
	if _, err := r.Drain(t.Context()); !errors.Is(err, events.ErrClosed) {
		t.Errorf("drain after close: %v", err)
	}
	// Goroutines that have nothing left to do still need a turn to end.
	for deadline := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
		left := stacks()
		if !strings.Contains(left, "watermill") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("left running:\n%s", left)
		}
	}
}

func stacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
