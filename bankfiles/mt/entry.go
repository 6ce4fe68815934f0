package mt

import (
	"regexp"
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

// entryForm is value date, entry date or spaces for it, mark, fund code,
// amount, and what follows.
var entryForm = regexp.MustCompile(`^(\d{6})(\d{4}|\s{4})?\s*(R?[CD]|E[CD])([A-Z])?([\d,.]+)(.*)$`)

// typeForm is the transaction's type and the references after it.
var typeForm = regexp.MustCompile(`^([NFS][A-Z0-9]{3})(.*)$`)

func (st *statement) begin(f *field) error {
	m := entryForm.FindStringSubmatch(f.value())
	if m == nil || st.closing != nil {
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
	e.mark(m[3], st.message)
	var err error
	if e.ValueDate, err = st.date(f, m[1]); err != nil {
		return err
	}
	if e.BookingDate, err = st.entryDate(f, m[1], m[2]); err != nil {
		return err
	}
	if e.Amount, e.value, err = st.amount(f, m[5]); err != nil {
		return err
	}
	st.count(e)
	return st.references(f, m[6])
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
	m := typeForm.FindStringSubmatch(rest)
	if m == nil {
		m = []string{"", "", rest}
		if err := st.r.out.Warn(f.at, "BANKFILE_WARN_MT_TYPE", "value", record.Clip(rest)); err != nil {
			return err
		}
	}
	e.code = m[1]
	owner, bank, _ := strings.Cut(m[2], "//")
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
