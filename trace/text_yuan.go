package trace

import (
	"io"
	"slices"

	"fenlu/internal/i18n"
)

// Text prints where a yuan is and has been.
func (y Yuan) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	name := p.t("trace.lot_name", "lot", y.Lot)
	if y.Document != nil {
		name = y.Document.Number
	}
	if len(y.Parts) == 0 {
		p.line("trace.no_money_of_its_own", "number", name)
		p.roots(y.Roots)
		return p.err
	}
	p.line("trace.yuan", "name", name, "nth", grouped(y.Nth), "of", grouped(y.Of), "size", y.Size.Grouped())
	for _, part := range y.Parts {
		p.part(part, y)
	}
	p.lines(y.Lines, false)
	p.payments(y.Payments)
	return p.err
}

// part says who holds a run of fen now, and its life as a table.
func (p *printer) part(part YuanPart, y Yuan) {
	p.write("\n")
	now := p.place(part.Place, part.Township)
	if i := slices.IndexFunc(y.Lines, func(l Line) bool { return l.ID == part.Line }); part.Line != 0 && i >= 0 {
		l := y.Lines[i]
		p.line("trace.yuan_held", "first", part.First, "last", part.Last, "place", now, "who", party(l.Beneficiary), "month", l.Month,
			"program", p.program(l), "amount", l.Amount.Grouped(), "line", l.ID, "payment", part.Payment)
	} else {
		p.line("trace.yuan_free", "first", part.First, "last", part.Last, "place", now, "document", part.Document)
	}
	p.line("trace.yuan_address", "lot", part.Lot, "addresses", spans([]Span{{part.Offset, part.Amount}}))
	if len(part.Chain) > 0 {
		p.line("trace.yuan_way", "way", p.way(part.Chain))
	}
	t := p.newTable("life", "place", "who", "when", "business_date", "because")
	for _, s := range part.Stages {
		t.Add(p.place(s.Place, s.Township), s.Who, moment(s.Journal.PostedAt), s.Journal.BusinessDate, p.because(s.Journal, s.Why))
	}
	p.table(t)
}
