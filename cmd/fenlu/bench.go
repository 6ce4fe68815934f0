package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"fenlu/internal/bench"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/demo"
	"fenlu/internal/errs"
	"fenlu/migrations"
)

// benchCmd measures, on a database of its own that is thrown away.
type benchCmd struct {
	Ledger   benchLedgerCmd   `cmd:"" help:"help_bench_ledger"`
	Month    benchMonthCmd    `cmd:"" help:"help_bench_month"`
	Verify   benchVerifyCmd   `cmd:"" help:"help_bench_verify"`
	Bankfile benchBankfileCmd `cmd:"" help:"help_bench_bankfile"`
}

type benchLedgerCmd struct {
	Payments int `default:"100000" help:"help_bench_payments"`
}

// Run measures the ledger.
func (c benchLedgerCmd) Run(a *app) error {
	return a.measure(func(d *db.DB, told func(string)) (bench.Result, error) {
		return bench.Ledger(a.ctx, d, c.Payments, told)
	})
}

type benchBankfileCmd struct {
	Payments int `default:"100000" help:"help_bench_payments"`
}

// Run measures bank files, in a directory of its own and without a database.
func (c benchBankfileCmd) Run(a *app) (err error) {
	dir := a.dataDir() + "-bench"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r, err := bench.Bankfile(a.ctx, dir, c.Payments, a.phase)
	if err != nil {
		return err
	}
	return a.Result(r, func(w io.Writer) {
		_, _ = fmt.Fprintln(w, a.T("bench.bankfile", "payments", r.Payments, "ratio", fmt.Sprintf("%.2f", r.Ratio), "all", fmt.Sprintf("%.2f", r.RatioOfAll),
			"digest", fmt.Sprintf("%.2f", r.DigestSeconds), "seconds", fmt.Sprintf("%.2f", r.Seconds),
			"floor", fmt.Sprintf("%.2f", r.FloorSeconds), "read", fmt.Sprintf("%.2f", r.ReadSeconds), "read_floor", fmt.Sprintf("%.2f", r.ReadFloor),
			"xml", fmt.Sprintf("%.2f", r.XMLSeconds), "times", fmt.Sprintf("%.1f", r.TimesAsFast), "heap", r.HeapBytes>>20, "resident", r.ResidentBytes>>20))
	})
}

type benchVerifyCmd struct {
	Payments int `default:"100000" help:"help_bench_payments"`
}

// Run measures verification.
func (c benchVerifyCmd) Run(a *app) error {
	return a.measure(func(d *db.DB, told func(string)) (bench.Result, error) {
		return bench.Verify(a.ctx, d, c.Payments, told)
	})
}

type benchMonthCmd struct {
	Payments int `default:"11000" help:"help_bench_payments"`
}

// Run measures the demo's month.
func (c benchMonthCmd) Run(a *app) error {
	month := *a
	month.DataDir, month.KeyDir = a.dataDir()+"-bench", a.dataDir()+"-bench-keys"
	manual := clock.NewManual(time.Date(2026, 1, 5, 9, 0, 0, 0, clock.Shanghai))
	month.clock = manual
	if err := os.RemoveAll(month.KeyDir); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(month.KeyDir) }()
	return a.measure(func(d *db.DB, told func(string)) (bench.Result, error) {
		s, err := month.wire(d)
		if err != nil {
			return bench.Result{}, err
		}
		return bench.Month(a.ctx, d, c.Payments, told, func(w *bench.Stopwatch) error {
			err := demo.Run(a.ctx, month.world(s, manual, silent{}, w), demo.Params{Payments: c.Payments, Seed: 1})
			if err != nil {
				return err
			}
			defer w.In("verify")()
			closing, err := s.closing(a.ctx)
			return errors.Join(err, closing.Verify.Failed())
		})
	})
}

// silent tells nobody what a demo does.
type silent struct{}

// Section says nothing.
func (silent) Section(string, ...any) {}

// Say says nothing.
func (silent) Say(string, string, string, ...any) {}

// Work shows nothing.
func (silent) Work(string) func() { return func() {} }

// measure runs a benchmark on an embedded database beside the data directory
// and removes it.
func (a *app) measure(work func(d *db.DB, told func(phase string)) (bench.Result, error)) (err error) {
	if a.DatabaseURL != "" {
		return errs.New(errs.Invalid, "CLI_EMBEDDED_ONLY")
	}
	dir := a.dataDir() + "-bench"
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d, err := db.Open(a.ctx, db.Options{DataDir: dir, PGBin: a.pgBin, Logger: a.Log, AppName: "fenlu-bench"}, migrations.FS)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	result, err := work(d, a.phase)
	if err != nil {
		return err
	}
	return a.Result(result, func(w io.Writer) { a.printBench(w, result) })
}

// phase tells which part of a benchmark begins.
func (a *app) phase(name string) { _, _ = fmt.Fprintln(a.Stderr, a.T("bench.phase."+name)) }

func (a *app) printBench(w io.Writer, r bench.Result) {
	_, _ = fmt.Fprintln(w, a.T("bench.result", "payments", r.Payments, "seconds", fmt.Sprintf("%.2f", r.Seconds),
		"floor", fmt.Sprintf("%.2f", r.FloorSeconds), "ratio", fmt.Sprintf("%.2f", r.Ratio),
		"per_second", fmt.Sprintf("%.0f", r.PaymentsPerSecond), "wal", fmt.Sprintf("%.0f", r.BytesPerPayment)))
	for _, p := range r.Phases {
		_, _ = fmt.Fprintf(w, "  %-16s %8.2f s\n", p.Name, p.Seconds)
	}
}
