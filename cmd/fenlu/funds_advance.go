package main

import (
	"context"
	"io"
	"strconv"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
)

// fundsAdvanceCmd records a decision that one level may advance money for another.
type fundsAdvanceCmd struct {
	Number   string `arg:"" help:"help_carveout_number"`
	Title    string `required:"" help:"help_carveout_title"`
	IssuedOn string `required:"" name:"issued-on" placeholder:"2026-10-09" help:"help_carveout_issued_on"`
	Program  string `required:"" help:"help_funds_advance_program"`
	Payer    string `required:"" placeholder:"county" help:"help_funds_advance_payer"`
	Owing    string `required:"" placeholder:"province" help:"help_funds_advance_owing"`
	Amount   string `required:"" help:"help_funds_amount"`
	Until    string `required:"" placeholder:"2026-12-31" help:"help_funds_advance_until"`
}

// Run records the decision.
func (c fundsAdvanceCmd) Run(a *app) error {
	issued, amount, err := dayAndAmount(c.IssuedOn, c.Amount)
	if err != nil {
		return err
	}
	until, err := parseDay(c.Until)
	if err != nil {
		return err
	}
	payer, known := terms.ParseLevel(c.Payer)
	owing, also := terms.ParseLevel(c.Owing)
	if !known || !also {
		return errs.New(errs.Invalid, "BATCH_ADVANCE_LEVELS", "payer", c.Payer, "owing", c.Owing)
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Batch.DecideAdvance(ctx, batch.NewAdvance{Number: c.Number, Title: c.Title, IssuedOn: issued, Program: c.Program,
			Payer: payer, Owing: owing, Amount: amount, Until: until})
		if err != nil {
			return err
		}
		return a.Result(done, func(io.Writer) {
			a.Println(a.replayOr(done.Replay, "funds.advance_decided", "number", done.Number, "program", done.Program, "payer", payer.Name(a.Lang),
				"owing", owing.Name(a.Lang), "amount", done.Amount.Grouped(), "until", c.Until))
		})
	})
}

// fundsAdvancesCmd lists what is owed for what was advanced.
type fundsAdvancesCmd struct {
	Area string `required:"" help:"help_carveout_area"`
	AsOf string `name:"as-of" placeholder:"2026-12-31" help:"help_funds_as_of"`
	All  bool   `help:"help_funds_advances_all"`
	sheetFlag
}

// Run lists it.
func (c fundsAdvancesCmd) Run(a *app) error {
	asOf, err := a.dayOr(c.AsOf)
	if err != nil {
		return err
	}
	return c.listing(a, "advances", func(_ *services, tx pgx.Tx) (fundList, error) {
		list, err := batch.Advances(a.ctx, tx, c.Area, asOf, c.All)
		return fundList{"funds.advances.title", list,
			[]string{"adv_owing", "adv_payer", "adv_number", ">adv_advanced", ">adv_repaid", ">adv_owed", "adv_since", ">adv_age", "fund_due", "fund_flag"},
			func(lang i18n.Lang) [][]string {
				rows := make([][]string, len(list.Items))
				for i, o := range list.Items {
					rows[i] = owedRow(lang, o)
				}
				return rows
			}}, err
	})
}

func owedRow(lang i18n.Lang, o batch.Owed) []string {
	since, due, age, flag := "", "", "", ""
	if o.Owed > 0 {
		since, due, age = dayText(o.Since), dayText(o.DueOn), strconv.Itoa(o.Days)
	}
	switch {
	case o.Overdue:
		flag = i18n.Term(lang, "funds.flag", funds.FlagOverdue)
	case o.Owed == 0 && o.Repaid > 0:
		flag = i18n.Term(lang, "funds.flag", "repaid")
	}
	return []string{o.Owing.Name(lang), o.Payer.Name(lang), o.Number, o.Advanced.Grouped(), o.Repaid.Grouped(), o.Owed.Grouped(), since, age, due, flag}
}

// fundsCorrectCmd lets money that arrived pay what was advanced, takes such a
// correction back, or lets it take the place of other money in a batch.
type fundsCorrectCmd struct {
	Number   string `arg:"" help:"help_carveout_number"`
	Title    string `required:"" help:"help_carveout_title"`
	IssuedOn string `required:"" name:"issued-on" placeholder:"2026-10-09" help:"help_carveout_issued_on"`
	Advance  string `help:"help_funds_correct_advance"`
	Arrived  string `help:"help_funds_correct_arrived"`
	Undo     string `help:"help_funds_correct_undo"`
	Amount   string `help:"help_funds_correct_amount"`
	Batch    string `help:"help_funds_correct_batch"`
	Freed    string `help:"help_funds_correct_freed"`
	Place    string `enum:"frozen,in_transit,paid,returned," default:"" help:"help_funds_correct_place"`
}

// Run corrects the payments.
func (c fundsCorrectCmd) Run(a *app) error {
	issued, err := parseDay(c.IssuedOn)
	if err != nil {
		return err
	}
	n := batch.NewCorrection{Number: c.Number, Title: c.Title, IssuedOn: issued, Advance: c.Advance, Arrived: c.Arrived, Undoes: c.Undo}
	if c.Amount != "" {
		amount, err := money.Parse(c.Amount)
		if err != nil || amount <= 0 {
			return errs.New(errs.Invalid, "CLI_AMOUNT", "value", c.Amount)
		}
		n.Amount = amount
	}
	if c.Batch != "" && c.Advance+c.Undo != "" || c.Batch == "" && c.Freed+c.Place != "" {
		return errs.New(errs.Invalid, "BATCH_CORRECT_WHAT")
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		if c.Batch != "" {
			return c.ofBatch(ctx, a, s, n)
		}
		done, err := s.Batch.Correct(ctx, n)
		if err != nil {
			return err
		}
		return a.Result(done, func(io.Writer) {
			a.Println(a.replayOr(done.Replay, "funds.corrected", "number", done.Number, "lines", done.Lines, "amount", done.Amount.Grouped(),
				"owed", done.Owed.Grouped()))
		})
	})
}

// ofBatch lets money that arrived take the place of other money in a batch.
func (c fundsCorrectCmd) ofBatch(ctx context.Context, a *app, s *services, n batch.NewCorrection) error {
	done, err := s.Batch.CorrectPayments(ctx, batch.NewPaymentCorrection{Number: n.Number, Title: n.Title, IssuedOn: n.IssuedOn, Batch: c.Batch,
		Freed: c.Freed, Arrived: n.Arrived, Place: ledger.AccountKind(c.Place), Amount: n.Amount})
	if err != nil {
		return err
	}
	return a.Result(done, func(io.Writer) {
		a.Println(a.replayOr(done.Replay, "funds.corrected_batch", "number", done.Number, "batch", c.Batch, "lines", done.Lines, "amount", done.Amount.Grouped(),
			"freed", c.Freed, "arrived", done.Arrived))
	})
}
