package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// Bank is the part of a month that is not ours: what the simulated bank does with
// the files. It is not counted.
const Bank = "bank"

// Stopwatch measures the parts of a month while somebody runs it. A part that is
// begun within another one stops that one meanwhile; what is in no part, and in
// Bank, is not counted. The floor is measured before a part that is new.
type Stopwatch struct {
	run   *run
	parts map[string]time.Duration
	order []string
	now   string
	since time.Time
	err   error
}

// floors is how often the floor is measured (DESIGN §6.2).
const floors = 5

// In begins a part, until back is called.
func (w *Stopwatch) In(part string) (back func()) {
	before := w.now
	w.stop()
	if _, known := w.parts[part]; !known && part != Bank {
		w.order = append(w.order, part)
		w.parts[part] = 0
		if w.err == nil && len(w.run.floor) < floors {
			w.err = w.run.measureFloor()
		}
		w.run.told(part)
	}
	w.start(part)
	return func() {
		w.stop()
		w.start(before)
	}
}

func (w *Stopwatch) start(part string) { w.now, w.since = part, time.Now() }

func (w *Stopwatch) stop() { w.parts[w.now] += time.Since(w.since) }

// Month measures the month that work runs: n payments from the rosters' first byte
// to closed batches and a verified end. The database must be embedded and empty.
func Month(ctx context.Context, d *db.DB, n int, told func(phase string), work func(*Stopwatch) error) (Result, error) {
	if n < Lots {
		return Result{}, errs.New(errs.Invalid, "BENCH_PAYMENTS", "least", Lots)
	}
	owner, err := pgx.Connect(ctx, d.Embedded().URL(db.RoleOwner))
	if err != nil {
		return Result{}, fmt.Errorf("connect as owner: %w", err)
	}
	defer func() { _ = owner.Close(ctx) }()
	r := &run{ctx: ctx, db: d, owner: owner, n: n, told: told, result: Result{Work: "month", Payments: n}}
	w := &Stopwatch{run: r, parts: map[string]time.Duration{}}
	before, err := r.wal()
	if err != nil {
		return Result{}, err
	}
	w.start("")
	if err := work(w); err != nil {
		return Result{}, err
	}
	w.stop()
	for w.err == nil && len(r.floor) < floors {
		w.err = r.measureFloor()
	}
	if w.err != nil {
		return Result{}, w.err
	}
	after, err := r.wal()
	if err != nil {
		return Result{}, err
	}
	for _, part := range slices.DeleteFunc(w.order, func(p string) bool { return p == Bank || p == "" }) {
		took := w.parts[part].Seconds()
		r.result.Seconds += took
		r.result.Phases = append(r.result.Phases, Phase{part, took})
	}
	r.result.WALBytes = after - before
	err = owner.QueryRow(ctx, `SELECT (SELECT count(*) FROM transfer) + (SELECT count(*) FROM holding) + (SELECT count(*) FROM piece)`).Scan(&r.result.Rows)
	return r.total(), err
}
