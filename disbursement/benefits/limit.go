package benefits

import (
	"slices"
	"time"

	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// LimitID is the number of a limit.
type LimitID int64

// Limit is what the standards of a component must keep to (标准约束): a relation
// to a rate of a base, from a date on, in an area. Rows of documents that
// contradict each other stand side by side (money-rules part F).
type Limit struct {
	ID         LimitID     `json:"id"`
	Program    string      `json:"program"`
	Component  string      `json:"component"`
	Class      string      `json:"class"` // "": every class
	Area       string      `json:"area"`  // 12 digits
	ValidFrom  time.Time   `json:"valid_from"`
	Operator   Relation    `json:"operator"`
	Rate       money.Rate  `json:"rate"`     // of the base; of a band the least
	Greatest   money.Rate  `json:"greatest"` // of a band
	Base       []Term      `json:"base"`     // none for Uniform
	Round      money.Round `json:"round"`    // what an exact ratio is rounded to
	Binding    bool        `json:"binding"`  // 约束性; false is 预期性: a note only (A6)
	Document   string      `json:"document"`
	Clause     string      `json:"clause"`
	Quote      string      `json:"quote"`
	ImportFile int64       `json:"-"`
}

// LimitLeaf is the leaf of a limit.
func LimitLeaf(l Limit) *leaf.Leaf {
	binding := int64(0)
	if l.Binding {
		binding = 1
	}
	return leaf.New(string(proof.KindPolicyLimit), 1).Int("id", int64(l.ID)).Text("program", l.Program).Text("component", l.Component).
		Text("class", l.Class).Text("area", l.Area).Date("valid_from", l.ValidFrom).Text("operator", string(l.Operator)).
		Text("rate", l.Rate.String()).Text("greatest", l.Greatest.String()).Text("base", termsText(l.Base)).Text("round", l.Round.String()).
		Int("binding", binding).Text("document", l.Document).Text("clause", l.Clause).Text("quote", l.Quote).Int("import", l.ImportFile)
}

// same says whether two rows of one place and document say the same.
func (l Limit) same(o Limit) bool {
	return l.Rate == o.Rate && l.Greatest == o.Greatest && l.Round == o.Round && l.Binding == o.Binding && l.Quote == o.Quote
}

// place is what may stand once: a document's clause says one thing of a class.
func (l Limit) place() string {
	return l.Program + "\t" + l.Component + "\t" + l.Class + "\t" + l.Area + "\t" + l.ValidFrom.Format(time.DateOnly) + "\t" + string(l.Operator) +
		"\t" + termsText(l.Base) + "\t" + l.Document + "\t" + l.Clause
}

// about says whether a limit is about a row's component and class.
func (l Limit) about(p Policy) bool {
	return l.Program == p.Program && l.Component == p.Component && (l.Class == "" || l.Class == p.Class)
}

// topic is what a newer limit of the same area takes the place of.
func (l Limit) topic() string { return l.Class + "\t" + string(l.Operator) + "\t" + termsText(l.Base) }

// limitsOf are the limits that a row must keep to: those of its area and of
// every area above it that are in force on its first day. A county may be
// stricter than its city, never laxer, so both stand; of one area and topic the
// newest date stands, and documents of the same date stand together.
func (b Book) limitsOf(p Policy) []Limit {
	areas := rules.Areas(p.area())
	inForce := func(l Limit) bool {
		return l.about(p) && slices.Contains(areas, l.Area) && !l.ValidFrom.After(p.ValidFrom)
	}
	var out []Limit
	for _, l := range b.Limits {
		superseded := slices.ContainsFunc(b.Limits, func(o Limit) bool {
			return inForce(o) && o.Area == l.Area && o.topic() == l.topic() && o.ValidFrom.After(l.ValidFrom)
		})
		if inForce(l) && !superseded {
			out = append(out, l)
		}
	}
	return out
}

// span is the amounts of a year that a limit allows, exact: from least to
// greatest, where ends that are open do not belong to it.
type span struct {
	least, greatest         money.Exact
	hasLeast, hasGreatest   bool
	openLeast, openGreatest bool
}

// holds says whether an amount of a year is within.
func (s span) holds(year money.Exact) bool {
	if s.hasLeast {
		if c := year.Cmp(s.least); c < 0 || (c == 0 && s.openLeast) {
			return false
		}
	}
	if s.hasGreatest {
		if c := year.Cmp(s.greatest); c > 0 || (c == 0 && s.openGreatest) {
			return false
		}
	}
	return true
}

// apart says whether no amount is within both.
func (s span) apart(o span) bool {
	below := func(a, b span) bool { return a.hasGreatest && b.hasLeast && a.greatest.Cmp(b.least) < 0 }
	return below(s, o) || below(o, s)
}

// span is what a limit allows a row of a period, on the row's first day. An
// exact ratio is rounded as the limit says before it is compared.
func (b Book) span(l Limit, p Policy) (span, error) {
	w := worker{book: b, area: p.area(), month: terms.MonthOf(p.ValidFrom)}
	base, err := w.base(l.Base[0], p.Period, 0)
	if err != nil {
		return span{}, err
	}
	exact := money.ExactOf(base.amount).Times(base.rate)
	if l.Operator == Equals {
		amount, err := exact.Times(l.Rate).Round(l.Round)
		year := yearOf(money.ExactOf(amount), p.Period)
		return span{least: year, greatest: year, hasLeast: true, hasGreatest: true}, err
	}
	least := yearOf(exact.Times(l.Rate), p.Period)
	switch l.Operator {
	case NoLess:
		return span{least: least, hasLeast: true}, nil
	case More:
		return span{least: least, hasLeast: true, openLeast: true}, nil
	case NoMore:
		return span{greatest: least, hasGreatest: true}, nil
	case Less:
		return span{greatest: least, hasGreatest: true, openGreatest: true}, nil
	default: // Within
		return span{least: least, greatest: yearOf(exact.Times(l.Greatest), p.Period), hasLeast: true, hasGreatest: true}, nil
	}
}

// yearOf is an amount of a period as one of a year, for comparing.
func yearOf(amount money.Exact, period Period) money.Exact {
	if period == Yearly {
		return amount
	}
	return amount.TimesInt(monthsOfYear)
}

// Against are the limits whose documents cannot be kept together with l (文件之间
// 矛盾): about the same class, in areas of which one holds the other, allowing no
// amount in common. Both are kept; a person decides which is followed.
func (b Book) Against(l Limit) []Limit {
	var out []Limit
	for _, o := range b.Limits {
		overlap := slices.Contains(rules.Areas(l.Area), o.Area) || slices.Contains(rules.Areas(o.Area), l.Area)
		sameClass := l.Class == o.Class || l.Class == "" || o.Class == ""
		if o.Document == l.Document || l.Program != o.Program || l.Component != o.Component || !sameClass || !overlap {
			continue
		}
		if b.apart(l, o) {
			out = append(out, o)
		}
	}
	return out
}

// apart says whether two limits allow no amount in common.
func (b Book) apart(l, o Limit) bool {
	if l.Operator == Uniform || o.Operator == Uniform {
		return false
	}
	from, area := l.ValidFrom, l.Area
	if o.ValidFrom.After(from) {
		from = o.ValidFrom
	}
	if slices.Contains(rules.Areas(o.Area), area) {
		area = o.Area // the smaller of the two
	}
	p := Policy{Program: l.Program, Component: l.Component, ValidFrom: from, Area: area, Period: Monthly}
	one, err := b.span(l, p)
	if err != nil {
		return false
	}
	other, err := b.span(o, p)
	return err == nil && one.apart(other)
}
