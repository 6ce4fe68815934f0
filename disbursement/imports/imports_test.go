package imports_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
)

var at = time.Date(2026, 10, 9, 2, 0, 0, 0, time.UTC)

func file(kind, scope, content string) imports.File {
	sum := sha256.Sum256([]byte(content))
	return imports.File{Kind: kind, Scope: scope, SHA256: hex.EncodeToString(sum[:]), Name: "a.csv", Rows: 3}
}

func record(t *testing.T, d *db.DB, f imports.File) (id int64, replay bool) {
	t.Helper()
	err := d.Run(t.Context(), func(tx pgx.Tx) (err error) {
		id, replay, err = imports.Record(t.Context(), tx, f, "hexiao", at)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return id, replay
}

func TestRecord(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	first, replay := record(t, d, file("people", "", "a"))
	if replay {
		t.Error("the first import was a replay")
	}
	if again, replay := record(t, d, file("people", "", "a")); !replay || again != first {
		t.Errorf("the same bytes again: %d, %v", again, replay)
	}
	for name, f := range map[string]imports.File{"kind": file("deaths", "", "a"), "scope": file("people", "991301", "a"), "bytes": file("people", "", "b")} {
		if id, replay := record(t, d, f); replay || id == first {
			t.Errorf("another %s was a replay", name)
		}
	}
	got, err := imports.Get(t.Context(), d.Pool(), first)
	want := imports.Imported{ID: first, Kind: "people", SHA256: file("", "", "a").SHA256, Name: "a.csv", Rows: 3, By: "hexiao"}
	if got.At.Equal(at) {
		got.At = time.Time{}
	}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := imports.Get(t.Context(), d.Pool(), 999); errs.CodeOf(err) != "IMPORTS_NOT_FOUND" {
		t.Errorf("an import that never was: %v", err)
	}
}

func TestRecord_forgets_what_is_rolled_back(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	refused := errs.New(errs.Invalid, "SHEET_PROBLEMS")
	err := d.Run(t.Context(), func(tx pgx.Tx) error {
		if _, _, err := imports.Record(t.Context(), tx, file("people", "", "a"), "hexiao", at); err != nil {
			return err
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if _, replay := record(t, d, file("people", "", "a")); replay {
		t.Error("a refused file counts as imported")
	}
}

func TestRecord_at_the_same_time(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	var mu sync.Mutex
	ids, replays := map[int64]bool{}, 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			id, replay := record(t, d, file("people", "", "a"))
			mu.Lock()
			defer mu.Unlock()
			ids[id] = true
			if replay {
				replays++
			}
		})
	}
	wg.Wait()
	if len(ids) != 1 || replays != 7 {
		t.Errorf("%d imports, %d replays", len(ids), replays)
	}
}

func TestRecord_refuses_what_is_no_digest(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	f := file("people", "", "a")
	for _, bad := range []string{"", "zz", f.SHA256[:62]} {
		f.SHA256 = bad
		err := d.Run(t.Context(), func(tx pgx.Tx) error {
			_, _, err := imports.Record(t.Context(), tx, f, "hexiao", at)
			return err
		})
		if errs.CodeOf(err) != "IMPORTS_DIGEST" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestVerify_names_the_import_that_was_altered(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	record(t, d, file("people", "", "a"))
	if found, err := imports.Verify(t.Context(), d.Pool()); err != nil || len(found) != 0 {
		t.Fatalf("before: %+v, %v", found, err)
	}
	owner := env.Owner(t)
	for name, sql := range map[string]string{
		"other bytes":  `UPDATE import_file SET sha256 = 'x'`,
		"other rows":   `UPDATE import_file SET rows = 4`,
		"by another":   `UPDATE import_file SET imported_by = 'zhou'`,
		"taken out":    `DELETE FROM import_file`,
		"without leaf": `DELETE FROM log_pending`,
	} {
		tx, err := owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(name, err)
		}
		found, err := imports.Verify(t.Context(), tx)
		if err != nil || len(found) != 1 || found[0].Check != "import_leaf" || found[0].Row != "import_file 1" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
