package carveout

import (
	"slices"
	"strings"

	"fenlu/internal/errs"
	"fenlu/money"
)

// explain lists the calculation line by line, in the order in which it was
// done, each line naming the lines it comes from.
func explain(in Input, t totals, r Result, paid money.Fen) []Line {
	w := &writer{after: in.after}
	fund := w.sources(in.Fund, t.fundSources, t.fund)
	base := w.base(in, t, fund)
	floor := w.add("floor", r.Floor, in.Floor.Document, "line", base, "rate", in.Floor.Rate)
	ceiling := w.add("cap", r.Cap, in.Cap.Document, "line", fund, "rate", in.Cap.Rate)
	open := w.add("open", t.fundOpen, barred(t.fundSources), "fund", in.Fund)
	usableFund := w.add("usable_fund", r.UsableFund, "", "cap", ceiling, "open", open)
	others := w.add("usable_others", r.UsableOthers, "", "funds", strings.Join(in.Payers, "、"))
	usable := w.add("usable", r.Usable, "", "fund", usableFund, "others", others)
	w.add("from_others", r.FromOthers, "", "floor", floor, "fund", usableFund)
	w.add("slack", r.Slack, "", "usable", usable, "floor", floor)
	all := w.add("paid", paid, "")
	ofFund := w.add("paid_fund", in.Paid.Fund, "", "fund", in.Fund)
	w.add("paid_others", in.Paid.Others, "", "paid", all, "fund", ofFund)
	toFloor := w.add("to_floor", r.ToFloor, "", "floor", floor, "paid", all)
	capSlack := w.add("cap_slack", r.CapSlack, "", "cap", ceiling, "paid", ofFund)
	w.add("still_others", r.StillOthers, "", "to_floor", toFloor, "slack", capSlack)
	w.add("reachable", r.Reachable, "", "paid", all, "slack", capSlack, "free", in.Free.Fund, "others", in.Free.Others)
	return w.lines
}

type writer struct {
	after int
	lines []Line
}

// add appends a line and returns its number.
func (w *writer) add(label string, amount money.Fen, source string, args ...any) int {
	no := w.after + len(w.lines) + 1
	w.lines = append(w.lines, Line{no, "carveout.line." + label, errs.Pairs(args...), amount, source})
	return no
}

// sources lists a fund's lines and their total, whose number it returns.
func (w *writer) sources(fund string, sources []Source, total money.Fen) int {
	for _, s := range sources {
		label := "source"
		if s.Barred {
			label = "source_barred"
		}
		w.add(label, s.Amount, s.Document, "fund", s.Fund, "level", s.Level)
	}
	return w.add("fund", total, "", "fund", fund, "count", len(sources))
}

// base lists what makes the base beside the capped fund, and the base itself.
func (w *writer) base(in Input, t totals, fund int) int {
	if slices.ContainsFunc(in.Sources, func(s Source) bool { return s.BaseOnly || s.OutOfBase }) {
		for _, s := range in.Sources {
			if s.BaseOnly && slices.Contains(in.Base, s.Fund) {
				w.add("source_base", s.Amount, s.Document, "fund", s.Fund, "level", s.Level)
			}
		}
		return w.add("base_others", t.base, in.Decision, "funds", strings.Join(in.Base, "、"))
	}
	for _, name := range in.Base {
		if name == in.Fund {
			continue
		}
		for _, s := range in.Sources {
			if s.Fund == name {
				w.add("source", s.Amount, s.Document, "fund", s.Fund, "level", s.Level)
			}
		}
	}
	if !t.fundInBase {
		return w.add("base_others", t.base, in.Decision, "funds", strings.Join(in.Base, "、"))
	}
	return w.add("base", t.base, in.Decision, "fund", fund, "others", t.baseOthers)
}

// barred names the documents of money that may not pay for services.
func barred(sources []Source) string {
	var documents []string
	for _, s := range sources {
		if s.Barred {
			documents = append(documents, s.Document)
		}
	}
	return strings.Join(documents, "、")
}
