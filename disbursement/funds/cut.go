package funds

import (
	"context"
	"fmt"

	"fenlu/ledger"
	"fenlu/money"
)

// decision is how much of a cut may be taken from what is set aside and from
// reserves, where what is available does not suffice: it is decided in the
// document, never taken by itself.
type decision struct {
	aside   money.Fen
	reserve money.Fen
}

// partStep numbers the further parts of a line on paper: part k of line n is
// line k × partStep + n. A paper has no line beyond 9999.
const partStep = 10_000

// paperLine is the number on paper of a line, whichever part of it.
func paperLine(lineNo int) int { return lineNo % partStep }

// cut adds a line that withdraws from the lot of the line it names: a fact, from
// the highest free fen. It takes what is available, of the line itself first and
// then where it was moved to, then what is set aside and in reserve as far as
// the decision goes; the ledger books what is not free as shortfall. Each budget
// line that gives is a part of its own. The decision is left with what was not
// taken.
func (m *making) cut(ctx context.Context, l Line, d *decision) error {
	own, found, err := ledger.AccountAt(ctx, m.tx, l.Lot, ledger.Place{Kind: ledger.Available, BudgetLine: l.From})
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("lot %d has no available account on budget line %d", l.Lot, l.From)
	}
	places, err := freePlacesOf(ctx, m.tx, l.Lot)
	if err != nil {
		return err
	}
	c := &cutting{m: m, line: l, rest: l.Amount, left: map[ledger.AccountKind]money.Fen{
		ledger.Available: l.Amount, ledger.Carveout: d.aside, ledger.Reserve: d.reserve}}
	defer func() { d.aside, d.reserve = c.left[ledger.Carveout], c.left[ledger.Reserve] }()
	for _, p := range places {
		if p.Account == own.ID {
			c.take(p)
		}
	}
	for _, p := range places {
		if p.Account != own.ID {
			c.take(p)
		}
	}
	if c.rest > 0 {
		c.add(own.ID, l.From, c.rest) // a claim for what is not free
	}
	return c.record(ctx)
}

// cutting is one line of a cut on its way to the places it takes from.
type cutting struct {
	m     *making
	line  Line
	rest  money.Fen
	left  map[ledger.AccountKind]money.Fen
	parts []Line
}

// take takes what a place has, as far as the cut and the decision go.
func (c *cutting) take(p freePlace) {
	amount := min(c.rest, c.left[p.Kind], p.Balance-c.m.taken[p.Account])
	if amount <= 0 {
		return
	}
	c.rest -= amount
	c.left[p.Kind] -= amount
	c.m.taken[p.Account] += amount
	if p.Kind == ledger.Reserve { // what stood there as cash comes back
		if c.m.cash == nil {
			c.m.cash = map[flow]money.Fen{}
		}
		c.m.cash[flow{from: p.Township}] += amount // at most the cut
	}
	c.add(p.Account, p.BudgetLine, amount)
}

// add posts a part from an account; parts of one budget line are one line of the
// document.
func (c *cutting) add(from ledger.AccountID, line ledger.BudgetLineID, amount money.Fen) {
	c.m.steps = append(c.m.steps, ledger.Shift{From: from, To: ledger.Place{Kind: ledger.Withdrawn, BudgetLine: line}, Amount: amount,
		Highest: true, Fact: true})
	for i := range c.parts {
		if c.parts[i].From == line {
			c.parts[i].Amount += amount // at most the cut
			return
		}
	}
	part := c.line
	part.From, part.Amount = line, amount
	c.parts = append(c.parts, part)
}

// record numbers the parts and adds them to the document, after those that the
// line on paper already has.
func (c *cutting) record(ctx context.Context) (err error) {
	taken := 0
	for _, l := range c.m.lines {
		if paperLine(l.LineNo) == c.line.LineNo {
			taken++
		}
	}
	for i, part := range c.parts {
		if part.ID, err = nextID[LineID](ctx, c.m.tx, "document_line_id_seq"); err != nil {
			return err
		}
		part.LineNo += (taken + i) * partStep
		c.m.lines = append(c.m.lines, part)
	}
	return nil
}
