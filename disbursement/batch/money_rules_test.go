package batch_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/batch"
	"fenlu/ledger"
	"fenlu/money"
)

// standardsIn imports standards with the areas that they hold in.
func (o *office) standardsIn(rows ...row) {
	o.t.Helper()
	if _, err := o.benefits.ImportPolicies(o.t.Context(), o.csv(policyHead+",区划代码", rows...), "hexiao"); err != nil {
		o.t.Fatal(explain(err))
	}
}

// elsewhere is a person of the other county.
func elsewhere(n int) row { return head(n).with("区划代码", "991302103002") }

// TestTiers_of_temporary_aid_by_area: a case is held against the amount of its tier
// in the area where the person lives (分类分档, money-rules A26).
func TestTiers_of_temporary_aid_by_area(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "100000.00")
	tier := row{"项目": "LS", "分项": "支出型", "计发周期": "次", "对象上限": "固定", "执行日期": "2026-01-01", "文号": "县民发〔2026〕6号", "条款": "三", "原文": "分类分档"}
	o.standardsIn(tier.with("类别", "一档", "标准", "3000", "区划代码", "991301"), tier.with("类别", "二档", "标准", "1500", "区划代码", "991301"),
		tier.with("类别", "一档", "标准", "2400", "区划代码", "991302"))
	o.people(head(1), head(2), elsewhere(3), elsewhere(4))
	line := func(n int, class, amount string) row {
		return due(n).with("项目", "LS", "分项", "支出型", "类别", class, "金额", amount, "案号", "A"+amount+name(n), "期次", "1")
	}
	o.made("LS-1", "LS", "DF", line(1, "一档", "3000.00"), line(2, "二档", "1500.00"), line(3, "一档", "2400.00"), line(4, "一档", "3000.00"))
	o.want([]string{"4 block amount_differs"}, o.examined("LS-1"))
	_, err := o.make("LS-2", "LS", "DF", line(4, "二档", "1500.00"))
	if found := fields(err); len(found) != 1 || found[0].Code != "BATCH_ROW_POLICY" {
		t.Errorf("a tier that the other county does not have: %s", explain(err))
	}
}

// TestTop_up_of_an_area_is_a_level_of_its_own: where the city tops an allowance up,
// its part is drawn from the city's money; where it does not, nobody draws on it; a
// class that an area takes in is owed there only (money-rules A35).
func TestTop_up_of_an_area_is_a_level_of_its_own(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("省财社〔2026〕31号", "省", "1000.00")
	o.money("市财社〔2026〕7号", "市", "1000.00")
	plain := row{"项目": "DB", "类别": "重残", "计发周期": "月", "标准": "100", "分担": "省=100", "对象上限": "固定", "执行日期": "2026-01-01", "文号": "省民发〔2026〕3号", "条款": "二", "原文": "补贴"}
	o.standardsIn(plain.with("区划代码", "99"), plain.with("标准", "130", "分担", "省=100;市=30", "文号", "市民发〔2026〕5号", "区划代码", "991301"),
		plain.with("类别", "三级智力", "标准", "60", "分担", "市=60", "文号", "市民发〔2026〕5号", "区划代码", "991301"))
	o.people(head(1), head(2), elsewhere(3))
	line := func(n int, class, amount string) row { return due(n).with("类别", class, "金额", amount) }
	o.approved("DB-1", "DB", "DF", line(1, "重残", "130.00"), line(2, "三级智力", "60.00"), line(3, "重残", "100.00"))
	if diff := cmp.Diff(map[string]money.Fen{"province": 200_00, "prefecture": 90_00}, o.byLevel("DB-1")); diff != "" {
		t.Error(diff)
	}
	o.people(elsewhere(4))
	_, err := o.make("DB-2", "DB", "DF", line(4, "三级智力", "60.00"))
	if found := fields(err); len(found) != 1 || found[0].Code != "BATCH_ROW_POLICY" {
		t.Errorf("a class that another area took in: %s", explain(err))
	}
	o.sound()
}

// TestOrphans_in_full_or_not_at_all: a list of orphans that the money does not cover
// is not paid in part, a child is owed the standard and not less, and who is paid as
// an orphan is not paid 低保 beside it (足额拨付, money-rules A36).
func TestOrphans_in_full_or_not_at_all(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.standardsIn(row{"项目": "ET", "类别": "散居孤儿", "计发周期": "月", "标准": "1200", "对象上限": "固定", "执行日期": "2026-01-01", "文号": "县民发〔2026〕7号", "条款": "一", "原文": "足额"})
	o.entitle("matrix", exclusionHead, excludes().with("互斥项目", "ET"))
	o.people(head(1), head(2), head(3))
	orphan := func(n int, amount string) row {
		return due(n).with("项目", "ET", "类别", "散居孤儿", "金额", amount)
	}
	o.money("财社〔2026〕12号", "中央", "2399.99")
	o.made("ET-1", "ET", "DF", orphan(1, "1200.00"), orphan(2, "1199.99"))
	o.want([]string{"2 block amount_differs"}, o.examined("ET-1"))
	o.made("ET-2", "ET", "DF", orphan(1, "1200.00"), orphan(2, "1200.00"))
	r, err := o.batch.Check(o.all("checker"), "ET-2")
	o.refused(err, "BATCH_BLOCKED")
	if len(r.Findings) != 1 || r.Findings[0].Code != "short" || o.balances()[ledger.Frozen] != 0 {
		t.Errorf("%+v", r.Findings)
	}
	o.money("财社〔2026〕13号", "中央", "500.01")
	if _, err := o.batch.Approve(o.all("approver"), "ET-2", o.resubmit("ET-2")); err != nil {
		t.Fatal(explain(err))
	}
	o.money("财社〔2026〕14号", "中央", "840.00")
	o.made("DB-1", "DB", "DF", due(1), due(3))
	o.want([]string{"1 block excluded_person"}, o.examined("DB-1"))
	o.sound()
}

// TestPayee_under_an_agreement: what a person is owed for care goes to his carer, or
// to a unit that pays for him, as long as an agreement on record says so
// (money-rules B13, D6).
func TestPayee_under_an_agreement(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "100000.00")
	o.people(home(1), head(1), head(2), head(3), head(4), head(5))
	agreed := func(n int, from, to string) row {
		return row{"享受人姓名": name(n), "享受人证件号码": id(n), "收款关系": "照料人", "收款人名称": name(5), "收款人证件号码": id(5),
			"起始日期": from, "终止日期": to, "依据文件": "委托照料协议12号"}
	}
	o.relations(agreed(1, "2026-01-01", "2026-12-31"), agreed(2, "2026-01-01", "2026-09-30"), resides(4))
	care := func(n int) row {
		return poor(n, "半护理", "259.00").with("分项", "照料护理", "收款方式", "照料人", "收款人证件号码", id(5))
	}
	o.made("TK-1", "TK", "DF", care(1), care(2), care(3))
	o.want([]string{"1 note payee_other", "2 block payee_relation", "3 block payee_relation"}, o.examined("TK-1"))
	o.approved("TK-2", "TK", "DF", care(1), care(4).with("收款方式", "机构", "收款人证件号码", credit(1)))
	paid := map[int64]money.Fen{}
	for _, p := range o.payments("TK-2") {
		paid[p.Payee] += p.Amount
	}
	lines, err := batch.Lines(t.Context(), o.db.Pool(), o.status("TK-2").Batch.ID, 0, 10)
	if err != nil || len(lines) != 2 || len(paid) != 2 {
		t.Fatalf("%+v, %v, %v", lines, paid, err)
	}
	for _, l := range lines { // the benefit stays the person's own
		if l.Person == 0 || l.Payee == l.Person || paid[l.Payee] != 259_00 {
			t.Errorf("%+v of %v", l, paid)
		}
	}
	o.sound()
}

// TestComparisons_move_no_money: facts that other offices send each month make
// candidates of those who are paid, and change no line, payment or account; what
// follows, a person decides (money-rules C14).
func TestComparisons_move_no_money(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "90000.00")
	o.people(head(1), head(2))
	o.entitle("matrix", exclusionHead, excludes().with("互斥项目", "", "外部信息", "服刑"))
	o.approved("DB-1", "DB", "DF", due(1), due(2))
	standing := func() (out []any) {
		t.Helper()
		for _, sql := range []string{`SELECT count(*) FROM journal`, `SELECT count(*) FROM entitlement_line WHERE status = 'listed'`, `SELECT sum(amount_fen)::bigint FROM payment`} {
			var n int64
			if err := o.db.Pool().QueryRow(t.Context(), sql).Scan(&n); err != nil {
				t.Fatal(err)
			}
			out = append(out, n)
		}
		return append(out, o.balances())
	}
	before := standing()
	o.entitle("facts", factHead, known(1, "服刑", "2026-03-01", ""), known(2, "车辆", "2026-03-01", ""))
	deaths := o.csv("姓名,证件号码,死亡日期,来源", row{"姓名": name(2), "证件号码": id(2), "死亡日期": "2026-10-02", "来源": "殡仪馆"})
	if _, err := o.parties.ImportDeaths(t.Context(), deaths, "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff(before, standing()); diff != "" {
		t.Errorf("a comparison moved something (-before +after)\n%s", diff)
	}
	o.roster("DB-2", "QHMZ", "DB", "2026-11", due(1), due(2))
	o.want([]string{"2 block dead", "1 block fact_excludes", "2 note fact_known"}, o.said("DB-2"))
}
