package funds_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fenlu/disbursement/funds"
	"fenlu/disbursement/funds/carveout"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/ledger"
)

const contractHead = "合同编号,统一社会信用代码,承接单位,区划代码,服务类别,服务内容,派驻人数,服务对象人数,合同金额,列支资金,年度,签订日期,起始日期,终止日期"

func credit() string {
	first := "12991301000000001"
	return first + string(ident.CreditCheck(first))
}

// contract is a row of a contracts file: a station in 麦川乡.
func contract(number, amount, fund string) string {
	return strings.Join([]string{number, credit(), "青禾社工服务中心", "991301200000", "社工站", "驻站服务", "2", "600", amount, fund, "2026",
		"2026-03-01", "2026-03-01", "2026-12-31"}, ",")
}

func (o *office) contractsFile(head string, rows ...string) string {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), "contracts.csv")
	if err := os.WriteFile(path, []byte(head+"\n"+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

func (o *office) contracts(rows ...string) funds.ContractReport {
	o.t.Helper()
	r, err := o.funds.ImportContracts(o.as("zhou"), o.contractsFile(contractHead, rows...))
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return r
}

func acceptance(number, contract string, fen int64) funds.Acceptance {
	return funds.Acceptance{Number: number, Contract: contract, AcceptedOn: date("2026-09-30"), Amount: yuan(fen), Evidence: strings.Repeat("0a", 32)}
}

func TestImportContracts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000000.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, economic: "50205", amount: "60000.00"})
	o.carveoutRule(terms.Central)
	rows := []string{contract("青民购〔2026〕1号", "20000.00", relief), contract("青民购〔2026〕2号", "30000.00", work)}
	r := o.contracts(rows...)
	if r.New != 2 || r.Amount != yuan(50_000) || len(r.Notes.Shown) != 0 {
		t.Errorf("%+v", r)
	}
	if again := o.contracts(rows...); !again.Replay {
		t.Errorf("the same bytes again: %+v", again)
	}
	if more := o.contracts(append(rows, contract("青民购〔2026〕3号", "1.00", work))...); more.New != 1 || more.Same != 2 {
		t.Errorf("%+v", more)
	}
	s := o.status().Result
	if s.Contracted != (carveout.Stage{Fund: yuan(20_000), Others: yuan(30_001)}) || s.State != carveout.InProgress {
		t.Errorf("contracted %+v, %s", s.Contracted, s.State)
	}
	english := "number,credit_code,supplier,township,service,scope,headcount,amount,fund,year,signed_on,starts_on,ends_on"
	row := strings.Join([]string{"FW-9", credit(), "Centre", "991301200000", "station", "x", "2", "5.00", work, "2026", "2026-03-01", "2026-03-01", "2026-12-31"}, ",")
	if r, err := o.funds.ImportContracts(o.as("zhou"), o.contractsFile(english, row)); err != nil || r.New != 1 {
		t.Errorf("English headers: %+v, %s", r, explain(err))
	}
}

// A check character that does not fit, and too few workers, are notes.
func TestImportContracts_notes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.population("991301200000,麦川乡,20000,2026-01-01,公安")
	o.rules("社工站驻站社工人数,2", "每名经办人员服务对象数,500", "经办人员中档户籍人口起点,20000", "经办人员中档户籍人口上限,50000",
		"低档户籍人口经办人数,1", "中档户籍人口经办人数,2", "高档户籍人口经办人数,3", "全自理每名护理人员照料数,10", "半护理每名护理人员照料数,6", "全护理每名护理人员照料数,3")
	wrong := credit()[:17] + map[bool]string{true: "1", false: "0"}[credit()[17] == '0']
	r := o.contracts(strings.Replace(contract("a", "1.00", work), credit(), wrong, 1))
	if r.New != 1 || r.Notes.Count["CREDIT_CODE_CHECK"] != 1 {
		t.Errorf("a check character warns and does not block: %+v", r)
	}
	for i, c := range []struct {
		service, workers, recipients string
		need                         string
	}{
		{"社工站", "1", "600", "2"}, {"社工站", "2", "600", ""},
		{"经办服务", "1", "500", "2"},  // the band of 20,000 residents
		{"经办服务", "2", "1001", "3"}, // one for each 500, rounded up
		{"经办服务", "3", "1001", ""},
		{"全自理照料", "1", "10", ""}, {"全自理照料", "1", "11", "2"}, {"半护理照料", "1", "7", "2"}, {"全护理照料", "1", "4", "2"},
		{"其他服务", "0", "9999", ""},
	} {
		text := strings.Replace(contract(fmt.Sprintf("n%d", i), "1.00", work), "社工站,驻站服务,2,600", c.service+",x,"+c.workers+","+c.recipients, 1)
		notes := o.contracts(text).Notes
		if c.need == "" && len(notes.Shown) != 0 || c.need != "" && (len(notes.Shown) != 1 || !strings.Contains(i18n.Field(i18n.ZH, notes.Shown[0]), c.need+" 人")) {
			t.Errorf("%+v: %+v", c, notes.Shown)
		}
	}
}

func (o *office) rules(rows ...string) {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), "rules.csv")
	text := "参数,数值,执行日期,文号,条款,原文\n"
	for _, r := range rows {
		text += r + ",2021-01-01,民发〔2020〕9号,三,原文\n"
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
	if _, err := rules.New(o.db, o.clock).Import(o.ctx, path, "zhou"); err != nil {
		o.t.Fatal(explain(err))
	}
}

func TestImportContracts_refuses_the_file_whole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contracts(contract("old", "5.00", work))
	bad := strings.Replace(contract("x y/", "5.00", work), "社工站", "食堂", 1)
	bad = strings.Replace(bad, "2026-12-31", "2026-02-28", 1)
	path := o.contractsFile(contractHead, contract("new", "5.00", work), contract("new", "5.00", work), contract("old", "6.00", work), bad,
		strings.Replace(contract("z", "0", work), credit(), "123", 1), strings.Replace(contract("p", "5.00", work), credit(), person(), 1),
		contract(person(), "5.00", work), contract("q", "5.00", "张三"+person()))
	_, err := o.funds.ImportContracts(o.as("zhou"), path)
	text := explain(err)
	for _, code := range []string{"CONTRACT_TWICE", "CONTRACT_DIFFERS", "CONTRACT_NUMBER", "CONTRACT_SERVICE", "CONTRACT_DATES", "CREDIT_CODE_FORMAT", "VALID_FEN_POSITIVE", "CONTRACT_CREDIT_PERSON", "VALID_NO_PERSONAL_NUMBER 合同编号",
		"VALID_NO_PERSONAL_NUMBER 列支资金"} {
		if !strings.Contains(fmt.Sprintf("%+v", fieldsOf(err)), code) && !strings.Contains(fmt.Sprintf("%+v", columnsOf(err)), code) {
			t.Errorf("no %s in\n%s", code, text)
		}
	}
	if list, err := funds.Contracts(o.ctx, o.db.Pool(), 2026); err != nil || len(list) != 1 || strings.ContainsAny(text, "{}") {
		t.Errorf("half imported: %+v, %v\n%s", list, err, text)
	}
}

// person is an ID number of nobody.
func person() string {
	first := "99130120000101001"
	return first + string(ident.ResidentCheck(first))
}

// columnsOf are the codes of the fields with their columns.
func columnsOf(err error) []string {
	var out []string
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, f := range e.Fields {
			out = append(out, f.Code+" "+f.Column)
		}
	}
	return out
}

// TestImportContracts_twice_at_once: two files hold the same contract; it is on
// record once.
func TestImportContracts_twice_at_once(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	paths := []string{o.contractsFile(contractHead, contract("c1", "5.00", work)), o.contractsFile(contractHead, contract("c1", "5.00", work), contract("c2", "5.00", work))}
	list := race(len(paths), func(i int) error { _, err := o.funds.ImportContracts(o.as("zhou"), paths[i]); return err })
	if countCode(list, "") != 2 {
		t.Errorf("%v", list)
	}
}

// TestDecideCarveoutBase_compares_field_by_field.
func TestDecideCarveoutBase_compares_field_by_field(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := decision(carveout.Each)
	b.Document, b.Clause = "青民〔2026〕12号", "二三"
	first, err := o.funds.DecideCarveoutBase(o.as("zhou"), b)
	if err != nil {
		t.Fatal(explain(err))
	}
	again, err := o.funds.DecideCarveoutBase(o.as("zhou"), b)
	if err != nil || again.ID != first.ID {
		t.Errorf("%+v, %v", again, err)
	}
	b.Document, b.Clause = "青民〔2026〕12号二", "三"
	other, err := o.funds.DecideCarveoutBase(o.as("zhou"), b)
	if err != nil || other.ID == first.ID {
		t.Errorf("%+v, %v", other, err)
	}
}

func fieldsOf(err error) []string {
	var codes []string
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, f := range e.Fields {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

func TestAccept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000000.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "60000.00"})
	o.carveoutRule(terms.Central)
	o.contracts(contract("c1", "100.00", relief))
	done, err := o.funds.Accept(o.as("lin"), acceptance("验1", "c1", 60))
	if err != nil || done.Left != yuan(40) || done.Replay {
		t.Fatalf("%+v, %s", done, explain(err))
	}
	if again, err := o.funds.Accept(o.as("lin"), acceptance("验1", "c1", 60)); err != nil || !again.Replay || again.Left != yuan(40) || again.ID != done.ID {
		t.Errorf("again: %+v, %v", again, err)
	}
	before := o.balances()
	early := acceptance("验9", "c1", 1)
	early.AcceptedOn = date("2026-02-28")
	future := acceptance("验9", "c1", 1)
	future.AcceptedOn = date("2026-10-09")
	unproved := acceptance("验9", "c1", 1)
	unproved.Evidence = strings.Repeat("zz", 32)
	for _, c := range []struct {
		a     funds.Acceptance
		actor string
		code  string
		kind  errs.Kind
	}{
		{acceptance("验2", "c1", 41), "lin", "CONTRACT_ABOVE", errs.Refused},
		{acceptance("验2", "c1", 1), "zhou", "CONTRACT_SAME_PERSON", errs.Refused},
		{acceptance("验2", "c2", 1), "lin", "CONTRACT_UNKNOWN", errs.NotFound},
		{acceptance("验1", "c1", 59), "lin", "CONTRACT_ACCEPTANCE_USED", errs.Conflict},
		{acceptance("验/2", "c1", 1), "lin", "CONTRACT_NUMBER", errs.Invalid},
		{early, "lin", "CONTRACT_EARLY", errs.Refused}, {future, "lin", "CONTRACT_FUTURE", errs.Invalid}, {unproved, "lin", "CONTRACT_EVIDENCE", errs.Invalid},
	} {
		_, err := o.funds.Accept(o.as(c.actor), c.a)
		o.refused(err, c.code, c.kind, before)
	}
	if s := o.status().Result; s.Accepted.Fund != yuan(60) || s.Contracted.Fund != yuan(100) {
		t.Errorf("accepted %s of %s", s.Accepted.Fund, s.Contracted.Fund)
	}
}

// Each alone is within the contract, together they are not.
func TestAccept_races_for_the_contract(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contracts(contract("c1", "100.00", work))
	list := race(4, func(i int) error {
		_, err := o.funds.Accept(o.as("lin"), acceptance(fmt.Sprintf("验%d", i), "c1", 60))
		return err
	})
	if countCode(list, "") != 1 || countCode(list, "CONTRACT_ABOVE") != 3 {
		t.Errorf("%v", list)
	}
}

func TestVerify_sees_contracts_that_were_altered(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contracts(contract("c1", "100.00", work))
	if _, err := o.funds.Accept(o.as("lin"), acceptance("验1", "c1", 60)); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.funds.DecideCarveoutBase(o.as("zhou"), decision(carveout.Each)); err != nil {
		t.Fatal(explain(err))
	}
	for check, sql := range map[string][2]string{
		"contract_leaf":      {"UPDATE service_contract SET supplier = 'x'", "UPDATE service_contract SET supplier = '青禾社工服务中心'"},
		"acceptance_leaf":    {"UPDATE service_acceptance SET accepted_by = 'x'", "UPDATE service_acceptance SET accepted_by = 'lin'"},
		"contract_accepted":  {"UPDATE service_acceptance SET amount_fen = 10001", "UPDATE service_acceptance SET amount_fen = 6000"},
		"carveout_base_leaf": {"UPDATE carveout_base SET variant = 'together'", "UPDATE carveout_base SET variant = 'each'"},
	} {
		o.tampered(sql[0])
		found, err := funds.Verify(o.ctx, o.db.Pool())
		seen := false
		for _, f := range found {
			seen = seen || f.Check == check
		}
		if err != nil || !seen {
			t.Errorf("%s not seen: %+v, %v", check, found, err)
		}
		o.tampered(sql[1])
	}
}

func decision(v carveout.Variant) funds.CarveoutBase {
	return funds.CarveoutBase{Area: "991301", Year: 2026, Variant: v, Basis: funds.Budgeted, Document: "青民〔2026〕12号", Clause: "二", DecidedBy: "局长办公会",
		DecidedOn: date("2026-02-10")}
}

func (o *office) decides(b funds.CarveoutBase) funds.CarveoutStatus {
	o.t.Helper()
	if _, err := o.funds.DecideCarveoutBase(o.as("zhou"), b); err != nil {
		o.t.Fatal(explain(err))
	}
	return o.status()
}

// Until a decision picks one both readings of the base are there (money-rules
// part E: 100,000,000 and 2,000,000; F: the denominator is not defined).
func TestCarveoutStatus_golden_in_both_variants_until_one_is_decided(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "100000000"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, economic: "50205", amount: "2000000"})
	o.carveoutRule()
	s := o.status()
	if len(s.Readings) != 2 || s.Decision != nil || s.Readings[0].Variant != carveout.Together || s.Result.Missing != yuan(100_000) {
		t.Fatalf("%d readings, missing %s", len(s.Readings), s.Result.Missing)
	}
	each := s.Readings[1].Result
	if each.State != carveout.Infeasible || each.Floor != yuan(5_100_000) || each.Missing != yuan(2_000_000) || each.Cap != yuan(3_000_000) || len(each.Parts) != 2 {
		t.Errorf("%s: floor %s, missing %s", each.State, each.Floor, each.Missing)
	}
	if p := each.Parts[1]; p.Fund != work || p.Floor != yuan(100_000) || p.State != carveout.InProgress {
		t.Errorf("the work fund alone: %+v", p)
	}
	if reason := each.Reason(i18n.ZH); !strings.Contains(reason, relief+"：") || !strings.Contains(reason, "2,000,000.00") {
		t.Errorf("reads %s", reason)
	}
	if a := s.Advice; a.More != yuan(5_100_000) || a.Missing != yuan(100_000) || len(a.Funds) != 2 || a.Funds[0] != (funds.FundAdvice{Fund: work, Amount: yuan(2_000_000), AtMost: yuan(2_000_000)}) ||
		a.Funds[1] != (funds.FundAdvice{Fund: relief, Amount: yuan(3_000_000), AtMost: yuan(3_000_000)}) {
		t.Errorf("advice %+v", a)
	}
	s = o.decides(decision(carveout.Each))
	if len(s.Readings) != 1 || s.Decision == nil || s.Result.Missing != yuan(2_000_000) {
		t.Errorf("decided: %d readings, missing %s", len(s.Readings), s.Result.Missing)
	}
	if a := s.Advice; a.Missing != yuan(2_000_000) || a.Funds[0].Amount != yuan(100_000) {
		t.Errorf("no fund pays another's floor: %+v", a)
	}
	for i, l := range s.Result.Lines {
		if l.No != i+1 {
			t.Errorf("line %d is numbered %d", i+1, l.No)
		}
	}
	if s = o.decides(decision(carveout.Together)); s.Result.Missing != yuan(100_000) || len(s.Readings) != 1 {
		t.Errorf("the newest decision counts: missing %s", s.Result.Missing)
	}
	if !strings.Contains(fmt.Sprint(s.Result.Lines), "青民〔2026〕12号 二（局长办公会，2026-02-10）") {
		t.Error("the calculation does not name the decision")
	}
}

func TestCarveoutStatus_base_as_the_decision_says(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{level: "中央", amount: "1000.00"}, row{number: "省财社〔2026〕3号", amount: "500.00"},
		row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "100.00"}, row{number: "省财社〔2026〕44号", received: "2026-08-01", issued: "2026-07-20", amount: "50.00"})
	o.carveoutRule(terms.Central)
	cutoff := date("2026-06-30")
	plain := decision(carveout.Together)
	for name, c := range map[string]struct {
		change func(*funds.CarveoutBase)
		base   int64
	}{
		"all":      {func(*funds.CarveoutBase) {}, 1650},
		"province": {func(b *funds.CarveoutBase) { b.Levels = []terms.Level{terms.Province, terms.County} }, 650},
		"as of":    {func(b *funds.CarveoutBase) { b.AsOf = &cutoff }, 1600},
		"executed": {func(b *funds.CarveoutBase) { b.Basis = funds.Executed }, 0},
	} {
		b := plain
		c.change(&b)
		s := o.decides(b)
		if s.Result.Base != yuan(c.base) || s.Result.Cap != 46_50 {
			t.Errorf("%s: base %s, cap %s", name, s.Result.Base, s.Result.Cap)
		}
	}
	b := plain
	b.Basis, b.AsOf = funds.Executed, &cutoff
	_, err := o.funds.DecideCarveoutBase(o.as("zhou"), b)
	o.refused(err, "CARVEOUT_BASE_AS_OF", errs.Invalid, o.balances())
	b = plain
	b.Levels = []terms.Level{"moon"}
	_, err = o.funds.DecideCarveoutBase(o.as("zhou"), b)
	o.refused(err, "CARVEOUT_INPUT", errs.Invalid, o.balances())
}

// A cut puts the fund over its cap, since its 文号; an addition ends it.
func TestCarveoutStatus_over_the_cap_since(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "500.00"})
	o.carveoutRule()
	if _, err := o.funds.SetAside(o.as("zhou"), setAside("县民〔2026〕1号", item(o.line("财社〔2026〕12号"), yuan(30)))); err != nil {
		t.Fatal(explain(err))
	}
	if s := o.status(); s.OverSince != nil || s.Result.State != carveout.InProgress {
		t.Errorf("within the cap: %s, %+v", s.Result.State, s.OverSince)
	}
	o.imports(row{number: "财社〔2026〕40号", kind: "调减", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "200.00"})
	o.imports(row{number: "财社〔2026〕41号", kind: "调减", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "100.00"})
	s := o.status()
	if s.Result.State != carveout.OverCap || s.Result.Over != yuan(9) || s.OverSince == nil || s.OverSince.Number != "财社〔2026〕40号" || s.OverSince.Over != yuan(6) {
		t.Errorf("%s by %s since %+v", s.Result.State, s.Result.Over, s.OverSince)
	}
	o.imports(row{number: "财社〔2026〕50号", kind: "追加", amount: "300.00"})
	if s = o.status(); s.OverSince != nil || s.Result.State != carveout.InProgress {
		t.Errorf("ended: %s, %+v", s.Result.State, s.OverSince)
	}
	o.imports(row{number: "财社〔2026〕60号", kind: "调减", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "300.00"})
	if s = o.status(); s.OverSince == nil || s.OverSince.Number != "财社〔2026〕60号" {
		t.Errorf("over again, since the last cut: %+v", s.OverSince)
	}
	o.imports(row{number: "财社〔2026〕61号", kind: "追加", amount: "300.00"})
	o.contracts(contract("c1", "30.00", relief), contract("c2", "0.01", relief))
	if s = o.status(); s.Result.State != carveout.OverCap || s.OverSince == nil || s.OverSince.Number != "c2" || s.OverSince.Over != 1 {
		t.Errorf("by a contract: %s, %+v", s.Result.State, s.OverSince)
	}
}

// Money on a supplier's code is in no pool of a benefit (domain.md §1).
func TestPool_leaves_out_the_codes_of_suppliers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "10.00", programs: "DB"}, row{number: "财社〔2026〕13号", amount: "10.00", economic: "30227", programs: "DB"})
	pool, err := o.funds.Pool(o.ctx, o.db.Pool(), "DB")
	if err != nil || len(pool) != 1 || pool[0].Document != "财社〔2026〕12号" {
		t.Errorf("%+v, %v", pool, err)
	}
}

// What was paid, and what came over from the year before, count where the
// decision says so; the cap is of the year's budget all the same.
func TestCarveoutStatus_base_executed_and_carried_in(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "500.00"})
	o.carveoutRule()
	o.pay([]ledger.Leg{{Line: 1, Payment: 1, Party: 1, Amount: yuan(200)}})
	b := decision(carveout.Together)
	b.Basis = funds.Executed
	if s := o.decides(b); s.Result.Base != yuan(200) || s.Result.Floor != yuan(10) || s.Result.Cap != yuan(30) {
		t.Errorf("executed: base %s, floor %s, cap %s", s.Result.Base, s.Result.Floor, s.Result.Cap)
	}
	done, err := o.funds.CarryOver(o.as("zheng"), funds.CarryOver{Year: 2026, Number: "县财预〔2027〕1号", Title: "结转", IssuedOn: date("2027-01-05")})
	if err != nil {
		t.Fatal(explain(err))
	}
	rule, err := o.funds.CarveoutRuleOf(o.ctx, o.db.Pool(), county, 2026)
	if err != nil {
		t.Fatal(err)
	}
	rule.Year = 2027
	if err := o.funds.SetCarveoutRule(o.as("zhou"), rule); err != nil {
		t.Fatal(explain(err))
	}
	carriedIn := func(carry bool, want int64) {
		t.Helper()
		b := decision(carveout.Together)
		b.Year, b.CarryIn = 2027, carry
		if _, err := o.funds.DecideCarveoutBase(o.as("zhou"), b); err != nil {
			t.Fatal(explain(err))
		}
		s, err := o.funds.CarveoutStatus(o.ctx, o.db.Pool(), 2027, county)
		if err != nil || s.Result.Base != yuan(want) || s.Result.Cap != 0 {
			t.Errorf("carried in %v: base %s, cap %s, %v", carry, s.Result.Base, s.Result.Cap, err)
		}
	}
	carriedIn(false, 0)
	carriedIn(true, 1300)
	o.tampered(`UPDATE document SET type = '' WHERE number = '县财预〔2027〕1号'`) // as before types were kept
	carriedIn(true, 1300)
	o.tampered(`UPDATE document SET type = 'carry_over' WHERE number = '县财预〔2027〕1号'`)
	if _, err := o.funds.Reverse(o.as("lin"), funds.ReverseMove{Journal: done.Journal, Parts: []ledger.Part{{Line: 1, Amount: yuan(300)}}, Number: "县财预〔2027〕2号", Title: "冲销",
		IssuedOn: date("2027-01-05")}); err != nil {
		t.Fatal(explain(err))
	}
	carriedIn(true, 1000)
}

// TestCarveoutStatus_of_money_carried_over: what was set aside in a year stays of
// that year, wherever it stands, and does not use up the cap of the next.
func TestCarveoutStatus_of_money_carried_over(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "500.00"})
	o.carveoutRule()
	if _, err := o.funds.SetAside(o.as("zhou"), setAside("县民〔2026〕1号", item(o.line("财社〔2026〕12号"), yuan(30)))); err != nil {
		t.Fatal(explain(err))
	}
	before := o.status().Result.Planned
	for year := 2026; year < 2028; year++ {
		number := fmt.Sprintf("县财预〔%d〕1号", year+1)
		if _, err := o.funds.CarryOver(o.as("zheng"), funds.CarryOver{Year: year, Number: number, Title: "结转", IssuedOn: date("2027-01-05")}); err != nil {
			t.Fatal(explain(err))
		}
		if s := o.status(); s.Result.Planned != before || s.SetAside[len(s.SetAside)-1].Balance != yuan(30) {
			t.Errorf("%d: planned %+v, was %+v; %+v", year, s.Result.Planned, before, s.SetAside)
		}
	}
	rule, err := o.funds.CarveoutRuleOf(o.ctx, o.db.Pool(), county, 2026)
	if err != nil {
		t.Fatal(err)
	}
	rule.Year = 2027
	if err := o.funds.SetCarveoutRule(o.as("zhou"), rule); err != nil {
		t.Fatal(explain(err))
	}
	if next, err := o.funds.CarveoutStatus(o.ctx, o.db.Pool(), 2027, county); err != nil || next.Result.Planned.Fund != 0 || len(next.SetAside) != 0 {
		t.Errorf("2027: %+v, %v", next.Result.Planned, err)
	}
}
