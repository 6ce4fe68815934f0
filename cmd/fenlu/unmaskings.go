package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/trace"
)

// auditUnmaskingsCmd is `fenlu audit unmaskings`: who looked at ID and account
// numbers in clear, when, what for and at whose.
type auditUnmaskingsCmd struct {
	After int64 `help:"help_audit_unmaskings_after"`
	Limit int   `default:"100" help:"help_audit_unmaskings_limit"`
	sheetFlag
}

// unmasked is a look, with whose numbers they were, masked.
type unmasked struct {
	ID       int64     `json:"id"`
	At       time.Time `json:"at"`
	Actor    string    `json:"actor"`
	Purpose  string    `json:"purpose"`
	Subject  string    `json:"subject"`
	Owner    string    `json:"owner,omitempty"`   // empty for several
	Account  string    `json:"account,omitempty"` // masked; empty for several
	Accounts int       `json:"accounts"`
}

// unmaskings is a page of them.
type unmaskings struct {
	Entries []unmasked `json:"entries"`
	More    bool       `json:"more"`
}

// Run lists a page, or writes it into a spreadsheet.
func (c auditUnmaskingsCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (unmaskings, error) {
		list, err := parties.Unmaskings(a.ctx, tx, c.After, c.Limit+1)
		if err != nil {
			return unmaskings{}, err
		}
		page := unmaskings{More: len(list) > c.Limit, Entries: []unmasked{}}
		if err := page.fill(a.ctx, tx, s, list[:min(len(list), c.Limit)]); err != nil {
			return page, err
		}
		return page, c.write(a, "unmaskings", page)
	})
}

// fill takes the records in and labels their owners and accounts.
func (p *unmaskings) fill(ctx context.Context, tx pgx.Tx, s *services, list []parties.Unmasking) error {
	owners, accounts := make([]int64, len(list)), make([]int64, len(list))
	for i, u := range list {
		owners[i], accounts[i] = u.Owner, int64(u.Account)
	}
	people, err := labels{s.Parties}.People(ctx, tx, owners)
	if err != nil {
		return err
	}
	held, err := labels{s.Parties}.Accounts(ctx, tx, accounts)
	if err != nil {
		return err
	}
	for _, u := range list {
		account := held[int64(u.Account)]
		p.Entries = append(p.Entries, unmasked{u.ID, u.At, u.Actor, string(u.Purpose), u.Subject, whose(people[u.Owner], account), account.Masked, u.Accounts})
	}
	return nil
}

// whose names a person with the masked number, and a unit by the holder of its
// account.
func whose(person, account trace.Label) string {
	if person.Name == "" {
		return account.Name
	}
	return person.Name + " " + person.Masked
}

var unmaskingHeads = []string{"unmask_id", "unmask_at", "unmask_actor", "unmask_purpose", "unmask_subject", "unmask_owner", "unmask_account", "unmask_accounts"}

// Heads are the columns of Cells.
func (p unmaskings) Heads() []string { return unmaskingHeads }

// Cells are the page as rows of a table.
func (p unmaskings) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(p.Entries))
	for i, u := range p.Entries {
		rows[i] = []string{strconv.FormatInt(u.ID, 10), u.At.In(clock.Shanghai).Format(time.DateTime), u.Actor,
			i18n.Term(lang, "unmask.purpose", u.Purpose), u.Subject, u.Owner, u.Account, strconv.Itoa(u.Accounts)}
	}
	return rows
}

// Text prints the page as a table.
func (p unmaskings) Text(w io.Writer, lang i18n.Lang) error {
	if len(p.Entries) == 0 {
		_, err := fmt.Fprintln(w, i18n.T(lang, "audit.unmaskings.empty"))
		return err
	}
	columns := make([]table.Column, len(unmaskingHeads))
	for i, h := range unmaskingHeads {
		columns[i] = table.Left(i18n.T(lang, "books.head."+h))
	}
	t := table.New("", columns...)
	for _, row := range p.Cells(lang) {
		t.Add(row...)
	}
	if err := t.Write(w); err != nil || !p.More {
		return err
	}
	_, err := fmt.Fprintln(w, i18n.T(lang, "activity.more", "after", p.Entries[len(p.Entries)-1].ID))
	return err
}
