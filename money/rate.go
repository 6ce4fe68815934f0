package money

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/shopspring/decimal"
)

// CodeRate is the catalogue code of ErrRate.
const CodeRate = "MONEY_RATE"

// ErrRate is returned for text that is not a rate ("5%", "1/3", "1.3"), for
// an unknown rounding, and for a rate too long to be kept.
var ErrRate = errors.New("money: not a rate")

// Rate is an exact fraction (比例): 5% is 1/20 and a third is a third, not
// 0.3333. The zero value is 0. Rates are comparable: equal values are ==.
type Rate struct{ num, den int64 } // lowest terms, den > 0; {0 0} is 0

// NewRate is num/den in lowest terms; den 0, or numbers that do not fit, are
// ErrRate.
func NewRate(num, den int64) (Rate, error) {
	if den == 0 {
		return Rate{}, fmt.Errorf("%w: %d/0", ErrRate, num)
	}
	return fromRat(new(big.Rat).SetFrac(big.NewInt(num), big.NewInt(den)))
}

func fromRat(r *big.Rat) (Rate, error) {
	if !r.Num().IsInt64() || !r.Denom().IsInt64() {
		return Rate{}, fmt.Errorf("%w: %s is too long", ErrRate, r)
	}
	if r.Sign() == 0 {
		return Rate{}, nil
	}
	return Rate{r.Num().Int64(), r.Denom().Int64()}, nil
}

// ParseRate reads "5%", "1/3", "1.3", "0.05", "47.5%"; no exponents, no
// spaces inside. Full-width digits and signs are read as the plain ones.
// Errors: ErrRate.
func ParseRate(s string) (Rate, error) {
	t := strings.Map(narrowRate, strings.TrimSpace(s))
	if num, den, ok := strings.Cut(t, "/"); ok {
		return parseFraction(s, num, den)
	}
	number, percent := strings.CutSuffix(t, "%")
	d, err := parseNumber(s, number)
	if err != nil {
		return Rate{}, err
	}
	if percent {
		d = d.Shift(-2)
	}
	return fromRat(d.Rat())
}

func narrowRate(r rune) rune {
	switch r {
	case '％':
		return '%'
	case '／':
		return '/'
	default:
		return narrow(r)
	}
}

func parseFraction(s, num, den string) (Rate, error) {
	n, err := parseNumber(s, num)
	if err != nil {
		return Rate{}, err
	}
	d, err := parseNumber(s, den)
	if err != nil || d.IsZero() || !n.IsInteger() || !d.IsInteger() {
		return Rate{}, fmt.Errorf("%w: %q", ErrRate, shorten(s))
	}
	return fromRat(new(big.Rat).Quo(n.Rat(), d.Rat()))
}

func parseNumber(s, number string) (decimal.Decimal, error) {
	if check(number) != "" || strings.Contains(number, ",") {
		return decimal.Decimal{}, fmt.Errorf("%w: %q", ErrRate, shorten(s))
	}
	return decimal.NewFromString(number)
}

func (r Rate) rat() *big.Rat {
	if r.den == 0 {
		return new(big.Rat)
	}
	return big.NewRat(r.num, r.den)
}

// Fraction is the rate as num ÷ den in lowest terms, den above 0: for a query that
// compares exactly.
func (r Rate) Fraction() (num, den int64) { return r.num, max(r.den, 1) }

// Sign is −1, 0 or 1.
func (r Rate) Sign() int { return r.rat().Sign() }

// Cmp compares two rates: −1, 0 or 1.
func (r Rate) Cmp(s Rate) int { return r.rat().Cmp(s.rat()) }

// Of is f × r, exact and then rounded once. Errors: ErrOverflow, ErrRate (an
// unknown rounding).
func (r Rate) Of(f Fen, round Round) (Fen, error) { return ExactOf(f).Times(r).Round(round) }

// Times is the product, exact. Errors: ErrRate where it is too long to be kept.
func (r Rate) Times(s Rate) (Rate, error) { return fromRat(new(big.Rat).Mul(r.rat(), s.rat())) }

// String is the rate as a percentage where that is exact with at most four
// decimals ("5%", "47.5%", "130%"), else as a fraction ("1/3"). ParseRate
// reads it back.
func (r Rate) String() string {
	percent := new(big.Rat).Mul(r.rat(), big.NewRat(100, 1))
	if digits, exact := percent.FloatPrec(); exact && digits <= 4 {
		return percent.FloatString(digits) + "%"
	}
	return fmt.Sprintf("%d/%d", r.num, r.den)
}

// MarshalText writes what String says.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what ParseRate reads.
func (r *Rate) UnmarshalText(b []byte) (err error) {
	*r, err = ParseRate(string(b))
	return err
}
