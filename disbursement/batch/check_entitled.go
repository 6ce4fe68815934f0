package batch

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/rules"
	"fenlu/internal/i18n"
)

// termsKnown is what an examiner knows of entitlements: the matrix and figures for
// the whole list, events, facts and last month's amounts of a part of it.
type termsKnown struct {
	loaded      bool
	matrix      entitlements.Matrix
	rules       rules.Set
	missing     map[rules.Name]bool
	ofPerson    map[int64][]entitlements.Event
	ofHousehold map[int64][]entitlements.Event
	facts       map[int64][]entitlements.Fact
	before      map[LineID]earlier
}

// entitled checks a part of the list against approvals with their dates, facts of
// other offices and last month's amounts.
func (x *examiner) entitled(ctx context.Context, tx pgx.Tx, part []Line) error {
	if err := x.learnTerms(ctx, tx, part); err != nil {
		return err
	}
	for i := range part {
		if l := &part[i]; l.Person != 0 {
			x.term(l)
			x.facts(l)
		}
	}
	return nil
}

func (x *examiner) learnTerms(ctx context.Context, tx pgx.Tx, part []Line) (err error) {
	k := &x.terms
	if !k.loaded {
		if k.matrix, err = entitlements.Exclusions(ctx, tx); err != nil {
			return err
		}
		if k.rules, err = rules.Load(ctx, tx, entitlements.Figures...); err != nil {
			return err
		}
		k.missing, k.loaded = map[rules.Name]bool{}, true
	}
	var persons, households []int64
	ids := make([]LineID, len(part))
	people := map[parties.PersonID]parties.Person{}
	for i := range part {
		l := &part[i]
		ids[i] = l.ID
		if l.Person == 0 {
			continue
		}
		persons = append(persons, l.Person)
		people[parties.PersonID(l.Person)] = x.people[parties.PersonID(l.Person)]
		if l.Household != 0 {
			households = append(households, l.Household)
		}
	}
	if k.ofPerson, k.ofHousehold, err = entitlements.EventsOf(ctx, tx, x.batch.Program, persons, households); err != nil {
		return err
	}
	if k.facts, err = entitlements.FactsOf(ctx, tx, people); err != nil {
		return err
	}
	k.before, err = earlierOf(ctx, tx, ids, x.batch.Period)
	return err
}

// term: an entitlement that has not begun or has ended leaves the run
// (money-rules C10), one whose review is overdue waits or is told of (C11), and
// its amount stays as it was while nothing changed (C12).
func (x *examiner) term(l *Line) {
	if l.Occasion != Regular {
		return
	}
	r := entitlements.Reader{Rules: x.terms.rules, Area: l.Township, On: l.Month.First(), Missing: x.terms.missing}
	events := x.terms.ofPerson[l.Person]
	if len(events) == 0 {
		events = x.terms.ofHousehold[l.Household]
	}
	t := entitlements.TermOf(events, l.Month)
	if t.First.IsZero() {
		if r.Required() {
			x.found.say(l, Block, "entitlement_missing")
		}
		return
	}
	if start := r.Start(t); l.Month < start {
		x.found.say(l, Block, "entitlement_early", "approved", t.Approved().Format(time.DateOnly), "start", start.String())
		return
	}
	end, grace := r.End(t)
	switch {
	case end != "" && l.Month >= end:
		x.found.say(l, Block, "entitlement_ended", "end", end.String(), "document", t.Document)
		return
	case end != "" && l.Month >= end.Add(-grace):
		x.found.say(l, Note, "entitlement_grace", "end", end.String(), "months", strconv.Itoa(grace), "document", t.Document)
	}
	if due := r.Due(t); !due.IsZero() && x.today.After(due) {
		severity := Reason
		if r.Holds() {
			severity = Block
		}
		x.found.say(l, severity, "review_overdue", "due", due.Format(time.DateOnly), "reviewed", t.ReviewedOn.Format(time.DateOnly))
	}
	x.frozen(l, t)
}

// frozen: within a review period another amount under the same standard needs a
// recorded change since last month (money-rules C12).
func (x *examiner) frozen(l *Line, t entitlements.Term) {
	was, there := x.terms.before[l.ID]
	if !there || was.Amount == l.Amount || was.Policy != l.Policy {
		return
	}
	changed := t.ChangedOn
	if t.ReviewedOn.After(changed) {
		changed = t.ReviewedOn
	}
	if changed.Before(was.Month.First()) {
		x.found.say(l, Reason, "amount_frozen", "amount", l.Amount.Grouped(), "was", was.Amount.Grouped(), "month", was.Month.String(),
			"reviewed", t.ReviewedOn.Format(time.DateOnly), "batch", was.Batch, "first", itoa(was.No))
	}
}

// facts: what another office knows blocks, asks for a reason or is told of, as the
// matrix says for the program; without a row it is told of (peers-and-audits #2,
// #20, money-rules G6).
func (x *examiner) facts(l *Line) {
	for _, f := range x.terms.facts[l.Person] {
		if !f.Touches(l.Month.First(), l.Month.Last()) {
			continue
		}
		args := []string{"fact", f.Kind.Name(i18n.ZH), "from", f.From.Format(time.DateOnly), "source", f.Source}
		ruled := false
		for _, i := range x.terms.matrix.OfFact(f.Kind, x.batch.Program, l.Component, l.Class) {
			e := x.terms.matrix[i]
			ruled = ruled || e.Effect == entitlements.Allow
			if x.terms.matrix.Counts(i, l.Township, l.Month.First()) {
				ruled = true
				x.found.say(l, Severity(e.Effect), "fact_excludes", append(args, "document", e.Document, "clause", e.Clause)...)
				break
			}
		}
		if !ruled {
			x.found.say(l, Note, "fact_known", args...)
		}
	}
}

// unruled names, once for the list, the figures that its entitlements ask for and
// that nobody imported.
func (x *examiner) unruled() {
	for _, n := range slices.Sorted(maps.Keys(x.terms.missing)) {
		x.found.say(nil, Note, "figure_missing", "rule", n.Title(i18n.ZH))
	}
}

// exclusive finds who is paid what excludes one another in the same month, across
// batches and offices (money-rules A36, D4, peers-and-audits #19).
func (x *examiner) exclusive(ctx context.Context, tx pgx.Tx) error {
	sides := sidesOf(x.terms.matrix, x.batch.Program)
	if len(sides.row) == 0 {
		return nil
	}
	found, err := excluded(ctx, tx, x.batch.ID, sides)
	if err != nil {
		return err
	}
	ids := make([]parties.PersonID, len(found))
	for i, f := range found {
		ids[i] = parties.PersonID(f.Person)
	}
	people, err := x.svc.parties.People(ctx, tx, ids)
	for _, f := range found {
		e := x.terms.matrix[f.Row]
		if x.terms.matrix.Counts(f.Row, f.Township, f.Month.First()) {
			x.found.say(&Line{ID: f.Line, No: f.No}, Severity(e.Effect), "excluded_"+string(e.Scope), "person", people[parties.PersonID(f.Person)].Masked,
				"program", f.Program, "class", f.Class, "office", f.Office, "batch", f.Batch, "first", itoa(f.OtherNo), "document", e.Document, "clause", e.Clause)
		}
	}
	return err
}
