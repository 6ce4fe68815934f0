// Package mt reads SWIFT customer statements: MT940 (对账单) and MT942 (interim
// report, 日间明细), as files hold them, one after the other, with or without
// the blocks {1: to {5: around each.
//
// A line that begins with a tag that may stand there, such as ":61:", begins a
// field; all other lines go on with the field before. That is why a text which
// a bank broke before ":26:37" is not taken for a tag, and a text broken before
// ":61:" or ":20:" is: such a file is refused, since its numbers no longer
// agree.
//
// Kept here:
//   - opening balance and movements make the closing balance, and the pages
//     (60M, 62M) of a statement follow on each other, or the file is refused
//     with both numbers; a bank's habits (no blocks, spaces for the entry date,
//     a dot for the comma, long texts, 30 February) are warnings;
//   - the mark alone moves the balance: RC takes off what C had added;
//   - an MT942 announces: its entries are pending (PDNG) until a statement
//     has them;
//   - memory does not grow with the file: one field of at most [MaxField] bytes
//     is held.
//
// It does not see that whole statements are missing at the end of a file
// without blocks: nothing in such a file says how many there are.
package mt
