package benefits_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/terms"
	"fenlu/internal/check"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/pgtest"
	"fenlu/money"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type bench struct {
	*benefits.Service
	db    *db.DB
	env   *pgtest.Env
	dir   string
	files int
}

func setup(t *testing.T) *bench {
	t.Helper()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	clk := clock.NewManual(time.Date(2026, 10, 9, 2, 0, 0, 0, time.UTC))
	return &bench{benefits.New(d, clk, nil), d, env, t.TempDir(), 0}
}

var header = strings.Split("项目,分项,类别,计发周期,标准,分担,取整,对象上限,执行日期,文号,条款,原文", ",")

type row map[string]string

func (r row) with(changes ...string) row {
	out := row{}
	for k, v := range r {
		out[k] = v
	}
	for i := 0; i < len(changes); i += 2 {
		out[changes[i]] = changes[i+1]
	}
	return out
}

// basic is a yearly standard of two layers, as in 5178 = 4578 + 600.
func basic() row {
	return row{
		"项目": "特困人员救助供养", "分项": "基本生活", "类别": "散居", "计发周期": "年", "标准": "5178.00", "分担": "省=4578.00;县=600.00", "取整": "annual",
		"对象上限": "固定", "执行日期": "2026-01-01", "文号": "青民〔2026〕3号", "条款": "二（一）", "原文": "散居特困人员每人每年5178元",
	}
}

func allowance() row {
	return basic().with("项目", "DB", "分项", "", "类别", "A", "计发周期", "月", "标准", "725", "分担", "", "取整", "", "对象上限", "上限")
}

func (b *bench) file(t *testing.T, rows ...row) string {
	t.Helper()
	b.files++
	path := filepath.Join(b.dir, fmt.Sprintf("policies%02d.csv", b.files))
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := [][]string{header}
	for _, r := range rows {
		line := make([]string, len(header))
		for i, h := range header {
			line[i] = r[h]
		}
		lines = append(lines, line)
	}
	if err := csv.NewWriter(f).WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func (b *bench) policies(t *testing.T, rows ...row) benefits.Report {
	t.Helper()
	r, err := b.ImportPolicies(t.Context(), b.file(t, rows...), "hexiao")
	if err != nil {
		t.Fatal(describe(err))
	}
	return r
}

func describe(err error) string {
	if err == nil {
		return "no error"
	}
	text := i18n.Error(i18n.ZH, err)
	for _, f := range fields(err) {
		text += "\n" + i18n.Field(i18n.ZH, f)
	}
	return text
}

func fields(err error) []errs.Field {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Fields
	}
	return nil
}

func TestImportPolicies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := b.file(t, basic(), allowance())
	r, err := b.ImportPolicies(t.Context(), path, "hexiao")
	if err != nil || len(r.New) != 2 {
		t.Fatalf("%+v, %s", r, describe(err))
	}
	p, err := b.PolicyAt(t.Context(), b.db.Pool(), "TK", "basic", "散居", "", "2026-10")
	want := benefits.Policy{
		ID: r.New[0], Program: "TK", Component: "basic", Class: "散居", ValidFrom: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Period: benefits.Yearly,
		Amount: 517800, Rounding: calc.Annual, Operator: benefits.Exact, Document: "青民〔2026〕3号", Clause: "二（一）", Quote: "散居特困人员每人每年5178元",
		ImportFile: r.Import, Layers: []benefits.Layer{{Level: terms.Province, Amount: 457800}, {Level: terms.County, Amount: 60000}},
	}
	if diff := cmp.Diff(want, p); err != nil || diff != "" {
		t.Error(err, diff)
	}
	p, err = b.PolicyAt(t.Context(), b.db.Pool(), "DB", "basic", "A", "", "2026-01")
	if err != nil || p.Operator != benefits.AtMost || p.Period != benefits.Monthly || p.Layers != nil || p.Rounding != calc.EachFen {
		t.Errorf("%+v, %v", p, err)
	}

	again, err := b.ImportPolicies(t.Context(), path, "hexiao")
	if err != nil || !again.Replay || again.Import != r.Import {
		t.Errorf("again: %+v, %v", again, err)
	}
	// the same rows in another file, layers the other way round
	if r := b.policies(t, allowance(), basic().with("分担", "县＝600；省＝4578")); len(r.New) != 0 || r.Same != 2 {
		t.Errorf("the same rows in another file: %+v", r)
	}
	if found, err := b.Verify(t.Context(), b.db.Pool()); err != nil || len(found) != 0 {
		t.Errorf("verify: %+v, %v", found, err)
	}
}

func TestImportPolicies_reports_every_problem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.policies(t, basic())
	rows := []row{
		basic().with("项目", "教育救助", "类别", "甲"),
		basic().with("分项", "伙食", "类别", "乙"),
		basic().with("分项", "", "类别", "丙"),
		basic().with("计发周期", "季", "类别", "丁"),
		basic().with("标准", "0", "类别", "戊"),
		basic().with("标准", "51.785", "类别", "己"),
		basic().with("分担", "省=4578.00;县=500.00", "类别", "庚"),
		basic().with("分担", "省=4578.00;国=600.00", "类别", "辛"),
		basic().with("分担", "省=4578.00;省=600.00", "类别", "壬"),
		basic().with("分担", "省4578.00", "类别", "癸"),
		basic().with("分担", "省=-1", "类别", "子"),
		basic().with("取整", "half", "类别", "丑"),
		basic().with("计发周期", "月", "类别", "寅"),
		basic().with("对象上限", "也许", "类别", "卯"),
		basic().with("执行日期", "2026-01-15", "类别", "辰"),
		basic().with("类别", "重复"), basic().with("类别", "重复"),
		basic().with("文号", "", "类别", "巳"),
		basic().with("标准", "5200.00", "分担", "省=4600.00;县=600.00"),
		basic().with("标准", "51.785", "计发周期", "季", "取整", "half", "分担", "国=1", "对象上限", "也许", "执行日期", "2026-01-15", "类别", "午"),
		basic().with("类别", ""), basic().with("类别", "", "执行日期", "2026-02-30", "项目", "教育救助"),
		basic().with("类别", "未", "标准", ""), basic().with("类别", "未"),
	}
	_, err := b.ImportPolicies(t.Context(), b.file(t, rows...), "hexiao")
	if errs.CodeOf(err) != "SHEET_PROBLEMS" {
		t.Fatal(describe(err))
	}
	var got []string
	for _, f := range fields(err) {
		if !i18n.Has(f.Code) {
			t.Errorf("%s has no text", f.Code)
		}
		got = append(got, fmt.Sprintf("%d %s %s", f.Row, f.Column, f.Code))
	}
	want := []string{
		"2 项目 POLICY_PROGRAM", "3 分项 POLICY_COMPONENT", "4 分项 POLICY_COMPONENT", "5 计发周期 POLICY_PERIOD", "6 标准 POLICY_AMOUNT", "7 标准 SHEET_AMOUNT_DECIMALS",
		"8 分担 POLICY_LAYERS_SUM", "9 分担 POLICY_LAYER_LEVEL", "10 分担 POLICY_LAYER_TWICE", "11 分担 POLICY_LAYERS", "12 分担 POLICY_LAYER_AMOUNT",
		"13 取整 POLICY_ROUNDING", "14 取整 POLICY_ANNUAL", "15 对象上限 POLICY_CAP", "16 执行日期 POLICY_FIRST_OF_MONTH", "18 类别 POLICY_TWICE", "19 文号 SHEET_REQUIRED",
		"20 标准 POLICY_DIFFERS",
		"21 标准 SHEET_AMOUNT_DECIMALS", "21 分担 POLICY_LAYER_LEVEL", "21 计发周期 POLICY_PERIOD", "21 取整 POLICY_ROUNDING", "21 对象上限 POLICY_CAP", "21 执行日期 POLICY_FIRST_OF_MONTH",
		"22 类别 SHEET_REQUIRED", "23 类别 SHEET_REQUIRED", "23 执行日期 SHEET_DATE", "23 项目 POLICY_PROGRAM",
		"24 标准 SHEET_REQUIRED", "25 类别 POLICY_TWICE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if text := describe(err); !strings.Contains(text, "分担合计 5078.00 元，与标准 5178.00 元相差 100.00 元") {
		t.Errorf("the sum is not explained: %s", text)
	}
	index, err := b.PoliciesAt(t.Context(), b.db.Pool(), "2026-12")
	if err != nil || index.Len() != 1 {
		t.Errorf("%d policies after a refused file, %v", index.Len(), err)
	}
}

func TestImportPolicies_at_the_same_time(t *testing.T) {
	t.Parallel()
	b := setup(t)
	paths := make([]string, 5)
	for i := range paths {
		paths[i] = b.file(t, basic(), allowance().with("类别", fmt.Sprint(i)))
	}
	paths[4] = paths[3]
	var wg sync.WaitGroup
	for _, path := range paths {
		wg.Go(func() {
			if _, err := b.ImportPolicies(t.Context(), path, "hexiao"); err != nil {
				t.Error(describe(err))
			}
		})
	}
	wg.Wait()
	if index, err := b.PoliciesAt(t.Context(), b.db.Pool(), "2026-12"); err != nil || index.Len() != 5 {
		t.Errorf("%d policies, want 5, %v", index.Len(), err)
	}
}

func TestPoliciesAt_takes_the_newest_in_force(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.policies(t, basic(), basic().with("标准", "6432.00", "分担", "省=5832;县=600", "执行日期", "2026-07-01"), allowance())
	for month, want := range map[terms.Month]money.Fen{"2025-12": 0, "2026-01": 517800, "2026-06": 517800, "2026-07": 643200, "2027-03": 643200} {
		index, err := b.PoliciesAt(t.Context(), b.db.Pool(), month)
		if err != nil {
			t.Fatal(err)
		}
		fromIndex, _ := index.Get("TK", "basic", "散居")
		single, err := b.PolicyAt(t.Context(), b.db.Pool(), "TK", "basic", "散居", "", month)
		if (want == 0) != (errs.CodeOf(err) == "POLICY_NOT_FOUND") {
			t.Errorf("%s: %v", month, err)
		}
		if fromIndex.Amount != want || single.Amount != want {
			t.Errorf("%s: %s and %s, want %s", month, fromIndex.Amount, single.Amount, want)
		}
	}
	if _, err := b.PolicyAt(t.Context(), b.db.Pool(), "TK", "basic", "集中", "", "2026-10"); errs.CodeOf(err) != "POLICY_NOT_FOUND" {
		t.Errorf("a class without a standard: %v", err)
	}
	if _, err := b.Policies(t.Context(), b.db.Pool(), []benefits.PolicyID{99}); errs.CodeOf(err) != "POLICY_UNKNOWN" {
		t.Errorf("a row that never was: %v", err)
	}
}

func yearly(layers ...benefits.Layer) benefits.Policy {
	p := benefits.Policy{Period: benefits.Yearly, Rounding: calc.Annual, Operator: benefits.Exact, Layers: layers}
	for _, l := range layers {
		p.Amount += l.Amount
	}
	return p
}

func TestMonthlyAmount(t *testing.T) {
	t.Parallel()
	province := func(fen money.Fen) benefits.Layer { return benefits.Layer{Level: terms.Province, Amount: fen} }
	county := func(fen money.Fen) benefits.Layer { return benefits.Layer{Level: terms.County, Amount: fen} }
	for name, c := range map[string]struct {
		policy benefits.Policy
		month  terms.Month
		want   benefits.Due
	}{
		"6432 = 5832 + 600":        {yearly(province(583200), county(60000)), "2026-03", benefits.Due{Total: 53600, Layers: []benefits.Layer{province(48600), county(5000)}}},
		"5178 = 4578 + 600":        {yearly(province(457800), county(60000)), "2026-08", benefits.Due{Total: 43150, Layers: []benefits.Layer{province(38150), county(5000)}}},
		"5420 + 600 in January":    {yearly(province(542000), county(60000)), "2026-01", benefits.Due{Total: 50167, Layers: []benefits.Layer{province(45167), county(5000)}}},
		"5420 + 600 in February":   {yearly(province(542000), county(60000)), "2026-02", benefits.Due{Total: 50166, Layers: []benefits.Layer{province(45166), county(5000)}}},
		"to the fen every month":   {benefits.Policy{Period: benefits.Yearly, Rounding: calc.EachFen, Amount: 542000}, "2026-02", benefits.Due{Total: 45167}},
		"annual without layers":    {benefits.Policy{Period: benefits.Yearly, Rounding: calc.Annual, Amount: 542000}, "2026-02", benefits.Due{Total: 45166}},
		"a monthly standard as is": {benefits.Policy{Period: benefits.Monthly, Rounding: calc.EachFen, Amount: 25900, Layers: []benefits.Layer{county(25900)}}, "2026-02", benefits.Due{Total: 25900, Layers: []benefits.Layer{county(25900)}}},
		"a one-off as is":          {benefits.Policy{Period: benefits.Once, Rounding: calc.EachFen, Amount: 300000}, "2026-02", benefits.Due{Total: 300000}},
	} {
		got, err := benefits.MonthlyAmount(c.policy, c.month)
		if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestMonthlyAmount_comes_to_the_year_on_every_level(t *testing.T) {
	t.Parallel()
	p := yearly(benefits.Layer{Level: terms.Province, Amount: 542000}, benefits.Layer{Level: terms.County, Amount: 100100})
	year := map[terms.Level]money.Fen{}
	months, err := terms.Range("2026-01", "2026-12")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range months {
		due, err := benefits.MonthlyAmount(p, m)
		if err != nil {
			t.Fatal(err)
		}
		var sum money.Fen
		for _, l := range due.Layers {
			year[l.Level] += l.Amount
			sum += l.Amount
		}
		if sum != due.Total {
			t.Errorf("%s: layers %s, total %s", m, sum, due.Total)
		}
	}
	if diff := cmp.Diff(map[terms.Level]money.Fen{terms.Province: 542000, terms.County: 100100}, year); diff != "" {
		t.Error(diff)
	}
}

func TestSharesAndAllows(t *testing.T) {
	t.Parallel()
	p := yearly(benefits.Layer{Level: terms.Province, Amount: 457800}, benefits.Layer{Level: terms.County, Amount: 60000})
	shares, err := benefits.Shares(p, "2026-05", 43150)
	if diff := cmp.Diff([]benefits.Layer{{Level: terms.Province, Amount: 38150}, {Level: terms.County, Amount: 5000}}, shares); err != nil || diff != "" {
		t.Error(err, diff)
	}
	shares, err = benefits.Shares(p, "2026-05", 10000)
	if diff := cmp.Diff([]benefits.Layer{{Level: terms.Province, Amount: 8841}, {Level: terms.County, Amount: 1159}}, shares); err != nil || diff != "" {
		t.Error(err, diff)
	}
	limit := p
	limit.Operator = benefits.AtMost
	for name, c := range map[string]struct {
		policy benefits.Policy
		amount money.Fen
		want   bool
	}{
		"exact equal": {p, 43150, true}, "exact less": {p, 43149, false}, "exact more": {p, 43151, false},
		"limit equal": {limit, 43150, true}, "limit less": {limit, 1, true}, "limit more": {limit, 43151, false},
	} {
		if got, err := benefits.Allows(c.policy, "2026-05", c.amount); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c, err := benefits.LoadCatalogue(t.Context(), b.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, p := range c.Programs {
		codes = append(codes, p.Code)
		for _, component := range p.Components {
			for _, text := range []string{component.Code, component.NameZH, component.NameEN} {
				if got, ok := p.Component(text); !ok || got.Code != component.Code {
					t.Errorf("%s %q: %+v, %v", p.Code, text, got, ok)
				}
			}
		}
	}
	if diff := cmp.Diff([]string{"DB", "TK", "LS", "ET", "LL", "CJ", "FW"}, codes); diff != "" {
		t.Error(diff)
	}
	tk, _ := c.Program("特困人员救助供养")
	if care, ok := tk.Component("照料护理"); !ok || care.Code != "care" {
		t.Errorf("%+v, %v", care, ok)
	}
	if only, ok := c.Programs[0].Component(""); !ok || only.Code != "basic" {
		t.Errorf("the only component of DB: %+v, %v", only, ok)
	}
	if _, ok := tk.Component(""); ok {
		t.Error("one of two components was taken for nothing")
	}
	ls, _ := c.Program("临时救助")
	if got, ok := ls.ComponentOf("", "支出型"); !ok || got.Code != "expense" {
		t.Errorf("a component that the class says: %+v, %v", got, ok)
	}
	if got, ok := ls.ComponentOf("伙食", "支出型"); ok {
		t.Errorf("a wrong component was passed over for the class: %+v", got)
	}
	levels := []terms.Level{}
	for _, p := range c.Pool("TK") {
		levels = append(levels, p.Level)
	}
	if diff := cmp.Diff([]terms.Level{terms.Central, terms.Province, terms.Prefecture, terms.County}, levels); diff != "" {
		t.Error(diff)
	}
}

func TestVerify_names_the_policy_that_was_touched(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.policies(t, basic())
	for tamper, want := range map[string]string{
		`UPDATE policy SET amount_fen = amount_fen + 1`:                 "policy_layers",
		`UPDATE policy_layer SET amount_fen = 1 WHERE level = 'county'`: "policy_layers",
		`UPDATE policy SET component = 'gone'`:                          "policy_catalogue",
		`UPDATE policy SET quote = 'something else'`:                    "policy_leaf",
		`UPDATE policy SET valid_from = valid_from + 1`:                 "policy_leaf",
		`UPDATE policy SET operator = 'at_most'`:                        "policy_leaf",
		`DELETE FROM policy_layer`:                                      "policy_leaf",
		`DELETE FROM policy_layer; DELETE FROM policy`:                  "policy_leaf",
		`DELETE FROM log_pending WHERE kind = 'policy'`:                 "policy_leaf",
	} {
		tx, err := b.env.Owner(t).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), tamper); err != nil {
			t.Fatal(err)
		}
		found, err := b.Verify(t.Context(), tx)
		if err != nil || !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == want && f.Row == fmt.Sprintf("policy %d", r.New[0]) }) {
			t.Errorf("%s: %+v, %v", tamper, found, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
