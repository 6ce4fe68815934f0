package bankfiles

import (
	"strings"

	"github.com/shopspring/decimal"

	"fenlu/money"
)

// amountScale is the number of decimals kept in an int64; ISO 20022 amounts
// have at most five, so nearly every amount takes the short way.
const amountScale = 5

// amount is a decimal number as a bank writes it.
type amount struct {
	units int64           // in 10^-5, where it fits
	wide  decimal.Decimal // otherwise
}

// parseAmount reads an xs:decimal: digits with an optional point and sign, no
// exponent, no separators.
func parseAmount(s string) (amount, bool) {
	sign, digits := int64(1), s
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		digits = s[1:]
		if s[0] == '-' {
			sign = -1
		}
	}
	whole, frac, _ := strings.Cut(digits, ".")
	if len(whole)+len(frac) == 0 || len(s) > 64 || !allDigits(whole) || !allDigits(frac) {
		return amount{}, false
	}
	if len(whole) <= 12 && len(frac) <= amountScale {
		var n int64
		for _, part := range []string{whole, frac, "00000"[:amountScale-len(frac)]} {
			for i := range len(part) {
				n = n*10 + int64(part[i]-'0')
			}
		}
		return amount{units: sign * n}, true
	}
	if whole == "" {
		whole = "0"
	}
	d, err := decimal.NewFromString(whole + "." + frac + "0")
	if err != nil {
		return amount{}, false
	}
	return amount{wide: d.Mul(decimal.NewFromInt(sign))}, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (a amount) decimal() decimal.Decimal { return decimal.New(a.units, -amountScale).Add(a.wide) }

func (a amount) negative() bool { return a.units < 0 || a.wide.IsNegative() }

// fen is the amount in fen, if it is a whole number of fen that fits.
func (a amount) fen() (money.Fen, bool) {
	const perFen = 1000 // units in a fen
	if a.wide.IsZero() && a.units%perFen == 0 {
		return money.Fen(a.units / perFen), true
	}
	f, err := money.FromDecimal(a.decimal())
	return f, err == nil
}

// total adds amounts exactly, without allocating while they are ordinary.
type total struct {
	units int64
	wide  decimal.Decimal
}

func (t *total) add(a amount) {
	const room = 1 << 62 // far from overflow: one amount is below 10^17 units
	if t.units > room || t.units < -room {
		t.wide, t.units = t.wide.Add(decimal.New(t.units, -amountScale)), 0
	}
	t.units += a.units
	if !a.wide.IsZero() {
		t.wide = t.wide.Add(a.wide)
	}
}

func (t *total) sub(a amount) { t.add(amount{units: -a.units, wide: a.wide.Neg()}) }

func (t *total) decimal() decimal.Decimal { return decimal.New(t.units, -amountScale).Add(t.wide) }

func (t *total) equals(a amount) bool { return t.decimal().Equal(a.decimal()) }

// String prints at least two decimals, and more only where they are not zero.
func (t *total) String() string { return decimalString(t.decimal()) }

func decimalString(d decimal.Decimal) string {
	s := d.String() // shopspring trims trailing zeros
	if _, frac, _ := strings.Cut(s, "."); len(frac) > 2 {
		return s
	}
	return d.StringFixed(2)
}
