package sheet

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// WriteErrors writes a copy of the rows of a table that have problems (错误行), as
// they stand in it and in its own columns, with the number of each row (原行号)
// and what is wrong with it (原因). It says how many rows it wrote; where no
// problem is one of a row, it writes no file.
//
// The copy can be corrected and read as it is: reading leaves the two columns
// out. It holds the input's own values unmasked, so it belongs to whoever holds
// the input, who alone can read it. The format follows out's name.
//
// Errors: those of Open and of WriteFile; SHEET_ERRORS_ONTO_INPUT (Invalid).
func WriteErrors(out, in string, l Layout, opt Options, fields []errs.Field, lang i18n.Lang) (count int, err error) {
	reasons := reasonsByRow(fields, lang)
	if len(reasons) == 0 {
		return 0, nil
	}
	if sameFile(out, in) {
		return 0, errs.New(errs.Invalid, "SHEET_ERRORS_ONTO_INPUT", "file", filepath.Base(in))
	}
	f, err := Open(in, l, opt)
	if err != nil {
		return 0, err
	}
	c := copier{file: f, reasons: reasons}
	wide := c.layout()
	err = WriteFile(out, formatOf(out), wide, lang, c.rows)
	if c.failed != nil {
		err = c.failed
	}
	if errClose := f.Close(); err == nil && errClose != nil {
		err = errs.Wrap(errClose, errs.Invalid, "SHEET_OPEN", "file", f.Name)
	}
	return c.count, err
}

// copier copies the rows of a file that have reasons.
type copier struct {
	file    *File
	reasons map[int]string
	take    []int // positions in the file
	hints   []string
	count   int
	failed  error
}

// layout is that of the input, with its own headers, and the two columns more.
func (c *copier) layout() Layout {
	h := c.file.head
	out := Layout{Name: h.layout.Name}
	for pos, name := range h.names {
		if isAdded(normalHeader(name)) {
			continue
		}
		col := Column{ZH: name, EN: name}
		if i := slices.Index(h.at, pos); i >= 0 {
			col = h.layout.Columns[i]
			col.ZH, col.EN = name, name
		}
		c.take, c.hints = append(c.take, pos), append(c.hints, col.Hint)
		out.Columns = append(out.Columns, col)
	}
	out.Columns = append(out.Columns, rowColumn, reasonColumn)
	return out
}

func (c *copier) rows(yield func([]string) bool) {
	for row, err := range c.file.Rows() {
		if c.failed = err; err != nil {
			return
		}
		reason := c.reasons[row.Number]
		if reason == "" {
			continue
		}
		cells := make([]string, 0, len(c.take)+2)
		for i, pos := range c.take {
			cell := ""
			if pos < len(row.cells) {
				cell = asTyped(row.cells[pos], c.hints[i], c.file.Format)
			}
			cells = append(cells, cell)
		}
		c.count++
		if !yield(append(cells, strconv.Itoa(row.Number), reason)) {
			return
		}
	}
}

// asTyped is a cell as people read it: a workbook keeps a date as the number of
// its day and an amount with the noise of binary fractions.
func asTyped(cell, hint, format string) string {
	cell = clean(cell)
	switch {
	case format != XLSX:
	case hint == "sheet.hint.date" && serialNumber.MatchString(cell):
		if day, bad := serialDate(cell); bad == "" {
			return day.Format(time.DateOnly)
		}
	case hint == "sheet.hint.amount":
		return storedAmount(cell)
	}
	return cell
}

func sameFile(a, b string) bool {
	one, errOne := os.Stat(a)
	other, errOther := os.Stat(b)
	return errOne == nil && errOther == nil && os.SameFile(one, other)
}

func formatOf(path string) string {
	if strings.EqualFold(filepath.Ext(path), "."+CSV) {
		return CSV
	}
	return XLSX
}

// reasonsByRow are the problems of each row after the header, in a sentence each.
func reasonsByRow(fields []errs.Field, lang i18n.Lang) map[int]string {
	out := map[int]string{}
	for _, f := range fields {
		at := f.Row
		if at <= 1 {
			continue
		}
		f.File, f.Row = "", 0
		if out[at] != "" {
			out[at] += i18n.T(lang, "sheet.reason.separator")
		}
		out[at] += i18n.Field(lang, f)
	}
	return out
}
