package simbank

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// movement is one entry of an account, once for all its payments.
type movement struct {
	day    Day
	credit bool
	amount Fen
	ref    string // AcctSvcrRef, unique in the bank
	text   string
	order  *order       // the file that it belongs to
	single *instruction // the payment that came back, or was taken again; nil: the batch
}

// takenAgain is said of money that was returned by mistake and is taken again.
const takenAgain = "退回款项重新入账"

// signed is the change of the balance, in fen.
func (m movement) signed() Fen {
	if m.credit {
		return m.amount
	}
	return -m.amount
}

// movements lists all entries of an account, past and to come, in statement
// order: by day, funding, files, returns, each by reference or id. The order does
// not depend on the order in which things reached the bank.
func (b *Bank) movements(account string) []movement {
	var list []movement
	for _, f := range b.funding {
		if f.Account == account {
			list = append(list, movement{
				day: f.bookedOn, credit: true, amount: f.Fen, text: "财政拨款 " + f.Reference,
				ref: reference("F", f.bookedOn, account, f.Reference),
			})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].text < list[j].text })
	for _, o := range b.drawnOn(account) {
		list = append(list, b.orderMovements(o)...)
	}
	slices.SortStableFunc(list, func(x, y movement) int {
		if x.day != y.day {
			return strings.Compare(string(x.day), string(y.day))
		}
		return x.rank() - y.rank()
	})
	return list
}

func (m movement) rank() int {
	switch {
	case m.order == nil:
		return 0
	case m.single == nil:
		return 1
	case m.credit:
		return 2
	}
	return 3
}

// drawnOn lists the accepted orders of an account by file id.
func (b *Bank) drawnOn(account string) []*order {
	var orders []*order
	for _, o := range b.orders {
		if o.account == account {
			orders = append(orders, o)
		}
	}
	sort.Slice(orders, func(i, j int) bool { return orders[i].fileID < orders[j].fileID })
	return orders
}

func (b *Bank) orderMovements(o *order) []movement {
	if o.bookedRows == 0 {
		return nil
	}
	list := []movement{{
		day: o.bookedOn, amount: o.bookedSum, order: o, text: "批量代付 " + o.fileID,
		ref: reference("D", o.bookedOn, o.fileID),
	}}
	for i := range o.lines {
		l := &o.lines[i]
		if !l.comesBack() {
			continue
		}
		on := b.backOn(o, l)
		list = append(list, movement{
			day: on, credit: true, amount: l.amount, order: o, single: l, text: l.reason.text,
			ref: reference("B", on, o.fileID, l.endToEnd),
		})
		if l.fate.course().again {
			on = b.againOn(o, l)
			list = append(list, movement{
				day: on, amount: l.amount, order: o, single: l, text: takenAgain,
				ref: reference("A", on, o.fileID, l.endToEnd),
			})
		}
	}
	return list
}

// Statement is StatementAs camt.053.001.08.
func (b *Bank) Statement(account string, day Day) (File, error) {
	return b.StatementAs(account, day, ProfileCamt053)
}

// StatementAs closes the day, if it is still open, and draws the account's
// statement of it in the format of a profile: camt.053.001.08, mt940 or a Chinese
// 对账单. A statement never changes: what arrives for a closed day is booked on the
// next open one. A day without entries has a statement too. It answers ErrUnknown
// for an account that was never funded or drawn on, and for another format.
func (b *Bank) StatementAs(account string, day Day, profile string) (File, error) {
	write, ok := statementWriters()[profile]
	if !ok {
		return File{}, fmt.Errorf("%w: statement format %s", ErrUnknown, profile)
	}
	if err := day.check(); err != nil {
		return File{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.movements(account)
	if len(all) == 0 && len(b.drawnOn(account)) == 0 {
		return File{}, fmt.Errorf("%w: account", ErrUnknown)
	}
	if day > b.closed {
		if err := b.store.append(event{Kind: eventClose, Day: day}); err != nil {
			return File{}, err
		}
		b.closed = day
	}
	if err := b.writeLedger(); err != nil {
		return File{}, err
	}
	var opening Fen
	var today []movement
	for _, m := range all {
		switch {
		case m.day < day:
			opening += m.signed()
		case m.day == day:
			today = append(today, m)
		}
	}
	return write(account, day, opening, today), nil
}

// ClosedThrough is the last closed day; empty before the first statement.
func (b *Bank) ClosedThrough() Day {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}
