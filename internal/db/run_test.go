package db_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
)

const (
	pairTable = `CREATE TABLE pair (id bigint CONSTRAINT pair_pk PRIMARY KEY, n bigint NOT NULL, CONSTRAINT pair_small CHECK (n < 100))`
	pairRows  = `INSERT INTO pair (id, n) VALUES (1, 0), (2, 0)`
)

func bump(ctx context.Context, q db.Querier, id int) error {
	_, err := q.Exec(ctx, `UPDATE pair SET n = n + 1 WHERE id = $1`, id)
	return err
}

func TestRunTriesAgain(t *testing.T) {
	t.Parallel()
	t.Run("after 40001 with a new snapshot", func(t *testing.T) {
		t.Parallel()
		d, owner := setup(t, pairTable, pairRows)
		onlyPostgres(t, d, "the inner write would wait for the outer read")
		var seen []int64
		err := d.RunSerializable(t.Context(), func(tx pgx.Tx) error {
			var n int64
			if err := tx.QueryRow(t.Context(), `SELECT n FROM pair WHERE id = 1`).Scan(&n); err != nil {
				return err
			}
			if seen = append(seen, n); len(seen) == 1 {
				if err := bump(t.Context(), owner, 1); err != nil { // another's write, after our snapshot
					return err
				}
			}
			return bump(t.Context(), tx, 1)
		})
		if err != nil || len(seen) != 2 || seen[0] != 0 || seen[1] != 1 {
			t.Errorf("saw %v, then %v; want 0, then 1 of the other's write", seen, err)
		}
		if n := get[int](t, owner, `SELECT n FROM pair WHERE id = 1`); n != 2 {
			t.Errorf("stored %d, want 2", n)
		}
	})
	t.Run("after a deadlock", func(t *testing.T) {
		t.Parallel()
		d, owner := setup(t, pairTable, pairRows)
		var both [2]chan struct{}
		both[0], both[1] = make(chan struct{}), make(chan struct{})
		var g errgroup.Group
		var runs [2]int
		for i := range 2 {
			g.Go(func() error {
				return d.Run(t.Context(), func(tx pgx.Tx) error {
					runs[i]++
					if err := bump(t.Context(), tx, i+1); err != nil {
						return err
					}
					if runs[i] == 1 { // each holds one row before it asks for the other's
						close(both[i])
						<-both[1-i]
					}
					return bump(t.Context(), tx, 2-i)
				})
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if runs[0]+runs[1] < 3 {
			t.Errorf("runs %v: there was no deadlock", runs)
		}
		if sum := get[int](t, owner, `SELECT sum(n)::bigint FROM pair`); sum != 4 {
			t.Errorf("stored %d, want 4", sum)
		}
	})
}

func TestRunGivesUp(t *testing.T) {
	t.Parallel()
	env := pgtest.NewBareEnv(t)
	d, err := db.Open(t.Context(), db.Options{URL: env.AppURL, MaxTries: 4}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	onlyPostgres(t, d, "the retries there are ExecuteTx's")
	collide := &pgconn.PgError{Code: "40001"}
	t.Run("with DB_BUSY after the last try", func(t *testing.T) {
		t.Parallel()
		runs := 0
		err := d.Run(t.Context(), func(pgx.Tx) error { runs++; return collide })
		if errs.CodeOf(err) != "DB_BUSY" || errs.KindOf(err) != errs.Unavailable || runs != 4 {
			t.Errorf("%d runs, then %v", runs, err)
		}
	})
	t.Run("when the context ends", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		runs := 0
		err := d.Run(ctx, func(pgx.Tx) error { runs++; cancel(); return collide })
		if !errors.Is(err, context.Canceled) || runs != 1 {
			t.Errorf("%d runs, then %v", runs, err)
		}
	})
	t.Run("at once on any other error", func(t *testing.T) {
		t.Parallel()
		refused := errs.New(errs.Refused, "X")
		runs := 0
		err := d.Run(t.Context(), func(pgx.Tx) error { runs++; return refused })
		if !errors.Is(err, refused) || runs != 1 {
			t.Errorf("%d runs, then %v", runs, err)
		}
	})
	t.Run("with DB_UNAVAILABLE when the connection is lost before COMMIT", func(t *testing.T) {
		t.Parallel()
		err := d.Run(t.Context(), func(tx pgx.Tx) error {
			// as the login itself, who may end his own process
			if _, err := tx.Exec(t.Context(), `RESET ROLE`); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `SELECT pg_terminate_backend(pg_backend_pid())`)
			return err
		})
		if errs.CodeOf(err) != "DB_UNAVAILABLE" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("when fn swallowed an error", func(t *testing.T) {
		t.Parallel()
		err := d.Run(t.Context(), func(tx pgx.Tx) error {
			_, _ = tx.Exec(t.Context(), `SELECT no_such_function()`)
			return nil
		})
		if !errors.Is(err, pgx.ErrTxCommitRollback) {
			t.Errorf("got %v: a transaction that failed was said to be stored", err)
		}
	})
}

func TestReadSeesOneMoment(t *testing.T) {
	t.Parallel()
	d, owner := setup(t, pairTable, pairRows)
	onlyPostgres(t, d, "the write would wait for the read")
	err := d.Read(t.Context(), func(tx pgx.Tx) error {
		before := get[int](t, tx, `SELECT n FROM pair WHERE id = 1`)
		if err := bump(t.Context(), owner, 1); err != nil {
			return err
		}
		if after := get[int](t, tx, `SELECT n FROM pair WHERE id = 1`); after != before {
			t.Errorf("read %d, then %d", before, after)
		}
		return bump(t.Context(), tx, 1)
	})
	if pe, ok := errors.AsType[*pgconn.PgError](err); !ok || pe.Code != "25006" {
		t.Errorf("a write in Read: %v", err)
	}
}

func TestViolation(t *testing.T) {
	t.Parallel()
	d, _ := setup(t, pairTable, pairRows)
	for sql, want := range map[string]string{
		`INSERT INTO pair (id, n) VALUES (1, 1)`:         "pair_pk",
		`UPDATE pair SET n = 100 WHERE id = 1`:           "pair_small",
		`INSERT INTO pair (id, n) VALUES (3, NULL)`:      "",
		`INSERT INTO no_such_table (id, n) VALUES (1,1)`: "",
	} {
		_, err := d.Pool().Exec(t.Context(), sql)
		if got, ok := db.Violation(err); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v (%v)", sql, got, ok, err)
		}
	}
}
