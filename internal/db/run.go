package db

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/cockroach-go/v2/crdb"
	crdbpgx "github.com/cockroachdb/cockroach-go/v2/crdb/crdbpgxv5"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

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
		if err := d.forWholeTables(ctx, tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

// wholeMemoryMB is how much memory a sort or a hash of ReadWhole may take in
// the server before it goes to disk: a few of them stay within what a small
// machine has.
const wholeMemoryMB = 64

func (d *DB) forWholeTables(ctx context.Context, tx pgx.Tx) error {
	if d.cockroach {
		return nil
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf(`SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '%dMB'`, wholeMemoryMB)); err != nil {
		return fmt.Errorf("prepare to read whole tables: %w", err)
	}
	return nil
}

// ReadTogether is ReadWhole for n pieces of work that need nothing of each
// other: up to workers of them run side by side, all over the same snapshot.
// fn is called once for each number 0 … n-1, in no order; the first error ends
// the others. On CockroachDB one after the other.
func (d *DB) ReadTogether(ctx context.Context, workers, n int, fn func(ctx context.Context, tx pgx.Tx, i int) error) error {
	return d.ReadWhole(ctx, func(first pgx.Tx) error {
		if d.cockroach || workers < 2 {
			for i := range n {
				if err := fn(ctx, first, i); err != nil {
					return err
				}
			}
			return nil
		}
		var snapshot string
		if err := first.QueryRow(ctx, `SELECT pg_export_snapshot()`).Scan(&snapshot); err != nil {
			return fmt.Errorf("share snapshot: %w", err)
		}
		var next atomic.Int64
		work := func(ctx context.Context, tx pgx.Tx) error {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := fn(ctx, tx, i); err != nil {
					return err
				}
			}
			return nil
		}
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error { return work(ctx, first) })
		for range min(workers, n) - 1 {
			group.Go(func() error { return d.inSnapshot(ctx, snapshot, work) })
		}
		return group.Wait()
	})
}

// inSnapshot runs fn over a snapshot that another transaction holds.
func (d *DB) inSnapshot(ctx context.Context, snapshot string, fn func(context.Context, pgx.Tx) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, d.pool, options, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET TRANSACTION SNAPSHOT '`+snapshot+`'`); err != nil {
			return fmt.Errorf("take over snapshot: %w", err)
		}
		if err := d.forWholeTables(ctx, tx); err != nil {
			return err
		}
		return fn(ctx, tx)
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
		d.onRetry(try, err)
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
