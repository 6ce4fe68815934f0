package valid

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
	"fenlu/money"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type draw struct {
	Township string    `name:"township" validate:"required,area12"`
	Reason   string    `validate:"required,max=4"`
	Month    string    `validate:"month"`
	AmountOf money.Fen `validate:"fen_positive,max=100000"`
	IDNumber string    `validate:"residentid"`
	Unit     string    `json:"unit" validate:"omitempty,creditcode"`
	Bank     string    `validate:"omitempty,bankcode12"`
	On       time.Time `validate:"required"`
	Kind     string    `validate:"oneof=急难型 支出型"`
	Secret   string    `mask:"true" validate:"len=3"`
}

func good() draw {
	return draw{
		Township: "991301200000", Reason: "火灾", Month: "2026-10", AmountOf: 96000,
		IDNumber: "11010519491231002X", Unit: "91350100M000100Y43", Bank: "402991300018",
		On: time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC), Kind: "急难型", Secret: "abc",
	}
}

func TestStruct_accepts_good_values(t *testing.T) {
	t.Parallel()
	if got := New().Struct(good()); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestStruct_reports_every_problem(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*draw)
		want   errs.Field
	}{
		{"empty", func(d *draw) { d.Township = "" }, errs.Field{Column: "township", Code: "VALID_REQUIRED"}},
		{"area", func(d *draw) { d.Township = "9913" }, errs.Field{Column: "township", Value: "9913", Code: "VALID_AREA12"}},
		{"too_long", func(d *draw) { d.Reason = "突发疾病住院" }, errs.Field{Column: "reason", Value: "突发疾病住院", Code: "VALID_LENGTH_MAX"}},
		{"month", func(d *draw) { d.Month = "2026-13" }, errs.Field{Column: "month", Value: "2026-13", Code: "VALID_MONTH"}},
		{"zero", func(d *draw) { d.AmountOf = 0 }, errs.Field{Column: "amount-of", Value: "0.00", Code: "VALID_FEN_POSITIVE"}},
		{"too_much", func(d *draw) { d.AmountOf = 100001 }, errs.Field{Column: "amount-of", Value: "1000.01", Code: "VALID_MAX"}},
		{"check_digit", func(d *draw) { d.IDNumber = "110105194912310021" }, errs.Field{Column: "id-number", Value: "1101**********0021", Code: "VALID_RESIDENTID"}},
		{"credit_code", func(d *draw) { d.Unit = "91350100M000100Y4" }, errs.Field{Column: "unit", Value: "9135*********00Y4", Code: "VALID_CREDITCODE"}},
		{"bank_code", func(d *draw) { d.Bank = "1" }, errs.Field{Column: "bank", Value: "1", Code: "VALID_BANKCODE12"}},
		{"no_date", func(d *draw) { d.On = time.Time{} }, errs.Field{Column: "on", Code: "VALID_REQUIRED"}},
		{"kind", func(d *draw) { d.Kind = "其他" }, errs.Field{Column: "kind", Value: "其他", Code: "VALID_ONEOF"}},
		{"masked", func(d *draw) { d.Secret = "abcdefghijklmnop" }, errs.Field{Column: "secret", Value: "abcd********mnop", Code: "VALID_LENGTH_LEN"}},
	}
	v := New()
	all := good()
	want := map[string]bool{}
	for _, c := range cases {
		one := good()
		c.change(&one)
		got := v.Struct(&one)
		if diff := cmp.Diff([]errs.Field{c.want}, got, cmpopts.IgnoreFields(errs.Field{}, "Args")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if !i18n.Has(c.want.Code) {
			t.Errorf("%s: no text for %s", c.name, c.want.Code)
		}
		c.change(&all)
		want[c.want.Column] = true
	}
	e, ok := errors.AsType[*errs.Error](v.Check(all))
	if !ok || e.Code != "VALID_PROBLEMS" || e.Kind != errs.Invalid || len(e.Fields) != len(want) {
		t.Errorf("together: got %v, want %d problems", e, len(want))
	}
}

func TestField_reads_as_a_sentence(t *testing.T) {
	t.Parallel()
	d := good()
	d.Kind, d.AmountOf = "其他", 100001
	want := []string{
		"“amount-of”列：“1000.01” 不能大于 1000.00。",
		"“kind”列：“其他” 应为其中之一：急难型、支出型。",
	}
	for i, f := range New().Struct(d) {
		if got := i18n.Field(i18n.ZH, f); got != want[i] {
			t.Errorf("got %s, want %s", got, want[i])
		}
	}
}

func TestWithTag_replaces_a_rule(t *testing.T) {
	t.Parallel()
	v := New(WithTag("month", func(s string) bool { return s == "十月" }))
	d := good()
	d.Month = "十月"
	if got := v.Struct(d); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestRow_names_file_row_and_chinese_column(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deaths.csv")
	text := "姓名,证件号码,死亡日期,来源\n甲,991301199001010038,2026-09-01,殡葬\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	type death struct {
		ID string `sheet:"id_number" validate:"residentid"`
	}
	f, err := sheet.Open(path, sheet.Deaths, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	p := sheet.NewProblems(0)
	for row, err := range f.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		value, _ := sheet.Decode[death](row, p)
		p.Add(New().Row(row, value)...)
	}
	want := []errs.Field{{File: "deaths.csv", Row: 2, Column: "证件号码", Value: "9913**********0038", Code: "VALID_RESIDENTID"}}
	if diff := cmp.Diff(want, p.Shown(), cmpopts.IgnoreFields(errs.Field{}, "Args")); diff != "" {
		t.Error(diff)
	}
}

func TestDashed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"IDNumber": "id-number", "HouseholdID": "household-id", "Amount": "amount", "A": "a"} {
		if got := dashed(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
