package money

import (
	"encoding/json"
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestParseRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Rate{
		"5%": {1, 20}, "3％": {3, 100}, "47.5%": {19, 40}, "0.05": {1, 20}, "1.3": {13, 10}, "130%": {13, 10},
		"1/3": {1, 3}, "2/6": {1, 3}, "１／６": {1, 6}, "0": {}, "0%": {}, "0/5": {}, "-1/2": {-1, 2}, "1/-2": {-1, 2},
		"12": {12, 1}, " 25% ": {1, 4},
	} {
		got, err := ParseRate(text)
		if err != nil || got != want {
			t.Errorf("ParseRate(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestParseRate_refuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "%", "5 %", "47。5%", "1e3", "NaN", "1/0", "1/", "/3", "1/2/3", "1.5/2", "5%%", "5%/2", "1,000",
		"百分之五", "0.00000000000000000000001", "99999999999999999999",
	} {
		if got, err := ParseRate(text); !errors.Is(err, ErrRate) || Code(err) != CodeRate {
			t.Errorf("ParseRate(%q) = %v, %v", text, got, err)
		}
	}
	if _, err := NewRate(1, 0); !errors.Is(err, ErrRate) {
		t.Errorf("NewRate(1, 0): %v", err)
	}
}

func TestRate_String_is_read_back(t *testing.T) {
	t.Parallel()
	for rate, want := range map[Rate]string{
		{1, 20}: "5%", {19, 40}: "47.5%", {13, 10}: "130%", {1, 3}: "1/3", {}: "0%", {-1, 6}: "-1/6", {1, 1 << 20}: "1/1048576",
	} {
		if got := rate.String(); got != want {
			t.Errorf("%d/%d prints as %q, want %q", rate.num, rate.den, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		rate, err := NewRate(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "num"), rapid.Int64Range(1, 1<<40).Draw(t, "den"))
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(rate)
		if err != nil {
			t.Fatal(err)
		}
		var back Rate
		if err := json.Unmarshal(b, &back); err != nil || back != rate {
			t.Fatalf("%s came back as %v, %v", b, back, err)
		}
	})
}

func TestRound_by_name(t *testing.T) {
	t.Parallel()
	third := func(fen int64) Exact { return ExactOf(Fen(fen)).Per(3) }
	half := func(fen int64) Exact { return ExactOf(Fen(fen)).Per(2) }
	for _, c := range []struct {
		exact Exact
		round Round
		want  Fen
	}{
		{half(1), HalfUp, 1}, {half(3), HalfUp, 2}, {half(-1), HalfUp, -1}, {half(-3), HalfUp, -2},
		{third(1), HalfUp, 0}, {third(2), HalfUp, 1}, {third(-1), HalfUp, 0}, {third(-2), HalfUp, -1},
		{half(1), HalfEven, 0}, {half(3), HalfEven, 2}, {half(-1), HalfEven, 0}, {half(-3), HalfEven, -2}, {third(2), HalfEven, 1},
		{third(1), Up, 1}, {third(-1), Up, 0}, {third(3), Up, 1},
		{third(2), Down, 0}, {third(-1), Down, -1}, {third(3), Down, 1},
		{ExactOf(1234), UpJiao, 1240}, {ExactOf(1240), UpJiao, 1240}, {ExactOf(1234), DownJiao, 1230}, {ExactOf(1235), HalfUpJiao, 1240},
		{ExactOf(29201), UpYuan, 29300}, {ExactOf(29200), UpYuan, 29200}, {ExactOf(29299), DownYuan, 29200}, {ExactOf(29250), HalfUpYuan, 29300},
		{ExactOf(350000).Per(12), HalfUpYuan, 29200}, // 3500 a year, stated as 292 a month
	} {
		if got, err := c.exact.Round(c.round); err != nil || got != c.want {
			t.Errorf("%s of %s = %d, %v; want %d", c.round, c.exact.rat(), got, err, c.want)
		}
	}
}

func TestRound_names_are_read_back(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for r := HalfUp; r <= DownYuan; r++ {
		b, err := r.MarshalText()
		if err != nil || seen[string(b)] {
			t.Errorf("%d: %q, %v", r, b, err)
		}
		seen[string(b)] = true
		var back Round
		if err := back.UnmarshalText(b); err != nil || back != r {
			t.Errorf("%q came back as %v, %v", b, back, err)
		}
	}
	if _, err := ParseRound("to taste"); !errors.Is(err, ErrRate) {
		t.Errorf("an unknown name: %v", err)
	}
	if _, err := Round(99).MarshalText(); !errors.Is(err, ErrRate) {
		t.Errorf("an unknown number: %v", err)
	}
	if _, err := ExactOf(1).Round(Round(-1)); !errors.Is(err, ErrRate) {
		t.Errorf("rounding by an unknown rule: %v", err)
	}
}

func TestRound_stays_within_its_unit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := Fen(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "amount"))
		rate, err := NewRate(rapid.Int64Range(-1000, 1000).Draw(t, "num"), rapid.Int64Range(1, 1000).Draw(t, "den"))
		if err != nil {
			t.Fatal(err)
		}
		exact := ExactOf(amount).Times(rate)
		for r := HalfUp; r.IsValid(); r++ {
			got, err := rate.Of(amount, r)
			if err != nil {
				t.Fatal(err)
			}
			def, _ := r.rounding()
			off := new(big.Rat).Sub(new(big.Rat).SetInt64(int64(got)), exact.rat())
			limit, twice := big.NewRat(def.unit, 1), new(big.Rat).Add(off, off)
			switch def.mode {
			case ceiling:
				if off.Sign() < 0 || off.Cmp(limit) >= 0 {
					t.Fatalf("%s of %s is %d", r, exact.rat(), got)
				}
			case floor:
				if off.Sign() > 0 || off.Neg(off).Cmp(limit) >= 0 {
					t.Fatalf("%s of %s is %d", r, exact.rat(), got)
				}
			default:
				if twice.Abs(twice).Cmp(limit) > 0 {
					t.Fatalf("%s of %s is %d", r, exact.rat(), got)
				}
			}
			if int64(got)%def.unit != 0 {
				t.Fatalf("%s gave %d", r, got)
			}
		}
	})
}

func TestRate_Of_says_overflow(t *testing.T) {
	t.Parallel()
	if _, err := (Rate{3, 2}).Of(Max, Down); !errors.Is(err, ErrOverflow) {
		t.Errorf("Max × 1.5: %v", err)
	}
	if got, err := (Rate{1, 3}).Of(Max, Down); err != nil || got != Max/3 {
		t.Errorf("Max / 3 = %d, %v", got, err)
	}
}

func TestExact_rounds_once(t *testing.T) {
	t.Parallel()
	// A third of 0.01 three times is 0.01; rounded each time it would be 0.
	third := Rate{1, 3}
	e := ExactOf(1).Times(third)
	if got, err := e.Plus(e).Plus(e).Round(HalfUp); err != nil || got != 1 {
		t.Errorf("three thirds of a fen = %d, %v", got, err)
	}
	if e.Sign() != 1 || (Exact{}).Sign() != 0 || e.Cmp(Exact{}) != 1 || (Exact{}).Minus(e).Sign() != -1 {
		t.Error("signs are wrong")
	}
	if third.Sign() != 1 || third.Cmp(Rate{}) != 1 || (Rate{}).Cmp(third) != -1 {
		t.Error("rates compare wrongly")
	}
}
