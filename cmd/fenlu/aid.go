package main

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/table"
	"fenlu/money"
)

// aidCmd is `fenlu aid`: one approval of a case of temporary aid, paid in
// instalments (一次审批、分阶段救助, 一事一议).
type aidCmd struct {
	Propose aidProposeCmd `cmd:"" help:"help_aid_propose"`
	Approve aidApproveCmd `cmd:"" help:"help_aid_approve"`
	Cut     aidCutCmd     `cmd:"" help:"help_aid_cut"`
	Confirm aidConfirmCmd `cmd:"" help:"help_aid_confirm"`
	Show    aidShowCmd    `cmd:"" help:"help_aid_show"`
}

// aidProposeCmd records an approval for another person to approve.
type aidProposeCmd struct {
	Case       string   `arg:"" help:"help_reserve_case"`
	Kind       string   `default:"staged" enum:"staged,case_by_case" help:"help_aid_kind"`
	Office     string   `default:"QHMZ" help:"help_aid_office"`
	IDNumber   string   `required:"" name:"id-number" help:"help_reserve_id_number"`
	Reason     string   `required:"" help:"help_batch_reason"`
	Minutes    string   `help:"help_aid_minutes"`
	Instalment []string `required:"" placeholder:"2026-11-10=500.00" help:"help_aid_instalment"`
}

// Run records it.
func (c aidProposeCmd) Run(a *app) error {
	cmd := batch.ProposePlan{Number: c.Case, Kind: batch.PlanKind(c.Kind), Office: c.Office, IDNumber: ident.Secret(c.IDNumber), Reason: c.Reason,
		Minutes: c.Minutes}
	for _, text := range c.Instalment {
		on, amount, _ := strings.Cut(text, "=")
		due, err := parseDay(on)
		if err != nil {
			return err
		}
		fen, err := money.Parse(amount)
		if err != nil {
			return errs.New(errs.Invalid, "CLI_AMOUNT", "value", amount)
		}
		cmd.Instalments = append(cmd.Instalments, batch.Instalment{DueOn: due, Amount: fen})
	}
	return a.planned(func(ctx context.Context, s *services) (batch.Plan, error) { return s.Batch.ProposePlan(ctx, cmd) })
}

// aidApproveCmd approves it.
type aidApproveCmd struct {
	Case   string `arg:"" help:"help_reserve_case"`
	Digest string `required:"" help:"help_batch_digest"`
}

// Run approves the plan of a case.
func (c aidApproveCmd) Run(a *app) error {
	digest, err := batch.ParseDigest(c.Digest)
	if err != nil {
		return err
	}
	return a.planned(func(ctx context.Context, s *services) (batch.Plan, error) {
		return s.Batch.ApprovePlan(ctx, c.Case, digest)
	})
}

// aidCutCmd proposes to shorten or stop a later instalment.
type aidCutCmd struct {
	Case   string `arg:"" help:"help_reserve_case"`
	No     int    `required:"" help:"help_aid_no"`
	Amount string `default:"0" help:"help_aid_amount"`
	Reason string `required:"" help:"help_batch_reason"`
}

// Run proposes the cut.
func (c aidCutCmd) Run(a *app) error {
	amount, err := money.Parse(c.Amount)
	if err != nil {
		return errs.New(errs.Invalid, "CLI_AMOUNT", "value", c.Amount)
	}
	cmd := batch.CutInstalment{Number: c.Case, No: c.No, Amount: amount, Reason: c.Reason}
	return a.planned(func(ctx context.Context, s *services) (batch.Plan, error) { return s.Batch.CutInstalment(ctx, cmd) })
}

// aidConfirmCmd approves a cut.
type aidConfirmCmd struct {
	Case   string `arg:"" help:"help_reserve_case"`
	Digest string `required:"" help:"help_aid_cut_digest"`
}

// Run approves the cut of that digest.
func (c aidConfirmCmd) Run(a *app) error {
	digest, err := batch.ParseDigest(c.Digest)
	if err != nil {
		return err
	}
	return a.planned(func(ctx context.Context, s *services) (batch.Plan, error) {
		return s.Batch.ApproveCut(ctx, c.Case, digest)
	})
}

// aidShowCmd shows a case's instalments.
type aidShowCmd struct {
	Case string `arg:"" help:"help_reserve_case"`
}

// Run shows what of an approval is in lists and what remains.
func (c aidShowCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (planView, error) {
		p, err := s.Batch.PlanOf(a.ctx, tx, c.Case)
		return planView{p}, err
	})
}

// planned does something to an approval and shows it.
func (a *app) planned(do func(context.Context, *services) (batch.Plan, error)) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		p, err := do(ctx, s)
		if err != nil {
			return err
		}
		return a.show(planView{p})
	})
}

// planView is an approval as it is printed.
type planView struct{ batch.Plan }

// Text prints the instalments.
func (p planView) Text(w io.Writer, lang i18n.Lang) error {
	state := "aid.proposed"
	if p.IsApproved {
		state = "aid.approved"
	}
	t := table.New(i18n.T(lang, state, "case", p.Number, "approved", p.Approved.Grouped(), "lists", p.InLists.Grouped(), "remaining", p.Remaining.Grouped(),
		"digest", p.Digest), headed(lang, "aid_no", "reserve_due", ">amount", "aid_month", "reserve_note")...)
	for _, i := range p.Instalments {
		t.Add(strconv.Itoa(i.No), i.DueOn.Format(time.DateOnly), i.Amount.Grouped(), i.Month, i.Reason)
	}
	if err := t.Write(w); err != nil {
		return err
	}
	for _, c := range p.Cuts {
		if c.IsApproved {
			continue
		}
		if _, err := io.WriteString(w, i18n.T(lang, "aid.cut", "no", c.No, "amount", c.Amount.Grouped(), "reason", c.Reason, "digest", c.Digest)+"\n"); err != nil {
			return err
		}
	}
	return nil
}
