package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"fenlu/internal/clock"
	"fenlu/internal/db/embedded"
)

// The county of the scripts, as the demo makes it.
const (
	countySeed     = 1
	countyPayments = 60
)

// programs is the variable that says where PostgreSQL's programs are.
const programs = "FENLU_PG_BIN"

// nowVariable gives the fenlu of a script its time: what a script shows must
// not depend on the day it runs.
const nowVariable = "FENLU_TEST_NOW"

func TestMain(m *testing.M) {
	testscript.Main(m, programsOfScripts())
}

// fenluAtTime is the real program, at the time the environment says.
func fenluAtTime() {
	var at clock.Clock = clock.System{}
	if text := os.Getenv(nowVariable); text != "" {
		t, err := time.ParseInLocation("2006-01-02 15:04", text, clock.Shanghai)
		if err != nil {
			panic(err)
		}
		at = clock.NewManual(t)
	}
	os.Exit(run(context.Background(), at, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// TestScripts runs the command line as people do, one process a command; each
// script has a data directory ($DATA) of its own.
//
// Commands of the scripts:
//
//	county                      copies the finished demo into $DATA and starts its database
//	exits CODE program args…    runs a program and wants this exit code
//	get VARIABLE FILE PATH      takes a value out of a JSON file: files.0.name, files.len
//	want FILE PATH VALUE        compares one (! want: it is another)
//	take VARIABLE FILE          the text of a file, without the line's end
//	one_object FILE             one JSON object on one line and nothing else
//	sheet_has FILE TEXT…        a row of a spreadsheet has all of the texts
//	adds_up FILE                the closing JSON: places, counts, files (DESIGN §6.1)
//	bank_agrees URL             the bank's own books are x_attempt
//	pieces_cover URL FILE       x_piece covers every lot and sums to the closing JSON
//	roster FILE MONTH N         writes a roster of the first N households of the county
//	newcard FILE NAME           writes a people file that gives a head of household another card
//	emergency N                 the county's N-th case: $CASE $TOWNSHIP $ID_NUMBER
//	bank send|ask|statement …   deals with the demo's bank; its answer is the file $ANSWER
//	nobody_else URL PERSON FILE a bundle of a person has nobody else in it
//	bundle_leaves FILE KIND are|have URL SQL  what the leaves of a kind are about
//	audit_lists DIR             writes what others keep of the county's money, in agreement with it
//	planted CHECK N SQL         what the owner plants is found by that audit check; and put back
//	tampered CHECK ROW SQL      rows changed by $OWNER: verify names them; and put back
//	sql URL STATEMENT           a program: prints the rows, tabs between the columns
func TestScripts(t *testing.T) {
	t.Parallel()
	county := sync.OnceValues(func() (string, error) { return makeCounty(t) })
	schemas, err := filepath.Abs("../../bankfiles/testdata/xsd")
	if err != nil {
		t.Fatal(err)
	}
	dir, files := "testdata/script", []string(nil)
	if raced { // a month has all the goroutines there are; the rest would take minutes
		dir, files = "", []string{"testdata/script/demo.txtar"}
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		Files:               files,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(cond string) (bool, error) {
			if cond == "dies" { // killed between its work and its answer, a command answers as a replay does
				return dies, nil
			}
			return false, fmt.Errorf("no condition %q", cond)
		},
		Setup: func(env *testscript.Env) error {
			dir, err := openDir()
			if err != nil {
				return err
			}
			data := filepath.Join(dir, "data")
			env.Defer(func() { discard(t, data) })
			env.Setenv("DATA", data)
			env.Setenv("XSD", schemas)
			env.Setenv(programs, os.Getenv(programs))
			env.Setenv("FENLU_CRASH", os.Getenv("FENLU_CRASH")) // heard by a fenlu built with the tag crash
			env.Setenv(nowVariable, "2026-11-06 09:00")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"county":       func(ts *testscript.TestScript, _ bool, _ []string) { copyCounty(ts, county) },
			"exits":        exits,
			"get":          get,
			"want":         want,
			"take":         take,
			"one_object":   oneObject,
			"sheet_agrees": sheetAgrees,
			"sheet_has":    sheetHas,
			"adds_up":      addsUp,
			"bank_agrees":  bankAgrees,
			"pieces_cover": piecesCover,
			"roster":       roster,
			"newcard":      newCard,
			"emergency":    emergency,
			"bank":         bank,
			"nobody_else":  nobodyElse,

			"bundle_leaves": bundleLeaves,
			"tampered":      tampered,
			"planted":       planted,
			"audit_lists":   auditLists,
		},
	})
}

// openDir makes a directory that PostgreSQL's unprivileged user may enter,
// which those of testscript are not.
func openDir() (string, error) {
	dir, err := os.MkdirTemp("", "fenlu-script-*")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// discard stops the database of a data directory and removes the directory.
func discard(t *testing.T, data string) {
	o := embedded.Options{DataDir: data, BinDir: os.Getenv(programs), Logger: slog.New(slog.DiscardHandler)}
	if s, err := embedded.Status(context.Background(), o); err == nil && s.Running {
		if err := embedded.Stop(context.Background(), o, true); err != nil {
			t.Errorf("stop %s: %v", data, err)
		}
	}
	if err := os.RemoveAll(filepath.Dir(data)); err != nil {
		t.Error(err)
	}
}

// makeCounty runs the demo once for all scripts and leaves it stopped.
func makeCounty(t *testing.T) (string, error) {
	dir, err := openDir()
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	t.Cleanup(func() { discard(t, data) })
	demo := exec.CommandContext(t.Context(), "fenlu", "--data-dir", data, "demo", "--json", "--seed", fmt.Sprint(countySeed),
		"--payments", fmt.Sprint(countyPayments))
	demo.Env = []string{"PATH=" + os.Getenv("PATH"), programs + "=" + os.Getenv(programs)} // no database of the developer's own
	out, err := demo.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("demo: %w\n%s", err, out)
	}
	return data, nil
}

// copyCounty gives a script the finished demo, with its keys, and starts it.
func copyCounty(ts *testscript.TestScript, county func() (string, error)) {
	from, err := county()
	ts.Check(err)
	for _, suffix := range []string{"", "-keys"} {
		ts.Check(copyTree(from+suffix, ts.Getenv("DATA")+suffix))
	}
	ts.Check(ts.Exec("fenlu", "--data-dir", ts.Getenv("DATA"), "db", "start"))
}

// copyTree copies a directory with its owners, which Go's own copy forgets.
func copyTree(from, to string) error {
	out, err := exec.Command("cp", "-a", from, to).CombinedOutput()
	if err != nil {
		return fmt.Errorf("copy %s: %w: %s", from, err, out)
	}
	return nil
}

// exits runs a program and wants an exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program args…")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if got := fmt.Sprint(code); got != args[0] {
		ts.Fatalf("exit %s, want %s", got, args[0])
	}
}
