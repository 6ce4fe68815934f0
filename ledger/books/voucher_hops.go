package books

import (
	"fenlu/ledger"
)

// hop is a movement between two kinds of places of the fund ledger.
type hop struct{ from, to ledger.AccountKind }

// drawn are the places that money of lines is drawn from and goes back to.
var drawn = map[ledger.AccountKind]bool{ledger.Available: true, ledger.Carveout: true, ledger.Reserve: true}

// owed are the places of money that a line is owed and the bank has not paid.
var owed = map[ledger.AccountKind]bool{ledger.Frozen: true, ledger.InTransit: true, ledger.Returned: true}

// outside are the places that mean money outside the quota: what moves there is
// an accountant's business, and a movement that no event covers is named
// instead of passed over.
var outside = map[ledger.AccountKind]bool{ledger.Paid: true, ledger.Recovered: true, ledger.Suspense: true}

// event is what a movement means; "" for one of the quota alone. A movement to
// or from outside the quota that has no event is called by its two places, so
// that no rule fits it and it is refused by name.
func (h hop) event() Event {
	switch {
	case h.from == h.to:
		return ""
	case owed[h.to] && drawn[h.from]:
		return Due
	case owed[h.from] && drawn[h.to]:
		return DueUndone
	case h.to == ledger.Paid && (h.from == ledger.InTransit || h.from == ledger.Returned):
		return PaidOut
	case h.from == ledger.Paid && h.to == ledger.Returned:
		return ReturnedBack
	case h.from == ledger.Paid && drawn[h.to]:
		return CorrectionOut
	case h.to == ledger.Paid && drawn[h.from]:
		return CorrectionIn
	case h.to == ledger.Suspense && h.from == ledger.Available:
		return Overpaid
	case h.from == ledger.Suspense && h.to == ledger.Available:
		return OverpaidBack
	case h.from == ledger.Appropriated && h.to == ledger.Suspense:
		return ReceiptFound
	case h.from == ledger.Suspense && (h.to == ledger.Surrendered || h.to == ledger.Withdrawn):
		return ReceiptGone
	case h.to == ledger.Reserve:
		return ReserveAdvance
	case h.from == ledger.Reserve:
		return ReserveBack
	case outside[h.from] || outside[h.to]:
		return Event(string(h.from) + ">" + string(h.to))
	}
	return ""
}
