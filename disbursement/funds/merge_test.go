package funds_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/funds"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

func (o *office) allots() context.Context {
	return auth.WithActor(o.ctx, auth.Actor{Login: "zhou", Name: "周立", Rights: auth.Rights{auth.ReserveAllocate: true, auth.PolicyImport: true}})
}

// merger makes 麦川乡 part of 青禾镇.
func merger(number string) funds.MergeTownships {
	return funds.MergeTownships{Townships: []string{town}, Successor: otherTown, Effective: date("2026-10-01"), Number: number,
		Title: "关于撤并麦川乡的通知", IssuedOn: date("2026-09-25")}
}

// shares are the balances of the townships' reserves.
func (o *office) shares() map[string]money.Fen {
	o.t.Helper()
	accounts, err := ledger.Accounts(o.ctx, o.db.Pool())
	if err != nil {
		o.t.Fatal(err)
	}
	out := map[string]money.Fen{}
	for _, a := range accounts {
		if a.Place.Kind == ledger.Reserve {
			out[a.Place.Township] += a.Balance
		}
	}
	return out
}

func TestMergeTownships_reserve_and_cases_go_along(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "否") // 1,000 of 青禾镇; 800 of 麦川乡, 300 of them drawn
	c := funds.Case{Number: "麦川2026-1", Township: town, Person: 7, Reason: "火灾", Amount: yuan(100), ReportedAt: o.clock.Now(), DrawnBy: "du"}
	o.kept(c)
	moved, err := o.funds.MergeTownships(o.allots(), merger("县政〔2026〕30号"))
	if err != nil || moved.Amount != yuan(500) || moved.Lines != 1 {
		t.Fatalf("%+v, %v", moved, explain(err))
	}
	if diff := cmp.Diff(map[string]money.Fen{town: 0, otherTown: yuan(1500)}, o.shares()); diff != "" {
		t.Error(diff)
	}
	y := o.year()
	by := map[string]funds.TownshipReserve{}
	for _, r := range y.Townships {
		by[r.Township] = r
	}
	gone, now := by[town], by[otherTown]
	if gone.Allotted != yuan(300) || gone.Used != yuan(300) || gone.Balance != 0 || gone.Left != 0 || gone.Cases != 0 || gone.MergedInto != otherTown {
		t.Errorf("%+v", gone)
	}
	if now.Allotted != yuan(1500) || now.Used != 0 || now.Balance != yuan(1500) || now.Cases != 1 || now.MergedInto != "" || y.Total.Allotted != yuan(1800) {
		t.Errorf("%+v of %+v", now, y.Total)
	}
	// whoever asks for the old township draws on the new one, and asks for the same case again in vain
	c.Number, c.Amount = "麦川2026-2", yuan(900)
	if got := o.kept(c); got.Township != otherTown {
		t.Errorf("drawn on %s", got.Township)
	}
	c.Number, c.Amount = "麦川2026-1", yuan(100)
	if got := o.kept(c); got.Township != town {
		t.Errorf("%+v", got)
	}
}

// kept is a case on record.
func (o *office) kept(c funds.Case) funds.Case {
	o.t.Helper()
	done, err := o.record(c)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return done
}

func TestMergeTownships_again_and_what_comes_free_later(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "否")
	first, err := o.funds.MergeTownships(o.allots(), merger("县政〔2026〕30号"))
	if err != nil {
		t.Fatal(explain(err))
	}
	again, err := o.funds.MergeTownships(o.allots(), merger("县政〔2026〕30号"))
	if err != nil || !again.Replay || again.Journal != first.Journal || again.Amount != first.Amount {
		t.Errorf("%+v, %v", again, explain(err))
	}
	other := merger("县政〔2026〕30号")
	other.Townships = []string{town, "991301300000"}
	wrong := merger("县政〔2026〕30号")
	wrong.Effective = date("2026-09-30")
	into := merger("县政〔2026〕31号")
	into.Successor = "991301300000"
	o.population("991301300000,柳溪镇,500,2025-12-31,统计")
	for name, tt := range map[string]struct {
		cmd  funds.MergeTownships
		code string
	}{
		"other townships under the same number": {other, "FUNDS_NUMBER_USED"},
		"another day under the same number":     {wrong, "FUNDS_NUMBER_USED"},
		"another successor":                     {into, "AREA_MERGED"},
	} {
		if _, err := o.funds.MergeTownships(o.allots(), tt.cmd); errs.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	// a drawn leg comes back to the township that is no more: another document moves it
	o.giveBack(yuan(300))
	if diff := cmp.Diff(map[string]money.Fen{town: yuan(300), otherTown: yuan(1500)}, o.shares()); diff != "" {
		t.Error(diff)
	}
	later, err := o.funds.MergeTownships(o.allots(), merger("县政〔2026〕40号"))
	if err != nil || later.Replay || later.Amount != yuan(300) {
		t.Errorf("%+v, %v", later, explain(err))
	}
	if diff := cmp.Diff(map[string]money.Fen{town: 0, otherTown: yuan(1800)}, o.shares()); diff != "" {
		t.Error(diff)
	}
	if again, err := o.funds.MergeTownships(o.allots(), merger("县政〔2026〕40号")); err != nil || !again.Replay || again.Amount != yuan(300) {
		t.Errorf("%+v, %v", again, explain(err))
	}
}

// giveBack returns what twoReserves drew.
func (o *office) giveBack(amount money.Fen) {
	o.t.Helper()
	held, err := ledger.HoldingsOfLines(o.ctx, o.db.Pool(), []int64{1})
	if err != nil || len(held) != 1 || held[0].Amount != amount {
		o.t.Fatalf("%+v, %v", held, err)
	}
	if _, err := o.ledger.Post(o.ctx, ledger.Command{Key: "back", Kind: "batch.cancel", Actor: "li", Cause: "batch:1", BusinessDate: date("2026-10-08"),
		Steps: []ledger.Step{ledger.GiveBack{Holdings: []ledger.HoldingID{held[0].ID}, From: ledger.Frozen}}}); err != nil {
		o.t.Fatal(err)
	}
}

func TestMergeTownships_refuses(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "否")
	cmd := func(change func(*funds.MergeTownships)) funds.MergeTownships {
		c := merger("县政〔2026〕30号")
		change(&c)
		return c
	}
	if _, err := o.funds.MergeTownships(o.ctx, merger("县政〔2026〕30号")); errs.CodeOf(err) != "AUTH_NO_ACTOR" {
		t.Errorf("nobody: %v", err)
	}
	for code, c := range map[string]funds.MergeTownships{
		"AREA_NOT_YET":   cmd(func(c *funds.MergeTownships) { c.Effective = date("2026-10-09") }),
		"AREA_UNKNOWN":   cmd(func(c *funds.MergeTownships) { c.Successor = "991301999000" }),
		"AREA_CIRCLE":    cmd(func(c *funds.MergeTownships) { c.Successor = town }),
		"VALID_PROBLEMS": cmd(func(c *funds.MergeTownships) { c.Townships = nil }),
	} {
		if _, err := o.funds.MergeTownships(o.allots(), c); errs.CodeOf(err) != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	o.clock.Set(date("2027-01-05"))
	if _, err := o.funds.MergeTownships(o.allots(), merger("县政〔2026〕30号")); errs.CodeOf(err) != "RESERVE_EARLIER_YEAR" {
		t.Error(err)
	}
	if all, err := areas.Changes(o.ctx, o.db.Pool()); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestAllocateReserves_counts_residents_of_merged_townships: the successor's own
// figure counts them from the merger on, before it they are added.
func TestAllocateReserves_counts_residents_of_merged_townships(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		extra []string
		want  int64
	}{
		"added to an older figure":     {nil, 1800},
		"counted in one after":         {[]string{otherTown + ",青禾镇,1790,2026-10-02,统计"}, 1790},
		"added to a newer one, before": {[]string{otherTown + ",青禾镇,1010,2026-06-30,统计"}, 1810},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.imports(row{level: "县", amount: "1000000.00"})
			o.reserveRule()
			o.population(append([]string{otherTown + ",青禾镇,1000,2025-12-31,统计", town + ",麦川乡,800,2025-12-31,统计"}, tt.extra...)...)
			if _, err := o.funds.MergeTownships(o.allots(), merger("县政〔2026〕30号")); err != nil {
				t.Fatal(explain(err))
			}
			if again, err := o.funds.MergeTownships(o.allots(), merger("县政〔2026〕30号")); err != nil || !again.Replay {
				t.Errorf("again: %+v, %v", again, explain(err))
			}
			cmd := allocation("县民〔2026〕2号")
			cmd.IssuedOn, cmd.PopulationOn = date("2026-10-08"), date("2026-10-08")
			done, err := o.funds.AllocateReserves(o.as("zhou"), cmd)
			if err != nil || len(done.Townships) != 1 || done.Townships[0].Township != otherTown || done.Townships[0].Residents != tt.want {
				t.Errorf("%+v, %v", done.Townships, explain(err))
			}
		})
	}
}

func TestAreaSums_of_a_prefecture(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{number: "县财预〔2026〕6号", level: "县", amount: "1000.00"}, row{level: "省", amount: "500.00"})
	sums := func(area string) funds.AreaSums {
		s, err := o.funds.AreaSums(o.ctx, o.db.Pool(), area, 0)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := sums(""); len(s.Counties) != 1 || s.Counties[0].Area != "" || s.Total.Fen[ledger.Available] != yuan(1500) {
		t.Errorf("no office on record: %+v", s)
	}
	if s := sums("9913"); len(s.Counties) != 0 || len(s.Total.Fen) != 0 {
		t.Errorf("whose money it is nobody knows: %+v", s)
	}
	path := filepath.Join(t.TempDir(), "offices.csv")
	text := "单位代码,单位名称,区划代码,生效日期,状态,文号\nQHMZ,青禾县民政局,991301000000,2020-01-01,,县编〔2020〕1号\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := areas.New(o.db, o.clock).ImportOffices(o.allots(), path); err != nil {
		t.Fatal(err)
	}
	o.spend(o.line("县财预〔2026〕6号"), yuan(200))
	s := sums("9913")
	if len(s.Counties) != 1 || s.Counties[0].Area != county || !slices.Equal(s.Counties[0].Offices, []string{"青禾县民政局"}) {
		t.Fatalf("%+v", s)
	}
	want := map[ledger.AccountKind]money.Fen{ledger.Appropriated: yuan(1500), ledger.Available: yuan(1300), ledger.Frozen: yuan(200)}
	if diff := cmp.Diff(want, s.Counties[0].Fen); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, s.Total.Fen); diff != "" {
		t.Error(diff)
	}
	if s := sums("9914"); len(s.Counties) != 0 {
		t.Errorf("another prefecture: %+v", s)
	}
}
