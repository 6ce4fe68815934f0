package record

import (
	"strings"

	"github.com/shopspring/decimal"

	"fenlu/money"
)

// amountScale is the number of decimals kept in an int64; ISO 20022 amounts
// have at most five, so nearly every amount takes the short way.
const amountScale = 5

// Amount is a decimal number as a bank writes it.
type Amount struct {
	units int64           // in 10^-5, where it fits
	wide  decimal.Decimal // otherwise
}

// ParseAmount reads an xs:decimal: digits with an optional point and sign, no
// exponent, no separators.
func ParseAmount(s string) (Amount, bool) {
	sign, digits := int64(1), s
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		digits = s[1:]
		if s[0] == '-' {
			sign = -1
		}
	}
	whole, frac, _ := strings.Cut(digits, ".")
	if len(whole)+len(frac) == 0 || len(s) > 64 || !AllDigits(whole) || !AllDigits(frac) {
		return Amount{}, false
	}
	if len(whole) <= 12 && len(frac) <= amountScale {
		var n int64
		for _, part := range []string{whole, frac, "00000"[:amountScale-len(frac)]} {
			for i := range len(part) {
				n = n*10 + int64(part[i]-'0')
			}
		}
		return Amount{units: sign * n}, true
	}
	if whole == "" {
		whole = "0"
	}
	d, err := decimal.NewFromString(whole + "." + frac + "0")
	if err != nil {
		return Amount{}, false
	}
	return Amount{wide: d.Mul(decimal.NewFromInt(sign))}, true
}

// Decimal is the amount exactly.
func (a Amount) Decimal() decimal.Decimal { return decimal.New(a.units, -amountScale).Add(a.wide) }

// Negative says whether it is below zero.
func (a Amount) Negative() bool { return a.units < 0 || a.wide.IsNegative() }

// Negated is the amount with its sign turned.
func (a Amount) Negated() Amount { return Amount{units: -a.units, wide: a.wide.Neg()} }

// Fen is the amount in fen, if it is a whole number of fen that fits.
func (a Amount) Fen() (money.Fen, bool) {
	const perFen = 1000 // units in a fen
	if a.wide.IsZero() && a.units%perFen == 0 {
		return money.Fen(a.units / perFen), true
	}
	f, err := money.FromDecimal(a.Decimal())
	return f, err == nil
}

// Total adds amounts exactly, without allocating while they are ordinary.
type Total struct {
	units int64
	wide  decimal.Decimal
}

// Add adds an amount.
func (t *Total) Add(a Amount) {
	const room = 1 << 62 // far from overflow: one amount is below 10^17 units
	if t.units > room || t.units < -room {
		t.wide, t.units = t.wide.Add(decimal.New(t.units, -amountScale)), 0
	}
	t.units += a.units
	if !a.wide.IsZero() {
		t.wide = t.wide.Add(a.wide)
	}
}

// Sub takes an amount off.
func (t *Total) Sub(a Amount) { t.Add(a.Negated()) }

// Decimal is the total exactly.
func (t *Total) Decimal() decimal.Decimal { return decimal.New(t.units, -amountScale).Add(t.wide) }

// Equals says whether the total is that amount.
func (t *Total) Equals(a Amount) bool {
	if t.wide.IsZero() && a.wide.IsZero() {
		return t.units == a.units
	}
	return t.Decimal().Equal(a.Decimal())
}

// Amount is the total as one amount.
func (t *Total) Amount() Amount { return Amount{units: t.units, wide: t.wide} }

// String prints at least two decimals, and more only where they are not zero.
func (t *Total) String() string { return DecimalString(t.Decimal()) }

// DecimalString prints at least two decimals, and more only where they are
// not zero.
func DecimalString(d decimal.Decimal) string {
	s := d.String() // shopspring trims trailing zeros
	if _, frac, _ := strings.Cut(s, "."); len(frac) > 2 {
		return s
	}
	return d.StringFixed(2)
}
