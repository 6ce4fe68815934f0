package bankfiles

import (
	"fenlu/internal/filetest"

	"bytes"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/record"
)

func TestReadGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/read/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recs := records(t, fixture(t, name), Auto)
			filetest.Golden(t, name+".jsonl", asJSONLines(t, recs))
			for _, r := range recs {
				if r.Type != record.TypeItem {
					continue
				}
				at := fixture(t, name)[r.Item.Offset:]
				if !bytes.HasPrefix(at, []byte("<")) && !bytes.HasPrefix(at, []byte(":61:")) && at[1] != '|' {
					t.Errorf("offset %d of %s points at %q", r.Item.Offset, r.Item.Path, at[:10])
				}
			}
		})
	}
}

func TestReadStatement(t *testing.T) {
	t.Parallel()
	got := items(t, fixture(t, "camt053_day.xml"), "camt.053.001.08")
	want := []record.Item{
		{Kind: record.KindEntry, BankRef: "B0001", Amount: "5000.00", AmountFen: 500000, Direction: record.Credit, Entry: 1, ReasonText: "财政拨款", AdditionalInfo: "财政拨款", ValueDate: "2026-10-10", BookingDate: "2026-10-10"},
		{Kind: record.KindEntry, EndToEndID: "QH-1", BankRef: "B0002", Amount: "400.00", AmountFen: 40000, Direction: record.Debit, Entry: 2, Detail: 1, Name: "张三", Account: "6229000000007302", ValueDate: "2026-10-10", BookingDate: "2026-10-10"},
		{Kind: record.KindEntry, EndToEndID: "QH-2", BankRef: "B0002", Amount: "600.00", AmountFen: 60000, Direction: record.Debit, Entry: 2, Detail: 2, ValueDate: "2026-10-10", BookingDate: "2026-10-10"},
		{Kind: record.KindReturn, EndToEndID: "QH-1", BankRef: "B0003", Amount: "400.00", AmountFen: 40000, Direction: record.Credit, Entry: 3, Detail: 1, Reason: "AC04", ReasonCode: "ACCT_CLOSED", ReasonText: "已销户", BookingDate: "2026-10-10"},
		{Kind: record.KindEntry, EndToEndID: "QH-3", BankRef: "B0004", Amount: "998.50", AmountFen: 99850, Direction: record.Debit, Entry: 4, Detail: 1},
	}
	for i := range want {
		want[i].Currency, want[i].IsCNY, want[i].Status, want[i].Statement = "CNY", true, "BOOK", "QH-20261010"
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(record.Position{})); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if p := got[2].Path; p != "/Document/BkToCstmrStmt/Stmt[1]/Ntry[2]/NtryDtls[1]/TxDtls[2]" {
		t.Errorf("path %s", p)
	}
}

// The same statement under a prefix and another version, and in GBK, says the
// same.
func TestReadStatement_says_the_same_in_other_clothes(t *testing.T) {
	t.Parallel()
	want := items(t, fixture(t, "camt053_day.xml"), Auto)
	for _, name := range []string{"camt053_prefix.xml", "camt053_gbk.xml"} {
		got := items(t, fixture(t, name), Auto)
		ignore := cmpopts.IgnoreTypes(record.Position{})
		if name == "camt053_gbk.xml" {
			if got[1].Name != "倈泑" {
				t.Errorf("GBK name is %q", got[1].Name)
			}
			got[1].Name = "张三"
		}
		if diff := cmp.Diff(want, got, ignore); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadStatus_inherits_what_is_stated_above(t *testing.T) {
	t.Parallel()
	type line struct {
		ID, Status, Reason string
		Outcome            record.Outcome
		Level, From        record.Level
	}
	for name, want := range map[string][]line{
		"pain002_payments.xml":        {{"QH-1", "ACSC", "", record.OutcomePaid, record.LevelPayment, ""}, {"QH-2", "RJCT", "AC01", record.OutcomeFailed, record.LevelPayment, ""}, {"QH-3", "PDNG", "", record.OutcomeUnknown, record.LevelPayment, ""}},
		"pain002_group_rejected.xml":  {{"", "RJCT", "DU01", record.OutcomeFailed, record.LevelFile, ""}},
		"pain002_batch_only.xml":      {{"", "ACSC", "", record.OutcomePaid, record.LevelBatch, ""}},
		"pain002_batch_inherited.xml": {{"QH-1", "RJCT", "AC04", record.OutcomeFailed, record.LevelPayment, record.LevelBatch}, {"QH-2", "ACSC", "", record.OutcomePaid, record.LevelPayment, ""}},
	} {
		var got []line
		for _, it := range items(t, fixture(t, name), Pain002) {
			got = append(got, line{it.EndToEndID, it.Status, it.Reason, it.Outcome, it.Level, it.InheritedFrom})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadResult_tells_paid_failed_and_unknown(t *testing.T) {
	t.Parallel()
	got := map[string]record.Outcome{}
	for _, it := range items(t, fixture(t, "result.txt"), DaifaResult) {
		got[it.EndToEndID] = it.Outcome
	}
	want := map[string]record.Outcome{"QH-1": record.OutcomePaid, "QH-2": record.OutcomeFailed, "QH-3": record.OutcomePaid, "QH-5": record.OutcomeUnknown}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// edit is one change to a fixture and the refusal it must bring.
type edit struct {
	name, file, old, new, code string
	args                       map[string]any
}

func TestRead_refuses(t *testing.T) {
	t.Parallel()
	for _, e := range []edit{
		{"closing balance that does not follow", "camt053_day.xml", ">3500.00<", ">3500.01<", "BANKFILE_BALANCE_MISMATCH", map[string]any{"computed": "3500.00", "closing": "3500.01"}},
		{"entry changed", "camt053_day.xml", `<Ntry><Amt Ccy="CNY">5000.00`, `<Ntry><Amt Ccy="CNY">5000.01`, "BANKFILE_SUM_MISMATCH", map[string]any{"stated": "5400.00", "found": "5400.01"}},
		{"number of entries", "camt053_day.xml", "<NbOfNtries>4<", "<NbOfNtries>5<", "BANKFILE_COUNT_MISMATCH", map[string]any{"stated": int64(5), "found": int64(4)}},
		{"entry without direction", "camt053_day.xml", "5000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>", "5000.00</Amt>", "BANKFILE_MISSING", nil},
		{"direction that is none", "camt053_day.xml", "5000.00</Amt><CdtDbtInd>CRDT", "5000.00</Amt><CdtDbtInd>OUT", "BANKFILE_DIRECTION", nil},
		{"amount below zero with details", "camt053_day.xml", `<Ntry><Amt Ccy="CNY">1000.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt>`, `<Ntry><Amt Ccy="CNY">-1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt>`, "BANKFILE_AMOUNT", nil},
		{"balance without a side", "camt053_day.xml", "100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>", "100.00</Amt>", "BANKFILE_DIRECTION", nil},
		{"yuan in tenths of a fen", "camt053_day.xml", ">5000.00<", ">5000.001<", "BANKFILE_AMOUNT_FEN", nil},
		{"amount with separators", "camt053_day.xml", ">5000.00<", ">5,000.00<", "BANKFILE_AMOUNT", nil},
		{"amount with exponent", "camt053_day.xml", ">5000.00<", ">5e3<", "BANKFILE_AMOUNT", nil},
		{"no statement", "camt053_day.xml", "Stmt>", "Strange>", "BANKFILE_UNRECOGNISED", nil},
		{"more payments than the original", "pain002_payments.xml", "<OrgnlNbOfTxs>3<", "<OrgnlNbOfTxs>2<", "BANKFILE_COUNT_MISMATCH", nil},
		{"more of a status than stated", "pain002_payments.xml", "</OrgnlGrpInfAndSts>", "<NbOfTxsPerSts><DtldNbOfTxs>0</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts></OrgnlGrpInfAndSts>", "BANKFILE_COUNT_MISMATCH", map[string]any{"stated": int64(0), "found": int64(1)}},
		{"number of debits", "camt053_day.xml", "<NbOfNtries>2</NbOfNtries><Sum>2000.00<", "<NbOfNtries>3</NbOfNtries><Sum>2000.00<", "BANKFILE_COUNT_MISMATCH", map[string]any{"stated": int64(3), "found": int64(2)}},
		{"count that is no number", "pain002_payments.xml", "<OrgnlNbOfTxs>3<", "<OrgnlNbOfTxs>drei<", "BANKFILE_NUMBER", nil},
		{"another message", "pain002_payments.xml", "CstmrPmtStsRpt", "FIToFIPmtStsRpt", "BANKFILE_UNRECOGNISED", nil},
		{"text after the root", "pain002_payments.xml", "</Document>", "</Document>x", "BANKFILE_XML_AFTER_ROOT", nil},
		{"second root", "pain002_payments.xml", "</Document>", "</Document><Document/>", "BANKFILE_XML_AFTER_ROOT", nil},
		{"concatenated files", "pain002_payments.xml", "</Document>", "</Document><?xml version=\"1.0\"?><Document/>", "BANKFILE_XML_AFTER_ROOT", nil},
		{"document type", "pain002_payments.xml", "<Document ", "<!DOCTYPE x><Document ", "BANKFILE_XML_DOCTYPE", nil},
		{"entity", "pain002_payments.xml", "QH-B1", "&boom;", "BANKFILE_XML_ENTITY", nil},
		{"attribute twice", "pain002_payments.xml", `Ccy="CNY"`, `Ccy="CNY" Ccy="EUR"`, "BANKFILE_XML_ATTRIBUTE_TWICE", nil},
		{"control character", "pain002_payments.xml", "账号", "账\x01号", "BANKFILE_BAD_CHARACTER", nil},
		{"broken UTF-8", "pain002_payments.xml", "账号", "\xff\xfe", "BANKFILE_BAD_BYTES", nil},
		{"unknown encoding", "pain002_payments.xml", "UTF-8", "EBCDIC", "BANKFILE_XML_ENCODING", nil},
		{"header count", "result.txt", "|1|4|2000.51", "|1|5|2000.51", "BANKFILE_COUNT_MISMATCH", map[string]any{"stated": int64(5), "found": int64(4)}},
		{"header sum", "result.txt", "|4|2000.51|2", "|4|2000.52|2", "BANKFILE_SUM_MISMATCH", nil},
		{"count of the paid", "result.txt", "|2|1400.00|", "|3|1400.00|", "BANKFILE_COUNT_MISMATCH", nil},
		{"sum of the failed", "result.txt", "|1|600.00|", "|1|600.01|", "BANKFILE_SUM_MISMATCH", nil},
		{"trailer sum", "result.txt", "T|4|2000.51", "T|4|2000.40", "BANKFILE_SUM_MISMATCH", nil},
		{"no trailer", "result.txt", "T|4|2000.51\r\n", "", "BANKFILE_TRAILER_MISSING", nil},
		{"lines after the trailer", "result.txt", "T|4|2000.51", "T|4|2000.51\r\nT|4|2000.51", "BANKFILE_AFTER_TRAILER", nil},
		{"field missing", "result.txt", "|9001|", "|", "BANKFILE_FIELD_COUNT", nil},
		{"field too many", "result.txt", "|9001|", "|9001||", "BANKFILE_FIELD_COUNT", nil},
		{"other mark", "result.txt", "L|3", "X|3", "BANKFILE_LINE_MARK", nil},
		{"negative amount", "result.txt", "|0.51|", "|-0.51|", "BANKFILE_AMOUNT", nil},
		{"bytes that GBK lacks", "result.txt", "|QH-5|", "|\xff\xff|", "BANKFILE_BAD_BYTES", nil},
		{"tab in a field", "result.txt", "QH-5", "QH\t5", "BANKFILE_BAD_CHARACTER", nil},
		{"row missing", "batch.txt", "D|2", "D|3", "BANKFILE_SEQUENCE", nil},
		{"MT closing that does not follow", "mt940_day.sta", "CNY5400,00", "CNY5400,01", "BANKFILE_BALANCE_MISMATCH", map[string]any{"computed": "5400.00", "closing": "5400.01"}},
		{"MT page that does not follow", "mt940_day.sta", ":60M:C261010CNY5000", ":60M:C261010CNY5001", "BANKFILE_MT_PAGES", map[string]any{"closing": "5000.00", "opening": "5001.00"}},
		{"MT amount with two commas", "mt940_day.sta", "CY5000,00N", "CY5,000,00N", "BANKFILE_AMOUNT", nil},
		{"MT yuan in tenths of a fen", "mt940_day.sta", "CY5000,00N", "CY5000,001N", "BANKFILE_AMOUNT_FEN", nil},
		{"MT mark that is none", "mt940_day.sta", "RCY0,50", "XCY0,50", "BANKFILE_MT_FIELD", nil},
		{"MT balance that is none", "mt940_day.sta", ":62M:C", ":62M:X", "BANKFILE_MT_FIELD", nil},
		{"MT no opening", "mt940_day.sta", ":60F:C261009CNY1000,\r\n", "", "BANKFILE_MISSING", map[string]any{"name": ":60F:"}},
		{"MT no closing", "mt940_day.sta", ":62M:C261010CNY5000,\r\n", "", "BANKFILE_MISSING", map[string]any{"name": ":62F:"}},
		{"MT entry after the closing", "mt940_day.sta", ":64:C261010CNY5400,00", ":61:2610101010D1,NMSCNONREF", "BANKFILE_MT_FIELD", nil},
		{"MT entry outside", "mt940_day.sta", "{5:}", "{5:}\r\n:61:2610101010D1,NMSCNONREF", "BANKFILE_MT_OUTSIDE", nil},
		{"MT control character", "mt940_day.sta", "手续费", "手\x02费", "BANKFILE_BAD_CHARACTER", nil},
		{"MT line too long", "mt940_day.sta", "手续费", strings.Repeat("x", 70000), "BANKFILE_LINE_LONG", nil},
		{"MT field too long", "mt940_day.sta", "手续费", strings.Repeat(strings.Repeat("x", 60)+"\r\n", 1200), "BANKFILE_LINE_LONG", nil},
		{"MT942 number of debits", "mt942_day.sta", ":90D:1", ":90D:2", "BANKFILE_COUNT_MISMATCH", map[string]any{"stated": int64(2), "found": int64(1)}},
		{"MT942 sum of credits", "mt942_day.sta", ":90C:1CNY5000,", ":90C:1CNY5000,1", "BANKFILE_SUM_MISMATCH", map[string]any{"stated": "5000.10", "found": "5000.00"}},
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
			for _, place := range []string{"line", "offset", "path"} {
				if filetest.Arg(err, place) == nil {
					t.Errorf("the error does not say its %s", place)
				}
			}
		})
	}
}

// A file that ends early is never taken for a whole one; one that ends between
// two pages says that there are more.
func TestRead_refuses_every_truncation(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"camt053_day.xml", "camt053_gbk.xml", "pain002_payments.xml", "result.txt", "batch.txt", "mt940_day.sta", "mt942_day.sta"} {
		data := fixture(t, name)
		whole := len(bytes.TrimRight(data, "}\r\n")) // the brace says nothing that the hyphen before it does not
		for n := range whole {
			sum, err := Check(bytes.NewReader(data[:n]), Auto)
			more := slices.ContainsFunc(sum.Warnings, func(w record.Warning) bool { return w.Code == "BANKFILE_WARN_MT_PAGE" })
			if err == nil && !more {
				t.Fatalf("%s cut at %d of %d is accepted", name, n, whole)
			}
		}
	}
}

func TestRead_survives_small_reads(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"camt053_gbk.xml", "pain002_payments.xml", "result.txt", "mt940_day.sta"} {
		data := fixture(t, name)
		want := records(t, data, Auto)
		var got []record.Record
		for rec, err := range Read(iotest.OneByteReader(bytes.NewReader(data)), Auto) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, rec)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRead_decodes_what_banks_declare(t *testing.T) {
	t.Parallel()
	text := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><OrgnlGrpInfAndSts><GrpSts>RJCT</GrpSts><StsRsnInf><AddtlInf>%</AddtlInf></StsRsnInf></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>`
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("泑𠮷")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ declared, bytes, want, code string }{
		{`<?xml version="1.0"?>`, "a&amp;&#x4e2d;<![CDATA[<b>]]><!-- c -->d", "a&中<b>d", ""},
		{`<?xml version='1.0' encoding='ISO-8859-1'?>`, "M\xfcller", "Müller", ""},
		{`<?xml version="1.0" encoding="iso-8859-15"?>`, "5 \xa4", "5 €", ""},
		{`<?xml version="1.0" encoding="windows-1252"?>`, "5 \x80", "5 €", ""},
		{`<?xml version="1.0" encoding="GB18030"?>`, gb, "泑𠮷", ""},
		{`<?xml version="1.0" encoding="gb2312"?>`, gb, "泑𠮷", ""},
		{"\xef\xbb\xbf" + `<?xml version="1.0" encoding="GBK"?>`, "泑", "泑", ""},
		{"\xef\xbb\xbf", "泑", "泑", ""},
		{`<?xml version="1.0" encoding="GBK"?>`, "\xff\xff", "", "BANKFILE_BAD_BYTES"},
		{`<?xml version="1.0"?>`, "a]]>b", "", "BANKFILE_XML_MALFORMED"},
		{"\xff\xfe<\x00", "", "", "BANKFILE_XML_ENCODING"},
	} {
		data := c.declared + strings.Replace(text, "%", c.bytes, 1)
		sum, err := Check(strings.NewReader(data), Auto)
		if c.code != "" {
			filetest.WantCode(t, err, c.code)
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", c.declared, err)
		}
		if got := sum.Headers[0].ReasonText; got != c.want {
			t.Errorf("%s: got %q, want %q", c.declared, got, c.want)
		}
	}
}

func TestRead_keeps_its_limits(t *testing.T) {
	t.Parallel()
	open := `<Document xmlns="x"><BkToCstmrStmt>`
	for code, data := range map[string]io.Reader{
		"BANKFILE_XML_DEPTH":      strings.NewReader(strings.Repeat("<a>", 200_000)),
		"BANKFILE_XML_TOKEN_SIZE": io.MultiReader(strings.NewReader(open+"<Stmt><Id>"), endless('x')),
		"BANKFILE_LINE_LONG":      io.MultiReader(strings.NewReader("R|"), endless('1')),
		"BANKFILE_UNRECOGNISED":   strings.NewReader("BAI2"),
		"BANKFILE_NO_BYTES":       strings.NewReader(""),
		"BANKFILE_XML_TRUNCATED":  strings.NewReader(open),
	} {
		_, err := Check(data, Auto)
		filetest.WantCode(t, err, code)
	}
	for _, mark := range []string{"<!--", "<![CDATA[", "<?pi ", `<a b="`, "</a"} {
		_, err := Check(io.MultiReader(strings.NewReader("<Document>"+mark), endless('x')), Auto)
		filetest.WantCode(t, err, "BANKFILE_XML_TOKEN_SIZE")
	}
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestRead_warns_and_reads_on(t *testing.T) {
	t.Parallel()
	for _, e := range []edit{
		{file: "camt053_day.xml", old: "\n", new: "\n", code: "BANKFILE_WARN_DETAIL_SUM"},
		{file: "camt053_day.xml", old: `xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"`, new: "", code: "BANKFILE_WARN_NAMESPACE_MISSING"},
		{file: "camt053_day.xml", old: "tech:xsd:camt.053.001.08", new: "tech:xsd:camt.054.001.08", code: "BANKFILE_WARN_NAMESPACE_OTHER"},
		{file: "camt053_day.xml", old: "<NbOfTxs>2<", new: "<NbOfTxs>3<", code: "BANKFILE_WARN_DETAIL_COUNT"},
		{file: "camt053_day.xml", old: "<Cd>CLBD<", new: "<Cd>ITAV<", code: "BANKFILE_WARN_NO_BALANCE"},
		{file: "camt053_day.xml", old: `<Amt Ccy="CNY">3500.00`, new: `<Amt Ccy="EUR">3500.00`, code: "BANKFILE_WARN_CURRENCIES"},
		{file: "camt053_day.xml", old: "<ElctrncSeqNb>", new: "<StmtPgntn><PgNb>2</PgNb><LastPgInd>false</LastPgInd></StmtPgntn><ElctrncSeqNb>", code: "BANKFILE_WARN_PAGE"},
		{file: "pain002_payments.xml", old: "账号不存在", new: strings.Repeat("长", 106), code: "BANKFILE_WARN_XSD_VALUE"},
		{file: "pain002_payments.xml", old: "<OrgnlNbOfTxs>3</OrgnlNbOfTxs>", new: "<Strange/>", code: "BANKFILE_WARN_XSD_ELEMENT"},
		{file: "pain002_payments.xml", old: "<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>", new: "", code: "BANKFILE_WARN_XSD_MISSING"},
		{file: "pain002_payments.xml", old: "<OrgnlGrpInfAndSts>", new: "between<OrgnlGrpInfAndSts>", code: "BANKFILE_WARN_XSD_TEXT"},
		{file: "pain002_group_rejected.xml", old: "<GrpSts>RJCT</GrpSts>", new: "", code: "BANKFILE_WARN_NO_STATUS"},
		{file: "result.txt", old: "\r\n", new: "\n", code: "BANKFILE_WARN_LINE_END"},
		{file: "result.txt", old: "T|", new: "\r\nT|", code: "BANKFILE_WARN_BLANK_LINE"},
		{file: "result.txt", old: "R|1.0", new: "R|1.1", code: "BANKFILE_WARN_VERSION"},
	} {
		data := bytes.ReplaceAll(fixture(t, e.file), []byte(e.old), []byte(e.new))
		sum, err := Check(bytes.NewReader(data), Auto)
		if err != nil {
			t.Errorf("%s: %v", e.code, err)
			continue
		}
		found := false
		for _, w := range sum.Warnings {
			found = found || w.Code == e.code
		}
		if !found {
			t.Errorf("%s: not among %v", e.code, sum.Warnings)
		}
	}
}

func TestRead_checks_what_was_asked_for(t *testing.T) {
	t.Parallel()
	_, err := Check(bytes.NewReader(fixture(t, "result.txt")), Camt053)
	filetest.WantCode(t, err, "BANKFILE_WRONG_MESSAGE")
	_, err = Check(bytes.NewReader(fixture(t, "pain002_payments.xml")), DaifaResult)
	filetest.WantCode(t, err, "BANKFILE_WRONG_MESSAGE")
	_, err = Check(bytes.NewReader(fixture(t, "result.txt")), "cn.unknown")
	filetest.WantCode(t, err, "BANKFILE_PROFILE_UNKNOWN")
}

// A foreign amount is read as written and never becomes fen.
func TestRead_leaves_other_currencies_alone(t *testing.T) {
	t.Parallel()
	data := bytes.ReplaceAll(fixture(t, "pain002_payments.xml"), []byte(`Ccy="CNY">400.00`), []byte(`Ccy="BHD">400.005`))
	it := items(t, data, Auto)[0]
	if it.Amount != "400.005" || it.Currency != "BHD" || it.IsCNY || it.AmountFen != 0 {
		t.Errorf("got %+v", it)
	}
}

// Stopping early leaves nothing running and calls nothing after the stop.
func TestRead_stops_when_told(t *testing.T) {
	t.Parallel()
	n := 0
	for range Read(bytes.NewReader(fixture(t, "camt053_day.xml")), Auto) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("read %d records", n)
	}
}

// Memory does not grow with the file: 100,000 details in one entry pass
// through a window of 64 KiB and a dozen live strings.
func TestRead_streams_one_huge_entry(t *testing.T) {
	t.Parallel()
	const n = 100_000
	head := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S</Id><Ntry><Amt Ccy="CNY">` +
		strconv.Itoa(n) + `.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><NtryDtls>`
	readers := []io.Reader{strings.NewReader(head)}
	fed := 0
	detail := `<TxDtls><Refs><EndToEndId>QH-1</EndToEndId></Refs><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>`
	body := readerFunc(func(p []byte) (int, error) {
		if fed == n {
			return 0, io.EOF
		}
		fed++
		return copy(p, detail), nil
	})
	readers = append(readers, body, strings.NewReader(`</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`))
	seen, furthest := 0, 0
	for rec, err := range Read(io.MultiReader(readers...), Auto) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Type == record.TypeItem {
			seen++
			furthest = max(furthest, fed-seen)
		}
	}
	if seen != n || furthest > 5000 {
		t.Errorf("%d items, at most %d details were read ahead of them", seen, furthest)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
