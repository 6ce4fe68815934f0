package main

import (
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/trace"
)

// balanceCmd is `fenlu balance`: the county on one page, now or then.
type balanceCmd struct {
	At string `help:"help_books_at" placeholder:"TIME|INDEX"`
}

// Run prints the balances.
func (c balanceCmd) Run(a *app) error {
	if c.At == "" {
		return a.with(func(s *services) error { return c.today(a, s) })
	}
	return tell(a, func(_ *services, tx pgx.Tx) (trace.PastClosing, error) {
		index, err := indexOf(a, tx, c.At)
		if err != nil {
			return trace.PastClosing{}, err
		}
		return trace.BalanceAt(a.ctx, tx, index)
	})
}

// today is the closing balances; programs also get what verification found, of
// the same moment.
func (c balanceCmd) today(a *app, s *services) error {
	begin := a.clock.Now()
	var closing trace.Closing
	k := s.keptOutside()
	err := s.DB.ReadWhole(a.ctx, func(tx pgx.Tx) (err error) {
		if closing, err = trace.Balance(a.ctx, tx); err != nil || !a.JSON {
			return err
		}
		closing.Verify, err = s.verifyIn(a.ctx, tx, k)
		return err
	})
	if err != nil {
		return err
	}
	closing.Elapsed = trace.Seconds(a.clock.Now().Sub(begin))
	return a.show(closing)
}

// parseMoment reads a time as people write it, in Asia/Shanghai: a day means
// its end, a minute its end.
func parseMoment(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	for layout, length := range map[string]time.Duration{
		time.DateOnly: 24 * time.Hour, "2006-01-02 15:04": time.Minute, time.DateTime: time.Second, "2006-01-02T15:04": time.Minute,
	} {
		if t, err := time.ParseInLocation(layout, text, clock.Shanghai); err == nil {
			return t.Add(length - time.Microsecond), nil
		}
	}
	return time.Time{}, errs.New(errs.Invalid, "BALANCE_AT", "at", text)
}
