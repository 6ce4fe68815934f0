package batch_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/entitlements"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

const meansHead = "事实,姓名,证件号码,范围,数值,项目,分项,起始日期,终止日期,依据文件"

// fact is a fact that person n declared, or that is about him.
func fact(n int, kind, value string, changes ...string) row {
	return row{"事实": kind, "姓名": name(n), "证件号码": id(n), "数值": value, "起始日期": "2026-09-01", "依据文件": "核对报告〔2026〕7号"}.with(changes...)
}

// class is that the household of n is paid under a class of DB.
func class(n int, value string) row {
	return fact(n, "待遇类别", value, "项目", "DB", "范围", "家庭")
}

func (o *office) means(rows ...row) (entitlements.Report, error) {
	o.t.Helper()
	return entitlements.New(o.db, o.parties, o.clock).ImportMeans(o.t.Context(), o.csv(meansHead, rows...), "hexiao")
}

// declare imports the facts of a household of n: members and income a month.
func (o *office) declare(n int, members, income string, more ...row) {
	o.t.Helper()
	if _, err := o.means(append([]row{class(n, "农村补差"), fact(n, "共同生活人数", members), fact(n, "月收入", income)}, more...)...); err != nil {
		o.t.Fatal(explain(err))
	}
}

// gapOffice has a standard of 600.00 that incomes are made up to, and money.
func gapOffice(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	path := o.csv(policyHead+",计算方法", row{"项目": "DB", "类别": "农村补差", "计发周期": "月", "标准": "600.00", "取整": "fen", "对象上限": "上限", "执行日期": "2026-01-01",
		"文号": "县民发〔2026〕8号", "条款": "第二条", "原文": "按人均收入与标准的差额发放", "计算方法": "补差"})
	if _, err := o.benefits.ImportPolicies(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.money("财社〔2026〕12号", "县", "90000.00")
	for reason, rate := range map[string]string{"老年人": "10%", "未成年人": "15%", "重度残疾人": "20%", "重病患者": "20%"} {
		o.figure("分类施保增发比例（"+reason+"）", rate)
	}
	return o
}

// approve puts approvals of households on record, by the head.
func (o *office) approve(heads ...int) {
	o.t.Helper()
	rows := make([]row, len(heads))
	for i, n := range heads {
		rows[i] = decided(n, "批准", "2026-08-20", "范围", "家庭")
	}
	o.entitle("events", entitlementHead, rows...)
}

func (o *office) computed(code string) batch.Computed {
	o.t.Helper()
	made, err := o.batch.Compute(o.all("maker"), batch.ComputeAsk{Code: code, Office: "QHMZ", Program: "DB", Period: "2026-10", Channel: "DF"})
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return made
}

// amounts are the lines of a batch, name and amount, in order of the name's number.
func (o *office) amounts(code string) []string {
	o.t.Helper()
	lines, err := o.batch.Explain(o.t.Context(), o.db.Pool(), code, 0)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	var out []string
	for _, l := range lines {
		out = append(out, l.Name+" "+l.Amount.String())
	}
	slices.SortStableFunc(out, byNumber)
	return out
}

// byNumber orders what begins with the names of persons by their numbers.
func byNumber(a, b string) int {
	number := func(s string) int {
		who, _, _ := strings.Cut(s, " ")
		for n := range 100 {
			if name(n) == who {
				return n
			}
		}
		return 100
	}
	return cmp.Compare(number(a), number(b)) // stable: two lines of one stay in list order
}

func left(made batch.Computed) []string {
	var out []string
	for _, l := range made.Left {
		out = append(out, l.Name+" "+l.Why)
	}
	slices.SortStableFunc(out, byNumber)
	return out
}

// TestCompute_golden: numbers worked out by hand (money-rules A27, A29, A30, A31).
func TestCompute_golden(t *testing.T) {
	t.Parallel()
	o := gapOffice(t)
	o.figure("低收入边缘倍数", "1.5")
	o.figure("低收入边缘倍数上限", "2")
	poor := head(50)
	for _, k := range []string{"账户类型", "银行行号", "开户银行", "账号", "户名", "核实人", "核实日期"} {
		delete(poor, k)
	}
	o.people(head(1), member(2, 1), member(3, 1), head(10), head(20), member(21, 20), head(30), head(31), head(40), poor, head(60), member(61, 60))
	o.approve(1, 10, 20, 30, 31, 40, 50)
	o.entitle("events", entitlementHead, decided(60, "批准", "2026-08-20"))
	// (600 − (1200 − 150) ÷ 3) × 3 = 750, 250 each; one has 20% of 600 = 120 on top, the
	// higher of two reasons
	o.declare(1, "3", "1200.00", fact(1, "就业成本", "150.00"), fact(2, "分类施保", "未成年人"), fact(2, "分类施保", "重度残疾人"))
	// no income: 600 + 10% of 600, above the standard
	o.declare(10, "1", "0", fact(10, "分类施保", "老年人"))
	// a third member is counted and not covered: (600 − 1000 ÷ 3) × 2 = 533.33, shared
	o.declare(20, "3", "1000.00")
	// 900 − 200 = 700: above 600, within 1.5 × 600
	o.declare(30, "1", "900.00", fact(30, "就业成本", "200.00"))
	o.declare(31, "1", "900.01")
	if _, err := o.means(class(40, "农村补差"), fact(40, "共同生活人数", "1")); err != nil {
		t.Fatal(explain(err))
	}
	o.declare(50, "1", "100.00")
	// one person of a household of two (单人保): 600 − 800 ÷ 2 = 200
	o.declare(60, "2", "800.00")
	made := o.computed("DB-C")
	o.want([]string{name(1) + " 250.00", name(2) + " 370.00", name(3) + " 250.00", name(10) + " 660.00", name(20) + " 266.67", name(21) + " 266.66",
		name(60) + " 200.00"}, o.amounts("DB-C"))
	o.want([]string{name(30) + " border", name(31) + " over", name(40) + " no_income", name(50) + " no_account"}, left(made))
	for _, l := range made.Left {
		for _, text := range []string{l.Sentence(i18n.ZH), l.Sentence(i18n.EN)} {
			if strings.ContainsAny(text, "{}") || strings.HasPrefix(text, "computed.") {
				t.Error(text)
			}
		}
	}
	all, err := o.batch.Explain(t.Context(), o.db.Pool(), "DB-C", 0)
	if err != nil {
		t.Fatal(explain(err))
	}
	no := all[slices.IndexFunc(all, func(e batch.Explanation) bool { return e.Name == name(2) })].No
	found, err := o.batch.Explain(t.Context(), o.db.Pool(), "DB-C", no)
	if err != nil || len(found) != 1 {
		t.Fatal(explain(err))
	}
	for _, part := range []string{"标准 600.00", "年收入 14,400.00", "扣减 1,800.00", "3 人", "增发（重度残疾人）", "20%", "120.00", "370.00"} {
		if !strings.Contains(found[0].ZH, part) {
			t.Errorf("%q is not in\n%s", part, found[0].ZH)
		}
	}
	if strings.Contains(found[0].ZH, "未成年人") || strings.ContainsAny(found[0].EN, "{}") {
		t.Error(found[0].ZH, found[0].EN)
	}
	// the list lives as a roster
	o.check("DB-C")
	sub, err := o.batch.Submit(o.all("maker"), "DB-C", "")
	if err != nil {
		t.Fatal(explain(err))
	}
	f, err := o.batch.Approve(o.all("approver"), "DB-C", sub.Digest)
	if err != nil || f.Amount.String() != "2263.33" || f.Payments != 4 {
		t.Errorf("%+v %v", f, explain(err))
	}
	// the same again is the same
	if again := o.computed("DB-C"); !again.Replay || again.Batch.ID != made.Batch.ID {
		t.Errorf("%+v", again.Batch)
	}
	// other facts under the same code are another list
	o.declare(31, "1", "500.00")
	_, err = o.batch.Compute(o.all("maker"), batch.ComputeAsk{Code: "DB-C", Office: "QHMZ", Program: "DB", Period: "2026-10", Channel: "DF"})
	if errs.CodeOf(err) != "BATCH_CODE_TAKEN" {
		t.Error(err)
	}
}

// TestVerify_computed_list: an explanation that was altered is found, and a line.
func TestVerify_computed_list(t *testing.T) {
	t.Parallel()
	o := gapOffice(t)
	o.people(head(1))
	o.approve(1)
	o.declare(1, "1", "400.00")
	o.computed("DB-A")
	owner := o.env.Owner(t)
	for sql, want := range map[string]int{`SELECT 1`: 0, `UPDATE line_explanation SET steps_zh = steps_zh || '。'`: 1, `UPDATE entitlement_line SET amount_fen = amount_fen + 1`: 1} {
		tx, err := owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		found, err := batch.Verify(t.Context(), tx)
		n := 0
		for _, f := range found {
			if f.Check == "computed_list" {
				n++
			}
		}
		if err != nil || n != want {
			t.Errorf("%s: %+v %v", sql, found, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCompute_exit_test: the income is taken without the allowance itself, and above
// the province's guide a household leaves though it is below the standard
// (money-rules A28).
func TestCompute_exit_test(t *testing.T) {
	t.Parallel()
	o := gapOffice(t)
	o.people(head(1), head(2))
	o.approve(1, 2)
	o.declare(1, "1", "700.00", fact(1, "所含低保金", "200.00")) // 500 × 12 = 6,000
	o.declare(2, "1", "700.00", fact(2, "所含低保金", "300.00")) // 400 × 12 = 4,800
	o.want(nil, left(o.computed("DB-A")))
	o.want([]string{name(1) + " 100.00", name(2) + " 200.00"}, o.amounts("DB-A"))
	o.figure("按省指导标准退出", "是")
	made := o.computed("DB-B")
	if !made.Nothing || made.Left[0].Why != "no_guide" {
		t.Errorf("%+v", made)
	}
	o.figure("省农村低保指导标准", "4800")
	o.want([]string{name(1) + " exit"}, left(o.computed("DB-B")))
	o.want([]string{name(2) + " 200.00"}, o.amounts("DB-B"))
}

// TestCompute_border_of_low_income: a county widens the band, at most to the limit
// (money-rules A29).
func TestCompute_border_of_low_income(t *testing.T) {
	t.Parallel()
	for multiple, want := range map[string]string{"1.5": "over", "2": "border", "3": "over"} {
		t.Run(multiple, func(t *testing.T) {
			t.Parallel()
			o := gapOffice(t)
			o.people(head(1))
			o.approve(1)
			o.declare(1, "1", map[bool]string{true: "1200.01", false: "1200.00"}[multiple == "3"])
			o.figure("低收入边缘倍数", multiple)
			o.figure("低收入边缘倍数上限", "2")
			o.want([]string{name(1) + " " + want}, left(o.computed("DB-A")))
		})
	}
}

// TestCompute_classes: a flat class is paid by fact, a degree of care as the class of
// its name; facts hold from their first day on the month's first day.
func TestCompute_classes(t *testing.T) {
	t.Parallel()
	o := gapOffice(t)
	o.people(head(1), head(2), head(3))
	o.entitle("events", entitlementHead, decided(1, "批准", "2026-08-20", "项目", "TK"), decided(2, "批准", "2026-08-20"), decided(3, "批准", "2026-08-20"))
	if _, err := o.means(fact(1, "待遇类别", "分散", "项目", "TK", "分项", "基本生活"), fact(1, "护理等级", "半护理"), fact(2, "待遇类别", "农村A档", "项目", "DB"),
		fact(3, "待遇类别", "农村A档", "项目", "DB", "起始日期", "2026-10-02")); err != nil {
		t.Fatal(explain(err))
	}
	made, err := o.batch.Compute(o.all("maker"), batch.ComputeAsk{Code: "TK-A", Office: "QHMZ", Program: "TK", Period: "2026-10", Channel: "DF"})
	if err != nil || len(made.Left) != 0 {
		t.Fatal(explain(err), made.Left)
	}
	o.want([]string{name(1) + " 431.50", name(1) + " 259.00"}, o.amounts("TK-A"))
	o.want([]string{name(3) + " no_class"}, left(o.computed("DB-A")))
	o.want([]string{name(2) + " 420.00"}, o.amounts("DB-A"))
}

// TestCompute_payees: a person's own approval is paid to the institution he lives
// in, a child's to the guardian; with neither, to himself.
func TestCompute_payees(t *testing.T) {
	t.Parallel()
	o := gapOffice(t)
	number := child("2015-03-01", 7)
	o.people(head(1), member(2, 1).with("证件号码", number, "姓名", "柳小禾"), head(3), head(5), home(1))
	o.relations(guardian(number, 5, "2026-01-01", ""), resides(3))
	who := func(what row) row { return what.with("姓名", "柳小禾", "证件号码", number) }
	o.entitle("events", entitlementHead, who(decided(2, "批准", "2026-08-20", "项目", "TK")), decided(3, "批准", "2026-08-20", "项目", "TK"),
		decided(1, "批准", "2026-08-20", "项目", "TK"))
	at := []string{"项目", "TK", "分项", "基本生活"}
	if _, err := o.means(who(fact(2, "待遇类别", "分散", at...)), fact(3, "待遇类别", "分散", at...), fact(1, "待遇类别", "分散", at...)); err != nil {
		t.Fatal(explain(err))
	}
	made, err := o.batch.Compute(o.all("maker"), batch.ComputeAsk{Code: "TK-A", Office: "QHMZ", Program: "TK", Period: "2026-10", Channel: "DF"})
	if err != nil || len(made.Left) != 0 {
		t.Fatal(explain(err), made.Left)
	}
	var got []string
	rows, err := o.db.Pool().Query(t.Context(), `SELECT v.name || ' ' || l.payee_role FROM entitlement_line l
		JOIN person p ON p.id = l.person JOIN person_version v ON v.person = p.id AND v.version = p.version WHERE l.batch = $1 ORDER BY 1`, made.Batch.ID)
	if err == nil {
		got, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"柳小禾 guardian", name(3) + " institution", name(1) + " self"}
	slices.Sort(want)
	slices.Sort(got)
	o.want(want, got)
	if found := o.examined("TK-A"); !strings.HasSuffix(found[0], " note payee_other") {
		t.Error(found)
	}
}

// TestCompute_whom: an approval that has ended or not begun covers nobody, a dead
// member is not covered, and a correction of a fact counts.
func TestCompute_whom(t *testing.T) {
	t.Parallel()
	o := gapOffice(t)
	o.people(head(1), member(2, 1), head(3), head(4))
	o.approve(1, 3)
	o.entitle("events", entitlementHead, decided(3, "停发", "2026-09-20", "范围", "家庭"), decided(4, "批准", "2026-11-01"))
	o.declare(1, "2", "400.00")
	if _, err := o.means(fact(1, "月收入", "600.00", "依据文件", "更正〔2026〕1号")); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.parties.ImportDeaths(t.Context(), o.csv("姓名,证件号码,死亡日期,来源", row{"姓名": name(2), "证件号码": id(2), "死亡日期": "2026-09-30", "来源": "殡葬"}), "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.want([]string{name(2) + " dead"}, left(o.computed("DB-A")))
	o.want([]string{name(1) + " 300.00"}, o.amounts("DB-A")) // (600 − 600 ÷ 2) × 1
}

// TestCheck_compares_with_the_facts: a roster that gives another amount than the
// facts make wants a reason; without facts nothing is said.
func TestCheck_compares_with_the_facts(t *testing.T) {
	t.Parallel()
	o := gapOffice(t)
	o.people(head(1), member(2, 1), head(3), head(4))
	o.declare(1, "2", "800.00") // (600 − 400) × 2: 200 each
	o.declare(4, "1", "700.00")
	gap := func(n int, amount string) row { return due(n).with("类别", "农村补差", "金额", amount) }
	o.roster("DB-A", "QHMZ", "DB", "2026-10", gap(1, "250.00"), byHead(2, "H00001").with("类别", "农村补差", "金额", "150.00"), gap(3, "600.00"), gap(4, "0.01"))
	var got []string
	for _, f := range o.foundIn("DB-A") {
		if !strings.HasPrefix(f.Code, "amount_") {
			continue
		}
		got = append(got, fmt.Sprintf("%d %s %s %s/%s", f.LineNo, f.Severity, f.Code, f.Args["due"], f.Args["difference"]))
	}
	o.want([]string{"1 reason amount_over 200.00/50.00", "2 reason amount_under 200.00/50.00", "4 reason amount_over 0.00/0.01"}, got)
}

// TestImportMeans_says_everything_at_once.
func TestImportMeans_says_everything_at_once(t *testing.T) {
	t.Parallel()
	o := gapOffice(t)
	o.people(head(1))
	_, err := o.means(fact(1, "月收入", "很少"), fact(1, "月收入", "-1.00"), fact(1, "共同生活人数", "0"), fact(1, "分类施保", "贫困"), fact(1, "职业", "农民"),
		class(1, "农村补差").with("项目", ""), fact(1, "护理等级", "半护理", "范围", "家庭"), fact(1, "月收入", "1.00", "终止日期", "2026-08-01"),
		fact(1, "护理等级", "622999000000000001"))
	e := fields(err)
	rows := map[int]bool{}
	for _, f := range e {
		rows[f.Row] = true
	}
	if len(rows) != 9 {
		t.Errorf("%d rows: %v", len(rows), explain(err))
	}
	if _, err := o.means(fact(1, "月收入", "1.00"), fact(1, "月收入", "2.00")); err == nil || fields(err)[0].Code != "ENTITLE_FACT_TWICE" {
		t.Error(explain(err))
	}
	if _, err := o.means(fact(1, "月收入", "1.00")); err != nil {
		t.Fatal(explain(err))
	}
	r, err := o.means(fact(1, "月收入", "1.00"), fact(1, "就业成本", "1.00"))
	if err != nil || r.New != 1 || r.Same != 1 {
		t.Errorf("%+v %v", r, err)
	}
}
