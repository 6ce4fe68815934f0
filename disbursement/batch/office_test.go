package batch_test

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

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/pgtest"
	"fenlu/internal/vault"
	"fenlu/ledger"
	"fenlu/money"
)

var day = time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC)

// office is a county office with a database of its own.
type office struct {
	t        testing.TB
	env      *pgtest.Env
	db       *db.DB
	clock    *clock.Manual
	batch    *batch.Service
	parties  *parties.Service
	benefits *benefits.Service
	funds    *funds.Service
	payment  *payment.Service
	dir      string
	files    int
}

// row is a row of any import file, by column.
type row map[string]string

func (r row) with(changes ...string) row {
	out := row{}
	for k, v := range r {
		out[k] = v
	}
	for i := 0; i < len(changes); i += 2 {
		out[changes[i]] = changes[i+1]
	}
	return out
}

func newOffice(t testing.TB) *office {
	t.Helper()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	keys, err := vault.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewManual(time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai))
	o := &office{t: t, env: env, db: d, clock: c, dir: t.TempDir()}
	book := ledger.New(d, c, nil)
	o.parties = parties.New(d, keys, c, nil)
	o.benefits = benefits.New(d, c, nil)
	o.funds = funds.New(d, book, o.parties, c, nil)
	o.payment = payment.NewService(d, book, o.parties, c, nil)
	o.batch = batch.New(d, book, o.parties, o.benefits, o.funds, o.payment, c, nil)
	o.parties.WithKeys(o.batch)
	o.policies()
	o.figure("监护到期年龄", "18")
	return o
}

// as is a context in which somebody acts with rights.
func as(ctx context.Context, login string, rights ...auth.Right) context.Context {
	return auth.WithActor(ctx, auth.Actor{Login: login, Name: login, Office: "青禾县民政局", Rights: auth.NewRights(rights...)})
}

// all is a context in which somebody acts who holds every right.
func (o *office) all(login string) context.Context {
	return as(o.t.Context(), login, auth.All()...)
}

func (o *office) csv(header string, rows ...row) string {
	o.t.Helper()
	o.files++
	path := filepath.Join(o.dir, fmt.Sprintf("file%03d.csv", o.files))
	f, err := os.Create(path)
	if err != nil {
		o.t.Fatal(err)
	}
	names := strings.Split(header, ",")
	lines := [][]string{names}
	for _, r := range rows {
		line := make([]string, len(names))
		for i, n := range names {
			line[i] = r[n]
		}
		lines = append(lines, line)
	}
	if err := errors.Join(csv.NewWriter(f).WriteAll(lines), f.Close()); err != nil {
		o.t.Fatal(err)
	}
	return path
}

const (
	policyHead   = "项目,分项,类别,计发周期,标准,分担,取整,对象上限,执行日期,文号,条款,原文"
	documentHead = "文号,标题,类别,签发日期,收到日期,年度,行号,级次,资金,功能科目,经济科目,单位,项目,金额"
	peopleHead   = "类型,户号,与户主关系,姓名,证件类型,证件号码,临时身份原因,临时身份批准人,临时身份有效期,区划代码,地址类别,账户类型,银行行号,开户银行,账号,户名,核实人,核实日期,单位类别"
	rosterHead   = "项目,分项,类别,服务月份,户号,姓名,证件号码,金额,收款方式,收款人证件号码,案号,期次,备注"
)

// figure imports a figure of a rule.
func (o *office) figure(name, value string) {
	o.t.Helper()
	path := o.csv("参数,区划代码,执行日期,数值,关系,文号,条款,原文", row{"参数": name, "执行日期": "2021-01-01", "数值": value, "文号": "县民发〔2026〕9号",
		"条款": "第五条", "原文": name + value})
	if _, err := rules.New(o.db, o.clock).Import(o.t.Context(), path, "hexiao"); err != nil {
		o.t.Fatal(explain(err))
	}
}

// relations imports who may be paid for whom.
func (o *office) relations(rows ...row) {
	o.t.Helper()
	if _, err := o.parties.ImportRelations(o.t.Context(), o.csv(relationHead, rows...), "hexiao"); err != nil {
		o.t.Fatal(explain(err))
	}
}

const relationHead = "享受人姓名,享受人证件号码,收款关系,收款人名称,收款人证件号码,起始日期,终止日期,依据文件"

// resides is the relation of person n with the home.
func resides(n int) row {
	return row{"享受人姓名": name(n), "享受人证件号码": id(n), "收款关系": "机构", "收款人名称": "青禾县中心敬老院", "收款人证件号码": credit(1),
		"起始日期": "2026-01-01", "依据文件": "供养协议"}
}

func (o *office) policies() {
	o.t.Helper()
	policy := func(program, component, class, period, amount, layers, limit string) row {
		return row{"项目": program, "分项": component, "类别": class, "计发周期": period, "标准": amount, "分担": layers, "对象上限": limit,
			"取整": map[bool]string{true: "annual", false: "fen"}[period == "年"], "执行日期": "2026-01-01", "文号": "县民发〔2026〕4号", "条款": "第三条", "原文": "标准"}
	}
	path := o.csv(policyHead,
		policy("DB", "", "农村A档", "月", "420.00", "", "固定"),
		policy("TK", "基本生活", "分散", "年", "5178.00", "省=4578.00;县=600.00", "固定"),
		policy("TK", "基本生活", "集中", "年", "6432.00", "省=5832.00;县=600.00", "固定"),
		policy("TK", "照料护理", "半护理", "月", "259.00", "", "固定"),
		policy("LS", "支出型", "支出型", "次", "20000.00", "", "上限"),
		policy("LS", "急难型", "急难型", "次", "1000.00", "", "上限"))
	if _, err := o.benefits.ImportPolicies(o.t.Context(), path, "hexiao"); err != nil {
		o.t.Fatal(explain(err))
	}
}

// money brings one line of money of a level.
func (o *office) money(number, level, amount string) {
	o.t.Helper()
	path := o.csv(documentHead, row{"文号": number, "标题": "关于下达补助资金的通知", "类别": "下达", "签发日期": "2026-01-06", "收到日期": "2026-01-12",
		"年度": "2026", "行号": "1", "级次": level, "资金": "困难群众救助补助资金", "功能科目": "2081902", "经济科目": "50901", "单位": "青禾县民政局",
		"项目": "DB;TK;LS;ET;LL", "金额": amount})
	if _, err := o.funds.ImportDocuments(o.all("zhou"), path); err != nil {
		o.t.Fatal(explain(err))
	}
}

// id is a valid ID number of nobody.
func id(n int) string {
	first := fmt.Sprintf("991301%d%02d%02d%03d", 1950+n%50, 1+n/50%12, 1+n/600%28, n/16800%1000)
	return first + string(ident.ResidentCheck(first))
}

func card(n int) string {
	first := fmt.Sprintf("622999%012d", n)
	return first + string(ident.LuhnCheck(first))
}

func credit(n int) string {
	first := fmt.Sprintf("12991301%09d", n)
	return first + string(ident.CreditCheck(first))
}

// name is an invented name that is never the same for two.
func name(n int) string {
	return "柳" + string([]rune("禾青田水石木竹兰梅松")[n%10]) + string([]rune("一二三四五六七八九十")[n/10%10])
}

// head is a person with a household and an account of his own.
func head(n int) row {
	return row{"类型": "个人", "户号": fmt.Sprintf("H%05d", n), "与户主关系": "户主", "姓名": name(n), "证件类型": "居民身份证", "证件号码": id(n),
		"区划代码": "991301103002", "地址类别": "农村", "账户类型": "社保卡", "银行行号": "402991300011", "开户银行": "青禾农商行", "账号": card(n),
		"户名": name(n), "核实人": "何晓", "核实日期": "2026-09-01"}
}

// member is somebody in the household of n without an account.
func member(n, household int) row {
	return row{"类型": "个人", "户号": fmt.Sprintf("H%05d", household), "与户主关系": "子女", "姓名": name(n), "证件类型": "居民身份证", "证件号码": id(n),
		"区划代码": "991301103002", "地址类别": "农村"}
}

func home(n int) row {
	return row{"类型": "单位", "姓名": "青禾县中心敬老院", "证件类型": "统一社会信用代码", "证件号码": credit(n), "区划代码": "991301100001", "单位类别": "供养机构",
		"账户类型": "对公", "银行行号": "402991300011", "开户银行": "青禾农商行", "账号": fmt.Sprintf("8801%014d", n), "户名": "青禾县中心敬老院", "核实人": "何晓", "核实日期": "2026-09-01"}
}

func (o *office) people(rows ...row) {
	o.t.Helper()
	if _, err := o.parties.ImportPeople(o.t.Context(), o.csv(peopleHead, rows...), "hexiao"); err != nil {
		o.t.Fatal(explain(err))
	}
}

// due is a roster row of 低保 for person n, to his own account.
func due(n int) row {
	return row{"项目": "DB", "类别": "农村A档", "服务月份": "2026-10", "姓名": name(n), "证件号码": id(n), "金额": "420.00", "收款方式": "本人"}
}

// poor is a roster row of 特困 basic living.
func poor(n int, class, amount string) row {
	return due(n).with("项目", "TK", "分项", "基本生活", "类别", class, "金额", amount)
}

func (o *office) make(code, program, channel string, rows ...row) (batch.Created, error) {
	o.t.Helper()
	return o.batch.Create(o.all("maker"), batch.Create{Code: code, Office: "QHMZ", Program: program, Period: "2026-10", Channel: channel,
		File: o.csv(rosterHead, rows...)})
}

// made is a draft batch.
func (o *office) made(code, program, channel string, rows ...row) batch.Batch {
	o.t.Helper()
	c, err := o.make(code, program, channel, rows...)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return c.Batch
}

func (o *office) check(code string) batch.Result {
	o.t.Helper()
	r, err := o.batch.Check(o.all("checker"), code)
	if err != nil {
		o.t.Fatalf("%s: %+v", explain(err), r.Findings)
	}
	return r
}

// submitted takes a roster to submitted and returns its digest.
func (o *office) submitted(code, program, channel string, rows ...row) batch.Digest {
	o.t.Helper()
	o.made(code, program, channel, rows...)
	o.check(code)
	sub, err := o.batch.Submit(o.all("maker"), code, "")
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return sub.Digest
}

func (o *office) approved(code, program, channel string, rows ...row) batch.Frozen {
	o.t.Helper()
	f, err := o.batch.Approve(o.all("approver"), code, o.submitted(code, program, channel, rows...))
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return f
}

func (o *office) release(code string) batch.ReleasedFiles {
	o.t.Helper()
	r, err := o.batch.Release(o.all("releaser"), code, day)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return r
}

func (o *office) released(code, program, channel string, rows ...row) {
	o.t.Helper()
	o.approved(code, program, channel, rows...)
	o.release(code)
}

// list proposes and approves a small list.
func (o *office) list(code string, kind batch.ListKind, lines ...int32) {
	o.t.Helper()
	l, err := o.batch.ProposeList(o.all("clerk"), code, kind, lines, "账户待核实")
	if err != nil {
		o.t.Fatal(explain(err))
	}
	if _, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest); err != nil {
		o.t.Fatal(explain(err))
	}
}

func (o *office) status(code string) batch.Status {
	o.t.Helper()
	st, err := batch.StatusOf(o.t.Context(), o.db.Pool(), code)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return st
}

func (o *office) payments(code string) []payment.Payment {
	o.t.Helper()
	list, err := payment.OfBatch(o.t.Context(), o.db.Pool(), int64(o.status(code).Batch.ID))
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

// settle tells what the bank did with the last attempt of a payment.
func (o *office) settle(p payment.ID, state evidence.State) {
	o.t.Helper()
	o.files++
	err := o.db.Run(o.t.Context(), func(tx pgx.Tx) error {
		attempts, err := payment.AttemptsOf(o.t.Context(), tx, p)
		if err != nil {
			return err
		}
		a := attempts[len(attempts)-1]
		out := evidence.Outcome{Attempt: a.ID, State: state, File: 1, Pos: o.files}
		if state == evidence.Paid {
			out.Booked = a.Amount
		}
		_, err = o.payment.ApplyTx(o.t.Context(), tx, []evidence.Outcome{out}, evidence.Command{Key: fmt.Sprintf("evidence/%d", o.files),
			Actor: "he", Cause: "evidence:1", BusinessDate: day})
		return err
	})
	if err != nil {
		o.t.Fatal(explain(err))
	}
}

// balances are the balances in fen by kind of place, zero ones left out.
func (o *office) balances() map[ledger.AccountKind]money.Fen {
	o.t.Helper()
	accounts, err := ledger.Accounts(o.t.Context(), o.db.Pool())
	if err != nil {
		o.t.Fatal(err)
	}
	sums := map[ledger.AccountKind]money.Fen{}
	for _, a := range accounts {
		if a.Balance != 0 {
			sums[a.Place.Kind] += a.Balance
		}
	}
	return sums
}

// sound runs every check of the ledger, payments and batches.
func (o *office) sound() {
	o.t.Helper()
	ctx, q := o.t.Context(), o.db.Pool()
	found, err := ledger.Verify(ctx, q)
	if err != nil {
		o.t.Fatal(err)
	}
	more, err := o.payment.Verify(ctx, q)
	if err != nil {
		o.t.Fatal(err)
	}
	mine, err := batch.Verify(ctx, q)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, f := range append(append(found, more...), mine...) {
		o.t.Errorf("promise %d, %s: %s: %s", f.Promise, f.Check, f.Row, f.Detail)
	}
}

// refused wants an error with this code, its text in the catalogue, and an
// office that is sound.
func (o *office) refused(err error, code string) {
	o.t.Helper()
	if errs.CodeOf(err) != code {
		o.t.Errorf("got %s, want %s", explain(err), code)
	}
	for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
		if s := i18n.Error(lang, err); strings.Contains(s, "{") {
			o.t.Errorf("an argument is missing: %s", s)
		}
		for _, f := range fields(err) {
			if s := i18n.Field(lang, f); strings.Contains(s, "{") || !i18n.Has(f.Code) {
				o.t.Errorf("an argument or a text is missing: %s", s)
			}
		}
	}
	o.sound()
}

func fields(err error) []errs.Field {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Fields
	}
	return nil
}

func explain(err error) string {
	if err == nil {
		return "no error"
	}
	text := i18n.Error(i18n.EN, err)
	for _, f := range fields(err) {
		text += "\n  " + i18n.Field(i18n.EN, f)
	}
	return errs.CodeOf(err) + ": " + text
}
