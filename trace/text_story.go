package trace

import (
	"io"

	"fenlu/internal/i18n"
	"fenlu/money"
)

// Text prints a story for people.
func (s Story) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	p.line("trace.subject."+s.Subject.Kind, "name", s.Subject.Name, "number", s.Subject.Number, "id", s.Subject.ID)
	p.members(s)
	if len(s.Lines) == 0 {
		p.line("trace.no_lines")
	}
	p.lines(s.Lines, true)
	p.legs(s.Lines)
	p.payments(s.Payments)
	p.evidence(s.Payments)
	p.roots(s.Documents)
	p.rest(s.Rest)
	return p.err
}

// Text prints a payment for people.
func (c Credit) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	pay := c.Payment
	p.line("trace.payment", "id", pay.ID, "batch", pay.BatchCode, "no", pay.No, "payee", party(pay.Payee),
		"amount", pay.Amount.Grouped(), "state", i18n.Term(lang, "attempt", pay.State))
	p.lines(c.Lines, true)
	p.legs(c.Lines)
	p.payments([]Payment{pay})
	p.evidence([]Payment{pay})
	p.journals(c.Journals)
	p.roots(c.Documents)
	p.rest(c.Rest)
	return p.err
}

func (p *printer) members(s Story) {
	t := p.newTable("members", "household", "person", "relation", "from", "to")
	for _, m := range s.Members {
		t.Add(m.Household, party(m.Person), i18n.Term(p.lang, "relation", m.Relation), m.From, m.To)
	}
	p.table(t)
}

func (p *printer) lines(list []Line, total bool) {
	t := p.newTable("lines", "line", "month", "program", "beneficiary", ">amount", "state", "payee", "policy", "batch")
	var sum money.Fen
	for _, l := range list {
		sum += l.Amount
		payee := i18n.Term(p.lang, "payee_role", l.PayeeRole)
		if l.Payee.ID != l.Beneficiary.ID {
			payee += " " + l.Payee.Name
		}
		t.Add(number(l.ID), l.Month, p.program(l), party(l.Beneficiary), l.Amount.Grouped(), p.lineState(l.State), payee,
			l.Policy.Document+" "+l.Policy.Clause, l.BatchCode)
	}
	if total {
		t.Total(p.t("trace.total"), "", "", "", sum.Grouped())
	}
	p.table(t)
}

func (p *printer) lineState(state string) string {
	if i18n.Has("trace.state." + state) {
		return p.t("trace.state." + state)
	}
	return p.place(state, "")
}

func (p *printer) legs(list []Line) {
	t := p.newTable("legs", "line", "document", "level", "fund", "lot", ">amount", "place", "payment", "addresses")
	var sum money.Fen
	for _, l := range list {
		for _, g := range l.Legs {
			if g.Place != placeGivenBack {
				sum += g.Amount
			}
			name := g.Document
			for _, s := range g.Chain[min(1, len(g.Chain)):] {
				name += " → " + s.Document
			}
			t.Add(number(l.ID), name, i18n.Term(p.lang, "level", g.Level), g.Fund, number(g.Lot), g.Amount.Grouped(),
				p.place(g.Place, ""), number(g.Payment), spans(g.Pieces))
		}
	}
	t.Total(p.t("trace.total"), "", "", "", "", sum.Grouped())
	p.table(t)
	p.ways(list)
}

func (p *printer) payments(list []Payment) {
	t := p.newTable("attempts", "payment", "attempt", "end_to_end_id", "payee", "account", ">amount", "state", ">returned", "file", ">file_line")
	for _, pay := range list {
		if len(pay.Attempts) == 0 {
			t.Add(number(pay.ID), "", "", pay.Payee.Name, "", pay.Amount.Grouped(), i18n.Term(p.lang, "attempt", pay.State))
		}
		for _, a := range pay.Attempts {
			t.Add(number(pay.ID), number(int64(a.N)), a.EndToEndID, a.Account.Holder, a.Account.Number+" "+a.Account.Bank, a.Amount.Grouped(),
				i18n.Term(p.lang, "attempt", a.State), a.Returned.Grouped(), a.File, number(int64(a.FileLine)))
		}
	}
	p.table(t)
}

func (p *printer) evidence(list []Payment) {
	var all []Evidence
	for _, pay := range list {
		for _, a := range pay.Attempts {
			all = append(all, a.Evidence...)
		}
	}
	p.evidenceLines(all)
}

func (p *printer) evidenceLines(all []Evidence) {
	t := p.newTable("evidence", "end_to_end_id", "evidence_file", "digest", ">source_line", "says", ">amount", "reason", "value_date")
	for _, e := range all {
		said := i18n.Term(p.lang, "trace.says", e.Says)
		if e.Says == "" || e.Outcome != "matched" {
			said = i18n.Term(p.lang, "trace.outcome", e.Outcome)
		}
		t.Add(e.EndToEndID, e.File, short(e.SHA256), number(int64(e.SourceLine)), said, e.Amount.Grouped(),
			joined(e.Status, e.Reason, e.ReasonText), e.ValueDate)
	}
	p.table(t)
}

func joined(parts ...string) string {
	out := ""
	for _, s := range parts {
		if s != "" && s != out {
			if out != "" {
				out += " "
			}
			out += s
		}
	}
	return out
}

func (p *printer) journals(list []JournalRef) {
	t := p.newTable("journals", "journal", "when", "business_date", "because", "actor")
	for _, j := range list {
		t.Add(number(j.ID), moment(j.PostedAt), j.BusinessDate, joined(i18n.Term(p.lang, "trace.kind", j.Kind), j.About), j.Actor)
	}
	p.table(t)
}

func (p *printer) roots(list []DocumentRef) {
	t := p.newTable("roots", "document", "title", "kind", "issued_on", "received_on")
	for _, d := range list {
		t.Add(d.Number, d.Title, i18n.Term(p.lang, "trace.document", d.Kind), d.IssuedOn, d.ReceivedOn)
	}
	p.table(t)
}

// Text prints a bank file for people.
func (f File) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	p.line("trace.file."+f.Direction, "name", f.Name, "profile", f.Profile, "batch", f.BatchCode, "count", f.Count,
		"sum", f.Sum.Grouped(), "by", f.By, "on", f.On, "sha256", f.SHA256)
	p.payments(f.Payments)
	if f.Direction == FileIn {
		p.evidenceLines(f.Evidence)
	} else {
		p.evidence(f.Payments)
	}
	p.rest(f.Rest)
	return p.err
}
