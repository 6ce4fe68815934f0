package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/money"
)

// policiesCmd is `fenlu policies`: standards, how they are worked out, what they
// must keep to, and the catalogue.
type policiesCmd struct {
	List     policiesListCmd    `cmd:"" help:"help_policies_list"`
	Show     policiesShowCmd    `cmd:"" help:"help_policies_show"`
	Explain  policiesExplainCmd `cmd:"" help:"help_policies_explain"`
	Limits   policiesLimitsCmd  `cmd:"" help:"help_policies_limits"`
	Programs programsCmd        `cmd:"" help:"help_policies_programs"`
}

// policyView is a policy row as a user sees it.
type policyView struct {
	ID        benefits.PolicyID `json:"id"`
	Program   string            `json:"program"`
	Component string            `json:"component"`
	Class     string            `json:"class"`
	Area      string            `json:"area"`
	ValidFrom string            `json:"valid_from"`
	Period    benefits.Period   `json:"period"`
	Amount    money.Fen         `json:"amount"` // 0.00: worked out
	Family    benefits.Family   `json:"family"`
	Formula   *benefits.Formula `json:"formula"`
	Layers    []benefits.Layer  `json:"layers"`
	Document  string            `json:"document"`
	Clause    string            `json:"clause"`
	Quote     string            `json:"quote"`
}

func policyViewOf(p benefits.Policy) policyView {
	area := p.Area
	if area == "" {
		area = rules.Nation
	}
	layers := p.Layers
	if layers == nil {
		layers = []benefits.Layer{}
	}
	return policyView{p.ID, p.Program, p.Component, p.Class, area, p.ValidFrom.Format(time.DateOnly), p.Period, p.Amount, p.Family(), p.Formula, layers,
		p.Document, p.Clause, p.Quote}
}

func (v policyView) title(lang i18n.Lang, names words) string {
	return i18n.T(lang, "policies.title", "program", names.program(v.Program, lang), "component", names.component(v.Program, v.Component, lang), "class", v.Class, "family", v.Family.Name(lang),
		"period", v.Period.Name(lang), "area", names.area(v.Area), "from", v.ValidFrom, "document", v.Document, "clause", v.Clause)
}

// policiesListCmd lists the standards of a month.
type policiesListCmd struct {
	Program string `arg:"" optional:"" help:"help_policies_program"`
	Month   string `help:"help_policies_month" placeholder:"2026-10"`
	sheetFlag
}

// Run lists them, or writes them into a spreadsheet.
func (c policiesListCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (policyList, error) {
		list := policyList{Policies: []policyView{}}
		month, err := benefits.ParseMonth(c.Month, clock.Date(s.clock.Now()))
		if err != nil {
			return list, err
		}
		program, err := programOf(a, tx, c.Program)
		if err != nil {
			return list, err
		}
		list.Month = month
		index, err := s.Benefits.PoliciesAt(a.ctx, tx, month)
		if err != nil {
			return list, err
		}
		for _, p := range index.All() {
			if program == "" || p.Program == program {
				list.Policies = append(list.Policies, policyViewOf(p))
			}
		}
		list.names, err = s.words(a.ctx, tx, codes(list.Policies, func(p policyView) string { return p.Area }))
		if err != nil {
			return list, err
		}
		return list, c.write(a, "policies", list)
	})
}

// programOf is the code of a program by its words; "" stays so.
func programOf(a *app, tx pgx.Tx, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	catalogue, err := benefits.LoadCatalogue(a.ctx, tx)
	if err != nil {
		return "", err
	}
	p, ok := catalogue.Program(text)
	if !ok {
		return "", errs.New(errs.Invalid, "BATCH_PROGRAM", "program", text, "options", catalogue.ProgramOptions())
	}
	return p.Code, nil
}

type policyList struct {
	Month    terms.Month  `json:"month"`
	Policies []policyView `json:"policies"`
	names    words
}

var policyHeads = []string{"id", "program", "component", "class", "area", "from_on", "family", "period_of", ">standard", "doc", "clause"}

// Heads are the columns of Cells.
func (l policyList) Heads() []string { return policyHeads }

// Cells are the standards as rows of a table.
func (l policyList) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(l.Policies))
	for i, p := range l.Policies {
		amount := p.Amount.Grouped()
		if p.Amount == 0 {
			amount = ""
		}
		rows[i] = []string{strconv.Itoa(int(p.ID)), l.names.program(p.Program, lang), l.names.component(p.Program, p.Component, lang), p.Class,
			l.names.area(p.Area), p.ValidFrom, p.Family.Name(lang), p.Period.Name(lang), amount, p.Document, p.Clause}
	}
	return rows
}

// Text prints the standards as a table.
func (l policyList) Text(w io.Writer, lang i18n.Lang) error {
	return tableOr(w, lang, len(l.Policies) == 0, policyHeads, l.Cells(lang))
}

// tableOr prints a table, or that there is nothing.
func tableOr(w io.Writer, lang i18n.Lang, empty bool, heads []string, cells [][]string) error {
	if empty {
		_, err := fmt.Fprintln(w, i18n.T(lang, "policies.empty"))
		return err
	}
	t := table.New("", headed(lang, heads...)...)
	for _, row := range cells {
		t.Add(row...)
	}
	return t.Write(w)
}

// policiesShowCmd shows one standard.
type policiesShowCmd struct {
	ID benefits.PolicyID `arg:"" help:"help_policies_id"`
}

// Run shows a standard with what the checks say of it today.
func (c policiesShowCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (policyShown, error) {
		found, err := s.Benefits.Policies(a.ctx, tx, []benefits.PolicyID{c.ID})
		if err != nil {
			return policyShown{}, err
		}
		book, err := benefits.LoadBook(a.ctx, tx)
		if err != nil {
			return policyShown{}, err
		}
		shown := policyShown{Policy: policyViewOf(found[c.ID]), Findings: []benefits.Finding{}}
		shown.Findings = append(shown.Findings, book.Check(found[c.ID])...)
		shown.names, err = s.words(a.ctx, tx, []string{shown.Policy.Area})
		return shown, err
	})
}

type policyShown struct {
	Policy   policyView         `json:"policy"`
	Findings []benefits.Finding `json:"findings"`
	names    words
}

// Text prints the standard.
func (s policyShown) Text(w io.Writer, lang i18n.Lang) error {
	p := s.Policy
	lines := []string{p.title(lang, s.names)}
	if p.Amount > 0 {
		lines = append(lines, p.Amount.Grouped())
	}
	if f := p.Formula; f != nil && len(f.Base) > 0 {
		lines = append(lines, i18n.T(lang, "policies.formula", "rate", f.Rate, "base", s.names.terms(f.Base, lang)))
	}
	for _, l := range p.Layers {
		lines = append(lines, i18n.T(lang, "policies.layer", "level", l.Level.Name(lang), "amount", l.Amount.Grouped()))
	}
	lines = append(lines, p.Quote)
	for _, f := range s.Findings {
		lines = append(lines, i18n.T(lang, "policies.finding", "weight", f.Weight.Name(lang), "text", f.Text(lang)))
	}
	if p.Formula != nil && p.Formula.Reason != "" {
		lines = append(lines, i18n.T(lang, "policies.reason", "reason", p.Formula.Reason))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// policiesExplainCmd works out what a class is owed.
type policiesExplainCmd struct {
	Program   string `arg:"" help:"help_policies_program"`
	Component string `arg:"" help:"help_policies_component"`
	Class     string `arg:"" help:"help_policies_class"`
	Month     string `help:"help_policies_month" placeholder:"2026-10"`
	Area      string `help:"help_policies_area" placeholder:"991301"`

	Persons    int64  `help:"help_policies_persons"`
	LastMonths int64  `name:"months" help:"help_policies_months"`
	Times      string `help:"help_policies_times"`
	Amount     string `help:"help_policies_amount"`
	Had        string `help:"help_policies_had"`
	Cost       string `help:"help_policies_cost"`
	Before     string `help:"help_policies_before"`
	Income     string `help:"help_policies_income"`
	Expenses   string `help:"help_policies_expenses"`
	Members    int64  `help:"help_policies_members"`
	Covered    int64  `help:"help_policies_covered"`
}

// facts are the case that the flags describe.
func (c policiesExplainCmd) facts() (benefits.Case, error) {
	k := benefits.Case{Persons: c.Persons, Months: c.LastMonths, Members: c.Members, Covered: c.Covered}
	for _, f := range []struct {
		text string
		to   *money.Fen
	}{{c.Amount, &k.Wanted}, {c.Had, &k.Had}, {c.Cost, &k.Cost}, {c.Before, &k.Before}, {c.Income, &k.Income}, {c.Expenses, &k.Expenses}} {
		if f.text == "" {
			continue
		}
		amount, err := money.Parse(f.text)
		if err != nil {
			return k, errs.New(errs.Invalid, money.Code(err))
		}
		*f.to = amount
	}
	if c.Times == "" {
		return k, nil
	}
	var err error
	if k.Times, err = money.ParseRate(c.Times); err != nil {
		return k, errs.New(errs.Invalid, "CLI_RATE", "value", c.Times)
	}
	return k, nil
}

// Run explains the amount line by line.
func (c policiesExplainCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (explained, error) {
		month, err := benefits.ParseMonth(c.Month, clock.Date(s.clock.Now()))
		if err != nil {
			return explained{}, err
		}
		facts, err := c.facts()
		if err != nil {
			return explained{}, err
		}
		area, ok := rules.ParseArea(c.Area)
		if !ok {
			return explained{}, errs.New(errs.Invalid, "AREA_CODE_FORMAT", "length", len(c.Area))
		}
		catalogue, err := benefits.LoadCatalogue(a.ctx, tx)
		if err != nil {
			return explained{}, err
		}
		program, ok := catalogue.Program(c.Program)
		if !ok {
			return explained{}, errs.New(errs.Invalid, "BATCH_PROGRAM", "program", c.Program, "options", catalogue.ProgramOptions())
		}
		component, _ := program.ComponentOf(c.Component, c.Class)
		book, err := benefits.LoadBook(a.ctx, tx)
		if err != nil {
			return explained{}, err
		}
		p, err := book.Find(program.Code, component.Code, c.Class, area, month)
		if err != nil {
			return explained{}, err
		}
		owed, err := book.Owed(p, area, month, facts)
		if err != nil {
			return explained{}, err
		}
		e := explain(p, month, owed, a.Lang)
		e.names, err = s.words(a.ctx, tx, []string{e.Policy.Area})
		return e, err
	})
}

// explained is an amount with its lines as a clerk reads them aloud.
type explained struct {
	Policy policyView       `json:"policy"`
	Month  terms.Month      `json:"month"`
	Amount money.Fen        `json:"amount"`
	Layers []benefits.Layer `json:"layers"`
	Steps  []explainedStep  `json:"steps"`
	names  words
}

type explainedStep struct {
	Text   string    `json:"text"`
	Amount money.Fen `json:"amount"`
}

func explain(p benefits.Policy, month terms.Month, owed benefits.Owed, lang i18n.Lang) explained {
	e := explained{Policy: policyViewOf(p), Month: month, Amount: owed.Amount, Layers: append([]benefits.Layer{}, owed.Layers...), Steps: []explainedStep{}}
	for _, l := range owed.Lines {
		e.Steps = append(e.Steps, explainedStep{l.Text(lang), l.Amount})
	}
	return e
}

// Text prints the explanation.
func (e explained) Text(w io.Writer, lang i18n.Lang) error {
	lines := []string{e.Policy.title(lang, e.names)}
	for i, s := range e.Steps {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, s.Text))
	}
	lines = append(lines, i18n.T(lang, "policies.owed", "month", e.Month, "amount", e.Amount.Grouped()))
	for _, l := range e.Layers {
		lines = append(lines, i18n.T(lang, "policies.layer", "level", l.Level.Name(lang), "amount", l.Amount.Grouped()))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}
