package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/internal/sample"
	"fenlu/internal/simbank"
	"fenlu/money"
)

// year is twelve months under way: the month's helpers, and what the year's steps
// know of one another.
type year struct {
	month
	papers *sample.Year
	done   map[string]bool
	tally  tally
}

// tally sums up what a step did to many lists, for one line of the story.
type tally struct {
	lists, lines, payments, blocks, reasons, notes int
	amount                                         money.Fen
}

// step is one thing that happens in the year. Its name is its mark: a step that is
// done is not done again. Doing it twice must change nothing, because a demo may be
// killed between the end of a step and its mark.
type step struct {
	name string
	at   string // the moment at which it begins, in Shanghai
	do   func(context.Context) error
}

// chapter is a month of the year with its steps, in order.
type chapter struct {
	code  string // of the heading
	month int
	steps []step
}

// RunYear runs the year to its end, or goes on where it stopped. After each step
// the books and the addresses are checked. Refused DEMO_OTHER_PARAMETERS and
// AUTH_DEMO_NOT_EMPTY as Run; DEMO_STEP (Unverified) where a check fails.
func RunYear(ctx context.Context, w World, p Params) error {
	y := &year{month: month{World: w, params: p, who: map[string]context.Context{}}}
	y.at("2025-12-10 09:00")
	var err error
	if y.papers, err = sample.GenerateYear(p.Seed, p.Payments); err != nil {
		return err
	}
	y.county = y.papers.County
	if err := y.begin(ctx); err != nil {
		return err
	}
	if err := y.open(ctx); err != nil {
		return err
	}
	for _, c := range y.chapters() {
		if err := y.chapter(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// open makes the year's files and bank, or finds them, and reads what is done
// already.
func (y *year) open(ctx context.Context) error {
	defer y.Tell.Work("demo.work.sample")()
	var err error
	options := simbank.DefaultOptions(y.params.Seed)
	options.ReturnAfterDays, options.LoseOn = returnsAfter, lastOfYear
	if y.bank, err = simbank.Open(filepath.Join(y.Dir, "simbank"), options); err != nil {
		return errs.Wrap(err, errs.Internal, "DEMO_BANK")
	}
	if _, err := os.Stat(y.input("README.txt")); errors.Is(err, fs.ErrNotExist) {
		if err := y.papers.Write(ctx, y.input(""), y.format()); err != nil {
			return err
		}
	}
	if err := y.users(ctx); err != nil {
		return err
	}
	return y.read()
}

// chapter does the steps of a month that are not done yet.
func (y *year) chapter(ctx context.Context, c chapter) error {
	steps := 0
	for _, s := range c.steps {
		if y.done[s.name] {
			continue
		}
		if steps++; steps == 1 {
			y.Tell.Section(c.code, "month", c.month)
		}
		if err := y.step(ctx, s); err != nil {
			return err
		}
	}
	if steps > 0 {
		y.say("shen", "demo.year.checked", "steps", steps)
	}
	return nil
}

func (y *year) step(ctx context.Context, s step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	y.at(s.at)
	y.tally = tally{}
	if err := s.do(ctx); err != nil {
		y.say("admin", "demo.year.stopped", "step", s.name)
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if err := y.Drain(ctx); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if err := y.Check(ctx); err != nil {
		return errs.Wrap(err, errs.Unverified, "DEMO_STEP", "step", s.name)
	}
	y.done[s.name] = true
	return y.keep()
}

// marks is the file that names the steps that are done.
func (y *year) marks() string { return filepath.Join(y.Dir, "year.json") }

func (y *year) read() error {
	y.done = map[string]bool{}
	raw, err := os.ReadFile(y.marks())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &y.done)
	}
	if err != nil {
		return fmt.Errorf("read what is done of the year: %w", err)
	}
	return nil
}

func (y *year) keep() error {
	raw, err := json.Marshal(y.done)
	if err != nil {
		return fmt.Errorf("keep what is done of the year: %w", err)
	}
	return durable.Replace("year", y.marks(), func(f *os.File) error {
		_, err := f.Write(raw)
		return err
	})
}

// plain makes a step of something that needs no context but its user's.
func plain(name, at string, do func() error) step {
	return step{name, at, func(context.Context) error { return do() }}
}
