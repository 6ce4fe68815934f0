package trace

import (
	"context"
	"maps"
	"slices"

	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/money"
)

// Difference is the largest disagreement about one lot between the sources of
// unaccounted, and about which place it is.
type Difference struct {
	Lot    int64     `json:"lot"`
	Amount money.Fen `json:"amount"`
	Where  string    `json:"where"`
}

// source is what one of the three says: amounts by account of a lot, and by
// budget line what documents put there or withdrew.
type source map[spot]money.Fen

// spot is a place of a lot: an account, or a budget line as a whole (account
// 0), or what was withdrawn from it.
type spot struct {
	lot        int64
	account    int64
	budgetLine int64
	withdrawn  bool
}

// Unaccounted (不明) is, for each lot where it is not zero, the largest absolute
// difference by place between three sources that do not derive from each
// other: the document lines as stored, which say how much each budget line was
// given and how much was withdrawn from it; the transfers; and the pieces with
// the open claims, of which the paid ones count only as far as bank evidence
// covers them. Summed over lots, errors never cancel.
func Unaccounted(ctx context.Context, q db.Querier) ([]Difference, error) {
	accounts, err := ledger.Accounts(ctx, q)
	if err != nil {
		return nil, err
	}
	chart := map[int64]ledger.Account{}
	for _, a := range accounts {
		chart[int64(a.ID)] = a
	}
	receipts, err := receiptLots(ctx, q)
	if err != nil {
		return nil, err
	}
	papers, err := papersSay(ctx, q)
	if err != nil {
		return nil, err
	}
	transfers, err := transfersSay(ctx, q)
	if err != nil {
		return nil, err
	}
	pieces, err := piecesSay(ctx, q)
	if err != nil {
		return nil, err
	}
	w := worst{}
	w.byAccount(transfers, pieces, chart)
	w.byBudgetLine(papers, transfers.byBudgetLine(chart), receipts)
	w.byBudgetLine(papers, pieces.byBudgetLine(chart), receipts)
	return w.list(), nil
}

// byBudgetLine sums accounts into what stands on each budget line, and what
// was withdrawn from it. A payment never leaves its budget line, so only
// documents change these sums. The outside is not a place.
func (s source) byBudgetLine(chart map[int64]ledger.Account) source {
	out := source{}
	for at, amount := range s {
		a := chart[at.account]
		if a.Place.Kind == ledger.Appropriated {
			continue
		}
		out[spot{lot: at.lot, budgetLine: int64(a.Place.BudgetLine), withdrawn: a.Place.Kind == ledger.Withdrawn}] += amount
	}
	return out
}

// worst keeps the largest difference of each lot.
type worst map[int64]Difference

func (w worst) note(lot int64, a, b money.Fen, where string) {
	d := a - b
	if d < 0 {
		d = -d
	}
	if d > w[lot].Amount {
		w[lot] = Difference{lot, d, where}
	}
}

// byAccount compares the transfers with the pieces. The outside has no pieces.
func (w worst) byAccount(transfers, pieces source, chart map[int64]ledger.Account) {
	for _, at := range union(transfers, pieces) {
		if kind := chart[at.account].Place.Kind; kind != ledger.Appropriated {
			w.note(at.lot, transfers[at], pieces[at], string(kind))
		}
	}
}

// byBudgetLine compares the documents with another source, for lots that have
// a document.
func (w worst) byBudgetLine(papers, other source, receipts map[int64]bool) {
	for _, at := range union(papers, other) {
		where := "budget_line"
		if at.withdrawn {
			where = string(ledger.Withdrawn)
		}
		if !receipts[at.lot] {
			w.note(at.lot, papers[at], other[at], where)
		}
	}
}

func union(a, b source) []spot {
	all := map[spot]bool{}
	for at := range a {
		all[at] = true
	}
	for at := range b {
		all[at] = true
	}
	return slices.Collect(maps.Keys(all))
}

func (w worst) list() []Difference {
	out := slices.Collect(maps.Values(w))
	slices.SortFunc(out, func(a, b Difference) int { return int(a.Lot - b.Lot) })
	return out
}
