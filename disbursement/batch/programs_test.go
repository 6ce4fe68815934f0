package batch_test

import (
	"slices"
	"strings"
	"testing"

	"fenlu/disbursement/batch"
)

const programHeader = "项目代码,项目名称,分项代码,分项名称,一卡通项目编码,城市功能科目,农村功能科目,资金池,执行日期,停止日期,文号"

func elderly() row {
	return row{"项目代码": "JJ", "项目名称": "经济困难老年人补贴", "分项代码": "home_care", "分项名称": "居家养老服务补贴", "一卡通项目编码": "YKT-0417",
		"城市功能科目": "2081006", "农村功能科目": "2081006", "资金池": "困难群众救助补助资金=县", "执行日期": "2026-01-01", "文号": "县民发〔2026〕12号"}
}

// TestPrograms_a_new_one_needs_no_code: money-rules A37: a further program comes
// in by a file, with its standard worked out from another, and a roster of it
// goes to approved.
func TestPrograms_a_new_one_needs_no_code(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if _, err := o.benefits.ImportPrograms(t.Context(), o.csv(programHeader, elderly()), "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	policy := row{"项目": "经济困难老年人补贴", "类别": "留守老年人", "计发周期": "月", "执行日期": "2026-01-01", "文号": "县民发〔2026〕12号", "条款": "三", "原文": "按农村A档的四分之一",
		"计算方法": "按比例", "比例": "1/4", "基数": "DB//农村A档"}
	if _, err := o.benefits.ImportPolicies(t.Context(), o.csv(policyHead+",计算方法,比例,基数", policy), "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	path := o.csv(documentHead, row{"文号": "县财预〔2026〕6号", "标题": "关于下达补贴资金的通知", "类别": "下达", "签发日期": "2026-01-06", "收到日期": "2026-01-12", "年度": "2026",
		"行号": "1", "级次": "县", "资金": "困难群众救助补助资金", "功能科目": "2081006", "经济科目": "50901", "单位": "青禾县民政局", "项目": "JJ", "金额": "1000.00"})
	if _, err := o.funds.ImportDocuments(o.all("zhou"), path); err != nil {
		t.Fatal(explain(err))
	}
	o.people(head(1), head(2))
	old := func(n int, amount string) row {
		return due(n).with("项目", "JJ", "类别", "留守老年人", "金额", amount)
	}

	// 420.00 / 4 is 105.00: another amount is blocked, with what is due
	o.made("JJ-0", "JJ", "DF", old(1, "105.01"))
	r, err := o.batch.Check(o.all("checker"), "JJ-0")
	o.refused(err, "BATCH_BLOCKED")
	if len(r.Findings) != 1 || r.Findings[0].Code != "amount_differs" || r.Findings[0].Args["due"] != "105.00" {
		t.Errorf("%+v", r.Findings)
	}
	f := o.approved("JJ-1", "JJ", "DF", old(1, "105.00"), old(2, "105.00"))
	if f.Payments != 2 || o.status("JJ-1").Batch.State != batch.Approved || o.status("JJ-1").Batch.Amount != 210_00 {
		t.Errorf("%+v", o.status("JJ-1"))
	}
	o.sound()
}

// TestPrograms_have_their_time: a program that has ended, or not yet begun, takes
// no roster of the month.
func TestPrograms_have_their_time(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.people(head(1))
	for code, r := range map[string]row{"JA": elderly().with("停止日期", "2026-09-30"), "JB": elderly().with("执行日期", "2026-11-01")} {
		if _, err := o.benefits.ImportPrograms(t.Context(), o.csv(programHeader, r.with("项目代码", code, "项目名称", code)), "hexiao"); err != nil {
			t.Fatal(explain(err))
		}
		_, err := o.make(code+"-1", code, "DF", due(1).with("项目", code))
		o.refused(err, "BATCH_PROGRAM_MONTH")
	}
}

// TestCases_within_the_band_of_their_row: money-rules A24: a roster's amount of
// a case stays between the multiples of its cause.
func TestCases_within_the_band_of_their_row(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "100000.00")
	policy := row{"项目": "LS", "分项": "支出型", "类别": "教育", "计发周期": "次", "执行日期": "2026-01-01", "文号": "县民发〔2026〕6号", "条款": "三", "原文": "3-6倍",
		"计算方法": "倍数", "基数": "DB//农村A档", "下限倍数": "3", "上限倍数": "6"}
	if _, err := o.benefits.ImportPolicies(t.Context(), o.csv(policyHead+",计算方法,基数,下限倍数,上限倍数", policy), "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.people(head(1))
	for amount, want := range map[string]string{"1259.99": "amount_below", "1260.00": "", "2520.00": "", "2520.01": "amount_above"} {
		code := "LS-" + strings.ReplaceAll(amount, ".", "")
		o.made(code, "LS", "DF", due(1).with("项目", "LS", "分项", "支出型", "类别", "教育", "金额", amount, "案号", code, "期次", "1"))
		r, _ := o.batch.Check(o.all("checker"), code)
		got := ""
		if i := slices.IndexFunc(r.Findings, func(f batch.Finding) bool { return strings.HasPrefix(f.Code, "amount_") }); i >= 0 {
			got = r.Findings[i].Code
		}
		if got != want {
			t.Errorf("%s: %+v", amount, r.Findings)
		}
	}
}

// TestCases_that_only_a_case_decides: a row of a threshold or of persons and months
// states no amount that a list could be held against: it is asked by what the amount
// was decided. A ceiling of a year counts the whole year (money-rules A22, B14, G4).
func TestCases_that_only_a_case_decides(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "100000.00")
	policy := row{"项目": "LS", "分项": "支出型", "计发周期": "次", "执行日期": "2026-01-01", "文号": "县民发〔2026〕6号", "条款": "三", "原文": "原文"}
	path := o.csv(policyHead+",计算方法,比例,基数", policy.with("类别", "医疗", "计算方法", "起付线", "标准", "3000.00", "比例", "60%"),
		policy.with("类别", "火灾", "计算方法", "人数月数", "基数", "DB//农村A档"), policy.with("类别", "意外", "计算方法", "人数月数", "基数", "DB//农村A档", "标准", "2000.00"),
		policy.with("类别", "综合", "计算方法", "年度限额", "标准", "5000.00"))
	if _, err := o.benefits.ImportPolicies(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.people(head(1), head(2), head(3), head(4), head(5))
	line := func(n int, class, amount, number string) row {
		return due(n).with("项目", "LS", "分项", "支出型", "类别", class, "金额", amount, "案号", number, "期次", "1")
	}
	o.made("LS-1", "LS", "DF", line(1, "医疗", "8000.00", "A1"), line(2, "火灾", "419.99", "A2"), line(3, "火灾", "2520.00", "A3"),
		line(4, "意外", "2000.00", "A4"), line(5, "意外", "2000.01", "A5"))
	o.want([]string{"1 reason amount_of_case", "2 block amount_below", "3 reason amount_of_case", "5 block amount_above"}, o.examined("LS-1"))
	o.submitted("LS-2", "LS", "DF", line(1, "综合", "3000.00", "B1"))
	o.made("LS-3", "LS", "DF", line(1, "综合", "2000.01", "B2"), line(2, "综合", "5000.00", "B3"))
	o.want([]string{"1 block amount_year"}, o.examined("LS-3"))
	o.made("LS-4", "LS", "DF", line(1, "综合", "1500.00", "B4"), line(1, "综合", "500.01", "B5"))
	if found := o.examined("LS-4"); !slices.Contains(found, "2 block amount_year") || slices.Contains(found, "1 block amount_year") {
		t.Errorf("%v", found)
	}
}

// TestPolicies_of_two_areas_count_each_in_its_own: a class with rows of two areas
// and none for all has no standard in a third.
func TestPolicies_of_two_areas_count_each_in_its_own(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	policy := row{"项目": "DB", "类别": "城市", "计发周期": "月", "标准": "900", "执行日期": "2026-01-01", "文号": "县民发〔2026〕6号", "条款": "三", "原文": "原文"}
	path := o.csv(policyHead+",区划代码", policy.with("区划代码", "991301"), policy.with("区划代码", "991302"), policy.with("类别", "单县", "区划代码", "991301"))
	if _, err := o.benefits.ImportPolicies(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.people(head(1), head(2).with("区划代码", "991303103002"))
	_, err := o.make("DB-1", "DB", "DF", due(1).with("类别", "城市", "金额", "900.00"), due(2).with("类别", "城市", "金额", "900.00"))
	if found := fields(err); len(found) != 1 || found[0].Code != "BATCH_ROW_POLICY" {
		t.Errorf("%s", explain(err))
	}
	o.made("DB-2", "DB", "DF", due(1).with("类别", "单县", "金额", "900.00"))
}
