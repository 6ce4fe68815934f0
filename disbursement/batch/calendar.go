package batch

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// Due says how a program's month stands beside the day by which it is paid.
type Due string

// How a month stands.
const (
	DueOpen Due = "open"    // 待发放: the day has not come
	DuePaid Due = "on_time" // 按时发放: all its lists are to be paid by the day
	DueLate Due = "late"    // 逾期: the day has passed, or a list is to be paid after it
)

// Name is the word a user reads.
func (d Due) Name(lang i18n.Lang) string { return i18n.Term(lang, "batch.due", string(d)) }

// DueProgram is a program in a month's calendar.
type DueProgram struct {
	Program  string    `json:"program"`
	NameZH   string    `json:"name_zh"`
	NameEN   string    `json:"name_en"`
	Lists    int       `json:"lists"`
	Released int       `json:"released"` // lists whose files are out
	Lines    int       `json:"lines"`
	Amount   money.Fen `json:"amount"`
	PaidOn   time.Time `json:"paid_on,omitzero"` // the last day on which a released list is to be paid
	Due      Due       `json:"due"`
	Days     int       `json:"days"` // to the day; below zero: days past it
}

// Calendar is a month (发放日历): every program that owes something each month,
// with the day by which it is to be in people's accounts and where its lists
// stand.
type Calendar struct {
	Month    terms.Month  `json:"month"`
	Area     string       `json:"area"`
	DueOn    time.Time    `json:"due_on"`
	Rule     rules.Figure `json:"rule"` // the figure that says the day
	Programs []DueProgram `json:"programs"`
}

// MonthCalendar is the calendar of an area (12 digits) for a month as it stands
// today. Errors: RULE_NONE (NotFound) where no document says the day.
func (s *Service) MonthCalendar(ctx context.Context, q db.Querier, area string, month terms.Month) (Calendar, error) {
	c := Calendar{Month: month, Area: area}
	var err error
	if c.Rule, err = rules.Find(ctx, q, rules.PaymentDueDay, area, month.First()); err != nil {
		return c, err
	}
	day, err := c.Rule.Whole()
	if err != nil {
		return c, err
	}
	c.DueOn = month.First().AddDate(0, 0, day-1)
	if c.Programs, err = duePrograms(ctx, q, month); err != nil {
		return c, err
	}
	today := clock.Date(s.clock.Now())
	for i := range c.Programs {
		c.Programs[i].judge(c.DueOn, today)
	}
	return c, nil
}

// judge compares a program with the day.
func (p *DueProgram) judge(due, today time.Time) {
	p.Days = int(due.Sub(today).Hours() / 24)
	out := p.Lists > 0 && p.Released == p.Lists
	switch {
	case out && !p.PaidOn.After(due):
		p.Due = DuePaid
	case out || today.After(due):
		p.Due = DueLate
	default:
		p.Due = DueOpen
	}
}

// duePrograms are the programs with a standard by the month or year in force, or
// with lists in the month, found by batch_period.
func duePrograms(ctx context.Context, q db.Querier, month terms.Month) ([]DueProgram, error) {
	rows, err := q.Query(ctx, `SELECT p.code, p.name_zh, p.name_en, coalesce(b.lists, 0), coalesce(b.released, 0), coalesce(b.lines, 0),
			coalesce(b.fen, 0), coalesce(b.paid_on, '0001-01-01'::date)
		FROM program p LEFT JOIN (
			SELECT b.program, count(*) AS lists, count(f.paid_on) AS released, sum(b.line_count)::bigint AS lines, sum(b.amount_fen)::bigint AS fen,
				max(f.paid_on) AS paid_on
			FROM batch b LEFT JOIN (SELECT batch, max(execute_on) AS paid_on FROM bank_file
				WHERE list IS NULL AND batch IN (SELECT id FROM batch WHERE period = $1) GROUP BY batch) f ON f.batch = b.id
			WHERE b.period = $1 AND b.kind = 'roster' AND b.state <> 'cancelled' GROUP BY b.program) b ON b.program = p.code
		WHERE b.lists > 0 OR EXISTS (SELECT 1 FROM policy y WHERE y.program = p.code AND y.period <> 'once' AND y.valid_from <= $2)
		ORDER BY p.ord, p.code`, month, month.First())
	if err != nil {
		return nil, fmt.Errorf("calendar of %s: %w", month, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (DueProgram, error) {
		var p DueProgram
		err := row.Scan(&p.Program, &p.NameZH, &p.NameEN, &p.Lists, &p.Released, &p.Lines, &p.Amount, &p.PaidOn)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("calendar of %s: %w", month, err)
	}
	return all, nil
}
