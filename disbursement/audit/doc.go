// Package audit looks for what auditors find (审计疑点): paid after death, one
// account for many people, money that nobody sent on. It runs monthly and on
// demand over what is on record, and changes nothing of it.
//
// The nouns: Check is one kind of finding, with its number in our list of audit
// findings, the figures of rules and the list that it compares with, and one query;
// Row is one thing found: what, whose, how much, for how long. Lists are what others
// keep of the same money: HeldAccount (银行账户清单), Resident (在院名册), Visit
// (回访核实), DirectFile (直达资金个人明细).
//
// Kept here: a check that finds nothing finds nothing in a sound county, and one
// whose figure no document sets, or of whose list none was imported, says so instead
// of guessing. Lists change nobody's rights and no money; they are in the leaf of
// their file. What a batch must not contain is checked before it is locked
// (disbursement/batch), not here.
package audit
