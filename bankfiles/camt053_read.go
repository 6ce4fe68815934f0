package bankfiles

import "strconv"

// statementReader reads camt.053 of any version, statement by statement.
type statementReader struct {
	in    *xmlScanner
	out   *sink
	group Header
	stmt  *statement
}

// statement is what is known of the statement being read (对账单).
type statement struct {
	header  Header
	told    bool // the header went out
	opening *balance
	closing *balance
	prior   *balance // closing balance of the statement before: an opening of its own
	mixed   bool     // balances or entries in several currencies
	partial bool     // one page of several

	currency  string
	entries   int64
	credits   int64
	debits    int64
	creditSum total
	debitSum  total
	booked    total // signed, booked entries only
	summary   summary
}

type balance struct {
	value    amount // signed
	currency string
}

// summary is TxsSummry as stated; empty where it is not.
type summary struct{ count, creditCount, creditSum, debitCount, debitSum string }

func readCamt053(in *xmlScanner, out *sink) error {
	r := &statementReader{in: in, out: out}
	at := in.here()
	statements := 0
	err := in.children(func(name string) error {
		switch name {
		case "GrpHdr":
			return r.groupHeader()
		case "Stmt":
			statements++
			return r.statement()
		}
		return nil
	})
	if err == nil && statements == 0 {
		return at.fault("BANKFILE_MISSING", "name", "Stmt")
	}
	return err
}

func (r *statementReader) groupHeader() error {
	h := Header{Level: LevelFile, Position: r.in.here()}
	err := r.in.children(func(name string) (err error) {
		switch name {
		case "MsgId":
			h.MessageID, err = r.in.leaf()
		case "CreDtTm":
			h.Created, err = r.in.leaf()
		case "MsgPgntn":
			h.Page, err = r.page()
		}
		return err
	})
	if err != nil {
		return err
	}
	r.group = h
	return r.out.header(h)
}

// page says which page this is: "2" for one of several, empty for the only one.
func (r *statementReader) page() (string, error) {
	number, last := "", ""
	err := r.in.children(func(name string) (err error) {
		switch name {
		case "PgNb":
			number, err = r.in.leaf()
		case "LastPgInd":
			last, err = r.in.leaf()
		}
		return err
	})
	if n, _ := strconv.Atoi(number); n <= 1 && (last == "true" || last == "1") {
		return "", err
	}
	return number, err
}

func (r *statementReader) statement() error {
	st := &statement{header: Header{Level: LevelStatement, Position: r.in.here(), Page: r.group.Page}}
	r.stmt = st
	h := &st.header
	err := r.in.children(func(name string) (err error) {
		switch name {
		case "Id":
			h.MessageID, err = r.in.leaf()
		case "StmtPgntn":
			h.Page, err = r.page()
		case "ElctrncSeqNb":
			h.StatementNo, err = r.in.leaf()
		case "CreDtTm":
			h.Created, err = r.in.leaf()
		case "FrToDt":
			h.Date, err = r.in.pick("ToDtTm", "ToDt")
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
		h.Opening, h.Currency = decimalString(b.value.decimal()), first(h.Currency, b.currency)
	}
	if b := st.closing; b != nil {
		h.Closing = decimalString(b.value.decimal())
	}
	return r.out.header(h)
}

func (st *statement) open() *balance {
	if st.opening != nil {
		return st.opening
	}
	return st.prior
}

func (r *statementReader) account(h *Header) error {
	return r.in.children(func(name string) (err error) {
		switch name {
		case "Id":
			h.Account, err = r.in.pick("IBAN", "Id")
		case "Ccy":
			h.Currency, err = r.in.leaf()
		case "Ownr":
			h.AccountName, err = r.in.pick("Nm")
		case "Svcr":
			h.Agent, err = r.in.pick("BICFI", "BIC", "MmbId", "Id")
		}
		return err
	})
}

func (r *statementReader) balance() error {
	at := r.in.here()
	var code, digits, side string
	b := &balance{}
	err := r.in.children(func(name string) (err error) {
		switch name {
		case "Tp":
			code, err = r.balanceType()
		case "Amt":
			digits, b.currency, err = r.in.money()
		case "CdtDbtInd":
			side, err = r.in.leaf()
		}
		return err
	})
	if err != nil {
		return err
	}
	v, ok := parseAmount(digits)
	if !ok {
		return at.fault("BANKFILE_AMOUNT", "amount", clip(digits))
	}
	if side == string(Debit) {
		v = amount{units: -v.units, wide: v.wide.Neg()}
	}
	b.value = v
	r.stmt.keep(code, b)
	return nil
}

// balanceType is the balance's code; an interim one (SubTp INTM) is that of a
// page, and marked with a star.
func (r *statementReader) balanceType() (code string, err error) {
	interim := ""
	err = r.in.children(func(name string) (err error) {
		switch name {
		case "CdOrPrtry":
			code, err = r.in.pick("Cd", "Prtry")
		case "SubTp":
			interim, err = r.in.pick("Cd", "Prtry")
		}
		return err
	})
	if interim == "INTM" {
		code += "*"
	}
	return code, err
}

// keep notes an opening or closing booked balance. Two of one type mean
// several currencies (or pages), which the totals here cannot tell apart.
func (st *statement) keep(code string, b *balance) {
	slot := map[string]**balance{"OPBD": &st.opening, "CLBD": &st.closing, "PRCD": &st.prior}[code]
	if slot == nil {
		return
	}
	if *slot != nil {
		st.mixed = true
		return
	}
	*slot = b
}

func (r *statementReader) summary() error {
	s := &r.stmt.summary
	pair := func(count, sum *string) error {
		return r.in.children(func(name string) (err error) {
			switch name {
			case "NbOfNtries":
				*count, err = r.in.leaf()
			case "Sum":
				*sum, err = r.in.leaf()
			}
			return err
		})
	}
	return r.in.children(func(name string) error {
		var hash string // Sum of all entries is a hash total that few banks fill alike
		switch name {
		case "TtlNtries":
			return pair(&s.count, &hash)
		case "TtlCdtNtries":
			return pair(&s.creditCount, &s.creditSum)
		case "TtlDbtNtries":
			return pair(&s.debitCount, &s.debitSum)
		}
		return nil
	})
}

// check compares what the statement states with what its entries add up to.
func (r *statementReader) check() error {
	st, at := r.stmt, r.stmt.header.Position
	if st.partial {
		return r.out.warn(at, "BANKFILE_WARN_PAGE", "page", st.header.Page)
	}
	if st.mixed {
		return r.out.warn(at, "BANKFILE_WARN_CURRENCIES")
	}
	s := st.summary
	if err := agree(at, LevelStatement, s.count, "", st.entries, nil); err != nil {
		return err
	}
	if err := agree(at, LevelStatement, s.creditCount, s.creditSum, st.credits, &st.creditSum); err != nil {
		return err
	}
	if err := agree(at, LevelStatement, s.debitCount, s.debitSum, st.debits, &st.debitSum); err != nil {
		return err
	}
	return r.checkBalances()
}

func (r *statementReader) checkBalances() error {
	st, at := r.stmt, r.stmt.header.Position
	open, closing := st.open(), st.closing
	switch {
	case open == nil || closing == nil:
		return r.out.warn(at, "BANKFILE_WARN_NO_BALANCE")
	case open.currency != closing.currency, st.currency != "" && st.currency != open.currency:
		return r.out.warn(at, "BANKFILE_WARN_CURRENCIES")
	}
	computed := st.booked
	computed.add(open.value)
	if computed.equals(closing.value) {
		return nil
	}
	return at.fault("BANKFILE_BALANCE_MISMATCH",
		"opening", decimalString(open.value.decimal()), "movements", st.booked.String(),
		"closing", decimalString(closing.value.decimal()), "computed", computed.String())
}
