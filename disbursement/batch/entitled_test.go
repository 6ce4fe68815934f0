package batch_test

import (
	"fmt"
	"strings"
	"testing"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/terms"
	"fenlu/internal/ident"
)

const (
	exclusionHead   = "区划代码,执行日期,项目,分项,类别,互斥项目,互斥分项,互斥类别,外部信息,范围,处理,文号,条款,原文"
	entitlementHead = "事项,项目,姓名,证件号码,范围,日期,复核类别,有效期至,下次复核日期,渐退,依据文件"
	factHead        = "外部信息,姓名,证件号码,起始日期,终止日期,来源"
)

// excludes is a row of the matrix: DB excludes TK for a person.
func excludes() row {
	return row{"区划代码": "991301", "执行日期": "2026-01-01", "项目": "DB", "互斥项目": "TK", "范围": "个人", "处理": "拦截", "文号": "县民发〔2026〕31号", "条款": "第二条",
		"原文": "不得同时享受"}
}

// decided is an event of person n's entitlement to DB.
func decided(n int, event, on string, changes ...string) row {
	r := row{"事项": event, "项目": "DB", "姓名": name(n), "证件号码": id(n), "范围": "个人", "日期": on, "依据文件": "审批表" + on}
	if event == "批准" {
		r["复核类别"] = "变化不大"
	}
	return r.with(changes...)
}

func known(n int, kind, from, to string) row {
	return row{"外部信息": kind, "姓名": name(n), "证件号码": id(n), "起始日期": from, "终止日期": to, "来源": "监狱管理局比对"}
}

func (o *office) entitle(kind, header string, rows ...row) {
	o.t.Helper()
	s := entitlements.New(o.db, o.parties, o.clock)
	load := map[string]func() (entitlements.Report, error){
		"matrix": func() (entitlements.Report, error) {
			return s.ImportExclusions(o.t.Context(), o.csv(header, rows...), "hexiao")
		},
		"events": func() (entitlements.Report, error) { return s.Import(o.t.Context(), o.csv(header, rows...), "hexiao") },
		"facts": func() (entitlements.Report, error) {
			return s.ImportFacts(o.t.Context(), o.csv(header, rows...), "hexiao")
		},
	}[kind]
	if _, err := load(); err != nil {
		o.t.Fatal(explain(err))
	}
}

func (o *office) roster(code, office, program string, month terms.Month, rows ...row) {
	o.t.Helper()
	for i := range rows {
		rows[i] = rows[i].with("服务月份", string(month))
	}
	if _, err := o.batch.Create(o.all("maker"), batch.Create{Code: code, Office: office, Program: program, Period: month, Channel: "DF",
		File: o.csv(rosterHead, rows...)}); err != nil {
		o.t.Fatal(explain(err))
	}
}

// said checks a list and gives what was found but notes of missing figures.
func (o *office) said(code string) []string {
	o.t.Helper()
	var out []string
	for _, f := range o.foundIn(code) {
		out = append(out, fmt.Sprintf("%d %s %s", f.LineNo, f.Severity, f.Code))
	}
	return out
}

func (o *office) foundIn(code string) []batch.Finding {
	o.t.Helper()
	r, _ := o.batch.Check(o.all("checker"), code)
	var out []batch.Finding
	for _, f := range r.Findings {
		if f.Code != "figure_missing" && f.Code != "other_office" {
			out = append(out, f)
		}
		for _, text := range []string{f.Sentence("zh"), f.Sentence("en")} {
			if strings.ContainsAny(text, "{}") || strings.HasPrefix(text, "finding.") {
				o.t.Errorf("%s: %s", f.Code, text)
			}
		}
	}
	return out
}

func TestExclusions_for_person_and_household_across_offices(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "90000.00")
	o.money("财社〔2026〕13号", "省", "90000.00")
	o.money("财社〔2026〕14号", "县", "90000.00")
	o.people(head(1), member(2, 1), head(3), head(4))
	o.entitle("matrix", exclusionHead, excludes(), excludes().with("范围", "家庭", "处理", "需说明"))
	o.submitted("TK-1", "TK", "DF", poor(1, "分散", "431.50"), poor(4, "分散", "431.50"))
	o.roster("DB-1", "SHMZ", "DB", "2026-10", due(1), byHead(2, "H00001"), due(3))
	found := o.foundIn("DB-1")
	var got []string
	for _, f := range found {
		if strings.HasPrefix(f.Code, "excluded") {
			got = append(got, fmt.Sprintf("%d %s %s %s/%s/%s", f.LineNo, f.Severity, f.Code, f.Args["office"], f.Args["batch"], f.Args["first"]))
			if f.Args["person"] != ident.Mask(id(1)) || f.Args["document"] != "县民发〔2026〕31号" {
				t.Errorf("%v", f.Args)
			}
		}
	}
	o.want([]string{"1 block excluded_person QHMZ/TK-1/1", "1 reason excluded_household QHMZ/TK-1/1", "2 reason excluded_household QHMZ/TK-1/1"}, got)
	o.roster("DB-2", "QHMZ", "DB", "2026-11", due(1))
	o.want(nil, o.said("DB-2"))
	// the other way round, the row is the same
	o.submitted("DB-3", "DB", "DF", due(3))
	o.roster("TK-2", "QHMZ", "TK", "2026-10", poor(3, "分散", "431.50"))
	o.want([]string{"1 block excluded_person", "1 reason excluded_household"}, o.said("TK-2"))
	// a newer row of the county allows both
	o.entitle("matrix", exclusionHead, excludes().with("处理", "允许", "执行日期", "2026-10-01"), excludes().with("范围", "家庭", "处理", "允许", "执行日期", "2026-10-01"))
	o.want(nil, o.said("TK-2"))
	o.sound()
}

func TestExclusions_urban_and_rural_at_once(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "90000.00")
	o.people(head(1), member(2, 1), head(3))
	urban := row{"项目": "DB", "类别": "城市A档", "计发周期": "月", "标准": "600.00", "取整": "fen", "对象上限": "固定", "执行日期": "2026-01-01", "文号": "县民发〔2026〕4号", "条款": "第四条", "原文": "标准"}
	if _, err := o.benefits.ImportPolicies(t.Context(), o.csv(policyHead, urban), "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.entitle("matrix", exclusionHead, excludes().with("互斥项目", "DB", "类别", "农村*", "互斥类别", "城市*", "范围", "家庭"))
	o.roster("DB-1", "QHMZ", "DB", "2026-10", due(1), due(2).with("类别", "城市A档", "金额", "600.00", "收款方式", "户主"), due(3))
	o.want([]string{"2 block excluded_household"}, o.said("DB-1"))
	o.roster("DB-2", "QHMZ", "DB", "2026-11", due(1), byHead(2, "H00001"), due(3))
	o.want(nil, o.said("DB-2"))
}

func TestFacts_of_other_offices(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "90000.00")
	o.people(head(1), head(2), head(3), head(4), head(5))
	o.entitle("matrix", exclusionHead, excludes().with("互斥项目", "", "外部信息", "服刑"), excludes().with("互斥项目", "", "外部信息", "未申报收入", "处理", "需说明"))
	o.entitle("facts", factHead, known(1, "服刑", "2026-03-01", ""), known(2, "服刑", "2026-01-01", "2026-09-30"), known(3, "未申报收入", "2026-10-31", ""),
		known(4, "车辆", "2025-01-01", ""), known(99, "服刑", "2026-01-01", ""))
	o.roster("DB-1", "QHMZ", "DB", "2026-10", due(1), due(2), due(3), due(4), due(5))
	o.want([]string{"1 block fact_excludes", "3 reason fact_excludes", "4 note fact_known"}, o.said("DB-1"))
	// he came out in September: a later row says so
	o.entitle("facts", factHead, known(1, "服刑", "2026-03-01", "2026-09-12"))
	o.want([]string{"3 reason fact_excludes", "4 note fact_known"}, o.said("DB-1"))
	// whoever was in a file before he was on record is found by his number
	o.people(head(99))
	o.roster("DB-2", "QHMZ", "DB", "2026-11", due(99))
	o.want([]string{"1 block fact_excludes"}, o.said("DB-2"))
}

func TestTerms_leave_the_run_and_reviews_hold(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "90000.00")
	rows := []row{}
	for n := 1; n <= 10; n++ {
		o.people(head(n))
		rows = append(rows, due(n))
	}
	o.figures("须有待遇审批=是", "变化不大复核月数=12", "变化较大复核月数=6", "逾期未复核停发=否", "次月起发=是", "次月停发=否", "渐退期月数=3")
	o.entitle("events", entitlementHead,
		decided(1, "批准", "2026-05-06"), // nothing to say
		decided(2, "批准", "2026-10-08"), // begins in November
		decided(3, "批准", "2026-01-05", "有效期至", "2026-09-30"),
		decided(4, "批准", "2025-10-08", "有效期至", "2026-09-30"), decided(4, "批准", "2026-09-20", "有效期至", "2027-09-30"), // renewed
		decided(5, "批准", "2026-01-05"), decided(5, "停发", "2026-10-02"),
		decided(6, "批准", "2026-01-05"), decided(6, "停发", "2026-08-02", "渐退", "是"), // paid to October
		decided(7, "批准", "2025-09-30"),                 // a year ago
		decided(8, "批准", "2026-03-30", "复核类别", "变化较大"), // half a year ago
		decided(9, "批准", "2026-03-30", "复核类别", "变化较大"), decided(9, "复核", "2026-09-29"))
	o.roster("DB-1", "QHMZ", "DB", "2026-10", rows...)
	want := []string{"2 block entitlement_early", "3 block entitlement_ended", "5 block entitlement_ended", "6 note entitlement_grace", "7 reason review_overdue",
		"8 reason review_overdue", "10 block entitlement_missing"}
	o.want(want, o.said("DB-1"))
	o.figuresFrom("2026-09-01", "逾期未复核停发=是", "次月起发=否", "次月停发=是")
	o.want([]string{"3 block entitlement_ended", "6 note entitlement_grace", "7 block review_overdue", "8 block review_overdue", "10 block entitlement_missing"}, o.said("DB-1"))
}

// Who was stopped and is approved again begins anew, as one who was never paid does.
func TestTerms_approved_again_begin_anew(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "90000.00")
	o.people(head(1), head(2), head(3))
	o.figures("须有待遇审批=是", "次月起发=是", "次月停发=否")
	o.entitle("events", entitlementHead,
		decided(1, "批准", "2026-01-05"), decided(1, "停发", "2026-06-02"), decided(1, "批准", "2026-10-08"), // a gap: begins in November
		decided(2, "批准", "2026-01-05"), decided(2, "批准", "2026-10-08"), // renewed in time
		decided(3, "批准", "2026-01-05", "有效期至", "2026-09-30"), decided(3, "批准", "2026-09-28")) // runs on
	o.roster("DB-1", "QHMZ", "DB", "2026-10", due(1), due(2), due(3))
	o.want([]string{"1 block entitlement_early"}, o.said("DB-1"))
	o.roster("DB-2", "QHMZ", "DB", "2026-11", due(1))
	o.want(nil, o.said("DB-2"))
}

// What is on record of one of two records of a person counts for a line of either,
// whichever was kept.
func TestTerms_facts_and_deaths_follow_a_merge_and_a_corrected_number(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "90000.00")
	o.people(head(1), head(2), head(3), head(4), head(5))
	o.figures("须有待遇审批=是", "次月停发=否")
	o.entitle("matrix", exclusionHead, excludes().with("互斥项目", "", "外部信息", "服刑"))
	o.entitle("events", entitlementHead, decided(2, "批准", "2026-01-05"), decided(2, "停发", "2026-09-02"), decided(3, "批准", "2026-01-05"), decided(5, "批准", "2026-01-05"))
	o.entitle("facts", factHead, known(4, "服刑", "2026-01-01", ""), known(3, "服刑", "2026-01-01", ""))
	o.roster("DB-1", "QHMZ", "DB", "2026-10", due(1), due(4)) // lines of records kept, and of one merged away
	o.roster("DB-2", "QHMZ", "DB", "2026-10", due(3))
	for _, m := range [][2]int{{2, 1}, {4, 5}} {
		if _, err := o.parties.MergePersons(o.all("zhou"), secret(m[0]), secret(m[1]), ground("2026-10-09")); err != nil {
			t.Fatal(explain(err))
		}
	}
	if _, err := o.parties.CorrectIDNumber(o.all("zhou"), secret(3), secret(77), ground("2026-10-09")); err != nil {
		t.Fatal(explain(err))
	}
	o.want([]string{"1 block entitlement_ended", "2 block fact_excludes"}, o.said("DB-1"))
	o.want([]string{"1 block fact_excludes"}, o.said("DB-2"))
	o.dies(5, "2026-09-03") // under the number of the record kept
	o.want([]string{"2 block dead", "1 block entitlement_ended", "2 block fact_excludes"}, o.said("DB-1"))
}

func TestTerms_of_a_household_count_for_its_members(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "90000.00")
	o.people(head(1), member(2, 1), head(3))
	o.figures("须有待遇审批=是", "变化不大复核月数=12")
	o.entitle("events", entitlementHead, decided(1, "批准", "2026-01-05", "范围", "家庭", "有效期至", "2026-10-01"))
	of2 := byHead(2, "H00001")
	o.roster("DB-1", "QHMZ", "DB", "2026-10", of2, due(3))
	o.want([]string{"2 block entitlement_missing"}, o.said("DB-1"))
	o.roster("DB-2", "QHMZ", "DB", "2026-11", of2)
	o.want([]string{"1 block entitlement_ended"}, o.said("DB-2"))
}

func TestAmount_stays_within_a_review_period(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "90000.00")
	gap := row{"项目": "DB", "类别": "农村补差", "计发周期": "月", "标准": "600.00", "取整": "fen", "对象上限": "上限", "执行日期": "2026-01-01", "文号": "县民发〔2026〕4号", "条款": "第四条", "原文": "标准"}
	if _, err := o.benefits.ImportPolicies(t.Context(), o.csv(policyHead, gap), "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.people(head(1), head(2), head(3), head(4))
	o.figures("变化不大复核月数=12")
	o.entitle("events", entitlementHead, decided(1, "批准", "2026-01-05"), decided(2, "批准", "2026-01-05"), decided(2, "变更", "2026-10-01"),
		decided(3, "批准", "2026-01-05"))
	part := func(n int, amount string) row { return due(n).with("类别", "农村补差", "金额", amount) }
	o.submitted("DB-1", "DB", "DF", part(1, "300.00"), part(2, "300.00"), part(3, "300.00"), part(4, "300.00"))
	o.roster("DB-2", "QHMZ", "DB", "2026-11", part(1, "310.00"), part(2, "310.00"), part(3, "300.00"), part(4, "310.00"))
	found := o.foundIn("DB-2")
	if len(found) != 1 || found[0].LineNo != 1 || found[0].Code != "amount_frozen" || found[0].Severity != batch.Reason || found[0].Args["was"] != "300.00" ||
		found[0].Args["batch"] != "DB-1" {
		t.Errorf("%+v", found)
	}
}

func TestFacts_that_come_after_the_check_keep_money_from_being_frozen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "90000.00")
	o.people(head(1), head(2))
	o.entitle("matrix", exclusionHead, excludes().with("互斥项目", "", "外部信息", "服刑"))
	digest := o.submitted("DB-1", "DB", "DF", due(1), due(2))
	o.entitle("facts", factHead, known(1, "服刑", "2026-03-01", ""))
	_, err := o.batch.Approve(o.all("approver"), "DB-1", digest)
	if f := fields(err); len(f) != 1 || f[0].Code != "finding.fact_excludes" || f[0].Row != 1 {
		t.Errorf("%s", explain(err))
	}
	o.sound()
}
