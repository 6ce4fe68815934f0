package main

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/parties"
	"fenlu/internal/i18n"
)

// findingList is everything a round of checks found, one row for each finding,
// with the line it concerns.
type findingList struct {
	found  []batch.Finding
	batch  batch.Batch
	names  words
	lines  map[int32]batch.Line
	people map[parties.PersonID]parties.Person
}

// list writes what the last round found into a spreadsheet where one is asked for,
// also where it blocks (超发少发清单; peers-and-audits #14).
func (c batchCheckCmd) list(ctx context.Context, a *app, s *services, r batch.Result) error {
	if c.XLSX == "" || r.Round == 0 {
		return nil
	}
	l := findingList{batch: r.Batch, lines: map[int32]batch.Line{}, people: map[parties.PersonID]parties.Person{}}
	var err error
	if l.found, err = batch.Findings(ctx, s.DB.Pool(), r.Batch.ID, r.Round); err != nil {
		return err
	}
	if err := l.learn(ctx, s); err != nil {
		return err
	}
	return c.write(a, "findings", l)
}

// page is how many lines are read at a time.
const page = 1000

// learn reads the lines and people that findings name, and no others.
func (l *findingList) learn(ctx context.Context, s *services) error {
	var numbers []int32
	for _, f := range l.found {
		numbers = append(numbers, f.LineNo)
	}
	slices.Sort(numbers)
	for some := range slices.Chunk(slices.Compact(numbers), page) {
		lines, err := batch.LinesNumbered(ctx, s.DB.Pool(), l.batch.ID, some)
		if err != nil {
			return err
		}
		var ids []parties.PersonID
		for _, line := range lines {
			l.lines[line.No] = line
			ids = append(ids, parties.PersonID(line.Person))
		}
		people, err := s.Parties.People(ctx, s.DB.Pool(), ids)
		if err != nil {
			return err
		}
		maps.Copy(l.people, people)
	}
	var err error
	l.names, err = s.words(ctx, s.DB.Pool(), nil)
	return err
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
			row = []string{strconv.Itoa(int(f.LineNo)), p.Name, p.Masked, l.names.component(l.batch.Program, line.Component, lang), line.Class, line.Month.String(), line.Amount.Grouped()}
		}
		rows[i] = append(row, i18n.Term(lang, "batch.severity", string(f.Severity)), f.Sentence(lang))
	}
	return rows
}
