package calc

import (
	"fmt"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// Line is one step of an explanation: the catalogue code of its label, the
// figures that the label names, and the amount that came out.
type Line struct {
	Code   string     `json:"code"`
	Args   []errs.Arg `json:"args"`
	Amount money.Fen  `json:"amount"`
}

// Values is the line's arguments as the name, value pairs that the message
// catalogue takes, the amount among them as "amount".
func (l Line) Values() []any {
	out := make([]any, 0, 2*len(l.Args)+2)
	for _, a := range l.Args {
		out = append(out, a.Name, a.Value)
	}
	return append(out, "amount", l.Amount)
}

// Text is the line in a reader's language.
func (l Line) Text(lang i18n.Lang) string {
	values := l.Values()
	for i := 0; i+1 < len(values); i += 2 {
		if f, ok := values[i+1].(money.Fen); ok {
			values[i+1] = f.Grouped()
		}
		switch values[i] {
		case "method":
			values[i+1] = i18n.Term(lang, "calc.method", fmt.Sprint(values[i+1]))
		case "rule":
			values[i+1] = i18n.Term(lang, "rule", fmt.Sprint(values[i+1]))
		case "round":
			values[i+1] = i18n.Term(lang, "calc.round", fmt.Sprint(values[i+1]))
		}
	}
	return i18n.T(lang, l.Code, values...)
}

// Result is an amount with its explanation. The last line has the amount.
type Result struct {
	Amount money.Fen `json:"amount"`
	Lines  []Line    `json:"lines"`
}

// add appends a line and makes its amount the result's.
func (r *Result) add(code string, amount money.Fen, args ...any) {
	r.Lines = append(r.Lines, Line{code, errs.Pairs(args...), amount})
	r.Amount = amount
}

// total is the sum of the lines so far, as a last line.
func (r *Result) total(code string, args ...any) error {
	amounts := make([]money.Fen, len(r.Lines))
	for i, l := range r.Lines {
		amounts[i] = l.Amount
	}
	sum, err := money.Sum(amounts...)
	if err != nil {
		return arithmetic(err)
	}
	r.add(code, sum, args...)
	return nil
}

// arithmetic is an error of package money under its own code, whose sentence
// says all there is to say.
func arithmetic(err error) error { return errs.New(errs.Invalid, money.Code(err)) }

// input is the refusal of a figure that makes no sense where it stands.
func input(code string, value any) error {
	return errs.New(errs.Invalid, code, "value", value)
}
