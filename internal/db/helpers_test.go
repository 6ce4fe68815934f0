package db_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fenlu/internal/db"
	"fenlu/internal/pgtest"
)

// setup is a database with the tables that the statements make (as the owner,
// open to the application), and the owner's pool.
func setup(t *testing.T, statements ...string) (*db.DB, *pgxpool.Pool) {
	t.Helper()
	env := pgtest.NewBareEnv(t)
	owner := env.Owner(t)
	for _, sql := range append(statements, `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO fenlu_app`) {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	return env.Open(t), owner
}

// get reads one value.
func get[T any](t *testing.T, q db.Querier, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := q.QueryRow(context.WithoutCancel(t.Context()), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// onlyPostgres skips a test of what only PostgreSQL does.
func onlyPostgres(t *testing.T, d *db.DB, reason string) {
	t.Helper()
	if d.Cockroach() {
		t.Skip("not on CockroachDB: " + reason)
	}
}
