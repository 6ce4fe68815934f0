package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"fenlu/auth"
	"fenlu/bankfiles/reason"
	"fenlu/internal/clock"
	"fenlu/internal/evidence"
	"fenlu/internal/i18n"
	"fenlu/reconciliation"
)

// reconcileCmd is `fenlu reconcile`.
type reconcileCmd struct {
	Import  reconcileImportCmd  `cmd:"" help:"help_reconcile_import"`
	Status  reconcileStatusCmd  `cmd:"" help:"help_reconcile_status"`
	Breaks  reconcileBreaksCmd  `cmd:"" help:"help_reconcile_breaks"`
	Resolve reconcileResolveCmd `cmd:"" help:"help_reconcile_resolve"`
}

type reconcileImportCmd struct {
	File    string `arg:"" help:"help_reconcile_file"`
	Profile string `default:"auto" help:"help_reconcile_profile"`
}

// Run reads one file.
func (c reconcileImportCmd) Run(a *app) error {
	in, err := openInput(c.File, a.Stdin)
	if err != nil {
		return err
	}
	defer in.close()
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Recon.Import(ctx, reconciliation.File{Name: in.name, Content: in, Profile: c.Profile})
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) { printImported(w, a.Lang, done) })
	})
}

func printImported(w io.Writer, lang i18n.Lang, d reconciliation.Imported) {
	say := func(code string, args ...any) { _, _ = fmt.Fprintln(w, i18n.T(lang, code, args...)) }
	kind := i18n.Term(lang, "recon.kind", string(d.Kind))
	if d.Replay {
		say("recon.replay", "kind", kind, "name", d.Name)
		return
	}
	say("recon.imported", "kind", kind, "name", d.Name, "items", d.Items, "matched", d.Matched, "unmatched", d.Unmatched,
		"differs", d.AmountDiffers, "other", d.OtherMoney, "repeated", d.Repeated)
	if d.Inherited > 0 {
		say("recon.inherited", "count", d.Inherited)
	}
	say("recon.moved", "paid", d.Paid.Count, "paid_amount", d.Paid.Amount.Grouped(), "failed", d.Failed.Count,
		"failed_amount", d.Failed.Amount.Grouped(), "returned", d.Returned.Count, "returned_amount", d.Returned.Amount.Grouped())
	if d.Breaks > 0 {
		say("recon.breaks", "count", d.Breaks)
	}
	for _, warning := range d.Warnings {
		_, _ = fmt.Fprintln(w, "  "+warningText(lang, warning))
	}
}

type reconcileStatusCmd struct {
	Batch       string `help:"help_reconcile_batch"`
	Unconfirmed bool   `help:"help_reconcile_unconfirmed"`
}

// reconcileStatus is the JSON of `fenlu reconcile status`.
type reconcileStatus struct {
	Files       []reconciliation.FileStatus  `json:"files"`
	Unconfirmed []reconciliation.Unconfirmed `json:"unconfirmed,omitempty"`
}

// Run shows the three sides of each file.
func (c reconcileStatusCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		files, err := s.Recon.Status(a.ctx, s.DB.Pool(), c.Batch)
		if err != nil {
			return err
		}
		status := reconcileStatus{Files: files}
		if c.Unconfirmed {
			if status.Unconfirmed, err = s.unconfirmed(a.ctx, files, c.Batch == ""); err != nil {
				return err
			}
		}
		return a.Result(status, func(w io.Writer) { printSides(w, a.Lang, status) })
	})
}

// unconfirmed reads all pages of the batch that the files belong to, or of all
// batches.
func (s *services) unconfirmed(ctx context.Context, files []reconciliation.FileStatus, all bool) ([]reconciliation.Unconfirmed, error) {
	filter := reconciliation.UnconfirmedFilter{Limit: 1000}
	if !all {
		if len(files) == 0 {
			return nil, nil
		}
		filter.Batch = files[0].Batch
	}
	var list []reconciliation.Unconfirmed
	for {
		page, err := reconciliation.ListUnconfirmed(ctx, s.DB.Pool(), filter)
		if err != nil {
			return nil, err
		}
		list = append(list, page...)
		if len(page) < filter.Limit {
			return list, nil
		}
		filter.After = page[len(page)-1].Payment
	}
}

func printSides(w io.Writer, lang i18n.Lang, st reconcileStatus) {
	if len(st.Files) == 0 {
		_, _ = fmt.Fprintln(w, i18n.T(lang, "recon.nothing"))
	}
	for _, f := range st.Files {
		printFileSides(w, lang, f)
	}
	for _, u := range st.Unconfirmed {
		_, _ = fmt.Fprintln(w, i18n.T(lang, "recon.unconfirmed", "id", u.EndToEndID, "amount", u.Amount.Grouped(), "file", u.FileName,
			"state", i18n.Term(lang, "attempt", string(u.State)), "since", u.Since.In(clock.Shanghai).Format(time.DateOnly)))
	}
}

func printFileSides(w io.Writer, lang i18n.Lang, f reconciliation.FileStatus) {
	_, _ = fmt.Fprintln(w, f.Name)
	for _, side := range []struct {
		name  string
		total evidence.Total
	}{
		{"sealed", f.Sealed},
		{"result_ok", f.Result.OK},
		{"result_failed", f.Result.Failed},
		{"result_unknown", f.Result.Unknown},
		{"unmentioned", f.Result.Unmentioned},
		{"booked", f.Statement.Booked},
		{"statement_excess", f.Statement.Excess},
		{"statement_returned", f.Statement.Returned},
		{"paid", f.Books.Paid},
		{"failed", f.Books.Failed},
		{"returned", f.Books.Returned},
		{"in_transit", f.Books.InTransit},
	} {
		if side.name == "statement_excess" && side.total.Count == 0 {
			continue
		}
		_, _ = fmt.Fprintln(w, i18n.T(lang, "recon.side", "side", i18n.T(lang, "recon.side."+side.name),
			"count", side.total.Count, "amount", side.total.Amount.Grouped()))
	}
	for _, d := range f.Differences {
		_, _ = fmt.Fprintln(w, i18n.T(lang, "recon.difference", "name", i18n.T(lang, "recon.difference."+d.Kind),
			"count", d.Count, "amount", d.Amount.Grouped()))
	}
	if len(f.Differences) == 0 {
		_, _ = fmt.Fprintln(w, i18n.T(lang, "recon.agrees"))
	}
}

type reconcileBreaksCmd struct {
	All   bool  `help:"help_reconcile_all"`
	After int64 `help:"help_reconcile_after"`
	Limit int   `default:"100" help:"help_reconcile_limit"`
}

// shownBreak is a break with its dates as dates, and its age.
type shownBreak struct {
	reconciliation.Break
	OpenedOn   string `json:"opened_on"`
	DueOn      string `json:"due_on"`
	ResolvedOn string `json:"resolved_on,omitempty"`
	ReasonCode string `json:"reason_code,omitempty"` // ours, where the bank gave one
	AgeDays    int    `json:"age_days"`
	Overdue    bool   `json:"overdue"`
}

func showBreak(b reconciliation.Break, today time.Time) shownBreak {
	s := shownBreak{Break: b, OpenedOn: b.OpenedOn.Format(time.DateOnly), DueOn: b.DueOn.Format(time.DateOnly), AgeDays: b.Age(today), Overdue: b.Overdue(today)}
	if b.Reason != "" || b.ReasonText != "" {
		s.ReasonCode = string(reason.Of(b.Reason, b.ReasonText).Code)
	}
	if b.ResolvedOn != nil {
		s.ResolvedOn = b.ResolvedOn.Format(time.DateOnly)
	}
	return s
}

// Run lists a page of breaks.
func (c reconcileBreaksCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		page, err := reconciliation.Breaks(a.ctx, s.DB.Pool(), reconciliation.BreakFilter{OpenOnly: !c.All, After: reconciliation.BreakID(c.After), Limit: c.Limit})
		if err != nil {
			return err
		}
		shown := make([]shownBreak, len(page))
		for i, b := range page {
			shown[i] = showBreak(b, clock.Date(a.clock.Now()))
		}
		return a.Result(map[string]any{"breaks": shown}, func(w io.Writer) { printBreaks(w, a.Lang, shown) })
	})
}

// reasonWords is the bank's code and what it means with us, where it is known.
func reasonWords(lang i18n.Lang, b shownBreak) string {
	if b.ReasonCode == "" || b.ReasonCode == string(reason.Other) {
		return b.Reason
	}
	return strings.TrimSpace(b.Reason + " " + i18n.T(lang, "reason."+b.ReasonCode))
}

func printBreaks(w io.Writer, lang i18n.Lang, list []shownBreak) {
	if len(list) == 0 {
		_, _ = fmt.Fprintln(w, i18n.T(lang, "recon.no_breaks"))
	}
	for _, b := range list {
		late := ""
		if b.Overdue {
			late = i18n.T(lang, "recon.break.late")
		}
		_, _ = fmt.Fprintln(w, i18n.T(lang, "recon.break", "id", b.ID, "kind", i18n.Term(lang, "recon.break_kind", string(b.Kind)),
			"amount", b.Amount.Grouped(), "name", b.FileName, "line", b.Line, "end_to_end_id", b.EndToEndID, "reason", reasonWords(lang, b),
			"owner", b.Owner, "age", b.AgeDays, "due", b.DueOn, "late", late))
		if b.ResolvedOn != "" {
			_, _ = fmt.Fprintln(w, i18n.T(lang, "recon.break.resolution", "date", b.ResolvedOn, "by", b.ResolvedBy, "resolution", b.Resolution))
		}
	}
}

type reconcileResolveCmd struct {
	Break      int64  `arg:"" help:"help_reconcile_break"`
	Resolution string `required:"" help:"help_reconcile_resolution"`
}

// Run ends a break with a note.
func (c reconcileResolveCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		b, err := s.Recon.ResolveBreak(ctx, reconciliation.Resolve{Break: reconciliation.BreakID(c.Break), Resolution: c.Resolution})
		if err != nil {
			return err
		}
		return a.Result(showBreak(b, clock.Date(a.clock.Now())), func(w io.Writer) {
			_, _ = fmt.Fprintln(w, a.T("recon.resolved", "id", b.ID))
		})
	})
}
