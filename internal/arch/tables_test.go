package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// table is a table of the migrations and the room that alone writes it.
type table struct {
	name       string
	owner      string // from the comment "-- owner: room" above it
	appendOnly bool   // from the comment "-- append-only" above it
}

var (
	createTable = regexp.MustCompile(`(?i)^\s*create\s+table\s+(?:if\s+not\s+exists\s+)?([a-z_]\w*)`)
	writesTable = regexp.MustCompile(`(?i)\b(?:insert\s+into|delete\s+from(?:\s+only)?|truncate(?:\s+table)?|copy)\s+([a-z_]\w*)` +
		`|\bupdate(?:\s+only)?\s+([a-z_]\w*)(?:\s+(?:as\s+)?\w+)??\s+set\b`)
	bulkCall = regexp.MustCompile(`(?i)copy|bulk|insert|upsert`)
)

func TestTablesHaveOneOwnerEach(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, m := range migrationTree(t) {
		for _, tbl := range ownedTables(m.text) {
			switch {
			case tbl.owner == "":
				t.Errorf("%s: table %s has no owner: write \"-- owner: room\" above CREATE TABLE, the room that alone writes it", m.path, tbl.name)
			case roomOf(tbl.owner) == nil:
				t.Errorf("%s: table %s is owned by %s, which is no room of internal/arch/rooms_test.go", m.path, tbl.name, tbl.owner)
			case seen[tbl.name] != "":
				t.Errorf("%s: table %s was already made in %s", m.path, tbl.name, seen[tbl.name])
			}
			seen[tbl.name] = m.path
		}
	}
}

// tableList is the document that lists every table and index.
const tableList = "docs/ledger.md"

var (
	listedTable = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| `([\\w/]+)` \\| (yes|no) \\| ([^|]+) \\| ([^|]*)\\|$")
	createIndex = regexp.MustCompile(`(?im)^\s*create\s+(?:unique\s+)?index\s+(?:if\s+not\s+exists\s+)?(\w+)\s+on\s+(\w+)`)
	noMigration = []string{"schema_version", "schema_lock"} // internal/db's own
)

// The document says of every table who writes it, whether it is append-only and
// why it exists, and of every index which query it serves. What the database
// says is compared by TestRoles_catalogue_is_as_listed of ledger.
func TestTablesAreListed(t *testing.T) {
	t.Parallel()
	var migrations strings.Builder
	for _, m := range migrationTree(t) {
		migrations.WriteString(m.text + "\n")
	}
	for _, s := range tree(t) {
		if s.path == tableList {
			report(t, unlisted(s.text, migrations.String()))
		}
	}
}

func TestTablesSeeWhatIsNotListed(t *testing.T) {
	t.Parallel()
	migrations := "-- owner: ledger\n-- append-only\nCREATE TABLE IF NOT EXISTS a (b int);\nCREATE INDEX IF NOT EXISTS a_b ON a (b);\n"
	row := "| `a` | `ledger` | yes | why | `a_b`: by b |\n"
	report(t, unlisted(row, migrations))
	for list, want := range map[string]string{
		"": "| `a` | `ledger` | yes |",
		"| `a` | `events` | yes | why | `a_b`: by b |\n":              "table a is ledger's",
		"| `a` | `ledger` | no | why | `a_b`: by b |\n":               "table a is append-only: yes",
		"| `a` | `ledger` | yes | why | |\n":                          "index a_b of table a",
		"| `a` | `ledger` | yes | why | `a_b`: by b; `a_c`: by c |\n": "index a_c of table a",
		row + "| `z` | `ledger` | yes | why | |\n":                    "table z",
	} {
		wantOffence(t, unlisted(list, migrations), tableList, want)
	}
}

// unlisted compares the table list with the migrations.
func unlisted(list, migrations string) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, tableList+": "+fmt.Sprintf(format, args...)) }
	indexes := map[string][]string{}
	for _, m := range createIndex.FindAllStringSubmatch(migrations, -1) {
		indexes[m[2]] = append(indexes[m[2]], m[1])
	}
	rows := map[string][]string{}
	for _, m := range listedTable.FindAllStringSubmatch(list, -1) {
		rows[m[1]] = m[2:]
	}
	for _, tbl := range ownedTables(migrations) {
		row, ok := rows[tbl.name]
		mark := map[bool]string{true: "yes", false: "no"}[tbl.appendOnly]
		delete(rows, tbl.name)
		if !ok {
			say("table %s is not listed: add | `%s` | `%s` | %s | why it exists | `index`: the query it serves, for each index |", tbl.name, tbl.name, tbl.owner, mark)
			continue
		}
		if row[0] != tbl.owner {
			say("table %s is %s's by its migration, %s's by the list", tbl.name, tbl.owner, row[0])
		}
		if row[1] != mark {
			say("table %s is append-only: %s by the comment above it, %s by the list", tbl.name, mark, row[1])
		}
		for _, name := range differing(indexes[tbl.name], codeSpan.FindAllStringSubmatch(row[3], -1)) {
			say("index %s of table %s stands in the migrations or in the list, not in both: write `index`: the query it serves", name, tbl.name)
		}
	}
	for name := range rows {
		if !slices.Contains(noMigration, name) {
			say("table %s is listed and made by no migration: take the row out", name)
		}
	}
	return out
}

// differing is the names that are only among the made or only among the listed.
func differing(made []string, listed [][]string) []string {
	count := map[string]int{}
	for _, name := range made {
		count[name] |= 1
	}
	for _, span := range listed {
		count[span[1]] |= 2
	}
	var out []string
	for name, where := range count {
		if where != 3 {
			out = append(out, name)
		}
	}
	return out
}

func TestTablesAreWrittenByTheirOwner(t *testing.T) {
	t.Parallel()
	owners := map[string]string{}
	for _, m := range migrationTree(t) {
		for _, tbl := range ownedTables(m.text) {
			owners[tbl.name] = tbl.owner
		}
	}
	for _, f := range goTree(t) {
		if !f.isTest() && !inAny(f, sqlExempt) {
			report(t, foreignWrites(f, owners))
		}
	}
}

func TestTablesSeeAForeignWrite(t *testing.T) {
	t.Parallel()
	owners := map[string]string{"lot": "ledger", "payment": "disbursement/batch"}
	for _, line := range []string{
		`q = "UPDATE lot SET seq = 1"`,
		`q = "update lot l set seq = 1"`,
		`q = "WITH x AS (DELETE FROM lot RETURNING id) SELECT id FROM x"`,
		`q = "INSERT INTO lot (id) VALUES ($1)"`,
		`q = db.CopyIn(tx, "lot", rows)`,
		`q = tx.CopyFrom(pgx.Identifier{"lot"}, cols, rows)`,
	} {
		f := parse(t, "disbursement/funds/a_store.go", "package funds\nvar "+line+"\n")
		wantOffence(t, foreignWrites(f, owners), "disbursement/funds/a_store.go:2", "disbursement/funds may not write lot", "ledger owns it")
	}
	for path, line := range map[string]string{
		"disbursement/funds/a_store.go": `q = "SELECT id FROM lot ORDER BY id FOR UPDATE"`,
		"ledger/a_store.go":             `q = "INSERT INTO lot (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET seq = 1"`,
		"ledger/inner/a_store.go":       `q = tx.CopyFrom(pgx.Identifier{"lot"}, cols, rows)`,
		"disbursement/batch/a_store.go": `q = "INSERT INTO payment (id) SELECT lot FROM x"`,
	} {
		report(t, foreignWrites(parse(t, path, "package p\nvar "+line+"\n"), owners))
	}
}

// ownedTables reads the tables of a migration with the comment lines directly
// above each.
func ownedTables(migration string) []table {
	var out []table
	var tbl table
	for line := range strings.Lines(migration) {
		line = strings.TrimSpace(line)
		if m := createTable.FindStringSubmatch(line); m != nil {
			tbl.name = m[1]
			out = append(out, tbl)
		}
		if !strings.HasPrefix(line, "--") {
			tbl = table{}
			continue
		}
		comment := strings.TrimSpace(strings.TrimPrefix(line, "--"))
		if owner, ok := strings.CutPrefix(comment, "owner:"); ok {
			tbl.owner = strings.TrimSpace(owner)
		}
		tbl.appendOnly = tbl.appendOnly || comment == "append-only"
	}
	return out
}

// foreignWrites lists the writes of a file to tables of other rooms, by SQL or
// by a bulk call that names the table.
func foreignWrites(f goFile, owners map[string]string) []string {
	var out []string
	writer := path.Dir(f.path)
	check := func(name string, at place) {
		owner := owners[strings.ToLower(name)]
		if owner != "" && !under(writer, owner) {
			out = append(out, fmt.Sprintf("%s:%d: %s may not write %s, %s owns it: call %s's service and hand over the transaction", at.path, at.line, writer, name, owner, owner))
		}
	}
	for _, s := range goStatements(f) {
		for _, m := range writesTable.FindAllStringSubmatchIndex(s.text, -1) {
			name := max(m[2], m[4])
			check(s.text[name:max(m[3], m[5])], s.at(name))
		}
	}
	ast.Inspect(f.file, func(n ast.Node) bool {
		for _, lit := range bulkTarget(n) {
			if name, err := strconv.Unquote(lit.Value); err == nil && owners[name] != "" {
				check(name, f.at(lit.Pos()))
			}
		}
		return true
	})
	return out
}

// bulkTarget is the string literals that may name the table a node writes:
// pgx.Identifier{"lot"}, or an argument of a call like db.CopyIn(tx, "lot").
func bulkTarget(n ast.Node) []*ast.BasicLit {
	switch n := n.(type) {
	case *ast.CompositeLit:
		if sel, ok := n.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Identifier" {
			return stringLits(n.Elts)
		}
	case *ast.CallExpr:
		if bulkCall.MatchString(calledName(n)) {
			return stringLits(n.Args)
		}
	}
	return nil
}

func stringLits(exprs []ast.Expr) []*ast.BasicLit {
	var out []*ast.BasicLit
	for _, e := range exprs {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			out = append(out, lit)
		}
	}
	return out
}

// calledName is the last name of what is called: CopyIn of db.CopyIn(…).
func calledName(call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}
