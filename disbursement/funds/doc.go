// Package funds is where the county's money comes from and on which line of
// the budget it stands: appropriation documents (指标文件), their lots, budget
// lines (指标行), pools (资金池), the purchased-service share (购买服务列支) and
// the townships' emergency reserves (临时救助备用金).
//
// A document brings money (each line opens a lot), cuts it (the line names the
// line it cuts, and so its lot), or only moves it between budget lines of the
// same lot. One document is one journal of the ledger, posted in the same
// transaction as the document's rows, under the key "document/<文号>" and the
// cause "document:<id>".
//
// Invariants, re-derived by Verify:
//
//   - a lot is as large as the line that brought it, and the withdrawn account
//     of a lot holds what the lines cut from it;
//   - a line that moves money is as large as the transfers between its two
//     budget lines, and budget lines never change their lot;
//   - a 文号 is one document for ever: the same again changes nothing, with
//     other content it is a conflict;
//   - what the capped fund sets aside for services stays within the cap, under
//     any concurrency; a level that is barred never pays for services;
//   - a year's reserves are allotted once, from the population on record.
//
// A cut is a fact and always booked: what is not free becomes the lot's
// shortfall. Setting aside and allocating are commands and are refused whole.
//
// It does not know people beyond the residents of a township, nor batches,
// payments or banks. Who acts is in the context: every method that changes
// something asks for their right first (Refused AUTH_NO_ACTOR, AUTH_RIGHT_MISSING),
// and where a second person is asked for goes by whom they act for.
package funds
