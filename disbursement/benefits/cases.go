package benefits

import (
	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/money"
)

// decide is what a case gets by a row of a family that needs one.
func (w worker) decide(p Policy, c Case) (calc.Result, error) {
	switch p.Family() {
	case Gap:
		g, err := w.gap(p, c)
		return g.Result, err
	case PersonMonths:
		return w.personMonths(p, c)
	case Multiple:
		return w.multiple(p, c)
	case InBand:
		return w.inBand(p, c)
	case CaseCap:
		return decided(c.Wanted, calc.AtMost(c.Wanted, p.Amount))
	case YearCeiling:
		return calc.WithinYear(c.Wanted, c.Had, p.Amount)
	case Threshold:
		return calc.AboveThreshold(c.Cost, c.Before, p.Amount, p.Formula.Rate, p.Formula.Round)
	default:
		return calc.Result{}, errs.New(errs.Internal, "POLICY_FAMILY", "family", string(p.Family()), "options", familyOptions())
	}
}

// decided is an amount that somebody decided, once a check let it pass.
func decided(amount money.Fen, refused error) (calc.Result, error) {
	if refused != nil {
		return calc.Result{}, refused
	}
	return calc.Result{Amount: amount, Lines: []calc.Line{line("policy.line.decided", amount)}}, nil
}

// gapStandard is the standard that a household is made up to: the row's own
// amount or its base, for a month.
func (w worker) gapStandard(p Policy) (calc.Result, error) {
	r, err := w.standard(p, 0)
	if err != nil || p.Period != Yearly {
		return r, err
	}
	due, err := MonthlyAmount(p.amounting(r.Amount), w.month)
	r.Lines = append(r.Lines, line("policy.line.month", due.Total, "annual", r.Amount, "month", w.month.Number(), "method", string(p.Rounding)))
	r.Amount = due.Total
	return r, err
}

// gap makes a household's income up to the standard (补差).
func (w worker) gap(p Policy, c Case) (calc.GapResult, error) {
	s, err := w.gapStandard(p)
	if err != nil {
		return calc.GapResult{}, err
	}
	g, err := calc.Gap(calc.GapInput{Standard: s.Amount, Income: c.Income, Deductions: c.Expenses, Members: c.Members, Covered: c.Covered,
		Round: p.Formula.Round, Uplifts: c.Uplifts})
	g.Result = with(s.Lines, g.Result)
	return g, err
}

// OwedGap is what a household is owed in a month by a row that makes its income up
// to a standard (补差): the household's amount, each person's uplift, and why. Errors:
// as Owed.
func (b Book) OwedGap(p Policy, area string, month terms.Month, c Case) (calc.GapResult, error) {
	return worker{book: b, area: area, month: month}.gap(p, c)
}

// GapStandard is the standard, a month and person, that such a row makes income up
// to. Errors: as Owed.
func (b Book) GapStandard(p Policy, area string, month terms.Month) (money.Fen, error) {
	s, err := worker{book: b, area: area, month: month}.gapStandard(p)
	return s.Amount, err
}

// monthly is the base of a case, for a month, rounded as the row says.
func (w worker) monthly(p Policy) (calc.Result, error) {
	b, err := w.base(p.Formula.Base[0], Monthly, 0)
	if err != nil {
		return calc.Result{}, err
	}
	if b.rate == whole() {
		return calc.Result{Amount: b.amount, Lines: b.lines}, nil
	}
	r, err := calc.Proportion(b.amount, b.rate, p.Formula.Round)
	return with(b.lines, r), err
}

func (w worker) personMonths(p Policy, c Case) (calc.Result, error) {
	base, err := w.monthly(p)
	if err != nil {
		return base, err
	}
	r, err := calc.PersonMonths(base.Amount, c.Persons, c.Months)
	return capped(p, with(base.Lines, r), err)
}

func (w worker) multiple(p Policy, c Case) (calc.Result, error) {
	base, err := w.monthly(p)
	if err != nil {
		return base, err
	}
	r, err := calc.Multiple(base.Amount, c.Times, p.Formula.band(), p.Formula.Round)
	return capped(p, with(base.Lines, r), err)
}

func (w worker) inBand(p Policy, c Case) (calc.Result, error) {
	base, err := w.monthly(p)
	if err != nil {
		return base, err
	}
	r, err := decided(c.Wanted, calc.InBand(c.Wanted, base.Amount, p.Formula.band()))
	return capped(p, with(base.Lines, r), err)
}

// capped refuses what is above the row's own amount, where it gives one (单次限额).
func capped(p Policy, r calc.Result, err error) (calc.Result, error) {
	if err == nil && p.Amount > 0 {
		err = calc.AtMost(r.Amount, p.Amount)
	}
	return r, err
}

func with(lines []calc.Line, r calc.Result) calc.Result {
	r.Lines = append(lines, r.Lines...)
	return r
}

func (f Formula) band() calc.Band { return calc.Band{Least: f.Least, Greatest: f.Greatest} }

// ofPersonMonths is a row of persons and months for a list, which does not say how
// many: one person's month at the least, the row's own amount at the most.
func (w worker) ofPersonMonths(p Policy) (Policy, error) {
	base, err := w.monthly(p)
	if err != nil {
		return p, err
	}
	p.Least, p.Operator, p.Open = base.Amount, AtMost, p.Amount == 0
	return p, nil
}

// within is a row of a case's band as limits of an amount.
func (w worker) within(p Policy) (Policy, error) {
	base, err := w.monthly(p)
	if err != nil {
		return p, err
	}
	least, err := p.Formula.Least.Of(base.Amount, money.Up)
	if err != nil {
		return p, errs.New(errs.Invalid, money.Code(err))
	}
	greatest, err := p.Formula.Greatest.Of(base.Amount, money.Down)
	if err != nil {
		return p, errs.New(errs.Invalid, money.Code(err))
	}
	if p.Amount == 0 || greatest < p.Amount {
		p.Amount = greatest
	}
	p.Least, p.Operator = least, AtMost
	return p, nil
}
