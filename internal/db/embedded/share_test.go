package embedded

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fenlu/internal/errs"
)

func TestShare(t *testing.T) {
	t.Parallel()
	t.Run("the last process to leave stops the server", func(t *testing.T) {
		t.Parallel()
		dir := clusterDir(t)
		a, b := startProcess(t, dir, nil), startProcess(t, dir, nil)
		if a.pid == 0 || a.pid != b.pid {
			t.Fatalf("two processes on two servers: %q and %q", a.said, b.said)
		}
		a.leave(t)
		if st := status(t, dir); !st.Running || !st.InUse || st.PID != a.pid {
			t.Fatalf("after the first left: %+v", st)
		}
		b.leave(t)
		if st := status(t, dir); st.Running || st.PID != 0 || st.InUse {
			t.Fatalf("after the last left: %+v", st)
		}
	})
	t.Run("many that come at once to an empty directory make one cluster", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(newDir(t), "data")
		t.Cleanup(func() { _ = Stop(context.Background(), testOptions(dir), true) })
		var mu sync.Mutex
		pids := map[int]bool{}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				s, err := Open(t.Context(), testOptions(dir))
				if err != nil {
					t.Error(err)
					return
				}
				p, _ := s.c.readPostmaster()
				mu.Lock()
				pids[p.pid] = true
				mu.Unlock()
				t.Cleanup(func() { _ = s.Close() })
			})
		}
		all.Wait()
		if len(pids) != 1 {
			t.Errorf("servers: %v", pids)
		}
	})
	t.Run("kept, it outlives its last user", func(t *testing.T) {
		t.Parallel()
		dir := clusterDir(t)
		o := testOptions(dir)
		o.Keep = true
		s, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if st := status(t, dir); !st.Running || !st.Kept {
			t.Fatalf("after leaving a kept server: %+v", st)
		}
		if err := Stop(t.Context(), testOptions(dir), false); err != nil {
			t.Fatal(err)
		}
		if st := status(t, dir); st.Running || st.Kept {
			t.Fatalf("after stop: %+v", st)
		}
	})
	t.Run("is not stopped under others unless forced", func(t *testing.T) {
		t.Parallel()
		dir := clusterDir(t)
		open(t, dir)
		if err := Stop(t.Context(), testOptions(dir), false); errs.CodeOf(err) != "DB_IN_USE" {
			t.Fatalf("stop: %v", err)
		}
		if err := Stop(t.Context(), testOptions(dir), true); err != nil {
			t.Fatal(err)
		}
		if st := status(t, dir); st.Running {
			t.Fatalf("after a forced stop: %+v", st)
		}
	})
	t.Run("alone keeps others out and sees them", func(t *testing.T) {
		t.Parallel()
		dir := clusterDir(t)
		a := open(t, dir)
		if ran, err := a.Alone(t.Context(), func() error { return nil }); !ran || err != nil {
			t.Fatalf("alone: ran %v, %v", ran, err)
		}
		b := startProcess(t, dir, nil)
		if ran, err := a.Alone(t.Context(), func() error { return nil }); ran || err != nil {
			t.Fatalf("beside another: ran %v, %v", ran, err)
		}
		b.leave(t)
		if st := status(t, dir); !st.Running || !st.InUse {
			t.Fatalf("Alone lost our place: %+v", st)
		}
	})
}

func TestCrash(t *testing.T) {
	t.Parallel()
	t.Run("a server orphaned by a killed process is adopted", func(t *testing.T) {
		t.Parallel()
		dir := clusterDir(t)
		p := startProcess(t, dir, nil)
		p.kill(t)
		if st := status(t, dir); st.PID != p.pid || st.InUse {
			t.Fatalf("after the kill: %+v", st)
		}
		s := open(t, dir)
		if st := status(t, dir); st.PID != p.pid {
			t.Fatalf("not adopted: %+v", st)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if st := status(t, dir); st.PID != 0 {
			t.Fatalf("the adopter did not stop it: %+v", st)
		}
	})
	t.Run("a killed server is started again by the next to open", func(t *testing.T) {
		t.Parallel()
		dir := clusterDir(t)
		p := startProcess(t, dir, nil)
		p.kill(t)
		killServer(t, p.pid)
		open(t, dir)
		if st := status(t, dir); !st.Running || st.PID == p.pid {
			t.Fatalf("not started again: %+v", st)
		}
	})
	t.Run("a killed server is started again under a process that goes on", func(t *testing.T) {
		t.Parallel()
		dir := clusterDir(t)
		s := open(t, dir)
		cfg, err := pgxpool.ParseConfig(s.URL(RoleApp))
		if err != nil {
			t.Fatal(err)
		}
		cfg.ConnConfig.DialFunc = s.Dial
		pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		if err := pool.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		killServer(t, status(t, dir).PID)
		pool.Reset()
		if err := pool.Ping(t.Context()); err != nil {
			t.Fatalf("after the server's death: %v", err)
		}
	})
	t.Run("a making that was cut short is done anew", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(newDir(t), "data")
		half := filepath.Join(dir, "pg.new", "base")
		if err := os.MkdirAll(half, 0o711); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir)
		if got := query[string](t, s.URL(RoleOwner), `SELECT current_user`); got != RoleOwner {
			t.Errorf("logged in as %q", got)
		}
	})
}

func TestStalePidFile(t *testing.T) {
	t.Parallel()
	t.Run("whose number another program has now", func(t *testing.T) {
		t.Parallel()
		dir := clusterDir(t)
		pidFile := strings.Join([]string{strconv.Itoa(os.Getpid()), filepath.Join(dir, "pg"), "1", port, filepath.Join(dir, "run"), "", "1 1", "ready   "}, "\n")
		writeAsServer(t, filepath.Join(dir, "pg", "postmaster.pid"), pidFile)
		writeAsServer(t, filepath.Join(dir, "run", socketName+".lock"), pidFile)
		open(t, dir)
		if st := status(t, dir); !st.Running || st.PID == os.Getpid() {
			t.Fatalf("%+v", st)
		}
	})
	t.Run("in a copy of a running directory", func(t *testing.T) {
		t.Parallel()
		original := clusterDir(t)
		backup := filepath.Join(newDir(t), "data")
		copyTree(t, original, backup)
		open(t, original)
		was := status(t, original)
		text, err := os.ReadFile(filepath.Join(original, "pg", "postmaster.pid"))
		if err != nil {
			t.Fatal(err)
		}
		writeAsServer(t, filepath.Join(backup, "pg", "postmaster.pid"), string(text))
		t.Cleanup(func() { _ = Stop(context.Background(), testOptions(backup), true) })
		s := open(t, backup)
		got := query[string](t, s.URL(RoleAdmin), `SHOW data_directory`)
		if now := status(t, original); got != filepath.Join(backup, "pg") || now.PID != was.PID || !now.Running {
			t.Errorf("opened %s; the original was %+v and is %+v", got, was, now)
		}
	})
}

// killServer kills a postmaster and waits until it is no more than a memory.
func killServer(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for exists(pid) && !isZombie(pid) {
		if err := sleep(t.Context(), poll); err != nil {
			t.Fatal(err)
		}
	}
}

// writeAsServer writes a file in the place of one that the server wrote.
func writeAsServer(t *testing.T, name, text string) {
	t.Helper()
	uid, gid, err := ownerOf(filepath.Dir(name))
	if err := firstError(err, os.WriteFile(name, []byte(text), 0o600), os.Chown(name, uid, gid)); err != nil {
		t.Fatal(err)
	}
}
