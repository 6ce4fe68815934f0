package main

import (
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/internal/i18n"
)

// reserveAdvancesCmd lists what townships paid out of their own pocket.
type reserveAdvancesCmd struct {
	All bool `help:"help_reserve_advances_all"`
	sheetFlag
}

// Run lists what is owed to townships, or all that they advanced.
func (c reserveAdvancesCmd) Run(a *app) error {
	return c.listing(a, "advances", func(s *services, tx pgx.Tx) (fundList, error) {
		found, err := s.Batch.TownshipAdvances(a.ctx, tx, c.All)
		if err != nil {
			return fundList{}, err
		}
		names, err := s.words(a.ctx, tx, codes(found, func(t batch.TownshipAdvance) string { return t.Township }))
		return fundList{"reserve.advances.title", map[string]any{"advances": orNone(found)},
			[]string{"reserve_case", "reserve_town", "advance_unit", ">amount", "advance_paid", ">advance_back", ">advance_days", "reserve_due", "reserve_note"},
			func(lang i18n.Lang) [][]string {
				rows := make([][]string, len(found))
				for i, t := range found {
					due := ""
					if !t.DueOn.IsZero() {
						due = t.DueOn.Format(time.DateOnly)
					}
					rows[i] = []string{t.Number, names.area(t.Township), t.UnitName, t.Amount.Grouped(), read(t.PaidAt.Format(time.RFC3339)), t.Repaid.Grouped(),
						strconv.Itoa(t.Days), due, i18n.T(lang, "reserve.advance."+advanceNote(t))}
				}
				return rows
			}}, err
	})
}

// advanceNote is how an advance stands.
func advanceNote(t batch.TownshipAdvance) string {
	switch {
	case t.Owed() <= 0:
		return "repaid"
	case t.Overdue:
		return "overdue"
	case t.Sent > 0:
		return "sent"
	case !t.Confirmed:
		return "recorded"
	}
	return "owed"
}
