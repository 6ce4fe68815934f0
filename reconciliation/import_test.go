package reconciliation_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fenlu/auth"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/money"
	"fenlu/reconciliation"
)

func TestImport_results(t *testing.T) {
	t.Parallel()
	t.Run("paid_failed_unknown_and_unmentioned", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00, 200_00, 300_00, 400_00)
		done := d.read("r1.txt", f.result(1, said{n: 1, code: "0000"}, said{n: 2, code: "1003"}, said{n: 3, code: "9001"}))
		if done.Matched != 3 || done.Breaks != 0 || done.Kind != reconciliation.Result {
			t.Errorf("%+v", done)
		}
		d.want(f, "paid 100.00/0.00", "failed", "unknown", "sent")
		list, err := reconciliation.ListUnconfirmed(d.ctx, d.db.Pool(), reconciliation.UnconfirmedFilter{Batch: f.id})
		if err != nil || len(list) != 2 || list[0].EndToEndID != f.ids[2] || list[1].State != evidence.Sent {
			t.Errorf("unconfirmed %+v, %v", list, err)
		}
	})
	t.Run("the_forgotten_one_is_paid_by_a_later_result", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00, 200_00)
		d.read("r1.txt", f.result(1, said{n: 1, code: "0000"}))
		d.read("r2.txt", f.result(2, said{n: 2, code: "0000"}))
		d.want(f, "paid 100.00/0.00", "paid 200.00/0.00")
	})
	t.Run("a_second_failure_list_for_the_same_file_is_read", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00, 200_00, 300_00)
		d.read("r1.txt", f.result(1, said{n: 1, code: "1003"}))
		d.read("r2.txt", f.result(2, said{n: 2, code: "1002"}))
		d.want(f, "failed", "failed", "sent")
	})
	t.Run("the_same_bytes_twice_change_nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00)
		d.read("r1.txt", f.result(1, said{n: 1, code: "0000"}, said{n: 1, code: "0000", amount: 99_00}))
		before := d.rows()
		again := d.read("other-name.txt", f.result(1, said{n: 1, code: "0000"}, said{n: 1, code: "0000", amount: 99_00}))
		if !again.Replay || again.Matched != 1 || again.AmountDiffers != 1 || again.Breaks != 0 {
			t.Errorf("%+v", again)
		}
		if diff := cmp.Diff(before, d.rows()); diff != "" {
			t.Errorf("a replay changed rows:\n%s", diff)
		}
	})
	t.Run("an_amount_that_differs_by_ten_fen_moves_nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00, 200_00, 300_00)
		d.read("r1.txt", f.result(1, said{n: 1, code: "0000", amount: 100_10}, said{n: 2, code: "1003", amount: 199_90}, said{n: 3, code: "0000"}))
		d.want(f, "sent", "sent", "paid 300.00/0.00")
		d.wantBreaks("amount_differs 0.10", "amount_differs -0.10")
	})
	t.Run("unknown_ids_open_breaks_and_hold_up_nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00)
		g := f
		g.ids, g.amounts = []string{f.ids[0], "GHOST-000001"}, []money.Fen{100_00, 55_00}
		done := d.read("r1.txt", g.result(1, said{n: 2, code: "0000"}, said{n: 1, code: "0000"}))
		if done.Unmatched != 1 || done.Breaks != 1 {
			t.Errorf("%+v", done)
		}
		d.want(f, "paid 100.00/0.00")
		d.wantBreaks("unmatched 55.00")
	})
	t.Run("paid_after_it_failed_is_a_contradiction", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00)
		d.read("r1.txt", f.result(1, said{n: 1, code: "1003"}))
		d.read("r2.txt", f.result(2, said{n: 1, code: "0000"}))
		d.read("s.xml", statement("S1", booked(f, 1)...))
		d.want(f, "paid 100.00/0.00")
		d.wantBreaks("contradiction 100.00")
	})
}

// rows counts what an import writes.
func (d *desk) rows() map[string]int {
	d.t.Helper()
	counts := map[string]int{}
	for _, table := range []string{"evidence_file", "evidence", "break", "outbox", "log_pending"} {
		var n int
		if err := d.db.Pool().QueryRow(d.ctx, `SELECT count(*) FROM `+table).Scan(&n); err != nil {
			d.t.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}

func TestImport_statements(t *testing.T) {
	t.Parallel()
	t.Run("pays_and_returns_after_paid", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00, 200_00)
		d.read("r1.txt", f.result(1, said{n: 1, code: "0000"}, said{n: 2, code: "0000"}))
		d.read("s1.xml", statement("S1", booked(f, 1, 2)...))
		done := d.read("s2.xml", statement("S2", back(f, 2, 200_00)))
		if done.Matched != 1 || done.Kind != reconciliation.Statement {
			t.Errorf("%+v", done)
		}
		d.want(f, "paid 100.00/0.00", "returned 200.00/200.00")
		d.wantBreaks()
	})
	t.Run("a_return_before_the_success_needs_no_result", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00)
		d.read("s1.xml", statement("S1", back(f, 1, 100_00)))
		d.want(f, "returned 100.00/100.00")
		d.read("r1.txt", f.result(1, said{n: 1, code: "0000"}))
		d.want(f, "returned 100.00/100.00")
	})
	t.Run("an_entry_counts_once_in_whatever_file", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00)
		part := back(f, 1, 40_00)
		d.read("s1.xml", statement("S1", part))
		again := d.read("s1-again.xml", strings.Replace(statement("S1", part), "23:59:59", "23:59:58", 1))
		if again.Replay || again.Repeated != 1 || again.Matched != 0 {
			t.Errorf("%+v", again)
		}
		d.want(f, "part_returned 100.00/40.00")
		d.read("s1-renamed.xml", statement("S1A", part))
		d.want(f, "part_returned 100.00/40.00")
		d.read("s2.xml", on("2026-10-10", statement("S2", part)))
		d.want(f, "part_returned 100.00/80.00")
		d.read("s3.xml", on("2026-10-11", statement("S3", part)))
		d.want(f, "returned 100.00/100.00")
		d.wantBreaks("amount_differs 20.00")
	})
	t.Run("a_statement_id_used_again_loses_nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00, 200_00)
		d.read("s1.xml", statement("S1", back(f, 1, 40_00)))
		done := d.read("s1-other.xml", statement("S1", back(f, 1, 60_00), booked(f, 2)[0]))
		if done.Matched != 2 || done.Repeated != 0 || done.Breaks != 0 {
			t.Errorf("%+v", done)
		}
		d.want(f, "returned 100.00/100.00", "paid 200.00/0.00")
	})
	t.Run("a_debit_of_another_amount_moves_nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00)
		d.read("s1.xml", statement("S1", entry{"DBIT", f.ids[0], 100_10, ""}))
		d.want(f, "sent")
		d.wantBreaks("amount_differs 0.10")
	})
	t.Run("other_money", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00)
		done := d.read("s1.xml", statement("S1", append(booked(f, 1),
			entry{"CRDT", "", 5000_00, "财政拨款 CZ-2026-0001"}, entry{"CRDT", "", 3_21, "结息"},
			entry{"DBIT", "", 1_50, "手续费"}, entry{"CRDT", "GHOST-1", 7_00, "退汇"})...))
		if done.OtherMoney != 2 || done.Unmatched != 2 || done.Matched != 1 {
			t.Errorf("%+v", done)
		}
		d.want(f, "paid 100.00/0.00")
		d.wantBreaks("other_money 3.21", "unmatched 1.50", "unmatched 7.00")
	})
	t.Run("a_bank's_text_shows_no_account", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00)
		e := back(f, 1, 100_00)
		e.text = "账号6229991301000000017已销户"
		d.read("s1.xml", statement("S1", e))
		var text string
		if err := d.db.Pool().QueryRow(d.ctx, `SELECT reason_text FROM evidence`).Scan(&text); err != nil || text != "账号62***************17已销户" {
			t.Errorf("%q, %v", text, err)
		}
	})
}

func TestImport_refuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.seal(100_00, 200_00)
	good := f.result(1, said{n: 1, code: "0000"}, said{n: 2, code: "0000"})
	before := d.rows()
	for name, c := range map[string]struct{ content, code string }{
		"a_sum_that_contradicts":  {strings.Replace(good, "T|2|300.00", "T|2|301.00", 1), "RECON_FILE_REFUSED"},
		"a_truncated_file":        {good[:len(good)-12], "RECON_FILE_REFUSED"},
		"a_balance_that_does_not": {strings.Replace(statement("S1", booked(f, 1)...), "99900.00", "99900.01", 1), "RECON_FILE_REFUSED"},
		"no_bytes":                {"", "RECON_FILE_REFUSED"},
		"our_own_file":            {"H|1.0|" + f.ref + "|955800991301000018|qinghe|0|0.00|20261009\r\nT|0|0.00\r\n", "RECON_NOT_EVIDENCE"},
	} {
		if _, err := d.try(name, c.content); errs.CodeOf(err) != c.code || errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := d.svc.Import(auth.WithActor(t.Context(), auth.Actor{Login: "zhou"}), reconciliation.File{Name: "r", Content: strings.NewReader(good)}); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
		t.Errorf("without the right: %v", err)
	}
	if diff := cmp.Diff(before, d.rows()); diff != "" {
		t.Errorf("a refused file left rows:\n%s", diff)
	}
	d.want(f, "sent", "sent")
}

func TestImport_status_of_a_whole_file(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		group, reason string
		list          map[int]string
		want          []string
		breaks        []string
	}{
		"a_refused_file_fails_what_is_open":      {group: "RJCT", reason: "FF01", want: []string{"paid 100.00/0.00", "failed", "failed"}, breaks: []string{"contradiction 100.00"}},
		"a_refused_duplicate_fails_nothing":      {group: "RJCT", reason: "DU01", want: []string{"paid 100.00/0.00", "sent", "sent"}},
		"a_duplicate_refused_payment_by_payment": {group: "RJCT", reason: "DU01", list: map[int]string{1: "RJCT", 2: "RJCT"}, want: []string{"paid 100.00/0.00", "sent", "sent"}},
		"a_duplicate_payment_fails_nothing":      {list: map[int]string{2: "RJCT AM05", 3: "RJCT AC04"}, want: []string{"paid 100.00/0.00", "sent", "failed"}},
		"accepted_is_not_paid":                   {group: "ACCP", want: []string{"paid 100.00/0.00", "sent", "sent"}},
		"settled_as_a_whole_names_nobody":        {group: "ACSC", want: []string{"paid 100.00/0.00", "sent", "sent"}},
		"the_unlisted_inherit_a_refusal":         {group: "RJCT", reason: "FF01", list: map[int]string{2: "RJCT AC04"}, want: []string{"paid 100.00/0.00", "failed", "failed"}},
		"a_listed_one_has_its_own_status":        {group: "RJCT", reason: "FF01", list: map[int]string{2: "ACSP"}, want: []string{"paid 100.00/0.00", "sent", "failed"}},
		"listed_ones_only":                       {group: "PART", list: map[int]string{2: "ACSC", 3: "PDNG"}, want: []string{"paid 100.00/0.00", "paid 200.00/0.00", "unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			f, other := d.seal(100_00, 200_00, 300_00), d.seal(77_00)
			d.read("r1.xml", report(f, "R1", "", "", map[int]string{1: "ACSC"}))
			d.read("r2.xml", report(f, "R2", c.group, c.reason, c.list))
			d.want(f, c.want...)
			d.want(other, "sent")
			d.wantBreaks(c.breaks...)
		})
	}
	t.Run("of_a_file_that_is_not_ours", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00)
		d.read("r.xml", report(sealed{ref: "GHOST-F01"}, "R1", "RJCT", "FF01", nil))
		d.want(f, "sent")
		d.wantBreaks("unmatched 0.00")
	})
}

// month is all that a bank may say about four payments, file by file.
func (f sealed) month() map[string]string {
	return map[string]string{
		"r1.txt": f.result(1, said{n: 1, code: "0000"}, said{n: 2, code: "1003"}, said{n: 3, code: "9001"}),
		"r2.txt": f.result(2, said{n: 2, code: "0000"}, said{n: 3, code: "0000"}, said{n: 4, code: "1005"}),
		"s1.xml": statement("S1-"+f.ref, booked(f, 1, 2, 3)...),
		"s2.xml": statement("S2-"+f.ref, back(f, 1, 30_00), back(f, 3, 300_00)),
		"s3.xml": statement("S3-"+f.ref, back(f, 1, 70_00)),
		"s4.xml": on("2026-10-13", statement("S4-"+f.ref, booked(f, 2)...)),
	}
}

func TestImport_any_order_gives_the_same(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	names := []string{"r1.txt", "r2.txt", "s1.xml", "s2.xml", "s3.xml", "s4.xml"}
	rapid.Check(t, func(rt *rapid.T) {
		f := d.seal(100_00, 200_00, 300_00, 400_00)
		files := f.month()
		order := append(rapid.Permutation(names).Draw(rt, "order"), rapid.SliceOfN(rapid.SampledFrom(names), 0, 3).Draw(rt, "repeated")...)
		for _, name := range order {
			if _, err := d.try(name, files[name]); err != nil {
				rt.Fatalf("%s: %v", name, err)
			}
		}
		want := []string{"returned 100.00/100.00", "paid 200.00/0.00", "returned 300.00/300.00", "failed"}
		if diff := cmp.Diff(want, d.states(f)); diff != "" {
			rt.Fatalf("states (-want +got):\n%s", diff)
		}
		var contradictions, twice int
		var excess money.Fen
		err := d.db.Pool().QueryRow(d.ctx, `SELECT count(*) FILTER (WHERE b.kind = 'contradiction'), count(*) FILTER (WHERE b.kind = 'paid_twice'),
				(SELECT sum(excess_fen)::bigint FROM attempt WHERE file = $1)
			FROM break b JOIN attempt a ON a.id = b.attempt WHERE a.file = $1`, f.id).Scan(&contradictions, &twice, &excess)
		if err != nil || contradictions != 1 || twice != 1 || excess != 200_00 {
			rt.Fatalf("%d contradictions, %d paid twice, excess %s, %v", contradictions, twice, excess, err)
		}
	})
	d.sound()
}

func TestImport_races(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.seal(100_00, 200_00, 300_00, 400_00)
	files := f.month()
	files["s2-again.xml"] = strings.Replace(files["s2.xml"], "23:59:59", "23:59:58", 1)
	files["s2-third.xml"] = strings.Replace(files["s2.xml"], "23:59:59", "23:59:57", 1)
	var wg sync.WaitGroup
	failures := make(chan error, 100)
	for range 3 {
		for name, content := range files {
			wg.Go(func() {
				if _, err := d.try(name, content); err != nil {
					failures <- fmt.Errorf("%s: %w", name, err)
				}
			})
		}
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	d.want(f, "returned 100.00/100.00", "paid 200.00/0.00", "returned 300.00/300.00", "failed")
	if n := d.rows()["evidence_file"]; n != len(files) {
		t.Errorf("%d files on record, want %d", n, len(files))
	}
}

func TestLargeFile_in_chunks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.seal(100_00)
	entries := booked(f, 1)
	for i := range 12_000 {
		entries = append(entries, entry{"DBIT", fmt.Sprintf("GHOST-%06d", i), 1_00, ""})
	}
	done := d.read("s.xml", statement("S1", entries...))
	if done.Matched != 1 || done.Unmatched != 12_000 || done.Breaks != 12_000 {
		t.Errorf("%+v", done)
	}
	again := d.read("s-again.xml", strings.Replace(statement("S1", entries...), "23:59:59", "23:59:58", 1))
	if again.Repeated != 12_001 || again.Breaks != 0 {
		t.Errorf("%+v", again)
	}
	d.want(f, "paid 100.00/0.00")
}
