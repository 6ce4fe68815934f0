// Package arch keeps the house in order: its tests read the tree and fail with
// a sentence that says where the thing belongs.
//
//   - imports_test.go: which room may import which (rooms_test.go is the table)
//   - sql_test.go: SQL keeps to what PostgreSQL and CockroachDB share
//   - migrations_test.go: constraints have names, steps can be run again
//   - tables_test.go: a table is written by the room that owns it
//   - money_test.go: no floating point where money lives, no clock in pure rooms
//   - texts_test.go: every error code has its sentence in both languages
//   - tree_test.go: no personal data, no paths of one machine, no unfinished work
//
// A new rule is one line in a table. Each check is also shown an offence of
// its own making, so that it cannot pass by seeing nothing. The package holds
// nothing that the program uses.
package arch
