// Package payment turns approved lines into bank credits and follows them.
//
// A Payment (支付) is one bank credit to one payee. An Attempt (支付指令) is one
// instruction to a bank for it, with an end-to-end id of its own; never two
// live at once. A Channel (支付渠道) says whose account pays, in which file
// format, and whether one credit may carry several budget lines.
//
// Invariants: the ids and the digest of a file are stored before a byte of it
// is written, and the same release writes the same bytes again; an attempt
// carries exactly the legs that stand frozen (or returned, for a re-issue)
// when it is made; only evidence moves an attempt to paid, failed or returned;
// the money of a failed or returned attempt stays with its line.
//
// It does not know batches, rosters or approvals, nor how evidence is read.
package payment
