package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// construct is SQL that the two databases do not share, or that the house
// does not use: why, and what to write instead. In a fragment, too, it cannot
// be mistaken for anything but SQL when plain is set; then every string of the
// program is searched for it, however the statement is put together.
type construct struct {
	name    string
	pattern *regexp.Regexp
	why     string
	instead string
	plain   bool
}

func forbid(name, pattern, why, instead string) construct {
	return construct{name: name, pattern: regexp.MustCompile(`(?is)` + pattern), why: why, instead: instead}
}

// anywhere makes a construct one that fragments are searched for.
func anywhere(c construct) construct {
	c.plain = true
	return c
}

// forbidden is the table behind docs/adr/0004-sql-style.md. "Measured" is on
// PostgreSQL 15.18 and CockroachDB 21.1 and 22.1. Two more rows of it are kept
// elsewhere: several steps in one migration and unnamed constraints in
// migrations_test.go, errors told apart by their text below.
var forbidden = []construct{
	forbid("serial", `\b(small|big)?serial[248]?\b`, "its numbers are not in the order of commits, on either database",
		"bigint from a sequence drawn in blocks (docs/adr/0006-keys-and-ids.md); poll pending rows, never \"id > last seen\""),
	anywhere(forbid("identity column", `generated\s+(always|by\s+default)\s+as\s+identity`, "its numbers are not in the order of commits, on either database",
		"bigint from a sequence drawn in blocks (docs/adr/0006-keys-and-ids.md); poll pending rows, never \"id > last seen\"")),
	anywhere(forbid("deferrable constraint", `\bdeferrable\b(\s+initially\s+deferred\b)?|\bset\s+constraints\b`, "CockroachDB has none",
		"write in an order that holds at every statement")),
	forbid("LISTEN or NOTIFY", `\b(un)?listen\s+\w|\bnotify\s+\w|\bpg_notify\b`, "CockroachDB has none", "poll pending rows"),
	anywhere(forbid("advisory lock", `\bpg_(try_)?advisory\w*`, "CockroachDB's returns true and locks nothing (measured)", "take a lock row FOR UPDATE")),
	anywhere(forbid("transaction id", `\bxid8?\b|\btxid_\w+|\bpg_(current_)?(snapshot|xact)\w*|\b(xmin|xmax|cmin|cmax|ctid)\b`, "CockroachDB has none",
		"draw a number of our own after the locks are held")),
	anywhere(forbid("trigger", `\bcreate\s+(or\s+replace\s+)?(constraint\s+)?trigger\b`, "CockroachDB has them from 24.3 on, for rows only",
		"put the rule into the domain and a CHECK under it")),
	anywhere(forbid("function in the database", `\bplpgsql\b|\bcreate\s+(or\s+replace\s+)?(function|procedure)\b|\bdo\s+\$`, "CockroachDB has PL/pgSQL and DO in part, from 24.3 on",
		"put it into Go")),
	anywhere(forbid("domain type", `\bcreate\s+domain\b`, "CockroachDB has none", "a CHECK on the column")),
	forbid("range type or EXCLUDE", `\b(int4|int8|num|ts|tstz|date)(multi)?range\b|\bexclude\s+using\b`, "CockroachDB has neither",
		"two columns, a unique index on the start, and the check in the posting statement"),
	anywhere(forbid("column grant", `\bgrant\s+[a-z, ]*\b(select|insert|update|references)\s*\(`, "CockroachDB has none",
		"grant on the table, or make a table of the columns that may change")),
	forbid("integer division", `/`, "7/2 is 3.5 on CockroachDB and 3 on PostgreSQL (measured)", "div(), or divide in Go"),
	forbid("json text", `\bjson\b|\bjsonb?_(?:text|build_object_text)\b|\brow_to_json\b|\bto_json\b|\bjson_\w+\s*\(`, "order of keys and white space are not kept",
		"jsonb; what is hashed or signed is bytea"),
	anywhere(forbid("SKIP LOCKED", `\bskip\s+locked\b`, "needs CockroachDB 22.2", "lock one row, or claim with UPDATE … WHERE state = …")),
	forbid("hash in SQL", `\b(sha\d{3}|md5|digest|hashtext\w*|hmac)\s*\(`, "the functions and their results are not the same", "hash in Go"),
	anywhere(forbid("MERGE", `\bmerge\s+into\b`, "CockroachDB has none", "INSERT … ON CONFLICT (columns) DO UPDATE")),
	anywhere(forbid("generate_series of dates", `\bgenerate_series\s*\([^)]*\b(date|interval|timestamp|timestamptz)\b`, "CockroachDB's knows integers and timestamps only",
		"make the dates in Go and pass them to unnest")),
	anywhere(forbid("ON CONFLICT without columns", `\bon\s+conflict\s+(do\b|on\s+constraint\b)`, "the subset is ON CONFLICT (columns), and a reader sees which conflict is meant",
		"name the columns: ON CONFLICT (columns)")),
	forbid("SELECT *", `\bselect\s+(distinct\s+)?\*|\b[a-z_]\w*\.\*`, "a new column changes what is read", "spell the columns out"),
	anywhere(forbid("temporary or unlogged table", `\bcreate\s+((global|local)\s+)?(temp|temporary|unlogged)\s+table\b`, "CockroachDB's temporary tables are experimental, and a step cannot be resumed from one",
		"stage in a table of the migrations, keyed by the batch")),
	anywhere(forbid("LOCK TABLE", `\block\s+table\b`, "CockroachDB has none", "lock the rows FOR UPDATE, in id order")),
	forbid("floating point", `\b(double\s+precision|real|float[48]?)\b`, "money is never a float", "bigint fen, or numeric for a rate"),
	forbid("time without zone", `\btimestamp\b(\s+without\b)?(\s*\()?`, "it means another moment on a server with another zone", "timestamptz, or date for a business date"),
}

// allowance lets one construct pass in one file, for a reason.
type allowance struct{ path, name, reason string }

// allowances is empty as long as nothing needs one; a new line needs a reason
// that a reviewer would accept.
var allowances []allowance

func TestSQLKeepsToTheSharedSubset(t *testing.T) {
	t.Parallel()
	for _, s := range statements(t) {
		report(t, unshared(s))
		report(t, uncastSums(s))
	}
}

func TestSQLFragmentsKeepToTheSharedSubset(t *testing.T) {
	t.Parallel()
	for _, f := range goTree(t) {
		if !f.isTest() && !inAny(f, sqlExempt) {
			report(t, unsharedFragments(f))
		}
	}
}

func TestErrorsAreNotToldApartByTheirText(t *testing.T) {
	t.Parallel()
	for _, f := range goTree(t) {
		if !f.isTest() && !inAny(f, sqlExempt) {
			report(t, errorTexts(f))
		}
	}
}

func TestSQLSeesEachForbiddenConstruct(t *testing.T) {
	t.Parallel()
	offences := map[string][]string{
		"serial":                      {"CREATE TABLE a (id bigserial PRIMARY KEY)", "CREATE TABLE a (id serial8)"},
		"identity column":             {"CREATE TABLE a (id bigint GENERATED BY DEFAULT AS IDENTITY)"},
		"deferrable constraint":       {"ALTER TABLE a ADD CONSTRAINT b FOREIGN KEY (c) REFERENCES d (e) DEFERRABLE INITIALLY DEFERRED"},
		"LISTEN or NOTIFY":            {"LISTEN outbox", "SELECT pg_notify('a', 'b')"},
		"advisory lock":               {"SELECT pg_advisory_xact_lock(1)", "SELECT pg_try_advisory_lock(1)"},
		"transaction id":              {"SELECT txid_current()", "SELECT a FROM b WHERE xmin = 1", "SELECT pg_current_xact_id()"},
		"trigger":                     {"CREATE TRIGGER a AFTER INSERT ON b FOR EACH ROW EXECUTE FUNCTION c()"},
		"function in the database":    {"DO $$ BEGIN END $$", "CREATE OR REPLACE FUNCTION a() RETURNS int"},
		"domain type":                 {"CREATE DOMAIN fen AS bigint"},
		"range type or EXCLUDE":       {"ALTER TABLE a ADD COLUMN span int8range"},
		"column grant":                {"GRANT SELECT, UPDATE (state) ON a TO b"},
		"integer division":            {"SELECT amount_fen / 100 FROM a"},
		"json text":                   {"ALTER TABLE a ADD COLUMN b json", "SELECT b::json FROM a", "SELECT json_agg(b) FROM a"},
		"SKIP LOCKED":                 {"SELECT a FROM b FOR UPDATE SKIP LOCKED"},
		"hash in SQL":                 {"SELECT sha256(a) FROM b", "SELECT hashtext(a) FROM b"},
		"MERGE":                       {"MERGE INTO a USING b ON true"},
		"generate_series of dates":    {"SELECT d FROM generate_series($1::date, $2::date, '1 day') d"},
		"ON CONFLICT without columns": {"INSERT INTO a (b) VALUES (1) ON CONFLICT DO NOTHING"},
		"SELECT *":                    {"SELECT * FROM a", "SELECT b.* FROM a b"},
		"temporary or unlogged table": {"CREATE TEMP TABLE a (b int)", "CREATE UNLOGGED TABLE a (b int)"},
		"LOCK TABLE":                  {"LOCK TABLE a IN EXCLUSIVE MODE"},
		"floating point":              {"ALTER TABLE a ADD COLUMN b double precision"},
		"time without zone":           {"ALTER TABLE a ADD COLUMN b timestamp NOT NULL"},
	}
	for _, c := range forbidden {
		if len(offences[c.name]) == 0 {
			t.Errorf("no offence shows the rule %q", c.name)
		}
		for _, sql := range offences[c.name] {
			if !looksLikeSQL(sql) {
				t.Errorf("not seen as SQL: %s", sql)
			}
			wantOffence(t, unshared(newStatement(place{"ledger/a_store.go", 7}, sql)), "ledger/a_store.go:7", c.name, c.why, c.instead)
		}
	}
}

func TestSQLLetsTheSharedSubsetPass(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{
		"SELECT count(*), coalesce(sum(amount_fen), 0)::bigint FROM transfer WHERE note = 'a / b' -- xmin * /",
		"INSERT INTO a (b, c) SELECT x.b, x.c FROM unnest($1::bigint[], $2::timestamptz[]) AS x(b, c) ON CONFLICT (b) DO NOTHING",
		"UPDATE account SET balance_fen = balance_fen - $2 WHERE id = $1 AND balance_fen >= $2 RETURNING balance_fen",
		"SELECT id FROM lot WHERE id = ANY($1) ORDER BY id FOR UPDATE",
		"GRANT SELECT, INSERT ON a TO fenlu_app",
	} {
		s := newStatement(place{"ledger/a_store.go", 1}, sql)
		report(t, unshared(s))
		report(t, uncastSums(s))
	}
}

func TestSQLSeesASumThatIsNotCast(t *testing.T) {
	t.Parallel()
	wrong := []string{
		"SELECT sum(amount_fen) FROM a",
		"SELECT b, sum(amount_fen), c::bigint FROM a",
		"SELECT coalesce(sum(amount_fen), 0) FROM a",
		"WITH s AS (SELECT lot, sum(amount_fen) AS n FROM a GROUP BY lot) SELECT n::bigint FROM s",
		"UPDATE a SET b = (SELECT sum(c_fen) FROM d)",
	}
	for _, sql := range wrong {
		wantOffence(t, uncastSums(newStatement(place{"ledger/a_store.go", 3}, sql)), "ledger/a_store.go:3", "::bigint")
	}
	right := []string{
		"SELECT sum(amount_fen)::bigint FROM a",
		"SELECT coalesce(sum(amount_fen), 0)::bigint FROM a",
		"SELECT (sum(debit_fen) - sum(credit_fen))::bigint FROM a",
		"SELECT coalesce(sum(amount_fen) FILTER (WHERE b), 0)::bigint FROM a",
		"SELECT sum(amount_fen) OVER (PARTITION BY lot ORDER BY id)::bigint FROM a",
		"SELECT (SELECT sum(c_fen) FROM d)::bigint FROM a",
		"SELECT cast(sum(c_fen) AS bigint) FROM a",
		"SELECT lot FROM a GROUP BY lot HAVING sum(amount_fen) <> 0",
		"SELECT sum(places) FROM a",
	}
	for _, sql := range right {
		report(t, uncastSums(newStatement(place{"ledger/a_store.go", 3}, sql)))
	}
}

func TestSQLSeesAStatementPutTogether(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`q := fmt.Sprintf("SELECT id FROM %s FOR UPDATE SKIP LOCKED", table)`: "SKIP LOCKED",
		`q := fmt.Sprintf("%s FOR UPDATE SKIP LOCKED", head)`:                 "SKIP LOCKED",
		`q := head; q += " for update skip locked"`:                           "SKIP LOCKED",
		`q := "SELECT id" + "/2 FROM lot"`:                                    "integer division",
		`b.WriteString("pg_advisory_xact_lock(")`:                             "advisory lock",
		`q := strings.Join([]string{head, "ON CONFLICT DO NOTHING"}, " ")`:    "ON CONFLICT without columns",
	} {
		f := parse(t, "ledger/a_store.go", "package ledger\nfunc f() {\n"+line+"\n}\n")
		var found []string
		for _, s := range goStatements(f) {
			found = append(found, unshared(s)...)
		}
		wantOffence(t, append(found, unsharedFragments(f)...), "ledger/a_store.go:3", want)
	}
	quiet := parse(t, "ledger/a_store.go", "package ledger\nvar a, b = `create a batch, then release it`, `a/b`\n")
	report(t, unsharedFragments(quiet))
}

func TestErrorsSeeATextThatIsCompared(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		`strings.Contains(err.Error(), "duplicate key")`,
		`strings.HasPrefix(pe.Message, "duplicate key")`,
		`err.Error() == "duplicate key"`,
	} {
		f := parse(t, "ledger/a_store.go", "package ledger\nvar twice = "+expr+"\n")
		wantOffence(t, errorTexts(f), "ledger/a_store.go:2", "SQLSTATE")
	}
	report(t, errorTexts(parse(t, "ledger/a_store.go", "package ledger\nvar a, b = fmt.Sprint(err.Error()), strings.Contains(line, `x`)\n")))
}

// unsharedFragments lists the plain constructs in strings that no statement
// begins with.
func unsharedFragments(f goFile) []string {
	var out []string
	ast.Inspect(f.file, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, ok := joined(e)
		if ok && !looksLikeSQL(text) {
			out = append(out, unsharedOf(newStatement(f.at(e.Pos()), text), true)...)
		}
		return !ok
	})
	return out
}

// comparing are the functions and operators that look into a text.
var comparing = map[string]bool{"Contains": true, "HasPrefix": true, "HasSuffix": true, "EqualFold": true, "MatchString": true, "Index": true}

// errorTexts lists the places that tell errors apart by what they say: texts
// differ between the databases and their languages.
func errorTexts(f goFile) []string {
	var out []string
	look := func(at token.Pos, operands ...ast.Expr) {
		for _, e := range operands {
			if isErrorText(e) {
				p := f.at(at)
				out = append(out, fmt.Sprintf("%s:%d: an error is told apart by its text, which the databases word differently: compare its SQLSTATE and constraint (docs/adr/0004-sql-style.md)", p.path, p.line))
			}
		}
	}
	ast.Inspect(f.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if comparing[calledName(n)] {
				look(n.Pos(), n.Args...)
			}
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				look(n.Pos(), n.X, n.Y)
			}
		}
		return true
	})
	return out
}

// isErrorText says whether an expression is err.Error() or a driver error's
// Message.
func isErrorText(e ast.Expr) bool {
	if call, ok := e.(*ast.CallExpr); ok {
		return calledName(call) == "Error" && len(call.Args) == 0
	}
	sel, ok := e.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Message"
}

// unshared lists the forbidden constructs of a statement.
func unshared(s statement) []string { return unsharedOf(s, false) }

func unsharedOf(s statement, plainOnly bool) []string {
	var out []string
	for _, c := range forbidden {
		if plainOnly && !c.plain {
			continue
		}
		for _, m := range c.pattern.FindAllStringIndex(s.text, -1) {
			at := s.at(m[0])
			if !allowed(at.path, c.name) {
				out = append(out, fmt.Sprintf("%s:%d: %s (%q): %s: %s", at.path, at.line, c.name, strings.TrimSpace(s.text[m[0]:m[1]]), c.why, c.instead))
			}
		}
	}
	return out
}

func allowed(path, name string) bool {
	for _, a := range allowances {
		if a.path == path && a.name == name && a.reason != "" {
			return true
		}
	}
	return false
}

var (
	sumCall    = regexp.MustCompile(`(?i)\bsum\s*\(`)
	lastClause = regexp.MustCompile(`(?i)\b(select|having|where|order\s+by|set|returning)\b`)
	castAfter  = regexp.MustCompile(`(?i)^\s*::\s*(bigint|int8)\b`)
	castAs     = regexp.MustCompile(`(?i)^\s*as\s+(bigint|int8)\s*\)`)
	tailAfter  = regexp.MustCompile(`(?i)^\s*(filter|over)\s*\(`)
)

// uncastSums lists the sums of fen that stay numeric: sum(bigint) is numeric,
// which scans into no int64 and prints another way on each database.
func uncastSums(s statement) []string {
	var out []string
	for _, m := range sumCall.FindAllStringIndex(s.text, -1) {
		end := closing(s.text, m[1]-1)
		if end < 0 || !strings.Contains(strings.ToLower(s.text[m[1]:end]), "_fen") || compares(s.text[:m[0]]) || cast(s.text, end+1) {
			continue
		}
		at := s.at(m[0])
		out = append(out, fmt.Sprintf("%s:%d: sum of fen is numeric: write sum(…)::bigint, or coalesce(sum(…), 0)::bigint", at.path, at.line))
	}
	return out
}

// compares says whether the sum stands where nothing is returned from it.
func compares(before string) bool {
	clauses := lastClause.FindAllString(before, -1)
	if len(clauses) == 0 {
		return false
	}
	last := strings.ToLower(clauses[len(clauses)-1])
	return last == "having" || last == "where" || strings.HasPrefix(last, "order")
}

// cast says whether the expression that ends at i, or one of the brackets
// around it, is cast to bigint.
func cast(text string, i int) bool {
	for {
		for tail := tailAfter.FindStringIndex(text[i:]); tail != nil; tail = tailAfter.FindStringIndex(text[i:]) {
			end := closing(text, i+tail[1]-1)
			if end < 0 {
				return false
			}
			i = end + 1
		}
		if castAfter.MatchString(text[i:]) || castAs.MatchString(text[i:]) {
			return true
		}
		up := leaving(text, i)
		if up < 0 {
			return false
		}
		i = up + 1
	}
}

// closing is the index of the bracket that closes the one at open.
func closing(text string, open int) int {
	if i := leaving(text, open+1); i >= 0 {
		return i
	}
	return -1
}

// leaving is the index of the first bracket after i that closes more than was
// opened after i.
func leaving(text string, i int) int {
	depth := 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}
