package main

import (
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
	Ledger benchLedgerCmd `cmd:"" help:"${help_bench_ledger}"`
}

type benchLedgerCmd struct {
	Payments int `default:"100000" help:"${help_bench_payments}"`
}

// Run measures the ledger.
func (c benchLedgerCmd) Run(a *app) (err error) {
	if a.DatabaseURL != "" {
		return errs.New(errs.Invalid, "CLI_EMBEDDED_ONLY")
	}
	dir := a.dataDir() + "-bench"
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	d, err := db.Open(a.ctx, db.Options{DataDir: dir, PGBin: a.pgBin, Logger: a.Log, AppName: "fenlu-bench"}, migrations.FS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	result, err := bench.Ledger(a.ctx, d, c.Payments, func(phase string) { _, _ = fmt.Fprintln(a.Stderr, a.T("bench.phase."+phase)) })
	if err != nil {
		return err
	}
	return a.Result(result, func(w io.Writer) {
		_, _ = fmt.Fprintln(w, a.T("bench.result", "payments", result.Payments, "seconds", fmt.Sprintf("%.2f", result.Seconds),
			"floor", fmt.Sprintf("%.2f", result.FloorSeconds), "ratio", fmt.Sprintf("%.2f", result.Ratio),
			"per_second", fmt.Sprintf("%.0f", result.PaymentsPerSecond), "wal", fmt.Sprintf("%.0f", result.BytesPerPayment)))
		for _, p := range result.Phases {
			_, _ = fmt.Fprintf(w, "  %-16s %8.2f s\n", p.Name, p.Seconds)
		}
	})
}
