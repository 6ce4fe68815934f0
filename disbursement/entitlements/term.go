package entitlements

import (
	"slices"
	"time"

	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
)

// Event is a row: what was decided about an entitlement on a day.
type Event struct {
	ID         int64
	Person     int64
	Household  int64 // set: the household's entitlement, for all its members
	Program    string
	Kind       EventKind
	On         time.Time
	Class      ReviewClass // as given; empty: as before
	ValidUntil time.Time   // last day; zero: open, or as before at a review
	NextReview time.Time   // zero: the figure of its class counts
	Grace      bool        // of a stop: paid on for the months of grace (渐退期)
	Document   string
	ImportFile int64
}

// Term is what the events of an entitlement come to in a month (有效期).
type Term struct {
	ApprovedOn time.Time // zero: not approved by the end of the month
	First      time.Time // the first approval of all, also a later one
	Before     *Term     // the term that this one follows; nil: the first
	ReviewedOn time.Time
	ChangedOn  time.Time // the last decision that justifies another amount
	Class      ReviewClass
	ValidUntil time.Time
	NextReview time.Time
	StoppedOn  time.Time
	Grace      bool
	Document   string
}

// TermOf folds events up to the end of a month. Approval begins a new term.
func TermOf(events []Event, month terms.Month) Term {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b Event) int { return a.On.Compare(b.On) })
	var t Term
	for _, e := range events {
		if e.Kind == Approved && t.First.IsZero() {
			t.First = e.On
		}
		if !e.On.After(month.Last()) {
			t.take(e)
		}
	}
	return t
}

func (t *Term) take(e Event) {
	switch e.Kind {
	case Approved:
		was := *t
		*t = Term{First: t.First, ApprovedOn: e.On, ReviewedOn: e.On, ChangedOn: e.On, Class: e.Class, ValidUntil: e.ValidUntil, NextReview: e.NextReview}
		if !was.ApprovedOn.IsZero() {
			t.Before = &was
		}
	case Reviewed:
		t.ReviewedOn, t.NextReview = e.On, e.NextReview
		if e.Class != "" {
			t.Class = e.Class
		}
		if !e.ValidUntil.IsZero() {
			t.ValidUntil = e.ValidUntil
		}
	case Changed:
		t.ChangedOn = e.On
	case Stopped:
		t.StoppedOn, t.Grace = e.On, e.Grace
	}
	t.Document = e.Document
}

// Figures are the figures that say how terms are read.
var Figures = []rules.Name{rules.EntitlementRequired, rules.ReviewMonthsStable, rules.ReviewMonthsChanging, rules.ReviewHolds,
	rules.EntitlementStartsNext, rules.EntitlementStopsNext, rules.EntitlementGraceMonths}

// Reader reads terms by the figures of a place on a date.
type Reader struct {
	Rules   rules.Set
	Area    string
	On      time.Time
	Missing map[rules.Name]bool // figures that were asked for and are not on record
}

func (r *Reader) figure(n rules.Name) (rules.Figure, bool) {
	f, ok := r.Rules.At(n, r.Area, r.On)
	if !ok && r.Missing != nil {
		r.Missing[n] = true
	}
	return f, ok
}

// Approved is the day of the approval that counts: of the term's own, or of the
// first to come.
func (t Term) Approved() time.Time {
	if t.ApprovedOn.IsZero() {
		return t.First
	}
	return t.ApprovedOn
}

// Start is the first month that is owed: of the approval, or the one after it, as
// the area's rule says (当月或次月起发). An approval while the term before still runs
// goes on from it; one after its end begins anew.
func (r *Reader) Start(t Term) terms.Month {
	m := terms.MonthOf(t.Approved())
	if f, ok := r.figure(rules.EntitlementStartsNext); ok && f.Yes() {
		m = m.Add(1)
	}
	if t.Before != nil {
		if end, _ := r.End(*t.Before); end == "" || end >= m {
			return r.Start(*t.Before)
		}
	}
	return m
}

// End is the first month that is not owed any more, and the months of grace before
// it; empty while there is none. A term that runs out is owed to the month of its
// last day; one that was stopped to the stop or the month before, as the area's
// rule says, and the months of grace.
func (r *Reader) End(t Term) (end terms.Month, grace int) {
	if !t.StoppedOn.IsZero() {
		end = terms.MonthOf(t.StoppedOn)
		if f, ok := r.figure(rules.EntitlementStopsNext); ok && f.Yes() {
			end = end.Add(1)
		}
		if t.Grace {
			if f, ok := r.figure(rules.EntitlementGraceMonths); ok {
				grace, _ = f.Whole()
			}
		}
		end = end.Add(grace)
	}
	if !t.ValidUntil.IsZero() {
		if m := terms.MonthOf(t.ValidUntil).Add(1); end == "" || m < end {
			end, grace = m, 0
		}
	}
	return end, grace
}

// Due is when the entitlement is to be reviewed; zero where neither a date nor a
// figure says so (money-rules C11).
func (r *Reader) Due(t Term) time.Time {
	if !t.NextReview.IsZero() {
		return t.NextReview
	}
	name := rules.ReviewMonthsStable
	switch t.Class {
	case Changing:
		name = rules.ReviewMonthsChanging
	case Stable:
	default:
		return time.Time{}
	}
	f, ok := r.figure(name)
	n, err := f.Whole()
	if !ok || err != nil {
		return time.Time{}
	}
	return monthsAfter(t.ReviewedOn, n)
}

// monthsAfter is the same day some months later, or the last of a shorter month.
func monthsAfter(day time.Time, n int) time.Time {
	m := terms.MonthOf(day).Add(n)
	if last := m.Last(); day.Day() > last.Day() {
		return last
	}
	return m.First().AddDate(0, 0, day.Day()-1)
}

// Holds says whether a review that is overdue holds the line back.
func (r *Reader) Holds() bool {
	f, ok := r.figure(rules.ReviewHolds)
	return ok && f.Yes()
}

// Required says whether nobody is paid without an approval on record.
func (r *Reader) Required() bool {
	f, ok := r.Rules.At(rules.EntitlementRequired, r.Area, r.On)
	return ok && f.Yes()
}
