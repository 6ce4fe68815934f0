package simbank

import "strings"

// bankCSVFile writes a 银行对账单: labels above, a balance behind each entry, a row
// of totals, GBK and CSV.
func bankCSVFile(account string, day Day, opening Fen, entries []movement) File {
	list := bookings(entries)
	var out strings.Builder
	row := func(cells ...string) { out.WriteString(strings.Join(cells, ",") + "\r\n") }
	row("账号", account)
	row("对账单编号", reference("S", day, account))
	row("截止日期", string(day))
	row("期初余额", opening.String())
	row("交易日期", "借方发生额", "贷方发生额", "余额", "摘要", "对方户名", "对方账号", "流水号", "端到端标识")
	balance := opening
	for _, b := range list {
		balance += b.signed()
		debit, credit := "", b.amount.String()
		if !b.credit {
			debit, credit = credit, debit
		}
		name, payee := b.payee()
		row(string(day), debit, credit, balance.String(), b.text, name, payee, b.ref, b.endToEnd())
	}
	debits, credits := totalsOf(list, false), totalsOf(list, true)
	row("合计", debits.sum.String(), credits.sum.String())
	row("借方笔数", decimal(debits.count))
	row("贷方笔数", decimal(credits.count))
	row("期末余额", balance.String())
	return File{
		Name: "duizhang-" + account + "-" + day.compact() + ".csv", Profile: ProfileBankCSV,
		Bytes: charsetGBK.encode(out.String(), charsetGBK), Lines: len(list),
	}
}

func (b booking) payee() (name, account string) {
	if b.payment == nil {
		return "", ""
	}
	return b.payment.name, b.payment.account
}
