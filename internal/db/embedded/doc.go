// Package embedded starts and looks after Fenlu's private PostgreSQL (15 or
// later, from the programs installed on the machine).
//
// The nouns: a data directory holds one cluster (pg/), its marker (pg.json: our
// identity and the passwords, readable by its owner alone), its log (pg.log)
// and three lock files; a Server is one process's place at that cluster.
//
// How processes share it. Every lock is an flock, which the kernel drops when
// a process dies, so a recycled process id can never pass for a live user:
//
//	pg.lock    exclusive, for the moments of starting, attaching, leaving
//	pg.users   shared, held by every process for as long as it is attached
//	pg.keep    a mark, not a lock: leave the server running
//
// Whoever holds pg.lock finds the server running and attaches, or starts it.
// Who leaves tries to turn its pg.users lock into an exclusive one: that
// succeeds for the last alone, who then stops the server unless pg.keep is
// there. A process killed leaves a running server behind; the next one attaches
// to it, and stops it in its turn. A server that died is started again by the
// next process that opens it or that has to make a new connection.
//
// Invariants kept: the server never listens on a network address, never runs
// as root, never trusts a login without a password, and its socket lies in a
// directory that only its user can enter.
//
// It knows nothing of schemas, tables or migrations.
package embedded
