// Package simbank is a bank (模拟银行): it takes the payment files that the
// product releases, decides each payment's fate, keeps books of its own and
// answers with the files a bank would send back.
//
// It is a witness, not a helper. It shares no code with the product: its
// readers follow the published formats, so that a mistake in a writer is
// refused here instead of being read back with the same mistake, and its books
// (ledger.csv) say what a bank believes, to be compared with what the product
// believes.
//
// Nouns: an order is one payment file; its style (styles.go, the one table) says how
// the bank reads it and answers: 代发文件 cn.daifa.gbk, the styles of other banks,
// pain.001.001.09. An instruction is one payment in it; a fate says what becomes of
// it: credited, failed at once, credited but forgotten in the first result, credited
// and returned some days later (退汇), or lost: neither booked nor ever named
// (course.go, the one table). A fault is what the bank does wrong by Options.Faults
// (fault.go, the one table): to one payment of each file, or to all results. A day
// is closed when its statement was drawn: nothing is booked on a closed day any more.
//
// Invariants:
//   - a fate depends on the seed and the file's content only: not on time, not
//     on the order of the files, not on the other files received;
//   - the same bytes twice change nothing and are answered by the same bytes (once
//     the bank answers at all: StatementFirst); a file id or an end-to-end id is
//     accepted once, for ever. A file without a head is known by its name besides;
//   - a file is accepted whole or refused whole, with all reasons found;
//   - for every account and day: opening + credits − debits = closing;
//   - the directory is a list of events, each committed by one link(2) of a
//     finished file; all else is derived from them when the bank is opened, so a
//     bank killed at any moment and asked again ends with the same books.
//
// What it does not know: lots, documents, persons, approvals; it sees accounts
// and amounts. It does not check cover: an account may be overdrawn, as a
// zero-balance account (零余额账户) is until the treasury settles it.
//
//	bank, err := simbank.Open(dir, simbank.DefaultOptions(7))
//	err = bank.Fund("88010001", 1_000_000, "2026-10-08", "CZ-2026-0001")
//	answer, err := bank.Receive("F1.txt", raw, "2026-10-09")   // answer.Files: result no. 1
//	late, err := bank.QueryResult(answer.FileID)               // result no. 2: the forgotten ones
//	for _, day := range bank.Dates("88010001") {
//		statement, err := bank.Statement("88010001", day)      // camt.053.001.08
//		notices := bank.Refunds(day)                           // 退票, where the style has them
//	}
package simbank
