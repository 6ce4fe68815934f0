package layout

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/record"
	"fenlu/internal/filetest"
	"fenlu/internal/sheet"
)

// fixture is a file of testdata/read, which are UTF-8 so that people can read
// them, as a bank would send it: in the encoding of its profile.
func fixture(t testing.TB, p *Profile) string {
	t.Helper()
	paths, err := filepath.Glob("testdata/read/" + p.Name + ".[ctx]??")
	if err != nil || len(paths) != 1 {
		t.Fatalf("%s: %v %v", p.Name, paths, err)
	}
	data, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if p.LineEnd == "CRLF" && (p.Form == Delimited || p.Form == Fixed) {
		return strings.ReplaceAll(string(data), "\n", "\r\n")
	}
	return string(data)
}

func inGBK(t testing.TB, text string) []byte {
	t.Helper()
	data, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// inXLSX is a CSV text as a workbook.
func inXLSX(t testing.TB, text string) []byte {
	t.Helper()
	grid, err := sheet.NewGrid()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = grid.Close() }()
	for line := range strings.Lines(text) {
		cells, err := unquote(strings.TrimRight(line, "\r\n"), ",")
		if err != nil {
			t.Fatal(err)
		}
		if err := grid.Row(cells); err != nil {
			t.Fatal(err)
		}
	}
	var buf bytes.Buffer
	if _, err := grid.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// story tells what was read, without places, in a line for each record.
func story(recs []record.Record) string {
	var b strings.Builder
	for _, r := range recs {
		switch r.Type {
		case record.TypeHeader:
			h := r.Header
			fmt.Fprintf(&b, "header %s id=%s answers=%s date=%s account=%s count=%s sum=%s opening=%s closing=%s\n",
				h.Level, h.MessageID, h.OriginalID, h.Date, h.Account, h.Count, h.Sum, h.Opening, h.Closing)
		case record.TypeItem:
			it := r.Item
			fmt.Fprintf(&b, "%s id=%s voucher=%s batch=%s row=%d %s %s %s | %s -> %s reason=%s ours=%s text=%s | %s %s on %s ref=%s\n",
				it.Kind, it.EndToEndID, it.InstructionID, it.BatchID, it.Sequence, it.Amount, it.Direction, it.AmountFen,
				it.Status, it.Outcome, it.Reason, it.ReasonCode, it.ReasonText, it.Name, it.Account, it.BookingDate, it.BankRef)
		case record.TypeWarning:
			fmt.Fprintf(&b, "warning %s\n", r.Warning.Code)
		case record.TypeTrailer:
			fmt.Fprintf(&b, "trailer %d %s in %s out %s\n", r.Trailer.Count, r.Trailer.Sum, r.Trailer.CreditSum, r.Trailer.DebitSum)
		}
	}
	return b.String()
}

// Every format that banks send is read: its codes and texts, its three
// outcomes, its refunds, its bookings stand in golden files.
func TestReadGolden(t *testing.T) {
	t.Parallel()
	for _, p := range all(Results, Refunds, Statement) {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			text := fixture(t, p)
			recs := mustRead(t, p, inGBK(t, text))
			filetest.Golden(t, "read_"+p.Name+".txt", []byte(story(recs)))
			for _, r := range recs {
				if r.Type == record.TypeItem && (r.Item.Line == 0 || r.Item.Path == "") {
					t.Errorf("an item without place: %+v", r.Item.Position)
				}
			}
			if p.Form != Table {
				return
			}
			for form, data := range map[string][]byte{"UTF-8": []byte(text), "with a mark": []byte("\xef\xbb\xbf" + text), "XLSX": inXLSX(t, text)} {
				if got := story(mustRead(t, p, data)); got != story(recs) {
					t.Errorf("%s reads as\n%s\nnot as\n%s", form, got, story(recs))
				}
			}
		})
	}
}

// The three outcomes are told apart in every format, and a code that no table
// has never becomes a success.
func TestRead_tells_paid_failed_and_unknown(t *testing.T) {
	t.Parallel()
	for _, p := range all(Results) {
		outcomes := map[record.Outcome]int{}
		for _, it := range itemsOf(mustRead(t, p, inGBK(t, fixture(t, p)))) {
			outcomes[it.Outcome]++
		}
		if outcomes[record.OutcomePaid] == 0 || outcomes[record.OutcomeFailed] == 0 || outcomes[record.OutcomeUnknown] == 0 {
			t.Errorf("%s: %v", p.Name, outcomes)
		}
		if o, known := p.Results.of("no such code", "no such text"); known || o.Outcome == "paid" {
			t.Errorf("%s takes silence for success", p.Name)
		}
	}
}

// A contradiction, a cut, a mark that is wrong: the file is refused with its
// place, and where there are two numbers with both.
func TestRead_refuses(t *testing.T) {
	t.Parallel()
	for _, e := range []struct{ profile, old, new, code, stated, found string }{
		{"style.pingan.result", "|::|4|::|1001.06", "|::|5|::|1001.06", "BANKFILE_COUNT_MISMATCH", "5", "4"},
		{"style.pingan.result", "|::|4|::|1001.06", "|::|4|::|1001.07", "BANKFILE_SUM_MISMATCH", "1001.07", "1001.06"},
		{"style.pingan.result", "|::|1|::|400.00\n", "|::|2|::|400.00\n", "BANKFILE_COUNT_MISMATCH", "2", "1"},
		{"style.pingan.result", "|::|E102", "", "BANKFILE_FIELD_COUNT", "", ""},
		{"style.psbc.result", "19,4,100106", "19,4,100107", "BANKFILE_SUM_MISMATCH", "1001.07", "1001.06"},
		{"style.psbc.result", "2,101\r\n", "1,100\r\n", "BANKFILE_COUNT_MISMATCH", "1", "2"},
		{"style.psbc.result", "19,4,100106,1,40000,1,60005,2,101\r\n", "", "BANKFILE_TRAILER_MISSING", "", ""},
		{"style.psbc.result", ",40000,", ",400.00,", "BANKFILE_AMOUNT", "", ""},
		{"style.psbc.result", "12,3,", "13,3,", "BANKFILE_LINE_MARK", "", ""},
		{"style.icbc.result", "<TotalAmt>100106", "<TotalAmt>100107", "BANKFILE_SUM_MISMATCH", "1001.07", "1001.06"},
		{"style.icbc.result", "<Result>7</Result>", "", "BANKFILE_MISSING", "", ""},
		{"style.icbc.result", "QPAYPER", "QPAYENT", "BANKFILE_LINE_MARK", "", ""},
		{"style.icbc.result", "<Result>7</Result>", "<Result>7</Result><Result>6</Result>", "BANKFILE_VALUE_TWICE", "7", "6"},
		{"style.icbc.result", "<PayAmt>1</PayAmt>", "<PayAmt>1</PayAmt><PayAmt>100</PayAmt>", "BANKFILE_VALUE_TWICE", "1", "100"},
		{"style.icbc.result", "</out>", "<TotalNum>5</TotalNum></out>", "BANKFILE_VALUE_TWICE", "4", "5"},
		{"style.icbc.result", "</CMS>", "</CMS><CMS/>", "BANKFILE_XML_AFTER_ROOT", "", ""},
		{"style.cmb.result", "<SUCAMT>400.00", "<SUCAMT>400.01", "BANKFILE_SUM_MISMATCH", "400.01", "400.00"},
		{"style.treasury.refund", "<PayAmt>-400.00</PayAmt><XPayDate>", "<PayAmt>400.00</PayAmt><XPayDate>", "BANKFILE_AMOUNT_SIGN", "", ""},
		{"style.treasury.refund", "<PayAmt>-400.00</PayAmt><DetailList>", "<PayAmt>-400.01</PayAmt><DetailList>", "BANKFILE_SUM_MISMATCH", "-400.01", "-400.00"},
		{"statement.bank", `"8,999.95"`, `"8,999.94"`, "BANKFILE_BALANCE_LINE", "8999.94", ""},
		{"statement.bank", "2026-10-10,,财政拨款,,\"5,000.00\",\"13,999.95\",青禾县国库,9913010000000001,B3\n", "", "BANKFILE_BALANCE_LINE", "14399.95", ""},
		{"statement.bank", `期初余额,"10,000.00"`, `期初余额,"10,000.01"`, "BANKFILE_BALANCE_LINE", "9600.00", ""},
		{"statement.bank", `期末余额,"15,000.00"`, `期末余额,"15,000.01"`, "BANKFILE_BALANCE_MISMATCH", "", ""},
		{"statement.bank", `合计,,,400.00`, `合计,,,400.01`, "BANKFILE_SUM_MISMATCH", "400.01", "400.00"},
		{"statement.bank", "借方笔数,3", "借方笔数,4", "BANKFILE_COUNT_MISMATCH", "4", "3"},
		{"statement.bank", "600.05,0.00,", "600.05,1.00,", "BANKFILE_TWO_SIDES", "", ""},
		{"statement.bank", "借方发生额", "金额", "BANKFILE_TABLE_TITLES", "", ""},
		{"statement.bank", "打印日期 2026年10月13日", "2026-10-13,,x,1.00,,1.00,,,", "BANKFILE_AFTER_TRAILER", "", ""},
		{"statement.bank", "9913010000000018", "", "BANKFILE_MISSING", "", ""},
		{"statement.bank.single", `"13,999.95"`, `"13,999.96"`, "BANKFILE_BALANCE_LINE", "13999.96", ""},
		{"statement.bank.single", `期末余额,"14,399.95"`, `期末余额,"14,399.96"`, "BANKFILE_BALANCE_MISMATCH", "", ""},
		{"statement.bank.single", `期初余额,"10,000.00",期末余额,"14,399.95"`, `期初余额,"10,000.01"`, "BANKFILE_BALANCE_LINE", "10000.01", ""},
		{"statement.bank.single", `期初余额,"10,000.00",期末余额,"14,399.95"`, `期末余额,"14,399.96"`, "BANKFILE_BALANCE_LINE", "14399.96", ""},
		{"statement.bank.single", "20261012,贷,", "20261012,来,", "BANKFILE_DIRECTION", "", ""},
		{"statement.bank", "2026-10-12,V-2", "去年,V-2", "BANKFILE_NO_DATE", "", ""},
		{"statement.bank", "400.00,,\"9,600.00\"", "４００.00,,\"9,600.00\"", "BANKFILE_AMOUNT", "", ""},
		{"statement.bank", "400.00,,\"9,600.00\"", "\"40,0.00\",,\"9,600.00\"", "BANKFILE_AMOUNT", "", ""},
		{"statement.zerobalance", "清算额,900.05", "清算额,900.04", "BANKFILE_BALANCE_MISMATCH", "", ""},
		{"statement.zerobalance", "清算额,900.05", "", "BANKFILE_MISSING", "", ""},
		{"statement.zerobalance", "2,V-12", "3,V-12", "BANKFILE_SEQUENCE", "", ""},
		{"notice.refund", "-1000.05", "-1000.06", "BANKFILE_SUM_MISMATCH", "-1000.06", "-1000.05"},
		{"notice.refund", "退回笔数：2", "退回笔数：3", "BANKFILE_COUNT_MISMATCH", "3", "2"},
		{"notice.refund", ",-400.00,", ",400.00,", "BANKFILE_AMOUNT_SIGN", "", ""},
		{"notice.receipt", "合计,,,1000.06,,,,\n", "", "BANKFILE_TRAILER_MISSING", "", ""},
		{"style.baopan.result", `"1,600.05"`, `"1,600.05`, "BANKFILE_QUOTE", "", ""},
	} {
		p := byName(t, e.profile)
		text := fixture(t, p)
		changed := strings.ReplaceAll(text, e.old, e.new)
		if changed == text {
			t.Errorf("%s: %q does not stand there", e.profile, e.old)
			continue
		}
		_, err := read(p, inGBK(t, changed))
		filetest.WantCode(t, err, e.code)
		for name, want := range map[string]string{"stated": e.stated, "found": e.found} {
			if want != "" && fmt.Sprint(filetest.Arg(err, name)) != want {
				t.Errorf("%s %q: %s is %v, want %s", e.profile, e.new, name, filetest.Arg(err, name), want)
			}
		}
		for _, place := range []string{"line", "offset", "path"} {
			if filetest.Arg(err, place) == nil {
				t.Errorf("%s %s: the error does not say its %s", e.profile, e.code, place)
			}
		}
	}
}

// Rows that cannot be read are told together, each with its place; a gap in the
// row numbers is told once.
func TestRead_lists_every_bad_row(t *testing.T) {
	t.Parallel()
	p := byName(t, "style.psbc.pay")
	text := string(visible(t, p, write(t, p, batch(), payments())))
	text = strings.NewReplacer("␍", "\r", "02,1,", "02,2,", "02,2,", "02,3,", "02,3,", "02,4,", "60005", "600.05", ",1,QH-3", ",,QH-3").Replace(text)
	_, err := read(p, inGBK(t, text))
	filetest.WantCode(t, err, "BANKFILE_SEQUENCE")
	var got []string
	for _, f := range problems(err) {
		got = append(got, f.Code)
	}
	want := []string{"BANKFILE_SEQUENCE", "BANKFILE_AMOUNT", "BANKFILE_MISSING"}
	if !slices.Equal(got[:3], want) {
		t.Errorf("got %v", got)
	}
	many := "01,QH-B1,20261009,9913\r\n" + strings.Repeat("02,x\r\n", 10_000)
	if _, err := read(p, []byte(many)); len(problems(err)) != maxBad+1 {
		t.Errorf("%d problems listed", len(problems(err)))
	}
}

// A statement whose newest booking stands first is checked from below.
func TestRead_newest_first(t *testing.T) {
	t.Parallel()
	p := *byName(t, "statement.bank")
	p.NewestFirst = true
	lines := strings.Split(fixture(t, &p), "\n")
	for i, j := 4, 8; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	text := strings.Join(lines, "\n")
	if got := itemsOf(mustRead(t, &p, inGBK(t, text))); len(got) != 5 || got[0].BankRef != "B5" {
		t.Errorf("got %+v", got)
	}
	for old, code := range map[string]string{`"8,999.95"`: "BANKFILE_BALANCE_LINE", `,"15,000.00",`: "BANKFILE_BALANCE_LINE", `期末余额,"15,000.00"`: "BANKFILE_BALANCE_MISMATCH", `期初余额,"10,000.00"`: "BANKFILE_BALANCE_MISMATCH"} {
		changed := strings.Replace(text, old, strings.Replace(old, "5", "6", 1), 1)
		if old[0] != '"' && old[0] != ',' {
			changed = strings.Replace(text, old, strings.Replace(old, "000.00", "000.01", 1), 1)
		}
		_, err := read(&p, inGBK(t, changed))
		filetest.WantCode(t, err, code)
	}
}

// A workbook keeps numbers with the noise of their binary form, dates as the
// number of a day, and long numbers only as text.
func TestRead_workbook_cells(t *testing.T) {
	t.Parallel()
	p := byName(t, "notice.receipt")
	text := strings.NewReplacer("400.00,2026-10-09", "400.00000000000006,46304", "1000.06", "1000.0599999999999").Replace(fixture(t, p))
	got := itemsOf(mustRead(t, p, inXLSX(t, text)))
	if got[0].Amount != "400.00" || got[0].AmountFen != 40000 || got[0].BookingDate != "2026-10-09" {
		t.Errorf("got %s %s %s", got[0].Amount, got[0].AmountFen, got[0].BookingDate)
	}
	if _, err := read(p, inGBK(t, strings.ReplaceAll(text, "400.00000000000006", "400.001"))); err == nil {
		t.Error("a tenth of a fen is accepted")
	}
}

// A file that ends early is never taken for a whole one, where the format has
// an end that can be missed.
func TestRead_refuses_every_truncation(t *testing.T) {
	t.Parallel()
	for _, p := range all(Results, Refunds, Statement) {
		if p.Form == Delimited && len(p.Trailer) == 0 && len(p.Header) == 0 || p.Form == Table && p.Total == "" {
			continue // the format has none
		}
		data := inGBK(t, fixture(t, p))
		whole := len(bytes.TrimRight(data, "\r\n"))
		if p.Form == Table {
			whole = bytes.Index(data, inGBK(t, "合计")) // notes may follow
		}
		if p.Form == Delimited && len(p.Trailer) == 0 {
			whole = bytes.LastIndex(data, []byte(p.Delimiter)) // words at the very end may be cut, amounts and codes not
		}
		for n := range whole {
			if _, err := read(p, data[:n]); err == nil {
				t.Fatalf("%s cut at %d of %d is accepted", p.Name, n, whole)
			}
		}
	}
}

// Whatever a person reads about a file has a sentence.
func TestCodesHaveSentences(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range sources {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.FieldsFunc(string(src), func(r rune) bool { return r == '"' || r == '`' || r == '\n' }) {
			if strings.HasPrefix(word, "BANKFILE_") && !strings.ContainsAny(word, " ,:*") && !filetest.HasSentence(word) {
				t.Errorf("%s: %s has no sentence", path, word)
			}
		}
	}
}

// Totals of an XML head count wherever they stand: after the rows too.
func TestRead_compares_totals_after_the_rows(t *testing.T) {
	t.Parallel()
	p := byName(t, "style.icbc.result")
	totals := "<TotalNum>4</TotalNum><TotalAmt>100106</TotalAmt>"
	text := strings.Replace(strings.Replace(fixture(t, p), totals, "", 1), "</out>", totals+"</out>", 1)
	mustRead(t, p, inGBK(t, text))
	_, err := read(p, inGBK(t, strings.Replace(text, "<TotalNum>4", "<TotalNum>5", 1)))
	filetest.WantCode(t, err, "BANKFILE_COUNT_MISMATCH")
}

// A payment that was made in part is unknown, and the bank's own totals, which
// count what was really paid, agree all the same.
func TestRead_paid_in_part(t *testing.T) {
	t.Parallel()
	p := byName(t, "style.treasury.result")
	text := strings.NewReplacer("<XPayAmt>400.00</XPayAmt><DetailList>", "<XPayAmt>399.00</XPayAmt><DetailList>",
		"<PayAmt>400.00</PayAmt><XPayAmt>400.00</XPayAmt>", "<PayAmt>400.00</PayAmt><XPayAmt>399.00</XPayAmt>").Replace(fixture(t, p))
	if it := itemsOf(mustRead(t, p, inGBK(t, text)))[0]; it.Outcome != record.OutcomeUnknown || it.Amount != "400.00" {
		t.Errorf("%s of %s", it.Outcome, it.Amount)
	}
	_, err := read(p, inGBK(t, strings.Replace(text, "<XPayAmt>399.00</XPayAmt><DetailList>", "<XPayAmt>400.00</XPayAmt><DetailList>", 1)))
	filetest.WantCode(t, err, "BANKFILE_SUM_MISMATCH")
}

// Words of success are the whole text: 不成功 and 未成功 have them too.
func TestRead_words_that_hold_success(t *testing.T) {
	t.Parallel()
	res := Result{Texts: []TextOutcome{{Contains: "成功", Outcome: "paid"}, {Contains: "失败", Outcome: "failed"}}, Other: Outcome{Outcome: "unknown"}}
	for text, want := range map[string]string{"成功": "paid", "不成功": "unknown", "未成功": "unknown", "交易失败，未成功": "failed", "": "unknown"} {
		if o, _ := res.of("", text); o.Outcome != want {
			t.Errorf("%q is %s, not %s", text, o.Outcome, want)
		}
	}
}

// A booking whose words are those of a label is a booking: no row is lost.
func TestRead_labels_in_a_row(t *testing.T) {
	t.Parallel()
	p := byName(t, "statement.bank.single")
	text := strings.Replace(fixture(t, p), "代发低保,V-1,B1", "期末余额：转存,V-1,B1", 1)
	if got := itemsOf(mustRead(t, p, inGBK(t, text))); len(got) != 4 {
		t.Errorf("%d bookings", len(got))
	}
}

// An account in another currency is not read as yuan.
func TestRead_currency_of_the_head(t *testing.T) {
	t.Parallel()
	p := *byName(t, "statement.bank")
	p.Header = append(slices.Clone(p.Header), &Field{Value: "currency", Title: "币种", Optional: true, means: meanings["currency"]})
	for word, want := range map[string]string{"": "CNY", "人民币": "CNY", "RMB": "CNY", "美元": "美元", "USD": "USD"} {
		text := strings.Replace(fixture(t, &p), "对账单编号", "币种,"+word+"\n对账单编号", 1)
		for _, it := range itemsOf(mustRead(t, &p, inGBK(t, text))) {
			if it.Currency != want || it.IsCNY != (want == "CNY") {
				t.Fatalf("%q is read as %s, yuan: %t", word, it.Currency, it.IsCNY)
			}
		}
	}
}

// Dates that can mean one day only are read however a bank writes them; what is
// none is told and left out.
func TestRead_dates(t *testing.T) {
	t.Parallel()
	p := byName(t, "notice.receipt")
	for word, want := range map[string]string{
		"2026-10-09": "2026-10-09", "20261009": "2026-10-09", "2026/10/9": "2026-10-09", "2026年10月9日": "2026-10-09", "2026-10-09 23:59:59": "2026-10-09",
		"20261009235959": "2026-10-09", "2026-13-09": "", "09/10/2026": "", "２０２６-10-09": "", "46304": "", "明天": "",
	} {
		text := strings.NewReplacer("400.00,2026-10-09", "400.00,"+word, "回单日期：2026-10-09", "回单日期：2026-10-11").Replace(fixture(t, p))
		recs := mustRead(t, p, inGBK(t, text))
		told := strings.Contains(story(recs), "BANKFILE_WARN_NO_DATE")
		head := recs[0].Header
		if head == nil {
			head = recs[1].Header
		}
		if got := itemsOf(recs)[0].BookingDate; got != record.First(want, head.Date) || told != (want == "") {
			t.Errorf("%s is read as %q, told: %t", word, got, told)
		}
	}
}

// Of a statement whose newest booking stands first, some rows may state no
// balance.
func TestRead_newest_first_with_gaps(t *testing.T) {
	t.Parallel()
	p := byName(t, "statement.bank.single")
	for _, hole := range []string{`"14,399.95",张三`, `"13,999.95",青`, `"9,600.00",张三`} {
		text := strings.Replace(fixture(t, p), hole, hole[strings.LastIndex(hole, ","):], 1)
		mustRead(t, p, inGBK(t, text))
		_, err := read(p, inGBK(t, strings.Replace(text, "8,999.95", "8,999.96", 1)))
		filetest.WantCode(t, err, "BANKFILE_BALANCE_LINE")
	}
}

// Only the first sheet is read; that there are others is told.
func TestRead_tells_of_other_sheets(t *testing.T) {
	t.Parallel()
	p := byName(t, "notice.receipt")
	book, err := excelize.OpenReader(bytes.NewReader(inXLSX(t, fixture(t, p))))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	if _, err := book.NewSheet("他行"); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := book.Write(&buf); err != nil {
		t.Fatal(err)
	}
	if got := story(mustRead(t, p, buf.Bytes())); !strings.Contains(got, "BANKFILE_WARN_SHEETS") {
		t.Errorf("got %s", got)
	}
}

// The same words mean the same reason in every format; and where a code is not
// known and the words say that the bank does not know, it has not failed.
func TestRead_words_are_those_of_the_one_table(t *testing.T) {
	t.Parallel()
	p := byName(t, "style.pingan.result")
	for words, want := range map[string]string{
		"介质状态异常": "failed STOP_PAY", "账号状态异常": "failed ACCT_FROZEN", "户名不符": "failed NAME_MISMATCH", "收款人已死亡": "failed DECEASED", "别的": "failed OTHER",
		"处理中": "unknown ", "交易超时": "unknown ",
	} {
		text := strings.Replace(fixture(t, p), "|::|E102|::|户名不符", "|::|E777|::|"+words, 1)
		for _, it := range itemsOf(mustRead(t, p, inGBK(t, text))) {
			if got := string(it.Outcome) + " " + it.ReasonCode; it.Status == "E777" && got != want {
				t.Errorf("%s is %s, not %s", words, got, want)
			}
		}
	}
}

// What was doubted is counted as the file counts it: its own totals agree.
func TestRead_totals_are_those_of_the_codes(t *testing.T) {
	t.Parallel()
	p := byName(t, "cn.daifa.result")
	text := strings.Replace(fixture(t, p), "|1002|户名不符", "|2222|处理中", 1)
	unknown := 0
	for _, it := range itemsOf(mustRead(t, p, inGBK(t, text))) {
		if it.Status == "2222" && it.Outcome == record.OutcomeUnknown {
			unknown++
		}
	}
	if unknown != 1 {
		t.Errorf("%d unknown", unknown)
	}
}
