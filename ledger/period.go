package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// monthLayout names the period of a business date: 2026-10.
const monthLayout = "2006-01"

// open finds the business date of a command and keeps its period from closing
// until the transaction ends. A command into a closed period is refused; a fact
// that brings its value dates is booked on the first day of the next open one.
func (c *Command) open(ctx context.Context, tx pgx.Tx) error {
	for {
		closed, err := SharePeriod(ctx, tx, c.BusinessDate.Format(monthLayout))
		if err != nil || !closed {
			return err
		}
		if len(c.ValueDates) == 0 {
			return errs.New(errs.Refused, "LEDGER_PERIOD_CLOSED", "period", c.BusinessDate.Format(monthLayout))
		}
		c.BusinessDate = nextMonth(c.BusinessDate)
	}
}

func nextMonth(d time.Time) time.Time {
	return time.Date(d.Year(), d.Month()+1, 1, 0, 0, 0, 0, d.Location())
}

// SharePeriod says whether a month (2026-10) is closed; it stays so until tx ends.
// Others may share it, and post into it; nobody closes it meanwhile.
func SharePeriod(ctx context.Context, tx pgx.Tx, month string) (bool, error) {
	return periodRow(ctx, tx, month, `SELECT closed FROM period WHERE month = $1 FOR SHARE`)
}

// LockPeriod says whether a month (2026-10) is closed, and lets nobody post
// into it until tx ends.
func LockPeriod(ctx context.Context, tx pgx.Tx, month string) (closed bool, err error) {
	return periodRow(ctx, tx, month, `SELECT closed FROM period WHERE month = $1 FOR UPDATE`)
}

func periodRow(ctx context.Context, tx pgx.Tx, month, sql string) (closed bool, err error) {
	err = tx.QueryRow(ctx, sql, month).Scan(&closed)
	if !errors.Is(err, pgx.ErrNoRows) {
		return closed, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO period (month) VALUES ($1) ON CONFLICT (month) DO NOTHING`, month); err != nil {
		return false, fmt.Errorf("open period %s: %w", month, err)
	}
	err = tx.QueryRow(ctx, sql, month).Scan(&closed)
	return closed, err
}

// SetPeriod closes a month or opens it again, under LockPeriod. Who may is for
// the books to say.
func SetPeriod(ctx context.Context, tx pgx.Tx, month string, closed bool) error {
	if _, err := tx.Exec(ctx, `UPDATE period SET closed = $2 WHERE month = $1`, month, closed); err != nil {
		return fmt.Errorf("set period %s: %w", month, err)
	}
	return nil
}

// ClosedPeriods are the months that are closed, of those between two, in order.
func ClosedPeriods(ctx context.Context, q db.Querier, from, to string) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT month FROM period WHERE month >= $1 AND month <= $2 AND closed ORDER BY month`, from, to)
	if err != nil {
		return nil, fmt.Errorf("read periods: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// late links the journal with the days in closed periods that it books.
func (p *posting) late() error {
	days := slices.Clone(p.cmd.ValueDates)
	slices.SortFunc(days, time.Time.Compare)
	for _, d := range slices.CompactFunc(days, time.Time.Equal) {
		month := d.Format(monthLayout)
		if month >= p.cmd.BusinessDate.Format(monthLayout) {
			continue
		}
		closed, err := SharePeriod(p.ctx, p.tx, month)
		if err != nil {
			return err
		}
		if !closed {
			continue
		}
		if _, err := p.tx.Exec(p.ctx, `INSERT INTO late_entry (journal, value_date) VALUES ($1, $2)`, p.id, d); err != nil {
			return fmt.Errorf("link journal with its value date: %w", err)
		}
	}
	return nil
}

// LateEntry is a journal that books what happened in a period that was closed.
type LateEntry struct {
	Journal   JournalID `json:"journal"`
	ValueDate time.Time `json:"value_date"`
}

// LateOf are the days in closed periods that a journal books.
func LateOf(ctx context.Context, q db.Querier, id JournalID) ([]LateEntry, error) {
	rows, err := q.Query(ctx, `SELECT journal, value_date FROM late_entry WHERE journal = $1 ORDER BY value_date`, id)
	if err != nil {
		return nil, fmt.Errorf("read late entries: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[LateEntry])
}
