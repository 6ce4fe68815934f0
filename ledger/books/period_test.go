package books_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fenlu/auth"
	"fenlu/internal/check"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
	"fenlu/ledger"
	"fenlu/ledger/books"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// desk is a ledger in January 2027 with a lot, its books, and two people.
type desk struct {
	t      *testing.T
	db     *db.DB
	owner  *pgxpool.Pool
	ledger *ledger.Service
	books  *books.Service
	clock  *clock.Manual
	lot    ledger.LotID
	from   ledger.AccountID
	he     context.Context //nolint:containedctx // a test's own
	lin    context.Context //nolint:containedctx // a test's own
	open   openWork
	n      int
}

// openWork is what the rooms above would say is open.
type openWork map[books.Period][]books.Open

func (w openWork) OpenIn(_ context.Context, _ db.Querier, p books.Period) ([]books.Open, error) {
	return w[p], nil
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	c := clock.NewManual(time.Date(2027, 1, 8, 9, 0, 0, 0, clock.Shanghai))
	log := slog.New(slog.DiscardHandler)
	k := &desk{t: t, db: d, owner: env.Owner(t), clock: c, ledger: ledger.New(d, c, log), open: openWork{}}
	k.books = books.New(d, c, log, k.open)
	k.he = auth.WithActor(t.Context(), auth.Actor{Login: "he", Name: "何晓舟", Rights: auth.NewRights(auth.PeriodClose)})
	k.lin = auth.WithActor(t.Context(), auth.Actor{Login: "lin", Name: "林若溪", Rights: auth.NewRights(auth.PeriodClose)})
	err := d.Run(t.Context(), func(tx pgx.Tx) (err error) {
		k.lot, err = ledger.OpenLot(t.Context(), tx, ledger.Appropriation)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	k.must(k.post("2026-10-12", ledger.Bring{Lot: k.lot, To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: 100_000}))
	a, _, err := ledger.AccountAt(t.Context(), d.Pool(), k.lot, ledger.Place{Kind: ledger.Available, BudgetLine: 1})
	if err != nil {
		t.Fatal(err)
	}
	k.from = a.ID
	return k
}

func date(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func (k *desk) post(on string, steps ...ledger.Step) (ledger.Posted, error) {
	k.n++
	return k.ledger.Post(k.t.Context(), ledger.Command{Key: fmt.Sprint("k", k.n), Kind: "test", Actor: "zhou", Cause: "test:1", BusinessDate: date(on), Steps: steps})
}

func (k *desk) aside(amount money.Fen) ledger.Step {
	return ledger.Shift{From: k.from, To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 1}, Amount: amount}
}

func (k *desk) must(p ledger.Posted, err error) ledger.Posted {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
	return p
}

// close closes a period by two people.
func (k *desk) close(p books.Period) {
	k.t.Helper()
	if _, err := k.books.ProposeClose(k.he, p, "月结"); err != nil {
		k.t.Fatal(err)
	}
	if _, err := k.books.Confirm(k.lin, p); err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) refused(code string, err error) {
	k.t.Helper()
	if errs.CodeOf(err) != code {
		k.t.Errorf("got %v, want %s", err, code)
	}
}

func (k *desk) sound() {
	k.t.Helper()
	for _, verify := range []func(context.Context, db.Querier) ([]check.Finding, error){books.Verify, ledger.Verify} {
		found, err := verify(k.t.Context(), k.db.Pool())
		if err != nil {
			k.t.Fatal(err)
		}
		for _, f := range found {
			k.t.Errorf("verify: %+v", f)
		}
	}
}

// again wants an act that was asked for a second time to be the one that is on
// record.
func (k *desk) again(a books.Act, err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
	acts, err := books.Acts(k.t.Context(), k.db.Pool(), a.Period)
	if err != nil || len(acts) == 0 || acts[len(acts)-1].ID != a.ID {
		k.t.Errorf("asked again: %+v is not the last of %+v, %v", a, acts, err)
	}
}

func TestPeriod_is_closed_and_reopened_by_two_people(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	_, err := k.books.Confirm(k.lin, "2026-10")
	k.refused("PERIOD_NOTHING_PROPOSED", err)
	_, err = k.books.ProposeClose(t.Context(), "2026-10", "月结")
	k.refused("AUTH_NO_ACTOR", err)
	_, err = k.books.ProposeClose(k.he, "2026年10月", "月结")
	k.refused("PERIOD_NAME", err)
	_, err = k.books.ProposeClose(k.he, "2026-10", "")
	k.refused("PERIOD_REASON", err)
	if _, err = k.books.ProposeClose(k.he, "2026-10", "月结"); err != nil {
		t.Fatal(err)
	}
	k.again(k.books.ProposeClose(k.he, "2026-10", "月结"))
	_, err = k.books.ProposeClose(k.lin, "2026-10", "月结")
	k.refused("PERIOD_PENDING", err)
	_, err = k.books.ProposeClose(k.he, "2026-10", "另有原因")
	k.refused("PERIOD_PENDING", err)
	_, err = k.books.Confirm(k.he, "2026-10")
	k.refused("PERIOD_SAME_PERSON", err)
	a, err := k.books.Confirm(k.lin, "2026-10")
	if err != nil || a.Kind != books.Close || a.Journals != 1 || a.Amount != 100_000 {
		t.Fatalf("confirmed %+v, %v", a, err)
	}
	k.again(k.books.Confirm(k.lin, "2026-10"))
	_, err = k.books.Confirm(k.he, "2026-10")
	k.refused("PERIOD_NOTHING_PROPOSED", err)
	_, err = k.post("2026-10-31", k.aside(1))
	k.refused("LEDGER_PERIOD_CLOSED", err)
	_, err = k.books.ProposeClose(k.he, "2026-10", "月结")
	k.refused("PERIOD_CLOSED_ALREADY", err)

	if _, err := k.books.ProposeReopen(k.he, "2026-10", "漏记一笔"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.books.RejectProposal(k.lin, "2026-10", "请记入十一月"); err != nil {
		t.Fatal(err)
	}
	k.again(k.books.RejectProposal(k.lin, "2026-10", "请记入十一月"))
	_, err = k.post("2026-10-31", k.aside(1))
	k.refused("LEDGER_PERIOD_CLOSED", err)
	if _, err := k.books.ProposeReopen(k.he, "2026-10", "漏记一笔"); err != nil {
		t.Fatal(err)
	}
	if a, err = k.books.Confirm(k.lin, "2026-10"); err != nil || a.Kind != books.Reopen {
		t.Fatalf("confirmed %+v, %v", a, err)
	}
	k.must(k.post("2026-10-31", k.aside(1)))
	k.close("2026-10")
	acts, err := books.Acts(t.Context(), k.db.Pool(), "2026-10")
	var story []string
	for _, a := range acts {
		story = append(story, string(a.Kind)+" "+a.Actor)
	}
	want := []string{"propose_close he", "close lin", "propose_reopen he", "reject lin", "propose_reopen he", "reopen lin", "propose_close he", "close lin"}
	if diff := cmp.Diff(want, story); diff != "" || err != nil {
		t.Errorf("story (-want +got):\n%s %v", diff, err)
	}
	k.sound()
}

func TestPeriod_closes_in_order_when_nothing_is_open(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.must(k.post("2026-12-31", k.aside(5)))
	k.must(k.post("2027-01-05", k.aside(5)))
	_, err := k.books.ProposeClose(k.he, "2027-01", "月结")
	k.refused("PERIOD_NOT_OVER", err)
	_, err = k.books.ProposeClose(k.he, "2026-12", "月结")
	k.refused("PERIOD_EARLIER_OPEN", err)
	k.open["2026-10"] = []books.Open{{What: "PERIOD_OPEN_BATCH", Code: "PC-1", Amount: 70_00}}
	_, err = k.books.ProposeClose(k.he, "2026-10", "月结")
	k.refused("PERIOD_OPEN_ITEMS", err)
	if e, ok := errors.AsType[*errs.Error](err); !ok || len(e.Fields) != 1 || e.Fields[0].Value != "70.00" {
		t.Errorf("open items %v", err)
	}
	delete(k.open, "2026-10")
	k.close("2026-10")
	_, err = k.books.ProposeClose(k.he, "2026", "年结")
	k.refused("PERIOD_EARLIER_OPEN", err)
	k.close("2026-12") // November has no journal
	k.close("2026")
	_, err = k.books.ProposeReopen(k.he, "2026-12", "漏记")
	k.refused("PERIOD_LATER_CLOSED", err)
	_, err = k.books.ProposeReopen(k.he, "2026-10", "漏记")
	k.refused("PERIOD_LATER_CLOSED", err)
	k.sound()
}

// TestLate_evidence_is_booked_in_the_first_open_period keeps its value date and
// changes nothing that was answered of the closed one.
func TestLate_evidence_is_booked_in_the_first_open_period(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.close("2026-10")
	then, err := ledger.StandingsOn(t.Context(), k.db.Pool(), date("2026-10-31"), ledger.Which{})
	if err != nil {
		t.Fatal(err)
	}
	k.n++
	p := k.must(k.ledger.Post(t.Context(), ledger.Command{Key: "late", Kind: "settlement", Actor: "he", Cause: "evidence:1", BusinessDate: date("2026-10-30"),
		ValueDates: []time.Time{date("2026-10-29"), date("2026-11-02"), date("2026-10-29")}, Steps: []ledger.Step{k.aside(9)}}))
	j, err := ledger.JournalByID(t.Context(), k.db.Pool(), p.Journal)
	if err != nil || j.BusinessDate.Format(time.DateOnly) != "2026-11-01" {
		t.Errorf("booked on %s, %v", j.BusinessDate, err)
	}
	late, err := ledger.LateOf(t.Context(), k.db.Pool(), p.Journal)
	if err != nil || len(late) != 1 || !late[0].ValueDate.Equal(date("2026-10-29")) {
		t.Errorf("linked with %+v, %v", late, err)
	}
	now, err := ledger.StandingsOn(t.Context(), k.db.Pool(), date("2026-10-31"), ledger.Which{})
	if diff := cmp.Diff(then, now[:len(then)]); diff != "" || err != nil {
		t.Errorf("the closed date answers otherwise (-then +now):\n%s %v", diff, err)
	}
	k.sound()
}

// TestRace_of_postings_and_a_close: what was accepted is in the books that were
// closed, what was not is refused, and neither waits for ever.
func TestRace_of_postings_and_a_close(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	if _, err := k.books.ProposeClose(k.he, "2026-10", "月结"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var booked int64 = 1
	for w := range 6 {
		wg.Go(func() {
			for i := range 20 {
				_, err := k.ledger.Post(t.Context(), ledger.Command{Key: fmt.Sprintf("r/%d/%d", w, i), Kind: "test", Actor: "zhou", Cause: "test:1",
					BusinessDate: date("2026-10-20"), Steps: []ledger.Step{k.aside(1)}})
				mu.Lock()
				switch {
				case err == nil:
					booked++
				case errs.CodeOf(err) != "LEDGER_PERIOD_CLOSED":
					t.Error(err)
				}
				mu.Unlock()
			}
		})
	}
	a, err := k.books.Confirm(k.lin, "2026-10")
	wg.Wait()
	if err != nil || a.Journals != booked {
		t.Errorf("closed with %d journals, %d were booked: %v", a.Journals, booked, err)
	}
	k.sound()
}

func TestVerify_names_the_altered_period(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.close("2026-10")
	k.must(k.ledger.Post(t.Context(), ledger.Command{Key: "late", Kind: "settlement", Actor: "he", Cause: "evidence:1", BusinessDate: date("2026-10-30"),
		ValueDates: []time.Time{date("2026-10-29")}, Steps: []ledger.Step{k.aside(9)}}))
	if _, err := proof.Drain(t.Context(), k.db, k.clock); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, sql, check, row string }{
		{"opened_by_nobody", `UPDATE period SET closed = false WHERE month = '2026-10'`, "period_state", "period 2026-10"},
		{"closed_by_nobody", `UPDATE period SET closed = true WHERE month = '2026-09'`, "period_state", "period 2026-09"},
		{"journal_moved_into_it", `UPDATE journal SET business_date = '2026-10-31' WHERE id = 2`, "period_journals", "period 2026-10"},
		{"journal_taken_out_of_it", `DELETE FROM journal WHERE id = 1`, "period_journals", "period 2026-10"},
		{"confirmed_by_who_proposed", `UPDATE period_act SET actor = 'he'`, "period_two_people", "period_act 2"},
		{"proposal_deleted", `DELETE FROM period_act WHERE id = 1`, "period_two_people", "period_act 2"},
		{"reason_edited", `UPDATE period_act SET reason = '补记' WHERE id = 1`, "period_logged", "period_act 1"},
		{"act_deleted", `DELETE FROM period_act WHERE id = 2`, "period_logged", "period_act 2"},
		{"leaf_deleted", `DELETE FROM log_leaf WHERE kind = 'period' AND ref = 2`, "period_logged", "period_act 2"},
		{"late_link_edited", `UPDATE late_entry SET value_date = '2026-11-09'`, "late_entry", "late_entry 2/2026-11-09"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tx, err := k.owner.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(t.Context()) }()
			if tag, err := tx.Exec(t.Context(), tt.sql); err != nil || tag.RowsAffected() == 0 {
				t.Fatalf("nothing was altered: %v", err)
			}
			found, err := books.Verify(t.Context(), tx)
			if err != nil {
				t.Fatal(err)
			}
			more, err := ledger.Verify(t.Context(), tx)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(append(found, more...), func(f check.Finding) bool { return f.Check == tt.check && f.Row == tt.row }) {
				t.Errorf("%s does not name %s; findings: %+v", tt.check, tt.row, found)
			}
		})
	}
}
