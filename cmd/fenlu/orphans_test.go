package main

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/internal/check"
	"fenlu/internal/clock"
	"fenlu/internal/pgtest"
	"fenlu/ledger"
	"fenlu/ledger/proof"
)

var kindLine = regexp.MustCompile(`\bKind[A-Z]\w*\s+(?:proof\.)?Kind += +"(\w+)"`)

// kindsOfLeaves are all kinds of leaves that the tree declares.
func kindsOfLeaves(t *testing.T) []string {
	t.Helper()
	var kinds []string
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		src, err := os.ReadFile(path)
		if strings.Contains(string(src), "proof.Kind") || strings.Contains(path, filepath.Join("ledger", "proof")) {
			for _, m := range kindLine.FindAllStringSubmatch(string(src), -1) {
				kinds = append(kinds, m[1])
			}
		}
		return err
	})
	if err != nil || len(kinds) < 25 {
		t.Fatalf("kinds of leaves: %v, %v", kinds, err)
	}
	return kinds
}

// TestVerify_names_every_leaf_without_its_row: whatever kind of leaf stands in
// the log without its row, a check says so.
func TestVerify_names_every_leaf_without_its_row(t *testing.T) {
	t.Parallel()
	d, c, log := pgtest.New(t), clock.System{}, slog.New(slog.DiscardHandler)
	s := &services{DB: d, Parties: parties.New(d, nil, c, log), Benefits: benefits.New(d, c, log)}
	s.Ledger = ledger.New(d, c, log)
	s.Payment = payment.NewService(d, s.Ledger, s.Parties, c, log)
	s.Batch = batch.New(d, s.Ledger, s.Parties, s.Benefits, funds.New(d, s.Ledger, s.Parties, c, log), s.Payment, c, log)
	kinds := kindsOfLeaves(t)
	for _, kind := range kinds {
		if _, err := d.Pool().Exec(t.Context(), `INSERT INTO log_pending (id, kind, ref, version, digest) VALUES ($1, $2, $3, 1, $4)`,
			1_000_000+slices.Index(kinds, kind), kind, 987654321, make([]byte, 32)); err != nil {
			t.Fatal(err)
		}
	}
	jobs := []check.Job{{Name: "keys", Run: proof.VerifyKeys}, {Name: "restarts", Run: proof.VerifyRestarts}}
	for _, v := range s.verifiers(nil) {
		if v.Name != "outside" {
			jobs = append(jobs, v.Jobs...)
		}
	}
	named := 0
	for _, job := range jobs {
		found, err := job.Run(t.Context(), d.Pool())
		if err != nil {
			t.Fatalf("%s: %v", job.Name, err)
		}
		for _, f := range found {
			if strings.HasSuffix(f.Row, " 987654321") && f.Detail == "in the log, not on record" {
				named++
			}
		}
	}
	if named != len(kinds) {
		t.Errorf("%d of %d leaves without a row are named", named, len(kinds))
	}
}
