package calc

import (
	"fenlu/internal/errs"
	"fenlu/money"
)

// Class is one class of people and its flat monthly amount (分类分档, money-rules A11).
type Class struct {
	Name   string // 一类, 二类 … as the policy row has it
	Amount money.Fen
}

// Flat is the amount of somebody's class (按档定额), of an illness paid by the
// case (单病种定额, money-rules G5) or of any other named tier.
// Errors: CALC_CLASS (Refused) where the class is not among them, or twice;
// CALC_STANDARD.
func Flat(classes []Class, name string) (Result, error) {
	var r Result
	for _, c := range classes {
		switch {
		case c.Name != name:
		case c.Amount <= 0:
			return Result{}, input("CALC_STANDARD", c.Amount)
		case len(r.Lines) > 0:
			return Result{}, errs.New(errs.Refused, "CALC_CLASS", "class", name)
		default:
			r.add("calc.flat", c.Amount, "class", name)
		}
	}
	if len(r.Lines) == 0 {
		return Result{}, errs.New(errs.Refused, "CALC_CLASS", "class", name)
	}
	return r, nil
}

// Order says where an institution's multiple is taken and what is rounded
// before (计算次序, money-rules A18).
type Order string

// The orders of operations.
const (
	// SumExact adds the exact parts, multiplies, and rounds once at the end.
	SumExact Order = "sum_exact"
	// SumRounded rounds each part as it is paid at home, adds, multiplies, rounds.
	SumRounded Order = "sum_rounded"
	// PartByPart multiplies and rounds each part for itself and adds.
	PartByPart Order = "part_by_part"
)

// IsValid says whether o is one of the orders.
func (o Order) IsValid() bool { return o == SumExact || o == SumRounded || o == PartByPart }

// Part is one component of what is paid at home: a rate of a base, such as 1.3
// × the 低保 standard (基本生活) or 1/3 of last year's minimum wage (照料护理).
type Part struct {
	Label string
	Base  money.Fen
	Rate  money.Rate
}

// Institution is what somebody in an institution gets (集中供养): times × the
// parts that he would get at home, in the stated order of operations.
// money-rules A18.
// Errors: CALC_COUNT (no part), CALC_STANDARD, CALC_RATE, CALC_ORDER,
// CALC_METHOD, MONEY_OVERFLOW.
func Institution(parts []Part, times money.Rate, order Order, round money.Round) (Result, error) {
	if err := checkInstitution(parts, times, order, round); err != nil {
		return Result{}, err
	}
	var r Result
	var home money.Exact
	for _, p := range parts {
		exact := money.ExactOf(p.Base).Times(p.Rate)
		if order == PartByPart {
			exact = exact.Times(times)
		}
		amount, err := exact.Round(round)
		if err != nil {
			return Result{}, arithmetic(err)
		}
		if order == SumRounded {
			exact = money.ExactOf(amount)
		}
		home = home.Plus(exact)
		if order == PartByPart {
			r.add("calc.institution.each", amount, "label", p.Label, "base", p.Base, "rate", p.Rate, "times", times, "round", round)
		} else {
			r.add("calc.institution.part", amount, "label", p.Label, "base", p.Base, "rate", p.Rate, "round", round)
		}
	}
	if order == PartByPart {
		return r, r.total("calc.institution.total")
	}
	amount, err := home.Times(times).Round(round)
	if err != nil {
		return Result{}, arithmetic(err)
	}
	r.add("calc.institution."+string(order), amount, "times", times, "round", round)
	return r, nil
}

func checkInstitution(parts []Part, times money.Rate, order Order, round money.Round) error {
	switch {
	case len(parts) == 0:
		return input("CALC_COUNT", len(parts))
	case times.Sign() <= 0:
		return input("CALC_RATE", times)
	case !order.IsValid():
		return errs.New(errs.Invalid, "CALC_ORDER", "order", string(order))
	case !round.IsValid():
		return errs.New(errs.Invalid, "CALC_METHOD", "method", round)
	}
	for _, p := range parts {
		switch {
		case p.Base <= 0:
			return input("CALC_STANDARD", p.Base)
		case p.Rate.Sign() < 0:
			return input("CALC_RATE", p.Rate)
		}
	}
	return nil
}

// WithinYear is as much of wanted as a person's ceiling for the year still
// allows after what he had (年度救助限额内, money-rules G4); nothing once it is
// reached.
// Errors: CALC_STANDARD (a negative figure), MONEY_OVERFLOW.
func WithinYear(wanted, had, ceiling money.Fen) (Result, error) {
	if wanted < 0 || had < 0 || ceiling < 0 {
		return Result{}, input("CALC_STANDARD", min(wanted, had, ceiling))
	}
	left := max(0, ceiling-had) // both are not negative
	var r Result
	r.add("calc.year.left", left, "ceiling", ceiling, "had", had)
	r.add("calc.year.amount", min(wanted, left), "wanted", wanted, "left", left)
	return r, nil
}

// AboveThreshold is the share of a year's costs above a threshold (起付线,
// 救助比例, 年度累计, money-rules B14): what is due for the year with this cost
// less what was due without it, so that a year comes out the same however it
// is cut into bills.
// Errors: CALC_STANDARD (a negative figure), CALC_RATE, CALC_METHOD,
// MONEY_OVERFLOW.
func AboveThreshold(cost, before, threshold money.Fen, share money.Rate, round money.Round) (Result, error) {
	switch {
	case cost < 0 || before < 0 || threshold < 0:
		return Result{}, input("CALC_STANDARD", min(cost, before, threshold))
	case share.Sign() < 0:
		return Result{}, input("CALC_RATE", share)
	case !round.IsValid():
		return Result{}, errs.New(errs.Invalid, "CALC_METHOD", "method", round)
	}
	year, err := money.Add(before, cost)
	if err != nil {
		return Result{}, arithmetic(err)
	}
	now, err := share.Of(max(0, year-threshold), round)
	if err != nil {
		return Result{}, arithmetic(err)
	}
	was, err := share.Of(max(0, before-threshold), round)
	if err != nil {
		return Result{}, arithmetic(err)
	}
	var r Result
	r.add("calc.threshold.year", now, "year", year, "threshold", threshold, "share", share, "round", round)
	r.add("calc.threshold.amount", now-was, "now", now, "was", was)
	return r, nil
}

// Indexed is the temporary subsidy that goes with prices (价格临时补贴,
// money-rules A32): the standard × the change of the index over a year, rounded
// once; nothing where prices did not rise.
// Errors: CALC_STANDARD, CALC_METHOD, MONEY_OVERFLOW.
func Indexed(standard money.Fen, change money.Rate, round money.Round) (Result, error) {
	switch {
	case standard <= 0:
		return Result{}, input("CALC_STANDARD", standard)
	case !round.IsValid():
		return Result{}, errs.New(errs.Invalid, "CALC_METHOD", "method", round)
	}
	var r Result
	if change.Sign() <= 0 {
		r.add("calc.indexed.none", 0, "standard", standard, "change", change)
		return r, nil
	}
	amount, err := change.Of(standard, round)
	if err != nil {
		return Result{}, arithmetic(err)
	}
	r.add("calc.indexed", amount, "standard", standard, "change", change, "round", round)
	return r, nil
}
