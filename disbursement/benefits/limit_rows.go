package benefits

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/rules"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// limitRow is a row of a limits file.
type limitRow struct {
	Program   string    `sheet:"program"`
	Component string    `sheet:"component"`
	Class     string    `sheet:"class" validate:"max=40,no_personal_number"`
	Area      string    `sheet:"area_code"`
	ValidFrom time.Time `sheet:"valid_from"`
	Operator  string    `sheet:"relation"`
	Rate      string    `sheet:"rate"`
	Greatest  string    `sheet:"greatest"`
	Base      string    `sheet:"base" validate:"max=300,no_personal_number"`
	Round     string    `sheet:"round"`
	Binding   string    `sheet:"binding"`
	Document  string    `sheet:"document" validate:"max=100,no_personal_number"`
	Clause    string    `sheet:"clause" validate:"max=200,no_personal_number"`
	Quote     string    `sheet:"quote" validate:"max=2000,no_personal_number"`

	limit Limit
}

// LimitReport is what an import of limits did.
type LimitReport = imports.Report

// ImportLimits imports what standards must keep to (标准约束). Documents that
// contradict each other are both kept; one that says another thing than it is on
// record with is a problem (POLICY_LIMIT_DIFFERS). Errors: SHEET_PROBLEMS with a
// Field for every problem (nothing is imported then), and what sheet.Open returns.
func (s *Service) ImportLimits(ctx context.Context, path, actor string) (LimitReport, error) {
	catalogue, err := LoadCatalogue(ctx, s.db.Pool())
	if err != nil {
		return LimitReport{}, err
	}
	return imports.Importer[limitRow, Limit]{
		Layout: sheet.Limits,
		Check: func(row sheet.Row, r *limitRow, is *imports.Issues) {
			is.Refuse(s.valid.Row(row, r)...)
			policyChecker{row, is}.limit(r, catalogue)
		},
		Fresh: func(ctx context.Context, tx pgx.Tx, table *imports.Sheet[limitRow], is *imports.Issues) ([]Limit, error) {
			known, err := loadLimits(ctx, tx)
			return freshLimits(table, known, is), err
		},
		Write: func(ctx context.Context, tx pgx.Tx, fresh []Limit, file int64) error {
			for _, l := range fresh {
				l.ImportFile = file
				if err := insertLimit(ctx, tx, l, s.clock.Now()); err != nil {
					return err
				}
			}
			return nil
		},
	}.Run(ctx, s.db, s.clock, path, actor)
}

// freshLimits are the rows of a file that are not on record.
func freshLimits(table *imports.Sheet[limitRow], known []Limit, is *imports.Issues) []Limit {
	stored := len(known)
	for _, r := range table.Rows {
		l := r.Value.limit
		i := slices.IndexFunc(known, func(k Limit) bool { return k.place() == l.place() })
		switch {
		case i < 0:
			known = append(known, l)
		case i >= stored:
			is.Say(table.At(r.Row, "relation", string(l.Operator)), "POLICY_LIMIT_TWICE")
		case !known[i].same(l):
			is.Say(table.At(r.Row, "rate", r.Value.Rate), "POLICY_LIMIT_DIFFERS", "known", known[i].rateText(), "document", known[i].Document)
		}
	}
	return known[stored:]
}

// limit reads a row into its limit.
func (c policyChecker) limit(r *limitRow, catalogue Catalogue) {
	l := &r.limit
	*l = Limit{Class: strings.TrimSpace(r.Class), ValidFrom: r.ValidFrom, Document: strings.TrimSpace(r.Document), Clause: strings.TrimSpace(r.Clause), Quote: r.Quote}
	l.Program, l.Component = c.component(r.Program, r.Component, r.Class, catalogue)
	var ok bool
	if l.Area, ok = rules.ParseArea(r.Area); !ok {
		c.say("area_code", "RULE_AREA")
	}
	if l.Operator, ok = parseRelation(r.Operator); !ok {
		c.say("relation", "POLICY_RELATION")
	}
	l.Binding = true
	switch strings.TrimSpace(r.Binding) {
	case "", "约束性", "binding":
	case "预期性", "expected":
		l.Binding = false
	default:
		c.say("binding", "POLICY_BINDING")
	}
	l.Round = c.round(r.Round)
	if l.Operator == Uniform {
		if r.Rate+r.Greatest+r.Base != "" {
			c.say("base", "POLICY_UNIFORM_ALONE")
		}
		return
	}
	l.Rate = c.rate("rate", r.Rate, whole())
	if l.Operator == Within {
		l.Greatest = c.rate("greatest", r.Greatest, money.Rate{})
		if l.Greatest.Cmp(l.Rate) <= 0 {
			c.say("greatest", "POLICY_BAND")
		}
	} else if r.Greatest != "" {
		c.say("greatest", "POLICY_BAND_ONLY")
	}
	if l.Base = c.base(r.Base, catalogue); len(l.Base) != 1 {
		c.say("base", "POLICY_BASE_ONE")
	}
}

// component finds program and component of a row by their words.
func (c policyChecker) component(program, component, class string, catalogue Catalogue) (string, string) {
	p, ok := catalogue.Program(program)
	if !ok {
		c.say("program", "POLICY_PROGRAM", "options", catalogue.ProgramOptions())
		return "", ""
	}
	found, ok := p.ComponentOf(component, class)
	if !ok && c.is.Read(c.row, "component", "class") {
		c.say("component", "POLICY_COMPONENT", "program", p.NameZH, "options", p.ComponentOptions())
	}
	return p.Code, found.Code
}

// round reads the name of a rounding; empty is half up.
func (c policyChecker) round(text string) money.Round {
	if text = strings.TrimSpace(text); text == "" {
		return money.HalfUp
	}
	r, err := money.ParseRound(text)
	if err != nil {
		c.say("round", "POLICY_ROUND")
	}
	return r
}

// rate reads a proportion above zero; empty is what stands for it.
func (c policyChecker) rate(key, text string, empty money.Rate) money.Rate {
	if strings.TrimSpace(text) == "" {
		return empty
	}
	r, err := money.ParseRate(text)
	if err != nil || r.Sign() <= 0 {
		c.say(key, money.CodeRate)
	}
	return r
}

// base reads the terms of a base.
func (c policyChecker) base(text string, catalogue Catalogue) []Term {
	found, part, code := parseTerms(text, catalogue)
	if code != "" {
		c.say("base", code, "part", part)
		return []Term{{}} // one is enough to say so
	}
	return found
}
