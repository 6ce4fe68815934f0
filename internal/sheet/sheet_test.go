package sheet

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

var grants = Layout{Name: "grants", Columns: []Column{
	{Key: "name", ZH: "姓名", EN: "name", Required: true},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true},
	{Key: "amount", ZH: "金额", EN: "amount", Required: true},
	{Key: "month", ZH: "服务月份", EN: "month"},
	{Key: "born_on", ZH: "出生日期", EN: "born_on"},
	{Key: "count", ZH: "人数", EN: "count"},
	{Key: "head", ZH: "户主", EN: "head"},
}}

type grant struct {
	Name   string    `sheet:"name"`
	ID     string    `sheet:"id_number"`
	Amount money.Fen `sheet:"amount"`
	Month  string    `sheet:"month,month"`
	Born   time.Time `sheet:"born_on"`
	Count  int64     `sheet:"count"`
	Head   bool      `sheet:"head"`
	Note   string
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func put(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) (*Table[grant], error) {
	t.Helper()
	return Read[grant](context.Background(), path, grants, Options{}, nil)
}

const csvText = "金额（元）,姓名,序号,ID_Number,服务月份,出生日期,人数,户主\r\n" +
	"\"1,234.50\",阿卜杜·热合曼,1,99130119491231002X,2026/10,1949/12/31,3,是\r\n" +
	"\r\n" +
	"0.05,\"蒋玉\n兰\",2,'991301199001010011,202610,20261009,,否\r\n" +
	"428,何长贵,3,991301199001010038,2026年10月,2026年1月2日,0,\r\n"

var csvRows = []Record[grant]{
	{2, grant{Name: "阿卜杜·热合曼", ID: "99130119491231002X", Amount: 123450, Month: "2026-10", Born: day(1949, 12, 31), Count: 3, Head: true}},
	{4, grant{Name: "蒋玉\n兰", ID: "991301199001010011", Amount: 5, Month: "2026-10", Born: day(2026, 10, 9)}},
	{5, grant{Name: "何长贵", ID: "991301199001010038", Amount: 42800, Month: "2026-10", Born: day(2026, 1, 2)}},
}

func TestReadCSV(t *testing.T) {
	t.Parallel()
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(csvText))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"utf8":          []byte(csvText),
		"utf8_and_mark": []byte("\ufeff" + csvText),
		"gb18030":       gb,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, put(t, "grants.csv", content))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(csvRows, got.Rows); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{"序号"}, got.Unknown); diff != "" {
				t.Error(diff)
			}
			if len(got.SHA256) != 64 {
				t.Errorf("digest %q", got.SHA256)
			}
		})
	}
}

func TestScanUTF8_sees_a_character_cut_by_the_buffer(t *testing.T) {
	t.Parallel()
	for shift := range 4 {
		text := strings.Repeat("x", 64<<10-shift) + "䶮𠮷尾"
		if ok, err := scanUTF8(strings.NewReader(text)); err != nil || !ok {
			t.Errorf("shift %d: valid text called %v, %v", shift, ok, err)
		}
		if ok, _ := scanUTF8(strings.NewReader(text[:len(text)-1])); ok {
			t.Errorf("shift %d: a cut-off character was called valid", shift)
		}
	}
}

// book makes a workbook as a person's spreadsheet would, with number cells.
func book(t *testing.T, fill func(f *excelize.File, sheet string)) string {
	t.Helper()
	f := excelize.NewFile()
	fill(f, f.GetSheetName(0))
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return put(t, "grants.xlsx", b.Bytes())
}

func set(t *testing.T, f *excelize.File, sheet, at string, values ...any) {
	t.Helper()
	if err := f.SetSheetRow(sheet, at, &values); err != nil {
		t.Fatal(err)
	}
}

func TestReadXLSX_takes_number_and_date_cells_exactly(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File, s string) {
		set(t, f, s, "A1", "姓名", "证件号码", "金额", "服务月份", "出生日期", "人数", "户主")
		set(t, f, s, "A3", "何长贵", "991301199001010038", 4.1, "2026-10", day(1990, 1, 1), 2, "是")
		set(t, f, s, "A4", "李芳", "991301199001010046", 0.1+0.2, day(2026, 10, 1), 46304, "1", "")
	})
	got, err := read(t, path)
	if err != nil {
		t.Fatal(err)
	}
	want := []Record[grant]{
		{3, grant{Name: "何长贵", ID: "991301199001010038", Amount: 410, Month: "2026-10", Born: day(1990, 1, 1), Count: 2, Head: true}},
		{4, grant{Name: "李芳", ID: "991301199001010046", Amount: 30, Month: "2026-10", Born: day(2026, 10, 9), Count: 1}},
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Error(diff)
	}
}

func TestRead_reports_every_problem_at_once(t *testing.T) {
	t.Parallel()
	path := put(t, "名单.csv", []byte("姓名,证件号码,金额,服务月份,出生日期,人数,户主\n"+
		",991301199001010038,12.345,2026-13,2026-02-30,1.5,也许\n"+
		"好,9.91301199001010E+17,12 元,2026-10,2026-10-09,1,是\n"+
		"好,991301199001010038,1,2026-10,,1,是,6229091300000012345\n"+
		"好,991301199001010038,\"12,34\",2026-10,,1,是\n"+
		"好,,1,2026-10,,1,是\n"))
	_, err := read(t, path)
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Code != "SHEET_PROBLEMS" {
		t.Fatalf("got %v", err)
	}
	at := func(row int, col, value, code string) errs.Field {
		return errs.Field{File: "名单.csv", Row: row, Column: col, Value: value, Code: code}
	}
	want := []errs.Field{
		at(2, "姓名", "", "SHEET_REQUIRED"), at(2, "金额", "12.345", "SHEET_AMOUNT_DECIMALS"),
		at(2, "服务月份", "2026-13", "SHEET_MONTH"), at(2, "出生日期", "2026-02-30", "SHEET_DATE"),
		at(2, "人数", "1.5", "SHEET_WHOLE"), at(2, "户主", "也许", "SHEET_BOOL"),
		at(3, "证件号码", "9.91************E+17", "SHEET_NUMBER_CELL"), at(3, "金额", "12 元", "SHEET_AMOUNT"),
		at(4, "", "6229***********2345", "SHEET_STRAY_CELL"),
		at(5, "金额", "12,34", "SHEET_AMOUNT"),
		at(6, "证件号码", "", "SHEET_REQUIRED"),
	}
	if diff := cmp.Diff(want, e.Fields); diff != "" {
		t.Error(diff)
	}
	if s := i18n.Error(i18n.ZH, err); !strings.Contains(s, "5 行共 11 处问题") {
		t.Error(s)
	}
}

func TestRead_checks_see_rows_and_mask_values(t *testing.T) {
	t.Parallel()
	path := put(t, "a.csv", []byte("姓名,证件号码,金额\n好,991301199001010038,1\n坏,991301199001010039,2\n"))
	_, err := Read(context.Background(), path, grants, Options{}, func(r Row, g *grant, p *Problems) {
		if g.Name == "坏" {
			p.Add(r.Problem("id_number", "VALID_RESIDENTID"))
		}
	})
	e, _ := errors.AsType[*errs.Error](err)
	want := []errs.Field{{File: "a.csv", Row: 3, Column: "证件号码", Value: "9913**********0039", Code: "VALID_RESIDENTID"}}
	if e == nil || cmp.Diff(want, e.Fields, cmpopts.EquateEmpty()) != "" {
		t.Errorf("got %v", err)
	}
}

// A row with unread cells is checked as far as it goes: a problem of an unread
// cell is not taken twice, and the check can ask before it compares.
func TestRead_checks_see_rows_with_unread_cells(t *testing.T) {
	t.Parallel()
	path := put(t, "a.csv", []byte("姓名,证件号码,金额,出生日期\n,991301199001010038,1元,2026-10-09\n好,991301199001010038,1,\n"))
	var compared []int
	_, err := Read(context.Background(), path, grants, Options{}, func(r Row, _ *grant, p *Problems) {
		p.Add(r.Problem("amount", "VALID_FEN_POSITIVE"), r.Problem("id_number", "VALID_RESIDENTID"))
		if p.Read(r, "id_number", "amount") {
			compared = append(compared, r.Number)
		}
	})
	e, _ := errors.AsType[*errs.Error](err)
	if e == nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, strings.Join([]string{strconv.Itoa(f.Row), f.Column, f.Code}, " "))
	}
	want := []string{
		"2 姓名 SHEET_REQUIRED", "2 金额 SHEET_AMOUNT", "2 证件号码 VALID_RESIDENTID",
		"3 金额 VALID_FEN_POSITIVE", "3 证件号码 VALID_RESIDENTID",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(compared, []int{3}) {
		t.Errorf("compared rows %v", compared)
	}
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()
	long := "姓名,证件号码,金额\n" + strings.Repeat("长", 30000) + ",1,1\n"
	cases := []struct{ name, file, content, code string }{
		{"missing_and_doubled_columns", "a.csv", "姓名,姓名,人数\n1,2,3\n", "SHEET_HEADER"},
		{"an_empty_file", "a.csv", "", "SHEET_EMPTY"},
		{"a_header_alone", "a.csv", "姓名,证件号码,金额\n", "SHEET_NO_ROWS"},
		{"an_old_workbook", "a.xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "SHEET_FORMAT"},
		{"half_a_zip", "a.xlsx", "PK\x03\x04 nothing", "SHEET_DAMAGED"},
		{"unmatched_quotes", "a.csv", "姓名,证件号码,金额\n好,1,1\n\"坏,1,1\n", "SHEET_CSV"},
		{"an_endless_line", "a.csv", long, "SHEET_LINE_LIMIT"},
		{"neither_encoding", "a.csv", "姓名,证件号码,金额\n\xff\xff,1,1\n", "SHEET_ENCODING"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, put(t, c.file, []byte(c.content)))
			if errs.CodeOf(err) != c.code || errs.KindOf(err) != errs.Invalid {
				t.Errorf("got %v, want %s", err, c.code)
			}
			if !i18n.Has(c.code) {
				t.Errorf("no text for %s", c.code)
			}
		})
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.csv"), grants, Options{}); errs.CodeOf(err) != "SHEET_OPEN" {
		t.Errorf("got %v", err)
	}
}

func TestOpen_names_all_header_problems(t *testing.T) {
	t.Parallel()
	_, err := Open(put(t, "a.csv", []byte("姓名,姓 名,人数\n")), grants, Options{})
	e, _ := errors.AsType[*errs.Error](err)
	want := []errs.Field{
		{File: "a.csv", Row: 1, Column: "姓名", Value: "姓 名", Code: "SHEET_COLUMN_TWICE"},
		{File: "a.csv", Row: 1, Column: "证件号码", Code: "SHEET_COLUMN_MISSING"},
		{File: "a.csv", Row: 1, Column: "金额", Code: "SHEET_COLUMN_MISSING"},
	}
	if e == nil || cmp.Diff(want, e.Fields, cmpopts.EquateEmpty()) != "" {
		t.Errorf("got %v", err)
	}
}

func TestRows_stop_at_the_limit(t *testing.T) {
	t.Parallel()
	path := put(t, "a.csv", []byte("姓名,证件号码,金额\na,1,1\nb,2,2\n"))
	if _, err := Read[grant](context.Background(), path, grants, Options{MaxRows: 2}, nil); errs.CodeOf(err) != "SHEET_ROWS_LIMIT" {
		t.Errorf("got %v", err)
	}
	if _, err := Read[grant](context.Background(), path, grants, Options{MaxRows: 3}, nil); err != nil {
		t.Error(err)
	}
	if _, err := Open(path, grants, Options{MaxBytes: 10}); errs.CodeOf(err) != "SHEET_TOO_BIG" {
		t.Errorf("got %v", err)
	}
}

func TestRows_notice_a_file_that_changes(t *testing.T) {
	t.Parallel()
	path := put(t, "a.csv", []byte("姓名,证件号码,金额\na,1,1\n"+strings.Repeat("b,2,2\n", 50000)))
	f, err := Open(path, grants, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	w, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "c,3,3\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range f.Rows() {
		last = err
	}
	if errs.CodeOf(last) != "SHEET_CHANGED" {
		t.Errorf("got %v", last)
	}
}

// A workbook whose sheet breaks off in the middle must not read as a shorter
// sheet.
func TestOpen_refuses_a_sheet_that_breaks_off(t *testing.T) {
	t.Parallel()
	var whole bytes.Buffer
	rows := FromSlice([][]string{{"a", "1", "1"}, {"b", "2", "2"}})
	if err := WriteXLSX(&whole, grants, i18n.ZH, rows); err != nil {
		t.Fatal(err)
	}
	for name, cut := range map[string]func([]byte) []byte{
		"cut":    func(b []byte) []byte { return b[:bytes.LastIndex(b, []byte("<row"))] },
		"broken": func(b []byte) []byte { return bytes.Replace(b, []byte("<row r=\"3\""), []byte("<row r=\"3"), 1) },
	} {
		broken := repack(t, whole.Bytes(), "xl/worksheets/sheet1.xml", cut)
		if _, err := read(t, put(t, "a.xlsx", broken)); errs.CodeOf(err) != "SHEET_DAMAGED" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func repack(t *testing.T, data []byte, part string, change func([]byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == part {
			body = change(body)
		}
		w, err := out.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestProblems_counts_beyond_the_cap(t *testing.T) {
	t.Parallel()
	p := NewProblems(2)
	for row := range 5 {
		p.Add(errs.Field{Row: row/2 + 1, Code: "SHEET_REQUIRED"})
	}
	if p.Total() != 5 || len(p.Shown()) != 2 || p.rows != 3 {
		t.Errorf("total %d, shown %d, rows %d", p.Total(), len(p.Shown()), p.rows)
	}
	if NewProblems(0).Err("a") != nil {
		t.Error("no problem should be no error")
	}
}
