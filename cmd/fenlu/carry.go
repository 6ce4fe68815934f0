package main

import (
	"context"
	"io"

	"fenlu/auth"
	"fenlu/disbursement/funds"
)

// carryCmd is `fenlu carry-over`: what is unspent of a year goes into the next.
type carryCmd struct {
	Year     int    `arg:"" help:"help_carry_over_year"`
	Number   string `required:"" help:"help_carry_over_number"`
	Title    string `required:"" help:"help_carry_over_title"`
	IssuedOn string `required:"" name:"issued-on" placeholder:"2026-12-31" help:"help_carry_over_issued"`
}

// Run carries the year over.
func (c carryCmd) Run(a *app) error {
	issued, err := parseDay(c.IssuedOn)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Funds.CarryOver(ctx, funds.CarryOver{Year: c.Year, Number: c.Number, Title: c.Title, IssuedOn: issued})
		if err != nil {
			return err
		}
		return a.Result(done, func(io.Writer) {
			a.Println(a.T("books.carried", "number", done.Number, "lines", done.Lines, "amount", done.Amount.Grouped()))
		})
	})
}
