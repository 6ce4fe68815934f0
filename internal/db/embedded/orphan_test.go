package embedded

import (
	"os"
	"path/filepath"
	"testing"
)

// A process of ours that was killed while it made the cluster leaves an initdb
// that goes on writing. The next process must not care.
func TestOpen_beside_an_initdb_that_somebody_left_behind(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), "data")
	c, err := newCluster(testOptions(dir))
	if err := firstError(err, c.makeDataDir(), c.findPrograms(t.Context())); err != nil {
		t.Fatal(err)
	}
	if c.user, err = c.chooseUser(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, "pg.new-left")
	if err := c.makeOwnDir(left); err != nil {
		t.Fatal(err)
	}
	orphan := c.command(t.Context(), "/", "initdb", "-D", left, "--no-sync", "--auth=reject", "--no-instructions")
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	_ = orphan.Wait() // it may fail: its directory may be gone
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("what was left behind is still there: %v", err)
	}
}
