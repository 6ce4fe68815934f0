package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

const (
	reliefFund = "困难群众救助补助资金"
	workFund   = "社会救助工作经费"
)

// supplier is unit n, which takes on services.
func supplier(n int) row {
	return home(n).with("姓名", fmt.Sprintf("青禾社工中心%d", n), "户名", fmt.Sprintf("青禾社工中心%d", n), "单位类别", "承接单位")
}

// served is a roster row of an acceptance of supplier n.
func served(n int, acceptance, amount string) row {
	return row{"项目": "FW", "类别": "购买服务", "服务月份": "2026-10", "姓名": fmt.Sprintf("青禾社工中心%d", n), "证件号码": credit(n), "金额": amount, "收款方式": "本人", "案号": acceptance}
}

// services is an office with 100,000 of relief money in each of two documents
// (cap 6,000), both with 3,000 set aside, contracts and acceptances: of
// 青购1 4,000 in 验1 and 验2, of 青购2 4,000 in 验3, of 青购3 (work fund) 500 in 验4.
func services(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "省", "100000.00")
	o.money("财社〔2026〕13号", "省", "100000.00")
	path := o.csv(documentHead, row{"文号": "县财预〔2026〕7号", "标题": "工作经费", "类别": "下达", "签发日期": "2026-01-06", "收到日期": "2026-01-12",
		"年度": "2026", "行号": "1", "级次": "县", "资金": workFund, "功能科目": "2080299", "经济科目": "50205", "单位": "青禾县民政局", "金额": "10000.00"})
	if _, err := o.funds.ImportDocuments(o.all("zhou"), path); err != nil {
		t.Fatal(explain(err))
	}
	o.share()
	for i, number := range []string{"财社〔2026〕12号", "财社〔2026〕13号", "县财预〔2026〕7号"} {
		_, lines, err := o.funds.FindDocument(t.Context(), o.db.Pool(), number)
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.funds.SetAside(o.all("zhou"), funds.SetAside{Area: "991301000000", Year: 2026, Number: fmt.Sprintf("青民〔2026〕%d号", 21+i), Title: "列支", IssuedOn: day,
			Items: []funds.SetAsideItem{{BudgetLine: lines[0].To, Amount: 3_000_00, EconomicCode: "50205"}}})
		if err != nil {
			t.Fatal(explain(err))
		}
	}
	if _, err := o.benefits.ImportPolicies(t.Context(), o.csv(policyHead, row{"项目": "FW", "类别": "购买服务", "计发周期": "次", "标准": "1000000.00", "取整": "fen", "对象上限": "上限",
		"执行日期": "2026-01-01", "文号": "县民发〔2026〕8号", "条款": "三", "原文": "按验收金额支付"}), "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.people(supplier(1), supplier(2), home(3), head(1))
	contracts := o.csv("合同编号,统一社会信用代码,承接单位,区划代码,服务类别,服务内容,派驻人数,合同金额,列支资金,年度,签订日期,起始日期,终止日期",
		bought("青购1", 1, "4000.00", reliefFund), bought("青购2", 2, "4000.00", reliefFund), bought("青购3", 1, "500.00", workFund))
	if _, err := o.funds.ImportContracts(o.all("zhou"), contracts); err != nil {
		t.Fatal(explain(err))
	}
	for _, a := range []funds.Acceptance{{Number: "验1", Contract: "青购1", Amount: 3_000_00}, {Number: "验2", Contract: "青购1", Amount: 1_000_00},
		{Number: "验3", Contract: "青购2", Amount: 4_000_00}, {Number: "验4", Contract: "青购3", Amount: 500_00}} {
		a.AcceptedOn, a.Evidence = day, strings.Repeat("0a", 32)
		if _, err := o.funds.Accept(o.all("lin"), a); err != nil {
			t.Fatal(explain(err))
		}
	}
	return o
}

// share records the rule of purchased services.
func (o *office) share(barred ...terms.Level) {
	o.t.Helper()
	rule := funds.CarveoutRule{Area: "991301", Year: 2026, BaseFunds: []string{reliefFund, workFund}, CapFund: reliefFund, BarredLevels: barred,
		Document: "县民发〔2025〕18号", Clause: "六"}
	var errs [3]error
	rule.FloorRate, errs[0] = money.ParseRate("5%")
	rule.CapRate, errs[1] = money.ParseRate("3%")
	errs[2] = o.funds.SetCarveoutRule(o.all("zhou"), rule)
	if err := errors.Join(errs[:]...); err != nil {
		o.t.Fatal(explain(err))
	}
}

// What was set aside before a level was barred pays for no service any more.
func TestServices_are_not_paid_by_a_level_that_was_barred_since(t *testing.T) {
	t.Parallel()
	o := services(t)
	o.clock.Set(o.clock.Now().Add(time.Minute))
	o.share(terms.Province)
	o.made("FW-1", "FW", "GK", served(1, "验1", "1.00"))
	o.finds1("FW-1", "short")
}

func bought(number string, n int, amount, fund string) row {
	return row{"合同编号": number, "统一社会信用代码": credit(n), "承接单位": fmt.Sprintf("青禾社工中心%d", n), "区划代码": "991301200000", "服务类别": "社工站", "服务内容": "驻站",
		"派驻人数": "2", "合同金额": amount, "列支资金": fund, "年度": "2026", "签订日期": "2026-03-01", "起始日期": "2026-03-01", "终止日期": "2026-12-31"}
}

func TestServices_are_paid_from_what_was_set_aside(t *testing.T) {
	t.Parallel()
	o := services(t)
	before := o.place(ledger.Available)
	o.released("FW-1", "FW", "GK", served(1, "验1", "3000.00"), served(1, "验2", "500.00"))
	if got := o.place(ledger.Carveout); got != 5_500_00 || o.place(ledger.Available) != before {
		t.Errorf("set aside %s, available %s of %s", got, o.place(ledger.Available), before)
	}
	if p := o.payments("FW-1"); len(p) != 2 || p[0].Amount+p[1].Amount != 3_500_00 {
		t.Errorf("one payment for each budget line: %+v", p)
	}
	// The acceptance is the occasion: paid once, whatever is left of it.
	o.made("FW-2", "FW", "GK", served(1, "验2", "500.00"))
	o.finds1("FW-2", "once_key")
}

func (o *office) place(kind ledger.AccountKind) money.Fen {
	o.t.Helper()
	return o.balances()[kind]
}

func TestServices_are_refused(t *testing.T) {
	t.Parallel()
	o := services(t)
	for i, c := range []struct {
		rows []row
		want string
	}{
		{[]row{served(1, "验9", "1.00")}, "service_acceptance"},
		{[]row{served(1, "验1", "3000.01")}, "service_above"},
		{[]row{served(2, "验1", "1.00")}, "service_supplier"},
		{[]row{served(1, "验1", "1.00").with("期次", "2")}, "service_instalment"},
		{[]row{served(1, "验1", "1.00"), served(1, "验4", "1.00")}, "service_mixed"},
		{[]row{served(1, "验1", "1.00").with("姓名", name(1), "证件号码", id(1))}, "service_person"},
		{[]row{served(1, "验1", "3000.00"), served(2, "验3", "3000.01")}, "service_cap"},
	} {
		code := fmt.Sprintf("FW-R%d", i)
		o.made(code, "FW", "GK", c.rows...)
		o.finds1(code, c.want)
	}
	// Exactly the cap.
	o.approved("FW-CAP", "FW", "GK", served(1, "验1", "3000.00"), served(2, "验3", "3000.00"))
}

// A month that is not the acceptance's would be another once-key.
func TestServices_of_another_month(t *testing.T) {
	t.Parallel()
	o := services(t)
	_, err := o.batch.Create(o.all("maker"), batch.Create{Code: "FW-NOV", Office: "QHMZ", Program: "FW", Period: "2026-11", Channel: "GK",
		File: o.csv(rosterHead, served(1, "验1", "1.00").with("服务月份", "2026-11"))})
	if err != nil {
		t.Fatal(explain(err))
	}
	o.finds1("FW-NOV", "service_month")
}

// The code of a benefit cannot pay a supplier, whoever is said to be covered.
func TestBenefits_do_not_pay_suppliers(t *testing.T) {
	t.Parallel()
	o := services(t)
	o.made("LS-1", "LS", "GK", served(1, "案1", "1.00").with("项目", "LS", "分项", "支出型", "类别", "支出型"))
	o.finds1("LS-1", "supplier_benefit")
	o.made("LS-2", "LS", "GK", served(3, "案2", "1.00").with("项目", "LS", "分项", "支出型", "类别", "支出型", "姓名", "青禾县中心敬老院"))
	if r, _ := o.batch.Check(o.all("checker"), "LS-2"); slices.ContainsFunc(r.Findings, func(f batch.Finding) bool { return f.Code == "supplier_benefit" }) {
		t.Error("a home is no supplier")
	}
}

// A cut after the check: the freezing transaction tests the cap again.
func TestServices_are_refused_at_the_cap_when_they_are_frozen(t *testing.T) {
	t.Parallel()
	o := services(t)
	digest := o.submitted("FW-1", "FW", "GK", served(2, "验3", "4000.00"))
	o.cut("财社〔2026〕40号", "财社〔2026〕12号", "70000.00")
	before := o.place(ledger.Frozen)
	_, err := o.batch.Approve(o.all("approver"), "FW-1", digest)
	if errs.CodeOf(err) != "CARVEOUT_CAP_PAYMENT" || errs.KindOf(err) != errs.Refused || o.place(ledger.Frozen) != before {
		t.Fatalf("%s", explain(err))
	}
	if text := explain(err); !strings.Contains(text, "3,900.00") || !strings.Contains(text, "100.00") || strings.ContainsAny(text, "{}") {
		t.Errorf("reads %s", text)
	}
}

// cut reduces the first line of a document.
func (o *office) cut(number, of, amount string) {
	o.t.Helper()
	path := o.csv(documentHead+",冲减文号,冲减行号", row{"文号": number, "标题": "调减", "类别": "调减", "签发日期": "2026-10-08", "收到日期": "2026-10-09",
		"年度": "2026", "行号": "1", "级次": "省", "资金": reliefFund, "功能科目": "2081902", "经济科目": "50901", "单位": "青禾县民政局", "项目": "DB;TK;LS;ET;LL",
		"金额": amount, "冲减文号": of, "冲减行号": "1"})
	if _, err := o.funds.ImportDocuments(o.all("zhou"), path); err != nil {
		o.t.Fatal(explain(err))
	}
}

// Each is within the cap alone, together they are not, and what was set aside
// from the one document would do for both: nothing stands between them but the
// gate of the year.
func TestServices_race_for_the_cap(t *testing.T) {
	t.Parallel()
	o := services(t)
	o.cut("财社〔2026〕40号", "财社〔2026〕13号", "97000.00")
	o.cut("财社〔2026〕41号", "财社〔2026〕12号", "6400.00") // the cap is 2,898
	first := o.submitted("FW-1", "FW", "GK", served(1, "验1", "1500.00"))
	second := o.submitted("FW-2", "FW", "GK", served(2, "验3", "1400.00"))
	var all sync.WaitGroup
	out := make([]error, 2)
	for i, d := range []batch.Digest{first, second} {
		all.Go(func() {
			_, out[i] = o.batch.Approve(o.all(fmt.Sprintf("approver%d", i)), fmt.Sprintf("FW-%d", i+1), d)
		})
	}
	all.Wait()
	refused := 0
	for _, err := range out {
		if errs.CodeOf(err) == "CARVEOUT_CAP_PAYMENT" {
			refused++
		}
	}
	if refused != 1 || o.place(ledger.Frozen) > 1_500_00 {
		t.Errorf("%v, frozen %s", out, o.place(ledger.Frozen))
	}
}

// Whoever freezes money for services waits for whoever tested the cap before and
// has not ended.
func TestServices_wait_at_the_gate_of_the_year(t *testing.T) {
	t.Parallel()
	o := services(t)
	digest := o.submitted("FW-1", "FW", "GK", served(1, "验1", "1500.00"))
	err := o.db.Run(t.Context(), func(tx pgx.Tx) error {
		charge := funds.ServiceCharge{Line: 1, CreditCode: credit(2), Acceptance: "验3", Instalment: "1", Month: "2026-10", Amount: 1_400_00}
		if paid, err := o.funds.ServicesTx(t.Context(), tx, []funds.ServiceCharge{charge}, true); err != nil || len(paid.Problems) > 0 {
			t.Errorf("%+v, %v", paid.Problems, err)
		}
		ctx, cancel := context.WithTimeout(o.all("approver"), 300*time.Millisecond)
		defer cancel()
		if _, err := o.batch.Approve(ctx, "FW-1", digest); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("did not wait: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.batch.Approve(o.all("approver"), "FW-1", digest); err != nil {
		t.Error(explain(err))
	}
}

// An acceptance of a year is paid after the money set aside was carried over.
func TestServices_are_paid_after_a_carry_over(t *testing.T) {
	t.Parallel()
	o := services(t)
	o.clock.Set(time.Date(2027, 1, 11, 9, 0, 0, 0, clock.Shanghai))
	carry := funds.CarryOver{Year: 2026, Number: "县财预〔2027〕1号", Title: "结转", IssuedOn: day.AddDate(0, 3, 0)}
	if _, err := o.funds.CarryOver(o.all("zheng"), carry); err != nil {
		t.Fatal(explain(err))
	}
	o.approved("FW-1", "FW", "GK", served(1, "验1", "3000.00"))
	if got := o.place(ledger.Carveout); got != 6_000_00 {
		t.Errorf("set aside %s", got)
	}
}

func TestPaidServices(t *testing.T) {
	t.Parallel()
	o := services(t)
	o.released("FW-1", "FW", "GK", served(1, "验4", "500.00"))
	units, err := o.parties.Units(t.Context(), o.db.Pool(), []string{credit(1)})
	if err != nil {
		t.Fatal(err)
	}
	paid := func() money.Fen {
		t.Helper()
		got, err := batch.PaidServices(t.Context(), o.db.Pool(), []string{"FW"}, []parties.UnitID{units[credit(1)].ID})
		if err != nil {
			t.Fatal(err)
		}
		return got["验4"]
	}
	if paid() != 0 {
		t.Error("in transit is not paid")
	}
	for _, p := range o.payments("FW-1") {
		o.settle(p.ID, evidence.Paid)
	}
	o.sound()
	if paid() != 500_00 {
		t.Errorf("paid %s", paid())
	}
}

// An acceptance that a list pays cannot be voided; one that was voided since the check
// is not paid. Whoever voids waits for whoever is freezing.
func TestServices_of_a_void_acceptance_are_not_paid(t *testing.T) {
	t.Parallel()
	o := services(t)
	void := func(ctx context.Context, number string) error {
		_, err := o.funds.VoidService(ctx, funds.VoidAcceptance, number, "金额填错")
		return err
	}
	o.submitted("FW-1", "FW", "GK", served(1, "验1", "1500.00"))
	if err := void(o.all("zhou"), "验1"); errs.CodeOf(err) != "CONTRACT_PAID" || !strings.Contains(explain(err), "FW-1") {
		t.Errorf("submitted: %s", explain(err))
	}
	if _, err := o.batch.Reject(o.all("approver"), "FW-1", "先作废验收"); err != nil {
		t.Fatal(explain(err))
	}
	if err := void(o.all("zhou"), "验1"); err != nil {
		t.Fatal(explain(err))
	}
	o.finds1("FW-1", "service_acceptance")

	o.made("FW-2", "FW", "GK", served(2, "验3", "1400.00"))
	o.check("FW-2")
	if err := void(o.all("zhou"), "验3"); err != nil {
		t.Fatal(explain(err))
	}
	sub, err := o.batch.Submit(o.all("maker"), "FW-2", "")
	if err == nil {
		_, err = o.batch.Approve(o.all("approver"), "FW-2", sub.Digest)
	}
	if errs.KindOf(err) != errs.Refused || o.place(ledger.Frozen) != 0 {
		t.Errorf("paid in spite of the voiding: %s", explain(err))
	}

	err = o.db.Run(t.Context(), func(tx pgx.Tx) error {
		charge := funds.ServiceCharge{Line: 1, CreditCode: credit(1), Acceptance: "验2", Instalment: "1", Month: "2026-10", Amount: 1_00}
		if paid, err := o.funds.ServicesTx(t.Context(), tx, []funds.ServiceCharge{charge}, true); err != nil || len(paid.Problems) > 0 {
			t.Errorf("%+v, %v", paid.Problems, err)
		}
		ctx, cancel := context.WithTimeout(o.all("zhou"), 300*time.Millisecond)
		defer cancel()
		if err := void(ctx, "验2"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("did not wait: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
