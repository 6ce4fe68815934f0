package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// compute makes a batch from household facts, and lists who is left out.
func (c batchNewCmd) compute(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		made, err := s.Batch.Compute(ctx, batch.ComputeAsk{Code: c.Code, Office: c.Office, Program: c.Program, Period: terms.Month(c.Period), Channel: c.Channel})
		if err != nil {
			return err
		}
		names, err := s.words(ctx, s.DB.Pool(), codes(made.Left, func(l batch.LeftOut) string { return l.Township }))
		if err != nil {
			return err
		}
		list := computedList{made, c.Program, names}
		if err := c.write(a, "computed", list); err != nil {
			return err
		}
		return a.Result(list, func(w io.Writer) {
			if made.Nothing {
				a.say(w, false, "computed.nothing")
			} else {
				a.say(w, made.Replay, "batch.out.created", "code", made.Batch.Code, "lines", made.Batch.Lines, "amount", made.Batch.Amount.Grouped())
			}
			if err := list.Text(w, a.Lang); err != nil {
				_, _ = fmt.Fprintln(a.Stderr, i18n.Error(a.Lang, err))
			}
		})
	})
}

// computedList is a computed list with who is left out of it.
type computedList struct {
	batch.Computed
	program string
	names   words
}

var leftOutHeads = []string{"left_household", "left_name", "left_number", "left_township", "left_component", "left_why"}

// Heads are the columns of Cells.
func (c computedList) Heads() []string { return leftOutHeads }

// Cells are those left out, with the reason.
func (c computedList) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(c.Left))
	for i, l := range c.Left {
		component := ""
		if l.Component != "" {
			component = c.names.component(c.program, l.Component, lang)
		}
		rows[i] = []string{l.Household, l.Name, l.Masked, c.names.area(l.Township), component, l.Sentence(lang)}
	}
	return rows
}

// Text prints them.
func (c computedList) Text(w io.Writer, lang i18n.Lang) error {
	if len(c.Left) == 0 {
		return nil
	}
	t := table.New(i18n.T(lang, "computed.left", "count", len(c.Left)), headed(lang, leftOutHeads...)...)
	for _, row := range c.Cells(lang) {
		t.Add(row...)
	}
	return t.Write(w)
}

// batchExplainCmd tells why the lines of a computed list have their amounts.
type batchExplainCmd struct {
	Code string `arg:"" help:"help_batch_code"`
	Line int32  `help:"help_batch_explain_line"`
}

// Run prints the steps as a clerk reads them aloud.
func (c batchExplainCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (explanations, error) {
		found, err := s.Batch.Explain(a.ctx, tx, c.Code, c.Line)
		return explanations{found}, err
	})
}

type explanations struct {
	Lines []batch.Explanation `json:"lines"`
}

// Text prints line after line.
func (e explanations) Text(w io.Writer, lang i18n.Lang) error {
	for _, l := range e.Lines {
		head := i18n.T(lang, "computed.line", "line", l.No, "name", l.Name, "number", l.Masked, "class", l.Class, "amount", l.Amount.Grouped())
		if _, err := fmt.Fprintf(w, "%s\n  %s\n", head, strings.ReplaceAll(l.Text(lang), "\n", "\n  ")); err != nil {
			return err
		}
	}
	return nil
}
