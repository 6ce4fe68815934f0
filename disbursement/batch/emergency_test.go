package batch_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/rules"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/internal/ident"
	"fenlu/ledger"
	"fenlu/money"
)

const township = "991301103000"

// reserves gives the township a reserve of one yuan for each resident.
func (o *office) reserves(residents string) {
	o.t.Helper()
	ctx := o.t.Context()
	path := o.csv("区划代码,乡镇,户籍人口,截至日期,来源", row{"区划代码": township, "乡镇": "白石镇", "户籍人口": residents, "截至日期": "2025-12-31", "来源": "公安户籍"})
	if _, err := o.parties.ImportPopulation(ctx, path, "hexiao"); err != nil {
		o.t.Fatal(explain(err))
	}
	rule := funds.ReserveRule{Area: "991301000000", Year: 2026, PerResident: 1_00, CaseLimit: 1000_00, Document: "县民发〔2026〕9号", Clause: "第四条"}
	if err := o.funds.SetReserveRule(o.all("zhou"), rule); err != nil {
		o.t.Fatal(explain(err))
	}
	path = o.csv("参数,区划代码,执行日期,数值,关系,文号,条款,原文", figure("reserve.document_days", "15"), figure("reserve.payment_hours", "24"),
		figure("reserve.confirm_hours", "24"))
	if _, err := rules.New(o.db, o.clock).Import(ctx, path, "zhou"); err != nil {
		o.t.Fatal(explain(err))
	}
	_, err := o.funds.AllocateReserves(o.all("zhou"), funds.AllocateReserves{Year: 2026, Number: "县财预〔2026〕30号", Title: "关于核拨临时救助备用金的通知",
		IssuedOn: time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		o.t.Fatal(explain(err))
	}
}

// figure is a row of a rules file.
func figure(name, value string) row {
	return row{"参数": name, "区划代码": "991301", "执行日期": "2026-01-01", "数值": value, "关系": "≤", "文号": "县民发〔2026〕9号", "条款": "五", "原文": "规定"}
}

func caseOf(number string, n int, amount money.Fen) batch.Draw {
	return batch.Draw{Number: number, Township: township, IDNumber: ident.Secret(id(n)), Amount: amount, Reason: "突发火灾", ReportedAt: day, Office: "QHXZ"}
}

func TestEmergency(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("县财预〔2026〕6号", "县", "50000.00")
	o.reserves("1500")
	o.people(head(1), member(2, 1), head(3), head(4).with("户名", "别人"))

	clerk := as(t.Context(), "clerk", auth.ReserveDraw)
	drawn, err := o.batch.DrawReserve(clerk, caseOf("白石2026-1", 2, 800_00))
	if err != nil || drawn.Reserve != 1500_00 {
		t.Fatalf("%+v, %s", drawn, explain(err))
	}
	if again, err := o.batch.DrawReserve(clerk, caseOf("白石2026-1", 2, 800_00)); err != nil || !again.Replay || again.Batch.ID != drawn.Batch.ID {
		t.Errorf("%+v, %s", again, explain(err))
	}
	o.sound()
	o.refused(second(o.batch.DrawReserve(clerk, caseOf("白石2026-1", 2, 801_00))), "RESERVE_CASE_TAKEN")
	o.refused(second(o.batch.ConfirmDraw(as(t.Context(), "clerk", auth.ReserveConfirm), "白石2026-1", drawn.Digest, day)), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.Approve(o.all("chief"), "LS-E-白石2026-1", drawn.Digest)), "BATCH_EMERGENCY")

	second2, err := o.batch.DrawReserve(clerk, caseOf("白石2026-2", 3, 900_00))
	if err != nil {
		t.Fatal(explain(err))
	}
	confirmer := as(t.Context(), "chief", auth.ReserveConfirm)
	paid, err := o.batch.ConfirmDraw(confirmer, "白石2026-1", drawn.Digest, day)
	if err != nil || paid.Amount != 800_00 || len(paid.Files) != 1 || paid.Files[0].Count != 1 || paid.Batch.State != batch.Released {
		t.Fatalf("%+v, %s", paid, explain(err))
	}
	if again, err := o.batch.ConfirmDraw(confirmer, "白石2026-1", drawn.Digest, day); err != nil || !again.Replay || again.Amount != 800_00 {
		t.Errorf("%+v, %s", again, explain(err))
	}
	before := o.balances()
	_, err = o.batch.ConfirmDraw(confirmer, "白石2026-2", second2.Digest, day)
	o.refused(err, "BATCH_DRAW_URGENT")
	o.refused(second(o.batch.DrawReserve(clerk, caseOf("白石2026-3", 1, 900_00))), "BATCH_DRAW_URGENT")
	o.refused(second(o.batch.DrawReserve(clerk, caseOf("白石2026-3", 1, 1000_01))), "RESERVE_CASE_LIMIT")
	o.refused(second(o.batch.DrawReserve(clerk, caseOf("白石2026-3", 4, 100_00))), "BATCH_DRAW_CHECK")
	o.refused(second(o.batch.DrawReserve(clerk, caseOf("白石2026-3", 99, 100_00))), "BATCH_DRAW_PERSON")
	if diff := cmp.Diff(before, o.balances()); diff != "" || errs.KindOf(err) != errs.Insufficient {
		t.Errorf("a refused draw moved money: %s", diff)
	}
	if diff := cmp.Diff(money.Fen(700_00), before[ledger.Reserve]); diff != "" {
		t.Error(diff)
	}
	if _, err := o.batch.WriteFiles(confirmer, "LS-E-白石2026-1", o.dir); err != nil {
		t.Error(explain(err))
	}
	if _, err := o.batch.Cancel(clerk, "LS-E-白石2026-2", "改由县级办理"); err != nil {
		t.Error(explain(err))
	}
	o.settle(o.payments("LS-E-白石2026-1")[0].ID, evidence.Paid)
	if _, err := o.batch.Close(o.all("finance"), "LS-E-白石2026-1"); err != nil {
		t.Error(explain(err))
	}
	o.sound()
}

func TestEmergency_racing_confirmations_never_overdraw(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("县财预〔2026〕6号", "县", "50000.00")
	o.reserves("1000")
	o.people(head(1), head(2), head(3), head(4))
	cases := []string{"白石1", "白石2", "白石3", "白石4"}
	digests := make([]batch.Digest, len(cases))
	for i, number := range cases {
		d, err := o.batch.DrawReserve(o.all("clerk"), caseOf(number, i+1, 400_00))
		if err != nil {
			t.Fatal(explain(err))
		}
		digests[i] = d.Digest
	}
	errors := make([]error, len(cases))
	var wg sync.WaitGroup
	for i, number := range cases {
		wg.Go(func() { _, errors[i] = o.batch.ConfirmDraw(o.all("chief"), number, digests[i], day) })
	}
	wg.Wait()
	won := 0
	for _, err := range errors {
		if err == nil {
			won++
		} else if errs.CodeOf(err) != "BATCH_DRAW_URGENT" {
			t.Error(explain(err))
		}
	}
	if won != 2 || o.balances()[ledger.Reserve] != 200_00 {
		t.Errorf("%d draws of 400.00 won against 1000.00, %s are left", won, o.balances()[ledger.Reserve])
	}
	o.sound()
}

// TestConfirmDraw_within_hours: the second person has the hours of the rule
// (money-rules C4); after them nothing is paid, and the report says what is late.
func TestConfirmDraw_within_hours(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("县财预〔2026〕6号", "县", "50000.00")
	o.reserves("1000")
	o.people(head(1), head(2))
	var digests []batch.Digest
	for i, number := range []string{"白石1", "白石2"} {
		d, err := o.batch.DrawReserve(o.all("clerk"), caseOf(number, i+1, 100_00))
		if err != nil {
			t.Fatal(explain(err))
		}
		digests = append(digests, d.Digest)
	}
	drawn := o.clock.Now()
	o.clock.Set(drawn.Add(24 * time.Hour))
	if _, err := o.batch.ConfirmDraw(o.all("chief"), "白石1", digests[0], day.AddDate(0, 0, 1)); err != nil {
		t.Fatal(explain(err))
	}
	before := o.balances()
	o.clock.Set(drawn.Add(24*time.Hour + time.Second))
	o.refused(second(o.batch.ConfirmDraw(o.all("chief"), "白石2", digests[1], day.AddDate(0, 0, 1))), "RESERVE_CONFIRM_LATE")
	if diff := cmp.Diff(before, o.balances()); diff != "" {
		t.Errorf("a late confirmation moved money: %s", diff)
	}
	late, err := o.funds.LateCases(t.Context(), o.db.Pool(), 2026)
	if err != nil || len(late) != 2 || late[0].ReleasedAt.IsZero() || !late[1].ReleasedAt.IsZero() {
		t.Errorf("reported an hour before the draw, both are late: %+v, %v", late, err)
	}
	if _, err := o.batch.Cancel(o.all("clerk"), "LS-E-白石2", "逾期未确认"); err != nil {
		t.Fatal(explain(err))
	}
	if late, err = o.funds.LateCases(t.Context(), o.db.Pool(), 2026); err != nil || len(late) != 1 || late[0].Number != "白石1" {
		t.Errorf("what was given up is not late: %+v, %v", late, err)
	}
	o.sound()
}
