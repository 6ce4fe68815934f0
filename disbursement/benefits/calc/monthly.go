package calc

import (
	"fenlu/internal/errs"
	"fenlu/money"
)

// Method is the rule by which an annual amount becomes months (按月计发方法).
type Method string

// The methods. Only Annual gives exactly the annual amount after twelve
// months; the others repeat one monthly amount.
const (
	Annual   Method = "annual"    // month k: round(annual·k/12) − round(annual·(k−1)/12)
	EachFen  Method = "fen"       // every month: annual/12, half up to the fen
	UpToJiao Method = "up_jiao"   // every month: annual/12, up to the jiao
	UpToYuan Method = "up_yuan"   // every month: annual/12, up to the yuan
	ToYuan   Method = "near_yuan" // every month: annual/12, half up to the yuan (3500 → 292)
)

// IsValid says whether m is one of the methods.
func (m Method) IsValid() bool {
	_, repeats := m.round()
	return repeats || m == Annual
}

// round is the rounding of a method that repeats one monthly amount.
func (m Method) round() (money.Round, bool) {
	switch m {
	case EachFen:
		return money.HalfUp, true
	case UpToJiao:
		return money.UpJiao, true
	case UpToYuan:
		return money.UpYuan, true
	case ToYuan:
		return money.HalfUpYuan, true
	default:
		return 0, false
	}
}

// Month is what calendar month k (1 to 12) receives of an annual amount.
// Errors: CALC_METHOD, CALC_MONTH, MONEY_OVERFLOW.
func (m Method) Month(annual money.Fen, k int) (money.Fen, error) {
	if k < 1 || k > 12 {
		return 0, errs.New(errs.Invalid, "CALC_MONTH", "month", k)
	}
	if m == Annual {
		return money.AnnualMonth(annual, k), nil
	}
	round, ok := m.round()
	if !ok {
		return 0, errs.New(errs.Invalid, "CALC_METHOD", "method", string(m))
	}
	amount, err := money.ExactOf(annual).Per(12).Round(round)
	if err != nil {
		return 0, arithmetic(err)
	}
	return amount, nil
}

// Stated compares a monthly amount that a document states with the annual one
// it states beside it ("3500 a year … 292 a month"). The Amount is what twelve
// stated months are more (or, negative, less) than the year: 4.00. It decides
// nothing; which of the two is paid is the policy row's method.
// Errors: CALC_STANDARD, MONEY_OVERFLOW.
func Stated(annual, month money.Fen) (Result, error) {
	if annual <= 0 || month <= 0 {
		return Result{}, input("CALC_STANDARD", min(annual, month))
	}
	exact, err := EachFen.Month(annual, 1)
	if err != nil {
		return Result{}, err
	}
	year, err := money.Mul(month, 12)
	if err != nil {
		return Result{}, arithmetic(err)
	}
	difference, err := money.Sub(year, annual)
	if err != nil {
		return Result{}, arithmetic(err)
	}
	var r Result
	r.add("calc.stated.month", exact, "annual", annual)
	r.add("calc.stated.year", year, "month", month)
	r.add("calc.stated.difference", difference)
	return r, nil
}
