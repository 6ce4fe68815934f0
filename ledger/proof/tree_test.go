package proof_test

import (
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/db"
	"fenlu/internal/pgtest"
	"fenlu/internal/rfc6962"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// grow appends leaves of changing size, drained in uneven batches, and returns
// their canonical bytes.
func grow(t *testing.T, d *db.DB, batches ...int) [][]byte {
	t.Helper()
	var entries [][]byte
	for _, n := range batches {
		refs := make([]int64, n)
		for i := range refs {
			refs[i] = int64(len(entries))
			entries = append(entries, example(refs[i]).Bytes())
		}
		write(t, d, refs...)
		drain(t, d, nine)
	}
	return entries
}

func example(ref int64) *leaf.Leaf {
	return leaf.New("evidence", 1).Int("id", ref).Text("memo", string(bytes.Repeat([]byte{'x'}, int(ref%7))))
}

// However the leaves were batched, the root at every size is that of the RFC's
// definition, every leaf is proved in every tree that holds it and every tree
// extends every smaller one; and none of it is proved of anything else.
func TestTree(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	entries := grow(t, d, 1, 1, 2, 5, 1, 9, 4)
	now, err := proof.Tree(t.Context(), d.Pool())
	if err != nil || now.N != int64(len(entries)) || now.Hash != rfc6962.Root(entries) {
		t.Fatalf("tree %v, %v; want %d %v", now, err, len(entries), rfc6962.Root(entries))
	}
	for size := range int64(len(entries) + 1) {
		root, err := proof.RootAt(t.Context(), d.Pool(), size)
		if err != nil || root != rfc6962.Root(entries[:size]) {
			t.Fatalf("root of %d leaves: %v %v", size, root, err)
		}
		checkLeaves(t, d, entries[:size], root)
		checkExtends(t, d, entries[:size], root)
	}
}

func checkLeaves(t *testing.T, d *db.DB, entries [][]byte, root tlog.Hash) {
	t.Helper()
	size := int64(len(entries))
	for i := range size {
		p, err := proof.ProveLeaf(t.Context(), d.Pool(), size, i)
		if err != nil {
			t.Fatal(err)
		}
		record := tlog.RecordHash(entries[i])
		if err := tlog.CheckRecord(p, size, root, i, record); err != nil {
			t.Errorf("leaf %d of %d: %v", i, size, err)
		}
		if size > 1 && tlog.CheckRecord(p, size, root, (i+1)%size, record) == nil {
			t.Errorf("leaf %d of %d is proved at another place", i, size)
		}
		record[0] ^= 1
		if tlog.CheckRecord(p, size, root, i, record) == nil {
			t.Errorf("leaf %d of %d is proved though altered", i, size)
		}
	}
}

func checkExtends(t *testing.T, d *db.DB, entries [][]byte, root tlog.Hash) {
	t.Helper()
	size := int64(len(entries))
	for old := int64(1); old <= size; old++ {
		p, err := proof.ProveExtends(t.Context(), d.Pool(), size, old)
		if err != nil {
			t.Fatal(err)
		}
		before := rfc6962.Root(entries[:old])
		if err := tlog.CheckTree(p, size, root, old, before); err != nil {
			t.Errorf("%d extends %d: %v", size, old, err)
		}
		before[0] ^= 1
		if tlog.CheckTree(p, size, root, old, before) == nil {
			t.Errorf("%d extends another history of %d", size, old)
		}
	}
}

func TestTree_of_what_is_not_there(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	grow(t, d, 3)
	for _, size := range []int64{-1, 4, 1000} {
		if root, err := proof.RootAt(t.Context(), d.Pool(), size); err == nil {
			t.Errorf("root of %d leaves: %v", size, root)
		}
	}
	if _, err := proof.ProveLeaf(t.Context(), d.Pool(), 3, 3); err == nil {
		t.Error("leaf 3 of 3 is proved")
	}
	if _, err := proof.ProveLeaf(t.Context(), d.Pool(), 9, 1); err == nil {
		t.Error("a leaf is proved in a tree that is not there yet")
	}
	for _, old := range []int64{0, 4} {
		if _, err := proof.ProveExtends(t.Context(), d.Pool(), 3, old); err == nil {
			t.Errorf("3 leaves extend %d", old)
		}
	}
}

// A log whose hashes were cut cannot be continued: the sequencer stops rather
// than build on what is not there, and what waits goes on waiting.
func TestDrain_stops_where_hashes_are_missing(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	grow(t, d, 3)
	if _, err := env.Owner(t).Exec(t.Context(), `DELETE FROM log_hash WHERE position = 2`); err != nil {
		t.Fatal(err)
	}
	write(t, d, 3)
	if n, err := proof.Drain(t.Context(), d, clockAt(nine)); err == nil {
		t.Errorf("%d sequenced", n)
	}
	leaves, waiting, err := proof.Head(t.Context(), d.Pool())
	if err != nil || leaves != 3 || waiting != 1 {
		t.Errorf("%d leaves, %d wait, %v", leaves, waiting, err)
	}
}

// A thing is appended once: the second time is refused to its writer.
func TestAppend_twice(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	write(t, d, 1)
	tx, err := d.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if err := proof.Append(t.Context(), tx, item(1)); err == nil {
		t.Error("appended twice")
	}
	if err := proof.Append(t.Context(), tx, proof.Item{Kind: proof.KindEvidence, Ref: 2, Version: 1, Digest: []byte("short")}); err == nil {
		t.Error("appended without a digest")
	}
}
