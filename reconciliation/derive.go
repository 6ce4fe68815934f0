package reconciliation

import (
	"fenlu/internal/evidence"
	"fenlu/money"
)

// Fact is one thing that evidence says about an attempt. Only evidence that
// matched by id and amount is a fact; a statement entry is one fact however
// often it was read.
type Fact struct {
	Says   Says
	Amount money.Fen // of a return
	Place  string    // of a statement entry: two facts with one place are the same
	File   FileID
	Pos    int
}

// Verdict is what all the evidence about an attempt says together.
type Verdict struct {
	State         evidence.State // empty: nothing that would move it
	Booked        money.Fen
	Returned      money.Fen
	Contradiction bool      // it failed, and money was booked all the same
	Excess        money.Fen // came back beyond what was paid
}

// Derive is what a set of facts says about an attempt of amount fen. It does
// not depend on their order, nor on how they were split over files, nor on
// repetition, and more facts never take it back:
//
//   - money that came back was booked; it decides, whatever else was said;
//   - else a success or a booking of the full amount pays;
//   - else a failure fails;
//   - else "unknown" is unknown; acceptance and silence change nothing.
func Derive(amount money.Fen, facts []Fact) Verdict {
	seen := map[string]bool{}
	var v Verdict
	var paid, failed, unknown, part bool
	var back money.Fen
	for _, f := range facts {
		switch f.Says {
		case SaysPaid, SaysBooked:
			paid = true
		case SaysFailed:
			failed = true
		case SaysUnknown:
			unknown = true
		case SaysReturned:
			if f.Place == "" || !seen[f.Place] {
				seen[f.Place] = true
				back = plus(back, f.Amount)
				part = part || f.Amount != amount
			}
		case SaysNothing, SaysAccepted:
		}
	}
	v.Contradiction = failed && (paid || part)
	switch {
	case back > 0:
		v.Booked, v.Returned, v.Excess = amount, min(back, amount), max(back-amount, 0)
		v.State = evidence.PartReturned
		if v.Returned == amount {
			v.State = evidence.Returned
		}
	case paid:
		v.State, v.Booked = evidence.Paid, amount
	case failed:
		v.State = evidence.Failed
	case unknown:
		v.State = evidence.Unknown
	}
	return v
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
	return v.State != "" && (v.State != a.State || v.Booked != a.Booked || v.Returned != a.Returned)
}
