package main

import (
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// batchCalendarCmd shows a month's programs beside the day by which they are paid.
type batchCalendarCmd struct {
	Month string `placeholder:"2026-10" help:"help_batch_calendar_month"`
	Area  string `required:"" help:"help_batch_calendar_area"`
	sheetFlag
}

// Run prints the calendar, or writes it into a spreadsheet.
func (c batchCalendarCmd) Run(a *app) error {
	month := terms.MonthOf(clock.Date(a.clock.Now()))
	if c.Month != "" {
		var err error
		if month, err = terms.ParseMonth(c.Month); err != nil {
			return err
		}
	}
	return tell(a, func(s *services, tx pgx.Tx) (calendar, error) {
		found, err := s.Batch.MonthCalendar(a.ctx, tx, funds.Area12(c.Area), month)
		if err != nil {
			return calendar{}, err
		}
		return calendar{found}, c.write(a, "calendar", calendar{found})
	})
}

type calendar struct{ batch.Calendar }

var calendarHeads = []string{"due_program", "due_state", ">due_days", ">due_lists", ">due_released", ">due_lines", ">amount", "due_paid_on"}

// Heads are the columns of Cells.
func (c calendar) Heads() []string { return calendarHeads }

// Cells are the programs as rows of a table.
func (c calendar) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(c.Programs))
	for i, p := range c.Programs {
		name, paid := p.NameZH, ""
		if lang == i18n.EN {
			name = p.NameEN
		}
		if !p.PaidOn.IsZero() {
			paid = p.PaidOn.Format(time.DateOnly)
		}
		rows[i] = []string{name, p.Due.Name(lang), strconv.Itoa(p.Days), strconv.Itoa(p.Lists), strconv.Itoa(p.Released), strconv.Itoa(p.Lines), p.Amount.Grouped(), paid}
	}
	return rows
}

// Text prints the calendar with the rule that says the day.
func (c calendar) Text(w io.Writer, lang i18n.Lang) error {
	t := table.New(i18n.T(lang, "batch.calendar.title", "month", string(c.Month), "day", c.DueOn.Format(time.DateOnly),
		"document", c.Rule.Document, "clause", c.Rule.Clause), headed(lang, calendarHeads...)...)
	for _, row := range c.Cells(lang) {
		t.Add(row...)
	}
	return t.Write(w)
}
