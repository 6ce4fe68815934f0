package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// test hits sites, month after month.
type test struct {
	lab     *lab
	out     io.Writer
	workers int

	mu       sync.Mutex
	hit      map[string]bool
	months   int
	deaths   int
	powers   int
	failures int
}

// some hits the sites that were chosen, and no others.
func (t *test) some(ctx context.Context, sites []string) {
	t.rounds(ctx, sites, func(m *month, share, _ []string) error {
		return errors.Join(m.order("kill", without(share, isLost)), m.order("lose", only(share, isLost)))
	})
}

// kill has months killed at sites until each was hit or none is any more, and
// also at those that only a run after a crash comes by.
func (t *test) kill(ctx context.Context, sites []string) {
	t.rounds(ctx, sites, func(m *month, share, left []string) error {
		mine := map[string]bool{}
		for _, s := range share {
			mine[s] = true
		}
		return m.order("spare", append(t.hits(), without(left, func(s string) bool { return mine[s] })...))
	})
}

// lose has the answers to COMMITs lost.
func (t *test) lose(ctx context.Context, sites []string) {
	t.rounds(ctx, sites, func(m *month, share, _ []string) error { return m.order("lose", share) })
}

// rounds runs months, several at a time, each of which is ordered to be hit at
// its share of the sites that are left.
func (t *test) rounds(ctx context.Context, sites []string, order func(m *month, share, left []string) error) {
	for before := -1; ctx.Err() == nil; {
		left := without(sites, t.wasHit)
		if len(left) == 0 || len(left) == before {
			return
		}
		before = len(left)
		var months errgroup.Group
		months.SetLimit(t.workers)
		for _, share := range shares(left, max(t.workers, len(left)/mostDeaths)) {
			months.Go(func() error {
				t.month(ctx, func(m *month) error { return order(m, share, left) })
				return ctx.Err()
			})
		}
		_ = months.Wait() // the report tells of what went wrong
	}
}

// mostDeaths is about how often one month is killed: often enough that deaths
// add up, seldom enough that a failure says where to look.
const mostDeaths = 100

// shares deals sites out, so that each share reaches over the whole month.
func shares(sites []string, n int) [][]string {
	out := make([][]string, min(n, len(sites)))
	for i, s := range sites {
		out[i%len(out)] = append(out[i%len(out)], s)
	}
	return out
}

// month runs one month from an empty directory to its end, through all its
// deaths, and compares.
func (t *test) month(ctx context.Context, order func(*month) error) {
	began := time.Now()
	t.mu.Lock()
	t.months++
	name := fmt.Sprintf("month%d", t.months)
	t.mu.Unlock()
	m, err := t.lab.newMonth(ctx, name)
	if err == nil {
		defer m.close()
		if err = order(m); err == nil {
			err = m.compare(ctx)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	hits := m.list("hit")
	for _, s := range hits {
		t.hit[s] = true
	}
	t.deaths += m.deaths
	t.powers += m.powers
	verdict := "ends as if it had never died"
	if err != nil && ctx.Err() == nil {
		t.failures++
		verdict = "FAILS: " + err.Error()
	}
	_, _ = fmt.Fprintf(t.out, "%-8s hit at %4d sites, %3d power losses, %4.0f s: %s\n", name, len(hits), m.powers, time.Since(began).Seconds(), verdict)
}

// saysUnknown: the answer to a COMMIT was lost, and the program says that it
// may be run again, not that nothing was stored.
var saysUnknown = regexp.MustCompile(`"code":"(DB_OUTCOME_UNKNOWN|DB_MIGRATION_FAILED)"`)

// live runs a command again and again until it ends by itself, and gives what
// it said then.
func (m *month) live(ctx context.Context, args ...string) (string, error) {
	last := "nothing"
	for {
		e := m.fenlu(ctx, args...)
		switch {
		case e.killed:
			m.deaths++
		case e.err != nil && isLost(e.hit) && saysUnknown.MatchString(e.said):
		case e.err != nil:
			return "", fmt.Errorf("after %s: %w", last, e.err)
		default:
			return e.stdout, nil
		}
		if last = e.hit; powerFailsAt(last) {
			if err := m.powerLoss(ctx); err != nil {
				return "", fmt.Errorf("after %s: %w", last, err)
			}
		}
	}
}

func (m *month) compare(ctx context.Context) error {
	got, err := m.ending(ctx)
	if err != nil {
		return err
	}
	if d := m.lab.want.differs(got); d != "" {
		return errors.New(d)
	}
	return nil
}

// powerFailsAt chooses where the server dies with the program: around every
// COMMIT, whose promise is that it lasts, and at every twentieth other site.
func powerFailsAt(site string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(site))
	return strings.HasPrefix(site, "commit:") && !isLost(site) || h.Sum32()%20 == 0
}

func (t *test) wasHit(site string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.hit[site]
}

func (t *test) hits() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []string
	for s := range t.hit {
		all = append(all, s)
	}
	return all
}

// report ends the test.
func (t *test) report(sites []string, took time.Duration) error {
	missed := without(sites, t.wasHit)
	for _, s := range missed {
		_, _ = fmt.Fprintln(t.out, "NOT HIT", s)
	}
	_, _ = fmt.Fprintf(t.out, "crash: %d sites, %d of them hit, %d more hit after a crash, %d deaths, %d power losses, %d failures, %.0f s\n",
		len(sites), len(sites)-len(missed), len(t.hit)+len(missed)-len(sites), t.deaths, t.powers, t.failures, took.Seconds())
	if len(missed) > 0 || t.failures > 0 {
		return fmt.Errorf("%d sites were not hit, %d months failed", len(missed), t.failures)
	}
	return nil
}
