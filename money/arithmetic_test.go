package money

import (
	"errors"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAddSubMul_are_exact_or_say_overflow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		x, y := big.NewInt(a), big.NewInt(b)
		agree(t, "Add", new(big.Int).Add(x, y), func() (Fen, error) { return Add(Fen(a), Fen(b)) })
		agree(t, "Sub", new(big.Int).Sub(x, y), func() (Fen, error) { return Sub(Fen(a), Fen(b)) })
		agree(t, "Mul", new(big.Int).Mul(x, y), func() (Fen, error) { return Mul(Fen(a), b) })
	})
}

func agree(t *rapid.T, name string, want *big.Int, do func() (Fen, error)) {
	got, err := do()
	if want.IsInt64() != (err == nil) || err != nil && !errors.Is(err, ErrOverflow) {
		t.Fatalf("%s = %d, %v; want %s", name, got, err, want)
	}
	if err == nil && int64(got) != want.Int64() {
		t.Fatalf("%s = %d; want %s", name, got, want)
	}
}

func TestAddSub_at_the_edges(t *testing.T) {
	t.Parallel()
	if _, err := Add(Max, 1); !errors.Is(err, ErrOverflow) {
		t.Errorf("Max + 1: %v", err)
	}
	if _, err := Add(Min, Min); !errors.Is(err, ErrOverflow) {
		t.Errorf("Min + Min: %v", err)
	}
	if _, err := Sub(0, Min); !errors.Is(err, ErrOverflow) {
		t.Errorf("0 - Min: %v", err)
	}
	if d, err := Sub(-1, Min); err != nil || d != Max {
		t.Errorf("-1 - Min = %d, %v", d, err)
	}
	if _, err := Sum(Max, 1, -1); !errors.Is(err, ErrOverflow) {
		t.Errorf("Sum past the edge: %v", err)
	}
	if s, err := Sum(); s != 0 || err != nil {
		t.Errorf("Sum() = %d, %v", s, err)
	}
}

func TestAnnualMonth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		annual Fen
		want   [12]Fen
	}{
		{542000, [12]Fen{45167, 45166, 45167, 45167, 45166, 45167, 45167, 45166, 45167, 45167, 45166, 45167}},
		{425500, [12]Fen{35458, 35459, 35458, 35458, 35459, 35458, 35458, 35459, 35458, 35458, 35459, 35458}},
		{60000, [12]Fen{5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000}},
		{1, [12]Fen{5: 1}},
		{-1, [12]Fen{5: -1}},
	} {
		var got [12]Fen
		for i := range got {
			got[i] = AnnualMonth(c.annual, i+1)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.annual, diff)
		}
	}
}

func TestAnnualMonth_adds_up(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		annual := rapid.Int64().Draw(t, "annual")
		var sofar Fen
		for k := 1; k <= 12; k++ {
			month := AnnualMonth(Fen(annual), k)
			sofar += month
			if want := nearestTwelfths(annual, k); int64(sofar) != want {
				t.Fatalf("after month %d: %d, want %d", k, sofar, want)
			}
			if next := AnnualMonth(Fen(annual), k+12); next != month {
				t.Fatalf("month %d is %d, month %d of the next year %d", k, month, k, next)
			}
		}
		if int64(sofar) != annual {
			t.Fatalf("twelve months make %d of %d", sofar, annual)
		}
	})
}

// nearestTwelfths is annual × k/12, half away from zero, by big integers.
func nearestTwelfths(annual int64, k int) int64 {
	n := new(big.Int).Mul(big.NewInt(annual), big.NewInt(int64(2*k)))
	n.Add(n, big.NewInt(int64(12*big.NewInt(annual).Sign())))
	return n.Quo(n, big.NewInt(24)).Int64()
}

func TestShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		total   Fen
		weights []int64
		want    []Fen
	}{
		{"even", 900, []int64{1, 1, 1}, []Fen{300, 300, 300}},
		{"ties go by order", 1000, []int64{1, 1, 1}, []Fen{334, 333, 333}},
		{"two left", 1001, []int64{1, 1, 1}, []Fen{334, 334, 333}},
		{"largest remainder wins over order", 100, []int64{10, 26, 64}, []Fen{10, 26, 64}},
		{"the later one has the larger remainder", 10, []int64{34, 33, 33}, []Fen{4, 3, 3}},
		{"4578 to 600", 43150, []int64{457800, 60000}, []Fen{38150, 5000}},
		{"nobody pays for a zero weight", 100, []int64{0, 3, 0}, []Fen{0, 100, 0}},
		{"a reversal mirrors", -1000, []int64{1, 1, 1}, []Fen{-334, -333, -333}},
		{"nothing to share", 0, []int64{5, 7}, []Fen{0, 0}},
		{"as large as can be", Max, []int64{9223372036854775807, 9223372036854775807}, []Fen{4611686018427387904, 4611686018427387903}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Share(c.total, c.weights)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestShare_refuses(t *testing.T) {
	t.Parallel()
	for _, weights := range [][]int64{nil, {}, {0, 0}, {3, -1}} {
		if got, err := Share(100, weights); !errors.Is(err, ErrWeights) || Code(err) != CodeWeights {
			t.Errorf("Share(100, %v) = %v, %v", weights, got, err)
		}
	}
}

func TestShare_adds_up_and_is_fair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64().Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1<<62), 0, 12).Draw(t, "weights")
		weights = append(weights, rapid.Int64Range(1, 1<<62).Draw(t, "a weight that is not zero"))
		sum := new(big.Int)
		for _, w := range weights {
			sum.Add(sum, big.NewInt(w))
		}
		shares, err := Share(Fen(total), weights)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Sum(shares...)
		if err != nil || int64(got) != total {
			t.Fatalf("shares make %d of %d, %v", got, total, err)
		}
		for i, s := range shares {
			fair := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(total), big.NewInt(weights[i])), sum)
			off := new(big.Rat).Sub(fair, new(big.Rat).SetInt64(int64(s)))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("share %d is %d, a fen or more from %s", i, s, fair.FloatString(3))
			}
		}
	})
}
