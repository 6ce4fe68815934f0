package bench_test

import (
	"os"
	"testing"

	"fenlu/internal/bench"
	"fenlu/internal/db"
	"fenlu/migrations"
)

func TestLedger_pays_everything_and_prints_its_figures(t *testing.T) {
	t.Parallel()
	// Not t.TempDir: PostgreSQL's unprivileged user must be able to enter it.
	dir, err := os.MkdirTemp("", "fenlu-bench-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), db.Options{DataDir: dir + "/data"}, migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	r, err := bench.Ledger(t.Context(), d, 1003, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if r.Payments != 1003 || r.Rows < 3*1003 || r.Ratio <= 0 || r.WALBytes <= 0 || len(r.Phases) != 5 {
		t.Errorf("figures: %+v", r)
	}
}
