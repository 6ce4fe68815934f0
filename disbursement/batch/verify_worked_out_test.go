package batch_test

import "testing"

// A standard that is worked out is worked out again.
func TestVerifyWorkedOut(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	path := o.csv(policyHead+",计算方法,比例,基数", row{"项目": "DB", "类别": "参照", "计发周期": "月", "执行日期": "2026-01-01", "文号": "县民发〔2026〕5号", "条款": "一",
		"原文": "按农村A档的一半", "计算方法": "按比例", "比例": "50%", "基数": "DB//农村A档"})
	if _, err := o.benefits.ImportPolicies(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.money("省财社〔2026〕66号", "省", "1500.00")
	o.people(head(1))
	o.submitted("DB-1", "DB", "DF", due(1).with("类别", "参照", "金额", "210.00"))
	if found, err := o.batch.VerifyWorkedOut(t.Context(), o.db.Pool()); err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
	o.tampers(`UPDATE entitlement_line SET amount_fen = amount_fen + 1`)
	found, err := o.batch.VerifyWorkedOut(t.Context(), o.db.Pool())
	if err != nil || len(found) != 1 || found[0].Check != "cross_policy" {
		t.Errorf("%v, %v", found, err)
	}
}
