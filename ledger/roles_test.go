package ledger_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fenlu/internal/db"
	"fenlu/internal/pgtest"
)

const denied = "42501" // insufficient_privilege

// versionTable is internal/db's own: which migrations were applied. Every role
// may read it, so that it can refuse a schema that is not its program's.
const versionTable = "schema_version"

func stateOf(err error) string {
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pe.Code
	}
	return ""
}

func column[T any](t *testing.T, q db.Querier, sql string, args ...any) []T {
	t.Helper()
	rows, err := q.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestRoles_nothing_append_only_is_changed(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.lot(1000)
	for name, appendOnly := range listed(t) {
		if !appendOnly {
			continue
		}
		var first string
		if err := b.db.Pool().QueryRow(t.Context(), `SELECT attname::text FROM pg_attribute
			WHERE attrelid = $1::text::regclass AND attnum = 1`, name).Scan(&first); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{
			`UPDATE ` + name + ` SET ` + first + ` = ` + first,
			`DELETE FROM ` + name,
			`TRUNCATE ` + name,
		} {
			if _, err := b.db.Pool().Exec(t.Context(), sql); stateOf(err) != denied {
				t.Errorf("%s: %v, want %s", sql, err, denied)
			}
		}
	}
}

func TestRoles_application_owns_and_makes_nothing(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d, owner := env.Open(t), env.Owner(t)
	if d.Cockroach() {
		t.Skip("its schema public lets everybody create")
	}
	const noRole = "22023" // on a server by URL the owner has another name
	for _, sql := range []string{
		`CREATE TABLE mine (id bigint)`,
		`CREATE VIEW mine AS SELECT id FROM lot`,
		`CREATE SCHEMA mine`,
		`ALTER TABLE journal DROP CONSTRAINT journal_amount`,
		`DROP TABLE claim`,
		`SET ROLE fenlu_owner`,
	} {
		if err := tryOn(t.Context(), d, sql); stateOf(err) != denied && stateOf(err) != noRole {
			t.Errorf("%s: %v, want %s", sql, err, denied)
		}
	}
	// Without the right to grant, PostgreSQL warns and grants nothing.
	if _, err := d.Pool().Exec(t.Context(), `GRANT UPDATE ON journal TO fenlu_app`); err != nil && stateOf(err) != denied {
		t.Fatal(err)
	}
	if n := column[int](t, owner, `SELECT count(*) FROM information_schema.role_table_grants
		WHERE grantee = 'fenlu_app' AND privilege_type = 'UPDATE' AND table_name = 'journal'`); n[0] != 0 {
		t.Error("the application gave itself UPDATE on journal")
	}
}

// tryOn runs a statement in a transaction that is never committed.
func tryOn(ctx context.Context, d *db.DB, sql string) error {
	tx, err := d.Pool().Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	_, err = tx.Exec(ctx, sql)
	return err
}

func TestRoles_audit_reads_the_views_only(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	owner := env.Owner(t)
	for _, g := range column[string](t, owner, `SELECT table_name::text || ' ' || privilege_type::text FROM information_schema.role_table_grants
		WHERE grantee = 'fenlu_audit' ORDER BY 1`) {
		if g != versionTable+" SELECT" && (!strings.HasPrefix(g, "x_") || !strings.HasSuffix(g, " SELECT")) {
			t.Errorf("the auditor's role has %s", g)
		}
	}
	conn, err := pgx.Connect(t.Context(), env.AuditURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	if _, err := conn.Exec(t.Context(), `SET ROLE fenlu_audit`); err != nil {
		t.Fatal(err)
	}
	views := column[string](t, owner, `SELECT viewname::text FROM pg_views WHERE schemaname = 'public' ORDER BY 1`)
	if len(views) < 8 {
		t.Errorf("views: %v", views)
	}
	for _, v := range views {
		if _, err := conn.Exec(t.Context(), `SELECT count(*) FROM `+v); (err == nil) != strings.HasPrefix(v, "x_") {
			t.Errorf("view %s: %v", v, err)
		}
	}
	for name := range listed(t) {
		if name == versionTable {
			continue
		}
		if _, err := conn.Exec(t.Context(), `SELECT count(*) FROM `+name); stateOf(err) != denied {
			t.Errorf("table %s: %v, want %s", name, err, denied)
		}
	}
}
