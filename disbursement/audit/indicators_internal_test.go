package audit

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// figuresOf answers with the figures of a set, all of one document.
func figuresOf(operator rules.Operator, values map[rules.Name]string) figureAt {
	return func(n rules.Name) (rules.Figure, bool) {
		v, ok := values[n]
		return rules.Figure{Name: n, Value: v, Operator: operator, Document: "闽民〔2026〕1号", Quote: "达到" + v}, ok
	}
}

func said(t *testing.T, list []Measure, at figureAt) []string {
	t.Helper()
	var out []string
	for _, m := range list {
		i, err := m.held(at)
		if err != nil {
			t.Fatal(err)
		}
		if !i18n.Has("audit.indicator." + m.Name) {
			t.Errorf("no text of %s", m.Name)
		}
		out = append(out, fmt.Sprintf("%s %s %s/%s %s", m.Name, m.Of, i.Value, i.Target, i.Met))
	}
	return out
}

// TestIndicators_of_a_program: people, amounts, averages, growth on last year, what
// was paid in time and what came back, each beside what a document wants
// (money-rules A34, B6, D8, G1).
func TestIndicators_of_a_program(t *testing.T) {
	t.Parallel()
	p := programSum{program: "TK", people: 10, households: 9, times: 30, amount: 15000_00, ofPersons: 15000_00, local: 1499_90, timely: 29, regular: 30,
		back: 100_00, gross: 15100_00}
	was := programSum{program: "TK", times: 20, ofPersons: 9600_00}
	list, err := p.measures(was, 10, 3)
	if err != nil {
		t.Fatal(err)
	}
	at := figuresOf(rules.AtLeast, map[rules.Name]string{rules.IndicatorAverageOf("TK"): "500.00", rules.ShareLocalOf("TK"): "600.00", rules.IndicatorGrowth: "5%",
		rules.PaymentDueDay: "10"})
	want := []string{"people TK 10/ ", "households TK 9/ ", "amount TK 15000.00/ ", "average TK 500.00/500.00 yes", "local_person TK 149.99/150.00 no",
		"growth TK 4.17%/5% no", "timely TK 96.67%/10 ", "returned TK 0.66%/ "}
	if diff := cmp.Diff(want, said(t, list, at)); diff != "" {
		t.Error(diff)
	}
	// nobody was paid the year before: there is nothing to grow on
	list, err = p.measures(programSum{}, 0, 12)
	if err != nil || len(list) != 6 {
		t.Errorf("%v, %v", said(t, list, at), err)
	}
	if got := said(t, list[4:5], at); got[0] != "local_person TK 149.99/600.00 no" {
		t.Errorf("a year's figure of a year: %v", got)
	}
}

// TestIndicators_of_levels: what a level arrived with beside its share of all that
// was paid; lottery money for services and for units (money-rules B7, B9, B11).
func TestIndicators_of_levels(t *testing.T) {
	t.Parallel()
	at := figuresOf(rules.AtLeast, map[rules.Name]string{rules.ShareOfLevel(terms.County): "20%", rules.LotteryServicesYear: "500000.00", rules.LotteryUnitsShare: "10%",
		rules.IndicatorWageShare: "47.5%"})
	sums := []levelSum{{level: terms.County, brought: 900_00, arrived: 199_99}, {level: terms.Lottery, brought: 1440000_00, arrived: 1440000_00, units: 144000_00, services: 500000_00}}
	list, err := levelMeasures(sums, 1000_00)
	if err != nil {
		t.Fatal(err)
	}
	share, err := ShareOf(940_00, 2000_00)
	if err != nil {
		t.Fatal(err)
	}
	list = append(list, Measure{Name: "wage_share", Of: "DB", Unit: rules.Rate, Rate: share, Compare: rules.IndicatorWageShare})
	want := []string{"level_arrived county 199.99/200.00 no", "level_arrived lottery 1440000.00/ ", "lottery_services lottery 500000.00/500000.00 yes",
		"lottery_units lottery 10%/10% yes", "wage_share DB 47%/47.5% no"}
	if diff := cmp.Diff(want, said(t, list, at)); diff != "" {
		t.Error(diff)
	}
	i, err := list[len(list)-1].held(at)
	if err != nil || i.Quote != "达到47.5%" || i.Document == "" {
		t.Errorf("the quote is not shown: %+v, %v", i, err)
	}
}

func TestPeriod_months(t *testing.T) {
	t.Parallel()
	p := Period{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)}
	if p.months() != 6 {
		t.Error(p.months())
	}
	if r, err := ShareOf(1, 3); err != nil || r.String() != "33.33%" {
		t.Error(r, err)
	}
	if _, err := averageOf(money.Fen(1), 0); err != nil {
		t.Error(err)
	}
}
