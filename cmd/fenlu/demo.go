package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/schollz/progressbar/v3"

	"fenlu/disbursement/payment"
	"fenlu/internal/clock"
	"fenlu/internal/demo"
	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/trace"
)

// demoCmd runs a whole month on the embedded database.
type demoCmd struct {
	Payments int   `help:"help_demo_payments"`
	Seed     int64 `default:"1" help:"help_demo_seed"`
	Year     bool  `help:"help_demo_year"`
}

// How many payments a month has where nothing is said: a county's, and what twelve of
// them take in minutes.
const (
	monthsPayments = 11_000
	yearsPayments  = 2_000
)

// Run runs the month, or goes on where it stopped, or shows how it ended. Its
// last line is the closing JSON of DESIGN §6.1.
func (c demoCmd) Run(a *app) error {
	if c.Payments == 0 {
		c.Payments = monthsPayments
		if c.Year {
			c.Payments = yearsPayments
		}
	}
	if a.DatabaseURL != "" {
		return errs.New(errs.Invalid, "CLI_EMBEDDED_ONLY")
	}
	begin := time.Now()
	manual := clock.NewManual(time.Date(2026, 1, 5, 9, 0, 0, 0, clock.Shanghai))
	a.clock = manual
	s, err := a.Open()
	if err != nil {
		return err
	}
	closing, err := c.month(a, s, manual, begin)
	if len(closing) > 0 {
		a.lines = true // standard output has its object; an error goes to standard error
		_, _ = fmt.Fprintln(a.Stdout, string(closing))
	}
	return errors.Join(err, s.Close())
}

func (c demoCmd) month(a *app, s *services, manual *clock.Manual, begin time.Time) ([]byte, error) {
	params := demo.Params{Payments: c.Payments, Seed: c.Seed, Year: c.Year}
	done, err := ended(a, s, params)
	if err != nil {
		return nil, err
	}
	title, run := "demo.title", demo.Run
	if c.Year {
		title, run = "demo.year.title", demo.RunYear
	}
	a.Println(a.T(title, "payments", c.Payments, "seed", c.Seed))
	if done == nil {
		if err := run(a.ctx, a.world(s, manual, teller{a}, nil), params); err != nil {
			return nil, err
		}
	}
	closing, err := s.closing(a.ctx)
	if err != nil {
		return nil, err
	}
	if !a.JSON {
		if err := a.printMonth(s, closing, c.Year); err != nil {
			return nil, err
		}
	}
	if done != nil {
		return done, closing.Verify.Failed()
	}
	closing.Elapsed = trace.Seconds(time.Since(begin))
	raw, err := endOf(a.ctx, s, closing, c.Year)
	if err != nil {
		return nil, err
	}
	return raw, errors.Join(keepEnd(a, raw), closing.Verify.Failed())
}

// world is what a demo runs in.
func (a *app) world(s *services, manual *clock.Manual, tell demo.Teller, watch demo.Watch) demo.World {
	return demo.World{DB: s.DB, Auth: s.Auth, Ledger: s.Ledger, Books: s.Books, Parties: s.Parties, Funds: s.Funds, Benefits: s.Benefits, Rules: s.Rules,
		Payment: s.Payment, Batch: s.Batch, Recon: s.Recon, Drain: s.Drain, Check: s.addUp, Clock: manual, Dir: a.dataDir(), Tell: tell, Watch: watch}
}

// closing is the county on one page, with what verification found.
func (s *services) closing(ctx context.Context) (trace.Closing, error) {
	var closing trace.Closing
	k := s.keptOutside()
	err := s.DB.ReadWhole(ctx, func(tx pgx.Tx) (err error) {
		if closing, err = trace.Balance(ctx, tx); err != nil {
			return err
		}
		closing.Verify, err = s.verifyIn(ctx, tx, k)
		return err
	})
	return closing, err
}

// endFile keeps the closing JSON of a finished demo, elapsed time included, so
// that running it again prints the same.
func endFile(a *app) string { return filepath.Join(a.dataDir(), "demo.json") }

func keepEnd(a *app, raw []byte) error {
	return durable.Replace("end", endFile(a), func(f *os.File) error {
		_, err := fmt.Fprintln(f, string(raw))
		return err
	})
}

// ended is the closing JSON of a demo that has finished with these parameters,
// or nil. With other parameters it is DEMO_OTHER_PARAMETERS (Refused).
func ended(a *app, s *services, params demo.Params) ([]byte, error) {
	var begun demo.Params
	marked, err := s.Auth.DemoParams(a.ctx, s.DB.Pool(), &begun)
	if err != nil || !marked {
		return nil, err
	}
	if begun != params {
		return nil, errs.New(errs.Refused, "DEMO_OTHER_PARAMETERS", "payments", begun.Payments, "seed", begun.Seed, "year", begun.Year)
	}
	raw, err := os.ReadFile(endFile(a))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return bytes.TrimSpace(raw), err
}

// printMonth prints how the month ended: where the money stands, how one
// returned payment ended, and what verification found.
func (a *app) printMonth(s *services, closing trace.Closing, year bool) error {
	section := "demo.section."
	if year {
		section = "demo.year.section."
	}
	a.Println("\n" + a.T(section+"balance"))
	if err := closing.Text(a.Stdout, a.Lang); err != nil {
		return err
	}
	id, err := reissued(a.ctx, s, year)
	if err != nil {
		return err
	}
	if id != 0 {
		a.Println("\n" + a.T(section+"trace"))
		credit, err := s.Trace.Payment(a.ctx, s.DB.Pool(), fmt.Sprint(id), trace.Page{})
		if err != nil {
			return err
		}
		if err := credit.Text(a.Stdout, a.Lang); err != nil {
			return err
		}
	}
	if year {
		if err := a.printYearsServices(s); err != nil {
			return err
		}
	}
	a.Println("\n" + a.T(section+"verify"))
	if err := closing.Verify.Text(a.Stdout, a.Lang); err != nil {
		return err
	}
	a.Println("\n" + a.T("demo.key", "fingerprint", s.Notary.Keys.Current().Fingerprint(), "origin", s.Notary.Keys.Origin()))
	a.Println("\n" + a.T("demo.next", "dir", a.dataDir()) + "\n")
	return nil
}

// reissued finds a payment with two attempts of which the second was paid: the first
// such payment, or the last, which new money paid.
func reissued(ctx context.Context, s *services, last bool) (payment.ID, error) {
	files, err := payment.Files(ctx, s.DB.Pool())
	if err != nil {
		return 0, err
	}
	if last {
		slices.Reverse(files)
	}
	for _, f := range files {
		if f.List == 0 {
			continue
		}
		list, err := payment.AttemptsOfFile(ctx, s.DB.Pool(), f.ID)
		if err != nil {
			return 0, err
		}
		for _, t := range list {
			if t.State == evidence.Paid {
				return payment.ID(t.Payment), nil
			}
		}
	}
	return 0, nil
}

// teller prints what happens in a demo, for people.
type teller struct{ a *app }

// Section begins a part of the month.
func (t teller) Section(code string, args ...any) { t.a.Println("\n" + t.a.T(code, args...)) }

// Say tells of one thing done.
func (t teller) Say(at, actor, code string, args ...any) {
	t.a.Println(fmt.Sprintf("  %s  %s  %s", at, actor, t.a.T(code, args...)))
}

// Work shows a moving mark on a terminal while something long is done.
func (t teller) Work(code string) func() {
	if !t.a.Interactive() {
		return func() {}
	}
	bar := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(t.a.Stderr), progressbar.OptionSetDescription(t.a.T(code)),
		progressbar.OptionClearOnFinish(), progressbar.OptionSpinnerType(14), progressbar.OptionSetElapsedTime(true))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				_ = bar.Finish()
				return
			case <-tick.C:
				_ = bar.Add(1)
			}
		}
	}()
	return func() { close(stop); <-stopped }
}
