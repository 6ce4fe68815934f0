// Package proof keeps the log: one leaf for each thing that was written
// (journals, approvals, evidence files …), in an order that never changes, and
// the Merkle tree of RFC 6962 over them (docs/proof.md).
//
// Whoever writes something appends its leaf in the same transaction, as a
// pending row:
//
//	l := leaf.New("approval", 1).Int("id", a.ID).Text("decision", a.Decision)
//	err := proof.Append(ctx, tx, proof.ItemOf(l, a.ID))
//
// The sequencer (Drain) gives pending rows their index and stores what they add
// to the tree, in one transaction for each batch. It takes rows, never "id >
// last seen", because ids are not commit-ordered; the ids are drawn under the
// locks of the posting transaction, so the journals of each lot keep their
// order. The lock of log_head's row is the lease of the one sequencer.
//
// To prove a leaf under the root of a log of so many leaves, and that this log
// begins with an older one:
//
//	index, found, err := proof.LeafOf(ctx, q, proof.KindApproval, a.ID)
//	now, err := proof.Tree(ctx, q) // size and root
//	inclusion, err := proof.ProveLeaf(ctx, q, now.N, index)
//	err = tlog.CheckRecord(inclusion, now.N, now.Hash, index, l.Hash())
//	consistency, err := proof.ProveExtends(ctx, q, now.N, old)
//
// "As of" means an index of this log: what was true then never changes.
//
// It does not know what a leaf is about: each room makes the leaves of its own
// rows again when it verifies. Signing is ledger/proof/checkpoint.
package proof
