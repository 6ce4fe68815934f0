package benefits

import (
	"cmp"
	"slices"
	"time"

	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// PolicyID is the number of a policy row.
type PolicyID int64

// Period is what a standard is for (计发周期).
type Period string

// The periods.
const (
	Monthly Period = "month" // 月
	Yearly  Period = "year"  // 年
	Once    Period = "once"  // 次
)

// Name is the word a user reads.
func (p Period) Name(lang i18n.Lang) string { return i18n.Term(lang, "period", string(p)) }

// Operator says how an amount compares with its standard.
type Operator string

// The operators.
const (
	Exact  Operator = "exact"   // 固定: the amount is the standard
	AtMost Operator = "at_most" // 上限: the amount is the standard or less
)

// Policy is one policy row (政策标准): what a class of a component is owed from a
// date on.
type Policy struct {
	ID         PolicyID
	Program    string
	Component  string
	Class      string // 类别, as the document calls it
	ValidFrom  time.Time
	Period     Period
	Amount     money.Fen // of the period
	Rounding   calc.Method
	Operator   Operator
	Document   string // 文号
	Clause     string // 条款
	Quote      string // 原文
	ImportFile int64
	Layers     []Layer   // what each level pays of Amount; none: the pool pays in its order
	Area       string    // 区划代码, 12 digits, where it holds; "": everywhere
	Formula    *Formula  // how it is worked out and what it states; nil: the amount is given
	Least      money.Fen // the least that a case may be decided at; not stored (Book.InForce)
	Open       bool      // only the case says what is due, a list cannot be held against it; not stored
}

// Family is how the row comes to an amount.
func (p Policy) Family() Family {
	if p.Formula == nil {
		return Flat
	}
	return p.Formula.Family
}

// area is where the row holds, as it is stored.
func (p Policy) area() string {
	if p.Area == "" {
		return rules.Nation
	}
	return p.Area
}

// Layer is the part of an amount that one level pays (分担).
type Layer struct {
	Level  terms.Level `json:"level"`
	Amount money.Fen   `json:"amount"`
}

// Due is what a policy row makes of one month, whole and by layers. Layers add
// up to Total; without layers the pool decides.
type Due struct {
	Total  money.Fen
	Layers []Layer
}

// MonthlyAmount is what the policy is in a service month: the standard itself
// where it is monthly or paid once; where it is yearly, the month's part, each
// layer by the row's rounding for itself, so that every level's year comes out
// as its document says (5420.00 + 600.00: 451.67 + 50.00 in January). Errors:
// CALC_METHOD, CALC_MONTH, MONEY_OVERFLOW; POLICY_NOT_WORKED_OUT (Refused) for a
// row without an amount that Book.InForce did not work out.
func MonthlyAmount(p Policy, month terms.Month) (Due, error) {
	switch {
	case p.Amount == 0:
		return Due{}, errs.New(errs.Refused, "POLICY_NOT_WORKED_OUT", "policy", int64(p.ID), "program", p.Program, "class", p.Class)
	case p.Period != Yearly:
		return Due{p.Amount, p.Layers}, nil
	case len(p.Layers) == 0:
		total, err := p.Rounding.Month(p.Amount, month.Number())
		return Due{Total: total}, err
	}
	split, err := calc.SplitMonth(p.calcLayers(), p.Rounding, month.Number())
	if err != nil {
		return Due{}, err
	}
	return Due{split.Amount, layersOf(split)}, nil
}

// Shares is how the levels pay an amount under the policy in a month: the
// policy's own layers where it is the whole standard, the same proportion by
// largest remainder where it is another amount (a household's gap). None where
// the policy has no layers. Errors: as MonthlyAmount.
func Shares(p Policy, month terms.Month, amount money.Fen) ([]Layer, error) {
	if len(p.Layers) == 0 {
		return nil, nil
	}
	due, err := MonthlyAmount(p, month)
	if err != nil || due.Total == amount {
		return due.Layers, err
	}
	split, err := calc.SplitShare(amount, p.calcLayers())
	return layersOf(split), err
}

// Allows says whether an amount for a month agrees with the policy: equal to
// the standard, or not above it where that is a limit; where only a case says what
// is due, not below the least. Errors: as MonthlyAmount.
func Allows(p Policy, month terms.Month, amount money.Fen) (bool, error) {
	if p.Open {
		return amount >= p.Least, nil
	}
	due, err := MonthlyAmount(p, month)
	if p.Operator == AtMost {
		return err == nil && amount <= due.Total && amount >= p.Least, err
	}
	return err == nil && amount == due.Total, err
}

func (p Policy) calcLayers() []calc.Layer {
	out := make([]calc.Layer, len(p.Layers))
	for i, l := range p.Layers {
		out[i] = calc.Layer{Level: string(l.Level), Amount: l.Amount}
	}
	return out
}

func layersOf(split calc.Split) []Layer {
	var out []Layer
	for _, l := range split.Layers {
		if l.Amount > 0 {
			out = append(out, Layer{terms.Level(l.Level), l.Amount})
		}
	}
	return out
}

// Index is the policies that apply in one month, by program, component and
// class: for checking a whole batch with one query.
type Index struct {
	Month terms.Month
	rows  map[policyKey][]Policy // of each area the newest
}

type policyKey struct{ program, component, class string }

func (p Policy) key() policyKey { return policyKey{p.Program, p.Component, p.Class} }

// Has says whether a class of a component has a policy somewhere in the month.
func (x Index) Has(program, component, class string) bool {
	return len(x.rows[policyKey{program, component, class}]) > 0
}

// Get is the policy that somebody means who names no place: the row that holds
// everywhere, or the only one there is. Lines take GetIn.
func (x Index) Get(program, component, class string) (Policy, bool) {
	rows := x.rows[policyKey{program, component, class}]
	if p, ok := in(rows, rules.Nation); ok || len(rows) != 1 {
		return p, ok
	}
	return rows[0], true
}

// GetIn is the policy of the smallest area that holds a place (12 digits): of its
// township, county, city, province or of the nation (执行区划).
func (x Index) GetIn(program, component, class, area string) (Policy, bool) {
	return in(x.rows[policyKey{program, component, class}], area)
}

// in is the row of the smallest area that holds a place.
func in(rows []Policy, place string) (Policy, bool) {
	for _, area := range rules.Areas(place) {
		if i := slices.IndexFunc(rows, func(p Policy) bool { return p.area() == area }); i >= 0 {
			return rows[i], true
		}
	}
	return Policy{}, false
}

// Len is the number of policies that apply.
func (x Index) Len() (n int) {
	for _, rows := range x.rows {
		n += len(rows)
	}
	return n
}

// All are the policies that apply, by program, component, class and area.
func (x Index) All() []Policy {
	var out []Policy
	for _, rows := range x.rows {
		out = append(out, rows...)
	}
	slices.SortFunc(out, func(a, b Policy) int {
		return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.Component, b.Component), cmp.Compare(a.Class, b.Class), cmp.Compare(a.area(), b.area()))
	})
	return out
}

// newest is of each class and area the newest row in force on a day.
func newest(policies []Policy, month terms.Month) Index {
	x := Index{Month: month, rows: map[policyKey][]Policy{}}
	for _, p := range policies {
		if p.ValidFrom.After(month.First()) {
			continue
		}
		rows := x.rows[p.key()]
		i := slices.IndexFunc(rows, func(o Policy) bool { return o.area() == p.area() })
		switch {
		case i < 0:
			x.rows[p.key()] = append(rows, p)
		case p.ValidFrom.After(rows[i].ValidFrom):
			rows[i] = p
		}
	}
	return x
}
