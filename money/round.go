package money

import (
	"fmt"
	"math/big"
)

// Round is a named way to make an exact amount whole (取整方式). The name is
// part of every policy and explanation; the zero value is HalfUp, the common
// 四舍五入.
type Round int

// The named roundings. Up and Down go by the number line (towards plus and
// minus infinity): an obligation rounded Up is never too low, a limit rounded
// Down never too high. The halves go by magnitude, so that −x mirrors x.
const (
	HalfUp     Round = iota // to the nearest fen, halves away from zero (四舍五入到分)
	HalfEven                // to the nearest fen, halves to the even one
	Up                      // up to the fen (进到分)
	Down                    // down to the fen (舍到分)
	HalfUpJiao              // to the nearest jiao, halves away from zero (四舍五入到角)
	UpJiao                  // up to the jiao (进到角)
	DownJiao                // down to the jiao (舍到角)
	HalfUpYuan              // to the nearest yuan, halves away from zero (四舍五入到元)
	UpYuan                  // up to the whole yuan (进到元)
	DownYuan                // down to the whole yuan (舍到元)
)

type mode int

const (
	nearestAway mode = iota
	nearestEven
	ceiling
	floor
)

type rounding struct {
	name string
	mode mode
	unit int64 // fen
}

// rounding is the definition of the name; ok is false for a number that is none.
func (r Round) rounding() (def rounding, ok bool) {
	defs := [...]rounding{
		HalfUp:     {"half_up", nearestAway, 1},
		HalfEven:   {"half_even", nearestEven, 1},
		Up:         {"up", ceiling, 1},
		Down:       {"down", floor, 1},
		HalfUpJiao: {"half_up_jiao", nearestAway, 10},
		UpJiao:     {"up_jiao", ceiling, 10},
		DownJiao:   {"down_jiao", floor, 10},
		HalfUpYuan: {"half_up_yuan", nearestAway, 100},
		UpYuan:     {"up_yuan", ceiling, 100},
		DownYuan:   {"down_yuan", floor, 100},
	}
	if r < 0 || int(r) >= len(defs) {
		return rounding{}, false
	}
	return defs[r], true
}

// IsValid says whether r is one of the named roundings.
func (r Round) IsValid() bool { _, ok := r.rounding(); return ok }

// String is the name, as policies store it: "half_up", "up_yuan".
func (r Round) String() string {
	def, ok := r.rounding()
	if !ok {
		return fmt.Sprintf("Round(%d)", int(r))
	}
	return def.name
}

// ParseRound finds a rounding by its name; an unknown name is ErrRate.
func ParseRound(name string) (Round, error) {
	for r := HalfUp; r.IsValid(); r++ {
		if r.String() == name {
			return r, nil
		}
	}
	return 0, fmt.Errorf("%w: no rounding is called %q", ErrRate, shorten(name))
}

// MarshalText writes the name.
func (r Round) MarshalText() ([]byte, error) {
	if !r.IsValid() {
		return nil, fmt.Errorf("%w: %s", ErrRate, r)
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (r *Round) UnmarshalText(b []byte) (err error) {
	*r, err = ParseRound(string(b))
	return err
}

// apply makes a number of fen whole; an unknown rounding is ErrRate, a result
// past 64 bits ErrOverflow.
func (r Round) apply(fen *big.Rat) (Fen, error) {
	def, ok := r.rounding()
	if !ok {
		return 0, fmt.Errorf("%w: %s", ErrRate, r)
	}
	den := new(big.Int).Mul(fen.Denom(), big.NewInt(def.unit))
	n := quotient(fen.Num(), den, def.mode)
	n.Mul(n, big.NewInt(def.unit))
	if !n.IsInt64() {
		return 0, fmt.Errorf("%w: %s fen", ErrOverflow, n)
	}
	return Fen(n.Int64()), nil
}

// quotient is num/den made whole, den > 0.
func quotient(num, den *big.Int, m mode) *big.Int {
	q, rest := new(big.Int).DivMod(num, den, new(big.Int)) // q is the floor, 0 ≤ rest < den
	if rest.Sign() == 0 || m == floor {
		return q
	}
	half := rest.Lsh(rest, 1).Cmp(den) // twice the rest against the whole
	if m == ceiling || half > 0 || half == 0 && halfGoesUp(q, m) {
		return q.Add(q, big.NewInt(1))
	}
	return q
}

// halfGoesUp decides for a value exactly between q and q+1.
func halfGoesUp(q *big.Int, m mode) bool {
	if m == nearestEven {
		return q.Bit(0) == 1
	}
	return q.Sign() >= 0
}
