package bankfiles_test

import (
	"fmt"
	"strings"
	"time"

	"fenlu/bankfiles/order"

	"fenlu/bankfiles"
)

// Writing a batch: the digest, count and sum of what went out come back for
// the sidecar.
func ExampleWrite() {
	batch := order.Batch{
		MessageID: "QH202610-DB-1", DebtorName: "Qinghe-Finance", DebtorAccount: "9913010000000018",
		DebtorAgent: "313991300012", ExecutionDate: "2026-10-09",
		Created: time.Date(2026, 10, 9, 9, 0, 0, 0, time.UTC),
	}
	payments := order.FromSlice([]order.Instruction{
		{EndToEndID: "QH202610-DB-1-1", Name: "ZHANGSAN", Account: "6229000000007302", BankCode: "102991301234", Amount: 40000},
		{EndToEndID: "QH202610-DB-1-2", Name: "LISI", Account: "6217000000003304", Amount: 60005},
	})
	var file strings.Builder
	sidecar, err := bankfiles.Write(&file, bankfiles.DaifaBatch, batch, payments)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(file.String(), "\r\n", "\n"))
	fmt.Println(sidecar.Count, sidecar.Sum)
	// Output:
	// H|1.0|QH202610-DB-1|9913010000000018|Qinghe-Finance|2|1000.05|20261009
	// D|1|QH202610-DB-1-1|6229000000007302|ZHANGSAN|102991301234||400.00|
	// D|2|QH202610-DB-1-2|6217000000003304|LISI|||600.05|
	// T|2|1000.05
	// 2 1000.05
}

// Reading what the bank answers, whatever its format.
func ExampleRead() {
	answer := "R|1.0|QH202610-DB-1|1|2|1000.05|1|400.00|1|600.05|20261009\r\n" +
		"L|1|QH202610-DB-1-1|6229000000007302|400.00|0000|OK\r\n" +
		"L|2|QH202610-DB-1-2|6217000000003304|600.05|1003|closed\r\n" +
		"T|2|1000.05\r\n"
	for rec, err := range bankfiles.Read(strings.NewReader(answer), bankfiles.Auto) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if it := rec.Item; it != nil {
			fmt.Println(it.EndToEndID, it.AmountFen, it.Outcome, it.Reason, "line", it.Line)
		}
	}
	// Output:
	// QH202610-DB-1-1 400.00 paid  line 2
	// QH202610-DB-1-2 600.05 failed 1003 line 3
}

// Reading a statement: what no detail of an entry accounts for is a record of
// its own, and so is every other oddity; each has its place in the file.
func ExampleRead_statement() {
	notice := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>N-1</MsgId><CreDtTm>2026-10-11T09:30:00+08:00</CreDtTm></GrpHdr>
<Ntfctn><Id>1</Id><Acct><Id><Othr><Id>9913010000000018</Id></Othr></Id></Acct>
<Ntry><Amt Ccy="CNY">600.05</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/><NtryDtls>
<TxDtls><Refs><EndToEndId>QH-2</EndToEndId></Refs><Amt Ccy="CNY">600.00</Amt><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>
</NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`
	for rec, err := range bankfiles.Read(strings.NewReader(notice), bankfiles.Auto) {
		if err != nil {
			fmt.Println(err)
			return
		}
		switch {
		case rec.Item != nil:
			fmt.Println(rec.Item.Kind, rec.Item.EndToEndID, rec.Item.Direction, rec.Item.AmountFen, rec.Item.Reason, "line", rec.Item.Line)
		case rec.Warning != nil:
			fmt.Println(rec.Warning.Code, rec.Warning.Difference, "line", rec.Warning.Line)
		}
	}
	// Output:
	// return QH-2 CRDT 600.00 AC04 line 5
	// BANKFILE_WARN_DETAIL_SUM 0.05 line 4
}

// Reading returns between banks, by the ids of the payments that come back.
func ExampleRead_returns() {
	returns := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09"><PmtRtr>
<GrpHdr><MsgId>R-1</MsgId><CreDtTm>2026-10-12T10:00:00+08:00</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
<TxInf><OrgnlEndToEndId>QH-2</OrgnlEndToEndId><RtrdIntrBkSttlmAmt Ccy="CNY">600.05</RtrdIntrBkSttlmAmt><RtrRsnInf><Rsn><Cd>MD07</Cd></Rsn></RtrRsnInf></TxInf>
</PmtRtr></Document>`
	for rec, err := range bankfiles.Read(strings.NewReader(returns), bankfiles.Pacs004) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if it := rec.Item; it != nil {
			fmt.Println(it.EndToEndID, it.AmountFen, it.Reason, it.Path)
		}
	}
	// Output:
	// QH-2 600.05 MD07 /Document/PmtRtr/TxInf[1]
}

// A SWIFT statement; the return among its entries says why in our terms, too.
func ExampleRead_swift() {
	statement := ":20:S1\n:25:9913010000000018\n:28C:283/1\n:60F:C261009CNY1000,\n" +
		":61:2610101010D400,NTRFNONREF//B1\n:86:/EREF/QH-1/NAME/ZHANGSAN\n" +
		":61:2610111011C400,NRTINONREF//B2\n:86:/EREF/QH-1/RTRN/AC04/closed/\n" +
		":62F:C261011CNY1000,\n-\n"
	for rec, err := range bankfiles.Read(strings.NewReader(statement), bankfiles.Auto) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if it := rec.Item; it != nil {
			fmt.Println(it.Kind, it.EndToEndID, it.BookingDate, it.Direction, it.AmountFen, "reason:"+it.ReasonCode)
		}
	}
	// Output:
	// entry QH-1 2026-10-10 DBIT 400.00 reason:
	// return QH-1 2026-10-11 CRDT 400.00 reason:ACCT_CLOSED
}

// A contradiction in the numbers refuses the whole file and says both.
func ExampleCheck() {
	_, err := bankfiles.Check(strings.NewReader("H|1.0|B1|99130100|X|1|5.00|20261009\r\nD|1|A|1|Y|||4.00|\r\nT|1|4.00\r\n"), bankfiles.Auto)
	fmt.Println(err)
	// Output:
	// BANKFILE_SUM_MISMATCH level=file stated=5.00 found=4.00 line=1 offset=0 path=H
}

// A bank that is not among the profiles is a YAML file of a few lines.
func ExampleLoadProfile() {
	profile, err := bankfiles.LoadProfile(strings.NewReader(`
profile: my.bank
version: "1"
kind: instruction
title: {zh: 某银行, en: some bank}
form: fixed
encoding: GBK
unit: fen
line_end: LF
rows:
  - {value: row, width: 4}
  - {value: account, width: 18}
  - {value: name, width: 10}
  - {value: amount, width: 9}
`), "my-bank.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := order.Batch{MessageID: "QH-1", DebtorAccount: "9913010000000018", DebtorName: "Qinghe", ExecutionDate: "2026-10-09", Created: time.Date(2026, 10, 9, 9, 0, 0, 0, time.UTC)}
	var file strings.Builder
	if _, err := profile.Write(&file, batch, order.FromSlice([]order.Instruction{
		{EndToEndID: "QH-1-1", Name: "ZHANGSAN", Account: "6229000000007302", Amount: 40000},
		{EndToEndID: "QH-1-2", Name: "LISI", Account: "6217000000003304", Amount: 60005},
	})); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(file.String(), " ", "."))
	// Output:
	// 00016229000000007302..ZHANGSAN..000040000
	// 00026217000000003304..LISI......000060005
}
