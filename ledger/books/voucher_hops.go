package books

import (
	"slices"

	"fenlu/ledger"
)

// hop is a movement between two kinds of places of the fund ledger.
type hop struct{ from, to ledger.AccountKind }

type places []ledger.AccountKind

// has says whether a place is one of them; no list is any place.
func (p places) has(k ledger.AccountKind) bool { return p == nil || slices.Contains(p, k) }

var (
	// drawn are the places that money of lines is drawn from and goes back to.
	drawn = places{ledger.Available, ledger.Carveout, ledger.Reserve}
	// owed are the places of money that a line is owed and the bank has not paid.
	owed = places{ledger.Frozen, ledger.InTransit, ledger.Returned}
	// outside are the places that mean money outside the quota: what moves there is
	// an accountant's business, and a movement that no event covers is named instead
	// of passed over.
	outside = places{ledger.Paid, ledger.Recovered, ledger.Suspense}
)

// meanings are what movements mean to an accountant; the first that fits counts.
var meanings = []struct {
	from, to places
	event    Event
}{
	{drawn, owed, Due},
	{owed, drawn, DueUndone},
	{places{ledger.InTransit, ledger.Returned}, places{ledger.Paid}, PaidOut},
	{places{ledger.Paid}, places{ledger.Returned}, ReturnedBack},
	{places{ledger.Paid}, places{ledger.Recovered}, RecoveredBack},
	{places{ledger.Recovered}, places{ledger.Available, ledger.Carveout}, ""}, // RecoveredBack said so
	{places{ledger.Paid}, drawn, CorrectionOut},
	{drawn, places{ledger.Paid}, CorrectionIn},
	{places{ledger.Available}, places{ledger.Suspense}, Overpaid},
	{places{ledger.Suspense}, places{ledger.Available}, OverpaidBack},
	{places{ledger.Appropriated}, places{ledger.Suspense}, ReceiptFound},
	{places{ledger.Suspense}, places{ledger.Surrendered, ledger.Withdrawn}, ReceiptGone},
	{nil, places{ledger.Reserve}, ReserveAdvance},
	{places{ledger.Reserve}, nil, ReserveBack},
}

// event is what a movement means; "" for one of the quota alone (指标账), which makes
// no voucher. A movement to or from outside the quota that has no event is called
// by its two places, so that no rule fits it and it is refused by name.
func (h hop) event() Event {
	if h.from == h.to {
		return ""
	}
	for _, m := range meanings {
		if m.from.has(h.from) && m.to.has(h.to) {
			return m.event
		}
	}
	if outside.has(h.from) || outside.has(h.to) {
		return Event(string(h.from) + ">" + string(h.to))
	}
	return ""
}
