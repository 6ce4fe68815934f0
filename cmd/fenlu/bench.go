package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"fenlu/internal/bench"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/migrations"
)

// benchCmd measures, on a database of its own that is thrown away.
type benchCmd struct {
	Ledger benchLedgerCmd `cmd:"" help:"help_bench_ledger"`
	Verify benchVerifyCmd `cmd:"" help:"help_bench_verify"`
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

type benchVerifyCmd struct {
	Payments int `default:"100000" help:"help_bench_payments"`
}

// Run measures verification.
func (c benchVerifyCmd) Run(a *app) error {
	return a.measure(func(d *db.DB, told func(string)) (bench.Result, error) {
		return bench.Verify(a.ctx, d, c.Payments, told)
	})
}

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
	result, err := work(d, func(phase string) { _, _ = fmt.Fprintln(a.Stderr, a.T("bench.phase."+phase)) })
	if err != nil {
		return err
	}
	return a.Result(result, func(w io.Writer) { a.printBench(w, result) })
}

func (a *app) printBench(w io.Writer, r bench.Result) {
	_, _ = fmt.Fprintln(w, a.T("bench.result", "payments", r.Payments, "seconds", fmt.Sprintf("%.2f", r.Seconds),
		"floor", fmt.Sprintf("%.2f", r.FloorSeconds), "ratio", fmt.Sprintf("%.2f", r.Ratio),
		"per_second", fmt.Sprintf("%.0f", r.PaymentsPerSecond), "wal", fmt.Sprintf("%.0f", r.BytesPerPayment)))
	for _, p := range r.Phases {
		_, _ = fmt.Fprintf(w, "  %-16s %8.2f s\n", p.Name, p.Seconds)
	}
}
