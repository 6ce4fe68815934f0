package money

import "math/big"

// Exact is an amount on its way through a calculation: any fraction of a fen,
// nothing lost, rounded once at the end. The zero value is 0; values are
// never changed, every step makes a new one.
type Exact struct{ fen *big.Rat } // nil is 0

// ExactOf is f as an exact amount.
func ExactOf(f Fen) Exact { return Exact{new(big.Rat).SetInt64(int64(f))} }

func (e Exact) rat() *big.Rat {
	if e.fen == nil {
		return new(big.Rat)
	}
	return e.fen
}

// Plus is e + o.
func (e Exact) Plus(o Exact) Exact { return Exact{new(big.Rat).Add(e.rat(), o.rat())} }

// Minus is e − o.
func (e Exact) Minus(o Exact) Exact { return Exact{new(big.Rat).Sub(e.rat(), o.rat())} }

// Times is e × r.
func (e Exact) Times(r Rate) Exact { return Exact{new(big.Rat).Mul(e.rat(), r.rat())} }

// TimesInt is e × n, for heads and months.
func (e Exact) TimesInt(n int64) Exact {
	return Exact{new(big.Rat).Mul(e.rat(), new(big.Rat).SetInt64(n))}
}

// Per is e ÷ n, for heads and months; n must not be 0 (it panics as any
// division by zero does).
func (e Exact) Per(n int64) Exact {
	return Exact{new(big.Rat).Quo(e.rat(), new(big.Rat).SetInt64(n))}
}

// Sign is −1, 0 or 1.
func (e Exact) Sign() int { return e.rat().Sign() }

// Cmp compares two amounts: −1, 0 or 1.
func (e Exact) Cmp(o Exact) int { return e.rat().Cmp(o.rat()) }

// Round makes the amount whole. Errors: ErrOverflow, ErrRate (an unknown
// rounding).
func (e Exact) Round(r Round) (Fen, error) { return r.apply(e.rat()) }
