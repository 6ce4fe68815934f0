package pgtest

import (
	"context"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/migrations"
)

// Env is one test's database.
type Env struct {
	Name     string // of the database
	OwnerURL string // logs in as the owner of the schema
	AppURL   string // logs in as the application role, or as the owner who switches to it (db.Open does)
	AuditURL string // logs in as the reader of the x_ views; with FENLU_TEST_DATABASE_URL the owner's login
	adminURL string // may drop the database
	hint     string // how to start the server again to look at a kept database
}

// New is a fresh, migrated database opened as the application role. It is
// closed and dropped at the end of the test.
func New(t testing.TB) *db.DB {
	t.Helper()
	return NewEnv(t).Open(t)
}

// NewEnv is a fresh, migrated database that nobody has opened yet.
func NewEnv(t testing.TB) *Env {
	t.Helper()
	return newEnv(t, true)
}

// NewBareEnv is a fresh database without any table, for tests of migrations
// and of db itself.
func NewBareEnv(t testing.TB) *Env {
	t.Helper()
	return newEnv(t, false)
}

func newEnv(t testing.TB, migrated bool) *Env {
	t.Helper()
	s, err := theServer()
	if err != nil {
		t.Fatalf("test database: %s", i18n.Error(i18n.EN, err))
	}
	env, err := s.create(t.Context(), t.Name(), migrated)
	if err != nil {
		t.Fatalf("test database: %s", i18n.Error(i18n.EN, err))
	}
	t.Cleanup(func() { env.finish(t, s) })
	return env
}

// finish drops the database, or says where it is when the test has failed.
func (e *Env) finish(t testing.TB, s *server) {
	if t.Failed() {
		t.Logf("test database kept for an hour; to look: %spsql '%s'", e.hint, e.adminURL)
		return
	}
	if err := s.drop(context.Background(), e.Name); err != nil {
		t.Errorf("drop test database %s: %v", e.Name, err)
	}
}

// Open opens the database as the application role until the end of the test.
func (e *Env) Open(t testing.TB) *db.DB {
	t.Helper()
	return e.OpenWith(t, db.Options{})
}

// OpenWith is Open with options of the test's own; address and name are ours.
func (e *Env) OpenWith(t testing.TB, o db.Options) *db.DB {
	t.Helper()
	o.URL, o.AppName = e.AppURL, "fenlu-test"
	if o.MaxConns == 0 {
		o.MaxConns = 24
	}
	d, err := db.Open(t.Context(), o, nil)
	if err != nil {
		t.Fatalf("open test database: %s", i18n.Error(i18n.EN, err))
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Copy is a database with all that is in this one, as a backup restored beside
// it. Nobody may have this one open meanwhile. PostgreSQL only.
func (e *Env) Copy(t testing.TB) *Env {
	t.Helper()
	s, err := theServer()
	if err != nil {
		t.Fatalf("test database: %s", i18n.Error(i18n.EN, err))
	}
	name := databaseName(t.Name())
	if err := s.createDatabase(t.Context(), name, e.Name); err != nil {
		t.Fatal(err)
	}
	env, err := s.env(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { env.finish(t, s) })
	return env
}

// Owner is a pool that works as the owner of the schema, who may do what the
// application may not, until the end of the test.
func (e *Env) Owner(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), e.OwnerURL)
	if err != nil {
		t.Fatalf("open test database as owner: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// Migrate applies the migrations of this tree to a bare database.
func (e *Env) Migrate(t testing.TB) {
	t.Helper()
	if err := db.Migrate(t.Context(), e.OwnerURL, migrations.FS); err != nil {
		t.Fatalf("migrate: %v", err)
	}
}

// inDatabase is server's URL with another database's name.
func inDatabase(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}
