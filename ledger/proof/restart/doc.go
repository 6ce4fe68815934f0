// Package restart decides when the log may give a history up (重启日志): a
// database that was restored from an older backup on purpose looks like one
// that was rolled back, and goes on only by the acts of two persons with the
// right period.close, in the database and in the file outside it.
//
// One person proposes, another confirms. What is given up is what the
// checkpoints outside say and the log does not; the confirmation holds for
// exactly that, and counts once both places have it. Asked for again, an act is
// not done again.
//
//	acts := restart.New(db, clock, outside)
//	proposed, err := acts.Propose(ctx, "the disk was damaged")
//	confirmed, err := acts.Confirm(ctx) // by another person
//	findings, told, err := restart.Verify(ctx, q, kept)
//
// It does not store: acts are rows of ledger/proof, the word outside is written
// by whoever keeps the file (Outside).
package restart
