package rules_test

import (
	"testing"
	"time"

	"fenlu/disbursement/rules"
)

// The narrowest area counts, and of its rows the newest in force.
func TestSet_At(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	row := func(area, from, value string) rules.Figure {
		return rules.Figure{Name: rules.RelationAdultAge, Area: area, ValidFrom: day(from), Value: value}
	}
	set := rules.Set{row(rules.Nation, "2021-01-01", "18"), row("991301000000", "2026-07-01", "20"), row("991301000000", "2027-01-01", "19")}
	for _, c := range [][3]string{{"991301103002", "2026-06-30", "18"}, {"991301103002", "2026-07-01", "20"}, {"991301103002", "2027-01-01", "19"},
		{"991302103002", "2027-01-01", "18"}, {"991301103002", "2020-12-31", ""}} {
		if got, _ := set.At(rules.RelationAdultAge, c[0], day(c[1])); got.Value != c[2] {
			t.Errorf("%v: %q", c, got.Value)
		}
	}
	if _, ok := set.At(rules.DeathToHeir, "991301103002", day("2027-01-01")); ok {
		t.Error("another figure was found")
	}
}
