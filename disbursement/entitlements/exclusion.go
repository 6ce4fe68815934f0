package entitlements

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// Side is one side of a pair: a program, one of its components or all (empty), and
// a pattern of its classes as LIKE reads it ("农村%").
type Side struct {
	Program   string `json:"program"`
	Component string `json:"component"`
	Class     string `json:"class"`
}

// Exclusion is a row of the exclusivity matrix (互斥矩阵; money-rules A36, D4,
// peers-and-audits #19): the one side excludes the other, or a fact.
type Exclusion struct {
	ID         int64     `json:"id"`
	Area       string    `json:"area"` // 12 digits; zeros: everywhere
	ValidFrom  time.Time `json:"valid_from"`
	One        Side      `json:"one"`
	Other      Side      `json:"other"` // empty where Fact is set
	Fact       Kind      `json:"fact,omitempty"`
	Scope      Scope     `json:"scope"`
	Effect     Effect    `json:"effect"`
	Document   string    `json:"document"`
	Clause     string    `json:"clause"`
	Quote      string    `json:"quote"`
	ImportFile int64     `json:"-"`
}

// Leaf is the leaf of a row.
func Leaf(e Exclusion) *leaf.Leaf {
	return leaf.New(string(proof.KindExclusion), 1).Int("id", e.ID).Text("area", e.Area).Date("valid_from", e.ValidFrom).
		Text("program", e.One.Program).Text("component", e.One.Component).Text("class", e.One.Class).
		Text("other_program", e.Other.Program).Text("other_component", e.Other.Component).Text("other_class", e.Other.Class).
		Text("fact", string(e.Fact)).Text("scope", string(e.Scope)).Text("effect", string(e.Effect)).
		Text("document", e.Document).Text("clause", e.Clause).Text("quote", e.Quote).Int("import", e.ImportFile)
}

// pair is what rows must share to follow one another.
type pair struct {
	one, other Side
	fact       Kind
	scope      Scope
}

func (e Exclusion) pair() pair { return pair{e.One, e.Other, e.Fact, e.Scope} }

// AreaPrefix is the digits that codes of places in the area begin with.
func (e Exclusion) AreaPrefix() string {
	code := strings.TrimRight(e.Area, "0")
	for _, n := range []int{0, 2, 4, 6, 9, 12} {
		if len(code) <= n {
			return e.Area[:n]
		}
	}
	return e.Area
}

func (e Exclusion) holds(area string, on time.Time) bool {
	return strings.HasPrefix(area, e.AreaPrefix()) && !e.ValidFrom.After(on)
}

// Matrix is the rows of some programs.
type Matrix []Exclusion

// Counts says whether row i is the one in force for its pair at a place on a
// date: of the smallest area that holds it, the newest.
func (m Matrix) Counts(i int, area string, on time.Time) bool {
	e := m[i]
	if !e.holds(area, on) || e.Effect == Allow {
		return false
	}
	for _, o := range m {
		if o.ID == e.ID || o.pair() != e.pair() || !o.holds(area, on) {
			continue
		}
		if len(o.AreaPrefix()) > len(e.AreaPrefix()) || (o.Area == e.Area && o.ValidFrom.After(e.ValidFrom)) {
			return false
		}
	}
	return true
}

// OfFact are the rows of a program that name a kind of fact.
func (m Matrix) OfFact(k Kind, program, component, class string) []int {
	var out []int
	for i, e := range m {
		if e.Fact == k && e.One.Program == program && (e.One.Component == "" || e.One.Component == component) && like(class, e.One.Class) {
			out = append(out, i)
		}
	}
	return out
}

// like is LIKE for patterns of which only the end may be open.
func like(text, pattern string) bool {
	start, open := strings.CutSuffix(pattern, "%")
	return text == pattern || open && strings.HasPrefix(text, start)
}

// Month is the first service month for which a row counts.
func (e Exclusion) Month() terms.Month {
	m := terms.MonthOf(e.ValidFrom)
	if e.ValidFrom.After(m.First()) {
		return m.Add(1)
	}
	return m
}

// exclusionRow is a row of an exclusions file.
type exclusionRow struct {
	Area           string    `sheet:"area_code"`
	ValidFrom      time.Time `sheet:"valid_from"`
	Program        string    `sheet:"program"`
	Component      string    `sheet:"component"`
	Class          string    `sheet:"class" validate:"max=40"`
	OtherProgram   string    `sheet:"other_program"`
	OtherComponent string    `sheet:"other_component"`
	OtherClass     string    `sheet:"other_class" validate:"max=40"`
	Fact           string    `sheet:"fact"`
	Scope          string    `sheet:"scope"`
	Effect         string    `sheet:"effect"`
	Document       string    `sheet:"document" validate:"max=100,no_personal_number"`
	Clause         string    `sheet:"clause" validate:"max=200,no_personal_number"`
	Quote          string    `sheet:"quote" validate:"max=2000,no_personal_number"`

	row Exclusion
}

// ImportExclusions imports rows of the exclusivity matrix. A row on record as it
// is changes nothing; one that differs for the same pair, area and date is a
// problem (ENTITLE_DIFFERS). Errors: SHEET_PROBLEMS with a Field for every
// problem, and what sheet.Open returns.
func (s *Service) ImportExclusions(ctx context.Context, path, actor string) (Report, error) {
	return importer[exclusionRow, Exclusion]{sheet.Exclusions, checkExclusion, freshExclusions, func(ctx context.Context, tx pgx.Tx, fresh []Exclusion, file int64) error {
		return insertExclusions(ctx, tx, fresh, file, s.clock.Now())
	}}.run(ctx, s, path, actor)
}

func checkExclusion(row sheet.Row, r *exclusionRow, is *imports.Issues) {
	e := Exclusion{ValidFrom: r.ValidFrom, Document: strings.TrimSpace(r.Document), Clause: strings.TrimSpace(r.Clause), Quote: r.Quote}
	var ok bool
	if e.Area, ok = area12(r.Area); !ok {
		is.Refuse(row.Problem("area_code", "RULE_AREA"))
	}
	if e.Scope, ok = word(r.Scope, prefixScope, scopes); !ok {
		is.Refuse(row.Problem("scope", "PARTIES_WORD", "options", options(prefixScope, scopes)))
	}
	if e.Effect, ok = word(r.Effect, prefixEffect, effects); !ok {
		is.Refuse(row.Problem("effect", "PARTIES_WORD", "options", options(prefixEffect, effects)))
	}
	if e.Fact, ok = word(r.Fact, prefixKind, kinds); !ok && strings.TrimSpace(r.Fact) != "" {
		is.Refuse(row.Problem("fact", "PARTIES_WORD", "options", options(prefixKind, kinds)))
	}
	if (strings.TrimSpace(r.OtherProgram) == "") == (strings.TrimSpace(r.Fact) == "") {
		is.Refuse(row.Problem("other_program", "ENTITLE_OTHER"))
	}
	e.One.Class, e.Other.Class = pattern(r.Class), pattern(r.OtherClass)
	r.row = e
}

// pattern is a class as LIKE reads it: * at its end is whatever follows, empty is
// every class.
func pattern(class string) string {
	class = strings.NewReplacer(`\`, "", "%", "").Replace(strings.TrimSpace(class))
	if start, open := strings.CutSuffix(class, "*"); open || class == "" {
		return start + "%"
	}
	return class
}

func area12(code string) (string, bool) {
	code = ident.Normalize(code)
	if code == "" || code == "全国" {
		return strings.Repeat("0", 12), true
	}
	code += strings.Repeat("0", max(0, 12-len(code)))
	return code, len(code) == 12 && strings.Trim(code, "0123456789") == ""
}

func freshExclusions(ctx context.Context, tx pgx.Tx, table *imports.Sheet[exclusionRow], is *imports.Issues) ([]Exclusion, error) {
	catalogue, err := benefits.LoadCatalogue(ctx, tx)
	if err != nil {
		return nil, err
	}
	known, err := Exclusions(ctx, tx)
	if err != nil {
		return nil, err
	}
	stored := len(known)
	for _, r := range table.Rows {
		e := r.Value.row
		at := func(key, value string) {
			is.Say(table.At(r.Row, key, value), "ENTITLE_PROGRAM", "options", catalogue.ProgramOptions())
		}
		var ok bool
		if e.One, ok = side(catalogue, r.Value.Program, r.Value.Component, e.One.Class); !ok {
			at("program", r.Value.Program)
		}
		if e.Fact != "" {
			e.Other = Side{}
		} else if e.Other, ok = side(catalogue, r.Value.OtherProgram, r.Value.OtherComponent, e.Other.Class); !ok && r.Value.OtherProgram != "" {
			at("other_program", r.Value.OtherProgram)
		}
		i := slices.IndexFunc(known, func(k Exclusion) bool {
			return k.pair() == e.pair() && k.Area == e.Area && k.ValidFrom.Equal(e.ValidFrom)
		})
		switch {
		case i < 0:
			known = append(known, e)
		case i >= stored:
			is.Say(table.At(r.Row, "program", r.Value.Program), "ENTITLE_TWICE")
		case known[i].Effect != e.Effect || known[i].Document != e.Document || known[i].Clause != e.Clause || known[i].Quote != e.Quote:
			is.Say(table.At(r.Row, "effect", r.Value.Effect), "ENTITLE_DIFFERS", "document", known[i].Document)
		}
	}
	return known[stored:], nil
}

// side reads a program and component as people write them.
func side(c benefits.Catalogue, program, component, class string) (Side, bool) {
	p, ok := c.Program(program)
	if !ok || strings.TrimSpace(component) == "" {
		return Side{Program: p.Code, Class: class}, ok
	}
	part, ok := p.Component(component)
	return Side{Program: p.Code, Component: part.Code, Class: class}, ok
}
