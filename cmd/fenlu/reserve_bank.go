package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/money"
)

// reserveAccountCmd records the bank account of a township's reserve.
type reserveAccountCmd struct {
	Township string `arg:"" help:"help_reserve_township"`
	Account  string `required:"" help:"help_reserve_account_number"`
	Holder   string `required:"" help:"help_reserve_account_holder"`
	Agent    string `required:"" placeholder:"402991300034" help:"help_reserve_account_agent"`
	Document string `required:"" help:"help_reserve_account_document"`
	OpenedOn string `required:"" name:"opened-on" placeholder:"2026-01-08" help:"help_reserve_account_opened"`
}

// Run records it and opens its channel.
func (c reserveAccountCmd) Run(a *app) error {
	on, err := parseDay(c.OpenedOn)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, replay, err := s.Batch.OpenTownshipAccount(ctx, batch.NewTownshipAccount{Township: c.Township, Account: c.Account, Holder: c.Holder, Agent: c.Agent,
			Document: c.Document, OpenedOn: on})
		if err != nil {
			return err
		}
		view := struct {
			funds.TownshipAccount
			Replay bool `json:"replay"`
		}{done, replay}
		return a.Result(view, func(w io.Writer) {
			a.say(w, replay, "reserve.out.account", "township", c.Township, "holder", done.Holder, "channel", done.Channel)
		})
	})
}

// reserveArrivedCmd settles a transfer by what a township's statement says.
type reserveArrivedCmd struct {
	Number   string `arg:"" help:"help_reserve_number"`
	Township string `required:"" help:"help_reserve_statement_of"`
	Entry    string `placeholder:"12:3" help:"help_reserve_entry"`
}

// Run settles it.
func (c reserveArrivedCmd) Run(a *app) error {
	place, err := placeOf(c.Entry)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Funds.ConfirmTransfer(ctx, funds.ConfirmTransfer{Number: c.Number, Township: c.Township, Entry: place})
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) {
			a.say(w, done.Replay, "reserve.out.arrived", "number", done.Number, "township", c.Township, "amount", done.Amount.Grouped(), "entry", done.Entry.Place())
		})
	})
}

// placeOf is an entry as it was typed; nothing for none.
func placeOf(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	return funds.ParsePlace(text)
}

// reserveInterestCmd registers what a township's account earned.
type reserveInterestCmd struct {
	Township string `arg:"" help:"help_reserve_statement_of"`
	Number   string `required:"" help:"help_reserve_interest_number"`
	Entry    string `required:"" placeholder:"12:3" help:"help_reserve_entry"`
}

// Run registers it as a receipt to remit.
func (c reserveInterestCmd) Run(a *app) error {
	place, err := placeOf(c.Entry)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		r, err := s.Funds.RegisterReserveInterest(ctx, funds.ReserveInterest{Township: c.Township, Number: c.Number, Entry: place})
		if err != nil {
			return err
		}
		return a.Result(r, func(w io.Writer) {
			a.say(w, r.Replay, "reserve.out.interest", "number", r.Number, "amount", r.Amount.Grouped(), "due", r.DueOn.Format(time.DateOnly))
		})
	})
}

// reserveTransfersCmd lists the cash of reserves that is in transit.
type reserveTransfersCmd struct {
	All bool `help:"help_reserve_transfers_all"`
	sheetFlag
}

// Run lists what no statement shows yet, or all.
func (c reserveTransfersCmd) Run(a *app) error {
	return c.listing(a, "transfers", func(s *services, tx pgx.Tx) (fundList, error) {
		found, err := s.Funds.Transfers(a.ctx, tx, c.All)
		if err != nil {
			return fundList{}, err
		}
		var towns []string
		for _, t := range found {
			towns = append(towns, t.From, t.To)
		}
		names, err := s.words(a.ctx, tx, towns)
		return fundList{"reserve.transfers.title", map[string]any{"transfers": orNone(found)}, transferHeads, func(lang i18n.Lang) [][]string {
			rows := make([][]string, len(found))
			for i, t := range found {
				rows[i] = transferRow(lang, names, t)
			}
			return rows
		}}, err
	})
}

var transferHeads = []string{"number", "transfer_from", "transfer_to", ">amount", "transfer_issued", "transfer_left", "transfer_arrived"}

func transferRow(lang i18n.Lang, names words, t funds.CashTransfer) []string {
	end := func(code string) string {
		if code == "" {
			return i18n.T(lang, "reserve.transfer.county")
		}
		return names.area(code)
	}
	return []string{t.Number, end(t.From), end(t.To), t.Amount.Grouped(), t.IssuedOn.Format(time.DateOnly), dayOrNone(t.LeftOn), dayOrNone(t.ArrivedOn)}
}

func dayOrNone(on *time.Time) string {
	if on == nil {
		return ""
	}
	return on.Format(time.DateOnly)
}

// reserveReconcileCmd compares reserves that are cash with the statements of their accounts.
type reserveReconcileCmd struct {
	Township string `help:"help_reserve_only"`
}

// Run shows the two sides of each account and what they do not have in common.
func (c reserveReconcileCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (bankSides, error) {
		found, err := s.Funds.ReconcileReserves(a.ctx, tx, c.Township)
		return bankSides{Accounts: orNone(found)}, err
	})
}

// bankSides is the JSON of `fenlu reserve reconcile`.
type bankSides struct {
	Accounts []funds.BankSide `json:"accounts"`
}

// Text prints one account after the other.
func (b bankSides) Text(w io.Writer, lang i18n.Lang) error {
	if len(b.Accounts) == 0 {
		_, err := fmt.Fprintln(w, i18n.T(lang, "reserve.bank.none"))
		return err
	}
	for _, side := range b.Accounts {
		if err := printBankSide(w, lang, side); err != nil {
			return err
		}
	}
	return nil
}

func printBankSide(w io.Writer, lang i18n.Lang, b funds.BankSide) error {
	until := "—"
	if b.ReadUntil != nil {
		until = b.ReadUntil.Format(time.DateOnly)
	}
	t := table.New(i18n.T(lang, "reserve.bank.title", "township", townshipName(b.Name, b.Township), "holder", b.Holder), table.Left(""), table.Right(i18n.T(lang, "books.head.amount")))
	for _, row := range []struct {
		name   string
		amount money.Fen
	}{
		{"reserve", b.Reserve}, {"arriving", -b.Arriving}, {"leaving", b.Leaving}, {"unsettled", b.Unsettled}, {"interest", b.Interest}, {"expected", b.Expected},
		{"statement", b.Statement}, {"difference", b.Difference},
	} {
		t.Add(i18n.T(lang, "reserve.bank."+row.name, "until", until), row.amount.Grouped())
	}
	if err := t.Write(w); err != nil {
		return err
	}
	for _, x := range b.Transfers {
		_, _ = fmt.Fprintln(w, i18n.T(lang, "reserve.bank.transit", "number", x.Number, "amount", x.Amount.Grouped(), "since", x.IssuedOn.Format(time.DateOnly)))
	}
	for _, e := range b.Entries {
		code := "reserve.bank.debit"
		if e.Credit {
			code = "reserve.bank.credit"
		}
		_, _ = fmt.Fprintln(w, i18n.T(lang, code, "entry", e.Place(), "name", e.Name, "line", e.Line, "amount", e.Amount.Grouped(), "date", dayOrNone(e.BookedOn), "text", e.Text))
	}
	if b.Agrees() {
		_, _ = fmt.Fprintln(w, i18n.T(lang, "reserve.bank.agrees"))
	}
	return nil
}
