package sheet

import (
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"os"
	"unicode/utf8"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"

	"github.com/xuri/excelize/v2"
)

// Rows are the rows to write, cells in the order of the layout's columns.
type Rows = iter.Seq[[]string]

// FromSlice yields the rows of a slice.
func FromSlice(rows [][]string) Rows {
	return func(yield func([]string) bool) {
		for _, r := range rows {
			if !yield(r) {
				return
			}
		}
	}
}

// WriteFile writes a table in the format (XLSX or CSV) to a new or emptied
// file. Errors: SHEET_WRITE, SHEET_XLSX_ROWS.
func WriteFile(path, format string, l Layout, lang i18n.Lang, rows Rows) error {
	out, err := create(path)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "SHEET_WRITE", "file", path)
	}
	write := WriteXLSX
	if format == CSV {
		write = WriteCSV
	}
	err = write(out, l, lang, rows)
	if errClose := out.Close(); err == nil && errClose != nil {
		err = errs.Wrap(errClose, errs.Internal, "SHEET_WRITE", "file", path)
	}
	return err
}

// create makes or empties a file that only its owner can read: tables hold ID
// numbers and accounts.
func create(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o600); err != nil { // one that was there kept its rights
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// WriteCSV writes UTF-8 with a mark, so that a spreadsheet shows Chinese
// right. Cells that a spreadsheet would run as a formula get an apostrophe,
// which reading takes off again.
func WriteCSV(w io.Writer, l Layout, lang i18n.Lang, rows Rows) error {
	if _, err := w.Write(utf8Mark); err != nil {
		return errs.Wrap(err, errs.Internal, "SHEET_WRITE", "file", l.Name)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(l.Headers(lang)); err != nil {
		return errs.Wrap(err, errs.Internal, "SHEET_WRITE", "file", l.Name)
	}
	safe := make([]string, len(l.Columns))
	for row := range rows {
		safe = safe[:min(len(row), len(l.Columns))]
		for i := range safe {
			safe[i] = harmless(row[i])
		}
		if err := out.Write(safe); err != nil {
			return errs.Wrap(err, errs.Internal, "SHEET_WRITE", "file", l.Name)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return errs.Wrap(err, errs.Internal, "SHEET_WRITE", "file", l.Name)
	}
	return nil
}

func harmless(cell string) string {
	if cell == "" {
		return cell
	}
	switch cell[0] {
	case '=', '+', '@':
		return "'" + cell
	case '-':
		if !plainAmount.MatchString(cell) {
			return "'" + cell
		}
	}
	return cell
}

const (
	xlsxMaxRows = 1_048_576 // of one sheet, the header counted
	textFormat  = 49        // the number format "@": what is typed stays text
	minWidth    = 10        // of a column, in characters
	maxWidth    = 44
)

// WriteXLSX writes one sheet of text cells (IDs, accounts and amounts too: a
// spreadsheet would round them), with the header frozen. The same rows give
// the same bytes. More rows than a sheet holds are SHEET_XLSX_ROWS.
func WriteXLSX(w io.Writer, l Layout, lang i18n.Lang, rows Rows) error {
	book := excelize.NewFile()
	err := fillSheet(book, l, lang, rows)
	if err == nil {
		err = book.Write(w)
	}
	if errClose := book.Close(); err == nil {
		err = errClose
	}
	if err == nil || errs.KindOf(err) == errs.Invalid {
		return err
	}
	return errs.Wrap(err, errs.Internal, "SHEET_WRITE", "file", l.Name)
}

func fillSheet(book *excelize.File, l Layout, lang i18n.Lang, rows Rows) error {
	sheet := book.GetSheetName(0)
	out, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	styles, err := newStyles(book)
	if err != nil {
		return err
	}
	if err := layOut(out, l); err != nil {
		return err
	}
	if err := out.SetRow("A1", textCells(nil, l.Headers(lang), styles.head)); err != nil {
		return err
	}
	n := 1
	var cells []any
	for row := range rows {
		if n++; n > xlsxMaxRows {
			return errs.New(errs.Invalid, "SHEET_XLSX_ROWS", "file", l.Name, "limit", xlsxMaxRows)
		}
		at, err := excelize.CoordinatesToCellName(1, n)
		if err != nil {
			return err
		}
		cells = textCells(cells[:0], row, styles.text)
		if err := out.SetRow(at, cells); err != nil {
			return err
		}
	}
	return out.Flush()
}

type styles struct{ head, text int }

func newStyles(book *excelize.File) (styles, error) {
	head, err := book.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, NumFmt: textFormat,
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8EEF4"}},
	})
	if err != nil {
		return styles{}, err
	}
	text, err := book.NewStyle(&excelize.Style{NumFmt: textFormat})
	return styles{head: head, text: text}, err
}

// layOut sets widths and freezes the header; both must stand before the rows.
func layOut(out *excelize.StreamWriter, l Layout) error {
	for i, c := range l.Columns {
		if err := out.SetColWidth(i+1, i+1, float64(columnWidth(c))); err != nil {
			return err
		}
	}
	return out.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
	})
}

func columnWidth(c Column) int {
	switch {
	case c.Masked:
		return 22
	case c.Key == "quote" || c.Key == "title" || c.Key == reasonColumn.Key:
		return maxWidth
	}
	return max(minWidth, 2*utf8.RuneCountInString(c.ZH)+4)
}

func textCells(buf []any, row []string, style int) []any {
	for _, cell := range row {
		buf = append(buf, excelize.Cell{StyleID: style, Value: cell})
	}
	return buf
}
