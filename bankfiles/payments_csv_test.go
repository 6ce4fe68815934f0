package bankfiles

import (
	"fenlu/internal/filetest"

	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/bankfiles/order"
	"fenlu/internal/i18n"
)

const csvHeader = "end_to_end_id,name,account,bank_code,id_number,amount,remark\n"

func collect(t *testing.T, src order.Source) []order.Instruction {
	t.Helper()
	var out []order.Instruction
	for p, err := range src() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func TestCSV_reads_columns_in_any_order(t *testing.T) {
	t.Parallel()
	c, err := order.OpenCSV(strings.NewReader("\xef\xbb\xbfremark,Amount,id_number,bank_code,account,name,end_to_end_id\n\n\"低保,10月\", 1234.5 ,,102991301234,6229,张三,QH-1\n"), "p.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := []order.Instruction{{Row: 2, EndToEndID: "QH-1", Name: "张三", Account: "6229", BankCode: "102991301234", Amount: 123450, Remark: "低保,10月"}}
	for range 2 { // a source begins again
		if diff := cmp.Diff(want, collect(t, c.Source())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestCSV_refuses_headers(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{
		"":                                "BANKFILE_CSV_COLUMN_MISSING",
		"end_to_end_id,name\n":            "BANKFILE_CSV_COLUMN_MISSING",
		"x," + csvHeader:                  "BANKFILE_CSV_COLUMN_UNKNOWN",
		"name," + csvHeader:               "BANKFILE_CSV_COLUMN_TWICE",
		strings.ToUpper(csvHeader)[:20]:   "BANKFILE_CSV_COLUMN_UNKNOWN",
		"姓名,账号\n":                         "BANKFILE_CSV_COLUMN_UNKNOWN",
		strings.TrimSuffix(csvHeader, ""): "",
	} {
		_, err := order.OpenCSV(strings.NewReader(head), "p.csv")
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", head, err)
			}
			continue
		}
		filetest.WantCode(t, err, "BANKFILE_CSV_HEADER")
		if got := filetest.Fields(err)[0].Code; got != want || !i18n.Has(got) {
			t.Errorf("%q: got %s, want %s", head, got, want)
		}
	}
}

// Rows that cannot be read are listed with what else is wrong, and an id
// stands twice even where one of the rows has no amount.
func TestCSV_lists_all_rows(t *testing.T) {
	t.Parallel()
	c, err := order.OpenCSV(strings.NewReader(csvHeader+"A,张三,1,,,abc,\nA,李四,1,,,1.005,\nB,王五,1,,,1.00\nC,赵六,1,12,,2,\n"), "p.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Validate(Pain001, batch(), c.Source())
	filetest.WantCode(t, err, "BANKFILE_ROWS_REFUSED")
	var got []string
	for _, f := range filetest.Fields(err) {
		got = append(got, fmt.Sprint(f.Row, " ", f.Column, " ", f.Code))
	}
	want := []string{
		"2 amount BANKFILE_CSV_AMOUNT", "3 amount BANKFILE_CSV_AMOUNT", "3 end_to_end_id BANKFILE_ID_TWICE",
		"4  BANKFILE_CSV_WIDTH", "5 bank_code BANKFILE_BANK_CODE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCSV_refuses_broken_quotes(t *testing.T) {
	t.Parallel()
	c, err := order.OpenCSV(strings.NewReader(csvHeader+"A,\"张三,1,,,1,\n"), "p.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Validate(Pain001, batch(), c.Source())
	filetest.WantCode(t, err, "BANKFILE_CSV_BROKEN")
}
