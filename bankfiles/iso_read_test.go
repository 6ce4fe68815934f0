package bankfiles

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/record"
	"fenlu/internal/filetest"
)

// isoFixtures are the XML files of testdata/read.
func isoFixtures(t testing.TB) []string {
	paths, err := filepath.Glob("testdata/read/*.xml")
	if err != nil || len(paths) < 14 {
		t.Fatalf("%d fixtures: %v", len(paths), err)
	}
	for i, p := range paths {
		paths[i] = filepath.Base(p)
	}
	return paths
}

var inNamespace = regexp.MustCompile(`xmlns="urn:iso:std:iso:20022:tech:xsd:([^"]+)"`)

// What the reader is shown here as sound is sound by the schema.
func TestFixtures_are_valid(t *testing.T) {
	t.Parallel()
	validated := map[string]bool{}
	for _, name := range isoFixtures(t) {
		m := inNamespace.FindSubmatch(fixture(t, name))
		if m == nil || !strings.HasSuffix(string(m[1]), ".08") && !strings.HasSuffix(string(m[1]), ".09") || strings.Contains(name, "gbk") {
			continue
		}
		filetest.Validates(t, fixture(t, name), filepath.Join("iso", "xsd", string(m[1])+".xsd"))
		validated[string(m[1])] = true
	}
	for _, message := range []string{"camt.052.001.08", "camt.053.001.08", "camt.054.001.08", "pacs.004.001.09", "camt.029.001.09", "camt.056.001.08"} {
		if !validated[message] {
			t.Errorf("no fixture of %s", message)
		}
	}
}

// Other versions, prefixes, no namespace, encodings, byte order marks, line
// ends, comments and small reads change nothing of what is read.
func TestRead_says_the_same_in_other_clothes(t *testing.T) {
	t.Parallel()
	tags := regexp.MustCompile(`<(/?)([A-Za-z])`)
	clothes := map[string]func(string) string{
		"older": func(s string) string { return strings.Replace(s, ".001.08\"", ".001.02\"", 1) },
		"newer": func(s string) string { return strings.Replace(s, ".001.08\"", ".001.13\"", 1) },
		"prefix": func(s string) string {
			return tags.ReplaceAllString(strings.Replace(s, "xmlns=", "xmlns:doc=", 1), "<${1}doc:${2}")
		},
		"none": func(s string) string { return inNamespace.ReplaceAllString(s, "") },
		"mark": func(s string) string { return "\xef\xbb\xbf" + s },
		"envelope": func(s string) string {
			return strings.Replace(strings.Replace(s, "<Document", "<BizMsg><AppHdr><BizMsgIdr>1</BizMsgIdr></AppHdr><Document", 1), "</Document>", "</Document></BizMsg>", 1)
		},
		"line ends": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"comments":  func(s string) string { return strings.ReplaceAll(s, "\n", "<!-- <Ntry> -->\n") },
		"CDATA": func(s string) string {
			return regexp.MustCompile(`>([^<>\n]+)<`).ReplaceAllString(s, "><![CDATA[$1]]><")
		},
		"entities": func(s string) string { return strings.ReplaceAll(s, ">QH-", ">&#81;&#x48;-") },
		"blanks": func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(s, ">QH-", ">\n QH-"), "</", " </")
		},
		"empty":   func(s string) string { return strings.ReplaceAll(s, "<BkTxCd/>", "<BkTxCd></BkTxCd>") },
		"GB18030": func(s string) string { return inGB(t, s, "GB18030") },
		"GB2312":  func(s string) string { return inGB(t, s, "gb2312") },
	}
	for _, name := range isoFixtures(t) {
		if strings.Contains(name, "gbk") || strings.Contains(name, "prefix") {
			continue
		}
		data := fixture(t, name)
		want := items(t, data, Auto)
		for how, change := range clothes {
			got := items(t, []byte(change(string(data))), Auto)
			if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(record.Position{})); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, how, diff)
			}
		}
		var slow []record.Item
		for rec, err := range Read(iotest.OneByteReader(bytes.NewReader(data)), Auto) {
			if err != nil {
				t.Fatal(err)
			}
			if rec.Type == record.TypeItem {
				slow = append(slow, *rec.Item)
			}
		}
		if diff := cmp.Diff(want, slow); diff != "" {
			t.Errorf("%s, byte by byte (-want +got):\n%s", name, diff)
		}
	}
}

func inGB(t *testing.T, s, declared string) string {
	out, err := simplifiedchinese.GB18030.NewEncoder().String(strings.Replace(s, `encoding="UTF-8"`, `encoding="`+declared+`"`, 1))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A message that ends early, or two in one file, is never taken for a whole one.
func TestRead_refuses_parts_and_pairs(t *testing.T) {
	t.Parallel()
	for _, name := range isoFixtures(t) {
		data := fixture(t, name)
		whole := len(bytes.TrimRight(data, "\r\n"))
		for n := 0; n < whole; n += 7 {
			if _, err := Check(bytes.NewReader(data[:n]), Auto); err == nil {
				t.Fatalf("%s cut at %d of %d is accepted", name, n, whole)
			}
		}
		_, err := Check(bytes.NewReader(slices.Concat(data, data)), Auto)
		filetest.WantCode(t, err, "BANKFILE_XML_AFTER_ROOT")
		if at := filetest.Arg(err, "offset"); at != int64(len(data)) {
			t.Errorf("%s twice: refused at %v, want %d", name, at, len(data))
		}
	}
}

func TestReadReturns(t *testing.T) {
	t.Parallel()
	got := items(t, fixture(t, "pacs004_returns.xml"), Pacs004)
	want := []record.Item{
		{EndToEndID: "QH-1", InstructionID: "QH-1", TransactionID: "T-1", BankRef: "R-1", BatchID: "QH-B1", Amount: "400.00", AmountFen: 40000, Reason: "AC01", ReasonCode: "ACCT_NOT_FOUND", ReasonText: "账号不存在", ValueDate: "2026-10-12"},
		{EndToEndID: "QH-2", BankRef: "R-2", BatchID: "QH-B1", Amount: "598.00", AmountFen: 59800, Reason: "MD07", ReasonCode: "DECEASED", ReasonText: "收款人已故 账户冻结", ValueDate: "2026-10-13", Name: "李四", Account: "6217000000003304", BankCode: "102991301234", Remark: "10月低保"},
		{EndToEndID: "QH-9", BankRef: "C-9", BatchID: "QH-B2", Amount: "400.00", AmountFen: 40000, Reason: "退汇99", ReasonCode: "OTHER", ValueDate: "2026-10-12"},
	}
	for i := range want {
		want[i].Kind, want[i].Level, want[i].Direction, want[i].Currency, want[i].IsCNY = record.KindReturn, record.LevelPayment, record.Credit, "CNY", true
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(record.Position{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A refund's answer speaks of the request: it never says that a payment failed
// or succeeded.
func TestReadResolution_proves_nothing_of_the_payment(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"camt029_resolution.xml", "camt029_conf.xml", "camt056_request.xml"} {
		for _, it := range items(t, fixture(t, name), Auto) {
			if it.Outcome != record.OutcomeUnknown || it.Kind != record.KindStatus {
				t.Errorf("%s: %+v", name, it)
			}
		}
	}
}

func TestRead_refuses_contradictions_in_other_messages(t *testing.T) {
	t.Parallel()
	for _, e := range []edit{
		{"returns counted", "pacs004_returns.xml", "<NbOfTxs>3<", "<NbOfTxs>4<", "BANKFILE_COUNT_MISMATCH", map[string]any{"stated": int64(4), "found": int64(3)}},
		{"returns added up", "pacs004_returns.xml", "<CtrlSum>1398.00<", "<CtrlSum>1398.01<", "BANKFILE_SUM_MISMATCH", map[string]any{"stated": "1398.01", "found": "1398.00"}},
		{"total of the returns", "pacs004_returns.xml", `"CNY">1398.00<`, `"CNY">1400.00<`, "BANKFILE_SUM_MISMATCH", map[string]any{"stated": "1400.00", "found": "1398.00"}},
		{"return changed", "pacs004_returns.xml", `<RtrdIntrBkSttlmAmt Ccy="CNY">598.00`, `<RtrdIntrBkSttlmAmt Ccy="CNY">599.00`, "BANKFILE_SUM_MISMATCH", nil},
		{"returns promised", "pacs004_group.xml", "<GrpRtr>true", "<GrpRtr>false", "BANKFILE_COUNT_MISMATCH", map[string]any{"stated": int64(3), "found": int64(0)}},
		{"no amount that is one", "pacs004_returns.xml", ">598.00<", ">598,00<", "BANKFILE_AMOUNT", nil},
		{"requests counted", "camt056_request.xml", "<NbOfTxs>2<", "<NbOfTxs>1<", "BANKFILE_COUNT_MISMATCH", map[string]any{"stated": int64(1), "found": int64(2)}},
		{"requests added up", "camt056_request.xml", "<CtrlSum>450.00<", "<CtrlSum>400.00<", "BANKFILE_SUM_MISMATCH", map[string]any{"stated": "400.00", "found": "450.00"}},
		{"credits of a report", "camt052_day.xml", "<Sum>1000.00<", "<Sum>1000.10<", "BANKFILE_SUM_MISMATCH", map[string]any{"stated": "1000.10", "found": "1000.00"}},
		{"entries of a report", "camt052_day.xml", "<NbOfNtries>2<", "<NbOfNtries>3<", "BANKFILE_COUNT_MISMATCH", map[string]any{"stated": int64(3), "found": int64(2)}},
		{"credits of a notice", "camt054_notice.xml", "<Sum>930.00<", "<Sum>900.00<", "BANKFILE_SUM_MISMATCH", map[string]any{"stated": "900.00", "found": "930.00"}},
		{"no notice", "camt054_notice.xml", "Ntfctn>", "Notice>", "BANKFILE_UNRECOGNISED", nil},
	} {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			data := fixture(t, e.file)
			changed := bytes.ReplaceAll(data, []byte(e.old), []byte(e.new))
			if bytes.Equal(data, changed) {
				t.Fatalf("%q does not stand in %s", e.old, e.file)
			}
			_, err := Check(bytes.NewReader(changed), Auto)
			filetest.WantCode(t, err, e.code)
			for k, v := range e.args {
				if filetest.Arg(err, k) != v {
					t.Errorf("%s is %v, want %v", k, filetest.Arg(err, k), v)
				}
			}
			if filetest.Arg(err, "path") == nil {
				t.Error("no place")
			}
		})
	}
}

func warningsOf(t *testing.T, data []byte) []string {
	t.Helper()
	sum, err := Check(bytes.NewReader(data), Auto)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, w := range sum.Warnings {
		out = append(out, fmt.Sprint(strings.TrimPrefix(w.Code, "BANKFILE_WARN_"), " ", w.Difference))
	}
	return out
}

func TestRead_notes_what_differs_lawfully(t *testing.T) {
	t.Parallel()
	stmt := regexp.MustCompile(`(?s)<Stmt>.*</Stmt>`)
	twice := stmt.ReplaceAllStringFunc(string(fixture(t, "camt053_day.xml")), func(s string) string { return s + s })
	for name, c := range map[string]struct {
		data []byte
		want []string
	}{
		"details of an entry":                   {fixture(t, "camt054_notice.xml"), []string{"DETAIL_SUM 500.00"}},
		"charges":                               {fixture(t, "camt053_day.xml"), []string{"DETAIL_SUM -1.50"}},
		"a part came back":                      {fixture(t, "pacs004_returns.xml"), []string{"RETURN_AMOUNT 2.00"}},
		"a report during the day":               {fixture(t, "camt052_day.xml"), []string{"BALANCE "}},
		"a statement twice":                     {[]byte(twice), []string{"DETAIL_SUM -1.50", "STATEMENT_TWICE ", "DETAIL_SUM -1.50"}},
		"totals of what is booked":              {bytes.Replace(fixture(t, "camt052_day.xml"), []byte("<NbOfNtries>1</NbOfNtries><Sum>400.00<"), []byte("<NbOfNtries>0</NbOfNtries><Sum>0.00<"), 1), []string{"BALANCE "}},
		"a text too long, of a version unknown": {bytes.ReplaceAll(bytes.ReplaceAll(fixture(t, "pacs004_returns.xml"), []byte("收款人已故"), []byte(strings.Repeat("长", 106))), []byte(".001.09"), []byte(".001.99")), []string{"TEXT_LONG ", "RETURN_AMOUNT 2.00"}},
		"a return without amount":               {bytes.Replace(fixture(t, "pacs004_returns.xml"), []byte(`<RtrdIntrBkSttlmAmt Ccy="CNY">598.00</RtrdIntrBkSttlmAmt>`), nil, 1), []string{"XSD_MISSING ", "NO_AMOUNT "}},
	} {
		if diff := cmp.Diff(c.want, warningsOf(t, c.data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Differences are money: none is left out, however many there are.
func TestRead_tells_every_difference(t *testing.T) {
	t.Parallel()
	const n = 250
	entry := `<Ntry><Amt Ccy="CNY">2.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><NtryDtls><TxDtls><Amt Ccy="CNY">1.00</Amt></TxDtls></NtryDtls></Ntry>`
	data := `<Document><BkToCstmrStmt><Stmt><Id>S</Id>` + strings.Repeat(entry, n) + `</Stmt></BkToCstmrStmt></Document>`
	told := 0
	for _, r := range records(t, []byte(data), Auto) {
		if r.Type == record.TypeWarning && r.Warning.Difference == "-1.00" {
			told++
		}
	}
	if told != n {
		t.Errorf("%d of %d differences", told, n)
	}
}
