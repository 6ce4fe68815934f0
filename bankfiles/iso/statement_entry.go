package iso

import (
	"strconv"

	"fenlu/bankfiles/record"
)

// entry is the Ntry being read. Its details are handed out as they end, so
// one entry may hold a whole batch; the last one is kept back until it is
// known whether it was the only one, which then takes the entry's amount and
// text.
type entry struct {
	item    record.Item // what details inherit
	subtype string
	details int64
	stated  string // NbOfTxs of NtryDtls/Btch
	batches int64
	sum     record.Total // signed, of the details in the entry's currency
	held    *record.Item
}

// returnSubtypes are the sub-families of bank transaction codes that mean
// money coming back: reimbursement after a return, and the American one.
var returnSubtypes = map[string]bool{"RRTN": true, "ARET": true}

func (r *statementReader) entry() error {
	st := r.stmt
	st.count++
	e := &entry{item: record.Item{
		Kind: record.KindEntry, Position: r.in.Here(),
		Statement: st.header.MessageID, Entry: st.count,
	}}
	noted := false
	err := r.in.Children(func(name string) error {
		switch name {
		case "NtryDtls", "TxDtls", "Btch":
		default:
			return r.entryField(e, name)
		}
		if !noted { // what stands before the details is what they inherit
			noted = true
			if err := r.book(e); err != nil {
				return err
			}
		}
		if name == "NtryDtls" {
			return r.in.Children(func(name string) error { return r.entryDetails(e, name) })
		}
		return r.entryDetails(e, name) // the first version has no NtryDtls
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
			it.BankRef, err = r.in.Leaf()
		}
	case "AcctSvcrRef":
		it.BankRef, err = r.in.Leaf()
	case "Amt":
		it.Amount, it.Currency, err = r.in.Money()
	case "CdtDbtInd":
		it.Direction, err = r.direction()
	case "RvslInd":
		it.Reversal, err = flag(r.in)
	case "Sts":
		it.Status, err = r.in.Pick("Cd", "Prtry", "Sts")
	case "BookgDt":
		it.BookingDate, err = r.date(name)
	case "ValDt":
		it.ValueDate, err = r.date(name)
	case "BkTxCd":
		e.subtype, err = r.in.Pick("SubFmlyCd")
	case "AddtlNtryInf":
		err = r.info(it)
	}
	return err
}

func (r *statementReader) date(name string) (string, error) {
	d, err := r.in.Pick("Dt", "DtTm", name)
	return day(d), err
}

func (r *statementReader) direction() (record.Direction, error) {
	v, err := r.in.Leaf()
	if err == nil && v != string(record.Credit) && v != string(record.Debit) {
		at := r.in.Here()
		at.Path += "/CdtDbtInd"
		err = at.Fault("BANKFILE_DIRECTION", "value", record.Clip(v))
	}
	return record.Direction(v), err
}

func (r *statementReader) info(it *record.Item) error {
	at := r.in.Here()
	t, err := r.in.Leaf()
	if err != nil {
		return err
	}
	it.AdditionalInfo = joinText(it.AdditionalInfo, t)
	return tooLong(r.in, r.out, at, "AddtlInf", t, 500)
}

// book adds the entry to the statement's movements: its own amount and
// direction, since that is what moves the balance.
func (r *statementReader) book(e *entry) error {
	st, it := r.stmt, &e.item
	a, ok := record.ParseAmount(it.Amount)
	if !ok || a.Negative() { // its details may hide it
		return it.Fault("BANKFILE_AMOUNT", "amount", record.Clip(it.Amount))
	}
	if st.currency != "" && st.currency != it.Currency {
		st.mixed = true
	}
	st.currency = it.Currency
	if it.Direction == "" {
		return it.Fault("BANKFILE_MISSING", "name", "CdtDbtInd")
	}
	st.all.add(it.Direction, a)
	if it.Status == "BOOK" || it.Status == "" { // pending ones and notices do not move the balance
		st.booked.add(it.Direction, a)
	}
	return nil
}

func (r *statementReader) entryDetails(e *entry, name string) error {
	switch name {
	case "Btch":
		return r.in.Children(func(name string) (err error) {
			if name == "NbOfTxs" {
				e.batches++
				e.stated, err = r.in.Leaf()
			}
			return err
		})
	case "TxDtls":
		return r.detail(e)
	}
	return nil
}

// hand gives out the detail that was kept back.
func (r *statementReader) hand(e *entry) error {
	if e.held == nil {
		return nil
	}
	it := e.held
	e.held = nil
	return r.out.Item(it)
}

func (r *statementReader) endEntry(e *entry) error {
	if e.details == 0 {
		it := e.item
		if returnSubtypes[e.subtype] {
			it.Kind = record.KindReturn
		}
		it.ReasonText = it.AdditionalInfo
		return r.out.Item(&it)
	}
	if e.details == 1 {
		r.onlyDetail(e)
	}
	if err := r.hand(e); err != nil {
		return err
	}
	return r.checkDetails(e)
}

// onlyDetail lets a single detail have what only the entry states: its amount
// and direction, unless the bank says that there were other details, which it
// does not list.
func (r *statementReader) onlyDetail(e *entry) {
	it := e.held
	if it.Amount == "" && (e.stated == "" || e.stated == "1") {
		it.Amount, it.Currency, it.Direction = e.item.Amount, e.item.Currency, e.item.Direction
		e.add(it)
	}
	it.AdditionalInfo = joinText(it.AdditionalInfo, e.item.AdditionalInfo)
}

// add adds a detail to the sum, if it is in the entry's currency.
func (e *entry) add(it *record.Item) {
	a, ok := record.ParseAmount(it.Amount)
	if !ok || it.Currency != e.item.Currency {
		return
	}
	if it.Direction == record.Debit {
		a = a.Negated()
	}
	e.sum.Add(a)
}

// checkDetails compares the details with their entry, whose amount is what
// moved the balance. Charges, details without amount or in another currency
// make them differ lawfully, so what no detail accounts for is a record of its
// own: details and difference together are always the entry.
func (r *statementReader) checkDetails(e *entry) error {
	at := e.item.Position
	if e.stated != "" && e.batches == 1 {
		n, err := strconv.ParseInt(e.stated, 10, 64)
		if err != nil {
			return at.Fault("BANKFILE_NUMBER", "value", record.Clip(e.stated))
		}
		if n != e.details {
			if err := r.out.Warn(at, "BANKFILE_WARN_DETAIL_COUNT", "stated", n, "found", e.details); err != nil {
				return err
			}
		}
	}
	a, _ := record.ParseAmount(e.item.Amount)
	if e.item.Direction == record.Debit {
		a = a.Negated()
	}
	if e.sum.Equals(a) {
		return nil
	}
	return r.out.Difference(at, "BANKFILE_WARN_DETAIL_SUM", a, e.sum.Amount())
}
