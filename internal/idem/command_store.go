package idem

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// A claim is a row of the same table under the command's key with this
// prefix, which no key of a command may have.
const (
	claimPrefix = "claim:"
	kindClaim   = "claim"
)

// record is a row of the command table.
type record struct {
	Key     string
	Kind    string
	Request []byte // SHA-256
	Result  []byte // JSON, byte for byte as it was first made
	Actor   string
	DoneAt  time.Time
}

// insertRecord adds a row; added is false if the key is taken. Where another
// transaction is about to take it, the statement waits for that one's end.
func insertRecord(ctx context.Context, tx pgx.Tx, r record) (added bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO command (key, kind, request, result, actor, done_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (key) DO NOTHING`, r.Key, r.Kind, r.Request, r.Result, r.Actor, r.DoneAt)
	if err != nil {
		return false, fmt.Errorf("record command %s: %w", r.Key, err)
	}
	return tag.RowsAffected() == 1, nil
}

func selectRecord(ctx context.Context, q db.Querier, key string) (record, error) {
	rows, err := q.Query(ctx, `SELECT key, kind, request, result, actor, done_at FROM command WHERE key = $1`, key)
	if err != nil {
		return record{}, fmt.Errorf("read command %s: %w", key, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[record])
	if err != nil {
		return record{}, fmt.Errorf("read command %s: %w", key, err)
	}
	return r, nil
}
