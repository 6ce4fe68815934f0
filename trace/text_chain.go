package trace

import (
	"fmt"
	"strings"

	"fenlu/internal/i18n"
)

// way is a chain in a line: each document with the move it made, when, and for
// which year.
func (p *printer) way(chain []ChainStep) string {
	steps := make([]string, len(chain))
	for i, s := range chain {
		steps[i] = p.t("trace.step", "number", s.Document, "kind", i18n.Term(p.lang, "trace.kind", s.Kind), "issued", s.IssuedOn, "year", s.Year)
	}
	return strings.Join(steps, " → ")
}

// standing is the budget line that a step opened: 文号, what for, codes, office.
func (p *printer) standing(s ChainStep) string { return s.Document + " " + p.codes(s) }

func (p *printer) codes(s ChainStep) string {
	return fmt.Sprintf("%s %s / %s %s", i18n.Term(p.lang, "trace.purpose", s.Purpose), s.FunctionCode, s.EconomicCode, s.Office)
}

// ways prints how the money of some legs came, each way once.
func (p *printer) ways(list []Line) {
	seen := map[int64]bool{}
	for _, l := range list {
		for _, g := range l.Legs {
			if seen[g.budgetLine] || len(g.Chain) == 0 {
				continue
			}
			if len(seen) == 0 {
				p.write("\n")
				p.line("trace.ways")
			}
			seen[g.budgetLine] = true
			p.write("  " + p.way(g.Chain) + "\n")
		}
	}
}

// moves prints what a document moved, from where and to where.
func (p *printer) moves(list []DocumentLine) {
	for _, l := range list {
		if l.From != nil {
			p.line("trace.moved", "line", l.No, "amount", l.Amount.Grouped(), "from", p.standing(*l.From), "to", p.standing(*l.To))
			p.write("  " + p.way(l.Chain) + "\n")
		}
	}
}

// tree prints the budget lines of a lot: each under the one it was split from.
func (p *printer) tree(list []BudgetLine) {
	if len(list) < 2 {
		return
	}
	p.write("\n")
	p.line("trace.chain")
	var branch func(parent int64, depth int)
	branch = func(parent int64, depth int) {
		for _, b := range list {
			if b.Parent == parent && len(b.Chain) > 0 {
				last := b.Chain[len(b.Chain)-1]
				p.write(strings.Repeat("  ", depth) + p.way([]ChainStep{last}) + "  " + p.codes(last) + "\n")
				branch(b.ID, depth+1)
			}
		}
	}
	branch(0, 1)
}
