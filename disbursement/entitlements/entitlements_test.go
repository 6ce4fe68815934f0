package entitlements_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/pgtest"
	"fenlu/internal/vault"
)

const (
	exclusionHead   = "区划代码,执行日期,项目,分项,类别,互斥项目,互斥分项,互斥类别,外部信息,范围,处理,文号,条款,原文"
	entitlementHead = "事项,项目,姓名,证件号码,范围,日期,复核类别,有效期至,下次复核日期,渐退,依据文件"
	factHead        = "外部信息,姓名,证件号码,起始日期,终止日期,来源"
)

func number(n int) string {
	first := fmt.Sprintf("991301%d0101001", 1950+n)
	return first + string(ident.ResidentCheck(first))
}

func file(t *testing.T, head string, rows ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(path, []byte(head+"\n"+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func problems(t *testing.T, err error) []string {
	t.Helper()
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return nil
	}
	var codes []string
	for _, f := range e.Fields {
		codes = append(codes, f.Code)
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			if s := i18n.Field(lang, f); strings.Contains(s, "{") || !i18n.Has(f.Code) {
				t.Errorf("an argument or a text is missing: %s", s)
			}
		}
		if strings.Contains(f.Value, "99130119") {
			t.Errorf("a number is shown: %s", f.Value)
		}
	}
	slices.Sort(codes)
	return codes
}

func open(t *testing.T) (*pgtest.Env, *entitlements.Service) {
	t.Helper()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	keys, err := vault.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewManual(time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai))
	p := parties.New(d, keys, c, nil)
	people := file(t, "类型,户号,与户主关系,姓名,证件类型,证件号码,区划代码,地址类别", "个人,H1,户主,柳青,居民身份证,"+number(1)+",991301103002,农村",
		"个人,,,柳禾,居民身份证,"+number(2)+",991301103002,农村")
	if _, err := p.ImportPeople(t.Context(), people, "hexiao"); err != nil {
		t.Fatal(err, problems(t, err))
	}
	return env, entitlements.New(d, p, c)
}

func TestImports_the_same_again_changes_nothing(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	for what, do := range map[string]func(rows ...string) (entitlements.Report, error){
		"全国,2026-01-01,DB,,,TK,,,,个人,拦截,文,条,原文|,2026-01-01,DB,,农村*,,,,服刑,家庭,需说明,文,条,原文": func(rows ...string) (entitlements.Report, error) {
			return s.ImportExclusions(t.Context(), file(t, exclusionHead, rows...), "admin")
		},
		"批准,DB,柳青," + number(1) + ",家庭,2026-01-05,变化不大,,,,审批表|停发,DB,柳青," + number(1) + ",家庭,2026-09-05,,,,是,停发表": func(rows ...string) (entitlements.Report, error) {
			return s.Import(t.Context(), file(t, entitlementHead, rows...), "admin")
		},
		"服刑,柳青," + number(1) + ",2026-01-05,,监狱|车辆,无名," + number(9) + ",2026-01-05,2026-02-01,车管所": func(rows ...string) (entitlements.Report, error) {
			return s.ImportFacts(t.Context(), file(t, factHead, rows...), "admin")
		},
	} {
		rows := strings.Split(what, "|")
		if r, err := do(rows...); err != nil || r.New != 2 || r.Replay {
			t.Errorf("%s: %+v, %v %v", what, r, err, problems(t, err))
		}
		if r, err := do(rows...); err != nil || !r.Replay {
			t.Errorf("the same file: %+v, %v", r, err)
		}
		if r, err := do(rows[1], rows[0]); err != nil || r.New != 0 || r.Same != 2 {
			t.Errorf("the same rows: %+v, %v", r, err)
		}
	}
}

func TestImports_name_every_problem_and_store_nothing(t *testing.T) {
	t.Parallel()
	env, s := open(t)
	_, err := s.ImportExclusions(t.Context(), file(t, exclusionHead,
		"991301,2026-01-01,DB,,,TK,,,,个人,拦截,文,条,原文",
		"991301,2026-01-01,DB,,,TK,,,,个人,需说明,文,条,原文",
		"99xx,2026-01-01,DB,,,LS,,,,人人,罚款,文,条,原文",
		"991301,2026-01-01,DB,,,,,,,个人,拦截,文,条,原文",
		"991301,2026-01-01,DB,,,TK,,,服刑,个人,拦截,文,条,原文",
		"991301,2026-01-01,QQ,,,,,,养猫,个人,拦截,文,条,原文"), "admin")
	want := []string{"ENTITLE_OTHER", "ENTITLE_OTHER", "ENTITLE_PROGRAM", "ENTITLE_TWICE", "PARTIES_WORD", "PARTIES_WORD", "PARTIES_WORD", "RULE_AREA"}
	if got := problems(t, err); !slices.Equal(got, want) {
		t.Errorf("exclusions: %v, %v", got, err)
	}
	_, err = s.Import(t.Context(), file(t, entitlementHead,
		"批准,DB,柳青,"+number(1)+",个人,2026-01-05,,,,,表",
		"批准,DB,柳石,"+number(2)+",家庭,2026-01-05,变化不大,2026-01-01,2025-12-01,也许,表",
		"高兴,QQ,柳青,"+number(1)+",个人,2026-02-05,变化不大,,,,表",
		"批准,DB,无名,"+number(9)+",个人,2026-01-05,变化不大,,,,表",
		"停发,DB,柳青,"+number(1)+",个人,2026-03-05,,,,,表",
		"停发,DB,柳青,"+number(1)+",个人,2026-03-05,,,,,另一表"), "admin")
	want = []string{"ENTITLE_FACT_TWICE", "ENTITLE_PROGRAM", "PARTIES_RELATION_DATES", "PARTIES_RELATION_DATES", "PARTIES_ROW_NAME", "PARTIES_ROW_PERSON",
		"PARTIES_WORD", "PARTIES_WORD", "PARTIES_WORD"}
	if got := problems(t, err); !slices.Equal(got, want) {
		t.Errorf("entitlements: %v, %v", got, err)
	}
	_, err = s.ImportFacts(t.Context(), file(t, factHead, "养猫,柳青,"+number(1)+",2026-01-05,2026-01-01,监狱",
		"服刑,柳青,"+number(1)+",2026-01-05,,监狱", "服刑,柳青,"+number(1)+",2026-01-05,2026-02-01,监狱"), "admin")
	if got := problems(t, err); !slices.Equal(got, []string{"ENTITLE_FACT_TWICE", "PARTIES_RELATION_DATES", "PARTIES_WORD"}) {
		t.Errorf("facts: %v, %v", got, err)
	}
	var stored int
	err = env.Owner(t).QueryRow(t.Context(), `SELECT (SELECT count(*) FROM exclusion) + (SELECT count(*) FROM entitlement_event) + (SELECT count(*) FROM outside_fact)`).Scan(&stored)
	if err != nil || stored != 0 {
		t.Errorf("%d rows stored, %v", stored, err)
	}
}

func TestImports_refuse_what_the_record_says_otherwise(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	matrix := func(effect string) error {
		_, err := s.ImportExclusions(t.Context(), file(t, exclusionHead, "991301,2026-01-01,DB,,,TK,,,,个人,"+effect+",文,条,原文"), "admin")
		return err
	}
	decided := func(until string) error {
		_, err := s.Import(t.Context(), file(t, entitlementHead, "批准,DB,柳青,"+number(1)+",个人,2026-01-05,变化不大,"+until+",,,表"), "admin")
		return err
	}
	if err := errors.Join(matrix("拦截"), decided("2026-12-31")); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{matrix("提示"), decided("2027-12-31")} {
		if got := problems(t, err); !slices.Equal(got, []string{"ENTITLE_DIFFERS"}) {
			t.Errorf("%v, %v", got, err)
		}
	}
}

func TestVerify_names_the_row_that_was_altered(t *testing.T) {
	t.Parallel()
	env, s := open(t)
	if _, err := s.ImportExclusions(t.Context(), file(t, exclusionHead, "991301,2026-01-01,DB,,,TK,,,,个人,拦截,文,条,原文"), "admin"); err != nil {
		t.Fatal(err)
	}
	owner := env.Owner(t)
	if found, err := entitlements.Verify(t.Context(), owner); err != nil || len(found) != 0 {
		t.Fatalf("before: %+v, %v", found, err)
	}
	for name, sql := range map[string]string{
		"effect":  `UPDATE exclusion SET effect = 'note'`,
		"date":    `UPDATE exclusion SET valid_from = '2030-01-01'`,
		"class":   `UPDATE exclusion SET other_class = ''`,
		"deleted": `DELETE FROM exclusion`,
	} {
		tx, err := owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(name, err)
		}
		if found, err := entitlements.Verify(t.Context(), tx); err != nil || len(found) != 1 || found[0].Check != "exclusion_leaf" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
