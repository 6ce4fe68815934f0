package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// The facts about a database that auth records.
const (
	factDemo      = "demo"       // the demo mark; its value is the demo's parameters
	factFirstUser = "first_user" // the login of the first user: two cannot both be first
)

// insertFact records a fact once; added is false when it was there, or when
// another transaction got it in first.
func insertFact(ctx context.Context, tx pgx.Tx, name, value string, at time.Time) (added bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO installation (name, value, recorded_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO NOTHING`, name, value, at)
	if err != nil {
		return false, fmt.Errorf("record %s: %w", name, err)
	}
	return tag.RowsAffected() == 1, nil
}

func selectFact(ctx context.Context, q db.Querier, name string) (value string, there bool, err error) {
	err = q.QueryRow(ctx, `SELECT value FROM installation WHERE name = $1`, name).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read %s: %w", name, err)
	}
	return value, true, nil
}
