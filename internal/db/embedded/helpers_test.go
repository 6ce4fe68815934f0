package embedded

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// childDir, set in the environment, makes the test binary a process that opens
// the cluster in that directory, says so, and leaves when its input ends.
const childDir = "FENLU_EMBEDDED_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(childMain(dir))
	}
	code := m.Run()
	_ = os.RemoveAll(seed.dir)
	os.Exit(code)
}

func childMain(dir string) int {
	s, err := Open(context.Background(), testOptions(dir))
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	p, _ := s.c.readPostmaster()
	fmt.Println("ready", p.pid)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Close(); err != nil {
		fmt.Println("error", err)
		return 1
	}
	return 0
}

func testOptions(dir string) Options { return Options{DataDir: dir, Unsafe: true} }

// process is another fenlu process.
type process struct {
	cmd  *exec.Cmd
	in   io.Closer
	said string // its first line
	pid  int    // of the server, as it found it
}

// startProcess runs another process on dir and returns once it has attached or
// failed.
func startProcess(t *testing.T, dir string, as *syscall.Credential) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0])}
	if as != nil {
		p.cmd.Path = publicBinary(t)
		p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	}
	p.cmd.Dir = "/"
	p.cmd.Env = append(os.Environ(), childDir+"="+dir)
	in, err1 := p.cmd.StdinPipe()
	out, err2 := p.cmd.StdoutPipe()
	if err := firstError(err1, err2, p.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	p.in = in
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("process said nothing: %v", err)
	}
	p.said = strings.TrimSpace(line)
	if pid, ok := strings.CutPrefix(p.said, "ready "); ok {
		p.pid, _ = strconv.Atoi(pid)
	}
	return p
}

// leave ends the process in good order.
func (p *process) leave(t *testing.T) {
	t.Helper()
	_ = p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("process ended with %v", err)
	}
}

// kill ends the process as a crash would.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

// publicBinary is a copy of this binary that any user may run.
func publicBinary(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(newDir(t), "child")
	if err := os.WriteFile(name, text, 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

// newDir is a directory with a short name that the server's user can enter.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "fenlu-e-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if st, err := Status(context.Background(), testOptions(dir)); err == nil && st.PID != 0 {
			_ = Stop(context.Background(), testOptions(dir), true)
		}
		_ = os.RemoveAll(dir)
	})
	return dir
}

// seed is a stopped cluster, made once, that tests start from copies of.
var seed struct {
	once sync.Once
	dir  string
	err  error
}

// clusterDir is the data directory of a stopped cluster.
func clusterDir(t *testing.T) string {
	t.Helper()
	seed.once.Do(func() {
		if seed.dir, seed.err = os.MkdirTemp("/tmp", "fenlu-s-"); seed.err != nil {
			return
		}
		if seed.err = os.Chmod(seed.dir, 0o711); seed.err != nil {
			return
		}
		s, err := Open(context.Background(), testOptions(seed.dir))
		if seed.err = err; err == nil {
			seed.err = s.Close()
		}
	})
	if seed.err != nil {
		t.Fatal(seed.err)
	}
	dir := filepath.Join(newDir(t), "data")
	copyTree(t, seed.dir, dir)
	t.Cleanup(func() { _ = Stop(context.Background(), testOptions(dir), true) })
	return dir
}

// skeletonDir is a data directory as far as the refusals look at it: they all
// come before a server is started.
func skeletonDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(newDir(t), "data")
	c, err := newCluster(testOptions(dir))
	if err := firstError(err, c.makeDataDir(), c.loadMarker(false), c.findPrograms(t.Context())); err != nil {
		t.Fatal(err)
	}
	if c.user, err = c.chooseUser(); err != nil {
		t.Fatal(err)
	}
	c.marker.Initialised, c.marker.Bootstrapped = true, true
	if err := firstError(c.saveMarker(), c.makeOwnDir(c.pgdata), c.makeRunDir()); err != nil {
		t.Fatal(err)
	}
	writeAsServer(t, filepath.Join(c.pgdata, "PG_VERSION"), strconv.Itoa(c.bin.major)+"\n")
	return dir
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
}

func open(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Open(t.Context(), testOptions(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func status(t *testing.T, dir string) State {
	t.Helper()
	st, err := Status(context.Background(), testOptions(dir))
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var v T
	if err := conn.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func execute(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range statements {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func firstError(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// needsRoot skips what only root can arrange: other users' files and processes.
func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: the test acts as two users")
	}
}
