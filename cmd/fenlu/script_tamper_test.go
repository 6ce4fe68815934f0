package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"fenlu/disbursement/audit"
	"fenlu/internal/check"
)

// changed finds the tables that a statement changes.
var changed = regexp.MustCompile(`(?:UPDATE|DELETE FROM) (\w+)`)

// tampered changes rows with the login $OWNER, wants that fenlu verify --full
// exits 4 with a finding of this check about this row, and puts the tables back.
func tampered(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: tampered CHECK ROW STATEMENTS")
	}
	restore := alter(ts, args[2])
	exits(ts, false, []string{"4", "fenlu", "--data-dir=" + ts.Getenv("DATA"), "verify", "--full", "--json"})
	var said struct {
		Findings []check.Finding `json:"findings"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &said))
	if !slices.ContainsFunc(said.Findings, func(f check.Finding) bool { return f.Check == args[0] && f.Row == args[1] }) {
		ts.Fatalf("no finding %s of %s among %+v", args[0], args[1], said.Findings)
	}
	restore()
}

// alter changes rows as the owner and gives what puts the tables back.
func alter(ts *testscript.TestScript, statements string) (restore func()) {
	owner := ts.Getenv("OWNER")
	var keep, back []string
	for _, m := range changed.FindAllStringSubmatch(statements, -1) {
		if s := "CREATE TABLE kept_" + m[1] + " AS SELECT * FROM " + m[1]; !slices.Contains(keep, s) {
			keep = append(keep, s)
			back = append(back, "DELETE FROM "+m[1], "INSERT INTO "+m[1]+" SELECT * FROM kept_"+m[1], "DROP TABLE kept_"+m[1])
		}
	}
	_, err := query(owner, strings.Join(append(keep, statements), "; "))
	ts.Check(err)
	return func() {
		_, err := query(owner, strings.Join(back, "; "))
		ts.Check(err)
	}
}

// planted is `planted CHECK COUNT STATEMENTS`: what the owner plants is found by
// that check, so many times; then it is put back. A check that was not made at
// all has found nothing and fails.
func planted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: planted CHECK COUNT STATEMENTS")
	}
	restore := alter(ts, args[2])
	exits(ts, false, []string{"0", "fenlu", "--data-dir=" + ts.Getenv("DATA"), "audit", "checks", "--area=991301", "--date=2026-10-31", "--since=2026-01", "--json"})
	var said struct {
		Checks []audit.Found `json:"checks"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &said))
	i := slices.IndexFunc(said.Checks, func(f audit.Found) bool { return f.Code == args[0] })
	if i < 0 {
		ts.Fatalf("no check %s was made", args[0])
	}
	if f := said.Checks[i]; strconv.Itoa(f.Count) != args[1] {
		ts.Fatalf("%s found %d: %+v", f.Code, f.Count, f.Rows)
	}
	restore()
}
