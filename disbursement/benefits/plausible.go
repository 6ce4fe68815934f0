package benefits

import (
	"slices"
	"strconv"
	"strings"

	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// Weight is what a finding about a standard does to its import.
type Weight string

// The weights.
const (
	Block  Weight = "block"  // 阻断: the row is refused
	Reason Weight = "reason" // 需说明: refused until the row says why
	Remark Weight = "note"   // 提示
)

// Name is the word a user reads.
func (w Weight) Name(lang i18n.Lang) string { return i18n.Term(lang, "policy.weight", string(w)) }

// Finding is one thing that a check says of a standard.
type Finding struct {
	Code   string     `json:"code"`
	Weight Weight     `json:"weight"`
	Args   []errs.Arg `json:"args"`
	Limit  LimitID    `json:"limit,omitempty"`
	column string     // of the row that it is about
}

// Text is the finding in a reader's language.
func (f Finding) Text(lang i18n.Lang) string {
	values := make([]any, 0, 2*len(f.Args))
	for _, a := range f.Args {
		values = append(values, a.Name, a.Value)
	}
	return i18n.T(lang, f.Code, values...)
}

// weights are what each check's finding does, whatever the data says: an
// exact ratio, a floor, an order and one standard for a city refuse; a band, a
// period that looks wrong and a base that is missing want a reason; a
// percentage stated beside the amounts is for display.
var weights = map[string]Weight{
	"POLICY_LIMIT_EQUAL":   Block,
	"POLICY_LIMIT_FLOOR":   Block,
	"POLICY_LIMIT_CEILING": Block,
	"POLICY_LIMIT_ORDER":   Block,
	"POLICY_LIMIT_UNIFORM": Block,
	"POLICY_LIMIT_BAND":    Reason,
	"POLICY_LIMIT_PERIOD":  Reason,
	"POLICY_LIMIT_BASE":    Reason,
	"POLICY_STATED_RISE":   Remark,
	"POLICY_STATED_FROM":   Remark,
}

func finding(code, column string, args ...any) Finding {
	return Finding{Code: code, Weight: weights[code], Args: errs.Pairs(args...), column: column}
}

// codeOf is the check that a relation is.
func codeOf(r Relation) string {
	switch r {
	case Equals:
		return "POLICY_LIMIT_EQUAL"
	case NoLess:
		return "POLICY_LIMIT_FLOOR"
	case NoMore:
		return "POLICY_LIMIT_CEILING"
	case More, Less:
		return "POLICY_LIMIT_ORDER"
	case Uniform:
		return "POLICY_LIMIT_UNIFORM"
	default:
		return "POLICY_LIMIT_BAND"
	}
}

// Check is what speaks against a standard: the limits of its component, the
// ratio that its own row names, the standards that rest on it, and what its
// document states beside it. A row that is worked out keeps to its own ratio
// and is checked as what it comes to on its first day.
func (b Book) Check(p Policy) []Finding {
	amount := p
	if p.Amount == 0 {
		if p.Family().decided() || p.Family() == Indexed {
			return nil // no standard of its own: a case, or the prices of a month, make the amount
		}
		r, err := worker{book: b, area: p.area(), month: terms.MonthOf(p.ValidFrom)}.standard(p, 0)
		if err != nil {
			return []Finding{finding("POLICY_LIMIT_BASE", "base", "why", i18n.Error(i18n.ZH, err))}
		}
		amount = p.amounting(r.Amount)
	}
	limits := b.limitsOf(p)
	var out []Finding
	for _, l := range limits {
		out = append(out, b.against(l, amount, limits)...)
	}
	if own, ok := p.ownLimit(); ok {
		out = append(out, b.against(own, amount, limits)...)
	}
	out = append(out, b.resting(amount)...)
	return append(out, b.stated(p)...)
}

// ownLimit is the ratio that a row with an amount names beside it: 特困 basic
// 942.50, =130% of 725.00 (A13).
func (p Policy) ownLimit() (Limit, bool) {
	f := p.Formula
	if f == nil || f.Family != Ratio || p.Amount == 0 || len(f.Base) == 0 {
		return Limit{}, false
	}
	l := Limit{Program: p.Program, Component: p.Component, Class: p.Class, Area: p.area(), ValidFrom: p.ValidFrom, Operator: f.Operator, Rate: f.Rate,
		Greatest: f.Greatest, Base: f.Base, Round: f.Round, Binding: true, Document: p.Document, Clause: p.Clause, Quote: p.Quote}
	if f.Operator == Within {
		l.Rate = f.Least
	}
	return l, true
}

// against holds one limit against a standard.
func (b Book) against(l Limit, p Policy, all []Limit) []Finding {
	if l.Operator == Uniform {
		return b.uniform(l, p)
	}
	s, err := b.span(l, p)
	if err != nil {
		return []Finding{finding("POLICY_LIMIT_BASE", "amount", "why", i18n.Error(i18n.ZH, err))}
	}
	year := yearOf(money.ExactOf(p.Amount), p.Period)
	if s.holds(year) {
		return nil
	}
	f := finding(codeOf(l.Operator), "amount", "amount", p.Amount, "period", string(p.Period), "operator", l.Operator.Name(i18n.ZH), "rate", l.rateText(),
		"base", l.Base[0].Words(i18n.ZH, nil), "range", s.text(p.Period), "document", l.Document, "clause", l.Clause)
	f.Limit = l.ID
	switch {
	case !l.Binding:
		f.Weight = Remark
	case b.contradicted(l, s, p, all):
		f.Weight = Reason
	}
	out := []Finding{f}
	if other, ok := s.otherPeriod(year, p.Period); ok {
		out = append(out, finding("POLICY_LIMIT_PERIOD", "period", "amount", p.Amount, "period", string(p.Period), "other", string(other)))
	}
	return out
}

// contradicted says whether another document allows no amount that l allows:
// then none keeps to both, and a person says why this one is taken.
func (b Book) contradicted(l Limit, s span, p Policy, all []Limit) bool {
	return slices.ContainsFunc(all, func(o Limit) bool {
		if o.Operator == Uniform || o.Document == l.Document {
			return false
		}
		other, err := b.span(o, p)
		return err == nil && s.apart(other)
	})
}

// otherPeriod is the period with which the same number would be right: a year's
// figure that stands as a month's, or the reverse (part F). A limit with one end
// cannot tell.
func (s span) otherPeriod(year money.Exact, period Period) (Period, bool) {
	if !s.hasLeast || !s.hasGreatest {
		return period, false
	}
	if period == Yearly {
		return Monthly, s.holds(year.TimesInt(monthsOfYear))
	}
	return Yearly, s.holds(year.Per(monthsOfYear))
}

// text is the span in the row's own period, for a sentence.
func (s span) text(period Period) string {
	end := func(e money.Exact, round money.Round) string {
		if period != Yearly {
			e = e.Per(monthsOfYear)
		}
		f, err := e.Round(round)
		if err != nil {
			return "?"
		}
		return f.String()
	}
	var words []string
	if s.hasLeast {
		words = append(words, end(s.least, money.Up))
	}
	if s.hasGreatest && (!s.hasLeast || s.greatest.Cmp(s.least) != 0) {
		words = append(words, end(s.greatest, money.Down))
	}
	return strings.Join(words, "–")
}

func (l Limit) rateText() string {
	if l.Operator == Within {
		return l.Rate.String() + "–" + l.Greatest.String()
	}
	return l.Rate.String()
}

// uniform says whether a standard differs within an area that has one for all
// (A8): the city's own against each county's.
func (b Book) uniform(l Limit, p Policy) []Finding {
	inside := func(o Policy) bool { return slices.Contains(rules.Areas(o.area()), l.Area) }
	var out []Finding
	for _, o := range newest(b.Policies, terms.MonthOf(p.ValidFrom)).rows[p.key()] {
		city := o.area() == l.Area || p.area() == l.Area
		if o.area() == p.area() || !city || !inside(o) || !inside(p) || o.Amount == 0 {
			continue
		}
		if yearOf(money.ExactOf(o.Amount), o.Period).Cmp(yearOf(money.ExactOf(p.Amount), p.Period)) != 0 {
			f := finding("POLICY_LIMIT_UNIFORM", "amount", "amount", p.Amount, "area", p.area(), "other", o.Amount, "where", o.area(), "document", l.Document, "clause", l.Clause)
			f.Limit = l.ID
			if !l.Binding {
				f.Weight = Remark
			}
			out = append(out, f)
		}
	}
	return out
}

// resting is what the standards say that are limited by this one: a raised
// 分散 standard may come to stand above the 集中 one (A17). Rows of the same file
// are checked for themselves.
func (b Book) resting(p Policy) []Finding {
	index := newest(b.Policies, terms.MonthOf(p.ValidFrom))
	var out []Finding
	for _, l := range b.Limits {
		if len(l.Base) == 0 || l.Base[0].Prior || l.Base[0].Program != p.Program || l.Base[0].Component != p.Component || l.Base[0].Class != p.Class {
			continue
		}
		for key, rows := range index.rows {
			o, ok := in(rows, p.area())
			if !ok || o.ID == 0 || o.Amount == 0 || key == p.key() || !slices.ContainsFunc(b.limitsOf(at(o, p)), func(x Limit) bool { return x.place() == l.place() }) {
				continue
			}
			out = append(out, b.against(l, at(o, p), b.limitsOf(at(o, p)))...)
		}
	}
	return out
}

// at is a standard as it stands on the day and in the area of a new one.
func at(o, p Policy) Policy {
	o.ValidFrom, o.Area = p.ValidFrom, p.area()
	return o
}

// stated compares what a document states beside the amounts: what the standard
// was, and by how much it rose, to the decimals it is written with (A10, A21).
func (b Book) stated(p Policy) []Finding {
	f := p.Formula
	if f == nil || p.Amount == 0 || (f.StatedFrom == 0 && f.StatedRise == "") {
		return nil
	}
	before, known := in(newest(b.Policies, terms.MonthOf(p.ValidFrom).Add(-1)).rows[p.key()], p.area())
	known = known && before.Period == p.Period && before.Amount > 0
	var out []Finding
	from := f.StatedFrom
	if known && from != 0 && from != before.Amount {
		out = append(out, finding("POLICY_STATED_FROM", "stated_from", "stated", from, "known", before.Amount, "document", before.Document))
	}
	if from == 0 && known {
		from = before.Amount
	}
	if f.StatedRise == "" || from == 0 {
		return out
	}
	if rise := riseText(from, p.Amount, f.StatedRise); rise != f.StatedRise {
		out = append(out, finding("POLICY_STATED_RISE", "stated_rise", "stated", f.StatedRise, "from", from, "to", p.Amount, "rise", rise))
	}
	return out
}

// riseText is by how many percent an amount rose, with as many decimals as a
// text has: 3500 → 3720 is 6.2857 and written "6.3%".
func riseText(from, to money.Fen, like string) string {
	_, decimals, _ := strings.Cut(strings.TrimSuffix(like, "%"), ".")
	scale := int64(1)
	for range decimals {
		scale *= 10
	}
	percent := money.ExactOf(to - from).TimesInt(100 * scale).Per(int64(from))
	units, err := percent.Round(money.HalfUp)
	if err != nil {
		return ""
	}
	return decimalText(int64(units), len(decimals)) + "%"
}

// decimalText is a number of units with a point before its last places.
func decimalText(units int64, places int) string {
	sign := ""
	if units < 0 {
		sign, units = "-", -units
	}
	text := strconv.FormatInt(units, 10)
	if places == 0 {
		return sign + text
	}
	if short := places + 1 - len(text); short > 0 {
		text = strings.Repeat("0", short) + text
	}
	return sign + text[:len(text)-places] + "." + text[len(text)-places:]
}
