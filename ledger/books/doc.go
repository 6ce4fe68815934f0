// Package books keeps the accounting periods (会计期间): months and years, open
// or closed.
//
// A period is closed by two people: one proposes, another confirms. It closes
// with nothing open: the month is over, what came before it is closed, and the
// rooms above have no open work in it (a released batch that is not closed). A
// year closes when its months are closed and what was unspent on its budget
// lines is carried over. Opening again is a recorded act of two people, too.
// Every act is a row and a leaf of the log.
//
// Closing and posting lock the same row (package ledger, LockPeriod): a journal
// is either in the books that were closed, or refused, or, if it is evidence,
// booked in the next open period with its value date. So what is answered of a
// closed business date never changes; what is answered of an open one changes
// only by journals booked into it.
//
//	act, err := svc.ProposeClose(ctx, "2026-10", "月结") // 何晓舟
//	act, err = svc.Confirm(ctx, "2026-10")              // 林若溪
//
// It deliberately does not know batches or documents: what is open it is told
// by Work.
package books
