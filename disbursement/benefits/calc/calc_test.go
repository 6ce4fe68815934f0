package calc

import (
	"strings"
	"testing"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// refused checks an error's code, and that its sentence is there and complete
// in both languages.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	if errs.CodeOf(err) != code {
		t.Errorf("error is %v, want %s", err, code)
		return
	}
	for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
		if text := i18n.Error(lang, err); !i18n.Has(code) || strings.Contains(text, "{") {
			t.Errorf("%s reads %q", code, text)
		}
	}
}

// readable checks that every line of an explanation has its text.
func readable(t *testing.T, r Result) {
	t.Helper()
	for _, l := range r.Lines {
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			if text := l.Text(lang); !i18n.Has(l.Code) || strings.Contains(text, "{") {
				t.Errorf("%s reads %q", l.Code, text)
			}
		}
	}
	if last := r.Lines[len(r.Lines)-1]; last.Amount != r.Amount {
		t.Errorf("the explanation ends with %s, the amount is %s", last.Amount, r.Amount)
	}
}

func TestMethod_refuses(t *testing.T) {
	t.Parallel()
	_, err := Method("by feeling").Month(100, 1)
	refused(t, err, "CALC_METHOD")
	for _, k := range []int{0, 13, -1} {
		_, err = Annual.Month(100, k)
		refused(t, err, "CALC_MONTH")
	}
	_, err = UpToYuan.Month(money.Max, 1)
	if err != nil {
		t.Errorf("the largest year: %v", err)
	}
	for _, m := range []Method{Annual, EachFen, UpToJiao, UpToYuan, ToYuan} {
		if !m.IsValid() || !i18n.Has("calc.method."+string(m)) {
			t.Errorf("%s is no method or has no name for people", m)
		}
	}
	for r := money.HalfUp; r.IsValid(); r++ {
		if !i18n.Has("calc.round." + r.String()) {
			t.Errorf("%s has no name for people", r)
		}
	}
}

func TestStated_refuses_and_overflows(t *testing.T) {
	t.Parallel()
	_, err := Stated(0, 100)
	refused(t, err, "CALC_STANDARD")
	_, err = Stated(100, money.Max)
	refused(t, err, "MONEY_OVERFLOW")
	r, err := Stated(360000, 30000)
	if err != nil || r.Amount != 0 {
		t.Errorf("3600 a year is 300 a month: %s, %v", r.Amount, err)
	}
	readable(t, r)
}

func TestLayers_refuses(t *testing.T) {
	t.Parallel()
	for name, layers := range map[string][]Layer{
		"none": nil, "a negative one": {{"省", -1}}, "one without a name": {{"", 5}}, "one twice": {{"省", 5}, {"省", 7}},
	} {
		if _, err := SplitMonth(layers, Annual, 1); errs.CodeOf(err) != "CALC_LAYERS" {
			t.Errorf("%s: %v", name, err)
		}
		_, err := SplitShare(100, layers)
		refused(t, err, "CALC_LAYERS")
	}
	_, err := SplitShare(100, []Layer{{"省", 0}, {"县", 0}})
	refused(t, err, "MONEY_WEIGHTS")
	_, err = Months([]Layer{{"省", 1200}}, Annual, 9, 5)
	refused(t, err, "CALC_PERIOD")
	_, err = Months([]Layer{{"省", 1200}}, Annual, 9, 13)
	refused(t, err, "CALC_MONTH")
	_, err = SplitMonth([]Layer{{"省", 1200}}, "", 1)
	refused(t, err, "CALC_METHOD")
	_, err = SplitMonth([]Layer{{"省", money.Max}, {"县", money.Max}}, Annual, 1)
	if err != nil {
		t.Errorf("a twelfth of each fits: %v", err)
	}
}

func TestSplit_adds_up(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var layers []Layer
		for _, level := range []string{"中央", "省", "市", "县"}[:rapid.IntRange(1, 4).Draw(rt, "layers")] {
			layers = append(layers, Layer{level, money.Fen(rapid.Int64Range(1, 1<<50).Draw(rt, level))})
		}
		month, err := SplitMonth(layers, Annual, rapid.IntRange(1, 12).Draw(rt, "month"))
		if err != nil {
			rt.Fatal(err)
		}
		shared, err := SplitShare(money.Fen(rapid.Int64Range(0, 1<<50).Draw(rt, "amount")), layers)
		if err != nil {
			rt.Fatal(err)
		}
		for _, s := range []Split{month, shared} {
			var sum money.Fen
			for _, l := range s.Layers {
				sum += l.Amount
			}
			if sum != s.Amount || len(s.Lines) != len(layers)+1 {
				rt.Fatalf("layers make %s of %s", sum, s.Amount)
			}
			readable(t, s.Result)
		}
	})
}

func TestPersonMonths(t *testing.T) {
	t.Parallel()
	r, err := PersonMonths(62000, 3, 4)
	if err != nil || r.Amount.String() != "7440.00" {
		t.Errorf("620 × 3 × 4 = %s, %v", r.Amount, err)
	}
	readable(t, r)
	_, err = PersonMonths(0, 1, 1)
	refused(t, err, "CALC_STANDARD")
	_, err = PersonMonths(1, 0, 1)
	refused(t, err, "CALC_COUNT")
	_, err = PersonMonths(1, 1, -1)
	refused(t, err, "CALC_COUNT")
	_, err = PersonMonths(money.Max, 2, 3)
	refused(t, err, "MONEY_OVERFLOW")
}

func TestHeadCount_refuses(t *testing.T) {
	t.Parallel()
	_, err := HeadCount(Heads{"x", -1, 100})
	refused(t, err, "CALC_COUNT")
	_, err = HeadCount(Heads{"x", 1, -100})
	refused(t, err, "CALC_STANDARD")
	_, err = HeadCount(Heads{"x", 1, money.Max}, Heads{"y", 1, 1})
	refused(t, err, "MONEY_OVERFLOW")
	c, err := HeadCount()
	if err != nil || c.Amount != 0 || c.People != 0 {
		t.Errorf("nobody: %+v, %v", c, err)
	}
	readable(t, c.Result)
}

func TestMultiple_in_its_band(t *testing.T) {
	t.Parallel()
	band := Band{rate(t, "3"), rate(t, "12")}
	for times, want := range map[string]string{"3": "1860.00", "12": "7440.00", "4.5": "2790.00", "2.99": "", "12.01": ""} {
		r, err := Multiple(62000, rate(t, times), band, money.HalfUp)
		if want == "" {
			refused(t, err, "CALC_BAND")
			continue
		}
		if err != nil || r.Amount.String() != want {
			t.Errorf("%s times = %s, %v; want %s", times, r.Amount, err, want)
			continue
		}
		readable(t, r)
	}
	_, err := Multiple(0, rate(t, "3"), band, money.HalfUp)
	refused(t, err, "CALC_STANDARD")
}

func TestInBand(t *testing.T) {
	t.Parallel()
	band := Band{rate(t, "75%"), rate(t, "125%")}
	for _, c := range []struct {
		amount money.Fen
		ok     bool
	}{{46500, true}, {46499, false}, {77500, true}, {77501, false}, {62000, true}} {
		err := InBand(c.amount, 62000, band)
		if c.ok && err != nil {
			t.Errorf("%s: %v", c.amount, err)
		}
		if !c.ok {
			refused(t, err, "CALC_BAND_AMOUNT")
		}
	}
	// The limits are rounded inwards: 75% of 0.05 is 0.0375, so 0.03 is too low.
	refused(t, InBand(3, 5, band), "CALC_BAND_AMOUNT")
	refused(t, InBand(1, 0, band), "CALC_STANDARD")
	refused(t, InBand(1, money.Max, band), "MONEY_OVERFLOW")
}

func TestAtMost(t *testing.T) {
	t.Parallel()
	if err := AtMost(2000000, 2000000); err != nil {
		t.Errorf("the ceiling itself: %v", err)
	}
	err := AtMost(2000001, 2000000)
	refused(t, err, "CALC_CEILING")
	if !strings.Contains(err.Error(), "over=0.01") || errs.KindOf(err) != errs.Refused {
		t.Errorf("error is %v", err)
	}
}

// TestProportion holds the standards that documents set as a rate of another:
// the floor of 特困, care by three degrees, the uplift of an institution.
func TestProportion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base, rate string
		round      money.Round
		want       string
	}{
		{"620", "1.3", money.HalfUp, "806.00"}, {"1960", "1/10", money.HalfUp, "196.00"}, {"1960", "1/6", money.HalfUp, "326.67"},
		{"1960", "1/3", money.HalfUp, "653.33"}, {"1960", "1/3", money.UpYuan, "654.00"}, {"431.50", "150%", money.HalfUp, "647.25"},
	} {
		r, err := Proportion(yuan(t, c.base), rate(t, c.rate), c.round)
		if err != nil || r.Amount.String() != c.want {
			t.Errorf("%s × %s = %s, %v; want %s", c.base, c.rate, r.Amount, err, c.want)
		}
		readable(t, r)
	}
	_, err := Proportion(-1, rate(t, "1"), money.HalfUp)
	refused(t, err, "CALC_STANDARD")
	_, err = Proportion(1, rate(t, "-1"), money.HalfUp)
	refused(t, err, "CALC_RATE")
	_, err = Proportion(money.Max, rate(t, "2"), money.HalfUp)
	refused(t, err, "MONEY_OVERFLOW")
}

func TestGap(t *testing.T) {
	t.Parallel()
	base := GapInput{Standard: 62000, Income: 1000000, Members: 3}
	with := func(change func(*GapInput)) GapInput {
		in := base
		change(&in)
		return in
	}
	for _, c := range []struct {
		name string
		in   GapInput
		want string
	}{
		{"three of three", base, "1026.67"}, // 1860 − 10000/12
		{"a living alone in law (单人保)", with(func(in *GapInput) { in.Covered = 1 }), "342.22"},
		{"work costs are taken off", with(func(in *GapInput) { in.Deductions = 120000 }), "1126.67"},
		{"no income below nothing", with(func(in *GapInput) { in.Deductions = 2000000 }), "1860.00"},
		{"up to the yuan", with(func(in *GapInput) { in.Round = money.UpYuan }), "1027.00"},
		{"income at the standard", with(func(in *GapInput) { in.Income = 2232000 }), "0.00"},
		{"income above it, uplift or not", with(func(in *GapInput) {
			in.Income = 3000000
			in.Uplifts = []Uplift{{"a", "重残", rate(t, "20%")}}
		}), "0.00"},
		{"one uplift for a person, the highest", with(func(in *GapInput) {
			in.Uplifts = []Uplift{{"a", "重病", rate(t, "10%")}, {"b", "未成年", rate(t, "10%")}, {"a", "重残", rate(t, "20%")}}
		}), "1212.67"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g, err := Gap(c.in)
			if err != nil || g.Amount.String() != c.want {
				t.Fatalf("%s, %v; want %s", g.Amount, err, c.want)
			}
			readable(t, g.Result)
			parts := g.Household
			for _, u := range g.Uplifts {
				parts += u.Amount
			}
			if parts != g.Amount {
				t.Errorf("the lines make %s of %s", parts, g.Amount)
			}
		})
	}
}

func TestGap_uplift_takes_the_highest_reason(t *testing.T) {
	t.Parallel()
	g, err := Gap(GapInput{Standard: 62000, Members: 1, Uplifts: []Uplift{
		{"a", "重病", rate(t, "10%")}, {"a", "重残", rate(t, "20%")}, {"a", "70岁以上", rate(t, "20%")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]PersonsUplift{{"a", "重残", 12400}}, g.Uplifts); diff != "" {
		t.Error(diff)
	}
}

func TestGap_refuses(t *testing.T) {
	t.Parallel()
	good := GapInput{Standard: 62000, Members: 2}
	for code, change := range map[string]func(*GapInput){
		"CALC_STANDARD": func(in *GapInput) { in.Standard = 0 },
		"CALC_INCOME":   func(in *GapInput) { in.Deductions = -1 },
		"CALC_COUNT":    func(in *GapInput) { in.Covered = 3 },
		"CALC_UPLIFT":   func(in *GapInput) { in.Uplifts = []Uplift{{Person: "a"}} },
		"CALC_METHOD":   func(in *GapInput) { in.Round = 99 },
	} {
		in := good
		change(&in)
		_, err := Gap(in)
		refused(t, err, code)
	}
	_, err := Gap(GapInput{Standard: 1})
	refused(t, err, "CALC_COUNT")
	_, err = Gap(GapInput{Standard: money.Max, Members: 2})
	refused(t, err, "MONEY_OVERFLOW")
}
