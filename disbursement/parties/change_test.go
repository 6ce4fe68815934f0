package parties_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/check"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
)

func ground(day string) parties.Ground {
	at, _ := time.Parse(time.DateOnly, day)
	return parties.Ground{Effective: at, Document: "青民〔2026〕21号", Reason: "入户核实"}
}

func as(login string) context.Context {
	return auth.WithActor(context.Background(), auth.Actor{Login: login, Name: login, Rights: auth.NewRights(auth.PeopleImport, auth.ListApprove)})
}

func secret(n int) ident.Secret { return ident.Secret(id(n)) }

// noKeys has no once-keys to run again.
type noKeys struct{}

func (noKeys) RerunTx(context.Context, pgx.Tx, parties.PersonID, parties.PersonID, parties.ActID) ([]parties.KeyConflict, error) {
	return nil, nil
}

func (noKeys) ConflictsOfTx(context.Context, pgx.Tx, parties.ActID) ([]parties.KeyConflict, error) {
	return nil, nil
}

// house is who belongs to a household on a day: the last four of the ID and the
// relation.
func (b *bench) house(t *testing.T, code, day string) []string {
	t.Helper()
	found, err := b.Households(t.Context(), b.db.Pool(), []string{code})
	if err != nil {
		t.Fatal(err)
	}
	members, err := b.Members(t.Context(), b.db.Pool(), found[code].ID)
	if err != nil {
		t.Fatal(err)
	}
	on := ground(day).Effective
	out := []string{}
	for _, m := range members {
		if on.Before(m.From) || (!m.To.IsZero() && !on.Before(m.To)) {
			continue
		}
		people, err := b.People(t.Context(), b.db.Pool(), []parties.PersonID{m.Person})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, people[m.Person].Masked[14:]+" "+string(m.Relation))
	}
	slices.Sort(out)
	return out
}

func tail(n int) string { return id(n)[14:] }

func sorted(list ...string) []string { slices.Sort(list); return list }

func (b *bench) refused(t *testing.T, err error, code string) {
	t.Helper()
	if errs.CodeOf(err) != code {
		t.Errorf("got %s, want %s", describe(err), code)
	}
	if text := describe(err); strings.Contains(text, "{") {
		t.Errorf("an argument is missing: %s", text)
	}
}

func TestSplitHousehold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), member(2, 1, "配偶"), member(3, 1, "子女"), member(4, 1, "子女"))
	b.clock.Set(b.clock.Now().AddDate(0, 0, 6))
	split := parties.SplitHousehold{Household: "H00001", New: "H00099", Ground: ground("2026-10-12"),
		Leave: []parties.Moving{{IDNumber: secret(3), Relation: terms.Head}, {IDNumber: secret(4), Relation: terms.Spouse}}}
	act, err := b.SplitHousehold(as("zhou"), split)
	if err != nil {
		t.Fatal(describe(err))
	}
	for day, want := range map[string][2][]string{
		"2026-10-11": {sorted(tail(1)+" head", tail(2)+" spouse", tail(3)+" child", tail(4)+" child"), {}},
		"2026-10-12": {sorted(tail(1)+" head", tail(2)+" spouse"), sorted(tail(3)+" head", tail(4)+" spouse")},
	} {
		if diff := cmp.Diff(want, [2][]string{b.house(t, "H00001", day), b.house(t, "H00099", day)}); diff != "" {
			t.Errorf("%s: %s", day, diff)
		}
	}
	again, err := b.SplitHousehold(as("zhou"), split)
	if err != nil || again.ID != act.ID || !again.Replay {
		t.Errorf("%+v, %s", again, describe(err))
	}
	b.verified(t)
	// the same people on other sides of the split is another request
	other := split
	other.Leave, other.Stay = split.Leave[:1], split.Leave[1:]
	_, err = b.SplitHousehold(as("zhou"), other)
	b.refused(t, err, "PARTIES_HOUSEHOLD_TAKEN")
	if _, err := b.SplitHousehold(auth.WithActor(t.Context(), auth.Actor{Login: "he"}), split); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
		t.Error(describe(err))
	}
}

func TestSplitHousehold_refuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), member(2, 1, "配偶"), member(3, 1, "子女"), head(5))
	b.clock.Set(b.clock.Now().AddDate(0, 0, 6))
	leave := func(list ...parties.Moving) []parties.Moving { return list }
	good := parties.SplitHousehold{Household: "H00001", New: "H00099", Ground: ground("2026-10-12"), Leave: leave(parties.Moving{IDNumber: secret(3), Relation: terms.Head})}
	before := b.counts(t)
	for code, change := range map[string]func(*parties.SplitHousehold){
		"PARTIES_HOUSEHOLD_UNKNOWN": func(c *parties.SplitHousehold) { c.Household = "H77777" },
		"PARTIES_HOUSEHOLD_TAKEN":   func(c *parties.SplitHousehold) { c.New = "H00005" },
		"PARTIES_HOUSEHOLD_CODE":    func(c *parties.SplitHousehold) { c.New = "" },
		"PARTIES_NOBODY_MOVES":      func(c *parties.SplitHousehold) { c.Leave = nil },
		"PARTIES_NOT_MEMBER":        func(c *parties.SplitHousehold) { c.Leave[0].IDNumber = secret(5) },
		"PARTIES_RELATION":          func(c *parties.SplitHousehold) { c.Leave[0].Relation = "" },
		"PARTIES_MOVES_TWICE":       func(c *parties.SplitHousehold) { c.Leave = append(c.Leave, c.Leave[0]) },
		"PARTIES_BEFORE_MEMBERSHIP": func(c *parties.SplitHousehold) { c.Ground = ground("2026-10-08") },
		"VALID_PROBLEMS":            func(c *parties.SplitHousehold) { c.Document = "" },
		"PARTIES_CHANGE_HEADS":      func(c *parties.SplitHousehold) { c.Leave[0].Relation = terms.Child },
	} {
		c := good
		c.Leave = slices.Clone(good.Leave)
		change(&c)
		_, err := b.SplitHousehold(as("zhou"), c)
		b.refused(t, err, code)
	}
	late := good
	late.Ground = ground("2026-10-16")
	_, err := b.SplitHousehold(as("zhou"), late)
	b.refused(t, err, "VALID_PROBLEMS") // a day that has not come
	gone := good
	gone.Leave = leave(parties.Moving{IDNumber: secret(1), Relation: terms.Head})
	_, err = b.SplitHousehold(as("zhou"), gone)
	b.refused(t, err, "PARTIES_CHANGE_HEADS") // the rest has no head
	if diff := cmp.Diff(before, b.counts(t)); diff != "" {
		t.Error(diff)
	}
	gone.Stay = leave(parties.Moving{IDNumber: secret(2), Relation: terms.Head})
	if _, err := b.SplitHousehold(as("zhou"), gone); err != nil {
		t.Error(describe(err))
	}
	b.verified(t)
}

func TestMergeHouseholds_and_ChangeHead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), member(2, 1, "配偶"), head(3), member(4, 3, "子女"))
	b.clock.Set(b.clock.Now().AddDate(0, 0, 20))
	if _, err := b.MergeHouseholds(as("zhou"), parties.MergeHouseholds{From: "H00003", Into: "H00001", Relation: terms.Parent, Ground: ground("2026-10-15")}); err != nil {
		t.Fatal(describe(err))
	}
	if diff := cmp.Diff(sorted(tail(1)+" head", tail(2)+" spouse", tail(3)+" parent", tail(4)+" other"), b.house(t, "H00001", "2026-10-15")); diff != "" {
		t.Error(diff)
	}
	if got := b.house(t, "H00003", "2026-10-15"); len(got) != 0 {
		t.Error(got)
	}
	if _, err := b.ChangeHead(as("zhou"), parties.ChangeHead{Household: "H00001", Head: secret(2), Relation: terms.Spouse, Ground: ground("2026-10-20")}); err != nil {
		t.Fatal(describe(err))
	}
	if diff := cmp.Diff(sorted(tail(1)+" spouse", tail(2)+" head", tail(3)+" parent", tail(4)+" other"), b.house(t, "H00001", "2026-10-20")); diff != "" {
		t.Error(diff)
	}
	if got := b.house(t, "H00001", "2026-10-19"); !slices.Contains(got, tail(1)+" head") {
		t.Error(got)
	}
	b.verified(t)
}

func TestRename_CorrectIDNumber_ChangeResidence_are_versions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), head(2))
	b.clock.Set(b.clock.Now().AddDate(0, 0, 20))
	was := b.resolve(t, id(1))
	if _, err := b.Rename(as("zhou"), secret(1), "柳 新名", ground("2026-10-12")); err != nil {
		t.Fatal(describe(err))
	}
	_, err := b.Rename(as("zhou"), secret(1), "柳新名", ground("2026-10-13"))
	b.refused(t, err, "PARTIES_NO_CHANGE")
	_, err = b.CorrectIDNumber(as("zhou"), secret(1), secret(2), ground("2026-10-13"))
	b.refused(t, err, "PARTIES_ID_OF_ANOTHER")
	_, err = b.CorrectIDNumber(as("zhou"), secret(1), "991301195001010000", ground("2026-10-13"))
	b.refused(t, err, "VALID_PROBLEMS")
	if _, err = b.CorrectIDNumber(as("zhou"), secret(1), secret(7), ground("2026-10-13")); err != nil {
		t.Fatal(describe(err))
	}
	if _, err = b.ChangeResidence(as("zhou"), secret(7), terms.Urban, "991301101001", ground("2026-10-15")); err != nil {
		t.Fatal(describe(err))
	}
	for _, number := range []string{id(1), id(7)} { // the old number still finds him
		p := b.resolve(t, number)
		if p.ID != was.ID || p.Name != "柳新名" || p.Masked != ident.Mask(id(7)) || p.Version != 4 || p.Residence != terms.Urban || p.AreaCode != "991301101001" {
			t.Errorf("%+v", p)
		}
	}
	for day, want := range map[string]terms.Residence{"2026-10-01": terms.Rural, "2026-10-14": terms.Rural, "2026-10-15": terms.Urban, "2026-11-01": terms.Urban} {
		got, err := b.ResidencesOn(t.Context(), b.db.Pool(), []parties.PersonID{was.ID}, ground(day).Effective)
		if err != nil || got[was.ID] != want {
			t.Errorf("%s: %v, %v", day, got, err)
		}
	}
	// a list with the old number does not bring it back
	r, err := b.ImportPeople(t.Context(), b.file(t, peopleHead, head(1).with("姓名", "柳新名", "城乡", "农村")), "hexiao")
	if err != nil || r.Notes.Count["PARTIES_OLD_NUMBER"] != 1 {
		t.Fatalf("%v, %s", r.Notes, describe(err))
	}
	if p := b.resolve(t, id(1)); p.Masked != ident.Mask(id(7)) || p.ID != was.ID {
		t.Errorf("%+v", p)
	}
	// a death under the old number is his
	path := b.file(t, "姓名,证件号码,死亡日期,来源", person{"姓名": "柳青禾", "证件号码": id(1), "死亡日期": "2026-10-20", "来源": "殡葬"})
	if _, err := b.ImportDeaths(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(describe(err))
	}
	if found, err := b.DeathsOf(t.Context(), b.db.Pool(), []parties.PersonID{was.ID}); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	b.verified(t)
}

func TestMergePersons_needs_keys_and_a_head(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), head(2), member(3, 2, "子女"))
	_, err := b.MergePersons(as("zhou"), secret(2), secret(1), ground("2026-10-09"))
	b.refused(t, err, "PARTIES_NO_KEYS")
	b.WithKeys(noKeys{})
	_, err = b.MergePersons(as("zhou"), secret(2), secret(1), ground("2026-10-09"))
	b.refused(t, err, "PARTIES_MERGE_HEAD")
	if _, err = b.MergePersons(as("zhou"), secret(3), secret(1), ground("2026-10-09")); err != nil {
		t.Fatal(describe(err))
	}
	_, err = b.MergePersons(as("zhou"), secret(3), secret(1), ground("2026-10-10"))
	b.refused(t, err, "VALID_PROBLEMS") // a day that has not come
	_, err = b.MergePersons(as("li"), secret(1), secret(3), ground("2026-10-09"))
	b.refused(t, err, "PARTIES_SAME_RECORD")
	_, err = b.ImportPeople(t.Context(), b.file(t, peopleHead, head(1), member(3, 1, "子女")), "hexiao") // an old file names both
	if diff := cmp.Diff([]string{"3 证件号码 PARTIES_SAME_PERSON"}, problems(t, err)); diff != "" {
		t.Error(diff)
	}
	if b.resolve(t, id(3)).ID != b.resolve(t, id(1)).ID {
		t.Error("the duplicate's number does not find the record kept")
	}
	// the duplicate's number turns out to be the right one
	if _, err = b.CorrectIDNumber(as("zhou"), secret(1), secret(3), ground("2026-10-09")); err != nil {
		t.Fatal(describe(err))
	}
	b.verified(t)
}

// Of two merges at once, one of which takes the record that the other keeps, the
// second sees what the first did: no record stays merged into one that is gone.
func TestMergePersons_at_once(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.WithKeys(noKeys{})
	var rows []person
	const rounds = 6
	for n := range 3 * rounds {
		rows = append(rows, head(n+1))
	}
	b.people(t, rows...)
	for r := range rounds {
		var all sync.WaitGroup
		for _, pair := range [][2]int{{3*r + 2, 3*r + 1}, {3*r + 1, 3*r + 3}} {
			all.Go(func() {
				if _, err := b.MergePersons(as("zhou"), secret(pair[0]), secret(pair[1]), ground("2026-10-09")); err != nil {
					t.Error(describe(err))
				}
			})
		}
		all.Wait()
	}
	var chains int
	err := b.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM person p JOIN person k ON k.id = p.merged_into WHERE k.merged_into IS NOT NULL`).Scan(&chains)
	if err != nil || chains != 0 {
		t.Errorf("%d records are merged into one that was merged away, %v", chains, err)
	}
	b.verified(t)
}

// A carer whose record was merged into another is still the carer.
func TestRelation_follows_the_payee(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.WithKeys(noKeys{})
	b.people(t, head(1), head(2), head(3))
	path := b.file(t, "享受人姓名,享受人证件号码,收款关系,收款人名称,收款人证件号码,起始日期,依据文件", person{"享受人姓名": "柳青禾", "享受人证件号码": id(1),
		"收款关系": "照料人", "收款人名称": "柳青禾", "收款人证件号码": id(2), "起始日期": "2026-01-01", "依据文件": "照料协议"})
	if _, err := b.ImportRelations(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(describe(err))
	}
	if _, err := b.MergePersons(as("zhou"), secret(2), secret(3), ground("2026-10-09")); err != nil {
		t.Fatal(describe(err))
	}
	pair := parties.Pair{Person: b.resolve(t, id(1)).ID, Payee: int64(b.resolve(t, id(3)).ID), Role: terms.PayCarer}
	found, err := b.EndingsOn(t.Context(), b.db.Pool(), []parties.Pair{pair}, ground("2026-10-09").Effective)
	if err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := b.EndRelation(as("zhou"), secret(1), secret(3), ground("2026-10-09")); err != nil {
		t.Error(describe(err))
	}
	b.verified(t)
}

func TestRecomputations_until_somebody_did(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), member(2, 1, "配偶"), head(3))
	path := b.file(t, "姓名,证件号码,死亡日期,来源", person{"姓名": "柳青禾", "证件号码": id(1), "死亡日期": "2026-10-05", "来源": "殡葬"},
		person{"姓名": "柳青禾", "证件号码": id(3), "死亡日期": "2026-10-05", "来源": "殡葬"})
	if _, err := b.ImportDeaths(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(describe(err))
	}
	list := func(since string) []string {
		found, err := b.Recomputations(t.Context(), b.db.Pool(), ground(since).Effective)
		if err != nil {
			t.Fatal(err)
		}
		out := []string{}
		for _, r := range found {
			out = append(out, fmt.Sprintf("%s %s %d", r.Code, r.Masked, r.Members))
		}
		return out
	}
	if diff := cmp.Diff([]string{"H00001 " + ident.Mask(id(1)) + " 1"}, list("2026-10-01")); diff != "" {
		t.Error(diff) // 3 lived alone
	}
	if got := list("2026-10-06"); len(got) != 0 {
		t.Error(got)
	}
	if _, err := b.Recomputed(as("zhou"), secret(1), ground("2026-10-09")); err != nil {
		t.Fatal(describe(err))
	}
	if got := list("2026-10-01"); len(got) != 0 {
		t.Error(got)
	}
}

func TestReplaceAccounts_all_or_none(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), head(2), head(3).with("账号", card(2))) // 2 and 3 share an account
	const columns = "原账号,新账号,户名,核实人,核实日期"
	row := func(from, to int, name string) person {
		return person{"原账号": card(from), "新账号": card(to), "户名": name, "核实人": "农商行", "核实日期": "2026-10-08"}
	}
	before := b.rows(t, "payee_account")
	_, err := b.ReplaceAccounts(t.Context(), b.file(t, columns, row(1, 901, "柳青禾"), row(2, 902, "别人"), row(77, 977, "柳青禾"),
		row(1, 901, "柳青禾"), row(2, 902, "柳青禾").with("新账号", card(902)[:18]+"0", "原账号", card(78))), "hexiao")
	got := problems(t, err)
	want := []string{"3 户名 PARTIES_HOLDER_ON_RECORD", "3 户名 PARTIES_HOLDER_ON_RECORD", "4 原账号 PARTIES_ACCOUNT_NOT_IN_USE", "5 原账号 PARTIES_ACCOUNT_TWICE",
		"6 原账号 PARTIES_ACCOUNT_NOT_IN_USE"}
	if diff := cmp.Diff(want, got); diff != "" || b.rows(t, "payee_account") != before {
		t.Error(diff)
	}
	r, err := b.ReplaceAccounts(t.Context(), b.file(t, columns, row(1, 901, "柳青禾"), row(2, 902, "柳青禾")), "hexiao")
	if err != nil || r.Accounts.Changed != 3 || b.rows(t, "payee_account") != before+3 {
		t.Fatalf("%+v, %s", r, describe(err))
	}
	// the same list in another file changes nothing
	r, err = b.ReplaceAccounts(t.Context(), b.file(t, columns, row(2, 902, "柳青禾"), row(1, 901, "柳青禾")), "hexiao")
	if err != nil || r.Accounts.Changed != 0 || r.Accounts.Same != 2 || b.rows(t, "payee_account") != before+3 {
		t.Errorf("%+v, %s", r, describe(err))
	}
	// a row that says something else of what was replaced, or names the account of somebody who never had the old one
	_, err = b.ReplaceAccounts(t.Context(), b.file(t, columns, row(1, 901, "别人"), row(2, 901, "柳青禾")), "hexiao")
	if diff := cmp.Diff([]string{"2 原账号 PARTIES_REPLACED_DIFFERS", "3 原账号 PARTIES_ACCOUNT_NOT_IN_USE"}, problems(t, err)); diff != "" {
		t.Error(diff)
	}
	accounts, err := b.CurrentAccounts(t.Context(), b.db.Pool(), []int64{int64(b.resolve(t, id(3)).ID)})
	if err != nil || len(accounts) != 1 {
		t.Fatal(err)
	}
	for _, a := range accounts {
		if a.Version != 2 || a.Masked != ident.Mask(card(902)) || !a.Verified() || a.BankName != "青禾农商行" {
			t.Errorf("%+v", a)
		}
	}
	b.verified(t)
}

func TestImportRelations_reports_every_row(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), head(2))
	const columns = "享受人姓名,享受人证件号码,收款关系,收款人名称,收款人证件号码,起始日期,终止日期,依据文件"
	good := person{"享受人姓名": "柳青禾", "享受人证件号码": id(1), "收款关系": "照料人", "收款人名称": "柳青禾", "收款人证件号码": id(2), "起始日期": "2026-01-01", "依据文件": "照料协议"}
	_, err := b.ImportRelations(t.Context(), b.file(t, columns, good.with("享受人证件号码", id(9)), good.with("收款人名称", "别人"),
		good.with("收款人证件号码", id(1)), good.with("收款关系", "户主"), good.with("起始日期", "2026-02-01", "终止日期", "2025-01-01")), "hexiao")
	want := []string{"2 享受人证件号码 PARTIES_ROW_PERSON", "3 收款人名称 PARTIES_ROW_NAME", "4 收款人证件号码 PARTIES_RELATION_SELF", "5 收款关系 PARTIES_WORD",
		"6 终止日期 PARTIES_RELATION_DATES"}
	if diff := cmp.Diff(want, problems(t, err)); diff != "" || b.rows(t, "payee_relation") != 0 {
		t.Error(diff)
	}
	for i, want := range []parties.Change{{New: 1}, {Same: 1}} {
		r, err := b.ImportRelations(t.Context(), b.file(t, columns, good.with("依据文件", fmt.Sprintf("照料协议%d", i))), "hexiao")
		if err != nil || r.Relations != want {
			t.Errorf("%+v, %s", r.Relations, describe(err))
		}
	}
	_, err = b.ImportRelations(t.Context(), b.file(t, columns, good.with("终止日期", "2026-12-31")), "hexiao")
	if diff := cmp.Diff([]string{"2 终止日期 PARTIES_RELATION_DIFFERS"}, problems(t, err)); diff != "" {
		t.Error(diff)
	}
	b.verified(t)
}

// What somebody alters behind the program's back is found.
func TestVerify_names_what_was_altered_about_people(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), member(2, 1, "配偶"))
	path := b.file(t, "享受人姓名,享受人证件号码,收款关系,收款人名称,收款人证件号码,起始日期,依据文件", person{"享受人姓名": "柳小禾", "享受人证件号码": id(2),
		"收款关系": "照料人", "收款人名称": "柳青禾", "收款人证件号码": id(1), "起始日期": "2026-01-01", "依据文件": "照料协议"})
	if _, err := b.ImportRelations(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(describe(err))
	}
	if _, err := b.Rename(as("zhou"), secret(1), "柳新名", ground("2026-10-09")); err != nil {
		t.Fatal(describe(err))
	}
	b.verified(t)
	owner := b.env.Owner(t)
	for statement, want := range map[string]string{
		`UPDATE party_act SET reason = 'x' WHERE kind = 'rename'`:      "party_act_leaf",
		`DELETE FROM party_act WHERE kind = 'rename'`:                  "party_act_leaf",
		`UPDATE payee_relation SET valid_to = DATE '2030-01-01'`:       "party_bound",
		`UPDATE party_act_item SET part = part || '\x00' WHERE no = 1`: "party_act_leaf",
		`DELETE FROM payee_relation`:                                   "party_bound",
		`UPDATE party_act SET proposal = id WHERE kind = 'rename'`:     "party_act_same_person",
		`INSERT INTO household_member (household, person, relation, valid_from, valid_to)
			SELECT 999999, person, 'head', DATE '2026-10-01', DATE '2030-01-01' FROM household_member`: "member_twice",
	} {
		tx, err := owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		found, err := b.Verify(t.Context(), tx)
		if err != nil || !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == want }) {
			t.Errorf("%s: %s is not among %+v, %v", statement, want, found, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
