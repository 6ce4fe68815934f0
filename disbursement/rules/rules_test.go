package rules_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/pgtest"
)

const head = "参数,区划代码,执行日期,数值,关系,文号,条款,原文"

func file(t *testing.T, rows ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.csv")
	if err := os.WriteFile(path, []byte(head+"\n"+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func on(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestFind_takes_the_smallest_area_and_the_newest_row(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	s := rules.New(d, clock.System{})
	r, err := s.Import(t.Context(), file(t,
		"公示天数,,2020-01-01,5,,民发〔2020〕1号,一,不少于五日",
		"公示天数,9913,2024-01-01,6,不低于,市民〔2024〕1号,二,不少于六日",
		"days of publication,991301,2026-01-01,7,≥,县民发〔2026〕9号,四,不少于七日",
		"publication.days,991301,2026-07-01,１０,>=,县民发〔2026〕20号,一,不少于十日"), "admin")
	if err != nil || r.New != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, tt := range []struct{ area, on, want string }{
		{"991301100000", "2026-10-09", "10"},
		{"991301100000", "2026-06-30", "7"},
		{"991301100000", "2025-12-31", "6"},
		{"991302000000", "2026-10-09", "6"},
		{"990000000000", "2026-10-09", "5"},
		{"991301100000", "2019-12-31", "RULE_NONE"},
	} {
		f, err := rules.Find(t.Context(), d.Pool(), rules.PublicationDays, tt.area, on(tt.on))
		got := f.Value
		if err != nil {
			got = errs.CodeOf(err)
		}
		if got != tt.want {
			t.Errorf("%s on %s: %s, want %s", tt.area, tt.on, got, tt.want)
		}
	}
	f, err := rules.Find(t.Context(), d.Pool(), rules.PublicationDays, "991301000000", on("2026-10-09"))
	if n, errWhole := f.Whole(); err != nil || errWhole != nil || n != 10 || f.Operator != rules.AtLeast || f.Document != "县民发〔2026〕20号" || f.Quote != "不少于十日" {
		t.Errorf("%+v, %v, %v", f, err, errWhole)
	}
}

func TestImport_the_same_again_changes_nothing_and_another_value_is_refused(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	s := rules.New(d, clock.System{})
	row := "公示天数,991301,2026-01-01,7,≥,县民发〔2026〕9号,四,不少于七日"
	path := file(t, row)
	for i, want := range []bool{false, true} {
		if r, err := s.Import(t.Context(), path, "admin"); err != nil || r.Replay != want {
			t.Errorf("time %d: %+v, %v", i+1, r, err)
		}
	}
	r, err := s.Import(t.Context(), file(t, row, "每月发放截止日,991301,2026-01-01,10,≤,县财社〔2026〕8号,五,10日前"), "admin")
	if err != nil || r.New != 1 || r.Same != 1 {
		t.Errorf("one known row, one new: %+v, %v", r, err)
	}
	_, err = s.Import(t.Context(), file(t, strings.Replace(row, ",7,", ",9,", 1)), "admin")
	if codes := problems(err); !slices.Equal(codes, []string{"RULE_DIFFERS"}) {
		t.Errorf("another value for the same day: %v, %v", codes, err)
	}
}

func TestImport_names_every_problem_and_stores_nothing(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	s := rules.New(d, clock.System{})
	good := "公示天数,991301,2026-01-01,7,≥,县民发〔2026〕9号,四,不少于七日"
	_, err := s.Import(t.Context(), file(t, good, good,
		"公示多久,991301,2026-01-01,7,,文,条,原文",
		"公示天数,991301,2026-02-01,七,,文,条,原文",
		"公示天数,991301,2026-03-01,07,,文,条,原文",
		"公示天数,991301,2026-04-01,91,,文,条,原文",
		"每月发放截止日,991301,2026-01-01,31,,文,条,原文",
		"公示天数,99xx,2026-05-01,7,,文,条,原文",
		"公示天数,991301,2026-06-01,7,<>,文,条,原文",
		"公示天数,991301,2026-08-01,7,,文,条,身份证991301194912310022"), "admin")
	want := []string{"RULE_AREA", "RULE_NAME", "RULE_OPERATOR", "RULE_TWICE", "RULE_VALUE_DAY", "RULE_VALUE_DAYS", "RULE_VALUE_DAYS", "RULE_VALUE_DAYS", "VALID_NO_PERSONAL_NUMBER"}
	codes := problems(err)
	slices.Sort(codes)
	if !slices.Equal(codes, want) {
		t.Errorf("problems %v, want %v (%v)", codes, want, err)
	}
	if stored, err := rules.List(t.Context(), d.Pool(), ""); err != nil || len(stored) != 0 {
		t.Errorf("%d rows stored, %v", len(stored), err)
	}
}

func problems(err error) []string {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return nil
	}
	var codes []string
	for _, f := range e.Fields {
		codes = append(codes, f.Code)
	}
	return codes
}

func TestImport_at_the_same_time(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	s := rules.New(d, clock.System{})
	var wg sync.WaitGroup
	for _, extra := range []string{"2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"} {
		path := file(t, "公示天数,991301,2026-01-01,7,≥,县民发〔2026〕9号,四,不少于七日", "公示天数,991301,"+extra+",8,≥,县民发〔2026〕9号,四,不少于八日")
		wg.Go(func() {
			if _, err := s.Import(t.Context(), path, "admin"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if stored, err := rules.List(t.Context(), d.Pool(), rules.PublicationDays); err != nil || len(stored) != 5 {
		t.Errorf("%d rows, %v", len(stored), err)
	}
}

func TestEvery_figure_and_unit_has_its_words(t *testing.T) {
	t.Parallel()
	for _, n := range rules.Names() {
		d, _ := rules.DefinitionOf(n)
		for _, code := range []string{"rule." + string(n), "rule.unit." + string(d.Unit), "RULE_VALUE_" + strings.ToUpper(string(d.Unit))} {
			if !i18n.Has(code) {
				t.Errorf("%s: no text %s", n, code)
			}
		}
	}
}

func TestVerify_names_the_figure_that_was_altered(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	if _, err := rules.New(d, clock.System{}).Import(t.Context(), file(t, "公示天数,991301,2026-01-01,7,≥,县民发〔2026〕9号,四,不少于七日"), "admin"); err != nil {
		t.Fatal(err)
	}
	if found, err := rules.Verify(t.Context(), d.Pool()); err != nil || len(found) != 0 {
		t.Fatalf("before: %+v, %v", found, err)
	}
	owner := env.Owner(t)
	for name, sql := range map[string]string{
		"value":   `UPDATE rule_figure SET value = '1'`,
		"date":    `UPDATE rule_figure SET valid_from = '2020-01-01'`,
		"quote":   `UPDATE rule_figure SET quote = ''`,
		"deleted": `DELETE FROM rule_figure`,
	} {
		tx, err := owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(name, err)
		}
		if found, err := rules.Verify(t.Context(), tx); err != nil || len(found) != 1 || found[0].Check != "rule_leaf" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
