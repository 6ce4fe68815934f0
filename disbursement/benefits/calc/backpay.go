package calc

import (
	"slices"

	"fenlu/internal/errs"
	"fenlu/money"
)

// Owed is an amount of one service month that one layer owes or has paid.
type Owed struct {
	Month  string    `json:"month"` // 2018-01
	Level  string    `json:"level"`
	Amount money.Fen `json:"amount"`
}

// ReviewKind says what a person must look at.
type ReviewKind string

// The kinds of review.
const (
	// Overpaid: more was paid for a month than is due; a matter of recovery
	// (追缴), never taken out of another month.
	Overpaid ReviewKind = "overpaid"
	// WrongLayer: a layer paid too much where the month as a whole did not;
	// a matter of 支付更正 between layers, not of the person.
	WrongLayer ReviewKind = "wrong_layer"
)

// Review is one thing to look at, Amount > 0.
type Review struct {
	Kind   ReviewKind `json:"kind"`
	Month  string     `json:"month"`
	Level  string     `json:"level"`
	Amount money.Fen  `json:"amount"`
}

// BackPay is one person's back-pay for one component (补发).
type BackPay struct {
	Result
	Method Method   `json:"method"` // what fixed the amounts that were due
	Pay    []Owed   `json:"pay"`    // by month and layer, each > 0; they add up to Amount
	Layers []Layer  `json:"layers"` // the same by layer
	Review []Review `json:"review"`
}

// ComputeBackPay is what is still to be paid: due by the new policy − actually
// paid, month by month and layer by layer, however what was paid came about.
// Several entries for a month and layer are added; negative payments are
// returns. Run again with the back-pay among what was paid, it finds nothing.
//
// A person's month decides: if the whole month was overpaid, nothing is paid
// for it and the excess is a Review, shared among the layers that paid too
// much; no other month is touched, for benefits are not set off. If one layer
// of a month paid too much and another too little, only the month's own
// difference is paid, shared among the layers that paid too little, and the
// rest is a Review between layers.
// method names what fixed the amounts due and goes into the explanation.
// Errors: CALC_METHOD, CALC_DUE (a negative one), CALC_MONTH, MONEY_OVERFLOW.
func ComputeBackPay(method Method, due, paid []Owed) (BackPay, error) {
	if !method.IsValid() {
		return BackPay{}, errs.New(errs.Invalid, "CALC_METHOD", "method", string(method))
	}
	for _, d := range due {
		if d.Amount < 0 {
			return BackPay{}, input("CALC_DUE", d.Month+" "+d.Level+" "+d.Amount.String())
		}
	}
	table, err := tabulate(due, paid)
	if err != nil {
		return BackPay{}, err
	}
	b := BackPay{Method: method}
	for _, month := range table {
		if err := b.settle(month); err != nil {
			return BackPay{}, err
		}
	}
	return b, b.finish()
}

// DueMonths is the due side of a back-pay from an annual standard: every layer
// of every month ("2018-01" …) by the method.
// Errors: as SplitMonth; CALC_MONTH for a month that is none.
func DueMonths(annual []Layer, m Method, months []string) ([]Owed, error) {
	var due []Owed
	for _, month := range months {
		k, err := calendarMonth(month)
		if err != nil {
			return nil, err
		}
		s, err := SplitMonth(annual, m, k)
		if err != nil {
			return nil, err
		}
		for _, l := range s.Layers {
			due = append(due, Owed{month, l.Level, l.Amount})
		}
	}
	return due, nil
}

// settle decides one month.
func (b *BackPay) settle(cells []cell) error {
	total, under, over, err := balances(cells)
	if err != nil {
		return err
	}
	pay, err := shareOut(max(total, 0), under)
	if err != nil {
		return err
	}
	overpaid, err := shareOut(max(-total, 0), over)
	if err != nil {
		return err
	}
	for i, c := range cells {
		b.add("calc.backpay.month", pay[i], "month", c.month, "level", c.level, "due", c.due, "paid", c.paid)
		if pay[i] > 0 {
			b.Pay = append(b.Pay, Owed{c.month, c.level, pay[i]})
		}
		b.review(Overpaid, c, overpaid[i])
		b.review(WrongLayer, c, money.Fen(over[i])-overpaid[i])
	}
	return nil
}

func (b *BackPay) review(kind ReviewKind, c cell, amount money.Fen) {
	if amount > 0 {
		b.Review = append(b.Review, Review{kind, c.month, c.level, amount})
	}
}

// finish adds up by layer and in all.
func (b *BackPay) finish() error {
	for _, p := range b.Pay {
		i := slices.IndexFunc(b.Layers, func(l Layer) bool { return l.Level == p.Level })
		if i < 0 {
			b.Layers = append(b.Layers, Layer{Level: p.Level})
			i = len(b.Layers) - 1
		}
		sum, err := money.Add(b.Layers[i].Amount, p.Amount)
		if err != nil {
			return arithmetic(err)
		}
		b.Layers[i].Amount = sum
	}
	return b.total("calc.backpay.total", "method", string(b.Method))
}
