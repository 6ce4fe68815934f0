package ledger

import (
	"hash"

	"fenlu/internal/errs"
	"fenlu/money"
)

// Recover (追回) books that Amount fen of a paid leg came back from whom it was
// paid: the leg's highest fen are free again, at their own addresses, in the
// account they were drawn from. On the way they pass recovered, so that the books
// tell them from a payment that a bank sent back.
//
// It is a fact, and ends open claims of its lot first, the oldest first: that is
// one of the ways out of a shortfall. Errors: errs.Invalid
// LEDGER_RECOVER_ABOVE; those of a holding that does not stand in paid.
type Recover struct {
	Holding HoldingID
	Amount  money.Fen
}

func (s Recover) digest(h hash.Hash) {
	hashText(h, "recover")
	hashInts(h, int64(s.Holding), int64(s.Amount))
}

func (s Recover) names(n *named) { n.holdings = append(n.holdings, s.Holding) }

func (s Recover) apply(p *posting) error {
	found, err := p.holdingsIn([]HoldingID{s.Holding}, Paid)
	if err != nil {
		return err
	}
	h := found[0]
	if s.Amount <= 0 || s.Amount > h.Amount {
		return errs.New(errs.Invalid, "LEDGER_RECOVER_ABOVE", "asked", s.Amount.Grouped(), "paid", h.Amount.Grouped())
	}
	if s.Amount < h.Amount {
		part, err := p.split(h, s.Amount, h.Account)
		if err != nil {
			return err
		}
		if found, err = p.holdingsIn([]HoldingID{part}, Paid); err != nil {
			return err
		}
		h = found[0]
	}
	over, err := p.sibling(p.accounts[h.Account], Recovered)
	if err != nil {
		return err
	}
	if err := freePieces(p.ctx, p.tx, []HoldingID{h.ID}, p.lots); err != nil {
		return err
	}
	if err := p.stand(found, func(Holding) AccountID { return 0 }); err != nil {
		return err
	}
	for _, t := range []Transfer{
		{Lot: h.Lot, Debit: over, Credit: h.Account, Amount: h.Amount, Payment: h.Payment, Party: h.Party, Holding: h.ID},
		{Lot: h.Lot, Debit: h.Origin, Credit: over, Amount: h.Amount, Payment: h.Payment, Party: h.Party},
	} {
		if err := p.transfer(t); err != nil {
			return err
		}
	}
	return p.fill(p.accounts[h.Origin], h.Amount)
}
