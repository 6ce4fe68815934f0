package batch_test

import (
	"testing"
	"time"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

func TestSplit_then_each_part_goes_its_own_way(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2), head(3))
	digest := o.submitted("DB-1", "DB", "DF", due(1), due(2), due(3))
	o.refused(second(o.batch.Split(o.all("maker"), "DB-1", "DB-1B", []int32{2}, "材料不齐")), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.Split(o.all("approver"), "DB-1", "DB-1B", []int32{1, 2, 3}, "材料不齐")), "BATCH_SPLIT_ALL")
	o.refused(second(o.batch.Split(o.all("approver"), "DB-1", "DB-1B", []int32{9}, "材料不齐")), "BATCH_LINES_UNKNOWN")
	s, err := o.batch.Split(o.all("approver"), "DB-1", "DB-1B", []int32{2}, "材料不齐")
	if err != nil || s.Batch.Lines != 2 || s.Batch.Amount != 840_00 || s.Parted.Lines != 1 || s.Parted.Amount != 420_00 || s.Parted.State != batch.Draft {
		t.Fatalf("%+v, %s", s, explain(err))
	}
	o.sound()
	again, err := o.batch.Split(o.all("approver"), "DB-1", "DB-1B", []int32{2}, "材料不齐")
	if err != nil || !again.Replay || again.Parted.ID != s.Parted.ID {
		t.Errorf("the same again: %+v, %s", again, explain(err))
	}
	for name, err := range map[string]error{
		"another line":    second(o.batch.Split(o.all("approver"), "DB-1", "DB-1B", []int32{3}, "材料不齐")),
		"fewer lines":     second(o.batch.Split(o.all("approver"), "DB-1", "DB-1B", nil, "材料不齐")),
		"another reason":  second(o.batch.Split(o.all("approver"), "DB-1", "DB-1B", []int32{2}, "另有原因")),
		"the other batch": second(o.batch.Split(o.all("approver"), "DB-1B", "DB-1", []int32{2}, "材料不齐")),
	} {
		if errs.CodeOf(err) != "BATCH_CODE_TAKEN" {
			t.Errorf("%s: %s", name, explain(err))
		}
	}
	o.refused(second(o.batch.Approve(o.all("approver"), "DB-1", digest)), "BATCH_STATE")
	digest = o.resubmit("DB-1")
	if _, err := o.batch.Approve(o.all("approver"), "DB-1", digest); err != nil {
		t.Fatal(explain(err))
	}
	if left := o.status("DB-1B").Batch; left.State != batch.Draft || left.Maker != "maker" {
		t.Errorf("%+v", left)
	}
	digest = o.resubmit("DB-1B")
	if f, err := o.batch.Approve(o.all("approver"), "DB-1B", digest); err != nil || f.Amount != 420_00 {
		t.Fatalf("%+v, %s", f, explain(err))
	}
	o.release("DB-1")
	o.release("DB-1B")
	o.sound()
}

// TestVouchers: the treasury pays by vouchers; nothing is released before they
// come to what each budget line pays, line by line.
func TestVouchers_come_to_what_each_budget_line_pays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "省", "50000.00")
	o.money("青财社〔2026〕3号", "县", "50000.00")
	o.people(head(1))
	if err := o.batch.NeedVouchers(o.all("admin"), "GK", true); err != nil {
		t.Fatal(explain(err))
	}
	voucher := func(number string, line int32, amount money.Fen) error {
		_, err := o.batch.AddVoucher(o.all("maker"), "TK-1", batch.NewVoucher{Number: number, Dated: day, BudgetLine: ledger.BudgetLineID(line), Amount: amount})
		return err
	}
	digest := o.submitted("TK-1", "TK", "GK", poor(1, "集中", "536.00"))
	o.refused(voucher("V-1", 1, 486_00), "BATCH_VOUCHER_STATE")
	if _, err := o.batch.Approve(o.all("approver"), "TK-1", digest); err != nil {
		t.Fatal(explain(err))
	}
	release := func() error { return second(o.batch.Release(o.all("releaser"), "TK-1", day)) }
	o.refused(release(), "BATCH_VOUCHERS")
	o.refused(voucher("V-1", 7, 486_00), "BATCH_VOUCHER_LINE")
	o.refused(voucher("V-1", 1, 487_00), "BATCH_VOUCHER_OVER")
	for range 2 {
		if err := voucher("V-1", 1, 486_00); err != nil {
			t.Fatal(explain(err))
		}
	}
	o.refused(voucher("V-1", 1, 400_00), "BATCH_VOUCHER_USED")
	o.refused(release(), "BATCH_VOUCHERS")
	if err := voucher("V-2", 2, 49_99); err != nil {
		t.Fatal(explain(err))
	}
	err := release()
	o.refused(err, "BATCH_VOUCHERS")
	if f := fields(err); len(f) != 1 || f[0].Value != "青财社〔2026〕3号" {
		t.Errorf("%s", explain(err))
	}
	if err := voucher("V-3", 2, 1); err != nil {
		t.Fatal(explain(err))
	}
	void := func(number string, line int32, reason string) error {
		_, err := o.batch.VoidVoucher(o.all("maker"), "TK-1", number, ledger.BudgetLineID(line), reason)
		return err
	}
	o.refused(void("V-3", 1, "填错"), "BATCH_VOUCHER_NONE")
	o.refused(void("V-3", 2, " "), "VALID_PROBLEMS")
	for range 2 {
		if err := void("V-3", 2, "填错"); err != nil {
			t.Fatal(explain(err))
		}
	}
	o.refused(voucher("V-3", 2, 1), "BATCH_VOUCHER_VOIDED")
	o.refused(release(), "BATCH_VOUCHERS")
	if err := voucher("V-4", 2, 1); err != nil {
		t.Fatal(explain(err))
	}
	if err := release(); err != nil {
		t.Fatal(explain(err))
	}
	o.refused(void("V-4", 2, "填错"), "BATCH_VOUCHER_STATE")
	o.sound()
	for _, sql := range []string{`UPDATE batch_voucher SET amount_fen = 2 WHERE number = 'V-4'`, `UPDATE batch_voucher_void SET reason = '无'`} {
		if _, err := o.env.Owner(t).Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := batch.Verify(t.Context(), o.db.Pool()); err != nil || len(found) != 2 || found[0].Check != "voucher_leaf" || found[1].Check != "voucher_leaf" {
		t.Errorf("%+v, %v", found, err)
	}
	o.refusesEmergencyVouchers()
	if err := o.batch.NeedVouchers(as(t.Context(), "maker", auth.BatchMake), "GK", false); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
		t.Errorf("without the right: %v", err)
	}
}

// refusesEmergencyVouchers: they are paid in one act; a change of the channel behind
// our back is found.
func (o *office) refusesEmergencyVouchers() {
	o.t.Helper()
	if err := o.batch.NeedVouchers(o.all("admin"), "XZ", true); errs.CodeOf(err) != "BATCH_VOUCHER_EMERGENCY" {
		o.t.Error(explain(err))
	}
	if err := o.batch.NeedVouchers(o.all("admin"), "GK", true); err != nil { // it is so already
		o.t.Error(explain(err))
	}
	for _, sql := range []string{`UPDATE channel SET needs_voucher = false WHERE code = 'GK'`, `UPDATE channel_voucher SET recorded_by = 'nobody'`} {
		if _, err := o.env.Owner(o.t).Exec(o.t.Context(), sql); err != nil {
			o.t.Fatal(err)
		}
	}
	found, err := o.payment.Verify(o.t.Context(), o.db.Pool())
	if err != nil || len(found) != 2 || found[0].Check != "channel_leaf" || found[1].Check != "channel_leaf" {
		o.t.Errorf("%+v, %v", found, err)
	}
}

// TestVouchers_follow_what_is_withheld: lines withheld after the vouchers were made
// leave the batch to be released with another voucher.
func TestVouchers_follow_what_is_withheld(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "省", "50000.00")
	o.people(head(1), head(2))
	if err := o.batch.NeedVouchers(o.all("admin"), "GK", true); err != nil {
		t.Fatal(explain(err))
	}
	add := func(number string, amount money.Fen) {
		t.Helper()
		if _, err := o.batch.AddVoucher(o.all("maker"), "DB-1", batch.NewVoucher{Number: number, Dated: day, BudgetLine: 1, Amount: amount}); err != nil {
			t.Fatal(explain(err))
		}
	}
	o.approved("DB-1", "DB", "GK", due(1), due(2))
	add("V-1", 840_00)
	o.list("DB-1", batch.Withhold, 2)
	o.refused(second(o.batch.Release(o.all("releaser"), "DB-1", day)), "BATCH_VOUCHERS")
	if _, err := o.batch.VoidVoucher(o.all("maker"), "DB-1", "V-1", 1, "第2行暂缓"); err != nil {
		t.Fatal(explain(err))
	}
	add("V-2", 420_00)
	o.release("DB-1")
	o.sound()
}

// TestSplit_of_back_pay_again_is_the_same_split: its list comes from no roster.
func TestSplit_of_back_pay_again_is_the_same_split(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	for m := 1; m <= 3; m++ {
		o.paidMonth("DB", m, map[int]string{1: "一类", 2: "二类"})
	}
	made := o.backPay(o.raised(standardOf("一类", "2026-01-01", "月", "310.00", "", "fen"))[0])
	o.check(made.Batch.Code)
	s, err := o.batch.Split(o.all("approver"), made.Batch.Code, "BP-B", []int32{1, 2}, "材料不齐")
	if err != nil {
		t.Fatal(explain(err))
	}
	if again, err := o.batch.Split(o.all("approver"), made.Batch.Code, "BP-B", []int32{1, 2}, "材料不齐"); err != nil || !again.Replay || again.Parted.ID != s.Parted.ID {
		t.Errorf("%+v, %s", again, explain(err))
	}
	o.refused(second(o.batch.Split(o.all("approver"), made.Batch.Code, "BP-B", []int32{1}, "材料不齐")), "BATCH_CODE_TAKEN")
}

// TestObject_to_a_line_that_was_parted_since: it stands on the published list,
// wherever its line went, twice over; a line that was never on it does not.
func TestObject_to_a_line_that_was_parted_since(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2), head(3), head(4))
	o.figures("公示天数=7", "公示隐名年龄=18")
	o.submitted("DB-1", "DB", "DF", due(1), due(2), due(3), due(4))
	if _, err := o.batch.Split(o.all("approver"), "DB-1", "DB-0", []int32{4}, "材料不齐"); err != nil {
		t.Fatal(explain(err))
	}
	o.resubmit("DB-1")
	o.clock.Set(o.clock.Now().Add(time.Minute))
	p, err := o.batch.Publish(o.all("maker"), "DB-1", "991301000000")
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.Split(o.all("approver"), "DB-1", "DB-2", []int32{2, 3}, "材料不齐"); err != nil {
		t.Fatal(explain(err))
	}
	o.resubmit("DB-2")
	if _, err := o.batch.Split(o.all("approver"), "DB-2", "DB-3", []int32{3}, "材料不齐"); err != nil {
		t.Fatal(explain(err))
	}
	for line := int32(1); line <= 3; line++ {
		if _, err := o.batch.Object(o.all("clerk"), p.ID, line, "此户有车"); err != nil {
			t.Errorf("line %d: %s", line, explain(err))
		}
	}
	o.refused(second(o.batch.Object(o.all("clerk"), p.ID, 4, "此户有车")), "BATCH_OBJECTION_LINE")
}
