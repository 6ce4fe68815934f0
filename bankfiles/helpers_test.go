package bankfiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares with testdata/golden/name, or rewrites it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
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
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

func records(t testing.TB, data []byte, profile string) []Record {
	t.Helper()
	var out []Record
	for rec, err := range Read(bytes.NewReader(data), profile) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec)
	}
	return out
}

func items(t testing.TB, data []byte, profile string) []Item {
	t.Helper()
	var out []Item
	for _, rec := range records(t, data, profile) {
		if rec.Type == TypeItem {
			out = append(out, *rec.Item)
		}
	}
	return out
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "read", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantCode fails unless err is ours, of that code, and says it in words.
func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if errs.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	if !i18n.Has(code) {
		t.Errorf("%s has no sentence in the catalogue", code)
	}
}

func arg(err error, name string) any {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, a := range e.Args {
			if a.Name == name {
				return a.Value
			}
		}
	}
	return nil
}

// fields are the problems that an error lists.
func fields(err error) []errs.Field {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Fields
	}
	return nil
}

func batch() Batch {
	return Batch{
		MessageID: "QH-B1", DebtorName: "青禾县财政局", DebtorAccount: "9913010000000018", DebtorAgent: "313991300012",
		ExecutionDate: "2026-10-09", Created: time.Date(2026, 10, 9, 0, 0, 0, 0, time.FixedZone("CST", 8*3600)),
	}
}

func payments() []Instruction {
	return []Instruction{
		{EndToEndID: "QH-1", Name: "倈泑", Account: "6229000000007302", BankCode: "102991301234", IDNumber: "991301199001014021", Amount: 40000, Remark: "10月低保"},
		{EndToEndID: "QH-2", Name: "阿卜杜拉·买买提", Account: "6217000000003304", Amount: 60005, Remark: "R&D <甲>"},
		{EndToEndID: "QH-3", Name: "青禾县社会福利院", Account: "9913010000000099", BankCode: "102991301234", Amount: 1},
	}
}

func write(t testing.TB, profile string, b Batch, ps []Instruction) ([]byte, Sidecar) {
	t.Helper()
	var buf bytes.Buffer
	s, err := Write(&buf, profile, b, FromSlice(ps))
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), s
}

// validates runs xmllint against a schema of testdata/xsd.
func validates(t *testing.T, data []byte, schema string) {
	t.Helper()
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatal("xmllint is missing: run `make setup` (package libxml2-utils)")
	}
	path := filepath.Join(t.TempDir(), "message.xml")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(lint, "--noout", "--stream", "--schema", filepath.Join("testdata", "xsd", schema), path).CombinedOutput()
	if err != nil {
		t.Fatalf("not valid against %s: %v\n%s\n%s", schema, err, out, data)
	}
}

func asJSONLines(t *testing.T, recs []Record) []byte {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	for _, r := range recs {
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}
