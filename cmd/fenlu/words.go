package main

import (
	"context"
	"strings"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/parties"
	"fenlu/internal/db"
	"fenlu/internal/i18n"
)

// words are the names of what rows have by their codes: areas, programs and their
// components. A code that is not known stands for itself.
type words struct {
	areas    map[string]parties.Area
	programs benefits.Catalogue
}

// words reads the names of areas, and of all programs.
func (s *services) words(ctx context.Context, q db.Querier, areas []string) (words, error) {
	programs, err := benefits.LoadCatalogue(ctx, q)
	if err != nil {
		return words{}, err
	}
	names, err := s.Parties.Areas(ctx, q, areas)
	return words{names, programs}, err
}

// area is an area's name (乡镇名称).
func (w words) area(code string) string { return townshipName(w.areas[code].Name, code) }

// program is a program's name (项目).
func (w words) program(code string, lang i18n.Lang) string {
	if p, ok := w.programs.Program(code); ok {
		return p.Name(lang)
	}
	return code
}

// component is a component's name (分项).
func (w words) component(program, code string, lang i18n.Lang) string {
	if p, ok := w.programs.Program(program); ok {
		if c, ok := p.Component(code); ok {
			return c.Name(lang)
		}
	}
	return code
}

// terms are the terms of a formula in words, added up.
func (w words) terms(all []benefits.Term, lang i18n.Lang) string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.Words(lang, func(t benefits.Term) string {
			return strings.TrimSpace(w.program(t.Program, lang) + " " + w.component(t.Program, t.Component, lang) + " " + t.Class)
		})
	}
	return strings.Join(out, " + ")
}

// codes are the codes of rows.
func codes[T any](rows []T, code func(T) string) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = code(r)
	}
	return out
}
