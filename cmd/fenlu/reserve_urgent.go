package main

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/internal/i18n"
)

// reserveUrgentCmd lists what the county has to pay at once.
type reserveUrgentCmd struct {
	Year int  `help:"help_reserve_year"`
	All  bool `help:"help_reserve_urgent_all"`
	sheetFlag
}

// Run lists what is open, or all of the year.
func (c reserveUrgentCmd) Run(a *app) error {
	year := a.yearOr(c.Year)
	return c.listing(a, "urgent", func(s *services, tx pgx.Tx) (fundList, error) {
		found, err := s.Batch.UrgentOf(a.ctx, tx, year)
		if err != nil {
			return fundList{}, err
		}
		if !c.All {
			found = slices.DeleteFunc(found, func(u batch.Urgent) bool { return !u.IsOpen() })
		}
		names, err := s.words(a.ctx, tx, codes(found, func(u batch.Urgent) string { return u.Township }))
		return fundList{"reserve.urgent.title", map[string]any{"year": year, "urgent": orNone(found)},
			[]string{"reserve_case", "reserve_town", ">amount", ">urgent_free", "reserve_reported", "reserve_due", "urgent_batch", "reserve_done", "reserve_note"},
			func(lang i18n.Lang) [][]string {
				rows := make([][]string, len(found))
				for i, u := range found {
					rows[i] = []string{u.Number, names.area(u.Township), u.Amount.Grouped(), u.Free.Grouped(), read(u.ReportedAt.Format(time.RFC3339)),
						read(u.PayDue.Format(time.RFC3339)), u.Batch, paidAt(u), urgentNote(lang, u)}
				}
				return rows
			}}, err
	})
}

func paidAt(u batch.Urgent) string {
	if u.IsOpen() {
		return ""
	}
	return read(u.PaidAt.Format(time.RFC3339))
}

func urgentNote(lang i18n.Lang, u batch.Urgent) string {
	switch {
	case u.Overdue:
		return i18n.T(lang, "reserve.urgent.overdue")
	case u.IsOpen():
		return i18n.T(lang, "reserve.urgent.open")
	}
	return ""
}
