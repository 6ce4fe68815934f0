package embedded

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		code    string
		says    string // must stand in the sentence
		arrange func(t *testing.T, o *Options)
	}{
		{"data of a newer PostgreSQL", "DB_DATA_NEWER", "postgresql-99", func(t *testing.T, o *Options) {
			writeAsServer(t, filepath.Join(o.DataDir, "pg", "PG_VERSION"), "99\n")
		}},
		{"data of an older PostgreSQL that is not installed", "DB_DATA_OLDER", "postgresql-9", func(t *testing.T, o *Options) {
			writeAsServer(t, filepath.Join(o.DataDir, "pg", "PG_VERSION"), "9\n")
		}},
		{"a cluster that is not ours", "DB_NOT_OURS", "was not made by fenlu", func(t *testing.T, o *Options) {
			remove(t, filepath.Join(o.DataDir, markerFile))
		}},
		{"a marker that is not ours", "DB_NOT_OURS", "was not made by fenlu", func(t *testing.T, o *Options) {
			write(t, filepath.Join(o.DataDir, markerFile), `{"kind":"something else"}`)
		}},
		{"books that have gone", "DB_DATA_MISSING", "once held books", func(t *testing.T, o *Options) {
			if err := os.RemoveAll(filepath.Join(o.DataDir, "pg")); err != nil {
				t.Fatal(err)
			}
		}},
		{"a machine without PostgreSQL", "DB_PG_MISSING", "make setup", func(t *testing.T, o *Options) {
			o.BinDir = t.TempDir()
		}},
		{"a socket where another directory's server listens", "DB_SOCKET_TAKEN", "/elsewhere/pg", func(t *testing.T, o *Options) {
			listen(t, filepath.Join(o.DataDir, "run", socketName))
			write(t, filepath.Join(o.DataDir, "run", socketName+".lock"), "1\n/elsewhere/pg\n")
		}},
		{"a socket directory that others may enter", "DB_SOCKET_UNSAFE", "0700", func(t *testing.T, o *Options) {
			if err := os.Chmod(filepath.Join(o.DataDir, "run"), 0o755); err != nil {
				t.Fatal(err)
			}
		}},
		{"a parent that the server's user cannot enter", "DB_PARENT_CLOSED", "chmod o+x", func(t *testing.T, o *Options) {
			needsRoot(t)
			if err := os.Chmod(filepath.Dir(o.DataDir), 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		{"no directory", "DB_DIR_MISSING", "--data-dir", func(_ *testing.T, o *Options) { o.DataDir = "" }},
		{"a file for a directory", "DB_DIR_UNUSABLE", "cannot be used", func(_ *testing.T, o *Options) {
			o.DataDir = filepath.Join(o.DataDir, markerFile, "data")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := testOptions(skeletonDir(t))
			tt.arrange(t, &o)
			s, err := Open(t.Context(), o)
			if err == nil {
				_ = s.Close()
			}
			if errs.CodeOf(err) != tt.code {
				t.Fatalf("got %v, want %s", err, tt.code)
			}
			if text := i18n.Error(i18n.EN, err); !strings.Contains(text, tt.says) || strings.Contains(text, "{") {
				t.Errorf("the sentence does not say %q: %s", tt.says, text)
			}
		})
	}
}

func TestOpenNamesTheClosedParent(t *testing.T) {
	t.Parallel()
	needsRoot(t)
	closed := filepath.Join(newDir(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), testOptions(filepath.Join(closed, "a", "b")))
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Code != "DB_PARENT_CLOSED" {
		t.Fatalf("got %v", err)
	}
	for _, a := range e.Args {
		if a.Name == "parent" && a.Value != closed {
			t.Errorf("named %v, closed is %s", a.Value, closed)
		}
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	needsRoot(t)
	nobody, ok := lookup("nobody")
	if !ok {
		t.Skip("needs a user called nobody")
	}
	as := &syscall.Credential{Uid: uint32(nobody.uid), Gid: uint32(nobody.gid)}
	t.Run("an ordinary user runs its own server, and root may use it", func(t *testing.T) {
		t.Parallel()
		base := newDir(t)
		if err := os.Chown(base, nobody.uid, nobody.gid); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(base, "data")
		t.Cleanup(func() { _ = Stop(context.Background(), testOptions(dir), true) })
		p := startProcess(t, dir, as)
		if p.pid == 0 {
			t.Fatal(p.said)
		}
		s := open(t, dir)
		if got := query[string](t, s.URL(RoleApp), `SELECT current_user`); got != RoleApp {
			t.Errorf("working as %q", got)
		}
		p.leave(t)
		if err := s.Close(); err != nil { // root stops it …
			t.Fatal(err)
		}
		open(t, dir) // … and starts it, as its owner
		if uid, _, err := ownerOf(filepath.Join("/proc", pidText(t, dir))); err != nil || uid != nobody.uid {
			t.Errorf("the server runs as %d, %v", uid, err)
		}
		if q := startProcess(t, dir, as); q.pid == 0 {
			t.Errorf("the owner is locked out after root: %s", q.said)
		}
	})
	t.Run("another user's directory is refused", func(t *testing.T) {
		t.Parallel()
		dir := clusterDir(t)
		if p := startProcess(t, dir, as); !strings.Contains(p.said, "DB_NOT_OWNER") {
			t.Errorf("said %q", p.said)
		}
	})
}

func pidText(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "pg", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, _, _ := strings.Cut(string(text), "\n")
	return pid
}

func listen(t *testing.T, socket string) {
	t.Helper()
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
