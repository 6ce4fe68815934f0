package arch

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docs/rules.md maps every money rule that the planning documents hold to the
// test that fails when the rule's code is taken out.

// moneyRules is how many rules each part of the list has.
var moneyRules = []struct {
	part string
	n    int
}{{"A", 37}, {"B", 18}, {"C", 16}, {"D", 12}, {"G", 7}}

// excusable are the rules that may be excused, or excused in part, with a reason.
var excusable = []string{"A2", "A34", "B14", "B16", "B17", "B18", "C9", "C14", "D7", "D11"}

var ruleRow = regexp.MustCompile(`(?m)^\| ([A-G]\d+) \| ([^|]+) \| ([^|]+) \|$`)

func TestRules_every_money_rule_has_its_test(t *testing.T) {
	t.Parallel()
	c := contentsOf(t)
	for _, s := range tree(t) {
		if s.path == "docs/rules.md" {
			report(t, c.faultsOfRules(s.text))
			return
		}
	}
	t.Error("docs/rules.md is missing")
}

func TestRules_sees_what_is_wrong(t *testing.T) {
	t.Parallel()
	c := contentsOf(t)
	whole := func(change, to string) string {
		var b strings.Builder
		for _, id := range ruleIDs() {
			row := "| " + id + " | kept | `TestRules_sees_what_is_wrong` |\n"
			if id == change {
				row = to
			}
			b.WriteString(row)
		}
		return b.String()
	}
	if faults := c.faultsOfRules(whole("", "")); len(faults) > 0 {
		t.Errorf("a whole list is refused: %v", faults)
	}
	for to, want := range map[string]string{
		"": "A7 is missing",
		"| A7 | kept | `TestRules_sees_what_is_wrong` |\n| A7 | kept | `TestRules_sees_what_is_wrong` |\n": "A7 stands there twice",
		"| A7 | kept | `TestNothing_like_it` |\n":                                                          "A7 names TestNothing_like_it, which is not there",
		"| A7 | kept | open |\n":                                            "A7 names no test",
		"| A7 | kept | excused: too hard |\n":                               "A7 may not be excused",
		"| A7 | kept | `TestRules_sees_what_is_wrong` |\n| A99 | x | y |\n": "A99 is no rule",
	} {
		if faults := c.faultsOfRules(whole("A7", to)); !slices.Contains(faults, "docs/rules.md: "+want) {
			t.Errorf("%q is not seen; seen: %v", want, faults)
		}
	}
}

// ruleIDs are the numbers of all money rules, in order.
func ruleIDs() []string {
	var ids []string
	for _, p := range moneyRules {
		for i := range p.n {
			ids = append(ids, fmt.Sprintf("%s%d", p.part, i+1))
		}
	}
	return ids
}

// faultsOfRules compares the table of docs/rules.md with the list of rules and
// with the tests of the tree.
func (c contents) faultsOfRules(text string) []string {
	var faults []string
	say := func(format string, args ...any) {
		faults = append(faults, "docs/rules.md: "+fmt.Sprintf(format, args...))
	}
	known, seen := ruleIDs(), map[string]int{}
	for _, m := range ruleRow.FindAllStringSubmatch(text, -1) {
		id, proof := m[1], m[3]
		seen[id]++
		tests := testName.FindAllString(proof, -1)
		switch {
		case !slices.Contains(known, id):
			say("%s is no rule", id)
		case seen[id] == 2:
			say("%s stands there twice", id)
		case strings.Contains(proof, "excused:") && !slices.Contains(excusable, id):
			say("%s may not be excused", id)
		case len(tests) == 0 && !strings.Contains(proof, "excused:"):
			say("%s names no test", id)
		}
		for _, name := range tests {
			if !c.tests[name] {
				say("%s names %s, which is not there", id, name)
			}
		}
	}
	for _, id := range known {
		if seen[id] == 0 {
			say("%s is missing", id)
		}
	}
	return faults
}
