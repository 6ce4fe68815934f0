package bench_test

import (
	"os"
	"runtime"
	"testing"

	"fenlu/internal/bench"
)

func TestBankfile_measures_both_ways_in_one_run(t *testing.T) {
	dir := t.TempDir()
	var told []string
	r, err := bench.Bankfile(t.Context(), dir, 3000, func(p string) { told = append(told, p) })
	if err != nil {
		t.Fatal(err)
	}
	if r.Payments != 3000 || r.Bytes < 3000*400 || r.StatementBytes < 3000*600 || len(r.Phases) != 7 || len(told) != 21 {
		t.Errorf("figures: %+v, told %v", r, told)
	}
	if r.RatioOfAll < r.Ratio || r.ReadRatio <= 0 || r.HeapBytes <= 0 || runtime.GOOS == "linux" && r.ResidentBytes <= 0 {
		t.Errorf("figures: %+v", r)
	}
	if r.TimesAsFast < 2 { // the limit is 4; a test beside others only sees that it is not lost
		t.Errorf("%.1f times as fast as encoding/xml", r.TimesAsFast)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestBankfile_refuses_nothing_to_measure(t *testing.T) {
	t.Parallel()
	if _, err := bench.Bankfile(t.Context(), t.TempDir(), 0, func(string) {}); err == nil {
		t.Error("no payments are measured")
	}
}
