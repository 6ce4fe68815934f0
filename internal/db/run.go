package db

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/cockroachdb/cockroach-go/v2/crdb"
	crdbpgx "github.com/cockroachdb/cockroach-go/v2/crdb/crdbpgxv5"
	"github.com/jackc/pgx/v5"

	"fenlu/internal/errs"
)

// Run runs fn in a transaction and commits it: READ COMMITTED on PostgreSQL,
// where posting is correct by construction (rows locked FOR UPDATE in id
// order), SERIALIZABLE on CockroachDB.
//
// fn MAY RUN MORE THAN ONCE: it must do nothing outside the transaction and
// must start from its inputs each time. An error from fn is returned as it is,
// after a rollback; serialization failures and deadlocks are tried again.
//
// Errors: what fn returned; DB_BUSY (Unavailable) when every try collided;
// DB_UNAVAILABLE when the connection was lost before COMMIT (nothing is
// stored); DB_OUTCOME_UNKNOWN (Unavailable) when it was lost during COMMIT:
// ask the command's idempotency key what happened before trying again.
func (d *DB) Run(ctx context.Context, fn func(pgx.Tx) error) error {
	return d.run(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, fn)
}

// RunSerializable is Run at SERIALIZABLE, for short transactions whose rule
// reads a set that it does not lock (annual caps, exclusivity, period close).
func (d *DB) RunSerializable(ctx context.Context, fn func(pgx.Tx) error) error {
	return d.run(ctx, pgx.TxOptions{IsoLevel: pgx.Serializable}, fn)
}

// Read runs fn over one snapshot that it cannot write to: every query in it
// sees the database at the same moment.
func (d *DB) Read(ctx context.Context, fn func(pgx.Tx) error) error {
	return d.run(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, fn)
}

// ReadWhole is Read for work that goes over whole tables, such as verification.
// PostgreSQL is told not to walk one table once per row of another there:
// right after a bulk load its statistics do not know yet how large the tables
// are, and it would.
func (d *DB) ReadWhole(ctx context.Context, fn func(pgx.Tx) error) error {
	return d.Read(ctx, func(tx pgx.Tx) error {
		if !d.cockroach {
			if _, err := tx.Exec(ctx, `SET LOCAL enable_nestloop = off`); err != nil {
				return err
			}
		}
		return fn(tx)
	})
}

func (d *DB) run(ctx context.Context, opt pgx.TxOptions, fn func(pgx.Tx) error) error {
	if d.cockroach {
		return d.runCockroach(ctx, opt, fn)
	}
	for try := 1; ; try++ {
		err := d.once(ctx, opt, fn)
		if err == nil || !Retryable(err) {
			return err
		}
		if try == d.tries {
			return errs.Wrap(err, errs.Unavailable, "DB_BUSY", "tries", try)
		}
		d.log.Debug("transaction tried again", "try", try, "err", err)
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// once is one transaction from BEGIN to COMMIT. pgx.BeginTxFunc returns the
// error of COMMIT, which is the whole point.
func (d *DB) once(ctx context.Context, opt pgx.TxOptions, fn func(pgx.Tx) error) error {
	committing := false
	err := pgx.BeginTxFunc(ctx, d.pool, opt, watchCommit(fn, &committing))
	return named(err, committing)
}

// runCockroach leaves the retries to crdbpgx.ExecuteTx, whose RELEASE
// SAVEPOINT is the commit there. CockroachDB runs SERIALIZABLE throughout.
func (d *DB) runCockroach(ctx context.Context, opt pgx.TxOptions, fn func(pgx.Tx) error) error {
	opt.IsoLevel = pgx.Serializable
	committing := false
	err := crdbpgx.ExecuteTx(crdb.WithMaxRetries(ctx, d.tries), d.pool, opt, watchCommit(fn, &committing))
	if Retryable(err) {
		return errs.Wrap(err, errs.Unavailable, "DB_BUSY", "tries", d.tries)
	}
	return named(err, committing)
}

// watchCommit notes in committing whether fn is done, so that what fails next
// is COMMIT.
func watchCommit(fn func(pgx.Tx) error, committing *bool) func(pgx.Tx) error {
	return func(tx pgx.Tx) error {
		*committing = false
		if err := fn(tx); err != nil {
			return err
		}
		*committing = true
		return nil
	}
}

// named gives a lost connection its code; other errors stay as they are.
func named(err error, committing bool) error {
	switch {
	case err == nil:
		return nil
	case committing && outcomeUnknown(err):
		return errs.Wrap(err, errs.Unavailable, "DB_OUTCOME_UNKNOWN")
	case connectionLost(err):
		return unavailable(err)
	}
	return err
}

// pause waits a random time that grows with the tries, so that two
// transactions that met once do not meet again in step.
func pause(ctx context.Context, try int) error {
	limit := min(2*time.Millisecond<<min(try, 10), 250*time.Millisecond)
	timer := time.NewTimer(rand.N(limit))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
