package embedded

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"fenlu/internal/errs"
)

// The roles of the cluster. RoleAdmin is the cluster's superuser and belongs to
// this package and to tests; what the other three may do is said in package db.
const (
	RoleAdmin = "fenlu_admin"
	RoleOwner = "fenlu_owner"
	RoleApp   = "fenlu_app"
	RoleAudit = "fenlu_audit"
)

// Database is the name of the one database that Open makes in the cluster.
const Database = "fenlu"

// Options say where the cluster is and how to run it.
type Options struct {
	DataDir        string        // holds the cluster; made where it is absent
	BinDir         string        // the PostgreSQL programs; empty: search PATH and the usual places
	User           string        // system user to run the server as when we are root; empty: postgres, else nobody
	Keep           bool          // leave the server running when the last process leaves
	Unsafe         bool          // no fsync: for tests only, a power cut may destroy the cluster
	MaxConnections int           // 0: 100
	Logger         *slog.Logger  // nil: silent
	StartTimeout   time.Duration // how long a start, crash recovery included, may take; 0: 5 minutes
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = 100
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = 5 * time.Minute
	}
	return o
}

// Server is this process's place at the cluster.
type Server struct {
	c     *cluster
	users *flock // shared while attached

	mu     sync.Mutex
	closed bool
}

// Open attaches to the cluster in o.DataDir, making and starting it where
// needed, and keeps it from being stopped until Close.
//
// Errors, all of them with what to do in the text: DB_PG_MISSING,
// DB_PG_TOO_OLD, DB_DATA_NEWER, DB_DATA_OLDER, DB_DATA_MISSING, DB_NOT_OURS,
// DB_NOT_OWNER, DB_PARENT_CLOSED, DB_SOCKET_TAKEN, DB_SOCKET_UNSAFE,
// DB_START_FAILED.
func Open(ctx context.Context, o Options) (*Server, error) {
	o = o.withDefaults()
	c, err := newCluster(o)
	if err != nil {
		return nil, err
	}
	if err := c.makeDataDir(); err != nil {
		return nil, err
	}
	s := &Server{c: c}
	if err := c.elected(ctx, func() error { return s.attach(ctx) }); err != nil {
		return nil, err
	}
	return s, nil
}

// attach runs under the election lock.
func (s *Server) attach(ctx context.Context) error {
	if err := s.c.prepare(ctx); err != nil {
		return err
	}
	users, err := s.c.lockFile(usersFile)
	if err != nil {
		return err
	}
	if ok, err := users.tryShared(); err != nil || !ok {
		users.close()
		return errors.Join(errs.New(errs.Unavailable, "DB_STOPPING", "dir", s.c.dir), err)
	}
	s.users = users
	if err := s.c.ensureRunning(ctx); err != nil {
		s.leave(ctx)
		return err
	}
	if s.c.o.Keep {
		err = s.c.setKeep(true)
	}
	return err
}

// leave gives up our place and stops the server if we were the last; it runs
// under the election lock.
func (s *Server) leave(ctx context.Context) {
	defer s.users.close()
	last, err := s.users.tryExclusive()
	if err != nil || !last || s.c.kept() {
		return
	}
	if err := s.c.stop(ctx); err != nil {
		s.c.o.Logger.Warn("embedded database not stopped", "dir", s.c.dir, "err", err)
	}
}

// Close leaves the cluster; the last process to leave stops the server unless
// it is kept. Closing twice is harmless.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), s.c.o.StartTimeout)
	defer cancel()
	return s.c.elected(ctx, func() error { s.leave(ctx); return nil })
}

// Ensure starts the server again if it died on its own.
func (s *Server) Ensure(ctx context.Context) error {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return errs.New(errs.Unavailable, "DB_CLOSED")
	}
	return s.c.elected(ctx, func() error { return s.c.ensureRunning(ctx) })
}

// Dial makes a connection for a pool; where the server is gone it is first
// started again. That somebody answers at the socket is not enough to know:
// children of a killed postmaster may hold it for a moment.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	var d net.Dialer
	if p, ok := s.c.readPostmaster(); ok && s.c.alive(p) {
		conn, err := d.DialContext(ctx, "unix", s.c.socket())
		if err == nil || ctx.Err() != nil {
			return conn, err
		}
	}
	if err := s.Ensure(ctx); err != nil {
		return nil, err
	}
	return d.DialContext(ctx, "unix", s.c.socket())
}

// URL is the address of the database for one of the roles, password included:
// it is a secret.
func (s *Server) URL(role string) string { return s.DatabaseURL(role, Database) }

// DatabaseURL is URL for another database of the same cluster.
func (s *Server) DatabaseURL(role, database string) string {
	return s.c.url(role, database)
}

// SetKeep changes whether the server outlives its last user.
func (s *Server) SetKeep(ctx context.Context, keep bool) error {
	return s.c.elected(ctx, func() error { return s.c.setKeep(keep) })
}

// Alone runs fn if no other process, and no other Server of this process, is
// attached, and keeps others from attaching meanwhile. It says whether it ran.
func (s *Server) Alone(ctx context.Context, fn func() error) (ran bool, err error) {
	err = s.c.elected(ctx, func() error {
		alone, err := s.users.tryExclusive()
		if err != nil || !alone {
			// A failed conversion of a lock may have dropped it.
			_, again := s.users.tryShared()
			return errors.Join(err, again)
		}
		defer func() { _, _ = s.users.tryShared() }()
		ran = true
		return fn()
	})
	return ran, err
}

func (c *cluster) url(role, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, c.marker.Passwords[role]), Path: "/" + database}
	u.RawQuery = url.Values{"host": {c.run}, "port": {port}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

func (c *cluster) kept() bool {
	_, err := os.Stat(filepath.Join(c.dir, keepFile))
	return err == nil
}

func (c *cluster) setKeep(keep bool) error {
	name := filepath.Join(c.dir, keepFile)
	if !keep {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	c.giveToOwner(name)
	return f.Close()
}
