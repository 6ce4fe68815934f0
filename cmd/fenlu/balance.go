package main

import (
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/trace"
)

// balanceCmd is `fenlu balance`: the county on one page, now or then.
type balanceCmd struct {
	At    string `xor:"then" help:"${help_balance_at}" placeholder:"TIME"`
	Index *int64 `xor:"then" help:"${help_balance_index}"`
}

// Run prints the balances.
func (c balanceCmd) Run(a *app) error {
	if c.At == "" && c.Index == nil {
		return a.with(func(s *services) error { return c.today(a, s) })
	}
	return tell(a, func(_ *services, tx pgx.Tx) (trace.PastClosing, error) {
		index, err := c.index(a, tx)
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

// index resolves what was asked for to an index of the log.
func (c balanceCmd) index(a *app, tx pgx.Tx) (int64, error) {
	if c.Index != nil {
		return *c.Index, nil
	}
	t, err := parseMoment(c.At)
	if err != nil {
		return 0, err
	}
	index, _, err := proof.IndexAt(a.ctx, tx, t)
	return index, err
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
