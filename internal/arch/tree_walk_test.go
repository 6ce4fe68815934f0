package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// source is one file of the tree; path is relative to the root, with slashes.
type source struct {
	path string
	text string
}

// goFile is a parsed Go file.
type goFile struct {
	source
	fset *token.FileSet
	file *ast.File
}

// line is the "path:line" of a place in the file.
func (f goFile) at(p token.Pos) place {
	return place{f.path, f.fset.Position(p).Line}
}

func (f goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// in says whether the file stands in the room or below it.
func (f goFile) in(room string) bool { return strings.HasPrefix(f.path, room+"/") }

// place is where an offence stands.
type place struct {
	path string
	line int
}

// skippedDirs hold what is not ours to read: version control, what make
// builds, and what tests and demos leave behind.
var skippedDirs = []string{".git", ".data", "bin"}

// repository finds the directory of go.mod above the test's own.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above the test's directory")
	}
}

var readTree = sync.OnceValues(func() ([]source, error) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return nil, err
	}
	var out []source
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(skippedDirs, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		out = append(out, source{filepath.ToSlash(rel), string(b)})
		return err
	})
	return out, err
})

// tree is every file of the repository.
func tree(t *testing.T) []source {
	t.Helper()
	files, err := readTree()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// goTree is every Go file that is built with the program: testdata is not.
func goTree(t *testing.T) []goFile {
	t.Helper()
	var out []goFile
	for _, s := range tree(t) {
		if strings.HasSuffix(s.path, ".go") && !strings.Contains(s.path, "testdata/") {
			out = append(out, parse(t, s.path, s.text))
		}
	}
	return out
}

// migrationTree is every migration, in order.
func migrationTree(t *testing.T) []source {
	t.Helper()
	var out []source
	for _, s := range tree(t) {
		if strings.HasPrefix(s.path, "migrations/") && strings.HasSuffix(s.path, ".sql") {
			out = append(out, s)
		}
	}
	return out
}

func parse(t *testing.T, path, text string) goFile {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return goFile{source{path, text}, fset, file}
}

// report fails the test once for each offence.
func report(t *testing.T, offences []string) {
	t.Helper()
	for _, o := range offences {
		t.Error(o)
	}
}

// wantOffence checks that exactly one offence was found and says every word.
func wantOffence(t *testing.T, offences []string, words ...string) {
	t.Helper()
	if len(offences) != 1 {
		t.Fatalf("found %d offences, want 1: %q", len(offences), offences)
	}
	for _, w := range words {
		if !strings.Contains(offences[0], w) {
			t.Errorf("offence %q does not say %q", offences[0], w)
		}
	}
}
