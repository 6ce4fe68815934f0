package parties_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/pgtest"
	"fenlu/internal/vault"
)

// bench is a database of its own with a service on it.
type bench struct {
	*parties.Service
	db    *db.DB
	env   *pgtest.Env
	clock *clock.Manual
	vault *vault.Vault
	dir   string
	files int
}

func setup(t *testing.T) *bench {
	t.Helper()
	env := pgtest.NewEnv(t)
	database := env.Open(t)
	keys, err := vault.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	clk := clock.NewManual(time.Date(2026, 10, 9, 2, 0, 0, 0, time.UTC))
	return &bench{parties.New(database, keys, clk, nil), database, env, clk, keys, t.TempDir(), 0}
}

const peopleHead = "类型,户号,与户主关系,姓名,证件类型,证件号码,临时身份原因,临时身份批准人,临时身份有效期,区划代码,地址类别,账户类型,银行行号,开户银行,账号,户名,核实人,核实日期,单位类别"

// person is a row of a people file by column.
type person map[string]string

func (p person) with(changes ...string) person {
	out := person{}
	for k, v := range p {
		out[k] = v
	}
	for i := 0; i < len(changes); i += 2 {
		out[changes[i]] = changes[i+1]
	}
	return out
}

// id is a valid ID number of nobody: area 991301, the serial from n.
func id(n int) string {
	first := fmt.Sprintf("991301%d%02d%02d%03d", 1950+n%50, 1+n/50%12, 1+n/600%28, n/16800%1000)
	return first + string(ident.ResidentCheck(first))
}

// card is a valid card number of nobody.
func card(n int) string {
	first := fmt.Sprintf("622999%012d", n)
	return first + string(ident.LuhnCheck(first))
}

func credit(n int) string {
	first := fmt.Sprintf("12991301%09d", n)
	return first + string(ident.CreditCheck(first))
}

// head is a person with a household and an account of his own.
func head(n int) person {
	return person{
		"类型": "个人", "户号": fmt.Sprintf("H%05d", n), "与户主关系": "户主", "姓名": "柳青禾", "证件类型": "居民身份证", "证件号码": id(n),
		"区划代码": "991301103002", "地址类别": "农村", "账户类型": "社保卡", "银行行号": "402991300011", "开户银行": "青禾农商行", "账号": card(n),
		"户名": "柳青禾", "核实人": "何晓", "核实日期": "2026-09-01",
	}
}

func member(n, household int, relation string) person {
	return person{
		"类型": "个人", "户号": fmt.Sprintf("H%05d", household), "与户主关系": relation, "姓名": "柳小禾", "证件类型": "居民身份证", "证件号码": id(n),
		"区划代码": "991301103002", "地址类别": "农村",
	}
}

func unit(n int) person {
	return person{
		"类型": "单位", "姓名": "青禾县中心敬老院", "证件类型": "统一社会信用代码", "证件号码": credit(n), "区划代码": "991301100001", "单位类别": "供养机构",
		"账户类型": "对公", "银行行号": "402991300011", "开户银行": "青禾农商行", "账号": fmt.Sprintf("8801%014d", n), "户名": "青禾县中心敬老院", "核实人": "何晓", "核实日期": "2026-09-01",
	}
}

func temporary(serial int) person {
	return person{
		"类型": "个人", "姓名": "无名氏甲", "证件类型": "临时身份", "证件号码": ident.NewTemporary("991301", time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), serial),
		"临时身份原因": "流浪，无法核实身份", "临时身份批准人": "周站长", "临时身份有效期": "2026-12-31", "区划代码": "991301100001", "地址类别": "城市",
	}
}

// file writes a CSV file of a new name.
func (b *bench) file(t *testing.T, header string, rows ...person) string {
	t.Helper()
	b.files++
	path := filepath.Join(b.dir, fmt.Sprintf("file%02d.csv", b.files))
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	names := strings.Split(header, ",")
	lines := [][]string{names}
	for _, r := range rows {
		line := make([]string, len(names))
		for i, n := range names {
			line[i] = r[n]
		}
		lines = append(lines, line)
	}
	if err := w.WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func (b *bench) people(t *testing.T, rows ...person) parties.Report {
	t.Helper()
	r, err := b.ImportPeople(t.Context(), b.file(t, peopleHead, rows...), "hexiao")
	if err != nil {
		t.Fatal(describe(err))
	}
	return r
}

// problems are the problems of a file that must be refused: "row column code".
func problems(t *testing.T, err error) []string {
	t.Helper()
	if errs.CodeOf(err) != "SHEET_PROBLEMS" || errs.KindOf(err) != errs.Invalid {
		t.Fatalf("got %s, want SHEET_PROBLEMS", describe(err))
	}
	var out []string
	for _, f := range fields(err) {
		if !i18n.Has(f.Code) {
			t.Errorf("%s has no text", f.Code)
		}
		out = append(out, fmt.Sprintf("%d %s %s", f.Row, f.Column, f.Code))
	}
	return out
}

func fields(err error) []errs.Field {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Fields
	}
	return nil
}

// describe is everything a user would read of an error.
func describe(err error) string {
	if err == nil {
		return "no error"
	}
	text := err.Error() + "\n" + i18n.Error(i18n.ZH, err)
	for _, f := range fields(err) {
		text += "\n" + i18n.Field(i18n.ZH, f)
	}
	return text
}

func (b *bench) resolve(t *testing.T, number string) parties.Person {
	t.Helper()
	found, err := b.ResolvePeople(t.Context(), b.db.Pool(), []string{number})
	if err != nil {
		t.Fatal(err)
	}
	return found[number]
}

func (b *bench) verified(t *testing.T) {
	t.Helper()
	found, err := b.Verify(t.Context(), b.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("verify: %+v", f)
	}
}

// rows counts the rows of a table.
func (b *bench) rows(t *testing.T, table string) (n int) {
	t.Helper()
	if err := b.db.Pool().QueryRow(context.Background(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

var tables = []string{
	"import_file", "person", "person_version", "identity", "household", "household_member", "unit", "unit_version", "payee_account", "death", "area", "population",
}

func (b *bench) counts(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, name := range tables {
		out[name] = b.rows(t, name)
	}
	return out
}
