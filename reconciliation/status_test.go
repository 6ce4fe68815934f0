package reconciliation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fenlu/events"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/internal/i18n"
	"fenlu/ledger/proof"
	"fenlu/money"
	"fenlu/reconciliation"
)

func total(n int, amount money.Fen) evidence.Total { return evidence.Total{Count: n, Amount: amount} }

func TestStatus_compares_three_sides(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.seal(100_00, 200_00, 300_00, 400_00)
	d.seal(1_00)
	d.read("r1.txt", f.result(1, said{n: 1, code: "0000"}, said{n: 2, code: "1003"}, said{n: 3, code: "0000"}))
	d.read("s1.xml", statement("S1", append(booked(f, 1, 4), back(f, 1, 60_00))...))
	got, err := d.svc.Status(d.ctx, d.db.Pool(), "DB-1")
	if err != nil {
		t.Fatal(err)
	}
	want := []reconciliation.FileStatus{{
		File: 1, Batch: 1, Name: f.ref + ".txt", Ref: f.ref, Sealed: total(4, 1000_00),
		Result:    reconciliation.ResultSide{OK: total(2, 400_00), Failed: total(1, 200_00), Unmentioned: total(1, 400_00)},
		Statement: reconciliation.StatementSide{Booked: total(2, 500_00), Returned: total(1, 60_00)},
		Books:     reconciliation.BooksSide{Paid: total(3, 800_00), Failed: total(1, 200_00), Returned: total(1, 60_00)},
		Differences: []reconciliation.Difference{
			{Kind: reconciliation.DiffResult, Count: 1, Amount: 400_00},
			{Kind: reconciliation.DiffStatement, Amount: 100_00},
			{Kind: reconciliation.DiffBooks, Count: 1, Amount: 300_00},
		},
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(reconciliation.FileStatus{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	d.read("r2.txt", f.result(2, said{n: 4, code: "0000"}))
	d.read("s2.xml", statement("S2", booked(f, 3)...))
	got, err = d.svc.Status(d.ctx, d.db.Pool(), "DB-1")
	if err != nil || len(got[0].Differences) != 0 {
		t.Errorf("all answered, yet %+v, %v", got[0].Differences, err)
	}
	if all, err := d.svc.Status(d.ctx, d.db.Pool(), ""); err != nil || len(all) != 2 || all[1].Books.InTransit != total(1, 1_00) {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := d.svc.Status(d.ctx, d.db.Pool(), "XX"); errs.CodeOf(err) != "RECON_BATCH" {
		t.Errorf("got %v", err)
	}
}

func TestBreaks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.read("s1.xml", statement("S1", entry{"DBIT", "GHOST-1", 1_00, ""}, entry{"DBIT", "GHOST-2", 2_00, ""}))
	open, err := reconciliation.Breaks(d.ctx, d.db.Pool(), reconciliation.BreakFilter{OpenOnly: true, Limit: 1})
	if err != nil || len(open) != 1 {
		t.Fatalf("%+v, %v", open, err)
	}
	b := open[0]
	today := time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
	if b.Owner != "he" || b.EndToEndID != "GHOST-1" || b.Said != 1_00 || b.DueOn.Format(time.DateOnly) != "2026-10-19" || b.Age(today) != 8 || !b.Overdue(today) {
		t.Errorf("%+v", b)
	}
	next, err := reconciliation.Breaks(d.ctx, d.db.Pool(), reconciliation.BreakFilter{OpenOnly: true, After: b.ID})
	if err != nil || len(next) != 1 || next[0].EndToEndID != "GHOST-2" {
		t.Errorf("next page %+v, %v", next, err)
	}
	resolve := reconciliation.Resolve{Break: b.ID, Resolution: "银行手续费，已由办公经费承担"}
	for range 2 { // the second time changes nothing
		if done, err := d.svc.ResolveBreak(d.ctx, resolve); err != nil || done.ResolvedBy != "he" {
			t.Fatalf("%+v, %v", done, err)
		}
	}
	for code, c := range map[string]reconciliation.Resolve{
		"RECON_BREAK_RESOLVED":   {Break: b.ID, Resolution: "别的说法"},
		"RECON_BREAK_UNKNOWN":    {Break: 999, Resolution: "x"},
		"RECON_RESOLUTION_EMPTY": {Break: b.ID, Resolution: " "},
		"VALID_PROBLEMS":         {Break: next[0].ID, Resolution: "已电话 1380 0000 0000 核实"},
	} {
		if _, err := d.svc.ResolveBreak(d.ctx, c); errs.CodeOf(err) != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	d.wantBreaks("unmatched 2.00")
	all, err := reconciliation.Breaks(d.ctx, d.db.Pool(), reconciliation.BreakFilter{})
	if err != nil || len(all) != 2 || all[0].Resolution != resolve.Resolution {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestImport_tells_what_happened(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f, g := d.seal(100_00, 200_00), d.seal(300_00)
	d.read("r1.txt", f.result(1, said{n: 1, code: "0000"}, said{n: 2, code: "1003"}))
	d.read("s1.xml", statement("S1", append(booked(g, 1), back(g, 1, 300_00))...))
	relay, err := events.NewRelay(d.db, events.Options{}, events.ActivityLog())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = relay.Close() }()
	if _, err := relay.Drain(d.ctx); err != nil {
		t.Fatal(err)
	}
	page, err := events.Activity(d.ctx, d.db.Pool(), events.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range page {
		got = append(got, e.Sentence(i18n.ZH))
	}
	want := []string{
		"回盘文件 r1.txt 已读入（" + f.ref + "）：2 笔 300.00 元，对账人 何晓",
		"批次 DB-1 支付失败 1 笔 200.00 元，原因 1003，凭据 r1.txt，对账人 何晓",
		"批次 DB-1 支付成功 1 笔 100.00 元，凭据 r1.txt，对账人 何晓",
		"银行对账单 s1.xml 已读入（S1）：2 笔 600.00 元，对账人 何晓",
		"批次 DB-2 支付成功 1 笔 300.00 元，凭据 s1.xml，对账人 何晓",
		"批次 DB-2 退汇 1 笔 300.00 元，原因 AC04，凭据 s1.xml，对账人 何晓",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n, err := proof.Drain(d.ctx, d.db, d.clock); err != nil || n != 2 {
		t.Errorf("%d leaves, %v", n, err)
	}
}

func TestVerify_names_what_was_tampered_with(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, check, row string }{
		"a_state_without_evidence":  {`UPDATE attempt SET state = 'paid', booked_fen = amount_fen WHERE id = 2`, "evidence_state", "attempt 2 "},
		"a_failure_hidden":          {`UPDATE attempt SET state = 'sent' WHERE id = 3`, "evidence_state", "attempt 3 "},
		"an_amount_returned":        {`UPDATE attempt SET returned_fen = 50 WHERE id = 1`, "evidence_state", "attempt 1 "},
		"evidence_removed":          {`DELETE FROM evidence WHERE attempt = 3`, "evidence_count", "evidence_file 1 "},
		"evidence_of_other_amount":  {`UPDATE evidence SET amount_fen = 1 WHERE attempt = 1`, "evidence_match", "evidence 1-1"},
		"evidence_of_other_attempt": {`UPDATE evidence SET attempt = 2 WHERE attempt = 1`, "evidence_match", "evidence 1-1"},
		"evidence_put_in_later":     {`INSERT INTO evidence SELECT file, 9, kind, '', end_to_end_id, '', amount_fen, direction, status, reason, '', '', value_date, 0, 0, attempt, outcome, says FROM evidence WHERE pos = 1`, "evidence_count", "evidence_file 1 "},
		"evidence_of_no_file":       {`UPDATE evidence SET file = 2 WHERE pos = 3`, "evidence_stray", "evidence_file 2 "},
		"evidence_without_a_file":   {`DELETE FROM evidence_file`, "evidence_leaf", "evidence_file 1 "},
		"a_digest_changed":          {`UPDATE evidence_file SET sha256 = 'x'`, "evidence_leaf", "evidence_file 1 "},
		"another_reason":            {`UPDATE evidence SET reason = '1004' WHERE attempt = 3`, "evidence_leaf", "evidence_file 1 "},
		"another_text":              {`UPDATE evidence SET reason_text = '账户正常' WHERE attempt = 3`, "evidence_leaf", "evidence_file 1 "},
		"another_day":               {`UPDATE evidence SET value_date = '2026-10-01' WHERE attempt = 3`, "evidence_leaf", "evidence_file 1 "},
		"another_line_of_the_file":  {`UPDATE evidence SET src_line = 9 WHERE attempt = 3`, "evidence_leaf", "evidence_file 1 "},
		"lines_swapped":             {`UPDATE evidence SET pos = 20 - pos; UPDATE evidence SET pos = pos - 16`, "evidence_leaf", "evidence_file 1 "},
		"another_reader":            {`UPDATE evidence_file SET imported_by = 'zhou'`, "evidence_leaf", "evidence_file 1 "},
		"a_leaf_taken_out":          {`DELETE FROM log_pending`, "evidence_leaf", "evidence_file 1 "},
		"evidence_of_another_file":  {`UPDATE evidence_file SET scope = 'QHMZ-000009-F01-X'`, "evidence_match", "evidence 1-1"},
		"an_excess_invented":        {`UPDATE attempt SET excess_fen = 50 WHERE id = 1`, "evidence_state", "attempt 1 "},
		"a_break_removed":           {`DELETE FROM break`, "evidence_break", "evidence 1-3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			f := d.seal(100_00, 200_00, 300_00)
			f.ids = append(f.ids, "GHOST-1")
			f.amounts = append(f.amounts, 9_00)
			d.read("r1.txt", f.result(1, said{n: 1, code: "0000"}, said{n: 3, code: "1003"}, said{n: 4, code: "0000"}))
			d.sound()
			if _, err := d.env.Owner(t).Exec(d.ctx, c.sql); err != nil {
				t.Fatal(err)
			}
			found, err := reconciliation.Verify(d.ctx, d.db.Pool())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if f.Check == c.check && strings.HasPrefix(f.Row+" ", c.row) {
					return
				}
			}
			t.Errorf("not found: %+v", found)
		})
	}
}

func TestEvidence_cannot_be_edited_or_deleted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, sql := range []string{`UPDATE evidence SET says = 'paid'`, `DELETE FROM evidence`, `UPDATE evidence_file SET name = ''`, `DELETE FROM evidence_file`, `DELETE FROM break`} {
		if _, err := d.db.Pool().Exec(d.ctx, sql); err == nil {
			t.Errorf("the application may %s", sql)
		}
	}
}
