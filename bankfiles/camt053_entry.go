package bankfiles

import "strconv"

// entry is the Ntry being read. Its details are handed out as they end, so
// one entry may hold a whole batch; the last one is kept back until it is
// known whether it was the only one, which then takes the entry's amount and
// text.
type entry struct {
	item     Item // what details inherit
	subtype  string
	details  int64
	stated   string // NbOfTxs of NtryDtls/Btch
	batches  int64
	sum      total
	unstated bool // a detail had no amount
	foreign  bool // a detail had another currency
	held     *Item
}

// returnSubtypes are the sub-families of bank transaction codes that mean
// money coming back: reimbursement after a return, and the American one.
var returnSubtypes = map[string]bool{"RRTN": true, "ARET": true}

func (r *statementReader) entry() error {
	st := r.stmt
	st.entries++
	e := &entry{item: Item{
		Kind: KindEntry, Position: r.in.here(),
		Statement: st.header.MessageID, Entry: int(st.entries),
	}}
	noted := false
	err := r.in.children(func(name string) error {
		if name == "NtryDtls" {
			if !noted {
				noted = true
				if err := r.book(e); err != nil {
					return err
				}
			}
			return r.entryDetails(e)
		}
		return r.entryField(e, name)
	})
	if err != nil {
		return err
	}
	if !noted {
		if err := r.book(e); err != nil {
			return err
		}
	}
	return r.endEntry(e)
}

func (r *statementReader) entryField(e *entry, name string) (err error) {
	it := &e.item
	switch name {
	case "NtryRef":
		if it.BankRef == "" {
			it.BankRef, err = r.in.leaf()
		}
	case "AcctSvcrRef":
		it.BankRef, err = r.in.leaf()
	case "Amt":
		it.Amount, it.Currency, err = r.in.money()
	case "CdtDbtInd":
		it.Direction, err = r.direction()
	case "RvslInd":
		it.Reversal, err = r.flag()
	case "Sts":
		it.Status, err = r.in.pick("Cd", "Prtry", "Sts")
	case "BookgDt":
		it.BookingDate, err = r.date(name)
	case "ValDt":
		it.ValueDate, err = r.date(name)
	case "BkTxCd":
		e.subtype, err = r.in.pick("SubFmlyCd")
	case "AddtlNtryInf":
		err = r.info(it)
	}
	return err
}

func (r *statementReader) date(name string) (string, error) {
	d, err := r.in.pick("Dt", "DtTm", name)
	return day(d), err
}

func (r *statementReader) flag() (bool, error) {
	v, err := r.in.leaf()
	return v == "true" || v == "1", err
}

func (r *statementReader) direction() (Direction, error) {
	at := r.in.here()
	v, err := r.in.leaf()
	if err == nil && v != string(Credit) && v != string(Debit) {
		err = at.fault("BANKFILE_DIRECTION", "value", clip(v))
	}
	return Direction(v), err
}

func (r *statementReader) info(it *Item) error {
	at := r.in.here()
	t, err := r.in.leaf()
	if err != nil {
		return err
	}
	it.AdditionalInfo = joinText(it.AdditionalInfo, t)
	return r.out.tooLong(at, "AddtlInf", t, 500)
}

// book adds the entry to the statement's movements: its own amount and
// direction, since that is what moves the balance.
func (r *statementReader) book(e *entry) error {
	st, it := r.stmt, &e.item
	a, ok := parseAmount(it.Amount)
	if !ok {
		return it.fault("BANKFILE_AMOUNT", "amount", clip(it.Amount))
	}
	if st.currency != "" && st.currency != it.Currency {
		st.mixed = true
	}
	st.currency = it.Currency
	counts := it.Status == "BOOK" || it.Status == "" // pending ones and notices do not move the balance
	switch it.Direction {
	case Credit:
		st.credits++
		st.creditSum.add(a)
		if counts {
			st.booked.add(a)
		}
	case Debit:
		st.debits++
		st.debitSum.add(a)
		if counts {
			st.booked.sub(a)
		}
	default:
		return it.fault("BANKFILE_MISSING", "name", "CdtDbtInd")
	}
	return nil
}

func (r *statementReader) entryDetails(e *entry) error {
	return r.in.children(func(name string) error {
		switch name {
		case "Btch":
			return r.in.children(func(name string) (err error) {
				if name == "NbOfTxs" {
					e.batches++
					e.stated, err = r.in.leaf()
				}
				return err
			})
		case "TxDtls":
			return r.detail(e)
		}
		return nil
	})
}

// hand gives out the detail that was kept back.
func (r *statementReader) hand(e *entry) error {
	if e.held == nil {
		return nil
	}
	it := e.held
	e.held = nil
	return r.out.item(it)
}

func (r *statementReader) endEntry(e *entry) error {
	if e.details == 0 {
		it := e.item
		if returnSubtypes[e.subtype] {
			it.Kind = KindReturn
		}
		it.ReasonText = it.AdditionalInfo
		return r.out.item(&it)
	}
	if e.details == 1 {
		r.onlyDetail(e)
	}
	if err := r.hand(e); err != nil {
		return err
	}
	return r.checkDetails(e)
}

// onlyDetail lets a single detail have what only the entry states; not the
// amount, where the bank says that there were others which it does not list.
func (r *statementReader) onlyDetail(e *entry) {
	it := e.held
	if it.Amount == "" && (e.stated == "" || e.stated == "1") {
		it.Amount, it.Currency = e.item.Amount, e.item.Currency
		e.unstated = true
	}
	it.AdditionalInfo = joinText(it.AdditionalInfo, e.item.AdditionalInfo)
}

// checkDetails compares the details with their entry. Charges make a sum
// differ lawfully, so it is a warning with both numbers; what moved the
// balance is the entry's amount.
func (r *statementReader) checkDetails(e *entry) error {
	at := e.item.Position
	if e.stated != "" && e.batches == 1 {
		n, err := strconv.ParseInt(e.stated, 10, 64)
		if err != nil {
			return at.fault("BANKFILE_NUMBER", "value", clip(e.stated))
		}
		if n != e.details {
			return r.out.warn(at, "BANKFILE_WARN_DETAIL_COUNT", "stated", n, "found", e.details)
		}
	}
	if e.unstated || e.foreign {
		return nil
	}
	a, _ := parseAmount(e.item.Amount)
	if e.item.Direction == Debit {
		a = amount{units: -a.units, wide: a.wide.Neg()}
	}
	if e.sum.equals(a) {
		return nil
	}
	difference := total{}
	difference.add(a)
	difference.sub(amount(e.sum))
	return r.out.warn(at, "BANKFILE_WARN_DETAIL_SUM", "stated", decimalString(a.decimal()),
		"found", e.sum.String(), "difference", difference.String())
}
