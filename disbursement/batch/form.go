package batch

import (
	"slices"

	"fenlu/disbursement/funds"
	"fenlu/disbursement/payment"
	"fenlu/ledger"
	"fenlu/money"
)

// formed is the payments of a batch and the draws that freeze their money.
type formed struct {
	payments []payment.New
	of       []int32 // payment of each part, by position
}

// payKey is what one payment is formed for: a payee's account, and a budget
// line where the channel lets a credit carry only one.
type payKey struct {
	payee, account int64
	line           ledger.BudgetLineID
}

// form groups the parts of the lines into payments, numbered in the order of
// their first line: an institution is one payment with its residents as lines,
// or one for each budget line.
func form(lines []Line, parts []part, sources []funds.Source, many bool) (formed, error) {
	f := formed{of: make([]int32, len(parts))}
	byLine := sortedByLine(parts)
	number := map[payKey]int32{}
	lastLine := []int32{} // of each payment: a line with several legs counts once
	for _, at := range byLine {
		p, l := parts[at], &lines[parts[at].line]
		key := payKey{payee: l.Payee, account: l.Account}
		if !many {
			key.line = sources[p.source].BudgetLine
		}
		no, met := number[key]
		if !met {
			no = int32(len(f.payments)) //nolint:gosec // fewer payments than parts
			number[key] = no
			f.payments = append(f.payments, payment.New{No: int(no) + 1, Payee: l.Payee, BudgetLine: key.line})
			lastLine = append(lastLine, -1)
		}
		f.of[at] = no
		if err := grow(&f.payments[no].Amount, p.amount); err != nil {
			return formed{}, err
		}
		if lastLine[no] != p.line {
			lastLine[no] = p.line
			f.payments[no].LineCount++
		}
	}
	return f, nil
}

// sortedByLine is the positions of the parts in the order of their lines, and
// of one line in the order they were allocated.
func sortedByLine(parts []part) []int32 {
	order := make([]int32, len(parts))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return int(parts[a].line) - int(parts[b].line) })
	return order
}

// draws makes one draw for each source, its legs in the order of the payments
// and then of the lines, so that the addresses of a lot follow the payments. It
// also says which part each leg is, in the order of all legs.
func (f formed) draws(lines []Line, parts []part, sources []funds.Source, ids []int64) (steps []ledger.Step, order []int32) {
	bySource := make([][]int32, len(sources))
	for i, p := range parts {
		bySource[p.source] = append(bySource[p.source], int32(i))
	}
	for i, of := range bySource {
		if len(of) == 0 {
			continue
		}
		slices.SortFunc(of, func(a, b int32) int {
			if d := int(f.of[a]) - int(f.of[b]); d != 0 {
				return d
			}
			if d := int(parts[a].line) - int(parts[b].line); d != 0 {
				return d
			}
			return int(a) - int(b) // its own part before what it advances for another level
		})
		order = append(order, of...)
		legs := make([]ledger.Leg, len(of))
		for n, at := range of {
			l := &lines[parts[at].line]
			legs[n] = ledger.Leg{Line: int64(l.ID), Payment: ids[f.of[at]], Party: l.Subject(), Amount: parts[at].amount}
		}
		steps = append(steps, ledger.Draw{From: sources[i].Account, To: ledger.Frozen, Legs: legs})
	}
	return steps, order
}

// SourceUse is what a source pays of a batch.
type SourceUse struct {
	Document string    `json:"document"`
	Level    string    `json:"level"`
	Amount   money.Fen `json:"amount"`
}

func uses(parts []part, sources []funds.Source) []SourceUse {
	sums := make([]money.Fen, len(sources))
	for _, p := range parts {
		sums[p.source] += p.amount
	}
	var out []SourceUse
	for i, s := range sources {
		if sums[i] > 0 {
			out = append(out, SourceUse{s.Document, string(s.Level), sums[i]})
		}
	}
	return out
}
