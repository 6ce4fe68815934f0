// Package valid checks the values of commands and import rows by the rules
// written beside their fields (`validate:"required,fen_positive"`), and says
// what is wrong in the catalogue's words, in both languages.
//
// A Validator wraps one validator/v10 instance with Fenlu's own rules:
// fen_positive, fen_not_negative, month, day, area12, bankcode12, residentid,
// creditcode, programcode, no_personal_number, and any that the caller adds with WithTag.
//
// Kept here: every problem of a value is reported, not the first; a message
// never shows an ID number or account unmasked; a value is never changed.
//
// It knows single values. What needs a database or a second row (a known
// code, a duplicate, a balance) is the service's business.
package valid
