// Package proof keeps the log: one leaf for each thing that was written
// (journals, approvals, evidence files …), in an order that never changes.
//
// Whoever writes something appends a pending row in the same transaction; the
// sequencer gives pending rows their index. It takes rows, never "id > last
// seen", because ids are not commit-ordered; the ids are drawn under the locks
// of the posting transaction, so the journals of each lot keep their order.
//
// "As of" means an index of this log: what was true then never changes.
//
// It does not know what a leaf is about, and it does not build the tree or
// sign it yet.
package proof
