package trace

import (
	"io"

	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/money"
)

var (
	sourceHeads = []string{"rep_level", "fund_fund", ">opening", ">fund_brought", ">fund_withdrawn", ">rep_set_aside", ">rep_reserves", ">rep_persons", ">rep_units",
		">rep_back", ">rep_gone", ">rep_left"}
	paymentsHeads = []string{"due_program", "rep_level", "fund_fund", "pc_month", ">rep_persons", ">rep_units", ">rep_back", ">rep_people", ">rep_households"}
	reportHeads   = []string{"due_program", "pc_month", "rep_level", "fund_fund", ">opening", ">fund_brought", ">fund_withdrawn", ">rep_set_aside", ">rep_reserves",
		">rep_persons", ">rep_units", ">rep_back", ">rep_gone", ">rep_left", ">rep_people", ">rep_households"}
)

// Heads are the columns of Cells.
func (r FundReport) Heads() []string { return reportHeads }

// Cells are the sources and below them the payments of each program, in one sheet:
// a source's row names no program, a program's row has no balance.
func (r FundReport) Cells(lang i18n.Lang) [][]string {
	var out [][]string
	for _, s := range r.Sources {
		out = append(out, append(append([]string{"", ""}, s.cells(lang)...), "", ""))
	}
	for _, p := range r.Payments {
		c := p.cells(lang)
		out = append(out, []string{c[0], c[3], c[1], c[2], "", "", "", "", "", c[4], c[5], c[6], "", "", c[7], c[8]})
	}
	return out
}

func (s SourceRow) cells(lang i18n.Lang) []string {
	out := []string{i18n.Term(lang, "level", s.Level), s.Fund}
	for _, f := range []money.Fen{s.Opening, s.Brought, s.Withdrawn, s.SetAside, s.Reserves, s.Persons, s.Units, s.Back, s.Gone, s.Closing} {
		out = append(out, f.Grouped())
	}
	return out
}

func (p PaymentsRow) cells(lang i18n.Lang) []string {
	return []string{p.Program, i18n.Term(lang, "level", p.Level), p.Fund, p.Month, p.Persons.Grouped(), p.Units.Grouped(), p.Back.Grouped(),
		number(p.People), number(p.Households)}
}

// Text prints both tables.
func (r FundReport) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	p.line("report.title", "from", r.From, "to", r.To)
	sources := table.New(p.t("report.sources"), p.columns(sourceHeads)...)
	for _, s := range r.Sources {
		sources.Add(s.cells(lang)...)
	}
	p.table(sources)
	payments := table.New(p.t("report.payments"), p.columns(paymentsHeads)...)
	for _, row := range r.Payments {
		payments.Add(row.cells(lang)...)
	}
	p.table(payments)
	return p.err
}
