package audit

import (
	"cmp"
	"context"
	"time"

	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// Indicator is a figure of how a policy is carried out (绩效指标, money-rules D8),
// beside what a document wants it to be. It is displayed and refuses nothing.
type Indicator struct {
	Measure
	Value    string `json:"value"`  // as the unit writes it
	Target   string `json:"target"` // "": no document sets one
	Operator string `json:"operator"`
	Met      string `json:"met"` // "yes", "no"; "": nothing to compare with
	Document string `json:"document"`
	Clause   string `json:"clause"`
	Quote    string `json:"quote"` // as the document reads, slips of its pen included
}

// Measure is what was counted. Name is its title in the catalogue under
// "audit.indicator."; Of the program or level it is of.
type Measure struct {
	Name    string     `json:"name"`
	Of      string     `json:"of"`
	Unit    rules.Unit `json:"unit"`
	Count   int64      `json:"-"`
	Amount  money.Fen  `json:"-"`
	Rate    money.Rate `json:"-"`
	Compare rules.Name `json:"rule,omitempty"` // the figure that it is held against
	months  int64      // where the figure is one of a year: the months it is about; 0: the year
}

// Period asks for indicators of some days, both in them, in an area of 12 digits.
type Period struct {
	Area     string
	From, To time.Time
	Given    []Measure // what other rooms counted, to be held against figures too
}

// Indicators counts from the ledger what was paid and how, and holds it against the
// figures that documents of the area set for the last of the days. People and
// averages are of lines that are paid when the days end: what came back is not.
func (s *Service) Indicators(ctx context.Context, q db.Querier, ask Period) ([]Indicator, error) {
	set, err := rules.List(ctx, q, "")
	if err != nil {
		return nil, err
	}
	at := func(name rules.Name) (rules.Figure, bool) { return rules.Set(set).At(name, ask.Area, ask.To) }
	all, err := measured(ctx, q, ask, at)
	if err != nil {
		return nil, err
	}
	out := []Indicator{}
	for _, m := range append(all, ask.Given...) {
		i, err := m.held(at)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, nil
}

type figureAt = func(rules.Name) (rules.Figure, bool)

// held is a measure beside its figure.
func (m Measure) held(at figureAt) (Indicator, error) {
	i := Indicator{Measure: m, Value: m.value()}
	f, ok := at(m.Compare)
	if !ok || m.Compare == "" {
		return i, nil
	}
	i.Target, i.Operator, i.Document, i.Clause, i.Quote = f.Value, string(f.Operator), f.Document, f.Clause, f.Quote
	order, err := m.compare(f, &i)
	if err != nil || m.Compare == rules.PaymentDueDay {
		return i, err
	}
	i.Met = "no"
	if order == 0 || (order > 0 && f.Operator != rules.AtMost) || (order < 0 && f.Operator == rules.AtMost) {
		i.Met = "yes"
	}
	return i, nil
}

// compare says whether the measure is below (−1) its figure, at it, or above; an
// amount of a year counts for the months that the measure is about.
func (m Measure) compare(f rules.Figure, i *Indicator) (int, error) {
	switch def, _ := rules.DefinitionOf(f.Name); {
	case m.Name == "level_arrived": // a rate of all that is paid: Count is the whole
		rate, err := f.Rate()
		if err != nil {
			return 0, err
		}
		due, err := rate.Of(money.Fen(m.Count), money.HalfUp)
		i.Target = due.String()
		return cmp.Compare(m.Amount, due), err
	case def.Unit == rules.Rate:
		rate, err := f.Rate()
		return m.Rate.Cmp(rate), err
	case def.Unit == rules.DayOfMonth:
		return 0, nil
	}
	due, err := f.Amount()
	if err == nil && m.months > 0 {
		due, err = money.ExactOf(due).TimesInt(m.months).Per(monthsOfYear).Round(money.Up)
		i.Target = due.String()
	}
	return cmp.Compare(m.Amount, due), err
}

const monthsOfYear = 12

func (m Measure) value() string {
	switch m.Unit {
	case rules.Count:
		return money.Fen(m.Count * hundred).Decimal().String()
	case rules.Rate:
		return m.Rate.String()
	default:
		return m.Amount.String()
	}
}

const hundred = 100

// ShareOf is a part of a whole as a percentage with two decimals, halves away from
// zero; 0 where there is no whole. Errors: ErrRate of money.
func ShareOf(part, whole int64) (money.Rate, error) {
	if whole == 0 {
		return money.Rate{}, nil
	}
	n, err := money.ExactOf(money.Fen(part)).TimesInt(percents).Per(whole).Round(money.HalfUp)
	if err != nil {
		return money.Rate{}, errs.Wrap(err, errs.Internal, "LEDGER_OVERFLOW")
	}
	return money.NewRate(int64(n), percents)
}

// percents are the hundredths of a percent in a whole.
const percents = 10000

// programSum is what was paid of a program.
type programSum struct {
	program                  string
	people, households       int64
	times                    int64 // person-months, of temporary aid cases (人次)
	amount, ofPersons, local money.Fen
	timely, regular          int64
	back, gross, services    money.Fen
}

// measured counts everything.
func measured(ctx context.Context, q db.Querier, ask Period, at figureAt) ([]Measure, error) {
	due := 0
	if f, ok := at(rules.PaymentDueDay); ok {
		due, _ = f.Whole()
	}
	now, err := programSums(ctx, q, ask, due)
	if err != nil {
		return nil, err
	}
	before := ask
	before.From, before.To = ask.From.AddDate(-1, 0, 0), ask.To.AddDate(-1, 0, 0)
	last, err := programSums(ctx, q, before, due)
	if err != nil {
		return nil, err
	}
	was := map[string]programSum{}
	for _, p := range last {
		was[p.program] = p
	}
	var out []Measure
	var gross, services money.Fen
	for _, p := range now {
		list, err := p.measures(was[p.program], due, ask.months())
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
		gross, services = gross+p.amount, services+p.services
	}
	share, err := ShareOf(int64(services), int64(gross))
	if err != nil {
		return nil, err
	}
	out = append(out, Measure{Name: "services_share", Unit: rules.Rate, Rate: share})
	sums, err := levelSums(ctx, q, ask)
	if err != nil {
		return nil, err
	}
	levels, err := levelMeasures(sums, gross)
	return append(out, levels...), err
}

// months are the months that the days reach into.
func (p Period) months() int64 {
	return int64((p.To.Year()-p.From.Year())*monthsOfYear + int(p.To.Month()) - int(p.From.Month()) + 1)
}

// measures are those of a program.
func (p programSum) measures(was programSum, due int, months int64) ([]Measure, error) {
	average, err := averageOf(p.ofPersons, p.times)
	if err != nil {
		return nil, err
	}
	before, err := averageOf(was.ofPersons, was.times)
	if err != nil {
		return nil, err
	}
	local, err := averageOf(p.local, p.people)
	if err != nil {
		return nil, err
	}
	out := []Measure{
		{Name: "people", Of: p.program, Unit: rules.Count, Count: p.people},
		{Name: "households", Of: p.program, Unit: rules.Count, Count: p.households},
		{Name: "amount", Of: p.program, Unit: rules.Amount, Amount: p.amount},
		{Name: "average", Of: p.program, Unit: rules.Amount, Amount: average, Compare: rules.IndicatorAverageOf(p.program)},
		{Name: "local_person", Of: p.program, Unit: rules.Amount, Amount: local, Compare: rules.ShareLocalOf(p.program), months: months},
	}
	rates := []struct {
		name        string
		part, whole int64
		compare     rules.Name
		shown       bool
	}{
		{"growth", int64(average - before), int64(before), rules.IndicatorGrowth, before > 0},
		{"timely", p.timely, p.regular, rules.PaymentDueDay, due > 0 && p.regular > 0},
		{"returned", int64(p.back), int64(p.gross), "", true},
	}
	for _, r := range rates {
		if !r.shown {
			continue
		}
		rate, err := ShareOf(r.part, r.whole)
		if err != nil {
			return nil, err
		}
		out = append(out, Measure{Name: r.name, Of: p.program, Unit: rules.Rate, Rate: rate, Compare: r.compare})
	}
	return out, nil
}

// averageOf is an amount for each, to the nearest fen; 0 of nobody.
func averageOf(amount money.Fen, n int64) (money.Fen, error) {
	if n == 0 {
		return 0, nil
	}
	return money.ExactOf(amount).Per(n).Round(money.HalfUp)
}

// levelMeasures are what each level was to bear and what of it arrived, and what
// became of lottery money.
func levelMeasures(sums []levelSum, whole money.Fen) ([]Measure, error) {
	var out []Measure
	for _, l := range sums {
		out = append(out, Measure{Name: "level_arrived", Of: string(l.level), Unit: rules.Amount, Amount: l.arrived, Count: int64(whole), Compare: rules.ShareOfLevel(l.level)})
		if l.level != terms.Lottery {
			continue
		}
		share, err := ShareOf(int64(l.units), int64(l.brought))
		if err != nil {
			return nil, err
		}
		out = append(out, Measure{Name: "lottery_services", Of: string(l.level), Unit: rules.Amount, Amount: l.services, Compare: rules.LotteryServicesYear},
			Measure{Name: "lottery_units", Of: string(l.level), Unit: rules.Rate, Rate: share, Compare: rules.LotteryUnitsShare})
	}
	return out, nil
}
