// Package audit looks for what auditors find (审计疑点): paid after death, one
// account for many people, money that nobody sent on. It runs monthly and on
// demand over what is on record, and changes nothing.
//
// The nouns: Check is one kind of finding, with its number in our list of audit
// findings, the figures of rules that it compares with and one query; Row is one
// thing found: what, whose, how much, for how long.
//
// Kept here: a check that finds nothing finds nothing in a sound county, and one
// whose figure no document sets says so instead of guessing. What a batch must
// not contain is checked before it is locked (disbursement/batch), not here.
package audit
