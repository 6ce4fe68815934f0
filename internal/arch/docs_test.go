package arch

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The documents speak of files, tests and modules by name. What they name must
// be there: a reader who looks for it is told the truth.

var (
	codeSpan   = regexp.MustCompile("`([^`\n]+)`")
	linkTarget = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	fence      = regexp.MustCompile("(?ms)^```.*?^```")
	// a path of the tree: a known first part with a slash, or a file with an
	// ending of ours
	treePath   = regexp.MustCompile(`^[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*/?$`)
	identifier = regexp.MustCompile(`\.[A-Z]\w*$`) // disbursement/terms.Level names a package
	testName   = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w+`)
	testFunc   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w*)\(`)
	required   = regexp.MustCompile(`(?m)^\s*(?:require\s+)?([a-z0-9.-]+\.[a-z]+/\S+) (v\S+)`)
	tableRow   = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (v\\S+) \\|")
)

// endings are those of files of the tree that documents name.
var endings = []string{".go", ".sql", ".sh", ".md", ".txt", ".yml", ".mod", ".xsd"}

// contents is what documents can refer to.
type contents struct {
	files   map[string]bool // and directories
	tops    map[string]bool // first parts of paths
	bases   map[string]bool // names of files without their directory
	tests   map[string]bool
	modules map[string]string // that go.mod requires, with version
	direct  map[string]bool   // those of them that Go files of the tree import
}

func contentsOf(t *testing.T) contents {
	t.Helper()
	c := contents{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]string{}, map[string]bool{}}
	for _, s := range tree(t) {
		top, _, below := strings.Cut(s.path, "/")
		if below {
			c.tops[top] = true
		}
		c.bases[path.Base(s.path)] = true
		for p := s.path; p != "."; p = path.Dir(p) {
			c.files[p] = true
		}
		if strings.HasSuffix(s.path, "_test.go") {
			for _, m := range testFunc.FindAllStringSubmatch(s.text, -1) {
				c.tests[m[1]] = true
			}
		}
		if s.path == "go.mod" {
			for _, m := range required.FindAllStringSubmatch(s.text, -1) {
				c.modules[m[1]] = m[2]
			}
		}
	}
	for _, f := range goTree(t) {
		for _, i := range f.file.Imports {
			if m := c.moduleOf(strings.Trim(i.Path.Value, `"`)); m != "" {
				c.direct[m] = true
			}
		}
	}
	return c
}

// moduleOf is the required module that an import comes from: the longest that
// its path begins with.
func (c contents) moduleOf(importPath string) string {
	best := ""
	for m := range c.modules {
		if under(importPath, m) && len(m) > len(best) {
			best = m
		}
	}
	return best
}

// isDocument says whether a file is one of the documents that are checked.
func isDocument(p string) bool {
	dir, base := path.Split(p)
	return strings.HasSuffix(base, ".md") && (dir == "" && strings.HasPrefix(base, "README") || dir == "docs/" || dir == "docs/adr/" || dir == "docs/formats/")
}

func TestDocsNameWhatIsThere(t *testing.T) {
	t.Parallel()
	c := contentsOf(t)
	seen := 0
	for _, s := range tree(t) {
		if isDocument(s.path) {
			seen++
			report(t, c.missingIn(s))
		}
	}
	if seen < 10 {
		t.Errorf("only %d documents were found", seen)
	}
}

func TestDocsSeeWhatIsNotThere(t *testing.T) {
	t.Parallel()
	c := contentsOf(t)
	for text, want := range map[string]string{
		"see `ledger/no_such_file.go`":          "ledger/no_such_file.go",
		"see `no_such_file.go`":                 "no_such_file.go",
		"room `disbursement/nowhere`":           "disbursement/nowhere",
		"kept by `TestNothing_of_the_kind`":     "TestNothing_of_the_kind",
		"kept by TestNothingOfTheKind here":     "TestNothingOfTheKind",
		"see [the page](adr/0999-nothing.md)":   "docs/adr/0999-nothing.md",
		"line one\nsee `scripts/no-such-thing`": "scripts/no-such-thing",
	} {
		wantOffence(t, c.missingIn(source{"docs/x.md", text}), "docs/x.md:", want)
	}
	for _, text := range []string{
		"`ledger`, `ledger/pieces.go`, `pieces.go`, `internal/arch/`, `cmd/fenlu`",
		"`pain.001.001.09`, `cn.daifa.gbk`, `ledger.Lot`, `github.com/jackc/pgx/v5`, `x/y`",
		"`TestDocsNameWhatIsThere` and [page](ARCHITECTURE.md#rooms) and [site](https://example.org/a.md)",
		"```sh\ncat ledger/no_such_file.go `ledger/none.go`\n```",
	} {
		report(t, c.missingIn(source{"docs/x.md", text}))
	}
}

// missingIn finds what a document names and the tree does not have. What
// stands between fences is a command or its output.
func (c contents) missingIn(s source) []string {
	text := fence.ReplaceAllStringFunc(s.text, func(m string) string { return strings.Repeat("\n", strings.Count(m, "\n")) })
	var out []string
	missing := func(at int, name, instead string) {
		out = append(out, fmt.Sprintf("%s:%d: there is no %s: %s", s.path, 1+strings.Count(text[:at], "\n"), name, instead))
	}
	for _, m := range codeSpan.FindAllStringSubmatchIndex(text, -1) {
		for _, word := range strings.FieldsFunc(text[m[2]:m[3]], func(r rune) bool { return r == ' ' || r == ',' }) {
			if c.isPath(word) && !c.has(path.Dir(s.path), word) {
				missing(m[0], word, "name a file or directory of the tree")
			}
		}
	}
	for _, m := range testName.FindAllStringIndex(text, -1) {
		if word := text[m[0]:m[1]]; !c.tests[word] {
			missing(m[0], word, "name a test of the tree")
		}
	}
	for _, m := range linkTarget.FindAllStringSubmatchIndex(text, -1) {
		target := text[m[2]:m[3]]
		if strings.Contains(target, "://") {
			continue
		}
		if p := path.Join(path.Dir(s.path), target); !c.files[p] {
			missing(m[0], p, "link to a file of the tree")
		}
	}
	return out
}

// isPath says whether a word in a code span looks like a path of the tree.
func (c contents) isPath(word string) bool {
	if !treePath.MatchString(word) {
		return false
	}
	top, _, below := strings.Cut(word, "/")
	if below {
		return c.tops[top]
	}
	return slices.Contains(endings, path.Ext(word)) && path.Ext(word) != word
}

// has says whether the tree has a path, from its root or from the document's
// directory; a bare file name may stand anywhere.
func (c contents) has(dir, word string) bool {
	word = identifier.ReplaceAllString(strings.TrimSuffix(word, "/"), "")
	return c.files[word] || c.files[path.Join(dir, word)] || !strings.Contains(word, "/") && c.bases[word]
}

// TestDependenciesAreListed compares the modules that our code imports with the
// table of the decision page.
func TestDependenciesAreListed(t *testing.T) {
	t.Parallel()
	const page = "docs/adr/0008-dependencies.md"
	c := contentsOf(t)
	if len(c.direct) < 10 {
		t.Fatalf("only %d direct dependencies were found", len(c.direct))
	}
	listed := map[string]string{}
	for _, s := range tree(t) {
		if s.path == page {
			for _, m := range tableRow.FindAllStringSubmatch(s.text, -1) {
				listed[m[1]] = m[2]
			}
		}
	}
	for module := range c.direct {
		if version := c.modules[module]; listed[module] != version {
			t.Errorf("%s: go.mod requires %s %s, the table has %q: give it its row", page, module, version, listed[module])
		}
	}
	for module := range listed {
		if !c.direct[module] {
			t.Errorf("%s: %s is listed and nothing imports it: take the row out", page, module)
		}
	}
}
