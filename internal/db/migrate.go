package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"fenlu/internal/crash/sqlsite"
	"fenlu/internal/errs"
)

// versionTable is where goose records which migrations have run.
const versionTable = "schema_version"

// Migrate brings the schema of the database at ownerURL up to what migrations
// (numbered goose files, each marked NO TRANSACTION and harmless to run again)
// say, and creates the roles fenlu_app and fenlu_audit where they are absent.
// Two processes may migrate at once: a locked row makes one wait for the other.
//
// The login owns the schema; to create roles it needs CREATEROLE, unless they
// are there already. Errors: DB_URL_INVALID, DB_UNAVAILABLE,
// DB_SCHEMA_NEWER, DB_MIGRATION_FAILED with the file's name.
func Migrate(ctx context.Context, ownerURL string, migrations fs.FS) error {
	cfg, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "DB_URL_INVALID")
	}
	sqlsite.Watch(cfg)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return unavailable(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return underSchemaLock(ctx, conn, func() error {
		if err := ensureRoles(ctx, cfg); err != nil {
			return fmt.Errorf("roles: %w", err)
		}
		return applyMigrations(ctx, cfg, migrations)
	})
}

// underSchemaLock runs fn while this connection holds the one row of
// schema_lock. Should the process die, the database lets go of the row with
// the connection.
func underSchemaLock(ctx context.Context, conn *pgx.Conn, fn func() error) error {
	err := tryAgain(ctx, func() error {
		if _, err := conn.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_lock (id bigint CONSTRAINT schema_lock_pk PRIMARY KEY)`); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, `INSERT INTO schema_lock (id) VALUES (1) ON CONFLICT (id) DO NOTHING`)
		return err
	})
	if err != nil {
		return errs.Wrap(err, errs.Refused, "DB_MIGRATION_FAILED", "file", "schema_lock")
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return unavailable(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, `SELECT id FROM schema_lock WHERE id = 1 FOR UPDATE`); err != nil {
		return unavailable(err)
	}
	return fn()
}

func applyMigrations(ctx context.Context, cfg *pgx.ConnConfig, migrations fs.FS) error {
	pool := stdlib.OpenDB(*cfg)
	defer func() { _ = pool.Close() }()
	if err := refuseNewer(ctx, pool, migrations); err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, migrations,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if errors.Is(err, goose.ErrNoMigrations) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return migrationError(err)
	}
	for _, role := range []string{RoleApp, RoleAudit} {
		grant := `GRANT SELECT ON ` + versionTable + ` TO ` + role //nolint:gosec // both are constants of ours
		if _, err := pool.ExecContext(ctx, grant); err != nil {
			return fmt.Errorf("grant on %s: %w", versionTable, err)
		}
	}
	return nil
}

func migrationError(err error) error {
	file := ""
	if pe, ok := errors.AsType[*goose.PartialError](err); ok && pe.Failed != nil {
		file = pe.Failed.Source.Path
	}
	return errs.Wrap(err, errs.Internal, "DB_MIGRATION_FAILED", "file", file)
}

func refuseNewer(ctx context.Context, pool *sql.DB, migrations fs.FS) error {
	var there sql.NullInt64
	err := pool.QueryRowContext(ctx, `SELECT max(version_id) FROM `+versionTable+` WHERE is_applied`).Scan(&there)
	if sqlState(err) == "42P01" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("schema version: %w", err)
	}
	ours, err := newestVersion(migrations)
	if err == nil && there.Int64 > ours {
		err = errs.New(errs.Refused, "DB_SCHEMA_NEWER", "there", there.Int64, "ours", ours)
	}
	return err
}

// ensureRoles creates the two roles a fresh server lacks and makes the owner a
// member, so that it can work as them. Roles belong to the whole server, so two
// databases may race here: the loser looks again.
func ensureRoles(ctx context.Context, cfg *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return unavailable(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, role := range []string{RoleApp, RoleAudit} {
		if err := tryAgain(ctx, func() error { return ensureRole(ctx, conn, role) }); err != nil {
			return errs.Wrap(err, errs.Refused, "DB_ROLE_NOT_CREATED", "role", role)
		}
	}
	return nil
}

func ensureRole(ctx context.Context, conn *pgx.Conn, role string) error {
	var there bool
	if err := conn.QueryRow(ctx, `SELECT count(*) > 0 FROM pg_roles WHERE rolname = $1`, role).Scan(&there); err != nil {
		return err
	}
	if !there {
		if _, err := conn.Exec(ctx, `CREATE ROLE `+role+` NOLOGIN`); err != nil {
			return err
		}
	}
	member, err := isMember(ctx, conn, role)
	if err != nil || member {
		return err
	}
	_, err = conn.Exec(ctx, `GRANT `+role+` TO `+pgx.Identifier{conn.Config().User}.Sanitize())
	return err
}

// isMember asks by doing: SET ROLE succeeds for members, the role itself and
// superusers, on every server and version.
func isMember(ctx context.Context, conn *pgx.Conn, role string) (bool, error) {
	if _, err := conn.Exec(ctx, `SET ROLE `+role); err != nil {
		if sqlState(err) == "" {
			return false, err
		}
		return false, nil
	}
	_, err := conn.Exec(ctx, `RESET ROLE`)
	return true, err
}

// tryAgain repeats a statement that creates what another process may be
// creating at the same moment.
func tryAgain(ctx context.Context, fn func() error) error {
	for try := 1; ; try++ {
		err := fn()
		if err == nil || try == 8 || !createRace(sqlState(err)) {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// createRace: unique violation in the catalogue, duplicate object or table, a
// catalogue row changed at the same time, serialization failure.
func createRace(state string) bool {
	switch state {
	case stateUnique, "42710", "42P07", "XX000", stateSerialization, stateDeadlock:
		return true
	}
	return false
}

type schemaStatus int

const (
	schemaCurrent schemaStatus = iota
	schemaBehind
)

// schemaState compares the schema there with the newest migration we carry.
func (d *DB) schemaState(ctx context.Context, migrations fs.FS) (schemaStatus, error) {
	if migrations == nil {
		return schemaCurrent, nil
	}
	ours, err := newestVersion(migrations)
	if err != nil {
		return 0, err
	}
	there, err := d.SchemaVersion(ctx)
	switch {
	case err != nil:
		return 0, err
	case there > ours:
		return 0, errs.New(errs.Refused, "DB_SCHEMA_NEWER", "there", there, "ours", ours)
	case there < ours:
		return schemaBehind, nil
	}
	return schemaCurrent, nil
}

// SchemaVersion is the number of the newest migration that has run, 0 on an
// empty database.
func (d *DB) SchemaVersion(ctx context.Context) (int64, error) {
	var v int64
	err := d.pool.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM `+versionTable+` WHERE is_applied`).Scan(&v)
	switch sqlState(err) {
	case "42P01", "42501": // no such table; not yet granted: never, or not fully, migrated
		return 0, nil
	}
	if err != nil {
		return 0, unavailable(err)
	}
	return v, nil
}

// newestVersion is the highest number that a migration's file name starts with.
func newestVersion(migrations fs.FS) (int64, error) {
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("migration %s: its name does not start with a number", name)
		}
		newest = max(newest, v)
	}
	return newest, nil
}
