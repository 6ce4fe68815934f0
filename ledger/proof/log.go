package proof

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/leaf"
)

// Kind says what a leaf is about.
type Kind string

// The kinds of leaves.
const (
	KindInstallation Kind = "installation" // the mark of a demo database
	KindJournal      Kind = "journal"
	KindApproval     Kind = "approval"
	KindEvidence     Kind = "evidence"
	KindPolicy       Kind = "policy"
	KindRelease      Kind = "release"
	KindImport       Kind = "import"
	KindDocument     Kind = "document"
)

// Item is what is appended: Ref is the number of the thing in its own table,
// Digest the SHA-256 of its canonical bytes of the given Version.
type Item struct {
	Kind    Kind
	Ref     int64
	Version int
	Digest  []byte
}

// ItemOf is what is appended for a leaf about row ref of its kind.
func ItemOf(l *leaf.Leaf, ref int64) Item {
	h := l.Hash()
	return Item{Kind: Kind(l.Kind), Ref: ref, Version: l.Version, Digest: h[:]}
}

// Append writes the pending row of an item in the caller's transaction.
func Append(ctx context.Context, tx pgx.Tx, it Item, at time.Time) error {
	id, err := db.NextID(ctx, tx, "log_pending_id_seq")
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO log_pending (id, kind, ref, version, digest, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, it.Kind, it.Ref, it.Version, it.Digest, at)
	if err != nil {
		return fmt.Errorf("append to log: %w", err)
	}
	return nil
}

// batchSize is how many leaves one sequencing transaction takes.
const batchSize = 1000

// Drain sequences all pending rows and returns how many there were. Any number
// of processes may call it: the row of log_head lets one at a time through.
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
	if at, err = notBefore(ctx, tx, next, at); err != nil {
		return 0, err
	}
	if err := storeLeaves(ctx, tx, next, items, at); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `UPDATE log_head SET next_index = $1 WHERE id = 1`, next+int64(len(items)))
	return len(items), err
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
	if err != nil {
		return err
	}
	var ids, journals, indexes []int64
	for i, it := range items {
		ids = append(ids, it.ID)
		if it.Kind == KindJournal {
			journals, indexes = append(journals, it.Ref), append(indexes, next+int64(i))
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO log_lot (lot, leaf_index, seq)
		SELECT jl.lot, u.leaf_index, jl.seq FROM unnest($1::bigint[], $2::bigint[]) AS u (journal, leaf_index)
		JOIN journal_lot jl ON jl.journal = u.journal`, journals, indexes)
	if err != nil {
		return fmt.Errorf("number lots in log: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM log_pending WHERE id = ANY($1)`, ids); err != nil {
		return fmt.Errorf("clear pending: %w", err)
	}
	return nil
}

// Head is the number of leaves, and how many rows wait to be sequenced.
func Head(ctx context.Context, q db.Querier) (leaves, waiting int64, err error) {
	err = q.QueryRow(ctx, `SELECT next_index, (SELECT count(*) FROM log_pending) FROM log_head WHERE id = 1`).Scan(&leaves, &waiting)
	if err != nil {
		return 0, 0, fmt.Errorf("read log head: %w", err)
	}
	return leaves, waiting, nil
}

// IndexAt is the index of the last leaf sequenced at or before t, and when;
// errs.NotFound LOG_EMPTY_THEN if there was none.
func IndexAt(ctx context.Context, q db.Querier, t time.Time) (index int64, at time.Time, err error) {
	err = q.QueryRow(ctx, `SELECT leaf_index, sequenced_at FROM log_leaf WHERE sequenced_at <= $1
		ORDER BY sequenced_at DESC, leaf_index DESC LIMIT 1`, t).Scan(&index, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, at, errs.New(errs.NotFound, "LOG_EMPTY_THEN", "time", t.In(clock.Shanghai).Format(time.DateTime))
	}
	return index, at, err
}

// LeafOf is the index of the leaf of one thing; found is false while it waits.
func LeafOf(ctx context.Context, q db.Querier, kind Kind, ref int64) (index int64, found bool, err error) {
	err = q.QueryRow(ctx, `SELECT leaf_index FROM log_leaf WHERE kind = $1 AND ref = $2`, kind, ref).Scan(&index)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	return index, err == nil, err
}

// Verify finds gaps in the indexes: leaf_index must run 0 … next_index-1.
func Verify(ctx context.Context, q db.Querier) ([]string, error) {
	var next, count, highest int64
	err := q.QueryRow(ctx, `SELECT h.next_index, (SELECT count(*) FROM log_leaf), coalesce((SELECT max(leaf_index) FROM log_leaf), -1)
		FROM log_head h WHERE h.id = 1`).Scan(&next, &count, &highest)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	var bad []string
	if count != next || highest != next-1 {
		bad = append(bad, fmt.Sprintf("head %d, leaves %d, highest %d", next, count, highest))
	}
	return slices.Clip(bad), nil
}
