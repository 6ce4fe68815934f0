package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/audit"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// auditChecksCmd looks for what auditors find.
type auditChecksCmd struct {
	Area  string `required:"" help:"help_audit_checks_area"`
	Date  string `placeholder:"2026-10-31" help:"help_audit_checks_date"`
	Since string `placeholder:"2026-01" help:"help_audit_checks_since"`
	Only  []int  `placeholder:"1,6" help:"help_audit_checks_only"`
	Limit int    `default:"20" help:"help_audit_checks_limit"`
	sheetFlag
}

// Run prints what each check found; a spreadsheet has every row.
func (c auditChecksCmd) Run(a *app) error {
	if c.Since != "" {
		if _, err := terms.ParseMonth(c.Since); err != nil {
			return err
		}
	}
	on, err := a.dayOr(c.Date)
	if err != nil {
		return err
	}
	return tell(a, func(s *services, tx pgx.Tx) (auditFound, error) {
		ask := audit.Query{Area: funds.Area12(c.Area), On: on, Since: c.Since, Only: c.Only, Limit: c.Limit}
		if c.XLSX != "" {
			ask.Limit = 0
		}
		found, err := s.Audit.Run(a.ctx, tx, ask)
		if err != nil {
			return auditFound{}, err
		}
		var towns []string
		for _, f := range found {
			towns = append(towns, codes(f.Rows, func(r audit.Row) string { return r.Township })...)
		}
		names, err := s.words(a.ctx, tx, towns)
		if err != nil {
			return auditFound{}, err
		}
		if err := c.write(a, "audit-checks", auditFound{found, names}); err != nil {
			return auditFound{}, err
		}
		for i := range found {
			if f := &found[i]; c.Limit > 0 && len(f.Rows) > c.Limit {
				f.Rows, f.More = f.Rows[:c.Limit], true
			}
		}
		return auditFound{found, names}, nil
	})
}

type auditFound struct {
	Checks []audit.Found `json:"checks"`
	names  words
}

var auditHeads = []string{"audit_check", "audit_what", "name", "number", "change_township", "doc", ">amount", "audit_days", "audit_note", "audit_rule"}

// Heads are the columns of Cells.
func (f auditFound) Heads() []string { return auditHeads }

// Cells are all rows found, with their check.
func (f auditFound) Cells(lang i18n.Lang) [][]string {
	var rows [][]string
	for _, c := range f.Checks {
		for _, r := range c.Rows {
			rows = append(rows, slices.Concat([]string{title(lang, c)}, f.cellsOf(lang, r), []string{rule(lang, c)}))
		}
	}
	return rows
}

func title(lang i18n.Lang, c audit.Found) string {
	return fmt.Sprintf("%d %s", c.No, i18n.T(lang, "audit.check."+c.Code))
}

func rule(lang i18n.Lang, c audit.Found) string { return audit.Check{Code: c.Code}.Rule(lang) }

func (f auditFound) cellsOf(lang i18n.Lang, r audit.Row) []string {
	kind, number, _ := strings.Cut(r.What, " ")
	days := ""
	if r.Days != 0 {
		days = strconv.Itoa(r.Days)
	}
	return []string{i18n.Term(lang, "audit.what", kind) + " " + number, r.Name, r.Masked, f.names.area(r.Township), r.Document, r.Amount.Grouped(), days, r.Note}
}

// Text prints a line for each check and its rows below.
func (f auditFound) Text(w io.Writer, lang i18n.Lang) error {
	for _, c := range f.Checks {
		line := i18n.T(lang, "audit.checks.line", "title", title(lang, c), "count", c.Count, "amount", c.Amount.Grouped())
		if c.NoRule != "" {
			line = i18n.T(lang, "audit.checks.no_rule", "title", title(lang, c), "rule", rules.Name(c.NoRule).Title(lang))
		}
		if c.NoList != "" {
			line = i18n.T(lang, "audit.checks.no_list", "title", title(lang, c), "list", i18n.T(lang, "import.kind."+c.NoList), "kind", c.NoList)
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
		if len(c.Rows) == 0 {
			continue
		}
		_, _ = fmt.Fprintln(w, i18n.T(lang, "audit.checks.rule", "rule", rule(lang, c)))
		t := table.New("", headed(lang, auditHeads[1:len(auditHeads)-1]...)...)
		for _, r := range c.Rows {
			t.Add(f.cellsOf(lang, r)...)
		}
		if err := t.Write(w); err != nil {
			return err
		}
		if c.More {
			_, _ = fmt.Fprintln(w, i18n.T(lang, "batch.compare.more"))
		}
	}
	return nil
}
