package auth_test

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/errs"
)

type params struct {
	Payments int `json:"payments"`
	Seed     int `json:"seed"`
}

func empty(context.Context, pgx.Tx) (bool, error) { return true, nil }

func (h house) mark(ctx context.Context, p params, isEmpty func(context.Context, pgx.Tx) (bool, error)) error {
	return h.db.Run(ctx, func(tx pgx.Tx) error { return h.MarkDemo(ctx, tx, p, isEmpty) })
}

func TestMarkDemo(t *testing.T) {
	t.Parallel()
	t.Run("marks an empty database and keeps the parameters", func(t *testing.T) {
		t.Parallel()
		h := setup(t)
		must(t, h.mark(t.Context(), params{1000, 7}, empty))
		var got params
		marked, err := h.DemoParams(t.Context(), h.db.Pool(), &got)
		if err != nil || !marked || got != (params{1000, 7}) {
			t.Errorf("got %v %+v %v", marked, got, err)
		}
		wantCode(t, h.mark(t.Context(), params{1000, 7}, empty), errs.Conflict, "AUTH_DEMO_MARKED")
	})
	t.Run("refuses a database with users", func(t *testing.T) {
		t.Parallel()
		h, ctx := managed(t)
		wantCode(t, h.mark(ctx, params{}, empty), errs.Refused, "AUTH_DEMO_NOT_EMPTY")
		wantDemo(t, h, false)
	})
	t.Run("refuses a database with books", func(t *testing.T) {
		t.Parallel()
		h := setup(t)
		err := h.mark(t.Context(), params{}, func(context.Context, pgx.Tx) (bool, error) { return false, nil })
		wantCode(t, err, errs.Refused, "AUTH_DEMO_NOT_EMPTY")
		wantDemo(t, h, false)
	})
	t.Run("marks once under a race", func(t *testing.T) {
		t.Parallel()
		h := setup(t)
		results := make([]error, 8)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() { results[i] = h.mark(t.Context(), params{Seed: i}, empty) })
		}
		wg.Wait()
		done := 0
		for _, err := range results {
			if err == nil {
				done++
				continue
			}
			wantCode(t, err, errs.Conflict, "AUTH_DEMO_MARKED")
		}
		if done != 1 {
			t.Errorf("%d marked it", done)
		}
	})
}

func wantDemo(t *testing.T, h house, want bool) {
	t.Helper()
	if got, err := h.IsDemo(t.Context(), h.db.Pool()); err != nil || got != want {
		t.Errorf("IsDemo %v, %v; want %v", got, err, want)
	}
}

func TestActAs(t *testing.T) {
	t.Parallel()
	t.Run("acts in a demo database", func(t *testing.T) {
		t.Parallel()
		h := setup(t)
		must(t, h.mark(t.Context(), params{}, empty))
		must(t, h.bootstrap(t.Context(), manager, auth.BatchMake))
		ctx, err := h.ActAs(t.Context(), manager.Login)
		must(t, err)
		a, err := auth.Require(ctx, auth.BatchMake)
		if err != nil || a.Name != manager.Name || a.Office != manager.Office {
			t.Errorf("got %+v, %v", a, err)
		}
		_, err = h.ActAs(t.Context(), "nobody")
		wantCode(t, err, errs.NotFound, "AUTH_USER_UNKNOWN")
	})
	t.Run("is refused elsewhere, user or not", func(t *testing.T) {
		t.Parallel()
		h, _ := managed(t)
		for _, login := range []string{manager.Login, "nobody"} {
			ctx, err := h.ActAs(t.Context(), login)
			wantCode(t, err, errs.Refused, "AUTH_AS_ELSEWHERE")
			if ctx != nil || errs.KindOf(err).ExitCode() != 3 {
				t.Errorf("context %v, exit %d", ctx, errs.KindOf(err).ExitCode())
			}
		}
	})
}
