package embedded

import (
	"context"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"fenlu/internal/errs"
)

// serverUser is the unprivileged user that the server runs as when we are root.
type serverUser struct {
	name     string
	uid, gid int
}

// chooseUser: PostgreSQL refuses to run as root, so root lends it to the owner
// of an existing cluster, to the user named, to postgres, or to nobody. An
// ordinary user runs it as itself (nil).
func (c *cluster) chooseUser() (*serverUser, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	if uid, gid, err := ownerOf(c.pgdata); err == nil && uid != 0 {
		return &serverUser{name: userName(uid), uid: uid, gid: gid}, nil
	}
	if c.uid != 0 {
		return &serverUser{name: userName(c.uid), uid: c.uid, gid: c.gid}, nil
	}
	names := []string{"postgres", "nobody"}
	if c.o.User != "" {
		names = []string{c.o.User}
	}
	for _, name := range names {
		if u, ok := lookup(name); ok {
			return u, nil
		}
	}
	return nil, errs.New(errs.Refused, "DB_NO_SERVER_USER", "users", strings.Join(names, ", "))
}

func lookup(name string) (*serverUser, bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, false
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	return &serverUser{name: name, uid: uid, gid: gid}, err1 == nil && err2 == nil && uid != 0
}

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}

// own gives a path to the server's user.
func (c *cluster) own(path string) error {
	if c.user == nil {
		return nil
	}
	return os.Lchown(path, c.user.uid, c.user.gid)
}

// command is a program of PostgreSQL's to be run as the server's user, in a
// session of its own (a Ctrl-C meant for us must not reach the server), with
// nothing of our environment that would change what it does.
func (c *cluster) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.bin.path(program), args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + c.bin.dir + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=/"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if c.user != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(c.user.uid), Gid: uint32(c.user.gid)} //nolint:gosec // ids of the system are 32 bits wide
	}
	return cmd
}

// checkParents finds out, by trying as the server's user, whether it can enter
// the data directory, and names the first directory on the way that is closed
// to it.
func (c *cluster) checkParents(ctx context.Context) error {
	if c.user == nil || c.canEnter(ctx, c.dir) {
		return nil
	}
	if !c.canEnter(ctx, "/") {
		return errs.New(errs.Refused, "DB_USER_CANNOT_RUN", "program", c.bin.path("postgres"), "user", c.user.name)
	}
	closed := c.dir
	for dir := c.dir; dir != "/"; dir = filepath.Dir(dir) {
		if !c.canEnter(ctx, dir) {
			closed = dir
		}
	}
	return errs.New(errs.Refused, "DB_PARENT_CLOSED", "dir", c.dir, "parent", closed, "user", c.user.name)
}

func (c *cluster) canEnter(ctx context.Context, dir string) bool {
	return c.command(ctx, dir, "postgres", "--version").Run() == nil
}
