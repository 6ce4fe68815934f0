package mt

import (
	"regexp"
	"strconv"
	"strings"

	"fenlu/bankfiles/record"
)

// statement is what is known of the statement being read.
type statement struct {
	r         *reader
	header    record.Header
	told      bool // the header went out
	message   string
	opening   *balance
	closing   *balance
	entry     *entry // waits for its :86:
	entries   int
	credits   int64
	debits    int64
	creditSum record.Total
	debitSum  record.Total
	booked    record.Total
	totals    [2]*totals // as :90D: and :90C: state them
}

// page is how a statement ended, for the one after it.
type page struct {
	account string
	closing *balance
}

func (st *statement) field(f *field) error {
	f.at.Path = st.header.Path + "/" + f.tag
	if f.tag == "86" {
		return st.text(f)
	}
	if err := st.tellEntry(); err != nil {
		return err
	}
	switch h := &st.header; f.tag {
	case "25", "25P":
		h.Agent, h.Account = parties(f.value())
	case "28", "28C":
		h.StatementNo, h.Page, _ = strings.Cut(f.value(), "/")
	case "13", "13D":
		h.Created = moment(f.value())
		st.report()
	case "34F":
		return st.floor(f)
	case "60F", "60M":
		return st.open(f)
	case "61":
		return st.begin(f)
	case "62F", "62M":
		return st.close(f)
	case "64", "65":
		return st.extra(f)
	case "90D", "90C":
		return st.total(f)
	}
	return nil
}

// parties are the bank before the stroke of :25:, if there is one, and the
// account.
func parties(s string) (bank, account string) {
	if bank, account, found := strings.Cut(s, "/"); found {
		return bank, account
	}
	return "", s
}

// text is :86:. After an entry it says more about it; elsewhere it is about
// the statement, and nothing that moves money.
func (st *statement) text(f *field) error {
	if st.entry != nil {
		st.entry.texts = append(st.entry.texts, f.lines...)
	}
	return nil
}

var floor = regexp.MustCompile(`^([A-Z]{3})[CD]?[\d,.]+$`)

// floor is :34F:, the smallest amount that an MT942 lists: where its currency
// stands.
func (st *statement) floor(f *field) error {
	m := floor.FindStringSubmatch(f.value())
	if m == nil {
		return f.wrong()
	}
	st.header.Currency = m[1]
	st.report()
	return nil
}

// report notes that this is an MT942, which has a time and a floor; what has an
// opening balance is a statement all the same, and its balances are checked.
func (st *statement) report() {
	if st.opening == nil {
		st.message = MT942
	}
}

// wrong says that a field cannot be read.
func (f *field) wrong() error {
	return f.at.Fault("BANKFILE_MT_FIELD", "name", ":"+f.tag+":", "value", record.Clip(f.value()))
}

// open is the opening balance, which follows on the page before.
func (st *statement) open(f *field) (err error) {
	if st.opening != nil {
		return f.wrong()
	}
	st.message = MT940
	if st.opening, err = st.balance(f); err != nil {
		return err
	}
	st.header.Opening, st.header.Currency = st.opening.String(), st.opening.currency
	return st.follows(f)
}

// follows compares with how the statement before ended, if it was of this
// account and currency: a page must go on where the last one stopped,
// statements may have a gap.
func (st *statement) follows(f *field) error {
	last, open := st.r.last, st.opening
	if last == nil || last.account != st.header.Account || last.closing.currency != open.currency {
		return st.r.pageAlone(open.interim, f.at)
	}
	if last.closing.String() == open.String() && last.closing.interim == open.interim {
		return nil
	}
	if last.closing.interim && open.interim {
		return f.at.Fault("BANKFILE_MT_PAGES", "closing", last.closing.String(), "opening", open.String())
	}
	return st.r.out.Warn(f.at, "BANKFILE_WARN_MT_GAP", "closing", last.closing.String(), "opening", open.String())
}

func (st *statement) close(f *field) (err error) {
	if st.closing != nil {
		return f.wrong()
	}
	if st.closing, err = st.balance(f); err != nil {
		return err
	}
	if st.entries == 0 {
		st.header.Closing = st.closing.String()
	}
	return nil
}

// tell hands out the header once, before the first entry.
func (st *statement) tell() error {
	if st.told {
		return nil
	}
	st.told = true
	st.message = record.First(st.r.stated, st.message)
	if st.message == "" || st.message == MT940 && st.opening == nil {
		return st.header.Fault("BANKFILE_MISSING", "name", ":60F:")
	}
	if err := st.r.recognise(st.message, st.header.Position); err != nil {
		return err
	}
	if n, err := strconv.Atoi(st.header.Page); err == nil && n <= 1 && (st.opening == nil || !st.opening.interim) {
		st.header.Page = "" // the first and, as far as it says, the only one
	}
	return st.r.out.Header(st.header)
}

// finish compares what the statement states with what its entries make.
func (st *statement) finish() error {
	if err := st.tellEntry(); err != nil {
		return err
	}
	if err := st.tell(); err != nil {
		return err
	}
	if st.message == MT942 {
		return st.checkTotals()
	}
	if st.closing == nil {
		return st.r.here().Fault("BANKFILE_MISSING", "name", ":62F:")
	}
	st.r.last = &page{st.header.Account, st.closing}
	return st.checkBalances()
}
