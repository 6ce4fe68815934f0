package ledger_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fenlu/internal/check"
	"fenlu/ledger"
)

// TestVerify_names_what_was_altered: somebody with the owner's rights changes
// one row behind the program's back. Each case runs in a transaction that is
// rolled back, on books with every kind of step in them:
//
//	journal 1   brings 1000 into lot 1          (accounts 1 available, 2 appropriated)
//	journal 2   draws legs of 300, 200, 100     (account 3 frozen; holdings 1, 2, 3)
//	journal 3   releases 1 and 2                (account 4 in transit)
//	journal 4   settles 1 and 2, leg by leg     (account 5 paid)
//	journal 5   takes 120 of 1 back             (account 6 returned; holding 1001)
//	journal 6   stops 3
//	journal 7   sets 150 aside                  (account 7 carve-out)
//	journal 8   brings 500 into lot 2           (accounts 8, 9)
//	journal 9   cuts 700 there, 200 not free    (accounts 10 withdrawn, 11 shortfall; claim 1)
//
// Journals 1 to 7 have their leaves, the others wait.
func TestVerify_names_what_was_altered(t *testing.T) {
	t.Parallel()
	owner := tamperedBooks(t)
	for _, tt := range []struct{ name, sql, check, row string }{
		{"transfer_amount", `UPDATE transfer SET amount_fen = 301 WHERE journal = 4 AND line = 1`, "journal_lines", "journal 4"},
		{"transfer_amount_seen_by_the_balance", `UPDATE transfer SET amount_fen = 301 WHERE journal = 4 AND line = 1`, "balance_transfers", "account 5"},
		{"transfer_amount_seen_by_the_digest", `UPDATE transfer SET amount_fen = 301 WHERE journal = 4 AND line = 1`, "journal_digest", "journal 4"},
		{"transfer_amounts_that_still_add_up", `UPDATE transfer SET amount_fen = CASE line WHEN 1 THEN 299 ELSE 201 END WHERE journal = 4`, "journal_digest", "journal 4"},
		{"transfer_amount_below_its_leg", `UPDATE transfer SET amount_fen = CASE line WHEN 1 THEN 301 ELSE 199 END WHERE journal = 4`, "transfer_holding", "transfer 4/2"},
		{"transfer_lot", `UPDATE transfer SET lot = 2 WHERE journal = 2`, "transfer_lot", "transfer 2/1"},
		{"transfer_account_of_another_lot", `UPDATE transfer SET debit = 10 WHERE journal = 7`, "transfer_lot", "transfer 7/1"},
		{"transfer_account_of_the_same_lot", `UPDATE transfer SET debit = 5 WHERE journal = 7`, "balance_transfers", "account 7"},
		{"transfer_sides_swapped", `UPDATE transfer SET debit = credit, credit = debit WHERE journal = 7`, "entry_transfers", "account_entry 7/7"},
		{"transfer_payment", `UPDATE transfer SET payment = 102 WHERE journal = 4 AND line = 1`, "transfer_holding", "transfer 4/1"},
		{"transfer_party_taken_out", `UPDATE transfer SET party = NULL WHERE journal = 4 AND line = 1`, "journal_digest", "journal 4"},
		{"transfer_leg", `UPDATE transfer SET holding = 3 WHERE journal = 4 AND line = 1`, "transfer_holding", "transfer 4/1"},
		{"transfer_of_no_leg", `UPDATE transfer SET holding = 77 WHERE journal = 4 AND line = 1`, "transfer_holding", "transfer 4/1"},
		{"transfer_deleted", `DELETE FROM transfer WHERE journal = 4 AND line = 2`, "journal_lines", "journal 4"},
		{"transfer_added", `INSERT INTO transfer (journal, line, lot, debit, credit, amount_fen) VALUES (7, 2, 1, 7, 1, 5)`, "journal_lines", "journal 7"},
		{"transfers_of_a_journal_deleted", `DELETE FROM transfer WHERE journal = 7`, "journal_lines", "journal 7"},

		{"piece_shifted", `UPDATE piece SET offset_fen = offset_fen + 1 WHERE lot = 1 AND holding = 2`, "pieces_cover", "piece 1@301"},
		{"piece_shrunk", `UPDATE piece SET amount_fen = amount_fen - 1 WHERE lot = 1 AND holding = 2`, "pieces_cover", "piece 1@500"},
		{"last_piece_shrunk", `UPDATE piece SET amount_fen = amount_fen - 1 WHERE lot = 1 AND offset_fen = 650`, "pieces_size", "lot 1"},
		{"piece_deleted", `DELETE FROM piece WHERE lot = 1 AND holding = 2`, "holding_pieces", "holding 2"},
		{"first_piece_deleted", `DELETE FROM piece WHERE lot = 1 AND offset_fen = 0`, "pieces_cover", "piece 1@180"},
		{"piece_given_to_another_leg", `UPDATE piece SET holding = 1 WHERE lot = 1 AND holding = 2`, "holding_pieces", "holding 2"},
		{"piece_of_no_leg", `UPDATE piece SET holding = 77 WHERE lot = 1 AND holding = 2`, "holding_pieces", "holding 77"},
		{"free_piece_in_an_account_of_legs", `UPDATE piece SET account = 3 WHERE lot = 1 AND account = 7`, "piece_place", "piece 1@500"},
		{"piece_opened_at_another_time", `UPDATE piece SET opened_seq = 1 WHERE lot = 1 AND account = 7`, "history_balance", "lot 1/7"},

		{"pieces_of_legs_swapped", `UPDATE piece_history SET holding = CASE holding WHEN 1 THEN 2 ELSE 1 END WHERE lot = 1 AND holding IN (1, 2);
			UPDATE piece SET holding = CASE WHEN offset_fen < 300 THEN 2 ELSE 1 END WHERE lot = 1 AND holding IN (1, 2)`, "legs_in_order", "piece 1@0"},

		{"history_holder", `UPDATE piece_history SET account = 7 WHERE lot = 1 AND closed_seq = 2`, "history_balance", "lot 1/2"},
		{"history_shifted", `UPDATE piece_history SET offset_fen = 1 WHERE lot = 1 AND closed_seq = 2`, "history_addresses", "lot 1/2"},
		{"history_deleted", `DELETE FROM piece_history WHERE lot = 1 AND closed_seq = 6`, "history_balance", "lot 1/6"},

		{"balance", `UPDATE account SET balance_fen = balance_fen + 1 WHERE id = 1`, "balance_transfers", "account 1"},
		{"balance_seen_by_the_entries", `UPDATE account SET balance_fen = balance_fen + 1 WHERE id = 1`, "balance_entries", "account 1"},
		{"balance_seen_by_the_pieces", `UPDATE account SET balance_fen = balance_fen + 1 WHERE id = 1`, "balance_pieces", "account 1"},
		{"account_budget_line", `UPDATE account SET budget_line = 2 WHERE id = 5`, "journal_digest", "journal 4"},
		{"account_township", `UPDATE account SET kind = 'reserve', township = '991301001000' WHERE id = 7`, "journal_digest", "journal 7"},
		{"account_kind_seen_by_the_digest", `UPDATE account SET kind = 'surrendered' WHERE id = 5`, "journal_digest", "journal 4"},
		{"account_kind", `UPDATE account SET kind = 'surrendered' WHERE id = 5`, "parcel_place", "parcel 1"},
		{"account_entry_balance", `UPDATE account_entry SET balance_fen = 1 WHERE account = 1 AND seq = 2`, "entry_chain", "account_entry 1/2"},
		{"account_entry_change", `UPDATE account_entry SET delta_fen = delta_fen + 1, balance_fen = balance_fen + 1 WHERE account = 1 AND seq = 7`, "balance_entries", "account 1"},
		{"account_entries_that_still_add_up", `UPDATE account_entry SET delta_fen = delta_fen + CASE seq WHEN 2 THEN 50 ELSE -50 END,
			balance_fen = balance_fen + CASE seq WHEN 2 THEN 50 ELSE 0 END WHERE account = 1 AND seq IN (2, 6)`, "entry_transfers", "account_entry 1/2"},
		{"account_entry_of_another_journal", `UPDATE account_entry SET journal = 3 WHERE account = 1 AND seq = 2`, "entry_transfers", "account_entry 1/2"},
		{"account_entry_deleted", `DELETE FROM account_entry WHERE account = 1 AND seq = 2`, "entry_transfers", "account_entry 1/2"},

		{"account_entry_date", `UPDATE account_entry SET business_date = '2025-12-31' WHERE account = 1 AND seq = 2`, "entry_date", "account_entry 1/2"},
		{"account_entry_debits", `UPDATE account_entry SET debited_fen = debited_fen + 1 WHERE account = 1 AND seq = 2`, "entry_chain", "account_entry 1/2"},
		{"account_day_closing", `UPDATE account_day SET closing_fen = closing_fen + 1 WHERE account = 1`, "account_day", "account_day 1/2026-10-09"},
		{"account_day_debits", `UPDATE account_day SET debited_fen = debited_fen + 1 WHERE account = 1`, "account_day", "account_day 1/2026-10-09"},
		{"account_day_deleted", `DELETE FROM account_day WHERE account = 1`, "account_day", "account_day 1/2026-10-09"},

		{"leg_account", `UPDATE holding SET parcel = 2 WHERE id = 2`, "parcel_legs", "parcel 1"},
		{"leg_of_no_parcel", `UPDATE holding SET parcel = 77 WHERE id = 2`, "parcel_legs", "holding 2"},
		{"parcel_account", `UPDATE parcel SET account = 4 WHERE id = (SELECT parcel FROM holding WHERE id = 2)`, "balance_pieces", "account 4"},
		{"parcel_lot", `UPDATE parcel SET lot = 2 WHERE id = (SELECT parcel FROM holding WHERE id = 2)`, "parcel_place", "parcel 1"},
		{"parcel_origin", `UPDATE parcel SET origin = 4 WHERE id = (SELECT parcel FROM holding WHERE id = 2)`, "parcel_place", "parcel 1"},
		{"parcel_history", `UPDATE parcel_stand SET account = 4 WHERE parcel = (SELECT parcel FROM holding WHERE id = 2) AND seq = 4`, "parcel_stand", "parcel 1"},
		{"parcel_history_before", `UPDATE parcel_stand SET account = 6 WHERE parcel = (SELECT parcel FROM holding WHERE id = 2) AND seq = 3`, "parcel_stand_journal", "parcel_stand 1/3"},
		{"parcel_history_of_no_journal", `UPDATE parcel_stand SET seq = 77 WHERE parcel = (SELECT parcel FROM holding WHERE id = 2) AND seq = 3`, "parcel_stand_journal", "parcel_stand 1/77"},
		{"parcel_history_deleted", `DELETE FROM parcel_stand WHERE parcel = (SELECT parcel FROM holding WHERE id = 2)`, "parcel_stand", "parcel 1"},
		{"parcel_legs", `UPDATE parcel SET legs = legs + 1 WHERE id = (SELECT parcel FROM holding WHERE id = 2)`, "parcel_legs", "parcel 1"},
		{"parcel_deleted", `DELETE FROM parcel WHERE id = (SELECT parcel FROM holding WHERE id = 2)`, "parcel_legs", "holding 1"},
		{"leg_amount", `UPDATE holding SET amount_fen = 201 WHERE id = 2`, "holding_pieces", "holding 2"},
		{"leg_given_back", `UPDATE parcel SET account = NULL WHERE id = (SELECT parcel FROM holding WHERE id = 2)`, "holding_pieces", "holding 2"},
		{"leg_deleted", `DELETE FROM holding WHERE id = 2`, "holding_pieces", "holding 2"},
		{"leg_payment", `UPDATE holding SET payment = 7 WHERE id = 2`, "transfer_holding", "transfer 4/2"},

		{"journal_kind", `UPDATE journal SET kind = 'gift' WHERE id = 4`, "journal_digest", "journal 4"},
		{"journal_actor", `UPDATE journal SET actor = 'nobody' WHERE id = 4`, "journal_digest", "journal 4"},
		{"journal_date", `UPDATE journal SET business_date = '2025-12-31' WHERE id = 4`, "journal_digest", "journal 4"},
		{"journal_posted_at", `UPDATE journal SET posted_at = '2025-12-31 00:00:00Z' WHERE id = 4`, "journal_digest", "journal 4"},
		{"journal_reverses", `UPDATE journal SET reverses = 2 WHERE id = 6`, "journal_digest", "journal 6"},
		{"journal_reverses_what_never_went_that_way", `UPDATE journal SET reverses = 2 WHERE id = 6`, "reversal_bound", "journal 2"},
		{"journal_memo", `UPDATE journal SET memo = 'as agreed' WHERE id = 9`, "journal_digest", "journal 9"},
		{"journal_amount", `UPDATE journal SET amount_fen = 1 WHERE id = 4`, "journal_lines", "journal 4"},
		{"journal_lines", `UPDATE journal SET transfers = 3 WHERE id = 4`, "journal_lines", "journal 4"},
		{"journal_digest_with_a_leaf", `UPDATE journal SET digest = '0123456789' WHERE id = 4`, "journal_logged", "journal 4"},
		{"journal_digest_without_a_leaf", `UPDATE journal SET digest = '0123456789' WHERE id = 9`, "journal_logged", "journal 9"},
		{"journal_digest_too_short_to_print", `UPDATE journal SET digest = '' WHERE id = 9`, "journal_digest", "journal 9"},
		{"journal_deleted", `DELETE FROM journal WHERE id = 7`, "journal_lines", "journal 7"},
		{"journal_number_in_lot_deleted", `DELETE FROM journal_lot WHERE lot = 1 AND seq = 4`, "lot_sequence", "lot 1"},
		{"last_journal_number_in_lot_deleted", `DELETE FROM journal_lot WHERE lot = 1 AND seq = 7`, "lot_sequence", "lot 1"},
		{"journal_numbers_in_lot_swapped", `UPDATE journal_lot SET seq = CASE seq WHEN 3 THEN 104 ELSE 103 END WHERE lot = 1 AND seq IN (3, 4)`, "entry_transfers", "account_entry 3/3"},
		{"pending_leaf_deleted", `DELETE FROM log_pending WHERE kind = 'journal' AND ref = 9`, "journal_logged", "journal 9"},
		{"leaf_deleted", `DELETE FROM log_leaf WHERE kind = 'journal' AND ref = 4`, "journal_logged", "journal 4"},

		{"lot_size", `UPDATE lot SET size_fen = 1001 WHERE id = 1`, "appropriated_size", "lot 1"},
		{"lot_size_seen_by_the_pieces", `UPDATE lot SET size_fen = 1001 WHERE id = 1`, "pieces_size", "lot 1"},
		{"lot_sequence", `UPDATE lot SET seq = 9 WHERE id = 1`, "lot_sequence", "lot 1"},
		{"lot_set_free", `UPDATE lot SET stopped = false WHERE id = 2`, "shortfall_claims", "lot 2"},
		{"lot_stopped", `UPDATE lot SET stopped = true WHERE id = 1`, "shortfall_claims", "lot 1"},
		{"claim_amount", `UPDATE claim SET amount_fen = 1`, "shortfall_claims", "lot 2"},
		{"claim_account", `UPDATE claim SET account = 8`, "balance_pieces", "account 8"},
		{"claim_deleted", `DELETE FROM claim`, "balance_pieces", "account 10"},
		{"claim_covered_by_nothing", `INSERT INTO claim_cover (claim, journal, amount_fen) VALUES (1, 9, 200)`, "shortfall_claims", "lot 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tx, err := owner.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(t.Context()) }()
			tag, err := tx.Exec(t.Context(), tt.sql)
			if err != nil || tag.RowsAffected() == 0 {
				t.Fatalf("nothing was altered: %v", err)
			}
			found, err := ledger.Verify(t.Context(), tx)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == tt.check && f.Row == tt.row }) {
				t.Errorf("%s does not name %s; findings: %+v", tt.check, tt.row, found)
			}
		})
	}
}

// tamperedBooks posts the journals above and gives the owner's pool.
func tamperedBooks(t *testing.T) *pgxpool.Pool {
	t.Helper()
	b, env := newBookEnv(t)
	one := b.lot(1000)
	available := b.account(one, ledger.Available)
	h := b.post(ledger.Draw{From: available, To: ledger.Frozen, Legs: legs(300, 200, 100)}).Holdings
	b.post(ledger.Move{Holdings: h[:2], From: ledger.Frozen, To: ledger.InTransit})
	b.post(ledger.Move{Holdings: h[:2], From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
	b.post(ledger.PartMove{Holding: h[0], From: ledger.Paid, To: ledger.Returned, Amount: 120})
	b.post(ledger.GiveBack{Holdings: h[2:], From: ledger.Frozen})
	b.post(ledger.Shift{From: available, To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 1}, Amount: 150})
	b.drain()
	two := b.lot(500)
	b.post(ledger.Shift{From: b.account(two, ledger.Available), To: ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 1}, Amount: 700, Highest: true, Fact: true})
	b.sound()
	return env.Owner(t)
}
