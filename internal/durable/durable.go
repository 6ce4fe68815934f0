// Package durable writes files so that a crash at any moment leaves the old
// file or the new one, whole, and never a name without its content: the content
// goes to the disk under another name, then gets its own, then the directory
// goes to the disk.
//
//	err := durable.Replace("sealed", path, func(f *os.File) error { return encode(f) })
//
// What a killed process left half-written holds names and accounts, so the next
// to write the same file removes it; a lock that dies with its process tells it
// from one that is still being written.
//
// Files are readable by their owner alone. Errors are those of package os; the
// caller gives them its own code. role names the file in crash tests
// (package fenlu/internal/crash/site): what it is for, in one word.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"fenlu/internal/crash/site"
)

// Replace writes a file, in place of the one that may be there.
func Replace(role, path string, write func(*os.File) error) error {
	return place(role, path, write, os.Rename)
}

// Create writes a file where there is none. Where there is one, it stays as it
// is, and the error is fs.ErrExist; of two processes one makes it.
func Create(role, path string, write func(*os.File) error) error {
	return place(role, path, write, func(from, to string) error {
		return errors.Join(os.Link(from, to), os.Remove(from))
	})
}

// Move gives a finished file or directory another name in the same file system.
// Its content must be on the disk already.
func Move(role, from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	site.Reach("file", role, "rename")
	return syncDir(role, filepath.Dir(to))
}

// Append adds to the end of a file, which it makes where there is none. A crash
// may leave a part of the last addition: whoever reads the file must see that.
func Append(role, path string, text []byte) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	site.Reach("file", role, "create")
	if _, err := f.Write(text); err != nil {
		return err
	}
	site.Reach("file", role, "write")
	if err := f.Sync(); err != nil {
		return err
	}
	site.Reach("file", role, "fsync")
	return syncDir(role, filepath.Dir(path))
}

// place writes a file under another name and publishes it under its own.
func place(role, path string, write func(*os.File) error, publish func(from, to string) error) (err error) {
	f, err := begin(path)
	if err != nil {
		return err
	}
	defer func() {
		if errRemove := os.Remove(f.Name()); err == nil && !errors.Is(errRemove, fs.ErrNotExist) {
			err = errRemove
		}
		err = errors.Join(err, f.Close())
	}()
	site.Reach("file", role, "create")
	if err := write(f); err != nil {
		return err
	}
	site.Reach("file", role, "write")
	if err := f.Sync(); err != nil {
		return err
	}
	site.Reach("file", role, "fsync")
	if err := publish(f.Name(), path); err != nil {
		return err
	}
	site.Reach("file", role, "rename")
	return syncDir(role, filepath.Dir(path))
}

func syncDir(role, dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return err
	}
	site.Reach("file", role, "dirsync")
	return nil
}

// unfinished ends the names of files that are being written.
const unfinished = ".unfinished"

// begin opens a file beside path under a name of its own and locks it.
func begin(path string) (*os.File, error) {
	if err := sweep(path); err != nil {
		return nil, err
	}
	for {
		f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*"+unfinished) // 0600
		if err != nil {
			return nil, err
		}
		if alone(f) {
			return f, nil
		}
		_ = f.Close() // another process swept it before it was locked
	}
}

// alone locks a file and says whether it still has its name.
func alone(f *os.File) bool {
	if lock(f) != nil {
		return false
	}
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(f.Name())
	return err == nil && os.SameFile(mine, named)
}

// lock fails where another process holds the file; the lock ends with the
// process that took it.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// sweep removes what processes that are dead left of path.
func sweep(path string) error {
	dir, prefix := filepath.Dir(path), "."+filepath.Base(path)+"."
	names, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if !strings.HasPrefix(n.Name(), prefix) || !strings.HasSuffix(n.Name(), unfinished) {
			continue
		}
		if err := removeDead(filepath.Join(dir, n.Name())); err != nil {
			return err
		}
	}
	return nil
}

func removeDead(name string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if lock(f) != nil {
		return nil
	}
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
