package durable

import (
	"errors"
	"os"
	"syscall"
)

// Lock waits until no other process, and nobody else in this one, holds the
// lock file at path, which it makes; it ends with unlock or with the process.
// The file stays: whoever waits for it holds its name.
func Lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
