package simbank

import (
	"slices"
	"strings"
)

// The Chinese statements, as CSV in GBK: labels above, a row for each booking,
// labels below. No text of the bank holds a comma or a quote.

// lines is a CSV file that is being written.
type lines struct{ out strings.Builder }

func (l *lines) row(cells ...string) { l.out.WriteString(strings.Join(cells, ",") + "\r\n") }

func (l *lines) file(kind, profile, account string, day Day, payments int) File {
	return File{
		Name: kind + "-" + account + "-" + day.compact() + ".csv", Profile: profile,
		Bytes: charsetGBK.encode(l.out.String(), charsetGBK), Lines: payments,
	}
}

// columns are the amount of a booking in the column of its side.
func (b booking) columns() (debit, credit string) {
	if b.credit {
		return "", b.amount.String()
	}
	return b.amount.String(), ""
}

func (b booking) payee() (name, account string) {
	if b.payment == nil {
		return "", ""
	}
	return b.payment.name, b.payment.account
}

// bankTable is a 银行对账单 with columns of debit, credit and running balance, and a
// row of totals.
func bankTable(account string, day Day, opening Fen, entries []movement) File {
	list := bookings(entries)
	var out lines
	out.row("账号", account)
	out.row("对账单编号", reference("S", day, account))
	out.row("截止日期", string(day))
	out.row("期初余额", opening.String())
	out.row("交易日期", "借方发生额", "贷方发生额", "余额", "摘要", "对方户名", "对方账号", "流水号", "端到端标识")
	balance := opening
	for _, b := range list {
		balance += b.signed()
		debit, credit := b.columns()
		name, payee := b.payee()
		out.row(string(day), debit, credit, balance.String(), b.text, name, payee, b.ref, b.endToEnd())
	}
	debits, credits := totalsOf(list, false), totalsOf(list, true)
	out.row("合计", debits.sum.String(), credits.sum.String())
	out.row("借方笔数", decimal(debits.count))
	out.row("贷方笔数", decimal(credits.count))
	out.row("期末余额", balance.String())
	return out.file("duizhang", ProfileBankTable, account, day, len(list))
}

// singleTable is one with a single column of amounts, the newest booking first. It
// has no place for our id but the number of the voucher.
func singleTable(account string, day Day, opening Fen, entries []movement) File {
	list := bookings(entries)
	var out lines
	out.row("账号", account)
	out.row("户名", "")
	out.row("截止日期", day.compact())
	out.row("交易日期", "借贷标志", "交易金额", "余额", "对方户名", "对方账号", "摘要", "凭证号", "流水号")
	balance := opening
	for _, b := range list {
		balance += b.signed()
	}
	closing := balance
	for _, b := range slices.Backward(list) {
		side := "借"
		if b.credit {
			side = "贷"
		}
		name, payee := b.payee()
		out.row(day.compact(), side, b.amount.String(), balance.String(), name, payee, b.text, b.endToEnd(), b.ref)
		balance -= b.signed()
	}
	out.row("期初余额", opening.String())
	out.row("期末余额", closing.String())
	return out.file("mingxi", ProfileSingleTable, account, day, len(list))
}

// zeroTable is the day report of a zero-balance account (零余额账户日报): payments and
// what came back; the treasury clears the rest, so that the day ends as it began.
func zeroTable(account string, day Day, _ Fen, entries []movement) File {
	var out lines
	out.row("零余额账号", account)
	out.row("预算单位", "")
	out.row("日报编号", reference("Z", day, account))
	out.row("日期", day.compact())
	out.row("日初余额", "0.00")
	out.row("序号", "支付凭证号", "收款人", "收款人账号", "支付金额", "退回金额", "摘要", "流水号")
	list := slices.DeleteFunc(bookings(entries), func(b booking) bool { return b.payment == nil })
	for i, b := range list {
		debit, credit := b.columns()
		name, payee := b.payee()
		out.row(decimal(i+1), b.endToEnd(), name, payee, debit, credit, b.text, b.ref)
	}
	debits, credits := totalsOf(list, false), totalsOf(list, true)
	out.row("合计", "", "", "", debits.sum.String(), credits.sum.String())
	out.row("清算额", (debits.sum - credits.sum).String())
	out.row("日终余额", "0.00")
	return out.file("ribao", ProfileZeroTable, account, day, len(list))
}
