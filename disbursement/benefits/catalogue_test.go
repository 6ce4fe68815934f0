package benefits_test

import (
	"slices"
	"testing"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/terms"
)

func programme(changes ...string) row {
	return row{"项目代码": "JJ", "项目名称": "经济困难老年人补贴", "项目英文名称": "Elderly in hardship", "分项代码": "home_care", "分项名称": "居家养老服务补贴", "分项英文名称": "Home care",
		"一卡通项目编码": "YKT-0417", "城市功能科目": "2081006", "农村功能科目": "2081007", "资金池": "养老服务补助=省，县；福彩公益金=福彩", "执行日期": "2026-01-01", "停止日期": "",
		"文号": "县民发〔2026〕12号"}.with(changes...)
}

// TestImportPrograms: money-rules A37, A9: programs, components, their item code
// and their function codes of town and village, and the pool, are data.
func TestImportPrograms(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := b.sheetOf(t, programme(), programme("分项代码", "disabled", "分项名称", "失能补贴", "资金池", ""))
	for i, want := range []bool{false, true} {
		r, err := b.ImportPrograms(t.Context(), path, "hexiao")
		if err != nil || r.Replay != want || (!want && (r.Programs != 1 || r.Components != 2)) {
			t.Fatalf("time %d: %+v, %s", i+1, r, describe(err))
		}
	}
	c, err := benefits.LoadCatalogue(t.Context(), b.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	p, ok := c.Program("JJ")
	if !ok || c.Programs[len(c.Programs)-1].Code != "JJ" || len(p.Components) != 2 || p.Document != "县民发〔2026〕12号" {
		t.Fatalf("%+v", p)
	}
	home, _ := p.Component("居家养老服务补贴")
	if home.ItemCode != "YKT-0417" || home.FunctionUrban != "2081006" || home.FunctionRural != "2081007" {
		t.Errorf("%+v", home)
	}
	var pool []string
	for _, e := range c.Pool("JJ") {
		pool = append(pool, e.Fund+"="+string(e.Level))
	}
	if !slices.Equal(pool, []string{"养老服务补助=province", "养老服务补助=county", "福彩公益金=lottery"}) {
		t.Errorf("pool %v", pool)
	}
	// a pool that is said anew is what the file says, no more
	if _, err := b.ImportPrograms(t.Context(), b.sheetOf(t, programme("资金池", "福彩公益金=福彩")), "hexiao"); err != nil {
		t.Fatal(describe(err))
	}
	if c, err = benefits.LoadCatalogue(t.Context(), b.db.Pool()); err != nil || len(c.Pool("JJ")) != 1 || c.Pool("JJ")[0].Fund != "福彩公益金" {
		t.Errorf("pool %+v, %v", c.Pool("JJ"), err)
	}
	// its end is said later; the codes stay
	if _, err := b.ImportPrograms(t.Context(), b.sheetOf(t, programme("停止日期", "2026-12-31")), "hexiao"); err != nil {
		t.Fatal(describe(err))
	}
	if c, err = benefits.LoadCatalogue(t.Context(), b.db.Pool()); err != nil {
		t.Fatal(err)
	}
	p, _ = c.Program("JJ")
	for month, want := range map[terms.Month]bool{"2025-12": false, "2026-01": true, "2026-12": true, "2027-01": false} {
		if p.In(month) != want {
			t.Errorf("in %s: %v", month, p.In(month))
		}
	}
}

func TestImportPrograms_reports_every_problem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.ImportPrograms(t.Context(), b.sheetOf(t, programme(), programme(),
		programme("项目代码", "jj"), programme("项目代码", "J1", "分项代码", "居家"), programme("项目代码", "J2", "城市功能科目", "208"),
		programme("项目代码", "J3", "资金池", ""), programme("项目代码", "J4", "资金池", "养老服务补助"), programme("项目代码", "J5", "资金池", "养老服务补助=省,省"),
		programme("项目代码", "J6", "停止日期", "2025-01-01"), programme("分项代码", "other", "项目名称", "老年人补贴")), "hexiao")
	var got []string
	for _, f := range fields(err) {
		got = append(got, f.Code)
	}
	slices.Sort(got)
	want := []string{"FUNDS_FUNCTION_CODE", "PROGRAM_CODE", "PROGRAM_COMPONENT_CODE", "PROGRAM_DIFFERS", "PROGRAM_NO_POOL", "PROGRAM_NO_POOL", "PROGRAM_POOL", "PROGRAM_POOL_LEVEL", "PROGRAM_TWICE", "PROGRAM_UNTIL"}
	if !slices.Equal(got, want) {
		t.Errorf("problems %v\nwant     %v", got, want)
	}
	if c, err := benefits.LoadCatalogue(t.Context(), b.db.Pool()); err != nil || len(c.Programs) != 7 {
		t.Errorf("%d programs, %v", len(c.Programs), err)
	}
}
