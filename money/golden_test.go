package money

import "testing"

// TestGoldenRates holds the exact fractions of the planning documents: part E
// of the money rules (annual standards by the month) and the percentages of
// the carve-out.
func TestGoldenRates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount, rate string
		round        Round
		want         string
	}{
		{"3720", "1/12", HalfUp, "310.00"}, {"3480", "1/12", HalfUp, "290.00"}, {"3300", "1/12", HalfUp, "275.00"},
		{"3500", "1/12", HalfUp, "291.67"}, {"3500", "1/12", UpYuan, "292.00"},
		{"6432", "1/12", HalfUp, "536.00"}, {"5178", "1/12", HalfUp, "431.50"}, {"5832", "1/12", HalfUp, "486.00"},
		{"4578", "1/12", HalfUp, "381.50"}, {"600", "1/12", HalfUp, "50.00"}, {"5420", "1/12", HalfUp, "451.67"},
		{"4255", "1/12", HalfUp, "354.58"}, {"4350", "1/12", HalfUp, "362.50"},
		{"102000000", "5%", Up, "5100000.00"}, {"100000000", "3%", Down, "3000000.00"},
		{"63200000", "5%", Up, "3160000.00"}, {"61400000", "3%", Down, "1842000.00"},
		{"0.01", "5%", Up, "0.01"}, {"0.99", "3%", Down, "0.02"},
		{"1000", "1.3", HalfUp, "1300.00"}, {"2000", "1/3", HalfUp, "666.67"}, {"2000", "47.5%", HalfUp, "950.00"},
	} {
		rate, err := ParseRate(c.rate)
		if err != nil {
			t.Fatal(err)
		}
		amount, err := Parse(c.amount)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := rate.Of(amount, c.round); err != nil || got.String() != c.want {
			t.Errorf("%s of %s, %s = %s, %v; want %s", c.rate, c.amount, c.round, got, err, c.want)
		}
	}
}

func TestGoldenLayersMakeTheStandard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ province, local, want Fen }{{583200, 60000, 643200}, {457800, 60000, 517800}} {
		if got, err := Add(c.province, c.local); err != nil || got != c.want {
			t.Errorf("%s + %s = %s, %v", c.province, c.local, got, err)
		}
	}
}
