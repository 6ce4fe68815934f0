package reconciliation

import (
	"cmp"
	"slices"
	"strings"

	"fenlu/internal/evidence"
	"fenlu/money"
)

// Fact is one thing that evidence says about an attempt. Only evidence that
// matched by id and amount is a fact; a statement entry is one fact however
// often it was read.
type Fact struct {
	Says   Says
	Amount money.Fen // of a booking or a return
	Place  string    // of a statement entry: two facts with one place are the same
	Text   string    // of a return: the bank's own
	File   FileID
	Pos    int
}

// Verdict is what all the evidence about an attempt says together.
type Verdict struct {
	State         evidence.State // empty: nothing that would move it
	Booked        money.Fen      // at most the amount instructed
	Returned      money.Fen      // of that, come back
	Excess        money.Fen      // debited above the amount instructed, and not come back
	Over          money.Fen      // come back above all that was debited
	Contradiction bool           // it failed, and money was booked all the same
}

// said sums up facts: what was stated at all, and the money that statements
// name, each entry once.
type said struct {
	paid, failed, unknown, part bool
	debits, back                money.Fen
}

func sumUp(amount money.Fen, facts []Fact) said {
	var s said
	entries := distinct(facts)
	for _, f := range facts {
		s.paid = s.paid || f.Says == SaysPaid || f.Says == SaysBooked
		s.failed = s.failed || f.Says == SaysFailed
		s.unknown = s.unknown || f.Says == SaysUnknown
	}
	for _, f := range entries {
		if f.Says == SaysReturned {
			s.back = plus(s.back, f.Amount)
			s.part = s.part || f.Amount != amount
		} else {
			s.debits = plus(s.debits, f.Amount)
		}
	}
	return s
}

// distinct are the statement entries among facts, each place once, in the order
// in which they were read.
func distinct(facts []Fact) []Fact {
	entries := slices.DeleteFunc(slices.Clone(facts), func(f Fact) bool { return f.Says != SaysBooked && f.Says != SaysReturned })
	slices.SortStableFunc(entries, func(a, b Fact) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Pos, b.Pos)) })
	seen := map[string]bool{}
	return slices.DeleteFunc(entries, func(f Fact) bool {
		again := seen[f.Place]
		seen[f.Place] = true
		return again
	})
}

// Derive is what a set of facts says about an attempt of amount fen. It does
// not depend on their order, nor on how they were split over files, nor on
// repetition:
//
//   - money that came back was booked; it decides, whatever else was said;
//   - else a success or a booking of the full amount pays;
//   - else a failure fails;
//   - else "unknown" is unknown; acceptance and silence change nothing;
//   - a success and a booking are one payment, two bookings at two places are
//     two: the bank paid twice (重复支付). What comes back comes back of the
//     first, and of the excess once all of the first is back.
//
// More facts never take back a state, a booking or a return.
func Derive(amount money.Fen, facts []Fact) Verdict {
	s := sumUp(amount, facts)
	v := Verdict{Contradiction: s.failed && (s.paid || s.part)}
	switch {
	case s.back > 0:
		v.State, v.Booked, v.Returned = evidence.PartReturned, amount, min(s.back, amount)
		if v.Returned == amount {
			v.State = evidence.Returned
		}
	case s.paid:
		v.State, v.Booked = evidence.Paid, amount
	case s.failed:
		v.State = evidence.Failed
	case s.unknown:
		v.State = evidence.Unknown
	}
	twice, above := max(s.debits-amount, 0), s.back-v.Returned
	v.Excess, v.Over = max(twice-above, 0), max(above-twice, 0)
	return v
}

// returns are the single returns among facts, oldest evidence first, as far as
// they make up the amount returned.
func returns(facts []Fact, returned money.Fen) []evidence.Back {
	var list []evidence.Back
	for _, f := range distinct(facts) {
		if f.Says != SaysReturned || returned == 0 {
			continue
		}
		take := min(f.Amount, returned)
		list = append(list, evidence.Back{Amount: take, Hint: strings.TrimSpace(f.Text)})
		returned -= take
	}
	return list
}

// plus adds amounts, and stays at the largest there is: what comes after is an
// excess in any case.
func plus(a, b money.Fen) money.Fen {
	sum, err := money.Add(a, b)
	if err != nil {
		return money.Max
	}
	return sum
}

// moves says whether the verdict changes where the attempt stands.
func (v Verdict) moves(a evidence.Attempt) bool {
	return v.State != "" && (v.State != a.State || v.Booked != a.Booked || v.Returned != a.Returned || v.Excess != a.Excess)
}
