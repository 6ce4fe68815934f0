package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger/proof"
)

// The facts about a database that auth records, and their numbers in the log.
const (
	factDemo      = "demo"       // the demo mark; its value is the demo's parameters
	factFirstUser = "first_user" // the login of the first user: two cannot both be first
)

var factID = map[string]int64{factDemo: 1, factFirstUser: 2}

// insertFact records a fact once, with its leaf; added is false when it was
// there, or when another transaction got it in first.
func insertFact(ctx context.Context, tx pgx.Tx, name, value string, at time.Time) (added bool, err error) {
	f := Fact{ID: factID[name], Name: name, Value: value, RecordedAt: at.Truncate(time.Microsecond)}
	tag, err := tx.Exec(ctx, `
		INSERT INTO installation (id, name, value, recorded_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO NOTHING`, f.ID, f.Name, f.Value, f.RecordedAt)
	if err != nil {
		return false, fmt.Errorf("record %s: %w", name, err)
	}
	if tag.RowsAffected() == 0 {
		return false, nil
	}
	return true, proof.Append(ctx, tx, proof.ItemOf(InstallationLeaf(f), f.ID))
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
