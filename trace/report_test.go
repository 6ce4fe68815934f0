package trace_test

import (
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
