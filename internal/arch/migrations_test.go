package arch

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

var (
	constraintWord = regexp.MustCompile(`(?i)\b(check\s*\(|unique\b(\s+index\b)?|foreign\s+key\b|references\b)`)
	namedBefore    = regexp.MustCompile(`(?i)\bconstraint\s+\w+\s*$`)
	keyBefore      = regexp.MustCompile(`(?is)\bforeign\s+key\s*\([^)]*\)\s*$`)
	createAny      = regexp.MustCompile(`(?i)\bcreate\s+(?:unique\s+)?(?:table|index|sequence)\s+(if\s+not\s+exists\s+)?\w+`)
	ddlWord        = regexp.MustCompile(`(?im)^\s*(create|alter|drop)\s`)
	changeWord     = regexp.MustCompile(`(?im)^[ \t]*(update|delete|copy)\s`)
	insertRows     = regexp.MustCompile(`(?is)\binsert\s+into\s[^;]*`)
	onConflict     = regexp.MustCompile(`(?i)\bon\s+conflict\s*\([^)]*\)\s*do\s+nothing\b`)
	appGrant       = regexp.MustCompile(`(?i)\bgrant\s+([a-z,\s]+?)\s+on\s+(?:table\s+)?([a-z_][\w,\s]*?)\s+to\s+fenlu_app\b`)
)

func TestMigrationsNameTheirConstraints(t *testing.T) {
	t.Parallel()
	for _, m := range migrationTree(t) {
		report(t, unnamedConstraints(newStatement(place{m.path, 1}, m.text)))
	}
}

func TestMigrationsCanBeRunAgain(t *testing.T) {
	t.Parallel()
	for _, m := range migrationTree(t) {
		report(t, notRepeatable(m))
	}
}

var (
	blockDraw = regexp.MustCompile(`\bdb\.NextIDs\([^"\n]*"(\w+)"`)
	blockStep = regexp.MustCompile(`(?i)\bsequence\s+(?:if\s+not\s+exists\s+)?(\w+)\s+increment\s+by\s+(\d+)`)
)

// Numbers that are drawn a block at a time need a sequence that steps by a block:
// with steps of one the next draw hands out numbers of this one.
func TestBlocksAreDrawnFromSequencesOfBlocks(t *testing.T) {
	t.Parallel()
	step := map[string]string{}
	for _, m := range migrationTree(t) {
		for _, s := range blockStep.FindAllStringSubmatch(m.text, -1) {
			step[s[1]] = s[2]
		}
	}
	drawn := 0
	for _, f := range tree(t) {
		for _, d := range blockDraw.FindAllStringSubmatch(f.text, -1) {
			if drawn++; strings.HasSuffix(f.path, "_test.go") {
				continue
			}
			if step[d[1]] != "1000" {
				t.Errorf("%s: draws blocks from %s, which steps by %s: make it INCREMENT BY 1000, or draw with db.NextID or db.NextNumbers", f.path, d[1], step[d[1]])
			}
		}
	}
	if drawn < 10 {
		t.Errorf("found %d draws only", drawn)
	}
}

func TestAppendOnlyTablesAreGrantedSelectAndInsertOnly(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, m := range migrationTree(t) {
		all.WriteString(m.text + "\n")
	}
	report(t, wrongGrants(all.String()))
}

func TestMigrationsSeeAnUnnamedConstraint(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"CREATE TABLE a (b bigint,\n CHECK (b > 0))":                                                "CHECK",
		"CREATE TABLE a (b bigint UNIQUE)":                                                          "UNIQUE",
		"CREATE TABLE a (b bigint REFERENCES c (id))":                                               "REFERENCES",
		"ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c (id)":                                       "FOREIGN KEY",
		"CREATE TABLE a (b bigint CONSTRAINT x CHECK (b > 0) CONSTRAINT y CHECK (b<9), UNIQUE (b))": "UNIQUE",
	} {
		wantOffence(t, unnamedConstraints(newStatement(place{"migrations/00009_a.sql", 1}, sql)), "migrations/00009_a.sql", want, "CONSTRAINT name")
	}
	good := "CREATE TABLE a (id bigint PRIMARY KEY, CONSTRAINT a_b FOREIGN KEY (b) REFERENCES c (id), d text CONSTRAINT a_d UNIQUE); CREATE UNIQUE INDEX a_e ON a (e)"
	report(t, unnamedConstraints(newStatement(place{"migrations/00009_a.sql", 1}, good)))
}

func TestMigrationsSeeAStepThatCannotBeRunAgain(t *testing.T) {
	t.Parallel()
	head := "-- +goose NO TRANSACTION\n-- +goose Up\n"
	wantOffence(t, notRepeatable(source{"m.sql", "-- +goose Up\nCREATE TABLE IF NOT EXISTS a (b int);"}), "m.sql", "NO TRANSACTION")
	wantOffence(t, notRepeatable(source{"m.sql", head + "CREATE INDEX a_b ON a (b);"}), "m.sql:3", "IF NOT EXISTS")
	wantOffence(t, notRepeatable(source{"m.sql", head + "CREATE TABLE IF NOT EXISTS a (b int);\nINSERT INTO a (b) VALUES (1);"}), "m.sql:4", "ON CONFLICT")
	wantOffence(t, notRepeatable(source{"m.sql", head + "ALTER TABLE a ADD COLUMN IF NOT EXISTS b int;\nUPDATE a SET b = 1;"}), "m.sql:4", "one or the other")
	wantOffence(t, notRepeatable(source{"m.sql", head + "CREATE TABLE IF NOT EXISTS a (b int);\n-- +goose Down\n"}), "m.sql", "forward")
	report(t, notRepeatable(source{"m.sql", head + "CREATE SEQUENCE IF NOT EXISTS a_seq;\nINSERT INTO a (b) VALUES (1)\nON CONFLICT (b) DO NOTHING;\n"}))
}

func TestWrongGrantsAreSeen(t *testing.T) {
	t.Parallel()
	table := "-- owner: ledger\n-- append-only\n-- why\nCREATE TABLE IF NOT EXISTS a (b int);\n"
	wantOffence(t, wrongGrants(table+"GRANT SELECT, INSERT, UPDATE ON a TO fenlu_app;"), "a is append-only", "UPDATE")
	wantOffence(t, wrongGrants(table+"GRANT SELECT, DELETE ON c, a TO fenlu_app;"), "a is append-only", "DELETE")
	report(t, wrongGrants(table+"GRANT SELECT, INSERT ON a TO fenlu_app;"))
}

// unnamedConstraints lists the constraints of a migration without a name of
// their own: an unnamed one gets another name on each database.
func unnamedConstraints(s statement) []string {
	var out []string
	for _, m := range constraintWord.FindAllStringIndex(s.text, -1) {
		word := strings.ToUpper(strings.TrimRight(s.text[m[0]:m[1]], " \n\t("))
		before := s.text[:m[0]]
		if strings.HasSuffix(word, "INDEX") || namedBefore.MatchString(before) || keyBefore.MatchString(before) {
			continue
		}
		at := s.at(m[0])
		out = append(out, fmt.Sprintf("%s:%d: %s has no name: write CONSTRAINT name %s (docs/adr/0005-migrations.md)", at.path, at.line, word, word))
	}
	return out
}

// notRepeatable lists what keeps a migration from being run again after it
// stopped half-way, as it does where every DDL statement commits.
func notRepeatable(m source) []string {
	var out []string
	say := func(at place, problem string) {
		out = append(out, fmt.Sprintf("%s:%d: %s (docs/adr/0005-migrations.md)", at.path, at.line, problem))
	}
	if !strings.Contains(m.text, "-- +goose NO TRANSACTION") {
		say(place{m.path, 1}, "needs -- +goose NO TRANSACTION: CockroachDB commits each DDL statement by itself")
	}
	if strings.Contains(m.text, "-- +goose Down") {
		say(place{m.path, 1}, "has a Down part: migrations go forward only, mend with the next one")
	}
	s := newStatement(place{m.path, 1}, m.text)
	for _, c := range createAny.FindAllStringSubmatchIndex(s.text, -1) {
		if c[2] < 0 {
			say(s.at(c[0]), strings.Join(strings.Fields(s.text[c[0]:c[1]]), " ")+" cannot be run again: write IF NOT EXISTS")
		}
	}
	for _, r := range insertRows.FindAllStringIndex(s.text, -1) {
		if !onConflict.MatchString(s.text[r[0]:r[1]]) {
			say(s.at(r[0]), "these rows cannot be put in again: write ON CONFLICT (columns) DO NOTHING")
		}
	}
	if data := changeWord.FindStringSubmatchIndex(s.text); data != nil && ddlWord.MatchString(s.text) {
		say(s.at(data[2]), "changes tables and rows that are there in one file: do one or the other")
	}
	return out
}

// wrongGrants lists the append-only tables of which the application's role
// may do more than read and add rows.
func wrongGrants(migrations string) []string {
	appendOnly := map[string]bool{}
	for _, tbl := range ownedTables(migrations) {
		appendOnly[tbl.name] = tbl.appendOnly
	}
	var out []string
	for _, g := range appGrant.FindAllStringSubmatch(sqlComment.ReplaceAllString(migrations, ""), -1) {
		for name := range strings.SplitSeq(g[2], ",") {
			if !appendOnly[strings.TrimSpace(name)] {
				continue
			}
			for right := range strings.SplitSeq(strings.ToUpper(g[1]), ",") {
				if right = strings.TrimSpace(right); right != "SELECT" && right != "INSERT" {
					out = append(out, fmt.Sprintf("%s is append-only, yet fenlu_app is granted %s on it: grant SELECT and INSERT, and write a new row instead (DESIGN §2 promise 6)",
						strings.TrimSpace(name), right))
				}
			}
		}
	}
	return out
}
