package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// scripts runs the scripts of the command line with a fenlu that is killed at
// each site it comes by where nobody was hit before, and run again until it
// ends; what the scripts expect is what they expect of a fenlu that never
// dies. It gives the sites that the scripts add to those of the month.
func (t *test) scripts(ctx context.Context) []string {
	began := time.Now()
	m, err := t.lab.newMonth(ctx, "scripts")
	if err == nil {
		err = m.order("spare", t.hits())
	}
	if err == nil {
		err = m.runScripts(ctx)
	}
	sites := without(m.list("seen"), t.wasHit)
	verdict := "say what they say of one that never died"
	if err != nil && ctx.Err() == nil {
		t.failures++
		verdict = "FAIL: " + err.Error()
	}
	hits := m.list("hit")
	t.deaths += len(hits)
	for _, s := range hits {
		t.hit[s] = true
	}
	_, _ = fmt.Fprintf(t.out, "scripts  hit at %4d sites, %4.0f s: %s\n", len(hits), time.Since(began).Seconds(), verdict)
	return sites
}

func (m *month) runScripts(ctx context.Context) error {
	run := exec.CommandContext(ctx, "go", "test", "-tags", "crash", "-count", "1", "-timeout", "40m", "-run", "^TestScripts$", "fenlu/cmd/fenlu")
	run.Env = append(os.Environ(), "FENLU_CRASH="+filepath.Join(m.dir, "orders"))
	out, err := run.CombinedOutput()
	if err != nil {
		return errors.New(string(out))
	}
	return nil
}
