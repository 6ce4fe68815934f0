package benefits_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/i18n"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// sheetOf writes a file of any columns: the names are those that rows use.
func (b *bench) sheetOf(t *testing.T, rows ...row) string {
	t.Helper()
	b.files++
	path := filepath.Join(b.dir, fmt.Sprintf("sheet%02d.csv", b.files))
	var names []string
	for _, r := range rows {
		for k := range r {
			if !slices.Contains(names, k) {
				names = append(names, k)
			}
		}
	}
	slices.Sort(names)
	lines := [][]string{names}
	for _, r := range rows {
		line := make([]string, len(names))
		for i, n := range names {
			line[i] = r[n]
		}
		lines = append(lines, line)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := csv.NewWriter(f).WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// figure is a reference figure of the city 9913.
func figure(name, from, value string) row {
	return row{"参数": name, "区划代码": "9913", "执行日期": from, "数值": value, "文号": "市政发〔2025〕1号", "条款": "一", "原文": "原文"}
}

// figures imports reference figures: those of the documents, in the city 9913.
func (b *bench) figures(t *testing.T, rows ...row) {
	t.Helper()
	if _, err := rules.New(b.db, clock.System{}).Import(t.Context(), b.sheetOf(t, rows...), "hexiao"); err != nil {
		t.Fatal(describe(err))
	}
}

func wages() []row {
	return []row{
		figure("最低工资标准", "2025-01-01", "1800"), figure("最低工资标准", "2026-01-01", "2000"),
		figure("城镇居民人均消费支出", "2025-01-01", "30000"), figure("农村居民人均消费支出", "2025-01-01", "20000"),
		figure("国家扶贫标准", "2026-01-01", "4350"), figure("居民消费价格同比涨幅", "2026-09-01", "3.5%"),
	}
}

// limit is a limit of the city 9913 on the standards of 低保.
func limit(changes ...string) row {
	return row{"项目": "DB", "分项": "", "类别": "", "区划代码": "9913", "执行日期": "2026-01-01", "关系": "区间", "比例": "42%", "上限比例": "48%", "基数": "最低工资标准",
		"性质": "", "文号": "市民发〔2026〕1号", "条款": "二", "原文": "按最低工资标准的42%-48%确定"}.with(changes...)
}

func (b *bench) limits(t *testing.T, rows ...row) {
	t.Helper()
	if _, err := b.ImportLimits(t.Context(), b.sheetOf(t, rows...), "hexiao"); err != nil {
		t.Fatal(describe(err))
	}
}

// standard is a monthly standard of 低保 in the city 9913.
func standard(class, amount string, changes ...string) row {
	return row{"项目": "DB", "分项": "", "类别": class, "计发周期": "月", "标准": amount, "执行日期": "2026-04-01", "文号": "市民发〔2026〕8号", "条款": "一", "原文": "原文",
		"区划代码": "9913", "计算方法": "", "比例": "", "基数": "", "关系": "", "下限倍数": "", "上限倍数": "", "计算次序": "", "舍入": "", "原标准": "", "提高幅度": "", "说明": ""}.with(changes...)
}

func care(class, amount string, changes ...string) row {
	return standard(class, amount).with("项目", "TK", "分项", "照料护理").with(changes...)
}

// brought imports standards and says which findings refused them, and which were
// noted.
func (b *bench) brought(t *testing.T, rows ...row) (refused, noted []string) {
	t.Helper()
	r, err := b.ImportPolicies(t.Context(), b.sheetOf(t, rows...), "hexiao")
	for _, f := range fields(err) {
		if text := i18n.Field(i18n.ZH, f); !i18n.Has(f.Code) || strings.Contains(text, "{") {
			t.Errorf("%s reads %q", f.Code, text)
		}
		code := f.Code
		for _, a := range f.Args {
			if code == "POLICY_REASON" && a.Name == "finding" {
				for known := range map[string]bool{"POLICY_LIMIT_BAND": true, "POLICY_LIMIT_PERIOD": true, "POLICY_LIMIT_BASE": true, "POLICY_LIMIT_EQUAL": true} {
					head, _, _ := strings.Cut(i18n.T(i18n.ZH, known), "{")
					if head == "标准 " {
						_, head, _ = strings.Cut(i18n.T(i18n.ZH, known), "}")
						head, _, _ = strings.Cut(head, "{")
					}
					if strings.Contains(fmt.Sprint(a.Value), head) {
						code = "reason:" + known
					}
				}
			}
		}
		refused = append(refused, code)
	}
	if err != nil && refused == nil {
		t.Fatal(describe(err))
	}
	for _, n := range r.Notes.Shown {
		noted = append(noted, n.Code)
	}
	slices.Sort(refused)
	return refused, noted
}

func (b *bench) book(t *testing.T) benefits.Book {
	t.Helper()
	book, err := benefits.LoadBook(t.Context(), b.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// owed is what a class is owed, with the explanation in Chinese.
func owed(t *testing.T, book benefits.Book, program, component, class, month string, c benefits.Case) (money.Fen, string) {
	t.Helper()
	p, err := book.Find(program, component, class, "991301000000", benefitsMonth(t, month))
	if err != nil {
		t.Fatal(err)
	}
	o, err := book.Owed(p, "991301000000", benefitsMonth(t, month), c)
	if err != nil {
		return 0, describe(err)
	}
	var text []string
	for _, l := range o.Lines {
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			if read := l.Text(lang); !i18n.Has(l.Code) || strings.Contains(read, "{") {
				t.Errorf("%s reads %q", l.Code, read)
			}
		}
		text = append(text, l.Text(i18n.ZH))
	}
	if n := len(o.Lines); n == 0 || o.Lines[n-1].Amount != o.Amount {
		t.Errorf("%s/%s: the explanation does not end with %s: %v", component, class, o.Amount, text)
	}
	return o.Amount, strings.Join(text, "\n")
}

func fraction(t *testing.T, s string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOwed_by_every_family: money-rules A5, A11, A13–A16, A18, A22–A25, A27,
// A30–A32, B14, G4: each family's calculator with the inputs of its row.
func TestOwed_by_every_family(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.figures(t, wages()...)
	refused, _ := b.brought(t,
		standard("城市", "900"),
		standard("一类", "3720", "计发周期", "年"), // A11
		standard("消费挂钩", "", "计算方法", "按比例", "比例", "30%", "基数", "上年度城镇居民人均消费支出"),                                        // A5: 30000 × 30% / 12
		standard("补差", "900", "计算方法", "补差"),                                                                            // A27, A30, A31
		care("全护理", "", "计算方法", "按比例", "比例", "1/3", "基数", "上年度最低工资标准"),                                                 // A15
		care("半护理", "", "计算方法", "按比例", "比例", "25%", "基数", "最低工资标准"),                                                    // A16
		care("参照", "", "计算方法", "按比例", "比例", "100%", "基数", "CJ/护理补贴/一级"),                                                // A17
		standard("分散", "", "项目", "TK", "分项", "基本生活", "计算方法", "按比例", "比例", "1.3", "基数", "DB//城市"),                       // A13
		standard("农村消费", "", "项目", "TK", "分项", "基本生活", "计发周期", "年", "计算方法", "按比例", "比例", "60%", "基数", "上年度农村居民人均消费支出"), // A14
		standard("集中", "", "项目", "TK", "分项", "基本生活", "计算方法", "集中供养", "比例", "150%", "基数", "TK/基本生活/分散+TK/照料护理/半护理", "计算次序", "sum_exact"),
		standard("一般", "", "项目", "LS", "分项", "支出型", "计发周期", "次", "计算方法", "人数月数", "基数", "DB//城市"),                              // A22
		standard("重病", "", "项目", "LS", "分项", "支出型", "计发周期", "次", "计算方法", "倍数", "基数", "DB//城市", "下限倍数", "3", "上限倍数", "12"),     // A24
		standard("浮动", "", "项目", "LS", "分项", "支出型", "计发周期", "次", "计算方法", "幅度", "基数", "DB//城市", "下限倍数", "75%", "上限倍数", "125%"), // A25
		standard("一事一议", "20000", "项目", "LS", "分项", "支出型", "计发周期", "次", "计算方法", "单次限额"),                                       // A23
		standard("年度", "3000", "项目", "LS", "分项", "支出型", "计发周期", "次", "计算方法", "年度限额"),                                          // G4
		standard("住院", "3000", "项目", "LS", "分项", "支出型", "计发周期", "次", "计算方法", "起付线", "比例", "70%"),                              // B14
		standard("价格", "", "计算方法", "价格联动", "基数", "DB//城市"),                                                                    // A32
		standard("一级", "100", "项目", "CJ", "分项", "护理补贴"))
	if refused != nil {
		t.Fatal(refused)
	}
	book := b.book(t)
	for _, c := range []struct {
		program, component, class, want string
		c                               benefits.Case
	}{
		{"DB", "basic", "城市", "900.00", benefits.Case{}},
		{"DB", "basic", "一类", "310.00", benefits.Case{}},
		{"DB", "basic", "消费挂钩", "750.00", benefits.Case{}},
		{"DB", "basic", "补差", "1100.00", benefits.Case{Income: 12_000_00, Expenses: 2_400_00, Members: 2, Uplifts: []calc.Uplift{{Person: "a", Reason: "重病", Rate: fraction(t, "1/9")}}}},
		{"DB", "basic", "补差", "500.00", benefits.Case{Income: 9_600_00, Members: 2, Covered: 1}},
		{"TK", "care", "全护理", "600.00", benefits.Case{}}, // 1800 of the year before / 3
		{"TK", "care", "半护理", "500.00", benefits.Case{}}, // 2000 × 25%
		{"TK", "care", "参照", "100.00", benefits.Case{}},
		{"TK", "basic", "分散", "1170.00", benefits.Case{}},
		{"TK", "basic", "农村消费", "1000.00", benefits.Case{}}, // 20000 × 60% / 12
		{"TK", "basic", "集中", "2505.00", benefits.Case{}},   // (1170 + 500) × 1.5
		{"LS", "expense", "一般", "8100.00", benefits.Case{Persons: 3, Months: 3}},
		{"LS", "expense", "重病", "4500.00", benefits.Case{Times: fraction(t, "5")}},
		{"LS", "expense", "浮动", "1125.00", benefits.Case{Wanted: 1125_00}},
		{"LS", "expense", "一事一议", "20000.00", benefits.Case{Wanted: 20_000_00}},
		{"LS", "expense", "年度", "500.00", benefits.Case{Wanted: 800_00, Had: 2500_00}},
		{"LS", "expense", "住院", "1400.00", benefits.Case{Cost: 4000_00, Before: 1000_00}},
		{"DB", "basic", "价格", "31.50", benefits.Case{}},
	} {
		if got, text := owed(t, book, c.program, c.component, c.class, "2026-10", c.c); got.String() != c.want {
			t.Errorf("%s/%s/%s is %s, want %s:\n%s", c.program, c.component, c.class, got, c.want, text)
		}
	}
	for class, c := range map[string]benefits.Case{
		"重病": {Times: fraction(t, "13")}, "浮动": {Wanted: 1125_01}, "一事一议": {Wanted: 20_000_01},
	} {
		if got, _ := owed(t, book, "LS", "expense", class, "2026-10", c); got != 0 {
			t.Errorf("%s: %s is above what the row allows", class, got)
		}
	}
	_, text := owed(t, book, "TK", "care", "全护理", "2026-10", benefits.Case{})
	for _, part := range []string{"最低工资标准", "9913", "市政发〔2025〕1号", "1,800.00 × 1/3"} {
		if !strings.Contains(text, part) {
			t.Errorf("the explanation does not say %q:\n%s", part, text)
		}
	}
}

// TestLimits_of_new_standards: money-rules A1, A3, A6–A8, A12–A17, A25 and the
// parts of F that an import can catch: what refuses, what wants a reason and
// what is noted.
func TestLimits_of_new_standards(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.figures(t, wages()...)
	b.limits(t, limit(),
		limit("类别", "农村", "关系", "≥", "比例", "", "上限比例", "", "基数", "国家扶贫标准", "文号", "省民发〔2026〕2号"),
		limit("类别", "城市", "比例", "25%", "上限比例", "35%", "基数", "上年度城镇居民人均消费支出", "性质", "预期性", "文号", "市政发〔2026〕5号"),
		limit("关系", "统一", "比例", "", "上限比例", "", "基数", ""),
		limit("项目", "TK", "分项", "基本生活", "关系", "不低于", "比例", "1.3", "上限比例", "", "基数", "DB//城市"),
		limit("项目", "TK", "分项", "照料护理", "类别", "集中", "关系", "高于", "比例", "", "上限比例", "", "基数", "TK/照料护理/分散"),
		limit("项目", "TK", "分项", "照料护理", "类别", "轻", "关系", "≤", "比例", "", "上限比例", "", "基数", "TK/照料护理/中"))
	for _, c := range []struct {
		name    string
		rows    []row
		refused []string
		noted   []string
	}{
		{"A1 below the band of the wage", []row{standard("甲", "839.99")}, []string{"reason:POLICY_LIMIT_BAND"}, nil},
		{"A1 above the band", []row{standard("甲", "960.01")}, []string{"reason:POLICY_LIMIT_BAND"}, nil},
		{"A1 with a reason", []row{standard("甲", "960.01", "说明", "县委常委会议定")}, nil, []string{"POLICY_LIMIT_BAND"}},
		{"A3 within it, to the fen", []row{standard("乙", "840"), standard("丙", "960")}, nil, nil},
		{"A6 an expected figure is a note", []row{standard("城市", "900", "执行日期", "2026-05-01"), standard("城市", "880", "执行日期", "2026-06-01", "区划代码", "9999")}, nil, []string{"POLICY_LIMIT_BAND"}},
		{"A7 below the poverty line of a year", []row{standard("农村", "362.49", "说明", "低")}, []string{"POLICY_LIMIT_FLOOR"}, nil},
		{"A8 a county that differs", []row{standard("城市", "900", "执行日期", "2026-07-01"), standard("城市", "899", "执行日期", "2026-07-01", "区划代码", "991301")},
			[]string{"POLICY_LIMIT_UNIFORM", "POLICY_LIMIT_UNIFORM"}, nil},
		{"A12 below 1.3 times", []row{standard("分散", "1169.99", "项目", "TK", "分项", "基本生活", "执行日期", "2026-05-01")}, []string{"POLICY_LIMIT_FLOOR"}, nil},
		{"A12 just 1.3 times", []row{standard("分散", "1170", "项目", "TK", "分项", "基本生活", "执行日期", "2026-05-01")}, nil, nil},
		{"A13 not 130%", []row{standard("全额", "1200", "项目", "TK", "分项", "基本生活", "执行日期", "2026-05-01", "计算方法", "按比例", "比例", "130%", "基数", "DB//城市")},
			[]string{"POLICY_LIMIT_EQUAL"}, nil},
		{"A15 a third, rounded", []row{care("全护理", "666.67", "计算方法", "按比例", "比例", "1/3", "基数", "最低工资标准")}, nil, nil},
		{"A16 not a quarter", []row{care("半护理", "501", "计算方法", "按比例", "比例", "25%", "基数", "最低工资标准")}, []string{"POLICY_LIMIT_EQUAL"}, nil},
		{"A17 equal is not higher", []row{care("集中", "500"), care("分散", "500")}, []string{"POLICY_LIMIT_ORDER"}, nil},
		{"A17 higher", []row{care("集中", "600"), care("分散", "500")}, nil, nil},
		{"A17 the lower one raised above the higher", []row{care("分散", "601", "执行日期", "2026-05-01")}, []string{"POLICY_LIMIT_ORDER"}, nil},
		{"A17 light above middle", []row{care("轻", "301"), care("中", "300")}, []string{"POLICY_LIMIT_CEILING"}, nil},
		{"F a year's figure that stands as a month's", []row{standard("丁", "10800")}, []string{"reason:POLICY_LIMIT_BAND", "reason:POLICY_LIMIT_PERIOD"}, nil},
		{"F a base that is not on record", []row{care("无数", "", "计算方法", "按比例", "比例", "1", "基数", "省农村低保指导标准")}, []string{"reason:POLICY_LIMIT_BASE"}, nil},
	} {
		refused, noted := b.brought(t, c.rows...)
		if !slices.Equal(refused, c.refused) || !slices.Equal(noted, c.noted) {
			t.Errorf("%s: refused %v, noted %v; want %v and %v", c.name, refused, noted, c.refused, c.noted)
		}
	}
}

// TestLimits_expected_figures_are_notes: money-rules A6: an indicator that is
// expected (预期性) refuses nothing; one that binds (约束性) wants a reason.
func TestLimits_expected_figures_are_notes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.figures(t, wages()...)
	b.limits(t, limit("性质", "预期性"))
	if refused, noted := b.brought(t, standard("甲", "700")); refused != nil || !slices.Equal(noted, []string{"POLICY_LIMIT_BAND"}) {
		t.Errorf("refused %v, noted %v", refused, noted)
	}
	// a county that may go further has a row of its own, which then counts
	b.limits(t, limit("区划代码", "991301", "文号", "县民发〔2026〕3号"))
	if refused, _ := b.brought(t, standard("甲", "700", "区划代码", "991301")); !slices.Equal(refused, []string{"reason:POLICY_LIMIT_BAND"}) {
		t.Errorf("refused %v", refused)
	}
}

// TestStated_percentage: money-rules A10, A21: what the document says beside the
// amounts is worked out again, and decides nothing.
func TestStated_percentage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.brought(t, standard("指导", "3500", "计发周期", "年", "执行日期", "2017-01-01"))
	for _, c := range []struct {
		class, amount, from, rise string
		noted                     []string
	}{
		{"指导", "3720", "3500", "6.3%", nil}, // 6.2857
		{"甲", "3720", "3500", "6.2%", []string{"POLICY_STATED_RISE"}},
		{"乙", "5832", "5420", "7.6%", nil},
		{"丙", "4578", "4255", "7.6%", nil}, // 7.59
		{"丁", "4578", "4255", "7.60%", []string{"POLICY_STATED_RISE"}},
	} {
		refused, noted := b.brought(t, standard(c.class, c.amount, "计发周期", "年", "执行日期", "2018-01-01", "原标准", c.from, "提高幅度", c.rise))
		if refused != nil || !slices.Equal(noted, c.noted) {
			t.Errorf("%s → %s, %s: refused %v, noted %v", c.from, c.amount, c.rise, refused, noted)
		}
	}
	if refused, noted := b.brought(t, standard("指导", "4000", "计发周期", "年", "执行日期", "2019-01-01", "原标准", "3700")); refused != nil || !slices.Equal(noted, []string{"POLICY_STATED_FROM"}) {
		t.Errorf("refused %v, noted %v", refused, noted)
	}
}

// TestContradictions_are_kept: money-rules part F: the ratios of two documents
// stand side by side, each names the other, and a standard that keeps to one
// wants a reason.
func TestContradictions_are_kept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.figures(t, wages()...)
	one := limit("项目", "TK", "分项", "照料护理", "类别", "半护理", "关系", "=", "比例", "1/6", "上限比例", "", "基数", "上年度最低工资标准", "文号", "区民发〔2026〕1号")
	other := one.with("比例", "25%", "基数", "最低工资标准", "文号", "台商管〔2022〕4号")
	b.limits(t, one, other)
	book := b.book(t)
	if len(book.Limits) != 2 {
		t.Fatalf("%d limits", len(book.Limits))
	}
	for i, l := range book.Limits {
		if against := book.Against(l); len(against) != 1 || against[0].ID != book.Limits[1-i].ID {
			t.Errorf("%s is against %+v", l.Document, against)
		}
	}
	if refused, _ := b.brought(t, care("半护理", "500")); !slices.Equal(refused, []string{"reason:POLICY_LIMIT_EQUAL"}) {
		t.Errorf("refused %v", refused)
	}
	if refused, noted := b.brought(t, care("半护理", "500", "说明", "按台商管〔2022〕4号执行")); refused != nil || !slices.Equal(noted, []string{"POLICY_LIMIT_EQUAL"}) {
		t.Errorf("refused %v, noted %v", refused, noted)
	}
}

// TestArea_of_a_standard: a county's own row counts there, the city's elsewhere.
func TestArea_of_a_standard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if refused, _ := b.brought(t, standard("城市", "900"), standard("城市", "950", "区划代码", "991301")); refused != nil {
		t.Fatal(refused)
	}
	book := b.book(t)
	for area, want := range map[string]string{"991301100000": "950.00", "991302000000": "900.00", "990000000000": "POLICY_NOT_FOUND"} {
		p, err := book.Find("DB", "basic", "城市", area, "2026-10")
		if got := p.Amount.String(); (err == nil && got != want) || (err != nil && want != "POLICY_NOT_FOUND") {
			t.Errorf("%s: %s, %v", area, got, err)
		}
	}
}

// TestFormula_leaf_and_file: a row that says how it is worked out has version 2
// of the leaf, one that does not keeps version 1, whatever the file's columns.
func TestFormula_leaf_and_file(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.policies(t, basic())
	if refused, _ := b.brought(t, basic().with("计算方法", "", "区划代码", ""), standard("城市", "900")); refused != nil {
		t.Fatal(refused)
	}
	versions := map[int64]int{}
	rows, err := b.db.Pool().Query(t.Context(), `SELECT ref, version FROM log_pending WHERE kind = $1`, proof.KindPolicy)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var ref int64
		var version int
		if err := rows.Scan(&ref, &version); err != nil {
			t.Fatal(err)
		}
		versions[ref] = version
	}
	if len(versions) != 2 || versions[int64(r.New[0])] != 1 || versions[int64(r.New[0])+1] != 2 {
		t.Errorf("versions %v", versions)
	}
	if found, err := b.Verify(t.Context(), b.db.Pool()); err != nil || len(found) != 0 {
		t.Errorf("verify: %+v, %v", found, err)
	}
}

// TestFormula_refuses: every problem of the columns that say how a row is worked
// out, and nothing is stored.
func TestFormula_refuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ratio := standard("甲", "", "计算方法", "按比例", "比例", "1/3", "基数", "最低工资标准")
	for want, r := range map[string]row{
		"SHEET_REQUIRED":         standard("甲", ""),
		"RULE_AREA":              standard("甲", "900", "区划代码", "99xx"),
		"POLICY_FAMILY":          ratio.with("计算方法", "凭感觉"),
		"MONEY_RATE":             ratio.with("比例", "三分之一"),
		"POLICY_BASE":            ratio.with("基数", "工资"),
		"POLICY_BASE_RATE":       ratio.with("基数", "x*最低工资标准"),
		"POLICY_BASE_FAMILY":     ratio.with("基数", ""),
		"POLICY_BASE_ONE":        ratio.with("基数", "最低工资标准+最低工资标准"),
		"POLICY_ROUND":           ratio.with("舍入", "随便"),
		"POLICY_RELATION":        ratio.with("关系", "≈"),
		"POLICY_RELATION_AMOUNT": ratio.with("关系", "≥"),
		"POLICY_BAND":            standard("甲", "", "项目", "LS", "分项", "支出型", "计发周期", "次", "计算方法", "倍数", "基数", "最低工资标准", "下限倍数", "12", "上限倍数", "3"),
		"POLICY_BAND_ONLY":       ratio.with("上限倍数", "3"),
		"POLICY_OPERATIONS":      ratio.with("计算次序", "sum_exact"),
		"POLICY_LAYERS_AMOUNT":   ratio.with("分担", "省=1.00"),
		"POLICY_RISE":            standard("甲", "900", "提高幅度", "6。3"),
	} {
		if refused, _ := b.brought(t, r); !slices.Equal(refused, []string{want}) {
			t.Errorf("refused %v, want %s", refused, want)
		}
	}
	if book := b.book(t); len(book.Policies) != 0 {
		t.Errorf("%d rows stored", len(book.Policies))
	}
}

func benefitsMonth(t *testing.T, s string) terms.Month {
	t.Helper()
	m, err := terms.ParseMonth(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestAverageStandard: the average of the standards that hold in a month within an
// area, beside its minimum wage; a raise counts from its month (money-rules A4).
func TestAverageStandard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.figures(t, wages()...)
	if refused, _ := b.brought(t, standard("城市", "840", "执行日期", "2026-01-01"), standard("城市", "900"),
		standard("城市", "940", "区划代码", "991301"), standard("城市", "500", "区划代码", "9914")); refused != nil {
		t.Fatal(refused)
	}
	book := b.book(t)
	for month, want := range map[string]string{"2026-03": "840.00 of 2000.00", "2026-04": "920.00 of 2000.00", "2024-12": "0.00 of 0.00"} {
		average, wage, err := book.AverageStandard("DB", "991300000000", "9913", terms.Month(month))
		if got := average.String() + " of " + wage.String(); err != nil || got != want {
			t.Errorf("%s: %s, %v", month, got, err)
		}
	}
}

// A county's laxer limit does not stand in for its city's: both are kept to
// (money-rules A6: 不低于, 不超过 of the level above hold below it).
func TestLimits_of_a_smaller_area_cannot_be_laxer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.figures(t, wages()...)
	b.limits(t, limit(), limit("区划代码", "991301", "上限比例", "60%", "文号", "县民发〔2026〕2号"))
	county := func(amount string) row { return standard("城市", amount, "区划代码", "991301", "说明", "") }
	if refused, _ := b.brought(t, county("1100")); !slices.Contains(refused, "reason:POLICY_LIMIT_BAND") { // 55% of 2000
		t.Errorf("the county's 60%% displaced the city's 48%%: %v", refused)
	}
	if refused, _ := b.brought(t, county("900")); refused != nil {
		t.Errorf("within both: %v", refused)
	}
}

// One row of the city is worked out from each county's own minimum wage.
func TestInForce_is_worked_out_where_the_person_lives(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.figures(t, append(wages(), figure("最低工资标准", "2026-01-01", "1700").with("区划代码", "991302"))...)
	if refused, _ := b.brought(t, care("半护理", "", "计算方法", "按比例", "比例", "25%", "基数", "最低工资标准")); refused != nil {
		t.Fatal(refused)
	}
	p, err := b.book(t).Find("TK", "care", "半护理", "991301000000", benefitsMonth(t, "2026-10"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := b.InForce(t.Context(), b.db.Pool(), []benefits.PolicyID{p.ID})
	if err != nil {
		t.Fatal(err)
	}
	for area, want := range map[string]string{"": "500.00", "991301100000": "500.00", "991302100000": "425.00"} {
		at, err := rows.At(p.ID, area, benefitsMonth(t, "2026-10"))
		if err != nil || at.Amount.String() != want {
			t.Errorf("%q: %s, want %s (%v)", area, at.Amount, want, err)
		}
	}
	if rows.Row(p.ID).Amount != 0 {
		t.Error("the row on record was changed")
	}
}
