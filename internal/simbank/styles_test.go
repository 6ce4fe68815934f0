package simbank

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// styleSample is a batch of two payments as the published format has it, written
// by hand, with what may be broken in it and how the bank says so.
type styleSample struct {
	profile, name, text string
	broken              []breakage
}

// breakage replaces a part of a sample, once.
type breakage struct{ old, new, code string }

func styleSamples() []styleSample {
	treeHead := `<?xml version="1.0" encoding="GBK"?>` + "\n"
	return []styleSample{
		{"style.abc.pay", "F1.2.dat", fmt.Sprintf("%-58s%-30s%18s%-30s\n%-58s%-30s%18s%-30s\n",
			"张三", "6229000000007302", "400.00", "QH-1", "李四", "6217000000003304", "600.05", "QH-2"), []breakage{
			{"QH-1  ", "QH-1", "1:FF01"},                           // a line that is too short
			{"            400.00", "400.00            ", "1:FF01"}, // on the wrong side
			{"            400.00", "              0.00", "1:AM01"},
			{"QH-2", "QH-1", "2:AM05"},
			{"600.05", "600,05", "2:FF01 2:AM01"},
		}},
		{"style.pingan.pay", "F1.txt", "F1|::|880100010001|::|20261009|::|2|::|1000.05\n" +
			"QH-1|::|6229000000007302|::|张三|::|400.00|::|低保\nQH-2|::|6217000000003304|::|李四|::|600.05|::|\n", []breakage{
			{"1000.05", "1000.06", "0:AM10"}, {"|::|2|::|", "|::|3|::|", "0:AM10"},
			{"|::|低保\n", "\n", "2:FF01"}, {"20261009", "2026-10-09", "1:FF01"}, {"张三", " 张三", "2:FF01 2:FF01"},
		}},
		{"style.psbc.pay", "F1.txt", "01,F1,20261009,880100010001\r\n02,1,6229000000007302,张三,991301199001014021,40000,QH-1\r\n" +
			"02,2,6217000000003304,李四,,60005,QH-2\r\n09,2,100005\r\n", []breakage{
			{"09,2,100005", "09,2,1000.05", "4:FF01"}, {"09,2,", "09,1,", "0:AM10"}, {"100005", "100006", "0:AM10"},
			{"02,2,", "02,3,", "3:FF01"}, {"02,2,", "03,2,", "3:FF01"}, {"\r\n09", "\n09", "3:FF01"},
		}},
		{"style.cmb.pay", "F1.xml", treeHead + `<CMBSDKPGK><INFO><FUNNAM>NTAGCAPY</FUNNAM></INFO><NTAGCAPYX><BEGTAG>Y</BEGTAG><ENDTAG>Y</ENDTAG>` +
			`<YURREF>F1</YURREF><ACCNBR>880100010001</ACCNBR><ACCNAM>青禾县财政局</ACCNAM><TTLAMT>1000.05</TTLAMT><TTLCNT>2</TTLCNT>` +
			`<TTLNUM>1</TTLNUM><CURNUM>1</CURNUM><CURAMT>1000.05</CURAMT><CURCNT>2</CURCNT><EPTDAT>20261009</EPTDAT></NTAGCAPYX>` +
			`<NTAGCDTLY><TRXSEQ>1</TRXSEQ><ACCNBR>6229000000007302</ACCNBR><ACCNAM>张三</ACCNAM><TRSAMT>400.00</TRSAMT><TRSDSP>QH-1</TRSDSP><RCVBNK></RCVBNK></NTAGCDTLY>` +
			`<NTAGCDTLY><TRXSEQ>2</TRXSEQ><ACCNBR>6217000000003304</ACCNBR><ACCNAM>李四</ACCNAM><TRSAMT>600.05</TRSAMT><TRSDSP>QH-2</TRSDSP><RCVBNK></RCVBNK></NTAGCDTLY></CMBSDKPGK>` + "\n", []breakage{
			{"<CURAMT>1000.05", "<CURAMT>1000.06", "0:AM10 0:AM10"}, {"<TTLCNT>2", "<TTLCNT>3", "0:AM10"}, {"<ENDTAG>Y", "<ENDTAG>N", "0:FF01"},
			{"<TRXSEQ>2", "<TRXSEQ>3", "2:FF01"}, {"<TRSDSP>QH-2</TRSDSP>", "", "2:FF01"}, {"<EPTDAT>", "<EPTDAT x=\"1\">", "2:FF01"},
			{"</CMBSDKPGK>", "", "3:FF01"}, {"</CMBSDKPGK>", "?</CMBSDKPGK>", "2:FF01"},
		}},
		{"style.icbc.pay", "F1.xml", treeHead + `<CMS><eb><pub><TransCode>PAYPER</TransCode><fSeqno>F1</fSeqno><TranDate>20261009</TranDate></pub><in><TotalNum>2</TotalNum>` +
			`<TotalAmt>100005</TotalAmt><PayAccNo>880100010001</PayAccNo><PayAccNameCN>青禾县财政局</PayAccNameCN>` +
			`<rd><iSeqno>QH-1</iSeqno><ReimburseNo>1</ReimburseNo><RecAccNo>6229000000007302</RecAccNo><RecAccNameCN>张三</RecAccNameCN><RecBankCode>102991301234</RecBankCode><PayAmt>40000</PayAmt><CurrType>001</CurrType><UseCN>低保</UseCN></rd>` +
			`<rd><iSeqno>QH-2</iSeqno><ReimburseNo>2</ReimburseNo><RecAccNo>6217000000003304</RecAccNo><RecAccNameCN>李四</RecAccNameCN><RecBankCode></RecBankCode><PayAmt>60005</PayAmt><CurrType>001</CurrType><UseCN></UseCN></rd></in></eb></CMS>` + "\n", []breakage{
			{"<TotalAmt>100005", "<TotalAmt>1000.05", "1:FF01"}, {"<TotalAmt>100005", "<TotalAmt>100004", "0:AM10"},
			{"102991301234", "10299130123", "2:FF01"}, {"<CurrType>001", "<CurrType>014", "2:FF01"}, {"<PayAmt>40000", "<PayAmt>0", "2:AM01 0:AM10"},
			{"<iSeqno>QH-1</iSeqno>", "<iSeqno>QH-1</iSeqno><iSeqno>QH-3</iSeqno>", "2:FF01"}, {`encoding="GBK"`, `encoding="UTF-8"`, "1:FF01"},
		}},
		{"style.treasury.pay", "F1.xml", treeHead + `<Voucher><VtCode>5201</VtCode><VoucherNo>F1</VoucherNo><VouDate>20261009</VouDate><PayAcctNo>880100010001</PayAcctNo>` +
			`<PayAcctName>青禾县财政局</PayAcctName><PayAcctBankNo>313991300012</PayAcctBankNo><PayAmt>1000.05</PayAmt><DetailCount>2</DetailCount><DetailList>` +
			`<Detail><Id>QH-1</Id><SeqNo>1</SeqNo><PayeeAcctName>张三</PayeeAcctName><PayeeAcctNo>6229000000007302</PayeeAcctNo><PayeeAcctBankNo></PayeeAcctBankNo><PayeeCardNo></PayeeCardNo><PayAmt>400.00</PayAmt><Remark></Remark></Detail>` +
			`<Detail><Id>QH-2</Id><SeqNo>2</SeqNo><PayeeAcctName>李四</PayeeAcctName><PayeeAcctNo>6217000000003304</PayeeAcctNo><PayeeAcctBankNo></PayeeAcctBankNo><PayeeCardNo></PayeeCardNo><PayAmt>600.05</PayAmt><Remark></Remark></Detail></DetailList></Voucher>` + "\n", []breakage{
			{"<PayAmt>1000.05", "<PayAmt>1000.50", "0:AM10"}, {"<DetailCount>2", "<DetailCount>1", "0:AM10"},
			{"313991300012", "3139913000", "1:FF01"}, {"<Id>QH-2", "<Id>QH-1", "2:AM05"}, {"<Remark></Remark></Detail></DetailList>", "<Remark/></Detail><Other/></DetailList>", "0:FF01"},
		}},
		{"style.baopan.pay", "F1.xlsx", "姓名,卡号,应处理金额,备注;张三,6229000000007302,400.00,1;李四,6217000000003304,600.05,2", []breakage{
			{"备注", "附言", "1:FF01"}, {"600.05,2", "600.05,1", "3:FF01"}, {"600.05,2", "600.05", "3:FF01"}, {"600.05", "100000000.00", "3:FF01"},
		}},
	}
}

// bytes is the sample as a customer would send it.
func (s styleSample) bytes(t testing.TB, text string) []byte {
	t.Helper()
	if s.profile == "style.baopan.pay" {
		return workbookOf(t, text)
	}
	return gbk(t, text)
}

// workbookOf is the least XLSX that holds texts, with shared and inline ones.
func workbookOf(t testing.TB, text string) []byte {
	t.Helper()
	var sheet, texts strings.Builder
	n := 0
	for r, row := range strings.Split(text, ";") {
		sheet.WriteString("<row>")
		for c, cell := range strings.Split(row, ",") {
			ref := fmt.Sprintf("%c%d", 'A'+c, r+1)
			if c == 0 {
				fmt.Fprintf(&sheet, `<c r="%s" t="s"><v>%d</v></c>`, ref, n)
				fmt.Fprintf(&texts, `<si><t>%s</t></si>`, cell)
				n++
				continue
			}
			fmt.Fprintf(&sheet, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, ref, cell)
		}
		sheet.WriteString("</row>")
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, content := range map[string]string{
		"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + sheet.String() + "</sheetData></worksheet>",
		"xl/sharedStrings.xml":     "<sst>" + texts.String() + "</sst>",
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestStyles_take_what_is_published_and_refuse_what_is_not(t *testing.T) {
	t.Parallel()
	for _, s := range styleSamples() {
		t.Run(s.profile, func(t *testing.T) {
			t.Parallel()
			opt := DefaultOptions(7)
			opt.Account = debtor
			take := func(text string) Answer {
				b := openBank(t, t.TempDir(), opt)
				a, err := b.Receive(s.name, s.bytes(t, text), day1)
				if err != nil {
					t.Fatal(err)
				}
				if a.Accepted && b.orders["F1"].profile != s.profile {
					t.Errorf("taken for %s", b.orders["F1"].profile)
				}
				return a
			}
			if a := take(s.text); !a.Accepted || a.FileID != "F1" || len(a.Files) != 1 {
				t.Fatalf("refused: %+v", a)
			}
			for _, x := range s.broken {
				if !strings.Contains(s.text, x.old) {
					t.Fatalf("%q is not in the sample", x.old)
				}
				if diff := cmp.Diff(strings.Fields(x.code), codes(take(strings.Replace(s.text, x.old, x.new, 1)))); diff != "" {
					t.Errorf("%q for %q (-want +got):\n%s", x.new, x.old, diff)
				}
			}
		})
	}
}

// TestStyles_same_bytes_under_another_name: a file without a head is told by its
// name, so that two months with the same payments are two batches.
func TestStyles_same_bytes_under_another_name(t *testing.T) {
	t.Parallel()
	opt := DefaultOptions(7)
	opt.Account = debtor
	dir := t.TempDir()
	b := openBank(t, dir, opt)
	raw := workbookOf(t, "姓名,卡号,应处理金额,备注;张三,6229000000007302,400.00,1")
	for _, c := range []struct {
		name     string
		repeated bool
	}{{"F1.xlsx", false}, {"F2.xlsx", false}, {"F1.xlsx", true}} {
		a, err := b.Receive(c.name, raw, day1)
		if err != nil || !a.Accepted || a.Repeated != c.repeated {
			t.Errorf("%s: %+v, %v", c.name, a, err)
		}
	}
	want := []Entry{{EndToEndID: "F1-1", BookedFen: 40000}, {EndToEndID: "F2-1", BookedFen: 40000}}
	if diff := cmp.Diff(want, openBank(t, dir, opt).Books()); diff != "" {
		t.Errorf("books (-want +got):\n%s", diff)
	}
}

// TestCells_have_words: every cell of every layout is known to the reader or the
// writer that meets it.
func TestCells_have_words(t *testing.T) {
	t.Parallel()
	r := report{order: &order{}, day: day1}
	writes, takes := r.words(), takers()
	for _, s := range append(styles(), receipts()) {
		for _, l := range []layout{s.pay, s.result, s.refund} {
			for _, c := range append(append(append([]cell{}, l.head...), l.each...), l.tail...) {
				_, known := writes[c.word]
				if l.profile == s.pay.profile {
					_, known = takes[c.word]
				}
				if !known && !strings.HasPrefix(c.word, "=") || c.width < 0 || l.root != "" && c.place == "" {
					t.Errorf("%s: cell %+v", l.profile, c)
				}
			}
		}
	}
}

func TestOptions_refuse_unknown_faults(t *testing.T) {
	t.Parallel()
	for _, opt := range []Options{{Faults: []Fault{"lightning"}}, {Faults: []Fault{Omit}}, {Account: "88 01"}} {
		if _, err := Open(t.TempDir(), opt); err == nil {
			t.Errorf("%+v was taken", opt)
		}
	}
	opt := Options{MinLines: 10}
	for _, f := range faults() {
		opt.Faults = append(opt.Faults, f.name)
	}
	opt.ReturnAfterDays = 1
	openBank(t, t.TempDir(), opt)
}
