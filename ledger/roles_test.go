package ledger_test

import (
	"context"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fenlu/internal/db"
	"fenlu/internal/pgtest"
	"fenlu/migrations"
)

const denied = "42501" // insufficient_privilege

// versionTable and schema_lock are internal/db's own: which migrations were
// applied. Every role may read the former, so that it can refuse a schema that
// is not its program's.
const versionTable = "schema_version"

func stateOf(err error) string {
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pe.Code
	}
	return ""
}

// marked reads the migrations: every table, and whether "-- append-only"
// stands in the comment directly above it.
func marked(t *testing.T) map[string]bool {
	t.Helper()
	create := regexp.MustCompile(`(?i)^create\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)`)
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]bool{}
	for _, name := range files {
		text, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		appendOnly := false
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if m := create.FindStringSubmatch(line); m != nil {
				tables[m[1]] = appendOnly
			}
			appendOnly = strings.HasPrefix(line, "--") && (appendOnly || line == "-- append-only")
		}
	}
	return tables
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

// The grants of the application role are what the migrations' markings say:
// INSERT and SELECT on append-only tables; never TRUNCATE, REFERENCES or
// TRIGGER; and no table that the migrations do not make.
func TestRoles_grants_are_as_marked(t *testing.T) {
	t.Parallel()
	owner := pgtest.NewEnv(t).Owner(t)
	tables := marked(t)
	ours := column[string](t, owner, `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT IN ($1, 'schema_lock') ORDER BY 1`, versionTable)
	for _, name := range ours {
		appendOnly, listed := tables[name]
		if !listed {
			t.Errorf("table %s stands in no migration", name)
			continue
		}
		grants := column[string](t, owner, `SELECT privilege_type::text FROM information_schema.role_table_grants
			WHERE table_schema = 'public' AND table_name = $1 AND grantee IN ('fenlu_app', 'PUBLIC') ORDER BY 1`, name)
		if diff := cmp.Diff([]string{"INSERT", "SELECT"}, grants); appendOnly && diff != "" {
			t.Errorf("%s is append-only; grants (-want +got):\n%s", name, diff)
		}
		for _, g := range grants {
			if !slices.Contains([]string{"DELETE", "INSERT", "SELECT", "UPDATE"}, g) {
				t.Errorf("%s: the application has %s", name, g)
			}
		}
	}
	if len(ours) != len(tables) || len(ours) < 10 {
		t.Errorf("%d tables in the database, %d in the migrations", len(ours), len(tables))
	}
}

func TestRoles_nothing_append_only_is_changed(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.lot(1000)
	for name, appendOnly := range marked(t) {
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
	owned := column[string](t, owner, `SELECT c.relname::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
		WHERE r.rolname IN ('fenlu_app', 'fenlu_audit')
		UNION ALL SELECT d.datname::text FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE r.rolname IN ('fenlu_app', 'fenlu_audit')`)
	if len(owned) != 0 {
		t.Errorf("owned by the application: %v", owned)
	}
	for _, sql := range []string{
		`CREATE TABLE mine (id bigint)`,
		`CREATE VIEW mine AS SELECT id FROM lot`,
		`CREATE SCHEMA mine`,
		`ALTER TABLE journal DROP CONSTRAINT journal_amount`,
		`DROP TABLE claim`,
		`SET ROLE fenlu_owner`,
	} {
		if err := tryOn(t.Context(), d, sql); stateOf(err) != denied {
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
	for name := range marked(t) {
		if _, err := conn.Exec(t.Context(), `SELECT count(*) FROM `+name); stateOf(err) != denied {
			t.Errorf("table %s: %v, want %s", name, err, denied)
		}
	}
}
