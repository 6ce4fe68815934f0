package batch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/money"
)

// standardOf is a policy row of a class: 特困 basic living where layers are named,
// else 低保.
func standardOf(class, from, period, amount, layers, method string) row {
	r := row{"项目": "DB", "类别": class, "计发周期": period, "标准": amount, "分担": layers, "取整": method, "对象上限": "固定", "执行日期": from,
		"文号": "县民发〔" + from[:4] + "〕4号", "条款": "第三条", "原文": "从" + from + "起执行"}
	if layers != "" {
		r["项目"], r["分项"] = "TK", "基本生活"
	}
	return r
}

// raised imports policy rows and gives their numbers.
func (o *office) raised(rows ...row) []benefits.PolicyID {
	o.t.Helper()
	report, err := o.benefits.ImportPolicies(o.t.Context(), o.csv(policyHead, rows...), "hexiao")
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return report.New
}

// paidMonth pays people of classes in a month, whatever their standard then is,
// and leaves the payments of those in unpaid to the test.
func (o *office) paidMonth(program string, month int, classes map[int]string, unpaid ...int) string {
	o.t.Helper()
	m, code := terms.Month(fmt.Sprintf("2026-%02d", month)), fmt.Sprintf("%s-%02d", program, month)
	var rows []row
	for n := 1; n <= len(classes); n++ {
		component := map[string]string{"DB": "", "TK": "基本生活"}[program]
		p, err := o.benefits.PolicyAt(o.t.Context(), o.db.Pool(), program, map[string]string{"DB": "basic", "TK": "basic"}[program], classes[n], "", m)
		if err != nil {
			o.t.Fatal(explain(err))
		}
		d, err := benefits.MonthlyAmount(p, m)
		if err != nil {
			o.t.Fatal(err)
		}
		rows = append(rows, due(n).with("项目", program, "分项", component, "类别", classes[n], "服务月份", string(m), "金额", d.Total.String()))
	}
	_, err := o.batch.Create(o.all("maker"), batch.Create{Code: code, Office: "QHMZ", Program: program, Period: m, Channel: "DF", File: o.csv(rosterHead, rows...)})
	if err != nil {
		o.t.Fatal(explain(err))
	}
	o.sent(code)
	list := o.payments(code)
	for i, p := range list {
		state := evidence.Paid
		for _, n := range unpaid {
			if n == i+1 {
				state = evidence.Failed
			}
		}
		o.settle(p.ID, state)
	}
	return code
}

// sent takes a draft to the bank.
func (o *office) sent(code string) {
	o.t.Helper()
	if _, err := o.batch.Approve(o.all("approver"), code, o.resubmit(code)); err != nil {
		o.t.Fatal(explain(err))
	}
	o.release(code)
}

func (o *office) backPay(policy benefits.PolicyID) batch.BackPayMade {
	o.t.Helper()
	made, err := o.batch.MakeBackPay(o.all("maker"), batch.BackPayAsk{Office: "QHMZ", Policy: policy, Channel: "DF"})
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return made
}

// paysBack takes the back-pay of a row to the payees' accounts.
func (o *office) paysBack(policy benefits.PolicyID) batch.Batch {
	o.t.Helper()
	made := o.backPay(policy)
	o.sent(made.Batch.Code)
	for _, p := range o.payments(made.Batch.Code) {
		o.settle(p.ID, evidence.Paid)
	}
	if again := o.backPay(policy); !again.Nothing || again.Batch.ID != 0 || len(again.Waiting)+len(again.Review) > 0 {
		o.t.Errorf("run again after payment: %+v", again)
	}
	return made.Batch
}

func (o *office) backPayStatus(policy benefits.PolicyID) (st batch.BackPayStatus) {
	o.t.Helper()
	err := o.db.Read(o.t.Context(), func(tx pgx.Tx) (err error) {
		st, err = o.batch.BackPayStatus(o.t.Context(), tx, policy, "QHMZ")
		return err
	})
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return st
}

// lowIncome is an office that paid January to June to people of two classes of
// 低保 (money-rules A11).
func lowIncome(t *testing.T) *office {
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "100000.00")
	o.people(head(1), head(2))
	o.raised(standardOf("一类", "2025-01-01", "月", "292.00", "", "fen"), standardOf("二类", "2025-01-01", "月", "275.00", "", "fen"))
	return o
}

func TestBackPay_flat_classes(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	for m := 1; m <= 6; m++ {
		o.paidMonth("DB", m, map[int]string{1: "一类", 2: "二类"})
	}
	rows := o.raised(standardOf("一类", "2026-01-01", "月", "310.00", "", "fen"), standardOf("二类", "2026-01-01", "月", "290.00", "", "fen"))
	for i, want := range []money.Fen{108_00, 90_00} {
		b := o.paysBack(rows[i])
		if b.Amount != want || b.Lines != 6 || b.Kind != batch.BackPay {
			t.Errorf("%+v, want %s", b, want)
		}
	}
	// Each month of the person has its regular line and its back-pay.
	var months int
	err := o.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM entitlement_line r JOIN entitlement_line b ON b.person = r.person AND b.month = r.month
		WHERE r.occasion = 'regular' AND b.occasion = $1 AND b.amount_fen = 1800`, batch.BackPayOccasion(rows[0])).Scan(&months)
	if err != nil || months != 6 {
		t.Errorf("%d months, %v", months, err)
	}
	o.sound()
}

// A standard counts in its area: each township is checked, and paid back, by the row
// of the smallest area that holds it (执行区划).
func TestStandard_of_the_smallest_area(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2).with("区划代码", "991301104001"))
	o.raisedIn("991301000000", standardOf("甲类", "2025-01-01", "月", "300.00", "", "fen"))
	o.raisedIn("991301104000", standardOf("甲类", "2025-01-01", "月", "340.00", "", "fen"))
	_, err := o.make("DB-0", "DB", "DF", due(1).with("类别", "甲类", "金额", "340.00"), due(2).with("类别", "甲类", "金额", "300.00"))
	if err != nil {
		t.Fatal(explain(err))
	}
	o.want([]string{"1 block amount_differs", "2 block amount_differs"}, o.examined("DB-0"))
	if _, err := o.batch.Cancel(o.all("maker"), "DB-0", "金额有误"); err != nil {
		t.Fatal(explain(err))
	}
	o.made("DB-1", "DB", "DF", due(1).with("类别", "甲类", "金额", "300.00"), due(2).with("类别", "甲类", "金额", "340.00"))
	o.want([]string{}, o.examined("DB-1"))
	o.sent("DB-1")
	for _, p := range o.payments("DB-1") {
		o.settle(p.ID, evidence.Paid)
	}
	// the county's row rises: the township with its own row gets nothing of it
	county := o.raisedIn("991301000000", standardOf("甲类", "2026-10-01", "月", "320.00", "", "fen"))
	if b := o.paysBack(county[0]); b.Lines != 1 || b.Amount != 20_00 {
		t.Errorf("%+v", b)
	}
	o.sound()
}

// raisedIn imports policy rows of an area and gives their numbers.
func (o *office) raisedIn(area string, rows ...row) []benefits.PolicyID {
	o.t.Helper()
	for i := range rows {
		rows[i] = rows[i].with("区划代码", area)
	}
	report, err := o.benefits.ImportPolicies(o.t.Context(), o.csv(policyHead+",区划代码", rows...), "hexiao")
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return report.New
}

// money-rules C2 and part E: the province's part rose, the county's did not.
func TestBackPay_charges_only_the_level_that_rose(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("省财社〔2026〕31号", "省", "100000.00")
	o.money("县财预〔2026〕6号", "县", "1200.00") // what it owes for the months, and no more
	o.people(head(1), head(2), head(3), head(4))
	classes := map[int]string{1: "集中甲", 2: "集中乙", 3: "分散甲", 4: "分散乙"}
	o.raised(standardOf("集中甲", "2025-01-01", "年", "6020.00", "省=5420.00;县=600.00", "annual"), standardOf("集中乙", "2025-01-01", "年", "6020.00", "省=5420.00;县=600.00", "fen"),
		standardOf("分散甲", "2025-01-01", "年", "4855.00", "省=4255.00;县=600.00", "annual"), standardOf("分散乙", "2025-01-01", "年", "4855.00", "省=4255.00;县=600.00", "fen"))
	for m := 1; m <= 6; m++ {
		o.paidMonth("TK", m, classes)
	}
	rows := o.raised(standardOf("集中甲", "2026-01-01", "年", "6432.00", "省=5832.00;县=600.00", "annual"), standardOf("集中乙", "2026-01-01", "年", "6432.00", "省=5832.00;县=600.00", "fen"),
		standardOf("分散甲", "2026-01-01", "年", "5178.00", "省=4578.00;县=600.00", "annual"), standardOf("分散乙", "2026-01-01", "年", "5178.00", "省=4578.00;县=600.00", "fen"))
	for i, want := range []money.Fen{206_00, 205_98, 161_50, 161_52} {
		b := o.paysBack(rows[i])
		if diff := cmp.Diff(map[string]money.Fen{"province": want}, o.byLevel(b.Code)); diff != "" || b.Amount != want {
			t.Errorf("%s: %s %s", classes[i+1], b.Amount, diff)
		}
	}
	o.sound()
}

// money-rules G7: whether the local part rose, is the same or is none of the
// standard's, the policy row says.
func TestBackPay_the_row_says_whose_part_rose(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("省财社〔2026〕31号", "省", "100000.00")
	o.money("县财预〔2026〕6号", "县", "100000.00")
	o.people(head(1), head(2))
	o.raised(standardOf("集中甲", "2025-01-01", "年", "6020.00", "省=5420.00;县=600.00", "fen"), standardOf("集中乙", "2025-01-01", "年", "6020.00", "省=5420.00;县=600.00", "fen"))
	o.paidMonth("TK", 1, map[int]string{1: "集中甲", 2: "集中乙"})
	rows := o.raised(standardOf("集中甲", "2026-01-01", "年", "6552.00", "省=5832.00;县=720.00", "fen"), standardOf("集中乙", "2026-01-01", "年", "5832.00", "省=5832.00", "fen"))
	b := o.paysBack(rows[0])
	if diff := cmp.Diff(map[string]money.Fen{"province": 34_33, "county": 10_00}, o.byLevel(b.Code)); diff != "" {
		t.Error(diff)
	}
	// 486.00 is due and 451.67 + 50.00 was paid: 15.67 too much, by the county; the
	// rest is between the levels.
	made := o.backPay(rows[1])
	got := map[string]money.Fen{}
	for _, r := range made.Review {
		got[r.Why+" "+string(r.Level)] = r.Amount
	}
	if diff := cmp.Diff(map[string]money.Fen{"overpaid county": 15_67, "wrong_layer county": 34_33}, got); diff != "" || !made.Nothing {
		t.Errorf("%+v %s", made, diff)
	}
	o.sound()
}

func TestBackPay_a_negative_difference_is_only_listed(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	o.paidMonth("DB", 1, map[int]string{1: "一类", 2: "二类"})
	before := o.balances()
	lowered := o.raised(standardOf("一类", "2026-01-01", "月", "280.00", "", "fen"))[0]
	made := o.backPay(lowered)
	if !made.Nothing || made.Batch.ID != 0 || len(made.Review) != 1 {
		t.Fatalf("%+v", made)
	}
	if r := made.Review[0]; r.Amount != 12_00 || r.Why != "overpaid" || r.Month != "2026-01" || r.Name != name(1) || strings.Contains(r.Masked, id(1)[6:14]) {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(before, o.balances()); diff != "" {
		t.Errorf("a review moved money: %s", diff)
	}
	if st := o.backPayStatus(lowered); len(st.Review) != 1 || len(st.Unpaid) != 0 || st.Townships[0].Review != 1 {
		t.Errorf("%+v", st)
	}
}

func TestBackPay_what_came_back_is_not_paid(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	code := o.paidMonth("DB", 1, map[int]string{1: "一类", 2: "二类"}, 1)
	rows := o.raised(standardOf("一类", "2026-01-01", "月", "310.00", "", "fen"))
	made := o.backPay(rows[0])
	if !made.Nothing || len(made.Waiting) != 1 || made.Waiting[0].Why != "returned" || made.Waiting[0].Batch != code {
		t.Fatalf("a month that came back: %+v", made)
	}
	if st := o.backPayStatus(rows[0]); len(st.Waiting) != 1 || st.Townships[0].Waiting != 1 {
		t.Errorf("%+v", st)
	}
	p := o.payments(code)[0]
	list := o.reissueList(code, batch.Again{Payment: p.ID, Account: o.newAccount(p.Payee, 510, name(1)), Reason: "更换社保卡"})
	if _, err := o.batch.ReleaseReissue(o.all("releaser"), list, day); err != nil {
		t.Fatal(explain(err))
	}
	if made := o.backPay(rows[0]); !made.Nothing || len(made.Waiting) != 1 || made.Waiting[0].Why != "open" {
		t.Errorf("while it is on its way: %+v", made)
	}
	o.settle(p.ID, evidence.Paid)
	if b := o.paysBack(rows[0]); b.Amount != 18_00 {
		t.Errorf("%+v", b)
	}
	o.sound()
}

// recovered takes back from the payee of a line of a batch, whole where amount is 0.
func (o *office) recovered(code string, no int32, amount money.Fen, on time.Time) {
	o.t.Helper()
	lines, err := batch.Lines(o.t.Context(), o.db.Pool(), o.status(code).Batch.ID, no-1, 1)
	if err != nil {
		o.t.Fatal(err)
	}
	if amount == 0 {
		amount = lines[0].Amount
	}
	v, err := o.funds.OpenRecovery(o.all("zhou"), funds.OpenRecovery{Source: funds.FromOther, Reason: "复核后应退",
		Lines: []funds.ClaimLine{{Line: int64(lines[0].ID), Amount: amount}}})
	if err == nil {
		v, err = o.funds.ConfirmRecovery(o.all("lin"), v.ID)
	}
	if err == nil {
		_, err = o.funds.ReceiveRecovery(o.all("sun"), funds.ReceiveRecovery{Recovery: v.ID, Number: "R-" + code, ReceivedOn: on, Amount: amount,
			Evidence: fmt.Appendf(nil, "%32s", code)})
	}
	if err != nil {
		o.t.Fatal(explain(err))
	}
}

// TestBackPay_what_was_got_back_is_not_paid: neither twice nor never. What was paid
// too much and got back leaves the month as it should be, what was got back whole is
// due whole, in this year and the next.
func TestBackPay_what_was_got_back_is_not_paid(t *testing.T) {
	t.Parallel()
	for name, on := range map[string]time.Time{"to its lot": day, "as a receipt of the next year": time.Date(2027, 1, 5, 0, 0, 0, 0, time.UTC)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := lowIncome(t)
			for m := 1; m <= 3; m++ {
				o.paidMonth("DB", m, map[int]string{1: "一类", 2: "二类"})
			}
			for _, figure := range []string{"应缴财政款缴款天数", "追回账龄第一档天数", "追回账龄第二档天数", "追回账龄第三档天数"} {
				o.figure(figure, "10")
			}
			o.clock.Set(on.Add(9 * time.Hour))
			o.recovered("DB-01", 1, 0, on)    // all of January
			o.recovered("DB-02", 1, 2_00, on) // February: too much by the new standard
			rows := o.raised(standardOf("一类", "2026-01-01", "月", "290.00", "", "fen"))
			made := o.backPay(rows[0])
			if made.Batch.Amount != 290_00 || made.Batch.Lines != 1 || len(made.Waiting) != 0 {
				t.Errorf("%+v", made)
			}
			if len(made.Review) != 1 || made.Review[0].Month != "2026-03" || made.Review[0].Amount != 2_00 {
				t.Errorf("only March was paid too much: %+v", made.Review)
			}
			if r := o.check(made.Batch.Code); len(r.Findings) > 0 {
				t.Errorf("%+v", r.Findings)
			}
			o.sound()
		})
	}
}

// TestBackPay_a_month_is_of_the_office_that_paid_it.
func TestBackPay_a_month_is_of_the_office_that_paid_it(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	o.paidMonth("DB", 1, map[int]string{1: "一类", 2: "二类"})
	if _, err := o.batch.Create(o.all("maker"), batch.Create{Code: "DB-X", Office: "QHXZ", Program: "DB", Period: "2026-02", Channel: "DF",
		File: o.csv(rosterHead, due(1).with("类别", "一类", "服务月份", "2026-02", "金额", "292.00"))}); err != nil {
		t.Fatal(explain(err))
	}
	o.sent("DB-X")
	o.settle(o.payments("DB-X")[0].ID, evidence.Paid)
	rows := o.raised(standardOf("一类", "2026-01-01", "月", "310.00", "", "fen"))
	for office, month := range map[string]terms.Month{"QHMZ": "2026-01", "QHXZ": "2026-02"} {
		made, err := o.batch.MakeBackPay(o.all("maker"), batch.BackPayAsk{Office: office, Policy: rows[0], Channel: "DF"})
		if err != nil || made.Batch.Amount != 18_00 {
			t.Fatalf("%s: %+v, %s", office, made, explain(err))
		}
		lines, err := batch.Lines(t.Context(), o.db.Pool(), made.Batch.ID, 0, 10)
		if err != nil || len(lines) != 1 || lines[0].Month != month {
			t.Errorf("%s: %+v, %v", office, lines, err)
		}
		o.check(made.Batch.Code)
	}
	_, err := o.batch.MakeBackPay(o.all("maker"), batch.BackPayAsk{Office: "QHMZ", Policy: rows[0], Channel: "GK"})
	o.refused(err, "BACKPAY_CHANNEL")
}

// TestBackPay_passes_over_lines_that_gave_up_their_key: withdrawn and paid by
// another list, a month waits for nothing.
func TestBackPay_passes_over_lines_that_gave_up_their_key(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	roster := func(code string, people ...int) {
		t.Helper()
		var rows []row
		for _, n := range people {
			rows = append(rows, due(n).with("类别", "一类", "服务月份", "2026-01", "金额", "292.00"))
		}
		if _, err := o.batch.Create(o.all("maker"), batch.Create{Code: code, Office: "QHMZ", Program: "DB", Period: "2026-01", Channel: "DF", File: o.csv(rosterHead, rows...)}); err != nil {
			t.Fatal(explain(err))
		}
		if _, err := o.batch.Approve(o.all("approver"), code, o.resubmit(code)); err != nil {
			t.Fatal(explain(err))
		}
	}
	roster("DB-01", 1, 2)
	o.list("DB-01", batch.Withdraw, 2)
	roster("DB-02", 2)
	for _, code := range []string{"DB-01", "DB-02"} {
		o.release(code)
		o.settle(o.payments(code)[0].ID, evidence.Paid)
	}
	made := o.backPay(o.raised(standardOf("一类", "2026-01-01", "月", "310.00", "", "fen"))[0])
	if made.Batch.Amount != 36_00 || len(made.Waiting) != 0 {
		t.Errorf("%+v", made)
	}
}

// A draft is looked at again: the month's own money came back, another row is in
// force by now, or somebody asks for what was paid once.
func TestBackPay_checks(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	jan := o.paidMonth("DB", 1, map[int]string{1: "一类", 2: "二类"})
	for m := 2; m <= 3; m++ {
		o.paidMonth("DB", m, map[int]string{1: "一类", 2: "二类"})
	}
	first := o.raised(standardOf("一类", "2026-01-01", "月", "310.00", "", "fen"))[0]
	made := o.backPay(first)
	if made.Batch.Lines != 3 {
		t.Fatalf("%+v", made)
	}
	o.cameBack(o.payments(jan)[0].ID)
	o.raised(standardOf("一类", "2026-03-01", "月", "320.00", "", "fen"))
	r, err := o.batch.Check(o.all("checker"), made.Batch.Code)
	o.refused(err, "BATCH_BLOCKED")
	var codes []string
	for _, f := range r.Findings {
		codes = append(codes, f.Code)
	}
	if diff := cmp.Diff([]string{"backpay_returned", "backpay_policy"}, codes); diff != "" {
		t.Error(diff)
	}
	if _, err := o.batch.Remove(o.all("maker"), made.Batch.Code, []int32{1, 3}, "待核实"); err != nil {
		t.Fatal(explain(err))
	}
	digest := o.resubmit(made.Batch.Code)
	o.cameBack(o.payments("DB-02")[0].ID)
	_, err = o.batch.Approve(o.all("approver"), made.Batch.Code, digest)
	o.refused(err, "BATCH_BLOCKED_SINCE")
}

// A line of another amount, or with other levels than the difference, is blocked.
func TestBackPay_checks_the_difference(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	o.paidMonth("DB", 1, map[int]string{1: "一类", 2: "二类"})
	first := o.raised(standardOf("一类", "2026-01-01", "月", "310.00", "", "fen"))[0]
	made := o.backPay(first)
	if _, err := o.db.Pool().Exec(t.Context(), `UPDATE entitlement_line SET amount_fen = 1900 WHERE batch = $1`, made.Batch.ID); err != nil {
		t.Fatal(err)
	}
	r, err := o.batch.Check(o.all("checker"), made.Batch.Code)
	if errs.CodeOf(err) != "BATCH_BLOCKED" || len(r.Findings) != 1 || r.Findings[0].Code != "backpay_differs" || r.Findings[0].Args["due"] != "18.00" {
		t.Errorf("%v %+v", err, r.Findings)
	}
	for _, sql := range []string{`UPDATE entitlement_line SET amount_fen = 1800 WHERE batch = $1`,
		`INSERT INTO line_layer (line, level, amount_fen) SELECT id, 'central', 1800 FROM entitlement_line WHERE batch = $1`} {
		if _, err := o.db.Pool().Exec(t.Context(), sql, made.Batch.ID); err != nil {
			t.Fatal(err)
		}
	}
	r, err = o.batch.Check(o.all("checker"), made.Batch.Code)
	if errs.CodeOf(err) != "BATCH_BLOCKED" || len(r.Findings) != 1 || r.Findings[0].Code != "backpay_differs" {
		t.Errorf("levels that are not the difference's: %v %+v", err, r.Findings)
	}
}

// cameBack tells that a payment was returned after it had been paid.
func (o *office) cameBack(p payment.ID) {
	o.t.Helper()
	o.files++
	err := o.db.Run(o.t.Context(), func(tx pgx.Tx) error {
		attempts, err := payment.AttemptsOf(o.t.Context(), tx, p)
		if err != nil {
			return err
		}
		a := attempts[len(attempts)-1]
		out := evidence.Outcome{Attempt: a.ID, State: evidence.Returned, Booked: a.Amount, Returned: a.Amount, Back: []evidence.Back{{Amount: a.Amount, Hint: "退汇"}},
			File: 1, Pos: o.files}
		_, err = o.payment.ApplyTx(o.t.Context(), tx, []evidence.Outcome{out}, evidence.Command{Key: fmt.Sprintf("evidence/%d", o.files),
			Actor: "he", Cause: "evidence:1", BusinessDate: day})
		return err
	})
	if err != nil {
		o.t.Fatal(explain(err))
	}
}

// TestRace_backpay: of those who make it at one moment all have the same batch,
// and of two batches of one row one is submitted.
func TestRace_backpay(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	o.paidMonth("DB", 1, map[int]string{1: "一类", 2: "二类"})
	first := o.raised(standardOf("一类", "2026-01-01", "月", "310.00", "", "fen"))[0]
	ask := batch.BackPayAsk{Office: "QHMZ", Policy: first, Channel: "DF"}
	if won := o.race(6, "", func(int) error { return second(o.batch.MakeBackPay(o.all("maker"), ask)) }); won != 6 {
		t.Errorf("%d of 6 were answered", won)
	}
	var batches int
	if err := o.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM batch WHERE kind = 'backpay'`).Scan(&batches); err != nil || batches != 1 {
		t.Errorf("%d batches, %v", batches, err)
	}
	ask.Code = "QHMZ-BP-TWO"
	if _, err := o.batch.MakeBackPay(o.all("maker"), ask); err != nil {
		t.Fatal(explain(err))
	}
	if again, err := o.batch.MakeBackPay(o.all("maker"), ask); err != nil || !again.Replay || again.Batch.Code != ask.Code {
		t.Errorf("%+v, %s", again, explain(err))
	}
	codes := []string{o.backPay(first).Batch.Code, ask.Code}
	for _, code := range codes {
		o.check(code)
	}
	won := o.race(2, "BATCH_ONCE_KEY", func(i int) error { return second(o.batch.Submit(o.all("maker"), codes[i], "")) })
	if won != 1 {
		t.Errorf("%d batches of one row were submitted", won)
	}
	o.sound()
	ask.Code = "DB-01"
	_, err := o.batch.MakeBackPay(o.all("maker"), ask)
	o.refused(err, "BATCH_CODE_TAKEN")
}

func TestBackPay_refuses_a_limit(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	limit := o.raised(standardOf("三类", "2026-01-01", "月", "310.00", "", "fen").with("对象上限", "上限"))[0]
	_, err := o.batch.MakeBackPay(o.all("maker"), batch.BackPayAsk{Office: "QHMZ", Policy: limit, Channel: "DF"})
	o.refused(err, "BACKPAY_POLICY")
}

// money-rules C1: by the end of June, for each township, and who is not paid.
func TestBackPayStatus(t *testing.T) {
	t.Parallel()
	o := lowIncome(t)
	o.paidMonth("DB", 1, map[int]string{1: "一类", 2: "二类"})
	o.paidMonth("DB", 2, map[int]string{1: "一类", 2: "二类"})
	first := o.raised(standardOf("一类", "2026-01-01", "月", "310.00", "", "fen"))[0]
	st := o.backPayStatus(first)
	if len(st.Townships) != 1 || st.Townships[0].Deadline != nil || st.Townships[0].Overdue || len(st.Unpaid) != 2 || st.Unpaid[0].Why != "no_list" {
		t.Fatalf("%+v", st)
	}
	o.figure("补发完成月数", "6")
	june := time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
	want := batch.TownshipBackPay{Township: "991301103000", Deadline: &june, Overdue: true, Months: 2, Added: 36_00, Unpaid: 2}
	if diff := cmp.Diff([]batch.TownshipBackPay{want}, o.backPayStatus(first).Townships); diff != "" {
		t.Error(diff)
	}
	code := o.backPay(first).Batch.Code
	o.sent(code)
	st = o.backPayStatus(first)
	if diff := cmp.Diff([]batch.TownshipBackPay{want}, st.Townships); diff != "" || st.Unpaid[1].Why != "in_list" || st.Unpaid[1].Batch != code || len(st.Waiting) != 0 {
		t.Errorf("%+v %s", st, diff)
	}
	for _, p := range o.payments(code) {
		o.settle(p.ID, evidence.Paid)
	}
	want.Paid, want.Unpaid, want.Overdue = 36_00, 0, false
	st = o.backPayStatus(first)
	if diff := cmp.Diff([]batch.TownshipBackPay{want}, st.Townships); diff != "" || len(st.Unpaid) != 0 {
		t.Errorf("%+v %s", st.Unpaid, diff)
	}
}
