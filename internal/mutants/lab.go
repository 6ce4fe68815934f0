package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// lab runs tests of the tree at root, with and without a fault in it.
type lab struct {
	root    string
	work    string            // a directory of its own for binaries and faulty files
	healthy map[string]bool   // package and test that passed without a fault
	sound   map[string]string // the tests of a package without a fault, built once
	built   int
}

func newLab(root, work string) *lab {
	return &lab{root: root, work: work, healthy: map[string]bool{}, sound: map[string]string{}}
}

// outcome is how one test run ended.
type outcome struct {
	ran    bool // at least one test was run
	failed bool
	output string
}

// kill puts the fault in and says nil if its test fails because of it.
func (l *lab) kill(ctx context.Context, f fault) error {
	overlay, err := l.overlay(f)
	if err != nil {
		return err
	}
	if err := l.baseline(ctx, f); err != nil {
		return err
	}
	got, err := l.test(ctx, f, overlay)
	if err != nil {
		return fmt.Errorf("with the fault: %w", err)
	}
	if !got.failed {
		return fmt.Errorf("SURVIVED: %s of %s passes although %q in %s became %q", f.test, f.pkg, f.old, f.file, f.new)
	}
	return nil
}

// baseline runs the fault's test without it, once for each test.
func (l *lab) baseline(ctx context.Context, f fault) error {
	key := f.pkg + " " + f.test
	if l.healthy[key] {
		return nil
	}
	got, err := l.test(ctx, f, "")
	switch {
	case err != nil:
		return err
	case !got.ran:
		return fmt.Errorf("no test of %s matches %s", f.pkg, f.test)
	case got.failed:
		return fmt.Errorf("%s of %s fails without the fault:\n%s", f.test, f.pkg, got.output)
	}
	l.healthy[key] = true
	return nil
}

// overlay writes the faulty file and the list that puts it in place of the
// real one, and gives that list's path.
func (l *lab) overlay(f fault) (string, error) {
	original := filepath.Join(l.root, filepath.FromSlash(f.file))
	text, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	faulty, err := f.apply(string(text))
	if err != nil {
		return "", err
	}
	copied := filepath.Join(l.work, "faulty.file") // the compiler goes by the name it replaces
	list, err := json.Marshal(map[string]map[string]string{"Replace": {original: copied}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(l.work, "overlay.json")
	return path, errors.Join(os.MkdirAll(l.work, 0o700), os.WriteFile(copied, []byte(faulty), 0o600), os.WriteFile(path, list, 0o600))
}

var testStarted = regexp.MustCompile(`(?m)^=== RUN `)

// test builds the package's tests and runs those that are named. Building
// apart from running tells a fault that does not compile from a dead one.
func (l *lab) test(ctx context.Context, f fault, overlay string) (outcome, error) {
	binary, err := l.build(ctx, f.pkg, overlay)
	if err != nil {
		return outcome{}, err
	}
	env := os.Environ()
	if overlay != "" {
		defer func() { _ = os.Remove(binary) }() // gone with the directory at the latest
		// a test that builds the program itself shall build the fault in
		env = append(env, "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay))
	}
	dir := filepath.Join(l.root, filepath.FromSlash(f.pkg))
	out, err := l.command(ctx, dir, env, binary, "-test.v", "-test.count=1", "-test.short", "-test.timeout=5m", "-test.run="+anchored(f.test))
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return outcome{}, err
	} else if ok && ctx.Err() != nil {
		return outcome{}, fmt.Errorf("stopped: %w", exit)
	}
	return outcome{ran: testStarted.MatchString(out), failed: err != nil, output: tail(out, 20)}, nil
}

// build makes a package's test binary; without a fault only once.
func (l *lab) build(ctx context.Context, pkg, overlay string) (string, error) {
	if sound := l.sound[pkg]; sound != "" && overlay == "" {
		return sound, nil
	}
	l.built++
	binary := filepath.Join(l.work, fmt.Sprintf("tests%d", l.built))
	args := []string{"test", "-c", "-o", binary}
	if overlay == "" {
		l.sound[pkg] = binary
	} else {
		args = append(args, "-overlay", overlay)
	}
	if out, err := l.command(ctx, l.root, os.Environ(), "go", append(args, pkg)...); err != nil {
		return "", fmt.Errorf("%s does not compile: %w\n%s", pkg, err, out)
	}
	if _, err := os.Stat(binary); err != nil {
		return "", fmt.Errorf("%s has no tests", pkg)
	}
	return binary, nil
}

func (l *lab) command(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// anchored makes each part of a test's name match whole.
func anchored(test string) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^(" + p + ")$"
	}
	return strings.Join(parts, "/")
}

// tail is the last n lines.
func tail(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
