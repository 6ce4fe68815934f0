// Package pgtest gives each test a database of its own on a real PostgreSQL,
// migrated, with the application role's rights and nobody else in it.
//
// The server is a shared embedded one in the temporary directory, one for each
// user and source tree, without fsync; the test binaries of several packages
// attach to it at the same time, and it stops two seconds after the last has
// ended. With FENLU_TEST_DATABASE_URL (a login that may create databases) the
// same tests run on that server instead, CockroachDB included.
//
// A template database for each state of the migrations is made once and cloned
// for each test. The clone is dropped when the test has passed; after a failure
// it stays for an hour and the test says how to look at it.
//
// Use:
//
//	d := pgtest.New(t)           // *db.DB, application role
//	env := pgtest.NewEnv(t)      // or: the URLs, for programs and for the owner
//	owner := env.Owner(t)        // pool of the schema's owner, to tamper with rows
//
//	d, done := pgtest.ForExample("name") // for an Example function
package pgtest
