package migrations_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"fenlu/internal/db"
	"fenlu/internal/pgtest"
	"fenlu/migrations"
)

// TestMigrations_may_be_run_again: a kill between the last statement of a file
// and the record that it has run makes the next start run the file once more.
func TestMigrations_may_be_run_again(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d files: %v", len(names), err)
	}
	twice := fstest.MapFS{}
	for _, name := range names {
		text, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		_, body, found := strings.Cut(string(text), "-- +goose Up\n")
		if !found {
			t.Fatalf("%s goes nowhere up", name)
		}
		twice[name] = &fstest.MapFile{Data: []byte(string(text) + "\n" + body)}
	}
	if err := db.Migrate(t.Context(), pgtest.NewBareEnv(t).OwnerURL, twice); err != nil {
		t.Fatal(err)
	}
}
