package sheet

import (
	"strings"

	"fenlu/internal/errs"
)

// Row is one row of a table (行).
type Row struct {
	Number int // 1-based, as the spreadsheet shows it
	cells  []string
	file   *File
}

// Get is the trimmed text of a column, "" where the column or cell is absent.
func (r Row) Get(key string) string {
	for i, c := range r.file.head.layout.Columns {
		if c.Key == key {
			return r.cell(i)
		}
	}
	return ""
}

// cell is the text of the i-th column of the layout.
func (r Row) cell(i int) string {
	at := r.file.head.at[i]
	if at < 0 || at >= len(r.cells) {
		return ""
	}
	return clean(r.cells[at])
}

// Problem makes the Field for a problem in this row: file, row, Chinese
// column name and value, masked where the column is personal.
func (r Row) Problem(key, code string, args ...any) errs.Field {
	c, ok := r.file.head.layout.Column(key)
	if !ok {
		c = Column{ZH: key}
	}
	return errs.Field{
		File: r.file.Name, Row: r.Number, Column: c.ZH,
		Value: shown(c, r.Get(key)), Code: code, Args: errs.Pairs(args...),
	}
}

// clean trims blanks of every width and the apostrophe that marks a text cell
// in a spreadsheet.
func clean(s string) string {
	s = strings.Trim(s, " \t\r\n\u00a0\u3000\ufeff")
	return strings.TrimPrefix(s, "'")
}

// stray are cells filled to the right of the last header: values that belong
// to no column, which is how a shifted row looks.
func (r Row) stray() string {
	for i := r.file.head.width; i < len(r.cells); i++ {
		if s := clean(r.cells[i]); s != "" {
			return s
		}
	}
	return ""
}
