package reconciliation_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/internal/evidence"
	"fenlu/reconciliation"
)

func TestImport_bank_debits_twice(t *testing.T) {
	t.Parallel()
	const refA, refB = "D20261009-A", "D20261009-B"
	again := func(f sealed) []entry { return append(booked(f, 1), booked(f, 1)...) }
	for name, c := range map[string]struct {
		files  func(f sealed) []string
		want   string
		excess string
		breaks []string
	}{
		"a_success_and_a_booking_are_one": {
			files: func(f sealed) []string {
				return []string{f.result(1, said{n: 1, code: "0000"}), statement("S1", booked(f, 1)...)}
			},
			want: "paid 100.00/0.00", excess: "0.00",
		},
		"two_references_in_one_statement": {
			files: func(f sealed) []string { return []string{referred(statement("S1", again(f)...), refA, refB)} },
			want:  "paid 100.00/0.00", excess: "100.00", breaks: []string{"paid_twice 100.00"},
		},
		"two_statements": {
			files: func(f sealed) []string {
				return []string{referred(statement("S1", booked(f, 1)...), refA), referred(statement("S2", booked(f, 1)...), refB)}
			},
			want: "paid 100.00/0.00", excess: "100.00", breaks: []string{"paid_twice 100.00"},
		},
		"no_references": {
			files: func(f sealed) []string {
				return []string{statement("S1", again(f)...), statement("S1-copy", again(f)...)}
			},
			want: "paid 100.00/0.00", excess: "100.00", breaks: []string{"paid_twice 100.00"},
		},
		"numbers_of_entries_are_no_references": {
			files: func(f sealed) []string {
				return []string{referred(statement("S1", booked(f, 1)...), "1"), referred(statement("S1-copy", booked(f, 1)...), "2")}
			},
			want: "paid 100.00/0.00", excess: "0.00",
		},
		"one_reference_for_both": {
			files: func(f sealed) []string { return []string{referred(statement("S1", again(f)...), refA, refA)} },
			want:  "paid 100.00/0.00", excess: "100.00", breaks: []string{"paid_twice 100.00"},
		},
		"issued_again_under_another_id": {
			files: func(f sealed) []string {
				return []string{referred(statement("S1", booked(f, 1)...), refA), referred(statement("S2", booked(f, 1)...), refA)}
			},
			want: "paid 100.00/0.00", excess: "0.00",
		},
		"and_takes_one_back": {
			files: func(f sealed) []string {
				return []string{statement("S1", again(f)...), on("2026-10-12", statement("S2", back(f, 1, 100_00), back(f, 1, 100_00)))}
			},
			want: "returned 100.00/100.00", excess: "0.00", breaks: []string{"paid_twice 100.00"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			f := d.seal(100_00)
			for i, content := range c.files(f) {
				d.read(fmt.Sprintf("f%d", i), content)
			}
			d.want(f, c.want)
			d.wantBreaks(c.breaks...)
			list, err := states{}.read(d.ctx, d.db.Pool(), stateColumns+`WHERE a.file = $1`, f.id)
			if err != nil || list[0].Excess.String() != c.excess {
				t.Errorf("%+v, %v", list, err)
			}
		})
	}
}

func TestStatus_shows_what_was_debited_twice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.seal(100_00)
	d.read("r1.txt", f.result(1, said{n: 1, code: "0000"}))
	d.read("s1.xml", statement("S1", append(booked(f, 1), booked(f, 1)...)...))
	got, err := d.svc.Status(d.ctx, d.db.Pool(), "DB-1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]reconciliation.Difference{{Kind: reconciliation.DiffExcess, Count: 1, Amount: 100_00}}, got[0].Differences); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// listening is states that keeps what it was told.
type listening struct {
	states
	mu   *sync.Mutex
	told *[]evidence.Outcome
}

func (l listening) ApplyTx(ctx context.Context, tx pgx.Tx, outcomes []evidence.Outcome, cmd evidence.Command) (evidence.Applied, error) {
	l.mu.Lock()
	*l.told = append(*l.told, outcomes...)
	l.mu.Unlock()
	return l.states.ApplyTx(ctx, tx, outcomes, cmd)
}

func TestImport_tells_returns_one_by_one(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var told []evidence.Outcome
	d.svc = reconciliation.New(d.db, listening{mu: &sync.Mutex{}, told: &told}, d.keys, d.clock, nil)
	f := d.seal(100_00)
	first, second, third := back(f, 1, 30_00), back(f, 1, 50_00), back(f, 1, 90_00)
	first.text, second.text, third.text = "退回 蒋玉兰", "退回 柳青", "退回 不明"
	d.read("s1.xml", statement("S1", first, second))
	d.read("s2.xml", on("2026-10-10", statement("S2", third)))
	want := [][]evidence.Back{
		{{Amount: 30_00, Hint: "退回 蒋玉兰"}, {Amount: 50_00, Hint: "退回 柳青"}},
		{{Amount: 30_00, Hint: "退回 蒋玉兰"}, {Amount: 50_00, Hint: "退回 柳青"}, {Amount: 20_00, Hint: "退回 不明"}},
	}
	if diff := cmp.Diff(want, [][]evidence.Back{told[0].Back, told[1].Back}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	d.wantBreaks("amount_differs 70.00")
}

func TestImport_wants_evidence_from_where_it_belongs(t *testing.T) {
	t.Parallel()
	foreign := func(content string) string {
		return strings.Replace(content, "955800991301000018", "955800991301000026", 1)
	}
	for name, content := range map[string]func(f, other sealed) string{
		"a_booking_on_another_account": func(f, _ sealed) string { return foreign(statement("S1", booked(f, 1)...)) },
		"a_return_on_another_account":  func(f, _ sealed) string { return foreign(statement("S1", back(f, 1, 100_00))) },
		"a_result_of_another_file": func(f, other sealed) string {
			f.ref = other.ref
			return f.result(1, said{n: 1, code: "0000"})
		},
		"a_failure_in_the_answer_to_another_file": func(f, other sealed) string {
			f.ref = other.ref
			return report(f, "R1", "", "", map[int]string{1: "RJCT AC04"})
		},
		"a_result_for_another_row": func(f, _ sealed) string {
			return strings.Replace(f.result(1, said{n: 1, code: "0000"}), "\nL|1|", "\nL|2|", 1)
		},
		"a_batch_refused_in_the_answer_to_another_file": func(f, other sealed) string {
			return strings.Replace(report(f, "R1", "", "", map[int]string{1: "RJCT AC04"}), "<OrgnlMsgId>"+f.ref, "<OrgnlMsgId>"+other.ref, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			f, other := d.seal(100_00), d.seal(55_00)
			done := d.read("x", content(f, other))
			if done.Unmatched != 1 || done.Matched != 0 || done.Breaks != 1 || done.Journal != 0 {
				t.Errorf("%+v", done)
			}
			d.want(f, "sent")
			d.want(other, "sent")
			if open, err := reconciliation.Breaks(d.ctx, d.db.Pool(), reconciliation.BreakFilter{OpenOnly: true}); err != nil || len(open) != 1 ||
				open[0].Kind != reconciliation.BreakUnmatched || open[0].EndToEndID != f.ids[0] {
				t.Errorf("%+v, %v", open, err)
			}
		})
	}
	t.Run("a_whole_batch_refused_in_the_answer_to_another_file", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f, other := d.seal(100_00), d.seal(55_00)
		whole := `<OrgnlPmtInfAndSts><OrgnlPmtInfId>` + f.ref + `</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt>`
		d.read("r.xml", strings.Replace(report(other, "R1", "", "", nil), "</CstmrPmtStsRpt>", whole, 1))
		d.want(f, "sent")
		d.want(other, "sent")
		d.wantBreaks("unmatched 0.00")
	})
	t.Run("figures_set_apart_are_the_same_account", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		f := d.seal(100_00)
		d.read("s1.xml", strings.Replace(statement("S1", booked(f, 1)...), "955800991301000018", "9558-0099-1301-000018", 1))
		d.want(f, "paid 100.00/0.00")
	})
}

func TestOpenBreaks_counts_by_attempt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.seal(100_00, 200_00, 300_00)
	d.read("s1.xml", statement("S1", booked(f, 1)[0], booked(f, 1)[0], entry{"DBIT", f.ids[1], 1_00, ""}, entry{"CRDT", "GHOST-1", 7_00, "退汇"}))
	d.read("r1.txt", f.result(1, said{n: 1, code: "1003"}))
	ids := []int64{1, 2, 3}
	open, err := reconciliation.OpenBreaks(d.ctx, d.db.Pool(), ids)
	if diff := cmp.Diff(map[int64]int{1: 2, 2: 1}, open); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	list, err := reconciliation.Breaks(d.ctx, d.db.Pool(), reconciliation.BreakFilter{OpenOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range list {
		if _, err := d.svc.ResolveBreak(d.ctx, reconciliation.Resolve{Break: b.ID, Resolution: "已与银行核实"}); err != nil {
			t.Fatal(err)
		}
	}
	if open, err = reconciliation.OpenBreaks(d.ctx, d.db.Pool(), ids); err != nil || len(open) != 0 {
		t.Errorf("resolved, yet %v, %v", open, err)
	}
}

func TestImport_stores_no_long_numbers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.seal(100_00)
	e := back(f, 1, 100_00)
	e.text = "账号６２２９ 9913-0100 0000 017，证件99130119800101402X，电话13800000000，指令" + f.ids[0] + "，蒋玉兰"
	ghost := entry{"DBIT", "99130119800101402X", 1_00, ""}
	d.read("s1.xml", referred(statement("S1", e, ghost, entry{"DBIT", "GHOST-000001", 1_00, ""}), "6229991301000000010", "D2026100959abec", "20261009000001"))
	rows, err := d.db.Pool().Query(d.ctx, `SELECT end_to_end_id || ' ' || bank_ref || ' ' || reason_text FROM evidence ORDER BY pos`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		f.ids[0] + " 62***************10 账号62***************17，证件99**************2X，电话13*******00，指令" + f.ids[0] + "，蒋玉兰",
		"99**************2X D2026100959abec ",
		"GHOST-000001 20261009000001 ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
