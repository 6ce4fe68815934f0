package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
)

// verifications is how often verification and its floor are measured in turn.
const verifications = 3

// Verify measures the ledger's verification in full, of the books of n payments
// frozen, released and settled as Ledger does it: every check of the ledger and
// of its log, side by side as `fenlu verify` runs them. Its floor is COPY OUT of
// every table of the schema, one after the other, in turn with the work;
// seconds and floor_seconds are medians. A finding is an error.
func Verify(ctx context.Context, d *db.DB, n int, told func(phase string)) (Result, error) {
	owner, err := pgx.Connect(ctx, d.Embedded().URL(db.RoleOwner))
	if err != nil {
		return Result{}, fmt.Errorf("connect as owner: %w", err)
	}
	defer func() { _ = owner.Close(ctx) }()
	r := &run{ctx: ctx, db: d, owner: owner, n: n, told: told,
		svc: ledger.New(d, clock.System{}, slog.New(slog.DiscardHandler)), result: Result{Work: "verify", Payments: n}}
	for _, step := range []func() error{r.open, r.freeze, r.release, r.settle, r.drain, r.verify} {
		if err := step(); err != nil {
			return Result{}, err
		}
	}
	r.result.Phases, r.result.WALBytes = nil, 0
	var work []time.Duration
	for range verifications {
		if err := r.copyOut(); err != nil {
			return Result{}, err
		}
		told("verify")
		begin := time.Now()
		if err := verifyAll(ctx, d); err != nil {
			return Result{}, err
		}
		work = append(work, time.Since(begin))
	}
	slices.Sort(work)
	r.result.Seconds = work[verifications/2].Seconds()
	return r.total(), nil
}

// verifyAll runs the ledger's checks side by side.
func verifyAll(ctx context.Context, d *db.DB) error {
	jobs := ledger.Checks()
	return d.ReadTogether(ctx, 2, len(jobs), func(ctx context.Context, tx pgx.Tx, i int) error {
		found, err := jobs[i].Run(ctx, tx)
		if err == nil && len(found) > 0 {
			err = errs.New(errs.Unverified, "VERIFY_FAILED", "count", len(found), "unaccounted", "?", "row", found[0].Row)
		}
		return err
	})
}

// copyOut reads every table of the schema out, as the server writes it.
func (r *run) copyOut() error {
	r.told("copy_out")
	rows, err := r.owner.Query(r.ctx, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`)
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	begin := time.Now()
	for _, table := range tables {
		if _, err := r.owner.PgConn().CopyTo(r.ctx, io.Discard, `COPY `+pgx.Identifier{table}.Sanitize()+` TO STDOUT`); err != nil {
			return fmt.Errorf("copy %s out: %w", table, err)
		}
	}
	r.floor = append(r.floor, time.Since(begin))
	return nil
}
