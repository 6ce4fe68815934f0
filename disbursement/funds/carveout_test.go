package funds_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/funds"
	"fenlu/disbursement/funds/carveout"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
)

func (o *office) status() funds.CarveoutStatus {
	o.t.Helper()
	s, err := o.funds.CarveoutStatus(o.ctx, o.db.Pool(), 2026, "991301")
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return s
}

func setAside(number string, items ...funds.SetAsideItem) funds.SetAside {
	return funds.SetAside{Area: county, Year: 2026, Number: number, Title: "关于列支购买服务经费的通知", IssuedOn: date("2026-02-11"), Items: items}
}

func item(line ledger.BudgetLineID, amount money.Fen) funds.SetAsideItem {
	return funds.SetAsideItem{BudgetLine: line, Amount: amount, EconomicCode: "50205"}
}

func TestCarveoutStatus_golden(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "100000000"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, economic: "50205", amount: "2000000"})
	o.carveoutRule()
	r := o.status().Result
	got := []money.Fen{r.Base, r.Floor, r.Cap, r.FromOthers, r.Usable, r.Missing}
	want := []money.Fen{yuan(102_000_000), yuan(5_100_000), yuan(3_000_000), yuan(2_100_000), yuan(5_000_000), yuan(100_000)}
	if diff := cmp.Diff(want, got); diff != "" || r.State != carveout.Infeasible {
		t.Errorf("%s: %s", r.State, diff)
	}
	if reason := r.Reason(i18n.ZH); !strings.Contains(reason, "100,000.00") {
		t.Errorf("the reason does not say what is missing: %s", reason)
	}
	plan, err := o.funds.PlanSetAside(o.ctx, o.db.Pool(), 2026, "")
	if err != nil || plan.Total != yuan(5_000_000) || plan.Missing != yuan(100_000) || plan.State != carveout.Infeasible {
		t.Errorf("plan %+v, %v", plan, err)
	}
}

func TestCarveoutStatus_golden_with_central_money_barred(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{level: "中央", amount: "98000000"}, row{number: "省财社〔2026〕3号", amount: "2000000"},
		row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "2000000"})
	o.carveoutRule(terms.Central)
	r := o.status().Result
	if r.Usable != yuan(4_000_000) || r.Missing != yuan(1_100_000) || r.Cap != yuan(3_000_000) || r.State != carveout.Infeasible {
		t.Errorf("%s: usable %s, missing %s", r.State, r.Usable, r.Missing)
	}
}

func TestCarveoutStatus_is_net_of_cuts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "500.00"})
	o.carveoutRule()
	if _, err := o.funds.SetAside(o.as("zhou"), setAside("县民〔2026〕1号", item(o.line("财社〔2026〕12号"), yuan(30)))); err != nil {
		t.Fatal(explain(err))
	}
	o.imports(row{number: "财社〔2026〕40号", kind: "调减", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "200.00"})
	s := o.status()
	if s.Result.Base != yuan(1300) || s.Result.Cap != yuan(24) || s.OverCap != yuan(6) || s.Result.Planned.Fund != yuan(30) {
		t.Errorf("base %s, cap %s, over %s, planned %s", s.Result.Base, s.Result.Cap, s.OverCap, s.Result.Planned.Fund)
	}
}

func TestSetAside(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000000.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, economic: "50205", amount: "60000.00"})
	o.carveoutRule(terms.Central)
	plan, err := o.funds.PlanSetAside(o.ctx, o.db.Pool(), 2026, county)
	if err != nil {
		t.Fatal(explain(err))
	}
	want := []funds.SetAsideItem{item(o.line("县财预〔2026〕7号"), yuan(53_000))}
	if diff := cmp.Diff(want, plan.Items); diff != "" || plan.Missing != 0 {
		t.Errorf("plan: %s", diff)
	}
	cmd := setAside("县民〔2026〕21号", item(o.line("县财预〔2026〕7号"), yuan(40_000)), item(o.line("财社〔2026〕12号"), yuan(13_000)))
	first, err := o.funds.SetAside(o.as("zhou"), cmd)
	if err != nil {
		t.Fatal(explain(err))
	}
	if first.Amount != yuan(53_000) || first.Replay || o.place(ledger.Carveout) != yuan(53_000) {
		t.Errorf("%+v\n%s", first, o.balances())
	}
	before := o.balances()
	again, err := o.funds.SetAside(o.as("zhou"), cmd)
	if err != nil || !again.Replay || again.Journal != first.Journal || again.Amount != first.Amount || o.balances() != before {
		t.Errorf("again: %+v, %v", again, err)
	}
	s := o.status()
	if len(s.SetAside) != 2 || s.SetAside[1].EconomicCode != "50205" || s.SetAside[1].Document != "财社〔2026〕12号" || s.SetAside[1].Number != "县民〔2026〕21号" {
		t.Errorf("lines %+v", s.SetAside)
	}
	if s.Result.Planned != (carveout.Stage{Fund: yuan(13_000), Others: yuan(40_000)}) || s.Result.State != carveout.InProgress {
		t.Errorf("planned %+v, %s", s.Result.Planned, s.Result.State)
	}
	cmd.Items[0].Amount++
	_, err = o.funds.SetAside(o.as("zhou"), cmd)
	o.refused(err, "FUNDS_NUMBER_USED", errs.Conflict, before)
	rest, err := o.funds.PlanSetAside(o.ctx, o.db.Pool(), 2026, county)
	if err != nil || len(rest.Items) != 0 || rest.Missing != 0 {
		t.Errorf("nothing is left to plan: %+v, %v", rest, err)
	}
}

func TestSetAside_refuses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{level: "中央", amount: "1000000.00"}, row{number: "省财社〔2026〕3号", amount: "1000000.00"},
		row{number: "省财社〔2026〕44号", fund: "残疾人两项补贴资金", programs: "CJ", amount: "500.00"},
		row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "100.00"},
		row{number: "省财社〔2026〕90号", year: "2027", amount: "700.00"})
	central, province, work := o.line("财社〔2026〕12号"), o.line("省财社〔2026〕3号"), o.line("县财预〔2026〕7号")
	_, err := o.funds.SetAside(o.as("zhou"), setAside("n〔2026〕1号", item(province, 1)))
	o.refused(err, "CARVEOUT_NO_RULE", errs.NotFound, o.balances())
	o.carveoutRule(terms.Central)
	before := o.balances()
	for _, c := range []struct {
		item funds.SetAsideItem
		code string
		kind errs.Kind
		says string
	}{
		{item(central, 1), "CARVEOUT_BARRED", errs.Refused, "中央"},
		{item(province, yuan(60_000)+1), "CARVEOUT_CAP", errs.Refused, "超出 0.01 元"},
		{item(o.line("省财社〔2026〕44号"), 1), "CARVEOUT_NOT_PAYER", errs.Refused, "残疾人"},
		{item(o.line("省财社〔2026〕90号"), 1), "CARVEOUT_SOURCE", errs.Refused, "2026"},
		{item(work, yuan(100)+1), "FUNDS_INSUFFICIENT", errs.Insufficient, "缺 0.01 元"},
		{item(999, 1), "FUNDS_BUDGET_LINE_UNKNOWN", errs.NotFound, "999"},
		{item(province, 0), "VALID_PROBLEMS", errs.Invalid, "大于零"},
		{funds.SetAsideItem{BudgetLine: province, Amount: 1, EconomicCode: "50901"}, "VALID_PROBLEMS", errs.Invalid, "50205"},
	} {
		_, err := o.funds.SetAside(o.as("zhou"), setAside("n〔2026〕1号", c.item))
		if text := o.refused(err, c.code, c.kind, before); !strings.Contains(text, c.says) {
			t.Errorf("%s does not say %q: %s", c.code, c.says, text)
		}
	}
	_, err = o.funds.SetAside(o.as("zhou"), setAside("n〔2026〕2号", item(work, yuan(60)), item(work, yuan(60))))
	o.refused(err, "FUNDS_INSUFFICIENT", errs.Insufficient, before)
	if _, err := o.funds.SetAside(o.as("zhou"), setAside("n〔2026〕3号", item(province, yuan(60_000)))); err != nil {
		t.Errorf("exactly the cap: %s", explain(err))
	}
}

// Each alone is within the cap, together they are not; they touch different
// lots, so that no row lock stands between them.
func TestSetAside_races_for_the_cap(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000000.00"}, row{number: "县财预〔2026〕6号", level: "县", amount: "1000000.00"})
	o.carveoutRule()
	cmds := []funds.SetAside{
		setAside("a〔2026〕1号", item(o.line("财社〔2026〕12号"), yuan(40_000))),
		setAside("a〔2026〕2号", item(o.line("县财预〔2026〕6号"), yuan(40_000))),
	}
	errsOf := race(len(cmds), func(i int) error { _, err := o.funds.SetAside(o.as("zhou"), cmds[i]); return err })
	if countCode(errsOf, "CARVEOUT_CAP") != 1 || countCode(errsOf, "") != 1 || o.place(ledger.Carveout) != yuan(40_000) {
		t.Errorf("%v\n%s", errsOf, o.balances())
	}
}

func TestSetAside_twice_at_once_is_done_once(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000000.00"})
	o.carveoutRule()
	cmd := setAside("a〔2026〕1号", item(o.line("财社〔2026〕12号"), yuan(10_000)))
	errsOf := race(4, func(int) error { _, err := o.funds.SetAside(o.as("zhou"), cmd); return err })
	if countCode(errsOf, "") != 4 || o.place(ledger.Carveout) != yuan(10_000) {
		t.Errorf("%v\n%s", errsOf, o.balances())
	}
}

func TestSetCarveoutRule(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.carveoutRule()
	o.carveoutRule() // the same again
	rule, err := o.funds.CarveoutRuleOf(o.ctx, o.db.Pool(), "991301", 2026)
	if err != nil || rule.FloorRate.String() != "5%" || rule.Area != county || len(rule.BaseFunds) != 2 {
		t.Errorf("%+v, %v", rule, err)
	}
	rule.FloorRate = rate(t, "101%")
	if err := o.funds.SetCarveoutRule(o.as("zhou"), rule); errs.CodeOf(err) != "CARVEOUT_INPUT" {
		t.Errorf("more than the whole: %v", err)
	}
	rule.FloorRate = rate(t, "6%")
	if err := o.funds.SetCarveoutRule(o.as("zhou"), rule); errs.CodeOf(err) != "FUNDS_RULE_TWICE" {
		t.Errorf("another rule at the same moment: %v", err)
	}
	o.clock.Set(o.clock.Now().Add(1_000_000_000))
	if err := o.funds.SetCarveoutRule(o.as("zhou"), rule); err != nil {
		t.Error(explain(err))
	}
	if now, err := o.funds.CarveoutRuleOf(o.ctx, o.db.Pool(), county, 2026); err != nil || now.FloorRate.String() != "6%" {
		t.Errorf("in force: %+v, %v", now, err)
	}
}
