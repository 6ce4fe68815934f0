package proof

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/db"
)

// Size is the number of leaves of the log.
func Size(ctx context.Context, q db.Querier) (int64, error) {
	size, _, err := Head(ctx, q)
	return size, err
}

// Tree is the log as it is now: its size and its root.
func Tree(ctx context.Context, q db.Querier) (tlog.Tree, error) {
	size, err := Size(ctx, q)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := RootAt(ctx, q, size)
	return tlog.Tree{N: size, Hash: root}, err
}

// RootAt is the root of the first size leaves; it fails when there are not so
// many.
func RootAt(ctx context.Context, q db.Querier, size int64) (tlog.Hash, error) {
	if size < 0 {
		return tlog.Hash{}, fmt.Errorf("root of a log of %d leaves", size)
	}
	root, err := tlog.TreeHash(size, Hashes(ctx, q))
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("root of a log of %d leaves: %w", size, err)
	}
	return root, nil
}

// ProveLeaf is the proof that leaf index is in the log of size leaves, as
// tlog.CheckRecord checks it.
func ProveLeaf(ctx context.Context, q db.Querier, size, index int64) (tlog.RecordProof, error) {
	p, err := tlog.ProveRecord(size, index, Hashes(ctx, q))
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d of %d: %w", index, size, err)
	}
	return p, nil
}

// ProveExtends is the proof that the log of size leaves begins with the log of
// its first old leaves, as tlog.CheckTree checks it; 0 < old <= size.
func ProveExtends(ctx context.Context, q db.Querier, size, old int64) (tlog.TreeProof, error) {
	p, err := tlog.ProveTree(size, old, Hashes(ctx, q))
	if err != nil {
		return nil, fmt.Errorf("prove that a log of %d leaves extends one of %d: %w", size, old, err)
	}
	return p, nil
}

// Hashes reads the stored hashes of the log's tree in one query for each call.
func Hashes(ctx context.Context, q db.Querier) tlog.HashReader {
	return tlog.HashReaderFunc(func(positions []int64) ([]tlog.Hash, error) {
		found, err := hashesAt(ctx, q, positions)
		if err != nil {
			return nil, err
		}
		hashes := make([]tlog.Hash, len(positions))
		for i, p := range positions {
			h, ok := found[p]
			if !ok {
				return nil, fmt.Errorf("log_hash %d is not there", p)
			}
			hashes[i] = h
		}
		return hashes, nil
	})
}

func hashesAt(ctx context.Context, q db.Querier, positions []int64) (map[int64]tlog.Hash, error) {
	found := make(map[int64]tlog.Hash, len(positions))
	if len(positions) == 0 {
		return found, nil
	}
	rows, err := q.Query(ctx, `SELECT position, hash FROM log_hash WHERE position = ANY($1)`, positions)
	if err != nil {
		return nil, fmt.Errorf("read hashes of the log: %w", err)
	}
	var at int64
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&at, &hash}, func() error {
		if len(hash) != tlog.HashSize {
			return fmt.Errorf("log_hash %d has %d bytes", at, len(hash))
		}
		found[at] = tlog.Hash(hash)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read hashes of the log: %w", err)
	}
	return found, nil
}
