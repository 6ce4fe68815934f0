package calc

import (
	"testing"

	"fenlu/money"

	"pgregory.net/rapid"
)

func TestGoldenFlat_classes(t *testing.T) {
	t.Parallel()
	classes := []Class{{"一类", 31000}, {"二类", 29000}}
	for name, want := range map[string]string{"一类": "310.00", "二类": "290.00"} {
		r, err := Flat(classes, name)
		if err != nil || r.Amount.String() != want {
			t.Errorf("%s = %s, %v; want %s", name, r.Amount, err, want)
			continue
		}
		readable(t, r)
	}
	_, err := Flat(classes, "三类")
	refused(t, err, "CALC_CLASS")
	_, err = Flat(append(classes, Class{"一类", 1}), "一类")
	refused(t, err, "CALC_CLASS")
	_, err = Flat([]Class{{"一类", 0}}, "一类")
	refused(t, err, "CALC_STANDARD")
}

// Two thirds of a fen in each part: the order decides the amount.
func TestInstitution_order_of_operations(t *testing.T) {
	t.Parallel()
	third := rate(t, "1/3")
	parts := []Part{{"基本", 500, third}, {"照料", 500, third}} // 1.6667 each
	for order, want := range map[Order]string{
		SumExact:   "5.00", // 3.3333 × 1.5 = 5.0000
		SumRounded: "5.01", // (1.67 + 1.67) × 1.5 = 5.01
		PartByPart: "5.00", // 2.50 + 2.50
	} {
		r, err := Institution(parts, rate(t, "1.5"), order, money.HalfUp)
		if err != nil || r.Amount.String() != want {
			t.Errorf("%s = %s, %v; want %s", order, r.Amount, err, want)
			continue
		}
		readable(t, r)
	}
	r, err := Institution([]Part{{"a", 1, rate(t, "1")}, {"b", 1, rate(t, "1")}}, rate(t, "1.5"), PartByPart, money.HalfUp)
	if err != nil || r.Amount != 4 { // 0.02 + 0.02, not 0.03
		t.Errorf("part by part = %s, %v", r.Amount, err)
	}
}

func TestInstitution_refuses(t *testing.T) {
	t.Parallel()
	one, part := rate(t, "1"), []Part{{"a", 100, rate(t, "1")}}
	_, err := Institution(nil, one, SumExact, money.HalfUp)
	refused(t, err, "CALC_COUNT")
	_, err = Institution(part, rate(t, "0"), SumExact, money.HalfUp)
	refused(t, err, "CALC_RATE")
	_, err = Institution(part, one, "as you like", money.HalfUp)
	refused(t, err, "CALC_ORDER")
	_, err = Institution([]Part{{"a", 0, one}}, one, SumExact, money.HalfUp)
	refused(t, err, "CALC_STANDARD")
	_, err = Institution([]Part{{"a", money.Max, one}}, rate(t, "2"), SumExact, money.HalfUp)
	refused(t, err, "MONEY_OVERFLOW")
}

func TestWithinYear_never_above_the_ceiling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ceiling := money.Fen(rapid.Int64Range(0, 1_000_000).Draw(t, "ceiling"))
		var had, wanted money.Fen
		for _, w := range rapid.SliceOf(rapid.Int64Range(0, 500_000)).Draw(t, "wanted") {
			r, err := WithinYear(money.Fen(w), had, ceiling)
			if err != nil {
				t.Fatal(err)
			}
			had, wanted = had+r.Amount, wanted+money.Fen(w)
		}
		if had != min(wanted, ceiling) {
			t.Fatalf("had %s of %s wanted within %s", had, wanted, ceiling)
		}
	})
	r, err := WithinYear(500, 900, 1200)
	if err != nil || r.Amount != 300 {
		t.Errorf("%+v, %v", r, err)
	}
	readable(t, r)
	_, err = WithinYear(1, -1, 1)
	refused(t, err, "CALC_STANDARD")
}

func TestAboveThreshold_year_is_the_same_however_it_is_cut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		threshold := money.Fen(rapid.Int64Range(0, 500_000).Draw(t, "threshold"))
		share, err := money.NewRate(rapid.Int64Range(0, 100).Draw(t, "num"), rapid.Int64Range(100, 300).Draw(t, "den"))
		if err != nil {
			t.Fatal(err)
		}
		var year, paid money.Fen
		for _, c := range rapid.SliceOf(rapid.Int64Range(0, 200_000)).Draw(t, "costs") {
			r, err := AboveThreshold(money.Fen(c), year, threshold, share, money.HalfUp)
			if err != nil || r.Amount < 0 {
				t.Fatal(r.Amount, err)
			}
			year, paid = year+money.Fen(c), paid+r.Amount
		}
		whole, err := AboveThreshold(year, 0, threshold, share, money.HalfUp)
		if err != nil || whole.Amount != paid {
			t.Fatalf("bill by bill %s, at once %s, %v", paid, whole.Amount, err)
		}
	})
	r, err := AboveThreshold(400000, 100000, 300000, rate(t, "70%"), money.HalfUp)
	if err != nil || r.Amount.String() != "1400.00" {
		t.Errorf("%+v, %v", r, err)
	}
	readable(t, r)
	_, err = AboveThreshold(-1, 0, 0, rate(t, "1"), money.HalfUp)
	refused(t, err, "CALC_STANDARD")
	_, err = AboveThreshold(money.Max, money.Max, 0, rate(t, "1"), money.HalfUp)
	refused(t, err, "MONEY_OVERFLOW")
}

func TestIndexed_pays_a_rise_only(t *testing.T) {
	t.Parallel()
	r, err := Indexed(65000, rate(t, "3.5%"), money.HalfUp)
	if err != nil || r.Amount.String() != "22.75" {
		t.Errorf("%+v, %v", r, err)
	}
	readable(t, r)
	r, err = Indexed(65000, rate(t, "0"), money.HalfUp)
	if err != nil || r.Amount != 0 {
		t.Errorf("no rise: %+v, %v", r, err)
	}
	readable(t, r)
	fall, err := money.NewRate(-1, 100)
	if err == nil {
		r, err = Indexed(65000, fall, money.HalfUp)
		if err != nil || r.Amount != 0 {
			t.Errorf("a fall: %+v, %v", r, err)
		}
	}
	_, err = Indexed(0, rate(t, "1"), money.HalfUp)
	refused(t, err, "CALC_STANDARD")
}
