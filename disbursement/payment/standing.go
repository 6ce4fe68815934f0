package payment

import (
	"slices"
	"strings"

	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

// standing is one payment in a settlement: its legs, its attempts and what
// evidence changes about them.
//
// Where the money of a payment stands follows from its attempts: the legs of a
// live attempt are in transit; of the others as much is paid as the payee was
// credited with (booked − returned + excess, over all attempts), the rest is
// returned. What the payee was credited with above the legs is an overpayment
// and stands in suspense.
type standing struct {
	payment  int64
	attempts []Attempt
	legs     []*leg
	changes  []change
}

// leg is a holding with where it stands in the settlement so far, and the
// attempt it belongs to.
type leg struct {
	ledger.Holding
	kind  ledger.AccountKind
	owner int64
}

// settle brings one payment to what its attempts say.
func (st *settlement) settle(p *standing) error {
	before := p.credited() - p.sum(p.pool(), ledger.Paid)
	for _, c := range p.changes {
		if _, ok := findTransition(c.from, c.out.State); !ok {
			return errs.New(errs.Conflict, "PAYMENT_TRANSITION", "id", c.EndToEndID, "from", c.from, "to", c.out.State)
		}
		p.take(c)
		st.count(c)
		st.changes = append(st.changes, c)
	}
	pool := p.pool()
	st.land(p, pool)
	target := min(p.credited(), total(pool))
	switch paid := p.sum(pool, ledger.Paid); {
	case paid > target:
		st.bringBack(p, pool, paid-target)
	case paid < target:
		st.pay(pool, target-paid)
	}
	st.overpaid(p, pool, p.credited()-target-before)
	return nil
}

// take writes an outcome into the payment's attempts.
func (p *standing) take(c change) {
	for i := range p.attempts {
		if a := &p.attempts[i]; a.ID == c.ID {
			a.State, a.Booked, a.Returned, a.Excess = c.out.State, c.out.Booked, c.out.Returned, c.out.Excess
		}
	}
}

// credited is what the payee holds of this payment, as evidence says.
func (p *standing) credited() money.Fen {
	var sum money.Fen
	for _, a := range p.attempts {
		sum += a.Booked - a.Returned + a.Excess
	}
	return sum
}

// pool are the legs that are not out with a live attempt.
func (p *standing) pool() []*leg {
	var out []*leg
	for _, l := range p.legs {
		if a, ok := p.attempt(l.owner); !ok || !Live(a.State) {
			out = append(out, l)
		}
	}
	return out
}

func (p *standing) attempt(id int64) (Attempt, bool) {
	i := slices.IndexFunc(p.attempts, func(a Attempt) bool { return a.ID == id })
	if i < 0 {
		return Attempt{}, false
	}
	return p.attempts[i], true
}

func (p *standing) sum(legs []*leg, kind ledger.AccountKind) money.Fen {
	return total(standingIn(legs, kind))
}

func standingIn(legs []*leg, kind ledger.AccountKind) []*leg {
	var out []*leg
	for _, l := range legs {
		if l.kind == kind {
			out = append(out, l)
		}
	}
	return out
}

func total(legs []*leg) money.Fen {
	var sum money.Fen
	for _, l := range legs {
		sum += l.Amount
	}
	return sum
}

// land takes legs out of transit whose attempt is settled: to paid where it was
// booked, to returned where it failed.
func (st *settlement) land(p *standing, pool []*leg) {
	for _, l := range standingIn(pool, ledger.InTransit) {
		to := ledger.Returned
		if a, _ := p.attempt(l.owner); a.Booked > 0 {
			to = ledger.Paid
		}
		st.move(l, to)
	}
}

func (st *settlement) move(l *leg, to ledger.AccountKind) {
	h := hop{l.kind, to}
	st.moves[h] = append(st.moves[h], l.ID)
	l.kind = to
}

// part moves some of a leg; what stays keeps its number.
func (st *settlement) part(l *leg, to ledger.AccountKind, amount money.Fen) {
	st.parts = append(st.parts, ledger.PartMove{Holding: l.ID, From: l.kind, To: to, Amount: amount})
	st.partOf = append(st.partOf, l.owner)
	l.Amount -= amount
}

// pay settles legs that had come back: the bank credited them after all.
func (st *settlement) pay(pool []*leg, amount money.Fen) {
	st.shift(standingIn(pool, ledger.Returned), ledger.Paid, amount)
}

// shift moves amount of legs, from the last one on, the last piece in part.
func (st *settlement) shift(legs []*leg, to ledger.AccountKind, amount money.Fen) money.Fen {
	for _, l := range slices.Backward(legs) {
		switch {
		case amount == 0:
			return 0
		case l.Amount <= amount:
			amount -= l.Amount
			st.move(l, to)
		default:
			st.part(l, to, amount)
			return 0
		}
	}
	return amount
}

// bringBack returns what came back, one return after the other: to the line the
// bank names, else to the only one that has this amount, else from the last
// line on, and then a person must say whose it was.
func (st *settlement) bringBack(p *standing, pool []*leg, amount money.Fen) {
	for _, c := range p.changes {
		for _, b := range newReturns(c) {
			take := min(b.Amount, amount)
			if take == 0 {
				continue
			}
			amount -= take
			own := slices.DeleteFunc(standingIn(pool, ledger.Paid), func(l *leg) bool { return l.owner != c.ID })
			chosen, sure := st.whose(b.Hint, own, take)
			if !sure && lines(own) > 1 && !slices.Contains(st.done.WhichLine, c.ID) && take < total(own) {
				st.done.WhichLine = append(st.done.WhichLine, c.ID)
			}
			amount += st.shift(chosen, ledger.Returned, take)
		}
	}
	st.shift(standingIn(pool, ledger.Paid), ledger.Returned, amount)
}

// newReturns are the returns of an attempt that were not settled before.
func newReturns(c change) []evidence.Back {
	known := c.Returned
	for i, b := range c.out.Back {
		if known == 0 {
			return c.out.Back[i:]
		}
		known -= min(known, b.Amount)
	}
	return nil
}

// whose finds the legs of the one line that a return is about; not sure, it
// gives all of them.
func (st *settlement) whose(hint string, legs []*leg, amount money.Fen) (chosen []*leg, sure bool) {
	byLine, order := map[int64][]*leg{}, []int64{}
	for _, l := range legs {
		if byLine[l.Line] == nil {
			order = append(order, l.Line)
		}
		byLine[l.Line] = append(byLine[l.Line], l)
	}
	if named := st.named(hint, byLine, order, amount); named != nil {
		return named, true
	}
	var only []*leg
	n := 0
	for _, line := range order {
		if total(byLine[line]) == amount {
			only, n = byLine[line], n+1
		}
	}
	if n == 1 {
		return only, true
	}
	return legs, false
}

// named finds the line whose person the bank's text names: the longest name
// that fits, so that 柳青一 is not taken for 柳青.
func (st *settlement) named(hint string, byLine map[int64][]*leg, order []int64, amount money.Fen) []*leg {
	var found []*leg
	longest, twice := 0, false
	for _, line := range order {
		name := st.names[byLine[line][0].Party]
		if name == "" || !strings.Contains(hint, name) || total(byLine[line]) < amount || len(name) < longest {
			continue
		}
		twice = len(name) == longest
		found, longest = byLine[line], len(name)
	}
	if twice {
		return nil
	}
	return found
}

func lines(legs []*leg) int {
	seen := map[int64]bool{}
	for _, l := range legs {
		seen[l.Line] = true
	}
	return len(seen)
}

// overpaid books a change of what the payee was credited with above the legs:
// more goes to suspense from what is free in the same lots, a fact; less leaves
// it again.
func (st *settlement) overpaid(p *standing, pool []*leg, change money.Fen) {
	if change > 0 {
		st.done.PaidTwice = append(st.done.PaidTwice, p.changes[len(p.changes)-1].ID)
	}
	legs := p.legs
	if len(pool) > 0 {
		legs = pool
	}
	for more := change; more != 0; {
		round := more
		for _, l := range legs {
			origin := st.kinds[l.Origin]
			switch {
			case more > 0:
				take := min(more, l.Amount)
				st.shifts = append(st.shifts, ledger.Shift{From: l.Origin, Amount: take, Fact: true,
					To: ledger.Place{Kind: ledger.Suspense, BudgetLine: origin.Place.BudgetLine}})
				more -= take
			case more < 0 && st.suspense[l.Origin] != 0:
				take := min(-more, l.Amount)
				st.shifts = append(st.shifts, ledger.Shift{From: st.suspense[l.Origin], Amount: take, Fact: true, Cover: true, To: origin.Place})
				more += take
			}
			if more == 0 {
				return
			}
		}
		if more == round {
			return // nothing of this payment is in suspense
		}
	}
}
