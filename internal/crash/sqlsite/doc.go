// Package sqlsite makes sites (package fenlu/internal/crash/site) of the
// statements and COMMITs of a connection.
//
// The place in the name of such a site is the function that began the
// transaction, so that a statement that changes something is as many sites as
// there are transactions that run it; one that only reads has no place, and a
// transaction that is read only is one site. A COMMIT is a site twice: its bytes
// are on their way to the server, and the server has answered. At the first of them the answer can also
// be lost instead, as by a line that breaks.
package sqlsite
