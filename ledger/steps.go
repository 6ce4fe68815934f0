package ledger

import (
	"cmp"
	"slices"

	"fenlu/internal/errs"
	"fenlu/money"
)

// apply adds the lot's next addresses, free in the place named.
func (s Bring) apply(p *posting) error {
	if s.Amount <= 0 {
		return errs.New(errs.Invalid, "LEDGER_AMOUNT_NOT_POSITIVE", "amount", s.Amount)
	}
	if !s.To.Kind.Free() {
		return errs.New(errs.Invalid, "LEDGER_PLACE_NOT_FREE", "kind", s.To.Kind)
	}
	lot := p.lots[s.Lot]
	to, err := p.at(s.Lot, s.To)
	if err != nil {
		return err
	}
	outside, err := p.at(s.Lot, Place{Kind: Appropriated, BudgetLine: s.To.BudgetLine})
	if err != nil {
		return err
	}
	size, err := money.Add(lot.Size, s.Amount)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "LEDGER_OVERFLOW")
	}
	piece := Piece{Lot: s.Lot, Offset: lot.Size, Amount: s.Amount, Opened: lot.Seq, Account: to}
	lot.Size = size
	if err := insertPieces(p.ctx, p.tx, []Piece{piece}); err != nil {
		return err
	}
	return p.transfer(Transfer{Lot: s.Lot, Debit: to, Credit: outside, Amount: s.Amount})
}

// apply takes free pieces and puts them, still free, into another place.
func (s Shift) apply(p *posting) error {
	from, err := p.freeAccount(s.From, s.Amount, s.Fact)
	if err != nil {
		return err
	}
	if !s.To.Kind.Free() {
		return errs.New(errs.Invalid, "LEDGER_PLACE_NOT_FREE", "kind", s.To.Kind)
	}
	to, err := p.at(from.Lot, s.To)
	if err != nil {
		return err
	}
	if to == s.From {
		return errs.New(errs.Invalid, "LEDGER_SAME_PLACE", "account", to)
	}
	asked := s.Amount
	if s.Cover {
		if asked, err = p.cover(from, asked); err != nil || asked == 0 {
			return err
		}
	}
	taken, err := p.take(from, asked, s.Highest, s.Fact)
	if err != nil {
		return err
	}
	free := amountOf(taken)
	for i := range taken {
		taken[i].Opened, taken[i].Account = p.lots[from.Lot].Seq, to
	}
	if err := insertPieces(p.ctx, p.tx, taken); err != nil {
		return err
	}
	if free > 0 {
		if err := p.transfer(Transfer{Lot: from.Lot, Debit: to, Credit: from.ID, Amount: free}); err != nil {
			return err
		}
	}
	return p.uncovered(from, to, asked-free)
}

// freeAccount checks what a step takes money from. A lot with an open claim
// refuses commands but not facts.
func (p *posting) freeAccount(id AccountID, amount money.Fen, fact bool) (*Account, error) {
	if amount <= 0 {
		return nil, errs.New(errs.Invalid, "LEDGER_AMOUNT_NOT_POSITIVE", "amount", amount)
	}
	from, err := p.account(id)
	if err != nil {
		return nil, err
	}
	if !from.Place.Kind.Free() {
		return nil, errs.New(errs.Invalid, "LEDGER_PLACE_NOT_FREE", "kind", from.Place.Kind)
	}
	lot := p.lots[from.Lot]
	if lot.Stopped && !fact {
		return nil, errs.New(errs.Refused, "LEDGER_LOT_STOPPED", "lot", lot.ID)
	}
	if lot.Kind == Receipt && !fact {
		return nil, errs.New(errs.Refused, "LEDGER_LOT_IS_RECEIPT", "lot", lot.ID)
	}
	return from, nil
}

// uncovered books the part of a fact that had no free fen: an amount on the
// account without an address, against shortfall; the lot stops.
func (p *posting) uncovered(from *Account, to AccountID, missing money.Fen) error {
	if missing == 0 {
		return nil
	}
	short, err := p.sibling(from, Shortfall)
	if err != nil {
		return err
	}
	lot := p.lots[from.Lot]
	lot.Stopped = true
	if err := p.claim(lot, to, short, missing); err != nil {
		return err
	}
	return p.transfer(Transfer{Lot: lot.ID, Debit: to, Credit: short, Amount: missing})
}

// apply cuts the legs' pieces from the lowest free fen, in the order of legs.
func (s Draw) apply(p *posting) error {
	total, err := sumOfLegs(s.Legs)
	if err != nil {
		return err
	}
	from, err := p.freeAccount(s.From, total, false)
	if err != nil {
		return err
	}
	if err := p.mayDraw(from); err != nil {
		return err
	}
	if !s.To.Held() {
		return errs.New(errs.Invalid, "LEDGER_PLACE_NOT_HELD", "kind", s.To)
	}
	to, err := p.sibling(from, s.To)
	if err != nil {
		return err
	}
	taken, err := p.take(from, total, false, false)
	if err != nil {
		return err
	}
	holdings, pieces, err := p.cut(s.Legs, taken, from, to)
	if err != nil {
		return err
	}
	if err := copyHoldings(p.ctx, p.tx, holdings); err != nil {
		return err
	}
	if err := insertPieces(p.ctx, p.tx, pieces); err != nil {
		return err
	}
	return p.transfer(Transfer{Lot: from.Lot, Debit: to, Credit: from.ID, Amount: total})
}

func sumOfLegs(legs []Leg) (money.Fen, error) {
	if len(legs) == 0 {
		return 0, errs.New(errs.Invalid, "LEDGER_COMMAND_EMPTY", "field", "legs")
	}
	var total money.Fen
	for _, l := range legs {
		if l.Amount <= 0 {
			return 0, errs.New(errs.Invalid, "LEDGER_AMOUNT_NOT_POSITIVE", "amount", l.Amount)
		}
		sum, err := money.Add(total, l.Amount)
		if err != nil {
			return 0, errs.Wrap(err, errs.Invalid, "LEDGER_OVERFLOW")
		}
		total = sum
	}
	return total, nil
}

// apply moves holdings from one kind of place to another.
func (s Move) apply(p *posting) error {
	if !s.From.Held() || !s.To.Held() || s.From == s.To {
		return errs.New(errs.Invalid, "LEDGER_PLACE_NOT_HELD", "kind", s.To)
	}
	if !s.PerLeg {
		if done, err := p.moveParcels(s); done || err != nil {
			return err
		}
	}
	holdings, err := p.holdingsIn(s.Holdings, s.From)
	if err != nil {
		return err
	}
	to := map[AccountID]AccountID{}
	for _, h := range holdings {
		if _, known := to[h.Account]; known {
			continue
		}
		if to[h.Account], err = p.sibling(p.accounts[h.Account], s.To); err != nil {
			return err
		}
	}
	target := func(h Holding) AccountID { return to[h.Account] }
	if err := p.stand(holdings, target); err != nil {
		return err
	}
	return p.transferHoldings(holdings, s.PerLeg, target)
}

// holdingsIn reads holdings, in the order asked for, and refuses the command
// if one is unknown, named twice, or does not stand in an account of kind.
func (p *posting) holdingsIn(ids []HoldingID, kind AccountKind) ([]Holding, error) {
	found, err := Holdings(p.ctx, p.tx, ids)
	if err != nil {
		return nil, err
	}
	out, asked := make([]Holding, 0, len(ids)), make([]bool, len(found))
	for _, id := range ids {
		i, ok := slices.BinarySearchFunc(found, id, func(h Holding, id HoldingID) int { return cmp.Compare(h.ID, id) })
		if !ok || asked[i] {
			return nil, errs.New(errs.NotFound, "LEDGER_HOLDING_UNKNOWN", "holding", id)
		}
		h := found[i]
		if h.Account == 0 || p.accounts[h.Account].Place.Kind != kind {
			return nil, errs.New(errs.Conflict, "LEDGER_HOLDING_MOVED", "holding", id, "kind", kind)
		}
		asked[i] = true
		out = append(out, h)
	}
	return out, nil
}

// transferHoldings writes the transfers of moved holdings: one for each, or
// one for each pair of accounts, in the order they are first met.
func (p *posting) transferHoldings(holdings []Holding, perLeg bool, to func(Holding) AccountID) error {
	if perLeg {
		for _, h := range holdings {
			err := p.transfer(Transfer{Lot: h.Lot, Debit: to(h), Credit: h.Account, Amount: h.Amount,
				Payment: h.Payment, Party: h.Party, Holding: h.ID})
			if err != nil {
				return err
			}
		}
		return nil
	}
	type pair struct{ debit, credit AccountID }
	sums, order := map[pair]Transfer{}, []pair{}
	for _, h := range holdings {
		k := pair{to(h), h.Account}
		t, met := sums[k]
		if !met {
			order = append(order, k)
			t = Transfer{Lot: h.Lot, Debit: k.debit, Credit: k.credit}
		}
		sum, err := money.Add(t.Amount, h.Amount)
		if err != nil {
			return errs.Wrap(err, errs.Invalid, "LEDGER_OVERFLOW")
		}
		t.Amount = sum
		sums[k] = t
	}
	for _, k := range order {
		if err := p.transfer(sums[k]); err != nil {
			return err
		}
	}
	return nil
}

// apply makes the highest Amount fen of a holding a holding of their own.
func (s PartMove) apply(p *posting) error {
	if !s.From.Held() || !s.To.Held() || s.From == s.To {
		return errs.New(errs.Invalid, "LEDGER_PLACE_NOT_HELD", "kind", s.To)
	}
	holdings, err := p.holdingsIn([]HoldingID{s.Holding}, s.From)
	if err != nil {
		return err
	}
	h := holdings[0]
	if s.Amount <= 0 || s.Amount >= h.Amount {
		return errs.New(errs.Invalid, "LEDGER_PART_NOT_PART", "amount", s.Amount, "whole", h.Amount)
	}
	to, err := p.sibling(p.accounts[h.Account], s.To)
	if err != nil {
		return err
	}
	part, err := p.split(h, s.Amount, to)
	if err != nil {
		return err
	}
	return p.transfer(Transfer{Lot: h.Lot, Debit: to, Credit: h.Account, Amount: s.Amount,
		Payment: h.Payment, Party: h.Party, Holding: part})
}

// apply frees the holdings' pieces into the accounts they came from.
func (s GiveBack) apply(p *posting) error {
	holdings, err := p.holdingsIn(s.Holdings, s.From)
	if err != nil {
		return err
	}
	if err := freePieces(p.ctx, p.tx, s.Holdings, p.lots); err != nil {
		return err
	}
	if err := p.stand(holdings, func(Holding) AccountID { return 0 }); err != nil {
		return err
	}
	return p.transferHoldings(holdings, true, func(h Holding) AccountID { return h.Origin })
}
