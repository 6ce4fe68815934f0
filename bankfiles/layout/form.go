package layout

import (
	"fenlu/bankfiles/order"
	"fenlu/money"
)

// Rules is what the profile asks of payments and of the head of their file:
// for each cell the length that it has room for.
func (p *Profile) Rules() order.Form {
	f := order.Form{Name: p.Name, Charset: p.charset, Separator: p.separator(), MaxAmount: p.maxAmount}
	for _, c := range p.Rows {
		if c.Value == "amount" {
			f.MaxAmount = smallest(f.MaxAmount, c.largest())
		}
		if c.means != nil && c.means.pay != nil {
			f.Fields = append(f.Fields, order.Field{Rule: c.rule(), Value: c.means.pay})
		}
	}
	for _, part := range [][]*Field{p.Header, p.Trailer} {
		for _, c := range part {
			if c.Value == "sum" || c.Value == "whole_sum" {
				f.MaxSum = smallest(f.MaxSum, c.largest())
			}
			if c.means != nil && c.means.batch != nil {
				f.Heads = append(f.Heads, order.HeadField{Rule: c.rule(), Value: c.means.batch})
			}
		}
	}
	return f
}

// separator is what a text must not hold: cells in quotes, elements and
// workbooks may hold anything.
func (p *Profile) separator() string {
	if p.Form == Delimited && !p.Quote {
		return p.Delimiter
	}
	return ""
}

func (f *Field) rule() order.Rule {
	r := f.means.rule
	r.Column = f.Value
	r.Required = r.Required || f.Required
	for _, n := range []int{f.Max, f.Width} {
		if n > 0 && (n < r.Max || r.Class != order.ClassID) {
			r.Max = n
		}
	}
	return r
}

// largest is the largest amount that a cell has room for; 0 for any.
func (f *Field) largest() money.Fen {
	n := f.Max
	if f.Width > 0 {
		n = f.Width
	}
	if n == 0 || n > 18 {
		return 0
	}
	if f.Unit != "fen" {
		n-- // the point
	}
	most := money.Fen(1)
	for range n {
		most *= 10
	}
	return most - 1
}

func smallest(a, b money.Fen) money.Fen {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
