package simbank

import (
	"strconv"
	"strings"
)

// layout says how a bank lays out one kind of file: which cells stand in the
// head, in each row and at the end, and in what form. The words of the cells are
// those of takers (what the bank reads) and of report.words (what it writes).
type layout struct {
	profile      string
	form         form
	between, end string // of a row of cells: what sets them apart, what ends the line
	root, row    string // of XML: the root, and the path of the row below it
	fen          bool   // amounts are whole fen, not yuan with two decimals
	dashes       bool   // dates are 2026-10-09, not 20261009
	table        bool   // under titles, as CSV
	total        string // of a table: what its row of totals begins with
	head, each   []cell
	tail         []cell
	most         int // payments in one file; 0: any number
	mostFen      Fen // of one payment; 0: any
}

// form is one way of putting cells into bytes.
type form struct {
	read  func(l *layout, raw []byte, r *refusals) (grid, bool)
	write func(l *layout, charset string, g grid) string
}

// cell is one place of a file: a word, or "=" and what always stands there.
type cell struct {
	word  string
	width int    // bytes of GBK; of fixed width exactly, else at most; 0: any
	place string // XML: path; table: title
}

// cells reads a list of cells, each written word:width@place.
func cells(list string) []cell {
	var out []cell
	for _, s := range strings.Fields(list) {
		var c cell
		s, c.place, _ = strings.Cut(s, "@")
		if word, width, ok := strings.Cut(s, ":"); ok {
			c.width, _ = strconv.Atoi(width) // 0 where it is none, which TestCells_have_words finds
			s = word
		}
		c.word = s
		out = append(out, c)
	}
	return out
}

// grid is what stands in a file: the values of the cells, in their order.
type grid struct {
	head, tail []string
	rows       [][]string
	at         []int // line of each row, for refusals
}

// lastLine is where the tail stands.
func (g grid) lastLine() int {
	if len(g.at) == 0 {
		return 0
	}
	return g.at[len(g.at)-1] + 1
}
