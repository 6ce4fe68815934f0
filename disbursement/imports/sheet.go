package imports

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
)

// keptProblems bounds what one file may bring up before it is shown.
const keptProblems = 100_000

// Sheet is a file that has been read: its rows, decoded, and what is wrong with
// them so far. The rules that need other rows or the database add to Issues;
// nothing is written before Issues.Err is nil.
type Sheet[T any] struct {
	File   File
	Rows   []sheet.Record[T]
	Bad    map[int]bool // rows with a cell that could not be read
	Issues *Issues
	layout sheet.Layout
}

// Read reads a whole file. check, which may be nil, looks at one row as far as it
// could be read and adds to the issues: they take nothing about an unread cell,
// and Issues.Read says whether cells may be compared. An error means that the file as a whole
// cannot be read; what is wrong with rows is in Issues.
func Read[T any](ctx context.Context, path, scope string, layout sheet.Layout, check func(row sheet.Row, value *T, is *Issues)) (_ *Sheet[T], err error) {
	f, err := sheet.Open(path, layout, sheet.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	s := &Sheet[T]{
		File:   File{Kind: layout.Name, Scope: scope, SHA256: f.SHA256, Name: f.Name},
		Bad:    map[int]bool{},
		Issues: &Issues{file: f.Name, decoded: sheet.NewProblems(keptProblems)},
		layout: layout,
	}
	if err := s.readRows(ctx, f, check); err != nil {
		return nil, err
	}
	if s.File.Rows == 0 {
		return nil, errs.New(errs.Invalid, "SHEET_NO_ROWS", "file", f.Name)
	}
	return s, nil
}

func (s *Sheet[T]) readRows(ctx context.Context, f *sheet.File, check func(sheet.Row, *T, *Issues)) error {
	for row, err := range f.Rows() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		s.File.Rows++
		v, ok := sheet.Decode[T](row, s.Issues.decoded)
		if check != nil {
			check(row, &v, s.Issues)
		}
		s.Bad[row.Number] = !ok
		s.Rows = append(s.Rows, sheet.Record[T]{Row: row.Number, Value: v})
	}
	s.Issues.problems = slices.Concat(s.Issues.decoded.Shown(), s.Issues.problems)
	return nil
}

// Read says whether all of these cells of a row could be read.
func (s *Sheet[T]) Read(row int, keys ...string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { return s.Issues.decoded.Unread(s.At(row, key, "")) })
}

// At is the place of a cell for a problem found after its row was read; value
// is masked where the column is personal.
func (s *Sheet[T]) At(row int, key, value string) errs.Field {
	return At(s.File.Name, s.layout, row, key, value)
}

// At is the place of a cell in a file of a layout, with its value as a problem
// may show it.
func At(file string, layout sheet.Layout, row int, key, value string) errs.Field {
	column, ok := layout.Column(key)
	if !ok {
		column = sheet.Column{ZH: key}
	}
	if column.Masked {
		value = ident.Mask(value)
	}
	return errs.Field{File: file, Row: row, Column: column.ZH, Value: value}
}

// Issues is what is wrong with a file (problems, which refuse it) and what is
// worth knowing about it (notes, which do not). About a cell that could not be
// read it takes nothing but that.
type Issues struct {
	file     string
	decoded  *sheet.Problems // of the cells that could not be read
	problems []errs.Field
	notes    []errs.Field
}

// Read says whether all of these cells of a row could be read.
func (is *Issues) Read(row sheet.Row, keys ...string) bool { return is.decoded.Read(row, keys...) }

// Refuse adds problems.
func (is *Issues) Refuse(fields ...errs.Field) { is.problems = is.add(is.problems, fields) }

// Note adds notes.
func (is *Issues) Note(fields ...errs.Field) { is.notes = is.add(is.notes, fields) }

func (is *Issues) add(to, fields []errs.Field) []errs.Field {
	for _, f := range fields {
		if !is.decoded.Unread(f) {
			to = append(to, f)
		}
	}
	return to
}

// Say adds a problem with its place and code.
func (is *Issues) Say(at errs.Field, code string, args ...any) {
	at.Code, at.Args = code, errs.Pairs(args...)
	is.Refuse(at)
}

// Tell adds a note with its place and code.
func (is *Issues) Tell(at errs.Field, code string, args ...any) {
	at.Code, at.Args = code, errs.Pairs(args...)
	is.Note(at)
}

// Findings adds what an identifier's check found: faults refuse, warnings and
// notes do not. It returns whether the identifier may be used.
func (is *Issues) Findings(at errs.Field, found ident.Findings) bool {
	is.Refuse(found.Fields(ident.Fault, at)...)
	is.Note(found.Fields(ident.Warning, at)...)
	is.Note(found.Fields(ident.Note, at)...)
	return !found.Refused()
}

// Copy is the issues so far, to add to in a transaction that may run again.
func (is *Issues) Copy() *Issues {
	return &Issues{file: is.file, decoded: is.decoded, problems: slices.Clone(is.problems), notes: slices.Clone(is.notes)}
}

// Err is nil where nothing refuses the file, else one Invalid error
// (SHEET_PROBLEMS) with a Field for each problem, in row order.
func (is *Issues) Err() error {
	slices.SortStableFunc(is.problems, func(a, b errs.Field) int { return cmp.Compare(a.Row, b.Row) })
	all := sheet.NewProblems(0)
	all.Add(is.problems...)
	return all.Err(is.file)
}

// Notes is what is worth knowing, gathered.
func (is *Issues) Notes() Notes {
	n := Notes{Count: map[string]int{}}
	perCode := map[string]int{}
	for _, f := range is.notes {
		n.Count[f.Code]++
		if perCode[f.Code] < shownNotes {
			perCode[f.Code]++
			n.Shown = append(n.Shown, f)
		}
	}
	slices.SortStableFunc(n.Shown, func(a, b errs.Field) int { return cmp.Compare(a.Row, b.Row) })
	return n
}

// shownNotes is how many notes of one kind are listed: a sample file brings the
// same one up in every row.
const shownNotes = 20

// Notes is what an import found worth knowing (提示), without refusing it.
type Notes struct {
	Count map[string]int `json:"count"` // by code
	Shown []errs.Field   `json:"shown"` // the first of each code, in row order
}

// Codes are the codes that occur, sorted.
func (n Notes) Codes() []string { return slices.Sorted(maps.Keys(n.Count)) }
