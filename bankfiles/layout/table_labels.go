package layout

import (
	"slices"
	"strings"

	"fenlu/bankfiles/record"
)

// labels takes values that stand beside their label, or with it in one cell
// after a colon; false if there are none.
func (f *tableFile) labels(s section, at record.Position, cells []string) bool {
	found := false
	for i, c := range f.p.fields(s) {
		if text, ok := f.beside(c, cells); ok && f.texts[s][i] == "" {
			f.texts[s][i], f.places[s], found = text, at, true
		}
	}
	return found
}

// beside is the value of a label: the next cell that holds anything and is no
// label itself.
func (f *tableFile) beside(c *Field, cells []string) (string, bool) {
	for i, cell := range cells {
		if c.called(cell) {
			rest := cells[i+1:]
			if j := slices.IndexFunc(rest, func(s string) bool { return s != "" }); j >= 0 && !f.isLabel(rest[j]) {
				return rest[j], true
			}
			return "", true
		}
		for _, colon := range []string{"：", ":"} {
			if label, value, ok := strings.Cut(cell, colon); ok && c.called(label) {
				return strings.TrimSpace(value), true
			}
		}
	}
	return "", false
}

func (f *tableFile) isLabel(cell string) bool {
	called := func(c *Field) bool { return c.called(cell) }
	return slices.ContainsFunc(f.p.Header, called) || slices.ContainsFunc(f.p.Trailer, called)
}
