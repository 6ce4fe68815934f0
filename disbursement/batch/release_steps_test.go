package batch_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"fenlu/disbursement/batch"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

// ready makes an office with an approved list, more than one step carries, and
// a channel whose files take so few payments that there are several.
func ready(t *testing.T, channel string, maxRows int) *office {
	t.Helper()
	o, digest := month(t, channel)
	if _, err := o.db.Pool().Exec(t.Context(), `UPDATE channel SET max_rows = $2 WHERE code = $1`, channel, maxRows); err != nil {
		t.Fatal(err)
	}
	if _, err := o.batch.Approve(o.all("approver"), "TK-1", digest); err != nil {
		t.Fatal(explain(err))
	}
	return o
}

func (o *office) texts(sql string) []string {
	o.t.Helper()
	rows, err := o.db.Pool().Query(o.t.Context(), sql)
	if err != nil {
		o.t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		o.t.Fatal(err)
	}
	return found
}

// outcome is what a release leaves behind: every instruction in its file, where
// the money stands and for whom, the balances, and the bytes of the files.
type outcome struct {
	State    batch.State
	Attempts []string
	Runs     []string
	Balances map[ledger.AccountKind]money.Fen
	Payments []string // as the auditor's view shows them
	Files    map[string]string
}

func (o *office) outcome() outcome {
	o.t.Helper()
	out := outcome{State: o.state(), Balances: o.balances(), Files: map[string]string{}}
	out.Attempts = o.texts(`SELECT f.name || ' ' || a.file_line::text || ' ' || a.end_to_end_id || ' ' || p.no::text || ' #' || a.n::text || ' ' ||
			a.amount_fen::text || ' ' || a.state || ' ' || (SELECT count(*) FROM attempt_payee y WHERE y.attempt = a.id)::text
		FROM attempt a JOIN payment p ON p.id = a.payment JOIN bank_file f ON f.id = a.file ORDER BY f.ordinal, a.file_line`)
	out.Runs = o.texts(`SELECT p.lot::text || ' ' || p.offset_fen::text || '+' || p.amount_fen::text || ' ' || a.kind || ' line ' || l.no::text || ' payment ' || y.no::text
		FROM piece p JOIN leg h ON h.id = p.holding JOIN account a ON a.id = h.account
		JOIN entitlement_line l ON l.id = h.line JOIN payment y ON y.id = h.payment ORDER BY p.lot, p.offset_fen`)
	out.Payments = o.texts(`SELECT p.no::text || ' ' || x.state FROM x_payment x JOIN payment p ON p.id = x.id ORDER BY p.no`)
	dir := o.t.TempDir()
	files, err := o.batch.WriteFiles(o.all("releaser"), "TK-1", dir)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name))
		if err != nil {
			o.t.Fatal(err)
		}
		out.Files[f.Name] = string(text)
	}
	return out
}

// unseen wants no file, no instruction and no payment sent to be on record yet.
func (o *office) unseen() {
	o.t.Helper()
	dir := o.t.TempDir()
	files, err := o.batch.WriteFiles(o.all("releaser"), "TK-1", dir)
	written, _ := os.ReadDir(dir)
	if err != nil || len(files) != 0 || len(written) != 0 || len(o.status("TK-1").Files) != 0 {
		o.t.Errorf("files before the last step: %v, %v, %v", files, written, err)
	}
	if seen := o.texts(`SELECT end_to_end_id FROM x_attempt UNION ALL SELECT state FROM x_payment WHERE state <> 'formed'`); len(seen) != 0 {
		o.t.Errorf("on record before the last step: %v", seen)
	}
}

// isHeldBack: nobody may act on a batch that is being released.
func (o *office) isHeldBack(code string) {
	o.t.Helper()
	o.refused(second(o.batch.Cancel(o.all("approver9"), code, "作废")), "BATCH_STATE")
	o.refused(second(o.batch.ProposeList(o.all("clerk"), code, batch.Withhold, []int32{1}, "账户待核实")), "BATCH_STATE")
	o.refused(second(o.batch.ProposeReissue(o.all("clerk"), code, nil)), "BATCH_STATE")
	o.refused(second(o.batch.Close(o.all("closer"), code)), "BATCH_STATE")
	o.refused(second(o.inSteps(quietly).Release(o.all("maker"), code, day)), "BATCH_SAME_PERSON")
}

// tampered changes rows behind the program's back in a transaction that is
// rolled back, and wants a check to name it.
func (o *office) tampered(sql, check string) {
	o.t.Helper()
	tx, err := o.env.Owner(o.t).Begin(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(o.t.Context()) }()
	if _, err := tx.Exec(o.t.Context(), sql); err != nil {
		o.t.Fatal(err)
	}
	found, err := o.payment.Verify(o.t.Context(), tx)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, f := range found {
		if f.Check == check {
			return
		}
	}
	o.t.Errorf("%s does not name it: %v", check, found)
}

func TestRelease_in_steps_ends_as_in_one_transaction(t *testing.T) {
	t.Parallel()
	for channel, maxRows := range map[string]int{"DF": 5, "GK": 10} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			whole := ready(t, channel, maxRows)
			one, err := whole.batch.Release(whole.all("releaser"), "TK-1", day)
			if err != nil {
				t.Fatal(explain(err))
			}
			o := ready(t, channel, maxRows)
			got, err := o.inSteps(quietly).Release(o.all("releaser"), "TK-1", day)
			if err != nil {
				t.Fatal(explain(err))
			}
			if got.Amount != one.Amount || len(got.Files) != len(one.Files) || len(got.Files) < 2 || got.Batch.State != batch.Released {
				t.Errorf("got %+v, want %+v", got, one)
			}
			steps := o.texts(`SELECT file::text FROM release_step`)
			if len(steps) <= len(got.Files) {
				t.Errorf("%d steps for %d files: nothing was cut", len(steps), len(got.Files))
			}
			o.sound()
			if diff := cmp.Diff(whole.outcome(), o.outcome()); diff != "" {
				t.Errorf("one transaction against steps: %s", diff)
			}
			o.tampered(`DELETE FROM release_step WHERE first_line = 1 AND ordinal = 2`, "release_steps")
			again, err := o.inSteps(quietly).Release(o.all("releaser"), "TK-1", day)
			if err != nil || !again.Replay || again.Amount != got.Amount || len(again.Files) != len(got.Files) {
				t.Errorf("sent again: %+v, %v", again, err)
			}
			for _, p := range o.payments("TK-1") {
				o.settle(p.ID, evidence.Paid)
			}
			o.sound()
		})
	}
}

// Each call dies after a step or two, until one gets through.
func TestRelease_in_steps_goes_on_where_it_was_killed(t *testing.T) {
	t.Parallel()
	whole := ready(t, "DF", 5)
	whole.release("TK-1")
	o := ready(t, "DF", 5)
	held, partly := 0, 0
	for n := 1; ; n++ {
		ctx, die := context.WithCancel(o.all(fmt.Sprintf("releaser%d", n)))
		_, err := o.inStepsOf(2, func(asked int) {
			if asked == 3+n/3 {
				die()
			}
		}).Release(ctx, "TK-1", day)
		die()
		if err == nil {
			break
		}
		if ctx.Err() == nil || n > 90 {
			t.Fatalf("call %d: %s", n, explain(err))
		}
		o.unseen()
		if o.state() == batch.Releasing {
			held++
			if sums := o.balances(); sums[ledger.InTransit] > 0 && sums[ledger.Frozen] > 0 {
				partly++
			}
			o.isHeldBack("TK-1")
		}
		o.sound()
	}
	if held == 0 || partly < 3 {
		t.Errorf("%d calls died in the middle, %d of them with part of the money sent", held, partly)
	}
	o.sound()
	if diff := cmp.Diff(whole.outcome(), o.outcome()); diff != "" {
		t.Errorf("one transaction against steps: %s", diff)
	}
}

// begun releases a batch until its money is partly sent, and dies.
func (o *office) begun(on time.Time) {
	o.t.Helper()
	for n := 1; len(o.texts(`SELECT end_to_end_id FROM attempt`)) < 5; n++ {
		ctx, die := context.WithCancel(o.all("releaser"))
		_, err := o.inStepsOf(2, func(asked int) {
			if asked == n {
				die()
			}
		}).Release(ctx, "TK-1", on)
		die()
		if err == nil {
			o.t.Fatal("it was released before it could be killed")
		}
	}
	if o.state() != batch.Releasing {
		o.t.Fatalf("it is %s", o.state())
	}
}

func TestRelease_in_steps_gives_all_back_when_somebody_has_died_meanwhile(t *testing.T) {
	t.Parallel()
	o := ready(t, "DF", 5)
	before := o.balances()
	o.begun(day)
	o.dies(9, "2026-09-28")
	torn := 0
	for n, err := 1, context.Canceled; errs.CodeOf(err) != "BATCH_WITHHOLD_FIRST"; n++ {
		ctx, die := context.WithCancel(o.all("releaser"))
		_, err = o.inStepsOf(2, func(asked int) {
			if asked == n {
				die()
			}
		}).Release(ctx, "TK-1", day)
		killed := ctx.Err() != nil
		die()
		if !killed {
			o.refused(err, "BATCH_WITHHOLD_FIRST")
			break
		}
		if len(o.texts(`SELECT end_to_end_id FROM attempt WHERE state = 'stopped'`)) > 0 && o.state() == batch.Releasing {
			torn++
		}
		o.sound()
	}
	if torn == 0 {
		t.Error("no call died while it gave back")
	}
	if diff := cmp.Diff(before, o.balances()); diff != "" || o.state() != batch.Approved {
		t.Errorf("%s, before and after: %s", o.state(), diff)
	}
	o.unseen()
	o.list("TK-1", batch.Withhold, 17, 18) // both lines of the ninth
	got, err := o.inSteps(quietly).Release(o.all("releaser"), "TK-1", day)
	if err != nil {
		t.Fatal(explain(err))
	}
	if got.Amount != 8*69050 {
		t.Errorf("released %s", got.Amount)
	}
	o.sound()
	for _, p := range o.payments("TK-1") {
		if p.Amount > 0 {
			o.settle(p.ID, evidence.Paid)
		}
	}
	o.sound()
}

func TestRelease_in_steps_on_another_day_begins_again(t *testing.T) {
	t.Parallel()
	o := ready(t, "DF", 5)
	o.begun(day)
	next := day.AddDate(0, 0, 3)
	got, err := o.inSteps(quietly).Release(o.all("releaser2"), "TK-1", next)
	if err != nil {
		t.Fatal(explain(err))
	}
	for _, f := range got.Files {
		if !f.ExecuteOn.Equal(next) {
			t.Errorf("%s is dated %s", f.Name, f.ExecuteOn)
		}
	}
	if dates := o.texts(`SELECT DISTINCT j.business_date::text FROM release_step s JOIN bank_file f ON f.id = s.file JOIN journal j ON j.id = s.journal`); len(dates) != 1 || dates[0] != "2026-10-12" {
		t.Errorf("its journals are of %v", dates)
	}
	o.sound()
}

// Giving back was begun for another day and broken off: it is ended first,
// whatever day is asked for then.
func TestRelease_in_steps_ends_a_giving_back_first(t *testing.T) {
	t.Parallel()
	o := ready(t, "DF", 20)
	o.begun(day)
	for n := 1; len(o.texts(`SELECT end_to_end_id FROM attempt WHERE state = 'stopped'`)) == 0; n++ {
		ctx, die := context.WithCancel(o.all("releaser"))
		_, err := o.inStepsOf(2, func(asked int) {
			if asked == n {
				die()
			}
		}).Release(ctx, "TK-1", day.AddDate(0, 0, 3))
		if die(); err == nil {
			t.Fatal("it was released before it could be killed")
		}
	}
	if left := o.texts(`SELECT end_to_end_id FROM attempt WHERE state = 'written'`); len(left) == 0 {
		t.Fatal("all was given back before it died")
	}
	if _, err := o.inStepsOf(2, quietly).Release(o.all("releaser"), "TK-1", day); err != nil {
		t.Fatal(explain(err))
	}
	if o.state() != batch.Released || o.balances()[ledger.InTransit] != 9*69050 {
		t.Errorf("%s, %v", o.state(), o.balances())
	}
	o.sound()
	alive := o.texts(`SELECT a.end_to_end_id FROM attempt a WHERE a.state = 'written' AND NOT EXISTS (SELECT 1 FROM bank_file f WHERE f.id = a.file)`)
	if stopped := o.texts(`SELECT end_to_end_id FROM attempt WHERE state = 'stopped'`); len(alive) != 0 || len(stopped) < 5 {
		t.Errorf("of the release that was given back %v are alive, %v stopped", alive, stopped)
	}
}

// waitForLock returns when somebody waits for a lock in the office's database.
func (o *office) waitForLock() { o.waitForLocks(1) }

// waitForLocks is waitForLock of so many.
func (o *office) waitForLocks(n int) {
	for waiting := 0; waiting < n; {
		err := o.db.Pool().QueryRow(o.t.Context(), `SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
			WHERE NOT l.granted AND a.datname = current_database()`).Scan(&waiting)
		if err != nil {
			o.t.Error(err)
			return
		}
	}
}

func TestRelease_in_steps_of_two_at_once_releases_once(t *testing.T) {
	t.Parallel()
	o := ready(t, "DF", 5)
	var g errgroup.Group
	release := func(login string, svc *batch.Service) {
		g.Go(func() error {
			_, err := svc.Release(o.all(login), "TK-1", day)
			if code := errs.CodeOf(err); code == "BATCH_SENDING" || code == "BATCH_STEP_DONE" {
				return nil
			}
			return err
		})
	}
	// The second comes while the first is in its first step, and is next at the lock.
	release("releaser1", o.inSteps(func(asked int) {
		if asked == 3 {
			release("releaser2", o.inSteps(quietly))
			o.waitForLock()
		}
	}))
	if err := g.Wait(); err != nil {
		t.Fatal(explain(err))
	}
	if o.state() == batch.Releasing { // each met the other: whoever comes now ends it
		if _, err := o.inSteps(quietly).Release(o.all("releaser1"), "TK-1", day); err != nil {
			t.Fatal(explain(err))
		}
	}
	if o.state() != batch.Released || o.balances()[ledger.InTransit] != 9*69050 {
		t.Errorf("%s, %v", o.state(), o.balances())
	}
	o.sound()
}
