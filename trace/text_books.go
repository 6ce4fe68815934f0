package trace

import (
	"io"
	"strconv"
	"time"

	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/money"
)

// text says which point an answer is about.
func (pt Point) text(p *printer) {
	switch {
	case !pt.Day.IsZero():
		p.line("books.as_of_date", "date", pt.Day.Format(time.DateOnly))
	case !pt.At.IsZero():
		p.line("trace.as_of", "index", pt.Index, "at", moment(pt.At))
	}
}

// Text prints the trial balance.
func (t Trial) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	t.text(p)
	out := table.New(p.t("books.title.trial"), p.columns(trialHeads)...)
	for _, cells := range t.Cells(lang) {
		out.Add(cells...)
	}
	out.Total("", p.t("trace.total"), "", "", t.Debits.Grouped(), t.Credits.Grouped(), t.Balance.Grouped())
	p.table(out)
	p.next(strconv.FormatInt(t.Next, 10), t.Next != 0)
	return p.err
}

// heads of the tables of books; > stands to the right.
var (
	trialHeads     = []string{">id", "place", ">lot", "document", ">debits", ">credits", ">balance"}
	statementHeads = []string{"date", ">journal", "kind", "about", ">account", "place", ">debit", ">credit", ">balance"}
	partyHeads     = []string{"date", ">journal", "kind", "about", ">line", "document", "place", ">debit", ">credit", ">balance"}
)

// Heads are the columns of Cells.
func (t Trial) Heads() []string { return trialHeads }

// Heads are the columns of Cells.
func (st Statement) Heads() []string {
	if st.Party != nil {
		return partyHeads
	}
	return statementHeads
}

// Sheet is a table of the books as people read it, on the screen or in a
// spreadsheet: Heads are its columns, > stands to the right, with their texts
// under "books.head."; Cells its rows, amounts with two decimals.
type Sheet interface {
	Heads() []string
	Cells(lang i18n.Lang) [][]string
}

// rows prints a table of the books without a title.
func (p *printer) rows(s Sheet) {
	out := table.New("", p.columns(s.Heads())...)
	for _, cells := range s.Cells(p.lang) {
		out.Add(cells...)
	}
	p.table(out)
}

func (p *printer) columns(heads []string) []table.Column {
	var out []table.Column
	for _, h := range heads {
		if h[0] == '>' {
			out = append(out, table.Right(p.t("books.head."+h[1:])))
		} else {
			out = append(out, table.Left(p.t("books.head."+h)))
		}
	}
	return out
}

// next says how to go on.
func (p *printer) next(after string, more bool) {
	if more {
		p.line("books.next", "after", after)
	}
}

// Cells are the rows as people read them, amounts with two decimals.
func (t Trial) Cells(lang i18n.Lang) [][]string {
	var out [][]string
	for _, r := range t.Rows {
		place := ""
		if r.Place != "" {
			place = joined(i18n.Term(lang, "place", r.Place), r.Township)
		}
		out = append(out, []string{orBlank(r.ID), place, orBlank(r.Lot), r.Document, r.Debits.Grouped(), r.Credits.Grouped(), r.Balance.Grouped()})
	}
	return out
}

func orBlank(id int64) string {
	if id == 0 {
		return ""
	}
	return number(id)
}

// Text prints the statement.
func (st Statement) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	if st.From != "" {
		p.line("books.from_to", "from", st.From, "to", st.To)
	}
	st.text(p)
	if st.Party != nil {
		p.partySums(*st.Party)
	}
	sides := table.New("", p.columns([]string{">account", "place", ">lot", "document", ">opening", ">closing"})...)
	for _, s := range st.Accounts {
		sides.Add(number(s.Account), joined(i18n.Term(lang, "place", s.Place), s.Township), number(s.Lot), s.Document, s.Opening.Grouped(), s.Closing.Grouped())
	}
	p.table(sides)
	out := table.New(p.t("books.title.statement"), p.columns(st.Heads())...)
	for _, cells := range st.Cells(lang) {
		out.Add(cells...)
	}
	p.table(out)
	p.next(st.Next, st.Next != "")
	return p.err
}

// partySums prints whose statement it is, and where the money stands.
func (p *printer) partySums(b PartyBalance) {
	p.line("books.party."+b.Subject.Kind, "name", b.Subject.Name, "number", b.Subject.Number, "id", b.Subject.ID)
	if b.Opening == b.Closing && b.Closing == (PartySums{}) {
		p.line("books.party_empty")
	}
	out := table.New(p.t("books.title.party"), p.columns([]string{"when", ">due", ">frozen", ">in_transit", ">paid", ">returned"})...)
	for _, row := range []struct {
		code string
		PartySums
	}{{"opening", b.Opening}, {"closing", b.Closing}} {
		out.Add(p.t("books.head."+row.code), row.Due.Grouped(), row.Frozen.Grouped(), row.InTransit.Grouped(), row.Paid.Grouped(), row.Returned.Grouped())
	}
	p.table(out)
}

// Cells are the movements as people read them.
func (st Statement) Cells(lang i18n.Lang) [][]string {
	var out [][]string
	for _, m := range st.Movements {
		row := []string{m.Date, number(m.Journal), i18n.Term(lang, "trace.kind", m.Kind), m.About, number(m.Account)}
		if st.Party != nil {
			row = append(row[:4], number(m.Line), m.Document)
		}
		out = append(out, append(row, i18n.Term(lang, "place", m.Place), blankZero(m.Debit), blankZero(m.Credit), m.Balance.Grouped()))
	}
	return out
}

// blankZero is blank for nothing, as in a ledger's columns.
func blankZero(f money.Fen) string {
	if f == 0 {
		return ""
	}
	return f.Grouped()
}
