package layout

import (
	"slices"
	"strconv"
	"strings"

	"fenlu/bankfiles/record"
)

// row is one row being read.
type row struct {
	*body
	item    *record.Item
	amount  record.Amount // signed as written
	hasSum  bool
	debit   bool   // of a statement: the side that the cells name
	balance string // after the booking
	paid    string // what the bank says that it paid (实处理金额)
	said    record.Outcome
}

func (r *row) cell(f *Field, text string) error {
	at := r.item.Position
	if f.means == nil {
		return r.constant(f, at, text)
	}
	text, err := r.cells.text(f, at, text)
	if err != nil {
		return err
	}
	if err := r.cells.needed(f, at, text); err != nil {
		return err
	}
	switch f.Value {
	case "row":
		return r.runs(f, text)
	case "batch_row":
		return r.batchRow(f, text)
	case "direction":
		return r.direction(text)
	case "amount":
		return r.money(text, r.debit)
	case "debit", "credit":
		return r.side(text, f.Value == "debit")
	case "balance":
		r.balance = text
	case "paid_amount":
		r.paid = text
	case "currency":
		if text != "" {
			r.item.Currency = currencyOf(text)
		}
	default:
		if f.means.item != nil && text != "" {
			*f.means.item(r.item) = text
		}
	}
	return nil
}

// runs is the number of the row in its own file: 1, 2, 3 …
func (r *row) runs(f *Field, text string) error {
	if text == "" && f.Optional {
		return nil
	}
	n, err := strconv.Atoi(text)
	if want := r.count + r.skew; err != nil || int64(n) != want {
		if err == nil {
			r.skew += int64(n) - want // a gap is told once, not for every row below it
		}
		return r.item.Fault("BANKFILE_SEQUENCE", "want", want, "got", record.Clip(text))
	}
	if r.p.Kind == Instructions {
		r.item.Sequence = n
	}
	return nil
}

// batchRow is the number of the row in the file that this one speaks of.
func (r *row) batchRow(f *Field, text string) error {
	if text == "" && f.Optional {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return r.item.Fault("BANKFILE_NUMBER", "value", record.Clip(text))
	}
	r.item.Sequence = n
	return nil
}

// sides are the words banks have for the two sides, as the account's owner
// sees them: 借 is what the bank took, 贷 what it put in.
var sides = map[string]record.Direction{
	"借": record.Debit, "付": record.Debit, "支": record.Debit, "支出": record.Debit, "借方": record.Debit, "往账": record.Debit, "转出": record.Debit, "D": record.Debit, "DBIT": record.Debit,
	"贷": record.Credit, "收": record.Credit, "收入": record.Credit, "贷方": record.Credit, "来账": record.Credit, "转入": record.Credit, "C": record.Credit, "CRDT": record.Credit,
}

func (r *row) direction(text string) error {
	d, ok := sides[text]
	if !ok {
		return r.item.Fault("BANKFILE_DIRECTION", "value", record.Clip(text))
	}
	r.debit = d == record.Debit
	return nil
}

// side is one of two columns of which one is filled.
func (r *row) side(text string, debit bool) error {
	a, ok := record.ParseAmount(text)
	if text == "" || ok && a.Decimal().IsZero() {
		return nil
	}
	if r.hasSum {
		return r.item.Fault("BANKFILE_TWO_SIDES", "amount", record.Clip(text))
	}
	r.debit = debit
	return r.money(text, debit)
}

// money is the amount of the row. Below zero it is money that went the other
// way, where the profile knows such amounts.
func (r *row) money(text string, debit bool) error {
	if text == "" {
		return nil
	}
	a, ok := record.ParseAmount(text)
	if !ok || a.Negative() && r.p.Negative == "refused" {
		return r.item.Fault("BANKFILE_AMOUNT", "amount", record.Clip(text))
	}
	if !a.Negative() && r.p.Negative == "required" {
		return r.item.Fault("BANKFILE_AMOUNT_SIGN", "amount", record.Clip(text))
	}
	r.amount, r.hasSum, r.debit = a, true, debit
	r.item.Amount = strings.TrimPrefix(text, "-")
	return nil
}

// done completes the item and counts it.
func (r *row) done() error {
	it := r.item
	if it.BookingDate == "" && r.p.Kind != Instructions {
		it.BookingDate = r.head.Date
	}
	var err error
	switch r.p.Kind {
	case Instructions:
		it.Kind, it.BatchID = record.KindInstruction, r.head.MessageID
	case Results:
		it.Kind, it.Level = record.KindStatus, record.LevelPayment
		err = r.result()
	case Refunds:
		it.Kind, it.Direction = record.KindReturn, record.Credit
		err = r.cause()
	case Statement:
		err = r.entry()
	}
	if err != nil {
		return err
	}
	r.add(r)
	return r.out.Item(it)
}

// entry is a booking of a statement: its side, and the balance after it.
func (r *row) entry() error {
	it := r.item
	if !r.hasSum {
		return it.Fault("BANKFILE_MISSING", "name", "amount")
	}
	it.Kind, it.Entry, it.Statement, it.Status = record.KindEntry, int(r.count), r.head.MessageID, "BOOK"
	it.Direction = record.Credit
	if r.debit != r.amount.Negative() {
		it.Direction = record.Debit
	}
	it.Reversal = r.amount.Negative() && (r.p.has(rows, "debit") || r.p.has(rows, "direction")) // 红字
	text := it.AdditionalInfo + " " + it.Remark + " " + it.ReasonText
	if it.Direction == record.Credit && slices.ContainsFunc(r.p.ReturnWords, func(w string) bool { return strings.Contains(text, w) }) {
		it.Kind = record.KindReturn
	}
	return r.move(r)
}
