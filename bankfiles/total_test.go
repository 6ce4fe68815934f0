package bankfiles

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"fenlu/bankfiles/record"
	"fenlu/money"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, want string
		ok       bool
	}{
		{"0", "0.00", true}, {"1.5", "1.50", true}, {"001.50", "1.50", true}, {"+1", "1.00", true}, {"-1.005", "-1.005", true},
		{".5", "0.50", true}, {"5.", "5.00", true}, {"1.123456789", "1.123456789", true}, {"99999999999999999999.99", "99999999999999999999.99", true},
		{"1.500000", "1.50", true},
		{"", "", false}, {".", "", false}, {"-", "", false}, {"1,000", "", false}, {"1e3", "", false}, {" 1", "", false}, {"1.2.3", "", false},
		{"--1", "", false}, {"NaN", "", false}, {"٣", "", false},
	} {
		a, ok := record.ParseAmount(c.in)
		if ok != c.ok || ok && record.DecimalString(a.Decimal()) != c.want {
			t.Errorf("%q: got %v %v", c.in, record.DecimalString(a.Decimal()), ok)
		}
	}
}

func TestAmountFen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]money.Fen{"0.01": 1, "1.10000": 110, "1.1000000": 110, "92233720368547758.07": money.Max} {
		a, _ := record.ParseAmount(in)
		if got, ok := a.Fen(); !ok || got != want {
			t.Errorf("%s: got %d %v", in, got, ok)
		}
	}
	for _, in := range []string{"0.001", "1.00000001", "92233720368547758.08"} {
		a, _ := record.ParseAmount(in)
		if got, ok := a.Fen(); ok {
			t.Errorf("%s became %d fen", in, got)
		}
	}
}

// The total of any amounts is that of exact decimals.
func TestTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var sum record.Total
		want := decimal.Zero
		for _, s := range rapid.SliceOf(rapid.StringMatching(`-?[0-9]{1,18}(\.[0-9]{0,7})?`)).Draw(t, "amounts") {
			a, ok := record.ParseAmount(s)
			if !ok {
				t.Fatalf("%q refused", s)
			}
			sum.Add(a)
			want = want.Add(decimal.RequireFromString(a.Decimal().String()))
		}
		if !sum.Decimal().Equal(want) {
			t.Fatalf("got %s, want %s", sum.Decimal(), want)
		}
	})
}

func TestTotal_does_not_overflow(t *testing.T) {
	t.Parallel()
	var sum record.Total
	a, _ := record.ParseAmount("999999999999.99999")
	for range 100 {
		sum.Add(a)
	}
	if got := sum.String(); got != "99999999999999.999" {
		t.Errorf("got %s", got)
	}
}
