package bankfiles

import (
	"fenlu/internal/filetest"

	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fenlu/bankfiles/record"
)

// TestSamples reads every sample file and compares with the line of
// testdata/samples.txt that bears its name: what it is, how many headers and
// items, kinds and statuses, sums and warnings, or why it is refused.
func TestSamples(t *testing.T) {
	t.Parallel()
	dir := filetest.SamplesDir(t)
	if dir == "" {
		t.Skip("sample files of banks are not on this machine; set FENLU_SAMPLES")
	}
	paths := filetest.SamplePaths(t, "")
	const table = "testdata/samples.txt"
	if *filetest.Update {
		var b bytes.Buffer
		for _, p := range paths {
			fmt.Fprintln(&b, sampleLine(t, dir, p))
		}
		if err := os.WriteFile(table, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := sampleTable(t, table)
	for _, p := range paths {
		got := sampleLine(t, dir, p)
		name, _, _ := strings.Cut(got, "\t")
		if want[name] == "" {
			t.Errorf("not in the table: %s", got)
		} else if want[name] != got {
			t.Errorf("got  %s\nwant %s", got, want[name])
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("in the table but not among the samples: %s", name)
	}
}

func sampleTable(t *testing.T, path string) map[string]string {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(data)) {
		name, _, _ := strings.Cut(line, "\t")
		out[name] = strings.TrimSuffix(line, "\n")
	}
	return out
}

func sampleLine(t *testing.T, dir, path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name, err := filepath.Rel(dir, path)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := Check(bytes.NewReader(data), Auto)
	if err != nil {
		text := err.Error()
		if strings.HasPrefix(text, "BANKFILE_UNRECOGNISED") && !strings.HasSuffix(path, ".xml") {
			text = "BANKFILE_UNRECOGNISED"
		}
		return name + "\trefused\t" + text
	}
	tr := sum.Trailer
	return fmt.Sprintf("%s\tread\t%s headers=%d items=%d%s in=%s out=%s sum=%s%s", name, sum.Message, len(sum.Headers), tr.Count,
		tally(items(t, data, Auto), "", func(it record.Item) string { return string(it.Kind) + ":" + it.Status }),
		tr.CreditSum, tr.DebitSum, tr.Sum,
		tally(sum.Warnings, "warn:", func(w record.Warning) string { return strings.TrimPrefix(w.Code, "BANKFILE_WARN_") }))
}

// tally counts what is alike: " entry:BOOK=3 return:BOOK=1".
func tally[T any](all []T, mark string, name func(T) string) string {
	counts := map[string]int{}
	for _, one := range all {
		counts[name(one)]++
	}
	var b strings.Builder
	for _, n := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, " %s%s=%d", mark, n, counts[n])
	}
	return b.String()
}
