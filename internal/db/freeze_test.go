package db_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// Tables shaped like the ledger's: a freeze takes from the accounts of one lot
// and writes a holding for each line.
var freezeTables = []string{
	`CREATE TABLE accounts (id bigint CONSTRAINT accounts_pk PRIMARY KEY, lot bigint NOT NULL,
		balance bigint NOT NULL, CONSTRAINT accounts_not_negative CHECK (balance >= 0))`,
	`CREATE TABLE holdings (id bigint CONSTRAINT holdings_pk PRIMARY KEY, account bigint NOT NULL, amount bigint NOT NULL)`,
	`INSERT INTO accounts (id, lot, balance) VALUES (1, 1, 1000000), (2, 1, 1000000), (3, 2, 1000000)`,
}

type runner func(context.Context, func(pgx.Tx) error) error

// TestBigFreezeBesideSmallDraws is why posting runs at READ COMMITTED with row
// locks (DESIGN §5): while a freeze of lot 1 is at work, a small draw on lot 2
// commits. Neither touches the other's money. At SERIALIZABLE the freeze, whose
// plan reads the table from end to end, is thrown out each time; with row locks
// it commits at its first try.
func TestBigFreezeBesideSmallDraws(t *testing.T) {
	t.Parallel()
	const lines, tries = 2000, 3
	t.Run("SERIALIZABLE never gets through", func(t *testing.T) {
		t.Parallel()
		d, owner := setupFreeze(t, tries)
		runs, err := freezeBesideDraws(t, d.RunSerializable, lines, "")
		if errs.CodeOf(err) != "DB_BUSY" || runs != tries {
			t.Errorf("%d runs, then %v; want %d runs and DB_BUSY", runs, err, tries)
		}
		if n := get[int](t, owner, `SELECT count(*) FROM holdings WHERE account < 3`); n != 0 {
			t.Errorf("%d holdings of a freeze that was refused", n)
		}
	})
	t.Run("row locks commit at the first try", func(t *testing.T) {
		t.Parallel()
		d, owner := setupFreeze(t, tries)
		runs, err := freezeBesideDraws(t, d.Run, lines, " FOR UPDATE")
		if err != nil || runs != 1 {
			t.Errorf("%d runs, then %v; want 1 and no error", runs, err)
		}
		if n := get[int](t, owner, `SELECT count(*) FROM holdings WHERE account = 1`); n != lines {
			t.Errorf("%d holdings, want %d", n, lines)
		}
		if lot2 := get[int](t, owner, `SELECT balance FROM accounts WHERE id = 3`); lot2 != 1000000-5 {
			t.Errorf("balance after the draw: %d", lot2)
		}
	})
}

func setupFreeze(t *testing.T, tries int) (*db.DB, db.Querier) {
	t.Helper()
	d, owner := setup(t, freezeTables...)
	onlyPostgres(t, d, "it is SERIALIZABLE throughout, with other locks")
	limited, err := db.Open(t.Context(), db.Options{URL: d.Pool().Config().ConnString(), MaxTries: tries}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = limited.Close() })
	return limited, owner
}

// freezeBesideDraws freezes on lot 1 while a draw on lot 2 comes and goes
// before the freeze commits. It returns how often the freeze was run.
func freezeBesideDraws(t *testing.T, run runner, lines int, lock string) (runs int, err error) {
	t.Helper()
	err = run(t.Context(), func(tx pgx.Tx) error {
		runs++
		if err := lockLot(t.Context(), tx, 1, lock); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `INSERT INTO holdings (id, account, amount) SELECT g, 1, 5 FROM generate_series(1, $1::bigint) AS g`, lines); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `UPDATE accounts SET balance = balance - $1::bigint WHERE id = 1 AND balance >= $1::bigint`, 5*lines); err != nil {
			return err
		}
		return run(context.WithoutCancel(t.Context()), func(draw pgx.Tx) error { return drawFromLot2(t.Context(), draw, lock) })
	})
	return runs, err
}

func drawFromLot2(ctx context.Context, tx pgx.Tx, lock string) error {
	if err := lockLot(ctx, tx, 2, lock); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE accounts SET balance = balance - 5 WHERE id = 3 AND balance >= 5`)
	return err
}

// lockLot reads the lot's accounts in id order; no index leads there, so the
// whole table is read, as a planner does with a small table.
func lockLot(ctx context.Context, tx pgx.Tx, lot int64, lock string) error {
	rows, err := tx.Query(ctx, `SELECT id FROM accounts WHERE lot = $1 ORDER BY id`+lock, lot)
	if err != nil {
		return err
	}
	_, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	return err
}
