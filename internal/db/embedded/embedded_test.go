package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fenlu/internal/errs"
)

func TestOpenMakesASafeCluster(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), "data")
	t.Cleanup(func() { _ = Stop(context.Background(), Options{DataDir: dir}, true) })
	s, err := Open(t.Context(), Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })

	got := map[string]string{}
	want := map[string]string{
		"listen_addresses": "", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on",
		"server_encoding": "UTF8", "lc_collate": "C", "password_encryption": "scram-sha-256", "shared_buffers": "256MB", "max_wal_size": "4GB",
		"log_min_error_statement": "panic",
	}
	for name := range want {
		got[name] = query[string](t, s.URL(RoleAdmin), `SHOW `+name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	hba, err := os.ReadFile(filepath.Join(dir, "pg", "pg_hba.conf"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(hba)) {
		if f := strings.Fields(line); len(f) > 0 && !strings.HasPrefix(f[0], "#") && f[len(f)-1] != "scram-sha-256" {
			t.Errorf("pg_hba.conf lets in without a password: %s", line)
		}
	}
	if uid, _, err := ownerOf(filepath.Join("/proc", pidText(t, dir))); err != nil || uid == 0 {
		t.Errorf("the server runs as user %d, %v", uid, err)
	}
	for name, mode := range map[string]os.FileMode{"pg": 0o700, "run": 0o700, markerFile: 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	s := open(t, clusterDir(t))
	for _, role := range []string{RoleOwner, RoleApp, RoleAudit} {
		if query[bool](t, s.URL(role), `SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user`) {
			t.Errorf("%s may do more than its work", role)
		}
	}
	cfg, err := pgx.ParseConfig(s.URL(RoleApp))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Password = "guess"
	_, err = pgx.ConnectConfig(t.Context(), cfg)
	if pe, ok := errors.AsType[*pgconn.PgError](err); !ok || pe.Code != "28P01" {
		t.Errorf("a wrong password: %v", err)
	}
	conn, err := pgx.Connect(t.Context(), s.URL(RoleApp))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	_, err = conn.Exec(t.Context(), `CREATE TABLE mine (id bigint)`)
	if pe, ok := errors.AsType[*pgconn.PgError](err); !ok || pe.Code != "42501" {
		t.Errorf("the application made a table: %v", err)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	empty := newDir(t)
	if st := status(t, filepath.Join(empty, "none")); st.Exists || st.Running {
		t.Errorf("nothing there: %+v", st)
	}
	if entries, err := os.ReadDir(empty); err != nil || len(entries) != 0 {
		t.Errorf("looking left something behind: %v %v", entries, err)
	}
	if err := Stop(context.Background(), testOptions(empty), false); errs.CodeOf(err) != "DB_NOT_THERE" {
		t.Errorf("stop of nothing: %v", err)
	}
	dir := clusterDir(t)
	s := open(t, dir)
	u, err := URL(testOptions(dir), RoleAudit)
	if err != nil || u != s.URL(RoleAudit) {
		t.Errorf("URL: %v", err)
	}
	if _, err := URL(testOptions(dir), "king"); errs.CodeOf(err) != "DB_ROLE_UNKNOWN" {
		t.Errorf("URL of an unknown role: %v", err)
	}
}

func TestSocketPath(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"stays short": strings.Repeat("long-name-", 20), "has no signs that split it": `账, "2026' \x`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(newDir(t), dir, "data")
			t.Cleanup(func() { _ = Stop(context.Background(), testOptions(dir), true); _ = os.RemoveAll(runDir(dir)) })
			s := open(t, dir)
			if len(s.c.socket()) > maxSocketPath {
				t.Errorf("socket path has %d bytes", len(s.c.socket()))
			}
			if got := query[string](t, s.URL(RoleApp), `SELECT current_user`); got != RoleApp {
				t.Errorf("working as %q", got)
			}
		})
	}
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	from, to := open(t, clusterDir(t)), open(t, clusterDir(t))
	execute(t, from.URL(RoleOwner), `CREATE TABLE books (id bigint CONSTRAINT books_pk PRIMARY KEY, name text)`,
		`INSERT INTO books SELECT g, '分录' FROM generate_series(1, 1000) AS g`, `GRANT SELECT ON books TO fenlu_app`)
	file := filepath.Join(t.TempDir(), "books.backup")
	if err := from.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("backup file: %v %v", info, err)
	}
	if err := from.Backup(t.Context(), file); errs.CodeOf(err) != "DB_BACKUP_EXISTS" {
		t.Errorf("backup over a backup: %v", err)
	}
	if err := to.Restore(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if n := query[int](t, to.URL(RoleApp), `SELECT count(*) FROM books WHERE name = '分录'`); n != 1000 {
		t.Errorf("restored %d rows", n)
	}
	if owner := query[string](t, to.URL(RoleApp), `SELECT tableowner::text FROM pg_tables WHERE tablename = 'books'`); owner != RoleOwner {
		t.Errorf("restored table belongs to %s", owner)
	}
	if err := to.Restore(t.Context(), file); errs.CodeOf(err) != "DB_RESTORE_NOT_EMPTY" {
		t.Errorf("restore over books: %v", err)
	}
	write(t, file, "not a backup")
	if err := to.Restore(t.Context(), file); errs.CodeOf(err) != "DB_BACKUP_NOT_BACKUP" {
		t.Errorf("restore of nonsense: %v", err)
	}
}

func TestMajorOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)": 15,
		"postgres (PostgreSQL) 17beta1":                        17,
		"postgres (PostgreSQL) 18":                             18,
		"something else 15":                                    0,
	} {
		if got, ok := majorOf(text); got != want || ok != (want != 0) {
			t.Errorf("majorOf(%q) = %d, %v", text, got, ok)
		}
	}
}
