package idem_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/idem"
	"fenlu/internal/pgtest"
)

var at = time.Date(2026, 10, 9, 1, 0, 0, 0, time.UTC)

type request struct {
	Batch  string `json:"batch"`
	Amount int64  `json:"amount"`
}

type result struct {
	Number int64  `json:"number"`
	Note   string `json:"note"`
}

// What the command does, in these tests, is to insert an installation row of
// its own: a second time would be a unique violation, and a count tells how
// many were done.
func effect(ctx context.Context, tx pgx.Tx, name string) error {
	_, err := tx.Exec(ctx, `INSERT INTO installation (name, value, recorded_at) VALUES ($1, '', $2)`, name, at)
	return err
}

func effects(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Pool().QueryRow(t.Context(), `SELECT count(*) FROM installation`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func command(key string, r any) idem.Command {
	return idem.Command{Key: key, Kind: "batch.new", Request: r}
}

// send sends a command whose effect is named for it and whose result says note.
func send(ctx context.Context, d idem.Runner, c idem.Command, actor, name, note string) (result, bool, error) {
	var out result
	replay, err := idem.Run(ctx, d, c, actor, at, func(tx pgx.Tx) (any, error) {
		return result{Number: 12, Note: note}, effect(ctx, tx, name)
	}, &out)
	return out, replay, err
}

func TestSameCommandGivesTheFirstResult(t *testing.T) {
	t.Parallel()
	d, ctx := pgtest.New(t), t.Context()
	first, replay, err := send(ctx, d, command("k1", request{"DB", 100}), "wang.min", "e1", "first")
	if err != nil || replay || first.Note != "first" {
		t.Fatalf("got %+v %v %v", first, replay, err)
	}
	again, replay, err := send(ctx, d, command("k1", request{"DB", 100}), "wang.min", "e2", "second")
	if err != nil || !replay || again != first {
		t.Errorf("got %+v %v %v", again, replay, err)
	}
	// The form of the request does not matter, only what it says.
	_, replay, err = send(ctx, d, command("k1", map[string]any{"amount": json.Number("100"), "batch": "DB"}), "wang.min", "e3", "third")
	if err != nil || !replay {
		t.Errorf("replay %v, %v", replay, err)
	}
	if n := effects(t, d); n != 1 {
		t.Errorf("done %d times", n)
	}
}

func TestSameKeyForAnotherCommandIsAConflict(t *testing.T) {
	t.Parallel()
	d, ctx := pgtest.New(t), t.Context()
	if _, _, err := send(ctx, d, command("k1", request{"DB", 100}), "wang.min", "e1", ""); err != nil {
		t.Fatal(err)
	}
	other := command("k1", request{"DB", 100})
	other.Kind = "batch.cancel"
	for name, c := range map[string]struct {
		command idem.Command
		actor   string
	}{
		"another request": {command("k1", request{"DB", 101}), "wang.min"},
		"another kind":    {other, "wang.min"},
		"another person":  {command("k1", request{"DB", 100}), "liu.fang"},
	} {
		_, replay, err := send(ctx, d, c.command, c.actor, "e2", "")
		if replay || errs.KindOf(err) != errs.Conflict || errs.CodeOf(err) != "IDEM_KEY_REUSED" {
			t.Errorf("%s: replay %v, %v", name, replay, err)
			continue
		}
		said := i18n.Error(i18n.ZH, err)
		for _, want := range []string{"k1", "wang.min", "2026-10-09 09:00:00", "batch.new"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: %q does not say %s", name, said, want)
			}
		}
	}
	if n := effects(t, d); n != 1 {
		t.Errorf("done %d times", n)
	}
}

func TestAFailedCommandLeavesNothing(t *testing.T) {
	t.Parallel()
	d, ctx := pgtest.New(t), t.Context()
	broken := errors.New("no money")
	_, err := idem.Run(ctx, d, command("k1", nil), "wang.min", at, func(tx pgx.Tx) (any, error) {
		return nil, errors.Join(effect(ctx, tx, "e1"), broken)
	}, nil)
	if !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if _, replay, err := send(ctx, d, command("k1", request{"DB", 5}), "liu.fang", "e2", ""); err != nil || replay {
		t.Errorf("after a failure the key is free: replay %v, %v", replay, err)
	}
	if n := effects(t, d); n != 1 {
		t.Errorf("done %d times", n)
	}
}

func TestTwentyRaceWithTheSameCommand(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	outcomes := race(20, func(i int) (result, bool, error) {
		// A second time would collide on e1: rivals must not even begin.
		return send(t.Context(), d, command("k1", request{"DB", 100}), "wang.min", "e1", fmt.Sprint(i))
	})
	done := 0
	for _, o := range outcomes {
		if o.err != nil || o.result != outcomes[0].result {
			t.Errorf("got %+v", o)
		}
		if !o.replay {
			done++
		}
	}
	if n := effects(t, d); done != 1 || n != 1 {
		t.Errorf("%d callers did it, %d times", done, n)
	}
}

func TestTwentyRaceWithTheSameKeyAndDifferentRequests(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	outcomes := race(20, func(i int) (result, bool, error) {
		return send(t.Context(), d, command("k1", request{"DB", int64(i)}), "wang.min", fmt.Sprint("e", i), "")
	})
	done := 0
	for _, o := range outcomes {
		switch {
		case o.err == nil && !o.replay:
			done++
		case errs.CodeOf(o.err) != "IDEM_KEY_REUSED":
			t.Errorf("got %+v", o)
		}
	}
	if n := effects(t, d); done != 1 || n != 1 {
		t.Errorf("%d callers did it, %d times", done, n)
	}
}

func TestWhenTheFirstFailsTheNextDoesIt(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	var once sync.Once
	outcomes := race(20, func(i int) (result, bool, error) {
		var out result
		replay, err := idem.Run(t.Context(), d, command("k1", nil), "wang.min", at, func(tx pgx.Tx) (any, error) {
			var err error
			once.Do(func() { err = errors.New("broken") })
			if err == nil {
				err = effect(t.Context(), tx, "e1")
			}
			return result{Number: int64(i)}, err
		}, &out)
		return out, replay, err
	})
	failed, done, replayed := 0, 0, 0
	for _, o := range outcomes {
		switch {
		case o.err != nil:
			failed++
		case o.replay:
			replayed++
		default:
			done++
		}
	}
	if failed != 1 || done != 1 || replayed != 18 {
		t.Errorf("failed %d, done %d, replayed %d", failed, done, replayed)
	}
}

type outcome struct {
	result result
	replay bool
	err    error
}

// race runs n callers at once.
func race(n int, call func(i int) (result, bool, error)) []outcome {
	outcomes, gate := make([]outcome, n), make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-gate
			r, replay, err := call(i)
			outcomes[i] = outcome{r, replay, err}
		})
	}
	close(gate)
	wg.Wait()
	return outcomes
}

// forgetful commits and then says that it does not know, as db.Run does when
// the connection is lost during COMMIT.
type forgetful struct {
	*db.DB
	times int
}

func (f *forgetful) Run(ctx context.Context, fn func(pgx.Tx) error) error {
	err := f.DB.Run(ctx, fn)
	if err == nil && f.times > 0 {
		f.times--
		return errs.New(errs.Unavailable, "DB_OUTCOME_UNKNOWN")
	}
	return err
}

func TestAnUnknownOutcomeIsSettledThroughTheKey(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	got, _, err := send(t.Context(), &forgetful{d, 1}, command("k1", request{"DB", 1}), "wang.min", "e1", "stored")
	if err != nil || got.Note != "stored" {
		t.Errorf("got %+v, %v", got, err)
	}
	_, _, err = send(t.Context(), &forgetful{d, 99}, command("k2", request{"DB", 1}), "wang.min", "e2", "")
	if errs.CodeOf(err) != "DB_OUTCOME_UNKNOWN" {
		t.Errorf("got %v", err)
	}
	if n := effects(t, d); n != 2 {
		t.Errorf("done %d times", n)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	for _, key := range []string{"", " k", "k ", "a\nb", "claim:k1", "\xff", strings.Repeat("钥", 201)} {
		_, _, err := send(t.Context(), d, command(key, nil), "wang.min", "e1", "")
		if errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "IDEM_KEY_INVALID" {
			t.Errorf("%q: got %v", key, err)
		}
	}
	if _, _, err := send(t.Context(), d, command(strings.Repeat("钥", 200), nil), "wang.min", "e1", ""); err != nil {
		t.Errorf("200 characters: %v", err)
	}
}

func TestRecordsCannotBeEditedOrDeleted(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	if _, _, err := send(t.Context(), d, command("k1", nil), "wang.min", "e1", ""); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`UPDATE command SET result = ''`, `DELETE FROM command`} {
		if _, err := d.Pool().Exec(t.Context(), sql); err == nil {
			t.Errorf("the application may %s", sql)
		}
	}
}
