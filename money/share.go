package money

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// CodeWeights is the catalogue code of ErrWeights.
const CodeWeights = "MONEY_WEIGHTS"

// ErrWeights is returned where an amount is to be shared by no weights, by a
// negative weight, or by weights that are all zero.
var ErrWeights = errors.New("money: cannot share by these weights")

// Share shares total out by weights with the method of largest remainder:
// everybody gets the whole fen of his proportion, and the fen that are left go
// one each to the largest remainders, in order of the list where those are
// equal. The shares add up to total exactly. A negative total is shared as
// its magnitude, so that a reversal mirrors what it reverses.
// Errors: ErrWeights.
func Share(total Fen, weights []int64) ([]Fen, error) {
	sum := new(big.Int)
	for _, w := range weights {
		if w < 0 {
			return nil, fmt.Errorf("%w: %d", ErrWeights, w)
		}
		sum.Add(sum, big.NewInt(w))
	}
	if sum.Sign() == 0 {
		return nil, fmt.Errorf("%w: nothing to share by", ErrWeights)
	}
	shares, rests, left := proportions(total, weights, sum)
	for _, i := range largest(rests)[:left] {
		shares[i] += sign(total)
	}
	return shares, nil
}

// proportions is each weight's part of total cut to whole fen, what was cut
// off (of magnitudes, in units of 1/sum fen), and how many fen that makes.
func proportions(total Fen, weights []int64, sum *big.Int) (shares []Fen, rests []*big.Int, left int64) {
	all := big.NewInt(int64(total))
	rest := new(big.Int)
	for _, w := range weights {
		part, r := new(big.Int).QuoRem(new(big.Int).Mul(all, big.NewInt(w)), sum, new(big.Int))
		shares = append(shares, Fen(part.Int64()))
		rests = append(rests, r.Abs(r))
		rest.Add(rest, r)
	}
	return shares, rests, rest.Quo(rest, sum).Int64()
}

// largest is the order of the rests, largest first, ties as they stand.
func largest(rests []*big.Int) []int {
	order := make([]int, len(rests))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rests[b].Cmp(rests[a]) })
	return order
}

func sign(f Fen) Fen {
	if f < 0 {
		return -1
	}
	return 1
}
