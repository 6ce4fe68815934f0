package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// block is one fault of the fixture as the list writes it.
func block(old, replacement, test string) string {
	return "fault: f\npromise: 5\nfile: till.go\nold: " + old + "\nnew: " + replacement + "\npackage: .\ntest: " + test + "\n"
}

func TestRun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		list, want string
		ok         bool
	}{
		"kills a fault that the named test notices": {
			block("n > have", "n > have+1", "TestDraw/refuses_overdraft"), "killed 1 of 1", true},
		"a fault that the named test does not notice survives": {
			block("n > have", "n > have+1", "TestDraw/takes_what_is_there"), "SURVIVED: TestDraw/takes_what_is_there of . passes although \"n > have\" in till.go became \"n > have+1\"", false},
		"one survivor among the dead is counted": {
			block("have - n", "have", "TestDraw") + "\n" + block("have - n", "have", "TestDraw/refuses_overdraft"), "killed 1 of 2", false},
		"text that is not there is an error": {
			block("n >= have", "", "TestDraw"), `till.go holds "n >= have" 0 times`, false},
		"text that stands twice is an error": {
			block("have", "n", "TestDraw"), "must be once", false},
		"a fault that does not compile kills nobody": {
			block("n > have", "n > nothing", "TestDraw"), "does not compile", false},
		"a test that fails anyway kills nobody": {
			block("n > have", "n > have+1", "TestBroken"), "fails without the fault", false},
		"a name that matches nothing kills nobody": {
			block("n > have", "n > have+1", "TestGone"), "no test of . matches TestGone", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := fixture(t, tc.list)
			var out strings.Builder
			err := run(t.Context(), &out, root, "faults.txt", "")
			if (err == nil) != tc.ok {
				t.Errorf("err = %v\n%s", err, out.String())
			}
			if !strings.Contains(out.String(), tc.want) {
				t.Errorf("output does not say %q:\n%s", tc.want, out.String())
			}
		})
	}
}

func TestRunLeavesTheTreeAlone(t *testing.T) {
	t.Parallel()
	root := fixture(t, block("n > have", "n > have+1", "TestDraw"))
	before := read(t, filepath.Join(root, "till.go"))
	if err := run(t.Context(), &strings.Builder{}, root, "faults.txt", ""); err != nil {
		t.Fatal(err)
	}
	if after := read(t, filepath.Join(root, "till.go")); after != before {
		t.Errorf("till.go changed:\n%s", after)
	}
}

func TestParseFaults(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"fault: a\n":                         `the fault "a" has no`,
		"fault: a\nfault: b\n":               "line 2: fault stands twice",
		"colour: red\n":                      `line 1: "colour: red" is not one of`,
		"# nothing\n\n" + "nonsense\n":       `line 3: "nonsense" is not one of`,
		strings.Repeat("x: y\n\n", 2):        `line 3: "x: y"`,
		block("a", "b", "") + "\nfault: c\n": `the fault "f" has no test`,
	} {
		if _, err := parseFaults(strings.NewReader(list)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: err = %v, want %q", list, err, want)
		}
	}
}

// TestCommittedFaultsStillApply finds a stale list without running anything.
func TestCommittedFaultsStillApply(t *testing.T) {
	t.Parallel()
	faults, err := readFaults("faults.txt", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		if _, err := f.apply(read(t, filepath.Join("..", "..", filepath.FromSlash(f.file)))); err != nil {
			t.Errorf("faults.txt:%d: %s: %v", f.line, f.name, err)
		}
	}
}

// fixture is a copy of the fixture module with the list in it.
func fixture(t *testing.T, list string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(filepath.Join("testdata", "fixture"))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "faults.txt"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	return root
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
