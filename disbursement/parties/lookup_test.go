package parties_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fenlu/internal/check"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/ident"

	"github.com/google/go-cmp/cmp"
)

func TestResolvePeople(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), member(2, 1, "配偶"), temporary(1))
	// as people write them: full width, blanks, lower case
	wide := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, id(1))
	asked := []string{wide, " " + id(2) + " ", id(2), strings.ToLower(temporary(1)["证件号码"]), id(99)}
	err := b.db.Run(t.Context(), func(tx pgx.Tx) error { // a transaction will do as well as the pool
		found, err := b.ResolvePeople(t.Context(), tx, asked)
		if len(found) != 3 || found[id(1)].Relation != terms.Head || found[id(2)].Relation != terms.Spouse || found[temporary(1)["证件号码"]].ID == 0 {
			t.Errorf("%+v", found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p := b.resolve(t, id(1))
	if text := fmt.Sprintf("%v %+v %#v", p, p, p); strings.Contains(text, id(1)) {
		t.Errorf("printed with the number: %s", text)
	}
	heads, err := b.Heads(t.Context(), b.db.Pool(), []parties.HouseholdID{p.Household})
	if err != nil || heads[p.Household] != p.ID {
		t.Errorf("%v, %v", heads, err)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := []person{head(1)}
	for n := 2; n <= 6; n++ {
		rows = append(rows, member(n, 1, "子女"))
	}
	b.people(t, rows...)
	find := func(s parties.Search) []parties.Person {
		t.Helper()
		found, err := b.Find(t.Context(), b.db.Pool(), s)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if got := find(parties.Search{Number: ident.Secret(id(3))}); len(got) != 1 || got[0].Masked != ident.Mask(id(3)) {
		t.Errorf("by number: %+v", got)
	}
	if got := find(parties.Search{Number: ident.Secret(id(99))}); len(got) != 0 {
		t.Errorf("by a number of nobody: %+v", got)
	}
	if got := find(parties.Search{Household: "h00001"}); len(got) != 6 {
		t.Errorf("by household: %d", len(got))
	}
	var pages []int
	for after := parties.PersonID(0); ; {
		page := find(parties.Search{Name: "柳 小禾", After: after, Limit: 2})
		if len(page) == 0 {
			break
		}
		pages, after = append(pages, len(page)), page[len(page)-1].ID
	}
	if diff := cmp.Diff([]int{2, 2, 1}, pages); diff != "" {
		t.Errorf("pages by name: %s", diff)
	}
	if _, err := b.Find(t.Context(), b.db.Pool(), parties.Search{}); errs.CodeOf(err) != "PARTIES_SEARCH_EMPTY" {
		t.Errorf("searching for nothing: %v", err)
	}
}

func TestMembers_keeps_the_past(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), member(2, 1, "配偶"), head(4))
	house := b.resolve(t, id(1)).Household
	b.clock.Set(time.Date(2026, 11, 5, 2, 0, 0, 0, time.UTC))
	b.people(t, member(2, 4, "其他"))
	members, err := b.Members(t.Context(), b.db.Pool(), house)
	if err != nil || len(members) != 2 {
		t.Fatalf("%+v, %v", members, err)
	}
	gone := members[slices.IndexFunc(members, func(m parties.Member) bool { return m.Relation == terms.Spouse })]
	if gone.From.Format(time.DateOnly) != "2026-10-09" || gone.To.Format(time.DateOnly) != "2026-11-05" {
		t.Errorf("%+v", gone)
	}
}

func newAccount(owner int64, n int) parties.NewAccount {
	return parties.NewAccount{
		Owner: owner, Kind: terms.SocialCard, BankCode: "402991300011", BankName: "青禾农商行", Holder: "柳青禾", Account: ident.Secret(card(n)),
		VerifiedBy: "何晓", VerifiedOn: time.Date(2026, 10, 8, 0, 0, 0, 0, time.UTC),
	}
}

func TestAddAccountVersion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), unit(1))
	owner := int64(b.resolve(t, id(1)).ID)
	id2, err := b.AddAccountVersion(t.Context(), newAccount(owner, 77), "zhou")
	if err != nil {
		t.Fatal(describe(err))
	}
	accounts, err := b.CurrentAccounts(t.Context(), b.db.Pool(), []int64{owner})
	if a := accounts[owner]; err != nil || a.ID != id2 || a.Version != 2 || a.Masked != ident.Mask(card(77)) {
		t.Errorf("%+v, %v", accounts, err)
	}

	t.Run("again is the same version", func(t *testing.T) {
		again, err := b.AddAccountVersion(t.Context(), newAccount(owner, 77), "zhou")
		if err != nil || again != id2 || b.rows(t, "payee_account") != 3 {
			t.Errorf("%d, %v, %d rows", again, err, b.rows(t, "payee_account"))
		}
	})
	t.Run("many at once make versions without gaps", func(t *testing.T) {
		errors := make(chan error, 8)
		for n := range 8 {
			go func() {
				_, err := b.AddAccountVersion(t.Context(), newAccount(owner, 200+n), "zhou")
				errors <- err
			}()
		}
		for range 8 {
			if err := <-errors; err != nil {
				t.Error(describe(err))
			}
		}
		accounts, err := b.CurrentAccounts(t.Context(), b.db.Pool(), []int64{owner})
		if err != nil || accounts[owner].Version != 10 {
			t.Errorf("%+v, %v", accounts, err)
		}
	})
	b.verified(t)
}

func TestAddAccountVersion_refuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), unit(1))
	owner := int64(b.resolve(t, id(1)).ID)
	units, err := b.Units(t.Context(), b.db.Pool(), []string{credit(1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*parties.NewAccount)
		code   string
		fields []string
	}{
		"an unverified one":         {func(a *parties.NewAccount) { a.VerifiedBy = ""; a.VerifiedOn = time.Time{} }, "VALID_PROBLEMS", []string{"verified_by", "verified_on"}},
		"one verified tomorrow":     {func(a *parties.NewAccount) { a.VerifiedOn = a.VerifiedOn.AddDate(0, 0, 2) }, "VALID_PROBLEMS", []string{"verified_on"}},
		"a bad number and bank":     {func(a *parties.NewAccount) { a.Account = "12345"; a.BankCode = "1" }, "VALID_PROBLEMS", []string{"bank_code", "account"}},
		"a person's corporate one":  {func(a *parties.NewAccount) { a.Kind = terms.Corporate }, "VALID_PROBLEMS", []string{"account_kind"}},
		"a unit's card":             {func(a *parties.NewAccount) { a.Owner = int64(units[credit(1)].ID) }, "VALID_PROBLEMS", []string{"account_kind"}},
		"a holder with a bar":       {func(a *parties.NewAccount) { a.Holder = "柳|禾" }, "VALID_PROBLEMS", []string{"account_name"}},
		"one of nobody":             {func(a *parties.NewAccount) { a.Owner = 3 }, "PARTIES_OWNER_UNKNOWN", nil},
		"an unknown kind of number": {func(a *parties.NewAccount) { a.Kind = "cheque" }, "VALID_PROBLEMS", []string{"account_kind"}},
	} {
		a := newAccount(owner, 5)
		c.change(&a)
		_, err := b.AddAccountVersion(t.Context(), a, "zhou")
		var columns []string
		for _, f := range fields(err) {
			columns = append(columns, f.Column)
		}
		slices.Sort(columns)
		slices.Sort(c.fields)
		if errs.CodeOf(err) != c.code || !slices.Equal(columns, c.fields) {
			t.Errorf("%s: %v %s", name, columns, describe(err))
		}
		checkMasked(t, describe(err), []person{{"账号": a.Account.Reveal()}})
	}
	if n := b.rows(t, "payee_account"); n != 2 {
		t.Errorf("%d accounts", n)
	}
}

const deathHead = "姓名,证件号码,死亡日期,来源"

func death(n int, day string) person {
	return person{"姓名": "柳青禾", "证件号码": id(n), "死亡日期": day, "来源": "殡葬系统2026-09"}
}

func TestImportDeaths(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1))
	path := b.file(t, deathHead, death(1, "2026-09-14"), death(50, "2026-09-20"))
	r, err := b.ImportDeaths(t.Context(), path, "hexiao")
	if err != nil || r.Deaths != (parties.Change{New: 2}) {
		t.Fatalf("%+v, %s", r, describe(err))
	}
	found, err := b.Deaths(t.Context(), b.db.Pool(), [][]byte{b.resolve(t, id(1)).Blind, b.BlindID(id(2))})
	if d := found[string(b.BlindID(id(1)))]; err != nil || len(found) != 1 || d.DiedOn.Format(time.DateOnly) != "2026-09-14" || d.ImportFile != r.Import {
		t.Errorf("%+v, %v", found, err)
	}
	if again, err := b.ImportDeaths(t.Context(), path, "hexiao"); err != nil || !again.Replay {
		t.Errorf("again: %+v, %v", again, err)
	}
	r, err = b.ImportDeaths(t.Context(), b.file(t, deathHead, death(1, "2026-09-14").with("姓名", "刘青禾"), death(3, "2026-09-15")), "hexiao")
	if err != nil || r.Deaths != (parties.Change{New: 1, Same: 1}) || r.Notes.Count["PARTIES_DEATH_NAME"] != 1 {
		t.Errorf("%+v, %s", r, describe(err))
	}

	rows := []person{
		death(1, "2026-09-15"), death(4, "2026-10-10"), death(5, "1949-01-01"), death(6, "2026-09-31"), death(7, "2026-09-01"), death(7, "2026-09-01"), death(8, "2026-09-01").with("证件号码", "1"),
		death(9, "2026-13-01").with("证件号码", "2"), death(10, "2026-10-10").with("姓名", ""), death(11, "2026-09-01").with("来源", "电话13800000000"),
	}
	before := b.counts(t)
	_, err = b.ImportDeaths(t.Context(), b.file(t, deathHead, rows...), "hexiao")
	want := []string{
		"2 死亡日期 PARTIES_DEATH_DIFFERS", "3 死亡日期 PARTIES_FUTURE", "4 死亡日期 PARTIES_DIED_BEFORE_BIRTH", "5 死亡日期 SHEET_DATE", "7 证件号码 PARTIES_TWICE", "8 证件号码 ID_FORMAT",
		"9 死亡日期 SHEET_DATE", "9 证件号码 ID_FORMAT", "10 姓名 SHEET_REQUIRED", "10 死亡日期 PARTIES_FUTURE", "11 来源 VALID_NO_PERSONAL_NUMBER",
	}
	if diff := cmp.Diff(want, problems(t, err)); diff != "" {
		t.Error(diff)
	}
	checkMasked(t, describe(err), rows)
	if diff := cmp.Diff(before, b.counts(t)); diff != "" {
		t.Error(diff)
	}
}

const populationHead = "区划代码,乡镇,户籍人口,截至日期,来源"

func township(n int, name, residents, day string) person {
	return person{"区划代码": fmt.Sprintf("991301%03d000", n), "乡镇": name, "户籍人口": residents, "截至日期": day, "来源": "公安局户籍科"}
}

func TestImportPopulation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := b.file(t, populationHead, township(100, "城关镇", "52,310", "2025-12-31"), township(101, "石桥镇", "14280", "2025-12-31"), township(101, "石桥镇", "14301", "2026-06-30"))
	r, err := b.ImportPopulation(t.Context(), path, "hexiao")
	if err != nil || r.Population != (parties.Change{New: 3}) || r.Areas != (parties.Change{New: 2}) {
		t.Fatalf("%+v, %s", r, describe(err))
	}
	for day, want := range map[string][]int64{"2026-01-01": {52310, 14280}, "2026-10-01": {52310, 14301}, "2025-01-01": {}} {
		at, _ := time.Parse(time.DateOnly, day)
		found, err := b.Population(t.Context(), b.db.Pool(), "991301", at)
		got := []int64{}
		for _, p := range found {
			got = append(got, p.Residents)
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", day, err, diff)
		}
	}
	if found, err := b.Population(t.Context(), b.db.Pool(), "991302", b.clock.Now()); err != nil || len(found) != 0 {
		t.Errorf("another county: %+v, %v", found, err)
	}
	if again, err := b.ImportPopulation(t.Context(), path, "hexiao"); err != nil || !again.Replay {
		t.Errorf("again: %+v, %v", again, err)
	}
	r, err = b.ImportPopulation(t.Context(), b.file(t, populationHead, township(100, "城关街道", "52310", "2025-12-31")), "hexiao")
	if err != nil || r.Population != (parties.Change{Same: 1}) || r.Areas != (parties.Change{Changed: 1}) {
		t.Errorf("%+v, %s", r, describe(err))
	}
	towns, err := b.Townships(t.Context(), b.db.Pool(), "991301")
	if diff := cmp.Diff([]parties.Area{{"991301100000", "城关街道", "township"}, {"991301101000", "石桥镇", "township"}}, towns); err != nil || diff != "" {
		t.Error(err, diff)
	}

	before := b.counts(t)
	_, err = b.ImportPopulation(t.Context(), b.file(t, populationHead,
		township(100, "城关街道", "52311", "2025-12-31"), township(102, "柳林乡", "-1", "2025-12-31"), township(103, "桃溪乡", "9.5", "2025-12-31"),
		township(104, "松岭乡", "8000", "2027-01-01"), township(105, "白云乡", "8000", "2025-12-31"), township(105, "白云乡", "8000", "2025-12-31"),
		township(0, "无名乡", "8000", "2025-12-31").with("区划代码", "99130110"),
		township(0, "无名乡", "-1", "2026-02-30").with("区划代码", "99130110"), township(105, "", "-1", "2025-12-31"),
		township(106, "荷塘乡", "1", ""), township(106, "荷塘乡", "1", ""),
	), "hexiao")
	want := []string{
		"2 户籍人口 PARTIES_POPULATION_DIFFERS", "3 户籍人口 VALID_MIN", "4 户籍人口 SHEET_WHOLE", "5 截至日期 PARTIES_FUTURE", "7 区划代码 PARTIES_AREA_TWICE", "8 区划代码 AREA_CODE_FORMAT",
		"9 截至日期 SHEET_DATE", "9 户籍人口 VALID_MIN", "9 区划代码 AREA_CODE_FORMAT",
		"10 乡镇 SHEET_REQUIRED", "10 户籍人口 VALID_MIN", "10 区划代码 PARTIES_AREA_TWICE", "11 截至日期 SHEET_REQUIRED", "12 截至日期 SHEET_REQUIRED",
	}
	if diff := cmp.Diff(want, problems(t, err)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, b.counts(t)); diff != "" {
		t.Error(diff)
	}
}

func TestVerify_names_the_row_that_was_touched(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), member(2, 1, "配偶"), head(4), unit(1))
	b.verified(t)
	p1, p2, p4 := b.resolve(t, id(1)), b.resolve(t, id(2)), b.resolve(t, id(4))
	owner := b.env.Owner(t)
	for name, c := range map[string]struct {
		tamper, check, row string
	}{
		"a version taken out":      {fmt.Sprintf(`DELETE FROM person_version WHERE person = %d`, p2.ID), "person_versions", fmt.Sprintf("person %d", p2.ID)},
		"a version raised":         {fmt.Sprintf(`UPDATE person SET version = 2 WHERE id = %d`, p2.ID), "person_versions", fmt.Sprintf("person %d", p2.ID)},
		"a person taken out":       {fmt.Sprintf(`DELETE FROM person WHERE id = %d`, p2.ID), "person_missing", fmt.Sprintf("person_version %d/1", p2.ID)},
		"an identity moved":        {fmt.Sprintf(`UPDATE identity SET person = %d WHERE person = %d`, p1.ID, p2.ID), "identity", fmt.Sprintf("person_version %d/1", p2.ID)},
		"an identity taken out":    {fmt.Sprintf(`DELETE FROM identity WHERE person = %d`, p2.ID), "identity", fmt.Sprintf("person_version %d/1", p2.ID)},
		"a head taken out":         {fmt.Sprintf(`UPDATE household_member SET relation = 'other' WHERE person = %d`, p1.ID), "household_head", fmt.Sprintf("household %d", p1.Household)},
		"a unit's version lost":    {`DELETE FROM unit_version`, "unit_versions", "unit "},
		"a unit lost":              {`DELETE FROM unit`, "unit_missing", "unit_version "},
		"an account's version":     {fmt.Sprintf(`UPDATE payee_account SET version = 3 WHERE owner = %d`, p1.ID), "account_versions", fmt.Sprintf("payee_account of %d", p1.ID)},
		"an account's owner":       {fmt.Sprintf(`UPDATE payee_account SET owner = 5 WHERE owner = %d`, p1.ID), "account_owner", "payee_account "},
		"an ID number swapped":     {fmt.Sprintf(`UPDATE person_version SET id_cipher = (SELECT id_cipher FROM person_version WHERE person = %d) WHERE person = %d`, p1.ID, p2.ID), "sealed", fmt.Sprintf("person_version %d/1", p2.ID)},
		"an account swapped":       {fmt.Sprintf(`UPDATE payee_account SET account_cipher = (SELECT account_cipher FROM payee_account WHERE owner = %d) WHERE owner = %d`, p4.ID, p1.ID), "sealed", "payee_account "},
		"an account's blind index": {fmt.Sprintf(`UPDATE payee_account SET account_blind = 'x' WHERE owner = %d`, p1.ID), "sealed", "payee_account "},
		"a member of no household": {fmt.Sprintf(`UPDATE household_member SET household = 7 WHERE person = %d`, p4.ID), "member_missing", fmt.Sprintf("household_member 7/%d", p4.ID)},
		"dates turned round":       {fmt.Sprintf(`UPDATE household_member SET valid_to = '2020-01-01' WHERE person = %d`, p2.ID), "member_dates", fmt.Sprintf("household_member %d/%d", p2.Household, p2.ID)},
	} {
		tx, err := owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), c.tamper); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found, err := b.Verify(t.Context(), tx)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == c.check && strings.HasPrefix(f.Row, c.row) }) {
			t.Errorf("%s: %s of %q is not among %+v", name, c.check, c.row, found)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.verified(t)
}
