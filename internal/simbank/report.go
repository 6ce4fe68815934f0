package simbank

import "strconv"

// said is what a result or a notice says of one payment.
type said struct {
	*instruction
	answer answer
}

// credited is what reached the payee, as far as the answer says so.
func (s said) credited() Fen {
	switch s.answer {
	case answerPaid:
		return s.amount
	case answerPartly:
		return s.booked()
	case answerSilent, answerFailed, answerUnknown:
	}
	return 0
}

// report is a result or a notice that is about to be written.
type report struct {
	order   *order
	layout  layout
	says    vocabulary
	no      int // of the result
	day     Day
	rows    []said
	off     Fen     // what is wrong with the stated sums
	charset charset // of the file; empty: as agreed
	aside   string  // behind the bank's texts
}

type total struct {
	count int
	sum   Fen
}

// totals are what is said of how many payments.
type totals map[answer]total

// open are the payments that are neither paid nor failed.
func (t totals) open() total {
	return total{t[answerUnknown].count + t[answerPartly].count, t[answerUnknown].sum + t[answerPartly].sum}
}

// totals counts and sums the rows by what is said of them.
func (r *report) totals() totals {
	t := totals{}
	for _, s := range r.rows {
		x := t[s.answer]
		t[s.answer] = total{x.count + 1, x.sum + s.amount}
	}
	return t
}

// firstResults is result no. 1; in two files with the numbers 1 and 2 if the bank
// splits it.
func (b *Bank) firstResults(o *order) []File {
	if b.opt.has(StatementFirst) && o.bookedOn > b.closed {
		return nil
	}
	rows := o.said(func(c course) []answer { return []answer{c.first, c.also} })
	parts := [][]said{rows}
	if half := (len(rows) + 1) / 2; b.opt.has(SplitFiles) && len(rows) > 1 {
		parts = [][]said{rows[:half:half], rows[half:]}
	}
	var files []File
	for i, part := range parts {
		files = append(files, b.result(o, i+1, o.bookedOn, part))
	}
	return files
}

// queryResult has the number after those of the first results.
func (b *Bank) queryResult(o *order) File {
	no := 2
	if b.opt.has(SplitFiles) {
		no++
	}
	rows := o.said(func(c course) []answer { return []answer{c.query} })
	return b.result(o, no, o.bookedOn.Add(b.opt.QueryAfterDays), rows)
}

// said lists the payments that an answer names, in the order of the file.
func (o *order) said(answers func(course) []answer) []said {
	var rows []said
	for i := range o.lines {
		for _, a := range answers(o.lines[i].fate.course()) {
			if a != answerSilent {
				rows = append(rows, said{&o.lines[i], a})
			}
		}
	}
	return rows
}

func (b *Bank) result(o *order, no int, day Day, rows []said) File {
	s := styleNamed(o.profile)
	r := report{order: o, layout: s.result, says: s.says, no: no, day: day, rows: rows}
	b.opt.spoil(&r)
	f := File{Name: o.fileID + ".R" + strconv.Itoa(no), Profile: s.result.profile, Lines: len(r.rows)}
	if s.result.profile == ProfilePain002 {
		f.Name += ".xml"
		f.Bytes = r.charset.encode(r.charset.declare(string(statusReport(&r))), charsetUTF8)
		return f
	}
	f.Name += s.result.extension()
	f.Bytes = r.bytes()
	return f
}

func (l *layout) extension() string {
	switch {
	case l.root != "":
		return ".xml"
	case l.table:
		return ".csv"
	}
	return ".txt"
}
