package terms

import (
	"testing"

	"fenlu/internal/i18n"

	"github.com/google/go-cmp/cmp"
)

// every value of every list must be read back from its code and both words
func checkList[W word](t *testing.T, prefix string, list []W, parse func(string) (W, bool)) {
	t.Helper()
	for _, w := range list {
		if !i18n.Has(prefix + "." + string(w)) {
			t.Errorf("%s.%s has no text", prefix, w)
		}
		for _, text := range []string{string(w), name(i18n.ZH, prefix, w), name(i18n.EN, prefix, w), " " + name(i18n.ZH, prefix, w) + " "} {
			if got, ok := parse(text); !ok || got != w {
				t.Errorf("%s: %q read as %q, %v; want %q", prefix, text, got, ok, w)
			}
		}
	}
	for _, bad := range []string{"", "乱写", "centrall"} {
		if got, ok := parse(bad); ok {
			t.Errorf("%s: %q was read as %q", prefix, bad, got)
		}
	}
}

func TestListsAreReadBack(t *testing.T) {
	t.Parallel()
	checkList(t, "level", Levels(), ParseLevel)
	checkList(t, "residence", Residences(), ParseResidence)
	checkList(t, "relation", Relations(), ParseRelation)
	checkList(t, "payee_role", PayeeRoles(), ParsePayeeRole)
	checkList(t, "id_type", IDTypes(), ParseIDType)
	checkList(t, "account_kind", AccountKinds(), ParseAccountKind)
	checkList(t, "unit_kind", UnitKinds(), ParseUnitKind)
}

func TestWordsOfTheImportFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Level{"中央": Central, "省": Province, "市": Prefecture, "县": County, "福彩": Lottery, "捐赠": Donation} {
		if got, ok := ParseLevel(text); !ok || got != want {
			t.Errorf("%q read as %q, %v", text, got, ok)
		}
	}
	for text, want := range map[string]UnitKind{"供养机构": CareHome, "救助站": ReliefStation, "儿童福利机构": ChildrenHome, "承接单位": Supplier, "乡镇": Township} {
		if got, ok := ParseUnitKind(text); !ok || got != want {
			t.Errorf("%q read as %q, %v", text, got, ok)
		}
	}
	if got := Options(i18n.ZH, "relation"); got != "户主/配偶/子女/父母/其他" {
		t.Errorf("relations in a sentence: %q", got)
	}
}

func TestMonth(t *testing.T) {
	t.Parallel()
	m, err := ParseMonth("2026-10")
	if err != nil {
		t.Fatal(err)
	}
	got := []any{m.First().Format("2006-01-02"), m.Last().Format("2006-01-02"), m.Year(), m.Number(), m.Add(3), m.Add(-10), m.Since("2025-12")}
	if diff := cmp.Diff([]any{"2026-10-01", "2026-10-31", 2026, 10, Month("2027-01"), Month("2025-12"), 10}, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "2026-13", "2026-1", "202610", "0000-01"} {
		if _, err := ParseMonth(bad); err == nil || Month(bad).IsValid() {
			t.Errorf("%q was read as a month", bad)
		}
	}
	months, err := Range("2026-11", "2027-01")
	if diff := cmp.Diff([]Month{"2026-11", "2026-12", "2027-01"}, months); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
