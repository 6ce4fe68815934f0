// Package filetest is what the tests of bank files share: where the sample
// files of banks lie, golden files, and what an error must be like.
package filetest

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// Update is set by -update: golden files are rewritten.
var Update = flag.Bool("update", false, "rewrite golden files")

// SamplesDir is where real files of banks lie, if this machine has them; none
// of them is part of this repository.
func SamplesDir(t testing.TB) string {
	dir := os.Getenv("FENLU_SAMPLES")
	if dir == "" {
		dir = filepath.Join(root(t), "..", "shared", "samples")
	}
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no sample files at %s: set FENLU_SAMPLES", dir)
		}
		return ""
	}
	return dir
}

// SamplePaths lists the sample files whose names end so.
func SamplePaths(t testing.TB, ext string) []string {
	dir := SamplesDir(t)
	if dir == "" {
		return nil
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range paths {
		if strings.HasSuffix(p, ext) {
			out = append(out, p)
		}
	}
	return out
}

// WantCode fails unless err is ours, of that code, and says it in words.
func WantCode(t testing.TB, err error, code string) {
	t.Helper()
	if errs.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	if !i18n.Has(code) {
		t.Errorf("%s has no sentence in the catalogue", code)
	}
}

// HasSentence says whether people can be told what a code means.
func HasSentence(code string) bool { return i18n.Has(code) }

// Arg is an argument of an error, nil where it has none.
func Arg(err error, name string) any {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, a := range e.Args {
			if a.Name == name {
				return a.Value
			}
		}
	}
	return nil
}

// Fields are the problems that an error lists.
func Fields(err error) []errs.Field {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Fields
	}
	return nil
}

// Golden compares with testdata/golden/name, or rewrites it with -update.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *Update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

// Validates runs xmllint against a schema file.
func Validates(t *testing.T, data []byte, schema string) {
	t.Helper()
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatal("xmllint is missing: run `make setup` (package libxml2-utils)")
	}
	path := filepath.Join(t.TempDir(), "message.xml")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), lint, "--noout", "--stream", "--schema", schema, path).CombinedOutput() //nolint:gosec // a test names the schema
	if err != nil {
		t.Fatalf("not valid against %s: %v\n%s\n%s", schema, err, out, data)
	}
}

// root is the folder of go.mod, above the package under test.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}
