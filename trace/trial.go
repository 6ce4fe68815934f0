package trace

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// Point is when the books are asked about: as of an index of the log, which
// never changes, or, where Day is set, as at the end of a business date, which
// changes only by journals booked into it while its period is open.
type Point struct {
	Index int64     `json:"index"`
	At    time.Time `json:"at,omitzero"` // when the index was sequenced
	Day   time.Time `json:"date,omitzero"`
}

// LastPoint is the last index of the log. Errors: BALANCE_INDEX (NotFound).
func LastPoint(ctx context.Context, q db.Querier) (Point, error) {
	leaves, _, err := proof.Head(ctx, q)
	if err != nil {
		return Point{}, err
	}
	return PointAt(ctx, q, leaves-1)
}

// PointAt is an index of the log. Errors: BALANCE_INDEX (NotFound).
func PointAt(ctx context.Context, q db.Querier, index int64) (Point, error) {
	at, err := sequencedAt(ctx, q, index)
	return Point{Index: index, At: at}, err
}

func (p Point) standings(ctx context.Context, q db.Querier, w ledger.Which) ([]ledger.Standing, error) {
	if !p.Day.IsZero() {
		return ledger.StandingsOn(ctx, q, p.Day, w)
	}
	return ledger.StandingsAt(ctx, q, p.Index, w)
}

// By is what a trial balance has its rows for.
type By string

// The ways to sum accounts.
const (
	ByPlace      By = "place"
	ByLot        By = "lot"
	ByBudgetLine By = "budget-line"
	ByAccount    By = "account"
)

// TrialQuery asks for a trial balance; After and Limit page one by account.
type TrialQuery struct {
	Point
	By    By
	After int64
	Limit int
}

// Trial is a trial balance (试算平衡表): Debits and Credits are what the accounts
// were ever debited and credited with, each journal netted, and equal.
type Trial struct {
	Point
	By      By         `json:"by"`
	Rows    []TrialRow `json:"rows"`
	Debits  money.Fen  `json:"debits"`
	Credits money.Fen  `json:"credits"`
	Balance money.Fen  `json:"balance"`
	Next    int64      `json:"next,omitempty"` // the account after which the next page begins
}

// TrialRow is one line of a trial balance. Balance is debits − credits.
type TrialRow struct {
	ID       int64     `json:"id,omitempty"` // lot, budget line or account
	Place    string    `json:"place,omitempty"`
	Township string    `json:"township,omitempty"`
	Lot      int64     `json:"lot,omitempty"`
	Document string    `json:"document,omitempty"` // 文号 of the lot or the budget line
	Debits   money.Fen `json:"debits"`
	Credits  money.Fen `json:"credits"`
	Balance  money.Fen `json:"balance"`
}

// TrialBalance reads a trial balance. Errors: TRIAL_BY (Invalid).
func TrialBalance(ctx context.Context, q db.Querier, ask TrialQuery) (Trial, error) {
	if !slices.Contains([]By{ByPlace, ByLot, ByBudgetLine, ByAccount}, ask.By) {
		return Trial{}, errs.New(errs.Invalid, "TRIAL_BY", "by", string(ask.By))
	}
	w := ledger.Which{}
	if ask.By == ByAccount {
		w = ledger.Which{After: ledger.AccountID(ask.After), Limit: ask.Limit} //nolint:gosec // account ids fit 31 bits
	}
	list, err := ask.standings(ctx, q, w)
	if err != nil {
		return Trial{}, err
	}
	t := Trial{Point: ask.Point, By: ask.By, Rows: []TrialRow{}}
	if w.Limit > 0 && len(list) == w.Limit {
		t.Next = int64(list[len(list)-1].ID)
	}
	rows := map[TrialRow]int{}
	for _, s := range list {
		if s.Debits == 0 && s.Balance == 0 {
			continue
		}
		if err := t.add(s, rows); err != nil {
			return Trial{}, err
		}
	}
	slices.SortStableFunc(t.Rows, func(a, b TrialRow) int {
		if a.ID != b.ID {
			return int(a.ID - b.ID)
		}
		return placeOrder(a.Place) - placeOrder(b.Place)
	})
	return t, nameRows(ctx, q, t.Rows, ask.By)
}

// add counts an account into its row and the totals; rows is where the row of
// each name stands.
func (t *Trial) add(s ledger.Standing, rows map[TrialRow]int) error {
	row := TrialRow{Lot: int64(s.Lot)}
	switch t.By {
	case ByPlace:
		row = TrialRow{Place: string(s.Place.Kind)}
	case ByLot:
		row.ID = int64(s.Lot)
	case ByBudgetLine:
		row.ID = int64(s.Place.BudgetLine)
	case ByAccount:
		row.ID, row.Place, row.Township = int64(s.ID), string(s.Place.Kind), s.Place.Township
	}
	i, met := rows[row]
	if !met {
		i, t.Rows = len(t.Rows), append(t.Rows, row)
		rows[row] = i
	}
	r := &t.Rows[i]
	for sum, more := range map[*money.Fen]money.Fen{&r.Debits: s.Debits, &r.Credits: s.Credits(), &t.Debits: s.Debits, &t.Credits: s.Credits()} {
		total, err := money.Add(*sum, more)
		if err != nil {
			return errs.Wrap(err, errs.Internal, "LEDGER_OVERFLOW")
		}
		*sum = total
	}
	r.Balance += s.Balance // bounded by the debits
	t.Balance += s.Balance
	return nil
}

// nameRows gives rows the 文号 of their lot or budget line.
func nameRows(ctx context.Context, q db.Querier, rows []TrialRow, by By) error {
	var ids []int64
	for _, r := range rows {
		if by == ByBudgetLine {
			ids = append(ids, r.ID)
		} else {
			ids = append(ids, r.Lot)
		}
	}
	ids = distinct(ids)
	sql := `SELECT dl.lot, d.number FROM document_line dl JOIN document d ON d.id = dl.document WHERE dl.lot = ANY($1) AND dl.kind = 'bring'`
	if by == ByBudgetLine {
		sql = `SELECT id, number FROM budget_line WHERE id = ANY($1)`
	}
	names, id, number := map[int64]string{}, int64(0), ""
	found, err := q.Query(ctx, sql, ids)
	if err == nil {
		_, err = pgx.ForEachRow(found, []any{&id, &number}, func() error { names[id] = number; return nil })
	}
	if err != nil {
		return fmt.Errorf("trace names: %w", err)
	}
	for i, r := range rows {
		rows[i].Document = names[r.Lot]
		if by == ByBudgetLine {
			rows[i].Document = names[r.ID]
		}
	}
	return nil
}
