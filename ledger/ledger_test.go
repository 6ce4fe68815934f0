package ledger_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

var day = time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC)

// book is a ledger with helpers that read like a script.
type book struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // a test's own
	db  *db.DB
	svc *ledger.Service
	n   int
}

func newBook(t *testing.T) *book {
	t.Helper()
	b, _ := newBookEnv(t)
	return b
}

func newBookEnv(t *testing.T) (*book, *pgtest.Env) {
	t.Helper()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	c := clock.NewManual(time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai))
	return &book{t: t, ctx: t.Context(), db: d, svc: ledger.New(d, c, slog.New(slog.DiscardHandler))}, env
}

// lot opens a lot and brings amount into available of budget line 1.
func (b *book) lot(amount money.Fen) ledger.LotID {
	b.t.Helper()
	var lot ledger.LotID
	err := b.db.Run(b.ctx, func(tx pgx.Tx) error {
		var err error
		lot, err = ledger.OpenLot(b.ctx, tx, ledger.Appropriation)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.post(ledger.Bring{Lot: lot, To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: amount})
	return lot
}

func (b *book) command(steps ...ledger.Step) ledger.Command {
	b.n++
	return ledger.Command{Key: fmt.Sprintf("k%d", b.n), Kind: "test", Actor: "zhou", Cause: "test:1", BusinessDate: day, Steps: steps}
}

func (b *book) post(steps ...ledger.Step) ledger.Posted {
	b.t.Helper()
	posted, err := b.svc.Post(b.ctx, b.command(steps...))
	if err != nil {
		b.t.Fatal(err)
	}
	return posted
}

func (b *book) refused(code string, steps ...ledger.Step) {
	b.t.Helper()
	before := b.balances()
	_, err := b.svc.Post(b.ctx, b.command(steps...))
	if errs.CodeOf(err) != code {
		b.t.Fatalf("got %v, want %s", err, code)
	}
	if diff := cmp.Diff(before, b.balances()); diff != "" {
		b.t.Errorf("a refused command changed balances:\n%s", diff)
	}
}

func (b *book) account(lot ledger.LotID, kind ledger.AccountKind) ledger.AccountID {
	b.t.Helper()
	a, found, err := ledger.AccountAt(b.ctx, b.db.Pool(), lot, ledger.Place{Kind: kind, BudgetLine: 1})
	if err != nil || !found {
		b.t.Fatalf("no %s account of lot %d: %v", kind, lot, err)
	}
	return a.ID
}

// balances are the balances in fen by kind, zero ones left out.
func (b *book) balances() map[ledger.AccountKind]money.Fen {
	b.t.Helper()
	accounts, err := ledger.Accounts(b.ctx, b.db.Pool())
	if err != nil {
		b.t.Fatal(err)
	}
	sums := map[ledger.AccountKind]money.Fen{}
	for _, a := range accounts {
		if a.Balance != 0 {
			sums[a.Place.Kind] += a.Balance
		}
	}
	return sums
}

func (b *book) want(want map[ledger.AccountKind]money.Fen) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.balances()); diff != "" {
		b.t.Errorf("balances (-want +got):\n%s", diff)
	}
	b.sound()
}

// sound runs every check of the ledger.
func (b *book) sound() {
	b.t.Helper()
	b.legsTie()
	found, err := ledger.Verify(b.ctx, b.db.Pool())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range found {
		b.t.Errorf("verify: %+v", f)
	}
}

func legs(amounts ...money.Fen) []ledger.Leg {
	out := make([]ledger.Leg, len(amounts))
	for i, a := range amounts {
		out[i] = ledger.Leg{Line: int64(i + 1), Payment: int64(i + 101), Party: int64(i + 1001), Amount: a}
	}
	return out
}

func TestPost(t *testing.T) {
	t.Parallel()
	t.Run("life_of_a_payment", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		lot := b.lot(1000)
		frozen := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(300, 200)})
		b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 500, "frozen": 500})
		b.post(ledger.Move{Holdings: frozen.Holdings, From: ledger.Frozen, To: ledger.InTransit})
		b.post(ledger.Move{Holdings: frozen.Holdings, From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
		b.post(ledger.Move{Holdings: frozen.Holdings[:1], From: ledger.Paid, To: ledger.Returned, PerLeg: true})
		b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 500, "paid": 200, "returned": 300})
		b.post(ledger.GiveBack{Holdings: frozen.Holdings[:1], From: ledger.Returned})
		b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 800, "paid": 200})
		holders, err := ledger.Holders(b.ctx, b.db.Pool(), lot, 299)
		if err != nil || len(holders) != 3 || holders[1].Holding != frozen.Holdings[0] {
			t.Errorf("history of fen 299: %+v, %v", holders, err)
		}
	})
	t.Run("draws_lowest_first_over_several_pieces_and_merges_neighbours", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		lot := b.lot(1000)
		first := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(100, 100, 100)})
		b.post(ledger.GiveBack{Holdings: []ledger.HoldingID{first.Holdings[0]}, From: ledger.Frozen})
		b.post(ledger.GiveBack{Holdings: []ledger.HoldingID{first.Holdings[1]}, From: ledger.Frozen})
		second := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(250)})
		got, err := ledger.PiecesOfHoldings(b.ctx, b.db.Pool(), second.Holdings)
		if err != nil {
			t.Fatal(err)
		}
		var spans [][2]money.Fen
		for _, p := range got {
			spans = append(spans, [2]money.Fen{p.Offset, p.Amount})
		}
		if diff := cmp.Diff([][2]money.Fen{{0, 200}, {300, 50}}, spans); diff != "" {
			t.Errorf("pieces (-want +got):\n%s", diff)
		}
		b.sound()
	})
	t.Run("refuses_an_overdraft_and_posts_nothing", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		lot := b.lot(1000)
		b.refused("LEDGER_INSUFFICIENT", ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(600, 401)})
		b.refused("LEDGER_INSUFFICIENT", ledger.Shift{From: b.account(lot, ledger.Available), To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 2}, Amount: 1001})
		b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 1000})
	})
	t.Run("part_return_splits_the_leg_at_its_highest_fen", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		lot := b.lot(1000)
		d := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(300)})
		b.post(ledger.Move{Holdings: d.Holdings, From: ledger.Frozen, To: ledger.InTransit})
		b.post(ledger.Move{Holdings: d.Holdings, From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
		part := b.post(ledger.PartMove{Holding: d.Holdings[0], From: ledger.Paid, To: ledger.Returned, Amount: 120})
		b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 700, "paid": 180, "returned": 120})
		p, err := ledger.HolderNow(b.ctx, b.db.Pool(), lot, 180)
		if err != nil || p.Holding != part.Holdings[0] {
			t.Errorf("fen 180 is held by %+v, %v", p, err)
		}
	})
}

func TestPost_a_fact_is_always_booked(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(1000)
	b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(700)})
	cut := ledger.Shift{From: b.account(lot, ledger.Available), To: ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 1}, Amount: 500, Highest: true, Fact: true}
	b.post(cut)
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "frozen": 700, "withdrawn": 500, "shortfall": -200})
	b.refused("LEDGER_LOT_STOPPED", ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(1)})
}

// What a claim stood for comes back: no fen moves for it, the rest is free again,
// and the lot's stop ends with its last claim.
func TestPost_what_comes_back_covers_a_claim(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		claim ledger.Place // where the money was needed
	}{
		{"on_the_budget_line_that_lacked_it", ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 1}},
		{"on_another_budget_line", ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			lot := b.lot(1000)
			from := b.account(lot, ledger.Available)
			b.post(ledger.Draw{From: from, To: ledger.Frozen, Legs: legs(700)})
			b.post(ledger.Shift{From: from, To: tt.claim, Amount: 500, Highest: true, Fact: true})
			withdrawn, _, err := ledger.AccountAt(b.ctx, b.db.Pool(), lot, tt.claim)
			if err != nil {
				t.Fatal(err)
			}
			back := ledger.Place{Kind: ledger.Available, BudgetLine: 1}
			b.post(ledger.Shift{From: withdrawn.ID, To: back, Amount: 150, Fact: true, Cover: true})
			b.refused("LEDGER_LOT_STOPPED", ledger.Draw{From: from, To: ledger.Frozen, Legs: legs(1)})
			b.post(ledger.Shift{From: withdrawn.ID, To: back, Amount: 350, Fact: true, Cover: true})
			b.post(ledger.Draw{From: from, To: ledger.Frozen, Legs: legs(100)})
			b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 200, "frozen": 800})
		})
	}
}

// One journal ends a claim in two steps, and one that it booked itself.
func TestPost_a_journal_covers_a_claim_twice(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(1000)
	from := b.account(lot, ledger.Available)
	out := ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 1}
	b.post(ledger.Draw{From: from, To: ledger.Frozen, Legs: legs(700)})
	b.post(ledger.Shift{From: from, To: out, Amount: 500, Highest: true, Fact: true})
	withdrawn, _, err := ledger.AccountAt(b.ctx, b.db.Pool(), lot, out)
	if err != nil {
		t.Fatal(err)
	}
	back := ledger.Shift{From: withdrawn.ID, To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: 150, Fact: true, Cover: true}
	b.post(back, back, ledger.Shift{From: from, To: out, Amount: 100, Highest: true, Fact: true})
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "frozen": 700, "withdrawn": 300})
	b.post(back, ledger.Shift{From: from, To: out, Amount: 200, Highest: true, Fact: true}, back)
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 100, "frozen": 700, "withdrawn": 200})
}

func TestPost_keys(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(1000)
	c := b.command(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(300)})
	first, err := b.svc.Post(b.ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.svc.Post(b.ctx, c)
	if err != nil || !again.Replay || again.Journal != first.Journal {
		t.Errorf("replay: %+v, %v", again, err)
	}
	c.Steps = []ledger.Step{ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(301)}}
	if _, err := b.svc.Post(b.ctx, c); errs.CodeOf(err) != "LEDGER_KEY_REUSED" {
		t.Errorf("same key, other content: %v", err)
	}
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 700, "frozen": 300})
}

func TestReverse(t *testing.T) {
	t.Parallel()
	reverse := func(b *book, id ledger.JournalID) error {
		b.n++
		return b.db.Run(b.ctx, func(tx pgx.Tx) error {
			_, err := b.svc.ReverseTx(b.ctx, tx, ledger.Reversal{Journal: id, Key: fmt.Sprintf("r%d", b.n), Actor: "zhao", BusinessDate: day})
			return err
		})
	}
	t.Run("a_draw", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		lot := b.lot(1000)
		d := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(300, 100)})
		if err := reverse(b, d.Journal); err != nil {
			t.Fatal(err)
		}
		b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 1000})
		if err := reverse(b, d.Journal); errs.CodeOf(err) != "LEDGER_REVERSED_ALREADY" {
			t.Errorf("second reversal: %v", err)
		}
	})
	t.Run("a_settlement_and_a_give_back", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		lot := b.lot(1000)
		d := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(300, 100)})
		stop := b.post(ledger.GiveBack{Holdings: d.Holdings[1:], From: ledger.Frozen})
		if err := reverse(b, stop.Journal); err != nil {
			t.Fatal(err)
		}
		b.post(ledger.Move{Holdings: d.Holdings, From: ledger.Frozen, To: ledger.InTransit})
		paid := b.post(ledger.Move{Holdings: d.Holdings, From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
		if err := reverse(b, paid.Journal); err != nil {
			t.Fatal(err)
		}
		b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 600, "in_transit": 400})
	})
	t.Run("refused_when_the_money_has_moved_on", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		lot := b.lot(1000)
		set := b.post(ledger.Shift{From: b.account(lot, ledger.Available), To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 1}, Amount: 500})
		b.post(ledger.Draw{From: b.account(lot, ledger.Carveout), To: ledger.Frozen, Legs: legs(1)})
		if err := reverse(b, set.Journal); errs.CodeOf(err) != "LEDGER_CANNOT_REVERSE" {
			t.Errorf("got %v", err)
		}
		b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 500, "carveout": 499, "frozen": 1})
	})
}

func TestAccountsAt_never_changes(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(1000)
	b.drain()
	leaves, _, err := proof.Head(b.ctx, b.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(300)})
	b.drain()
	then, err := ledger.AccountsAt(b.ctx, b.db.Pool(), leaves-1)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range then {
		want := map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 1000}[a.Place.Kind]
		if a.Balance != want {
			t.Errorf("%s stood at %s, want %s", a.Place.Kind, a.Balance, want)
		}
	}
}

func (b *book) drain() {
	b.t.Helper()
	if _, err := proof.Drain(b.ctx, b.db, clock.System{}); err != nil {
		b.t.Fatal(err)
	}
}
