// Package books keeps the accounting periods (会计期间), months and years, open or
// closed, and the vouchers of government accounting.
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
// It makes the vouchers (记账凭证) of financial and budget accounting, too, out of
// the journals, by a mapping table that is data (domain.md §6): one voucher for a
// business date, event and batch, numbered without gaps, each line linked with its
// journals. A journal is read once; what no rule fits is refused by name.
//
//	made, err := svc.MakeVouchers(ctx, "2026-10")
//
// It deliberately does not know batches or documents: what is open it is told
// by Work, and what a journal is about it reads from views (batch_fact and others).
package books
