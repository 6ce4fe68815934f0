package batch

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/money"
)

// BackPayItem is a month of somebody that is to be looked at: unpaid, waiting,
// or for a person to decide. The number is masked.
type BackPayItem struct {
	Township string      `json:"township"`
	Name     string      `json:"name"`
	Masked   string      `json:"id_number"`
	Month    terms.Month `json:"month"`
	Level    terms.Level `json:"level,omitempty"` // of a review
	Amount   money.Fen   `json:"amount"`
	Why      string      `json:"why"`
	Batch    string      `json:"batch,omitempty"` // that has it, or that it waits for
	Line     int32       `json:"line,omitempty"`

	subject int64
}

// Why an item is unpaid that waits for nothing: it is in no submitted list, or in
// one and not paid whole.
const (
	whyNoList = "no_list"
	whyInList = "in_list"
)

// TownshipBackPay is how far the back-pay of a policy row is in a township.
// Deadline is nil where no rule of the area sets one.
type TownshipBackPay struct {
	Township string     `json:"township"`
	Deadline *time.Time `json:"deadline"`
	Overdue  bool       `json:"overdue"` // something is unpaid after it
	Months   int        `json:"months"`  // of persons, that something is added to
	Added    money.Fen  `json:"added"`
	Paid     money.Fen  `json:"paid"`
	Unpaid   int        `json:"unpaid"`
	Waiting  int        `json:"waiting"`
	Review   int        `json:"review"`
}

// BackPayStatus is how far the back-pay of a policy row is (补发进度).
type BackPayStatus struct {
	Policy    benefits.PolicyID `json:"policy"`
	Program   string            `json:"program"`
	Component string            `json:"component"`
	Class     string            `json:"class"`
	Document  string            `json:"document"`
	Clause    string            `json:"clause"`
	Method    calc.Method       `json:"method"` // that fixed what was due
	Months    []terms.Month     `json:"months"`
	Townships []TownshipBackPay `json:"townships"`
	Unpaid    []BackPayItem     `json:"unpaid"`
	Waiting   []BackPayItem     `json:"waiting"`
	Review    []BackPayItem     `json:"review"`
}

// BackPayStatus tells, for each township, the deadline of a policy row's
// back-pay, what is paid of it, and who is not paid yet (money-rules C1).
//
// Errors: POLICY_UNKNOWN; BACKPAY_POLICY (Refused), as MakeBackPay.
func (s *Service) BackPayStatus(ctx context.Context, tx pgx.Tx, policy benefits.PolicyID, office string) (BackPayStatus, error) {
	r, err := s.raiseOf(ctx, tx, policy)
	if err != nil {
		return BackPayStatus{}, err
	}
	p := r.policy
	st := BackPayStatus{Policy: p.ID, Program: p.Program, Component: p.Component, Class: p.Class, Document: p.Document, Clause: p.Clause,
		Method: p.Rounding, Months: r.months, Unpaid: []BackPayItem{}}
	all, err := s.backPays(ctx, tx, r, office)
	if err != nil {
		return st, err
	}
	t := &townshipTally{of: map[string]*TownshipBackPay{}}
	for i := range all {
		if err := t.count(&all[i], &st); err != nil {
			return st, err
		}
	}
	if st.Waiting, st.Review, err = s.backPayOpen(ctx, tx, all); err != nil {
		return st, err
	}
	if err := s.nameItems(ctx, tx, st.Unpaid); err != nil {
		return st, err
	}
	for _, i := range st.Waiting {
		t.township(i.Township).Waiting++
	}
	for _, i := range st.Review {
		t.township(i.Township).Review++
	}
	st.Townships, err = t.finish(ctx, tx, p, clock.Date(s.clock.Now()))
	return st, err
}

// townshipTally adds up by township.
type townshipTally struct{ of map[string]*TownshipBackPay }

func (t *townshipTally) township(code string) *TownshipBackPay {
	if t.of[code] == nil {
		t.of[code] = &TownshipBackPay{Township: code}
	}
	return t.of[code]
}

// count books a month: what the row has made of it, and what is still open.
func (t *townshipTally) count(b *backPay, st *BackPayStatus) error {
	for _, l := range b.own {
		paid, err := l.whole()
		if err != nil {
			return err
		}
		if err := t.add(l.Township, l.Amount, paid); err != nil {
			return err
		}
		if paid != l.Amount {
			why := whyInList
			if w := l.why(); w != waitOpen {
				why = w
			}
			st.Unpaid = append(st.Unpaid, BackPayItem{Township: l.Township, Month: l.Month, Amount: l.Amount - paid, Why: why, Batch: l.code, Line: l.No,
				subject: b.subject})
			t.township(l.Township).Unpaid++
		}
	}
	if b.amount == 0 || b.wait != "" {
		return nil
	}
	st.Unpaid = append(st.Unpaid, BackPayItem{Township: b.base.Township, Month: b.base.Month, Amount: b.amount, Why: whyNoList, subject: b.subject})
	t.township(b.base.Township).Unpaid++
	return t.add(b.base.Township, b.amount, 0)
}

func (t *townshipTally) add(code string, added, paid money.Fen) error {
	row := t.township(code)
	row.Months++
	if err := grow(&row.Added, added); err != nil {
		return err
	}
	return grow(&row.Paid, paid)
}

// finish sets the deadlines: so many months from the one in which the row took
// effect, by the rule of the area on that day.
func (t *townshipTally) finish(ctx context.Context, q db.Querier, p benefits.Policy, today time.Time) ([]TownshipBackPay, error) {
	known, err := rules.Load(ctx, q, rules.BackPayMonths)
	if err != nil {
		return nil, err
	}
	out := make([]TownshipBackPay, 0, len(t.of))
	for _, row := range t.of {
		if f, ok := known.At(rules.BackPayMonths, row.Township, p.ValidFrom); ok {
			n, err := f.Whole()
			if err != nil {
				return nil, err
			}
			deadline := terms.MonthOf(p.ValidFrom).Add(n - 1).Last()
			row.Deadline = &deadline
			row.Overdue = row.Unpaid+row.Waiting > 0 && today.After(deadline)
		}
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b TownshipBackPay) int { return cmp.Compare(a.Township, b.Township) })
	return out, nil
}

// backPayOpen lists what waits and what a person must decide. A month that waits
// only for the row's own line is not listed: that line is.
func (s *Service) backPayOpen(ctx context.Context, q db.Querier, all []backPay) (waiting, review []BackPayItem, err error) {
	waiting, review = []BackPayItem{}, []BackPayItem{}
	for i := range all {
		b := &all[i]
		item := BackPayItem{Township: b.base.Township, Month: b.base.Month, subject: b.subject}
		if b.wait != "" && !b.waitsForOwn() {
			w := item
			w.Amount, w.Why, w.Batch = b.amount, b.wait, b.blocker
			waiting = append(waiting, w)
		}
		for _, found := range b.review {
			v := item
			v.Level, v.Amount, v.Why = terms.Level(found.Level), found.Amount, string(found.Kind)
			review = append(review, v)
		}
	}
	if err := s.nameItems(ctx, q, waiting); err != nil {
		return nil, nil, err
	}
	return waiting, review, s.nameItems(ctx, q, review)
}

func (b *backPay) waitsForOwn() bool {
	return b.wait != waitOnce && slices.ContainsFunc(b.own, func(l paidLine) bool { return l.code == b.blocker })
}

// nameItems puts names and masked numbers to items.
func (s *Service) nameItems(ctx context.Context, q db.Querier, items []BackPayItem) error {
	people := make([]parties.PersonID, len(items))
	units := make([]parties.UnitID, len(items))
	for i := range items {
		people[i], units[i] = parties.PersonID(items[i].subject), parties.UnitID(items[i].subject)
	}
	named, err := s.parties.People(ctx, q, people)
	if err != nil {
		return err
	}
	bodies, err := s.parties.UnitsByID(ctx, q, units)
	for i := range items {
		item := &items[i]
		if p, isPerson := named[parties.PersonID(item.subject)]; isPerson {
			item.Name, item.Masked = p.Name, p.Masked
		} else {
			item.Name = bodies[parties.UnitID(item.subject)].Name
		}
	}
	return err
}
