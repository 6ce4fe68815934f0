package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	"fenlu/internal/durable"
)

func text(s string) func(*os.File) error {
	return func(f *os.File) error {
		_, err := f.WriteString(s)
		return err
	}
}

// holds fails unless dir holds just the named files with their contents.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if content, ok := want[e.Name()]; !ok || string(got) != content {
			t.Errorf("%s holds %q; want %v", e.Name(), got, want)
		}
	}
	if len(entries) != len(want) {
		t.Errorf("%d files; want %v", len(entries), want)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a[1]*.txt") // no pattern, a name
	for _, s := range []string{"one", "two"} {
		if err := durable.Replace("test", path, text(s)); err != nil {
			t.Fatal(err)
		}
		holds(t, dir, map[string]string{"a[1]*.txt": s})
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
	t.Run("that fails leaves the old file", func(t *testing.T) {
		bad := errors.New("bad")
		err := durable.Replace("test", path, func(f *os.File) error { return errors.Join(text("half")(f), bad) })
		if !errors.Is(err, bad) {
			t.Errorf("got %v", err)
		}
		holds(t, dir, map[string]string{"a[1]*.txt": "two"})
	})
}

func TestCreate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "keys")
	if err := durable.Create("test", path, text("one")); err != nil {
		t.Fatal(err)
	}
	if err := durable.Create("test", path, text("two")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second time: %v", err)
	}
	holds(t, dir, map[string]string{"keys": "one"})
}

func TestCreate_of_many_one_makes_it(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := make([]bool, 8)
	var g errgroup.Group
	for i := range made {
		g.Go(func() error {
			err := durable.Create("test", filepath.Join(dir, "keys"), text("whole"))
			made[i] = err == nil
			if errors.Is(err, fs.ErrExist) {
				return nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := len(slices.DeleteFunc(made, func(ok bool) bool { return !ok })); n != 1 {
		t.Errorf("%d made it", n)
	}
	holds(t, dir, map[string]string{"keys": "whole"})
}

func TestReplace_by_many_leaves_one_whole_file(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var g errgroup.Group
	for range 16 {
		g.Go(func() error { return durable.Replace("test", filepath.Join(dir, "file"), text("whole")) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"file": "whole"})
}

func TestAppend(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, s := range []string{"one\n", "two\n"} {
		if err := durable.Append("test", filepath.Join(dir, "log"), []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	holds(t, dir, map[string]string{"log": "one\ntwo\n"})
}

func TestMove(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "new"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.Move("test", filepath.Join(dir, "new"), filepath.Join(dir, "cluster")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "cluster")); err != nil || !info.IsDir() {
		t.Error(err)
	}
}

// TestReplace_removes_what_the_dead_left kills a process while it writes, and
// looks at what another, which is alive, is writing.
func TestReplace_removes_what_the_dead_left(t *testing.T) {
	if dir := os.Getenv("FENLU_TEST_DIE_IN"); dir != "" {
		err := durable.Replace("test", filepath.Join(dir, "file"), func(f *os.File) error {
			return errors.Join(text("half")(f), syscall.Kill(os.Getpid(), syscall.SIGKILL))
		})
		t.Fatalf("survived: %v", err)
	}
	t.Parallel()
	dir := t.TempDir()
	killed := exec.Command(os.Args[0], "-test.run=^TestReplace_removes_what_the_dead_left$")
	killed.Env = append(os.Environ(), "FENLU_TEST_DIE_IN="+dir)
	if err := killed.Run(); err == nil || killed.ProcessState.ExitCode() != -1 {
		t.Fatalf("not killed: %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Fatalf("%d files left (%v), want one", len(left), err)
	}
	err = durable.Replace("test", filepath.Join(dir, "file"), func(outer *os.File) error {
		inner := durable.Replace("test", filepath.Join(dir, "file"), text("inner"))
		return errors.Join(inner, text("outer")(outer))
	})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"file": "outer"})
}
