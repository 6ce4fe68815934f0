package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/money"
)

// reserveDrawCmd records an emergency that a township's reserve pays.
type reserveDrawCmd struct {
	Case       string `arg:"" help:"help_reserve_case"`
	Township   string `required:"" help:"help_reserve_township"`
	IDNumber   string `required:"" name:"id-number" help:"help_reserve_id_number"`
	Amount     string `required:"" help:"help_reserve_amount"`
	Reason     string `required:"" help:"help_batch_reason"`
	ReportedAt string `name:"reported-at" help:"help_reserve_reported" placeholder:"2026-10-09T08:30:00+08:00"`
	Office     string `default:"QHMZ" help:"help_batch_office"`
	Form       string `default:"transfer" enum:"transfer,cash,goods,advanced" help:"help_reserve_form"`
	Receipt    string `type:"existingfile" help:"help_reserve_receipt"`
	Witness    string `help:"help_reserve_witness"`
	Goods      string `help:"help_reserve_goods"`
	Supplier   string `help:"help_reserve_supplier"`
	Unit       string `help:"help_reserve_unit"`
	PaidAt     string `name:"paid-at" help:"help_reserve_paid_at" placeholder:"2026-10-09T09:30:00+08:00"`
}

// handover is how the case is paid.
func (c reserveDrawCmd) handover() (funds.Handover, error) {
	h := funds.Handover{Form: funds.DrawForm(c.Form), Witness: c.Witness, Goods: c.Goods, Supplier: c.Supplier}
	if c.PaidAt != "" {
		at, err := time.Parse(time.RFC3339, c.PaidAt)
		if err != nil {
			return h, errs.New(errs.Invalid, "BATCH_REPORTED_AT", "value", c.PaidAt)
		}
		h.PaidAt = at
	}
	if c.Receipt == "" {
		return h, nil
	}
	sum, err := digestOfFile(c.Receipt)
	h.ReceiptSHA256, h.ReceiptName = sum, filepath.Base(c.Receipt)
	return h, err
}

// Run records the case; a second person confirms it.
func (c reserveDrawCmd) Run(a *app) error {
	amount, err := money.Parse(c.Amount)
	if err != nil {
		return errs.New(errs.Invalid, "CLI_AMOUNT", "value", c.Amount)
	}
	reported := a.clock.Now()
	if c.ReportedAt != "" {
		if reported, err = time.Parse(time.RFC3339, c.ReportedAt); err != nil {
			return errs.New(errs.Invalid, "BATCH_REPORTED_AT", "value", c.ReportedAt)
		}
	}
	handover, err := c.handover()
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		d, err := s.Batch.DrawReserve(ctx, batch.Draw{Number: c.Case, Township: c.Township, IDNumber: ident.Secret(c.IDNumber), Amount: amount,
			Reason: c.Reason, ReportedAt: reported, Office: c.Office, Handover: handover, RepayTo: c.Unit})
		if err != nil {
			return err
		}
		return a.Result(d, func(w io.Writer) {
			a.say(w, d.Replay, "reserve.out.drawn", "case", c.Case, "amount", d.Batch.Amount.Grouped(), "reserve", d.Reserve.Grouped(), "digest", d.Digest)
		})
	})
}

// reserveConfirmCmd is the second person's step.
type reserveConfirmCmd struct {
	Case   string `arg:"" help:"help_reserve_case"`
	Digest string `required:"" help:"help_batch_digest"`
	Date   string `help:"help_batch_date" placeholder:"2026-10-09"`
	Dir    string `type:"path" help:"help_batch_dir"`

	Receipt string `type:"existingfile" help:"help_reserve_saw_receipt"`
}

// handedOver confirms a case that has a receipt: paid in cash or in kind, or advanced
// by the township, which is paid back through the bank.
func (c reserveConfirmCmd) handedOver(a *app, digest batch.Digest, on time.Time) error {
	receipt, err := digestOfFile(c.Receipt)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		known, err := s.Funds.CaseByNumber(ctx, s.DB.Pool(), c.Case)
		if err != nil {
			return err
		}
		if known.Form == funds.Advanced {
			r, err := s.Batch.ConfirmAdvance(ctx, c.Case, digest, receipt, on)
			return c.released(ctx, a, s, r, err)
		}
		r, err := s.Batch.ConfirmHandover(ctx, c.Case, digest, receipt)
		if err != nil {
			return err
		}
		return a.Result(releasedView(r), func(w io.Writer) {
			a.say(w, r.Replay, "reserve.out.handed_over", "case", c.Case, "amount", r.Amount.Grouped(), "receipt", hex.EncodeToString(receipt))
		})
	})
}

// released writes the file of a case that was released to a bank.
func (c reserveConfirmCmd) released(ctx context.Context, a *app, s *services, r batch.ReleasedFiles, err error) error {
	if err != nil {
		return err
	}
	if _, err := s.Batch.WriteFiles(ctx, r.Batch.Code, a.filesDir(c.Dir)); err != nil {
		return err
	}
	return a.Result(releasedView(r), func(w io.Writer) {
		a.say(w, r.Replay, "reserve.out.confirmed", "case", c.Case, "amount", r.Amount.Grouped())
		a.printFiles(w, r.Files)
	})
}

// Run confirms a case, releases it and writes its file.
func (c reserveConfirmCmd) Run(a *app) error {
	digest, err := batch.ParseDigest(c.Digest)
	if err != nil {
		return err
	}
	on, err := a.dayOr(c.Date)
	if err != nil {
		return err
	}
	if c.Receipt != "" {
		return c.handedOver(a, digest, on)
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		r, err := s.Batch.ConfirmDraw(ctx, c.Case, digest, on)
		return c.released(ctx, a, s, r, err)
	})
}

// reserveDocumentCmd records that the write-up of a case is complete.
type reserveDocumentCmd struct {
	Case string `arg:"" help:"help_reserve_case"`
}

// Run records it.
func (c reserveDocumentCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Funds.DocumentCase(ctx, c.Case)
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) { _, _ = fmt.Fprintln(w, a.T("reserve.documented", "case", c.Case)) })
	})
}
