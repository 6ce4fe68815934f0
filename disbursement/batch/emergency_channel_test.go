package batch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/rules"
	"fenlu/internal/evidence"
	"fenlu/ledger"
)

// hallAccount is the township's own bank account for its reserve.
var hallAccount = batch.NewTownshipAccount{Township: township, Account: "955800991301030001", Holder: "白石镇备用金专户", Agent: "402991300034",
	Document: "县民〔2026〕1号", OpenedOn: day.AddDate(0, -1, 0)}

// cashOffice is an office whose township has its reserve as cash, which is in transit.
func cashOffice(t *testing.T, residents string) *office {
	t.Helper()
	o := newOffice(t)
	o.batch.WithReceipts(desk{o})
	o.money("县财预〔2026〕6号", "县", "50000.00")
	o.rule("reserve.cash_advanced", "是")
	if _, _, err := o.batch.OpenTownshipAccount(o.all("zhou"), hallAccount); err != nil {
		t.Fatal(explain(err))
	}
	o.reserves(residents)
	return o
}

func (o *office) rule(name, value string) {
	o.t.Helper()
	if _, err := rules.New(o.db, o.clock).Import(o.t.Context(), o.csv("参数,区划代码,执行日期,数值,关系,文号,条款,原文", figure(name, value)), "zhou"); err != nil {
		o.t.Fatal(explain(err))
	}
}

// credited is a statement of the township's account with one credit, and the money of the
// allotment arrived by it.
func (o *office) credited(fen int64) {
	o.t.Helper()
	o.tampers(fmt.Sprintf(`INSERT INTO evidence_file (id, kind, scope, sha256, name, profile, item_count, imported_by, imported_at)
		VALUES (900, 'statement', '%s', '\x09', 's.xml', 'camt.053', 1, 'he', now());
		INSERT INTO evidence (file, pos, kind, place, end_to_end_id, bank_ref, amount_fen, direction, status, reason, reason_text, value_date, src_offset, src_line, outcome)
		VALUES (900, 1, 'entry', 'p1', '', '', %d, 'CRDT', 'BOOK', '', '财政拨款', '2026-02-03', 0, 1, 'other_money')`, hallAccount.Account, fen))
	if _, err := o.funds.ConfirmTransfer(o.all("he"), funds.ConfirmTransfer{Number: "县财预〔2026〕30号", Township: township}); err != nil {
		o.t.Fatal(explain(err))
	}
}

func (o *office) bank() funds.BankSide {
	o.t.Helper()
	sides, err := o.funds.ReconcileReserves(o.t.Context(), o.db.Pool(), township)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return sides[0]
}

// TestDrawReserve_out_of_the_townships_account: where the reserve is cash, nothing is
// drawn of what is in transit; what arrived pays from the township's own account, and
// what the bank has not debited, or brought back, stays on the account in the books.
func TestDrawReserve_out_of_the_townships_account(t *testing.T) {
	t.Parallel()
	o := cashOffice(t, "1500")
	o.people(head(1), head(2))
	o.refused(second(o.batch.DrawReserve(o.all("clerk"), caseOf("白石2026-1", 1, 800_00))), "BATCH_DRAW_URGENT")
	if open := o.urgent(); len(open) != 1 || open[0].Free != 0 {
		t.Errorf("in transit is not free: %+v", open)
	}
	o.credited(1500_00)
	drawn, err := o.batch.DrawReserve(o.all("clerk"), caseOf("白石2026-1", 1, 800_00))
	if err != nil || drawn.Batch.Channel != "XZ991301103" || drawn.Reserve != 1500_00 {
		t.Fatalf("%+v, %s", drawn, explain(err))
	}
	paid, err := o.batch.ConfirmDraw(as(t.Context(), "chief", auth.ReserveConfirm), "白石2026-1", drawn.Digest, day)
	if err != nil {
		t.Fatal(explain(err))
	}
	c, err := payment.ChannelByCode(t.Context(), o.db.Pool(), paid.Files[0].Channel)
	if err != nil || c.DebtorAccount != hallAccount.Account || c.DebtorName != hallAccount.Holder {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := o.batch.WriteFiles(o.all("chief"), "LS-E-白石2026-1", o.dir); err != nil {
		t.Fatal(explain(err))
	}
	if b := o.bank(); b.Reserve != 700_00 || b.Unsettled != 800_00 || b.Expected != 1500_00 || b.Difference != 0 {
		t.Errorf("sent, not debited: %+v", b)
	}
	pay := o.payments("LS-E-白石2026-1")[0].ID
	o.settle(pay, evidence.Paid)
	if b := o.bank(); b.Unsettled != 0 || b.Expected != 700_00 || b.Difference != 800_00 {
		t.Errorf("paid in the books, and the statement does not say so yet: %+v", b)
	}
	hand, err := o.batch.DrawReserve(o.all("clerk"), cash("白石2026-2", 2, 100_00))
	if err != nil || hand.Batch.Channel != "XJ" {
		t.Fatalf("%+v, %s", hand, explain(err))
	}
	o.sound()
}

// TestConfirmDraw_by_another_channel: the form of the reserve changed between the two
// people: the draw is given up and made anew.
func TestConfirmDraw_by_another_channel(t *testing.T) {
	t.Parallel()
	o := cashOffice(t, "1500")
	o.people(head(1))
	o.credited(1500_00)
	drawn, err := o.batch.DrawReserve(o.all("clerk"), caseOf("白石2026-1", 1, 800_00))
	if err != nil {
		t.Fatal(explain(err))
	}
	before := o.balances()
	quota := figure("reserve.cash_advanced", "否").with("执行日期", "2026-10-09")
	if _, err := rules.New(o.db, o.clock).Import(t.Context(), o.csv("参数,区划代码,执行日期,数值,关系,文号,条款,原文", quota), "zhou"); err != nil {
		t.Fatal(explain(err))
	}
	o.refused(second(o.batch.ConfirmDraw(o.all("chief"), "白石2026-1", drawn.Digest, day)), "BATCH_CASE_CHANNEL")
	if now := o.balances(); now[ledger.Reserve] != before[ledger.Reserve] {
		t.Errorf("%v", now)
	}
	other := hallAccount
	other.Account = "955800991301030002"
	_, _, err = o.batch.OpenTownshipAccount(o.all("zhou"), other)
	o.refused(err, "RESERVE_ACCOUNT_TAKEN")
	if _, replay, err := o.batch.OpenTownshipAccount(o.all("zhou"), hallAccount); err != nil || !replay {
		t.Errorf("%t, %s", replay, explain(err))
	}
	o.sound()
}

// TestConfirmDraw_races_for_the_cash: a refill is on its way. The lots would pay both
// cases, the account pays one.
func TestConfirmDraw_races_for_the_cash(t *testing.T) {
	t.Parallel()
	o := cashOffice(t, "600")
	o.people(head(1), head(2), head(3))
	o.credited(600_00)
	o.rule("reserve.is_ceiling", "否")
	rule := funds.ReserveRule{Area: "991301000000", Year: 2026, PerResident: 3_00, CaseLimit: 1000_00, Document: "县民发〔2026〕19号", Clause: "一"}
	o.clock.Set(o.clock.Now().Add(time.Second))
	if err := o.funds.SetReserveRule(o.all("zhou"), rule); err != nil {
		t.Fatal(explain(err))
	}
	refill := funds.AllocateReserves{Year: 2026, Number: "县财预〔2026〕60号", Title: "关于补足备用金的通知", IssuedOn: day}
	if _, err := o.funds.RefillReserves(o.all("zhou"), refill); err != nil {
		t.Fatal(explain(err))
	}
	digests := make([]batch.Digest, 3)
	for i := range digests {
		d, err := o.batch.DrawReserve(o.all("clerk"), caseOf(fmt.Sprintf("白石%d", i), i+1, 400_00))
		if err != nil {
			t.Fatal(explain(err))
		}
		digests[i] = d.Digest
	}
	held, err := o.db.Pool().Begin(t.Context()) // until all three stand at a lock: none has frozen what the others look at
	if err == nil {
		_, err = held.Exec(t.Context(), `SELECT id FROM lot FOR UPDATE`)
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		o.waitForLocks(3)
		_ = held.Rollback(context.Background())
	}()
	won := o.race(3, "BATCH_DRAW_URGENT", func(i int) error {
		return second(o.batch.ConfirmDraw(o.all("chief"), fmt.Sprintf("白石%d", i), digests[i], day))
	})
	if won != 1 || o.balances()[ledger.Reserve] != 1400_00 {
		t.Errorf("%d draws of 400.00 won against 600.00 on the account", won)
	}
	o.sound()
}
