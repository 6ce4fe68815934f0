package proof

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof/leaf"
)

// KindKey is a key that signs the log.
const KindKey Kind = "key"

// Key is a key that signs the log, as its leaf has it: the ID-th, its vkey, and
// the note by which the one before it named it.
type Key struct {
	ID         int64
	VKey       string
	Rotation   string
	RecordedAt time.Time
}

// Leaf is the leaf of the key (docs/proof.md).
func (k Key) Leaf() *leaf.Leaf {
	return leaf.New(string(KindKey), 1).Int("id", k.ID).Text("vkey", k.VKey).Text("rotation", k.Rotation).Time("recorded_at", k.RecordedAt)
}

// AppendKey records a key and appends its leaf, if its number is not taken; it
// says whether it was not.
func AppendKey(ctx context.Context, tx pgx.Tx, k Key) (bool, error) {
	k.RecordedAt = k.RecordedAt.Truncate(time.Microsecond) // as the database keeps it
	tag, err := tx.Exec(ctx, `INSERT INTO log_key (id, vkey, rotation, recorded_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
		k.ID, k.VKey, k.Rotation, k.RecordedAt)
	if err != nil {
		return false, fmt.Errorf("record key %d: %w", k.ID, err)
	}
	if tag.RowsAffected() == 0 {
		return false, nil
	}
	return true, Append(ctx, tx, ItemOf(k.Leaf(), k.ID))
}

// Keys are the keys that are recorded, in order.
func Keys(ctx context.Context, q db.Querier) ([]Key, error) {
	rows, err := q.Query(ctx, `SELECT id, vkey, rotation, recorded_at FROM log_key ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read keys of the log: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Key])
	if err != nil {
		return nil, fmt.Errorf("read keys of the log: %w", err)
	}
	return keys, nil
}

// VerifyKeys compares each recorded key with its leaf, and the leaves with the keys.
func VerifyKeys(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	keys, err := Keys(ctx, q)
	if err != nil {
		return nil, err
	}
	var found []check.Finding
	for _, k := range keys {
		var digest []byte
		err := q.QueryRow(ctx, `SELECT coalesce((SELECT digest FROM log_leaf WHERE kind = $1 AND ref = $2),
			(SELECT digest FROM log_pending WHERE kind = $1 AND ref = $2 LIMIT 1), '')`, KindKey, k.ID).Scan(&digest)
		if err != nil {
			return nil, fmt.Errorf("leaf of key %d: %w", k.ID, err)
		}
		if want := k.Leaf().Hash(); string(digest) != string(want[:]) {
			found = append(found, check.Finding{Promise: 10, Check: "log_key", Row: fmt.Sprintf("log_key %d", k.ID), Detail: k.VKey})
		}
	}
	gone, err := check.All(ctx, q, check.Jobs([]check.Query{Orphans("log_key", KindKey, "log_key")}))
	return append(found, gone...), err
}

// Place is where the last of several things stands in the log: the index of its
// leaf, -1 for none, and how many have no leaf yet.
type Place struct {
	Last    int64
	Waiting int
}

// LastOf finds the last leaf of things of one kind.
func LastOf(ctx context.Context, q db.Querier, kind Kind, refs []int64) (Place, error) {
	var p Place
	err := q.QueryRow(ctx, `SELECT coalesce(max(f.leaf_index), -1), count(*) FILTER (WHERE f.leaf_index IS NULL)
		FROM unnest($2::bigint[]) AS r (ref) LEFT JOIN log_leaf f ON f.kind = $1 AND f.ref = r.ref`, kind, refs).Scan(&p.Last, &p.Waiting)
	if err != nil {
		return p, fmt.Errorf("place of %s in the log: %w", kind, err)
	}
	return p, nil
}

// And is the place of both.
func (p Place) And(q Place) Place { return Place{max(p.Last, q.Last), p.Waiting + q.Waiting} }
