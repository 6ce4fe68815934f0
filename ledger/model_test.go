package ledger_test

import (
	"maps"
	"slices"
)

// The model of the ledger: it shares no code with it and imports nothing of it
// (TestModel_shares_no_code). A lot is a slice with one cell for each fen; a
// cell says who holds it.

type mplace struct {
	kind string
	line int
	town string
}

func (p mplace) sibling(kind string) mplace { return mplace{kind: kind, line: p.line} }

type mcell struct {
	leg     int    // number of the holding, from 1; 0: free
	at      mplace // where it is free
	touched int    // lot sequence that put it there
}

type mleg struct {
	lot        int
	amount     int
	at, origin mplace
	given      bool
	id         int64 // the ledger's number of it
}

type mlot struct {
	id      int32 // the ledger's number of it
	cells   []mcell
	past    [][]mcell // the cells after each journal; the first is before any
	brought map[mplace]int
	claims  []mclaim
	opened  map[mplace]bool // places that are an account by now
	stopped bool
}

// mclaim is an amount on a place that had no fen for it, and the place that
// lacked it.
type mclaim struct {
	at, short mplace
	open      int
}

// claimed is what open claims put on a place.
func (l *mlot) claimed(at mplace) (sum int) {
	for _, c := range l.claims {
		if c.at == at {
			sum += c.open
		}
	}
	return sum
}

// seq is the number of the journal in the making.
func (l *mlot) seq() int { return len(l.past) }

type mstate struct {
	lots []*mlot
	legs []mleg
}

func (s *mstate) clone() *mstate {
	c := &mstate{legs: slices.Clone(s.legs)}
	for _, l := range s.lots {
		n := *l
		n.cells, n.past = slices.Clone(l.cells), slices.Clip(l.past)
		n.brought, n.claims, n.opened = maps.Clone(l.brought), slices.Clone(l.claims), maps.Clone(l.opened)
		c.lots = append(c.lots, &n)
	}
	return c
}

// balances of a lot by place, zero ones left out.
func (s *mstate) balances(lot int) map[mplace]int {
	l, sums := s.lots[lot], map[mplace]int{}
	for _, c := range l.cells {
		at := c.at
		if c.leg != 0 {
			at = s.legs[c.leg-1].at
		}
		sums[at]++
	}
	for _, c := range l.claims {
		sums[c.at] += c.open
		sums[c.short] -= c.open
	}
	for at, n := range l.brought {
		sums[at] -= n
	}
	maps.DeleteFunc(sums, func(_ mplace, n int) bool { return n == 0 })
	return sums
}

func (l *mlot) bring(amount int) {
	at := mplace{kind: "available", line: 1}
	for range amount {
		l.cells = append(l.cells, mcell{at: at, touched: l.seq()})
	}
	l.brought[at.sibling("appropriated")] += amount
	l.opened[at] = true
}

// free lists at most amount free addresses of a place, ascending, from the low
// end or the high one.
func (l *mlot) free(at mplace, amount int, highest bool) []int {
	var all []int
	for i, c := range l.cells {
		if c.leg == 0 && c.at == at {
			all = append(all, i)
		}
	}
	amount = min(amount, len(all))
	if highest {
		return all[len(all)-amount:]
	}
	return all[:amount]
}

// cover ends claims on a place, oldest first, by at most amount and says what is
// left of it. With the last claim of a lot its stop ends.
func (l *mlot) cover(at mplace, amount int) int {
	left, before := 0, amount
	for i := range l.claims {
		c := &l.claims[i]
		if c.at == at {
			part := min(c.open, amount)
			c.open -= part
			amount -= part
		}
		left += c.open
	}
	if amount < before {
		l.stopped = left > 0
	}
	return amount
}

func (s *mstate) shift(lot int, from, to mplace, amount int, highest, fact, cover bool) string {
	l := s.lots[lot]
	if l.stopped && !fact {
		return "LEDGER_LOT_STOPPED"
	}
	l.opened[to] = true
	if cover {
		if amount = l.cover(from, amount); amount == 0 {
			return ""
		}
	}
	taken := l.free(from, amount, highest)
	if len(taken) < amount && !fact {
		return "LEDGER_INSUFFICIENT"
	}
	for _, i := range taken {
		l.cells[i] = mcell{at: to, touched: l.seq()}
	}
	if missing := amount - len(taken); missing > 0 {
		l.claims = append(l.claims, mclaim{to, from.sibling("shortfall"), missing})
		l.stopped = true
	}
	return ""
}

func (s *mstate) draw(lot int, from mplace, to string, amounts []int) string {
	l, total := s.lots[lot], 0
	for _, a := range amounts {
		total += a
	}
	if l.stopped {
		return "LEDGER_LOT_STOPPED"
	}
	taken := l.free(from, total, false)
	if len(taken) < total {
		return "LEDGER_INSUFFICIENT"
	}
	for _, a := range amounts {
		s.legs = append(s.legs, mleg{lot: lot, amount: a, at: from.sibling(to), origin: from})
		for _, i := range taken[:a] {
			l.cells[i] = mcell{leg: len(s.legs), touched: l.seq()}
		}
		taken = taken[a:]
	}
	return ""
}

// standing says whether all of some legs stand in places of a kind.
func (s *mstate) standing(legs []int, kind string) bool {
	for _, i := range legs {
		if s.legs[i].given || s.legs[i].at.kind != kind {
			return false
		}
	}
	return true
}

func (s *mstate) move(legs []int, from, to string) string {
	if !s.standing(legs, from) {
		return "LEDGER_HOLDING_MOVED"
	}
	for _, i := range legs {
		s.legs[i].at.kind = to
	}
	return ""
}

func (s *mstate) giveBack(legs []int, from string) string {
	if !s.standing(legs, from) {
		return "LEDGER_HOLDING_MOVED"
	}
	for _, i := range legs {
		h := &s.legs[i]
		l := s.lots[h.lot]
		for k, c := range l.cells {
			if c.leg == i+1 {
				l.cells[k] = mcell{at: h.origin, touched: l.seq()}
			}
		}
		h.given = true
	}
	return ""
}

func (s *mstate) part(leg int, from, to string, amount int) string {
	if !s.standing([]int{leg}, from) {
		return "LEDGER_HOLDING_MOVED"
	}
	h := s.legs[leg]
	if amount >= h.amount {
		return "LEDGER_PART_NOT_PART"
	}
	s.legs[leg].amount -= amount
	h.amount, h.at.kind = amount, to
	s.legs = append(s.legs, h)
	l := s.lots[h.lot]
	for k := len(l.cells) - 1; amount > 0; k-- {
		if l.cells[k].leg == leg+1 {
			l.cells[k] = mcell{leg: len(s.legs), touched: l.seq()}
			amount--
		}
	}
	return ""
}

// mjournal is a journal that was posted, with the world before and after it.
type mjournal struct {
	id            int64       // the ledger's number of it
	seqs          map[int]int // its number in each of its lots
	before, after *mstate
	final         bool // cannot be reversed whatever comes
	lines         []mline
	undone        mundone
}

// mline is a line of a journal that can be reversed by itself: fen that it
// moved between free places, or a leg that it moved.
type mline struct {
	lot      int
	from, to mplace
	amount   int
	leg      int // from 1; 0: a shift
}

// mundone is what reversals undid of a journal: all of it, or parts by line.
type mundone struct {
	whole bool
	of    map[int]int
}

// left is what parts have left of a journal.
func (j *mjournal) left() (sum int) {
	for i, m := range j.lines {
		sum += m.amount - j.undone.of[i]
	}
	return sum
}

// undo puts back what a journal changed, if all of it is as the journal left
// it.
func (s *mstate) undo(j *mjournal) string {
	switch {
	case j.undone.whole || len(j.undone.of) > 0 && j.left() == 0:
		return "LEDGER_REVERSED_ALREADY"
	case len(j.undone.of) > 0:
		return "LEDGER_REVERSED_IN_PART"
	case j.final || !s.untouchedSince(j):
		return "LEDGER_CANNOT_REVERSE"
	}
	for lot, seq := range j.seqs {
		for i, c := range s.lots[lot].cells {
			if c.touched == seq {
				was := j.before.lots[lot].cells[i]
				s.lots[lot].cells[i] = mcell{leg: was.leg, at: was.at, touched: s.lots[lot].seq()}
			}
		}
	}
	for i, after := range j.after.legs {
		switch {
		case i >= len(j.before.legs):
			s.legs[i].given = true
		case after != j.before.legs[i]:
			s.legs[i] = j.before.legs[i]
		}
	}
	return ""
}

func (s *mstate) untouchedSince(j *mjournal) bool {
	for lot, seq := range j.seqs {
		for i, c := range j.after.lots[lot].cells {
			if c.touched == seq && s.lots[lot].cells[i].touched != seq {
				return false
			}
		}
	}
	for i, after := range j.after.legs {
		changed := i >= len(j.before.legs) || after != j.before.legs[i]
		if changed && s.legs[i] != after {
			return false
		}
	}
	return true
}

// undoPart puts back some of what one line of a journal moved: all that is left
// of it where the amount is 0. It says how much that is.
func (s *mstate) undoPart(j *mjournal, line, amount int) (int, string) {
	m := j.lines[line]
	open := m.amount - j.undone.of[line]
	if amount == 0 {
		amount = open
	}
	switch {
	case j.undone.whole || open == 0:
		return 0, "LEDGER_REVERSED_ALREADY"
	case amount > open:
		return 0, "LEDGER_PART_TOO_MUCH"
	case m.leg > 0:
		h := &s.legs[m.leg-1]
		if amount != m.amount || h.given || h.at != m.to || h.amount != m.amount {
			return 0, "LEDGER_CANNOT_REVERSE"
		}
		h.at = m.from
		return amount, ""
	}
	l, seq, there := s.lots[m.lot], j.seqs[m.lot], []int{}
	for i, c := range l.cells {
		if c.leg == 0 && c.at == m.to && c.touched == seq {
			there = append(there, i)
		}
	}
	if len(there) < amount {
		return 0, "LEDGER_CANNOT_REVERSE"
	}
	for _, i := range there[len(there)-amount:] {
		l.cells[i] = mcell{at: m.from, touched: l.seq()}
	}
	return amount, ""
}

// reclassify lets a place of another lot pay a leg. What comes free in the leg's
// own lot ends open claims there first.
func (s *mstate) reclassify(leg int, from string, lot int, to mplace) string {
	h := s.legs[leg]
	switch {
	case !s.standing([]int{leg}, from):
		return "LEDGER_HOLDING_MOVED"
	case h.lot == lot:
		return "LEDGER_SAME_LOT"
	}
	s.giveBack([]int{leg}, from)
	s.lots[h.lot].fill(h.origin, h.amount)
	return s.draw(lot, to, from, []int{h.amount})
}

// recover puts the highest fen of a paid leg back where they were drawn from,
// as a leg of their own that was given back, and ends open claims of its lot.
func (s *mstate) recover(leg, amount int) string {
	switch {
	case !s.standing([]int{leg}, "paid"):
		return "LEDGER_HOLDING_MOVED"
	case amount > s.legs[leg].amount:
		return "LEDGER_RECOVER_ABOVE"
	}
	if amount < s.legs[leg].amount {
		s.part(leg, "paid", "paid", amount)
		leg = len(s.legs) - 1
	}
	s.giveBack([]int{leg}, "paid")
	h := s.legs[leg]
	s.lots[h.lot].fill(h.origin, amount)
	return ""
}

// fill gives open claims the fen they lack, oldest first, out of at most amount
// that is free in a place.
func (l *mlot) fill(from mplace, amount int) {
	open, claimed := 0, false
	for i := range l.claims {
		c := &l.claims[i]
		claimed = claimed || c.open > 0
		part := min(c.open, amount)
		for _, k := range l.free(from, part, false) {
			l.cells[k] = mcell{at: c.at, touched: l.seq()}
		}
		c.open -= part
		amount -= part
		open += c.open
	}
	if claimed {
		l.stopped = open > 0
	}
}
