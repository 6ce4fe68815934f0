package layout

import (
	"strconv"

	"fenlu/bankfiles/record"
)

// counted are the values of header and trailer that are compared with the
// rows.
var counted = map[string]bool{
	"count": true, "sum": true, "ok_count": true, "ok_sum": true, "failed_count": true, "failed_sum": true,
	"unknown_count": true, "unknown_sum": true, "debit_count": true, "debit_sum": true, "credit_count": true, "credit_sum": true,
	"clearing": true, "opening": true, "closing": true,
}

// subtotal is the number of some rows and their sum.
type subtotal struct {
	count int64
	sum   record.Total
}

func (t *subtotal) add(a record.Amount) { t.count++; t.sum.Add(a) }

// tally is what the rows add up to: signed as they are written, and by what
// became of them.
type tally struct {
	subtotal
	skew                                 int64 // what gaps in the row numbers add to the count
	ok, failed, unknown, debits, credits subtotal
}

func (t *tally) add(r *row) {
	t.sum.Add(r.amount) // counted when the row began
	switch r.said {     // as the file counts them, whatever was doubted since
	case record.OutcomePaid:
		t.ok.count++
	case record.OutcomeFailed:
		t.failed.add(r.amount)
	case record.OutcomeUnknown:
		t.unknown.add(r.amount)
	}
	t.ok.sum.Add(r.success())
	if r.p.Kind != Statement {
		return
	}
	if r.debit { // the column, whatever the sign
		t.debits.add(r.amount)
	} else {
		t.credits.add(r.amount)
	}
}

// success is what a row adds to the stated sum of what was paid (ok_sum): the
// amount paid where it is stated, since of a payment whose outcome is open a part
// may have been paid.
func (r *row) success() record.Amount {
	paid, stated := record.ParseAmount(r.paid)
	switch {
	case stated:
		return paid
	case r.said == record.OutcomePaid:
		return r.amount
	}
	return record.Amount{}
}

// agree compares what a section states with the rows read so far.
func (b *body) agree(s section) error {
	groups := map[string]*subtotal{
		"count": &b.subtotal, "ok_count": &b.ok, "failed_count": &b.failed, "unknown_count": &b.unknown, "debit_count": &b.debits, "credit_count": &b.credits,
		"sum": &b.subtotal, "ok_sum": &b.ok, "failed_sum": &b.failed, "unknown_sum": &b.unknown, "debit_sum": &b.debits, "credit_sum": &b.credits,
	}
	for _, st := range b.stated {
		g := groups[st.value]
		if g == nil || st.part != s {
			continue
		}
		count, sum := "", st.text
		if meanings[st.value].nature == number {
			count, sum = canonicalCount(st.text), ""
		}
		if err := record.Agree(st.at, b.head.Level, count, sum, g.count, &g.sum); err != nil {
			return err
		}
	}
	return nil
}

// canonicalCount takes off leading zeros, so that any number of digits reads.
func canonicalCount(s string) string {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	return s
}
