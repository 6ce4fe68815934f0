package main

import (
	"github.com/jackc/pgx/v5"

	"fenlu/trace"
)

// reportCmd is `fenlu report`: what goes to the authorities above.
type reportCmd struct {
	Statement  reportStatementCmd  `cmd:"" help:"help_report_statement"`
	Indicators reportIndicatorsCmd `cmd:"" help:"help_report_indicators"`
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
