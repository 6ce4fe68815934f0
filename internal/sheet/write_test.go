package sheet

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestWriteFile_reads_back(t *testing.T) {
	t.Parallel()
	rows := [][]string{
		{"阿卜杜·热合曼", "99130119491231002X", "1234.50", "2026-10", "1949-12-31", "3", "是"},
		{"=HYPERLINK(\"x\")", "991301199001010011", "0.05", "", "", "", ""},
	}
	for _, format := range []string{XLSX, CSV} {
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			path := filepath.Join(t.TempDir(), "out."+format)
			if err := WriteFile(path, format, grants, lang, FromSlice(rows)); err != nil {
				t.Fatal(err)
			}
			got, err := read(t, path)
			if err != nil {
				t.Fatal(err)
			}
			want := []Record[grant]{csvRows[0], {3, grant{Name: "=HYPERLINK(\"x\")", ID: "991301199001010011", Amount: 5}}}
			if diff := cmp.Diff(want, got.Rows); diff != "" {
				t.Errorf("%s %s: %s", format, lang, diff)
			}
		}
	}
}

func TestWriteCSV_disarms_formulas(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	err := WriteCSV(&b, grants, i18n.ZH, FromSlice([][]string{{"=1+1", "-cmd", "-3.00"}}))
	if err != nil || !strings.Contains(b.String(), "'=1+1,'-cmd,-3.00") {
		t.Errorf("%v %q", err, b.String())
	}
}

func TestWriteXLSX_same_rows_same_bytes_all_text(t *testing.T) {
	t.Parallel()
	rows := FromSlice([][]string{{"何长贵", "991301199001010038", "428.00"}})
	var a, b bytes.Buffer
	if err := errors.Join(WriteXLSX(&a, grants, i18n.ZH, rows), WriteXLSX(&b, grants, i18n.ZH, rows)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two writings differ")
	}
	f, err := excelize.OpenReader(&a)
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range []string{"B2", "C2"} {
		if kind, err := f.GetCellType(f.GetSheetName(0), cell); err != nil || kind != excelize.CellTypeInlineString {
			t.Errorf("%s is of type %v, %v", cell, kind, err)
		}
	}
	panes, err := f.GetPanes(f.GetSheetName(0))
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("header not frozen: %+v %v", panes, err)
	}
}

func TestTemplate_has_every_header_and_hint(t *testing.T) {
	t.Parallel()
	for _, l := range Layouts() {
		for _, c := range l.Columns {
			if c.Hint != "" && !i18n.Has(c.Hint) {
				t.Errorf("%s.%s: no text for hint %s", l.Name, c.Key, c.Hint)
			}
		}
		for _, name := range []string{"t.xlsx", "t.csv"} {
			path := filepath.Join(t.TempDir(), name)
			if err := WriteTemplate(path, l, i18n.ZH); err != nil {
				t.Fatal(err)
			}
			f, err := Open(path, l, Options{})
			if err != nil {
				t.Fatalf("%s %s: %v", l.Name, name, err)
			}
			if len(f.Unknown) != 0 || f.head.width != len(l.Columns) {
				t.Errorf("%s %s: unknown %v, width %d", l.Name, name, f.Unknown, f.head.width)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// The rows with problems come back as they were, the user's own columns included,
// each with its number and what is wrong; corrected, the copy can be read.
func TestWriteErrors(t *testing.T) {
	t.Parallel()
	in := put(t, "in.csv", []byte("金额,姓名,证件号码,备注\n1.00,甲,991301199001010011,\n12.345,好,991301199001010038,镇里\n2,佳,991301199001010046,\n"))
	_, err := read(t, in)
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		t.Fatal("no problem found")
	}
	for _, name := range []string{"out.csv", "out.xlsx"} {
		out := put(t, name, nil)
		if err := os.Chmod(out, 0o644); err != nil {
			t.Fatal(err)
		}
		count, err := WriteErrors(out, in, grants, Options{}, e.Fields, i18n.ZH)
		if err != nil || count != 1 {
			t.Fatalf("%d rows, %v", count, err)
		}
		if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by others: %v %v", name, info.Mode(), err)
		}
		_, again := Read[grant](context.Background(), out, grants, Options{}, nil)
		e2, ok := errors.AsType[*errs.Error](again)
		if !ok || len(e2.Fields) != 1 || e2.Fields[0].Code != "SHEET_AMOUNT_DECIMALS" || e2.Fields[0].Row != 2 {
			t.Errorf("%s: %v", name, again)
		}
		if name == "out.csv" {
			text, err := os.ReadFile(out)
			want := "金额,姓名,证件号码,备注,原行号,原因\r\n12.345,好,991301199001010038,镇里,3,“金额”列：“12.345” 小数超过两位"
			if err != nil || !strings.Contains(string(text), want) || strings.Contains(string(text), "佳") {
				t.Errorf("%v %s", err, text)
			}
		}
	}
}

// A workbook's dates and amounts come back as people read them.
func TestWriteErrors_of_a_workbook(t *testing.T) {
	t.Parallel()
	l := Layout{Name: "days", Columns: []Column{{Key: "on", ZH: "日期", EN: "on", Hint: "sheet.hint.date"}, {Key: "amount", ZH: "金额", EN: "amount", Hint: "sheet.hint.amount"},
		{Key: "id_number", ZH: "证件号码", EN: "id_number"}}}
	book := excelize.NewFile()
	for cell, value := range map[string]any{"A1": "日期", "B1": "金额", "C1": "证件号码", "A2": 46304, "B2": 0.1 + 0.2, "C2": "991301199001010038"} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	in, out := filepath.Join(t.TempDir(), "in.xlsx"), filepath.Join(t.TempDir(), "out.xlsx")
	if err := book.SaveAs(in); err != nil {
		t.Fatal(err)
	}
	if n, err := WriteErrors(out, in, l, Options{}, []errs.Field{{Row: 2, Code: "SHEET_DATE"}, {Row: 1, Code: "SHEET_COLUMN_MISSING"}}, i18n.EN); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	again, err := excelize.OpenFile(out)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := again.GetRows(again.GetSheetName(0))
	if err != nil || len(rows) != 2 || strings.Join(rows[1][:4], " ") != "2026-10-09 0.3 991301199001010038 2" {
		t.Errorf("%v %v", rows, err)
	}
	if kind, err := again.GetCellType(again.GetSheetName(0), "C2"); err != nil || kind == excelize.CellTypeNumber || kind == excelize.CellTypeUnset {
		t.Errorf("the number is a cell of type %v, %v", kind, err)
	}
}

// No file is written where no row is wrong, and the input never.
func TestWriteErrors_writes_nothing(t *testing.T) {
	t.Parallel()
	in := put(t, "in.csv", []byte("金额,姓名,证件号码\n12.345,好,991301199001010038\n"))
	out := filepath.Join(t.TempDir(), "out.csv")
	if n, err := WriteErrors(out, in, grants, Options{}, []errs.Field{{Row: 1, Code: "SHEET_COLUMN_MISSING"}, {Code: "SHEET_EMPTY"}}, i18n.ZH); err != nil || n != 0 {
		t.Error(n, err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file without rows")
	}
	before, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	_, err = WriteErrors(in, in, grants, Options{}, []errs.Field{{Row: 2, Code: "SHEET_AMOUNT_DECIMALS"}}, i18n.ZH)
	if after, errRead := os.ReadFile(in); errs.CodeOf(err) != "SHEET_ERRORS_ONTO_INPUT" || errRead != nil || string(after) != string(before) {
		t.Errorf("%v %s", err, after)
	}
}
