package calc

import (
	"fenlu/internal/errs"
	"fenlu/money"
)

// Heads is a number of people with one standard each.
type Heads struct {
	Label    string // 半护理, 全护理 …
	Count    int64
	Standard money.Fen
}

// Counted is a sum over groups of people.
type Counted struct {
	Result
	People int64 `json:"people"`
}

// HeadCount is head-count × standard, group by group, added up: 176 × 259.00
// and 136 × 517.00 are 115,896.00 for 312 people.
// Errors: CALC_COUNT, CALC_STANDARD, MONEY_OVERFLOW.
func HeadCount(groups ...Heads) (Counted, error) {
	var c Counted
	for _, g := range groups {
		switch {
		case g.Count < 0:
			return Counted{}, input("CALC_COUNT", g.Count)
		case g.Standard < 0:
			return Counted{}, input("CALC_STANDARD", g.Standard)
		}
		amount, err := money.Mul(g.Standard, g.Count)
		if err != nil {
			return Counted{}, arithmetic(err)
		}
		c.People += g.Count
		c.add("calc.heads.group", amount, "label", g.Label, "count", g.Count, "standard", g.Standard)
	}
	return c, c.total("calc.heads.total", "people", c.People)
}

// PersonMonths is standard × persons × months, as for temporary assistance to
// a family in a lasting difficulty (临时救助).
// Errors: CALC_STANDARD, CALC_COUNT, MONEY_OVERFLOW.
func PersonMonths(standard money.Fen, persons, months int64) (Result, error) {
	switch {
	case standard <= 0:
		return Result{}, input("CALC_STANDARD", standard)
	case persons <= 0:
		return Result{}, input("CALC_COUNT", persons)
	case months <= 0:
		return Result{}, input("CALC_COUNT", months)
	}
	amount, err := money.ExactOf(standard).TimesInt(persons).TimesInt(months).Round(money.HalfUp)
	if err != nil {
		return Result{}, arithmetic(err)
	}
	var r Result
	r.add("calc.person_months", amount, "standard", standard, "persons", persons, "months", months)
	return r, nil
}

// Band is the least and the greatest multiple that a policy allows, both
// included: 3 to 12 times the monthly standard, or 75% to 125% of it.
type Band struct{ Least, Greatest money.Rate }

// Multiple is base × times, refused where times lies outside the band.
// Errors: CALC_BAND (Refused), CALC_STANDARD, MONEY_OVERFLOW.
func Multiple(base money.Fen, times money.Rate, band Band, round money.Round) (Result, error) {
	if base <= 0 {
		return Result{}, input("CALC_STANDARD", base)
	}
	if times.Cmp(band.Least) < 0 || times.Cmp(band.Greatest) > 0 {
		return Result{}, errs.New(errs.Refused, "CALC_BAND", "times", times, "least", band.Least, "greatest", band.Greatest)
	}
	return Proportion(base, times, round)
}

// InBand checks an amount that somebody decided against a band of multiples of
// a base (临时救助标准上下浮动25%以内); what is owed stays the amount.
// Errors: CALC_BAND_AMOUNT (Refused) with the limits, CALC_STANDARD,
// MONEY_OVERFLOW.
func InBand(amount, base money.Fen, band Band) error {
	if base <= 0 {
		return input("CALC_STANDARD", base)
	}
	least, err := band.Least.Of(base, money.Up)
	if err != nil {
		return arithmetic(err)
	}
	greatest, err := band.Greatest.Of(base, money.Down)
	if err != nil {
		return arithmetic(err)
	}
	if amount < least || amount > greatest {
		return errs.New(errs.Refused, "CALC_BAND_AMOUNT", "amount", amount, "least", least, "greatest", greatest)
	}
	return nil
}

// AtMost checks an amount against a ceiling per case or year (限额).
// Errors: CALC_CEILING (Refused) with what is too much.
func AtMost(amount, ceiling money.Fen) error {
	if amount <= ceiling {
		return nil
	}
	over, err := money.Sub(amount, ceiling)
	if err != nil {
		return arithmetic(err)
	}
	return errs.New(errs.Refused, "CALC_CEILING", "amount", amount, "ceiling", ceiling, "over", over)
}

// Proportion is a rate of a base, rounded once: 1.3 × the 低保 standard, 1/3 of
// last year's minimum wage, 150% of the total at home for somebody in an
// institution.
// Errors: CALC_STANDARD, CALC_RATE, MONEY_OVERFLOW.
func Proportion(base money.Fen, rate money.Rate, round money.Round) (Result, error) {
	switch {
	case base < 0:
		return Result{}, input("CALC_STANDARD", base)
	case rate.Sign() < 0:
		return Result{}, input("CALC_RATE", rate)
	}
	amount, err := rate.Of(base, round)
	if err != nil {
		return Result{}, arithmetic(err)
	}
	var r Result
	r.add("calc.proportion", amount, "base", base, "rate", rate, "round", round)
	return r, nil
}
