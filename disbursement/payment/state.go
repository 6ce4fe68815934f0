package payment

import (
	"fenlu/internal/evidence"
	"fenlu/ledger"
)

// transition is one row of the table that the settlement, the documents and
// the tests read: what evidence may do to an attempt, and the moves of its
// legs that go with it.
type transition struct {
	from, to evidence.State
	moves    []hop
}

// hop is a move of legs between kinds of places. part takes only the amount
// that came back; the others take every leg.
type hop struct {
	from, to ledger.AccountKind
	part     bool
}

var (
	settle     = hop{ledger.InTransit, ledger.Paid, false}
	fail       = hop{ledger.InTransit, ledger.Returned, false}
	comeBack   = hop{ledger.Paid, ledger.Returned, true}
	paidAnyway = hop{ledger.Returned, ledger.Paid, false}
)

// transitions is the life of an attempt under evidence. What is not listed
// does not happen: evidence never takes an attempt back to sent.
var transitions = []transition{
	{evidence.Written, evidence.Unknown, nil},
	{evidence.Written, evidence.Paid, []hop{settle}},
	{evidence.Written, evidence.Failed, []hop{fail}},
	{evidence.Written, evidence.PartReturned, []hop{settle, comeBack}},
	{evidence.Written, evidence.Returned, []hop{settle, comeBack}},
	{evidence.Sent, evidence.Unknown, nil},
	{evidence.Sent, evidence.Paid, []hop{settle}},
	{evidence.Sent, evidence.Failed, []hop{fail}},
	{evidence.Sent, evidence.PartReturned, []hop{settle, comeBack}},
	{evidence.Sent, evidence.Returned, []hop{settle, comeBack}},
	{evidence.Unknown, evidence.Paid, []hop{settle}},
	{evidence.Unknown, evidence.Failed, []hop{fail}},
	{evidence.Unknown, evidence.PartReturned, []hop{settle, comeBack}},
	{evidence.Unknown, evidence.Returned, []hop{settle, comeBack}},
	{evidence.Paid, evidence.PartReturned, []hop{comeBack}},
	{evidence.Paid, evidence.Returned, []hop{comeBack}},
	{evidence.PartReturned, evidence.PartReturned, []hop{comeBack}},
	{evidence.PartReturned, evidence.Returned, []hop{comeBack}},
	{evidence.Failed, evidence.Paid, []hop{paidAnyway}},
	{evidence.Failed, evidence.PartReturned, []hop{paidAnyway, comeBack}},
	{evidence.Failed, evidence.Returned, nil},
}

// Transition finds the moves for a change of state; ok is false where the
// table has none.
func findTransition(from, to evidence.State) (transition, bool) {
	for _, t := range transitions {
		if t.from == from && t.to == to {
			return t, true
		}
	}
	return transition{}, false
}

// Live says whether an attempt may still be paid by the bank: while one lives
// no other is made.
func Live(s evidence.State) bool {
	return s == evidence.Written || s == evidence.Sent || s == evidence.Unknown
}
