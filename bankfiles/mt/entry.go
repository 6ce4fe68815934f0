package mt

import (
	"slices"
	"strconv"
	"strings"

	"fenlu/bankfiles/record"
)

// entry is :61:, one booking, until the :86: after it was read.
type entry struct {
	record.Item
	code  string   // of the transaction: NTRF, FMSC
	info  []string // the lines after the first
	texts []string // of :86:
	value record.Amount
}

// entryLine is :61: cut into its parts.
type entryLine struct{ valueDate, entryDate, mark, amount, rest string }

// cutEntry cuts value date, entry date or spaces for it, mark, fund code,
// amount, and what follows.
func cutEntry(s string) (l entryLine, ok bool) {
	digits := func(s string, n int) bool { return len(s) >= n && record.AllDigits(s[:n]) }
	if !digits(s, 6) {
		return l, false
	}
	l.valueDate, s = s[:6], s[6:]
	if digits(s, 4) {
		l.entryDate, s = s[:4], s[4:]
	}
	s = strings.TrimLeft(s, " ")
	n := 0
	if s != "" && (s[0] == 'R' || s[0] == 'E') {
		n++
	}
	if len(s) <= n || s[n] != 'C' && s[n] != 'D' {
		return l, false
	}
	l.mark, s = s[:n+1], s[n+1:]
	if s != "" && s[0] >= 'A' && s[0] <= 'Z' { // the fund code
		s = s[1:]
	}
	l.rest = strings.TrimLeft(s, "0123456789,.")
	l.amount = s[:len(s)-len(l.rest)]
	return l, l.amount != ""
}

// cutType is the transaction's type, such as NTRF, and the references after
// it; no type is empty.
func cutType(s string) (code, references string) {
	if len(s) < 4 || !strings.ContainsRune("NFS", rune(s[0])) || strings.Trim(s[1:4], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "", s
	}
	return s[:4], s[4:]
}

func (st *statement) begin(f *field) error {
	l, ok := cutEntry(f.value())
	if !ok || st.closing != nil {
		return f.wrong()
	}
	if err := st.tell(); err != nil {
		return err
	}
	st.entries++
	f.at.Path = st.header.Path + "/61[" + strconv.Itoa(st.entries) + "]"
	e := &entry{info: f.lines[1:]}
	e.Item = record.Item{Kind: record.KindEntry, Currency: st.header.Currency, Position: f.at, Entry: st.entries,
		Statement: strings.Trim(st.header.MessageID+" "+st.header.StatementNo, " "), Status: "BOOK"}
	st.entry = e
	e.mark(l.mark, st.message)
	var err error
	if e.ValueDate, err = st.date(f, l.valueDate); err != nil {
		return err
	}
	if e.BookingDate, err = st.entryDate(f, l.valueDate, l.entryDate); err != nil {
		return err
	}
	if e.Amount, e.value, err = st.amount(f, l.amount); err != nil {
		return err
	}
	st.count(e)
	return st.references(f, l.rest)
}

// mark is the side of an entry: a reversal of a credit (RC) is a debit. What
// is expected (EC, ED) or reported before a statement has it is pending.
func (e *entry) mark(mark, message string) {
	e.Reversal = mark[0] == 'R'
	credit := strings.HasSuffix(mark, "C") != e.Reversal
	e.Direction = record.Debit
	if credit {
		e.Direction = record.Credit
	}
	if mark[0] == 'E' || message == MT942 {
		e.Status = "PDNG"
	}
}

// count adds an entry to what the statement's numbers are compared with.
func (st *statement) count(e *entry) {
	if e.Direction == record.Credit {
		st.credits++
		st.creditSum.Add(e.value)
		st.booked.Add(e.value)
		return
	}
	st.debits++
	st.debitSum.Add(e.value)
	st.booked.Sub(e.value)
}

// references are the owner's reference and after "//" the bank's. An owner's
// reference in columns, as old Dutch files have it, ends at two spaces.
func (st *statement) references(f *field, rest string) error {
	e := st.entry
	code, references := cutType(rest)
	if code == "" {
		if err := st.r.out.Warn(f.at, "BANKFILE_WARN_MT_TYPE", "value", record.Clip(rest)); err != nil {
			return err
		}
	}
	e.code = code
	owner, bank, _ := strings.Cut(references, "//")
	owner, more, columns := strings.Cut(owner, "  ")
	if columns && strings.TrimSpace(more) != "" {
		e.info = append([]string{strings.TrimSpace(more)}, e.info...)
	}
	e.BankRef = strings.TrimSpace(bank)
	if owner = strings.TrimSpace(owner); !slices.Contains(noReference, owner) {
		e.InstructionID = owner
	}
	return nil
}

// noReference is what stands where there is none, or where it stands in :86:.
var noReference = []string{"", "NONREF", "NOTPROVIDED", "EREF", "EREF+", "KREF", "KREF+", "N"}

// tellEntry hands out the entry that waits.
func (st *statement) tellEntry() error {
	e := st.entry
	st.entry = nil
	if e == nil {
		return nil
	}
	e.details(parseDetails(e.texts))
	return st.r.out.Item(&e.Item)
}
