package simbank

import (
	"strconv"
	"strings"
)

// bytes lays the report out.
func (r *report) bytes() []byte {
	words := r.words()
	g := grid{head: values(r.layout.head, words, nil), tail: values(r.layout.tail, words, nil)}
	for i := range r.rows {
		g.rows = append(g.rows, values(r.layout.each, words, &r.rows[i]))
	}
	if r.layout.total != "" {
		g.rows = append(g.rows, r.layout.totalRow(words))
	}
	return r.charset.encode(r.layout.form.write(&r.layout, r.charset.label(charsetGBK), g), charsetGBK)
}

// totalRow adds up the column of amounts.
func (l *layout) totalRow(words map[string]func(*said) string) []string {
	row := make([]string, len(l.each))
	row[0] = l.total
	for i, c := range l.each {
		if sign, isAmount := strings.CutSuffix(c.word, "amount"); isAmount {
			row[i] = words[sign+"sum"](nil)
		}
	}
	return row
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
		if own, ok := c.own[s.reason.code]; ok {
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
		return s.reason.code
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
	return s.reason.text
}
