package entitlements_test

import (
	"fmt"
	"testing"

	"fenlu/disbursement/entitlements"
)

// TestImports_of_many_files: what is decided and known comes in file after file, large
// and small, and every row has a number and a leaf of its own.
func TestImports_of_many_files(t *testing.T) {
	t.Parallel()
	env, s := open(t)
	for f := range 3 {
		var facts, events []string
		for i := range 1100 / (f + 1) {
			from := fmt.Sprintf("20%02d-%02d-%02d", 10+f, 1+i/28%12, 1+i%28)
			facts = append(facts, fmt.Sprintf("车辆,无名,%s,%s,,车管所", number(10+i/336), from))
			events = append(events, fmt.Sprintf("复核,DB,柳青,%s,个人,20%02d-%02d-%02d,,,,,表", number(1), 20+f*4+i/336, 1+i/28%12, 1+i%28))
		}
		if r, err := s.ImportFacts(t.Context(), file(t, factHead, facts...), "admin"); err != nil || r.New != len(facts) {
			t.Fatalf("file %d of facts: %+v, %v %v", f, r, err, problems(t, err))
		}
		if r, err := s.Import(t.Context(), file(t, entitlementHead, events...), "admin"); err != nil || r.New != len(events) {
			t.Fatalf("file %d of entitlements: %+v, %v %v", f, r, err, problems(t, err))
		}
	}
	if found, err := entitlements.Verify(t.Context(), env.Owner(t)); err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}

// TestVerify_names_events_and_facts_that_were_altered: whatever decides who is paid is
// in the log; rows of before leaves were kept have none.
func TestVerify_names_events_and_facts_that_were_altered(t *testing.T) {
	t.Parallel()
	env, s := open(t)
	if _, err := s.Import(t.Context(), file(t, entitlementHead, "停发,DB,柳青,"+number(1)+",家庭,2026-09-05,,,,是,停发表"), "admin"); err != nil {
		t.Fatal(err, problems(t, err))
	}
	if _, err := s.ImportFacts(t.Context(), file(t, factHead, "服刑,柳青,"+number(1)+",2026-01-05,,监狱"), "admin"); err != nil {
		t.Fatal(err, problems(t, err))
	}
	if _, err := s.ImportMeans(t.Context(), file(t, "事实,姓名,证件号码,范围,数值,项目,分项,起始日期,终止日期,依据文件", "残疾等级,柳青,"+number(1)+",,一级,,,2026-01-05,,核对报告"), "admin"); err != nil {
		t.Fatal(err, problems(t, err))
	}
	owner := env.Owner(t)
	for sql, want := range map[string]string{
		`UPDATE entitlement_event SET on_date = on_date + 31`:                                             "entitlement_leaf entitlement_event",
		`UPDATE entitlement_event SET grace = false`:                                                      "entitlement_leaf entitlement_event",
		`UPDATE entitlement_event SET household = NULL`:                                                   "entitlement_leaf entitlement_event",
		`DELETE FROM entitlement_event`:                                                                   "entitlement_leaf entitlement_event",
		`UPDATE outside_fact SET to_on = from_on`:                                                         "outside_fact_leaf outside_fact",
		`UPDATE outside_fact SET id_blind = 'x'`:                                                          "outside_fact_leaf outside_fact",
		`UPDATE outside_fact SET in_log = false, person = NULL`:                                           "outside_fact_leaf outside_fact",
		`UPDATE household_fact SET value = '二级'`:                                                          "household_fact_leaf household_fact",
		`DELETE FROM household_fact`:                                                                      "household_fact_leaf household_fact",
		`DELETE FROM outside_fact`:                                                                        "outside_fact_leaf outside_fact",
		`DELETE FROM log_pending WHERE kind = 'outside_fact'`:                                             "outside_fact_leaf outside_fact",
		`UPDATE outside_fact SET in_log = false; DELETE FROM log_pending WHERE kind = 'outside_fact'`:     "",
		`UPDATE entitlement_event SET in_log = false; DELETE FROM log_pending WHERE kind = 'entitlement'`: "",
		`INSERT INTO outside_fact SELECT 9, id_blind, person, kind, from_on, to_on, source, 1, now(), true FROM outside_fact`: "outside_fact_leaf outside_fact",
	} {
		tx, err := owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(sql, err)
		}
		got := ""
		found, err := entitlements.Verify(t.Context(), tx)
		if len(found) == 1 {
			var row string
			_, _ = fmt.Sscanf(found[0].Row, "%s", &row)
			got = found[0].Check + " " + row
		}
		if err != nil || got != want || len(found) > 1 {
			t.Errorf("%s: %+v, %v", sql, found, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
