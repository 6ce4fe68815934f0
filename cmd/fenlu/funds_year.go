package main

import (
	"context"
	"io"
	"time"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/internal/errs"
	"fenlu/money"
)

// fundsCmd is `fenlu funds`: what a finance bureau does with documents and their
// money in a year.
type fundsCmd struct {
	Move      fundsMoveCmd      `cmd:"" help:"help_funds_move"`
	Arrived   fundsArrivedCmd   `cmd:"" help:"help_funds_arrived"`
	PassedOn  fundsPassedOnCmd  `cmd:"" name:"passed-on" help:"help_funds_passed_on"`
	Receipt   fundsReceiptCmd   `cmd:"" help:"help_funds_receipt"`
	Remit     fundsRemitCmd     `cmd:"" help:"help_funds_remit"`
	Cash      fundsCashCmd      `cmd:"" help:"help_funds_cash"`
	List      fundsListCmd      `cmd:"" help:"help_funds_list"`
	Receipts  fundsReceiptsCmd  `cmd:"" help:"help_funds_receipts"`
	Shortfall fundsShortfallCmd `cmd:"" help:"help_funds_shortfall"`
	Advance   fundsAdvanceCmd   `cmd:"" help:"help_funds_advance"`
	Advances  fundsAdvancesCmd  `cmd:"" help:"help_funds_advances"`
	Correct   fundsCorrectCmd   `cmd:"" help:"help_funds_correct"`
}

// fundsMoveCmd moves money between budget lines under a document.
type fundsMoveCmd struct {
	Type         string   `required:"" help:"help_funds_type"`
	Number       string   `required:"" help:"help_carveout_number"`
	Title        string   `required:"" help:"help_carveout_title"`
	IssuedOn     string   `required:"" name:"issued-on" placeholder:"2026-10-09" help:"help_carveout_issued_on"`
	Item         []string `required:"" placeholder:"12=350000.00" sep:"none" help:"help_carveout_item"`
	FunctionCode string   `name:"function-code" help:"help_funds_function_code"`
	EconomicCode string   `name:"economic-code" help:"help_funds_economic_code"`
	Office       string   `help:"help_funds_office"`
}

// Run moves the money.
func (c fundsMoveCmd) Run(a *app) error {
	issued, err := parseDay(c.IssuedOn)
	if err != nil {
		return err
	}
	kind, ok := funds.ParseMoveType(c.Type)
	if !ok {
		return errs.New(errs.Invalid, "FUNDS_MOVE_TYPE", "type", c.Type)
	}
	cmd := funds.MoveMoney{Type: kind, Number: c.Number, Title: c.Title, IssuedOn: issued}
	for _, text := range c.Item {
		item, err := parseItem(text, "")
		if err != nil {
			return err
		}
		cmd.Items = append(cmd.Items, funds.MoveItem{BudgetLine: item.BudgetLine, Amount: item.Amount, FunctionCode: c.FunctionCode,
			EconomicCode: c.EconomicCode, Office: c.Office})
	}
	return funding(a, func(ctx context.Context, s *services) (told[funds.Moved], error) {
		done, err := s.Funds.Move(ctx, cmd)
		return told[funds.Moved]{done, a.replayOr(done.Replay, "funds.moved", "number", done.Number, "lines", done.Lines, "amount", done.Amount.Grouped())}, err
	})
}

// told is a result with the sentence that people read.
type told[T any] struct {
	value    T
	sentence string
}

// funding runs a command of somebody with a right and prints what it did.
func funding[T any](a *app, do func(context.Context, *services) (told[T], error)) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := do(ctx, s)
		if err != nil {
			return err
		}
		return a.Result(done.value, func(io.Writer) { a.Println(done.sentence) })
	})
}

func (a *app) replayOr(replay bool, code string, args ...any) string {
	if replay {
		code = "funds.replay"
	}
	return a.T(code, args...)
}

// fundsArrivedCmd records cash that arrived.
type fundsArrivedCmd struct {
	Number  string `arg:"" help:"help_carveout_number"`
	Line    int    `default:"1" help:"help_funds_line"`
	Voucher string `required:"" help:"help_funds_voucher"`
	On      string `required:"" placeholder:"2026-10-09" help:"help_funds_on"`
	Amount  string `required:"" help:"help_funds_amount"`
}

// Run records the instalment.
func (c fundsArrivedCmd) Run(a *app) error {
	on, amount, err := dayAndAmount(c.On, c.Amount)
	if err != nil {
		return err
	}
	return funding(a, func(ctx context.Context, s *services) (told[funds.Arrived], error) {
		done, err := s.Funds.RecordArrival(ctx, funds.Arrival{Number: c.Number, LineNo: c.Line, Voucher: c.Voucher, ArrivedOn: on, Amount: amount})
		return told[funds.Arrived]{done, a.replayOr(done.Replay, "funds.arrived", "number", c.Number, "arrived", done.Arrived.Grouped(),
			"unfunded", done.Unfunded.Grouped())}, err
	})
}

func dayAndAmount(on, amount string) (time.Time, money.Fen, error) {
	at, err := parseDay(on)
	if err != nil {
		return at, 0, err
	}
	fen, err := money.Parse(amount)
	if err != nil {
		return at, 0, errs.New(errs.Invalid, "CLI_AMOUNT", "value", amount)
	}
	return at, fen, nil
}

// fundsPassedOnCmd records when a document was passed on.
type fundsPassedOnCmd struct {
	Number string `arg:"" help:"help_carveout_number"`
	On     string `required:"" placeholder:"2026-10-09" help:"help_funds_on"`
}

// Run records the day.
func (c fundsPassedOnCmd) Run(a *app) error {
	on, err := parseDay(c.On)
	if err != nil {
		return err
	}
	return funding(a, func(ctx context.Context, s *services) (told[map[string]string], error) {
		err := s.Funds.PassOn(ctx, c.Number, on)
		return told[map[string]string]{map[string]string{"number": funds.NormalNumber(c.Number), "passed_on": c.On},
			a.T("funds.passed_on", "number", c.Number, "date", c.On)}, err
	})
}

// fundsReceiptCmd registers money that has to be remitted.
type fundsReceiptCmd struct {
	Number string `arg:"" help:"help_funds_receipt_number"`
	Kind   string `enum:"interest,fine,other" default:"interest" help:"help_funds_receipt_kind"`
	Amount string `required:"" help:"help_funds_amount"`
	On     string `required:"" placeholder:"2026-10-09" help:"help_funds_on"`
	Payer  string `help:"help_funds_receipt_payer"`
	Area   string `required:"" help:"help_carveout_area"`
}

// Run registers the receipt.
func (c fundsReceiptCmd) Run(a *app) error {
	on, amount, err := dayAndAmount(c.On, c.Amount)
	if err != nil {
		return err
	}
	return funding(a, func(ctx context.Context, s *services) (told[funds.ReceiptView], error) {
		done, err := s.Funds.RegisterReceipt(ctx, funds.Receipt{Number: c.Number, Kind: funds.ReceiptKind(c.Kind), ReceivedOn: on, Payer: c.Payer,
			Amount: amount, Area: c.Area})
		return told[funds.ReceiptView]{done, a.replayOr(done.Replay, "funds.receipt", "number", c.Number, "amount", done.Amount.Grouped(),
			"due", done.DueOn.Format(time.DateOnly))}, err
	})
}

// fundsRemitCmd records that a receipt was remitted.
type fundsRemitCmd struct {
	Receipt string `arg:"" help:"help_funds_receipt_number"`
	Number  string `required:"" help:"help_funds_remit_number"`
	On      string `required:"" placeholder:"2026-10-09" help:"help_funds_on"`
	Amount  string `default:"0" help:"help_funds_remit_amount"`
}

// Run records the remittance.
func (c fundsRemitCmd) Run(a *app) error {
	on, amount, err := dayAndAmount(c.On, c.Amount)
	if err != nil {
		return err
	}
	return funding(a, func(ctx context.Context, s *services) (told[funds.ReceiptView], error) {
		done, err := s.Funds.RemitReceipt(ctx, funds.Remit{Receipt: c.Receipt, Number: c.Number, RemittedOn: on, Amount: amount})
		return told[funds.ReceiptView]{done, a.replayOr(done.Replay, "funds.remitted", "number", c.Number, "receipt", c.Receipt,
			"remitted", done.Remitted.Grouped(), "open", done.Open.Grouped())}, err
	})
}
