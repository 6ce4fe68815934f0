package batch_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/rules"
	"fenlu/internal/check"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/money"
)

func dueOn(on string, amount money.Fen) batch.Instalment {
	due, err := time.Parse(time.DateOnly, on)
	if err != nil {
		panic(err)
	}
	return batch.Instalment{DueOn: due, Amount: amount}
}

func (o *office) plan(number string, kind batch.PlanKind, stages ...batch.Instalment) batch.ProposePlan {
	return batch.ProposePlan{Number: number, Kind: kind, Office: "QHMZ", IDNumber: ident.Secret(id(1)), Reason: "重病", Minutes: "县协调会纪要〔2026〕3号",
		Instalments: stages}
}

// planned proposes and approves.
func (o *office) planned(cmd batch.ProposePlan) {
	o.t.Helper()
	p, err := o.batch.ProposePlan(o.all("maker"), cmd)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	if p, err = o.batch.ApprovePlan(o.all("chief"), cmd.Number, p.Digest); err != nil || !p.IsApproved {
		o.t.Fatal(p, explain(err))
	}
}

// instalment is a roster row of a case.
func instalment(n int, number, no, amount string) row {
	return due(n).with("项目", "LS", "分项", "支出型", "类别", "支出型", "金额", amount, "案号", number, "期次", no)
}

func (o *office) finds1(code, want string) {
	o.t.Helper()
	r, err := o.batch.Check(o.all("checker"), code)
	found := slices.ContainsFunc(r.Findings, func(f batch.Finding) bool { return f.Code == want && f.Severity == batch.Block })
	if !found {
		o.t.Errorf("%s: want %s, found %+v, %v", code, want, r.Findings, explain(err))
	}
}

// TestPlan_one_approval_and_instalments_within_it (money-rules C5).
func TestPlan_one_approval_and_instalments_within_it(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2))
	cmd := o.plan("A-1", batch.Staged, dueOn("2026-10-01", 600_00), dueOn("2026-10-09", 500_00), dueOn("2026-11-01", 400_00), dueOn("2026-12-01", 300_00))
	o.refused(second(o.batch.ProposePlan(o.all("maker"), cmd)), "AID_OFFICE")
	o.made("DB-1", "DB", "DF", due(1))
	p, err := o.batch.ProposePlan(o.all("maker"), cmd)
	if err != nil || p.Approved != 1800_00 {
		t.Fatalf("%+v, %v", p, explain(err))
	}
	if again, err := o.batch.ProposePlan(o.all("maker"), cmd); err != nil || !again.Replay || again.ID != p.ID {
		t.Errorf("again: %+v, %v", again, err)
	}
	other := cmd
	other.Reason = "另一个原因"
	o.refused(second(o.batch.ProposePlan(o.all("maker"), other)), "AID_TAKEN")
	o.made("LS-0", "LS", "DF", instalment(1, "A-1", "1", "600.00"))
	o.finds1("LS-0", "plan_open")
	o.refused(second(o.batch.ApprovePlan(o.all("maker"), "A-1", p.Digest)), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.ApprovePlan(o.all("chief"), "A-1", batch.Digest("x"))), "AID_DIGEST")
	if p, err = o.batch.ApprovePlan(o.all("chief"), "A-1", p.Digest); err != nil || !p.IsApproved {
		t.Fatal(explain(err))
	}
	for code, x := range map[string]struct {
		row  row
		want string
	}{
		"LS-1": {instalment(1, "A-1", "3", "400.00"), "plan_early"}, "LS-2": {instalment(1, "A-1", "2", "500.01"), "plan_amount"},
		"LS-3": {instalment(2, "A-1", "1", "600.00"), "plan_person"}, "LS-4": {instalment(1, "A-1", "5", "1.00"), "plan_instalment"},
		"LS-5": {instalment(1, "A-2", "2", "1.00"), "plan_missing"},
	} {
		o.made(code, "LS", "DF", x.row)
		o.finds1(code, x.want)
	}
	o.approved("LS-9", "LS", "DF", instalment(1, "A-1", "1", "600.00").with("备注", "第一期"))
	o.clock.Set(o.clock.Now().AddDate(0, 1, 0))
	late := instalment(1, "A-1", "1", "600.00").with("服务月份", "2026-11")
	if _, err := o.batch.Create(o.all("maker"), batch.Create{Code: "LS-10", Office: "QHMZ", Program: "LS", Period: "2026-11", Channel: "DF",
		File: o.csv(rosterHead, late)}); err != nil {
		t.Fatal(explain(err))
	}
	o.finds1("LS-10", "plan_paid")

	cut := func(no int, amount money.Fen) error {
		var err error
		p, err = o.shortened("A-1", no, amount)
		return err
	}
	o.refused(cut(1, 0), "AID_INSTALMENT_TAKEN")
	o.refused(cut(3, 400_01), "AID_NOT_LESS")
	o.refused(cut(7, 0), "AID_INSTALMENT")
	if err := cut(2, 450_00); err != nil {
		t.Fatal(explain(err))
	}
	if err := cut(4, 0); err != nil || cut(4, 0) != nil {
		t.Fatal(explain(err))
	}
	if p.Approved != 1800_00 || p.InLists != 600_00 || p.Remaining != 850_00 || p.Instalments[0].Amount != 600_00 || p.Instalments[3].Amount != 0 {
		t.Errorf("%+v", p)
	}
	o.sound()
}

// shortened proposes and approves a cut.
func (o *office) shortened(number string, no int, amount money.Fen) (batch.Plan, error) {
	o.t.Helper()
	p, err := o.batch.CutInstalment(o.all("clerk"), batch.CutInstalment{Number: number, No: no, Amount: amount, Reason: "情况好转"})
	if err != nil {
		return p, err
	}
	i := slices.IndexFunc(p.Cuts, func(c batch.Cut) bool { return c.No == no && c.Amount == amount })
	return o.batch.ApproveCut(o.all("chief"), number, p.Cuts[i].Digest)
}

// TestPlan_cut_counts_from_its_approval_on: by another person than proposed it.
func TestPlan_cut_counts_from_its_approval_on(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.people(head(1))
	o.made("DB-1", "DB", "DF", due(1))
	o.planned(o.plan("A-1", batch.Staged, dueOn("2026-10-01", 600_00), dueOn("2026-10-09", 500_00)))
	ask := batch.CutInstalment{Number: "A-1", No: 2, Amount: 200_00, Reason: "情况好转"}
	p, err := o.batch.CutInstalment(o.all("clerk"), ask)
	if again, err2 := o.batch.CutInstalment(o.all("clerk"), ask); err != nil || err2 != nil || len(again.Cuts) != 1 || again.Remaining != 1100_00 {
		t.Fatalf("%+v, %s, %s", again, explain(err), explain(err2))
	}
	digest := p.Cuts[0].Digest
	o.refused(second(o.batch.ApproveCut(o.all("clerk"), "A-1", digest)), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.ApproveCut(o.all("chief"), "A-1", batch.Digest("x"))), "AID_CUT_UNKNOWN")
	for range 2 {
		if p, err = o.batch.ApproveCut(o.all("chief"), "A-1", digest); err != nil || p.Remaining != 800_00 || p.Instalments[1].Reason != "情况好转" || !p.IsApproved {
			t.Errorf("%+v, %s", p, explain(err))
		}
	}
	o.sound()
}

// TestPlan_is_bound_to_its_approvals: rows that were changed behind our back are
// not approved, pay nothing, and are found.
func TestPlan_is_bound_to_its_approvals(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"an instalment raised":     `UPDATE aid_instalment SET amount_fen = amount_fen + 1 WHERE no = 1`,
		"another person":           `UPDATE aid_plan SET person = person + 1`,
		"digest and rows":          `UPDATE aid_plan SET reason = '火灾'`,
		"the sum":                  `UPDATE aid_plan SET approved_fen = 1`,
		"a cut raised":             `UPDATE aid_cut SET amount_fen = 400001`,
		"another instalment's cut": `UPDATE aid_cut SET no = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.people(head(1))
			o.made("LS-1", "LS", "DF", instalment(1, "A-1", "1", "600.00"))
			o.planned(o.plan("A-1", batch.Staged, dueOn("2026-10-01", 600_00), dueOn("2026-10-09", 500_00)))
			if _, err := o.shortened("A-1", 2, 200_00); err != nil {
				t.Fatal(explain(err))
			}
			o.sound()
			if _, err := o.env.Owner(t).Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
			if r, err := o.batch.Check(o.all("checker"), "LS-1"); !slices.ContainsFunc(r.Findings, func(f batch.Finding) bool { return f.Code == "plan_open" }) {
				t.Errorf("checked: %+v, %s", r.Findings, explain(err))
			}
			found, err := batch.Verify(t.Context(), o.db.Pool())
			if err != nil || !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == "plan_digest" }) {
				t.Errorf("verify: %+v, %v", found, err)
			}
		})
	}
	t.Run("before its approval", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.people(head(1))
		o.made("LS-1", "LS", "DF", instalment(1, "A-1", "1", "600.00"))
		p, err := o.batch.ProposePlan(o.all("maker"), o.plan("A-1", batch.Staged, dueOn("2026-10-01", 600_00)))
		if err != nil {
			t.Fatal(explain(err))
		}
		if _, err := o.env.Owner(t).Exec(t.Context(), `UPDATE aid_instalment SET amount_fen = 900000`); err != nil {
			t.Fatal(err)
		}
		if _, err := o.batch.ApprovePlan(o.all("chief"), "A-1", p.Digest); errs.CodeOf(err) != "AID_DIGEST" {
			t.Error(explain(err))
		}
	})
}

// TestPlan_is_held_when_money_is_frozen: an instalment stopped after the list
// was checked is not paid.
func TestPlan_is_held_when_money_is_frozen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1))
	o.made("DB-1", "DB", "DF", due(1))
	o.planned(o.plan("A-1", batch.Staged, dueOn("2026-10-01", 600_00)))
	o.made("LS-1", "LS", "DF", instalment(1, "A-1", "1", "600.00"))
	o.check("LS-1")
	if _, err := o.shortened("A-1", 1, 0); err != nil {
		t.Fatal(explain(err))
	}
	b, err := o.batch.Submit(o.all("maker"), "LS-1", "")
	if err != nil {
		t.Fatal(explain(err))
	}
	before := o.balances()
	_, err = o.batch.Approve(o.all("chief"), "LS-1", b.Digest)
	o.refused(err, "BATCH_BLOCKED_SINCE")
	if diff := cmp.Diff(before, o.balances()); diff != "" {
		t.Error(diff)
	}
}

// TestPlan_case_by_case_needs_minutes_and_stays_under_the_cap (money-rules A23, C6).
func TestPlan_case_by_case_needs_minutes_and_stays_under_the_cap(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1))
	o.made("DB-1", "DB", "DF", due(1))
	figures := func(rows ...row) {
		t.Helper()
		path := o.csv("参数,区划代码,执行日期,数值,关系,文号,条款,原文", rows...)
		if _, err := rules.New(o.db, o.clock).Import(t.Context(), path, "zhou"); err != nil {
			t.Fatal(explain(err))
		}
	}
	cmd := o.plan("B-1", batch.CaseByCase, dueOn("2026-10-01", 12000_00), dueOn("2026-10-02", 8000_01))
	o.refused(second(o.batch.ProposePlan(o.all("maker"), cmd)), "RULE_NONE")
	figures(figure("aid.case_limit", "20000"))
	o.refused(second(o.batch.ProposePlan(o.all("maker"), cmd)), "AID_LIMIT")
	cmd.Instalments[1].Amount = 8000_00
	bare := cmd
	bare.Minutes = ""
	o.refused(second(o.batch.ProposePlan(o.all("maker"), bare)), "AID_MINUTES")
	o.planned(cmd)
	figures(figure("aid.case_limit", "19999.99").with("执行日期", "2026-10-05"))
	o.made("LS-1", "LS", "DF", instalment(1, "B-1", "1", "12000.00"))
	o.finds1("LS-1", "plan_cap")
}
