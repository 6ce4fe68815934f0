package batch_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/batch"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

func TestWithhold_and_withdraw(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), member(2, 1), head(3), head(4))
	o.approved("DB-1", "DB", "DF", due(1), due(2).with("收款方式", "户主"), due(3), due(4))

	o.refused(second(o.batch.ProposeList(o.all("clerk"), "DB-1", batch.Withhold, []int32{9}, "查无此人")), "BATCH_LINES_UNKNOWN")
	o.refused(second(o.batch.ProposeList(o.all("clerk"), "DB-1", batch.Withhold, []int32{2}, "")), "BATCH_REASON_EMPTY")
	l, err := o.batch.ProposeList(o.all("clerk"), "DB-1", batch.Withhold, []int32{2}, "疑似死亡")
	if err != nil {
		t.Fatal(explain(err))
	}
	o.refused(second(o.batch.Release(o.all("releaser"), "DB-1", day)), "BATCH_LIST_OPEN")
	o.refused(second(o.batch.ApproveList(o.all("clerk"), l.ID, l.Digest)), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.ApproveList(o.all("chief"), l.ID, make([]byte, 32))), "BATCH_LIST_CHANGED")
	if _, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest); err != nil {
		t.Fatal(explain(err))
	}
	o.sound()
	o.list("DB-1", batch.Withdraw, 3)
	o.sound()
	o.refused(second(o.batch.ProposeList(o.all("clerk"), "DB-1", batch.Withhold, []int32{3}, "再来")), "BATCH_LINES_TAKEN")

	// The key of what is withheld stays; that of what is withdrawn is free.
	o.made("DB-2", "DB", "DF", due(2).with("收款方式", "户主"), due(3))
	r, err := o.batch.Check(o.all("checker"), "DB-2")
	if errs.CodeOf(err) != "BATCH_BLOCKED" || r.Blocks != 1 || r.Findings[0].Code != "once_key" || r.Findings[0].LineNo != 1 {
		t.Errorf("%+v, %s", r, explain(err))
	}
	files := o.release("DB-1")
	if files.Amount != 840_00 || files.Files[0].Count != 2 {
		t.Errorf("what is released is the approved list less the signed withdrawals: %+v", files)
	}
	if diff := cmp.Diff(map[ledger.AccountKind]money.Fen{ledger.Appropriated: -5000_00, ledger.Available: 4160_00, ledger.InTransit: 840_00}, o.balances()); diff != "" {
		t.Error(diff)
	}
	o.sound()

	// Cured: the withheld line gives up its key and stands in the next batch.
	o.list("DB-1", batch.Withdraw, 2)
	o.sound()
	o.resubmit("DB-2")
	o.sound()
	o.refused(second(o.batch.ProposeList(o.all("clerk"), "DB-1", batch.Withdraw, []int32{4}, "太晚")), "BATCH_STATE")
}

func TestRelease_refuses_what_was_changed_behind_its_back(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(2))
	o.approved("DB-1", "DB", "DF", due(1), due(2))
	owner := o.env.Owner(t)
	for _, c := range []struct{ change, mend, code string }{
		{`UPDATE entitlement_line SET status = 'withheld' WHERE no = 2`, `UPDATE entitlement_line SET status = 'listed' WHERE no = 2`, "BATCH_LEGS"},
		{`UPDATE entitlement_line SET account = account + 1 WHERE no = 2`, `UPDATE entitlement_line SET account = account - 1 WHERE no = 2`, "BATCH_LIST_CHANGED"},
		{`UPDATE entitlement_line SET status = 'withdrawn' WHERE no = 2`, `UPDATE entitlement_line SET status = 'listed' WHERE no = 2`, "BATCH_LIST_CHANGED"},
	} {
		if _, err := owner.Exec(t.Context(), c.change); err != nil {
			t.Fatal(err)
		}
		if _, err := o.batch.Release(o.all("releaser"), "DB-1", day); errs.CodeOf(err) != c.code {
			t.Errorf("%s: %s", c.change, explain(err))
		}
		found, err := batch.Verify(t.Context(), o.db.Pool())
		if err != nil || len(found) == 0 {
			t.Errorf("%s: verify finds nothing, %v", c.change, err)
		}
		if _, err := owner.Exec(t.Context(), c.mend); err != nil {
			t.Fatal(err)
		}
	}
	o.release("DB-1")
	o.sound()
}

func TestVerify_finds_what_was_tampered_with(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(2))
	o.released("DB-1", "DB", "DF", due(1), due(2))
	owner := o.env.Owner(t)
	for _, c := range []struct{ change, undo, check string }{
		{`UPDATE once_key SET freed = 'stopped' WHERE subject = (SELECT person FROM entitlement_line WHERE no = 1)`, `UPDATE once_key SET freed = NULL`, "once_key_missing"},
		{`UPDATE batch SET state = 'draft'`, `UPDATE batch SET state = 'released'`, "once_key_stray"},
		{`UPDATE approval SET actor = 'maker' WHERE step = 'approve'`, `UPDATE approval SET actor = 'approver' WHERE step = 'approve'`, "same_person"},
		{`UPDATE approval SET comment = 'x' WHERE step = 'check'`, `UPDATE approval SET comment = '' WHERE step = 'check'`, "approval_leaf"},
		{`UPDATE approval SET step = 'checked' WHERE step = 'check'`, `UPDATE approval SET step = 'check' WHERE step = 'checked'`, "batch_steps"},
		{`UPDATE payment SET amount_fen = amount_fen + 1 WHERE no = 1`, `UPDATE payment SET amount_fen = amount_fen - 1 WHERE no = 1`, "payment_lines"},
		{`UPDATE payment SET payee = payee + 1 WHERE no = 1`, `UPDATE payment SET payee = payee - 1 WHERE no = 1`, "payment_payee"},
		{`UPDATE holding SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(id) FROM holding)`, `UPDATE holding SET amount_fen = amount_fen - 1 WHERE id = (SELECT min(id) FROM holding)`, "line_legs"},
		{`UPDATE log_pending SET digest = 'x' WHERE kind = 'approval'`, `SELECT 1`, "approval_leaf"},
	} {
		if _, err := owner.Exec(t.Context(), c.change); err != nil {
			t.Fatalf("%s: %v", c.change, err)
		}
		found, err := batch.Verify(t.Context(), o.db.Pool())
		if err != nil {
			t.Fatal(err)
		}
		hit := false
		for _, f := range found {
			hit = hit || f.Check == c.check
		}
		if !hit {
			t.Errorf("%s: want %s, found %+v", c.change, c.check, found)
		}
		if _, err := owner.Exec(t.Context(), c.undo); err != nil {
			t.Fatal(err)
		}
	}
}
