package leaf_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/ledger/proof/leaf"
)

var update = flag.Bool("update", false, "write the test vectors anew")

var nine = time.Date(2026, 10, 9, 9, 0, 0, 123000, time.FixedZone("", 8*60*60))

// example has every kind of field, and text with all that must be escaped.
func example() *leaf.Leaf {
	var parts leaf.Tree
	for _, p := range exampleParts() {
		parts.Add(p)
	}
	return leaf.New("example", 1).Int("id", 42).Text("memo", "低保\t10月\n\\n\r。").Text("none", "").
		Hex("digest", []byte{0, 0xab}).Time("posted_at", nine).Time("never", time.Time{}).Date("business_date", nine).Parts(&parts)
}

func exampleParts() [][]byte {
	var part leaf.Part
	var out [][]byte
	for i := range 5 {
		out = append(out, bytes.Clone(part.Start().Int(int64(i+1)).Text("a\tb\\").Hex([]byte{byte(i)}).Time(nine).Text("").Bytes()))
	}
	return out
}

// The vectors are what docs/proof.md shows; other programs test against them.
func TestVectors(t *testing.T) {
	t.Parallel()
	l := example()
	h := l.Hash()
	golden(t, "example.leaf", l.Bytes())
	golden(t, "example.parts", bytes.Join(exampleParts(), nil))
	golden(t, "example.hash", []byte(hex.EncodeToString(h[:])+"\n"))
}

// A tree of five leaves: their hashes, the root at every size, and a proof of
// each kind.
func TestVectors_of_the_tree(t *testing.T) {
	t.Parallel()
	var tree leaf.Tree
	var hashes stored
	var leaves, roots, proofs strings.Builder
	for i := range int64(5) {
		h := leaf.New("example", 1).Int("id", i).Hash()
		hashes = tree.Append(h, hashes)
		root := tree.Root()
		fmt.Fprintf(&leaves, "leaf\t%d\t%x\n", i, h[:])
		fmt.Fprintf(&roots, "root\t%d\t%x\n", i+1, root[:])
	}
	inclusion, err := tlog.ProveRecord(5, 2, hashes)
	if err != nil {
		t.Fatal(err)
	}
	consistency, err := tlog.ProveTree(5, 3, hashes)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range inclusion {
		fmt.Fprintf(&proofs, "leaf 2 of 5\t%x\n", h[:])
	}
	for _, h := range consistency {
		fmt.Fprintf(&proofs, "5 extends 3\t%x\n", h[:])
	}
	golden(t, "tree.txt", []byte(leaves.String()+roots.String()+proofs.String()))
}

// docs/proof.md quotes every vector, so that a reader needs nothing else.
func TestVectors_are_in_the_document(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../../docs/proof.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../testdata/*.*")
	if err != nil || len(files) < 7 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(doc, b) {
			t.Errorf("docs/proof.md does not quote %s", filepath.Base(f))
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("..", "testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	want := example()
	got, err := leaf.Parse(want.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("leaf (-want +got):\n%s", diff)
	}
	if got.Value("memo") != "低保\t10月\n\\n\r。" || got.Value("unknown") != "" {
		t.Errorf("memo %q", got.Value("memo"))
	}
	fields, err := leaf.ParsePart(exampleParts()[1])
	if diff := cmp.Diff([]string{"2", "a\tb\\", "01", "2026-10-09T01:00:00.000123Z", ""}, fields); err != nil || diff != "" {
		t.Errorf("part: %v (-want +got):\n%s", err, diff)
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":             "",
		"no_end":              "fenlu a v1\nb\tc",
		"not_ours":            "other a v1\n",
		"no_kind":             "fenlu v1\n",
		"kind_in_capitals":    "fenlu A v1\n",
		"version_nought":      "fenlu a v0\n",
		"version_with_sign":   "fenlu a v+1\n",
		"version_with_zero":   "fenlu a v01\n",
		"two_spaces":          "fenlu  a v1\n",
		"blank_line":          "fenlu a v1\n\n",
		"no_tab":              "fenlu a v1\nb\n",
		"no_name":             "fenlu a v1\n\tb\n",
		"name_with_space":     "fenlu a v1\nb c\td\n",
		"name_twice":          "fenlu a v1\nb\tc\nb\tc\n",
		"two_tabs":            "fenlu a v1\nb\tc\td\n",
		"carriage_return":     "fenlu a v1\r\nb\tc\r\n",
		"unknown_escape":      "fenlu a v1\nb\t\\x\n",
		"backslash_at_end":    "fenlu a v1\nb\tc\\\n",
		"not_utf8":            "fenlu a v1\nb\t\xff\n",
		"something_after_end": "fenlu a v1\nb\tc\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if l, err := leaf.Parse([]byte(text)); err == nil {
				t.Errorf("read as %+v", l)
			}
		})
	}
	for _, text := range []string{"", "a", "a\nb\n", "a\\\n", "\xff\n", "a\r\n"} {
		if fields, err := leaf.ParsePart([]byte(text)); err == nil {
			t.Errorf("part %q read as %q", text, fields)
		}
	}
}

// Whatever Parse accepts has one way to be written.
func FuzzParse(f *testing.F) {
	f.Add(example().Bytes())
	f.Add([]byte("fenlu a v1\nb\tc\\\\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := leaf.Parse(b)
		if err == nil && !bytes.Equal(l.Bytes(), b) {
			t.Errorf("%q is written again as %q", b, l.Bytes())
		}
	})
}

// Whatever text a field holds is read back, and never as another field.
func FuzzText(f *testing.F) {
	f.Add("a\tb", "\\t\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		l := leaf.New("fuzz", 1).Text("a", a).Text("b", b)
		got, err := leaf.Parse(l.Bytes())
		if err == nil && (got.Value("a") != a || got.Value("b") != b) {
			t.Errorf("%q %q read back as %q %q", a, b, got.Value("a"), got.Value("b"))
		}
	})
}

func ExampleNew() {
	var lines leaf.Tree
	var line leaf.Part
	lines.Add(line.Start().Int(1).Text("frozen").Int(95000).Bytes())
	l := leaf.New("journal", 1).Int("id", 42).Text("memo", "10月低保\n第一批").Parts(&lines)
	fmt.Printf("%s", l.Bytes())
	// Output:
	// fenlu journal v1
	// id	42
	// memo	10月低保\n第一批
	// parts	1
	// parts_root	840426668530dbf7bce9124034164188573363c23aa346006d73a018c6d752b2
}

// What a journal of a million lines costs to hash.
func BenchmarkTree_a_million_lines(b *testing.B) {
	for b.Loop() {
		var tree leaf.Tree
		var part leaf.Part
		for i := range int64(1_000_000) {
			tree.Add(part.Start().Int(i).Int(3).Int(15).Text("paid/8").Int(14).Text("in_transit/8").Int(95000).Int(1_000_000 + i).Int(2_000_000 + i).Int(3_000_000 + i).Bytes())
		}
	}
}
