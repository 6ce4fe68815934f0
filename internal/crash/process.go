package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// end is how one process ended.
type end struct {
	stdout string
	said   string // its last lines on both outputs, where it failed
	hit    string // the last site it was hit at
	killed bool
	err    error // nil: it ended with 0
}

// patience is how long one process may take: one that waits for ever is a
// failure, not a wait.
const patience = 5 * time.Minute

// fenlu runs a command on the month's directory, under its orders.
func (m *month) fenlu(ctx context.Context, args ...string) end {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	before := len(m.list("hit"))
	var stdout, stderr bytes.Buffer
	cmd := m.command(ctx, args...)
	cmd.Env = append(cmd.Env, "FENLU_CRASH="+filepath.Join(m.dir, "orders"))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	e := end{err: cmd.Run()}
	e.stdout = strings.TrimSpace(stdout.String())
	if hits := m.list("hit"); len(hits) > before {
		e.hit = hits[len(hits)-1]
	}
	e.killed = e.hit != "" && ctx.Err() == nil && signalled(e.err)
	if e.err != nil && !e.killed {
		e.said = lastLines(e.stdout) + "\n" + lastLines(stderr.String())
		e.err = fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), errors.Join(e.err, ctx.Err()), e.said)
	}
	return e
}

func signalled(err error) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

// powerLoss stops the month's PostgreSQL as a power cut would end it, if it is
// running.
func (m *month) powerLoss(ctx context.Context) error {
	pgdata := filepath.Join(m.data(), "pg")
	text, err := os.ReadFile(filepath.Join(pgdata, "postmaster.pid"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid, _, _ := strings.Cut(string(text), "\n")
	program, err := os.Readlink(filepath.Join("/proc", strings.TrimSpace(pid), "exe"))
	if err != nil {
		return fmt.Errorf("no PostgreSQL where its process id stands: %w", err)
	}
	info, err := os.Stat(pgdata)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("owner of " + pgdata + " is not known")
	}
	stop := exec.CommandContext(ctx, filepath.Join(filepath.Dir(program), "pg_ctl"), "stop", "-w", "-m", "immediate", "-D", pgdata)
	stop.Dir = "/"
	if os.Geteuid() == 0 { // pg_ctl refuses root
		stop.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	if out, err := stop.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_ctl: %w\n%s", err, out)
	}
	m.powers++
	return nil
}
