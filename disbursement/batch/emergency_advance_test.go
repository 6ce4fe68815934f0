package batch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

// hall is the township's own unit, which paid out of its own pocket.
func hall(n int) row {
	return row{"类型": "单位", "姓名": "白石镇人民政府", "证件类型": "统一社会信用代码", "证件号码": credit(n), "区划代码": township, "单位类别": "乡镇",
		"账户类型": "对公", "银行行号": "402991300011", "开户银行": "青禾农商行", "账号": fmt.Sprintf("8802%014d", n), "户名": "白石镇人民政府", "核实人": "何晓", "核实日期": "2026-09-01"}
}

// advanced is a case that the hall paid an hour after it was reported.
func (o *office) advanced(number string, n int, amount money.Fen) batch.Draw {
	d := caseOf(number, n, amount)
	d.ReportedAt = o.clock.Now().Add(-3 * time.Hour)
	d.RepayTo = credit(901)
	d.Handover = funds.Handover{Form: funds.Advanced, ReceiptSHA256: receipt(number), ReceiptName: number + ".jpg", Witness: "村干部甲", PaidAt: d.ReportedAt.Add(time.Hour)}
	return d
}

func (o *office) advances(all bool) []batch.TownshipAdvance {
	o.t.Helper()
	list, err := o.batch.TownshipAdvances(o.t.Context(), o.db.Pool(), all)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return list
}

// TestAdvance_is_paid_back_once: a township paid an emergency out of its own pocket.
// Two people see the receipt, the reserve pays the unit's account, the person is the
// beneficiary; the case and the receipt pay nothing a second time.
func TestAdvance_is_paid_back_once(t *testing.T) {
	t.Parallel()
	o := handOffice(t, "1500")
	o.people(head(1), head(2), hall(901))
	clerk, chief := as(t.Context(), "clerk", auth.ReserveDraw), as(t.Context(), "chief", auth.ReserveConfirm)
	d := o.advanced("白石2026-1", 1, 800_00)
	drawn, err := o.batch.DrawReserve(clerk, d)
	if err != nil {
		t.Fatal(explain(err))
	}
	if again, err := o.batch.DrawReserve(clerk, d); err != nil || !again.Replay {
		t.Errorf("%+v, %s", again, explain(err))
	}
	o.refused(second(o.batch.DrawReserve(clerk, caseOf("白石2026-1", 1, 800_00))), "RESERVE_CASE_TAKEN")
	other := o.advanced("白石2026-2", 2, 800_00)
	other.ReceiptSHA256 = d.ReceiptSHA256
	err = second(o.batch.DrawReserve(clerk, other))
	o.refused(err, "RESERVE_RECEIPT_USED")
	if !strings.Contains(explain(err), "白石2026-1") {
		t.Errorf("does not name the first: %s", explain(err))
	}
	if open := o.advances(false); len(open) != 1 || open[0].Confirmed || open[0].UnitName != "白石镇人民政府" {
		t.Errorf("%+v", open)
	}

	before := o.balances()
	o.refused(second(o.batch.ConfirmAdvance(as(t.Context(), "clerk", auth.ReserveConfirm), "白石2026-1", drawn.Digest, d.ReceiptSHA256, day)), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.ConfirmAdvance(chief, "白石2026-1", drawn.Digest, receipt("另一张"), day)), "BATCH_RECEIPT_DIFFERS")
	o.refused(second(o.batch.ConfirmDraw(chief, "白石2026-1", drawn.Digest, day)), "BATCH_RECEIPT_DIFFERS")
	if diff := cmp.Diff(before, o.balances()); diff != "" {
		t.Errorf("a refused confirmation moved money: %s", diff)
	}
	for range 2 {
		sent, err := o.batch.ConfirmAdvance(chief, "白石2026-1", drawn.Digest, d.ReceiptSHA256, day)
		if err != nil || sent.Amount != 800_00 || len(sent.Files) != 1 || sent.Files[0].ByHand() {
			t.Fatalf("%+v, %s", sent, explain(err))
		}
	}
	if _, err := o.batch.WriteFiles(chief, "LS-E-白石2026-1", o.dir); err != nil {
		t.Fatal(explain(err))
	}
	if now := o.balances(); now[ledger.InTransit] != 800_00 || now[ledger.Reserve] != 700_00 {
		t.Errorf("%v", now)
	}
	if open := o.advances(false); len(open) != 1 || open[0].Sent != 800_00 || open[0].Repaid != 0 {
		t.Errorf("on its way is not paid back: %+v", open)
	}
	paid := o.payments("LS-E-白石2026-1")[0]
	o.settle(paid.ID, evidence.Paid)
	if open := o.advances(false); len(open) != 0 {
		t.Errorf("%+v", open)
	}
	if all := o.advances(true); len(all) != 1 || all[0].Repaid != 800_00 || all[0].Days != 0 {
		t.Errorf("%+v", all)
	}
	line := o.firstLine("LS-E-白石2026-1")
	if line.Person == 0 || line.Unit != 0 || line.Payee == line.Person || paid.Payee != line.Payee || line.Subject() != line.Person {
		t.Errorf("the money goes to the unit, the beneficiary is the person: %+v", line)
	}
	o.sound()
}

// TestAdvance_that_came_back: the bank returns what was sent to the unit. It is owed
// again, and goes to the unit's newer account.
func TestAdvance_that_came_back(t *testing.T) {
	t.Parallel()
	o := handOffice(t, "1500")
	o.people(head(1), hall(901))
	d := o.advanced("白石2026-1", 1, 800_00)
	drawn, err := o.batch.DrawReserve(o.all("clerk"), d)
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.ConfirmAdvance(o.all("chief"), "白石2026-1", drawn.Digest, d.ReceiptSHA256, day); err != nil {
		t.Fatal(explain(err))
	}
	const code = "LS-E-白石2026-1"
	if _, err := o.batch.WriteFiles(o.all("chief"), code, o.dir); err != nil {
		t.Fatal(explain(err))
	}
	paid := o.payments(code)[0]
	o.settle(paid.ID, evidence.Failed)
	if open := o.advances(false); len(open) != 1 || open[0].Sent != 0 || open[0].Repaid != 0 {
		t.Errorf("%+v", open)
	}
	account, err := o.parties.AddAccountVersion(t.Context(), parties.NewAccount{Owner: paid.Payee, Kind: terms.Corporate, BankCode: "402991300011",
		BankName: "青禾农商行", Holder: "白石镇人民政府", Account: "88020000000009999", VerifiedBy: "何晓", VerifiedOn: day}, "hexiao")
	if err != nil {
		t.Fatal(explain(err))
	}
	o.dies(1, "2026-10-09") // helped on the 9th: whoever paid is paid back
	l, err := o.batch.ProposeReissue(o.all("clerk"), code, []batch.Again{{Payment: paid.ID, Account: account, Reason: "账号变更"}})
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.ReleaseReissue(o.all("releaser"), l.ID, day); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.WriteFiles(o.all("chief"), code, o.dir); err != nil {
		t.Fatal(explain(err))
	}
	o.settle(paid.ID, evidence.Paid)
	if all := o.advances(true); len(all) != 1 || all[0].Repaid != 800_00 {
		t.Errorf("%+v", all)
	}
	o.sound()
}

// TestAdvance_on_no_other_list: a case that a township advanced in one month is not
// paid again by a list of another.
func TestAdvance_on_no_other_list(t *testing.T) {
	t.Parallel()
	o := handOffice(t, "1500")
	o.people(head(1), hall(901))
	d := o.advanced("白石2026-1", 1, 800_00)
	d.ReportedAt, d.PaidAt = d.ReportedAt.AddDate(0, -1, 0), d.PaidAt.AddDate(0, -1, 0)
	if _, err := o.batch.DrawReserve(o.all("clerk"), d); err != nil {
		t.Fatal(explain(err))
	}
	if l := o.firstLine("LS-E-白石2026-1"); l.Month != "2026-09" {
		t.Errorf("of the month in which the person was helped: %+v", l)
	}
	o.made("LS-2026-10", "LS", "DF", due(1).with("项目", "LS", "分项", "急难型", "类别", "急难型", "金额", "800.00", "案号", "白石2026-1", "期次", "1"))
	_, err := o.batch.Check(o.all("checker"), "LS-2026-10")
	o.refused(err, "BATCH_BLOCKED")
	if !slices.ContainsFunc(o.foundIn("LS-2026-10"), func(f batch.Finding) bool { return f.Code == "once_key" && f.Args["batch"] == "LS-E-白石2026-1" }) {
		t.Errorf("%+v", o.foundIn("LS-2026-10"))
	}
	o.sound()
}

// TestAdvance_waits_for_the_reserve: what a township advanced is recorded though the
// reserve is short, ages on the list against the rule's days, settles what the county
// was asked for, and is paid back after a refill, even if the person died meanwhile.
func TestAdvance_waits_for_the_reserve(t *testing.T) {
	t.Parallel()
	o := handOffice(t, "500")
	o.people(head(1), head(2), hall(901))
	if _, err := rules.New(o.db, o.clock).Import(t.Context(), o.csv("参数,区划代码,执行日期,数值,关系,文号,条款,原文", figure("reserve.repay_days", "10"),
		figure("reserve.is_ceiling", "否")), "zhou"); err != nil {
		t.Fatal(explain(err))
	}
	asked := caseOf("白石2026-1", 1, 800_00)
	asked.ReportedAt = o.clock.Now().Add(-3 * time.Hour)
	o.refused(second(o.batch.DrawReserve(o.all("clerk"), asked)), "BATCH_DRAW_URGENT")
	d := o.advanced("白石2026-1", 1, 800_00)
	drawn, err := o.batch.DrawReserve(o.all("clerk"), d)
	if err != nil {
		t.Fatal(explain(err))
	}
	if open := o.urgent(); len(open) != 1 || open[0].IsOpen() || open[0].Overdue || !open[0].PaidAt.Equal(d.PaidAt) {
		t.Errorf("the person has the money: %+v", open)
	}
	confirm := func() error {
		return second(o.batch.ConfirmAdvance(o.all("chief"), "白石2026-1", drawn.Digest, d.ReceiptSHA256, o.clock.Now()))
	}
	o.refused(confirm(), "BATCH_RESERVE_SHORT")
	o.clock.Set(o.clock.Now().AddDate(0, 0, 10))
	if open := o.advances(false); len(open) != 1 || open[0].Days != 10 || open[0].Overdue {
		t.Errorf("%+v", open)
	}
	o.clock.Set(o.clock.Now().AddDate(0, 0, 1))
	if open := o.advances(false); len(open) != 1 || open[0].Days != 11 || !open[0].Overdue {
		t.Errorf("%+v", open)
	}
	if late, err := o.funds.LateCases(t.Context(), o.db.Pool(), 2026); err != nil || len(late) != 0 {
		t.Errorf("the person was helped in time: %+v, %v", late, err)
	}
	rule := funds.ReserveRule{Area: "991301000000", Year: 2026, PerResident: 2_00, CaseLimit: 1000_00, Document: "县民发〔2026〕19号", Clause: "一"}
	if err := o.funds.SetReserveRule(o.all("zhou"), rule); err != nil {
		t.Fatal(explain(err))
	}
	_, err = o.funds.RefillReserves(o.all("zhou"), funds.AllocateReserves{Year: 2026, Number: "县财预〔2026〕60号", Title: "关于补足备用金的通知", IssuedOn: day})
	if err != nil {
		t.Fatal(explain(err))
	}
	o.dies(1, "2026-10-12")
	if err := confirm(); err != nil {
		t.Fatal(explain(err))
	}
	if now := o.balances(); now[ledger.InTransit] != 800_00 || now[ledger.Reserve] != 200_00 {
		t.Errorf("%v", now)
	}
	o.sound()
}

// TestAdvance_refuses: what an advance needs, and who may be paid back.
func TestAdvance_refuses(t *testing.T) {
	t.Parallel()
	o := handOffice(t, "1500")
	o.people(head(1), hall(901), home(902), hall(903).with("姓名", "黑石镇人民政府", "户名", "黑石镇人民政府", "区划代码", "991301104000"),
		hall(904).with("账户类型", "", "银行行号", "", "开户银行", "", "账号", "", "户名", "", "核实人", "", "核实日期", ""))
	for name, tt := range map[string]struct {
		change func(d *batch.Draw)
		code   string
	}{
		"no_unit":              {func(d *batch.Draw) { d.RepayTo = "" }, "RESERVE_HANDOVER"},
		"no_receipt":           {func(d *batch.Draw) { d.ReceiptSHA256 = nil }, "RESERVE_HANDOVER"},
		"no_time":              {func(d *batch.Draw) { d.PaidAt = time.Time{} }, "RESERVE_HANDOVER"},
		"unknown_unit":         {func(d *batch.Draw) { d.RepayTo = credit(999) }, "BATCH_DRAW_UNIT"},
		"an_institution":       {func(d *batch.Draw) { d.RepayTo = credit(902) }, "BATCH_DRAW_UNIT"},
		"another_township":     {func(d *batch.Draw) { d.RepayTo = credit(903) }, "BATCH_DRAW_UNIT"},
		"no_account":           {func(d *batch.Draw) { d.RepayTo = credit(904) }, "BATCH_DRAW_CHECK"},
		"paid_before_reported": {func(d *batch.Draw) { d.PaidAt = d.ReportedAt.Add(-time.Second) }, "RESERVE_CASE_DATES"},
		"not_paid_yet":         {func(d *batch.Draw) { d.PaidAt = o.clock.Now().Add(time.Hour) }, "RESERVE_CASE_DATES"},
		"above_the_limit":      {func(d *batch.Draw) { d.Amount = 1000_01 }, "RESERVE_CASE_LIMIT"},
		"a_transfer_with_it":   {func(d *batch.Draw) { d.Form = funds.ByTransfer }, "RESERVE_HANDOVER"},
	} {
		d := o.advanced("白石2026-1", 1, 800_00)
		tt.change(&d)
		err := second(o.batch.DrawReserve(o.all("clerk"), d))
		if errs.CodeOf(err) != tt.code {
			t.Errorf("%s: %s", name, explain(err))
		}
	}
	wrong, err := o.batch.DrawReserve(o.all("clerk"), o.advanced("白石2026-8", 1, 700_00))
	if err != nil {
		t.Fatal(explain(err))
	}
	right := o.advanced("白石2026-9", 1, 70_00)
	right.ReceiptSHA256 = receipt("白石2026-8")
	o.refused(second(o.batch.DrawReserve(o.all("clerk"), right)), "RESERVE_RECEIPT_USED")
	for _, code := range []string{wrong.Batch.Code, "LS-E-白石2026-9"} {
		if _, err := o.batch.Cancel(o.all("clerk"), code, "金额填错"); err != nil {
			t.Fatal(explain(err))
		}
		if code == wrong.Batch.Code { // what was given up leaves its receipt to the case in its place
			if _, err := o.batch.DrawReserve(o.all("clerk"), right); err != nil {
				t.Fatal(explain(err))
			}
		}
	}
	o.dies(1, "2026-10-01")
	o.refused(second(o.batch.DrawReserve(o.all("clerk"), o.advanced("白石2026-1", 1, 800_00))), "BATCH_DRAW_CHECK")
	if open := o.advances(true); len(open) != 0 {
		t.Errorf("%+v", open)
	}
	o.sound()
}
