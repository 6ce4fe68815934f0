package batch_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/internal/ident"
	"fenlu/ledger"
)

// ground is the ground of a change from a day on.
func ground(day string) parties.Ground {
	at, _ := time.Parse(time.DateOnly, day)
	return parties.Ground{Effective: at, Document: "青民〔2026〕21号", Reason: "入户核实"}
}

func secret(n int) ident.Secret { return ident.Secret(id(n)) }

// child is an ID number of somebody born on a day.
func child(birth string, n int) string {
	first := fmt.Sprintf("991301%s%03d", strings.ReplaceAll(birth, "-", ""), n)
	return first + string(ident.ResidentCheck(first))
}

// examined is what a check finds: line, severity and code of each finding.
func (o *office) examined(code string) []string {
	o.t.Helper()
	r, err := o.batch.Check(o.all("checker"), code)
	if err != nil && errs.CodeOf(err) != "BATCH_BLOCKED" {
		o.t.Fatal(explain(err))
	}
	got := []string{}
	for _, f := range r.Findings {
		got = append(got, fmt.Sprintf("%d %s %s", f.LineNo, f.Severity, f.Code))
		if s := f.Sentence("zh"); strings.Contains(s, "{") || strings.HasPrefix(s, "finding.") {
			o.t.Errorf("%s: %s", f.Code, s)
		}
	}
	return got
}

func (o *office) act(a parties.Act, err error) parties.Act {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return a
}

func (o *office) want(want []string, got []string) {
	o.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		o.t.Error(diff)
	}
}

// splitFour is a household of four, of which two leave on the 12th.
func (o *office) splitFour() {
	o.t.Helper()
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), member(2, 1), member(3, 1), member(4, 1))
	o.people(head(3).with("户号", "H00001", "与户主关系", "子女")) // who leaves has a card of his own
	o.clock.Set(day.AddDate(0, 0, 6))
	o.act(o.parties.SplitHousehold(o.all("zhou"), parties.SplitHousehold{Household: "H00001", New: "H00099",
		Leave: []parties.Moving{{IDNumber: secret(3), Relation: terms.Head}, {IDNumber: secret(4), Relation: terms.Spouse}}, Ground: ground("2026-10-12")}))
}

// byHead is a roster row paid to the head of a household.
func byHead(n int, household string) row {
	return due(n).with("收款方式", "户主", "户号", household)
}

// The golden of issue 4: a household of four splits on the 12th; each member is
// covered once for that month, nobody twice and nobody dropped.
func TestSplit_everybody_is_covered_once_in_the_month(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.splitFour()
	both := []row{byHead(1, "H00001"), byHead(2, "H00001"), byHead(3, "H00099"), byHead(4, "H00099")}
	o.made("DB-1", "DB", "DF", both...)
	o.want([]string{}, o.examined("DB-1"))
	sub, err := o.batch.Submit(o.all("maker"), "DB-1", "")
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.Approve(o.all("approver"), "DB-1", sub.Digest); err != nil {
		t.Fatal(explain(err))
	}
	if pay := o.payments("DB-1"); len(pay) != 2 || pay[0].Amount != 840_00 || pay[1].Amount != 840_00 {
		t.Errorf("two households of two are two payments of 840.00: %+v", pay)
	}
	// nobody a second time, under whichever household
	o.made("DB-2", "DB", "DF", byHead(3, "H00001"))
	o.want([]string{"1 block once_key"}, slices.DeleteFunc(o.examined("DB-2"), func(s string) bool { return !strings.Contains(s, "once_key") }))
	o.sound()
}

func TestSplit_twice_and_dropped_are_found(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.splitFour()
	// the list still has 3 under the old household too, and forgets 4
	o.made("DB-1", "DB", "DF", byHead(1, "H00001"), byHead(2, "H00001"), byHead(3, "H00001"), byHead(3, "H00099"))
	o.want([]string{"4 block twice", "1 reason split_dropped"}, o.examined("DB-1"))
	if _, err := o.batch.Remove(o.all("maker"), "DB-1", []int32{4}, "重复"); err != nil {
		t.Fatal(explain(err))
	}
	o.check("DB-1")
	_, err := o.batch.Submit(o.all("maker"), "DB-1", "")
	o.refused(err, "BATCH_REASON_NEEDED")
	// a second list covers 4: nobody is missing any more
	if _, err := o.batch.Submit(o.all("maker"), "DB-1", "第4人另列"); err != nil {
		t.Fatal(explain(err))
	}
	o.made("DB-2", "DB", "DF", byHead(4, "H00099"))
	o.want([]string{}, o.examined("DB-2"))
	o.sound()
}

func TestMergePersons_live_keys_for_one_month_are_both_kept_and_reported(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2), head(3))
	o.submitted("DB-1", "DB", "DF", due(1), due(3))
	digest := o.submitted("DB-2", "DB", "DF", due(2))
	o.made("LS-1", "LS", "DF", due(2).with("项目", "LS", "分项", "支出型", "类别", "支出型", "案号", "A1"))
	merged, err := o.parties.MergePersons(o.all("zhou"), secret(2), secret(1), ground("2026-10-09"))
	if err != nil {
		t.Fatal(explain(err))
	}
	want := []parties.KeyConflict{{Batch: "DB-2", Line: 1, OtherBatch: "DB-1", OtherLine: 1, Program: "DB", Component: "basic", Month: "2026-10", Occasion: "regular"}}
	if diff := cmp.Diff(want, merged.Conflicts); diff != "" {
		t.Error(diff)
	}
	again, err := o.parties.MergePersons(o.all("zhou"), secret(2), secret(1), ground("2026-10-09"))
	if err != nil || !again.Act.Replay || again.Act.ID != merged.Act.ID || !cmp.Equal(want, again.Conflicts) {
		t.Errorf("%+v, %v", again, err)
	}
	o.sound()
	// it stands in the list of open conflicts, and blocks until one key is freed
	open, err := o.batch.Conflicts(t.Context(), o.db.Pool(), 0, 10)
	if err != nil || len(open) != 1 || open[0].Masked == "" || strings.Contains(fmt.Sprintf("%+v", open), id(1)) {
		t.Errorf("%+v, %v", open, err)
	}
	_, err = o.batch.Approve(o.all("approver"), "DB-2", digest)
	if !slices.Contains(why(err), "1 finding.once_conflict") {
		t.Errorf("approved with a key that collides: %s", explain(err))
	}
	if _, err := o.batch.Reject(o.all("approver"), "DB-2", "与DB-1重复"); err != nil {
		t.Fatal(explain(err))
	}
	if open, err = o.batch.Conflicts(t.Context(), o.db.Pool(), 0, 10); err != nil || len(open) != 0 {
		t.Errorf("%+v, %v", open, err)
	}
	// what the duplicate's lines claim later, they claim under the record kept
	o.want([]string{"1 block once_key"}, o.examined("DB-2"))
	o.check("LS-1")
	if _, err := o.batch.Submit(o.all("maker"), "LS-1", ""); err != nil {
		t.Fatal(explain(err))
	}
	var subjects int
	err = o.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM once_key k JOIN identity i ON i.person = k.subject
		WHERE k.program = 'LS' AND i.id_blind = $1`, o.parties.BlindID(id(1))).Scan(&subjects)
	if err != nil || subjects != 1 {
		t.Errorf("%d keys under the record kept, %v", subjects, err)
	}
	// either number finds the record kept
	found, err := o.parties.ResolvePeople(t.Context(), o.db.Pool(), []string{id(1), id(2)})
	if err != nil || found[id(1)].ID != found[id(2)].ID || found[id(2)].Name != name(1) {
		t.Errorf("%+v, %v", found, err)
	}
	o.sound()
}

func TestOneDraft_with_both_records_is_twice(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2))
	o.made("DB-1", "DB", "DF", due(1), due(2))
	if _, err := o.parties.MergePersons(o.all("zhou"), secret(2), secret(1), ground("2026-10-09")); err != nil {
		t.Fatal(explain(err))
	}
	o.want([]string{"2 block twice"}, o.examined("DB-1"))
}

func TestTwoOffices_are_found_by_the_number_both_use(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2))
	o.submitted("DB-1", "DB", "DF", due(1), due(2))
	case1 := due(1).with("项目", "LS", "分项", "支出型", "类别", "支出型", "案号", "A1")
	if _, err := o.batch.Create(o.all("maker"), batch.Create{Code: "LS-1", Office: "SHMZ", Program: "LS", Period: "2026-10", Channel: "DF",
		File: o.csv(rosterHead, case1)}); err != nil {
		t.Fatal(explain(err))
	}
	r, err := o.batch.Check(o.all("checker"), "LS-1")
	if err != nil || len(r.Findings) != 1 || r.Findings[0].Code != "other_office" || r.Findings[0].Severity != batch.Reason {
		t.Fatalf("%+v, %s", r.Findings, explain(err))
	}
	args := r.Findings[0].Args
	if args["office"] != "SHMZ" || args["other"] != "QHMZ" || args["person"] != ident.Mask(id(1)) {
		t.Errorf("%v", args)
	}
	if _, err := o.batch.Submit(o.all("maker"), "LS-1", "两县核实"); err != nil {
		t.Fatal(explain(err))
	}
	list, err := o.batch.PaidByTwo(t.Context(), o.db.Pool(), "2026-10")
	if err != nil || len(list) != 1 || list[0].Office != "QHMZ" || list[0].OtherOffice != "SHMZ" || list[0].Masked != ident.Mask(id(1)) {
		t.Errorf("%+v, %v", list, err)
	}
}

// guarded is a child of a household with a guardian who lives elsewhere.
func (o *office) guarded(birth string) (number string, line row) {
	o.t.Helper()
	number = child(birth, 7)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), member(2, 1).with("证件号码", number, "姓名", "柳小禾"), head(5), head(6))
	return number, due(2).with("姓名", "柳小禾", "证件号码", number, "收款方式", "监护人", "收款人证件号码", id(5))
}

func guardian(number string, n int, from, to string) row {
	return row{"享受人姓名": "柳小禾", "享受人证件号码": number, "收款关系": "监护人", "收款人名称": name(n), "收款人证件号码": id(n), "起始日期": from,
		"终止日期": to, "依据文件": "监护人登记表3号"}
}

func TestPayeeRelation(t *testing.T) {
	t.Parallel()
	blocked, told := []string{"1 block payee_relation"}, []string{"1 note payee_other"}
	for what, c := range map[string]struct {
		birth string
		rows  func(number string) []row
		then  func(o *office, number string)
		want  []string
		why   string
	}{
		"none":     {"2015-03-01", nil, nil, blocked, "没有登记收款关系"},
		"valid":    {"2015-03-01", func(n string) []row { return []row{guardian(n, 5, "2026-01-01", "")} }, nil, told, ""},
		"not yet":  {"2015-03-01", func(n string) []row { return []row{guardian(n, 5, "2026-10-10", "")} }, nil, blocked, "收款关系尚未开始"},
		"last day": {"2015-03-01", func(n string) []row { return []row{guardian(n, 5, "2026-01-01", "2026-10-09")} }, nil, told, ""},
		"run out":  {"2015-03-01", func(n string) []row { return []row{guardian(n, 5, "2026-01-01", "2026-10-08")} }, nil, blocked, "收款关系期限已满"},
		"17 today": {"2008-10-10", func(n string) []row { return []row{guardian(n, 5, "2026-01-01", "")} }, nil, told, ""},
		"18th birthday": {"2008-10-09", func(n string) []row { return []row{guardian(n, 5, "2026-01-01", "")} }, nil, blocked,
			"享受人已到规定年龄，监护关系终止"},
		"another guardian since": {"2015-03-01", func(n string) []row {
			return []row{guardian(n, 5, "2026-01-01", ""), guardian(n, 6, "2026-10-01", "")}
		}, nil, blocked, "监护人已变更"},
		"another guardian later": {"2015-03-01", func(n string) []row {
			return []row{guardian(n, 5, "2026-01-01", ""), guardian(n, 6, "2026-10-10", "")}
		}, nil, told, ""},
		"payee died": {"2015-03-01", func(n string) []row { return []row{guardian(n, 5, "2026-01-01", "")} },
			func(o *office, _ string) { o.dies(5, "2026-10-03") }, blocked, "收款人已亡故"},
		"ended": {"2015-03-01", func(n string) []row { return []row{guardian(n, 5, "2026-01-01", "")} }, func(o *office, n string) {
			o.act(o.parties.EndRelation(o.all("zhou"), ident.Secret(n), secret(5), ground("2026-10-09")))
		}, blocked, "收款关系已终止"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			number, line := o.guarded(c.birth)
			if c.rows != nil {
				o.relations(c.rows(number)...)
			}
			if c.then != nil {
				c.then(o, number)
			}
			o.made("DB-1", "DB", "DF", line)
			o.want(c.want, o.examined("DB-1"))
			r, _ := o.batch.Check(o.all("checker"), "DB-1")
			if c.why != "" && r.Findings[0].Args["why"] != c.why {
				t.Errorf("%v", r.Findings[0].Args)
			}
		})
	}
}

// A relation that ends between check and approval stops the money (付款日).
func TestPayeeRelation_is_looked_at_again_when_money_moves(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	number, line := o.guarded("2008-10-20")
	o.relations(guardian(number, 5, "2026-01-01", ""))
	digest := o.submitted("DB-1", "DB", "DF", line)
	o.clock.Set(time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC))
	_, err := o.batch.Approve(o.all("approver"), "DB-1", digest)
	o.want([]string{"1 finding.payee_relation"}, why(err))
}

func TestHeadRelation_ends_with_the_head(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2).with("户号", "H00001", "与户主关系", "配偶"), member(3, 1))
	o.made("DB-1", "DB", "DF", byHead(3, "H00001"))
	o.act(o.parties.ChangeHead(o.all("zhou"), parties.ChangeHead{Household: "H00001", Head: secret(2), Relation: terms.Spouse, Ground: ground("2026-10-09")}))
	o.want([]string{"1 block payee_relation"}, o.examined("DB-1"))
	o.made("DB-2", "DB", "DF", byHead(3, "H00001"), due(1))
	o.want([]string{}, o.examined("DB-2"))
}

// A head who died is paid nothing for anybody, though nobody named another yet.
func TestHeadRelation_a_dead_head_is_not_paid(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), member(3, 1))
	o.made("DB-1", "DB", "DF", byHead(3, "H00001"))
	o.dies(1, "2026-10-03")
	o.want([]string{"1 block payee_relation"}, o.examined("DB-1"))
	r, _ := o.batch.Check(o.all("checker"), "DB-1")
	if r.Findings[0].Args["why"] != "收款人已亡故" {
		t.Errorf("%v", r.Findings[0].Args)
	}
}

func TestDeathMoney_goes_where_the_rule_says(t *testing.T) {
	t.Parallel()
	self, household := due(2), due(2).with("收款方式", "户主")
	heir := due(2).with("收款方式", "继承人", "收款人证件号码", id(5))
	for rule, want := range map[[2]string][3]string{ // to the household, to the heir
		{"", ""}:   {"1 note died_in_month", "1 note died_in_month", "1 note died_in_month"},
		{"否", "否"}: {"1 block death_stopped", "1 block death_stopped", "1 block death_stopped"},
		{"是", "否"}: {"1 block death_payee", "1 note death_paid_to", "1 block death_payee"},
		{"", "是"}:  {"1 block death_payee", "1 block death_payee", "1 note death_paid_to"},
		{"是", "是"}: {"1 block death_payee", "1 note death_paid_to", "1 note death_paid_to"},
	} {
		t.Run("household "+rule[0]+", heir "+rule[1], func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.money("财社〔2026〕12号", "中央", "50000.00")
			o.people(head(1), head(2).with("户号", "H00001", "与户主关系", "配偶"), head(5))
			for i, name := range []string{"亡故人员应发款可发给家庭", "亡故人员应发款可发给继承人"} {
				if rule[i] != "" {
					o.figure(name, rule[i])
				}
			}
			o.dies(2, "2026-10-05")
			proposed := o.act(o.parties.NameHeir(o.all("zhou"), secret(2), secret(5), ground("2026-10-06")))
			for i, line := range []row{self, household, heir} {
				code := "DB-" + itoa(i+1)
				o.made(code, "DB", "DF", line)
				got := o.examined(code)
				if i == 2 {
					// the heir counts when a second person has confirmed the proof
					o.want([]string{"1 block payee_relation"}, slices.DeleteFunc(got, func(s string) bool { return !strings.HasSuffix(s, "payee_relation") }))
					_, err := o.parties.Confirm(o.all("zhou"), proposed.ID)
					o.refused(err, "PARTIES_PROPOSER")
					o.act(o.parties.Confirm(o.all("chief"), proposed.ID))
					got = o.examined(code)
				}
				if got[0] != want[i] || (strings.Contains(want[i], "note") && len(slices.DeleteFunc(got, func(s string) bool { return strings.Contains(s, "note") })) > 0) {
					t.Errorf("%s: %v, want %s", code, got, want[i])
				}
			}
		})
	}
}

// A death between approval and release stops the line; withdrawn by two persons,
// what was withheld is payable.
func TestWithdrawnDeath_makes_what_was_withheld_payable(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2))
	o.approved("DB-1", "DB", "DF", due(1), due(2))
	o.dies(1, "2026-09-30")
	_, err := o.batch.Release(o.all("releaser"), "DB-1", day)
	o.want([]string{"1 finding.dead"}, why(err))
	o.list("DB-1", batch.Withhold, 1)
	o.release("DB-1")
	proposed := o.act(o.parties.WithdrawDeath(o.all("zhou"), secret(1), ground("2026-10-09")))
	_, err = o.parties.Confirm(o.all("zhou"), proposed.ID)
	o.refused(err, "PARTIES_PROPOSER")
	_, err = o.parties.Confirm(as(t.Context(), "nobody"), proposed.ID)
	o.refused(err, "AUTH_RIGHT_MISSING")
	found, err := o.parties.DeathsOf(t.Context(), o.db.Pool(), []parties.PersonID{parties.PersonID(proposed.Subject)})
	if err != nil || len(found) != 1 {
		t.Errorf("one person alone withdrew a death: %v, %v", found, err)
	}
	done := o.act(o.parties.Confirm(o.all("chief"), proposed.ID))
	if again := o.act(o.parties.Confirm(o.all("chief"), proposed.ID)); again.ID != done.ID || !again.Replay {
		t.Errorf("%+v", again)
	}
	payable, err := batch.WithheldOf(t.Context(), o.db.Pool(), done.Subject)
	if err != nil || len(payable) != 1 || payable[0].Batch != "DB-1" || payable[0].Amount != 420_00 {
		t.Errorf("%+v, %v", payable, err)
	}
	o.list("DB-1", batch.Withdraw, 1)
	o.released("DB-3", "DB", "DF", due(1))
	if pay := o.payments("DB-3"); len(pay) != 1 || pay[0].Amount != 420_00 {
		t.Errorf("%+v", pay)
	}
	o.clock.Set(day.AddDate(0, 0, 12))
	o.dies(1, "2026-10-20") // a later report counts again
	found, err = o.parties.DeathsOf(t.Context(), o.db.Pool(), []parties.PersonID{parties.PersonID(proposed.Subject)})
	if err != nil || found[parties.PersonID(done.Subject)].DiedOn.Format(time.DateOnly) != "2026-10-20" {
		t.Errorf("%v, %v", found, err)
	}
	o.sound()
}

// What is confirmed is what was proposed: a death reported since is not withdrawn
// with the one that was wrong.
func TestWithdrawnDeath_is_the_one_that_was_proposed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.people(head(1))
	o.dies(1, "2026-09-30")
	proposed := o.act(o.parties.WithdrawDeath(o.all("zhou"), secret(1), ground("2026-10-09")))
	o.act(o.parties.CorrectIDNumber(o.all("zhou"), secret(1), secret(77), ground("2026-10-09")))
	o.dies(77, "2026-10-01")
	_, err := o.parties.Confirm(o.all("chief"), proposed.ID)
	o.refused(err, "PARTIES_DEATH_CHANGED")
	if found, err := o.parties.DeathsOf(t.Context(), o.db.Pool(), []parties.PersonID{parties.PersonID(proposed.Subject)}); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	again := ground("2026-10-09")
	again.Reason = "两条登记均有误"
	proposed = o.act(o.parties.WithdrawDeath(o.all("zhou"), secret(77), again))
	o.act(o.parties.Confirm(o.all("chief"), proposed.ID))
	if found, err := o.parties.DeathsOf(t.Context(), o.db.Pool(), []parties.PersonID{parties.PersonID(proposed.Subject)}); err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}

// A move to the town in the middle of October: October stays rural, November
// draws the urban code, and what was paid stays where it was.
func TestResidence_new_months_draw_the_other_code(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i, code := range []string{"2081901", "2081902"} {
		path := o.csv(documentHead, row{"文号": "县财预〔2026〕" + itoa(i+1) + "号", "标题": "预算", "类别": "下达", "签发日期": "2026-01-06", "收到日期": "2026-01-12", "年度": "2026",
			"行号": "1", "级次": "县", "资金": "困难群众救助补助资金", "功能科目": code, "经济科目": "50901", "单位": "青禾县民政局", "项目": "DB", "金额": "420.00"})
		if _, err := o.funds.ImportDocuments(o.all("zhou"), path); err != nil {
			t.Fatal(explain(err))
		}
	}
	o.figure("function.db.urban", "2081901")
	o.figure("function.db.rural", "2081902")
	o.people(head(1))
	o.clock.Set(day.AddDate(0, 0, 8))
	o.act(o.parties.ChangeResidence(o.all("zhou"), secret(1), terms.Urban, "", ground("2026-10-15")))
	o.approved("DB-1", "DB", "DF", due(1))
	if _, err := o.batch.Release(o.all("releaser"), "DB-1", day.AddDate(0, 0, 8)); err != nil {
		t.Fatal(explain(err))
	}
	o.want([]string{"2081901 available", "2081902 in_transit"}, o.places())
	if _, err := o.batch.Create(o.all("maker"), batch.Create{Code: "DB-2", Office: "QHMZ", Program: "DB", Period: "2026-11", Channel: "DF",
		File: o.csv(rosterHead, due(1).with("服务月份", "2026-11"))}); err != nil {
		t.Fatal(explain(err))
	}
	r := o.check("DB-2")
	sub, err := o.batch.Submit(o.all("maker"), "DB-2", "")
	if err != nil {
		t.Fatal(explain(err), r.Findings)
	}
	if _, err := o.batch.Approve(o.all("approver"), "DB-2", sub.Digest); err != nil {
		t.Fatal(explain(err))
	}
	o.want([]string{"2081901 frozen", "2081902 in_transit"}, o.places())
	// rural December has no rural money left, and takes no urban money for it
	o.people(head(2))
	o.made("DB-3", "DB", "DF", due(2))
	_, err = o.batch.Check(o.all("checker"), "DB-3")
	o.refused(err, "BATCH_BLOCKED")
	o.sound()
}

// places are where the money of each function code stands.
func (o *office) places() []string {
	o.t.Helper()
	accounts, err := ledger.Accounts(o.t.Context(), o.db.Pool())
	if err != nil {
		o.t.Fatal(err)
	}
	var out []string
	for _, a := range accounts {
		if a.Balance == 0 || a.Place.Kind == ledger.Appropriated {
			continue
		}
		var code string
		if err := o.db.Pool().QueryRow(o.t.Context(), `SELECT function_code FROM budget_line WHERE id = $1`, a.Place.BudgetLine).Scan(&code); err != nil {
			o.t.Fatal(err)
		}
		out = append(out, code+" "+string(a.Place.Kind))
	}
	slices.Sort(out)
	return out
}

func TestAccount_not_activated_or_limited(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	head2 := peopleHead + ",账户分类,单笔限额,是否激活"
	path := o.csv(head2, head(1).with("是否激活", "否"), head(2).with("账户分类", "Ⅱ", "单笔限额", "419.99", "是否激活", "是"),
		head(3).with("账户分类", "Ⅱ类户", "单笔限额", "420.00"))
	if _, err := o.parties.ImportPeople(t.Context(), path, "hexiao"); err != nil {
		t.Fatal(explain(err))
	}
	o.people(head(4)) // an old file says nothing of it
	o.people(member(5, 3))
	o.made("DB-1", "DB", "DF", due(1), due(2), due(3), due(4))
	o.want([]string{"1 block account_inactive", "2 block account_limit"}, o.examined("DB-1"))
	// both lines are one credit of 840.00
	o.made("DB-2", "DB", "DF", due(3), due(5).with("收款方式", "户主"))
	o.want([]string{"2 block account_limit"}, o.examined("DB-2"))
	o.people(head(3)) // the same account: class and limit stay
	o.want([]string{"2 block account_limit"}, o.examined("DB-2"))
}

const accountsHead = "原账号,新账号,户名,核实人,核实日期"

func TestReplacedAccounts_leave_instructions_alone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2), head(3))
	o.released("DB-1", "DB", "DF", due(1), due(2))
	pinned := func() (out []string) {
		rows, err := o.db.Pool().Query(t.Context(), `SELECT account FROM attempt ORDER BY id`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprint(id))
		}
		if rows.Err() != nil {
			t.Fatal(rows.Err())
		}
		return out
	}
	before := pinned()
	verified := row{"核实人": "农商行", "核实日期": "2026-10-08"}
	path := o.csv(accountsHead, verified.with("原账号", card(1), "新账号", card(901), "户名", name(1)), verified.with("原账号", card(3), "新账号", card(903), "户名", name(3)))
	r, err := o.parties.ReplaceAccounts(t.Context(), path, "hexiao")
	if err != nil || r.Accounts.Changed != 2 {
		t.Fatalf("%+v, %s", r, explain(err))
	}
	o.want(before, pinned())
	for _, p := range o.payments("DB-1") {
		o.settle(p.ID, evidence.Paid)
	}
	// the next list goes to the new account
	o.made("DB-2", "DB", "DF", due(3))
	o.want([]string{}, o.examined("DB-2"))
	shares, err := batch.CardShares(t.Context(), o.db.Pool(), "2026-10")
	want := []batch.CardShare{{Office: "QHMZ", Kind: terms.SocialCard, Payments: 2, Amount: 840_00, Share: "100.00"}}
	if diff := cmp.Diff(want, shares); diff != "" || err != nil {
		t.Error(diff, err)
	}
	o.sound()
}

func TestCardShares(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2), head(3).with("账户类型", "存折", "账号", "880112345678901234"))
	o.released("DB-1", "DB", "DF", due(1), due(2), due(3))
	if got, err := batch.CardShares(t.Context(), o.db.Pool(), "2026-10"); err != nil || len(got) != 0 {
		t.Errorf("nothing is paid before a bank says so: %+v, %v", got, err)
	}
	for _, p := range o.payments("DB-1") {
		o.settle(p.ID, evidence.Paid)
	}
	got, err := batch.CardShares(t.Context(), o.db.Pool(), "2026-10")
	want := []batch.CardShare{{Office: "QHMZ", Kind: terms.Passbook, Payments: 1, Amount: 420_00, Share: "33.33"},
		{Office: "QHMZ", Kind: terms.SocialCard, Payments: 2, Amount: 840_00, Share: "66.67"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, errors.Unwrap(err))
	}
}
