package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"testing"

	"fenlu/internal/i18n"
)

// codeArgument says which argument of a function of errs or i18n is a code.
var codeArgument = map[string]int{
	"errs.New": 1, "errs.Wrap": 2, "errs.WithFields": 0, "i18n.T": 1,
}

func TestEveryCodeHasItsText(t *testing.T) {
	t.Parallel()
	byDir := map[string][]goFile{}
	for _, f := range goTree(t) {
		if !f.isTest() && !f.in("internal/arch") {
			byDir[path.Dir(f.path)] = append(byDir[path.Dir(f.path)], f)
		}
	}
	for _, files := range byDir {
		report(t, textless(files, i18n.Has))
	}
}

func TestACodeWithoutTextIsSeen(t *testing.T) {
	t.Parallel()
	has := func(code string) bool { return code == "LEDGER_KNOWN" }
	for _, line := range []string{
		`var e = errs.New(errs.Refused, "LEDGER_NEW", "a", 1)`,
		`var e = errs.Wrap(err, errs.Internal, "LEDGER_NEW")`,
		`var e = errs.WithFields("LEDGER_NEW", nil)`,
		`var e = errs.Field{Row: 1, Code: "LEDGER_NEW"}`,
		`var e = []errs.Field{{Code: "LEDGER_NEW"}}`,
		`var e = errs.New(errs.Refused, codeNew)`,
	} {
		f := parse(t, "ledger/a.go", "package ledger\n"+line+"\n")
		consts := parse(t, "ledger/b.go", "package ledger\nconst codeNew = \"LEDGER_NEW\"\n")
		wantOffence(t, textless([]goFile{f, consts}, has), "ledger/a.go:2", "LEDGER_NEW", "internal/i18n/text_")
	}
	report(t, textless([]goFile{parse(t, "ledger/a.go", `package ledger
var e = errs.New(errs.Refused, "LEDGER_KNOWN")
var f = errs.New(errs.Refused, code)
var g = other.New(1, "LEDGER_NEW")
`)}, has))
}

// textless lists the codes of one package's files that the catalogue lacks.
// A code that is computed is left to the tests of whoever computes it.
func textless(files []goFile, has func(string) bool) []string {
	consts := stringConsts(files)
	var out []string
	for _, f := range files {
		for _, e := range codes(f) {
			code, ok := constant(e, consts)
			if !ok || has(code) {
				continue
			}
			at := f.at(e.Pos())
			out = append(out, fmt.Sprintf("%s:%d: code %s has no text: add it in Chinese and English to internal/i18n/text_<domain>.go", at.path, at.line, code))
		}
	}
	return out
}

// codes are the expressions of a file that stand where a code is wanted.
func codes(f goFile) []ast.Expr {
	var out []ast.Expr
	ast.Inspect(f.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if i, ok := codeArgument[qualified(n.Fun)]; ok && i < len(n.Args) {
				out = append(out, n.Args[i])
			}
		case *ast.CompositeLit:
			out = append(out, fieldCodes(n)...)
		}
		return true
	})
	return out
}

// fieldCodes is the Code of errs.Field{…}, and of each of []errs.Field{{…}}.
func fieldCodes(lit *ast.CompositeLit) []ast.Expr {
	typ, elts := lit.Type, lit.Elts
	if array, ok := typ.(*ast.ArrayType); ok && qualified(array.Elt) == "errs.Field" {
		var out []ast.Expr
		for _, e := range elts {
			if inner, ok := e.(*ast.CompositeLit); ok && inner.Type == nil {
				out = append(out, codeOf(inner.Elts)...)
			}
		}
		return out
	}
	if qualified(typ) != "errs.Field" && qualified(typ) != "errs.Error" {
		return nil
	}
	return codeOf(elts)
}

func codeOf(elts []ast.Expr) []ast.Expr {
	for _, e := range elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Code" {
				return []ast.Expr{kv.Value}
			}
		}
	}
	return nil
}

// qualified is "errs.New" of the expression errs.New.
func qualified(e ast.Expr) string {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return pkg.Name + "." + sel.Sel.Name
}

// stringConsts are the string constants of a package.
func stringConsts(files []goFile) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		for _, d := range f.file.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.CONST {
				continue
			}
			for _, s := range gen.Specs {
				spec, ok := s.(*ast.ValueSpec)
				if !ok {
					continue
				}
				for i, name := range spec.Names {
					if i < len(spec.Values) {
						if text, ok := constant(spec.Values[i], nil); ok {
							out[name.Name] = text
						}
					}
				}
			}
		}
	}
	return out
}

func constant(e ast.Expr, consts map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		text, ok := consts[e.Name]
		return text, ok
	}
	return "", false
}
