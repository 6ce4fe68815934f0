package table

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Column is a column with its header.
type Column struct {
	Head  string
	Right bool // numbers and amounts
}

// Left and Right make columns of text and of numbers.
func Left(head string) Column { return Column{Head: head} }

// Right is a column of numbers.
func Right(head string) Column { return Column{Head: head, Right: true} }

// Table is a table in the making. Rows may be shorter than the columns.
type Table struct {
	Title   string
	columns []Column
	rows    [][]string
	total   []string
}

// New is an empty table; an empty title prints none.
func New(title string, columns ...Column) *Table {
	return &Table{Title: title, columns: columns}
}

// Add appends a row, cells in the order of the columns.
func (t *Table) Add(cells ...string) { t.rows = append(t.rows, cells) }

// Total sets the line under the rows.
func (t *Table) Total(cells ...string) { t.total = cells }

// Len is the number of rows.
func (t *Table) Len() int { return len(t.rows) }

// Write prints the table.
func (t *Table) Write(w io.Writer) error {
	widths := t.widths()
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(t.Title + "\n")
	}
	heads := make([]string, len(t.columns))
	for i, c := range t.columns {
		heads[i] = c.Head
	}
	t.line(&b, widths, heads)
	t.rule(&b, widths)
	for _, row := range t.rows {
		t.line(&b, widths, row)
	}
	if t.total != nil {
		t.rule(&b, widths)
		t.line(&b, widths, t.total)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("print table: %w", err)
	}
	return nil
}

const gap = "  "

func (t *Table) widths() []int {
	widths := make([]int, len(t.columns))
	grow := func(i int, cell string) { widths[i] = max(widths[i], Width(cell)) }
	for i, c := range t.columns {
		grow(i, c.Head)
	}
	for _, row := range append(t.rows[:len(t.rows):len(t.rows)], t.total) {
		for i, cell := range row[:min(len(row), len(widths))] {
			grow(i, cell)
		}
	}
	return widths
}

// line prints cells without blanks at the end.
func (t *Table) line(b *strings.Builder, widths []int, cells []string) {
	var line strings.Builder
	for i, c := range t.columns {
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		if i > 0 {
			line.WriteString(gap)
		}
		pad := strings.Repeat(" ", widths[i]-Width(cell))
		if c.Right {
			line.WriteString(pad + cell)
			continue
		}
		line.WriteString(cell + pad)
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

func (t *Table) rule(b *strings.Builder, widths []int) {
	all := max(len(widths)-1, 0) * len(gap)
	for _, w := range widths {
		all += w
	}
	b.WriteString(strings.Repeat("-", all) + "\n")
}

// Width is how many columns of a terminal a text takes: two for a character of
// East Asian width, none for one that stands on the character before it.
func Width(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf), unicode.IsControl(r):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}
