package trace_test

import (
	"testing"
	"time"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/money"
	"fenlu/trace"
)

// TestTrialBalance_is_equal_at_every_index_and_on_every_date, however its rows
// are summed.
func TestTrialBalance_is_equal_at_every_index_and_on_every_date(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	last, err := trace.LastPoint(o.ctx, o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	var points []trace.Point
	for i := range last.Index + 1 {
		points = append(points, trace.Point{Index: i})
	}
	for d := time.Date(2026, 1, 12, 0, 0, 0, 0, time.UTC); !d.After(clock.Date(o.clock.Now())); d = d.AddDate(0, 0, 1) {
		points = append(points, trace.Point{Day: d})
	}
	for _, p := range points {
		for _, by := range []trace.By{trace.ByPlace, trace.ByLot, trace.ByBudgetLine, trace.ByAccount} {
			b, err := trace.TrialBalance(o.ctx, o.db.Pool(), trace.TrialQuery{Point: p, By: by})
			if err != nil {
				t.Fatal(err)
			}
			var debits, credits money.Fen
			for _, r := range b.Rows {
				debits, credits = debits+r.Debits, credits+r.Credits
			}
			if b.Debits != b.Credits || b.Balance != 0 || debits != b.Debits || credits != b.Credits {
				t.Errorf("%+v by %s: debits %s, credits %s, rows %s and %s", p, by, b.Debits, b.Credits, debits, credits)
			}
		}
	}
	b, err := trace.TrialBalance(o.ctx, o.db.Pool(), trace.TrialQuery{Point: last, By: trace.ByBudgetLine})
	if err != nil || len(b.Rows) != 4 || b.Rows[2].Document != carveNumber || b.Debits == 0 {
		t.Errorf("by budget line %+v, %v", b.Rows, err)
	}
	if _, err := trace.TrialBalance(o.ctx, o.db.Pool(), trace.TrialQuery{Point: last, By: "colour"}); errs.CodeOf(err) != "TRIAL_BY" {
		t.Error(err)
	}
}

func TestStatement_says_where_each_account_stood_and_stands(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	last, err := trace.LastPoint(o.ctx, o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	whole, err := trace.StatementOf(o.ctx, o.db.Pool(), trace.StatementQuery{Lot: 1, Point: last, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	byDate, err := trace.StatementOf(o.ctx, o.db.Pool(), trace.StatementQuery{Lot: 1, From: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC),
		To: clock.Date(o.clock.Now()), Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	if len(byDate.Movements) == 0 || len(byDate.Movements) >= len(whole.Movements) {
		t.Errorf("%d movements by date, %d in all", len(byDate.Movements), len(whole.Movements))
	}
	addsUp(t, whole)
	addsUp(t, byDate)
	first, err := trace.StatementOf(o.ctx, o.db.Pool(), trace.StatementQuery{Lot: 1, Point: last, Limit: 3})
	if err != nil || first.Next == "" {
		t.Fatalf("first page %+v, %v", first.Next, err)
	}
	second, err := trace.StatementOf(o.ctx, o.db.Pool(), trace.StatementQuery{Lot: 1, Point: last, Limit: 3, After: first.Next})
	if err != nil || second.Movements[0] != whole.Movements[3] {
		t.Errorf("second page begins with %+v, want %+v: %v", second.Movements[0], whole.Movements[3], err)
	}
	for code, ask := range map[string]trace.StatementQuery{
		"STATEMENT_WHAT": {}, "TRACE_NO_ACCOUNT": {Lot: 77, Point: last}, "STATEMENT_AFTER": {Lot: 1, After: "x"},
	} {
		if _, err := trace.StatementOf(o.ctx, o.db.Pool(), ask); errs.CodeOf(err) != code {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// addsUp walks from where each account stood to where it stands.
func addsUp(t *testing.T, st trace.Statement) {
	t.Helper()
	for _, s := range st.Accounts {
		balance := s.Opening
		for _, m := range st.Movements {
			if m.Account != s.Account {
				continue
			}
			if balance += m.Debit - m.Credit; balance != m.Balance {
				t.Errorf("account %d after journal %d stands at %s, says %s", s.Account, m.Journal, balance, m.Balance)
			}
		}
		if balance != s.Closing {
			t.Errorf("account %d closes at %s, says %s", s.Account, balance, s.Closing)
		}
	}
}

func TestJournal_shows_its_lines_and_links(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	j, err := trace.JournalOf(o.ctx, o.db.Pool(), 1, 0, 1)
	if err != nil || j.About != bringNumber || len(j.Lines) != 1 || j.Lines[0].From != "appropriated" || j.Next != 1 || j.Leaf == nil {
		t.Errorf("journal %+v, %v", j, err)
	}
	list, err := trace.JournalList(o.ctx, o.db.Pool(), "document:2", 0, 10)
	if err != nil || len(list.Journals) != 1 || list.Journals[0].Kind != "carveout.set_aside" {
		t.Errorf("journals of a document %+v, %v", list, err)
	}
}
