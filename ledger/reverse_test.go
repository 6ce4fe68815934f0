package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/errs"
	"fenlu/ledger"
)

// cannotReverse expects a refusal for a reason, with nothing changed.
func (b *book) cannotReverse(id ledger.JournalID, why string) {
	b.t.Helper()
	_, err := b.reverse("cannot", id)
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Code != "LEDGER_CANNOT_REVERSE" || errs.CodeOf(e.Err) != why {
		b.t.Errorf("got %v, want LEDGER_CANNOT_REVERSE because %s", err, why)
	}
	b.sound()
}

func TestReverse_restores_every_holder(t *testing.T) {
	t.Parallel()
	place := ledger.Place{Kind: ledger.Surrendered, BudgetLine: 1}
	for _, tt := range []struct {
		name string
		step func(b *book, lot ledger.LotID, h []ledger.HoldingID) []ledger.Step
	}{
		{"a_shift_of_the_lowest", func(b *book, lot ledger.LotID, _ []ledger.HoldingID) []ledger.Step {
			return []ledger.Step{ledger.Shift{From: b.account(lot, ledger.Available), To: place, Amount: 350}}
		}},
		{"a_cut_of_the_highest", func(b *book, lot ledger.LotID, _ []ledger.HoldingID) []ledger.Step {
			return []ledger.Step{ledger.Shift{From: b.account(lot, ledger.Available), To: place, Amount: 350, Highest: true, Fact: true}}
		}},
		{"a_draw_over_gaps", func(b *book, lot ledger.LotID, _ []ledger.HoldingID) []ledger.Step {
			return []ledger.Step{ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(90, 20, 400)}}
		}},
		{"a_draw_straight_to_paid", func(b *book, lot ledger.LotID, _ []ledger.HoldingID) []ledger.Step {
			return []ledger.Step{ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Paid, Legs: legs(250)}}
		}},
		{"a_stop_of_several", func(_ *book, _ ledger.LotID, h []ledger.HoldingID) []ledger.Step {
			return []ledger.Step{ledger.GiveBack{Holdings: []ledger.HoldingID{h[3], h[1]}, From: ledger.Frozen}}
		}},
		{"a_settlement", func(_ *book, _ ledger.LotID, h []ledger.HoldingID) []ledger.Step {
			return []ledger.Step{ledger.Move{Holdings: []ledger.HoldingID{h[3], h[1]}, From: ledger.Frozen, To: ledger.Paid, PerLeg: true}}
		}},
		{"a_return_and_a_stop_in_one", func(_ *book, _ ledger.LotID, h []ledger.HoldingID) []ledger.Step {
			return []ledger.Step{
				ledger.Move{Holdings: []ledger.HoldingID{h[1], h[3]}, From: ledger.Frozen, To: ledger.Returned, PerLeg: true},
				ledger.GiveBack{Holdings: []ledger.HoldingID{h[3]}, From: ledger.Returned},
			}
		}},
		{"a_stop_and_a_new_draw_in_one", func(b *book, lot ledger.LotID, h []ledger.HoldingID) []ledger.Step {
			return []ledger.Step{
				ledger.GiveBack{Holdings: []ledger.HoldingID{h[1]}, From: ledger.Frozen},
				ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(160)},
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			lot := b.lot(1000)
			h := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(100, 100, 100, 100)}).Holdings
			b.post(ledger.GiveBack{Holdings: []ledger.HoldingID{h[0], h[2]}, From: ledger.Frozen})
			before, balances := b.holders(lot), b.balances()
			j := b.post(tt.step(b, lot, h)...).Journal
			if _, err := b.reverse("undo", j); err != nil {
				t.Fatal(err)
			}
			b.want(balances)
			for address, holder := range b.holders(lot) {
				if holder != before[address] {
					t.Fatalf("fen %d is held by %v, was held by %v", address, holder, before[address])
				}
			}
		})
	}
}

type holder struct {
	account ledger.AccountID
	holding ledger.HoldingID
}

// holders is who holds each fen of a lot, from the rows.
func (b *book) holders(lot ledger.LotID) []holder {
	b.t.Helper()
	rows, err := b.db.Pool().Query(b.ctx, `SELECT amount_fen, coalesce(account, 0), coalesce(holding, 0) FROM piece WHERE lot = $1 ORDER BY offset_fen`, lot)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []holder
	var h holder
	var n int
	_, err = pgx.ForEachRow(rows, []any{&n, &h.account, &h.holding}, func() error {
		out = append(out, slices.Repeat([]holder{h}, n)...)
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func TestReverse_refuses(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(1000)
	available := b.account(lot, ledger.Available)
	first, err := ledger.JournalAt(b.ctx, b.db.Pool(), lot, 1)
	if err != nil {
		t.Fatal(err)
	}
	b.cannotReverse(first.ID, "LEDGER_REVERSES_A_BRING")

	drawn := b.post(ledger.Draw{From: available, To: ledger.Frozen, Legs: legs(300, 200)})
	sent := b.post(ledger.Move{Holdings: drawn.Holdings[:1], From: ledger.Frozen, To: ledger.InTransit})
	b.cannotReverse(sent.Journal, "LEDGER_REVERSES_A_RELEASE")
	b.cannotReverse(drawn.Journal, "LEDGER_MOVED_SINCE")
	paid := b.post(ledger.Move{Holdings: drawn.Holdings[:1], From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
	part := b.post(ledger.PartMove{Holding: drawn.Holdings[0], From: ledger.Paid, To: ledger.Returned, Amount: 100})
	b.cannotReverse(part.Journal, "LEDGER_REVERSES_A_PART")
	b.cannotReverse(paid.Journal, "LEDGER_MOVED_SINCE")

	again := b.post(ledger.Draw{From: available, To: ledger.Frozen, Legs: legs(50)})
	undone, err := b.reverse("undo", again.Journal)
	if err != nil {
		t.Fatal(err)
	}
	b.cannotReverse(undone.Journal, "LEDGER_REVERSES_A_REVERSAL")

	set := b.post(ledger.Shift{From: available, To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 1}, Amount: 100})
	b.post(ledger.Shift{From: b.account(lot, ledger.Carveout), To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: 40})
	b.cannotReverse(set.Journal, "LEDGER_MOVED_SINCE")

	cut := b.post(ledger.Shift{From: available, To: ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 1}, Amount: 900, Highest: true, Fact: true})
	b.cannotReverse(cut.Journal, "LEDGER_REVERSES_A_CLAIM")

	if _, err := b.reverse("unknown", 9999); errs.CodeOf(err) != "LEDGER_JOURNAL_UNKNOWN" {
		t.Errorf("got %v", err)
	}
}

func TestReverse_keys(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	available := b.account(b.lot(1000), ledger.Available)
	one := b.post(ledger.Draw{From: available, To: ledger.Frozen, Legs: legs(10)})
	two := b.post(ledger.Draw{From: available, To: ledger.Frozen, Legs: legs(10)})
	first, err := b.reverse("undo", one.Journal)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.reverse("undo", one.Journal); err != nil || !again.Replay || again.Journal != first.Journal {
		t.Errorf("replay: %+v, %v", again, err)
	}
	if _, err := b.reverse("undo", two.Journal); errs.CodeOf(err) != "LEDGER_KEY_REUSED" {
		t.Errorf("same key, other journal: %v", err)
	}
	if by, err := ledger.ReversalsOf(b.ctx, b.db.Pool(), one.Journal); err != nil || len(by) != 1 || by[0] != first.Journal {
		t.Errorf("reversals of %d are %v, %v", one.Journal, by, err)
	}
	for _, r := range []ledger.Reversal{
		{Journal: two.Journal, Actor: "zhao", BusinessDate: day},
		{Journal: two.Journal, Key: "r", BusinessDate: day},
		{Journal: two.Journal, Key: "r", Actor: "zhao"},
	} {
		err := b.db.Run(b.ctx, func(tx pgx.Tx) error {
			_, err := b.svc.ReverseTx(b.ctx, tx, r)
			return err
		})
		if errs.CodeOf(err) != "LEDGER_COMMAND_EMPTY" {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
