package mt

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
)

// read gives the items, the codes of the warnings and the error of a file.
func read(t *testing.T, file string) (items []record.Item, headers []record.Header, warnings []string, err error) {
	t.Helper()
	out := record.NewOut(func(rec record.Record, _ error) bool {
		switch rec.Type {
		case record.TypeItem:
			items = append(items, *rec.Item)
		case record.TypeHeader:
			headers = append(headers, *rec.Header)
		case record.TypeWarning:
			warnings = append(warnings, strings.TrimPrefix(rec.Warning.Code, "BANKFILE_WARN_"))
		}
		return true
	}, "auto")
	out.Recognised = func(_, message string) error { out.Message = message; return nil }
	return items, headers, warnings, Read(strings.NewReader(file), out)
}

// statement is a statement whose balances agree with entries of 1,00 each that
// add up to the signed sum.
func wrapped(sum, entries string) string {
	closing := map[string]string{"1": "C261010CNY11,", "-1": "C261010CNY9,", "0": "C261010CNY10,"}[sum]
	return ":20:X\n:25:A\n:28C:1/1\n:60F:C261009CNY10,\n" + entries + "\n:62F:" + closing + "\n-\n"
}

func TestEntry(t *testing.T) {
	t.Parallel()
	base := record.Item{
		Kind: record.KindEntry, Amount: "1.00", Currency: "CNY", IsCNY: true, AmountFen: 100, Status: "BOOK", Entry: 1,
		Statement: "X 1", ValueDate: "2026-10-10", BookingDate: "2026-10-10", Direction: record.Credit,
	}
	for name, c := range map[string]struct {
		sum, entry string
		want       func(*record.Item)
		warnings   string
	}{
		"credit":                   {"1", ":61:2610101010C1,00NTRFNONREF", func(*record.Item) {}, ""},
		"debit with fund code":     {"-1", ":61:2610101010DY1,00NTRFNONREF", func(i *record.Item) { i.Direction = record.Debit }, ""},
		"reversal of a credit":     {"-1", ":61:2610101010RCY1,00NTRFNONREF", func(i *record.Item) { i.Direction, i.Reversal = record.Debit, true }, ""},
		"reversal of a debit":      {"1", ":61:2610101010RD1,00NTRFNONREF", func(i *record.Item) { i.Reversal = true }, ""},
		"spaces for the date":      {"1", ":61:261010    C1,00NTRFNONREF", func(i *record.Item) { i.BookingDate = "" }, ""},
		"no entry date":            {"1", ":61:261010C1,00NTRFNONREF", func(i *record.Item) { i.BookingDate = "" }, ""},
		"entry in the next year":   {"1", ":61:2612310102C1,00NTRFNONREF", func(i *record.Item) { i.ValueDate, i.BookingDate = "2026-12-31", "2027-01-02" }, ""},
		"entry in the year before": {"1", ":61:2601021231C1,00NTRFNONREF", func(i *record.Item) { i.ValueDate, i.BookingDate = "2026-01-02", "2025-12-31" }, ""},
		"entry on a leap day":      {"1", ":61:2802290229C1,00NTRFNONREF", func(i *record.Item) { i.ValueDate, i.BookingDate = "2028-02-29", "2028-02-29" }, ""},
		"30 February":              {"1", ":61:2602300301C1,00NTRFNONREF", func(i *record.Item) { i.ValueDate, i.BookingDate = "", "2026-03-01" }, "MT_DATE"},
		"last century":             {"1", ":61:9910101010C1,00NTRFNONREF", func(i *record.Item) { i.ValueDate, i.BookingDate = "1999-10-10", "1999-10-10" }, ""},
		"leading zeros":            {"1", ":61:2610101010C0000001,00NTRFNONREF", func(*record.Item) {}, ""},
		"no decimals":              {"1", ":61:2610101010C1,NTRFNONREF", func(i *record.Item) { i.Amount = "1" }, ""},
		"a point":                  {"1", ":61:2610101010C1.00NTRFNONREF", func(*record.Item) {}, "MT_POINT"},
		"references":               {"1", ":61:2610101010C1,00NTRFQH-1//B/7\nmore", func(i *record.Item) { i.InstructionID, i.BankRef, i.AdditionalInfo = "QH-1", "B/7", "more" }, ""},
		"reference in columns":     {"1", ":61:2610101010C1,00N0440121470966      W.P. Jansen", func(i *record.Item) { i.InstructionID, i.AdditionalInfo = "0121470966", "W.P. Jansen" }, ""},
		"no type":                  {"1", ":61:2610101010C1,00", func(*record.Item) {}, "MT_TYPE"},
		"several texts":            {"1", ":61:2610101010C1,00NTRFNONREF\n:86:one\n:86:two", func(i *record.Item) { i.AdditionalInfo = "one two" }, ""},
		"a text broken like a tag": {"1", ":61:2610101010C1,00NTRFNONREF\n:86:at T16\n:26:37 h", func(i *record.Item) { i.AdditionalInfo = "at T16 :26:37 h" }, "MT_TAG"},
		"Latin text":               {"1", ":61:2610101010C1,00NTRFNONREF\n:86:Gr\xfc\xdfe", func(i *record.Item) { i.AdditionalInfo = "Grüße" }, "MT_ENCODING"},
		"Chinese text":             {"1", ":61:2610101010C1,00NTRFNONREF\n:86:\xb5\xcd\xb1\xa3", func(i *record.Item) { i.AdditionalInfo = "低保" }, "MT_ENCODING"},
		"expected":                 {"1", ":61:2610101010EC1,00NTRFNONREF", func(i *record.Item) { i.Status = "PDNG" }, ""},
		"subfields": {"1", ":61:2610101010C1,00NTRFKREF+\n:86:166?00GUTSCHRIFT?20EREF+QH-1?21KREF+K7?22SVWZ+for Oc?2\n3tober?30BANKCNBJ?31622900?32Zhang?33 San",
			func(i *record.Item) {
				i.EndToEndID, i.InstructionID, i.Remark, i.BankCode, i.Account, i.Name = "QH-1", "K7", "for October", "BANKCNBJ", "622900", "Zhang San"
				i.ReasonText, i.AdditionalInfo = "GUTSCHRIFT", "GUTSCHRIFT EREF+QH-1KREF+K7SVWZ+for October"
			}, ""},
		"words between slashes": {"1", ":61:2610101010C1,00NTRFNONREF\n:86:/EREF/QH-1/ORDP//NAME/LI S\nI/REMI/USTD//help/ISDT/2026-10-10", func(i *record.Item) {
			i.EndToEndID, i.Name, i.Remark = "QH-1", "LI SI", "help"
			i.AdditionalInfo = "/EREF/QH-1/ORDP//NAME/LI SI/REMI/USTD//help/ISDT/2026-10-10"
		}, ""},
		"counterparty": {"1", ":61:2610101010C1,00NTRFNONREF\n:86:/CNTP/NL62ABNA/ABNANL2A/Li Si/TOWN/REMI/x/", func(i *record.Item) {
			i.Account, i.BankCode, i.Name, i.Remark, i.AdditionalInfo = "NL62ABNA", "ABNANL2A", "Li Si", "x", "/CNTP/NL62ABNA/ABNANL2A/Li Si/TOWN/REMI/x/"
		}, ""},
		"return by its code": {"1", ":61:2610101010C1,00NTRFNONREF\n:86:159?00RETOURE?20EREF+QH-1?21MTLG:closed?34902", func(i *record.Item) {
			i.Kind, i.EndToEndID, i.Reason, i.ReasonText, i.AdditionalInfo = record.KindReturn, "QH-1", "902", "closed", "RETOURE EREF+QH-1MTLG:closed"
		}, ""},
		"return by its type": {"1", ":61:2610101010C1,00NRTINONREF", func(i *record.Item) { i.Kind = record.KindReturn }, ""},
		"return by its tag": {"1", ":61:2610101010C1,00NTRFNONREF\n:86:/EREF/QH-1/RTRN/AC04/closed/", func(i *record.Item) {
			i.Kind, i.EndToEndID, i.Reason, i.ReasonText, i.AdditionalInfo = record.KindReturn, "QH-1", "AC04", "closed", "/EREF/QH-1/RTRN/AC04/closed/"
		}, ""},
		"return in Chinese": {"1", ":61:2610101010C1,00NTRFNONREF\n:86:退汇 户名不符", func(i *record.Item) {
			i.Kind, i.ReasonText, i.AdditionalInfo = record.KindReturn, "退汇 户名不符", "退汇 户名不符"
		}, ""},
		"what we send back is none": {"-1", ":61:2610101010D1,00NRTINONREF", func(i *record.Item) { i.Direction = record.Debit }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items, _, warnings, err := read(t, wrapped(c.sum, c.entry))
			if err != nil || len(items) != 1 {
				t.Fatalf("%d items, %v", len(items), err)
			}
			want := base
			c.want(&want)
			if diff := cmp.Diff(want, items[0], cmpopts.IgnoreTypes(record.Position{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := strings.Join(warnings, ","); got != c.warnings {
				t.Errorf("warnings %s, want %s", got, c.warnings)
			}
		})
	}
}

func TestStatement_warns(t *testing.T) {
	t.Parallel()
	whole := wrapped("0", "")
	for want, file := range map[string]string{
		"":                 whole,
		"MT_STRAY":         "ABNANL2A\n940\n" + whole,
		"MT_GAP":           whole + strings.ReplaceAll(whole, "CNY10,", "CNY12,"),
		"MT_PAGE":          strings.Replace(whole, ":60F:", ":60M:", 1),
		"MT_PAGE,MT_PAGE":  strings.ReplaceAll(strings.ReplaceAll(whole, "60F", "60M"), "62F", "62M"),
		"CURRENCIES":       strings.Replace(whole, "9CNY", "9EUR", 1),
		"MT_EXTRA":         strings.Replace(whole, "\n-", "\n:64:C141387INR11 27421,94\n-", 1),
		"MT_DATE":          strings.Replace(whole, ":60F:C261009", ":60F:C261131", 1),
		"TEXT_LONG":        strings.Replace(whole, ":62F:", ":86:"+strings.Repeat("x", 391)+"\n:62F:", 1),
		"MT_TAG":           strings.Replace(whole, ":60F:", ":NSF:x\n:60F:", 1),
		"MT_PAGE,MT_EXTRA": strings.Replace(strings.Replace(whole, ":60F:", ":60M:", 1), "\n-", "\nmore\n-", 1),
	} {
		_, _, warnings, err := read(t, file)
		if got := strings.Join(warnings, ","); err != nil || got != want {
			t.Errorf("got %s %v, want %s", got, err, want)
		}
	}
}

func TestRead_refuses(t *testing.T) {
	t.Parallel()
	whole := wrapped("0", "")
	interim := ":20:X\n:25:A\n:28C:1/1\n:34F:CNY0,\n:90C:0CNY0,\n-\n"
	for name, c := range map[string]struct{ file, code string }{
		"two kinds":           {whole + interim, "BANKFILE_TWO_MESSAGES"},
		"an open block":       {"{1:F01QHXB}{4:\n" + strings.TrimSuffix(whole, "-\n"), "BANKFILE_MT_TRUNCATED"},
		"a block in a block":  {"{4:\n" + strings.TrimSuffix(whole, "-\n") + "{4:\n" + whole, "BANKFILE_MT_TRUNCATED"},
		"a report cut off":    {strings.TrimSuffix(interim, ":90C:0CNY0,\n-\n"), "BANKFILE_MT_TRUNCATED"},
		"no statement at all": {"{1:F01QHXB}\n", "BANKFILE_MISSING"},
		"neither 940 nor 942": {":20:X\n:25:A\n-\n", "BANKFILE_MISSING"},
		"two openings":        {strings.Replace(whole, ":60F:", ":60F:C261009CNY10,\n:60F:", 1), "BANKFILE_MT_FIELD"},
		"a statement with a time that does not balance":  {strings.Replace(wrapped("1", ""), "\n\n:62F:", "\n:13D:2610101200+0800\n:62F:", 1), "BANKFILE_BALANCE_MISMATCH"},
		"a statement with a floor that does not balance": {strings.Replace(wrapped("1", ""), "\n\n:62F:", "\n:34F:CNY0,\n:62F:", 1), "BANKFILE_BALANCE_MISMATCH"},
		"two closings":          {strings.Replace(whole, ":62F:", ":62F:C261009CNY10,\n:62F:", 1), "BANKFILE_MT_FIELD"},
		"two totals":            {strings.Replace(interim, ":90C:", ":90C:0CNY0,\n:90C:", 1), "BANKFILE_MT_FIELD"},
		"totals that are none":  {strings.Replace(interim, ":90C:0", ":90C:x", 1), "BANKFILE_MT_FIELD"},
		"a floor that is none":  {strings.Replace(interim, ":34F:CNY", ":34F:", 1), "BANKFILE_MT_FIELD"},
		"text before any field": {"x\n:61:2610101010C1,NTRFNONREF\n", "BANKFILE_MT_OUTSIDE"},
	} {
		_, _, _, err := read(t, c.file)
		if errs.CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	_, headers, _, err := read(t, strings.ReplaceAll(":20:QH-1\n:25:313991300012/9913\n:28C:283/2\n:60M:D261009CNY10,5\n:62M:C261010CNY2,\n:61:", ":62M:C261010CNY2,\n:61:", ":61:2610101010C12,5NTRFNONREF\n:62M:C261010CNY2,\n"))
	want := []record.Header{{
		Level: record.LevelStatement, Profile: "auto", Message: "MT940", MessageID: "QH-1", Account: "9913", Agent: "313991300012", StatementNo: "283", Page: "2",
		Currency: "CNY", Opening: "-10.50", Date: "2026-10-09",
	}}
	if diff := cmp.Diff(want, headers, cmpopts.IgnoreTypes(record.Position{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestLooks(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]bool{
		"{1:F01QHXB": true, ":20:X\r\n:25:": true, "\x01\r\n:20:X": true, "ABNANL2A\n940\nABNANL2A\n:20:": true, ":940:\n:20:": true, "\r:20:X": true,
		"H|1.0|": false, "<?xml": false, "text with :20: in it": false, "": false,
	} {
		if Looks([]byte(head)) != want {
			t.Errorf("%q: %v", head, !want)
		}
	}
}

// An account may have a statement for each currency: one does not go on where
// the other stopped.
func TestRead_currencies_of_an_account(t *testing.T) {
	t.Parallel()
	whole := wrapped("0", "")
	dollars := strings.ReplaceAll(whole, "CNY10,", "USD12,")
	if _, _, warnings, err := read(t, whole+dollars); err != nil || len(warnings) > 0 {
		t.Errorf("got %v %v", warnings, err)
	}
	pages := strings.NewReplacer("60F", "60M", "62F", "62M")
	_, _, warnings, err := read(t, pages.Replace(whole+dollars))
	if err != nil || len(warnings) != 3 { // before, between and after
		t.Errorf("got %v %v", warnings, err)
	}
}
