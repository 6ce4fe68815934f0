package money

import (
	"fmt"
	"math/big"
)

// Add is the sum, or ErrOverflow.
func Add(a, b Fen) (Fen, error) {
	s := a + b
	if (a > 0 && b > 0 && s < 0) || (a < 0 && b < 0 && s >= 0) {
		return 0, fmt.Errorf("%w: %s + %s", ErrOverflow, a, b)
	}
	return s, nil
}

// Sub is a − b, or ErrOverflow.
func Sub(a, b Fen) (Fen, error) {
	d := a - b
	if (b > 0 && d > a) || (b < 0 && d < a) {
		return 0, fmt.Errorf("%w: %s - %s", ErrOverflow, a, b)
	}
	return d, nil
}

// Mul is f taken n times, or ErrOverflow.
func Mul(f Fen, n int64) (Fen, error) {
	p := new(big.Int).Mul(big.NewInt(int64(f)), big.NewInt(n))
	if !p.IsInt64() {
		return 0, fmt.Errorf("%w: %s × %d", ErrOverflow, f, n)
	}
	return Fen(p.Int64()), nil
}

// Sum adds amounts, or says ErrOverflow.
func Sum(amounts ...Fen) (Fen, error) {
	var total Fen
	for _, a := range amounts {
		t, err := Add(total, a)
		if err != nil {
			return 0, err
		}
		total = t
	}
	return total, nil
}

// AnnualMonth is what month k of a year receives of an annual amount:
// round(annual × k/12) − round(annual × (k−1)/12), both half up, so that the
// twelve months add up to the annual amount exactly and every month is within
// a fen of the twelfth (5420.00: 451.67, 451.66, 451.67 …). k is the calendar
// month 1 to 12; what somebody who joins in May receives from May on is the
// sum over k = 5 … 12. k beyond a year goes on with the next year.
func AnnualMonth(annual Fen, k int) Fen {
	// annual = 12q + r, so round(annual·k/12) = q·k + round(r·k/12): the
	// large part needs no rounding and nothing can overflow.
	q, r := annual/12, annual%12
	k = ((k-1)%12+12)%12 + 1
	return q + twelfths(r, Fen(k)) - twelfths(r, Fen(k-1))
}

// twelfths is r·k/12 rounded half away from zero, for |r| < 12.
func twelfths(r, k Fen) Fen {
	if r < 0 {
		return -twelfths(-r, k)
	}
	return (2*r*k + 12) / 24
}
