package proof_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
	"fenlu/ledger/proof"
)

var nine = time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai)

func item(ref int64) proof.Item { return proof.ItemOf(example(ref), ref) }

func write(t *testing.T, d *db.DB, refs ...int64) {
	t.Helper()
	err := d.Run(t.Context(), func(tx pgx.Tx) error {
		for _, ref := range refs {
			if err := proof.Append(t.Context(), tx, item(ref)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func clockAt(at time.Time) clock.Clock { return clock.NewManual(at) }

func drain(t *testing.T, d *db.DB, at time.Time) int {
	t.Helper()
	n, err := proof.Drain(t.Context(), d, clockAt(at))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// leaves reads the refs in order of their index, and fails on a gap.
func leaves(t *testing.T, d *db.DB) []int64 {
	t.Helper()
	rows, err := d.Pool().Query(t.Context(), `SELECT leaf_index, ref FROM log_leaf ORDER BY leaf_index`)
	if err != nil {
		t.Fatal(err)
	}
	var refs []int64
	var index, ref int64
	if _, err := pgx.ForEachRow(rows, []any{&index, &ref}, func() error {
		if index != int64(len(refs)) {
			t.Errorf("leaf %d stands at place %d", index, len(refs))
		}
		refs = append(refs, ref)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return refs
}

// Two processes drain at once while rows come in: every row gets one place,
// and the places have no gap.
func TestDrain_by_two_at_once(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	processes := []*db.DB{env.Open(t), env.Open(t)}
	const writers, rounds, each = 4, 5, 120 // more than two batches
	var writing, draining sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for r := range rounds {
				appendRun(t, processes[w%2], int64((w*rounds+r)*each), each)
			}
		})
	}
	written := make(chan struct{})
	sequenced := make([]int, len(processes))
	for i, d := range processes {
		draining.Go(func() { sequenced[i] = drainUntil(t, d, written) })
	}
	writing.Wait()
	close(written)
	draining.Wait()
	if total := sequenced[0] + sequenced[1]; total != writers*rounds*each {
		t.Errorf("%d rows sequenced, want %d", total, writers*rounds*each)
	}
	seen := map[int64]bool{}
	for _, ref := range leaves(t, processes[0]) {
		if seen[ref] {
			t.Errorf("%d stands twice in the log", ref)
		}
		seen[ref] = true
	}
	if len(seen) != writers*rounds*each {
		t.Errorf("%d leaves, want %d", len(seen), writers*rounds*each)
	}
	sound(t, processes[0])
}

// appendRun writes n items in one transaction.
func appendRun(t *testing.T, d *db.DB, first int64, n int) {
	err := d.Run(t.Context(), func(tx pgx.Tx) error {
		for i := range int64(n) {
			if err := proof.Append(t.Context(), tx, item(first+i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// drainUntil drains again and again, and once more when all is written.
func drainUntil(t *testing.T, d *db.DB, written <-chan struct{}) (total int) {
	for last := false; ; {
		n, err := proof.Drain(t.Context(), d, clock.System{})
		if err != nil {
			t.Error(err)
			return total
		}
		total += n
		if last {
			return total
		}
		select {
		case <-written:
			last = true
		default:
		}
	}
}

// A row that is written first and committed last is not skipped: the sequencer
// takes pending rows, never "id > last seen".
func TestDrain_takes_what_commits_late(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	early, err := d.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = early.Rollback(t.Context()) }()
	if err := proof.Append(t.Context(), early, item(1)); err != nil {
		t.Fatal(err)
	}
	write(t, d, 2, 3)
	if n := drain(t, d, nine); n != 2 {
		t.Errorf("%d sequenced before the commit, want 2", n)
	}
	if err := early.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := drain(t, d, nine); n != 1 {
		t.Errorf("%d sequenced after it, want 1", n)
	}
	if diff := cmp.Diff([]int64{2, 3, 1}, leaves(t, d)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if index, found, err := proof.LeafOf(t.Context(), d.Pool(), proof.KindEvidence, 1); err != nil || !found || index != 2 {
		t.Errorf("leaf of 1: %d %v %v", index, found, err)
	}
	sound(t, d)
}

// A transaction that is rolled back leaves no leaf and no gap.
func TestAppend_rolled_back(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	tx, err := d.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.Append(t.Context(), tx, item(1)); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, d, 2)
	drain(t, d, nine)
	if diff := cmp.Diff([]int64{2}, leaves(t, d)); diff != "" {
		t.Errorf("leaves (-want +got):\n%s", diff)
	}
	if n := drain(t, d, nine); n != 0 {
		t.Errorf("drained %d again", n)
	}
	sound(t, d)
}

// The clock goes back an hour and forward again; the log's times never go
// back, so a time always gives one index, and a past one the same for ever.
func TestIndexAt(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	if _, _, err := proof.IndexAt(t.Context(), d.Pool(), nine); errs.CodeOf(err) != "LOG_EMPTY_THEN" {
		t.Errorf("empty log: %v", err)
	}
	for ref, at := range []time.Duration{0, -time.Hour, -time.Minute, time.Minute, 2 * time.Minute} {
		write(t, d, int64(ref))
		drain(t, d, nine.Add(at))
	}
	for _, tt := range []struct {
		at    time.Duration
		index int64
		when  time.Duration
	}{
		{0, 2, 0}, {time.Second, 2, 0}, {time.Minute - time.Microsecond, 2, 0},
		{time.Minute, 3, time.Minute}, {119 * time.Second, 3, time.Minute}, {time.Hour, 4, 2 * time.Minute},
	} {
		index, when, err := proof.IndexAt(t.Context(), d.Pool(), nine.Add(tt.at))
		if err != nil || index != tt.index || !when.Equal(nine.Add(tt.when)) {
			t.Errorf("at +%s: index %d sequenced %s, %v; want %d", tt.at, index, when, err, tt.index)
		}
	}
	if _, _, err := proof.IndexAt(t.Context(), d.Pool(), nine.Add(-time.Microsecond)); errs.CodeOf(err) != "LOG_EMPTY_THEN" {
		t.Errorf("before the first leaf: %v", err)
	}
	sound(t, d)
}
