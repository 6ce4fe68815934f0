package batch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/payment"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// watched is a clock that tells how often it was asked: a moment in the middle
// of a command, at which a test may end it.
type watched struct {
	clock.Clock
	asked int
	at    func(n int)
}

func (w *watched) Now() time.Time {
	w.asked++
	w.at(w.asked)
	return w.Clock.Now()
}

// inSteps is the office's batches on a database that carries few rows in a
// transaction. at is called whenever a step asks for the time, before it locks
// money.
func (o *office) inSteps(at func(n int)) *batch.Service {
	o.t.Helper()
	return o.inStepsOf(7, at)
}

// inStepsOf is inSteps with steps of so many rows.
func (o *office) inStepsOf(rows int, at func(n int)) *batch.Service {
	o.t.Helper()
	d, err := db.Open(o.t.Context(), db.Options{URL: o.env.AppURL, BulkRows: rows}, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = d.Close() })
	book, watch := ledger.New(d, o.clock, nil), &watched{Clock: o.clock, at: at}
	pay := payment.NewService(d, book, o.parties, watch, nil)
	return batch.New(d, book, o.parties, o.benefits, o.funds, pay, watch, nil)
}

func quietly(int) {}

// month makes an office with a submitted list: lines of two levels and of one,
// more than one step carries.
func month(t *testing.T, channel string) (*office, batch.Digest) {
	t.Helper()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.money("省财社〔2026〕31号", "省", "6000.00")
	o.money("县财预〔2026〕6号", "县", "200.00")
	o.money("县财预〔2026〕8号", "县", "900.00")
	var people, lines []row
	for n := 1; n <= 9; n++ {
		people = append(people, head(n))
		care := poor(n, "分散", "259.00").with("分项", "照料护理", "类别", "半护理")
		lines = append(lines, care, poor(n, "分散", "431.50"))
	}
	o.people(people...)
	return o, o.submitted("TK-1", "TK", channel, lines...)
}

// frozenRuns is where every frozen fen of the office is, and for whom.
func (o *office) frozenRuns() []string {
	o.t.Helper()
	rows, err := o.db.Pool().Query(o.t.Context(), `SELECT p.lot::text || ' ' || p.offset_fen::text || '+' || p.amount_fen::text ||
			' line ' || l.no::text || ' payment ' || y.no::text || ' of ' || y.amount_fen::text || '/' || y.line_count::text
		FROM piece p JOIN leg h ON h.id = p.holding JOIN account a ON a.id = h.account AND a.kind = 'frozen'
		JOIN entitlement_line l ON l.id = h.line JOIN payment y ON y.id = h.payment ORDER BY p.lot, p.offset_fen`)
	if err != nil {
		o.t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		o.t.Fatal(err)
	}
	return found
}

func (o *office) state() batch.State {
	o.t.Helper()
	b, err := batch.ByCode(o.t.Context(), o.db.Pool(), "TK-1")
	if err != nil {
		o.t.Fatal(err)
	}
	return b.State
}

// Nobody may act on a batch that is being frozen.
func (o *office) isHeld(code string) {
	o.t.Helper()
	o.refused(second(o.batch.Reject(o.all("approver"), code, "退回")), "BATCH_STATE")
	o.refused(second(o.batch.Cancel(o.all("approver"), code, "作废")), "BATCH_STATE")
	o.refused(second(o.batch.Release(o.all("releaser"), code, day)), "BATCH_STATE")
	o.refused(second(o.batch.ProposeList(o.all("maker"), code, batch.Withdraw, []int32{1}, "撤出")), "BATCH_STATE")
}

func TestApprove_in_steps_ends_as_in_one_transaction(t *testing.T) {
	t.Parallel()
	for _, channel := range []string{"DF", "GK"} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			whole, digest := month(t, channel)
			if _, err := whole.batch.Approve(whole.all("approver"), "TK-1", digest); err != nil {
				t.Fatal(explain(err))
			}
			o, digest := month(t, channel)
			got, err := o.inSteps(quietly).Approve(o.all("approver"), "TK-1", digest)
			if err != nil {
				t.Fatal(explain(err))
			}
			if got.Batch.State != batch.Approved || got.Payments != len(o.payments("TK-1")) || got.Amount != money.Fen(9*69050) {
				t.Errorf("%+v", got)
			}
			if diff := cmp.Diff(whole.frozenRuns(), o.frozenRuns()); diff != "" && channel == "DF" {
				t.Errorf("one transaction against steps: %s", diff)
			}
			if diff := cmp.Diff(whole.balances(), o.balances()); diff != "" {
				t.Errorf("one transaction against steps: %s", diff)
			}
			o.sound()
			again, err := o.inSteps(quietly).Approve(o.all("approver"), "TK-1", digest)
			if err != nil || !again.Replay || again.Payments != got.Payments || again.Journal != got.Journal {
				t.Errorf("sent again: %+v, %v", again, err)
			}
			o.release("TK-1")
			o.sound()
		})
	}
}

// Each call dies a moment later than the one before, until one gets through.
func TestApprove_in_steps_goes_on_where_it_was_killed(t *testing.T) {
	t.Parallel()
	whole, digest := month(t, "DF")
	if _, err := whole.batch.Approve(whole.all("approver"), "TK-1", digest); err != nil {
		t.Fatal(explain(err))
	}
	o, digest := month(t, "DF")
	held := 0
	for n := 1; ; n++ {
		ctx, die := context.WithCancel(o.all(fmt.Sprintf("approver%d", n)))
		_, err := o.inSteps(func(asked int) {
			if asked == n {
				die()
			}
		}).Approve(ctx, "TK-1", digest)
		die()
		if err == nil {
			break
		}
		if ctx.Err() == nil || n > 50 {
			t.Fatalf("call %d: %s", n, explain(err))
		}
		if o.state() == batch.Freezing {
			held++
			o.isHeld("TK-1")
		}
		o.sound()
	}
	if held == 0 {
		t.Error("no call died between two steps")
	}
	if diff := cmp.Diff(whole.frozenRuns(), o.frozenRuns()); diff != "" {
		t.Errorf("one transaction against steps: %s", diff)
	}
	o.sound()
}

func TestApprove_in_steps_gives_all_back_when_the_money_is_gone(t *testing.T) {
	t.Parallel()
	o, digest := month(t, "DF")
	before := o.balances()
	gone := false
	_, err := o.inSteps(func(asked int) {
		if asked > 3 && !gone {
			gone = true
			o.drain("县财预〔2026〕8号")
		}
	}).Approve(o.all("approver"), "TK-1", digest)
	if !gone {
		t.Fatal("the money was never taken")
	}
	o.refused(err, "BATCH_SHORT")
	if o.state() != batch.Submitted || len(o.frozenRuns()) != 0 {
		t.Errorf("%s, frozen: %v", o.state(), o.frozenRuns())
	}
	after := o.balances()
	if after[ledger.Frozen] != before[ledger.Frozen] || after[ledger.Frozen]+after[ledger.Available]+after[ledger.Withdrawn] != before[ledger.Available] {
		t.Errorf("before %v, after %v", before, after)
	}
	o.sound()
	o.money("县财预〔2026〕7号", "县", "1100.00")
	if _, err := o.inSteps(quietly).Approve(o.all("approver"), "TK-1", digest); err != nil {
		t.Fatal(explain(err))
	}
	o.release("TK-1")
	o.sound()
}

func TestApprove_in_steps_of_two_at_once_freezes_once(t *testing.T) {
	t.Parallel()
	o, digest := month(t, "DF")
	var g errgroup.Group
	for _, login := range []string{"approver1", "approver2"} {
		svc := o.inSteps(quietly)
		g.Go(func() error {
			_, err := svc.Approve(o.all(login), "TK-1", digest)
			if code := errs.CodeOf(err); code == "BATCH_FREEZING" || code == "BATCH_STEP_DONE" {
				return nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(explain(err))
	}
	if o.state() != batch.Approved || o.balances()[ledger.Frozen] != 9*69050 {
		t.Errorf("%s, %v", o.state(), o.balances())
	}
	o.sound()
}
