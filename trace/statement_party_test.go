package trace_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
	"fenlu/trace"
)

// reissued has the 5.00 that came back of person 1004 issued again and paid, and
// person 1002's line frozen anew and left in transit.
func (o *county) reissued() {
	back, err := ledger.HoldingsOfPayments(o.ctx, o.db.Pool(), []int64{21})
	if err != nil {
		o.t.Fatal(err)
	}
	part := []ledger.HoldingID{back[len(back)-1].ID}
	o.post("release/QH-000002-F02", "release", "batch:2", ledger.Move{Holdings: part, From: ledger.Returned, To: ledger.InTransit, PerLeg: true})
	o.drain()
	o.post("", "settlement", "evidence:3", ledger.Move{Holdings: part, From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
	drawn := o.post("", "freeze", "batch:2", ledger.Draw{From: o.available(1, 1), To: ledger.Frozen, Legs: []ledger.Leg{{Line: 2, Payment: 22, Party: 1002, Amount: 7_00}}})
	o.post("", "release", "batch:2", ledger.Move{Holdings: drawn.Holdings, From: ledger.Frozen, To: ledger.InTransit})
	o.drain()
}

// parties are all who have lines in the county.
var parties = map[string]string{"1001": trace.KindPerson, "1002": trace.KindPerson, "1004": trace.KindPerson, "12991301MB0000001X": trace.KindUnit}

// heldBy sums accounts as a party's statement names them.
func heldBy(list []ledger.Standing) trace.PartySums {
	var s trace.PartySums
	for _, a := range list {
		if into := map[ledger.AccountKind]*money.Fen{ledger.Frozen: &s.Frozen, ledger.InTransit: &s.InTransit, ledger.Paid: &s.Paid, ledger.Returned: &s.Returned}[a.Place.Kind]; into != nil {
			*into += a.Balance
			s.Due += a.Balance
		}
	}
	return s
}

func (o *county) sumOfParties(ask trace.StatementQuery) trace.PartySums {
	o.t.Helper()
	var sum trace.PartySums
	for who, kind := range parties {
		st, err := o.trace.PartyStatement(o.ctx, o.db.Pool(), kind, who, ask)
		if err != nil {
			o.t.Fatal(err)
		}
		c := st.Party.Closing
		sum = trace.PartySums{Due: sum.Due + c.Due, Frozen: sum.Frozen + c.Frozen, InTransit: sum.InTransit + c.InTransit,
			Paid: sum.Paid + c.Paid, Returned: sum.Returned + c.Returned}
		partyAddsUp(o.t, st)
	}
	point := ask.Point
	point.Day = ask.To
	if trial := o.sumOfPages(point); trial != sum {
		o.t.Errorf("%+v: statements close with %+v, trial balances with %+v", point, sum, trial)
	}
	return sum
}

// sumOfPages reads the trial balances of persons and units, two parties a page.
func (o *county) sumOfPages(point trace.Point) trace.PartySums {
	o.t.Helper()
	var sum trace.PartySums
	for _, by := range []trace.By{trace.ByPerson, trace.ByUnit} {
		for ask := (trace.TrialQuery{Point: point, By: by, Limit: 2}); ; {
			page, err := o.trace.PartyTrial(o.ctx, o.db.Pool(), ask)
			if err != nil {
				o.t.Fatal(err)
			}
			for _, r := range page.Rows {
				if r.Party.Name == "" {
					o.t.Errorf("%s %d has no name", by, r.Party.ID)
				}
				sum = trace.PartySums{Due: sum.Due + r.Due, Frozen: sum.Frozen + r.Frozen, InTransit: sum.InTransit + r.InTransit,
					Paid: sum.Paid + r.Paid, Returned: sum.Returned + r.Returned}
			}
			if ask.After = page.Next; page.Next == 0 {
				break
			}
		}
	}
	return sum
}

// partyAddsUp walks from where the party's money stood to where it stands.
func partyAddsUp(t *testing.T, st trace.Statement) {
	t.Helper()
	addsUp(t, st)
	sums := map[string]money.Fen{}
	for _, s := range st.Accounts {
		sums[s.Place] += s.Closing
	}
	c := st.Party.Closing
	want := map[string]money.Fen{"frozen": c.Frozen, "in_transit": c.InTransit, "paid": c.Paid, "returned": c.Returned}
	for place, amount := range want {
		if sums[place] != amount {
			t.Errorf("%s: accounts %s, party %s", place, sums[place], amount)
		}
	}
	if c.Due != c.Frozen+c.InTransit+c.Paid+c.Returned {
		t.Errorf("due %s of %+v", c.Due, c)
	}
}

// TestPartyStatement_all_parties_have_what_the_accounts_have at every index of the
// log and on every business date, with what failed, came back in part and was
// issued again; and what was said of an index does not change.
func TestPartyStatement_all_parties_have_what_the_accounts_have(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	before, err := trace.LastPoint(o.ctx, o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	said := map[int64]trace.PartySums{}
	for i := range before.Index + 1 {
		said[i] = o.sumOfParties(trace.StatementQuery{Point: trace.Point{Index: i}})
	}
	o.reissued()
	last, err := trace.LastPoint(o.ctx, o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[trace.PartySums]bool{}
	for i := range last.Index + 1 {
		list, err := ledger.StandingsAt(o.ctx, o.db.Pool(), i, ledger.Which{})
		if err != nil {
			t.Fatal(err)
		}
		got := o.sumOfParties(trace.StatementQuery{Point: trace.Point{Index: i}})
		seen[got] = true
		if diff := cmp.Diff(heldBy(list), got); diff != "" {
			t.Errorf("as of index %d (-accounts +parties):\n%s", i, diff)
		}
		if then, ok := said[i]; ok && then != got {
			t.Errorf("as of index %d it was %+v, is %+v", i, then, got)
		}
	}
	if len(seen) < 10 {
		t.Errorf("only %d different balances were compared", len(seen))
	}
	for d := time.Date(2026, 1, 12, 0, 0, 0, 0, time.UTC); !d.After(clock.Date(o.clock.Now())); d = d.AddDate(0, 0, 1) {
		list, err := ledger.StandingsOn(o.ctx, o.db.Pool(), d, ledger.Which{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(heldBy(list), o.sumOfParties(trace.StatementQuery{To: d})); diff != "" {
			t.Errorf("on %s (-accounts +parties):\n%s", d.Format(time.DateOnly), diff)
		}
	}
}

func TestPartyStatement_tells_a_return_and_a_reissue_page_by_page(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	o.reissued()
	last, err := trace.LastPoint(o.ctx, o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	ask := trace.StatementQuery{Point: last, Limit: 100}
	whole, err := o.trace.PartyStatement(o.ctx, o.db.Pool(), trace.KindPerson, "1004", ask)
	if err != nil {
		t.Fatal(err)
	}
	var story []string
	for _, m := range whole.Movements {
		story = append(story, m.Kind+" "+m.Place+" "+m.Debit.String()+" "+m.Credit.String()+" "+m.Balance.String())
	}
	for _, want := range []string{"freeze frozen 15.00 0.00 15.00", "settlement paid 0.00 5.00 10.00", "settlement returned 5.00 0.00 5.00",
		"release in_transit 5.00 0.00 5.00", "settlement paid 5.00 0.00 15.00"} {
		if !slices.Contains(story, want) {
			t.Errorf("no movement %q in\n%s", want, strings.Join(story, "\n"))
		}
	}
	if m := whole.Movements[0]; m.Line != 4 || m.Document != bringNumber || m.About != "PC-DB-202610-02" {
		t.Errorf("first movement %+v", m)
	}
	for _, by := range []trace.StatementQuery{{Point: last, Limit: 3}, {To: clock.Date(o.clock.Now()), Limit: 3},
		{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), To: clock.Date(o.clock.Now()), Limit: 3}} {
		var paged []trace.Movement
		for {
			page, err := o.trace.PartyStatement(o.ctx, o.db.Pool(), trace.KindPerson, "1004", by)
			if err != nil {
				t.Fatal(err)
			}
			paged = append(paged, page.Movements...)
			if by.After = page.Next; by.After == "" {
				break
			}
		}
		if diff := cmp.Diff(whole.Movements, paged); diff != "" {
			t.Errorf("pages of three (-whole +paged):\n%s", diff)
		}
	}
	late, err := o.trace.PartyStatement(o.ctx, o.db.Pool(), trace.KindPerson, "1004",
		trace.StatementQuery{From: clock.Date(o.clock.Now().AddDate(0, 0, -3)), To: clock.Date(o.clock.Now()), Limit: 100})
	if err != nil || late.Party.Opening != (trace.PartySums{Due: 15_00, Paid: 10_00, Returned: 5_00}) || late.Party.Closing != (trace.PartySums{Due: 15_00, Paid: 15_00}) {
		t.Errorf("opening and closing %+v, %v", late.Party, err)
	}
	partyAddsUp(t, late)
	household, err := o.trace.PartyStatement(o.ctx, o.db.Pool(), trace.KindHousehold, "LX-0312-0147", ask)
	if err != nil || household.Party.Closing != (trace.PartySums{Due: 30_33, Paid: 30_33}) || household.Party.Subject.Name != "蒋玉兰" {
		t.Errorf("household %+v, %v", household.Party, err)
	}
	for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
		var out bytes.Buffer
		if err := whole.Text(&out, lang); err != nil || !strings.Contains(out.String(), bringNumber) || strings.Contains(out.String(), "books.") {
			t.Errorf("%v in\n%s", err, out.String())
		}
	}
	if _, err := o.trace.PartyStatement(o.ctx, o.db.Pool(), trace.KindPerson, "77", ask); errs.CodeOf(err) != "TRACE_PERSON_UNKNOWN" {
		t.Error(err)
	}
	if _, err := o.trace.PartyStatement(o.ctx, o.db.Pool(), trace.KindPerson, "1004", trace.StatementQuery{After: "x"}); errs.CodeOf(err) != "STATEMENT_AFTER" {
		t.Error(err)
	}
}
