package sample

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fenlu/internal/errs"
	"fenlu/internal/sheet"
	"fenlu/money"
)

func write(t *testing.T, c *County, format string) (string, []Written) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	files, err := c.Write(context.Background(), dir, format)
	if err != nil {
		t.Fatal(err)
	}
	return dir, files
}

func TestWrite_same_seed_same_bytes(t *testing.T) {
	t.Parallel()
	for _, format := range []string{sheet.XLSX, sheet.CSV} {
		first, files := write(t, county(t, 42, 60), format)
		second, _ := write(t, county(t, 42, 60), format)
		other, _ := write(t, county(t, 43, 60), format)
		differ := 0
		for _, f := range files {
			a, b, c := content(t, first, f.Name), content(t, second, f.Name), content(t, other, f.Name)
			if !bytes.Equal(a, b) {
				t.Errorf("%s differs between two runs", f.Name)
			}
			if !bytes.Equal(a, c) {
				differ++
			}
		}
		if differ < 5 {
			t.Errorf("%s: another seed changes only %d files", format, differ)
		}
	}
}

func content(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type rosterRow struct {
	Program   string    `sheet:"program"`
	Component string    `sheet:"component"`
	Class     string    `sheet:"class"`
	Month     string    `sheet:"month,month"`
	Household string    `sheet:"household"`
	ID        string    `sheet:"id_number"`
	Amount    money.Fen `sheet:"amount"`
	Payee     string    `sheet:"payee"`
	PayeeID   string    `sheet:"payee_id"`
	CaseNo    string    `sheet:"case_no"`
}

type personRow struct {
	Kind      string    `sheet:"kind"`
	Household string    `sheet:"household"`
	IDType    string    `sheet:"id_type"`
	ID        string    `sheet:"id_number"`
	TempUntil time.Time `sheet:"temp_until"`
	Area      string    `sheet:"area_code"`
	Account   string    `sheet:"account"`
	Verified  time.Time `sheet:"verified_on"`
	UnitKind  string    `sheet:"unit_kind"`
}

func TestWrite_files_can_be_imported_and_belong_together(t *testing.T) {
	t.Parallel()
	for _, format := range []string{sheet.XLSX, sheet.CSV} {
		c := county(t, 42, 300)
		dir, files := write(t, c, format)
		people, err := sheet.Read[personRow](context.Background(), filepath.Join(dir, "people."+format), sheet.People, sheet.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		byID := map[string]personRow{}
		for _, p := range people.Rows {
			byID[p.Value.ID] = p.Value
		}
		if len(byID) != len(c.People)+len(c.Units) {
			t.Errorf("%d people and units in the file", len(byID))
		}
		var total money.Fen
		for _, f := range files {
			if filepath.Base(f.Name)[:6] != "roster" {
				continue
			}
			rows, err := sheet.Read[rosterRow](context.Background(), filepath.Join(dir, f.Name), sheet.Roster, sheet.Options{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows.Rows) != f.Rows {
				t.Errorf("%s: %d rows, says %d", f.Name, len(rows.Rows), f.Rows)
			}
			for _, r := range rows.Rows {
				total += r.Value.Amount
				checkLine(t, r.Value, byID)
			}
		}
		if total != c.Total() {
			t.Errorf("%s: files add up to %s, county to %s", format, total, c.Total())
		}
	}
}

func checkLine(t *testing.T, r rosterRow, byID map[string]personRow) {
	t.Helper()
	p, ok := byID[r.ID]
	if !ok || p.Household != r.Household || p.Kind != "个人" {
		t.Errorf("line %+v has person %+v", r, p)
	}
	if (r.Program == "LL") != (p.IDType == "临时身份") || (p.IDType == "临时身份") == p.TempUntil.IsZero() {
		t.Errorf("line %+v has identity %+v", r, p)
	}
	if (r.Program == "LS") != (r.CaseNo != "") {
		t.Errorf("line %+v has case %q", r, r.CaseNo)
	}
	if (r.Payee == "本人" || r.Payee == "户主") != (r.PayeeID == "") {
		t.Errorf("line %+v has payee %q", r, r.PayeeID)
	}
	if r.PayeeID != "" {
		if to, ok := byID[r.PayeeID]; !ok || to.Account == "" || (r.Payee == "机构") != (to.Kind == "单位") {
			t.Errorf("line %+v is paid to %+v", r, to)
		}
	}
}

func TestWrite_every_table_fits_its_layout(t *testing.T) {
	t.Parallel()
	c := county(t, 1, 200)
	for _, table := range c.tables() {
		n := 0
		for row := range table.rows {
			n++
			if len(row) != len(table.layout.Columns) {
				t.Fatalf("%s: %d cells for %d columns", table.file, len(row), len(table.layout.Columns))
			}
			for i, col := range table.layout.Columns {
				if col.Required && row[i] == "" {
					t.Errorf("%s: %s is empty in row %d", table.file, col.Key, n+1)
				}
			}
		}
		if n != table.count {
			t.Errorf("%s: %d rows, says %d", table.file, n, table.count)
		}
	}
}

func TestIsSample_knows_its_own(t *testing.T) {
	t.Parallel()
	dir, _ := write(t, county(t, 1, 1), sheet.CSV)
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "README.txt"), []byte("a project"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !IsSample(dir) || IsSample(other) || IsSample(t.TempDir()) {
		t.Errorf("sample %v, other %v", IsSample(dir), IsSample(other))
	}
}

func TestWrite_refuses_another_format(t *testing.T) {
	t.Parallel()
	if _, err := county(t, 1, 1).Write(context.Background(), t.TempDir(), "ods"); errs.CodeOf(err) != "SAMPLE_FORMAT" {
		t.Errorf("got %v", err)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if _, err := Generate(Params{Seed: 1, Payments: CountySize.Payments(), Month: DefaultMonth}); err != nil {
			b.Fatal(err)
		}
	}
}
