package sample

import (
	"math/bits"
	"math/rand/v2"
)

// dice is the one source of chance. It uses only the generator's raw output,
// whose values are fixed by its specification, so that a seed means the same
// county under every version of Go.
type dice struct{ pcg *rand.PCG }

func newDice(seed int64) *dice {
	const stream = 0x71_4e_9e_8b_f1_3d_05_a7
	return &dice{pcg: rand.NewPCG(uint64(seed), stream)} //nolint:gosec // any 64 bits are a seed
}

// below is a number from 0 to n-1.
func (d *dice) below(n int) int {
	hi, _ := bits.Mul64(d.pcg.Uint64(), uint64(n)) //nolint:gosec // n counts something
	return int(hi)                                 //nolint:gosec // less than n
}

// between is a number from low to high, both included.
func (d *dice) between(low, high int) int { return low + d.below(high-low+1) }

// percent is true p times in a hundred.
func (d *dice) percent(p int) bool { return d.below(100) < p }

// weighted is an index, each as likely as its weight.
func (d *dice) weighted(weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	left := d.below(sum)
	for i, w := range weights {
		if left -= w; left < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// at is a position in one of the county's lists, which hold some million
// entries at most; int32 keeps the lists small.
func at(n int) int32 { return int32(n) } //nolint:gosec // see above

func pick[T any](d *dice, from []T) T { return from[d.below(len(from))] }
