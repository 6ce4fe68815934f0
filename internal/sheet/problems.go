package sheet

import (
	"slices"

	"fenlu/internal/errs"
)

// DefaultProblems is how many problems of one file are kept for showing.
const DefaultProblems = 1000

// Problems collects what is wrong with a file (问题清单): all of it is counted,
// the first ones up to the cap are kept.
//
// A cell that Decode could not read has its problem, and no other is taken for
// it. So a row is always checked as far as it could be read: see Read for the
// checks that look at more than one cell.
type Problems struct {
	limit  int
	shown  []errs.Field
	total  int
	rows   int
	last   int
	unread map[cell]bool // up to limit: what is found later is not shown
}

// cell is a cell of a file, by row and Chinese column name.
type cell struct {
	row    int
	column string
}

// NewProblems keeps at most limit problems; 0 means DefaultProblems.
func NewProblems(limit int) *Problems {
	if limit <= 0 {
		limit = DefaultProblems
	}
	return &Problems{limit: limit, unread: map[cell]bool{}}
}

// Add records problems, but none of a cell that Decode could not read.
func (p *Problems) Add(fields ...errs.Field) {
	for _, f := range fields {
		if p.Unread(f) {
			continue
		}
		p.total++
		if f.Row != p.last {
			p.rows, p.last = p.rows+1, f.Row
		}
		if len(p.shown) < p.limit {
			p.shown = append(p.shown, f)
		}
	}
}

// cannotRead records the problem of a cell without a usable value.
func (p *Problems) cannotRead(f errs.Field) {
	p.Add(f)
	if len(p.unread) < p.limit {
		p.unread[cell{f.Row, f.Column}] = true
	}
}

// Unread says whether Decode could not read the cell that a problem is about:
// it was not what the column holds, or empty where it must be filled.
func (p *Problems) Unread(f errs.Field) bool { return p.unread[cell{f.Row, f.Column}] }

// Read says whether Decode could read all of these cells. A check that compares
// cells asks before it does: the value of an unread cell is zero.
func (p *Problems) Read(row Row, keys ...string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { return p.Unread(row.Problem(key, "")) })
}

// Total is the number of problems found, kept or not.
func (p *Problems) Total() int { return p.total }

// Shown are the problems kept, in the order found.
func (p *Problems) Shown() []errs.Field { return p.shown }

// Err is nil where nothing was found, else one Invalid error
// (SHEET_PROBLEMS) with a Field for each problem kept.
func (p *Problems) Err(file string) error {
	if p.total == 0 {
		return nil
	}
	return errs.WithFields("SHEET_PROBLEMS", p.shown,
		"file", file, "count", p.total, "rows", p.rows, "shown", len(p.shown))
}
