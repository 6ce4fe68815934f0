package layout

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/internal/sheet"
)

// tableSource gives the rows of a workbook or a CSV file; io.EOF ends it.
type tableSource interface {
	next() (record.Position, []string, error)
	close() error
}

func openTable(b *body, r io.Reader) (tableSource, error) {
	in := bufio.NewReader(r)
	head, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	b.cells.grouped = true
	if !sheet.IsXLSX(head) {
		return &csvSource{newLineReader(in, b.out, b.p.Encoding, "")}, nil
	}
	b.cells.stored = sheet.Stored
	data, err := io.ReadAll(io.LimitReader(in, MaxWorkbook+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxWorkbook {
		return nil, place.Fault("BANKFILE_WORKBOOK_LARGE", "limit", MaxWorkbook)
	}
	grid, err := sheet.OpenGrid(data, "")
	if err != nil {
		return nil, workbook(err, place)
	}
	src := &xlsxSource{grid, place}
	if others := grid.Others(); len(others) > 0 {
		if err := b.out.Warn(place, "BANKFILE_WARN_SHEETS", "names", record.Clip(strings.Join(others, ", "))); err != nil {
			return nil, errors.Join(err, src.close())
		}
	}
	return src, nil
}

// workbook is trouble with a workbook, at a place.
func workbook(err error, at record.Position) error {
	return errs.Wrap(err, errs.Invalid, "BANKFILE_WORKBOOK", "line", at.Line, "offset", at.Offset, "path", at.Path)
}

type xlsxSource struct {
	grid *sheet.Grid
	at   record.Position
}

func (s *xlsxSource) next() (record.Position, []string, error) {
	n, cells, err := s.grid.Next()
	switch {
	case errors.Is(err, io.EOF):
		return s.at, nil, err
	case err != nil:
		return s.at, nil, workbook(err, s.at)
	}
	s.at = record.Position{Line: n, Path: "row[" + strconv.Itoa(n) + "]"}
	for _, c := range cells {
		if i := strings.IndexFunc(c, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) || r == utf8.RuneError }); i >= 0 {
			r, _ := utf8.DecodeRuneInString(c[i:])
			return s.at, nil, s.at.Fault("BANKFILE_BAD_CHARACTER", "char", record.CodePoint(r))
		}
	}
	return s.at, cells, nil
}

func (s *xlsxSource) close() error { return s.grid.Close() }

type csvSource struct{ lines *lineReader }

func (s *csvSource) next() (record.Position, []string, error) {
	raw, err := s.lines.next()
	at := s.lines.at
	if err != nil {
		return at, nil, err
	}
	at.Path = "row[" + strconv.Itoa(at.Line) + "]"
	text, err := s.lines.decode(raw)
	if err != nil {
		return at, nil, err
	}
	if n := strings.Count(text, ","); n >= maxCells {
		return at, nil, at.Fault("BANKFILE_CELLS_MANY", "limit", maxCells, "got", n+1)
	}
	cells, err := unquote(text, ",")
	if err != nil {
		return at, nil, at.Fault("BANKFILE_QUOTE", "found", record.Clip(text))
	}
	return at, cells, nil
}

func (s *csvSource) close() error { return nil }
