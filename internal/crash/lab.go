package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// lab holds the program that can be killed and the directories of the months.
type lab struct {
	work     string
	fenlu    string // built with the tag crash
	payments int
	alone    time.Duration // a month that is left alone
	want     ending        // and how it ends
}

func openLab(ctx context.Context, payments int) (*lab, error) {
	work, err := os.MkdirTemp("", "fenlu-crash-")
	if err != nil {
		return nil, err
	}
	l := &lab{work: work, fenlu: filepath.Join(work, "fenlu"), payments: payments}
	build := exec.CommandContext(ctx, "go", "build", "-tags", "crash", "-o", l.fenlu, "fenlu/cmd/fenlu")
	build.Stderr = os.Stderr
	// PostgreSQL's user has to pass through
	if err := errors.Join(os.Chmod(work, 0o755), build.Run()); err != nil { //nolint:gosec // see above
		l.close()
		return nil, fmt.Errorf("build fenlu: %w", err)
	}
	return l, nil
}

func (l *lab) close() { _ = os.RemoveAll(l.work) }

// record runs a month that nobody disturbs, and lists its sites in the order
// in which they are first come by; each COMMIT's answer can also be lost.
func (l *lab) record(ctx context.Context) ([]string, error) {
	m, err := l.newMonth(ctx, "alone")
	if err != nil {
		return nil, err
	}
	defer m.close()
	began := time.Now()
	if l.want, err = m.ending(ctx); err != nil {
		return nil, err
	}
	l.alone = time.Since(began)
	var sites []string
	for _, s := range m.list("seen") {
		sites = append(sites, s)
		if place, ok := strings.CutSuffix(s, ":sent"); ok {
			sites = append(sites, place+":lost")
		}
	}
	return sites, nil
}

// month is one data directory and the orders of the processes that work on it.
type month struct {
	lab    *lab
	dir    string
	deaths int
	powers int
}

func (l *lab) newMonth(ctx context.Context, name string) (*month, error) {
	m := &month{lab: l, dir: filepath.Join(l.work, name)}
	err := errors.Join(ctx.Err(), os.MkdirAll(filepath.Join(m.dir, "orders"), 0o755), os.Chmod(m.dir, 0o755)) //nolint:gosec // PostgreSQL's user has to pass through
	return m, err
}

// close stops the database, where it was left running, and removes everything.
func (m *month) close() {
	_ = m.command(context.Background(), "db", "stop", "--force").Run() // nothing to stop is an error, too
	_ = os.RemoveAll(m.dir)
}

func (m *month) data() string { return filepath.Join(m.dir, "data") }

func (m *month) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, m.lab.fenlu, append([]string{"--data-dir", m.data()}, args...)...)
	cmd.Env = append(os.Environ(), "FENLU_DATABASE_URL=")
	return cmd
}

// order writes a list of sites for the processes to come.
func (m *month) order(list string, sites []string) error {
	return os.WriteFile(filepath.Join(m.dir, "orders", list), []byte(strings.Join(sites, "\n")+"\n"), 0o600)
}

// list reads a list of sites, each named once.
func (m *month) list(name string) []string {
	text, err := os.ReadFile(filepath.Join(m.dir, "orders", name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(err)
	}
	var sites []string
	known := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if s := strings.TrimSpace(line); !known[s] {
			known[s] = true
			sites = append(sites, s)
		}
	}
	return sites
}
