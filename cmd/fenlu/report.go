package main

import (
	"strconv"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/i18n"
	"fenlu/trace"
)

// reportCmd is `fenlu report`: what goes to the authorities above.
type reportCmd struct {
	Statement  reportStatementCmd  `cmd:"" help:"help_report_statement"`
	Indicators reportIndicatorsCmd `cmd:"" help:"help_report_indicators"`
	Feed       reportFeedCmd       `cmd:"" help:"help_report_feed"`
	Register   reportRegisterCmd   `cmd:"" help:"help_report_register"`
	Valued     reportValuedCmd     `cmd:"" help:"help_report_valued"`
}

// periodFlags say which half year or year a report is about.
type periodFlags struct {
	Year int `required:"" placeholder:"2026" help:"help_report_year"`
	Half int `placeholder:"1" help:"help_report_half"`
}

type reportStatementCmd struct {
	periodFlags
	sheetFlag
}

// Run prints the statement of a year or half of it.
func (c reportStatementCmd) Run(a *app) error {
	from, to, err := trace.ReportDays(c.Year, c.Half)
	if err != nil {
		return err
	}
	return tell(a, func(_ *services, tx pgx.Tx) (trace.FundReport, error) {
		r, err := trace.FundReportOf(a.ctx, tx, from, to)
		if err != nil {
			return r, err
		}
		return r, c.write(a, "statement", r)
	})
}

type reportFeedCmd struct {
	Month string `required:"" placeholder:"2026-10" help:"help_report_month"`
	After int64  `help:"help_report_after"`
	Limit int    `default:"500" help:"help_report_limit"`
	sheetFlag
}

// Run prints a page of lines with their state.
func (c reportFeedCmd) Run(a *app) error {
	if _, err := terms.ParseMonth(c.Month); err != nil {
		return err
	}
	return tell(a, func(s *services, tx pgx.Tx) (trace.Feed, error) {
		f, err := s.Trace.Feed(a.ctx, tx, c.Month, c.After, c.Limit)
		if err != nil {
			return f, err
		}
		return f, c.write(a, "feed", f)
	})
}

type reportRegisterCmd struct {
	Program string `arg:"" help:"help_report_program"`
	From    string `placeholder:"2026-01" help:"help_report_register_from"`
	To      string `placeholder:"2026-12" help:"help_report_register_to"`
	sheetFlag
}

// Run prints the register of a program.
func (c reportRegisterCmd) Run(a *app) error {
	now := terms.MonthOf(clock.Date(a.clock.Now()))
	from, err := monthOr(c.From, now.Add(1-monthsShown))
	if err != nil {
		return err
	}
	to, err := monthOr(c.To, now)
	if err != nil {
		return err
	}
	return tell(a, func(s *services, tx pgx.Tx) (trace.Register, error) {
		r, err := s.Trace.Register(a.ctx, tx, c.Program, from.String(), to.String())
		if err != nil {
			return r, err
		}
		return r, c.write(a, "register", r)
	})
}

// monthsShown are the months of a register, unless others are asked for.
const monthsShown = 12

func monthOr(text string, other terms.Month) (terms.Month, error) {
	if text == "" {
		return other, nil
	}
	return terms.ParseMonth(text)
}

type reportValuedCmd struct {
	periodFlags
	sheetFlag
}

// Run lists the aid of a year or half of it that was no money.
func (c reportValuedCmd) Run(a *app) error {
	from, to, err := trace.ReportDays(c.Year, c.Half)
	if err != nil {
		return err
	}
	return c.listing(a, "valued", func(s *services, tx pgx.Tx) (fundList, error) {
		list, err := s.Entitlements.ValuedIn(a.ctx, tx, from, to)
		return fundList{"report.valued", map[string]any{"aid": orNone(list)},
			[]string{"id", "date", "val_form", "val_scheme", "rep_level", "name", "number", "val_what", ">val_quantity", ">amount", "doc"},
			func(lang i18n.Lang) [][]string {
				rows := make([][]string, len(list))
				for i, v := range list {
					rows[i] = []string{v.Number, dayText(v.GivenOn), i18n.Term(lang, "valued_form", string(v.Form)), v.Scheme, v.Source.Name(lang), v.Name, v.Masked,
						v.What, strconv.FormatInt(v.Quantity, 10), v.Value.Grouped(), v.Document}
				}
				return rows
			}}, err
	})
}
