package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// The lock files of a data directory.
const (
	electionFile = "pg.lock"
	usersFile    = "pg.users"
	keepFile     = "pg.keep"
)

// flock is a lock on a file that the kernel drops when the process dies.
type flock struct{ f *os.File }

// lockFile opens a lock file, making it where it is absent. Reading is enough
// to lock, so a root that opens another user's directory takes nothing away.
func (c *cluster) lockFile(name string) (*flock, error) {
	path := filepath.Join(c.dir, name)
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	c.giveToOwner(path)
	return &flock{f: f}, nil
}

func (l *flock) try(how int) (bool, error) {
	for {
		err := syscall.Flock(int(l.f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, fmt.Errorf("lock %s: %w", l.f.Name(), err)
		}
	}
}

func (l *flock) tryShared() (bool, error)    { return l.try(syscall.LOCK_SH) }
func (l *flock) tryExclusive() (bool, error) { return l.try(syscall.LOCK_EX) }

// close drops the lock.
func (l *flock) close() { _ = l.f.Close() }

// elected runs fn while this process alone may start, stop or attach.
func (c *cluster) elected(ctx context.Context, fn func() error) error {
	l, err := c.lockFile(electionFile)
	if err != nil {
		return err
	}
	defer l.close()
	for wait := time.Millisecond; ; wait = min(2*wait, 20*time.Millisecond) {
		ok, err := l.tryExclusive()
		if err != nil {
			return err
		}
		if ok {
			return fn()
		}
		if err := sleep(ctx, wait); err != nil {
			return fmt.Errorf("wait for %s: %w", electionFile, err)
		}
	}
}

// sleep waits, or stops with ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
