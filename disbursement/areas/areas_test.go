package areas_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/internal/check"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
)

const (
	changes = "区划代码,变更,名称,并入区划,生效日期,文号"
	offices = "单位代码,单位名称,区划代码,生效日期,状态,文号"
)

type place struct {
	*areas.Service
	env *pgtest.Env
	db  *db.DB
	ctx context.Context //nolint:containedctx // a test's own
}

func setup(t *testing.T) place {
	t.Helper()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	return place{areas.New(d, clock.System{}), env, d,
		auth.WithActor(t.Context(), auth.Actor{Login: "admin", Name: "管理员", Rights: auth.Rights{auth.PolicyImport: true}})}
}

func file(t *testing.T, head string, rows ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.csv")
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

func TestMap_follows_mergers_as_of_a_day(t *testing.T) {
	t.Parallel()
	p := setup(t)
	r, err := p.Import(p.ctx, file(t, changes,
		"991301101201,并入,,991301102201,2026-03-01,县政〔2026〕1号",
		"991301102201,merged,,991301103201,2026-06-01,县政〔2026〕2号",
		"991301101201,设立,新村,,2026-09-01,县政〔2026〕3号",
		"991390100000,set up,台商投资区,,2026-01-01,市政〔2026〕1号"))
	if err != nil || r.New != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, tt := range []struct{ day, want, since string }{
		{"2026-02-28", "991301101201", "0001-01-01"}, {"2026-03-01", "991301102201", "2026-03-01"},
		{"2026-06-01", "991301103201", "2026-06-01"}, {"2026-09-01", "991301101201", "0001-01-01"},
	} {
		m, err := areas.MapOn(t.Context(), p.db.Pool(), on(tt.day))
		if got := m.Of("991301101201"); err != nil || got != tt.want || m.Since("991301101201").Format(time.DateOnly) != tt.since {
			t.Errorf("%s: %s since %s, %v", tt.day, got, m.Since("991301101201"), err)
		}
	}
	m, err := areas.MapOn(t.Context(), p.db.Pool(), on("2026-07-01"))
	if diff := cmp.Diff([]string{"991301101201", "991301102201", "991301103201"}, m.From("991301103201")); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if again, err := p.Import(p.ctx, file(t, changes, "991390100000,设立,台商投资区,,2026-01-01,市政〔2026〕1号")); err != nil || again.Same != 1 || again.New != 0 {
		t.Errorf("the same row again: %+v, %v", again, err)
	}
}

func TestImport_refuses_the_file_whole(t *testing.T) {
	t.Parallel()
	p := setup(t)
	if _, err := p.Import(t.Context(), file(t, changes, "991301101201,撤销,,,2026-03-01,文")); errs.CodeOf(err) != "AUTH_NO_ACTOR" {
		t.Errorf("nobody: %v", err)
	}
	if _, err := p.Import(p.ctx, file(t, changes, "991301101201,撤销,,,2026-03-01,县政〔2026〕1号", "991301105201,并入,,991301106201,2026-03-01,县政〔2026〕1号")); err != nil {
		t.Fatal(err)
	}
	_, err := p.Import(p.ctx, file(t, changes,
		"991301101201,并入,,991301102201,2026-03-01,县政〔2026〕1号", // another change that day
		"991301102201,改名,新村,,2026-03-01,文",                    // no such kind
		"991301102201,更名,,,2026-03-01,文",                      // no name
		"991301103201,设立,新村,991301102201,2026-03-01,文",        // a successor
		"991301104000,并入,,991301102000,2026-03-01,文",          // a township
		"991301104201,并入,,991301102000,2026-03-01,文",          // another level
		"991301106201,并入,,991301105201,2026-04-01,文",          // a circle
		"991301105201,并入,,991301107201,2026-04-01,文",          // part of another already
		"9913,撤销,,,2026-03-01,文"))
	var e *errs.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Code)
	}
	want := []string{"AREA_DIFFERS", "AREA_KIND", "AREA_NAME", "AREA_NO_SUCCESSOR", "AREA_MERGE_TOWNSHIP", "AREA_LEVEL", "AREA_CIRCLE", "AREA_MERGED", "AREA_CODE_FORMAT"}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if all, err := areas.Changes(t.Context(), p.db.Pool()); err != nil || len(all) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestOffices_as_of_a_day(t *testing.T) {
	t.Parallel()
	p := setup(t)
	r, err := p.ImportOffices(p.ctx, file(t, offices,
		"QHMZ,青禾县民政局,991301000000,2020-01-01,,县编〔2020〕1号",
		"QHMZ,青禾县民政和社会事务局,991301000000,2026-05-01,启用,县编〔2026〕1号",
		"LXMZ,柳溪县民政局,991302000000,2020-01-01,,县编〔2020〕2号",
		"LXMZ,柳溪县民政局,991302000000,2026-06-01,停用,县编〔2026〕2号"))
	if err != nil || r.New != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	for day, want := range map[string]string{"2026-04-30": "柳溪县民政局,青禾县民政局", "2026-05-31": "柳溪县民政局,青禾县民政和社会事务局", "2026-06-01": "青禾县民政和社会事务局", "2019-12-31": ""} {
		found, err := areas.Offices(t.Context(), p.db.Pool(), on(day))
		var names []string
		for _, o := range found {
			names = append(names, o.Name)
		}
		if err != nil || strings.Join(names, ",") != want {
			t.Errorf("%s: %v, %v", day, names, err)
		}
	}
	_, err = p.ImportOffices(p.ctx, file(t, offices, "QHMZ,别的局,991301000000,2020-01-01,,县编〔2020〕1号", "民政局,民政局,991301000000,2020-01-01,,文", "XXMZ,某局,9913,2020-01-01,半开,文"))
	for _, code := range []string{"OFFICE_DIFFERS", "VALID_OFFICECODE", "AREA_CODE_FORMAT", "OFFICE_STATE"} {
		if !slices.ContainsFunc(fields(err), func(f errs.Field) bool { return f.Code == code }) {
			t.Errorf("no %s in %+v", code, fields(err))
		}
	}
}

func fields(err error) []errs.Field {
	var e *errs.Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}

func TestMergeTx_once_and_never_in_a_circle(t *testing.T) {
	t.Parallel()
	p := setup(t)
	merge := func(code, into string) error {
		return p.db.Run(t.Context(), func(tx pgx.Tx) error {
			return areas.MergeTx(t.Context(), tx, areas.Change{Code: code, Successor: into, From: on("2026-03-01"), Document: "县政〔2026〕1号", By: "admin", At: on("2026-03-01")})
		})
	}
	for _, tt := range []struct{ code, into, want string }{
		{"991301101000", "991301102000", ""}, {"991301101000", "991301102000", ""}, {"991301102000", "991301103000", ""},
		{"991301101000", "991301104000", "AREA_MERGED"}, {"991301103000", "991301101000", "AREA_CIRCLE"},
		{"991301105000", "991301105000", "AREA_CIRCLE"}, {"991301105000", "991301000000", "AREA_LEVEL"},
	} {
		if err := merge(tt.code, tt.into); errs.CodeOf(err) != tt.want && (err != nil || tt.want != "") {
			t.Errorf("%s into %s: %v, want %s", tt.code, tt.into, err, tt.want)
		}
	}
	if all, err := areas.Changes(t.Context(), p.db.Pool()); err != nil || len(all) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestVerify_names_the_row_that_was_touched(t *testing.T) {
	t.Parallel()
	p := setup(t)
	if _, err := p.Import(p.ctx, file(t, changes, "991301101201,撤销,,,2026-03-01,县政〔2026〕1号")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.ImportOffices(p.ctx, file(t, offices, "QHMZ,青禾县民政局,991301000000,2020-01-01,,县编〔2020〕1号")); err != nil {
		t.Fatal(err)
	}
	if found, err := check.All(t.Context(), p.db.Pool(), areas.Checks()); err != nil || len(found) != 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	for sql, want := range map[string]string{
		`UPDATE area_change SET document = '别的文'`:      "area_leaf",
		`UPDATE office SET area_code = '991302000000'`: "office_leaf",
	} {
		if _, err := p.env.Owner(t).Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		found, err := check.All(t.Context(), p.db.Pool(), areas.Checks())
		if err != nil || !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == want }) {
			t.Errorf("%s: %+v, %v", sql, found, err)
		}
	}
}
