package order

import (
	"errors"
	"hash/maphash"
	"slices"
	"time"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/money"
)

// The largest amounts that every format here can hold.
const (
	MaxAmount money.Fen = 9_999_999_999_999_99     // 13 digits before the point
	maxSum    money.Fen = 9_999_999_999_999_999_99 // 16; xs:decimal of ISO 20022 has 18 digits
)

func (f *Form) maxAmount() money.Fen {
	if f.MaxAmount > 0 {
		return min(f.MaxAmount, MaxAmount)
	}
	return MaxAmount
}

func (f *Form) maxSum() money.Fen {
	if f.MaxSum > 0 {
		return min(f.MaxSum, maxSum)
	}
	return maxSum
}

// MaxProblems is the number of problems listed; the rest is only counted.
const MaxProblems = 10_000

// Validate says whether the payments can be written in the form, and
// their totals. The error lists every problem in every row
// (BANKFILE_ROWS_REFUSED with Fields: row, column, reason), so that a person
// decides about all of them at once; nothing is replaced or left out.
// BANKFILE_EMPTY: no payments. BANKFILE_EXPECTED: not what b.Expect asks for.
// Memory: eight bytes a payment, to find ids that stand twice.
func Validate(f Form, b Batch, src Source) (Totals, error) {
	c := &checker{form: f}
	c.head(&b)
	if err := c.rows(src); err != nil {
		return Totals{}, err
	}
	return c.result(b.Expect)
}

// checker goes once over the payments and collects what is wrong.
type checker struct {
	form    Form
	fields  []errs.Field
	hidden  int
	hashes  []uint64 // of the ids
	totals  Totals
	tooMuch bool
}

func (c *checker) report(row int, fields ...errs.Field) {
	for _, f := range fields {
		if len(c.fields) >= MaxProblems {
			c.hidden++
			continue
		}
		if f.Row == 0 {
			f.Row = row
		}
		c.fields = append(c.fields, f)
	}
}

func (c *checker) head(b *Batch) {
	for _, h := range c.form.Heads {
		c.report(0, h.problems(h.Value(b), &c.form)...)
	}
	if _, err := time.Parse(time.DateOnly, b.ExecutionDate); err != nil {
		c.report(0, errs.Field{Column: "date", Value: record.Clip(b.ExecutionDate), Code: "BANKFILE_DATE"})
	}
	if y := b.Created.Year(); y < 1 || y > 9999 {
		c.report(0, errs.Field{Column: "created", Value: b.Created.String(), Code: "BANKFILE_DATE"})
	}
}

func (c *checker) rows(src Source) error {
	n := 0
	for p, err := range src() {
		n++
		if err != nil {
			if !c.rowError(n, err) {
				return err
			}
			if p.EndToEndID == "" {
				continue
			}
		}
		if p.Row == 0 {
			p.Row = n
		}
		c.texts(&p)
		if err == nil {
			c.amount(&p)
		}
	}
	c.twice(src)
	return nil
}

// rowError lists a row that could not be read; false for any other error.
func (c *checker) rowError(n int, err error) bool {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || len(e.Fields) == 0 {
		return false
	}
	c.report(n, e.Fields...)
	return true
}

func (c *checker) texts(p *Instruction) {
	for i := range c.form.Fields {
		f := &c.form.Fields[i]
		if found := f.problems(f.Value(p), &c.form); found != nil {
			c.report(p.Row, found...)
		}
	}
	c.hashes = append(c.hashes, hashID(p.EndToEndID))
}

func (c *checker) amount(p *Instruction) {
	switch {
	case p.Amount <= 0:
		c.report(p.Row, errs.Field{Column: "amount", Value: p.Amount.String(), Code: "BANKFILE_AMOUNT_NOT_POSITIVE"})
	case p.Amount > c.form.maxAmount():
		c.report(p.Row, errs.Field{Column: "amount", Value: p.Amount.String(), Code: "BANKFILE_AMOUNT_LARGE"})
	}
	if p.Currency != "" && p.Currency != "CNY" {
		c.report(p.Row, errs.Field{Column: "currency", Value: record.Clip(p.Currency), Code: "BANKFILE_CURRENCY"})
	}
	c.totals.Count++
	sum, err := money.Add(c.totals.Sum, p.Amount)
	if err != nil || sum > c.form.maxSum() {
		c.tooMuch = true
		return
	}
	c.totals.Sum = sum
}

// seed is of this process: a hash is compared with others of the same file only.
var seed = maphash.MakeSeed()

func hashID(id string) uint64 { return maphash.String(seed, id) }

// twice finds ids that stand twice: by hash first, and where two hashes are
// equal by going over the payments again.
func (c *checker) twice(src Source) {
	slices.Sort(c.hashes)
	suspects := map[uint64]bool{}
	for i := 1; i < len(c.hashes); i++ {
		if c.hashes[i] == c.hashes[i-1] && len(suspects) < MaxProblems {
			suspects[c.hashes[i]] = true
		}
	}
	if len(suspects) == 0 {
		return
	}
	firstRow, n := map[string]int{}, 0
	for p := range src() {
		n++
		if p.EndToEndID == "" || !suspects[hashID(p.EndToEndID)] {
			continue
		}
		row := p.Row
		if row == 0 {
			row = n
		}
		if before, ok := firstRow[p.EndToEndID]; ok {
			c.report(row, errs.Field{
				Column: "end_to_end_id", Value: record.Clip(p.EndToEndID),
				Code: "BANKFILE_ID_TWICE", Args: errs.Pairs("other", before),
			})
			continue
		}
		firstRow[p.EndToEndID] = row
	}
}

func (c *checker) result(expect *Totals) (Totals, error) {
	if len(c.fields) > 0 {
		slices.SortStableFunc(c.fields, func(a, b errs.Field) int { return a.Row - b.Row })
		return Totals{}, errs.WithFields("BANKFILE_ROWS_REFUSED", c.fields,
			"count", len(c.fields)+c.hidden, "profile", c.form.Name)
	}
	switch {
	case c.totals.Count == 0:
		return Totals{}, errs.New(errs.Invalid, "BANKFILE_EMPTY")
	case c.tooMuch:
		return Totals{}, errs.New(errs.Invalid, "BANKFILE_SUM_LARGE", "limit", c.form.maxSum().Grouped())
	case expect != nil && *expect != c.totals:
		return Totals{}, errs.New(errs.Conflict, "BANKFILE_EXPECTED",
			"asked_count", expect.Count, "asked_sum", expect.Sum.String(),
			"count", c.totals.Count, "sum", c.totals.Sum.String())
	}
	return c.totals, nil
}
