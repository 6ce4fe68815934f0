package trace

import (
	"io"

	"fenlu/internal/i18n"
	"fenlu/money"
)

// Text prints a document for people.
func (d Document) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	p.line("trace.document", "number", d.Number, "title", d.Title, "kind", i18n.Term(lang, "trace.document", d.Kind),
		"issued", d.IssuedOn, "received", d.ReceivedOn, "amount", d.Amount.Grouped())
	p.documentLines("document_lines", d.Lines)
	p.moves(d.Lines)
	p.places(d.Places)
	for _, l := range d.Lines {
		if l.Now != nil {
			p.write("\n")
			p.lot(*l.Now)
		}
	}
	if len(d.Roots) > 0 {
		p.line("trace.no_money_of_its_own", "number", d.Number)
		p.roots(d.Roots)
	}
	return p.err
}

// Text prints a lot for people.
func (l Lot) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	p.lot(l)
	p.documentLines("lot_documents", l.Documents)
	return p.err
}

func (p *printer) documentLines(title string, list []DocumentLine) {
	t := p.newTable(title, "document", ">line_no", "kind", "level", "fund", "codes", ">lot", ">amount", "yuan")
	for _, l := range list {
		yuan := ""
		if l.LastYuan > 0 {
			yuan = grouped(l.FirstYuan) + "–" + grouped(l.LastYuan)
		}
		t.Add(l.Number, number(int64(l.No)), i18n.Term(p.lang, "trace.document", l.Kind), i18n.Term(p.lang, "level", l.Level), l.Fund,
			l.FunctionCode+" / "+l.EconomicCode, number(l.Lot), l.Amount.Grouped(), yuan)
	}
	p.table(t)
}

func (p *printer) places(list []PlaceSum) {
	t := p.newTable("places", "place", "budget_line", ">amount")
	var sum money.Fen
	for _, s := range list {
		sum += s.signed()
		t.Add(p.place(s.Place, s.Township), s.Document, s.signed().Grouped())
	}
	t.Total(p.t("trace.total"), "", sum.Grouped())
	p.table(t)
}

// signed is the amount as it counts in a sum: a shortfall takes away.
func (s PlaceSum) signed() money.Fen {
	if s.Place == "shortfall" {
		return -s.Amount
	}
	return s.Amount
}

func (p *printer) lot(l Lot) {
	p.line("trace.lot", "lot", l.ID, "number", l.Document, "level", i18n.Term(p.lang, "level", l.Level), "fund", l.Fund,
		"size", l.Size.Grouped(), "cut", l.Cut.Grouped())
	if r := l.Reach; r != nil {
		p.line("trace.reach", "payments", grouped(int64(r.Payments)), "persons", grouped(int64(r.Persons)), "units", grouped(int64(r.Units)))
	}
	p.places(l.Places)
	p.tree(l.BudgetLines)
}
