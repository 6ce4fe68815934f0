package simbank

import (
	"strings"
	"unicode"
)

// filling is an order that is being made from the cells of a file.
type filling struct {
	order *order
	from  *layout
	bad   *refusals
	words map[string]func(*filling, *instruction, string)
	at    int // line of the cell
	whole struct {
		count, part, parts int
		sum                Fen
		first, last        string
	}
}

// readCells reads a batch as its layout says.
func (s *style) readCells(raw []byte, r *refusals) *order {
	f := filling{order: &order{profile: s.pay.profile, broken: true}, from: &s.pay, bad: r, words: takers(), at: 1}
	g, ok := s.pay.form.read(&s.pay, raw, r)
	if !ok {
		return f.order
	}
	f.order.broken = false
	f.take(s.pay.head, g.head, nil)
	for i, row := range g.rows {
		f.at = g.at[i]
		f.row(i+1, row)
	}
	f.at = g.lastLine()
	f.take(s.pay.tail, g.tail, nil)
	f.finish()
	return f.order
}

func (f *filling) row(no int, values []string) {
	i := instruction{seq: no, at: f.at}
	f.take(f.from.each, values, &i)
	if f.from.mostFen > 0 && i.amount > f.from.mostFen {
		f.refuse("金额超过单笔上限" + f.from.mostFen.String())
	}
	f.order.lines = append(f.order.lines, i)
}

func (f *filling) refuse(why string) { f.bad.add(f.at, refuseFormat, why) }

// take hands each value to the taker of its word.
func (f *filling) take(want []cell, values []string, i *instruction) {
	for n, c := range want {
		v := values[n]
		if c.width > 0 && gbkLen(v) > c.width {
			f.refuse(c.word + "超过" + decimal(c.width) + "字节")
		}
		if strings.TrimSpace(v) != v || strings.ContainsFunc(v, unicode.IsControl) {
			f.refuse(c.word + "首尾有空格，或含有控制字符")
		}
		if text, constant := strings.CutPrefix(c.word, "="); constant {
			if v != text {
				f.refuse("应为" + text)
			}
			continue
		}
		f.words[c.word](f, i, v)
	}
}

// takers say what becomes of each word of a batch.
func takers() map[string]func(*filling, *instruction, string) {
	return map[string]func(*filling, *instruction, string){
		"file":   func(f *filling, _ *instruction, v string) { f.order.fileID = v },
		"debtor": func(f *filling, _ *instruction, v string) { f.order.account = v },
		"holder": func(f *filling, _ *instruction, v string) { f.holder(v) },
		"agent": func(f *filling, _ *instruction, v string) {
			f.check(isBankCode(v), "付款行联行号须为12位数字")
		},
		"date":        func(f *filling, _ *instruction, v string) { f.date(v) },
		"count":       func(f *filling, _ *instruction, v string) { f.count(&f.order.count, v) },
		"sum":         func(f *filling, _ *instruction, v string) { f.amount(&f.order.sum, v) },
		"whole.count": func(f *filling, _ *instruction, v string) { f.count(&f.whole.count, v) },
		"whole.sum":   func(f *filling, _ *instruction, v string) { f.amount(&f.whole.sum, v) },
		"part":        func(f *filling, _ *instruction, v string) { f.count(&f.whole.part, v) },
		"parts":       func(f *filling, _ *instruction, v string) { f.count(&f.whole.parts, v) },
		"first":       func(f *filling, _ *instruction, v string) { f.whole.first = v },
		"last":        func(f *filling, _ *instruction, v string) { f.whole.last = v },

		"row": func(f *filling, i *instruction, v string) {
			f.check(v == decimal(i.seq), "序号应为"+decimal(i.seq))
		},
		"id":      func(_ *filling, i *instruction, v string) { i.endToEnd = v },
		"account": func(_ *filling, i *instruction, v string) { i.account = v },
		"name":    func(_ *filling, i *instruction, v string) { i.name = v },
		"bank":    func(_ *filling, i *instruction, v string) { i.bankCode = v },
		"amount":  func(f *filling, i *instruction, v string) { f.amount(&i.amount, v) },
		"papers": func(f *filling, _ *instruction, v string) {
			f.check(len(v) <= maxPapersLen && all(v, isAlnumDash), "证件号码格式错误")
		},
		"remark": func(f *filling, _ *instruction, v string) {
			f.check(isText(v), "附言过长或含有不允许的字符")
		},
	}
}

func (f *filling) check(ok bool, why string) {
	if !ok {
		f.refuse(why)
	}
}

func (f *filling) holder(v string) {
	f.check(isName(v), "付款户名为空、过长或含有不允许的字符")
	f.order.debtor = v
}

func (f *filling) date(v string) {
	day, ok := parseCompactDay(v)
	f.check(ok, "日期须为yyyymmdd")
	f.order.requested = day
}

func (f *filling) count(to *int, v string) {
	n, ok := parseCount(v)
	f.check(ok, "笔数或序号格式错误")
	*to = n
}

func (f *filling) amount(to *Fen, v string) {
	n, ok := parseYuan(v)
	if f.from.fen {
		n, ok = parseFen(v)
	}
	f.check(ok, "金额格式错误")
	*to = n
}

// finish compares what a batch says of itself and of the parts that it is one of.
// A file that states no totals agrees with any.
func (f *filling) finish() {
	o, w := f.order, &f.whole
	o.nameless = !f.from.has("holder")
	if !f.from.has("count") {
		o.count = len(o.lines)
	}
	if !f.from.has("sum") {
		for _, l := range o.lines {
			o.sum, _ = o.sum.add(l.amount) // what does not fit is refused by checkOrder
		}
	}
	if f.from.most > 0 && len(o.lines) > f.from.most {
		f.bad.add(0, refuseFormat, "超过每个文件"+decimal(f.from.most)+"笔的上限")
	}
	if !f.from.has("parts") {
		return
	}
	if w.part < 1 || w.part > w.parts || w.first != yes(w.part == 1) || w.last != yes(w.part == w.parts) {
		f.bad.add(0, refuseFormat, "分批序号、总批数与首末标志不符")
	}
	if whole := w.parts == 1; o.count > w.count || o.sum > w.sum || whole && (o.count != w.count || o.sum != w.sum) {
		f.bad.add(0, refuseTotals, "本批笔数金额与总笔数总金额不符")
	}
}

func yes(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// has says whether a batch states something in its head or at its end.
func (l *layout) has(word string) bool {
	for _, c := range append(append([]cell{}, l.head...), l.tail...) {
		if c.word == word {
			return true
		}
	}
	return false
}
