package simbank

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// codes is line:code of every refusal.
func codes(a Answer) []string {
	var list []string
	for _, r := range a.Refusals {
		list = append(list, decimal(r.Line)+":"+r.Code)
	}
	return list
}

func TestReceive_daifa_refuses(t *testing.T) {
	t.Parallel()
	good := daifaText("F1", sampleLines("DB", 3)) // 457.50, 457.60, 457.70: 1372.80
	for _, c := range []struct {
		name, old, new string
		want           []string
	}{
		{"wrong count in header", "|3|1372.80|2026", "|4|1372.80|2026", []string{"5:AM10", "0:AM10"}},
		{"wrong sum in header", "|3|1372.80|2026", "|3|1372.90|2026", []string{"5:AM10", "0:AM10"}},
		{"wrong sum in both", "1372.80", "1372.90", []string{"0:AM10"}},
		{"wrong trailer", "T|3|1372.80", "T|3|1372.81", []string{"5:AM10"}},
		{"another version", "H|1.0|", "H|1.1|", []string{"1:FF01"}},
		{"file id too long", "|F1|", "|" + strings.Repeat("F", 36) + "|", []string{"0:FF01"}},
		{"not a date", "20261009", "20261309", []string{"1:FF01"}},
		{"sequence with a gap", "D|2|", "D|3|", []string{"3:FF01"}},
		{"duplicate end-to-end id", "DB-000002", "DB-000001", []string{"3:AM05"}},
		{"amount zero", "|457.60|", "|0.00|", []string{"3:AM01", "0:AM10"}},
		{"negative amount", "|457.60|", "|-457.60|", []string{"3:FF01"}},
		{"amount with one decimal", "|457.60|", "|457.6|", []string{"3:FF01"}},
		{"amount with grouping", "|457.60|", "|1,457.60|", []string{"3:FF01"}},
		{"no name", "|钱禾|", "||", []string{"3:FF01"}},
		{"space after name", "|钱禾|", "|钱禾 |", []string{"3:FF01", "3:FF01"}},
		{"full-width space in name", "|钱禾|", "|钱　禾|", []string{"3:FF01"}},
		{"bank code of 11 digits", "DB-000002|6229000000000007920|钱禾|402991301017", "DB-000002|6229000000000007920|钱禾|40299130101", []string{"3:FF01"}},
		{"a field too many", "|10月低保\r\nT", "|10月低保|\r\nT", []string{"4:FF01"}},
		{"tab in remark", "|10月低保\r\nT", "|10月\t低保\r\nT", []string{"4:FF01"}},
		{"bare line feed", "|10月低保\r\nT", "|10月低保\nT", []string{"4:FF01"}},
		{"no trailer", "T|3|1372.80\r\n", "", []string{"4:FF01"}},
		{"no last line end", "T|3|1372.80\r\n", "T|3|1372.80", []string{"0:FF01"}},
		{"bytes after the trailer", "T|3|1372.80\r\n", "T|3|1372.80\r\n\r\n", []string{"5:FF01", "6:FF01"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := openBank(t, t.TempDir(), Options{})
			text := strings.ReplaceAll(good, c.old, c.new)
			if text == good {
				t.Fatal("the case changes nothing")
			}
			a := receive(t, b, gbk(t, text), day1)
			if a.Accepted || len(a.Refusals) == 0 || len(a.Files) != 0 {
				t.Fatalf("want a refusal, got %+v", a)
			}
			if diff := cmp.Diff(c.want, codes(a)); diff != "" {
				t.Errorf("refusals (-want +got):\n%s%+v", diff, a.Refusals)
			}
			if len(b.Books()) != 0 {
				t.Error("a refused file left something in the books")
			}
		})
	}
}

func TestReceive_refuses_other_character_sets(t *testing.T) {
	t.Parallel()
	text := daifaText("F1", sampleLines("DB", 3))
	good := gbk(t, text)
	for name, raw := range map[string][]byte{
		"UTF-8":           []byte(text),
		"byte order mark": append([]byte("\xef\xbb\xbf"), []byte(painText("F1", sampleLines("DB", 3)))...),
		"a damaged byte":  bytes.Replace(good, []byte("10"), []byte("\xff0"), 1),
		"a lost byte":     bytes.Replace(good, gbk(t, "钱禾"), gbk(t, "钱禾")[:3], 1),
		"empty file":      {},
	} {
		b := openBank(t, t.TempDir(), Options{})
		if a := receive(t, b, raw, day1); a.Accepted || len(a.Refusals) == 0 {
			t.Errorf("%s: want a refusal, got %+v", name, a)
		}
	}
}

func TestReceive_reports_all_bad_lines(t *testing.T) {
	t.Parallel()
	lines := sampleLines("DB", 5)
	lines[1].bank, lines[3].name, lines[4].endToEnd = "12", "", lines[0].endToEnd
	a := receive(t, openBank(t, t.TempDir(), Options{}), daifaFile(t, "F1", lines), day1)
	if diff := cmp.Diff([]string{"3:FF01", "5:FF01", "6:AM05"}, codes(a)); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
}

func TestReceive_pain001_refuses(t *testing.T) {
	t.Parallel()
	good := painText("F1", sampleLines("TK", 3))
	for _, c := range []struct{ name, old, new, code string }{
		{"wrong count in the group", "<NbOfTxs>3</NbOfTxs><CtrlSum>1372.80</CtrlSum><Init", "<NbOfTxs>4</NbOfTxs><CtrlSum>1372.80</CtrlSum><Init", "AM10"},
		{"wrong sum in the batch", "<CtrlSum>1372.80</CtrlSum><Reqd", "<CtrlSum>1372.81</CtrlSum><Reqd", "AM10"},
		{"wrong sum in both", "1372.80", "1372.8001", "FF01"},
		{"sum of other lines", "1372.80", "1372.81", "AM10"},
		{"no control sum", "<CtrlSum>1372.80</CtrlSum><Init", "<Init", "FF01"},
		{"another version", "pain.001.001.09", "pain.001.001.03", "FF01"},
		{"other currency", `Ccy="CNY">457.60`, `Ccy="USD">457.60`, "FF01"},
		{"amount zero", ">457.60<", ">0.00<", "AM01"},
		{"three decimals", ">457.60<", ">457.600<", "FF01"},
		{"duplicate end-to-end id", "TK-000002", "TK-000001", "AM05"},
		{"instruction id differs", "<InstrId>TK-000002", "<InstrId>TK-000009", "FF01"},
		{"id with a slash", "TK-000002", "TK/000002", "FF01"},
		{"no name", "<Nm>钱禾</Nm>", "<Nm></Nm>", "FF01"},
		{"no creditor agent code", "<ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>402991301017", "<MmbId>402991301017", "FF01"},
		{"other clearing system", "CNAPS", "USABA", "FF01"},
		{"elements out of order", "<MsgId>F1</MsgId><CreDtTm>2026-10-09T09:30:00+08:00</CreDtTm>", "<CreDtTm>2026-10-09T09:30:00+08:00</CreDtTm><MsgId>F1</MsgId>", "FF01"},
		{"an element the guide does not list", "<PmtMtd>", "<Colour>red</Colour><PmtMtd>", "FF01"},
		{"an element twice", "<PmtMtd>TRF</PmtMtd>", "<PmtMtd>TRF</PmtMtd><PmtMtd>TRF</PmtMtd>", "FF01"},
		{"text between elements", "<PmtMtd>", "x<PmtMtd>", "FF01"},
		{"truncated", "</CstmrCdtTrfInitn></Document>\n", "</CstmrCdtTrfInitn>", "FF01"},
		{"crossed tags", "<Nm>钱禾</Nm></Cdtr>", "<Nm>钱禾</Cdtr></Nm>", "FF01"},
		{"two roots", "</Document>\n", "</Document><Document/>", "FF01"},
		{"text after the root", "</Document>\n", "</Document>x", "FF01"},
		{"comment", "<PmtMtd>", "<!-- a --><PmtMtd>", "FF01"},
		{"doctype", "<Document ", `<!DOCTYPE a [<!ENTITY b "c">]><Document `, "FF01"},
		{"control character", "<Nm>钱禾</Nm>", "<Nm>钱&#9;禾</Nm>", "FF01"},
		{"private-use character", "<Nm>钱禾</Nm>", "<Nm>钱\ue000</Nm>", "FF01"},
		{"bad UTF-8", "<Nm>钱禾</Nm>", "<Nm>\xff</Nm>", "FF01"},
		{"attribute", "<PmtMtd>", `<PmtMtd a="b">`, "FF01"},
		{"prefix", "<PmtMtd>TRF</PmtMtd>", `<a:PmtMtd>TRF</a:PmtMtd>`, "FF01"},
		{"not a date", "<Dt>2026-10-09</Dt>", "<Dt>2026-13-09</Dt>", "FF01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.ReplaceAll(good, c.old, c.new)
			if text == good {
				t.Fatal("the case changes nothing")
			}
			a := receive(t, openBank(t, t.TempDir(), Options{}), []byte(text), day1)
			if a.Accepted || len(a.Refusals) == 0 || a.Refusals[0].Code != c.code {
				t.Errorf("want %s, got %+v", c.code, a)
			}
		})
	}
}

func TestReceive_pain001_accepts_what_the_schema_allows(t *testing.T) {
	t.Parallel()
	text := painText("F1", sampleLines("TK", 3))
	for _, r := range [][2]string{
		{"><", ">\n  <"},
		{"<PmtMtd>TRF</PmtMtd>", "<PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>"},
		{"<Cdtr><Nm>钱禾</Nm>", "<Cdtr><Nm>钱&amp;禾</Nm><Id><PrvtId><Othr><Id>991301199001010000</Id></Othr></PrvtId></Id>"},
		{"<RmtInf><Ustrd>10月低保</Ustrd></RmtInf>", ""},
		{"<CdtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>402991301017</MmbId></ClrSysMmbId></FinInstnId></CdtrAgt>", ""},
		{"1372.80", "1372.8"},
	} {
		text = strings.ReplaceAll(text, r[0], r[1])
	}
	raw := []byte(text)
	validate(t, File{Name: "input", Profile: ProfilePain001, Bytes: raw})
	accepted(t, openBank(t, t.TempDir(), Options{}), raw, day1)
}

func FuzzReceive(f *testing.F) {
	f.Add("F1.txt", daifaFile(f, "F1", sampleLines("DB", 3)))
	f.Add("F1.xml", painFile("F1", sampleLines("TK", 3)))
	for _, s := range styleSamples() {
		f.Add(s.name, s.bytes(f, s.text))
	}
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		b := &Bank{
			opt:     Options{Account: debtor},
			answers: map[string]*answered{}, orders: map[string]*order{}, payments: map[string]*order{},
		}
		a := b.examine(name, raw, hashHex(raw))
		if len(a.refusals) > 0 {
			return
		}
		var sum Fen
		for _, l := range a.order.lines {
			sum += l.amount
		}
		if sum != a.order.sum || len(a.order.lines) != a.order.count || sum <= 0 {
			t.Errorf("accepted %d lines of %s under a header of %d and %s",
				len(a.order.lines), sum, a.order.count, a.order.sum)
		}
	})
}
