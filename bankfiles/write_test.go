package bankfiles

import (
	"fenlu/internal/filetest"

	"bytes"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
	"fenlu/internal/i18n"
	"fenlu/money"
)

func TestWriteGolden(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{Pain001, Pain001v03, DaifaBatch} {
		data, sidecar := write(t, profile, batch(), payments())
		again, _ := write(t, profile, batch(), payments())
		if !bytes.Equal(data, again) {
			t.Errorf("%s: the same payments gave other bytes", profile)
		}
		filetest.Golden(t, "write_"+profile, data)
		if sidecar.Count != 3 || sidecar.Sum != 100006 || sidecar.Bytes != int64(len(data)) || len(sidecar.SHA256) != 64 {
			t.Errorf("%s: sidecar %+v", profile, sidecar)
		}
	}
	for _, profile := range []string{Pain001, Pain001v03} {
		data, _ := write(t, profile, batch(), payments())
		filetest.Validates(t, data, "testdata/xsd/"+profile+".xsd")
	}
}

func TestFixturesAreValid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"camt053_day.xml", "camt053_gbk.xml"} {
		filetest.Validates(t, fixture(t, name), "testdata/xsd/camt.053.001.08.xsd")
	}
	files, _ := filepath.Glob("testdata/read/pain002_*.xml")
	for _, f := range files {
		filetest.Validates(t, fixture(t, filepath.Base(f)), "testdata/xsd/pain.002.001.10.xsd")
	}
}

func TestWrite_refuses_rows(t *testing.T) {
	t.Parallel()
	both, gbk, xml := []string{Pain001, Pain001v03, DaifaBatch}, []string{DaifaBatch}, []string{Pain001, Pain001v03}
	for _, c := range []struct {
		name     string
		profiles []string
		change   func(*order.Instruction)
		column   string
		code     string
		value    string
	}{
		{"no id", both, func(p *order.Instruction) { p.EndToEndID = "" }, "end_to_end_id", "BANKFILE_FIELD_REQUIRED", ""},
		{"id with a slash", both, func(p *order.Instruction) { p.EndToEndID = "A/B" }, "end_to_end_id", "BANKFILE_ID_CHARACTERS", "A/B"},
		{"id of 36", both, func(p *order.Instruction) { p.EndToEndID = strings.Repeat("A", 36) }, "end_to_end_id", "BANKFILE_FIELD_LONG", strings.Repeat("A", 36)},
		{"id twice", both, func(p *order.Instruction) { p.EndToEndID = "QH-1" }, "end_to_end_id", "BANKFILE_ID_TWICE", "QH-1"},
		{"no name", both, func(p *order.Instruction) { p.Name = "" }, "name", "BANKFILE_FIELD_REQUIRED", ""},
		{"space at the end of a name", both, func(p *order.Instruction) { p.Name = "张三 " }, "name", "BANKFILE_SPACE", " "},
		{"space before a name", gbk, func(p *order.Instruction) { p.Name = " 张三" }, "name", "BANKFILE_SPACE", " "},
		{"wide space", both, func(p *order.Instruction) { p.Name = "张\u3000三" }, "name", "BANKFILE_CONTROL", "U+3000"},
		{"zero width", both, func(p *order.Instruction) { p.Name = "张\u200b三" }, "name", "BANKFILE_CONTROL", "U+200B"},
		{"line break", both, func(p *order.Instruction) { p.Remark = "a\nb" }, "remark", "BANKFILE_CONTROL", "U+000A"},
		{"private use", both, func(p *order.Instruction) { p.Name = "张\ue000" }, "name", "BANKFILE_PRIVATE_USE", "U+E000"},
		{"failed conversion", both, func(p *order.Instruction) { p.Name = "张\ufffd" }, "name", "BANKFILE_REPLACEMENT", "U+FFFD"},
		{"broken UTF-8", both, func(p *order.Instruction) { p.Name = "张\xff" }, "name", "BANKFILE_NOT_UTF8", "U+FFFD"},
		{"noncharacter", both, func(p *order.Instruction) { p.Name = "张\uffff" }, "name", "BANKFILE_CONTROL", "U+FFFF"},
		{"separator", gbk, func(p *order.Instruction) { p.Remark = "a|b" }, "remark", "BANKFILE_SEPARATOR", "|"},
		{"characters GBK lacks", gbk, func(p *order.Instruction) { p.Name = "𠮷•𠮷" }, "name", "BANKFILE_NOT_IN_GBK", "𠮷 U+20BB7, • U+2022"},
		{"name of 282 bytes", gbk, func(p *order.Instruction) { p.Name = strings.Repeat("长", 141) }, "name", "BANKFILE_FIELD_LONG", ""},
		{"name of 141 characters", xml, func(p *order.Instruction) { p.Name = strings.Repeat("长", 141) }, "name", "BANKFILE_FIELD_LONG", ""},
		{"account masked", both, func(p *order.Instruction) { p.Account = "6229 0000 0000 7302" }, "account", "BANKFILE_ID_CHARACTERS", "6229***********7302"},
		{"bank code of 11", both, func(p *order.Instruction) { p.BankCode = "10299130123" }, "bank_code", "BANKFILE_BANK_CODE", "10299130123"},
		{"ID number masked", gbk, func(p *order.Instruction) { p.IDNumber = "991301199001014021|" }, "id_number", "BANKFILE_ID_CHARACTERS", "9913***********021|"},
		{"zero", both, func(p *order.Instruction) { p.Amount = 0 }, "amount", "BANKFILE_AMOUNT_NOT_POSITIVE", "0.00"},
		{"negative", both, func(p *order.Instruction) { p.Amount = -1 }, "amount", "BANKFILE_AMOUNT_NOT_POSITIVE", "-0.01"},
		{"too large", both, func(p *order.Instruction) { p.Amount = order.MaxAmount + 1 }, "amount", "BANKFILE_AMOUNT_LARGE", "10000000000000.00"},
		{"euro", both, func(p *order.Instruction) { p.Currency = "EUR" }, "currency", "BANKFILE_CURRENCY", "EUR"},
	} {
		for _, profile := range c.profiles {
			t.Run(c.name+"/"+profile, func(t *testing.T) {
				t.Parallel()
				ps := payments()
				c.change(&ps[1])
				var buf bytes.Buffer
				_, err := Write(&buf, profile, batch(), order.FromSlice(ps))
				filetest.WantCode(t, err, "BANKFILE_ROWS_REFUSED")
				if buf.Len() > 0 {
					t.Errorf("%d bytes were written all the same", buf.Len())
				}
				got := filetest.Fields(err)
				if len(got) != 1 || got[0].Row != 2 || got[0].Column != c.column || got[0].Code != c.code || got[0].Value != c.value {
					t.Errorf("got %+v", got)
				}
				if !i18n.Has(c.code) {
					t.Errorf("%s has no sentence", c.code)
				}
			})
		}
	}
}

func TestWrite_lists_every_problem_at_once(t *testing.T) {
	t.Parallel()
	ps := payments()
	ps[0].Name, ps[0].Amount = "𠮷| ", 0
	ps[2].EndToEndID, ps[2].Remark = "QH-2", "•"
	b := batch()
	b.MessageID, b.ExecutionDate = "a b", "2026-13-01"
	_, err := Validate(DaifaBatch, b, order.FromSlice(ps))
	var got []string
	for _, f := range filetest.Fields(err) {
		got = append(got, fmt.Sprint(f.Row, " ", f.Column, " ", f.Code))
	}
	want := []string{
		"0 message_id BANKFILE_ID_CHARACTERS", "0 date BANKFILE_DATE",
		"1 name BANKFILE_SPACE", "1 name BANKFILE_SEPARATOR", "1 name BANKFILE_NOT_IN_GBK", "1 amount BANKFILE_AMOUNT_NOT_POSITIVE",
		"3 remark BANKFILE_NOT_IN_GBK", "3 end_to_end_id BANKFILE_ID_TWICE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWrite_bounds_the_list_of_problems(t *testing.T) {
	t.Parallel()
	n := order.MaxProblems + 5
	src := func() iter.Seq2[order.Instruction, error] {
		return func(yield func(order.Instruction, error) bool) {
			for i := range n {
				if !yield(order.Instruction{EndToEndID: fmt.Sprint("A", i), Account: "1", Amount: 1}, nil) {
					return
				}
			}
		}
	}
	_, err := Validate(Pain001, batch(), src)
	if len(filetest.Fields(err)) != order.MaxProblems || filetest.Arg(err, "count") != n {
		t.Errorf("%d listed of %v", len(filetest.Fields(err)), filetest.Arg(err, "count"))
	}
}

func TestWrite_refuses_batches(t *testing.T) {
	t.Parallel()
	ok := order.FromSlice(payments())
	for _, c := range []struct {
		code, profile string
		src           order.Source
		expect        *order.Totals
	}{
		{"BANKFILE_EMPTY", Pain001, order.FromSlice(nil), nil},
		{"BANKFILE_NOT_WRITABLE", Camt053, ok, nil},
		{"BANKFILE_NOT_WRITABLE", "pain.001.001.08", ok, nil},
		{"BANKFILE_PROFILE_UNKNOWN", "pain.001.001", ok, nil},
		{"BANKFILE_EXPECTED", Pain001, ok, &order.Totals{Count: 3, Sum: 100007}},
		{"BANKFILE_EXPECTED", DaifaBatch, ok, &order.Totals{Count: 2, Sum: 100006}},
		{"BANKFILE_SUM_LARGE", DaifaBatch, many(1001, order.MaxAmount), nil},
	} {
		b := batch()
		b.Expect = c.expect
		var buf bytes.Buffer
		_, err := Write(&buf, c.profile, b, c.src)
		filetest.WantCode(t, err, c.code)
		if buf.Len() > 0 {
			t.Errorf("%s: bytes were written", c.code)
		}
	}
	b := batch()
	b.Expect = &order.Totals{Count: 3, Sum: 100006}
	if _, err := Validate(Pain001, b, ok); err != nil {
		t.Errorf("what was asked for is refused: %v", err)
	}
}

func many(n int, each money.Fen) order.Source {
	return func() iter.Seq2[order.Instruction, error] {
		return func(yield func(order.Instruction, error) bool) {
			for i := range n {
				if !yield(order.Instruction{EndToEndID: fmt.Sprint("A", i), Name: "张三", Account: "1", Amount: each}, nil) {
					return
				}
			}
		}
	}
}

// A list that changes between checking and writing gives no sidecar.
func TestWrite_notices_a_list_that_changes(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{Pain001, DaifaBatch} {
		calls := 0
		src := func() iter.Seq2[order.Instruction, error] {
			calls++
			ps := payments()
			ps[0].Amount += money.Fen(calls)
			return order.FromSlice(ps)()
		}
		_, err := Write(&bytes.Buffer{}, profile, batch(), src)
		filetest.WantCode(t, err, "BANKFILE_SOURCE_CHANGED")
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

var errDisk = errors.New("disk full")

func TestWrite_passes_on_what_failed(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{Pain001, DaifaBatch} {
		if _, err := Write(&failing{after: 10}, profile, batch(), order.FromSlice(payments())); !errors.Is(err, errDisk) {
			t.Errorf("%s: got %v", profile, err)
		}
		broken := func() iter.Seq2[order.Instruction, error] {
			return func(yield func(order.Instruction, error) bool) { yield(order.Instruction{}, errDisk) }
		}
		if _, err := Write(&bytes.Buffer{}, profile, batch(), broken); !errors.Is(err, errDisk) {
			t.Errorf("%s: got %v", profile, err)
		}
	}
}

// gbkRunes are all the characters that GBK and its superset agree on.
func gbkRunes() []rune {
	var out []rune
	for lead := 0x81; lead <= 0xfe; lead++ {
		for trail := 0x40; trail <= 0xfe; trail++ {
			s, err := simplifiedchinese.GBK.NewDecoder().String(string([]byte{byte(lead), byte(trail)}))
			if err != nil {
				continue
			}
			rs := []rune(s)
			if _, _, ok := order.BadCharacter(s); len(rs) == 1 && ok {
				out = append(out, rs[0])
			}
		}
	}
	return out
}

// Every character that GBK has comes back as itself, '|' as second byte or not.
func TestGBK_round_trips_every_character(t *testing.T) {
	t.Parallel()
	runes := gbkRunes()
	if len(runes) < 21_000 {
		t.Fatalf("only %d characters", len(runes))
	}
	for len(runes) > 0 {
		n := min(100, len(runes))
		name := string(runes[:n])
		runes = runes[n:]
		p := payments()[:1]
		p[0].Name = name
		data, _ := write(t, DaifaBatch, batch(), p)
		if got := items(t, data, Auto)[0].Name; got != name {
			t.Fatalf("got %q, want %q", got, name)
		}
	}
}

func genPayments(t *rapid.T, chars []rune) []order.Instruction {
	id := rapid.StringOfN(rapid.RuneFrom([]rune("ABCXYZabcxyz0123456789-")), 1, 35, 35)
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.TrimSpace(rapid.StringOfN(rapid.RuneFrom(chars), 1, 40, -1).Draw(t, "text"))
	})
	ps := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) order.Instruction {
		return order.Instruction{
			EndToEndID: id.Draw(t, "id"), Name: "甲" + text.Draw(t, "name"), Account: rapid.StringMatching(`[0-9]{1,34}`).Draw(t, "account"),
			BankCode: rapid.StringMatching(`([0-9]{12})?`).Draw(t, "bank"), IDNumber: rapid.StringMatching(`([0-9]{17}[0-9X])?`).Draw(t, "idno"),
			Amount: money.Fen(rapid.Int64Range(1, int64(order.MaxAmount)).Draw(t, "amount")), Remark: text.Draw(t, "remark"),
		}
	}), 1, 30, func(p order.Instruction) string { return p.EndToEndID }).Draw(t, "payments")
	return ps
}

// What is written reads back as what was asked, under both formats.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	gbk := gbkRunes()
	wide := append([]rune("𠮷•&<>\"']]> ·ÄЖ"), gbk[:2000]...)
	rapid.Check(t, func(t *rapid.T) {
		for profile, chars := range map[string][]rune{Pain001: wide, Pain001v03: wide, DaifaBatch: gbk} {
			ps := genPayments(t, chars)
			var buf bytes.Buffer
			s, err := Write(&buf, profile, batch(), order.FromSlice(ps))
			if err != nil {
				t.Fatal(err)
			}
			got := readBackInstructions(t, buf.Bytes(), s)
			for i := range ps {
				if profile != DaifaBatch {
					ps[i].IDNumber = "" // not part of the message
				}
			}
			if diff := cmp.Diff(ps, got); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", profile, diff)
			}
		}
	})
}

func readBackInstructions(t *rapid.T, data []byte, s Sidecar) []order.Instruction {
	var out []order.Instruction
	for rec, err := range Read(bytes.NewReader(data), s.Profile) {
		if err != nil {
			t.Fatal(err)
		}
		switch rec.Type {
		case record.TypeItem:
			it := rec.Item
			out = append(out, order.Instruction{
				EndToEndID: it.EndToEndID, Name: it.Name, Account: it.Account, BankCode: it.BankCode,
				IDNumber: it.IDNumber, Amount: it.AmountFen, Remark: it.Remark,
			})
		case record.TypeWarning:
			t.Fatalf("warning %s about our own file", rec.Warning.Code)
		case record.TypeTrailer:
			if rec.Trailer.Count != s.Count || rec.Trailer.Sum != s.Sum.String() {
				t.Fatalf("trailer %+v, sidecar %+v", rec.Trailer, s)
			}
		}
	}
	return out
}

// Random batches are valid against the schema and read back as the same
// records; few, as each starts xmllint.
func TestWrite_is_valid_against_the_schema(t *testing.T) {
	t.Parallel()
	gen := rapid.Custom(func(t *rapid.T) []order.Instruction { return genPayments(t, []rune("泑𠮷&<>\"' 甲·]")) })
	for _, profile := range []string{Pain001, Pain001v03} {
		schema := "testdata/xsd/" + profile + ".xsd"
		for seed := range 12 {
			var buf bytes.Buffer
			if _, err := WriteSealed(&buf, profile, batch(), order.FromSlice(gen.Example(seed))); err != nil {
				t.Fatal(err)
			}
			filetest.Validates(t, buf.Bytes(), schema)
		}
		largest, _ := write(t, profile, batch(), []order.Instruction{
			{EndToEndID: strings.Repeat("9", 35), Name: strings.Repeat("长", 140), Account: strings.Repeat("1", 34), BankCode: "102991301234", Amount: order.MaxAmount, Remark: strings.Repeat("长", 140)},
		})
		filetest.Validates(t, largest, schema)
	}
}
