package audit

import (
	"strings"
	"testing"

	"fenlu/disbursement/rules"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
)

// TestChecks_say_what_they_look_for: each has its finding, its rule in words, figures
// that a document can set and a list that can be imported; findings that concern a
// month or a demand are all there (peers-and-audits §5).
func TestChecks_say_what_they_look_for(t *testing.T) {
	t.Parallel()
	seen, of := map[string]bool{}, map[int]bool{}
	for _, c := range Checks() {
		of[c.No] = true
		for _, code := range []string{"audit.check." + c.Code, "audit.rule." + c.Code} {
			if !i18n.Has(code) || seen[code] {
				t.Errorf("%s has no text, or two checks have it", code)
			}
			seen[code] = true
		}
		for _, name := range c.Figures {
			if _, ok := rules.DefinitionOf(name); !ok {
				t.Errorf("%s compares with %s, which nobody can set", c.Code, name)
			}
		}
		if c.List != "" && (!i18n.Has("import.kind."+c.List) || !importable(c.List)) {
			t.Errorf("%s compares with %s, which nobody can import", c.Code, c.List)
		}
		kind, _, _ := strings.Cut(strings.SplitAfterN(c.SQL, "'", 3)[1], " ")
		if !i18n.Has("audit.what." + kind) {
			t.Errorf("%s finds a %q, which has no text", c.Code, kind)
		}
	}
	for _, no := range []int{3, 5, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18, 20, 21, 23, 24} { // 25 is the bundle
		if !of[no] {
			t.Errorf("finding %d has no check", no)
		}
	}
}

func importable(kind string) bool {
	for _, l := range sheet.Layouts() {
		if l.Name == kind {
			return true
		}
	}
	return false
}
