package proof_test

import (
	"crypto/sha256"
	"encoding/binary"
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

func item(ref int64) proof.Item {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(ref)))
	return proof.Item{Kind: proof.KindEvidence, Ref: ref, Version: 1, Digest: sum[:]}
}

func write(t *testing.T, d *db.DB, refs ...int64) {
	t.Helper()
	err := d.Run(t.Context(), func(tx pgx.Tx) error {
		for _, ref := range refs {
			if err := proof.Append(t.Context(), tx, item(ref), nine); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func drain(t *testing.T, d *db.DB, at time.Time) int {
	t.Helper()
	n, err := proof.Drain(t.Context(), d, clock.NewManual(at))
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

func sound(t *testing.T, d *db.DB) {
	t.Helper()
	if bad, err := proof.Verify(t.Context(), d.Pool()); err != nil || len(bad) != 0 {
		t.Errorf("verify: %v, %v", bad, err)
	}
}

// Two processes drain at once while rows come in: every row gets one place,
// and the places have no gap.
func TestDrain_by_two_at_once(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	processes := []*db.DB{env.Open(t), env.Open(t)}
	const writers, rounds, each = 4, 5, 120 // more than one batch of 1,000
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for r := range rounds {
				first := int64((w*rounds + r) * each)
				err := processes[0].Run(t.Context(), func(tx pgx.Tx) error {
					for i := range int64(each) {
						if err := proof.Append(t.Context(), tx, item(first+i), nine); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	sequenced := make([]int, len(processes))
	for i, d := range processes {
		wg.Go(func() {
			for sequenced[0]+sequenced[1] >= 0 { // until a round after the writers finds nothing
				n, err := proof.Drain(t.Context(), d, clock.System{})
				if err != nil {
					t.Error(err)
					return
				}
				sequenced[i] += n
				return
			}
		})
	}
	wg.Wait()
	rest := drain(t, processes[0], nine)
	if total := sequenced[0] + sequenced[1] + rest; total != writers*rounds*each {
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
		t.Errorf("%d leaves", len(seen))
	}
	sound(t, processes[0])
}
