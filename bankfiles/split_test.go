package bankfiles

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fenlu/bankfiles/order"
	"fenlu/internal/filetest"
	"fenlu/money"
)

// csvOf is a payments file with a blank line after each payment and quoted
// line breaks, which the places of its parts must survive.
func csvOf(ps []order.Instruction) string {
	var b strings.Builder
	b.WriteString("\xef\xbb\xbf" + csvHeader)
	for _, p := range ps {
		fmt.Fprintf(&b, "%s,%s,%s,%s,,%s,\"%s\"\n\n", p.EndToEndID, p.Name, p.Account, p.BankCode, p.Amount, p.Remark)
	}
	return b.String()
}

func splitCSV(t fataler, profile string, ps []order.Instruction, l order.Limits) ([]order.Source, error) {
	t.Helper()
	c, err := order.OpenCSV(strings.NewReader(csvOf(ps)), "p.csv")
	if err != nil {
		t.Fatal(err)
	}
	totals, err := Validate(profile, batch(), c.Source())
	if err != nil {
		t.Fatal(err)
	}
	parts, err := Split(profile, batch(), totals, c.Source(), l)
	if err != nil {
		return nil, err
	}
	sources, err := c.Parts(parts)
	if err != nil {
		t.Fatal(err)
	}
	return sources, nil
}

func several(n int) []order.Instruction {
	ps := make([]order.Instruction, n)
	for i := range ps {
		ps[i] = order.Instruction{EndToEndID: fmt.Sprint("A", i), Name: "张三", Account: "1", Amount: money.Fen(100 + i),
			BankCode: []string{"402991300018", "", "102991301234", "402991300026"}[i%4], Remark: strings.Repeat("低保", i%7)}
	}
	return ps
}

// No file is over any limit, nothing is lost or doubled, the order within a
// bank stays, and the same list gives the same files.
func TestSplit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ps := several(rapid.IntRange(1, 60).Draw(t, "n"))
		profile := rapid.SampledFrom(writing).Draw(t, "profile")
		l := order.Limits{
			Rows: rapid.IntRange(0, 9).Draw(t, "rows"), Amount: money.Fen(rapid.SampledFrom([]int{0, 160, 500}).Draw(t, "amount")),
			Bytes: int64(rapid.SampledFrom([]int{0, 2000, 5000}).Draw(t, "bytes")), ByBank: rapid.Bool().Draw(t, "by bank"),
		}
		sources, err := splitCSV(t, profile, ps, l)
		if err != nil {
			t.Fatal(err)
		}
		var joined []order.Instruction
		for _, src := range sources {
			joined = append(joined, checkPart(t, profile, l, src)...)
		}
		want := slices.Clone(ps)
		if l.ByBank {
			slices.SortStableFunc(want, func(a, b order.Instruction) int { return strings.Compare(order.PayeeBank(&a), order.PayeeBank(&b)) })
		}
		for i := range joined {
			joined[i].Row = 0
		}
		if diff := cmp.Diff(want, joined); diff != "" {
			t.Fatalf("(-list +files):\n%s", diff)
		}
	})
}

func checkPart(t *rapid.T, profile string, l order.Limits, src order.Source) (ps []order.Instruction) {
	var buf bytes.Buffer
	s, err := WriteSealed(&buf, profile, batch(), alone(src))
	if err != nil {
		t.Fatal(err)
	}
	if l.Rows > 0 && s.Count > int64(l.Rows) || l.Amount > 0 && s.Sum > l.Amount || l.Bytes > 0 && s.Bytes > l.Bytes {
		t.Fatalf("over %+v: %+v", l, s)
	}
	for p, err := range src() {
		if err != nil {
			t.Fatal(err)
		}
		if len(ps) > 0 && l.ByBank && order.PayeeBank(&p) != order.PayeeBank(&ps[0]) {
			t.Fatalf("two banks in one file: %s, %s", p.BankCode, ps[0].BankCode)
		}
		ps = append(ps, p)
	}
	return ps
}

// alone holds the payments in memory: a CSV reads from one place at a time.
func alone(src order.Source) order.Source {
	var ps []order.Instruction
	for p := range src() {
		ps = append(ps, p)
	}
	return order.FromSlice(ps)
}

func TestSplit_cuts_no_earlier_than_it_must(t *testing.T) {
	t.Parallel()
	for _, profile := range writing {
		whole, _ := write(t, profile, batch(), several(10))
		for bytesWanted, want := range map[int]int{len(whole) + slack: 1, len(whole) - 1: 2} {
			sources, err := splitCSV(t, profile, several(10), order.Limits{Bytes: int64(bytesWanted)})
			if err != nil || len(sources) != want {
				t.Errorf("%s: %d files for %d bytes of %d, %v", profile, len(sources), bytesWanted, len(whole), err)
			}
		}
		sources, err := splitCSV(t, profile, several(9), order.Limits{Rows: 3})
		if err != nil || len(sources) != 3 {
			t.Errorf("%s: %d files, %v", profile, len(sources), err)
		}
	}
}

func TestSplit_lists_what_fits_into_no_file(t *testing.T) {
	t.Parallel()
	ps := several(4)
	ps[1].Amount, ps[3].Remark = 10_00, strings.Repeat("长", 140)
	_, err := splitCSV(t, Pain001, ps, order.Limits{Amount: 500, Bytes: 1400})
	filetest.WantCode(t, err, "BANKFILE_ROWS_REFUSED")
	var got []string
	for _, f := range filetest.Fields(err) {
		got = append(got, fmt.Sprint(f.Row, f.Column, f.Value, f.Code))
	}
	if diff := cmp.Diff([]string{"3amountA1BANKFILE_SPLIT", "5bytesA3BANKFILE_SPLIT"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = Split(Camt053, batch(), order.Totals{}, order.FromSlice(ps), order.Limits{Rows: 1})
	filetest.WantCode(t, err, "BANKFILE_NOT_WRITABLE")
}

// fataler is a test or one of rapid's.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

// A file of a profile with a limit of rows is never longer: the writer refuses
// what was not split.
func TestWrite_refuses_more_rows_than_the_profile_allows(t *testing.T) {
	t.Parallel()
	var ps []order.Instruction
	for i := range 3001 {
		ps = append(ps, order.Instruction{EndToEndID: fmt.Sprint("QH-", i), Name: "张三", Account: "6229", Amount: 1})
	}
	_, err := Write(io.Discard, "style.cmb.pay", batch(), order.FromSlice(ps))
	filetest.WantCode(t, err, "BANKFILE_ROWS_MANY")
	if _, err := Write(io.Discard, "style.cmb.pay", batch(), order.FromSlice(ps[1:])); err != nil {
		t.Error(err)
	}
}
