package simbank

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

const (
	debtor = "880100010001"
	day1   = Day("2026-10-09")
)

// sampleLine is a payment as a customer writes it.
type sampleLine struct {
	endToEnd, account, name, bank, idNumber string
	fen                                     int
	remark                                  string
}

func sampleLines(prefix string, n int) []sampleLine {
	surnames := []rune("赵钱孙李周吴郑王冯陈")
	lines := make([]sampleLine, n)
	for i := range lines {
		lines[i] = sampleLine{
			endToEnd: fmt.Sprintf("%s-%06d", prefix, i+1),
			account:  fmt.Sprintf("622900%013d", i*7919+1),
			name:     string(surnames[i%len(surnames)]) + "禾",
			bank:     "402991301017",
			fen:      45_750 + i%977*10,
			remark:   "10月低保",
		}
	}
	return lines
}

func sumOf(lines []sampleLine) int {
	sum := 0
	for _, l := range lines {
		sum += l.fen
	}
	return sum
}

func yuan(fen int) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// daifaText is a batch text before it is encoded.
func daifaText(id string, lines []sampleLine) string {
	var b strings.Builder
	fmt.Fprintf(&b, "H|1.0|%s|%s|青禾县民政局|%d|%s|20261009\r\n", id, debtor, len(lines), yuan(sumOf(lines)))
	for i, l := range lines {
		fmt.Fprintf(&b, "D|%d|%s|%s|%s|%s|%s|%s|%s\r\n",
			i+1, l.endToEnd, l.account, l.name, l.bank, l.idNumber, yuan(l.fen), l.remark)
	}
	fmt.Fprintf(&b, "T|%d|%s\r\n", len(lines), yuan(sumOf(lines)))
	return b.String()
}

func gbk(tb testing.TB, s string) []byte {
	tb.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		tb.Fatal(err)
	}
	return []byte(out)
}

func daifaFile(tb testing.TB, id string, lines []sampleLine) []byte {
	tb.Helper()
	return gbk(tb, daifaText(id, lines))
}

func painText(id string, lines []sampleLine) string {
	var b strings.Builder
	agent := func(name, bank string) string {
		return "<" + name + "><FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>" + bank +
			"</MmbId></ClrSysMmbId></FinInstnId></" + name + ">"
	}
	acct := func(name, account string) string {
		return "<" + name + "><Id><Othr><Id>" + account + "</Id></Othr></Id></" + name + ">"
	}
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+
		`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><GrpHdr><MsgId>%s</MsgId>`+
		`<CreDtTm>2026-10-09T09:30:00+08:00</CreDtTm><NbOfTxs>%d</NbOfTxs><CtrlSum>%s</CtrlSum>`+
		`<InitgPty><Nm>青禾县民政局</Nm></InitgPty></GrpHdr><PmtInf><PmtInfId>%s-1</PmtInfId><PmtMtd>TRF</PmtMtd>`+
		`<NbOfTxs>%d</NbOfTxs><CtrlSum>%s</CtrlSum><ReqdExctnDt><Dt>2026-10-09</Dt></ReqdExctnDt>`+
		`<Dbtr><Nm>青禾县民政局</Nm></Dbtr>%s%s`,
		id, len(lines), yuan(sumOf(lines)), id, len(lines), yuan(sumOf(lines)),
		acct("DbtrAcct", debtor), agent("DbtrAgt", "102991301001"))
	for _, l := range lines {
		fmt.Fprintf(&b, `<CdtTrfTxInf><PmtId><InstrId>%s</InstrId><EndToEndId>%s</EndToEndId></PmtId>`+
			`<Amt><InstdAmt Ccy="CNY">%s</InstdAmt></Amt>%s<Cdtr><Nm>%s</Nm></Cdtr>%s`+
			`<RmtInf><Ustrd>%s</Ustrd></RmtInf></CdtTrfTxInf>`,
			l.endToEnd, l.endToEnd, yuan(l.fen), agent("CdtrAgt", l.bank), l.name, acct("CdtrAcct", l.account), l.remark)
	}
	return b.String() + "</PmtInf></CstmrCdtTrfInitn></Document>\n"
}

func painFile(id string, lines []sampleLine) []byte { return []byte(painText(id, lines)) }

func openBank(tb testing.TB, dir string, opt Options) *Bank {
	tb.Helper()
	b, err := Open(dir, opt)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func receive(tb testing.TB, b *Bank, raw []byte, on Day) Answer {
	tb.Helper()
	a, err := b.Receive("file", raw, on)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func accepted(tb testing.TB, b *Bank, raw []byte, on Day) Answer {
	tb.Helper()
	a := receive(tb, b, raw, on)
	if !a.Accepted {
		tb.Fatalf("refused: %+v", a.Refusals)
	}
	return a
}

func statement(t *testing.T, b *Bank, day Day) File {
	t.Helper()
	f, err := b.Statement(debtor, day)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
