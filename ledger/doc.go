// Package ledger keeps public money in double entry and knows, for every fen,
// where it stands.
//
// The nouns: a Lot (来源) is the money that one line of one document brought
// in; its fen have the addresses 0 … n-1 for ever. An Account (账户) is a place
// of a lot: (kind, budget line, township where it is a reserve). A Journal
// (分录) is a set of Transfers (划转) with one cause; each transfer has one debit
// account, one credit account, one lot and an amount greater than zero, so
// debits equal credits in every journal and for every lot by construction. A
// Holding is a leg (资金分段): what one budget line pays of one entitlement line
// in one payment; legs that were drawn together stand together in a parcel
// (成组资金) until they part ways. A Piece (分址区间) is a run of addresses with
// exactly one holder: a free account or a holding.
//
// Invariants, kept in the database and re-derived by Verify:
//
//   - account balance = sum of its transfers = its pieces + its open claims;
//   - the pieces of a lot cover 0 … size-1 without gap or overlap;
//   - no place can be overdrawn: a command that would is refused whole;
//   - a fact (what the outside world did) is always booked; what it takes above
//     what is free becomes a claim and stands in shortfall;
//   - nothing is edited or deleted: a mistake is reversed by a linked journal;
//   - the same key posts once.
//
// Everything enters through one door, Service.PostTx, whether it is one fen or
// a million transfers:
//
//	posted, err := svc.PostTx(ctx, tx, ledger.Command{
//		Key: "carveout/2026/1", Kind: "carveout.set_aside", Actor: "zhou",
//		Cause: "document:7", BusinessDate: day,
//		Steps: []ledger.Step{ledger.Shift{From: available, To: place, Amount: 100_00}},
//	})
//
// The ledger does not know people, payments or banks: lines, payments, parties
// and budget lines are numbers to it. It does not decide which lot pays; its
// callers do.
package ledger
