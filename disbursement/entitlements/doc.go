// Package entitlements keeps what decides whether somebody may be paid beside
// the standard (待遇资格): which aid excludes which, until when he is entitled and
// when that is reviewed, and what other offices know about him.
//
// The nouns: Exclusion is a row of the matrix (互斥矩阵) with document and clause;
// Event is what was decided about an entitlement, Term what its events come to in
// a month; Fact is what another office knows, with its Kind; Means is what counts of
// a household's income, members and classes in a month (家庭经济状况); Valued is aid
// that was no money of ours, by its value.
//
// Kept here: rows are never changed, only followed by newer ones; each has its
// leaf in the log. It does not know lists: disbursement/batch asks it about theirs.
package entitlements
