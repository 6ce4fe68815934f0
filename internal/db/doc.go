// Package db opens Fenlu's database and is the only way to begin a
// transaction on it.
//
// The nouns: a DB is a pool of connections that work as the application role;
// the embedded server (internal/db/embedded) is the private PostgreSQL that a
// DB without a URL starts and shares; the schema is what the numbered SQL files
// handed to Open and Migrate make.
//
// Invariants kept here:
//
//   - Whoever logs in, statements run as fenlu_app, which owns nothing
//     (DESIGN §2 promise 6). fenlu_owner owns every table and only migrates;
//     fenlu_audit reads the x_ views.
//   - A transaction that reports success is committed. A failed COMMIT is an
//     error, and a COMMIT whose answer was lost is DB_OUTCOME_UNKNOWN, never a
//     success and never a plain failure.
//   - Each try after a serialization failure or a deadlock is a new transaction
//     with a new snapshot. crdbpgx.ExecuteTx, which retries inside one
//     transaction and ignores the error of COMMIT elsewhere, only ever sees
//     CockroachDB.
//
// Use:
//
//	d, err := db.Open(ctx, db.Options{DataDir: dir}, migrations.FS)
//	if err != nil {
//		return err
//	}
//	defer d.Close()
//	err = d.Run(ctx, func(tx pgx.Tx) error { // may run twice: no effects outside tx
//		_, err := tx.Exec(ctx, `UPDATE accounts SET …`)
//		return err
//	})
//
// It does not know any table but its own two (schema_version, schema_lock),
// and no domain.
package db
