package simbank

import (
	"fmt"
	"sort"
)

// QueryResult is the last result of an accepted file: exactly the payments that
// the first forgot or did not know of. Its Lines is 0 when there are none.
// It answers ErrUnknown for a file never accepted.
func (b *Bank) QueryResult(fileID string) (File, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.orders[fileID]
	if !ok {
		return File{}, fmt.Errorf("%w: file %s", ErrUnknown, fileID)
	}
	return b.queryResult(o), nil
}

// Fund credits an account (财政拨款). The reference makes it unique: the same call
// again changes nothing, the same reference with other content is an error.
// It is booked on that day, or on the first day that is not closed.
func (b *Bank) Fund(account string, amount Fen, on Day, reference string) error {
	if err := on.check(); err != nil {
		return err
	}
	if !isAccount(account) || amount <= 0 || reference == "" || !isText(reference) {
		return fmt.Errorf("simbank: funding needs an account, an amount above zero and a reference")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.funding {
		if f.Account == account && f.Reference == reference {
			if f.Fen != amount || f.Day != on {
				return fmt.Errorf("simbank: funding %s was %s on %s", reference, f.Fen, f.Day)
			}
			return nil
		}
	}
	e := event{Kind: eventFunding, Day: on, Account: account, Fen: amount, Reference: reference}
	if err := b.store.append(e); err != nil {
		return err
	}
	b.credit(e)
	return nil
}

// Accounts lists the debtor accounts that were funded or drawn on, sorted.
func (b *Bank) Accounts() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[string]bool{}
	for _, f := range b.funding {
		seen[f.Account] = true
	}
	for _, o := range b.orders {
		seen[o.account] = true
	}
	return sortedKeys(seen)
}

// Dates lists the days on which an account moves or will move, sorted: funding,
// files, and the returns still to come.
func (b *Bank) Dates(account string) []Day {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[Day]bool{}
	for _, m := range b.movements(account) {
		seen[m.day] = true
	}
	return sortedKeys(seen)
}

func sortedKeys[K ~string, V any](set map[K]V) []K {
	keys := make([]K, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}

// Return is a payment that comes back after it was credited (退汇).
type Return struct {
	EndToEndID string
	FileID     string
	Account    string // debtor account that gets the money back
	Fen        Fen
	Reason     string // ISO 20022 return reason
	On         Day
}

// ReturnsDue lists the returns that fall on a day, sorted by end-to-end id.
func (b *Bank) ReturnsDue(day Day) []Return {
	b.mu.Lock()
	defer b.mu.Unlock()
	var due []Return
	for _, o := range b.orders {
		for _, l := range b.backAt(o, day) {
			due = append(due, Return{l.endToEnd, o.fileID, o.account, l.amount, l.reason.iso, day})
		}
	}
	sort.Slice(due, func(i, j int) bool { return due[i].EndToEndID < due[j].EndToEndID })
	return due
}

// backOn is the day on which a payment comes back, if it does.
func (b *Bank) backOn(o *order, l *instruction) Day {
	days := b.opt.ReturnAfterDays
	if l.fate.course().back == backLate {
		days += lateDays
	}
	return o.bookedOn.Add(days)
}

// againOn is the day on which what came back is taken again.
func (b *Bank) againOn(o *order, l *instruction) Day { return b.backOn(o, l).Add(1) }

// backAt are the payments of an order that come back on a day.
func (b *Bank) backAt(o *order, day Day) []*instruction {
	var back []*instruction
	for i := range o.lines {
		if l := &o.lines[i]; l.comesBack() && b.backOn(o, l) == day {
			back = append(back, l)
		}
	}
	return back
}
