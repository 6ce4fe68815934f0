package main

import (
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/audit"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
	"fenlu/trace"
)

// reportIndicatorsCmd is `fenlu report indicators`.
type reportIndicatorsCmd struct {
	periodFlags
	Area  string `required:"" help:"help_report_area"`
	Until string `placeholder:"2026-10-31" help:"help_report_until"`
	sheetFlag
}

// Run prints the indicators of a year or half of it.
func (c reportIndicatorsCmd) Run(a *app) error {
	from, to, err := trace.ReportDays(c.Year, c.Half)
	if err == nil && c.Until != "" {
		to, err = parseDay(c.Until)
	}
	if err != nil {
		return err
	}
	area := funds.Area12(c.Area)
	return c.listing(a, "indicators", func(s *services, tx pgx.Tx) (fundList, error) {
		given, err := standardShare(a, tx, area, to)
		if err != nil {
			return fundList{}, err
		}
		list, err := s.Audit.Indicators(a.ctx, tx, audit.Period{Area: area, From: from, To: to, Given: given})
		if err != nil {
			return fundList{}, err
		}
		names, err := s.words(a.ctx, tx, nil)
		return indicatorList(list, names, map[string]any{"from": dayText(from), "to": dayText(to), "area": area, "indicators": list}), err
	})
}

// standardShare is the average standard of 低保 beside the minimum wage.
func standardShare(a *app, tx pgx.Tx, area string, on time.Time) ([]audit.Measure, error) {
	book, err := benefits.LoadBook(a.ctx, tx)
	if err != nil {
		return nil, err
	}
	average, wage, err := book.AverageStandard("DB", area, audit.Within(area), terms.MonthOf(on))
	if err != nil || wage == 0 {
		return nil, err
	}
	share, err := audit.ShareOf(int64(average), int64(wage))
	return []audit.Measure{{Name: "standard", Of: "DB", Unit: rules.AmountMonth, Amount: average},
		{Name: "wage_share", Of: "DB", Unit: rules.Rate, Rate: share, Compare: rules.IndicatorWageShare}}, err
}

func indicatorList(list []audit.Indicator, names words, value map[string]any) fundList {
	return fundList{"report.indicators", value,
		[]string{"ind_name", "ind_of", ">value", "unit", ">ind_target", "ind_met", "doc", "clause", "ind_quote"},
		func(lang i18n.Lang) [][]string {
			rows := make([][]string, len(list))
			for i, n := range list {
				of := names.program(n.Of, lang)
				if of == n.Of {
					of = i18n.Term(lang, "level", n.Of)
				}
				target := n.Target
				if target != "" {
					target = n.Operator + " " + target
				}
				rows[i] = []string{i18n.T(lang, "audit.indicator."+n.Name), of, n.Value, n.Unit.Name(lang), target, i18n.Term(lang, "audit.met", n.Met), n.Document, n.Clause, n.Quote}
			}
			return rows
		}}
}
