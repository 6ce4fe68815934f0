package proof

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/check"
	"fenlu/internal/db"
)

// verifyBatch is how many leaves verification holds in memory at a time.
const verifyBatch = 10_000

// waiting is how long a row may wait to be sequenced before verification names
// it: a command that ends has drained.
const waiting = `interval '10 seconds'`

// besides finds what stands outside the log or beside its order.
var besides = []check.Query{
	{Promise: 6, Check: "log_gap", SQL: `
		SELECT 'log_leaf ' || f.leaf_index::text, 'the log has ' || h.next_index::text || ' leaves'
		FROM log_leaf f JOIN log_head h ON h.id = 1 WHERE f.leaf_index < 0 OR f.leaf_index >= h.next_index
		ORDER BY f.leaf_index`},
	{Promise: 6, Check: "log_lots", SQL: `
		SELECT 'log_lot ' || coalesce(g.lot, s.lot)::text || '/' || coalesce(g.leaf_index, s.leaf_index)::text,
			'number ' || coalesce(g.seq::text, '?') || ', journal number ' || coalesce(s.seq::text, '?')
		FROM log_lot g FULL JOIN (SELECT jl.lot, f.leaf_index, jl.seq FROM log_leaf f JOIN journal_lot jl ON jl.journal = f.ref
			WHERE f.kind = 'journal') s ON s.lot = g.lot AND s.leaf_index = g.leaf_index
		WHERE g.seq IS DISTINCT FROM s.seq ORDER BY 1`},
	{Promise: 10, Check: "log_waiting", SQL: `
		SELECT 'log_pending ' || id::text, kind || ' ' || ref::text || ' waits for its place in the log'
		FROM log_pending WHERE created_at < now() - ` + waiting + ` ORDER BY id`},
	{Promise: 10, Check: "log_twice", SQL: `
		SELECT 'log_pending ' || p.id::text, p.kind || ' ' || p.ref::text || ' is leaf ' || f.leaf_index::text
		FROM log_pending p JOIN log_leaf f ON f.kind = p.kind AND f.ref = p.ref ORDER BY p.id`},
}

// Checks are the walk through the whole log, and what stands outside it or
// beside its order: what waits to be sequenced for longer than ten seconds,
// among it. Whether a digest is that of its row is for the owner of the row to
// say.
func Checks() []check.Job {
	return check.Jobs(besides, check.Job{Name: "log_walk", Run: walkLog})
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}

// walkLog goes through the leaves, a batch at a time: each leaf is at its place
// and not sequenced before the one in front of it, its digest is the stored hash
// there, each stored hash of two is that of the two stored below it, and nothing
// is stored besides. So what is proved from the stored hashes is proved about
// the digests.
func walkLog(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	size, err := Size(ctx, q)
	if err != nil {
		return nil, err
	}
	w := walk{ctx: ctx, q: q, count: map[string]int{}}
	for from := int64(0); from < size; from += verifyBatch {
		if err := w.batch(from, min(from+verifyBatch, size)); err != nil {
			return nil, err
		}
	}
	err = w.beyond(size)
	return w.found, err
}

// walk goes through the leaves in order. stack is what is stored for the
// complete subtrees so far, the largest first.
type walk struct {
	ctx   context.Context
	q     db.Querier
	stack []tlog.Hash
	last  time.Time
	count map[string]int
	found []check.Finding
}

// placed is a leaf as it is stored; there is no digest where there is no leaf.
type placed struct {
	digest []byte
	at     time.Time
}

func (w *walk) report(promise int, name, row, detail string) {
	if w.count[name]++; w.count[name] <= check.Limit {
		w.found = append(w.found, check.Finding{Promise: promise, Check: name, Row: row, Detail: detail})
	}
}

// batch checks the leaves from … to-1 and the hashes stored with them.
func (w *walk) batch(from, to int64) error {
	leaves, err := w.leaves(from, to)
	if err != nil {
		return err
	}
	first := tlog.StoredHashCount(from)
	hashes, err := w.hashes(first, tlog.StoredHashCount(to))
	if err != nil {
		return err
	}
	for i, l := range leaves {
		index := from + int64(i)
		n := tlog.StoredHashCount(index+1) - tlog.StoredHashCount(index)
		w.leaf(index, l, hashes[:n])
		hashes = hashes[n:]
	}
	return nil
}

// leaf checks one leaf and the hashes of the subtrees that it completes.
func (w *walk) leaf(index int64, l placed, stored [][]byte) {
	w.place(index, l)
	position := tlog.StoredHashIndex(0, index)
	switch {
	case stored[0] == nil:
		w.report(10, "log_hash", fmt.Sprintf("log_hash %d", position), "not stored")
	case l.digest != nil && !bytes.Equal(l.digest, stored[0]):
		w.report(10, "log_leaf", fmt.Sprintf("log_leaf %d", index), fmt.Sprintf("digest %.8x, in the tree %.8x", l.digest, stored[0]))
	}
	right := hashOr(stored[0], hashOr(l.digest, tlog.Hash{}))
	for level, hash := range stored[1:] {
		left := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		both := tlog.NodeHash(left, right)
		if !bytes.Equal(hash, both[:]) {
			w.report(10, "log_hash", fmt.Sprintf("log_hash %d", position+int64(level)+1),
				fmt.Sprintf("stored %.8x, the two below give %.8x", hash, both[:]))
		}
		right = hashOr(hash, both)
	}
	w.stack = append(w.stack, right)
}

// place checks that there is a leaf, and its time.
func (w *walk) place(index int64, l placed) {
	row := fmt.Sprintf("log_leaf %d", index)
	if l.digest == nil {
		w.report(6, "log_gap", row, "no leaf at this place")
		return
	}
	if l.at.Before(w.last) {
		w.report(6, "log_time", row, "sequenced before the leaf in front of it")
	}
	w.last = l.at
}

// hashOr is b as a hash, and instead where it is none.
func hashOr(b []byte, instead tlog.Hash) tlog.Hash {
	if len(b) != tlog.HashSize {
		return instead
	}
	return tlog.Hash(b)
}

func (w *walk) leaves(from, to int64) ([]placed, error) {
	rows, err := w.q.Query(w.ctx, `SELECT leaf_index, digest, sequenced_at FROM log_leaf WHERE leaf_index >= $1 AND leaf_index < $2`, from, to)
	if err != nil {
		return nil, fmt.Errorf("read leaves: %w", err)
	}
	out := make([]placed, to-from)
	var index int64
	var l placed
	_, err = pgx.ForEachRow(rows, []any{&index, &l.digest, &l.at}, func() error {
		out[index-from] = placed{bytes.Clone(l.digest), l.at}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read leaves: %w", err)
	}
	return out, nil
}

func (w *walk) hashes(from, to int64) ([][]byte, error) {
	rows, err := w.q.Query(w.ctx, `SELECT position, hash FROM log_hash WHERE position >= $1 AND position < $2`, from, to)
	if err != nil {
		return nil, fmt.Errorf("read hashes of the log: %w", err)
	}
	out := make([][]byte, to-from)
	var position int64
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&position, &hash}, func() error {
		out[position-from] = bytes.Clone(hash)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read hashes of the log: %w", err)
	}
	return out, nil
}

// beyond names hashes that belong to no tree of so many leaves.
func (w *walk) beyond(size int64) error {
	rows, err := w.q.Query(w.ctx, `SELECT position FROM log_hash WHERE position < 0 OR position >= $1 ORDER BY position LIMIT $2`,
		tlog.StoredHashCount(size), check.Limit)
	if err != nil {
		return fmt.Errorf("read hashes of the log: %w", err)
	}
	positions, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	for _, p := range positions {
		w.report(10, "log_hash", fmt.Sprintf("log_hash %d", p), fmt.Sprintf("the tree of %d leaves has no such hash", size))
	}
	return err
}
