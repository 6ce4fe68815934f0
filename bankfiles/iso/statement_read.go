package iso

import (
	"strconv"
	"strings"

	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// booklet says how one of the three messages about an account calls its parts
// and what its balances are worth.
type booklet struct {
	element string // Stmt, Rpt, Ntfctn
	pages   string // the pagination of one
	// balances: opening + movements must be the closing balance. A report
	// during the day may show only what is new, a notice has no balances.
	balances bool
}

var (
	reports    = booklet{element: "Rpt", pages: "RptPgntn"}
	statements = booklet{element: "Stmt", pages: "StmtPgntn", balances: true}
	notices    = booklet{element: "Ntfctn", pages: "NtfctnPgntn"}
)

// statementReader reads camt.052, camt.053 and camt.054 of any version,
// statement by statement.
type statementReader struct {
	booklet
	in    *xmlscan.Scanner
	out   *record.Out
	group record.Header
	stmt  *statement
	seen  map[string]bool // statements by account, id, number and page
}

// maxStatements is of how many statements in a file it is known whether they
// come twice.
const maxStatements = 10_000

// statement is what is known of the statement being read (对账单).
type statement struct {
	header  record.Header
	told    bool // the header went out
	opening *balance
	closing *balance
	prior   *balance // closing balance of the statement before: an opening of its own
	mixed   bool     // balances or entries in several currencies
	partial bool     // one page of several

	count    int // of entries so far
	currency string
	all      totals // of all entries
	booked   totals // of those that move the balance
	summary  summary
}

// totals are what entries add up to.
type totals struct {
	entries, credits, debits int64
	creditSum, debitSum      record.Total
}

// add adds an entry, whose direction is one of the two.
func (t *totals) add(direction record.Direction, a record.Amount) {
	t.entries++
	if direction == record.Credit {
		t.credits++
		t.creditSum.Add(a)
		return
	}
	t.debits++
	t.debitSum.Add(a)
}

// net is credits less debits.
func (t *totals) net() record.Total {
	net := t.creditSum
	net.Sub(t.debitSum.Amount())
	return net
}

type balance struct {
	value    record.Amount // signed
	currency string
}

// summary is TxsSummry as stated; empty where it is not.
type summary struct {
	count, creditCount, creditSum, debitCount, debitSum string
}

func (b booklet) read(in *xmlscan.Scanner, out *record.Out) error {
	r := &statementReader{booklet: b, in: in, out: out, seen: map[string]bool{}}
	at := in.Here()
	found := 0
	err := in.Children(func(name string) error {
		switch name {
		case "GrpHdr":
			return r.groupHeader()
		case b.element:
			found++
			return r.statement()
		}
		return nil
	})
	if err == nil && found == 0 {
		return at.Fault("BANKFILE_MISSING", "name", b.element)
	}
	return err
}

func (r *statementReader) groupHeader() error {
	h := record.Header{Level: record.LevelFile, Position: r.in.Here()}
	err := r.in.Children(func(name string) (err error) {
		if name == "MsgPgntn" {
			h.Page, err = r.page()
			return err
		}
		return identity(r.in, &h, name)
	})
	if err != nil {
		return err
	}
	r.group = h
	return r.out.Header(h)
}

// page says which page this is: "2" for one of several, empty for the only one.
func (r *statementReader) page() (string, error) {
	number, last := "", ""
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "PgNb":
			number, err = r.in.Leaf()
		case "LastPgInd":
			last, err = r.in.Leaf()
		}
		return err
	})
	if n, _ := strconv.Atoi(number); n <= 1 && (last == "true" || last == "1") {
		return "", err
	}
	return number, err
}

func (r *statementReader) statement() error {
	st := &statement{header: record.Header{Level: record.LevelStatement, Position: r.in.Here(), Page: r.group.Page}}
	r.stmt = st
	h := &st.header
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "Id":
			h.MessageID, err = r.in.Leaf()
		case r.pages:
			h.Page, err = r.page()
		case "ElctrncSeqNb":
			h.StatementNo, err = r.in.Leaf()
		case "CreDtTm":
			h.Created, err = r.in.Leaf()
		case "FrToDt":
			h.Date, err = r.in.Pick("ToDtTm", "ToDt")
			h.Date = day(h.Date)
		case "Acct":
			err = r.account(h)
		case "Bal":
			err = r.balance()
		case "TxsSummry":
			err = r.summary()
		case "Ntry":
			if err = r.tell(); err == nil {
				err = r.entry()
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := r.tell(); err != nil {
		return err
	}
	return r.check()
}

// tell hands out the statement's header once, before its first entry.
func (r *statementReader) tell() error {
	st := r.stmt
	if st.told {
		return nil
	}
	st.told = true
	st.partial = st.header.Page != ""
	h := st.header
	if b := st.open(); b != nil {
		h.Opening, h.Currency = record.DecimalString(b.value.Decimal()), record.First(h.Currency, b.currency)
	}
	if b := st.closing; b != nil {
		h.Closing = record.DecimalString(b.value.Decimal())
	}
	if err := r.out.Header(h); err != nil {
		return err
	}
	return r.once(&h)
}

// once warns of a statement that was in this file before: whoever books it
// must know its entries again.
func (r *statementReader) once(h *record.Header) error {
	key := strings.Join([]string{h.Account, h.MessageID, h.StatementNo, h.Page}, "\x1f")
	if r.seen[key] {
		return r.out.Warn(h.Position, "BANKFILE_WARN_STATEMENT_TWICE", "id", record.Clip(h.MessageID))
	}
	if len(r.seen) < maxStatements {
		r.seen[key] = true
	}
	return nil
}

func (st *statement) open() *balance {
	if st.opening != nil {
		return st.opening
	}
	return st.prior
}

func (r *statementReader) account(h *record.Header) error {
	return r.in.Children(func(name string) (err error) {
		switch name {
		case "Id":
			h.Account, err = r.in.Pick("IBAN", "BBAN", "Id")
		case "Ccy":
			h.Currency, err = r.in.Leaf()
		case "Ownr":
			h.AccountName, err = r.in.Pick("Nm")
		case "Svcr":
			h.Agent, err = r.in.Pick("BICFI", "BIC", "MmbId", "Id")
		}
		return err
	})
}

func (r *statementReader) balance() error {
	at := r.in.Here()
	var code, digits, side string
	b := &balance{}
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "Tp":
			code, err = r.balanceType()
		case "Amt":
			digits, b.currency, err = r.in.Money()
		case "CdtDbtInd":
			side, err = r.in.Leaf()
		}
		return err
	})
	if err != nil {
		return err
	}
	v, ok := record.ParseAmount(digits)
	if !ok {
		return at.Fault("BANKFILE_AMOUNT", "amount", record.Clip(digits))
	}
	slot := r.stmt.slot(code)
	switch {
	case slot == nil:
		return nil
	case side == string(record.Debit):
		v = v.Negated()
	case side != string(record.Credit) && !v.Decimal().IsZero(): // what is not said is not taken for credit
		return at.Fault("BANKFILE_DIRECTION", "value", record.Clip(side))
	}
	b.value = v
	if *slot != nil { // several currencies, or pages: the totals here cannot tell them apart
		r.stmt.mixed = true
		return nil
	}
	*slot = b
	return nil
}

// balanceType is the balance's code; an interim one (SubTp INTM) is that of a
// page, and marked with a star.
func (r *statementReader) balanceType() (code string, err error) {
	interim := ""
	err = r.in.Children(func(name string) (err error) {
		switch name {
		case "CdOrPrtry":
			code, err = r.in.Pick("Cd", "Prtry")
		case "SubTp":
			interim, err = r.in.Pick("Cd", "Prtry")
		}
		return err
	})
	if interim == "INTM" {
		code += "*"
	}
	return code, err
}

// slot is where an opening or closing booked balance is kept; nil for the
// others, which nothing is compared with.
func (st *statement) slot(code string) **balance {
	return map[string]**balance{"OPBD": &st.opening, "CLBD": &st.closing, "PRCD": &st.prior}[code]
}

func (r *statementReader) summary() error {
	s := &r.stmt.summary
	return r.in.Children(func(name string) error {
		switch name {
		case "TtlNtries":
			// Its Sum and net amount are left alone: banks differ in what they put
			// there, and in the sign that a reversal has.
			var hash string
			return r.pair(&s.count, &hash)
		case "TtlCdtNtries":
			return r.pair(&s.creditCount, &s.creditSum)
		case "TtlDbtNtries":
			return r.pair(&s.debitCount, &s.debitSum)
		}
		return nil
	})
}

func (r *statementReader) pair(count, sum *string) error {
	return r.in.Children(func(name string) (err error) {
		switch name {
		case "NbOfNtries":
			*count, err = r.in.Leaf()
		case "Sum":
			*sum, err = r.in.Leaf()
		}
		return err
	})
}

// check compares what the statement states with what its entries add up to.
func (r *statementReader) check() error {
	st, at := r.stmt, r.stmt.header.Position
	if st.partial {
		return r.out.Warn(at, "BANKFILE_WARN_PAGE", "page", st.header.Page)
	}
	if st.mixed {
		return r.out.Warn(at, "BANKFILE_WARN_CURRENCIES")
	}
	for _, figure := range st.summary.figures(at) {
		// some banks leave out of a total what is pending or for information
		if err := figure(&st.all); err != nil && figure(&st.booked) != nil {
			return err
		}
	}
	return r.checkBalances()
}

// figures are what the summary states, each to be compared with totals.
func (s *summary) figures(at record.Position) []func(*totals) error {
	agree := func(count, sum string, n int64, total record.Total) error {
		return record.Agree(at, record.LevelStatement, count, sum, n, &total)
	}
	return []func(*totals) error{
		func(t *totals) error { return agree(s.count, "", t.entries, record.Total{}) },
		func(t *totals) error { return agree(s.creditCount, s.creditSum, t.credits, t.creditSum) },
		func(t *totals) error { return agree(s.debitCount, s.debitSum, t.debits, t.debitSum) },
	}
}

func (r *statementReader) checkBalances() error {
	st, at := r.stmt, r.stmt.header.Position
	open, closing := st.open(), st.closing
	switch {
	case open == nil || closing == nil:
		if !r.balances {
			return nil
		}
		return r.out.Warn(at, "BANKFILE_WARN_NO_BALANCE")
	case open.currency != closing.currency, st.currency != "" && st.currency != open.currency:
		return r.out.Warn(at, "BANKFILE_WARN_CURRENCIES")
	}
	movements := st.booked.net()
	computed := movements
	computed.Add(open.value)
	if computed.Equals(closing.value) {
		return nil
	}
	both := []any{
		"opening", record.DecimalString(open.value.Decimal()), "movements", movements.String(),
		"closing", record.DecimalString(closing.value.Decimal()), "computed", computed.String(),
	}
	if !r.balances {
		return r.out.Warn(at, "BANKFILE_WARN_BALANCE", both...)
	}
	return at.Fault("BANKFILE_BALANCE_MISMATCH", both...)
}
