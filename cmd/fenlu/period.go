package main

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/ledger/books"
)

// periodCmd is `fenlu period`: the accounting periods.
type periodCmd struct {
	Close   periodCloseCmd   `cmd:"" help:"help_period_close"`
	Reopen  periodReopenCmd  `cmd:"" help:"help_period_reopen"`
	Confirm periodConfirmCmd `cmd:"" help:"help_period_confirm"`
	Reject  periodRejectCmd  `cmd:"" help:"help_period_reject"`
	Status  periodStatusCmd  `cmd:"" help:"help_period_status"`
}

// periodArg names a period.
type periodArg struct {
	Period string `arg:"" placeholder:"2026-10" help:"help_period_period"`
}

// reasonFlag says why.
type reasonFlag struct {
	Reason string `required:"" help:"help_period_reason"`
}

type periodCloseCmd struct {
	periodArg
	reasonFlag
}

type periodReopenCmd struct {
	periodArg
	reasonFlag
}

type periodConfirmCmd struct{ periodArg }

type periodRejectCmd struct {
	periodArg
	reasonFlag
}

// Run proposes to close a period.
func (c periodCloseCmd) Run(a *app) error {
	return a.onPeriod(func(ctx context.Context, s *services) (books.Act, error) {
		return s.Books.ProposeClose(ctx, books.Period(c.Period), c.Reason)
	})
}

// Run proposes to open a period again.
func (c periodReopenCmd) Run(a *app) error {
	return a.onPeriod(func(ctx context.Context, s *services) (books.Act, error) {
		return s.Books.ProposeReopen(ctx, books.Period(c.Period), c.Reason)
	})
}

// Run does what another person proposed.
func (c periodConfirmCmd) Run(a *app) error {
	return a.onPeriod(func(ctx context.Context, s *services) (books.Act, error) {
		return s.Books.Confirm(ctx, books.Period(c.Period))
	})
}

// Run ends a proposal without doing it.
func (c periodRejectCmd) Run(a *app) error {
	return a.onPeriod(func(ctx context.Context, s *services) (books.Act, error) {
		return s.Books.RejectProposal(ctx, books.Period(c.Period), c.Reason)
	})
}

func (a *app) onPeriod(do func(context.Context, *services) (books.Act, error)) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		act, err := do(ctx, s)
		if err != nil {
			return err
		}
		return a.Result(act, func(io.Writer) {
			a.Println(a.T("period.done."+string(act.Kind), "period", act.Period, "actor", act.Actor, "journals", act.Journals, "amount", act.Amount.Grouped()))
		})
	})
}

// periodStatusCmd tells the story of a period.
type periodStatusCmd struct{ periodArg }

// Run lists what was decided about a period.
func (c periodStatusCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		var acts []books.Act
		err := s.DB.Read(a.ctx, func(tx pgx.Tx) (err error) {
			acts, err = books.Acts(a.ctx, tx, books.Period(c.Period))
			return err
		})
		if err != nil {
			return err
		}
		view := struct {
			Period string      `json:"period"`
			Acts   []books.Act `json:"acts"`
		}{c.Period, append([]books.Act{}, acts...)}
		return a.Result(view, func(w io.Writer) { a.printActs(w, acts) })
	})
}

func (a *app) printActs(w io.Writer, acts []books.Act) {
	t := table.New("", table.Left(a.T("period.head.at")), table.Left(a.T("period.head.act")), table.Left(a.T("period.head.actor")),
		table.Left(a.T("period.head.reason")), table.Right(a.T("period.head.journals")), table.Right(a.T("period.head.amount")))
	for _, act := range acts {
		t.Add(act.DecidedAt.In(clock.Shanghai).Format(time.DateTime), i18n.Term(a.Lang, "period.act", string(act.Kind)), act.Actor, act.Reason,
			strconv.FormatInt(act.Journals, 10), act.Amount.Grouped())
	}
	_ = t.Write(w)
}

// openBatches are the batches that keep a month from closing.
type openBatches struct{}

// OpenIn lists batches of the month or before whose money is out and which are
// not closed.
func (openBatches) OpenIn(ctx context.Context, q db.Querier, p books.Period) ([]books.Open, error) {
	months, err := p.Months()
	if err != nil {
		return nil, err
	}
	open, err := batch.Unclosed(ctx, q, months[len(months)-1])
	var out []books.Open
	for _, b := range open {
		out = append(out, books.Open{What: "PERIOD_OPEN_BATCH", Code: b.Code, Amount: b.Amount})
	}
	return out, err
}

// openLines are the budget lines that keep a year from closing.
type openLines struct{}

// OpenIn lists budget lines of the year with money that is not carried over.
func (openLines) OpenIn(ctx context.Context, q db.Querier, p books.Period) ([]books.Open, error) {
	if !p.IsYear() {
		return nil, nil
	}
	year, err := strconv.Atoi(string(p))
	if err != nil {
		return nil, err
	}
	left, err := funds.Unspent(ctx, q, year)
	var out []books.Open
	for _, l := range left {
		out = append(out, books.Open{What: "PERIOD_OPEN_LINE", Code: strconv.Itoa(int(l.BudgetLine)), Amount: l.Amount})
	}
	return out, err
}
