package embedded

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"fenlu/internal/errs"
)

// State is what Status finds.
type State struct {
	Dir     string // data directory
	Exists  bool   // a cluster of ours is there
	Running bool   // it takes connections
	InUse   bool   // processes of ours are attached
	Kept    bool   // it outlives its last user
	Major   int    // version of PostgreSQL that made it
	PID     int    // of the server, when running
	Socket  string // directory of the socket
}

// Status looks at a data directory without attaching to it or changing it.
func Status(ctx context.Context, o Options) (State, error) {
	c, err := existing(o)
	if errs.CodeOf(err) == "DB_NOT_THERE" {
		return State{Dir: o.DataDir}, nil
	}
	if err != nil {
		return State{}, err
	}
	s := State{Dir: c.dir, Exists: true, Kept: c.kept(), Socket: c.run}
	if s.Major, err = c.dataMajor(); err != nil {
		return State{}, err
	}
	err = c.elected(ctx, func() error {
		if p, ok := c.readPostmaster(); ok && c.alive(p) {
			s.PID, s.Running = p.pid, p.status == "ready" && c.answers()
		}
		alone, err := c.alone()
		s.InUse = !alone
		return err
	})
	return s, err
}

// Stop stops the server and takes the keep mark away. While processes of ours
// are attached it refuses with DB_IN_USE, unless forced: their sessions then
// end, and what they had not committed is undone.
func Stop(ctx context.Context, o Options, force bool) error {
	c, err := existing(o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.StartTimeout)
	defer cancel()
	return c.elected(ctx, func() error {
		alone, err := c.alone()
		if err != nil {
			return err
		}
		if !alone && !force {
			return errs.New(errs.Refused, "DB_IN_USE", "dir", c.dir)
		}
		if err := c.setKeep(false); err != nil {
			return err
		}
		return c.stop(ctx)
	})
}

// URL is the address of the database in a data directory for a role, password
// included, whether it runs or not.
func URL(o Options, role string) (string, error) {
	c, err := existing(o)
	if err != nil {
		return "", err
	}
	if c.marker.Passwords[role] == "" {
		return "", errs.New(errs.Invalid, "DB_ROLE_UNKNOWN", "role", role)
	}
	return c.url(role, Database), nil
}

// existing is the cluster of a data directory that has one, DB_NOT_THERE
// otherwise.
func existing(o Options) (*cluster, error) {
	c, err := newCluster(o.withDefaults())
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(c.dir); errors.Is(err, fs.ErrNotExist) {
		return nil, errs.New(errs.NotFound, "DB_NOT_THERE", "dir", c.dir)
	}
	if err := c.resolve(); err != nil {
		return nil, err
	}
	major, err := c.dataMajor()
	if err == nil && major == 0 {
		err = errs.New(errs.NotFound, "DB_NOT_THERE", "dir", c.dir)
	}
	if err == nil {
		err = c.checkOwner()
	}
	if err == nil {
		err = c.loadMarker(true)
	}
	return c, err
}

// alone says whether nobody is attached; it runs under the election lock.
func (c *cluster) alone() (bool, error) {
	users, err := c.lockFile(usersFile)
	if err != nil {
		return false, err
	}
	defer users.close()
	return users.tryExclusive()
}
