// Package idem makes a command that is sent twice be done once.
//
// The nouns: a Command is a key that the sender chose, a kind and a request;
// its record (幂等记录) is the digest of the request and the result it had.
//
// Invariants kept here:
//
//   - Same key, same kind, same request, same actor: the first result comes
//     back and nothing is done (a replay).
//   - Same key with anything else: IDEM_KEY_REUSED, and nothing is done. An
//     approval repeated by another person is another command.
//   - Callers that race with the same key: one does it, the others wait for it
//     and replay. If the one fails, the next of them does it.
//   - A record is there if and only if what the command did is there: both
//     are written in one transaction.
//
// How: the table takes no updates, so a record can be written only when its
// result is known, while a rival must be stopped before anything is done.
// Hence two rows: a claim under a key of its own, written first, on which
// rivals wait, and the record, written last. A rival that finds the claim
// taken finds the record too, since both were committed together.
//
// Use, as the first thing in a transaction, so that no lock is held while
// waiting for a rival:
//
//	var made Batch
//	replay, err := idem.Run(ctx, db, idem.Command{Key: key, Kind: "batch.new", Request: req},
//		actor.Login, clock.Now(), func(tx pgx.Tx) (any, error) { return newBatch(ctx, tx, req) }, &made)
//
// Ledger journals carry a key of their own and do not come here.
package idem
