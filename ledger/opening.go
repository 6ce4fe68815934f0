package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/errs"
)

// OpenFrom lets nobody draw on a budget line of a lot before a business date:
// money of a coming year (提前下达) is on the books before it may be used. It is
// said once, in the transaction that opens the line.
func OpenFrom(ctx context.Context, tx pgx.Tx, lot LotID, line BudgetLineID, day time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO line_opening (lot, budget_line, opens_on) VALUES ($1, $2, $3)`, lot, line, day)
	if err != nil {
		return fmt.Errorf("open budget line %d from %s: %w", line, day.Format(time.DateOnly), err)
	}
	return nil
}

// lotLine names a budget line of a lot.
type lotLine struct {
	lot  LotID
	line BudgetLineID
}

// mayDraw refuses to make legs of money whose first day has not come.
func (p *posting) mayDraw(from *Account) error {
	if p.opens == nil {
		if err := p.loadOpenings(); err != nil {
			return err
		}
	}
	day, later := p.opens[lotLine{from.Lot, from.Place.BudgetLine}]
	if later && p.cmd.BusinessDate.Before(day) {
		return errs.New(errs.Refused, "LEDGER_NOT_OPEN", "lot", from.Lot, "budget_line", from.Place.BudgetLine,
			"opens", day.Format(time.DateOnly), "date", p.cmd.BusinessDate.Format(time.DateOnly))
	}
	return nil
}

func (p *posting) loadOpenings() error {
	p.opens = map[lotLine]time.Time{}
	lots := make([]LotID, 0, len(p.lots))
	for id := range p.lots {
		lots = append(lots, id)
	}
	rows, err := p.tx.Query(p.ctx, `SELECT lot, budget_line, opens_on FROM line_opening WHERE lot = ANY($1)`, lots)
	if err != nil {
		return fmt.Errorf("read first days: %w", err)
	}
	var at lotLine
	var day time.Time
	_, err = pgx.ForEachRow(rows, []any{&at.lot, &at.line, &day}, func() error {
		p.opens[at] = day
		return nil
	})
	if err != nil {
		return fmt.Errorf("read first days: %w", err)
	}
	return nil
}
