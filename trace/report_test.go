package trace_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fenlu/internal/errs"
	"fenlu/trace"
)

// TestFundReport: a year's statement says of each source what came, was set aside,
// paid, came back and is left, and of each program what was paid by month; its
// second half begins where the first ended.
func TestFundReport(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	ask := func(year, half int) trace.FundReport {
		t.Helper()
		from, to, err := trace.ReportDays(year, half)
		if err != nil {
			t.Fatal(err)
		}
		r, err := trace.FundReportOf(o.ctx, o.db.Pool(), from, to)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	fund := trace.SourceRow{Level: "central", Fund: "困难群众救助补助资金", Brought: 150_50, SetAside: 10_00, Reserves: 5_00, Persons: 45_33, Units: 12_00, Back: 5_00, Closing: 98_17}
	hidden := cmpopts.IgnoreUnexported(trace.SourceRow{})
	paid := []trace.PaymentsRow{{Program: "DB", Level: "central", Fund: "困难群众救助补助资金", Month: "2026-01", Persons: 45_33, Units: 12_00, Back: 5_00, People: 2, Households: 1}}
	for _, half := range []int{0, 1} {
		r := ask(2026, half)
		if diff := cmp.Diff([]trace.SourceRow{fund}, r.Sources, hidden); diff != "" {
			t.Errorf("half %d (-want +got)\n%s", half, diff)
		}
		if diff := cmp.Diff(paid, r.Payments); diff != "" {
			t.Errorf("half %d (-want +got)\n%s", half, diff)
		}
	}
	later := ask(2026, 2)
	still := trace.SourceRow{Level: "central", Fund: "困难群众救助补助资金", Opening: 98_17, Closing: 98_17}
	if diff := cmp.Diff([]trace.SourceRow{still}, later.Sources, hidden); diff != "" || len(later.Payments) != 0 {
		t.Errorf("second half (-want +got)\n%s %+v", diff, later.Payments)
	}
	if _, _, err := trace.ReportDays(2026, 3); errs.CodeOf(err) != "REPORT_PERIOD" {
		t.Error(err)
	}
	o.do(`UPDATE transfer SET amount_fen = amount_fen + 1 WHERE holding IS NOT NULL AND payment = 11`)
	from, to, _ := trace.ReportDays(2026, 0)
	if _, err := trace.FundReportOf(o.ctx, o.db.Pool(), from, to); errs.CodeOf(err) != "REPORT_DIFFERS" {
		t.Errorf("payments that do not add up to the accounts: %v", err)
	}
}

// TestFundReport_of_several_sources: a fund that several pay into has a row and a
// balance of its own for each, lottery money and gifts apart from the state's.
func TestFundReport_of_several_sources(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	o.do(`UPDATE document_line SET level = 'lottery' WHERE lot = 2`)
	from, to, _ := trace.ReportDays(2026, 0)
	r, err := trace.FundReportOf(o.ctx, o.db.Pool(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]string{}
	for _, s := range r.Sources {
		left[s.Level] = s.Closing.String()
	}
	if diff := cmp.Diff(map[string]string{"central": "48.17", "lottery": "50.00"}, left); diff != "" {
		t.Errorf("what is left of each (-want +got)\n%s", diff)
	}
}

// TestFeed: each line of a month with where its money stands, masked, page by page;
// what is not paid says why (money-rules D2).
func TestFeed(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	var got []string
	after := int64(0)
	for range 5 {
		f, err := o.trace.Feed(o.ctx, o.db.Pool(), "2026-10", after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range f.Lines {
			got = append(got, strings.Join([]string{number(l.Line), l.Batch, l.Beneficiary.Name, l.Beneficiary.Number, l.Amount.String(), l.Paid.String(), l.Returned.String(), l.State}, " "))
		}
		if after = f.Next; after == 0 {
			break
		}
	}
	want := []string{"1 PC-DB-202610-01 蒋玉兰 9913**********1234 30.33 30.33 0.00 paid_persons", "2 PC-DB-202610-01 周立群 9913**********1234 20.00 0.00 0.00 withdrawn",
		"3 PC-DB-202610-01 青禾县救助管理站 12991301MB0000001X 12.00 12.00 0.00 paid_units", "4 PC-DB-202610-02 周立群 9913**********1234 15.00 10.00 5.00 part_returned"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestRegister: who had a program's aid, what was paid, and what was last decided; a
// unit's aid has the unit (money-rules D9).
func TestRegister(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	o.do(`INSERT INTO entitlement_event (id, person, program, event, on_date, review_class, grace, document, import_file, recorded_at)
		VALUES (1, 1004, 'DB', 'approved', '2026-01-05', 'stable', false, 'x', 1, now()), (2, 1004, 'DB', 'stopped', '2026-10-20', '', false, 'x', 1, now())`)
	r, err := o.trace.Register(o.ctx, o.db.Pool(), "DB", "2026-01", "2026-12")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range r.Rows {
		got = append(got, strings.Join([]string{x.Party.Kind, x.Party.Name, x.Township, x.First, x.Last, number(x.Lines), x.Paid.String(), x.Event, x.On}, " "))
	}
	want := []string{"person 蒋玉兰 柳溪镇 2026-10 2026-10 1 30.33  ", "unit 青禾县救助管理站 柳溪镇 2026-10 2026-10 1 12.00  ",
		"person 周立群 柳溪镇 2026-10 2026-10 1 10.00 stopped 2026-10-20"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r, err = o.trace.Register(o.ctx, o.db.Pool(), "DB", "2026-11", "2026-12"); err != nil || len(r.Rows) != 0 {
		t.Errorf("%+v, %v", r.Rows, err)
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
