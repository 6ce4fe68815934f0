package main

import (
	"archive/zip"
	"encoding/json"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"fenlu/ledger/proof/bundle"
)

// nobodyElse searches a person's bundle, whose members are stored as they are,
// for the name of everybody else and for the instructions of payments that are
// not the person's.
func nobodyElse(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: nobody_else URL PERSON FILE")
	}
	text := ts.ReadFile(args[2])
	own := strings.ReplaceAll(`(SELECT h.payment FROM entitlement_line e JOIN leg h ON h.line = e.id WHERE e.person = PERSON)`, "PERSON", args[1])
	for _, statement := range []string{
		`SELECT DISTINCT name FROM person_version WHERE person <> ` + args[1],
		`SELECT DISTINCT holder_name FROM payee_account WHERE owner IN (SELECT id FROM person WHERE id <> ` + args[1] + `)`,
		`SELECT end_to_end_id FROM attempt WHERE payment NOT IN ` + own,
	} {
		rows, err := query(args[0], statement)
		ts.Check(err)
		if len(rows) < 10 {
			ts.Fatalf("only %d to search for: %s", len(rows), statement)
		}
		for _, r := range rows {
			if strings.Contains(text, r[0]) {
				ts.Fatalf("%s has %q", args[2], r[0])
			}
		}
	}
	mine, err := query(args[0], `SELECT end_to_end_id FROM attempt WHERE payment IN `+own)
	ts.Check(err)
	for _, r := range mine {
		if !strings.Contains(text, r[0]) {
			ts.Fatalf("%s does not have the person's own %q", args[2], r[0])
		}
	}
}

// bundleLeaves compares the numbers of the things that a bundle has leaves of one
// kind about with what a statement finds: they are these ("are"), or these are
// among them ("have").
func bundleLeaves(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 || args[2] != "are" && args[2] != "have" {
		ts.Fatalf("usage: bundle_leaves FILE KIND are|have URL STATEMENT")
	}
	got := leavesOfBundle(ts, args[0], args[1])
	rows, err := query(args[3], args[4])
	ts.Check(err)
	if len(rows) == 0 {
		ts.Fatalf("nothing to compare with: %s", args[4])
	}
	for _, r := range rows {
		if !slices.Contains(got, r[0]) {
			ts.Fatalf("%s has no leaf of %s %s, but of %v", args[0], args[1], r[0], got)
		}
	}
	if args[2] == "are" && len(got) != len(rows) {
		ts.Fatalf("%s has %d leaves of %s, %v, want %d", args[0], len(got), args[1], got, len(rows))
	}
}

// leavesOfBundle are the numbers of what the leaves of a kind are about, each
// once.
func leavesOfBundle(ts *testscript.TestScript, file, kind string) []string {
	r, err := zip.OpenReader(ts.MkAbs(file))
	ts.Check(err)
	defer func() { _ = r.Close() }()
	f, err := r.Open("bundle.json")
	ts.Check(err)
	var report bundle.Report
	ts.Check(json.NewDecoder(f).Decode(&report))
	var ids []string
	for _, p := range report.Proved {
		if p.Kind == kind && p.Fields[0].Name == "id" {
			ids = append(ids, p.Fields[0].Value)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
