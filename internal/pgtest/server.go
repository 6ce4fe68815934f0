package pgtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"fenlu/internal/db"
	"fenlu/internal/db/embedded"
	"fenlu/internal/errs"
	"fenlu/migrations"
)

// keptFor is how long the database of a failed or killed test stays.
const keptFor = time.Hour

// server is where the test databases are made.
type server struct {
	admin     *pgxpool.Pool
	embedded  *embedded.Server // nil with FENLU_TEST_DATABASE_URL
	url       string           // of the login given, with FENLU_TEST_DATABASE_URL
	cockroach bool             // has no templates: each database is migrated anew
	hint      string
	reaper    io.Closer // the reaper's input: open as long as we live

	template func() (string, error) // name of the migrated template, made once
}

// theServer is the one server of this test binary. It lives as long as the
// process: nobody but the process's end says when the last test is over.
var theServer = sync.OnceValues(func() (*server, error) {
	s, err := openServer(context.Background())
	if err != nil {
		return nil, err
	}
	s.template = sync.OnceValues(func() (string, error) { return s.makeTemplate(context.Background()) })
	return s, s.tidy(context.Background())
})

func openServer(ctx context.Context) (*server, error) {
	if given := os.Getenv("FENLU_TEST_DATABASE_URL"); given != "" {
		return openGiven(ctx, given)
	}
	return openShared(ctx)
}

func openGiven(ctx context.Context, given string) (*server, error) {
	pool, err := pgxpool.New(ctx, given)
	if err != nil {
		return nil, err
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("FENLU_TEST_DATABASE_URL: %w", err)
	}
	defer conn.Release()
	crdb := conn.Conn().PgConn().ParameterStatus("crdb_version") != ""
	return &server{admin: pool, url: given, cockroach: crdb}, nil
}

// openShared attaches to the test server of this user and tree. Where the
// temporary directory is closed to the server's user (root's own TMPDIR), the
// machine's common ones will do.
func openShared(ctx context.Context) (*server, error) {
	var failed error
	for _, base := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		dir := filepath.Join(base, "fenlu-test-"+treeName())
		srv, err := embedded.Open(ctx, embedded.Options{DataDir: dir, BinDir: os.Getenv("FENLU_PG_BIN"), Unsafe: true, MaxConnections: 400})
		if errs.CodeOf(err) == "DB_PARENT_CLOSED" {
			failed = errors.Join(failed, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		pool, err := pgxpool.New(ctx, srv.DatabaseURL(embedded.RoleAdmin, "postgres"))
		if err != nil {
			return nil, err
		}
		reaper, err := stopAfterUs(dir)
		return &server{admin: pool, embedded: srv, hint: "fenlu db start --data-dir " + dir + "; ", reaper: reaper}, err
	}
	return nil, failed
}

// treeName tells users and source trees apart.
func treeName() string {
	root, err := os.Getwd()
	for dir := root; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, statErr := os.Stat(filepath.Join(dir, "go.mod")); statErr == nil {
			root = dir
			break
		}
	}
	sum := sha256.Sum256([]byte(root))
	return strconv.Itoa(os.Geteuid()) + "-" + hex.EncodeToString(sum[:4])
}

// reaperScript waits on its standard input for the end of this process, leaves time
// for the next package's binary to attach, and stops the server if nobody has:
// under the same two locks as package embedded. Where there is no flock
// program, the server stays until somebody stops it.
const reaperScript = `cat >/dev/null; sleep 2; cd "$1" || exit
command -v flock >/dev/null || exit
exec flock pg.lock flock -n pg.users sh -c '
	test -e pg.keep && exit
	kill -INT "$(head -n 1 pg/postmaster.pid)" || exit
	while test -e pg/postmaster.pid; do sleep 0.1; done'`

// stopAfterUs starts the reaper. What it returns must be kept: the garbage
// collector would close it, and the reaper take that for our end.
func stopAfterUs(dir string) (io.Closer, error) {
	// It outlives us by design, so it hangs on no context of ours.
	cmd := exec.CommandContext(context.Background(), "sh", "-c", reaperScript, "sh", dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	return in, cmd.Start()
}

// create makes one test's database.
func (s *server) create(ctx context.Context, test string, migrated bool) (*Env, error) {
	name := databaseName(test)
	template := ""
	if migrated && !s.cockroach {
		from, err := s.template()
		if err != nil {
			return nil, err
		}
		template = from
	}
	if err := s.createDatabase(ctx, name, template); err != nil {
		return nil, err
	}
	env, err := s.env(name)
	if err == nil && migrated && s.cockroach {
		err = db.Migrate(ctx, env.OwnerURL, migrations.FS)
	}
	return env, err
}

func (s *server) createDatabase(ctx context.Context, name, template string) error {
	statement := `CREATE DATABASE ` + name
	if s.embedded != nil {
		statement += ` OWNER ` + db.RoleOwner
	}
	if template != "" {
		statement += ` TEMPLATE ` + template
	}
	_, err := s.admin.Exec(ctx, statement)
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

func (s *server) drop(ctx context.Context, name string) error {
	statement := `DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`
	if s.cockroach {
		statement = `DROP DATABASE IF EXISTS ` + name + ` CASCADE`
	}
	_, err := s.admin.Exec(ctx, statement)
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok && pe.Code == "42501" {
		// a login that is no superuser may not end an autovacuum worker; a plain
		// DROP makes it go
		_, err = s.admin.Exec(ctx, `DROP DATABASE IF EXISTS `+name)
	}
	return err
}

func (s *server) env(name string) (*Env, error) {
	if s.embedded != nil {
		return &Env{
			Name: name, hint: s.hint,
			OwnerURL: s.embedded.DatabaseURL(db.RoleOwner, name),
			AppURL:   s.embedded.DatabaseURL(db.RoleApp, name),
			AuditURL: s.embedded.DatabaseURL(db.RoleAudit, name),
			adminURL: s.embedded.DatabaseURL(embedded.RoleAdmin, name),
		}, nil
	}
	u, err := inDatabase(s.url, name)
	return &Env{Name: name, OwnerURL: u, AppURL: u, AuditURL: u, adminURL: u}, err
}

// makeTemplate makes the migrated template of this tree's migrations, or finds
// it. Several binaries may be at it together: each builds its own, and who
// comes second throws his away.
func (s *server) makeTemplate(ctx context.Context) (string, error) {
	name, err := templateName()
	if err != nil {
		return "", err
	}
	if there, err := s.exists(ctx, name); err != nil || there {
		return name, err
	}
	building := databaseName("building_template")
	if err := s.createDatabase(ctx, building, ""); err != nil {
		return "", err
	}
	env, err := s.env(building)
	if err == nil {
		err = db.Migrate(ctx, env.OwnerURL, migrations.FS)
	}
	if err == nil {
		_, err = s.admin.Exec(ctx, `ALTER DATABASE `+building+` RENAME TO `+name)
	}
	if err == nil {
		return name, nil
	}
	dropErr := s.drop(ctx, building)
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok && (pe.Code == "42P04" || pe.Code == "23505") { // somebody was first, perhaps at the same moment
		return name, dropErr
	}
	return "", errors.Join(err, dropErr)
}

func (s *server) exists(ctx context.Context, name string) (bool, error) {
	var there bool
	err := s.admin.QueryRow(ctx, `SELECT count(*) > 0 FROM pg_database WHERE datname = $1`, name).Scan(&there)
	return there, err
}

// templateName carries a digest of the migrations.
func templateName() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.FS, path)
		fmt.Fprintf(h, "%s %d\n", path, len(text))
		h.Write(text)
		return err
	})
	return templatePrefix + hex.EncodeToString(h.Sum(nil)[:6]), err
}

// databaseName is fenlu_t_<seconds since 1970>_<random>_<test>, at most 63 bytes.
func databaseName(test string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, test)
	name := fmt.Sprintf("%s%d_%s_%s", testPrefix, time.Now().Unix(), strings.ToLower(rand.Text()[:8]), plain)
	return name[:min(len(name), 63)]
}

// How the databases we make begin.
const (
	testPrefix     = "fenlu_t_"
	templatePrefix = "fenlu_tpl_"
)

// tidy drops what failed and killed tests left more than an hour ago, and, on
// the shared server when nobody else uses it, the templates of migrations that
// are no more.
func (s *server) tidy(ctx context.Context) error {
	now := time.Now()
	if err := s.dropIf(ctx, func(name string) bool { return isOld(name, now) }); err != nil || s.embedded == nil {
		return err
	}
	current, err := templateName()
	if err != nil {
		return err
	}
	_, err = s.embedded.Alone(ctx, func() error {
		return s.dropIf(ctx, func(name string) bool { return strings.HasPrefix(name, templatePrefix) && name != current })
	})
	return err
}

func (s *server) dropIf(ctx context.Context, doomed func(name string) bool) error {
	rows, err := s.admin.Query(ctx, `SELECT datname::text FROM pg_database`)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if !doomed(name) {
			continue
		}
		if err := s.drop(ctx, name); err != nil && !raced(err) {
			return fmt.Errorf("drop old test database %s: %w", name, err)
		}
	}
	return nil
}

// isOld reads the time in a test database's name.
func isOld(name string, now time.Time) bool {
	rest, ok := strings.CutPrefix(name, testPrefix)
	if !ok {
		return false
	}
	made, _, _ := strings.Cut(rest, "_")
	seconds, err := strconv.ParseInt(made, 10, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)) > keptFor
}

// raced: another binary dropped it, or is dropping it, at this moment.
func raced(err error) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pe.Code == "3D000" || pe.Code == "55006" || pe.Code == "XX000")
}
