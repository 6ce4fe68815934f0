package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Two workers over one snapshot: what is written after the first has begun,
// neither sees, whichever of them asks and however late.
func TestReadTogether_sees_one_moment(t *testing.T) {
	t.Parallel()
	d, owner := setup(t, pairTable, pairRows)
	onlyPostgres(t, d, "it reads one after the other there")
	var mu sync.Mutex
	conns, asked := map[*pgx.Conn]bool{}, 0
	both := make(chan struct{})
	err := d.ReadTogether(t.Context(), 2, 6, func(ctx context.Context, tx pgx.Tx, i int) error {
		mu.Lock()
		conns[tx.Conn()] = true
		if asked++; asked == 2 {
			close(both)
		}
		mu.Unlock()
		if i < 2 { // until both workers are at work
			select {
			case <-both:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := bump(ctx, owner, 1); err != nil {
			return err
		}
		var n int64
		if err := tx.QueryRow(ctx, `SELECT n FROM pair WHERE id = 1`).Scan(&n); err != nil {
			return err
		}
		if n != 0 {
			t.Errorf("part %d sees %d writes of after the beginning", i, n)
		}
		return nil
	})
	if err != nil || len(conns) != 2 {
		t.Errorf("%d connections, %v; want 2", len(conns), err)
	}
	if n := get[int](t, owner, `SELECT n FROM pair WHERE id = 1`); n != 6 {
		t.Errorf("%d parts were done, want 6", n)
	}
}

func TestReadTogether_ends_with_the_first_error(t *testing.T) {
	t.Parallel()
	d, _ := setup(t, pairTable, pairRows)
	wrong := errors.New("wrong")
	done := 0
	err := d.ReadTogether(t.Context(), 1, 9, func(context.Context, pgx.Tx, int) error {
		if done++; done == 3 {
			return wrong
		}
		return nil
	})
	if !errors.Is(err, wrong) || done != 3 {
		t.Errorf("%d parts, then %v", done, err)
	}
}
