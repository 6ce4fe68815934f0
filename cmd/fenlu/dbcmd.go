package main

import (
	"fmt"
	"io"

	"fenlu/internal/db"
	"fenlu/internal/db/embedded"
	"fenlu/internal/errs"
	"fenlu/migrations"
)

// dbCmd looks after the embedded database.
type dbCmd struct {
	Start   dbStartCmd   `cmd:"" help:"help_db_start"`
	Stop    dbStopCmd    `cmd:"" help:"help_db_stop"`
	Status  dbStatusCmd  `cmd:"" help:"help_db_status"`
	URL     dbURLCmd     `cmd:"" name:"url" help:"help_db_url"`
	Backup  dbBackupCmd  `cmd:"" help:"help_db_backup"`
	Restore dbRestoreCmd `cmd:"" help:"help_db_restore"`
}

type (
	dbStartCmd struct{}
	dbStopCmd  struct {
		Force bool `help:"help_db_stop_force"`
	}
	dbStatusCmd struct{}
	dbURLCmd    struct {
		Role string `default:"app" enum:"app,owner,audit" help:"help_db_url_role"`
	}
	dbBackupCmd struct {
		File string `arg:"" type:"path" help:"help_db_backup_file"`
	}
	dbRestoreCmd struct {
		File string `arg:"" type:"path" help:"help_db_backup_file"`
	}
)

func (a *app) embedded() (embedded.Options, error) {
	if a.DatabaseURL != "" {
		return embedded.Options{}, errs.New(errs.Invalid, "CLI_EMBEDDED_ONLY")
	}
	return embedded.Options{DataDir: a.dataDir(), BinDir: a.pgBin, Logger: a.Log}, nil
}

// Run starts the server and leaves it running.
func (dbStartCmd) Run(a *app) error {
	if _, err := a.embedded(); err != nil {
		return err
	}
	o := a.dbOptions()
	o.Keep = true
	d, err := db.Open(a.ctx, o, migrations.FS)
	if err != nil {
		return err
	}
	if err := d.Embedded().SetKeep(a.ctx, true); err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return err
	}
	return dbStatusCmd{}.Run(a)
}

// Run stops the server.
func (c dbStopCmd) Run(a *app) error {
	o, err := a.embedded()
	if err != nil {
		return err
	}
	if err := embedded.Stop(a.ctx, o, c.Force); err != nil {
		return err
	}
	return a.Result(map[string]any{"stopped": true}, func(w io.Writer) { _, _ = fmt.Fprintln(w, a.T("db.stopped", "dir", o.DataDir)) })
}

// dbState is embedded.State as programs read it.
type dbState struct {
	Dir     string `json:"dir"`
	Exists  bool   `json:"exists"`
	Running bool   `json:"running"`
	Kept    bool   `json:"kept"`
	InUse   bool   `json:"in_use"`
	Major   int    `json:"postgresql_major"`
	PID     int    `json:"pid"`
}

// Run shows the state of the server.
func (dbStatusCmd) Run(a *app) error {
	o, err := a.embedded()
	if err != nil {
		return err
	}
	s, err := embedded.Status(a.ctx, o)
	if err != nil {
		return err
	}
	return a.Result(dbState{s.Dir, s.Exists, s.Running, s.Kept, s.InUse, s.Major, s.PID}, func(w io.Writer) {
		code := "db.status.absent"
		switch {
		case s.Running && s.Kept:
			code = "db.status.kept"
		case s.Running:
			code = "db.status.running"
		case s.Exists:
			code = "db.status.stopped"
		}
		_, _ = fmt.Fprintln(w, a.T(code, "dir", s.Dir, "major", s.Major, "pid", s.PID))
	})
}

// Run prints the address of the database for a role.
func (c dbURLCmd) Run(a *app) error {
	o, err := a.embedded()
	if err != nil {
		return err
	}
	url, err := embedded.URL(o, "fenlu_"+c.Role)
	if err != nil {
		return err
	}
	return a.Result(map[string]string{"url": url, "role": c.Role}, func(w io.Writer) { _, _ = fmt.Fprintln(w, url) })
}

// Run backs the database up.
func (c dbBackupCmd) Run(a *app) error {
	return a.onServer(func(s *embedded.Server) error { return s.Backup(a.ctx, c.File) }, "db.backed_up", c.File)
}

// Run restores a backup into an empty database.
func (c dbRestoreCmd) Run(a *app) error {
	return a.onServer(func(s *embedded.Server) error { return s.Restore(a.ctx, c.File) }, "db.restored", c.File)
}

func (a *app) onServer(fn func(*embedded.Server) error, done, file string) error {
	o, err := a.embedded()
	if err != nil {
		return err
	}
	s, err := embedded.Open(a.ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := fn(s); err != nil {
		return err
	}
	return a.Result(map[string]string{"file": file}, func(w io.Writer) { _, _ = fmt.Fprintln(w, a.T(done, "file", file)) })
}

// migrateCmd brings the schema of a database to this program's.
type migrateCmd struct{}

// Run migrates as the owner.
func (migrateCmd) Run(a *app) error {
	if a.DatabaseURL == "" && a.OwnerURL == "" {
		d, err := db.Open(a.ctx, a.dbOptions(), migrations.FS)
		if err != nil {
			return err
		}
		if err := d.Close(); err != nil {
			return err
		}
	} else if err := db.Migrate(a.ctx, a.ownerURL(), migrations.FS); err != nil {
		return err
	}
	return a.Result(map[string]bool{"migrated": true}, func(w io.Writer) { _, _ = fmt.Fprintln(w, a.T("db.migrated")) })
}

func (a *app) ownerURL() string {
	if a.OwnerURL != "" {
		return a.OwnerURL
	}
	return a.DatabaseURL
}
