package main

import (
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/rules"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// rulesCmd is `fenlu rules`: the figures of rules with their documents.
type rulesCmd struct {
	Name string `arg:"" optional:"" help:"help_rules_name"`
	sheetFlag
}

// Run lists the figures, or writes them into a spreadsheet.
func (c rulesCmd) Run(a *app) error {
	return tell(a, func(_ *services, tx pgx.Tx) (figures, error) {
		found, err := rules.List(a.ctx, tx, rules.Name(c.Name))
		list := figures{Figures: []figureView{}}
		for _, f := range found {
			def, _ := rules.DefinitionOf(f.Name)
			list.Figures = append(list.Figures, figureView{f, def.Unit})
		}
		if err != nil {
			return list, err
		}
		return list, c.write(a, "rules", list)
	})
}

type figureView struct {
	rules.Figure
	Unit rules.Unit `json:"unit"`
}

type figures struct {
	Figures []figureView `json:"figures"`
}

var figureHeads = []string{"rule", "area", "from_on", ">value", "unit", "doc", "clause"}

// Heads are the columns of Cells.
func (l figures) Heads() []string { return figureHeads }

// Cells are the figures as rows of a table.
func (l figures) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(l.Figures))
	for i, f := range l.Figures {
		value := f.Value
		if f.Operator != rules.Equal {
			value = string(f.Operator) + " " + value
		}
		if f.Unit == rules.YesNo {
			value = i18n.Term(lang, "rule.value", f.Value)
		}
		rows[i] = []string{f.Name.Title(lang), f.Area, f.ValidFrom.Format(time.DateOnly), value, f.Unit.Name(lang), f.Document, f.Clause}
	}
	return rows
}

// Text prints the figures as a table.
func (l figures) Text(w io.Writer, lang i18n.Lang) error {
	if len(l.Figures) == 0 {
		_, err := fmt.Fprintln(w, i18n.T(lang, "rules.empty"))
		return err
	}
	t := table.New("", headed(lang, figureHeads...)...)
	for _, row := range l.Cells(lang) {
		t.Add(row...)
	}
	return t.Write(w)
}
