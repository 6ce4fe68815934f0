package payment

import "fenlu/internal/evidence"

// transition is one row of the table that the settlement, the documents and
// the tests read: what evidence may make of an attempt.
type transition struct{ from, to evidence.State }

// transitions is the life of an attempt under evidence. What is not listed
// does not happen (only a release in steps that is given back stops an attempt,
// before its file is sealed): evidence never takes an attempt back to sent, and what was
// credited does not become a failure. Where the money goes follows from the
// states of all attempts of the payment (see standing).
var transitions = []transition{
	{evidence.Written, evidence.Unknown},
	{evidence.Written, evidence.Paid},
	{evidence.Written, evidence.Failed},
	{evidence.Written, evidence.PartReturned},
	{evidence.Written, evidence.Returned},
	{evidence.Sent, evidence.Unknown},
	{evidence.Sent, evidence.Paid},
	{evidence.Sent, evidence.Failed},
	{evidence.Sent, evidence.PartReturned},
	{evidence.Sent, evidence.Returned},
	{evidence.Unknown, evidence.Paid},
	{evidence.Unknown, evidence.Failed},
	{evidence.Unknown, evidence.PartReturned},
	{evidence.Unknown, evidence.Returned},
	{evidence.Paid, evidence.Paid}, // the bank debited it once more
	{evidence.Paid, evidence.PartReturned},
	{evidence.Paid, evidence.Returned},
	{evidence.PartReturned, evidence.PartReturned},
	{evidence.PartReturned, evidence.Returned},
	{evidence.Returned, evidence.Returned},
	{evidence.Failed, evidence.Paid},
	{evidence.Failed, evidence.PartReturned},
	{evidence.Failed, evidence.Returned},
}

// findTransition says whether the table has a change of state.
func findTransition(from, to evidence.State) (transition, bool) {
	for _, t := range transitions {
		if t.from == from && t.to == to {
			return t, true
		}
	}
	return transition{}, false
}

// Live says whether an attempt may still be paid by the bank: while one lives
// no other is made. A sealed instruction lives from the moment it is written:
// nothing takes it out of its file.
func Live(s evidence.State) bool {
	return s == evidence.Written || s == evidence.Sent || s == evidence.Unknown
}
