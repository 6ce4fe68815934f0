package batch_test

import (
	"testing"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/internal/evidence"
	"fenlu/ledger"
)

// TestMerger_people_are_the_successors: after a township became part of another,
// its people's lines and emergencies are the successor's; what had been paid
// stays where it was.
func TestMerger_people_are_the_successors(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("县财预〔2026〕6号", "县", "50000.00")
	o.reserves("1500")
	o.people(head(1), head(2))
	before := o.made("DB-1", "DB", "DF", due(1))
	drawn, err := o.batch.DrawReserve(o.all("clerk"), caseOf("白石2026-1", 2, 800_00))
	if err != nil {
		t.Fatal(explain(err))
	}
	const into = "991301104000"
	path := o.csv("区划代码,乡镇,户籍人口,截至日期,来源", row{"区划代码": into, "乡镇": "黑石镇", "户籍人口": "900", "截至日期": "2025-12-31", "来源": "公安户籍"})
	if _, err := o.parties.ImportPopulation(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	moved, err := o.funds.MergeTownships(o.all("chief"), funds.MergeTownships{Townships: []string{township}, Successor: into, Effective: day,
		Number: "县政〔2026〕30号", Title: "关于撤并白石镇的通知", IssuedOn: day.AddDate(0, 0, -3)})
	if err != nil || moved.Amount != 1500_00 {
		t.Fatalf("%+v, %s", moved, explain(err))
	}
	after := o.made("DB-2", "DB", "DF", due(2))
	for code, want := range map[string]string{before.Code: township, after.Code: into} {
		if l := o.firstLine(code); l.Township != want {
			t.Errorf("%s: line of %s, want %s", code, l.Township, want)
		}
	}
	// the case that was drawn before is paid from where its money is now
	paid, err := o.batch.ConfirmDraw(as(t.Context(), "second", auth.ReserveConfirm), "白石2026-1", drawn.Digest, day)
	if err != nil || paid.Amount != 800_00 {
		t.Fatalf("%+v, %s", paid, explain(err))
	}
	o.settle(o.payments("LS-E-白石2026-1")[0].ID, evidence.Paid)
	again, err := o.batch.DrawReserve(o.all("clerk"), caseOf("白石2026-2", 1, 100_00))
	if err != nil || again.Reserve != 700_00 {
		t.Fatalf("%+v, %s", again, explain(err))
	}
	if l := o.firstLine("LS-E-白石2026-2"); l.Township != into {
		t.Errorf("emergency of %s", l.Township)
	}
	y, err := o.funds.ReserveStatus(t.Context(), o.db.Pool(), 2026)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range y.Townships {
		if want := map[string]int{township: 0, into: 2}[r.Township]; r.Cases != want {
			t.Errorf("%s has %d cases, want %d", r.Township, r.Cases, want)
		}
	}
	o.sound()
}

// TestDrawReserve_from_several_accounts: after a merger the successor's reserve
// stands on its own account and on what came with the other township. A case that
// neither holds is drawn from both, as one payment; what both do not hold is refused.
func TestDrawReserve_from_several_accounts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("县财预〔2026〕6号", "县", "50000.00")
	o.people(head(1), head(2))
	const into = "991301104000"
	path := o.csv("区划代码,乡镇,户籍人口,截至日期,来源", row{"区划代码": into, "乡镇": "黑石镇", "户籍人口": "600", "截至日期": "2025-12-31", "来源": "公安户籍"})
	if _, err := o.parties.ImportPopulation(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.reserves("700")
	_, err := o.funds.MergeTownships(o.all("chief"), funds.MergeTownships{Townships: []string{township}, Successor: into, Effective: day,
		Number: "县政〔2026〕30号", Title: "关于撤并白石镇的通知", IssuedOn: day.AddDate(0, 0, -3)})
	if err != nil {
		t.Fatal(explain(err))
	}
	small, err := o.batch.DrawReserve(o.all("clerk"), caseOf("白石2026-1", 1, 100_00))
	if err != nil || small.Reserve != 1300_00 {
		t.Fatalf("%+v, %s", small, explain(err))
	}
	large, err := o.batch.DrawReserve(o.all("clerk"), caseOf("白石2026-2", 2, 1000_00))
	if err != nil {
		t.Fatal(explain(err))
	}
	for number, digest := range map[string]batch.Digest{"白石2026-1": small.Digest, "白石2026-2": large.Digest} {
		paid, err := o.batch.ConfirmDraw(as(t.Context(), "second", auth.ReserveConfirm), number, digest, day)
		if err != nil || len(paid.Files) != 1 || paid.Files[0].Count != 1 {
			t.Fatalf("%+v, %s", paid, explain(err))
		}
		o.settle(o.payments("LS-E-" + number)[0].ID, evidence.Paid)
	}
	var legs []int
	for _, code := range []string{"LS-E-白石2026-1", "LS-E-白石2026-2"} {
		found, err := ledger.HoldingsOfPayments(t.Context(), o.db.Pool(), []int64{int64(o.payments(code)[0].ID)})
		if err != nil {
			t.Fatal(err)
		}
		legs = append(legs, len(found))
	}
	if legs[1] != 2 {
		t.Errorf("legs %v: the large case is drawn from both accounts", legs)
	}
	if got := o.balances(); got[ledger.Reserve] != 200_00 || got[ledger.Paid] != 1100_00 {
		t.Errorf("%v", got)
	}
	o.refused(second(o.batch.DrawReserve(o.all("clerk"), caseOf("白石2026-3", 1, 200_01))), "BATCH_DRAW_URGENT")
	o.sound()
}

func (o *office) firstLine(code string) batch.Line {
	o.t.Helper()
	lines, err := batch.Lines(o.t.Context(), o.db.Pool(), o.status(code).Batch.ID, 0, 1)
	if err != nil || len(lines) != 1 {
		o.t.Fatalf("%s: %d lines, %v", code, len(lines), err)
	}
	return lines[0]
}
