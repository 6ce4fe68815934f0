package embedded

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"fenlu/internal/errs"
)

// port is only a part of the socket's name: nothing listens on a network.
const port = "5432"

// socketName is what PostgreSQL calls its socket.
const socketName = ".s.PGSQL." + port

// maxSocketPath is the longest path a Unix socket can have.
const maxSocketPath = 107

// cluster is the cluster of one data directory, as this process sees it.
type cluster struct {
	o      Options
	dir    string // data directory, absolute, without symbolic links
	pgdata string // dir/pg
	run    string // directory of the socket
	uid    int    // owner of dir
	gid    int
	marker marker
	user   *serverUser // whom the server runs as; nil: ourselves
	bin    binaries
}

func newCluster(o Options) (*cluster, error) {
	if o.DataDir == "" {
		return nil, errs.New(errs.Invalid, "DB_DIR_MISSING")
	}
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, err
	}
	return &cluster{o: o, dir: dir}, nil
}

// makeDataDir makes the data directory, open to be passed through: what is
// secret in it is closed on its own.
func (c *cluster) makeDataDir() error {
	if err := makeDirs(c.dir); err != nil {
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	return c.resolve()
}

// makeDirs is MkdirAll whose directories anyone may pass through but only we
// may list, whatever the umask.
func makeDirs(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := makeDirs(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o711); err != nil {
		if errors.Is(err, os.ErrExist) {
			return nil
		}
		return err
	}
	return os.Chmod(dir, 0o711)
}

// resolve finds the directory's true name, its owner and the socket's place.
func (c *cluster) resolve() error {
	dir, err := filepath.EvalSymlinks(c.dir)
	if err != nil {
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	c.dir, c.pgdata = dir, filepath.Join(dir, "pg")
	if c.uid, c.gid, err = ownerOf(dir); err != nil {
		return err
	}
	c.run = runDir(dir)
	return nil
}

// runDir is dir/run, or a directory in /tmp that carries a digest of the name
// where that is too long for a socket or has signs in it that a list of hosts
// or of directories would be split at.
func runDir(dir string) string {
	run := filepath.Join(dir, "run")
	if len(filepath.Join(run, socketName)) <= maxSocketPath && !strings.ContainsAny(run, ",'\"\\\n") {
		return run
	}
	sum := sha256.Sum256([]byte(dir))
	return "/tmp/fenlu-" + hex.EncodeToString(sum[:8])
}

func (c *cluster) socket() string { return filepath.Join(c.run, socketName) }

func ownerOf(path string) (uid, gid int, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, 0, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, fmt.Errorf("owner of %s: not known on this system", path)
	}
	return int(st.Uid), int(st.Gid), nil
}

// giveToOwner hands a file that root made in another user's data directory to
// that user, who would otherwise be locked out of it.
func (c *cluster) giveToOwner(path string) {
	if os.Geteuid() == 0 && c.uid != 0 {
		_ = os.Lchown(path, c.uid, c.gid)
	}
}

// prepare finds out whom the server runs as, reads or writes the marker, and
// makes the cluster where there is none. It refuses what it must not touch.
func (c *cluster) prepare(ctx context.Context) error {
	if err := c.checkOwner(); err != nil {
		return err
	}
	major, err := c.dataMajor()
	if err != nil {
		return err
	}
	if err := c.loadMarker(major != 0); err != nil {
		return err
	}
	if c.user, err = c.chooseUser(); err != nil {
		return err
	}
	if major != 0 {
		return nil
	}
	if c.marker.Initialised {
		return errs.New(errs.Refused, "DB_DATA_MISSING", "dir", c.pgdata)
	}
	if err := c.findPrograms(ctx); err != nil {
		return err
	}
	if err := c.checkParents(ctx); err != nil {
		return err
	}
	return c.initdb(ctx)
}

// findPrograms finds the programs that fit the cluster. Attaching to a running
// server needs none, so it waits until something is to be started.
func (c *cluster) findPrograms(ctx context.Context) error {
	if c.bin.dir != "" {
		return nil
	}
	major, err := c.dataMajor()
	if err != nil {
		return err
	}
	c.bin, err = findBinaries(ctx, c.o.BinDir, major)
	return err
}

// checkOwner refuses a data directory of another user, unless we are root.
func (c *cluster) checkOwner() error {
	uid, _, err := ownerOf(c.pgdata)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	if me := os.Geteuid(); me != 0 && me != uid {
		return errs.New(errs.Refused, "DB_NOT_OWNER", "dir", c.dir, "owner", userName(uid), "user", userName(me))
	}
	return nil
}

// dataMajor is the major version that made the cluster, 0 where there is none.
func (c *cluster) dataMajor() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.pgdata, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, errs.Wrap(err, errs.Refused, "DB_NOT_OURS", "dir", c.pgdata)
	}
	return major, nil
}
