package embedded

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/durable"
	"fenlu/internal/errs"
)

// Backup writes the whole database, as it is at one moment, to file in
// PostgreSQL's custom format. Others may go on working meanwhile. The file
// appears only when it is complete, readable by its owner alone: what people
// are owed is in it. Errors: DB_BACKUP_EXISTS, DB_BACKUP_FAILED.
func (s *Server) Backup(ctx context.Context, file string) error {
	if _, err := os.Stat(file); err == nil {
		return errs.New(errs.Conflict, "DB_BACKUP_EXISTS", "file", file)
	}
	err := durable.Create("backup", file, func(f *os.File) error {
		out, err := s.tool(ctx, "pg_dump", "--format=custom", "--file="+f.Name())
		if err != nil {
			return errs.Wrap(err, errs.Unavailable, "DB_BACKUP_FAILED", "output", out)
		}
		return nil
	})
	switch _, ours := errors.AsType[*errs.Error](err); {
	case err == nil || ours:
		return err
	case errors.Is(err, fs.ErrExist):
		return errs.Wrap(err, errs.Conflict, "DB_BACKUP_EXISTS", "file", file)
	}
	return errs.Wrap(err, errs.Refused, "DB_BACKUP_FAILED", "output", "")
}

// Restore reads a backup into the database, which must be empty: books are
// never overwritten. All of it arrives, or nothing. Errors:
// DB_BACKUP_NOT_BACKUP, DB_RESTORE_NOT_EMPTY, DB_RESTORE_FAILED.
func (s *Server) Restore(ctx context.Context, file string) error {
	if err := s.c.findPrograms(ctx); err != nil {
		return err
	}
	if err := exec.CommandContext(ctx, s.c.bin.path("pg_restore"), "--list", file).Run(); err != nil {
		return errs.Wrap(err, errs.Invalid, "DB_BACKUP_NOT_BACKUP", "file", file)
	}
	tables, err := s.tables(ctx)
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "DB_RESTORE_FAILED", "output", "")
	}
	if tables > 0 {
		return errs.New(errs.Refused, "DB_RESTORE_NOT_EMPTY", "tables", tables)
	}
	if out, err := s.tool(ctx, "pg_restore", "--exit-on-error", "--single-transaction", "--dbname="+Database, file); err != nil {
		return errs.Wrap(err, errs.Unavailable, "DB_RESTORE_FAILED", "output", out)
	}
	return nil
}

func (s *Server) tables(ctx context.Context) (n int, err error) {
	conn, err := pgx.Connect(ctx, s.URL(RoleAdmin))
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	err = conn.QueryRow(ctx, `SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'`).Scan(&n)
	return n, err
}

// tool runs one of PostgreSQL's own clients against the database as ourselves;
// the password goes by the environment, where other users cannot see it. It
// returns the last line of what the program said.
func (s *Server) tool(ctx context.Context, program string, args ...string) (string, error) {
	if err := s.c.findPrograms(ctx); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, s.c.bin.path(program), args...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "PGHOST=" + s.c.run, "PGPORT=" + port,
		"PGUSER=" + RoleAdmin, "PGDATABASE=" + Database, "PGPASSWORD=" + s.c.marker.Passwords[RoleAdmin],
	}
	out, err := cmd.CombinedOutput()
	return lastLine(string(out)), err
}
