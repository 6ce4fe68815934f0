package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/demo"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/pgtest"
	"fenlu/trace"
)

// stopping is a teller that ends a demo's context after so many sentences.
type stopping struct {
	left int
	stop context.CancelFunc
	said map[string]int // how often each sentence was said
}

func (s *stopping) Section(string, ...any) {}

func (s *stopping) Say(_, _, code string, _ ...any) {
	s.said[code]++
	if s.left--; s.left == 0 {
		s.stop()
	}
}

func (s *stopping) Work(string) func() { return func() {} }

// TestYear_goes_on_wherever_it_was_stopped: stopped in the middle of its steps, and
// between the end of a step and its mark, again and again, the year comes to its end
// with everything paid once. The script year.txtar runs it in one go.
func TestYear_goes_on_wherever_it_was_stopped(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the demo's year: half a minute")
	}
	t.Parallel()
	database, dir, said := pgtest.New(t), t.TempDir(), map[string]int{}
	stops, ended := 0, trace.Closing{}
	for sentences := 1; ; sentences = 3 + 5*stops {
		closing, err := yearUntil(t, database, dir, sentences, stops%2 == 1, said)
		if err == nil {
			ended = closing
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(i18n.Error(i18n.EN, err))
		}
		stops++
	}
	if stops < 5 {
		t.Errorf("stopped %d times only", stops)
	}
	if !ended.Verify.OK || ended.Unaccounted != 0 || ended.InTransit == 0 || ended.Shortfall != 0 || ended.Frozen != 0 {
		t.Errorf("%+v, %+v", ended.Sums, ended.Verify.Findings)
	}
	const papers = 7_000_000_00 + 3_000_000_00
	if got := ended.Lots[0].Appropriated + ended.Lots[1].Appropriated; got != papers {
		t.Errorf("the notice and what includes it bring %s", got)
	}
	again := map[string]int{}
	if _, err := yearUntil(t, database, dir, -1, false, again); err != nil || len(again) > 0 {
		t.Errorf("a year that has ended does something again: %v, %v", again, err)
	}
	for _, once := range []string{"demo.year.in_the_way", "demo.year.split", "demo.year.refused", "demo.year.unknown"} {
		if said[once] == 0 {
			t.Errorf("%s was never said", once)
		}
	}
}

// TestYear_names_the_step_after_which_the_books_are_wrong.
func TestYear_names_the_step_after_which_the_books_are_wrong(t *testing.T) {
	t.Parallel()
	database, dir := pgtest.New(t), t.TempDir()
	s, world := yearIn(t, database, dir)
	defer func() { _ = s.Relay.Close() }()
	world.Tell = &stopping{-1, nil, map[string]int{}}
	world.Check = func(context.Context) error {
		return errs.New(errs.Unverified, "DEMO_ADD_UP", "check", "pieces_cover", "row", "lot 1", "detail", "x")
	}
	err := demo.RunYear(t.Context(), world, demo.Params{Payments: 24, Seed: 3, Year: true})
	text := i18n.Error(i18n.ZH, err)
	if errs.CodeOf(err) != "DEMO_STEP" || !strings.Contains(text, "2025-12 advance notice") || !strings.Contains(text, "pieces_cover") {
		t.Error(text)
	}
	world.Check = s.addUp
	tamper := `UPDATE account SET balance_fen = balance_fen + 1 WHERE kind = 'available'`
	if _, err := database.Pool().Exec(t.Context(), tamper); err != nil {
		t.Fatal(err)
	}
	if err := s.addUp(t.Context()); errs.CodeOf(err) != "DEMO_ADD_UP" {
		t.Errorf("a balance that is one fen too much: %v", err)
	}
}

// yearIn is the world of a year, on a database of the test's.
func yearIn(t *testing.T, database *db.DB, dir string) (*services, demo.World) {
	t.Helper()
	manual := clock.NewManual(time.Date(2025, 12, 10, 9, 0, 0, 0, clock.Shanghai))
	s, err := wire(t.Context(), database, wiring{keyDir: filepath.Join(dir, "keys"), outside: filepath.Join(dir, "checkpoints"), byURL: true, clock: manual,
		log: slog.New(slog.DiscardHandler), tell: func(string, ...any) {}, warn: func(err error) { t.Log(err) }})
	if err != nil {
		t.Fatal(err)
	}
	return s, demo.World{DB: s.DB, Auth: s.Auth, Ledger: s.Ledger, Books: s.Books, Parties: s.Parties, Funds: s.Funds, Benefits: s.Benefits, Rules: s.Rules,
		Payment: s.Payment, Batch: s.Batch, Recon: s.Recon, Drain: s.Drain, Clock: manual, Dir: dir}
}

// yearUntil runs the year, or goes on with it, until so many things were said; late
// stops between the end of a step and its mark.
func yearUntil(t *testing.T, database *db.DB, dir string, sentences int, late bool, said map[string]int) (trace.Closing, error) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s, world := yearIn(t, database, dir)
	defer func() { _ = s.Relay.Close() }()
	steps := 0
	world.Tell = &stopping{sentences, stop, said}
	world.Check = func(ctx context.Context) error {
		if steps++; late && steps > sentences {
			stop()
			return ctx.Err()
		}
		return s.addUp(ctx)
	}
	if late {
		world.Tell = &stopping{-1, stop, said}
	}
	if err := demo.RunYear(ctx, world, demo.Params{Payments: 24, Seed: 3, Year: true}); err != nil {
		return trace.Closing{}, err
	}
	return s.closing(ctx)
}
