package funds_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fenlu/disbursement/funds"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// notice is an advance notice of 2027's money, in the autumn of 2026.
func notice(amount string) row {
	return row{number: "财社〔2026〕188号", title: "关于提前下达预算的通知", kind: "提前下达", issued: "2026-09-28", received: "2026-10-07",
		year: "2027", level: "中央", amount: amount}
}

// whole is the document that names the whole of 2027.
func whole(amount, includes string) row {
	return row{number: "财社〔2027〕21号", title: "关于下达2027年预算的通知", issued: "2027-04-20", received: "2027-04-26", year: "2027", level: "中央",
		amount: amount, includes: includes}
}

func (o *office) inSpring() { o.clock.Set(time.Date(2027, 4, 28, 9, 0, 0, 0, clock.Shanghai)) }

// TestAdvance_only_the_difference_enters are the golden cases: 7,000,000 ahead,
// then a whole of 10,000,000, of 6,500,000 and of exactly as much.
func TestAdvance_only_the_difference_enters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount, word, thisTime string
		available, withdrawn   money.Fen
	}{
		"more":     {"10000000.00", "含", "", yuan(10_000_000), 0},
		"less":     {"6500000.00", "含", "", yuan(6_500_000), yuan(500_000)},
		"as much":  {"7000000.00", "含", "0", yuan(7_000_000), 0},
		"deducted": {"10000000.00", "扣除", "3000000.00", yuan(10_000_000), 0},
		"apart":    {"1000000.00", "不含", "", yuan(8_000_000), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.imports(notice("7000000.00"))
			o.inSpring()
			later := whole(c.amount, c.word)
			later.thisTime = c.thisTime
			r := o.imports(later)
			if o.place(ledger.Available) != c.available || o.place(ledger.Withdrawn) != c.withdrawn || r.Cut != c.withdrawn {
				t.Errorf("%+v\n%s", r, o.balances())
			}
			if r.BroughtIn-r.Cut != c.available-yuan(7_000_000) {
				t.Errorf("brought in %s, cut %s", r.BroughtIn, r.Cut)
			}
			again := later
			again.cutsLine = 0
			r, err := o.funds.ImportDocuments(o.as("li"), o.file(again, row{number: "县财预〔2027〕1号", level: "县", year: "2027", issued: "2027-04-20",
				received: "2027-04-26", amount: "1.00"}))
			if err != nil || r.Documents != (funds.Change{New: 1, Same: 1}) {
				t.Errorf("the same paper in another file: %+v, %v", r.Documents, explain(err))
			}
			later.amount = "9999999.00"
			later.thisTime = ""
			if later.includes == "扣除" {
				later.thisTime = "2999999.00"
			}
			if _, err := o.funds.ImportDocuments(o.as("li"), o.file(later)); errs.CodeOf(err) != "FUNDS_NUMBERS_TAKEN" {
				t.Errorf("another amount: %v", explain(err))
			}
		})
	}
}

// TestAdvance_asks imports nothing where neither word stands, or it does not add
// up, or the advance is settled.
func TestAdvance_asks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(notice("7000000.00"))
	o.inSpring()
	before := o.balances()
	wrong := func(r row, codes ...string) {
		t.Helper()
		_, err := o.funds.ImportDocuments(o.as("zhou"), o.file(r))
		text := o.refused(err, "SHEET_PROBLEMS", errs.Invalid, before)
		for _, c := range codes {
			if !strings.Contains(text, c) {
				t.Errorf("%s does not say %s", text, c)
			}
		}
	}
	wrong(whole("10000000.00", ""), "财社〔2026〕188号", "7,000,000.00", "含提前下达", "扣除")
	added := whole("10000000.00", "")
	added.kind, added.programs = "追加", "DB"
	wrong(added, "财社〔2026〕188号")
	wrong(whole("10000000.00", "包括"), "含、扣除")
	wrong(whole("3000000.00", "扣除"), "本次下达")
	twice := whole("3000000.00", "扣除")
	twice.thisTime = "3000000.00" // the rest was written as the whole
	wrong(twice, "-4,000,000.00")
	other := whole("10000000.00", "含")
	other.level = "省"
	wrong(other, "没有可以含或扣除的提前下达")
	mixed := notice("1.00")
	mixed.number, mixed.year, mixed.issued, mixed.received = "财社〔2027〕9号", "2027", "2027-01-04", "2027-01-08"
	wrong(mixed, "2028")

	o.imports(whole("10000000.00", "含"))
	before = o.balances()
	second := whole("11000000.00", "含")
	second.number = "财社〔2027〕22号"
	wrong(second, "没有可以含或扣除的提前下达")
	second.includes = ""
	o.imports(second) // nothing is open any more: nobody is asked
}

// TestAdvance_of_two_codes: each line of a notice is settled by the line with its
// function code, whichever comes first; where the codes changed, by any.
func TestAdvance_of_two_codes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	poor, rural := notice("100.00"), notice("40.00")
	rural.line, rural.function = 2, "2081902"
	o.imports(poor, rural)
	o.inSpring()
	other, first, second := whole("7.00", "不含"), whole("150.00", "含"), whole("90.00", "含")
	other.function = "2081999"
	first.line, first.function = 2, "2081902"
	second.line = 3
	r := o.imports(other, first, second)
	if r.BroughtIn != yuan(7+110) || r.Cut != yuan(10) || o.place(ledger.Available) != yuan(7+150+90) {
		t.Errorf("%+v\n%s", r, o.balances())
	}
	changed := newOffice(t)
	changed.imports(poor, rural)
	changed.inSpring()
	other, second = whole("50.00", "含"), whole("110.00", "含")
	other.function = "2081999" // was 2081902
	second.line = 2
	if r := changed.imports(other, second); r.BroughtIn != yuan(20) || r.Cut != 0 {
		t.Errorf("%+v\n%s", r, changed.balances())
	}
}

// TestAdvance_that_comes_late is asked whether its money is in the document that
// came before it: then nothing enters.
func TestAdvance_that_comes_late(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.inSpring()
	o.imports(whole("10000000.00", ""))
	before := o.balances()
	late := notice("7000000.00")
	_, err := o.funds.ImportDocuments(o.as("zhou"), o.file(late))
	if text := o.refused(err, "SHEET_PROBLEMS", errs.Invalid, before); !strings.Contains(text, "财社〔2027〕21号") || !strings.Contains(text, "10,000,000.00") {
		t.Error(text)
	}
	late.includes = "含"
	if r := o.imports(late); r.Documents.New != 1 || r.BroughtIn != 0 || o.balances() != before {
		t.Errorf("%+v", r)
	}
	for _, word := range []string{"含", "扣除", "不含"} {
		late.includes = word
		r, err := o.funds.ImportDocuments(o.as("li"), o.file(late, row{number: "县财预〔2027〕" + word, level: "县", year: "2027", issued: "2027-04-20", received: "2027-04-26",
			amount: "1.00"}))
		if word != "不含" && (err != nil || r.Documents.Same != 1) {
			t.Errorf("the same paper: %+v, %v", r, explain(err))
		}
		if word == "不含" && errs.CodeOf(err) != "FUNDS_NUMBERS_TAKEN" {
			t.Errorf("another word: %v", explain(err))
		}
	}
	before = o.balances()
	more := notice("3000000.01")
	more.number, more.includes = "财社〔2026〕199号", "含"
	_, err = o.funds.ImportDocuments(o.as("zhou"), o.file(more))
	if text := o.refused(err, "SHEET_PROBLEMS", errs.Invalid, before); !strings.Contains(text, "3,000,000.00") {
		t.Error(text)
	}
	more.includes = "不含"
	if r := o.imports(more); r.BroughtIn.String() != "3000000.01" {
		t.Errorf("%+v", r)
	}
	early := notice("1.00")
	early.number, early.year, early.includes, early.issued, early.received = "财社〔2027〕99号", "2028", "含", "2027-04-20", "2027-04-26"
	_, err = o.funds.ImportDocuments(o.as("zhou"), o.file(early))
	o.refused(err, "SHEET_PROBLEMS", errs.Invalid, o.balances())
}

// TestCut_of_a_line_that_includes takes from what the line brought beside the
// notice, then from the notice; it may come in the same file or later.
func TestCut_of_a_line_that_includes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount, cut string
		parts       []money.Fen
		above       string
	}{
		"more":    {"100.00", "40.00", []money.Fen{yuan(30), yuan(10)}, "60.01"},
		"less":    {"65.00", "40.00", []money.Fen{yuan(40)}, "25.01"},
		"as much": {"70.00", "40.00", []money.Fen{yuan(40)}, "30.01"},
	} {
		for _, inFile := range []bool{true, false} {
			t.Run(fmt.Sprint(name, inFile), func(t *testing.T) {
				t.Parallel()
				o := newOffice(t)
				o.imports(notice("70.00"))
				o.inSpring()
				cut := row{number: "财社〔2027〕40号", kind: "调减", issued: "2027-04-21", received: "2027-04-27", year: "2027", level: "中央", cuts: "财社〔2027〕21号", cutsLine: 1, amount: c.cut}
				if inFile {
					o.imports(whole(c.amount, "含"), cut)
				} else {
					o.imports(whole(c.amount, "含"))
					o.imports(cut)
				}
				_, lines, err := o.funds.FindDocument(o.ctx, o.db.Pool(), "财社〔2027〕40号")
				if err != nil {
					t.Fatal(err)
				}
				var parts []money.Fen
				for _, l := range lines {
					parts = append(parts, l.Amount)
				}
				if !slices.Equal(parts, c.parts) {
					t.Errorf("%v, want %v", parts, c.parts)
				}
				r, err := o.funds.ImportDocuments(o.as("li"), o.file(cut, row{number: "县财预〔2027〕1号", level: "县", year: "2027", issued: "2027-04-20", received: "2027-04-26", amount: "1.00"}))
				if err != nil || r.Documents.Same != 1 {
					t.Errorf("the same paper: %+v, %v", r.Documents, explain(err))
				}
				above := cut
				above.number, above.amount = "财社〔2027〕41号", c.above
				_, err = o.funds.ImportDocuments(o.as("li"), o.file(above))
				o.refused(err, "SHEET_PROBLEMS", errs.Invalid, o.balances())
			})
		}
	}
}

// TestAdvance_in_the_same_file settles two notices by one line, one of them in
// the file itself, and cuts the newest first.
func TestAdvance_in_the_same_file(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(notice("100.00"))
	o.inSpring()
	more := notice("50.00")
	more.number = "财社〔2026〕199号"
	r := o.imports(whole("80.00", "含"), more)
	if o.place(ledger.Available) != yuan(80) || r.Cut != yuan(70) || r.BroughtIn != yuan(50) {
		t.Errorf("%+v\n%s", r, o.balances())
	}
	_, lines, err := o.funds.FindDocument(o.ctx, o.db.Pool(), "财社〔2027〕21号")
	if err != nil || len(lines) != 2 || lines[0].Amount != yuan(50) || lines[1].Amount != yuan(20) {
		t.Errorf("lines %+v, %v", lines, err)
	}
}

// TestAdvance_twice_at_once: two documents that include the same notice at the
// same moment: one settles it, the other finds that it is settled.
func TestAdvance_twice_at_once(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.inSpring()
	o.imports(notice("100.00"))
	one, other := whole("150.00", "含"), whole("170.00", "含")
	other.number = "财社〔2027〕22号"
	paths := []string{o.file(one), o.file(other)}
	errsOf := race(len(paths), func(i int) error { _, err := o.funds.ImportDocuments(o.as("zhou"), paths[i]); return err })
	if countCode(errsOf, "") != 1 || countCode(errsOf, "SHEET_PROBLEMS") != 1 {
		t.Errorf("%v\n%s", errsOf, o.balances())
	}
}

// TestAdvance_is_not_drawable before 1 January of its year: the ledger refuses
// the draw, whoever asks.
func TestAdvance_is_not_drawable(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(notice("1000.00"))
	account := o.available(o.line("财社〔2026〕188号"))
	draw := func() error {
		_, err := o.ledger.Post(o.ctx, ledger.Command{Key: "early", Kind: "batch.freeze", Actor: "li", Cause: "batch:1",
			BusinessDate: clock.Date(o.clock.Now()),
			Steps:        []ledger.Step{ledger.Draw{From: account, To: ledger.Frozen, Legs: []ledger.Leg{{Line: 1, Payment: 1, Party: 1, Amount: 1}}}}})
		return err
	}
	before := o.balances()
	o.refused(draw(), "LEDGER_NOT_OPEN", errs.Refused, before)
	o.clock.Set(time.Date(2026, 12, 31, 23, 59, 0, 0, clock.Shanghai))
	o.refused(draw(), "LEDGER_NOT_OPEN", errs.Refused, before)
	o.clock.Set(time.Date(2027, 1, 1, 0, 1, 0, 0, clock.Shanghai))
	if err := draw(); err != nil {
		t.Error(explain(err))
	}
}

// TestVerify_advance names what was tampered with around an advance notice.
func TestVerify_advance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, undo, check string }{
		"type":     {`UPDATE document SET type = 'cut' WHERE id = 1`, `UPDATE document SET type = 'advance' WHERE id = 1`, "document_type"},
		"leaf":     {`UPDATE document SET type = 'addition' WHERE id = 2`, `UPDATE document SET type = 'issue' WHERE id = 2`, "document_leaf"},
		"paper":    {`UPDATE document_inclusion SET paper_fen = paper_fen + 1`, `UPDATE document_inclusion SET paper_fen = paper_fen - 1`, "inclusion_amount"},
		"included": {`UPDATE document_inclusion SET included_fen = 1`, `UPDATE document_inclusion SET included_fen = 700000000`, "inclusion_amount"},
		"advance":  {`UPDATE document_inclusion SET advance_line = 2`, `UPDATE document_inclusion SET advance_line = 1`, "inclusion_advance"},
		"opening":  {`UPDATE line_opening SET opens_on = '2026-10-01'`, `UPDATE line_opening SET opens_on = '2027-01-01'`, "line_opening"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.imports(notice("7000000.00"))
			o.inSpring()
			o.imports(whole("10000000.00", "含"))
			o.tampered(c.sql)
			found, err := funds.Verify(o.ctx, o.db.Pool())
			if err != nil {
				t.Fatal(err)
			}
			named := false
			for _, f := range found {
				named = named || f.Check == c.check
			}
			if !named {
				t.Errorf("found %v, want %s", found, c.check)
			}
			o.tampered(c.undo)
		})
	}
}

// TestCut_by_decision takes what is available first, then what is set aside and
// in reserve as far as the document decides, and the rest is a shortfall.
func TestCut_by_decision(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"})
	o.carveoutRule()
	o.reserveRule()
	o.population(town + ",麦川乡,100,2025-12-31,统计")
	o.allocate("青民〔2026〕8号")
	if _, err := o.funds.SetAside(o.as("zhou"), setAside("县民〔2026〕1号", item(o.line("财社〔2026〕12号"), yuan(30)))); err != nil {
		t.Fatal(explain(err))
	}
	reserve := o.place(ledger.Reserve)
	o.spend(o.line("财社〔2026〕12号"), yuan(600))
	free := o.place(ledger.Available)
	cut := row{number: "财社〔2026〕40号", kind: "收回", issued: "2026-08-01", received: "2026-08-05", cuts: "财社〔2026〕12号", cutsLine: 1,
		aside: "20.00", reserve: "5.00", amount: (free + yuan(20) + yuan(5) + yuan(7)).String()}
	r := o.imports(cut)
	if r.Short != yuan(7) || o.place(ledger.Available) != 0 || o.place(ledger.Carveout) != yuan(10) || o.place(ledger.Reserve) != reserve-yuan(5) ||
		o.place(ledger.Shortfall) != -yuan(7) {
		t.Errorf("%+v\n%s", r, o.balances())
	}
	cut.aside, cut.reserve = "", ""
	r, err := o.funds.ImportDocuments(o.as("li"), o.file(cut))
	if err != nil || r.Documents.Same != 1 {
		t.Errorf("the same paper: %+v, %v", r.Documents, explain(err))
	}
	bad := row{number: "财社〔2026〕41号", aside: "1.00", amount: "5.00"}
	_, err = o.funds.ImportDocuments(o.as("li"), o.file(bad))
	o.refused(err, "SHEET_PROBLEMS", errs.Invalid, o.balances())
	bad.kind, bad.cuts, bad.cutsLine, bad.reserve, bad.amount = "调减", "财社〔2026〕12号", 1, "1.00", "1.50"
	_, err = o.funds.ImportDocuments(o.as("li"), o.file(bad))
	o.refused(err, "SHEET_PROBLEMS", errs.Invalid, o.balances())
}
