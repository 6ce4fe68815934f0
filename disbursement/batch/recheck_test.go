package batch_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/batch"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/internal/ident"
)

// dies records a death.
func (o *office) dies(n int, on string) {
	o.t.Helper()
	path := o.csv("姓名,证件号码,死亡日期,来源", row{"姓名": name(n), "证件号码": id(n), "死亡日期": on, "来源": "殡葬"})
	if _, err := o.parties.ImportDeaths(o.t.Context(), path, "hexiao"); err != nil {
		o.t.Fatal(explain(err))
	}
}

// temporary is a head of a household with a temporary identity.
func temporary(n int, until string) row {
	return head(n).with("证件类型", "临时身份", "证件号码", ident.NewTemporary("991301", day.AddDate(0, -2, 0), n), "临时身份原因", "无法核实",
		"临时身份批准人", "周站长", "临时身份有效期", until)
}

// why is the line number and code of each problem of an error.
func why(err error) []string {
	var out []string
	for _, f := range fields(err) {
		out = append(out, strings.TrimSpace(itoa(f.Row)+" "+f.Code))
	}
	return out
}

func itoa(n int) string { return string(rune('0' + n)) } // rows of small lists

// changed prepares a batch of four lines, and then what time may break happens
// to three of them.
func (o *office) changed(until func(rows ...row) batch.Digest) batch.Digest {
	o.t.Helper()
	o.money("财社〔2026〕12号", "中央", "5000.00")
	late := temporary(3, "2026-10-20")
	o.people(head(1), head(2), late, head(4))
	digest := until(due(1), due(2), due(3).with("证件号码", late["证件号码"]), due(4))
	o.dies(1, "2026-09-30")
	o.dies(2, "2026-10-09") // within the month: still due
	o.clock.Set(o.clock.Now().AddDate(0, 0, 12))
	lines, err := batch.Lines(o.t.Context(), o.db.Pool(), o.status("DB-1").Batch.ID, 0, 10)
	if err != nil {
		o.t.Fatal(err)
	}
	o.newAccount(lines[3].Payee, 504, name(4))
	return digest
}

var broken = []string{"1 finding.dead", "3 finding.identity_expired", "4 finding.account_changed"}

func TestApprove_looks_again(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	digest := o.changed(func(rows ...row) batch.Digest { return o.submitted("DB-1", "DB", "DF", rows...) })
	_, err := o.batch.Approve(o.all("approver"), "DB-1", digest)
	o.refused(err, "BATCH_BLOCKED_SINCE")
	if diff := cmp.Diff(broken, why(err)); diff != "" || errs.KindOf(err) != errs.Refused {
		t.Error(diff)
	}
	// Sent back, removed, checked again with the new account.
	if _, err := o.batch.Reject(o.all("approver"), "DB-1", "有人死亡"); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.Remove(o.all("maker"), "DB-1", []int32{1, 3}, "已死亡，身份到期"); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.Approve(o.all("approver"), "DB-1", o.resubmit("DB-1")); err != nil {
		t.Error(explain(err))
	}
	o.sound()
}

func TestRelease_looks_again(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.changed(func(rows ...row) batch.Digest { return o.approved("DB-1", "DB", "DF", rows...).Digest })
	today := o.clock.Now()
	_, err := o.batch.Release(o.all("releaser"), "DB-1", today)
	o.refused(err, "BATCH_WITHHOLD_FIRST")
	if diff := cmp.Diff(broken, why(err)); diff != "" || !strings.Contains(explain(err), "lines 1,3,4") {
		t.Errorf("%s %s", diff, explain(err))
	}
	o.list("DB-1", batch.Withhold, 1, 3)
	o.list("DB-1", batch.Withdraw, 4)
	if r, err := o.batch.Release(o.all("releaser"), "DB-1", today); err != nil || r.Amount != 420_00 {
		t.Errorf("%+v, %s", r, explain(err))
	}
	o.sound()
}

func TestConfirmDraw_looks_again(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("县财预〔2026〕6号", "县", "50000.00")
	o.reserves("1500")
	o.people(head(1))
	drawn, err := o.batch.DrawReserve(o.all("clerk"), caseOf("白石1", 1, 100_00))
	if err != nil {
		t.Fatal(explain(err))
	}
	o.refused(second(o.batch.ConfirmDraw(o.all("chief"), "白石1", drawn.Digest, day.AddDate(0, 0, -1))), "BATCH_EXECUTE_ON")
	o.dies(1, "2026-09-30")
	o.refused(second(o.batch.ConfirmDraw(o.all("chief"), "白石1", drawn.Digest, day)), "BATCH_CASE_SINCE")
}

func TestRelease_is_dated_today_to_thirty_days_ahead(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1))
	o.approved("DB-1", "DB", "DF", due(1))
	for _, days := range []int{-1, 31, 365} {
		o.refused(second(o.batch.Release(o.all("releaser"), "DB-1", day.AddDate(0, 0, days))), "BATCH_EXECUTE_ON")
	}
	if _, err := o.batch.Release(o.all("releaser"), "DB-1", day.AddDate(0, 0, 30)); err != nil {
		t.Error(explain(err))
	}
}

func TestFreeText_holds_no_personal_number(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("县财预〔2026〕6号", "县", "50000.00")
	o.reserves("1500")
	o.people(head(1))
	o.approved("DB-1", "DB", "DF", due(1))
	text, ctx := "见 "+id(1), o.all("somebody")
	draw := caseOf("白石1", 1, 100_00)
	draw.Reason = text
	numbered := caseOf(id(1), 1, 100_00)
	for what, err := range map[string]error{
		"submit":      second(o.batch.Submit(ctx, "DB-1", text)),
		"reject":      second(o.batch.Reject(ctx, "DB-1", text)),
		"remove":      second(o.batch.Remove(ctx, "DB-1", []int32{1}, text)),
		"cancel":      second(o.batch.Cancel(ctx, "DB-1", text)),
		"withhold":    second(o.batch.ProposeList(ctx, "DB-1", batch.Withhold, []int32{1}, text)),
		"reject list": second(o.batch.RejectList(ctx, 1, text)),
		"owner":       second(o.batch.ProposeOpenItems(ctx, "DB-1", text, day, "未到")),
		"open items":  second(o.batch.ProposeOpenItems(ctx, "DB-1", "何晓", day, text)),
		"draw":        second(o.batch.DrawReserve(ctx, draw)),
		"case":        second(o.batch.DrawReserve(ctx, numbered)),
		"code":        second(o.make("DB-00000000000", "DB", "DF", due(1))),
	} {
		if errs.CodeOf(err) != "VALID_PROBLEMS" || len(fields(err)) == 0 || strings.Contains(explain(err), id(1)) {
			t.Errorf("%s: %s", what, explain(err))
		}
	}
	o.refused(second(o.make("LS-1", "LS", "DF", due(1).with("项目", "LS", "分项", "支出型", "类别", "支出型", "案号", id(1), "金额", "100.00"))), "SHEET_PROBLEMS")
	o.release("DB-1")
	p := o.payments("DB-1")[0]
	o.refused(second(o.batch.ProposeReissue(ctx, "DB-1", []batch.Again{{Payment: p.ID, Reason: text}})), "VALID_PROBLEMS")
}

// oneBack is a released batch whose payment failed.
func (o *office) oneBack() batch.Again {
	o.t.Helper()
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1))
	o.released("DB-1", "DB", "DF", due(1))
	p := o.payments("DB-1")[0]
	o.settle(p.ID, evidence.Failed)
	return batch.Again{Payment: p.ID, Reason: "更换社保卡"}
}

func TestReissue_asks_what_a_first_payment_is_asked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	again := o.oneBack()
	payee := o.payments("DB-1")[0].Payee
	propose := func(list ...batch.Again) error { return second(o.batch.ProposeReissue(o.all("clerk"), "DB-1", list)) }
	refused := func(err error, code string, want ...string) {
		t.Helper()
		o.refused(err, code)
		if diff := cmp.Diff(want, why(err)); diff != "" {
			t.Error(diff)
		}
	}
	again.Account = o.newAccount(payee, 601, "别人")
	refused(propose(again), "BATCH_REISSUE", "1 finding.account_holder")
	older := o.newAccount(payee, 602, name(1))
	newest := o.newAccount(payee, 603, name(1))
	again.Account = older
	refused(propose(again), "BATCH_REISSUE", "1 finding.account_changed")
	again.Account = newest
	refused(propose(again, again), "BATCH_REISSUE", "2 BATCH_REISSUE_TWICE")

	l, err := o.batch.ProposeReissue(o.all("clerk"), "DB-1", []batch.Again{again})
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest); err != nil {
		t.Fatal(explain(err))
	}
	release := func() error { return second(o.batch.ReleaseReissue(o.all("releaser"), l.ID, day)) }
	o.refused(second(o.batch.ReleaseReissue(o.all("releaser"), l.ID, day.AddDate(0, 2, 0))), "BATCH_EXECUTE_ON")
	o.dies(1, "2026-09-30")
	refused(release(), "BATCH_REISSUE_SINCE", "1 finding.dead")
	again.Reason = "再提"
	refused(propose(again), "BATCH_REISSUE", "1 finding.dead")
}

// openBreaks is a Breaks with one open break for every attempt while it is set.
type openBreaks struct{ open bool }

func (b *openBreaks) OpenBreaks(_ context.Context, _ db.Querier, attempts []int64) (map[int64]int, error) {
	found := map[int64]int{}
	for _, id := range attempts {
		if b.open {
			found[id] = 1
		}
	}
	return found, nil
}

func TestReissue_waits_for_breaks_and_overpayments(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	again := o.oneBack()
	breaks := &openBreaks{open: true}
	o.batch.WithBreaks(breaks)
	again.Account = o.newAccount(o.payments("DB-1")[0].Payee, 601, name(1))
	propose := func() error {
		return second(o.batch.ProposeReissue(o.all("clerk"), "DB-1", []batch.Again{again}))
	}
	err := propose()
	o.refused(err, "BATCH_REISSUE")
	if diff := cmp.Diff([]string{"1 BATCH_REISSUE_BREAK"}, why(err)); diff != "" {
		t.Error(diff)
	}
	breaks.open = false
	owner := o.env.Owner(t)
	if _, err := owner.Exec(t.Context(), `UPDATE attempt SET booked_fen = 1`); err != nil {
		t.Fatal(err)
	}
	err = propose()
	if diff := cmp.Diff([]string{"1 BATCH_REISSUE_OVERPAID"}, why(err)); diff != "" {
		t.Error(diff)
	}
	if _, err := owner.Exec(t.Context(), `UPDATE attempt SET booked_fen = 0`); err != nil {
		t.Fatal(err)
	}
	if err := propose(); err != nil {
		t.Error(explain(err))
	}
}

// What stands returned decides: money of a first attempt that came back late may
// go out again although the second attempt is paid, to the account that works.
func TestReissue_is_decided_by_what_stands_returned(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	again := o.oneBack()
	working := o.newAccount(o.payments("DB-1")[0].Payee, 601, name(1))
	again.Account = working
	owner := o.env.Owner(t)
	attempts := `INSERT INTO attempt (id, payment, n, end_to_end_id, account, amount_fen, state, booked_fen)
		SELECT id + 1, payment, 2, 'LATER', $1, 1, 'paid', 0 FROM attempt`
	if _, err := owner.Exec(t.Context(), attempts, int64(working)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.batch.ProposeReissue(o.all("clerk"), "DB-1", []batch.Again{again}); err != nil {
		t.Errorf("the last attempt is paid, but money stands returned: %s", explain(err))
	}
	if _, err := owner.Exec(t.Context(), `UPDATE attempt SET state = 'unknown' WHERE n = 2`); err != nil {
		t.Fatal(err)
	}
	again.Reason = "再来"
	_, err := o.batch.ProposeReissue(o.all("clerk"), "DB-1", []batch.Again{again})
	if diff := cmp.Diff([]string{"1 BATCH_REISSUE_STATE"}, why(err)); diff != "" {
		t.Error(diff)
	}
}

// signed lists what is open in a batch and has it signed.
func (o *office) signed(code string) batch.SmallList {
	o.t.Helper()
	l, err := o.batch.ProposeOpenItems(o.all("clerk"), code, "何晓", day.AddDate(0, 1, 0), "银行未返回结果")
	if err != nil {
		o.t.Fatal(explain(err))
	}
	o.refused(second(o.batch.ApproveList(o.all("releaser"), l.ID, l.Digest)), "BATCH_SAME_PERSON")
	if _, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest); err != nil {
		o.t.Fatal(explain(err))
	}
	return l
}

func TestClose_is_another_person(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1))
	o.released("DB-1", "TK", "GK", due(1).with("项目", "TK", "分项", "照料护理", "类别", "半护理", "金额", "259.00"))
	o.signed("DB-1")
	for _, login := range []string{"maker", "checker", "approver", "releaser", "chief"} {
		o.refused(second(o.batch.Close(o.all(login), "DB-1")), "BATCH_SAME_PERSON")
	}
	if _, err := o.batch.Close(o.all("clerk"), "DB-1"); err != nil { // who made the list may
		t.Fatal(explain(err))
	}
	o.sound()
	owner := o.env.Owner(t)
	for _, login := range []string{"releaser", "chief", "approver"} {
		if _, err := owner.Exec(t.Context(), `UPDATE approval SET actor = $1 WHERE step = 'close'`, login); err != nil {
			t.Fatal(err)
		}
		if !o.finds("same_person") {
			t.Errorf("%s closed and nobody noticed", login)
		}
	}
}

// finds says whether verify of batches finds something by a check.
func (o *office) finds(check string) bool {
	o.t.Helper()
	found, err := batch.Verify(o.t.Context(), o.db.Pool())
	if err != nil {
		o.t.Fatal(err)
	}
	for _, f := range found {
		if f.Check == check {
			return true
		}
	}
	return false
}

func TestClose_takes_a_signature_for_where_the_money_stood(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1))
	o.released("DB-1", "DB", "DF", due(1))
	p := o.payments("DB-1")[0]
	l := o.signed("DB-1")
	if i := l.Items[0]; i.Place != "in_transit" || i.EndToEndID == "" {
		t.Errorf("%+v", i)
	}
	o.settle(p.ID, evidence.Failed) // signed in transit, now returned
	o.refused(second(o.batch.Close(o.all("finance"), "DB-1")), "BATCH_OPEN_ITEMS")
	o.signed("DB-1")
	o.clock.Set(o.clock.Now().Add(time.Hour))
	if _, err := o.batch.Close(o.all("finance"), "DB-1"); err != nil {
		t.Fatal(explain(err))
	}
	o.sound()
	owner := o.env.Owner(t)
	if _, err := owner.Exec(t.Context(), `UPDATE line_list_item SET place = 'in_transit' WHERE place = 'returned'`); err != nil {
		t.Fatal(err)
	}
	if !o.finds("open_items") || !o.finds("small_list_digest") {
		t.Error("what is open was signed for elsewhere, and verify finds nothing")
	}
	if _, err := owner.Exec(t.Context(), `UPDATE line_list_item SET place = 'returned' WHERE list = $1`, int64(l.ID)+1); err != nil {
		t.Fatal(err)
	}
	// A re-issue after the close is no hole in the signature, and not the closer's.
	o.clock.Set(o.clock.Now().Add(time.Hour))
	again := batch.Again{Payment: p.ID, Account: o.newAccount(p.Payee, 601, name(1)), Reason: "更换社保卡"}
	r, err := o.batch.ProposeReissue(o.all("clerk"), "DB-1", []batch.Again{again})
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.ApproveList(o.all("chief"), r.ID, r.Digest); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.ReleaseReissue(o.all("finance"), r.ID, day); errs.CodeOf(err) != "BATCH_SAME_PERSON" {
		t.Error(explain(err))
	}
	if _, err := o.batch.ReleaseReissue(o.all("releaser"), r.ID, day); err != nil {
		t.Fatal(explain(err))
	}
	if o.finds("open_items") {
		t.Error("a re-issue after the close is not covered by the signature, nor need it be")
	}
}

func TestClose_of_a_batch_with_nothing_to_release(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(2))
	o.approved("DB-7", "DB", "DF", due(1), due(2))
	o.refused(second(o.batch.Close(o.all("finance"), "DB-7")), "BATCH_STATE")
	o.list("DB-7", batch.Withhold, 1)
	o.list("DB-7", batch.Withdraw, 2)
	o.refused(second(o.batch.Close(o.all("approver"), "DB-7")), "BATCH_SAME_PERSON")
	done, err := o.batch.Close(o.all("finance"), "DB-7")
	if err != nil || done.Batch.State != batch.Closed {
		t.Fatalf("%+v, %s", done, explain(err))
	}
	if again, err := o.batch.Close(o.all("finance"), "DB-7"); err != nil || !again.Replay {
		t.Errorf("%+v, %s", again, explain(err))
	}
	o.refused(second(o.batch.Release(o.all("releaser"), "DB-7", day)), "BATCH_STATE")
	o.list("DB-7", batch.Withdraw, 1) // cured: its key is free for the next batch
	o.released("DB-8", "DB", "DF", due(1).with("备注", "补发"), due(2))
	o.sound()
}
