package db_test

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sync/errgroup"

	"fenlu/internal/db"
	"fenlu/internal/db/embedded"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
)

// files makes numbered migrations out of SQL statements.
func files(statements ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i, sql := range statements {
		name := "0000" + string(rune('1'+i)) + "_step.sql"
		all[name] = &fstest.MapFile{Data: []byte("-- +goose NO TRANSACTION\n-- +goose Up\n" + sql + ";\n")}
	}
	return all
}

const (
	stepBooks = `CREATE TABLE IF NOT EXISTS books (id bigint CONSTRAINT books_pk PRIMARY KEY)`
	stepGrant = `GRANT SELECT, INSERT ON books TO fenlu_app`
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	t.Run("by several processes at once runs each step once", func(t *testing.T) {
		t.Parallel()
		env := pgtest.NewBareEnv(t)
		// Not harmless to run again, so that a second run would be seen.
		steps := files(stepBooks, stepGrant, `INSERT INTO books (id) VALUES (1)`)
		var g errgroup.Group
		for range 4 {
			g.Go(func() error { return db.Migrate(t.Context(), env.OwnerURL, steps) })
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if v, err := env.Open(t).SchemaVersion(t.Context()); err != nil || v != 3 {
			t.Errorf("version %d, %v", v, err)
		}
	})
	t.Run("goes on where it failed", func(t *testing.T) {
		t.Parallel()
		env := pgtest.NewBareEnv(t)
		err := db.Migrate(t.Context(), env.OwnerURL, files(stepBooks, `GRANT SELECT ON no_such_table TO fenlu_app`))
		if errs.CodeOf(err) != "DB_MIGRATION_FAILED" || !strings.Contains(err.Error(), "00002_step.sql") {
			t.Fatalf("got %v", err)
		}
		if err := db.Migrate(t.Context(), env.OwnerURL, files(stepBooks, stepGrant)); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("refuses a schema from the future", func(t *testing.T) {
		t.Parallel()
		env := pgtest.NewBareEnv(t)
		if err := db.Migrate(t.Context(), env.OwnerURL, files(stepBooks, stepGrant)); err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(t.Context(), env.OwnerURL, files(stepBooks)); errs.CodeOf(err) != "DB_SCHEMA_NEWER" {
			t.Errorf("migrate: %v", err)
		}
		if _, err := db.Open(t.Context(), db.Options{URL: env.AppURL}, files(stepBooks)); errs.CodeOf(err) != "DB_SCHEMA_NEWER" {
			t.Errorf("open: %v", err)
		}
	})
}

func TestOpenByURL(t *testing.T) {
	t.Parallel()
	env := pgtest.NewBareEnv(t)
	steps := files(stepBooks, stepGrant)
	if _, err := db.Open(t.Context(), db.Options{URL: env.AppURL}, steps); errs.CodeOf(err) != "DB_NOT_MIGRATED" {
		t.Fatalf("before migrating: %v", err)
	}
	d, err := db.Open(t.Context(), db.Options{URL: env.OwnerURL, OwnerURL: env.OwnerURL}, steps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if who := get[string](t, d.Pool(), `SELECT current_user`); who != db.RoleApp {
		t.Errorf("the owner's login works as %s", who)
	}
	if _, err := d.Pool().Exec(t.Context(), `DELETE FROM books`); err == nil {
		t.Error("the application may delete what it was only given to insert")
	}
	if _, err := db.Open(t.Context(), db.Options{URL: "postgres://["}, nil); errs.CodeOf(err) != "DB_URL_INVALID" {
		t.Errorf("nonsense: %v", err)
	}
}

// TestOpenEmbedded is the default way: no URL, everything by itself, twice.
func TestOpenEmbedded(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/tmp", "fenlu-o-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	for i, steps := range []fs.FS{files(stepBooks), files(stepBooks, stepGrant)} {
		d, err := db.Open(t.Context(), db.Options{DataDir: dir}, steps)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := d.SchemaVersion(t.Context()); err != nil || v != int64(i+1) {
			t.Errorf("version %d, %v", v, err)
		}
		if who := get[string](t, d.Pool(), `SELECT current_user`); who != db.RoleApp {
			t.Errorf("works as %s", who)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if st, err := embedded.Status(context.Background(), embedded.Options{DataDir: dir}); err != nil || st.Running {
		t.Errorf("after closing: %+v, %v", st, err)
	}
}
