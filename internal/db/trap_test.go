package db_test

import (
	"context"
	"errors"
	"testing"

	crdbpgx "github.com/cockroachdb/cockroach-go/v2/crdb/crdbpgxv5"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"fenlu/internal/db"
)

// The tables of these tests. The deferred constraint is outside the shared
// subset on purpose: it makes COMMIT fail whenever we like.
const (
	trapParent = `CREATE TABLE parent (id bigint CONSTRAINT parent_pk PRIMARY KEY)`
	trapChild  = `CREATE TABLE child (id bigint CONSTRAINT child_pk PRIMARY KEY, parent bigint NOT NULL,
		CONSTRAINT child_parent_fk FOREIGN KEY (parent) REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`
)

// TestFailedCommit shows the first trap: on PostgreSQL crdbpgx.ExecuteTx says
// that all went well when COMMIT failed and nothing is stored, and db.Run does
// not.
func TestFailedCommit(t *testing.T) {
	t.Parallel()
	d, owner := setup(t, trapParent, trapChild)
	onlyPostgres(t, d, "it has no deferred constraints, and its ExecuteTx is right")
	orphan := func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO child (id, parent) VALUES (1, 404)`)
		return err
	}
	if err := crdbpgx.ExecuteTx(t.Context(), d.Pool(), pgx.TxOptions{}, orphan); err != nil {
		t.Fatalf("ExecuteTx reports the failed COMMIT now (%v): the trap is gone, and db.Run may be simplified", err)
	}
	if n := get[int](t, owner, `SELECT count(*) FROM child`); n != 0 {
		t.Fatalf("%d rows stored: this was to fail", n)
	}
	err := d.Run(t.Context(), orphan)
	if name, ok := db.Violation(err); !ok || name != "child_parent_fk" {
		t.Errorf("Run returned %v, want the violation of child_parent_fk", err)
	}
	if n := get[int](t, owner, `SELECT count(*) FROM child`); n != 0 {
		t.Errorf("%d rows stored", n)
	}
}

var errNobodyLeft = errors.New("nobody would be left on duty")

// TestWriteSkew: two transactions each keep a rule over two rows and together
// break it. One COMMIT must fail. ExecuteTx says both were stored;
// RunSerializable runs the loser again, who then sees that he may not.
func TestWriteSkew(t *testing.T) {
	t.Parallel()
	const table = `CREATE TABLE duty (id bigint CONSTRAINT duty_pk PRIMARY KEY, present boolean NOT NULL)`
	const rows = `INSERT INTO duty (id, present) VALUES (1, true), (2, true)`
	serializable := pgx.TxOptions{IsoLevel: pgx.Serializable}

	t.Run("ExecuteTx reports a commit that never happened", func(t *testing.T) {
		t.Parallel()
		d, owner := setup(t, table, rows)
		onlyPostgres(t, d, "its ExecuteTx is right")
		first, second := raceForDuty(t, func(ctx context.Context, fn func(pgx.Tx) error) error {
			return crdbpgx.ExecuteTx(ctx, d.Pool(), serializable, fn)
		})
		if first != nil || second != nil {
			t.Fatalf("ExecuteTx reports it now: %v, %v", first, second)
		}
		if n := get[int](t, owner, `SELECT count(*) FROM duty WHERE present`); n != 1 {
			t.Fatalf("%d on duty; both were said to have left", n)
		}
	})
	t.Run("RunSerializable runs the loser again", func(t *testing.T) {
		t.Parallel()
		d, owner := setup(t, table, rows)
		onlyPostgres(t, d, "there one waits for the other, and the race of this test would stand still")
		first, second := raceForDuty(t, d.RunSerializable)
		if first != nil || !errors.Is(second, errNobodyLeft) {
			t.Errorf("got %v and %v, want one stored and one refused", first, second)
		}
		if n := get[int](t, owner, `SELECT count(*) FROM duty WHERE present`); n != 1 {
			t.Errorf("%d on duty", n)
		}
	})
}

// raceForDuty lets 1 and 2 leave duty in transactions that both look before
// either writes; 2 commits after 1.
func raceForDuty(t *testing.T, run func(context.Context, func(pgx.Tx) error) error) (first, second error) {
	t.Helper()
	var looked [2]chan struct{}
	looked[0], looked[1] = make(chan struct{}), make(chan struct{})
	firstDone := make(chan struct{})
	leave := func(i int, before func()) func(pgx.Tx) error {
		tries := 0
		return func(tx pgx.Tx) error {
			tries++
			var present int
			if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM duty WHERE present`).Scan(&present); err != nil {
				return err
			}
			if present < 2 {
				return errNobodyLeft
			}
			if tries == 1 {
				close(looked[i])
				<-looked[1-i]
			}
			if _, err := tx.Exec(t.Context(), `UPDATE duty SET present = false WHERE id = $1`, i+1); err != nil {
				return err
			}
			before()
			return nil
		}
	}
	wrote := make(chan struct{})
	var g errgroup.Group
	g.Go(func() error {
		defer close(firstDone)
		first = run(t.Context(), leave(0, func() { <-wrote }))
		return nil
	})
	g.Go(func() error {
		second = run(t.Context(), leave(1, func() { close(wrote); <-firstDone }))
		return nil
	})
	_ = g.Wait()
	return first, second
}

// TestLostUpdate: at READ COMMITTED, what was read may be old when it is
// written back; the lock makes the second wait and read anew.
func TestLostUpdate(t *testing.T) {
	t.Parallel()
	const table = `CREATE TABLE counter (id bigint CONSTRAINT counter_pk PRIMARY KEY, n bigint NOT NULL)`
	const row = `INSERT INTO counter (id, n) VALUES (1, 0)`
	add := func(ctx context.Context, tx pgx.Tx, read string, meanwhile func() error) error {
		var n int64
		if err := tx.QueryRow(ctx, read).Scan(&n); err != nil {
			return err
		}
		if err := meanwhile(); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE counter SET n = $1 WHERE id = 1`, n+1)
		return err
	}
	nothing := func() error { return nil }

	t.Run("read then write loses one", func(t *testing.T) {
		t.Parallel()
		d, owner := setup(t, table, row)
		onlyPostgres(t, d, "it is SERIALIZABLE throughout")
		const read = `SELECT n FROM counter WHERE id = 1`
		err := d.Run(t.Context(), func(tx pgx.Tx) error {
			return add(t.Context(), tx, read, func() error {
				return d.Run(t.Context(), func(other pgx.Tx) error { return add(t.Context(), other, read, nothing) })
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := get[int](t, owner, `SELECT n FROM counter`); n != 1 {
			t.Errorf("two added, the counter says %d: nothing was lost", n)
		}
	})
	t.Run("FOR UPDATE loses none", func(t *testing.T) {
		t.Parallel()
		d, owner := setup(t, table, row)
		var g errgroup.Group
		for range 8 {
			g.Go(func() error {
				for range 10 {
					err := d.Run(t.Context(), func(tx pgx.Tx) error {
						return add(t.Context(), tx, `SELECT n FROM counter WHERE id = 1 FOR UPDATE`, nothing)
					})
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if n := get[int](t, owner, `SELECT n FROM counter`); n != 80 {
			t.Errorf("80 added, the counter says %d", n)
		}
	})
}
