package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "fenlu"

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath   string
	Imports      []string
	Deps         []string
	TestImports  []string
	XTestImports []string
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		report(t, wrongArrows(p))
		report(t, wrongOutsiders(p))
	}
}

func TestImportsSeesAWrongArrow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pkg  pkg
		want []string
	}{
		"ledger imports disbursement": {
			pkg{ImportPath: "fenlu/ledger", Imports: []string{"fmt", "fenlu/money", "fenlu/disbursement/batch"}},
			[]string{"ledger may not import disbursement/batch", "post through ledger.Service"},
		},
		"reconciliation imports disbursement": {
			pkg{ImportPath: "fenlu/reconciliation", Imports: []string{"fenlu/disbursement"}},
			[]string{"reconciliation may not import disbursement", "an interface it declares"},
		},
		"parties imports batch": {
			pkg{ImportPath: "fenlu/disbursement/parties", Imports: []string{"fenlu/disbursement/batch"}},
			[]string{"disbursement/parties may not import disbursement/batch"},
		},
		"the simulated bank shares code": {
			pkg{ImportPath: "fenlu/internal/simbank", Imports: []string{"fenlu/money"}},
			[]string{"internal/simbank may not import money", "published format"},
		},
		"a room below its own is held to the same rule": {
			pkg{ImportPath: "fenlu/bankfiles/pain", Imports: []string{"fenlu/internal/clock"}},
			[]string{"bankfiles/pain may not import internal/clock", "pass the time"},
		},
		"a test imports upward": {
			pkg{ImportPath: "fenlu/ledger", XTestImports: []string{"fenlu/disbursement/funds"}},
			[]string{"a test of ledger may not import disbursement/funds"},
		},
		"a package in no room": {
			pkg{ImportPath: "fenlu/misc", Imports: []string{"fmt"}},
			[]string{"misc stands in no room", "rooms_test.go"},
		},
		"the database reaches a pure room through another package": {
			pkg{ImportPath: "fenlu/bankfiles", Deps: []string{"fmt", "github.com/jackc/pgx/v5/pgconn"}},
			[]string{"bankfiles may not reach github.com/jackc/pgx", "let the caller store"},
		},
		"ExecuteTx outside db": {
			pkg{ImportPath: "fenlu/ledger", Imports: []string{"github.com/cockroachdb/cockroach-go/v2/crdb/crdbpgxv5"}},
			[]string{"ledger may not import github.com/cockroachdb/cockroach-go", "db.Run"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantOffence(t, append(wrongArrows(tc.pkg), wrongOutsiders(tc.pkg)...), tc.want...)
		})
	}
}

func TestImportsLetsRightArrowsPass(t *testing.T) {
	t.Parallel()
	for _, p := range []pkg{
		{ImportPath: "fenlu/disbursement/batch", Imports: []string{"fenlu/disbursement/funds", "fenlu/bankfiles", "fenlu/ledger", "fenlu/internal/sheet"}},
		{ImportPath: "fenlu/cmd/fenlu", Imports: []string{"fenlu/reconciliation", "fenlu/internal/simbank"}},
		{ImportPath: "fenlu/ledger/proof", Imports: []string{"fenlu/money"}, TestImports: []string{"fenlu/internal/pgtest"}},
		{ImportPath: "fenlu/ledger/proof/inner", Imports: []string{"fenlu/ledger/proof"}},
	} {
		report(t, append(wrongArrows(p), wrongOutsiders(p)...))
	}
}

// wrongArrows lists the imports of our own packages that point the wrong way.
func wrongArrows(p pkg) []string {
	from, ok := trim(p.ImportPath)
	if !ok {
		return nil
	}
	r := roomOf(from)
	if r == nil {
		return []string{fmt.Sprintf("%s stands in no room: give it a row in internal/arch/rooms_test.go (DESIGN §4) or move it into a room that is there", from)}
	}
	var out []string
	for _, to := range p.Imports {
		if to, ok := trim(to); ok && !r.allows(to) {
			out = append(out, fmt.Sprintf("%s may not import %s: %s", from, to, r.instead))
		}
	}
	for _, to := range append(slices.Clone(p.TestImports), p.XTestImports...) {
		if to, ok := trim(to); ok && !r.allows(to) && !slices.Contains(testExtras, to) {
			out = append(out, fmt.Sprintf("a test of %s may not import %s: %s; a test over several rooms stands in cmd/fenlu", from, to, r.instead))
		}
	}
	return out
}

// wrongOutsiders lists what the package reaches outside the tree and may not.
func wrongOutsiders(p pkg) []string {
	from, ok := trim(p.ImportPath)
	r := roomOf(from)
	if !ok || r == nil {
		return nil
	}
	var out []string
	for _, o := range outsiders {
		if o.allowed(r.path, from) {
			continue
		}
		reached, verb := p.Deps, "reach"
		if o.direct {
			reached, verb = p.Imports, "import"
		}
		if slices.ContainsFunc(reached, func(to string) bool { return under(to, o.path) }) {
			out = append(out, fmt.Sprintf("%s may not %s %s: %s", from, verb, o.path, o.instead))
		}
	}
	return out
}

func (o outsider) allowed(rooms ...string) bool {
	if o.rooms != nil {
		return slices.ContainsFunc(rooms, func(r string) bool { return slices.Contains(o.rooms, r) })
	}
	return !slices.ContainsFunc(rooms, func(r string) bool { return slices.Contains(o.except, r) })
}

// allows says whether the room may import a package: its own, or one that
// belongs to a room of its list.
func (r *room) allows(to string) bool {
	other := roomOf(to)
	return other == nil || other.path == r.path || slices.Contains(r.mayImport, other.path)
}

// roomOf is the room with the longest path that holds the package.
func roomOf(path string) *room {
	var best *room
	for i := range rooms {
		if under(path, rooms[i].path) && (best == nil || len(rooms[i].path) > len(best.path)) {
			best = &rooms[i]
		}
	}
	return best
}

func under(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

func trim(importPath string) (string, bool) {
	return strings.CutPrefix(importPath, module+"/")
}

func listPackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,Deps,TestImports,XTestImports", "./...")
	cmd.Dir = repository(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return pkgs
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		pkgs = append(pkgs, p)
	}
}
