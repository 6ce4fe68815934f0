package simbank

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/name; GBK files are kept as UTF-8 for readers.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func utf8Of(t *testing.T, raw []byte) []byte {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewDecoder().Bytes(raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// validate runs a file through the published schema, as a subtest of its own:
// it needs xmllint, which make setup installs.
func validate(t *testing.T, f File) {
	t.Helper()
	t.Run("schema of "+f.Name, func(t *testing.T) {
		t.Parallel()
		if _, err := exec.LookPath("xmllint"); err != nil {
			t.Fatal("xmllint (libxml2-utils) is not installed: run make setup")
		}
		path := filepath.Join(t.TempDir(), "f.xml")
		if err := os.WriteFile(path, f.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		schema := filepath.Join("testdata", "xsd", f.Profile+".xsd")
		out, err := exec.CommandContext(t.Context(), "xmllint", "--noout", "--schema", schema, path).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", f.Name, err, out)
		}
	})
}

func TestGolden(t *testing.T) {
	t.Parallel()
	b := openBank(t, t.TempDir(), DefaultOptions(7))
	if err := b.Fund(debtor, 2_000_000, "2026-10-08", "CZ-2026-0001"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, id string
		raw      []byte
	}{
		{"daifa", "QH-DB-202610-1", daifaFile(t, "QH-DB-202610-1", sampleLines("DB", 12))},
		{"pain", "QH-TK-202610-1", painFile("QH-TK-202610-1", sampleLines("TK", 12))},
	} {
		first := accepted(t, b, c.raw, day1).Files[0]
		second, err := b.QueryResult(c.id)
		if err != nil {
			t.Fatal(err)
		}
		if c.name == "pain" {
			validate(t, File{Name: "input", Profile: ProfilePain001, Bytes: c.raw})
			validate(t, first)
			validate(t, second)
			golden(t, "pain_result1.xml", first.Bytes)
			golden(t, "pain_result2.xml", second.Bytes)
			continue
		}
		golden(t, "daifa_result1.utf8.txt", utf8Of(t, first.Bytes))
		golden(t, "daifa_result2.utf8.txt", utf8Of(t, second.Bytes))
	}
	if diff := cmp.Diff([]Day{"2026-10-08", "2026-10-09", "2026-10-12"}, b.Dates(debtor)); diff != "" {
		t.Errorf("dates (-want +got):\n%s", diff)
	}
	for _, day := range append(b.Dates(debtor), "2026-10-13") {
		f := statement(t, b, day)
		validate(t, f)
		golden(t, "statement_"+day.compact()+".xml", f.Bytes)
	}
}

func TestRefusalReport(t *testing.T) {
	t.Parallel()
	b := openBank(t, t.TempDir(), DefaultOptions(7))
	lines := sampleLines("TK", 3)
	lines[1].endToEnd = lines[0].endToEnd
	a := receive(t, b, painFile("QH-TK-1", lines), day1)
	if a.Accepted || len(a.Files) != 1 {
		t.Fatalf("want a refusal with a report, got %+v", a)
	}
	validate(t, a.Files[0])
	golden(t, "pain_refused.xml", a.Files[0].Bytes)
}
