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

func TestWriteErrors_copies_and_explains_and_can_be_imported_again(t *testing.T) {
	t.Parallel()
	in := put(t, "in.csv", []byte("金额,姓名,证件号码\n12.345,好,991301199001010038\n2,佳,991301199001010046\n"))
	_, err := read(t, in)
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		t.Fatal("no problem found")
	}
	for _, name := range []string{"out.csv", "out.xlsx"} {
		out := filepath.Join(t.TempDir(), name)
		if err := WriteErrors(out, in, grants, Options{}, e.Fields, i18n.ZH); err != nil {
			t.Fatal(err)
		}
		_, again := Read[grant](context.Background(), out, grants, Options{}, nil)
		e2, ok := errors.AsType[*errs.Error](again)
		if !ok || len(e2.Fields) != 1 || e2.Fields[0].Code != "SHEET_AMOUNT_DECIMALS" || e2.Fields[0].Row != 2 {
			t.Errorf("%s: %v", name, again)
		}
		if name == "out.csv" {
			text, err := os.ReadFile(out)
			if err != nil || !strings.Contains(string(text), "好,991301199001010038,12.345,,,,,“金额”列：“12.345” 小数超过两位") {
				t.Errorf("%v %s", err, text)
			}
		}
	}
}
