package funds_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/funds"
	"fenlu/events"
	"fenlu/internal/errs"
	"fenlu/ledger"
)

func TestImportDocuments(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r := o.imports(
		row{number: "财社[2026]12号", level: "中央", programs: "DB；TK", cash: "34860000.00", amount: "34,860,000.00"},
		row{number: "县财预〔2026〕6号", level: "县", amount: "10860000"},
		row{number: "县财预〔2026〕6号", line: 2, level: "县", fund: work, economic: "50205", amount: "1800000.50"},
	)
	if r.Documents != (funds.Change{New: 2}) || r.BroughtIn.String() != "47520000.50" || len(r.Recorded) != 2 || r.Replay {
		t.Errorf("report %+v", r)
	}
	d, lines, err := o.funds.FindDocument(o.ctx, o.db.Pool(), "财社【2026】12号")
	if err != nil {
		t.Fatal(err)
	}
	if d.Number != "财社〔2026〕12号" || d.Kind != funds.Bring || d.Year != 2026 || lines[0].Programs != "DB;TK" || *lines[0].CashArrived != yuan(34_860_000) {
		t.Errorf("document %+v, line %+v", d, lines[0])
	}
	journals, err := ledger.JournalsOf(o.ctx, o.db.Pool(), "document:1")
	if err != nil || len(journals) != 1 || journals[0].Key != "document/财社〔2026〕12号" || journals[0].Kind != "document.bring" || journals[0].Actor != "zhou" {
		t.Errorf("journals %+v, %v", journals, err)
	}
	if n, err := events.Pending(o.ctx, o.db.Pool()); n != 2 || err != nil {
		t.Errorf("%d events, want one for each document (%v)", n, err)
	}
}

func TestImportDocuments_the_same_again(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first, second := row{number: "财社〔2026〕12号", amount: "100.00"}, row{number: "财社〔2026〕13号", amount: "50.00"}
	path := o.file(first)
	if _, err := o.funds.ImportDocuments(o.as("zhou"), path); err != nil {
		t.Fatal(explain(err))
	}
	before := o.balances()
	again := o.file(first)
	if !sameBytes(t, path, again) {
		t.Fatal("the sheets differ")
	}
	r, err := o.funds.ImportDocuments(o.as("li"), again)
	if err != nil || !r.Replay || o.balances() != before {
		t.Errorf("the same bytes: %+v, %v", r, err)
	}
	r, err = o.funds.ImportDocuments(o.as("li"), o.file(first, second))
	if err != nil || r.Replay || r.Documents != (funds.Change{New: 1, Same: 1}) || o.place(ledger.Available) != yuan(150) {
		t.Errorf("one known and one new document: %+v, %v", r, err)
	}
}

func TestImportDocuments_conflict(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "100.00"})
	before := o.balances()
	for name, rows := range map[string][]row{
		"amount": {{amount: "101.00"}},
		"title":  {{title: "另一份", amount: "100.00"}},
		"line":   {{line: 2, amount: "100.00"}},
		"more":   {{amount: "100.00"}, {line: 2, amount: "1.00"}},
		"cash":   {{amount: "100.00", cash: "0"}},
		"kind":   {{kind: "调减", cuts: "财社〔2026〕99号", cutsLine: 1, amount: "100.00"}},
	} {
		_, err := o.funds.ImportDocuments(o.as("li"), o.file(rows...))
		text := o.refused(err, "FUNDS_NUMBERS_TAKEN", errs.Conflict, before)
		if !strings.Contains(text, "第 2 行") && name != "more" {
			t.Errorf("%s does not name the row: %s", name, text)
		}
	}
}

func TestImportDocuments_names_every_bad_row(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	good := row{number: "省财社〔2026〕31号", amount: "500.00"}
	_, err := o.funds.ImportDocuments(o.as("zhou"), o.file(good,
		row{kind: "划转", amount: "1.00"},
		row{number: "b〔2026〕1号", level: "乡", amount: "1.00"},
		row{number: "c〔2026〕1号", received: "2026-01-05", amount: "1.00"},
		row{number: "d〔2026〕1号", year: "2028", amount: "1.00"},
		row{number: "e〔2026〕1号", amount: "0"},
		row{number: "f〔2026〕1号", amount: "-5.00"},
		row{number: "g〔2026〕1号", economic: "5", amount: "1.00"},
		row{number: "h〔2026〕1号", programs: "DB;XX;#", amount: "1.00"},
		row{number: "i〔2026〕1号", cash: "2.00", amount: "1.00"},
		row{number: "j〔2026〕1号", kind: "调减", amount: "1.00"},
		row{number: "k〔2026〕1号", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "1.00"},
		row{number: "l〔2026〕1号", kind: "调减", cuts: "没有〔2026〕1号", cutsLine: 1, amount: "1.00"},
		row{number: "m〔2026〕1号", amount: "1.00"}, row{number: "m〔2026〕1号", title: "别的标题", amount: "1.00"},
		row{number: "n〔2026〕1号", kind: "调减", cuts: "省财社〔2026〕31号", cutsLine: 1, amount: "500.01"},
		row{number: "o〔2026〕1号", kind: "调减", cuts: "省财社〔2026〕31号", cutsLine: 1, fund: work, amount: "1.00"},
		row{number: "p〔2026〕1号", issued: "2026-10-07", received: "2026-10-09", amount: "1.00"},
		row{number: "q〔2026〕1号", amount: "1.001"},
		row{number: "r〔2026〕1号", issued: "2026-13-01", kind: "新增", level: "国", line: -1, year: "2030", amount: "-5"},
		row{number: "s〔2026〕1号", kind: "调减", received: "明天", cash: "2.00", amount: "1元"},
		row{number: "t〔2026〕1号", title: "甲", received: "明天", amount: "1.00"}, row{number: "t〔2026〕1号", title: "乙", received: "2026-01-12", amount: "1.00"},
	))
	o.refused(err, "SHEET_PROBLEMS", errs.Invalid, "")
	e, _ := errors.AsType[*errs.Error](err)
	var got []string
	for _, f := range e.Fields {
		got = append(got, strings.Join([]string{string(rune('0' + f.Row/10)), string(rune('0' + f.Row%10)), f.Column, f.Code}, " "))
	}
	want := []string{
		"0 3 类别 FUNDS_KIND", "0 4 级次 FUNDS_LEVEL", "0 5 收到日期 FUNDS_RECEIVED_BEFORE", "0 6 年度 FUNDS_YEAR", "0 7 金额 VALID_FEN_POSITIVE",
		"0 8 金额 VALID_FEN_POSITIVE", "0 9 经济科目 FUNDS_ECONOMIC_CODE", "1 0 项目 FUNDS_PROGRAM", "1 0 项目 FUNDS_PROGRAM_UNKNOWN",
		"1 1 已到款 FUNDS_CASH_ABOVE", "1 2 冲减文号 FUNDS_REDUCES_MISSING", "1 3 冲减文号 FUNDS_REDUCES_EXTRA", "1 4 冲减行号 FUNDS_CUT_UNKNOWN",
		"1 6 行号 FUNDS_LINE_TWICE", "1 6 标题 FUNDS_DOCUMENT_DIFFERS", "1 7 金额 FUNDS_CUT_TOO_LARGE", "1 8 资金 FUNDS_CUT_OTHER_FUND",
		"1 9 收到日期 FUNDS_FUTURE", "2 0 金额 SHEET_AMOUNT_DECIMALS",
		"2 1 签发日期 SHEET_DATE", "2 1 行号 VALID_MIN", "2 1 金额 VALID_FEN_POSITIVE", "2 1 类别 FUNDS_KIND", "2 1 级次 FUNDS_LEVEL",
		"2 2 收到日期 SHEET_DATE", "2 2 金额 SHEET_AMOUNT", "2 2 冲减文号 FUNDS_REDUCES_MISSING",
		"2 3 收到日期 SHEET_DATE", "2 4 行号 FUNDS_LINE_TWICE", "2 4 标题 FUNDS_DOCUMENT_DIFFERS",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n, err := events.Pending(o.ctx, o.db.Pool()); n != 0 || err != nil {
		t.Errorf("%d events of a refused file (%v)", n, err)
	}
	if r := o.imports(good); r.Replay || r.Documents.New != 1 {
		t.Errorf("the corrected file: %+v", r)
	}
}

func TestCut_takes_the_highest_free_fen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r := o.imports(row{amount: "1000.00"},
		row{number: "财社〔2026〕40号", kind: "调减", issued: "2026-08-01", received: "2026-08-05", cuts: "财社[2026]12号", cutsLine: 1, amount: "300.00"})
	if r.Cut != yuan(300) || r.Short != 0 || o.place(ledger.Available) != yuan(700) || o.place(ledger.Withdrawn) != yuan(300) {
		t.Errorf("report %+v\n%s", r, o.balances())
	}
	h, err := ledger.HolderNow(o.ctx, o.db.Pool(), 1, yuan(1000)-1)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := ledger.AccountByID(o.ctx, o.db.Pool(), h.Account); err != nil || a.Place.Kind != ledger.Withdrawn {
		t.Errorf("the last fen stands in %s (%v)", a.Place.Kind, err)
	}
}

func TestCut_above_what_is_free_is_a_shortfall(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"})
	line := o.line("财社〔2026〕12号")
	o.spend(line, yuan(800))
	r := o.imports(row{number: "财社〔2026〕40号", kind: "调减", issued: "2026-08-01", received: "2026-08-05", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "300.00"})
	if r.Cut != yuan(300) || r.Short != yuan(100) || r.Recorded[0].Short != yuan(100) {
		t.Errorf("report %+v", r)
	}
	if o.place(ledger.Available) != 0 || o.place(ledger.Withdrawn) != yuan(300) || o.place(ledger.Shortfall) != -yuan(100) || o.place(ledger.Frozen) != yuan(800) {
		t.Error(o.balances())
	}
	list, err := o.funds.Lots(o.ctx, o.db.Pool())
	if err != nil || len(list.Lots) != 1 || !list.Lots[0].Stopped || list.Lots[0].Withdrawn != yuan(300) || list.Lots[0].BroughtIn != yuan(1000) {
		t.Errorf("lots %+v, %v", list, err)
	}
	if pool, err := o.funds.Pool(o.ctx, o.db.Pool(), "DB"); err != nil || len(pool) != 0 {
		t.Errorf("a stopped lot is in the pool: %+v, %v", pool, err)
	}
}

func TestCut_of_one_line_twice_at_once(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"})
	paths := []string{
		o.file(row{number: "a〔2026〕1号", kind: "调减", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "600.00"}),
		o.file(row{number: "b〔2026〕1号", kind: "调减", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "600.00"}),
	}
	errsOf := race(len(paths), func(i int) error { _, err := o.funds.ImportDocuments(o.as("zhou"), paths[i]); return err })
	if countCode(errsOf, "SHEET_PROBLEMS") != 1 || countCode(errsOf, "") != 1 || o.place(ledger.Withdrawn) != yuan(600) {
		t.Errorf("%v\n%s", errsOf, o.balances())
	}
}

func TestImportDocuments_twice_at_once(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	one, other := row{amount: "1000.00"}, row{number: "z〔2026〕1号", amount: "1.00"}
	paths := []string{o.file(one), o.file(one), o.file(one, other), o.file(other, one)}
	errsOf := race(len(paths), func(i int) error { _, err := o.funds.ImportDocuments(o.as("zhou"), paths[i]); return err })
	if countCode(errsOf, "") != len(paths) || o.place(ledger.Available) != yuan(1001) {
		t.Errorf("%v\n%s", errsOf, o.balances())
	}
}

func TestPool(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(
		row{number: "县财预〔2026〕6号", level: "县", amount: "4.00"},
		row{number: "省财社〔2026〕31号", line: 2, level: "省", amount: "3.00"},
		row{number: "省财社〔2026〕31号", line: 1, level: "省", programs: "TK", amount: "2.00"},
		row{number: "省财社〔2026〕30号", level: "省", issued: "2026-01-02", received: "2026-01-03", amount: "2.50"},
		row{number: "财社〔2026〕12号", level: "中央", programs: "DB;LS", amount: "1.00"},
		row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "9.00"},
		row{number: "财社〔2026〕200号", level: "中央", year: "2027", amount: "8.00"},
	)
	for program, want := range map[string][]string{
		"DB": {"财社〔2026〕12号/1", "省财社〔2026〕30号/1", "省财社〔2026〕31号/2", "县财预〔2026〕6号/1"},
		"TK": {"省财社〔2026〕30号/1", "省财社〔2026〕31号/1", "省财社〔2026〕31号/2", "县财预〔2026〕6号/1"},
		"CJ": nil,
	} {
		pool, err := o.funds.Pool(o.ctx, o.db.Pool(), program)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range pool {
			got = append(got, s.Document+"/"+string(rune('0'+s.LineNo)))
			if a, err := ledger.AccountByID(o.ctx, o.db.Pool(), s.Account); err != nil || a.Balance != s.Balance || a.Place.Kind != ledger.Available || a.Lot != s.Lot {
				t.Errorf("%+v is not account %+v (%v)", s, a, err)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", program, diff)
		}
	}
}

func TestVerify_names_what_was_tampered_with(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, check string }{
		"line amount":  {`UPDATE document_line SET amount_fen = amount_fen - 1 WHERE kind = 'bring'`, "lot_document"},
		"line removed": {`DELETE FROM document_line WHERE kind = 'bring'`, "lot_document"},
		"cut amount":   {`UPDATE document_line SET amount_fen = amount_fen + 1 WHERE kind = 'cut'`, "cuts_withdrawn"},
		"cut target":   {`UPDATE document_line SET cuts_line = 999 WHERE kind = 'cut'`, "cut_line"},
		"move amount":  {`UPDATE document_line SET amount_fen = amount_fen + 1 WHERE kind = 'move'`, "move_transfers"},
		"journal":      {`UPDATE document_line SET journal = 999 WHERE kind = 'cut'`, "line_journal"},
		"budget line":  {`UPDATE budget_line SET number = 'x' WHERE purpose = 'reserve'`, "budget_line_lot"},
		"allotment":    {`UPDATE reserve_allotment SET amount_fen = amount_fen + 1`, "allotment_transfers"},
		"no allotment": {`DELETE FROM reserve_allotment`, "reserve_allotted"},
		"purpose":      {`UPDATE budget_line SET purpose = 'benefit'`, "account_budget_line"},
		"lines gone":   {`DELETE FROM document_line WHERE kind = 'cut'`, "document_lines"},
		"rate":         {`UPDATE reserve_rule SET per_resident_fen = per_resident_fen + 1`, "allotment_rule"},
		"residents":    {`UPDATE reserve_allotment SET residents = residents - 1`, "allotment_rule"},
		"no rule":      {`DELETE FROM reserve_rule`, "allotment_rule"},
		"later rule":   {`UPDATE reserve_rule SET recorded_at = now() + interval '50 years'`, "allotment_rule"},
		"title":        {`UPDATE document SET title = 'x' WHERE kind = 'bring'`, "document_leaf"},
		"issued":       {`UPDATE document SET issued_on = '2026-01-05' WHERE kind = 'cut'`, "document_leaf"},
		"recorded by":  {`UPDATE document SET recorded_by = 'x' WHERE kind = 'move'`, "document_leaf"},
		"programs":     {`UPDATE document_line SET programs = 'DB' WHERE kind = 'bring'`, "document_leaf"},
		"level":        {`UPDATE document_line SET level = 'county' WHERE kind = 'bring'`, "document_leaf"},
		"cash arrived": {`UPDATE document_line SET cash_arrived_fen = 0 WHERE kind = 'bring'`, "document_leaf"},
		"no leaf":      {`DELETE FROM log_pending WHERE kind = 'document'`, "document_leaf"},
		"leaf alone":   {`INSERT INTO log_pending (id, kind, ref, version, digest, created_at) VALUES (900, 'document', 77, 1, 'x', now())`, "document_leaf"},
		"sum":          {`UPDATE document_line SET amount_fen = amount_fen + 1 WHERE kind = 'move'`, "document_journal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.imports(row{amount: "1000.00"}, row{number: "b〔2026〕1号", kind: "调减", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "10.00"})
			o.reserveRule()
			o.population(town + ",麦川乡,100,2025-12-31,统计")
			o.allocate("c〔2026〕1号")
			if found, err := funds.Verify(o.ctx, o.db.Pool()); err != nil || len(found) != 0 {
				t.Fatalf("before: %v, %v", found, err)
			}
			restore := o.snapshot()
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
			restore()
		})
	}
}
