package reconciliation_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"fenlu/internal/db"
	"fenlu/internal/evidence"
	"fenlu/reconciliation"
)

// inSteps makes a desk read files on a database that carries two lines in a
// transaction. at is called before the payments are moved: a moment in the
// middle of a step, at which a test may end it.
func (d *desk) inSteps(at func()) *reconciliation.Service {
	d.t.Helper()
	small, err := db.Open(d.t.Context(), db.Options{URL: d.env.AppURL, BulkRows: 2}, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = small.Close() })
	return reconciliation.New(small, watched{at: at}, d.keys, d.clock, nil)
}

// watched are payments that tell when they are moved.
type watched struct {
	states
	at func()
}

func (w watched) ApplyTx(ctx context.Context, tx pgx.Tx, outcomes []evidence.Outcome, c evidence.Command) (evidence.Applied, error) {
	w.at()
	return w.states.ApplyTx(ctx, tx, outcomes, c)
}

// letter is a file from the bank.
type letter struct{ name, content string }

// letters are files of every kind, each with more lines than a step has.
func letters(d *desk) []letter {
	f, g := d.seal(100_00, 200_00, 300_00, 400_00, 500_00), d.seal(10_00, 20_00, 30_00, 40_00, 50_00)
	ghost := f
	ghost.ids, ghost.amounts = append([]string{"GHOST-000001"}, f.ids[1:]...), f.amounts
	return []letter{
		{"r1.txt", ghost.result(1, said{n: 2, code: "0000"}, said{n: 1, code: "0000"}, said{n: 3, code: "1003"}, said{n: 4, code: "9001"}, said{n: 5, code: "0000", amount: 499_00})},
		{"p.xml", report(g, "P1", "RJCT", "AM04", map[int]string{2: "ACCC"})},
		{"s1.xml", statement("S1", append(booked(f, 1, 2, 3, 4, 5), back(f, 2, 200_00), back(f, 4, 150_00), entry{"CRDT", "", 12_34, "利息"})...)},
		{"s2.xml", statement("S2", append(booked(f, 2, 4, 5), entry{"CRDT", "", 56_78, "利息"}, back(f, 5, 500_00))...)},
	}
}

// all is everything on record about evidence but its numbers.
func (d *desk) all() map[string][]string {
	d.t.Helper()
	got := map[string][]string{}
	for name, sql := range map[string]string{
		"files": `SELECT name || ' ' || item_count::text FROM evidence_file ORDER BY name`,
		"lines": `SELECT f.name || ' ' || e.pos::text || ' ' || e.kind || ' ' || e.end_to_end_id || ' ' || e.amount_fen::text || ' ' || e.says || ' ' || e.outcome || ' ' ||
			coalesce(e.attempt, 0)::text FROM evidence e JOIN evidence_file f ON f.id = e.file ORDER BY f.name, e.pos`,
		"breaks":   `SELECT f.name || ' ' || b.pos::text || ' ' || b.kind || ' ' || b.amount_fen::text || ' ' || coalesce(b.attempt, 0)::text FROM break b JOIN evidence_file f ON f.id = b.file ORDER BY 1`,
		"attempts": `SELECT end_to_end_id || ' ' || state || ' ' || booked_fen::text || ' ' || returned_fen::text || ' ' || excess_fen::text FROM attempt ORDER BY id`,
		"leaves":   `SELECT kind FROM log_pending WHERE kind = 'evidence'`,
	} {
		rows, err := d.db.Pool().Query(d.ctx, sql)
		if err != nil {
			d.t.Fatal(err)
		}
		if got[name], err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			d.t.Fatal(err)
		}
	}
	return got
}

func (l letter) file() reconciliation.File {
	return reconciliation.File{Name: l.name, Content: strings.NewReader(l.content)}
}

func quietly() {}

func TestImport_in_steps_ends_as_in_one_transaction(t *testing.T) {
	t.Parallel()
	whole, d := newDesk(t), newDesk(t)
	one := letters(whole)
	many := letters(d)
	svc := d.inSteps(quietly)
	for i := range one {
		want := whole.read(one[i].name, one[i].content)
		got, err := svc.Import(d.ctx, many[i].file())
		if err != nil {
			t.Fatalf("%s: %v", many[i].name, err)
		}
		got.File, want.File = 0, 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, one transaction against steps:\n%s", many[i].name, diff)
		}
		d.sound()
		again, err := svc.Import(d.ctx, many[i].file())
		if err != nil || !again.Replay || again.Matched != want.Matched || again.Inherited != want.Inherited {
			t.Errorf("%s sent again: %+v, %v", many[i].name, again, err)
		}
	}
	if diff := cmp.Diff(whole.all(), d.all()); diff != "" {
		t.Errorf("one transaction against steps:\n%s", diff)
	}
	var steps int
	if err := d.db.Pool().QueryRow(d.ctx, `SELECT count(*) FROM evidence_step`).Scan(&steps); err != nil || steps < 10 {
		t.Errorf("%d steps, %v", steps, err)
	}
	if got, err := d.svc.Import(d.ctx, many[0].file()); err != nil || !got.Replay { // and to one that knows no steps
		t.Errorf("%+v, %v", got, err)
	}
}

// Each call dies in its second step, until one gets through.
func TestImport_in_steps_goes_on_where_it_was_killed(t *testing.T) {
	t.Parallel()
	whole, d := newDesk(t), newDesk(t)
	one := letters(whole)
	many := letters(d)
	killed := 0
	for i := range one {
		whole.read(one[i].name, one[i].content)
		for {
			ctx, die := context.WithCancel(d.ctx)
			moves := 0
			done, err := d.inSteps(func() {
				if moves++; moves == 2 {
					die()
				}
			}).Import(ctx, many[i].file())
			dead := ctx.Err() != nil
			die()
			if err == nil {
				if done.Replay {
					t.Errorf("%s: what was begun is told as a replay", many[i].name)
				}
				break
			}
			if !dead {
				t.Fatalf("%s: %v", many[i].name, err)
			}
			killed++
			if files := d.all()["files"]; len(files) != i {
				t.Errorf("on record before the last step: %v", files)
			}
			d.sound()
		}
	}
	if killed < 3 {
		t.Errorf("%d calls died between two steps", killed)
	}
	if diff := cmp.Diff(whole.all(), d.all()); diff != "" {
		t.Errorf("one transaction against steps:\n%s", diff)
	}
	d.sound()
}

func TestImport_in_steps_of_two_at_once_reads_once(t *testing.T) {
	t.Parallel()
	whole, d := newDesk(t), newDesk(t)
	one := letters(whole)
	many := letters(d)
	for i := range one {
		whole.read(one[i].name, one[i].content)
		var g errgroup.Group
		for range 2 {
			svc := d.inSteps(quietly)
			g.Go(func() error {
				_, err := svc.Import(d.ctx, many[i].file())
				return err
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatalf("%s: %v", many[i].name, err)
		}
		d.sound()
	}
	if diff := cmp.Diff(whole.all(), d.all()); diff != "" {
		t.Errorf("one transaction against steps:\n%s", diff)
	}
}

// What was begun in steps is ended by one that knows none.
func TestImport_in_steps_is_ended_in_one(t *testing.T) {
	t.Parallel()
	whole, d := newDesk(t), newDesk(t)
	one := letters(whole)
	many := letters(d)
	whole.read(one[0].name, one[0].content)
	ctx, die := context.WithCancel(d.ctx)
	moves := 0
	_, err := d.inSteps(func() {
		if moves++; moves == 2 {
			die()
		}
	}).Import(ctx, many[0].file())
	if die(); err == nil {
		t.Fatal("it did not die")
	}
	d.read(many[0].name, many[0].content)
	if diff := cmp.Diff(whole.all(), d.all()); diff != "" {
		t.Errorf("one transaction against steps:\n%s", diff)
	}
	d.sound()
}

// A file that says everything twice: what one step found, the next does not find
// again.
func TestImport_in_steps_of_a_file_that_contradicts_itself(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.seal(100_00, 200_00, 300_00)
	svc := d.inSteps(quietly)
	lines := []said{
		{n: 1, code: "0000"}, {n: 1, code: "1003"}, // a step
		{n: 1, code: "0000"}, {n: 2, code: "1003"},
		{n: 3, code: "1003"}, {n: 2, code: "0000"},
		{n: 2, code: "1003"}, {n: 3, code: "1003"},
	}
	if _, err := svc.Import(d.ctx, letter{"r.txt", f.result(1, lines...)}.file()); err != nil {
		t.Fatal(err)
	}
	d.want(f, "paid 100.00/0.00", "paid 200.00/0.00", "failed")
	d.wantBreaks("contradiction 100.00", "contradiction 200.00")
}
