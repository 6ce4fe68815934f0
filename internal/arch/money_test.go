package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"testing"
)

// moneyRooms are where amounts live: there is no floating point in them.
var moneyRooms = []string{"money", "ledger", "disbursement", "bankfiles", "reconciliation", "trace"}

// floating are the names that bring floating point in.
var floating = []string{"float32", "float64", "ParseFloat", "NewFromFloat", "NewFromFloatWithExponent", "NewFromFloat32", "InexactFloat64", "Float64"}

// timelessRooms are given the time by their caller.
var timelessRooms = []string{"money", "ledger", "disbursement", "bankfiles", "reconciliation", "trace", "auth", "events"}

// machineTime are the functions of package time that read the machine's clock.
var machineTime = []string{"Now", "Since", "Until"}

func TestNoFloatsWhereMoneyLives(t *testing.T) {
	t.Parallel()
	for _, f := range goTree(t) {
		if !f.isTest() && inAny(f, moneyRooms) {
			report(t, floats(f))
		}
	}
}

func TestTheMachinesClockIsReadAtTheEdge(t *testing.T) {
	t.Parallel()
	for _, f := range goTree(t) {
		if !f.isTest() && inAny(f, timelessRooms) {
			report(t, clockReads(f))
		}
	}
}

func TestFloatsAreSeen(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"var rate float64", "var rate = 0.05", "var rate = d.InexactFloat64()", "var rate = float32(1)"} {
		f := parse(t, "ledger/a.go", "package ledger\n"+line+"\n")
		wantOffence(t, floats(f), "ledger/a.go:2", "money.Fen")
	}
	report(t, floats(parse(t, "ledger/a.go", "package ledger\nvar note = \"0.05 float64\" // float64\nvar n = 5\n")))
}

func TestClockReadsAreSeen(t *testing.T) {
	t.Parallel()
	f := parse(t, "ledger/a.go", "package ledger\nimport \"time\"\nvar at = time.Now()\n")
	wantOffence(t, clockReads(f), "ledger/a.go:3", "time.Now", "clock.Clock")
	report(t, clockReads(parse(t, "ledger/a.go", "package ledger\nvar at = s.clock.Now()\n")))
}

func floats(f goFile) []string {
	var out []string
	say := func(p token.Pos, what string) {
		at := f.at(p)
		out = append(out, fmt.Sprintf("%s:%d: %s is floating point: amounts are money.Fen, rates are decimal.Decimal from a string", at.path, at.line, what))
	}
	ast.Inspect(f.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if slices.Contains(floating, n.Name) {
				say(n.Pos(), n.Name)
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				say(n.Pos(), n.Value)
			}
		}
		return true
	})
	return out
}

func clockReads(f goFile) []string {
	var out []string
	ast.Inspect(f.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains(machineTime, sel.Sel.Name) {
			return true
		}
		if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
			at := f.at(sel.Pos())
			out = append(out, fmt.Sprintf("%s:%d: time.%s reads the machine's clock: take a clock.Clock in New, or in a pure room the time as a value",
				at.path, at.line, sel.Sel.Name))
		}
		return true
	})
	return out
}
