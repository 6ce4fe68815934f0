package trace_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/trace"
)

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

func trimmed(list []string) []string {
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// domains are the verifiers that a test of this room may know.
func domains() []trace.Verifier {
	return []trace.Verifier{{Name: "ledger", Promises: []int{1, 2, 3, 5, 6}, Jobs: ledger.Checks()}}
}

func TestBalance(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	c, err := trace.Balance(o.ctx, o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	want := trace.Sums{Appropriated: 150_50, Available: 78_17, Carveout: 10_00, Reserve: 5_00, PaidPersons: 40_33, PaidUnits: 12_00, Returned: 5_00}
	if diff := cmp.Diff(want, c.Sums); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !c.TiesOut() || c.Unaccounted != 0 {
		t.Errorf("ties out: %t, unaccounted %s", c.TiesOut(), c.Unaccounted)
	}
	if diff := cmp.Diff(trace.Counts{Payments: 4, Attempts: 4, Lines: 4, Persons: 3, Households: 1, Units: 1}, c.Counts); diff != "" {
		t.Errorf("counts (-want +got)\n%s", diff)
	}
	c.Elapsed = trace.Seconds(1250 * time.Millisecond)
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"appropriated":"150.50"`, `"paid_units":"12.00"`, `"unaccounted":"0.00"`, `"payments":4`, `"elapsed_s":1.250`,
		`"files":[{"name":"QH-000001-F01.txt","profile":"cn.daifa.gbk","sha256":"0707070707070707070707070707070707070707070707070707070707070707","count":3,"sum":"62.33"}`} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("no %s in %s", part, raw)
		}
	}
}

func TestBalanceAt_never_changes_and_ties_out_at_every_index(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	want := map[int64]trace.Sums{
		0: {Appropriated: 150_50, Available: 150_50},
		2: {Appropriated: 150_50, Available: 135_50, Carveout: 10_00, Reserve: 5_00},
		4: {Appropriated: 150_50, Available: 73_17, Carveout: 10_00, Reserve: 5_00, InTransit: 62_33},
		5: {Appropriated: 150_50, Available: 73_17, Carveout: 10_00, Reserve: 5_00, PaidPersons: 30_33, PaidUnits: 12_00, Returned: 20_00},
	}
	for index := range int64(11) {
		c, err := trace.BalanceAt(o.ctx, o.db.Pool(), index)
		if err != nil {
			t.Fatal(err)
		}
		if w, known := want[index]; known {
			if diff := cmp.Diff(w, c.Sums); diff != "" {
				t.Errorf("index %d (-want +got)\n%s", index, diff)
			}
		}
		if !c.TiesOut() {
			t.Errorf("index %d does not tie out: %+v", index, c.Sums)
		}
	}
	if _, err := trace.BalanceAt(o.ctx, o.db.Pool(), 99); errs.CodeOf(err) != "BALANCE_INDEX" {
		t.Errorf("an index that is not there: %v", err)
	}
	before, err := trace.BalanceAt(o.ctx, o.db.Pool(), 4)
	if err != nil {
		t.Fatal(err)
	}
	o.post("", "carveout.set_aside", "document:2", ledger.Shift{From: o.available(1, 1), To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 3}, Amount: 1})
	o.drain()
	after, err := trace.BalanceAt(o.ctx, o.db.Pool(), 4)
	if err != nil || cmp.Diff(before.Sums, after.Sums) != "" {
		t.Errorf("yesterday's answer changed: %v\n%s", err, cmp.Diff(before.Sums, after.Sums))
	}
}

func TestUnaccounted_is_not_zero_when_any_row_of_a_source_is_gone(t *testing.T) {
	t.Parallel()
	for _, table := range []struct{ name, keys, del string }{
		{"transfer", `SELECT journal, line::bigint FROM transfer`, `DELETE FROM transfer WHERE journal = $1 AND line = $2`},
		{"piece", `SELECT lot::bigint, offset_fen FROM piece`, `DELETE FROM piece WHERE lot = $1 AND offset_fen = $2`},
		{"document_line", `SELECT id::bigint, 0::bigint FROM document_line`, `DELETE FROM document_line WHERE id = $1 AND $2 = 0::bigint`},
		{"paid_evidence", `SELECT file, pos::bigint FROM evidence WHERE says = 'paid' AND file = 1`, `DELETE FROM evidence WHERE file = $1 AND pos = $2`},
	} {
		t.Run(table.name, func(t *testing.T) {
			t.Parallel()
			o := newCounty(t)
			rows, err := o.owner.Query(o.ctx, table.keys)
			if err != nil {
				t.Fatal(err)
			}
			keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ A, B int64 }])
			if err != nil || len(keys) < 2 {
				t.Fatalf("%d rows, %v", len(keys), err)
			}
			for _, key := range keys {
				o.without(table.del, key.A, key.B)
			}
		})
	}
}

// without deletes a row in a transaction that is taken back, and wants
// unaccounted not to be zero meanwhile.
func (o *county) without(del string, key ...any) {
	o.t.Helper()
	tx, err := o.owner.Begin(o.ctx)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(o.ctx) }()
	if tag, err := tx.Exec(o.ctx, del, key...); err != nil || tag.RowsAffected() != 1 {
		o.t.Fatalf("%s %v: %d rows, %v", del, key, tag.RowsAffected(), err)
	}
	found, err := trace.Unaccounted(o.ctx, tx)
	if err != nil {
		o.t.Fatal(err)
	}
	if len(found) == 0 {
		o.t.Errorf("nothing is unaccounted without %v (%s)", key, del)
	}
}

func TestUnaccounted_sees_errors_that_would_cancel(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	o.do(`UPDATE piece SET amount_fen = amount_fen - 7 WHERE lot = 1 AND offset_fen = 0`)
	o.do(`UPDATE piece SET amount_fen = amount_fen + 7 WHERE lot = 2 AND offset_fen = 0`)
	found, err := trace.Unaccounted(o.ctx, o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]trace.Difference{{Lot: 1, Amount: 7, Where: "carveout"}, {Lot: 2, Amount: 7, Where: "reserve"}}, found); diff != "" {
		for _, d := range found {
			if d.Amount != 7 {
				t.Errorf("(-want +got)\n%s", diff)
			}
		}
		if len(found) != 2 {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestUnaccounted_counts_a_cut_above_what_is_free_as_shortfall(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	cut := o.post("", "document.cut", "document:4", ledger.Shift{From: o.available(1, 1),
		To: ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 1}, Amount: 40_00, Highest: true, Fact: true})
	o.document(4, "财社〔2026〕40号", "关于调减补助资金的通知", "cut")
	o.paper(5, 4, 1, "cut", 1, 1, 0, 40_00, cut.Journal)
	c, err := trace.Balance(o.ctx, o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	if c.Appropriated != 110_50 || c.Shortfall != 6_83 || !c.TiesOut() || c.Unaccounted != 0 {
		t.Errorf("%+v, unaccounted %s", c.Sums, c.Unaccounted)
	}
	y := o.yuan(trace.YuanQuery{Document: bringNumber, Nth: 99})
	if y.Parts[0].Place != "withdrawn" {
		t.Errorf("a yuan that was cut: %s", brief(y.Parts[0]))
	}
}

func TestVerify_finds_nothing_in_a_sound_county(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	v, err := trace.Verify(o.ctx, o.db, domains(), nil)
	if err != nil || !v.OK || v.Failed() != nil {
		t.Errorf("%+v, %v", v, err)
	}
	if v.Checks != 7 || v.Promises[0] != (trace.Promise{No: 1, Kept: true, Rows: v.Promises[0].Rows}) || v.Promises[0].Rows == 0 {
		t.Errorf("promises %+v", v.Promises)
	}
}

func TestVerify_names_the_row_that_was_tampered_with(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, row string }{
		{"amount_of_a_transfer", `UPDATE transfer SET amount_fen = amount_fen + 1 WHERE journal = 4 AND line = 1`, "journal 4"},
		{"lot_of_a_transfer", `UPDATE transfer SET lot = 2 WHERE journal = 2 AND line = 1`, "transfer 2/1"},
		{"a_piece's_offset", `UPDATE piece SET offset_fen = offset_fen + 1 WHERE lot = 1 AND offset_fen = 1000`, "x_piece 1@1001"},
		{"a_balance", `UPDATE account SET balance_fen = balance_fen + 1 WHERE lot = 1 AND kind = 'carveout'`, "account "},
		{"an_attempt's_state", `UPDATE attempt SET state = 'returned' WHERE id = 110`, "attempt 110"},
		{"an_attempt_paid_without_evidence", `UPDATE attempt SET state = 'paid', booked_fen = amount_fen WHERE id = 120`, "attempt 120"},
		{"a_line's_amount", `UPDATE entitlement_line SET amount_fen = amount_fen + 100 WHERE id = 1`, "entitlement_line 1"},
		{"whose_leg_it_is", `UPDATE holding SET party = 1002 WHERE line = 1`, "holding "},
		{"a_document_line", `UPDATE document_line SET amount_fen = amount_fen + 100 WHERE id = 2`, "lot 2"},
		{"a_journal_that_a_view_hides", `DELETE FROM journal WHERE id = 3`, "view x_transfer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newCounty(t)
			o.do(c.sql)
			v, err := trace.Verify(o.ctx, o.db, domains(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(v.Findings, func(f check.Finding) bool { return strings.HasPrefix(f.Row, c.row) }) {
				t.Errorf("no finding names %q: %+v", c.row, v.Findings)
			}
			if err := v.Failed(); errs.CodeOf(err) != "VERIFY_FAILED" || errs.KindOf(err).ExitCode() != 4 {
				t.Errorf("failed: %v", err)
			}
		})
	}
}

// explaining is a querier that also explains every statement, with sequential
// scans forbidden where there is another way.
type explaining struct {
	db.Querier
	t    *testing.T
	seen int
}

// big are the tables that grow with the payments.
var big = []string{"transfer", "piece", "piece_history", "holding", "journal", "journal_lot", "account_entry", "account_day", "entitlement_line", "payment", "attempt",
	"attempt_event", "evidence", "log_leaf", "person", "person_version", "payee_account", "household_member"}

func (e *explaining) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	e.explain(ctx, sql, args)
	return e.Querier.Query(ctx, sql, args...)
}

func (e *explaining) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	e.explain(ctx, sql, args)
	return e.Querier.QueryRow(ctx, sql, args...)
}

func (e *explaining) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return e.Querier.Exec(ctx, sql, args...)
}

func (e *explaining) explain(ctx context.Context, sql string, args []any) {
	e.t.Helper()
	rows, err := e.Querier.Query(ctx, "EXPLAIN "+sql, args...)
	if err != nil {
		e.t.Fatalf("explain %s: %v", sql, err)
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		e.t.Fatalf("explain %s: %v", sql, err)
	}
	e.seen++
	for _, table := range big {
		for _, l := range plan {
			if strings.Contains(l+" ", "Seq Scan on "+table+" ") {
				e.t.Errorf("%s is read through in\n%s\n%s", table, sql, strings.Join(plan, "\n"))
			}
		}
	}
}

func TestEveryStatementStandsOnAnIndex(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	err := o.db.Read(o.ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(o.ctx, `SET LOCAL enable_seqscan = off`); err != nil {
			return err
		}
		q := &explaining{Querier: tx, t: t}
		page := trace.Page{Limit: 1}
		for name, ask := range map[string]func() error{
			"payment":   func() error { _, err := o.trace.Payment(o.ctx, q, "QH-000021-1", page); return err },
			"person":    func() error { _, err := o.trace.Person(o.ctx, q, "1001", page); return err },
			"household": func() error { _, err := o.trace.Household(o.ctx, q, "LX-0312-0147", page); return err },
			"unit":      func() error { _, err := o.trace.Unit(o.ctx, q, "12991301MB0000001X", page); return err },
			"file out":  func() error { _, err := o.trace.File(o.ctx, q, "QH-000001-F01.txt", page); return err },
			"file in":   func() error { _, err := o.trace.File(o.ctx, q, "R-20261010.txt", page); return err },
			"trial balance": func() error {
				p, err := trace.LastPoint(o.ctx, q)
				if err == nil {
					_, err = trace.TrialBalance(o.ctx, q, trace.TrialQuery{Point: p, By: trace.ByAccount, Limit: 5})
				}
				return err
			},
			"statement of a lot": func() error {
				_, err := trace.StatementOf(o.ctx, q, trace.StatementQuery{Lot: 1, Point: trace.Point{Index: 5}, Limit: 5})
				return err
			},
			"statement of a budget line": func() error {
				_, err := trace.StatementOf(o.ctx, q, trace.StatementQuery{BudgetLine: 1, From: o.clock.Now().AddDate(0, 0, -5), To: o.clock.Now(), Limit: 5})
				return err
			},
			"journal": func() error { _, err := trace.JournalOf(o.ctx, q, 4, 0, 5); return err },
			"yuan": func() error {
				_, err := o.trace.Yuan(o.ctx, q, trace.YuanQuery{Document: bringNumber, Nth: 41})
				return err
			},
		} {
			if err := ask(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if q.seen < 50 {
			t.Errorf("only %d statements were seen", q.seen)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
