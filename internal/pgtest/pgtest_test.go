package pgtest_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"fenlu/internal/db"
	"fenlu/internal/db/embedded"
	"fenlu/internal/pgtest"
	"fenlu/migrations"
)

func TestNew(t *testing.T) {
	t.Parallel()
	t.Run("is this tree's schema, seen by the application role", func(t *testing.T) {
		t.Parallel()
		d := pgtest.New(t)
		if err := checkRole(t, d); err != nil {
			t.Error(err)
		}
		entries, err := migrations.FS.ReadDir(".")
		if err != nil {
			t.Fatal(err)
		}
		if v, err := d.SchemaVersion(t.Context()); err != nil || v < int64(len(entries)) {
			t.Errorf("version %d of %d files, %v", v, len(entries), err)
		}
	})
	t.Run("belongs to one test alone", func(t *testing.T) {
		t.Parallel()
		envs := make([]*pgtest.Env, 4)
		for i := range envs {
			envs[i] = pgtest.NewBareEnv(t)
		}
		var g errgroup.Group
		for _, env := range envs {
			g.Go(func() error {
				_, err := env.Owner(t).Exec(t.Context(), `CREATE TABLE mine (id bigint CONSTRAINT mine_pk PRIMARY KEY)`)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
	t.Run("is gone afterwards", func(t *testing.T) {
		t.Parallel()
		var name string
		if !t.Run("inner", func(t *testing.T) { name = pgtest.NewEnv(t).Name }) {
			t.Fatal("inner failed")
		}
		var there bool
		err := pgtest.NewBareEnv(t).Owner(t).QueryRow(t.Context(), `SELECT count(*) > 0 FROM pg_database WHERE datname = $1`, name).Scan(&there)
		if err != nil || there {
			t.Errorf("%s is still there: %v, %v", name, there, err)
		}
	})
}

func checkRole(t *testing.T, d *db.DB) error {
	t.Helper()
	_, err := d.Pool().Exec(t.Context(), `CREATE TABLE not_mine (id bigint CONSTRAINT not_mine_pk PRIMARY KEY)`)
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok && pe.Code == "42501" {
		return nil
	}
	return errors.Join(errors.New("the application role could make a table"), err)
}

// TestMissingPostgres: without PostgreSQL a test fails and says what to do; it
// does not pass by skipping. The test binary runs itself with nothing to find.
func TestMissingPostgres(t *testing.T) {
	t.Parallel()
	if os.Getenv("FENLU_PGTEST_CHILD") != "" {
		pgtest.New(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestMissingPostgres$", "-test.v")
	cmd.Env = append(os.Environ(), "FENLU_PGTEST_CHILD=1", "FENLU_TEST_DATABASE_URL=", "TMPDIR="+openDir(t), "FENLU_PG_BIN="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err == nil || !contains(out, "make setup") || contains(out, "SKIP") {
		t.Errorf("%v:\n%s", err, out)
	}
}

// openDir is an empty directory that any user can enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "fenlu-m-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func contains(out []byte, text string) bool { return bytes.Contains(out, []byte(text)) }

// TestServerEndsWithTheLastBinary: a test binary that has come and gone leaves
// no server behind, however often its garbage was collected.
func TestServerEndsWithTheLastBinary(t *testing.T) {
	t.Parallel()
	if os.Getenv("FENLU_PGTEST_CHILD") != "" {
		env := pgtest.NewBareEnv(t)
		runtime.GC()
		runtime.GC()
		env.Open(t)
		return
	}
	if _, err := exec.LookPath("flock"); err != nil {
		t.Skip("needs the flock program, without which the server is left running")
	}
	tmp := openDir(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestServerEndsWithTheLastBinary$")
	cmd.Env = append(os.Environ(), "FENLU_PGTEST_CHILD=1", "FENLU_TEST_DATABASE_URL=", "TMPDIR="+tmp)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	dirs, err := filepath.Glob(filepath.Join(tmp, "fenlu-test-*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("data directories: %v, %v", dirs, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.Tick(20 * time.Millisecond); ; {
		st, err := embedded.Status(ctx, embedded.Options{DataDir: dirs[0]})
		if err != nil {
			t.Fatalf("the server is still there: %+v, %v", st, err)
		}
		if st.PID == 0 {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the server is still there: %+v", st)
		case <-tick:
		}
	}
}
