package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fenlu/internal/errs"
)

// minMajor is the oldest PostgreSQL we work with.
const minMajor = 15

// binaries is one installed PostgreSQL.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// usualPlaces is where packages put the programs.
var usualPlaces = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
}

// findBinaries finds the programs for a cluster made by PostgreSQL major, or,
// for a new cluster (major 0), the newest there is. A given dir is the only one
// looked at.
func findBinaries(ctx context.Context, dir string, major int) (binaries, error) {
	all := installed(ctx, dir)
	if len(all) == 0 {
		return binaries{}, errs.New(errs.Unavailable, "DB_PG_MISSING", "least", minMajor)
	}
	newest := all[len(all)-1]
	if major == 0 {
		if newest.major < minMajor {
			return binaries{}, errs.New(errs.Refused, "DB_PG_TOO_OLD", "dir", newest.dir, "there", newest.major, "least", minMajor)
		}
		return newest, nil
	}
	for _, b := range all {
		if b.major == major {
			return b, nil
		}
	}
	code := "DB_DATA_OLDER"
	if major > newest.major {
		code = "DB_DATA_NEWER"
	}
	return binaries{}, errs.New(errs.Refused, code, "data", major, "there", newest.major)
}

// installed lists what is on the machine, oldest first.
func installed(ctx context.Context, dir string) []binaries {
	var dirs []string
	if dir != "" {
		dirs = []string{dir}
	} else {
		dirs = candidates()
	}
	slices.Sort(dirs)
	var all []binaries
	for _, d := range slices.Compact(dirs) {
		if b, ok := probe(ctx, d); ok {
			all = append(all, b)
		}
	}
	slices.SortStableFunc(all, func(a, b binaries) int { return a.major - b.major })
	return all
}

func candidates() []string {
	var dirs []string
	for _, program := range []string{"postgres", "pg_ctl"} {
		found, err := exec.LookPath(program)
		if err != nil {
			continue
		}
		if target, err := filepath.EvalSymlinks(found); err == nil {
			dirs = append(dirs, filepath.Dir(target))
		}
	}
	for _, pattern := range usualPlaces {
		matches, _ := filepath.Glob(pattern) // the patterns are well formed
		dirs = append(dirs, matches...)
	}
	return dirs
}

// probe asks the programs in dir for their version.
func probe(ctx context.Context, dir string) (binaries, bool) {
	for _, program := range []string{"postgres", "initdb"} {
		if info, err := os.Stat(filepath.Join(dir, program)); err != nil || info.IsDir() {
			return binaries{}, false
		}
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, false
	}
	major, ok := majorOf(string(out))
	return binaries{dir: dir, major: major}, ok
}

// majorOf reads "postgres (PostgreSQL) 15.18 (Debian …)" or "… 17beta1".
func majorOf(version string) (int, bool) {
	_, rest, ok := strings.Cut(version, "(PostgreSQL) ")
	if !ok {
		return 0, false
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(rest)
	}
	major, err := strconv.Atoi(rest[:end])
	return major, err == nil
}
