package simbank

import (
	"strconv"
	"strings"
)

// said is what a result or a notice says of one payment.
type said struct {
	*instruction
	answer answer
}

// why is the reason of what failed or came back.
func (s said) why() *reason {
	if s.answer == answerFailed && s.reason == nil {
		return &reason{code: "1099", iso: "NARR", text: "其他"}
	}
	return s.reason
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
	case l.quoted:
		return ".csv"
	}
	return ".txt"
}

// bytes lays the report out.
func (r *report) bytes() []byte {
	words := r.words()
	g := grid{head: values(r.layout.head, words, nil), tail: values(r.layout.tail, words, nil)}
	for i := range r.rows {
		g.rows = append(g.rows, values(r.layout.each, words, &r.rows[i]))
	}
	return r.charset.encode(r.layout.form.write(&r.layout, r.charset.label(charsetGBK), g), charsetGBK)
}

func values(want []cell, words map[string]func(*said) string, s *said) []string {
	if want == nil {
		return nil
	}
	out := make([]string, len(want))
	for i, c := range want {
		text, constant := strings.CutPrefix(c.word, "=")
		if !constant {
			text = words[c.word](s)
		}
		out[i] = text
	}
	return out
}

// words are what a bank writes; those of a row are given the payment.
func (r *report) words() map[string]func(*said) string {
	words := r.rowWords()
	for word, value := range r.headWords() {
		words[word] = func(*said) string { return value }
	}
	return words
}

func (r *report) headWords() map[string]string {
	words := map[string]string{
		"file": r.order.fileID, "debtor": r.order.account, "no": decimal(r.no),
		"notice": reference("N", r.day, r.order.fileID), "day": r.layout.date(r.day),
	}
	say := func(word string, t total) {
		words[word+"count"], words[word+"sum"] = decimal(t.count), r.layout.amount(t.sum)
	}
	t, all := r.totals(), total{sum: r.off}
	var credited Fen
	for _, s := range r.rows {
		all = total{all.count + 1, all.sum + s.amount}
		credited += s.credited()
	}
	say("", all)
	say("paid.", t[answerPaid])
	say("failed.", t[answerFailed])
	say("open.", t.open())
	words["-sum"] = r.layout.amount(-all.sum)
	words["credited.sum"] = r.layout.amount(credited)
	return words
}

func (r *report) rowWords() map[string]func(*said) string {
	l := &r.layout
	return map[string]func(*said) string{
		"row":      func(s *said) string { return decimal(s.seq) },
		"id":       func(s *said) string { return s.endToEnd },
		"account":  func(s *said) string { return s.account },
		"name":     func(s *said) string { return s.name },
		"amount":   func(s *said) string { return l.amount(s.amount) },
		"-amount":  func(s *said) string { return l.amount(-s.amount) },
		"credited": func(s *said) string { return l.amount(s.credited()) },
		"ref":      func(s *said) string { return reference("P", r.day, r.order.fileID, s.endToEnd) },
		"code":     func(s *said) string { return r.says.of(s) },
		"why":      whyCode,
		"text":     func(s *said) string { return textOf(s) + r.aside },
	}
}

// date is a day as the layout writes it.
func (l *layout) date(d Day) string {
	if l.dashes {
		return string(d)
	}
	return d.compact()
}

// amount is an amount as the layout writes it.
func (l *layout) amount(f Fen) string {
	if l.fen {
		return strconv.FormatInt(int64(f), 10)
	}
	return f.String()
}

// of is the result code of a payment.
func (c vocabulary) of(s *said) string {
	switch s.answer {
	case answerPaid:
		return c.paid
	case answerFailed:
		if own, ok := c.own[s.why().code]; ok {
			return own
		}
		return c.failed
	case answerPartly:
		return c.partly
	case answerSilent, answerUnknown:
	}
	return c.unknown
}

func whyCode(s *said) string {
	if s.answer == answerFailed || s.answer == answerSilent {
		return s.why().code
	}
	return ""
}

func textOf(s *said) string {
	switch s.answer {
	case answerPaid:
		return "成功"
	case answerUnknown:
		return "处理中"
	case answerPartly:
		return "部分成功"
	case answerSilent, answerFailed:
	}
	return s.why().text
}

// Refunds are the notices of what came back on a day (退票、退款通知), one for each
// batch whose style has them, in the order of their file ids.
func (b *Bank) Refunds(day Day) []File {
	b.mu.Lock()
	defer b.mu.Unlock()
	var files []File
	for _, id := range sortedKeys(b.orders) {
		o := b.orders[id]
		s, back := styleNamed(o.profile), b.backAt(o, day)
		if s.refund.profile == "" || len(back) == 0 {
			continue
		}
		r := report{order: o, layout: s.refund, says: s.says, day: day}
		for _, l := range back {
			r.rows = append(r.rows, said{l, answerSilent})
		}
		b.opt.spoil(&r)
		files = append(files, File{
			Name: id + ".B" + day.compact() + s.refund.extension(), Profile: s.refund.profile,
			Bytes: r.bytes(), Lines: len(r.rows),
		})
	}
	return files
}
