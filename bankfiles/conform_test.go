package bankfiles

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fenlu/internal/filetest"
)

// deviates says whether the reader notes a deviation from the schema; ok is
// false for a file that it refuses.
func deviates(data []byte) (deviates, ok bool) {
	sum, err := Check(bytes.NewReader(data), Auto)
	for _, w := range sum.Warnings {
		deviates = deviates || strings.HasPrefix(w.Code, "BANKFILE_WARN_XSD_")
	}
	return deviates, err == nil
}

// byXMLLint validates files against one schema and gives what xmllint says of each.
func byXMLLint(t *testing.T, schema string, paths []string) map[string]bool {
	t.Helper()
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatal("xmllint is missing: run `make setup` (package libxml2-utils)")
	}
	valid := map[string]bool{}
	for some := range slices.Chunk(paths, 200) {
		out, _ := exec.Command(lint, append([]string{"--noout", "--schema", schema}, some...)...).CombinedOutput() // fails where one is not valid
		for _, p := range some {
			valid[p] = strings.Contains(string(out), p+" validates\n")
			if !valid[p] && !strings.Contains(string(out), p+" fails to validate") {
				t.Fatalf("xmllint says nothing of %s:\n%s", p, out)
			}
		}
	}
	return valid
}

var leafElement = regexp.MustCompile(`<[A-Za-z]+[^<>/]*>[^<>]*</[A-Za-z]+>`)

// mutants are copies of a message with one leaf changed in one way.
func mutants(data []byte) (out [][]byte) {
	spans := leafElement.FindAllIndex(data, -1)
	for i, span := range spans {
		leaf := string(data[span[0]:span[1]])
		name := leaf[1:strings.IndexAny(leaf, " >")]
		next := spans[(i+1)%len(spans)]
		for _, changed := range []string{
			"", leaf + leaf, "<Strange/>" + leaf, leaf + " text ", "<" + name + "></" + name + ">", "<" + name + ">" + strings.Repeat("长", 141) + "</" + name + ">",
			"<" + name + ">2026-02-30</" + name + ">", "<" + name + `>-1.000001</` + name + ">", leaf + string(data[next[0]:next[1]]), strings.Replace(leaf, "CNY", "yuan", 1),
		} {
			out = append(out, []byte(string(data[:span[0]])+changed+string(data[span[1]:])))
		}
	}
	return out
}

// What the reader says of the schema is what xmllint says, of all samples and
// of fixtures that were damaged in every place.
func TestRead_notes_deviations_as_xmllint_does(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := map[string][]string{} // by schema
	put := func(data []byte, name string) {
		m := inNamespace.FindSubmatch(data)
		if m == nil {
			return
		}
		schema := filepath.Join("iso", "xsd", string(m[1])+".xsd")
		if _, err := os.Stat(schema); err != nil {
			return
		}
		path := filepath.Join(dir, fmt.Sprintf("%d-%s", len(files[schema]), name))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		files[schema] = append(files[schema], path)
	}
	for _, p := range filetest.SamplePaths(t, ".xml") {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		put(data, filepath.Base(p))
	}
	for _, name := range isoFixtures(t) {
		if strings.Contains(name, "gbk") {
			continue
		}
		put(fixture(t, name), name)
		for _, m := range mutants(fixture(t, name)) {
			put(m, name)
		}
	}
	compared, invalid := 0, 0
	for _, schema := range slices.Sorted(maps.Keys(files)) {
		for path, valid := range byXMLLint(t, schema, files[schema]) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			deviates, read := deviates(data)
			if !read {
				continue
			}
			compared++
			if !valid {
				invalid++
			}
			if deviates == valid {
				t.Errorf("%s: valid is %v, the reader says deviates %v\n%s", path, valid, deviates, data)
			}
		}
	}
	if compared < 1000 || invalid < 500 {
		t.Errorf("compared %d, of which %d invalid", compared, invalid)
	}
}
