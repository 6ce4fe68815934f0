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

// A county may be stricter than its city and never laxer.
func TestSet_At_an_area_above_bounds_what_is_below(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	row := func(name rules.Name, area, value string, op rules.Operator) rules.Figure {
		return rules.Figure{Name: name, Area: area, ValidFrom: from, Value: value, Operator: op}
	}
	set := rules.Set{
		row(rules.PublicationDays, "991300000000", "6", rules.AtLeast), row(rules.PublicationDays, "991301000000", "5", rules.Equal),
		row(rules.PublicationDays, "991302000000", "7", rules.Equal),
		row(rules.AuditReturnDays, "991300000000", "30", rules.AtMost), row(rules.AuditReturnDays, "991301000000", "60", rules.Equal),
		row(rules.PaymentDueDay, "991300000000", "10", rules.Equal), row(rules.PaymentDueDay, "991301000000", "15", rules.Equal),
	}
	for _, c := range []struct {
		name       rules.Name
		area, want string
	}{
		{rules.PublicationDays, "991301103002", "6"}, {rules.PublicationDays, "991302103002", "7"},
		{rules.AuditReturnDays, "991301103002", "30"}, {rules.PaymentDueDay, "991301103002", "15"},
	} {
		if got, _ := set.At(c.name, c.area, from); got.Value != c.want {
			t.Errorf("%s in %s: %s, want %s", c.name, c.area, got.Value, c.want)
		}
	}
}
