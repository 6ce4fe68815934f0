package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// batchCompareCmd sets a batch beside the month before.
type batchCompareCmd struct {
	Code  string `arg:"" help:"help_batch_code"`
	Limit int    `default:"100" help:"help_batch_compare_limit"`
	sheetFlag
}

// Run prints the comparison; a spreadsheet has all changes, whatever the limit.
func (c batchCompareCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (comparison, error) {
		ask := batch.CompareQuery{Code: c.Code, Limit: c.Limit}
		if c.XLSX != "" {
			ask.Limit = 0
		}
		found, err := s.Batch.Compare(a.ctx, tx, ask)
		if err != nil {
			return comparison{}, err
		}
		names, err := s.words(a.ctx, tx, codes(found.Townships, func(t batch.TownshipChange) string { return t.Township }))
		if err != nil {
			return comparison{}, err
		}
		all := comparison{found, names}
		if err := c.write(a, "compare-"+c.Code, all); err != nil {
			return all, err
		}
		if c.Limit > 0 && len(all.Changes) > c.Limit {
			all.Changes, all.More = all.Changes[:c.Limit], true
		}
		return all, nil
	})
}

type comparison struct {
	batch.Comparison
	names words
}

var changeHeads = []string{"change_kind", "line", "change_township", "name", "number", "change_component", ">change_before", ">change_now"}

// Heads are the columns of Cells.
func (c comparison) Heads() []string { return changeHeads }

// Cells are the changes as rows of a table.
func (c comparison) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(c.Changes))
	for i, one := range c.Changes {
		kinds := make([]string, len(one.Kinds))
		for k, kind := range one.Kinds {
			kinds[k] = kind.Name(lang)
		}
		line := ""
		if one.No > 0 {
			line = strconv.Itoa(int(one.No))
		}
		rows[i] = []string{strings.Join(kinds, " "), line, c.names.area(one.Township), one.Name, one.Masked,
			c.names.component(c.Batch.Program, one.Component, lang), one.Before.Grouped(), one.Now.Grouped()}
	}
	return rows
}

// Text prints the townships and then the changes.
func (c comparison) Text(w io.Writer, lang i18n.Lang) error {
	title := i18n.T(lang, "batch.compare.title", "batch", c.Batch.Code, "month", string(c.Month), "with", strings.Join(c.With, " "))
	if len(c.With) == 0 {
		title = i18n.T(lang, "batch.compare.nothing", "batch", c.Batch.Code, "month", string(c.Month))
	}
	t := table.New(title, headed(lang, "change_township", ">change_lines_before", ">change_lines", ">change_new", ">change_stopped",
		">change_amounts", ">change_accounts", ">change_before", ">change_now")...)
	for _, one := range c.Townships {
		t.Add(townshipCells(one, c.names.area(one.Township))...)
	}
	t.Total(townshipCells(c.Total, i18n.T(lang, "batch.compare.total"))...)
	if err := t.Write(w); err != nil {
		return err
	}
	if len(c.Changes) == 0 {
		return nil
	}
	list := table.New("\n"+i18n.T(lang, "batch.compare.changes"), headed(lang, changeHeads...)...)
	for _, row := range c.Cells(lang) {
		list.Add(row...)
	}
	if err := list.Write(w); err != nil || !c.More {
		return err
	}
	_, err := fmt.Fprintln(w, i18n.T(lang, "batch.compare.more"))
	return err
}

func townshipCells(t batch.TownshipChange, name string) []string {
	return []string{name, strconv.Itoa(t.LinesBefore), strconv.Itoa(t.Lines), strconv.Itoa(t.New), strconv.Itoa(t.Stopped),
		strconv.Itoa(t.Amounts), strconv.Itoa(t.Accounts), t.Before.Grouped(), t.Now.Grouped()}
}

// headed are columns by the codes of their heads; ">" before one puts it right.
func headed(lang i18n.Lang, codes ...string) []table.Column {
	columns := make([]table.Column, len(codes))
	for i, code := range codes {
		name, right := strings.CutPrefix(code, ">")
		columns[i] = table.Column{Head: i18n.T(lang, "books.head."+name), Right: right}
	}
	return columns
}
