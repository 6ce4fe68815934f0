package ledger_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
	"fenlu/ledger"
	"fenlu/money"
)

// What the database refuses even if the program were wrong: written straight
// into the tables as the application role.
func TestGuards_in_the_database(t *testing.T) {
	t.Parallel()
	const account = `INSERT INTO account (id, lot, kind, budget_line, township, balance_fen) VALUES `
	const transfer = `INSERT INTO transfer (journal, line, lot, debit, credit, amount_fen) VALUES `
	const piece = `INSERT INTO piece (lot, offset_fen, amount_fen, opened_seq, account, holding) VALUES `
	b := newBook(t)
	b.post(ledger.Draw{From: b.account(b.lot(1000), ledger.Available), To: ledger.Frozen, Legs: legs(300)})
	for _, tt := range []struct{ name, sql, constraint string }{
		{"an_overdraft", `UPDATE account SET balance_fen = -1 WHERE kind = 'available'`, "account_not_overdrawn"},
		{"an_overdrawn_leg_account", `UPDATE account SET balance_fen = balance_fen - 301 WHERE kind = 'frozen'`, "account_not_overdrawn"},
		{"money_on_the_outside", `UPDATE account SET balance_fen = 1 WHERE kind = 'appropriated'`, "account_contra"},
		{"a_shortfall_above_zero", account + `(99, 1, 'shortfall', 1, '', 5)`, "account_contra"},
		{"a_place_of_no_kind", account + `(99, 1, 'petty_cash', 1, '', 0)`, "account_kind"},
		{"a_reserve_of_no_township", account + `(99, 1, 'reserve', 1, '', 0)`, "account_township"},
		{"two_rows_for_one_place", account + `(99, 1, 'available', 1, '', 0)`, "account_place"},
		{"an_account_of_no_lot", account + `(99, 77, 'available', 1, '', 0)`, "account_lot"},
		{"a_negative_amount", transfer + `(1, 9, 1, 1, 2, -5)`, "transfer_amount"},
		{"an_amount_of_nothing", transfer + `(1, 9, 1, 1, 2, 0)`, "transfer_amount"},
		{"equal_sides", transfer + `(1, 9, 1, 2, 2, 5)`, "transfer_sides"},
		{"a_second_line_of_the_same_number", transfer + `(1, 1, 1, 1, 2, 5)`, "transfer_pkey"},
		{"a_key_again", `INSERT INTO journal (id, kind, key, request, business_date, posted_at, actor, cause, transfers, amount_fen, digest)
			VALUES (99, 'test', 'k1', 'x', '2026-10-09', '2026-10-09 01:00:00Z', 'zhou', 'test:1', 1, 1, 'x')`, "journal_key"},
		{"a_journal_of_no_lines", `INSERT INTO journal (id, kind, key, request, business_date, posted_at, actor, cause, transfers, amount_fen, digest)
			VALUES (99, 'test', 'other', 'x', '2026-10-09', '2026-10-09 01:00:00Z', 'zhou', 'test:1', 0, 1, 'x')`, "journal_transfers"},
		{"a_journal_of_no_money", `INSERT INTO journal (id, kind, key, request, business_date, posted_at, actor, cause, transfers, amount_fen, digest)
			VALUES (99, 'test', 'other', 'x', '2026-10-09', '2026-10-09 01:00:00Z', 'zhou', 'test:1', 1, 0, 'x')`, "journal_amount"},
		{"a_piece_of_two_holders", piece + `(1, 5000, 1, 1, 1, 1)`, "piece_holder"},
		{"a_piece_of_nobody", piece + `(1, 5000, 1, 1, NULL, NULL)`, "piece_holder"},
		{"two_pieces_at_one_address", piece + `(1, 0, 1, 1, 1, NULL)`, "piece_pkey"},
		{"an_empty_piece", piece + `(1, 5000, 0, 1, 1, NULL)`, "piece_amount"},
		{"an_empty_leg", `UPDATE holding SET amount_fen = 0`, "holding_amount"},
		{"a_lot_below_nothing", `UPDATE lot SET size_fen = -1`, "lot_size"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := b.db.Pool().Exec(t.Context(), tt.sql)
			if got, _ := db.Violation(err); got != tt.constraint {
				t.Errorf("got %v, want constraint %s", err, tt.constraint)
			}
		})
	}
	b.sound()
}

func TestPost_refuses_ill_formed_commands(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(1000)
	available := b.account(lot, ledger.Available)
	h := b.post(ledger.Draw{From: available, To: ledger.Frozen, Legs: legs(300, 100)}).Holdings
	frozen := b.account(lot, ledger.Frozen)
	carveout := ledger.Place{Kind: ledger.Carveout, BudgetLine: 1}
	for _, tt := range []struct {
		name string
		code string
		step ledger.Step
	}{
		{"bring_nothing", "LEDGER_AMOUNT_NOT_POSITIVE", ledger.Bring{Lot: lot, To: carveout}},
		{"bring_into_a_place_of_legs", "LEDGER_PLACE_NOT_FREE", ledger.Bring{Lot: lot, To: ledger.Place{Kind: ledger.Paid, BudgetLine: 1}, Amount: 1}},
		{"bring_into_shortfall", "LEDGER_PLACE_NOT_FREE", ledger.Bring{Lot: lot, To: ledger.Place{Kind: ledger.Shortfall, BudgetLine: 1}, Amount: 1}},
		{"bring_past_the_largest_amount", "LEDGER_OVERFLOW", ledger.Bring{Lot: lot, To: carveout, Amount: money.Max}},
		{"bring_to_an_unknown_lot", "LEDGER_LOT_UNKNOWN", ledger.Bring{Lot: 99, To: carveout, Amount: 1}},
		{"shift_a_negative_amount", "LEDGER_AMOUNT_NOT_POSITIVE", ledger.Shift{From: available, To: carveout, Amount: -1}},
		{"shift_to_itself", "LEDGER_SAME_PLACE", ledger.Shift{From: available, To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: 1}},
		{"shift_out_of_a_place_of_legs", "LEDGER_PLACE_NOT_FREE", ledger.Shift{From: frozen, To: carveout, Amount: 1}},
		{"shift_into_a_place_of_legs", "LEDGER_PLACE_NOT_FREE", ledger.Shift{From: available, To: ledger.Place{Kind: ledger.Frozen, BudgetLine: 1}, Amount: 1}},
		{"shift_from_an_unknown_account", "LEDGER_NOTHING_NAMED", ledger.Shift{From: 99, To: carveout, Amount: 1}},
		{"draw_no_legs", "LEDGER_COMMAND_EMPTY", ledger.Draw{From: available, To: ledger.Frozen}},
		{"draw_an_empty_leg", "LEDGER_AMOUNT_NOT_POSITIVE", ledger.Draw{From: available, To: ledger.Frozen, Legs: legs(1, 0)}},
		{"draw_into_a_free_place", "LEDGER_PLACE_NOT_HELD", ledger.Draw{From: available, To: ledger.Carveout, Legs: legs(1)}},
		{"draw_past_the_largest_amount", "LEDGER_OVERFLOW", ledger.Draw{From: available, To: ledger.Frozen, Legs: legs(money.Max, 1)}},
		{"move_into_a_free_place", "LEDGER_PLACE_NOT_HELD", ledger.Move{Holdings: h, From: ledger.Frozen, To: ledger.Available}},
		{"move_to_where_it_is", "LEDGER_PLACE_NOT_HELD", ledger.Move{Holdings: h, From: ledger.Frozen, To: ledger.Frozen}},
		{"move_from_where_it_is_not", "LEDGER_HOLDING_MOVED", ledger.Move{Holdings: h, From: ledger.InTransit, To: ledger.Paid}},
		{"move_a_leg_twice", "LEDGER_HOLDING_UNKNOWN", ledger.Move{Holdings: []ledger.HoldingID{h[0], h[0]}, From: ledger.Frozen, To: ledger.Paid}},
		{"give_back_a_leg_twice", "LEDGER_HOLDING_UNKNOWN", ledger.GiveBack{Holdings: []ledger.HoldingID{h[0], h[0]}, From: ledger.Frozen}},
		{"give_back_an_unknown_leg", "LEDGER_HOLDING_UNKNOWN", ledger.GiveBack{Holdings: []ledger.HoldingID{h[0], 999_999}, From: ledger.Frozen}},
		{"part_of_nothing", "LEDGER_PART_NOT_PART", ledger.PartMove{Holding: h[0], From: ledger.Frozen, To: ledger.Returned}},
		{"part_that_is_the_whole", "LEDGER_PART_NOT_PART", ledger.PartMove{Holding: h[0], From: ledger.Frozen, To: ledger.Returned, Amount: 300}},
		{"part_into_a_free_place", "LEDGER_PLACE_NOT_HELD", ledger.PartMove{Holding: h[0], From: ledger.Frozen, To: ledger.Available, Amount: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := *b
			b.t = t
			b.refused(tt.code, tt.step)
		})
	}
	for name, spoil := range map[string]func(*ledger.Command){
		"key": func(c *ledger.Command) { c.Key = "" }, "kind": func(c *ledger.Command) { c.Kind = "" },
		"actor": func(c *ledger.Command) { c.Actor = "" }, "cause": func(c *ledger.Command) { c.Cause = "" },
		"business_date": func(c *ledger.Command) { c.BusinessDate = time.Time{} },
		"steps":         func(c *ledger.Command) { c.Steps = nil },
	} {
		c := b.keyed("incomplete", ledger.Draw{From: available, To: ledger.Frozen, Legs: legs(1)})
		spoil(&c)
		if _, err := b.svc.Post(b.ctx, c); errs.CodeOf(err) != "LEDGER_COMMAND_EMPTY" {
			t.Errorf("without %s: %v", name, err)
		}
	}
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 600, "frozen": 400})
}

// What failed in the middle of a journal leaves nothing of its first steps.
func TestPost_is_all_or_nothing(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	one, two := b.lot(1000), b.lot(100)
	b.refused("LEDGER_INSUFFICIENT",
		ledger.Draw{From: b.account(one, ledger.Available), To: ledger.Frozen, Legs: legs(300)},
		ledger.Draw{From: b.account(two, ledger.Available), To: ledger.Frozen, Legs: legs(101)})
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1100, "available": 1100})
}

func TestPost_a_receipt_is_not_drawn(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var lot ledger.LotID
	err := b.db.Run(b.ctx, func(tx pgx.Tx) error {
		var err error
		lot, err = ledger.OpenLot(b.ctx, tx, ledger.Receipt)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.post(ledger.Bring{Lot: lot, To: ledger.Place{Kind: ledger.Suspense, BudgetLine: 1}, Amount: 500})
	suspense := b.account(lot, ledger.Suspense)
	b.refused("LEDGER_LOT_IS_RECEIPT", ledger.Draw{From: suspense, To: ledger.Frozen, Legs: legs(1)})
	b.post(ledger.Shift{From: suspense, To: ledger.Place{Kind: ledger.Surrendered, BudgetLine: 1}, Amount: 500, Fact: true})
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -500, "surrendered": 500})
}

// A large draw goes over many free segments and more than one page of them.
func TestPost_draws_over_thousands_of_segments(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(10_000)
	all := make([]money.Fen, 5000)
	for i := range all {
		all[i] = 2
	}
	h := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(all...)}).Holdings
	var even []ledger.HoldingID
	for i := 0; i < len(h); i += 2 {
		even = append(even, h[i])
	}
	b.post(ledger.GiveBack{Holdings: even, From: ledger.Frozen})
	one := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(4999)})
	pieces, err := ledger.PiecesOfHoldings(b.ctx, b.db.Pool(), one.Holdings)
	if err != nil || len(pieces) != 2500 || pieces[2499].Amount != 1 {
		t.Errorf("%d pieces, %v", len(pieces), err)
	}
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -10_000, "available": 1, "frozen": 9999})
	b.post(ledger.Shift{From: b.account(lot, ledger.Available), To: ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 1}, Amount: 1, Highest: true})
	b.sound()
}

// A journal that was opened and closed by the same journal is nobody's past.
func TestPost_steps_of_one_journal_see_each_other(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(1000)
	reserve := ledger.Place{Kind: ledger.Reserve, BudgetLine: 1, Township: "991301100000"}
	b.post(ledger.Shift{From: b.account(lot, ledger.Available), To: reserve, Amount: 1})
	a, _, err := ledger.AccountAt(b.ctx, b.db.Pool(), lot, reserve)
	if err != nil {
		t.Fatal(err)
	}
	both := b.post(
		ledger.Shift{From: b.account(lot, ledger.Available), To: reserve, Amount: 400},
		ledger.Draw{From: a.ID, To: ledger.Frozen, Legs: legs(300)})
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 599, "reserve": 101, "frozen": 300})
	holders, err := ledger.Holders(b.ctx, b.db.Pool(), lot, 200)
	if err != nil || len(holders) != 2 || holders[0].Holding != both.Holdings[0] || holders[1].Account != b.account(lot, ledger.Available) {
		t.Errorf("holders of fen 200: %+v, %v", holders, err)
	}
	if _, err := b.reverse("undo", both.Journal); err != nil {
		t.Fatal(err)
	}
	b.want(map[ledger.AccountKind]money.Fen{"appropriated": -1000, "available": 999, "reserve": 1})
}

// The door also works as the owner's login, which switches to the application
// role: what it may do is the application's.
func TestGuards_owner_login_works_as_the_application(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d, err := db.Open(t.Context(), db.Options{URL: env.OwnerURL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Pool().Exec(t.Context(), `DELETE FROM journal`); stateOf(err) != "42501" {
		t.Errorf("got %v, want 42501", err)
	}
}

// Were the pieces ever more than the balance, the balance would still refuse
// to go below nothing, by name and not by a broken constraint.
func TestPost_the_balance_refuses_too(t *testing.T) {
	t.Parallel()
	b, env := newBookEnv(t)
	lot := b.lot(1000)
	if _, err := env.Owner(t).Exec(t.Context(), `UPDATE account SET balance_fen = 100 WHERE kind = 'available'`); err != nil {
		t.Fatal(err)
	}
	b.refused("LEDGER_INSUFFICIENT", ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(101)})
	b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(100)})
}
