package main

import (
	"context"
	"io"
	"strconv"
	"strings"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/ledger"
	"fenlu/money"
)

// batchReviewCmd signs a list on the way to its approval.
type batchReviewCmd struct {
	Code    string `arg:"" help:"help_batch_code"`
	Digest  string `required:"" help:"help_batch_digest"`
	Comment string `help:"help_batch_comment"`
}

// Run signs the list for the stage whose turn it is.
func (c batchReviewCmd) Run(a *app) error {
	digest, err := batch.ParseDigest(c.Digest)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		r, err := s.Batch.Review(ctx, c.Code, digest, c.Comment)
		if err != nil {
			return err
		}
		return a.Result(r, func(w io.Writer) {
			a.say(w, r.Replay, "batch.out.reviewed", "code", r.Batch.Code, "stage", stageTitle(a.Lang, r.Stage), "left", r.Left)
			if r.Next != nil {
				a.say(w, false, "batch.out.review_next", "stage", stageTitle(a.Lang, *r.Next), "office", r.Next.Office)
			}
		})
	})
}

func stageTitle(lang i18n.Lang, g batch.Stage) string {
	if g.Title != "" {
		return g.Title
	}
	return i18n.Term(lang, "batch.step", string(g.Step))
}

// batchSplitCmd parts a list in two.
type batchSplitCmd struct {
	Code   string  `arg:"" help:"help_batch_code"`
	Into   string  `required:"" help:"help_batch_split_into"`
	Lines  []int32 `required:"" help:"help_batch_lines"`
	Reason string  `required:"" help:"help_batch_reason"`
}

// Run parts the lines named into a list of their own.
func (c batchSplitCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		r, err := s.Batch.Split(ctx, c.Code, c.Into, c.Lines, c.Reason)
		if err != nil {
			return err
		}
		return a.Result(r, func(w io.Writer) {
			a.say(w, r.Replay, "batch.out.split", "code", r.Batch.Code, "lines", r.Batch.Lines, "amount", r.Batch.Amount.Grouped(),
				"into", r.Parted.Code, "parted", r.Parted.Lines, "parted_amount", r.Parted.Amount.Grouped())
		})
	})
}

// batchVoucherCmd records payment vouchers and shows what they cover.
type batchVoucherCmd struct {
	Code       string `arg:"" help:"help_batch_code"`
	Number     string `help:"help_batch_voucher_number"`
	Date       string `placeholder:"2026-10-09" help:"help_batch_voucher_date"`
	BudgetLine int32  `name:"budget-line" help:"help_books_budget_line"`
	Amount     string `xor:"do" help:"help_batch_voucher_amount"`
	Void       string `xor:"do" placeholder:"reason" help:"help_batch_voucher_void"`
}

// vouchersView is a batch's vouchers beside what is frozen.
type vouchersView struct {
	Batch    string          `json:"batch"`
	Recorded *batch.Voucher  `json:"recorded,omitempty"`
	Vouchers []batch.Voucher `json:"vouchers"`
	Covered  []batch.Covered `json:"covered"`
}

// Run records a voucher where a number is given, and shows them all.
func (c batchVoucherCmd) Run(a *app) error {
	if c.Number == "" {
		return a.with(func(s *services) error { return c.show(a, s, nil) })
	}
	if c.Void != "" {
		return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
			v, err := s.Batch.VoidVoucher(ctx, c.Code, c.Number, ledger.BudgetLineID(c.BudgetLine), c.Void)
			if err != nil {
				return err
			}
			return c.show(a, s, &v)
		})
	}
	amount, err := money.Parse(c.Amount)
	if err != nil {
		return errs.New(errs.Invalid, "CLI_AMOUNT", "value", c.Amount)
	}
	dated, err := a.dayOr(c.Date)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		v, err := s.Batch.AddVoucher(ctx, c.Code, batch.NewVoucher{Number: c.Number, Dated: dated, BudgetLine: ledger.BudgetLineID(c.BudgetLine), Amount: amount})
		if err != nil {
			return err
		}
		return c.show(a, s, &v)
	})
}

func (c batchVoucherCmd) show(a *app, s *services, recorded *batch.Voucher) error {
	b, err := batch.ByCode(a.ctx, s.DB.Pool(), c.Code)
	if err != nil {
		return err
	}
	view := vouchersView{Batch: b.Code, Recorded: recorded}
	if view.Vouchers, err = batch.VouchersOf(a.ctx, s.DB.Pool(), b.ID); err != nil {
		return err
	}
	if view.Covered, err = batch.CoveredBy(a.ctx, s.DB.Pool(), b.ID); err != nil {
		return err
	}
	var failed error
	return firstError(a.Result(view, func(w io.Writer) {
		t := table.New(a.T("batch.vouchers.title", "batch", b.Code), headed(a.Lang, "voucher_line", "doc", ">voucher_frozen", ">voucher_sum")...)
		for _, l := range view.Covered {
			t.Add(strconv.Itoa(int(l.BudgetLine)), l.Document, l.Frozen.Grouped(), l.Vouchers.Grouped())
		}
		failed = t.Write(w)
		for _, v := range view.Vouchers {
			if v.Voided != nil {
				a.say(w, false, "batch.vouchers.voided", "number", v.Number, "budget_line", int64(v.BudgetLine), "amount", v.Amount.Grouped(), "reason", v.Voided.Reason)
			}
		}
	}), &failed)
}

// chainsCmd lists the approval chains.
type chainsCmd struct{}

// Run lists the chains that documents set.
func (chainsCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		all, err := batch.Chains(a.ctx, s.DB.Pool())
		if err != nil {
			return err
		}
		var failed error
		return firstError(a.Result(map[string]any{"chains": all}, func(w io.Writer) {
			if len(all) == 0 {
				a.say(w, false, "chains.empty")
				return
			}
			t := table.New("", headed(a.Lang, "chain_kind", "chain_office", "due_program", "from_on", "chain_stages", "doc", "clause")...)
			for _, c := range all {
				t.Add(i18n.Term(a.Lang, "batch.chain", c.Kind), orAny(a, c.Office), orAny(a, c.Program), c.ValidFrom.Format("2006-01-02"),
					stagesText(a.Lang, c.Stages), c.Document, c.Clause)
			}
			failed = t.Write(w)
		}), &failed)
	})
}

func orAny(a *app, s string) string {
	if s == "" {
		return a.T("chains.any")
	}
	return s
}

// stagesText is "经办 → 复核 → 会签（财政局，2人） → …".
func stagesText(lang i18n.Lang, stages []batch.Stage) string {
	var names []string
	for _, g := range stages {
		name := stageTitle(lang, g)
		switch {
		case g.Office != "" && g.Persons > 1:
			name += i18n.T(lang, "chains.office_persons", "office", g.Office, "persons", g.Persons)
		case g.Office != "":
			name += i18n.T(lang, "chains.office", "office", g.Office)
		case g.Persons > 1:
			name += i18n.T(lang, "chains.persons", "persons", g.Persons)
		}
		names = append(names, name)
	}
	return strings.Join(names, " → ")
}

// channelsCmd lists the channels, or says whether one needs payment vouchers.
type channelsCmd struct {
	Code     string `arg:"" optional:"" help:"help_channels_code"`
	Vouchers string `enum:",required,none" default:"" help:"help_channels_vouchers"`
}

// Run lists the channels after changing what it is asked to.
func (c channelsCmd) Run(a *app) error {
	if c.Vouchers == "" {
		return a.with(func(s *services) error { return showChannels(a, s) })
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		if err := s.Batch.NeedVouchers(ctx, c.Code, c.Vouchers == "required"); err != nil {
			return err
		}
		return showChannels(a, s)
	})
}

func showChannels(a *app, s *services) error {
	all, err := batch.Channels(a.ctx, s.DB.Pool())
	if err != nil {
		return err
	}
	var failed error
	return firstError(a.Result(map[string]any{"channels": all}, func(w io.Writer) {
		t := table.New("", headed(a.Lang, "channel_code", "name", "channel_profile", "channel_vouchers")...)
		for _, c := range all {
			name := c.NameZH
			if a.Lang == i18n.EN {
				name = c.NameEN
			}
			needs := "no"
			if c.NeedsVoucher {
				needs = "yes"
			}
			t.Add(c.Code, name, c.Profile, i18n.Term(a.Lang, "rule.value", needs))
		}
		failed = t.Write(w)
	}), &failed)
}
