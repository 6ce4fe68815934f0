package batch

import (
	"context"
	"slices"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// raise is a policy row with the months in which it is the row in force somewhere.
type raise struct {
	policy benefits.Policy
	months []terms.Month
	rows   map[terms.Month]benefits.Index // of the row's class
}

// governs says whether the row is the one in force where and when a line was due:
// a smaller area may have a row of its own.
func (r raise) governs(l *Line) bool {
	at, ok := r.rows[l.Month].GetIn(r.policy.Program, r.policy.Component, r.policy.Class, l.Township)
	return ok && at.ID == r.policy.ID
}

// raiseOf reads a row and its months, up to the present one. Errors:
// POLICY_UNKNOWN; BACKPAY_POLICY (Refused) where the row is a limit or paid once:
// what somebody was due does not follow from it.
func (s *Service) raiseOf(ctx context.Context, q db.Querier, id benefits.PolicyID) (raise, error) {
	found, err := s.benefits.Policies(ctx, q, []benefits.PolicyID{id})
	if err != nil {
		return raise{}, err
	}
	r := raise{policy: found[id]}
	p := r.policy
	if p.Operator != benefits.Exact || p.Period == benefits.Once {
		return r, errs.New(errs.Refused, "BACKPAY_POLICY", "policy", int64(id), "document", p.Document, "class", p.Class)
	}
	first := terms.MonthOf(p.ValidFrom)
	if first.First().Before(p.ValidFrom) {
		first = first.Add(1)
	}
	var months []terms.Month
	for m, last := first, terms.MonthOf(clock.Date(s.clock.Now())); m <= last; m = m.Add(1) {
		months = append(months, m)
	}
	if r.rows, err = s.benefits.ClassMonths(ctx, q, p, months); err != nil {
		return r, err
	}
	for _, m := range months {
		if slices.ContainsFunc(r.rows[m].All(), func(at benefits.Policy) bool { return at.ID == id }) {
			r.months = append(r.months, m)
		}
	}
	return r, nil
}

// paidLine is a line of a person and month whose once-key is live, with what is
// paid of it by level.
type paidLine struct {
	Line
	subject  int64
	batch    ID
	code     string
	office   string
	returned bool // something of it came back and waits
	paid     []benefits.Layer
	got      money.Fen // back from the payee: not among what is paid
}

// whole is what is paid of the line in all.
func (l paidLine) whole() (money.Fen, error) {
	var sum money.Fen
	for _, p := range l.paid {
		if err := grow(&sum, p.Amount); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// monthKey is a person's, or unit's, month.
type monthKey struct {
	subject int64
	month   terms.Month
}

// The reasons why a month waits.
const (
	waitReturned = "returned" // 退回待发: pay what came back first, or stop it
	waitWithheld = "withheld" // 暂缓
	waitOpen     = "open"     // 未付: on its way or in another list
	waitOnce     = "once"     // 已补: the row has paid this month once
)

// backPay is what a policy row adds to a month of somebody.
type backPay struct {
	subject int64
	base    paidLine   // the month's regular line
	own     []paidLine // lines that the row has made for the month
	amount  money.Fen
	layers  []benefits.Layer
	review  []calc.Review
	wait    string // why nothing is made yet
	blocker string // batch that is waited for
}

// backPays computes a row for everybody whom an office paid in its months, by
// person and month; a month that another office paid is that office's.
func (s *Service) backPays(ctx context.Context, q db.Querier, r raise, office string) ([]backPay, error) {
	subjects, err := regularSubjects(ctx, q, r, office)
	if err != nil {
		return nil, err
	}
	var all []backPay
	for from := 0; from < len(subjects); from += chunkRows {
		part := subjects[from:min(from+chunkRows, len(subjects))]
		facts, err := paidLines(ctx, q, r, part)
		if err != nil {
			return nil, err
		}
		for _, subject := range part {
			for _, m := range r.months {
				b, there, err := r.month(facts[monthKey{subject, m}], office, 0)
				if err != nil {
					return nil, err
				}
				if there {
					all = append(all, b)
				}
			}
		}
	}
	return all, nil
}

// month computes one month from the lines that count in it, those of a batch
// left out; false where the office has no regular line of the row's class in it.
// What a payee paid back (追回) is not paid: the difference from what is due is.
func (r raise) month(lines []paidLine, office string, without ID) (backPay, bool, error) {
	var b backPay
	var paid []calc.Owed
	there := false
	for _, l := range lines {
		if l.batch == without {
			continue
		}
		switch {
		case l.Occasion == Regular && l.Class == r.policy.Class && l.office == office && r.governs(&l.Line):
			b.base, b.subject, there = l, l.subject, true
		case l.Occasion == BackPayOccasion(r.policy.ID):
			b.own = append(b.own, l)
		}
		whole, err := l.whole()
		if err != nil {
			return b, false, err
		}
		if err := grow(&whole, l.got); err != nil {
			return b, false, err
		}
		if whole != l.Amount {
			b.wait, b.blocker = l.why(), l.code
		}
		paid = append(paid, r.owed(l)...)
	}
	if !there || b.wait != "" {
		return b, there, nil
	}
	return b, true, b.compute(r.policy, paid)
}

// why a line that is not paid whole holds its month up.
func (l paidLine) why() string {
	switch {
	case l.returned:
		return waitReturned
	case l.Status == Withheld:
		return waitWithheld
	default:
		return waitOpen
	}
}

// owed is what was paid of a line by level; by none where the row names none.
func (r raise) owed(l paidLine) []calc.Owed {
	var out []calc.Owed
	for _, p := range l.paid {
		level := string(p.Level)
		if len(r.policy.Layers) == 0 {
			level = ""
		}
		out = append(out, calc.Owed{Month: string(l.Month), Level: level, Amount: p.Amount})
	}
	return out
}

// compute is due by the row − paid, by the row's method.
func (b *backPay) compute(p benefits.Policy, paid []calc.Owed) error {
	month := b.base.Month
	should, err := benefits.MonthlyAmount(p, month)
	if err != nil {
		return err
	}
	due := []calc.Owed{{Month: string(month), Amount: should.Total}}
	if len(p.Layers) > 0 {
		due = due[:0]
		for _, l := range should.Layers {
			due = append(due, calc.Owed{Month: string(month), Level: string(l.Level), Amount: l.Amount})
		}
	}
	result, err := calc.ComputeBackPay(p.Rounding, due, paid)
	if err != nil {
		return err
	}
	b.amount, b.review = result.Amount, result.Review
	for _, l := range result.Layers {
		if l.Level != "" {
			b.layers = append(b.layers, benefits.Layer{Level: terms.Level(l.Level), Amount: l.Amount})
		}
	}
	if b.amount > 0 && len(b.own) > 0 {
		b.wait, b.blocker = waitOnce, b.own[0].code
	}
	return nil
}
