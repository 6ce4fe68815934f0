package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/crash/sqlsite"
	"fenlu/internal/durable"
	"fenlu/internal/errs"
)

// initdb makes the cluster beside its final place and moves it there when it
// is complete, so that a crash in the middle leaves nothing that looks like one.
// Each try has a directory of its own: the initdb of a process of ours that was
// killed may still be at work in its.
func (c *cluster) initdb(ctx context.Context) error {
	c.sweep()
	building, err := os.MkdirTemp(c.dir, "pg.new-*")
	if err == nil {
		err = c.own(building)
	}
	if err != nil {
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	passwords, err := c.passwordFile()
	if err != nil {
		return err
	}
	defer os.Remove(passwords)
	args := []string{
		"-D", building, "--username=" + RoleAdmin, "--pwfile=" + passwords, "--encoding=UTF8", "--locale=C",
		"--data-checksums", "--auth=scram-sha-256", "--no-instructions",
	}
	if c.o.Unsafe {
		args = append(args, "--no-sync")
	}
	if out, err := c.command(ctx, "/", "initdb", args...).CombinedOutput(); err != nil {
		return errs.Wrap(err, errs.Unavailable, "DB_INIT_FAILED", "dir", c.dir, "output", lastLine(string(out)))
	}
	if err := durable.Move("cluster", building, c.pgdata); err != nil {
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	c.marker.Initialised = true
	return c.saveMarker()
}

// sweep removes what unfinished tries left. What cannot be removed now, because
// somebody still writes into it, is left for the next time.
func (c *cluster) sweep() {
	for _, pattern := range []string{"pg.new-*", "pg.init-*"} {
		left, _ := filepath.Glob(filepath.Join(c.dir, pattern)) // the pattern is a constant
		for _, path := range left {
			_ = os.RemoveAll(path)
		}
	}
}

// makeOwnDir makes a directory that only the server's user (and root) can enter.
func (c *cluster) makeOwnDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return c.own(dir)
}

// passwordFile holds the superuser's password while initdb reads it.
func (c *cluster) passwordFile() (string, error) {
	f, err := os.CreateTemp(c.dir, "pg.init-*")
	if err != nil {
		return "", errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	_, err = f.WriteString(c.marker.Passwords[RoleAdmin] + "\n")
	if err := errors.Join(err, f.Close(), c.own(f.Name())); err != nil {
		return "", errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	return f.Name(), nil
}

// bootstrap makes the roles and the database; it may be run again after a
// crash in its middle.
func (c *cluster) bootstrap(ctx context.Context) error {
	cfg, err := pgx.ParseConfig(c.url(RoleAdmin, "postgres"))
	if err != nil {
		return fmt.Errorf("address of the server: %w", err)
	}
	sqlsite.Watch(cfg)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("connect as %s: %w", RoleAdmin, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, role := range []string{RoleOwner, RoleApp, RoleAudit} {
		if err := c.makeRole(ctx, conn, role); err != nil {
			return fmt.Errorf("role %s: %w", role, err)
		}
	}
	if _, err := conn.Exec(ctx, `GRANT `+RoleApp+`, `+RoleAudit+` TO `+RoleOwner); err != nil {
		return fmt.Errorf("membership: %w", err)
	}
	if err := makeDatabase(ctx, conn); err != nil {
		return fmt.Errorf("database %s: %w", Database, err)
	}
	c.marker.Bootstrapped = true
	return c.saveMarker()
}

func (c *cluster) makeRole(ctx context.Context, conn *pgx.Conn, role string) error {
	var there bool
	if err := conn.QueryRow(ctx, `SELECT count(*) > 0 FROM pg_roles WHERE rolname = $1`, role).Scan(&there); err != nil {
		return err
	}
	verb := "CREATE"
	if there {
		verb = "ALTER"
	}
	// The password is rand.Text: letters and digits, nothing to quote.
	_, err := conn.Exec(ctx, verb+` ROLE `+role+` LOGIN PASSWORD '`+c.marker.Passwords[role]+`'`)
	return err
}

func makeDatabase(ctx context.Context, conn *pgx.Conn) error {
	var there bool
	if err := conn.QueryRow(ctx, `SELECT count(*) > 0 FROM pg_database WHERE datname = $1`, Database).Scan(&there); err != nil || there {
		return err
	}
	_, err := conn.Exec(ctx, `CREATE DATABASE `+Database+` OWNER `+RoleOwner)
	return err
}

// configFile is rewritten at each start, so that an upgrade's settings arrive.
const configFile = "fenlu.conf"

// writeConfig writes our settings into the cluster. What a user adds to
// postgresql.auto.conf (ALTER SYSTEM) still wins.
func (c *cluster) writeConfig(ctx context.Context) error {
	name := filepath.Join(c.pgdata, configFile)
	if err := c.replaceConfig(name, c.settings(ctx)); err != nil {
		return err
	}
	main := filepath.Join(c.pgdata, "postgresql.conf")
	text, err := os.ReadFile(main)
	if err != nil {
		return err
	}
	include := "include_if_exists = '" + configFile + "'"
	if strings.Contains(string(text), include) {
		return nil
	}
	return c.replaceConfig(main, string(text)+"\n"+include+"\n")
}

// replaceConfig writes a file of the cluster whole: half of initdb's settings
// would start a server, another one.
func (c *cluster) replaceConfig(name, text string) error {
	return durable.Replace("config", name, func(f *os.File) error {
		_, err := f.WriteString(text)
		return errors.Join(err, c.own(f.Name()))
	})
}

func (c *cluster) settings(ctx context.Context) string {
	lines := []string{
		"# Written by fenlu at each start; use ALTER SYSTEM for settings of your own.",
		"listen_addresses = ''",
		"port = " + port,
		"unix_socket_directories = '" + strings.ReplaceAll(c.run, "'", "''") + "'",
		"unix_socket_permissions = 0700",
		fmt.Sprintf("max_connections = %d", c.o.MaxConnections),
		"shared_buffers = 256MB",
		"work_mem = 32MB",
		"maintenance_work_mem = 256MB",
		"effective_cache_size = 1GB",
		"random_page_cost = 1.1",
		"jit = off",
		"wal_buffers = 16MB",
		"wal_compression = " + c.walCompression(ctx),
		"min_wal_size = 256MB",
		"max_wal_size = 4GB",
		"checkpoint_timeout = 15min",
		"timezone = 'UTC'",
		"log_timezone = 'UTC'",
		"lc_messages = 'C'",
		// What people are owed must not leak into a log: no statements, no
		// parameters, no key values in details.
		"log_min_error_statement = panic",
		"log_parameter_max_length_on_error = 0",
		"log_error_verbosity = terse",
		"log_line_prefix = '%m [%p] '",
	}
	if c.o.Unsafe {
		lines = append(lines, "fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = on")
	} else {
		lines = append(lines, "fsync = on", "synchronous_commit = on", "full_page_writes = on")
	}
	return strings.Join(lines, "\n") + "\n"
}

// walCompression is lz4 where this PostgreSQL was built with it: half the
// processor time of its own method.
func (c *cluster) walCompression(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, c.bin.path("pg_config"), "--configure").Output()
	if err == nil && strings.Contains(string(out), "--with-lz4") {
		return "lz4"
	}
	return "on"
}

// lastLine is the last line of a program's output that says something.
func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
