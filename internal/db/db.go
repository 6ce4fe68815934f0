package db

import (
	"context"
	"io/fs"
	"log/slog"
	"math"
	"runtime"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"fenlu/internal/crash/sqlsite"
	"fenlu/internal/db/embedded"
	"fenlu/internal/errs"
)

// The database roles. Three, so that what the program can do to the books is
// less than what the schema's owner can do.
const (
	RoleOwner = embedded.RoleOwner // owns every object, migrates
	RoleApp   = embedded.RoleApp   // what every command works as
	RoleAudit = embedded.RoleAudit // reads the x_ views of DESIGN §6.3
)

// Options say which database to open and how.
type Options struct {
	URL      string       // a server's URL; empty: the embedded server in DataDir
	OwnerURL string       // with URL: migrate through this login before opening (optional)
	DataDir  string       // directory of the embedded server
	PGBin    string       // directory of the PostgreSQL programs; empty: search for them
	PGUser   string       // system user the embedded server runs as when we are root; empty: choose
	Keep     bool         // leave the embedded server running when the last process leaves
	AppName  string       // application_name seen in pg_stat_activity; empty: fenlu
	MaxConns int          // connections in the pool; 0: 4 per processor, at least 8
	MaxTries int          // tries of one transaction; 0: 12
	BulkRows int          // rows that one transaction may carry; 0: what the database can (see DB.BulkRows)
	Logger   *slog.Logger // nil: silent

	// OnRetry is told of each try that collided and will be made again: its
	// number, from 1, and why. It may be called from several goroutines at
	// once. CockroachDB's client does not tell. Nil: nobody asks.
	OnRetry func(try int, err error)
}

func (o Options) withDefaults() Options {
	if o.AppName == "" {
		o.AppName = "fenlu"
	}
	if o.MaxConns <= 0 {
		o.MaxConns = max(8, 4*runtime.GOMAXPROCS(0))
	}
	if o.MaxTries <= 0 {
		o.MaxTries = 12
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.OnRetry == nil {
		o.OnRetry = func(int, error) {}
	}
	return o
}

// Querier is what a query needs: a pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// DB is an open database.
type DB struct {
	pool      *pgxpool.Pool
	server    *embedded.Server // nil for a database by URL
	cockroach bool
	bulkRows  int
	tries     int
	onRetry   func(try int, err error)
	log       *slog.Logger
}

// Open opens the database and sees to it that its schema is the one this
// program was built with. The embedded database is started where it does not
// run, and migrated; a database by URL is migrated only when OwnerURL is
// given, and otherwise refused with DB_NOT_MIGRATED when it is behind. A schema
// newer than the program is refused with DB_SCHEMA_NEWER. A nil migrations
// leaves the schema alone. The caller closes the DB.
func Open(ctx context.Context, o Options, migrations fs.FS) (*DB, error) {
	o = o.withDefaults()
	if o.URL != "" {
		return openURL(ctx, o, migrations)
	}
	return openEmbedded(ctx, o, migrations)
}

func openURL(ctx context.Context, o Options, migrations fs.FS) (*DB, error) {
	if o.OwnerURL != "" && migrations != nil {
		if err := Migrate(ctx, o.OwnerURL, migrations); err != nil {
			return nil, err
		}
	}
	d, err := connect(ctx, o, o.URL, nil)
	if err != nil {
		return nil, err
	}
	state, err := d.schemaState(ctx, migrations)
	if err == nil && state == schemaBehind {
		err = errs.New(errs.Refused, "DB_NOT_MIGRATED")
	}
	if err != nil {
		d.pool.Close()
		return nil, err
	}
	return d, nil
}

func openEmbedded(ctx context.Context, o Options, migrations fs.FS) (*DB, error) {
	srv, err := embedded.Open(ctx, embedded.Options{
		DataDir: o.DataDir, BinDir: o.PGBin, User: o.PGUser, Keep: o.Keep, Logger: o.Logger,
	})
	if err != nil {
		return nil, err
	}
	d, err := connectEmbedded(ctx, o, srv, migrations)
	if err != nil {
		_ = srv.Close()
		return nil, err
	}
	return d, nil
}

func connectEmbedded(ctx context.Context, o Options, srv *embedded.Server, migrations fs.FS) (*DB, error) {
	d, err := connect(ctx, o, srv.URL(RoleApp), srv)
	if err != nil {
		return nil, err
	}
	state, err := d.schemaState(ctx, migrations)
	if err == nil && state == schemaBehind {
		err = Migrate(ctx, srv.URL(RoleOwner), migrations)
	}
	if err != nil {
		d.pool.Close()
		return nil, err
	}
	return d, nil
}

func connect(ctx context.Context, o Options, url string, srv *embedded.Server) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "DB_URL_INVALID")
	}
	cfg.MaxConns = int32(min(o.MaxConns, math.MaxInt32)) //nolint:gosec // bounded
	cfg.ConnConfig.RuntimeParams["application_name"] = o.AppName
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if srv != nil {
		cfg.ConnConfig.DialFunc = srv.Dial
	}
	sqlsite.Watch(cfg.ConnConfig)
	cfg.AfterConnect = workAsApp
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "DB_URL_INVALID")
	}
	d := &DB{pool: pool, server: srv, bulkRows: o.BulkRows, tries: o.MaxTries, onRetry: o.OnRetry, log: o.Logger}
	if d.cockroach, err = isCockroach(ctx, pool); err != nil {
		pool.Close()
		return nil, unavailable(err)
	}
	if d.cockroach && d.bulkRows <= 0 {
		d.bulkRows = cockroachRows
	}
	return d, nil
}

func isCockroach(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	return onCockroach(conn.Conn()), nil
}

// onCockroach tells the two families apart by what the server says of itself
// when a connection starts.
func onCockroach(c *pgx.Conn) bool { return c.PgConn().ParameterStatus("crdb_version") != "" }

// workAsApp makes a login that is the owner, or a member of the application
// role, work as the application role.
func workAsApp(ctx context.Context, c *pgx.Conn) error {
	var user string
	if err := c.QueryRow(ctx, `SELECT current_user`).Scan(&user); err != nil {
		return err
	}
	if user == RoleApp {
		return nil
	}
	if _, err := c.Exec(ctx, `SET ROLE `+RoleApp); err != nil {
		return errs.Wrap(err, errs.Refused, "DB_ROLE_MISSING", "login", user, "role", RoleApp)
	}
	return nil
}

// Pool is the pool, for plain queries outside a transaction.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Cockroach says whether the server is CockroachDB or a relative.
func (d *DB) Cockroach() bool { return d.cockroach }

// cockroachRows is how many rows a transaction on CockroachDB carries well
// (DESIGN §5).
const cockroachRows = 5000

// BulkRows is how many rows one transaction may carry; 0 when it may carry
// any number, as on PostgreSQL. A step over more rows goes on in several
// transactions, each of which can be the last that was done.
func (d *DB) BulkRows() int { return d.bulkRows }

// Embedded is the embedded server, or nil when the database was opened by URL.
func (d *DB) Embedded() *embedded.Server { return d.server }

// Close closes the pool and leaves the embedded server; the last to leave
// stops it.
func (d *DB) Close() error {
	d.pool.Close()
	if d.server == nil {
		return nil
	}
	return d.server.Close()
}
