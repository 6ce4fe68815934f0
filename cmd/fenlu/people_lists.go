package main

import (
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
)

// listing is a list of people to look at, print and write into a spreadsheet.
type listing[T any] struct {
	Rows []T `json:"rows"`
	head []string
	cell func(i18n.Lang, T) []string
}

// Heads are the columns of Cells; an amount's begins with ">".
func (l listing[T]) Heads() []string { return l.head }

// Cells are the rows of the list.
func (l listing[T]) Cells(lang i18n.Lang) [][]string {
	out := make([][]string, len(l.Rows))
	for i, r := range l.Rows {
		out[i] = l.cell(lang, r)
	}
	return out
}

// Text prints the list as a table.
func (l listing[T]) Text(w io.Writer, lang i18n.Lang) error {
	if len(l.Rows) == 0 {
		_, err := io.WriteString(w, i18n.T(lang, "people.none")+"\n")
		return err
	}
	return printed(w, lang, "", l)
}

type householdRecomputeCmd struct {
	Since string `default:"1900-01-01" help:"help_household_since"`
	sheetFlag
}

// Run lists the households whose aid is to be computed again.
func (c householdRecomputeCmd) Run(a *app) error {
	since, err := parseDay(c.Since)
	if err != nil {
		return err
	}
	return tell(a, func(s *services, tx pgx.Tx) (listing[parties.Recomputation], error) {
		l := listing[parties.Recomputation]{head: []string{"pc_household", "pc_name", "pc_person", "pc_died", ">pc_members"},
			cell: func(_ i18n.Lang, r parties.Recomputation) []string {
				return []string{r.Code, r.Name, r.Masked, r.DiedOn.Format(time.DateOnly), strconv.Itoa(r.Members)}
			}}
		var err error
		if l.Rows, err = s.Parties.Recomputations(a.ctx, tx, since); err != nil {
			return l, err
		}
		return l, c.write(a, "recompute", l)
	})
}

type personConflictsCmd struct {
	After int64 `help:"help_audit_unmaskings_after"`
	Limit int   `default:"100" help:"help_audit_unmaskings_limit"`
	sheetFlag
}

// Run lists the entitlements that stand twice since records were merged.
func (c personConflictsCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (listing[batch.Conflict], error) {
		l := listing[batch.Conflict]{head: []string{"unmask_id", "pc_name", "pc_person", "pc_month", "pc_program", "pc_batch", "pc_line", "pc_batch2", "pc_line2"},
			cell: func(_ i18n.Lang, k batch.Conflict) []string {
				return []string{strconv.FormatInt(k.ID, 10), k.Name, k.Masked, k.Month, k.Program + "/" + k.Component, k.Batch, strconv.Itoa(int(k.Line)),
					k.OtherBatch, strconv.Itoa(int(k.OtherLine))}
			}}
		var err error
		if l.Rows, err = s.Batch.Conflicts(a.ctx, tx, c.After, c.Limit); err != nil {
			return l, err
		}
		return l, c.write(a, "conflicts", l)
	})
}

type personOfficesCmd struct {
	Month string `required:"" placeholder:"2026-10" help:"help_person_month"`
	sheetFlag
}

// Run lists the people whom two offices pay in a month.
func (c personOfficesCmd) Run(a *app) error {
	month, err := terms.ParseMonth(c.Month)
	if err != nil {
		return err
	}
	return tell(a, func(s *services, tx pgx.Tx) (listing[batch.TwoOffices], error) {
		l := listing[batch.TwoOffices]{head: []string{"pc_name", "pc_person", "pc_office", "pc_batch", "pc_line", "pc_other", "pc_batch2", "pc_line2"},
			cell: func(_ i18n.Lang, t batch.TwoOffices) []string {
				return []string{t.Name, t.Masked, t.Office, t.Batch, strconv.Itoa(int(t.Line)), t.OtherOffice, t.OtherBatch, strconv.Itoa(int(t.OtherLine))}
			}}
		var err error
		if l.Rows, err = s.Batch.PaidByTwo(a.ctx, tx, month); err != nil {
			return l, err
		}
		return l, c.write(a, "two-offices", l)
	})
}

type payeeCardsCmd struct {
	Month string `required:"" placeholder:"2026-10" help:"help_person_month"`
	sheetFlag
}

// Run says what share of a month went to social security cards.
func (c payeeCardsCmd) Run(a *app) error {
	month, err := terms.ParseMonth(c.Month)
	if err != nil {
		return err
	}
	return tell(a, func(_ *services, tx pgx.Tx) (listing[batch.CardShare], error) {
		l := listing[batch.CardShare]{head: []string{"pc_office", "pc_kind", ">pc_payments", ">pc_amount", ">pc_share"},
			cell: func(lang i18n.Lang, s batch.CardShare) []string {
				return []string{s.Office, s.Kind.Name(lang), strconv.Itoa(s.Payments), s.Amount.Grouped(), s.Share + "%"}
			}}
		var err error
		if l.Rows, err = batch.CardShares(a.ctx, tx, month); err != nil {
			return l, err
		}
		return l, c.write(a, "cards", l)
	})
}
