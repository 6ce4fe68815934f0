package benefits

import (
	"context"
	"strings"
	"time"

	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// Book is all standards, limits and reference figures in memory, some hundreds:
// what amounts are worked out from and new standards are checked with.
type Book struct {
	Policies []Policy
	Limits   []Limit
	Figures  []rules.Figure
}

// LoadBook reads them.
func LoadBook(ctx context.Context, q db.Querier) (Book, error) {
	var b Book
	var err error
	if b.Policies, err = loadPolicies(ctx, q, ``); err != nil {
		return b, err
	}
	if b.Limits, err = loadLimits(ctx, q); err != nil {
		return b, err
	}
	b.Figures, err = rules.List(ctx, q, "")
	return b, err
}

// Case is what a case brings to a policy row: only what its family asks for.
type Case struct {
	Persons  int64      // who share a difficulty (PersonMonths)
	Months   int64      // how long it lasts (PersonMonths)
	Times    money.Rate // the multiple that was decided (Multiple)
	Wanted   money.Fen  // the amount that was decided (InBand, CaseCap, YearCeiling)
	Had      money.Fen  // what the person had in the year before this (YearCeiling)
	Cost     money.Fen  // this bill (Threshold)
	Before   money.Fen  // the bills of the year before this (Threshold)
	Income   money.Fen  // of the household in twelve months (Gap)
	Expenses money.Fen  // deducted from it (Gap, 必要的就业成本)
	Members  int64      // who share the income (Gap)
	Covered  int64      // of them entitled, 0 is all (Gap)
	Uplifts  []calc.Uplift
}

// Owed is what a class is owed in a month: the amount, whose lines a clerk can
// read aloud, and what each level pays of it where the row says so.
type Owed struct {
	Policy Policy      `json:"-"`
	Amount money.Fen   `json:"amount"`
	Lines  []calc.Line `json:"lines"`
	Layers []Layer     `json:"layers"`
}

// Find is the policy row of a class at a place in a month. Errors:
// POLICY_NOT_FOUND.
func (b Book) Find(program, component, class, area string, month terms.Month) (Policy, error) {
	if p, ok := newest(b.Policies, month).GetIn(program, component, class, area); ok {
		return p, nil
	}
	return Policy{}, notFound(program, component, class, month)
}

// Owed is what a policy row comes to at a place in a month, for a case where
// its family needs one: the calculator of the family with its inputs.
// Errors: those of the calculator; RULE_NONE and POLICY_NOT_FOUND for a base
// that is not on record; POLICY_CIRCLE.
func (b Book) Owed(p Policy, area string, month terms.Month, c Case) (Owed, error) {
	w := worker{book: b, area: area, month: month}
	if p.Family().decided() || p.Family() == Gap {
		r, err := w.decide(p, c)
		if err != nil {
			return Owed{}, err
		}
		layers, err := Shares(p.amounting(r.Amount), month, r.Amount)
		return Owed{p, r.Amount, r.Lines, layers}, err
	}
	r, err := w.standard(p, 0)
	if err != nil {
		return Owed{}, err
	}
	due, err := MonthlyAmount(p.amounting(r.Amount), month)
	if err != nil {
		return Owed{}, err
	}
	if p.Period == Yearly {
		r.Lines = append(r.Lines, line("policy.line.month", due.Total, "annual", r.Amount, "month", month.Number(), "method", string(p.Rounding)))
	}
	return Owed{p, due.Total, r.Lines, due.Layers}, nil
}

// InForce is a policy row with the amount that rosters are checked with in a
// month: worked out where the row gives none, and for a case within the limits
// that were decided beforehand. Errors: as Owed.
func (b Book) InForce(p Policy, area string, month terms.Month) (Policy, error) {
	w := worker{book: b, area: area, month: month}
	switch p.Family() {
	case Ratio, Institution, Indexed:
		r, err := w.standard(p, 0)
		return p.amounting(r.Amount), err
	case Multiple, InBand:
		return w.within(p)
	case Gap:
		s, err := w.gapStandard(p)
		p = p.amounting(s.Amount)
		p.Operator = AtMost
		return p, err
	case PersonMonths:
		return w.ofPersonMonths(p)
	case CaseCap:
		p.Operator = AtMost
		return p, nil
	case YearCeiling: // of one payment; rosters add up the year
		p.Operator, p.Period = AtMost, Once
		return p, nil
	case Threshold: // the amount of the row is the part that nobody pays (起付线)
		p.Open = true
		return p, nil
	default:
		return p, nil
	}
}

// amounting is the row with an amount; a row that gives its own keeps it.
func (p Policy) amounting(amount money.Fen) Policy {
	if p.Amount == 0 {
		p.Amount = amount
	}
	return p
}

// worker works amounts out at one place and month.
type worker struct {
	book  Book
	area  string
	month terms.Month
}

// deepest is how many standards may rest on one another before it is a circle.
const deepest = 8

// standard is a row's amount for its own period: as given, or worked out.
func (w worker) standard(p Policy, depth int) (calc.Result, error) {
	switch {
	case depth > deepest:
		return calc.Result{}, errs.New(errs.Refused, "POLICY_CIRCLE", "program", p.Program, "component", p.Component, "class", p.Class)
	case p.Amount > 0:
		return calc.Result{Amount: p.Amount, Lines: []calc.Line{line("policy.line.given", p.Amount,
			"program", p.Program, "component", p.Component, "class", p.Class, "period", string(p.Period), "document", p.Document, "clause", p.Clause)}}, nil
	case p.Family().decided():
		return calc.Result{}, errs.New(errs.Refused, "POLICY_NOT_WORKED_OUT", "policy", int64(p.ID), "program", p.Program, "class", p.Class)
	default:
		return w.workOut(p, depth)
	}
}

// workOut is a standard by its formula.
func (w worker) workOut(p Policy, depth int) (calc.Result, error) {
	f := p.Formula
	var out calc.Result
	var parts []calc.Part
	for _, t := range f.Base {
		b, err := w.base(t, p.Period, depth)
		if err != nil {
			return out, err
		}
		out.Lines = append(out.Lines, b.lines...)
		parts = append(parts, calc.Part{Label: t.ref(), Base: b.amount, Rate: b.rate})
	}
	r, err := w.calculate(p, parts)
	out.Amount, out.Lines = r.Amount, append(out.Lines, r.Lines...)
	return out, err
}

// calculate asks the calculator of a family that gives a standard.
func (w worker) calculate(p Policy, parts []calc.Part) (calc.Result, error) {
	f := p.Formula
	if f.Family == Institution {
		return calc.Institution(parts, f.Rate, f.Order, f.Round)
	}
	rate := f.Rate
	if f.Family == Indexed {
		rise, err := w.rise()
		if err != nil {
			return calc.Result{}, err
		}
		rate = rise
	}
	if len(parts) == 0 { // a gap that gives neither amount nor base
		return calc.Result{}, errs.New(errs.Refused, "POLICY_NOT_WORKED_OUT", "policy", int64(p.ID), "program", p.Program, "class", p.Class)
	}
	first := parts[0]
	if f.Family == Gap {
		return calc.Proportion(first.Base, first.Rate, f.Round)
	}
	all, err := rate.Times(first.Rate)
	if err != nil {
		return calc.Result{}, errs.New(errs.Invalid, money.CodeRate)
	}
	if f.Family == Indexed {
		return calc.Indexed(first.Base, all, f.Round)
	}
	return calc.Proportion(first.Base, all, f.Round)
}

// rise is by how much prices rose (价格联动).
func (w worker) rise() (money.Rate, error) {
	f, err := rules.Pick(w.book.Figures, rules.PriceRise, w.area, w.month.First())
	if err != nil {
		return money.Rate{}, err
	}
	return f.Rate()
}

// basis is a term as a calculator takes it: an amount of the base's own period,
// and the rate that makes the wanted period's share of it.
type basis struct {
	amount money.Fen
	rate   money.Rate
	period Period
	lines  []calc.Line
}

// base is what a term comes to, for a standard of a period: a month of a yearly
// base is a twelfth of it, exact.
func (w worker) base(t Term, period Period, depth int) (basis, error) {
	at := w
	if t.Prior {
		at.month = terms.MonthOf(w.month.First().AddDate(-1, 0, 0))
	}
	b, err := at.value(t, depth)
	if err != nil {
		return b, err
	}
	b.rate, err = perPeriod(t.Rate, b.period, period)
	if err == nil && (b.period == Yearly) != (period == Yearly) {
		code := "policy.line.twelfth"
		if period == Yearly {
			code = "policy.line.twelve"
		}
		b.lines = append(b.lines, line(code, b.amount, "rate", b.rate))
	}
	return b, err
}

// perPeriod is a rate of an amount of one period for a standard of another.
func perPeriod(rate money.Rate, from, to Period) (money.Rate, error) {
	num, den := int64(1), int64(1)
	switch {
	case from == Yearly && to != Yearly:
		den = monthsOfYear
	case from != Yearly && to == Yearly:
		num = monthsOfYear
	}
	by, err := money.NewRate(num, den)
	if err == nil {
		by, err = rate.Times(by)
	}
	if err != nil {
		return by, errs.New(errs.Invalid, money.CodeRate)
	}
	return by, nil
}

const monthsOfYear = 12

// value is a term's amount, for its own period.
func (w worker) value(t Term, depth int) (basis, error) {
	if t.Figure == "" {
		p, err := w.book.Find(t.Program, t.Component, t.Class, w.area, w.month)
		if err != nil {
			return basis{}, err
		}
		r, err := w.standard(p, depth+1)
		return basis{amount: r.Amount, period: p.Period, lines: r.Lines}, err
	}
	f, err := rules.Pick(w.book.Figures, t.Figure, w.area, w.month.First())
	if err != nil {
		return basis{}, err
	}
	amount, err := f.Amount()
	b := basis{amount: amount, period: Monthly}
	if d, _ := rules.DefinitionOf(t.Figure); d.Unit == rules.AmountYear {
		b.period = Yearly
	}
	b.lines = []calc.Line{line("policy.line.figure", amount, "rule", string(t.Figure), "area", f.Area, "date", f.ValidFrom.Format(time.DateOnly),
		"period", string(b.period), "document", f.Document, "clause", f.Clause)}
	return b, err
}

// line is a line of an explanation that this room adds to the calculator's.
func line(code string, amount money.Fen, args ...any) calc.Line {
	return calc.Line{Code: code, Args: errs.Pairs(args...), Amount: amount}
}

// ParseMonth reads the month of a question; "" is the month of a day.
func ParseMonth(text string, today time.Time) (terms.Month, error) {
	if text = strings.TrimSpace(text); text == "" {
		return terms.MonthOf(today), nil
	}
	return terms.ParseMonth(text)
}
