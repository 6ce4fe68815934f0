package funds

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"fenlu/internal/sheet"
	"fenlu/money"
)

// advance is a line of an advance notice (提前下达) that is not settled yet, on
// record or earlier in the same file.
type advance struct {
	line   Line
	number string
	year   int
	left   money.Fen // after cuts
	taken  bool      // settled by a row of this file

	settledBy DocumentID // of one that is settled
	settledAt int
}

// settling is what a row of a file settles.
type settling struct {
	word     Word
	advances []*advance
	sum      money.Fen // included
}

// checkAdvances finds, for each new row that brings money, the advance notices
// that it may include. A row that says neither 含 nor 扣除 nor 不含 where there
// is one is asked, and so nothing is imported: to enter the whole amount would
// count the advance twice. So is an advance notice that comes after such a
// document: its money is in that document, or comes on top. Rows whose function
// code an advance has go first: where a notice has lines of several codes, each is
// settled by its own.
func (in *importing) checkAdvances(ctx context.Context) error {
	open, err := openAdvances(ctx, in.tx, in.years())
	if err != nil {
		return err
	}
	mains, err := mainLines(ctx, in.tx, in.lateYears())
	if err != nil {
		return err
	}
	var rows []sheet.Record[documentRow]
	for _, p := range in.fresh {
		for _, r := range p.rows {
			v := r.Value
			switch {
			case v.kind != Bring || v.Amount <= 0:
			case v.typ != Advance:
				rows = append(rows, r)
			case !in.checkLate(r, mains):
				open = append(open, &advance{line: v.line(), number: v.Number, year: v.Year, left: v.Amount})
			}
		}
	}
	exact := func(r sheet.Record[documentRow]) int {
		if slices.ContainsFunc(open, func(a *advance) bool { return a.isOf(r.Value) && a.line.FunctionCode == r.Value.FunctionCode }) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(rows, func(a, b sheet.Record[documentRow]) int { return exact(a) - exact(b) })
	for _, r := range rows {
		in.checkAdvance(r, open)
	}
	return nil
}

// lateYears are the budget years of the new advance notices.
func (in *importing) lateYears() []int {
	var out []int
	for _, p := range in.fresh {
		if p.head().typ == Advance {
			out = append(out, p.head().Year)
		}
	}
	return out
}

// checkLate asks an advance notice that comes after a document on record which
// may have brought its money, and says whether that document did.
func (in *importing) checkLate(r sheet.Record[documentRow], mains []*advance) bool {
	v := r.Value
	found := slices.DeleteFunc(slices.Clone(mains), func(a *advance) bool { return !a.isOf(v) })
	if len(found) == 0 {
		if v.word != "" {
			in.say(r, "includes", "FUNDS_INCLUDES_EXTRA")
		}
		return false
	}
	if same := sameCode(found, v); len(same) > 0 {
		found = same
	}
	first := found[0]
	switch {
	case v.word == "":
		in.say(r, "includes", "FUNDS_ADVANCE_LATE", "number", first.number, "line", first.line.LineNo, "left", first.left.Grouped(), "amount", v.Amount.Grouped())
		return false
	case !v.word.settles():
		return false
	}
	i := slices.IndexFunc(found, func(a *advance) bool { return a.left >= v.Amount })
	if i < 0 {
		in.say(r, "amount", "FUNDS_ADVANCE_ABOVE", "number", first.number, "line", first.line.LineNo, "left", first.left.Grouped())
		return false
	}
	found[i].left -= v.Amount
	in.within[lineKey{v.Number, v.LineNo}] = Inclusion{LineNo: v.LineNo, AdvanceLine: found[i].line.ID, Word: Within, Paper: v.Amount, Included: v.Amount}
	return true
}

// sameCode are those of the row's function code.
func sameCode(list []*advance, v documentRow) []*advance {
	return slices.DeleteFunc(slices.Clone(list), func(a *advance) bool { return a.line.FunctionCode != v.FunctionCode })
}

// years are the budget years of the new papers.
func (in *importing) years() []int {
	var out []int
	for _, p := range in.fresh {
		out = append(out, p.head().Year)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (in *importing) checkAdvance(r sheet.Record[documentRow], open []*advance) {
	v := r.Value
	found := slices.DeleteFunc(slices.Clone(open), func(a *advance) bool { return a.taken || !a.isOf(v) })
	switch {
	case v.word == "" && len(found) > 0 && v.AdvanceNumber == "":
		in.say(r, "includes", "FUNDS_ADVANCE_ASK", "number", found[0].number, "line", found[0].line.LineNo, "left", found[0].left.Grouped(),
			"amount", v.Amount.Grouped())
		return
	case !v.word.settles():
		return
	case len(found) == 0:
		in.say(r, "includes", "FUNDS_ADVANCE_NONE", "fund", v.Fund, "year", v.Year)
		return
	}
	if same := sameCode(found, v); len(same) > 0 {
		found = same
	}
	s := settling{word: v.word, advances: found}
	for _, a := range found {
		a.taken = true
		s.sum += a.left // each was summed with a check when it was entered
	}
	difference := v.Amount - s.sum
	if v.thisTimeKnown && v.ThisTime != difference {
		in.say(r, "this_time", "FUNDS_THIS_TIME", "amount", v.Amount.Grouped(), "included", s.sum.Grouped(), "difference", difference.Grouped(),
			"number", found[0].number)
	}
	if v.cashKnown && v.CashArrived > max(difference, 0) {
		in.say(r, "cash_arrived", "FUNDS_CASH_ABOVE", "amount", max(difference, 0).Grouped())
	}
	in.settles[lineKey{v.Number, v.LineNo}] = s
}

// isOf says whether a row may speak of an advance: the same fund, level and
// budget year, a program in common, and the number where the row names one.
func (a *advance) isOf(v documentRow) bool {
	return a.line.Fund == v.Fund && a.line.Level == v.level && a.year == v.Year && a.number != v.Number &&
		programsMeet(a.line.Programs, v.Programs) && (v.AdvanceNumber == "" || v.AdvanceNumber == a.number)
}

// programsMeet says whether two lists of programs have one in common; an empty
// one means all of the fund.
func programsMeet(a, b string) bool {
	if a == "" || b == "" {
		return true
	}
	others := strings.Split(b, ";")
	return slices.ContainsFunc(strings.Split(a, ";"), func(p string) bool { return slices.Contains(others, p) })
}

// settle adds what a row that settles advance notices changes: it brings the
// difference, or cuts it from them, the newest first, or changes nothing.
func (in *importing) settle(ctx context.Context, m *making, r documentRow, s settling) error {
	lines := make([]Line, len(s.advances))
	for i, a := range s.advances {
		lines[i] = a.line
		if here, recorded := in.lines[lineKey{a.number, a.line.LineNo}]; recorded {
			lines[i] = here
		}
		m.document.Inclusions = append(m.document.Inclusions, Inclusion{LineNo: r.LineNo, AdvanceLine: lines[i].ID, Word: s.word,
			Paper: r.Amount, Included: a.left})
	}
	l := r.line()
	if l.Amount = r.Amount - s.sum; l.Amount > 0 {
		return in.bring(ctx, m, l)
	}
	over := -l.Amount
	for i, a := range slices.Backward(s.advances) {
		if l.Amount = min(over, a.left); l.Amount == 0 {
			continue
		}
		over -= l.Amount
		l.Kind, l.CashArrived, l.CutsLine, l.Lot, l.From = Cut, nil, lines[i].ID, lines[i].Lot, lines[i].To
		if err := m.cut(ctx, l, &decision{}); err != nil {
			return err
		}
	}
	return nil
}

// inclusionText is what a document settled, as its leaf keeps it.
func inclusionText(inclusions []Inclusion) string {
	parts := make([]string, len(inclusions))
	for n, i := range inclusions {
		parts[n] = strings.Join([]string{itoa(i.LineNo), itoa(int(i.AdvanceLine)), string(i.Word), fen(i.Paper), fen(i.Included)}, " ")
	}
	return strings.Join(parts, ";")
}

func fen(f money.Fen) string { return strconv.FormatInt(int64(f), 10) }
