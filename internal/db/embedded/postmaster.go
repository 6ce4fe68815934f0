package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"fenlu/internal/errs"
)

// poll is how often we look while the server starts or stops.
const poll = 5 * time.Millisecond

// postmaster is what PostgreSQL wrote about itself in postmaster.pid.
type postmaster struct {
	pid    int
	status string // starting, ready, stopping
}

// readPostmaster reads postmaster.pid: the process id stands on line 1, the
// state on line 8. ok is false where there is no such file or it is not whole.
func (c *cluster) readPostmaster() (p postmaster, ok bool) {
	text, err := os.ReadFile(filepath.Join(c.pgdata, "postmaster.pid"))
	if err != nil {
		return p, false
	}
	lines := strings.Split(string(text), "\n")
	if p.pid, err = strconv.Atoi(strings.TrimSpace(lines[0])); err != nil || p.pid <= 0 {
		return p, false
	}
	if len(lines) > 7 {
		p.status = strings.TrimSpace(lines[7])
	}
	return p, true
}

// alive says whether p is a live server of this very directory. A process id
// may have been taken over by any program, so on Linux we look at where it
// works: a postmaster's working directory is its cluster.
func (c *cluster) alive(p postmaster) bool {
	if !exists(p.pid) || isZombie(p.pid) {
		return false
	}
	there, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", p.pid))
	if err != nil {
		// No /proc, or not ours to look at: then it can only be ours if it
		// answers at our socket.
		_, procErr := os.Stat("/proc/self/cwd")
		return procErr != nil || c.answers()
	}
	here, err := os.Stat(c.pgdata)
	return err == nil && os.SameFile(there, here)
}

func exists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// isZombie: a dead process whose parent has not asked for it yet still exists.
func isZombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, ok := strings.Cut(string(text), ") ")
	return ok && (strings.HasPrefix(rest, "Z") || strings.HasPrefix(rest, "X"))
}

// answers says whether somebody listens at our socket.
func (c *cluster) answers() bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(context.Background(), "unix", c.socket())
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// ensureRunning returns when the server of this directory takes connections:
// it attaches to a live one, waits for one that starts, waits out one that
// stops, and starts one where there is none. It runs under the election lock.
func (c *cluster) ensureRunning(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.o.StartTimeout)
	defer cancel()
	running, err := c.settle(ctx)
	if err != nil {
		return err
	}
	if !running {
		if err := c.start(ctx); err != nil {
			return err
		}
	}
	if c.marker.Bootstrapped {
		return nil
	}
	if err := c.bootstrap(ctx); err != nil {
		return errs.Wrap(err, errs.Unavailable, "DB_INIT_FAILED", "dir", c.dir, "output", "bootstrap")
	}
	return nil
}

// settle waits until a server found here is either ready (true) or gone.
func (c *cluster) settle(ctx context.Context) (running bool, err error) {
	for {
		p, ok := c.readPostmaster()
		if !ok || !c.alive(p) {
			return false, nil
		}
		if p.status == "ready" {
			if c.answers() {
				return true, nil
			}
			// It lives but its socket was deleted: nobody can reach it any more.
			return false, c.stop(ctx)
		}
		if err := sleep(ctx, poll); err != nil {
			return false, errs.Wrap(err, errs.Unavailable, "DB_START_FAILED", "dir", c.dir, "log", c.logName(), "last", p.status)
		}
	}
}

// start starts the server and waits until it takes connections.
func (c *cluster) start(ctx context.Context) error {
	if err := c.findPrograms(ctx); err != nil {
		return err
	}
	if err := c.checkParents(ctx); err != nil {
		return err
	}
	if err := c.clearTheWay(ctx); err != nil {
		return err
	}
	c.sweep()
	if err := c.writeConfig(ctx); err != nil {
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	began := time.Now()
	for {
		err := c.launch(ctx)
		if err == nil {
			c.o.Logger.Debug("embedded database started", "dir", c.dir, "took", time.Since(began))
			return nil
		}
		// Children of a postmaster that was killed may hold its memory for a
		// moment; everything else that fails will fail again.
		if !strings.Contains(err.Error(), "pre-existing shared memory block") || sleep(ctx, 20*poll) != nil {
			return err
		}
	}
}

// launch is one attempt to start the server.
func (c *cluster) launch(ctx context.Context) error {
	logFile, err := c.openLog()
	if err != nil {
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	defer func() { _ = logFile.Close() }()
	from, err := logFile.Seek(0, 2)
	if err != nil {
		return err
	}
	cmd := c.command(context.WithoutCancel(ctx), c.pgdata, "postgres", "-D", c.pgdata)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if err := cmd.Start(); err != nil {
		return errs.Wrap(err, errs.Unavailable, "DB_START_FAILED", "dir", c.dir, "log", c.logName(), "last", "")
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // takes the child's end, whenever that is
	for {
		if p, ok := c.readPostmaster(); ok && p.pid == cmd.Process.Pid && p.status == "ready" && c.answers() {
			return nil
		}
		select {
		case <-ended:
			return errs.New(errs.Unavailable, "DB_START_FAILED", "dir", c.dir, "log", c.logName(), "last", c.logSince(from))
		case <-ctx.Done():
			return errs.Wrap(ctx.Err(), errs.Unavailable, "DB_START_FAILED", "dir", c.dir, "log", c.logName(), "last", c.logSince(from))
		case <-time.After(poll):
		}
	}
}

// clearTheWay makes the socket's directory ready and removes what a dead
// server left and a new one would stumble over. It refuses when another
// directory's server listens there.
func (c *cluster) clearTheWay(ctx context.Context) error {
	if err := c.makeRunDir(); err != nil {
		return err
	}
	for c.answers() {
		// A child of a postmaster just killed may hold the socket for a moment.
		pid, dir := c.socketOwner()
		if dir != c.pgdata || (exists(pid) && !isZombie(pid)) || sleep(ctx, poll) != nil {
			return errs.New(errs.Refused, "DB_SOCKET_TAKEN", "socket", c.run, "other", dir, "dir", c.dir)
		}
	}
	// Nobody listens: the files there are left over. PostgreSQL recognises
	// most such cases, but not a recycled process id.
	for _, name := range []string{c.socket(), c.socket() + ".lock"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.run)
		}
	}
	p, ok := c.readPostmaster()
	if ok && exists(p.pid) {
		// Some other program's process by now (alive said so). The cluster's
		// shared memory still guards against a second server.
		return os.Remove(filepath.Join(c.pgdata, "postmaster.pid"))
	}
	return nil
}

// socketOwner is the process and the cluster named in the socket's lock file.
func (c *cluster) socketOwner() (pid int, dir string) {
	text, _ := os.ReadFile(c.socket() + ".lock")
	lines := strings.Split(string(text), "\n")
	if len(lines) < 2 {
		return 0, "?"
	}
	pid, _ = strconv.Atoi(strings.TrimSpace(lines[0]))
	return pid, lines[1]
}

// makeRunDir makes the socket's directory, and refuses one that another user
// made or may enter: in /tmp that would be a trap.
func (c *cluster) makeRunDir() error {
	err := c.makeOwnDir(c.run)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.run)
	}
	info, err := os.Lstat(c.run)
	if err != nil {
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.run)
	}
	uid, _, err := ownerOf(c.run)
	if err != nil || !info.IsDir() || uid != c.serverUID() || info.Mode().Perm() != 0o700 {
		return errs.Wrap(err, errs.Refused, "DB_SOCKET_UNSAFE", "socket", c.run, "user", userName(c.serverUID()))
	}
	return nil
}

func (c *cluster) serverUID() int {
	if c.user != nil {
		return c.user.uid
	}
	return os.Geteuid()
}

// stop stops the server (fast: sessions end, what is committed is on disk) and
// waits until it is gone.
func (c *cluster) stop(ctx context.Context) error {
	p, ok := c.readPostmaster()
	if !ok || !c.alive(p) {
		return nil
	}
	if err := syscall.Kill(p.pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return errs.Wrap(err, errs.Unavailable, "DB_STOP_FAILED", "dir", c.dir, "pid", p.pid)
	}
	for c.alive(p) {
		if err := sleep(ctx, poll); err != nil {
			return errs.Wrap(err, errs.Unavailable, "DB_STOP_FAILED", "dir", c.dir, "pid", p.pid)
		}
	}
	return nil
}
