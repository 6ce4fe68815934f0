package parties_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/internal/vault"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestImportPeople(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.people(t, head(1), member(2, 1, "配偶"), member(3, 1, "子女"), head(4), unit(1), temporary(1))
	want := parties.Report{
		Rows: 6, Persons: parties.Change{New: 5}, Units: parties.Change{New: 1}, Households: parties.Change{New: 2}, Accounts: parties.Change{New: 3},
	}
	if diff := cmp.Diff(want, r, cmpopts.IgnoreFields(parties.Report{}, "Import", "File", "SHA256", "Notes")); diff != "" {
		t.Error(diff)
	}
	p := b.resolve(t, id(2))
	if p.Name != "柳小禾" || p.Relation != terms.Spouse || p.HouseholdCode != "H00001" || p.Residence != terms.Rural || p.Township() != "991301103000" ||
		p.Masked != ident.Mask(id(2)) || p.IDType != terms.ResidentID || p.Version != 1 {
		t.Errorf("%+v", p)
	}
	houses, err := b.Households(t.Context(), b.db.Pool(), []string{"h00001", "nowhere"})
	if err != nil || len(houses) != 1 || houses["H00001"].Head != b.resolve(t, id(1)).ID {
		t.Errorf("%+v, %v", houses, err)
	}
	units, err := b.Units(t.Context(), b.db.Pool(), []string{strings.ToLower(credit(1))})
	if u := units[credit(1)]; err != nil || u.Name != "青禾县中心敬老院" || u.Kind != terms.CareHome {
		t.Errorf("%+v, %v", units, err)
	}
	homeless := b.resolve(t, temporary(1)["证件号码"])
	if homeless.IDType != terms.TemporaryID || homeless.Household != 0 || homeless.TempUntil.Format(time.DateOnly) != "2026-12-31" {
		t.Errorf("%+v", homeless)
	}
	b.verified(t)
}

func TestImportPeople_reports_every_problem(t *testing.T) {
	t.Parallel()
	broken := id(7)[:17] + string('0'+(id(7)[17]-'0'+1)%10)
	for name, c := range map[string]struct {
		rows []person
		want []string
	}{
		"of an ID number": {
			[]person{head(1).with("证件号码", broken), head(2).with("证件号码", "991301900307402"), head(3).with("证件号码", "12345"), head(4).with("证件号码", "991301199013074021")},
			[]string{"2 证件号码 ID_CHECK_DIGIT", "3 证件号码 ID_OLD_15", "4 证件号码 ID_FORMAT", "5 证件号码 ID_DATE", "5 证件号码 ID_CHECK_DIGIT"},
		},
		"of an account": {
			[]person{
				head(1).with("银行行号", "4029913"), head(2).with("账号", "62299900"), head(3).with("账户类型", "对公"),
				head(4).with("户名", ""), head(5).with("账户类型", "支票"), head(6).with("核实日期", ""), head(7).with("核实日期", "2026-10-10"), head(8).with("账号", "", "开户银行", ""),
			},
			[]string{
				"2 银行行号 BANK_CODE_FORMAT", "3 账号 ACCOUNT_CARD_FORMAT", "4 账户类型 PARTIES_ACCOUNT_KIND", "5 户名 SHEET_REQUIRED",
				"6 账户类型 PARTIES_WORD", "7 核实日期 PARTIES_VERIFIED_HALF", "8 核实日期 PARTIES_FUTURE", "9 账号 ACCOUNT_EMPTY", "9 开户银行 SHEET_REQUIRED",
			},
		},
		"of a temporary identity": {
			[]person{
				temporary(1).with("临时身份原因", "", "临时身份批准人", "", "临时身份有效期", ""), temporary(2).with("临时身份有效期", "2026-10-08"),
				temporary(3).with("证件号码", "LS001"), head(4).with("临时身份原因", "无"),
			},
			[]string{
				"2 临时身份原因 PARTIES_TEMP_MISSING", "2 临时身份批准人 PARTIES_TEMP_MISSING", "2 临时身份有效期 PARTIES_TEMP_MISSING",
				"3 临时身份有效期 PARTIES_TEMP_EXPIRED", "4 证件号码 TEMP_ID_FORMAT", "5 临时身份原因 PARTIES_TEMP_UNEXPECTED",
			},
		},
		"of words and codes": {
			[]person{
				head(1).with("类型", "公司"), head(2).with("证件类型", "护照"), head(3).with("地址类别", "山区"), head(4).with("区划代码", "9913"),
				head(5).with("姓名", "柳|禾"), head(6).with("姓名", ""), head(7).with("单位类别", "救助站"),
			},
			[]string{
				"2 类型 PARTIES_WORD", "3 证件类型 PARTIES_WORD", "4 地址类别 PARTIES_WORD", "5 区划代码 AREA_CODE_FORMAT", "6 姓名 PARTIES_NAME",
				"7 姓名 SHEET_REQUIRED", "8 单位类别 PARTIES_NOT_A_UNIT",
			},
		},
		"of a row with a cell that cannot be read": {
			[]person{
				head(1).with("核实日期", "2026-13-01", "证件号码", "12345", "区划代码", "9913", "地址类别", "城里", "银行行号", "402", "账号", "62299900"),
				head(2).with("姓名", "", "证件号码", "123456", "户名", "柳|禾"),
				head(3).with("类型", "", "证件号码", "1234567", "账号", "62299900"),
				head(4).with("账号", "6.22900E+18", "开户银行", ""),
				head(5).with("核实日期", "昨天", "核实人", ""),
				temporary(1).with("临时身份有效期", "年底", "临时身份原因", ""),
				unit(1).with("类型", "", "证件号码", "12991301X", "区划代码", ""),
				head(8).with("核实日期", "2026-13-01"), head(8).with("姓名", ""), head(9).with("户号", "H00008"),
			},
			[]string{
				"2 核实日期 SHEET_DATE", "2 区划代码 AREA_CODE_FORMAT", "2 地址类别 PARTIES_WORD", "2 证件号码 ID_FORMAT", "2 账号 ACCOUNT_CARD_FORMAT", "2 银行行号 BANK_CODE_FORMAT",
				"3 姓名 SHEET_REQUIRED", "3 证件号码 ID_FORMAT", "3 户名 PARTIES_NAME",
				"4 类型 SHEET_REQUIRED", "4 证件号码 ID_FORMAT", "4 账号 ACCOUNT_CARD_FORMAT",
				"5 账号 SHEET_NUMBER_CELL", "5 开户银行 SHEET_REQUIRED",
				"6 核实日期 SHEET_DATE", "6 核实人 PARTIES_VERIFIED_HALF",
				"7 临时身份有效期 SHEET_DATE", "7 临时身份原因 PARTIES_TEMP_MISSING",
				"8 类型 SHEET_REQUIRED", "8 区划代码 SHEET_REQUIRED", "8 证件号码 CREDIT_CODE_FORMAT",
				"9 核实日期 SHEET_DATE", "10 姓名 SHEET_REQUIRED", "10 证件号码 PARTIES_TWICE", "10 与户主关系 PARTIES_TWO_HEADS", "11 与户主关系 PARTIES_TWO_HEADS",
			},
		},
		"of a household": {
			[]person{
				head(1), head(2).with("户号", "H00001"), member(3, 9, "子女"), member(4, 1, "表弟"), member(5, 1, ""), member(6, 1, "子女").with("户号", ""),
			},
			[]string{
				"3 与户主关系 PARTIES_TWO_HEADS", "4 户号 PARTIES_NO_HEAD", "5 与户主关系 PARTIES_WORD", "6 与户主关系 PARTIES_RELATION_MISSING", "7 户号 PARTIES_HOUSEHOLD_MISSING",
			},
		},
		"of a unit": {
			[]person{
				unit(1).with("证件号码", "12991301X"), unit(2).with("单位类别", "超市"), unit(3).with("证件类型", "居民身份证"), unit(4).with("账户类型", "存折"), unit(5).with("户号", "H1", "与户主关系", "户主"),
			},
			[]string{
				"2 证件号码 CREDIT_CODE_FORMAT", "3 单位类别 PARTIES_WORD", "4 证件类型 PARTIES_WORD", "5 账户类型 PARTIES_ACCOUNT_KIND", "6 户号 PARTIES_NOT_A_PERSON", "6 与户主关系 PARTIES_NOT_A_PERSON",
			},
		},
		"of somebody who stands twice": {
			[]person{head(1), head(2), member(1, 2, "子女"), unit(1), unit(1)},
			[]string{"4 证件号码 PARTIES_TWICE", "6 证件号码 PARTIES_TWICE"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			_, err := b.ImportPeople(t.Context(), b.file(t, peopleHead, c.rows...), "hexiao")
			got := problems(t, err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			checkMasked(t, describe(err), c.rows)
			for table, n := range b.counts(t) {
				if n != 0 {
					t.Errorf("%s has %d rows after a refused file", table, n)
				}
			}
		})
	}
}

// checkMasked: no ID number or account of the rows stands in the text.
func checkMasked(t *testing.T, text string, rows []person) {
	t.Helper()
	for _, r := range rows {
		for _, column := range []string{"证件号码", "账号"} {
			if v := r[column]; len(v) >= 12 && strings.Contains(text, v) {
				t.Errorf("%s %s is not masked in: %s", column, v, text)
			}
		}
	}
}

func TestImportPeople_names_what_is_wrong_with_its_masked_value(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broken := id(7)[:17] + string('0'+(id(7)[17]-'0'+1)%10)
	path := b.file(t, peopleHead, head(1), head(2).with("证件号码", broken))
	_, err := b.ImportPeople(t.Context(), path, "hexiao")
	want := []errs.Field{{File: "file01.csv", Row: 3, Column: "证件号码", Value: broken[:4] + "**********" + broken[14:], Code: "ID_CHECK_DIGIT"}}
	if diff := cmp.Diff(want, fields(err), cmpopts.IgnoreFields(errs.Field{}, "Args")); diff != "" {
		t.Error(diff)
	}
}

func TestImportPeople_notes_what_does_not_refuse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	wrongCheck := credit(1)[:17] + string(credit(1)[17]^1)
	if wrongCheck[17] != '0' && !strings.ContainsRune("0123456789ABCDEFGHJKLMNPQRTUWXY", rune(wrongCheck[17])) {
		wrongCheck = credit(1)[:17] + "0"
	}
	r := b.people(t, head(1).with("户名", "柳大禾"), head(2).with("账号", card(2)[:18]+string('0'+(card(2)[18]-'0'+1)%10)),
		head(3).with("核实人", "", "核实日期", ""), unit(1).with("证件号码", wrongCheck))
	for code, n := range map[string]int{
		"PARTIES_HOLDER_DIFFERS": 1, "ACCOUNT_LUHN": 1, "PARTIES_UNVERIFIED": 1, "CREDIT_CODE_CHECK": 1, "ID_AREA_UNKNOWN": 3, "AREA_CODE_UNKNOWN": 4,
	} {
		if r.Notes.Count[code] != n {
			t.Errorf("%d notes of %s, want %d", r.Notes.Count[code], code, n)
		}
	}
	if r.Accounts.New != 4 || r.Units.New != 1 {
		t.Errorf("%+v", r)
	}
}

func TestImportPeople_again(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := b.file(t, peopleHead, head(1), member(2, 1, "配偶"), unit(1))
	first, err := b.ImportPeople(t.Context(), path, "hexiao")
	if err != nil {
		t.Fatal(describe(err))
	}
	before := b.counts(t)

	t.Run("with the same bytes changes nothing", func(t *testing.T) {
		again, err := b.ImportPeople(t.Context(), path, "hexiao")
		if err != nil || !again.Replay || again.Import != first.Import {
			t.Errorf("%+v, %v", again, err)
		}
		if diff := cmp.Diff(before, b.counts(t)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("with the same people in another file changes nobody", func(t *testing.T) {
		// other order, other spelling, and no word of who verified the account
		r := b.people(t, unit(1), member(2, 1, "配偶"), head(1).with("姓名", "柳 青禾", "证件类型", "身份证", "核实人", "", "核实日期", ""))
		if r.Persons != (parties.Change{Same: 2}) || r.Units != (parties.Change{Same: 1}) || r.Accounts != (parties.Change{Same: 2}) || r.Households != (parties.Change{}) {
			t.Errorf("%+v", r)
		}
		after := b.counts(t)
		after["import_file"]--
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("with changes makes new versions", func(t *testing.T) {
		b.clock.Set(time.Date(2026, 11, 3, 2, 0, 0, 0, time.UTC))
		r := b.people(t, head(1).with("姓名", "柳新禾", "账号", card(99), "核实日期", "2026-11-01"), unit(1).with("姓名", "青禾县敬老中心"))
		if r.Persons != (parties.Change{Changed: 1}) || r.Units != (parties.Change{Changed: 1}) || r.Accounts != (parties.Change{Changed: 1, Same: 1}) {
			t.Errorf("%+v", r)
		}
		if r.Notes.Count["PARTIES_RENAMED"] != 1 {
			t.Errorf("a renamed person was not noted: %v", r.Notes.Count)
		}
		p := b.resolve(t, id(1))
		if p.Version != 2 || p.Name != "柳新禾" || p.Relation != terms.Head {
			t.Errorf("%+v", p)
		}
		accounts, err := b.CurrentAccounts(t.Context(), b.db.Pool(), []int64{int64(p.ID)})
		if a := accounts[int64(p.ID)]; err != nil || a.Version != 2 || a.Masked != ident.Mask(card(99)) || !a.Verified() {
			t.Errorf("%+v, %v", accounts, err)
		}
	})
	b.verified(t)
}

func TestImportPeople_households(t *testing.T) {
	t.Parallel()
	moved := func(p person, household int, relation string) person {
		return p.with("户号", fmt.Sprintf("H%05d", household), "与户主关系", relation)
	}
	for name, c := range map[string]struct {
		rows  []person
		want  []string
		heads map[string]int // household code → number of the head
	}{
		"a member moves":                      {[]person{member(2, 4, "子女")}, nil, map[string]int{"H00001": 1, "H00004": 4}},
		"the head changes":                    {[]person{moved(head(1), 1, "其他"), moved(member(2, 1, ""), 1, "户主")}, nil, map[string]int{"H00001": 2}},
		"everybody leaves":                    {[]person{moved(head(1), 4, "其他"), member(2, 4, "其他"), member(3, 4, "其他")}, nil, map[string]int{"H00004": 4}},
		"a second head":                       {[]person{moved(member(2, 1, ""), 1, "户主")}, []string{"2 与户主关系 PARTIES_HEAD_ON_RECORD"}, nil},
		"the head leaves members behind":      {[]person{moved(head(1), 4, "其他")}, []string{"2 户号 PARTIES_HEAD_LEFT"}, nil},
		"the head becomes something else":     {[]person{moved(head(1), 1, "其他")}, []string{"2 户号 PARTIES_NO_HEAD"}, nil},
		"a new household without a head":      {[]person{member(2, 8, "子女")}, []string{"2 户号 PARTIES_NO_HEAD"}, nil},
		"a file that says nothing of a house": {[]person{head(1).with("户号", "", "与户主关系", "")}, nil, map[string]int{"H00001": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.people(t, head(1), member(2, 1, "配偶"), member(3, 1, "子女"), head(4))
			_, err := b.ImportPeople(t.Context(), b.file(t, peopleHead, c.rows...), "hexiao")
			if c.want != nil {
				if diff := cmp.Diff(c.want, problems(t, err)); diff != "" {
					t.Error(diff)
				}
			} else if err != nil {
				t.Fatal(describe(err))
			}
			for code, n := range c.heads {
				houses, err := b.Households(t.Context(), b.db.Pool(), []string{code})
				if err != nil || houses[code].Head != b.resolve(t, id(n)).ID {
					t.Errorf("%s: %+v, %v", code, houses, err)
				}
			}
			b.verified(t)
		})
	}
}

func TestImportPeople_back_and_forth_on_one_day(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), member(2, 1, "配偶"), head(4))
	b.people(t, member(2, 4, "其他"))
	b.people(t, member(2, 1, "子女"))
	if p := b.resolve(t, id(2)); p.HouseholdCode != "H00001" || p.Relation != terms.Child {
		t.Errorf("%+v", p)
	}
	b.verified(t)
}

func TestImportPeople_at_the_same_time(t *testing.T) {
	t.Parallel()
	t.Run("the same file counts once", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		path := b.file(t, peopleHead, head(1), member(2, 1, "配偶"), unit(1))
		replays := race(t, 6, func(int) (parties.Report, error) { return b.ImportPeople(t.Context(), path, "hexiao") })
		if replays != 5 {
			t.Errorf("%d of 6 were replays", replays)
		}
		if n := b.rows(t, "person"); n != 2 {
			t.Errorf("%d persons", n)
		}
		b.verified(t)
	})
	t.Run("the same people in different files are made once", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		paths := make([]string, 6)
		for i := range paths {
			rows := []person{head(100 + i)}
			for n := range 40 {
				rows = append(rows, head(n).with("姓名", fmt.Sprintf("柳青%c", '一'+rune(i))))
			}
			rows = append(rows, unit(1))
			paths[i] = b.file(t, peopleHead, rows...)
		}
		race(t, len(paths), func(i int) (parties.Report, error) { return b.ImportPeople(t.Context(), paths[i], "hexiao") })
		if n := b.rows(t, "person"); n != 46 {
			t.Errorf("%d persons, want 46", n)
		}
		if p := b.resolve(t, id(1)); p.Version != 6 {
			t.Errorf("six files with six names made %d versions", p.Version)
		}
		b.verified(t)
	})
}

func race(t *testing.T, n int, do func(int) (parties.Report, error)) (replays int) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			r, err := do(i)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(describe(err))
			}
			if r.Replay {
				replays++
			}
		})
	}
	wg.Wait()
	return replays
}

func TestImportPeople_refuses_other_keys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1))
	other, err := vault.Create(t.TempDir() + "/other")
	if err != nil {
		t.Fatal(err)
	}
	stranger := parties.New(b.db, other, b.clock, nil)
	_, err = stranger.ImportPeople(t.Context(), b.file(t, peopleHead, head(2)), "hexiao")
	if errs.CodeOf(err) != "PARTIES_OTHER_KEYS" || errs.KindOf(err) != errs.Refused {
		t.Errorf("got %s", describe(err))
	}
	if there, err := parties.HasData(t.Context(), b.db.Pool()); err != nil || !there {
		t.Errorf("has data: %v, %v", there, err)
	}
}

func TestImportPeople_leaves_no_number_in_the_database(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := []person{head(1), member(2, 1, "配偶"), temporary(1), unit(1)}
	b.people(t, rows...)
	b.people(t, head(1).with("姓名", "柳新禾", "账号", card(99)))
	deaths := b.file(t, "姓名,证件号码,死亡日期,来源", person{"姓名": "柳小禾", "证件号码": id(2), "死亡日期": "2026-10-01", "来源": "殡葬系统"})
	if _, err := b.ImportDeaths(t.Context(), deaths, "hexiao"); err != nil {
		t.Fatal(describe(err))
	}
	secrets := []string{id(1), id(2), temporary(1)["证件号码"], card(1), card(99), unit(1)["账号"]}
	// everything the schema holds, bytea as text and as the bytes it stands for
	dump := b.env.Owner(t)
	seen := 0
	for _, table := range tables {
		all, err := dump.Query(t.Context(), `SELECT to_jsonb(x)::text FROM `+table+` x`)
		if err != nil {
			t.Fatal(err)
		}
		for all.Next() {
			var row string
			if err := all.Scan(&row); err != nil {
				t.Fatal(err)
			}
			seen++
			for _, s := range secrets {
				if strings.Contains(row, s) || strings.Contains(row, fmt.Sprintf("%x", s)) {
					t.Errorf("%s holds %s: %s", table, s, row)
				}
			}
		}
		if err := all.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if seen < 20 {
		t.Errorf("looked at %d rows only", seen)
	}
}

func TestImportPeople_is_fast(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const n = 30_000
	rows := make([]person, n)
	for i := range rows {
		rows[i] = head(i)
	}
	path := b.file(t, peopleHead, rows...)
	started := time.Now()
	r, err := b.ImportPeople(t.Context(), path, "hexiao")
	if err != nil {
		t.Fatal(describe(err))
	}
	took := time.Since(started)
	t.Logf("%d people with accounts in %s", n, took.Round(time.Millisecond))
	if r.Persons.New != n || r.Accounts.New != n {
		t.Errorf("%+v", r)
	}
	if took > 60*time.Second {
		t.Errorf("took %s", took)
	}
}
