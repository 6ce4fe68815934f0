// Package batch is the life of a list: a roster becomes entitlement lines
// (应发明细), which are checked, submitted, approved, released, reconciled and
// closed together (批次).
//
// The nouns: a Batch is one program, office and period of lines; a Line is what
// one beneficiary is owed for one component, service month and occasion; a
// once-key (唯一键) is what makes a second line for the same thing impossible; an
// approval is a row bound to the digest of a list; a small list (小名单) withholds
// or withdraws lines after approval, re-issues payments or signs what is still
// open; a chain (审批链) is the ordered steps with the right each needs.
//
// Invariants, re-derived by Verify:
//
//   - one entitlement is instructed at most once at a time: every line of a
//     submitted batch holds the live once-key of its subject, and no subject is
//     covered twice (promise 4);
//   - make, check, approve, release and close of a batch are five persons, the
//     two steps of a list two, a re-issue's release a third; open items are
//     signed neither by who released nor by who closes (promise 7);
//   - the rules that time may break — a death, an identity that ends, an account
//     that changes — are asked at the check, at the approval and at the release;
//   - a closed batch has nothing open but what was signed for where it stood, and
//     what came after;
//   - what is approved is what was submitted and what is frozen: the digest of
//     the list is made again from the rows under the batch's lock; what is
//     released is the approved list less the signed small lists, leg by leg;
//   - a pool that is short refuses the batch whole and names what is missing for
//     each level; no level ever pays for another.
//
// A batch's row is locked first by everything that changes it. Commands may be
// sent again: a step that is done is answered with the same result if the same
// person asks for the same list, and is a conflict otherwise.
//
//	made, err := svc.Create(ctx, batch.Create{Code: "DB-2026-10", Office: "QHMZ", Program: "DB", Period: "2026-10", Channel: "DF", File: path})
//	checked, err := svc.Check(ctx, "DB-2026-10")
//	sub, err := svc.Submit(ctx, "DB-2026-10", "")
//	_, err = svc.Approve(ctx, "DB-2026-10", sub.Digest)
//	files, err := svc.Release(ctx, "DB-2026-10", day)
//
// Whoever acts is in the context (auth.WithActor). It does not know what banks
// answer: evidence moves payments, and Close asks payment what is still open.
package batch
