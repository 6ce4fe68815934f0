package sheet

import (
	"bytes"
	"errors"
	"io"

	"fenlu/internal/errs"

	"github.com/xuri/excelize/v2"
)

// gridUnzip and gridCells bound what a [Grid] unpacks to and how wide it is.
const (
	gridUnzip = 256 << 20
	gridCells = 1024
)

// Grid is the first sheet of a workbook that has no layout of ours: rows of
// cells as text, as they are stored.
type Grid struct{ src *xlsxSource }

// IsXLSX says whether a file that begins so is a workbook.
func IsXLSX(head []byte) bool { return bytes.HasPrefix(head, zipMagic) }

// OpenGrid opens a workbook in memory. Errors: SHEET_DAMAGED, also for one that
// unpacks to more than is allowed; SHEET_DATE_1904.
func OpenGrid(data []byte, name string) (*Grid, error) {
	src, err := openBook(data, name, gridUnzip)
	if err == nil {
		return &Grid{src}, nil
	}
	if src != nil {
		err = errors.Join(err, src.close())
	}
	return nil, err
}

// Next is the next row with its number as the spreadsheet shows it; io.EOF
// after the last.
func (g *Grid) Next() (row int, cells []string, err error) {
	row, cells, err = g.src.next()
	if err == nil && (row > xlsxMaxRows || len(cells) > gridCells) {
		err = errs.New(errs.Invalid, "SHEET_DAMAGED", "file", g.src.name)
	}
	return row, cells, err
}

// Others are the names of the sheets that are not read.
func (g *Grid) Others() []string {
	all := g.src.book.GetSheetList()
	return all[min(1, len(all)):]
}

// Close releases the workbook.
func (g *Grid) Close() error { return g.src.close() }

// Stored is a number of a workbook without the noise of its binary form
// (4.0999999999999996 for 4.10); any other text stays as it is.
func Stored(cell string) string {
	if storedNumber.MatchString(cell) {
		return storedAmount(cell)
	}
	return cell
}

// GridWriter writes a workbook of one sheet of text cells, row by row.
type GridWriter struct {
	book   *excelize.File
	stream *excelize.StreamWriter
	style  int
	row    int
}

// NewGrid begins a workbook. It is to be closed.
func NewGrid() (*GridWriter, error) {
	g := &GridWriter{book: excelize.NewFile()}
	styles, err := newStyles(g.book)
	if err == nil {
		g.style = styles.text
		g.stream, err = g.book.NewStreamWriter(g.book.GetSheetName(0))
	}
	if err != nil {
		return nil, errors.Join(err, g.book.Close())
	}
	return g, nil
}

// Row writes the next row. SHEET_XLSX_ROWS: a sheet holds no more.
func (g *GridWriter) Row(cells []string) error {
	if g.row++; g.row > xlsxMaxRows {
		return errs.New(errs.Invalid, "SHEET_XLSX_ROWS", "file", "", "limit", xlsxMaxRows)
	}
	at, err := excelize.CoordinatesToCellName(1, g.row)
	if err != nil {
		return err
	}
	return g.stream.SetRow(at, textCells(nil, cells, g.style))
}

// WriteTo ends the sheet and writes the workbook: the same rows, the same
// bytes.
func (g *GridWriter) WriteTo(w io.Writer) (int64, error) {
	if err := g.stream.Flush(); err != nil {
		return 0, err
	}
	return g.book.WriteTo(w)
}

// Close releases the workbook.
func (g *GridWriter) Close() error { return g.book.Close() }
