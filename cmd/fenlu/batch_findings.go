package main

import (
	"context"
	"strconv"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/parties"
	"fenlu/internal/i18n"
)

// findingList is everything a round of checks found, one row for each finding,
// with the line it concerns.
type findingList struct {
	found  []batch.Finding
	lines  map[int32]batch.Line
	people map[parties.PersonID]parties.Person
}

// list writes what the last round found into a spreadsheet where one is asked for,
// also where it blocks (超发少发清单; peers-and-audits #14).
func (c batchCheckCmd) list(ctx context.Context, a *app, s *services, r batch.Result) error {
	if c.XLSX == "" || r.Round == 0 {
		return nil
	}
	l := findingList{lines: map[int32]batch.Line{}, people: map[parties.PersonID]parties.Person{}}
	var err error
	if l.found, err = batch.Findings(ctx, s.DB.Pool(), r.Batch.ID, r.Round); err != nil {
		return err
	}
	if err := l.learn(ctx, s, r.Batch.ID); err != nil {
		return err
	}
	return c.write(a, "findings", l)
}

// learn reads the lines and people that findings name, a page of the list at a
// time.
func (l findingList) learn(ctx context.Context, s *services, id batch.ID) error {
	named := map[int32]bool{}
	for _, f := range l.found {
		named[f.LineNo] = true
	}
	for after := int32(0); ; {
		page, err := batch.Lines(ctx, s.DB.Pool(), id, after, 0)
		if err != nil || len(page) == 0 {
			return err
		}
		var ids []parties.PersonID
		for i := range page {
			if after = page[i].No; named[after] {
				l.lines[after] = page[i]
				ids = append(ids, parties.PersonID(page[i].Person))
			}
		}
		people, err := s.Parties.People(ctx, s.DB.Pool(), ids)
		if err != nil {
			return err
		}
		for id, p := range people {
			l.people[id] = p
		}
	}
}

// Heads are the columns of Cells.
func (l findingList) Heads() []string {
	return []string{"line", "name", "id_masked", "component", "class", "month", ">amount", "severity", "finding"}
}

// Cells are the findings as rows of a table.
func (l findingList) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(l.found))
	for i, f := range l.found {
		row := make([]string, 7, 9)
		if line, there := l.lines[f.LineNo]; there {
			p := l.people[parties.PersonID(line.Person)]
			row = []string{strconv.Itoa(int(f.LineNo)), p.Name, p.Masked, line.Component, line.Class, line.Month.String(), line.Amount.Grouped()}
		}
		rows[i] = append(row, i18n.Term(lang, "batch.severity", string(f.Severity)), f.Sentence(lang))
	}
	return rows
}
