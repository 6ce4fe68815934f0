package arch

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// statement is a piece of SQL and where it begins. text has its comments and
// quoted values blanked out, so that rules see code only; offsets and lines
// are those of the original.
type statement struct {
	place
	text string
}

// at is the place of a byte of the statement.
func (s statement) at(offset int) place {
	return place{s.path, s.line + strings.Count(s.text[:offset], "\n")}
}

var (
	// statements and their parts are written in capitals or, if not, are told
	// from English by their second word
	sqlCapitals = regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|COPY|TRUNCATE|GRANT|REVOKE|LOCK|MERGE|LISTEN|NOTIFY|DO|` +
		`FROM|WHERE|AND|OR|JOIN|LEFT|INNER|CROSS|ORDER|GROUP|HAVING|RETURNING|ON CONFLICT|ON|UNION|VALUES|LIMIT|SET)\s`)
	sqlLower = regexp.MustCompile(`(?is)^(select\s.+\sfrom\s|select\s+\w+\(|insert\s+into\s|update\s+\w+\s+(\w+\s+)?set\s|delete\s+from\s|with\s+(recursive\s+)?\w+\s*(\([\w\s,]+\)\s*)?as\s*\(|` +
		`(create|alter|drop)\s+(or\s+replace\s+|unique\s+|temp\s+|temporary\s+)?(table|index|view|sequence|trigger|function|domain|type|role)\s|truncate\s+\w+$|lock\s+table\s|merge\s+into\s|(un)?listen\s+\w+$|notify\s+\w+$|do\s+\$)`)
	sqlComment = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/`)
	sqlQuoted  = regexp.MustCompile(`(?s)'(?:[^']|'')*'`)
)

// sqlExempt are the rooms whose SQL is not the product's: db speaks to one
// database at a time and asks which it is; the others are about tests.
var sqlExempt = []string{"internal/db", "internal/pgtest", "internal/arch", "internal/mutants"}

// statements is all SQL of the tree: the migrations and every string of the
// program that is SQL or a part of it.
func statements(t *testing.T) []statement {
	t.Helper()
	var out []statement
	for _, m := range migrationTree(t) {
		out = append(out, newStatement(place{m.path, 1}, m.text))
	}
	for _, f := range goTree(t) {
		if !f.isTest() && !inAny(f, sqlExempt) {
			out = append(out, goStatements(f)...)
		}
	}
	return out
}

func inAny(f goFile, rooms []string) bool {
	for _, r := range rooms {
		if f.in(r) {
			return true
		}
	}
	return false
}

func newStatement(at place, text string) statement {
	blank := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			return ' '
		}, s)
	}
	// what is quoted may hold "--", and a comment may hold a quote: comments
	// go first, because migrations comment in prose with apostrophes
	text = sqlComment.ReplaceAllStringFunc(text, blank)
	text = sqlQuoted.ReplaceAllStringFunc(text, func(s string) string { return "'" + blank(s[1:len(s)-1]) + "'" })
	return statement{at, text}
}

// goStatements finds the SQL in a Go file. Strings joined with + are one;
// whatever stands between them that is not a string becomes a bare x.
func goStatements(f goFile) []statement {
	var out []statement
	ast.Inspect(f.file, func(n ast.Node) bool {
		if _, isImport := n.(*ast.ImportSpec); isImport {
			return false
		}
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, ok := joined(e)
		if !ok {
			return true
		}
		if looksLikeSQL(text) {
			out = append(out, newStatement(f.at(e.Pos()), text))
		}
		return false
	})
	return out
}

// joined is the text of a string literal or of a sum with one in it.
func joined(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		l, lok := joined(e.X)
		r, rok := joined(e.Y)
		if !lok && !rok {
			return "", false
		}
		if !lok {
			l = " x "
		}
		if !rok {
			r = " x "
		}
		return l + r, true
	case *ast.ParenExpr:
		return joined(e.X)
	}
	return "", false
}

func looksLikeSQL(s string) bool {
	s = strings.TrimSpace(sqlComment.ReplaceAllString(s, " "))
	s = strings.TrimPrefix(s, "x ") // what stood before the first string
	return sqlCapitals.MatchString(s+" ") || sqlLower.MatchString(s)
}

func TestLooksLikeSQL(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"SELECT id FROM lot":                        true,
		"\n\t-- why\n\tselect id\n\tfrom lot":       true,
		"with x as (select 1) select 2":             true,
		"update lot set seq = 1":                    true,
		"WHERE id = $1":                             true,
		"select a lot first":                        false,
		"update the account, then submit":           false,
		"with a newer verified account":             false,
		"Create the batch":                          false,
		"delete from":                               false,
		"INSERT INTO lot (id) VALUES ($1)":          true,
		"listen":                                    false,
		"create unique index if not exists a on b":  true,
		"select coalesce(sum(amount_fen), 0)::int8": true,
	} {
		if got := looksLikeSQL(s); got != want {
			t.Errorf("looksLikeSQL(%q) = %v", s, got)
		}
	}
}

func TestGoStatementsJoinsAndSkips(t *testing.T) {
	t.Parallel()
	f := parse(t, "ledger/x_store.go", `package x
import "fmt"
const head = "SELECT id, note -- not 'xmin\n FROM lot WHERE kind = 'do /* it' "
var q = head + "ORDER BY id"
func f() { fmt.Println("with a friend", `+"`\n select id\n from lot`"+`+cols+" LIMIT 1") }
`)
	got := goStatements(f)
	if len(got) != 3 {
		t.Fatalf("found %d statements, want 3: %+v", len(got), got)
	}
	if got[0].line != 3 || strings.Contains(got[0].text, "xmin") {
		t.Errorf("first: %+v", got[0])
	}
	if !strings.Contains(got[2].text, "x  LIMIT 1") {
		t.Errorf("joined: %q", got[2].text)
	}
}
