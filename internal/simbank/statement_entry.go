package simbank

// statementWriters are the formats of statements by their profiles.
func statementWriters() map[string]func(account string, day Day, opening Fen, entries []movement) File {
	return map[string]func(string, Day, Fen, []movement) File{
		ProfileCamt053: statementFile, ProfileMT940: mt940File,
		ProfileBankTable: bankTable, ProfileSingleTable: singleTable, ProfileZeroTable: zeroTable,
	}
}

// Formats of statements besides ProfileCamt053.
const (
	// ProfileMT940 is the SWIFT customer statement.
	ProfileMT940 = "mt940"
	// ProfileBankTable is the Chinese 银行对账单.
	ProfileBankTable = "statement.bank"
	// ProfileSingleTable is one with a single column of amounts, newest first.
	ProfileSingleTable = "statement.bank.single"
	// ProfileZeroTable is the 零余额账户日报.
	ProfileZeroTable = "statement.zerobalance"
)

// booking is an entry of a statement that has one for each payment (单笔记账).
type booking struct {
	movement
	payment *instruction // nil: not ours
}

// bookings takes batches apart.
func bookings(entries []movement) []booking {
	var list []booking
	for _, m := range entries {
		if m.order == nil || m.single != nil {
			list = append(list, booking{m, m.single})
			continue
		}
		for i := range m.order.lines {
			if l := &m.order.lines[i]; l.isBooked() {
				each := m
				each.amount = l.booked()
				each.ref = reference("D", m.day, m.order.fileID, l.endToEnd)
				list = append(list, booking{each, l})
			}
		}
	}
	return list
}

// endToEnd is the customer's id; empty where the entry is not a payment of his.
func (b booking) endToEnd() string {
	if b.payment == nil {
		return ""
	}
	return b.payment.endToEnd
}

// totalsOf counts and sums one side.
func totalsOf(list []booking, credit bool) total {
	var t total
	for _, b := range list {
		if b.credit == credit {
			t = total{t.count + 1, t.sum + b.amount}
		}
	}
	return t
}
