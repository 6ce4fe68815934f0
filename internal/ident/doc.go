// Package ident reads and checks the identifiers of people, units, places and
// accounts, and hides them from eyes that have no business with them.
//
// The nouns: Resident is an ID number (居民身份证, GB 11643); Credit a unified
// social credit code (统一社会信用代码, GB 32100); Temporary the number of
// somebody who has no ID; Area a 12-digit area code (区划代码); account numbers
// and bank codes (联行号). Findings is everything a check has to say at once.
// Secret is a string that prints masked.
//
// Kept here: a check never repeats the number it checks; a correct check digit
// is never taken as proof that the number exists; what only casts doubt (an
// unknown area prefix, a card that fails Luhn) is a note or a warning and
// stops nobody's money.
//
// It does not know persons, households or units, nor where the numbers are
// stored.
package ident
