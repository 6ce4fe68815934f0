package proof_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/pgtest"
	"fenlu/ledger/proof"
)

// Somebody with the owner's rights changes one row of the log behind the
// program's back. There are 11 leaves (indexes 0 to 10, 18 stored hashes: leaf
// 2 is at position 3, leaves 0 and 1 make position 2, 0 to 3 position 6, 0 to
// 7 position 14) and one row waits, number 12.
func TestVerify_names_what_was_altered(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	write(t, d, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	drain(t, d, nine)
	write(t, d, 11)
	sound(t, d)
	owner := env.Owner(t)
	for _, tt := range []struct {
		name, sql string
		found     []string
	}{
		{"leaf_deleted", `DELETE FROM log_leaf WHERE leaf_index = 1`, []string{"log_gap log_leaf 1"}},
		{"leaf_and_its_hash_deleted", `DELETE FROM log_hash WHERE position = 1; DELETE FROM log_leaf WHERE leaf_index = 1`,
			[]string{"log_gap log_leaf 1", "log_hash log_hash 1", "log_hash log_hash 2"}},
		{"tail_deleted", `DELETE FROM log_leaf WHERE leaf_index = 10`, []string{"log_gap log_leaf 10"}},
		{"tail_deleted_and_the_head_moved", `DELETE FROM log_leaf WHERE leaf_index = 10; UPDATE log_head SET next_index = 10`,
			[]string{"log_hash log_hash 18"}},
		{"head_moved_on", `UPDATE log_head SET next_index = 12`, []string{"log_gap log_leaf 11", "log_hash log_hash 19", "log_hash log_hash 20", "log_hash log_hash 21"}},
		{"head_moved_back", `UPDATE log_head SET next_index = 10`, []string{"log_gap log_leaf 10", "log_hash log_hash 18"}},
		{"leaf_moved", `UPDATE log_leaf SET leaf_index = 11 WHERE leaf_index = 1`, []string{"log_gap log_leaf 11", "log_gap log_leaf 1"}},
		{"leaf_before_the_first", `UPDATE log_leaf SET leaf_index = -1 WHERE leaf_index = 0`, []string{"log_gap log_leaf -1", "log_gap log_leaf 0"}},
		{"leaf_added", `INSERT INTO log_leaf (leaf_index, kind, ref, version, digest, sequenced_at) SELECT 11, 'evidence', 99, 1, digest, sequenced_at
			FROM log_leaf WHERE leaf_index = 3`, []string{"log_gap log_leaf 11"}},
		{"digest", `UPDATE log_leaf SET digest = (SELECT digest FROM log_pending) WHERE leaf_index = 2`, []string{"log_leaf log_leaf 2"}},
		{"digest_shortened", `UPDATE log_leaf SET digest = 'x' WHERE leaf_index = 2`, []string{"log_leaf log_leaf 2"}},
		{"digest_emptied", `UPDATE log_leaf SET digest = '' WHERE leaf_index = 2`, []string{"log_leaf log_leaf 2"}},
		{"leaves_swapped", `UPDATE log_leaf SET leaf_index = -leaf_index WHERE leaf_index IN (2, 5);
			UPDATE log_leaf SET leaf_index = 7 + leaf_index WHERE leaf_index < 0`, []string{"log_leaf log_leaf 2", "log_leaf log_leaf 5"}},
		{"sequenced_earlier", `UPDATE log_leaf SET sequenced_at = sequenced_at - interval '1 day' WHERE leaf_index = 4`, []string{"log_time log_leaf 4"}},
		{"sequenced_later", `UPDATE log_leaf SET sequenced_at = sequenced_at + interval '1 day' WHERE leaf_index = 4`, []string{"log_time log_leaf 5"}},
		{"hash_of_a_leaf", `UPDATE log_hash SET hash = (SELECT digest FROM log_pending) WHERE position = 3`, []string{"log_leaf log_leaf 2", "log_hash log_hash 5"}},
		{"hash_of_a_leaf_deleted", `DELETE FROM log_hash WHERE position = 3`, []string{"log_hash log_hash 3"}},
		{"hash_of_two", `UPDATE log_hash SET hash = (SELECT digest FROM log_pending) WHERE position = 2`, []string{"log_hash log_hash 2", "log_hash log_hash 6"}},
		{"hash_of_two_deleted", `DELETE FROM log_hash WHERE position = 2`, []string{"log_hash log_hash 2"}},
		{"hash_of_the_whole_left_half", `UPDATE log_hash SET hash = (SELECT digest FROM log_pending) WHERE position = 14`, []string{"log_hash log_hash 14"}},
		{"hash_shortened", `UPDATE log_hash SET hash = 'x' WHERE position = 6`, []string{"log_hash log_hash 6"}},
		{"hash_added", `INSERT INTO log_hash VALUES (19, (SELECT digest FROM log_pending))`, []string{"log_hash log_hash 19"}},
		{"hash_before_the_first", `INSERT INTO log_hash VALUES (-1, (SELECT digest FROM log_pending))`, []string{"log_hash log_hash -1"}},
		{"leaf_and_hash_altered_alike", `UPDATE log_leaf SET digest = (SELECT digest FROM log_pending) WHERE leaf_index = 2; UPDATE log_hash SET hash = (SELECT digest FROM log_pending) WHERE position = 3`,
			[]string{"log_hash log_hash 5"}},
		{"waits_too_long", `UPDATE log_pending SET created_at = created_at - interval '11 seconds'`, []string{"log_waiting log_pending 12"}},
		{"waits_though_it_is_there", `UPDATE log_pending SET ref = 3`, []string{"log_twice log_pending 12"}},
		{"number_of_a_lot", `INSERT INTO log_lot VALUES (7, 3, 1)`, []string{"log_lots log_lot 7/3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tx, err := owner.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(t.Context()) }()
			if _, err := tx.Exec(t.Context(), tt.sql); err != nil {
				t.Fatal(err)
			}
			slices.Sort(tt.found)
			if diff := cmp.Diff(tt.found, names(t, tx)); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
}

// names are the findings, in the order of their names.
func names(t *testing.T, q db.Querier) []string {
	t.Helper()
	found, err := proof.Verify(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range found {
		out = append(out, f.Check+" "+f.Row)
	}
	slices.Sort(out)
	return out
}

func sound(t *testing.T, d *db.DB) {
	t.Helper()
	if found := names(t, d.Pool()); len(found) != 0 {
		t.Errorf("verify found %v", found)
	}
}

// A row that waits is no fault for ten seconds of the database's clock, and
// whoever wrote it may have any clock.
func TestVerify_a_row_may_wait(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	write(t, d, 1)
	if _, err := env.Owner(t).Exec(t.Context(), `UPDATE log_pending SET created_at = created_at - interval '5 seconds'`); err != nil {
		t.Fatal(err)
	}
	sound(t, d)
}

// The walk goes on over the end of a batch, and does not list what is wrong
// without end.
func TestVerify_of_more_than_a_batch(t *testing.T) {
	t.Parallel()
	const leaves = 10_100
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	fill(t, d, leaves)
	if got := drain(t, d, nine); got != leaves {
		t.Fatalf("%d sequenced", got)
	}
	sound(t, d)
	owner := env.Owner(t)
	for _, index := range []int{9_999, 10_000, leaves - 1} {
		if _, err := owner.Exec(t.Context(), fmt.Sprintf(`UPDATE log_leaf SET digest = sha256(digest) WHERE leaf_index = %d`, index)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"log_leaf log_leaf 10000", "log_leaf log_leaf 10099", "log_leaf log_leaf 9999"} // as text
	if diff := cmp.Diff(want, names(t, d.Pool())); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	if _, err := owner.Exec(t.Context(), `UPDATE log_leaf SET digest = sha256(digest)`); err != nil {
		t.Fatal(err)
	}
	if n := len(names(t, d.Pool())); n != check.Limit {
		t.Errorf("%d findings, want %d", n, check.Limit)
	}
}

// fill writes n waiting rows.
func fill(t *testing.T, d *db.DB, n int) {
	t.Helper()
	refs := make([]int64, n)
	for i := range refs {
		refs[i] = int64(i)
	}
	for some := range slices.Chunk(refs, 1000) {
		write(t, d, some...)
	}
}
