package ledger

import "fenlu/money"

// openClaim is what is left of a claim (a fact that took more than was free), the
// shortfall account that it was booked against, and how much of it the journal in
// the making ends.
type openClaim struct {
	id      int64
	account AccountID
	open    money.Fen
	short   AccountID
	ended   money.Fen
}

// claims are the open claims of a lot as the steps of this journal left them,
// oldest first.
func (p *posting) claims(lot LotID) ([]*openClaim, error) {
	list, known := p.claimed[lot]
	if known {
		return list, nil
	}
	list, err := openClaims(p.ctx, p.tx, lot)
	if err != nil {
		return nil, err
	}
	p.claimed[lot] = list
	return list, nil
}

// claim books a claim on an account against shortfall.
func (p *posting) claim(lot *Lot, on, short AccountID, amount money.Fen) error {
	list, err := p.claims(lot.ID)
	if err != nil {
		return err
	}
	id, err := insertClaim(p.ctx, p.tx, lot, on, amount, p.id)
	if err != nil {
		return err
	}
	p.claimed[lot.ID] = append(list, &openClaim{id: id, account: on, open: amount, short: short})
	return nil
}

// end ends a part of a claim against an account: what the claim stood for has
// come back, or an address for it.
func (p *posting) end(c *openClaim, a *Account, part money.Fen) error {
	c.open -= part
	c.ended += part
	return p.transfer(Transfer{Lot: a.Lot, Debit: c.short, Credit: a.ID, Amount: part})
}

// keepCovers writes down how much of each claim this journal ended, once each.
func (p *posting) keepCovers() error {
	for _, lot := range sortedKeys(p.claimed) {
		for _, c := range p.claimed[lot] {
			if c.ended == 0 {
				continue
			}
			if err := insertCover(p.ctx, p.tx, c.id, p.id, c.ended); err != nil {
				return err
			}
		}
	}
	return nil
}

// cover ends open claims on an account, oldest first, by at most amount, and
// returns what is left of it. What a claim stood for has come back: no fen
// moves, because none had been there to take. With the last claim of a lot its
// stop ends.
func (p *posting) cover(a *Account, amount money.Fen) (money.Fen, error) {
	claims, err := p.claims(a.Lot)
	if err != nil {
		return amount, err
	}
	left := amount
	for _, c := range claims {
		part := min(c.open, left)
		if c.account != a.ID || part == 0 {
			continue
		}
		left -= part
		if err := p.end(c, a, part); err != nil {
			return amount, err
		}
	}
	if left < amount {
		p.restart(a.Lot)
	}
	return left, nil
}

// fill gives open claims of a lot the addresses they lack, out of money that has
// come free in one of its accounts: at most amount of it. With the last claim
// the lot's stop ends.
func (p *posting) fill(a *Account, amount money.Fen) error {
	claims, err := p.claims(a.Lot)
	if err != nil || len(claims) == 0 {
		return err
	}
	for _, c := range claims {
		part := min(c.open, amount)
		if part == 0 {
			continue
		}
		amount -= part
		if err := p.fillOne(a, c, part); err != nil {
			return err
		}
	}
	p.restart(a.Lot)
	return nil
}

func (p *posting) fillOne(a *Account, c *openClaim, part money.Fen) error {
	taken, err := p.take(a, part, false, false)
	if err != nil {
		return err
	}
	for i := range taken {
		taken[i].Opened, taken[i].Account = p.lots[a.Lot].Seq, c.account
	}
	if err := insertPieces(p.ctx, p.tx, taken); err != nil {
		return err
	}
	return p.end(c, a, part)
}

// restart ends a lot's stop with its last open claim.
func (p *posting) restart(lot LotID) {
	stopped := false
	for _, c := range p.claimed[lot] {
		stopped = stopped || c.open > 0
	}
	p.lots[lot].Stopped = stopped
}
