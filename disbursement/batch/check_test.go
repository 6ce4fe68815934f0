package batch_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
)

func TestCheck_finds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2), member(3, 2), head(4).with("核实人", "", "核实日期", ""), head(5).with("户名", "别人"), head(6), head(7),
		head(8).with("证件类型", "临时身份", "证件号码", ident.NewTemporary("991301", day.AddDate(0, -2, 0), 8), "临时身份原因", "无法核实", "临时身份批准人", "周站长",
			"临时身份有效期", "2026-12-31"))
	deaths := o.csv("姓名,证件号码,死亡日期,来源", row{"姓名": name(6), "证件号码": id(6), "死亡日期": "2026-10-01", "来源": "殡仪馆"},
		row{"姓名": name(7), "证件号码": id(7), "死亡日期": "2026-10-02", "来源": "殡仪馆"})
	if _, err := o.parties.ImportDeaths(t.Context(), deaths, "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	temporary := due(8).with("证件号码", ident.NewTemporary("991301", day.AddDate(0, -2, 0), 8))
	o.made("DB-1", "DB", "DF", due(1).with("金额", "419.99"), due(2), due(3), due(4), due(5), due(6), due(7), temporary,
		due(3).with("收款方式", "监护人", "收款人证件号码", id(2)))
	o.clock.Set(day.AddDate(0, 3, 0))
	r, err := o.batch.Check(o.all("checker"), "DB-1")
	o.refused(err, "BATCH_BLOCKED")
	var got []string
	for _, f := range r.Findings {
		got = append(got, fmt.Sprintf("%d %s %s", f.LineNo, f.Severity, f.Code))
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			if s := f.Sentence(lang); s == "finding."+f.Code || slices.Contains([]rune(s), '{') {
				t.Errorf("%s: %s", f.Code, s)
			}
		}
	}
	want := []string{"1 block amount_differs", "3 block account_missing", "4 block account_unverified", "5 block account_holder", "6 block dead",
		"7 note died_in_month", "8 block identity_expired", "9 block payee_relation", "9 block twice"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	stored, err := batch.Findings(t.Context(), o.db.Pool(), r.Batch.ID, r.Round)
	if err != nil || len(stored) != len(want) || stored[0].LineNo != 1 || stored[0].Args["due"] != "420.00" {
		t.Errorf("%+v, %v", stored, err)
	}
}

func TestCheck_takes_the_account_that_was_recorded_since(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), member(2, 1))
	o.made("DB-1", "DB", "DF", due(2))
	o.refused(second(o.batch.Check(o.all("checker"), "DB-1")), "BATCH_BLOCKED")
	lines, err := batch.Lines(t.Context(), o.db.Pool(), o.status("DB-1").Batch.ID, 0, 10)
	if err != nil || len(lines) != 1 || lines[0].Account != 0 {
		t.Fatalf("%+v, %v", lines, err)
	}
	account := o.newAccount(lines[0].Person, 900, name(2))
	o.resubmit("DB-1")
	lines, err = batch.Lines(t.Context(), o.db.Pool(), o.status("DB-1").Batch.ID, 0, 10)
	if err != nil || lines[0].Account != int64(account) {
		t.Errorf("%+v, %v", lines, err)
	}
}

func TestCreate_derives_the_line(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2))
	o.made("DB-1", "DB", "DF", due(2)) // an office that pays
	o.planned(o.plan("青民临2026-8", batch.Staged, dueOn("2026-09-01", 800_00), dueOn("2026-10-01", 1200_00)))
	o.made("LS-1", "LS", "DF", due(1).with("项目", "临时救助", "分项", "支出型", "类别", "支出型", "金额", "1200.00", "案号", "青民临2026-8", "期次", "2"),
		due(1).with("项目", "LS", "分项", "支出型", "类别", "支出型", "金额", "300.00", "案号", "青民临2026-9"))
	lines, err := batch.Lines(t.Context(), o.db.Pool(), o.status("LS-1").Batch.ID, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	l := lines[0]
	if l.Occasion != "case/青民临2026-8/2" || l.Component != "expense" || l.Township != "991301103000" || l.Residence != "rural" || l.Role != terms.PaySelf ||
		l.Payee != l.Person || l.Household == 0 || l.Month != "2026-10" || lines[1].Occasion != "case/青民临2026-9/1" {
		t.Errorf("%+v", lines)
	}
	if r := o.check("LS-1"); r.Reasons != 1 || r.Findings[0].Code != "component_twice" {
		t.Errorf("%+v", r)
	}
	o.refused(second(o.batch.Submit(o.all("maker"), "LS-1", "")), "BATCH_REASON_NEEDED")
	if _, err := o.batch.Submit(o.all("maker"), "LS-1", "两次住院，分别申请"); err != nil {
		t.Error(explain(err))
	}
	o.sound()
}

func TestCreate_reports_every_problem_and_stores_nothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.people(head(1), member(2, 1), head(3).with("户号", "", "与户主关系", ""))
	_, err := o.make("DB-1", "DB", "DF",
		due(1).with("项目", "TK"), due(1).with("服务月份", "2026-09"), due(1).with("类别", "没有"), due(1).with("金额", "-1.00"), due(77),
		due(1).with("姓名", "别人"), due(1).with("户号", "H00009"), due(3).with("收款方式", "户主"), due(1).with("收款方式", "监护人"),
		due(1).with("收款方式", "监护人", "收款人证件号码", id(78)), due(1).with("收款方式", "机构", "收款人证件号码", credit(9)), due(1).with("案号", "A1"),
		due(1).with("收款方式", "邻居"), due(1).with("金额", "abc"))
	o.refused(err, "SHEET_PROBLEMS")
	var got []string
	for _, f := range fields(err) {
		got = append(got, fmt.Sprintf("%d %s %s", f.Row, f.Column, f.Code))
		if slices.Contains([]string{id(77), id(78), credit(9)}, f.Value) {
			t.Errorf("row %d shows a whole number: %s", f.Row, f.Value)
		}
	}
	slices.Sort(got)
	want := []string{"10 收款人证件号码 BATCH_ROW_PAYEE_ID", "11 收款人证件号码 BATCH_ROW_PAYEE_UNKNOWN", "12 收款人证件号码 BATCH_ROW_UNIT_UNKNOWN",
		"13 案号 BATCH_ROW_NO_CASE", "14 收款方式 BATCH_ROW_PAYEE", "15 金额 SHEET_AMOUNT", "2 项目 BATCH_ROW_PROGRAM", "3 服务月份 BATCH_ROW_MONTH",
		"4 类别 BATCH_ROW_POLICY", "5 金额 VALID_FEN_POSITIVE", "6 证件号码 BATCH_ROW_PERSON", "7 姓名 BATCH_ROW_NAME", "8 户号 BATCH_ROW_HOUSEHOLD",
		"9 收款方式 BATCH_ROW_NO_HEAD"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var n int
	if err := o.db.Pool().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM batch) + (SELECT count(*) FROM entitlement_line) + (SELECT count(*) FROM approval)`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows were stored, %v", n, err)
	}
	if _, err := o.make("db 1", "DB", "DF", due(1)); errs.CodeOf(err) != "VALID_PROBLEMS" {
		t.Error(explain(err))
	}
	if _, err := o.make("DB-1", "DB", "XX", due(1)); errs.CodeOf(err) != "PAYMENT_CHANNEL" {
		t.Error(explain(err))
	}
}
