package proof

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/ledger/proof/leaf"
)

// batchSize is how many leaves one sequencing transaction takes.
const batchSize = 1000

// Drain sequences all pending rows and returns how many there were. Any number
// of processes may call it: the lock of log_head's row is the lease that lets
// one at a time through, batch by batch.
func Drain(ctx context.Context, d *db.DB, c clock.Clock) (int, error) {
	total := 0
	for {
		n := 0
		err := d.Run(ctx, func(tx pgx.Tx) error {
			var err error
			n, err = sequence(ctx, tx, c.Now())
			return err
		})
		total += n
		if err != nil || n < batchSize {
			return total, err
		}
	}
}

type pending struct {
	ID      int64
	Kind    Kind
	Ref     int64
	Version int
	Digest  []byte
}

// sequence gives the next batch of pending rows their places.
func sequence(ctx context.Context, tx pgx.Tx, at time.Time) (int, error) {
	var next int64
	if err := tx.QueryRow(ctx, `SELECT next_index FROM log_head WHERE id = 1 FOR UPDATE`).Scan(&next); err != nil {
		return 0, fmt.Errorf("lock log: %w", err)
	}
	rows, err := tx.Query(ctx, `SELECT id, kind, ref, version, digest FROM log_pending ORDER BY id LIMIT $1`, batchSize)
	if err != nil {
		return 0, fmt.Errorf("read pending: %w", err)
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[pending])
	if err != nil {
		return 0, fmt.Errorf("read pending: %w", err)
	}
	if len(items) == 0 {
		return 0, nil
	}
	if err := store(ctx, tx, next, items, at); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `UPDATE log_head SET next_index = $1 WHERE id = 1`, next+int64(len(items)))
	return len(items), err
}

// store writes what a batch that begins at leaf next leaves behind, and takes
// its rows out of the waiting ones.
func store(ctx context.Context, tx pgx.Tx, next int64, items []pending, at time.Time) error {
	at, err := notBefore(ctx, tx, next, at)
	if err != nil {
		return err
	}
	if err := storeLeaves(ctx, tx, next, items, at); err != nil {
		return err
	}
	if err := storeHashes(ctx, tx, next, items); err != nil {
		return err
	}
	if err := numberLots(ctx, tx, next, items); err != nil {
		return err
	}
	ids := make([]int64, len(items))
	for i, it := range items {
		ids[i] = it.ID
	}
	if _, err := tx.Exec(ctx, `DELETE FROM log_pending WHERE id = ANY($1)`, ids); err != nil {
		return fmt.Errorf("clear pending: %w", err)
	}
	return nil
}

// notBefore keeps sequenced_at from going backwards with a clock that does, so
// that a time always resolves to one index.
func notBefore(ctx context.Context, tx pgx.Tx, next int64, at time.Time) (time.Time, error) {
	var last time.Time
	err := tx.QueryRow(ctx, `SELECT sequenced_at FROM log_leaf WHERE leaf_index = $1`, next-1).Scan(&last)
	if errors.Is(err, pgx.ErrNoRows) {
		return at, nil
	}
	if err != nil {
		return at, fmt.Errorf("read last leaf: %w", err)
	}
	if at.Before(last) {
		return last, nil
	}
	return at, nil
}

func storeLeaves(ctx context.Context, tx pgx.Tx, next int64, items []pending, at time.Time) error {
	_, err := db.CopyIn(ctx, tx, "log_leaf", []string{"leaf_index", "kind", "ref", "version", "digest", "sequenced_at"}, len(items),
		func(i int) ([]any, error) {
			it := items[i]
			return []any{next + int64(i), string(it.Kind), it.Ref, it.Version, it.Digest, at}, nil
		})
	return err
}

// storeHashes writes the hashes of the subtrees that the new leaves complete.
func storeHashes(ctx context.Context, tx pgx.Tx, next int64, items []pending) error {
	tree, err := leaf.Resume(next, Hashes(ctx, tx))
	if err != nil {
		return err
	}
	var made []tlog.Hash
	for _, it := range items {
		if len(it.Digest) != tlog.HashSize {
			return fmt.Errorf("log_pending %d: digest has %d bytes", it.ID, len(it.Digest))
		}
		made = tree.Append(tlog.Hash(it.Digest), made)
	}
	first := tlog.StoredHashCount(next)
	_, err = db.CopyIn(ctx, tx, "log_hash", []string{"position", "hash"}, len(made),
		func(i int) ([]any, error) { return []any{first + int64(i), made[i][:]}, nil })
	return err
}

// numberLots notes which sequence each lot has reached with its journals.
func numberLots(ctx context.Context, tx pgx.Tx, next int64, items []pending) error {
	var journals, indexes []int64
	for i, it := range items {
		if it.Kind == KindJournal {
			journals, indexes = append(journals, it.Ref), append(indexes, next+int64(i))
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO log_lot (lot, leaf_index, seq)
		SELECT jl.lot, u.leaf_index, jl.seq FROM unnest($1::bigint[], $2::bigint[]) AS u (journal, leaf_index)
		JOIN journal_lot jl ON jl.journal = u.journal`, journals, indexes)
	if err != nil {
		return fmt.Errorf("number lots in log: %w", err)
	}
	return nil
}
