package ledger

import (
	"hash"

	"fenlu/internal/errs"
	"fenlu/money"
)

// Reclassify (支付更正) lets other money pay a leg, under a document, in one
// journal: the leg's fen go back to the account they came from, and the same line
// and payment get the lowest free fen of To, an account of another lot, standing
// where the leg stood. For each lot debits equal credits as always.
//
// It is a command: errs.Insufficient or LEDGER_LOT_STOPPED refuse it where To
// cannot pay. What it frees ends open claims of its own lot first, the oldest
// first: that is one of the ways out of a shortfall.
//
// With an Amount less than the leg's, only its highest fen are paid by other
// money; the leg stays where it is with the rest.
type Reclassify struct {
	Holding HoldingID
	From    AccountKind // where the leg stands
	To      AccountID
	Amount  money.Fen // 0: all of the leg
}

func (s Reclassify) digest(h hash.Hash) {
	hashText(h, "reclassify")
	hashText(h, string(s.From))
	hashInts(h, int64(s.Holding), int64(s.To))
	if s.Amount != 0 { // a leg that moves whole has the digest it always had
		hashInts(h, int64(s.Amount))
	}
}

func (s Reclassify) names(n *named) {
	n.holdings, n.accounts = append(n.holdings, s.Holding), append(n.accounts, s.To)
}

func (s Reclassify) apply(p *posting) error {
	found, err := p.holdingsIn([]HoldingID{s.Holding}, s.From)
	if err != nil {
		return err
	}
	h := found[0]
	to, err := p.account(s.To)
	if err != nil {
		return err
	}
	if to.Lot == h.Lot {
		return errs.New(errs.Invalid, "LEDGER_SAME_LOT", "lot", h.Lot)
	}
	if s.Amount < 0 || s.Amount > h.Amount {
		return errs.New(errs.Invalid, "LEDGER_PART_NOT_PART", "amount", s.Amount, "whole", h.Amount)
	}
	amount := s.Amount
	if amount == 0 || amount == h.Amount {
		amount, err = h.Amount, GiveBack{Holdings: []HoldingID{h.ID}, From: s.From}.apply(p)
	} else {
		err = p.giveBackPart(h, amount, s.From)
	}
	if err != nil {
		return err
	}
	if err := p.fill(p.accounts[h.Origin], amount); err != nil {
		return err
	}
	return Draw{From: s.To, To: s.From, Legs: []Leg{{Line: h.Line, Payment: h.Payment, Party: h.Party, Amount: amount}}}.apply(p)
}

// giveBackPart returns the highest amount fen of a leg to the account that it was
// drawn from, as a leg of their own; the rest stays the leg's.
func (p *posting) giveBackPart(h Holding, amount money.Fen, from AccountKind) error {
	part, err := p.split(h, amount, h.Account)
	if err != nil {
		return err
	}
	p.holdings = p.holdings[:len(p.holdings)-1] // it is nobody's: the command made the leg that stands for it
	return GiveBack{Holdings: []HoldingID{part}, From: from}.apply(p)
}
