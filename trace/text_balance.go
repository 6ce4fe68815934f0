package trace

import (
	"io"
	"time"

	"fenlu/internal/clock"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// Text prints the balances of every lot, the totals and what is unaccounted.
func (c Closing) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	p.lots(c.Lots, c.Sums)
	p.write("\n")
	p.line("trace.unaccounted", "amount", c.Unaccounted.Grouped())
	p.line("trace.counts", "payments", grouped(int64(c.Payments)), "attempts", grouped(int64(c.Attempts)), "lines", grouped(int64(c.Lines)),
		"persons", grouped(int64(c.Persons)), "households", grouped(int64(c.Households)), "units", grouped(int64(c.Units)))
	return p.err
}

// Text prints the balances as they were.
func (c PastClosing) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	p.line("trace.as_of", "index", c.Index, "at", moment(c.At))
	p.lots(c.Lots, c.Sums)
	return p.err
}

// lots prints one row for each lot; places where no lot has anything are left
// out.
func (p *printer) lots(list []LotBalance, all Sums) {
	used := map[string]bool{"appropriated": true, "available": true}
	for _, l := range list {
		for _, n := range l.all() {
			used[n.code] = used[n.code] || *n.amount != 0
		}
	}
	columns := []table.Column{table.Right(p.t("trace.head.lot")), table.Left(p.t("trace.head.document")), table.Left(p.t("trace.head.level"))}
	for _, n := range all.all() {
		if used[n.code] {
			columns = append(columns, table.Right(p.balanceHead(n.code)))
		}
	}
	t := table.New(p.t("trace.title.balance"), columns...)
	for _, l := range list {
		name := l.Document
		if l.LineNo > 1 {
			name = p.t("trace.document_line", "number", l.Document, "line", l.LineNo)
		}
		t.Add(append([]string{number(l.Lot), name, i18n.Term(p.lang, "level", l.Level)}, l.cells(used)...)...)
	}
	t.Total(append([]string{"", p.t("trace.total"), ""}, all.cells(used)...)...)
	p.table(t)
}

func (s Sums) cells(used map[string]bool) []string {
	var out []string
	for _, n := range s.all() {
		if used[n.code] {
			out = append(out, n.amount.Grouped())
		}
	}
	return out
}

func (p *printer) balanceHead(code string) string {
	if i18n.Has("trace.balance." + code) {
		return p.t("trace.balance." + code)
	}
	return i18n.Term(p.lang, "place", code)
}

// Text prints one line for each promise, and the rows that are wrong.
func (v Verification) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	for _, promise := range v.Promises {
		code := "trace.promise_kept"
		if !promise.Kept {
			code = "trace.promise_broken"
		}
		p.line(code, "no", promise.No, "promise", p.t("promise."+number(int64(promise.No))), "rows", grouped(int64(promise.Rows)),
			"what", p.t("promise.rows."+number(int64(promise.No))), "findings", promise.Findings)
		if c := v.Compared; promise.No == 10 && c != nil {
			p.line("trace.compared", "count", grouped(int64(c.Checkpoints)), "largest", grouped(c.Largest), "leaves", grouped(c.Leaves),
				"cosigned", grouped(int64(c.Cosigned)))
			p.restarts(c.Restarts)
		}
	}
	p.line("trace.unaccounted", "amount", v.Unaccounted.Grouped())
	t := p.newTable("findings", ">promise", "row", "check", "detail")
	for _, f := range v.Findings[:len(v.Findings)-v.left] {
		t.Add(number(int64(f.Promise)), f.Row, checkText(lang, f.Check), f.Detail)
	}
	p.table(t)
	if v.left > 0 {
		p.line("trace.more_findings", "count", v.left)
	}
	return p.err
}

// restarts tells of each time that history was given up: no fault, but never
// hidden.
func (p *printer) restarts(all []Restarted) {
	for _, r := range all {
		p.line("trace.restarted", "time", r.At.In(clock.Shanghai).Format(time.DateTime), "by", r.ProposedBy, "confirmed", r.ConfirmedBy,
			"abandoned", grouped(r.Abandoned), "size", grouped(r.Size), "kept", grouped(r.Kept), "reason", r.Reason)
	}
}

// checkText is a check's sentence; a domain may register it under its own
// full code.
func checkText(lang i18n.Lang, code string) string {
	if i18n.Has(code) {
		return i18n.T(lang, code)
	}
	return i18n.Term(lang, "check", code)
}
