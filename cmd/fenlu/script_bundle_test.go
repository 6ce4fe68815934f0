package main

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
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
