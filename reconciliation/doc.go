// Package reconciliation reads what banks say and lets it move payments
// (银行对账).
//
// The nouns: evidence (凭据) is one line of a result file (回盘) or of a statement
// (对账单), with the file's digest and its position; an attempt (支付指令) is what
// it is matched with, by end-to-end id and amount; a verdict is what all the
// evidence about an attempt says together ([Derive]); a break (差异) is whatever
// did not match, with an owner and a due date, until somebody resolves it; the
// three sides (三方核对) are the sealed file, the bank's results and the bank's
// statements, against our books.
//
// Invariants kept here:
//
//   - Silence is not success: an attempt that no evidence names stays sent.
//     Accepted is not paid; a status said about a whole file never pays.
//   - An attempt's state is a pure function of the set of evidence about it: any
//     order, split or repetition of files gives the same.
//   - An amount that differs moves nothing and opens a break; so does an id that
//     is not ours, a statement of another account than the one the attempt was
//     paid from, a result of another file, or one that names another row.
//     Neither holds up the rest of its file.
//   - The same bytes twice change nothing; a statement entry counts once, by its
//     place, in whatever file it comes. The place (分录标识) is made of what was
//     booked: account, the bank's reference (AcctSvcrRef) where it gives one,
//     booking date (else value date, else the statement's), end-to-end id, amount,
//     direction, and the ordinal among the entries of the statement that agree in
//     all of this. The details of a batch entry, which share its reference, differ
//     by end-to-end id. The statement's own id is no part of it: a statement
//     issued again under another id counts nothing twice, and other entries under
//     an id that was used before are counted. A reference of one to six figures is
//     taken for the entry's number in its statement and left out.
//   - A success in a result and one booking are one payment; every further
//     booking of the instruction is an excess (重复支付), and a break.
//   - Long numbers in what banks write are masked before they are stored.
//   - A file is read whole or not at all: a contradiction in its numbers refuses
//     it before anything is stored. Evidence, the states and money it moves, the
//     breaks and events are one transaction.
//
// Use:
//
//	svc := reconciliation.New(db, payments, keys, clock, logger)
//	done, err := svc.Import(ctx, reconciliation.File{Name: "result1.txt", Content: f}) // right: reconcile
//	sides, err := svc.Status(ctx, db.Pool(), "DB-2026-10")
//	open, err := reconciliation.Breaks(ctx, db.Pool(), reconciliation.BreakFilter{OpenOnly: true})
//
// It does not know people, lots or accounts of the ledger: what becomes of the
// money is the business of whoever implements [Payments].
package reconciliation
