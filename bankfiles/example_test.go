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
