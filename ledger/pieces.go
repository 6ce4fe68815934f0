package ledger

import (
	"slices"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// take removes amount fen of free pieces from an account, lowest addresses
// first or highest, and records the closed segments. What it returns is in
// ascending order, with neighbours merged. With fact it may take less than
// asked; otherwise too little is errs.Insufficient.
func (p *posting) take(from *Account, amount money.Fen, highest, fact bool) ([]Piece, error) {
	segments, err := freeSegments(p.ctx, p.tx, from.ID, amount, highest)
	if err != nil {
		return nil, err
	}
	taken, rest := trim(segments, amount, highest)
	if free := amountOf(taken); free < amount && !fact {
		return nil, errs.New(errs.Insufficient, "LEDGER_INSUFFICIENT", "account", from.ID, "lot", from.Lot,
			"asked", amount.Grouped(), "free", free.Grouped(), "missing", (amount - free).Grouped())
	}
	if err := closeSegments(p.ctx, p.tx, segments[:len(taken)], taken, p.lots[from.Lot].Seq); err != nil {
		return nil, err
	}
	if err := insertPieces(p.ctx, p.tx, rest); err != nil {
		return nil, err
	}
	if highest {
		slices.Reverse(taken)
	}
	return merge(taken), nil
}

// trim cuts the last segment so that the whole is amount: it returns what is
// taken of each segment and what stays of the last one.
func trim(segments []Piece, amount money.Fen, highest bool) (taken, rest []Piece) {
	for _, s := range segments {
		if amount == 0 {
			break
		}
		part := s
		if s.Amount > amount {
			part, s = splitPiece(s, amount, highest)
			rest = append(rest, s)
		}
		taken = append(taken, part)
		amount -= part.Amount
	}
	return taken, rest
}

// splitPiece parts amount fen from the low (or high) end of a piece.
func splitPiece(s Piece, amount money.Fen, high bool) (part, rest Piece) {
	part, rest = s, s
	part.Amount, rest.Amount = amount, s.Amount-amount
	if high {
		part.Offset = s.Offset + rest.Amount
	} else {
		rest.Offset = s.Offset + amount
	}
	return part, rest
}

// merge joins pieces that touch; they must be in ascending order.
func merge(pieces []Piece) []Piece {
	out := pieces[:0:0]
	for _, p := range pieces {
		if n := len(out); n > 0 && out[n-1].Lot == p.Lot && out[n-1].End() == p.Offset {
			out[n-1].Amount += p.Amount
			continue
		}
		out = append(out, p)
	}
	return out
}

func amountOf(pieces []Piece) money.Fen {
	var sum money.Fen
	for _, p := range pieces {
		sum += p.Amount
	}
	return sum
}

// cut shares taken pieces out to legs in their order: a leg gets the lowest
// fen that are left, in several pieces where it must.
func (p *posting) cut(legs []Leg, taken []Piece, from *Account, to AccountID) ([]Holding, []Piece, error) {
	ids, err := db.NextIDs(p.ctx, p.tx, "holding_id_seq", len(legs))
	if err != nil {
		return nil, nil, err
	}
	own := parcel{first: HoldingID(slices.Min(ids)), last: HoldingID(slices.Max(ids)), lot: from.Lot, account: to, origin: from.ID, legs: len(legs)}
	if err := p.openParcel(&own); err != nil {
		return nil, nil, err
	}
	holdings, pieces := make([]Holding, len(legs)), make([]Piece, 0, len(legs)+len(taken))
	seq := p.lots[from.Lot].Seq
	for i, leg := range legs {
		id := HoldingID(ids[i])
		holdings[i] = Holding{ID: id, Line: leg.Line, Payment: leg.Payment, Party: leg.Party,
			Amount: leg.Amount, Lot: from.Lot, Account: to, Origin: from.ID, parcel: own.id}
		p.holdings = append(p.holdings, id)
		for left := leg.Amount; left > 0; {
			part := taken[0]
			if part.Amount > left {
				part, taken[0] = splitPiece(part, left, false)
			} else {
				taken = taken[1:]
			}
			left -= part.Amount
			pieces = append(pieces, Piece{Lot: from.Lot, Offset: part.Offset, Amount: part.Amount, Opened: seq, Holding: id})
		}
	}
	return holdings, pieces, nil
}

// split gives the highest amount fen of a holding to a new holding.
func (p *posting) split(h Holding, amount money.Fen, to AccountID) (HoldingID, error) {
	segments, err := piecesOfHolding(p.ctx, p.tx, h.ID)
	if err != nil {
		return 0, err
	}
	slices.Reverse(segments)
	taken, rest := trim(segments, amount, true)
	seq := p.lots[h.Lot].Seq
	if err := closeSegments(p.ctx, p.tx, segments[:len(taken)], taken, seq); err != nil {
		return 0, err
	}
	ids, err := db.NextIDs(p.ctx, p.tx, "holding_id_seq", 1)
	if err != nil {
		return 0, err
	}
	part := h
	part.ID, part.Amount, part.Account = HoldingID(ids[0]), amount, to
	own := parcel{first: part.ID, last: part.ID, lot: h.Lot, account: to, origin: h.Origin, legs: 1}
	if err := p.openParcel(&own); err != nil {
		return 0, err
	}
	part.parcel = own.id
	for i := range taken {
		taken[i].Holding, taken[i].Opened = part.ID, seq
	}
	if err := insertPieces(p.ctx, p.tx, append(rest, taken...)); err != nil {
		return 0, err
	}
	if err := shrinkHolding(p.ctx, p.tx, h.ID, h.Amount-amount); err != nil {
		return 0, err
	}
	p.holdings = append(p.holdings, part.ID)
	return part.ID, copyHoldings(p.ctx, p.tx, []Holding{part})
}
