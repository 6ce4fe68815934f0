package batch_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/batch"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// byLevel are the legs of a batch in fen, by the level whose money they are.
func (o *office) byLevel(code string) map[string]money.Fen {
	o.t.Helper()
	sums := map[string]money.Fen{}
	for _, p := range o.payments(code) {
		legs, err := ledger.HoldingsOfPayments(o.t.Context(), o.db.Pool(), []int64{int64(p.ID)})
		if err != nil {
			o.t.Fatal(err)
		}
		for _, h := range legs {
			var level string
			err := o.db.Pool().QueryRow(o.t.Context(), `SELECT level FROM document_line WHERE lot = $1 AND kind = 'bring'`, h.Lot).Scan(&level)
			if err != nil {
				o.t.Fatal(err)
			}
			sums[level] += h.Amount
		}
	}
	return sums
}

func TestLayers_in_one_payment_where_the_channel_allows(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "100000.00") // plenty, and never touched: the layers name other levels
	o.money("省财社〔2026〕31号", "省", "1000.00")
	o.money("县财预〔2026〕6号", "县", "1000.00")
	o.people(head(1))
	// October of 4578.00 + 600.00 a year
	f := o.approved("TK-1", "TK", "DF", poor(1, "分散", "431.50"))
	if f.Payments != 1 {
		t.Errorf("%d payments", f.Payments)
	}
	if diff := cmp.Diff(map[string]money.Fen{"province": 381_50, "county": 50_00}, o.byLevel("TK-1")); diff != "" {
		t.Error(diff)
	}
	if files := o.release("TK-1"); files.Files[0].Count != 1 || files.Amount != 431_50 {
		t.Errorf("%+v", files)
	}
	o.sound()
}

func TestLayers_a_payment_for_each_budget_line_where_it_does_not(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("省财社〔2026〕31号", "省", "800.00")
	o.money("省财社〔2026〕32号", "省", "100000.00")
	o.money("县财预〔2026〕6号", "县", "100000.00")
	o.people(home(1), head(1), head(2), head(3), head(4), head(5))
	var rows []row
	for n := 1; n <= 5; n++ {
		rows = append(rows, poor(n, "集中", "536.00").with("收款方式", "机构", "收款人证件号码", credit(1)))
		o.relations(resides(n))
	}
	f := o.approved("TK-J", "TK", "GK", rows...)
	// October of 5832.00 + 600.00 a year: 486.00 + 50.00 a head; the first
	// provincial document ends within the second resident.
	var got []money.Fen
	var lines []int
	var sum money.Fen
	for _, p := range o.payments("TK-J") {
		got, lines, sum = append(got, p.Amount), append(lines, p.LineCount), sum+p.Amount
		if p.BudgetLine == 0 {
			t.Errorf("payment %d names no budget line", p.No)
		}
	}
	if diff := cmp.Diff([]money.Fen{800_00, 250_00, 1630_00}, got); diff != "" || f.Payments != 3 {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{2, 5, 4}, lines); diff != "" {
		t.Error(diff)
	}
	if sum != 5*536_00 {
		t.Errorf("head-count × standard is %s, the payments are %s", money.Fen(5*536_00), sum)
	}
	o.release("TK-J")
	o.sound()
}

func TestInstitution_is_one_payment_with_its_residents_as_lines(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("省财社〔2026〕31号", "省", "100000.00")
	o.money("县财预〔2026〕6号", "县", "100000.00")
	o.people(home(1), head(1), head(2), head(3))
	var rows []row
	for n := 1; n <= 3; n++ {
		rows = append(rows, poor(n, "集中", "536.00").with("收款方式", "机构", "收款人证件号码", credit(1)))
		o.relations(resides(n))
	}
	o.approved("TK-J", "TK", "DF", rows...)
	pay := o.payments("TK-J")
	if len(pay) != 1 || pay[0].Amount != 3*536_00 || pay[0].LineCount != 3 {
		t.Fatalf("%+v", pay)
	}
	legs, err := ledger.HoldingsOfPayments(t.Context(), o.db.Pool(), []int64{int64(pay[0].ID)})
	if err != nil || len(legs) != 6 {
		t.Errorf("%d legs, %v", len(legs), err)
	}
	o.sound()
}

func TestApprove_a_short_pool_refuses_the_batch_whole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "100000.00")
	o.money("省财社〔2026〕31号", "省", "100000.00")
	o.money("县财预〔2026〕6号", "县", "99.99")
	o.people(head(1), head(2))
	o.made("TK-1", "TK", "DF", poor(1, "分散", "431.50"), poor(2, "分散", "431.50"))
	r, err := o.batch.Check(o.all("checker"), "TK-1")
	o.refused(err, "BATCH_BLOCKED")
	if r.Batch.State != batch.Draft || len(r.Findings) != 1 || r.Findings[0].Code != "short" || r.Findings[0].Args["level"] != "县" || r.Findings[0].Args["missing"] != "0.01" {
		t.Errorf("%+v", r)
	}
	// The money leaves between submission and approval.
	o.money("县财预〔2026〕7号", "县", "0.01")
	digest := o.resubmit("TK-1")
	o.money("县财预〔2026〕8号", "县", "300.00")
	o.approved("TK-2", "TK", "DF", poor(1, "分散", "431.50").with("分项", "照料护理", "类别", "半护理", "金额", "259.00"))
	o.drain("县财预〔2026〕8号")
	o.drain("县财预〔2026〕7号")
	before := o.balances()
	_, err = o.batch.Approve(o.all("approver"), "TK-1", digest)
	o.refused(err, "BATCH_SHORT")
	if errs.KindOf(err) != errs.Insufficient || len(fields(err)) != 1 || fields(err)[0].Value != "县" {
		t.Errorf("%s", explain(err))
	}
	if diff := cmp.Diff(before, o.balances()); diff != "" {
		t.Errorf("a refused approval moved money: %s", diff)
	}
}

// resubmit checks and submits a draft.
func (o *office) resubmit(code string) batch.Digest {
	o.t.Helper()
	o.check(code)
	sub, err := o.batch.Submit(o.all("maker"), code, "")
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return sub.Digest
}

// drain cuts a document's money to nothing.
func (o *office) drain(number string) {
	o.t.Helper()
	var amount money.Fen
	var level string
	err := o.db.Pool().QueryRow(o.t.Context(), `SELECT l.amount_fen, l.level FROM document_line l JOIN document d ON d.id = l.document WHERE d.number = $1`, number).
		Scan(&amount, &level)
	if err != nil {
		o.t.Fatal(err)
	}
	path := o.csv(documentHead+",冲减文号,冲减行号", row{"文号": number[:len(number)-len("号")] + "9号", "标题": "关于调减补助资金的通知", "类别": "调减", "签发日期": "2026-09-06",
		"收到日期": "2026-09-12", "年度": "2026", "行号": "1", "级次": map[string]string{"county": "县", "central": "中央"}[level], "资金": "困难群众救助补助资金", "功能科目": "2081902", "经济科目": "50901",
		"单位": "青禾县民政局", "金额": amount.String(), "冲减文号": number, "冲减行号": "1"})
	if _, err := o.funds.ImportDocuments(o.all("zhou"), path); err != nil {
		o.t.Fatal(explain(err))
	}
}
