package carveout

import (
	"errors"
	"strings"
	"testing"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const (
	relief = "困难群众救助补助资金"
	work   = "社会救助工作经费"
)

func rate(t *testing.T, s string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func yuan(n int64) money.Fen { return money.Fen(100 * n) }

// year is the common input: 5% of both funds, at most 3% of the relief fund.
func year(t *testing.T, free Stage, sources ...Source) Input {
	return Input{
		Year: 2026, Fund: relief, Payers: []string{work}, Base: []string{relief, work}, Decision: "口径决定 2026-02-11",
		Sources: sources, Free: free,
		Floor: Rule{rate(t, "5%"), "县民发〔2025〕18号"}, Cap: Rule{rate(t, "3%"), "县民发〔2025〕18号"},
	}
}

func compute(t *testing.T, in Input) Result {
	t.Helper()
	r, err := Compute(in)
	if err != nil {
		t.Fatal(err)
	}
	readable(t, r)
	return r
}

// readable checks that every line and the reason read well in both languages.
func readable(t *testing.T, r Result) {
	t.Helper()
	for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
		texts := []string{r.Reason(lang), i18n.Term(lang, "carveout.state", string(r.State))}
		for i, l := range r.Lines {
			texts = append(texts, l.Text(lang))
			if l.No != i+1 {
				t.Errorf("line %d has number %d", i+1, l.No)
			}
		}
		for _, text := range texts {
			if strings.ContainsAny(text, "{}_") || strings.HasPrefix(text, "carveout.") {
				t.Errorf("reads %q", text)
			}
		}
	}
}

// line is the amount of the only line with a label.
func line(t *testing.T, r Result, label string) Line {
	t.Helper()
	for _, l := range r.Lines {
		if l.Code == "carveout.line."+label {
			return l
		}
	}
	t.Fatalf("no line %s", label)
	return Line{}
}

func TestGoldenInfeasible(t *testing.T) {
	t.Parallel()
	r := compute(t, year(t, Stage{yuan(100_000_000), yuan(2_000_000)},
		Source{relief, "省", "财社〔2026〕12号", yuan(100_000_000), false, false, false},
		Source{work, "县", "县财预〔2026〕7号", yuan(2_000_000), false, false, false}))
	got := []money.Fen{r.Base, r.Floor, r.Cap, r.FromOthers, r.Usable, r.Missing}
	want := []money.Fen{yuan(102_000_000), yuan(5_100_000), yuan(3_000_000), yuan(2_100_000), yuan(5_000_000), yuan(100_000)}
	if diff := cmp.Diff(want, got); diff != "" || r.State != Infeasible {
		t.Errorf("state %s: %s", r.State, diff)
	}
	if reason := r.Reason(i18n.ZH); !strings.Contains(reason, "100,000.00") {
		t.Errorf("the reason does not say by how much: %s", reason)
	}
}

func TestGoldenInfeasible_with_central_money_barred(t *testing.T) {
	t.Parallel()
	r := compute(t, year(t, Stage{yuan(2_000_000), yuan(2_000_000)},
		Source{relief, "中央", "财社〔2026〕12号", yuan(98_000_000), true, false, false},
		Source{relief, "省", "省财社〔2026〕3号", yuan(2_000_000), false, false, false},
		Source{work, "县", "县财预〔2026〕7号", yuan(2_000_000), false, false, false}))
	got := []money.Fen{r.Floor, r.Cap, r.UsableFund, r.Usable, r.Missing}
	want := []money.Fen{yuan(5_100_000), yuan(3_000_000), yuan(2_000_000), yuan(4_000_000), yuan(1_100_000)}
	if diff := cmp.Diff(want, got); diff != "" || r.State != Infeasible {
		t.Errorf("state %s: %s", r.State, diff)
	}
	if l := line(t, r, "open"); l.Amount != yuan(2_000_000) || l.Source != "财社〔2026〕12号" {
		t.Errorf("the line of what is open: %+v", l)
	}
}

// county is the county of the drawn pages on 8 October 2026.
func county(t *testing.T) Input {
	in := year(t, Stage{yuan(1_124_000), yuan(1_048_000)},
		Source{relief, "中央", "财社〔2026〕12号", yuan(34_860_000), true, false, false},
		Source{relief, "省", "省财社〔2026〕3号", yuan(11_480_000), false, false, false},
		Source{relief, "市", "市财社〔2026〕9号", yuan(4_200_000), false, false, false},
		Source{relief, "县", "县财预〔2026〕6号", yuan(10_860_000), false, false, false},
		Source{work, "县", "县财预〔2026〕7号", yuan(1_800_000), false, false, false})
	in.Planned = Stage{yuan(1_700_000), yuan(1_600_000)}
	in.Contracted = Stage{yuan(1_520_000), yuan(1_320_000)}
	in.Accepted = Stage{yuan(1_260_000), yuan(890_000)}
	in.Paid = Stage{yuan(1_124_000), yuan(752_000)}
	return in
}

func TestCountyInProgress(t *testing.T) {
	t.Parallel()
	r := compute(t, county(t))
	want := map[string]money.Fen{
		"fund": yuan(61_400_000), "base": yuan(63_200_000), "floor": yuan(3_160_000), "cap": yuan(1_842_000),
		"slack": yuan(482_000), "paid": yuan(1_876_000), "paid_fund": yuan(1_124_000), "paid_others": yuan(752_000),
		"to_floor": yuan(1_284_000), "cap_slack": yuan(718_000), "still_others": yuan(566_000),
	}
	for label, amount := range want {
		if got := line(t, r, label).Amount; got != amount {
			t.Errorf("%s is %s, want %s", label, got.Grouped(), amount.Grouped())
		}
	}
	if r.State != InProgress || r.Missing != 0 || r.Slack != yuan(482_000) {
		t.Errorf("state %s, missing %s", r.State, r.Missing)
	}
	// The fund may still promise what the cap leaves beside the contracts;
	// the others what they have beside theirs.
	if diff := cmp.Diff(Stage{yuan(322_000), yuan(480_000)}, r.Room); diff != "" {
		t.Errorf("room: %s", diff)
	}
	if l := line(t, r, "base"); l.Source != "口径决定 2026-02-11" {
		t.Errorf("the base does not name its decision: %+v", l)
	}
}

// TestCountyTrial is the same page's trial: 2,000,000 more in the fund.
func TestCountyTrial(t *testing.T) {
	t.Parallel()
	in := county(t)
	in.Sources = append(in.Sources, Source{relief, "省", "追加", yuan(2_000_000), false, false, false})
	r := compute(t, in)
	got := []money.Fen{r.Base, r.Floor, r.Cap, r.ToFloor, r.Slack}
	want := []money.Fen{yuan(65_200_000), yuan(3_260_000), yuan(1_902_000), yuan(1_384_000), yuan(442_000)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		change  func(*Input)
		state   State
		missing money.Fen
	}{
		{"reached to the fen", func(in *Input) { in.Paid.Others = yuan(2_036_000) }, Reached, 0},
		{"a fen short", func(in *Input) { in.Paid.Others = yuan(2_036_000) - 1 }, InProgress, 0},
		{"contracts over the cap", func(in *Input) { in.Contracted.Fund = yuan(1_842_000) + 1 }, OverCap, 0},
		{"contracts at the cap", func(in *Input) { in.Contracted.Fund = yuan(1_842_000) }, InProgress, 0},
		{"a plan over the cap binds nobody", func(in *Input) { in.Planned.Fund = yuan(5_000_000) }, InProgress, 0},
		{"over the cap though the floor is reached", func(in *Input) { in.Paid.Fund = yuan(4_000_000) }, OverCap, 0},
		{"a cut brings the cap under what is paid", func(in *Input) {
			in.Sources = append(in.Sources, Source{relief, "县", "调减", -yuan(30_000_000), false, false, false})
		}, OverCap, 0},
		{"the money that may be used went to benefits", func(in *Input) { in.Free = Stage{yuan(300_000), yuan(900_000)} }, Unreachable, yuan(84_000)},
		{"what is left is just enough", func(in *Input) { in.Free = Stage{yuan(300_000), yuan(984_000)} }, InProgress, 0},
		{"the cap leaves less of what is free", func(in *Input) { in.Free = Stage{yuan(9_000_000), yuan(500_000)} }, Unreachable, yuan(66_000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := county(t)
			c.change(&in)
			r := compute(t, in)
			if r.State != c.state || r.Missing != c.missing {
				t.Errorf("%s, missing %s; want %s, %s", r.State, r.Missing, c.state, c.missing)
			}
		})
	}
}

func TestCompute_rounds_the_floor_up_and_the_cap_down(t *testing.T) {
	t.Parallel()
	r := compute(t, year(t, Stage{}, Source{relief, "县", "a", 101, false, false, false}, Source{work, "县", "b", 20, false, false, false}))
	if r.Floor != 7 || r.Cap != 3 { // 6.05 and 3.03 fen
		t.Errorf("floor %d, cap %d", r.Floor, r.Cap)
	}
}

func TestCompute_other_base(t *testing.T) {
	t.Parallel()
	in := county(t)
	in.Base = []string{work}
	r := compute(t, in)
	if r.Base != yuan(1_800_000) || r.Floor != yuan(90_000) || line(t, r, "base_others").Amount != r.Base || r.State != Reached {
		t.Errorf("base %s, floor %s, %s", r.Base, r.Floor, r.State)
	}
}

func TestCompute_names_every_problem(t *testing.T) {
	t.Parallel()
	in := county(t)
	in.Payers = []string{relief}
	in.Base = nil
	in.Floor.Rate = money.Rate{}
	in.Cap.Rate = rate(t, "101%")
	in.Paid.Others = -1
	_, err := Compute(in)
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid {
		t.Fatalf("error is %v", err)
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Column+" "+f.Code)
		if text := i18n.Field(i18n.ZH, f); !i18n.Has(f.Code) || strings.Contains(text, "{") {
			t.Errorf("%s reads %q", f.Code, text)
		}
	}
	want := []string{"fund CARVEOUT_FUND", "base CARVEOUT_BASE", "floor CARVEOUT_RATE", "cap CARVEOUT_RATE", "paid CARVEOUT_AMOUNT"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	in = county(t)
	in.Sources = append(in.Sources, Source{work, "县", "x", money.Max, false, false, false})
	if _, err := Compute(in); errs.CodeOf(err) != "MONEY_OVERFLOW" {
		t.Errorf("a year past 64 bits: %v", err)
	}
}

// TestCompute_is_consistent: whatever the figures, the state follows from the
// rules and its missing amount is exactly what it takes to change it.
func TestCompute_is_consistent(t *testing.T) {
	t.Parallel()
	base := county(t)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) money.Fen { return money.Fen(rapid.Int64Range(0, 1_000_000).Draw(t, name)) }
		in := base
		in.Sources = []Source{
			{relief, "中央", "a", draw("central") * 20, true, false, false}, {relief, "省", "b", draw("province"), false, false, false}, {work, "县", "c", draw("work"), false, false, false},
		}
		in.Free = Stage{draw("free of the fund"), draw("free of others")}
		in.Planned, in.Accepted = Stage{}, Stage{}
		in.Contracted = Stage{draw("contracted") / 10, 0}
		in.Paid = Stage{draw("paid from the fund") / 10, draw("paid from others") / 10}
		r, err := Compute(in)
		if err != nil {
			t.Fatal(err)
		}
		paid := in.Paid.Fund + in.Paid.Others
		if (r.State == Reached) != (paid >= r.Floor && r.Over == 0) || (r.State == OverCap) != (r.Over > 0) {
			t.Fatalf("%s with %s of %s paid, over by %s", r.State, paid, r.Floor, r.Over)
		}
		if (r.Missing > 0) != (r.State == Infeasible || r.State == Unreachable) {
			t.Fatalf("%s, missing %s", r.State, r.Missing)
		}
		if r.Room.Fund > 0 && max(in.Contracted.Fund, in.Paid.Fund)+r.Room.Fund > r.Cap {
			t.Fatalf("room of %s would break the cap %s", r.Room.Fund, r.Cap)
		}
		if r.State != Unreachable {
			return
		}
		in.Free.Others += r.Missing
		if again, err := Compute(in); err != nil || again.State != InProgress {
			t.Fatalf("with the missing %s it is %s, %v", r.Missing, again.State, err)
		}
		in.Free.Others--
		if again, err := Compute(in); err != nil || again.State != Unreachable || again.Missing != 1 {
			t.Fatalf("a fen less and it is %s, %v", again.State, err)
		}
	})
}

func TestReserve(t *testing.T) {
	t.Parallel()
	if got, err := Reserve(14280, 100); err != nil || got.String() != "14280.00" {
		t.Errorf("14,280 residents: %s, %v", got, err)
	}
	if got, err := Reserve(0, 100); err != nil || got != 0 {
		t.Errorf("nobody: %s, %v", got, err)
	}
	for _, c := range []struct {
		residents int64
		rate      money.Fen
		code      string
	}{{-1, 100, "RESERVE_FIGURES"}, {5, 0, "RESERVE_FIGURES"}, {2, money.Max, "MONEY_OVERFLOW"}} {
		_, err := Reserve(c.residents, c.rate)
		if errs.CodeOf(err) != c.code || !i18n.Has(c.code) || strings.Contains(i18n.Error(i18n.ZH, err), "{") {
			t.Errorf("%d × %s: %v", c.residents, c.rate, err)
		}
	}
}
