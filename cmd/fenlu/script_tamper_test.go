package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

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
	owner := ts.Getenv("OWNER")
	var keep, restore []string
	for _, m := range changed.FindAllStringSubmatch(args[2], -1) {
		if s := "CREATE TABLE kept_" + m[1] + " AS SELECT * FROM " + m[1]; !slices.Contains(keep, s) {
			keep = append(keep, s)
			restore = append(restore, "DELETE FROM "+m[1], "INSERT INTO "+m[1]+" SELECT * FROM kept_"+m[1], "DROP TABLE kept_"+m[1])
		}
	}
	_, err := query(owner, strings.Join(append(keep, args[2]), "; "))
	ts.Check(err)
	exits(ts, false, []string{"4", "fenlu", "--data-dir=" + ts.Getenv("DATA"), "verify", "--full", "--json"})
	var said struct {
		Findings []check.Finding `json:"findings"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &said))
	if !slices.ContainsFunc(said.Findings, func(f check.Finding) bool { return f.Check == args[0] && f.Row == args[1] }) {
		ts.Fatalf("no finding %s of %s among %+v", args[0], args[1], said.Findings)
	}
	_, err = query(owner, strings.Join(restore, "; "))
	ts.Check(err)
}
