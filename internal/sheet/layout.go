package sheet

import (
	"slices"
	"strings"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// Column is one column of a table (列).
type Column struct {
	Key      string // the tag in Go (`sheet:"amount"`) and an accepted header
	ZH       string // the Chinese header (表头), also the name in every problem
	EN       string // the English header
	Required bool   // the column must be there and every row must fill it
	Masked   bool   // personal: values are shown masked (脱敏)
	Hint     string // code of the sentence in the template that says what to write
}

// Layout is the declared shape of one kind of table (表样).
type Layout struct {
	Name    string // "documents", "people" …
	Columns []Column
}

// Column finds a column by its key.
func (l Layout) Column(key string) (Column, bool) {
	for _, c := range l.Columns {
		if c.Key == key {
			return c, true
		}
	}
	return Column{}, false
}

// Headers are the header texts in the language, in the order declared.
func (l Layout) Headers(lang i18n.Lang) []string {
	out := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		out[i] = c.ZH
		if lang == i18n.EN {
			out[i] = c.EN
		}
	}
	return out
}

// header says where each declared column stands in one file.
type header struct {
	layout  Layout
	at      []int // position in the file by position in the layout, -1 if absent
	width   int   // columns up to and with the last header
	names   []string
	unknown []string
}

// matchHeader finds the declared columns in the first row of a file. Missing
// required columns and columns that stand twice are all reported together.
func matchHeader(file string, l Layout, cells []string) (header, error) {
	h := header{layout: l, at: make([]int, len(l.Columns)), width: len(cells), names: slices.Clone(cells)}
	for i := range h.at {
		h.at[i] = -1
	}
	var bad []errs.Field
	for pos, cell := range cells {
		bad = append(bad, h.place(file, pos, cell)...)
	}
	for i, c := range l.Columns {
		if c.Required && h.at[i] < 0 {
			bad = append(bad, errs.Field{File: file, Row: 1, Column: c.ZH, Code: "SHEET_COLUMN_MISSING"})
		}
	}
	if len(bad) > 0 {
		return header{}, errs.WithFields("SHEET_HEADER", bad, "file", file, "count", len(bad))
	}
	return h, nil
}

func (h *header) place(file string, pos int, cell string) []errs.Field {
	name := normalHeader(cell)
	if name == "" || isAdded(name) {
		return nil
	}
	i := h.layout.find(name)
	switch {
	case i < 0:
		h.unknown = append(h.unknown, strings.TrimSpace(cell))
	case h.at[i] >= 0:
		return []errs.Field{{File: file, Row: 1, Column: h.layout.Columns[i].ZH, Value: cell, Code: "SHEET_COLUMN_TWICE"}}
	default:
		h.at[i] = pos
	}
	return nil
}

func (l Layout) find(name string) int {
	for i, c := range l.Columns {
		if name == normalHeader(c.ZH) || name == normalHeader(c.EN) || name == normalHeader(c.Key) {
			return i
		}
	}
	return -1
}

// normalHeader forgives what people do to headers: case, blanks, underscores,
// a required mark, and a unit in brackets, as in “金额（元）*”.
func normalHeader(s string) string {
	if i := strings.IndexAny(s, "(（"); i > 0 {
		s = s[:i]
	}
	drop := func(r rune) rune {
		switch r {
		case ' ', '\u3000', '\u00a0', '\t', '\n', '\r', '_', '*', '＊', '\ufeff':
			return -1
		}
		return r
	}
	return strings.ToLower(strings.Map(drop, s))
}
