package calc

import (
	"testing"

	"fenlu/money"

	"github.com/google/go-cmp/cmp"
)

// The numbers of the planning documents (part E of the money rules) and of the
// published voucher. Amounts are in yuan as the documents print them.

func yuan(t *testing.T, s string) money.Fen {
	t.Helper()
	f, err := money.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func rate(t *testing.T, s string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// months is January to June of 2018, the months of the back-pay.
var firstHalf = []string{"2018-01", "2018-02", "2018-03", "2018-04", "2018-05", "2018-06"}

func TestGoldenMonthlyStandards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		annual string
		method Method
		want   string
	}{
		{"3720", EachFen, "310.00"}, {"3480", EachFen, "290.00"}, {"3300", EachFen, "275.00"},
		{"3500", EachFen, "291.67"}, {"3500", ToYuan, "292.00"}, {"3500", UpToYuan, "292.00"}, {"3500", UpToJiao, "291.70"},
		{"6432", EachFen, "536.00"}, {"5178", EachFen, "431.50"}, {"5832", EachFen, "486.00"},
		{"4578", EachFen, "381.50"}, {"600", EachFen, "50.00"}, {"5420", EachFen, "451.67"}, {"4255", EachFen, "354.58"},
		{"4350", EachFen, "362.50"},
	} {
		got, err := c.method.Month(yuan(t, c.annual), 1)
		if err != nil || got.String() != c.want {
			t.Errorf("%s by %s = %s, %v; want %s", c.annual, c.method, got, err, c.want)
		}
	}
}

func TestGoldenStatedMonth(t *testing.T) {
	t.Parallel()
	r, err := Stated(yuan(t, "3500"), yuan(t, "292"))
	if err != nil || r.Amount.String() != "4.00" || r.Lines[0].Amount.String() != "291.67" || r.Lines[1].Amount.String() != "3504.00" {
		t.Errorf("%+v, %v", r, err)
	}
}

// province and local are the layers of the 2018 standards: at home 4578 + 600,
// in an institution 5832 + 600.
func TestGoldenLayers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ province, month1, month2, total, year string }{
		{"4578", "381.50", "50.00", "431.50", "5178.00"},
		{"5832", "486.00", "50.00", "536.00", "6432.00"},
	} {
		layers := []Layer{{"省", yuan(t, c.province)}, {"县", yuan(t, "600")}}
		for _, method := range []Method{Annual, EachFen} {
			months, err := Months(layers, method, 1, 12)
			if err != nil {
				t.Fatal(err)
			}
			want := []Layer{{"省", yuan(t, c.month1)}, {"县", yuan(t, c.month2)}}
			var year money.Fen
			for _, m := range months {
				if diff := cmp.Diff(want, m.Layers); diff != "" || m.Amount.String() != c.total {
					t.Errorf("%s by %s: %s %s", c.province, method, m.Amount, diff)
				}
				year += m.Amount
			}
			if year.String() != c.year {
				t.Errorf("%s by %s: the year is %s", c.province, method, year)
			}
		}
		split, err := SplitShare(yuan(t, c.total), layers)
		if err != nil || split.Layers[0].Amount.String() != c.month1 || split.Layers[1].Amount.String() != c.month2 {
			t.Errorf("%s shared: %+v, %v", c.total, split.Layers, err)
		}
	}
}

// TestGoldenCumulativeYear is 5420 + 600 by the annual method, whole for
// twelve months, and for people who are there for a part of the year.
func TestGoldenCumulativeYear(t *testing.T) {
	t.Parallel()
	layers := []Layer{{"省", yuan(t, "5420")}, {"县", yuan(t, "600")}}
	for _, c := range []struct {
		name            string
		from, to        int
		province, local string
		first           []string
	}{
		{"the whole year", 1, 12, "5420.00", "600.00", []string{"451.67", "451.66", "451.67", "451.67", "451.66", "451.67"}},
		{"a joiner in May", 5, 12, "3613.33", "400.00", []string{"451.66", "451.67", "451.67"}},
		{"a leaver in September", 1, 9, "4065.00", "450.00", []string{"451.67", "451.66", "451.67"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			months, err := Months(layers, Annual, c.from, c.to)
			if err != nil {
				t.Fatal(err)
			}
			var province, local money.Fen
			for i, m := range months {
				if i < len(c.first) && m.Layers[0].Amount.String() != c.first[i] {
					t.Errorf("month %d: %s, want %s", c.from+i, m.Layers[0].Amount, c.first[i])
				}
				province += m.Layers[0].Amount
				local += m.Layers[1].Amount
			}
			if province.String() != c.province || local.String() != c.local {
				t.Errorf("%s and %s, want %s and %s", province, local, c.province, c.local)
			}
		})
	}
}

func TestGoldenBackPay(t *testing.T) {
	t.Parallel()
	six := func(amount string) []string { return []string{amount, amount, amount, amount, amount, amount} }
	for _, c := range []struct {
		name   string
		annual string
		method Method
		paid   []string
		want   string
	}{
		{"class one, 310 for 292", "3720", EachFen, six("292"), "108.00"},
		{"class two, 290 for 275", "3480", EachFen, six("275"), "90.00"},
		{"institution, old months paid 2710.00", "5832", Annual, []string{"451.67", "451.66", "451.67", "451.67", "451.66", "451.67"}, "206.00"},
		{"institution, six payments of 451.67", "5832", Annual, six("451.67"), "205.98"},
		{"home care, old months paid 2127.50", "4578", Annual, []string{"354.58", "354.59", "354.58", "354.58", "354.59", "354.58"}, "161.50"},
		{"home care, six payments of 354.58", "4578", Annual, six("354.58"), "161.52"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			due, err := DueMonths([]Layer{{"省", yuan(t, c.annual)}, {"县", yuan(t, "600")}}, c.method, firstHalf)
			if err != nil {
				t.Fatal(err)
			}
			var paid []Owed
			for i, month := range firstHalf {
				paid = append(paid, Owed{month, "省", yuan(t, c.paid[i])}, Owed{month, "县", yuan(t, "50")})
			}
			b, err := ComputeBackPay(c.method, due, paid)
			if err != nil {
				t.Fatal(err)
			}
			if b.Amount.String() != c.want || b.Method != c.method || len(b.Review) != 0 {
				t.Errorf("back-pay is %s by %s, review %v; want %s", b.Amount, b.Method, b.Review, c.want)
			}
			if diff := cmp.Diff([]Layer{{"省", yuan(t, c.want)}}, b.Layers); diff != "" {
				t.Errorf("only the province's layer rose: %s", diff)
			}
		})
	}
}

func TestGoldenVoucher(t *testing.T) {
	t.Parallel()
	c, err := HeadCount(Heads{"半护理", 176, yuan(t, "259")}, Heads{"全护理", 136, yuan(t, "517")})
	if err != nil || c.Amount.String() != "115896.00" || c.People != 312 {
		t.Errorf("%s for %d people, %v", c.Amount, c.People, err)
	}
	if c.Lines[0].Amount.String() != "45584.00" || c.Lines[1].Amount.String() != "70312.00" {
		t.Errorf("groups: %+v", c.Lines)
	}
	for annual, month := range map[string]string{"3108": "259.00", "6204": "517.00"} {
		if got, err := EachFen.Month(yuan(t, annual), 2); err != nil || got.String() != month {
			t.Errorf("%s a year is %s a month, %v", annual, got, err)
		}
	}
}

// TestGoldenUplift is the worked case of a township: 521 is 313 for the
// household and two uplifts of 104; with one of the two dead, 417 remain.
func TestGoldenUplift(t *testing.T) {
	t.Parallel()
	in := GapInput{
		Standard: yuan(t, "520"), Income: yuan(t, "8724"), Members: 2, // 363.50 a head and month
		Uplifts: []Uplift{{"head", "重残", rate(t, "20%")}, {"mother", "70岁以上", rate(t, "20%")}},
	}
	g, err := Gap(in)
	if err != nil || g.Household.String() != "313.00" || g.Amount.String() != "521.00" {
		t.Errorf("%s, household %s, %v", g.Amount, g.Household, err)
	}
	in.Uplifts = in.Uplifts[1:]
	g, err = Gap(in)
	if err != nil || g.Amount.String() != "417.00" {
		t.Errorf("with one uplift %s, %v", g.Amount, err)
	}
}
