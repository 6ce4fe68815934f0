package sheet

import "fenlu/internal/errs"

// DefaultProblems is how many problems of one file are kept for showing.
const DefaultProblems = 1000

// Problems collects what is wrong with a file (问题清单): all of it is counted,
// the first ones up to the cap are kept.
type Problems struct {
	limit int
	shown []errs.Field
	total int
	rows  int
	last  int
}

// NewProblems keeps at most limit problems; 0 means DefaultProblems.
func NewProblems(limit int) *Problems {
	if limit <= 0 {
		limit = DefaultProblems
	}
	return &Problems{limit: limit}
}

// Add records problems.
func (p *Problems) Add(fields ...errs.Field) {
	for _, f := range fields {
		p.total++
		if f.Row != p.last {
			p.rows, p.last = p.rows+1, f.Row
		}
		if len(p.shown) < p.limit {
			p.shown = append(p.shown, f)
		}
	}
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
