package layout

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
	"fenlu/internal/filetest"
	"fenlu/internal/sheet"
	"fenlu/money"
)

func batch() order.Batch {
	return order.Batch{
		MessageID: "QH-B1", DebtorName: "青禾县财政局", DebtorAccount: "9913010000000018", DebtorAgent: "313991300012",
		ExecutionDate: "2026-10-09", Created: time.Date(2026, 10, 9, 0, 0, 0, 0, time.FixedZone("CST", 8*3600)),
	}
}

func payments() []order.Instruction {
	return []order.Instruction{
		{EndToEndID: "QH-1", Name: "倈泑", Account: "6229000000007302", BankCode: "102991301234", IDNumber: "991301199001014021", Amount: 40000, Remark: "10月低保"},
		{EndToEndID: "QH-2", Name: "阿卜杜拉·买买提", Account: "6217000000003304", Amount: 60005, Remark: "R&D <甲>"},
		{EndToEndID: "QH-3", Name: "青禾县社会福利院", Account: "9913010000000099", BankCode: "102991301234", Amount: 1},
	}
}

// all are the profiles of a kind.
func all(kinds ...Kind) (out []*Profile) {
	for _, p := range All() {
		if slices.Contains(kinds, p.Kind) {
			out = append(out, p)
		}
	}
	return out
}

func byName(t testing.TB, name string) *Profile {
	t.Helper()
	for _, p := range All() {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no profile %s", name)
	return nil
}

func write(t testing.TB, p *Profile, b order.Batch, ps []order.Instruction) []byte {
	t.Helper()
	data, err := tryWrite(p, b, ps)
	if err != nil {
		t.Fatalf("%s: %v", p.Name, err)
	}
	return data
}

func tryWrite(p *Profile, b order.Batch, ps []order.Instruction) ([]byte, error) {
	src := order.FromSlice(ps)
	totals, err := order.Validate(p.Rules(), b, src)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	out := order.NewOutput(&buf)
	if err := p.Write(out, b, totals, src); err != nil {
		return nil, err
	}
	err = out.Buffered.Flush()
	return buf.Bytes(), err
}

// read gives the records of a file, or its error.
func read(p *Profile, data []byte) (recs []record.Record, err error) {
	out := record.NewOut(func(r record.Record, e error) bool {
		if e == nil {
			recs = append(recs, r)
		}
		return true
	}, p.Name)
	err = p.Read(bytes.NewReader(data), out)
	return recs, err
}

func mustRead(t testing.TB, p *Profile, data []byte) []record.Record {
	t.Helper()
	recs, err := read(p, data)
	if err != nil {
		t.Fatalf("%s: %v\n%s", p.Name, err, data)
	}
	return recs
}

func itemsOf(recs []record.Record) (out []record.Item) {
	for _, r := range recs {
		if r.Type == record.TypeItem {
			out = append(out, *r.Item)
		}
	}
	return out
}

func warningsOf(recs []record.Record) (out []string) {
	for _, r := range recs {
		if r.Type == record.TypeWarning {
			out = append(out, r.Warning.Code)
		}
	}
	return out
}

// visible shows the bytes of a file as text, a workbook as its rows.
func visible(t testing.TB, p *Profile, data []byte) []byte {
	t.Helper()
	if !sheet.IsXLSX(data) {
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.ReplaceAll(text, []byte("\r\n"), []byte("␍\n"))
	}
	grid, err := sheet.OpenGrid(data, p.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = grid.Close() }()
	var out bytes.Buffer
	for {
		_, cells, err := grid.Next()
		if err != nil {
			return out.Bytes()
		}
		fmt.Fprintln(&out, strings.Join(cells, " ¦ "))
	}
}

// What each format's file looks like, byte by byte, stands in golden files; the
// same payments give the same bytes.
func TestWriteGolden(t *testing.T) {
	t.Parallel()
	for _, p := range all(Instructions) {
		data := write(t, p, batch(), payments())
		if again := write(t, p, batch(), payments()); !bytes.Equal(data, again) {
			t.Errorf("%s: the same payments gave other bytes", p.Name)
		}
		filetest.Golden(t, "write_"+p.Name+".txt", visible(t, p, data))
	}
}

// holds says what a format has of a payment; the rest cannot come back.
func holds(p *Profile, in order.Instruction, row int) order.Instruction {
	out := order.Instruction{}
	if p.has(rows, "end_to_end_id") {
		out.EndToEndID = in.EndToEndID
	}
	if p.has(rows, "row") {
		out.Row = row
	}
	if p.has(rows, "bank_code") {
		out.BankCode = in.BankCode
	}
	if p.has(rows, "id_number") {
		out.IDNumber = in.IDNumber
	}
	if p.has(rows, "remark") {
		out.Remark = in.Remark
	}
	out.Name, out.Account, out.Amount = in.Name, in.Account, in.Amount
	return out
}

func asInstruction(it record.Item) order.Instruction {
	return order.Instruction{
		Row: it.Sequence, EndToEndID: it.EndToEndID, Name: it.Name, Account: it.Account, BankCode: it.BankCode,
		IDNumber: it.IDNumber, Amount: it.AmountFen, Remark: it.Remark,
	}
}

// What is written reads back as what was asked, in every format, for any
// payments that the format can hold.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, p := range all(Instructions) {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				ps := genPayments(t)
				data, err := tryWrite(p, batch(), ps)
				if err != nil {
					t.Fatal(err)
				}
				recs, err := read(p, data)
				if err != nil || len(warningsOf(recs)) > 0 {
					t.Fatalf("%v %v\n%q", err, warningsOf(recs), data)
				}
				var want, got []order.Instruction
				for i, in := range ps {
					want = append(want, holds(p, in, i+1))
				}
				for _, it := range itemsOf(recs) {
					got = append(got, asInstruction(it))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

func genPayments(t *rapid.T) []order.Instruction {
	id := rapid.StringMatching(`[A-Z0-9][A-Za-z0-9-]{0,28}[0-9]`)
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.TrimSpace(rapid.StringOfN(rapid.RuneFrom([]rune("甲乙倈泑·ABC012&<>'")), 0, 8, -1).Draw(t, "text"))
	})
	return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) order.Instruction {
		return order.Instruction{
			EndToEndID: id.Draw(t, "id"), Name: "甲" + text.Draw(t, "name"), Account: rapid.StringMatching(`[0-9]{6,30}`).Draw(t, "account"),
			BankCode: rapid.StringMatching(`([0-9]{12})?`).Draw(t, "bank"), IDNumber: rapid.StringMatching(`([0-9]{17}[0-9X])?`).Draw(t, "idno"),
			Amount: money.Fen(rapid.Int64Range(1, 99_999_999_99).Draw(t, "amount")), Remark: text.Draw(t, "remark"),
		}
	}), 1, 20, func(p order.Instruction) string { return p.EndToEndID }).Draw(t, "payments")
}

// A value that has no room is named before a byte is written, by its length in
// bytes of the encoding; characters that GBK lacks are listed, never replaced.
func TestWrite_refuses_what_has_no_room(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		profile, column, code string
		change                func(*order.Instruction)
	}{
		{"style.abc.pay", "name", "BANKFILE_FIELD_LONG", func(p *order.Instruction) { p.Name = strings.Repeat("长", 31) }},
		{"style.abc.pay", "account", "BANKFILE_FIELD_LONG", func(p *order.Instruction) { p.Account = strings.Repeat("1", 31) }},
		{"style.abc.pay", "end_to_end_id", "BANKFILE_FIELD_LONG", func(p *order.Instruction) { p.EndToEndID = strings.Repeat("1", 31) }},
		{"style.abc.pay", "name", "BANKFILE_NOT_IN_GBK", func(p *order.Instruction) { p.Name = "𠮷" }},
		{"style.icbc.pay", "remark", "BANKFILE_FIELD_LONG", func(p *order.Instruction) { p.Remark = strings.Repeat("长", 21) }},
		{"style.icbc.pay", "name", "BANKFILE_NOT_IN_GBK", func(p *order.Instruction) { p.Name = "•" }},
		{"style.pingan.pay", "remark", "BANKFILE_SEPARATOR", func(p *order.Instruction) { p.Remark = "a|::|b" }},
		{"style.psbc.pay", "name", "BANKFILE_SEPARATOR", func(p *order.Instruction) { p.Name = "a,b" }},
		{"style.baopan.pay", "amount", "BANKFILE_AMOUNT_LARGE", func(p *order.Instruction) { p.Amount = 100_000_000_00 }},
		{"style.baopan.pay", "name", "BANKFILE_NOT_IN_GBK", func(p *order.Instruction) { p.Name = "𠮷" }},
	} {
		ps := payments()
		c.change(&ps[1])
		data, err := tryWrite(byName(t, c.profile), batch(), ps)
		filetest.WantCode(t, err, "BANKFILE_ROWS_REFUSED")
		if f := filetest.Fields(err)[0]; f.Row != 2 || f.Column != c.column || f.Code != c.code || data != nil {
			t.Errorf("%s: got %+v", c.profile, f)
		}
	}
	if _, err := tryWrite(byName(t, "style.pingan.pay"), batch(), payments()); err != nil {
		t.Errorf("a bar alone is no delimiter of |::|: %v", err)
	}
}

// Parts of a batch say which they are and what the whole is.
func TestWrite_parts(t *testing.T) {
	t.Parallel()
	p := byName(t, "style.cmb.pay")
	var many []order.Instruction
	for i := range 3001 {
		many = append(many, order.Instruction{EndToEndID: fmt.Sprint("QH-", i), Name: "张三", Account: "6229", Amount: 1})
	}
	b := batch()
	b.Part, b.Parts, b.Whole = 2, 2, order.Totals{Count: 3001, Sum: 3001}
	text := string(visible(t, p, write(t, p, b, many[3000:])))
	for _, want := range []string{"<BEGTAG>N</BEGTAG><ENDTAG>Y</ENDTAG>", "<TTLAMT>30.01</TTLAMT><TTLCNT>3001</TTLCNT>", "<CURAMT>0.01</CURAMT><CURCNT>1</CURCNT>"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
	if name := p.NameOf(b, order.Totals{}); name != "QH-B1_2.xml" {
		t.Errorf("named %s", name)
	}
}

// A date or digest of another day changes the bytes; nothing else does.
func TestWrite_notices_a_sum_that_has_no_room(t *testing.T) {
	t.Parallel()
	p := profileOf(t, "form: fixed", `
encoding: GBK
trailer: [{value: sum, width: 6}]
rows: [{value: row, width: 3}, {value: account, width: 8}, {value: name, width: 8}, {value: amount, width: 6}]`)
	two := []order.Instruction{{EndToEndID: "1", Name: "甲", Account: "1", Amount: 60000}, {EndToEndID: "2", Name: "乙", Account: "2", Amount: 60000}}
	_, err := tryWrite(p, batch(), two)
	filetest.WantCode(t, err, "BANKFILE_SUM_LARGE")
	two[0].Amount = 100_000
	_, err = tryWrite(p, batch(), two)
	filetest.WantCode(t, err, "BANKFILE_ROWS_REFUSED")
}
