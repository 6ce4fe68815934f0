package batch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

// decide records that the county may advance provincial money of 特困.
func (o *office) decide(number, amount string) batch.Advance {
	o.t.Helper()
	a, err := o.batch.DecideAdvance(o.all("zhou"), decision(number, amount))
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return a
}

func decision(number, amount string) batch.NewAdvance {
	fen, err := money.Parse(amount)
	if err != nil {
		panic(err)
	}
	return batch.NewAdvance{Number: number, Title: "关于垫付省级特困资金的决定", IssuedOn: day.AddDate(0, 0, -9), Program: "TK", Payer: terms.County,
		Owing: terms.Province, Amount: fen, Until: day.AddDate(0, 1, 0)}
}

// correction is a 支付更正 of what decision 9 let the county advance.
func correction(number, arrived string, amount money.Fen) batch.NewCorrection {
	return batch.NewCorrection{Number: number, Title: "关于更正特困资金来源的通知", IssuedOn: day, Advance: "县财预〔2026〕9号", Arrived: arrived, Amount: amount}
}

func (o *office) corrects(n batch.NewCorrection) batch.Correction {
	o.t.Helper()
	c, err := o.batch.Correct(o.all("xie"), n)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	o.conserved()
	return c
}

func (o *office) owed() batch.OwedList {
	o.t.Helper()
	list, err := batch.Advances(o.t.Context(), o.db.Pool(), "991301", day.AddDate(0, 0, 40), true)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return list
}

// conserved wants, for each lot, what it was brought in with in its places, and
// every check content.
func (o *office) conserved() {
	o.t.Helper()
	accounts, err := ledger.Accounts(o.t.Context(), o.db.Pool())
	if err != nil {
		o.t.Fatal(err)
	}
	sums := map[ledger.LotID]money.Fen{}
	for _, a := range accounts {
		sums[a.Lot] += a.Balance
	}
	for lot, sum := range sums {
		if sum != 0 {
			o.t.Errorf("lot %d is out by %s", lot, sum)
		}
	}
	o.sound()
}

// paidTK sends two lines of 431.50 (province 381.50, county 50.00) whose provincial
// part is short by 363.00: the second line is advanced for that.
func paidTK(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	o.figure("垫付清偿期限（天）", "30")
	o.money("财社〔2026〕12号", "中央", "100000.00")
	o.money("省财社〔2026〕31号", "省", "400.00")
	o.money("县财预〔2026〕6号", "县", "1000.00")
	o.people(head(1), head(2))
	o.decide("县财预〔2026〕9号", "500.00")
	o.released("TK-1", "TK", "DF", poor(1, "分散", "431.50"), poor(2, "分散", "431.50"))
	if _, err := o.batch.WriteFiles(o.all("releaser"), "TK-1", o.dir); err != nil {
		t.Fatal(explain(err))
	}
	o.conserved()
	return o
}

func TestAdvance_only_where_the_level_is_short(t *testing.T) {
	t.Parallel()
	o := paidTK(t)
	if diff := cmp.Diff(map[string]money.Fen{"province": 400_00, "county": 463_00}, o.byLevel("TK-1")); diff != "" {
		t.Error(diff)
	}
	list := o.owed()
	if len(list.Items) != 1 || list.Total != 363_00 {
		t.Fatalf("%+v", list)
	}
	got := list.Items[0]
	if got.Owed != 363_00 || got.Repaid != 0 || got.Advanced != 363_00 || got.Days != 40 || !got.Overdue || got.Owing != terms.Province || !got.Since.Equal(day) {
		t.Errorf("%+v", got)
	}
	// Enough of the level's own: the decision is not used.
	o.money("省财社〔2026〕32号", "省", "1000.00")
	o.people(head(3))
	o.approved("TK-2", "TK", "DF", poor(3, "分散", "431.50"))
	if diff := cmp.Diff(map[string]money.Fen{"province": 381_50, "county": 50_00}, o.byLevel("TK-2")); diff != "" {
		t.Error(diff)
	}
	if o.owed().Total != 363_00 {
		t.Errorf("%+v", o.owed())
	}
}

func TestAdvance_within_its_amount_its_days_and_its_level(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.figure("垫付清偿期限（天）", "30")
	o.money("县财预〔2026〕6号", "县", "1000.00")
	o.people(head(1), head(2))
	o.made("TK-1", "TK", "DF", poor(1, "分散", "431.50"))
	short := func(want string) {
		t.Helper()
		r, err := o.batch.Check(o.all("checker"), "TK-1")
		o.refused(err, "BATCH_BLOCKED")
		if len(r.Findings) != 1 || r.Findings[0].Args["level"] != "省" || r.Findings[0].Args["missing"] != want {
			t.Errorf("%+v", r.Findings)
		}
	}
	short("381.50")
	other := decision("县财预〔2026〕7号", "500.00")
	other.Owing = terms.Central
	if _, err := o.batch.DecideAdvance(o.all("zhou"), other); err != nil {
		t.Fatal(explain(err))
	}
	short("381.50")
	over := decision("县财预〔2026〕8号", "500.00")
	over.Until = day.AddDate(0, 0, -1)
	if _, err := o.batch.DecideAdvance(o.all("zhou"), over); err != nil {
		t.Fatal(explain(err))
	}
	short("381.50")
	o.decide("县财预〔2026〕9号", "381.49")
	short("0.01")
	o.decide("县财预〔2026〕10号", "0.01")
	digest := o.resubmit("TK-1")
	if _, err := o.batch.Approve(o.all("approver"), "TK-1", digest); err != nil {
		t.Fatal(explain(err))
	}
	o.conserved()
	// Both are used up.
	o.made("TK-2", "TK", "DF", poor(2, "分散", "431.50"))
	r, err := o.batch.Check(o.all("checker"), "TK-2")
	o.refused(err, "BATCH_BLOCKED")
	if len(r.Findings) != 1 || r.Findings[0].Args["missing"] != "381.50" {
		t.Errorf("%+v", r.Findings)
	}
	// What goes back to the county is not owed, and may be advanced again.
	o.list("TK-1", batch.Withhold, 1)
	if list := o.owed(); list.Total != 0 {
		t.Errorf("%+v", list)
	}
	o.bounds(381_49, 1)
	digest = o.resubmit("TK-2")
	if _, err := o.batch.Approve(o.all("approver"), "TK-2", digest); err != nil {
		t.Fatal(explain(err))
	}
	// What was advanced once more is above the amount, and counted anew it is not.
	o.bounds(381_49, 1)
	o.conserved()
}

// bounds wants what is on record as at most used of the decisions in use.
func (o *office) bounds(want ...money.Fen) {
	o.t.Helper()
	rows, err := o.db.Pool().Query(o.t.Context(), `SELECT k.bound_fen FROM advance_lock k JOIN advance a ON a.id = k.advance
		WHERE k.bound_fen IS NULL OR k.bound_fen > 0 ORDER BY a.id`)
	if err != nil {
		o.t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[money.Fen])
	if err != nil || !slices.Equal(got, want) {
		o.t.Errorf("bounds %v, want %v: %v", got, want, err)
	}
}

// TestAdvance_counts_where_the_bound_is_unknown: of decisions of before bounds were
// kept the legs are followed, once.
func TestAdvance_counts_where_the_bound_is_unknown(t *testing.T) {
	t.Parallel()
	o := paidTK(t)
	o.bounds(363_00)
	o.tampers(`UPDATE advance_lock SET bound_fen = NULL`)
	o.money("县财预〔2026〕8号", "县", "1000.00")
	o.people(head(3))
	o.made("TK-2", "TK", "DF", poor(3, "分散", "431.50"))
	if r, err := o.batch.Check(o.all("checker"), "TK-2"); errs.CodeOf(err) != "BATCH_BLOCKED" || r.Findings[0].Args["missing"] != "244.50" {
		t.Errorf("%+v, %s", r.Findings, explain(err)) // 137.00 of the decision is left
	}
	o.decide("县财预〔2026〕10号", "244.50")
	digest := o.resubmit("TK-2")
	if _, err := o.batch.Approve(o.all("approver"), "TK-2", digest); err != nil {
		t.Fatal(explain(err))
	}
	o.bounds(500_00, 244_50)
	o.conserved()
}

func TestAdvance_is_recorded_once(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("县财预〔2026〕6号", "县", "1000.00")
	first := o.decide("县财预〔2026〕9号", "500.00")
	if again := o.decide("县财预[2026]9号", "500.00"); !again.Replay || again.ID != first.ID {
		t.Errorf("%+v", again)
	}
	for _, tt := range []struct {
		code string
		with func(*batch.NewAdvance)
	}{
		{"BATCH_NUMBER_USED", func(n *batch.NewAdvance) { n.Amount++ }},
		{"BATCH_NUMBER_USED", func(n *batch.NewAdvance) { n.Number = "县财预〔2026〕6号" }},
		{"BATCH_ADVANCE_LEVELS", func(n *batch.NewAdvance) { n.Owing = n.Payer }},
		{"BATCH_ADVANCE_LEVELS", func(n *batch.NewAdvance) { n.Owing = "town" }},
		{"BATCH_ADVANCE_DAYS", func(n *batch.NewAdvance) { n.Until = n.IssuedOn.AddDate(0, 0, -1) }},
		{"BATCH_PROGRAM_UNKNOWN", func(n *batch.NewAdvance) { n.Program = "XX" }},
		{"VALID_PROBLEMS", func(n *batch.NewAdvance) { n.Amount = 0 }},
	} {
		n := decision("县财预〔2026〕9号", "500.00")
		tt.with(&n)
		_, err := o.batch.DecideAdvance(o.all("zhou"), n)
		o.refused(err, tt.code)
	}
	_, err := o.batch.DecideAdvance(as(t.Context(), "qian"), decision("县财预〔2026〕11号", "1.00"))
	o.refused(err, "AUTH_RIGHT_MISSING")
}

// The golden case: the province's money comes in two parts. One line is paid, one
// came back, and each correction moves exactly what was advanced.
func TestCorrect_two_documents_in_stable_order(t *testing.T) {
	t.Parallel()
	o := paidTK(t)
	pay := o.payments("TK-1")
	o.settle(pay[0].ID, evidence.Paid)
	other := o.lotBalances("财社〔2026〕12号")

	// In transit: 100.00 of the 363.00.
	o.money("省财社〔2026〕33号", "省", "100.00")
	c := o.corrects(correction("县财预〔2026〕20号", "省财社〔2026〕33号", 0))
	if c.Amount != 100_00 || c.Owed != 263_00 || c.Lines != 1 {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff(map[string]money.Fen{"province": 500_00, "county": 363_00}, o.byLevelNow("TK-1")); diff != "" {
		t.Error(diff)
	}
	again, err := o.batch.Correct(o.all("xie"), correction("县财预〔2026〕20号", "省财社〔2026〕33号", 0))
	if err != nil || !again.Replay || again.ID != c.ID || again.Journal != c.Journal || again.Owed != 263_00 {
		t.Errorf("%+v, %s", again, explain(err))
	}

	// The bank pays, and then sends it back: every leg of the payment follows.
	o.settle(pay[1].ID, evidence.Paid)
	o.conserved()
	o.settleReturned(pay[1].ID)
	o.conserved()
	o.money("省财社〔2026〕34号", "省", "1000.00")
	c = o.corrects(correction("县财预〔2026〕21号", "省财社〔2026〕34号", 63_00))
	if c.Amount != 63_00 || c.Owed != 200_00 {
		t.Errorf("%+v", c)
	}
	before := o.balances()
	for _, tt := range []struct {
		code string
		n    batch.NewCorrection
	}{
		{"BATCH_CORRECT_ABOVE", correction("县财预〔2026〕22号", "省财社〔2026〕34号", 200_01)},
		{"BATCH_CORRECT_SHORT", correction("县财预〔2026〕22号", "省财社〔2026〕33号", 1)},
		{"BATCH_CORRECT_NOTHING", correction("县财预〔2026〕22号", "省财社〔2026〕33号", 0)},
		{"BATCH_CORRECT_MONEY", correction("县财预〔2026〕22号", "财社〔2026〕12号", 0)},
		{"BATCH_CORRECT_MONEY", correction("县财预〔2026〕22号", "县财预〔2026〕6号", 0)},
		{"BATCH_NUMBER_USED", correction("县财预〔2026〕21号", "省财社〔2026〕34号", 64_00)},
		{"BATCH_NUMBER_USED", correction("省财社〔2026〕34号", "省财社〔2026〕34号", 1)},
		{"BATCH_CORRECT_WHAT", correction("县财预〔2026〕22号", "", 0)},
	} {
		_, err := o.batch.Correct(o.all("xie"), tt.n)
		o.refused(err, tt.code)
	}
	_, err = o.batch.Correct(o.all("zhou"), correction("县财预〔2026〕22号", "省财社〔2026〕34号", 0))
	o.refused(err, "BATCH_CORRECT_OWN")
	_, err = o.batch.Correct(as(t.Context(), "qian"), correction("县财预〔2026〕22号", "省财社〔2026〕34号", 0))
	o.refused(err, "AUTH_RIGHT_MISSING")
	if diff := cmp.Diff(before, o.balances()); diff != "" {
		t.Errorf("a refused correction moved money: %s", diff)
	}

	c = o.corrects(correction("县财预〔2026〕22号", "省财社〔2026〕34号", 0))
	if c.Amount != 200_00 || c.Owed != 0 {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff(map[string]money.Fen{"province": 763_00, "county": 100_00}, o.byLevelNow("TK-1")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(other, o.lotBalances("财社〔2026〕12号")); diff != "" {
		t.Errorf("a lot that no document named: %s", diff)
	}
	if got := o.lotBalances("县财预〔2026〕6号")["available"]; got != 900_00 {
		t.Errorf("the county has %s left", got)
	}
	if got := o.owed().Items[0]; got.Owed != 0 || got.Repaid != 363_00 || got.Overdue {
		t.Errorf("%+v", got)
	}
}

// TestCorrect_keeps_town_and_country_apart: money of the other class's function
// code pays nothing of a line, whether or not an amount is asked for.
func TestCorrect_keeps_town_and_country_apart(t *testing.T) {
	t.Parallel()
	o := paidTK(t) // rural lines
	o.figure("特困城市功能科目", "2081901")
	o.figure("特困农村功能科目", "2081902")
	arrives := func(number, code, amount string) {
		t.Helper()
		if _, err := o.funds.ImportDocuments(o.all("zhou"), o.csv(documentHead, row{"文号": number, "标题": "关于下达补助资金的通知", "类别": "下达", "签发日期": "2026-01-06",
			"收到日期": "2026-01-12", "年度": "2026", "行号": "1", "级次": "省", "资金": "困难群众救助补助资金", "功能科目": code, "经济科目": "50901", "单位": "青禾县民政局",
			"项目": "DB;TK", "金额": amount})); err != nil {
			t.Fatal(explain(err))
		}
	}
	arrives("省财社〔2026〕33号", "2081901", "300.00")
	_, err := o.batch.Correct(o.all("xie"), correction("县财预〔2026〕20号", "省财社〔2026〕33号", 0))
	o.refused(err, "BATCH_CORRECT_NOTHING")
	_, err = o.batch.Correct(o.all("xie"), correction("县财预〔2026〕20号", "省财社〔2026〕33号", 1_00))
	o.refused(err, "BATCH_CORRECT_SHORT")
	arrives("省财社〔2026〕34号", "2081902", "100.00")
	if c := o.corrects(correction("县财预〔2026〕20号", "省财社〔2026〕34号", 0)); c.Amount != 100_00 {
		t.Errorf("%+v", c)
	}
}

func TestCorrect_is_taken_back_by_another_correction_only(t *testing.T) {
	t.Parallel()
	o := paidTK(t)
	o.money("省财社〔2026〕33号", "省", "300.00")
	o.corrects(correction("县财预〔2026〕20号", "省财社〔2026〕33号", 0))
	back := batch.NewCorrection{Number: "县财预〔2026〕21号", Title: "关于撤回更正的通知", IssuedOn: day, Undoes: "县财预〔2026〕20号"}
	c := o.corrects(back)
	if c.Amount != 300_00 || c.Owed != 363_00 || c.Undoes == 0 {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff(map[string]money.Fen{"province": 400_00, "county": 463_00}, o.byLevelNow("TK-1")); diff != "" {
		t.Error(diff)
	}
	if again := o.corrects(back); !again.Replay || again.ID != c.ID {
		t.Errorf("%+v", again)
	}
	twice := back
	twice.Number = "县财预〔2026〕22号"
	_, err := o.batch.Correct(o.all("xie"), twice)
	o.refused(err, "BATCH_CORRECT_UNDONE")
	twice.Undoes = "县财预〔2026〕21号"
	_, err = o.batch.Correct(o.all("xie"), twice)
	o.refused(err, "BATCH_CORRECT_UNDO")
	// And made anew.
	if c = o.corrects(correction("县财预〔2026〕23号", "省财社〔2026〕33号", 250_00)); c.Owed != 113_00 {
		t.Errorf("%+v", c)
	}
}

// Two corrections at once of two documents never repay more than is owed.
func TestCorrect_race(t *testing.T) {
	t.Parallel()
	o := paidTK(t)
	o.money("省财社〔2026〕33号", "省", "300.00")
	o.money("省财社〔2026〕34号", "省", "300.00")
	numbers, arrived := []string{"县财预〔2026〕20号", "县财预〔2026〕21号"}, []string{"省财社〔2026〕33号", "省财社〔2026〕34号"}
	done, all := make([]batch.Correction, 2), make(chan error)
	for i := range 2 {
		go func() {
			var err error
			done[i], err = o.batch.Correct(as(t.Context(), "xie", "journal.correct"), correction(numbers[i], arrived[i], 0))
			all <- err
		}()
	}
	for range 2 {
		if err := <-all; err != nil {
			t.Error(explain(err))
		}
	}
	if done[0].Amount+done[1].Amount != 363_00 || min(done[0].Owed, done[1].Owed) != 0 {
		t.Errorf("%+v", done)
	}
	o.conserved()
	if got := o.lotBalances("县财预〔2026〕6号")["available"]; got != 900_00 {
		t.Errorf("the county has %s left", got)
	}
}

// Money that is not sent yet waits: its voucher and its file are not made.
func TestCorrect_what_is_frozen_waits(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.figure("垫付清偿期限（天）", "30")
	o.money("县财预〔2026〕6号", "县", "1000.00")
	o.people(head(1))
	o.decide("县财预〔2026〕9号", "500.00")
	o.approved("TK-1", "TK", "GK", poor(1, "分散", "431.50"))
	o.money("省财社〔2026〕33号", "省", "1000.00")
	_, err := o.batch.Correct(o.all("xie"), correction("县财预〔2026〕20号", "省财社〔2026〕33号", 0))
	o.refused(err, "BATCH_CORRECT_NOTHING")
}

// A second attempt's legs stay the second attempt's.
func TestCorrect_after_a_reissue(t *testing.T) {
	t.Parallel()
	o := paidTK(t)
	pay := o.payments("TK-1")[1]
	o.settle(pay.ID, evidence.Paid)
	o.settleReturned(pay.ID)
	o.sentAgain("TK-1", pay, 2)
	o.money("省财社〔2026〕33号", "省", "300.00")
	c := o.corrects(correction("县财预〔2026〕20号", "省财社〔2026〕33号", 0))
	var n int
	err := o.db.Pool().QueryRow(t.Context(), `SELECT t.n FROM attempt_leg g JOIN attempt t ON t.id = g.attempt WHERE g.holding = $1`, c.Legs[0].To).Scan(&n)
	if err != nil || n != 2 {
		t.Errorf("the new leg is of attempt %d, %v", n, err)
	}
	o.settle(pay.ID, evidence.Paid)
	o.conserved()
	for place, want := range map[ledger.AccountKind]money.Fen{"in_transit": 431_50, "paid": 431_50, "returned": 0} {
		if got := o.balances()[place]; got != want {
			t.Errorf("%s %s, want %s", place, got, want)
		}
	}
}

func TestVerify_sees_tampering_with_advances(t *testing.T) {
	t.Parallel()
	o := paidTK(t)
	o.money("省财社〔2026〕33号", "省", "100.00")
	o.corrects(correction("县财预〔2026〕20号", "省财社〔2026〕33号", 0))
	for _, tt := range []struct{ name, sql, undo, want string }{
		{"more owed", `UPDATE advance_leg SET amount_fen = amount_fen + 1`, `UPDATE advance_leg SET amount_fen = amount_fen - 1`, "advance_owed advanced_leaf"},
		{"less repaid", `UPDATE correction_leg SET amount_fen = amount_fen - 1`, `UPDATE correction_leg SET amount_fen = amount_fen + 1`,
			"advance_owed correction_leaf correction_legs correction_legs"},
		{"another sum", `UPDATE correction SET amount_fen = amount_fen + 1`, `UPDATE correction SET amount_fen = amount_fen - 1`, "correction_leaf correction_legs"},
		{"another limit", `UPDATE advance SET amount_fen = amount_fen + 1`, `UPDATE advance SET amount_fen = amount_fen - 1`, "advance_leaf"},
		{"a lower bound", `UPDATE advance_lock SET bound_fen = bound_fen - 1`, `UPDATE advance_lock SET bound_fen = bound_fen + 1`, "advance_bound"},
		{"another journal", `UPDATE correction SET journal = journal - 1`, `UPDATE correction SET journal = journal + 1`, "correction_journal correction_leaf correction_legs"},
		{"a debt gone", `CREATE TABLE kept AS SELECT * FROM advance_leg; DELETE FROM advance_leg`, `INSERT INTO advance_leg SELECT * FROM kept; DROP TABLE kept`,
			"advanced_leaf correction_legs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o.tampers(tt.sql)
			found, err := batch.Verify(t.Context(), o.db.Pool())
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, f := range found {
				seen[f.Check] = true
			}
			for _, want := range strings.Fields(tt.want) {
				if !seen[want] {
					t.Errorf("%s did not speak: %v", want, found)
				}
			}
			o.tampers(tt.undo)
		})
	}
	o.sound()
}

// byLevelNow are the legs of a batch that stand, in fen, by the level whose money
// they are.
func (o *office) byLevelNow(code string) map[string]money.Fen {
	o.t.Helper()
	sums := map[string]money.Fen{}
	rows, err := o.db.Pool().Query(o.t.Context(), `SELECT dl.level, h.amount_fen FROM leg h JOIN payment p ON p.id = h.payment JOIN batch b ON b.id = p.batch
		JOIN document_line dl ON dl.lot = h.lot AND dl.kind = 'bring' WHERE b.code = $1 AND h.account IS NOT NULL`, code)
	if err != nil {
		o.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var level string
		var fen money.Fen
		if err := rows.Scan(&level, &fen); err != nil {
			o.t.Fatal(err)
		}
		sums[level] += fen
	}
	return sums
}

// lotBalances are the balances of the lot of a document, by kind of place.
func (o *office) lotBalances(number string) map[ledger.AccountKind]money.Fen {
	o.t.Helper()
	_, lines, err := o.funds.FindDocument(o.t.Context(), o.db.Pool(), number)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	accounts, err := ledger.Accounts(o.t.Context(), o.db.Pool())
	if err != nil {
		o.t.Fatal(err)
	}
	out := map[ledger.AccountKind]money.Fen{}
	for _, a := range accounts {
		if a.Lot == lines[0].Lot {
			out[a.Place.Kind] += a.Balance
		}
	}
	return out
}

// settleReturned tells that the last attempt of a payment came back whole.
func (o *office) settleReturned(p payment.ID) {
	o.t.Helper()
	o.files++
	err := o.db.Run(o.t.Context(), func(tx pgx.Tx) error {
		attempts, err := payment.AttemptsOf(o.t.Context(), tx, p)
		if err != nil {
			return err
		}
		a := attempts[len(attempts)-1]
		_, err = o.payment.ApplyTx(o.t.Context(), tx, []evidence.Outcome{{Attempt: a.ID, State: evidence.Returned, Booked: a.Amount, Returned: a.Amount,
			Back: []evidence.Back{{Amount: a.Amount}}, File: 1, Pos: o.files}}, evidence.Command{Key: fmt.Sprintf("evidence/%d", o.files), Actor: "he",
			Cause: "evidence:1", BusinessDate: day})
		return err
	})
	if err != nil {
		o.t.Fatal(explain(err))
	}
}

// sentAgain issues a payment that came back again, to a new account of person n.
func (o *office) sentAgain(code string, p payment.Payment, n int) {
	o.t.Helper()
	l, err := o.batch.ProposeReissue(o.all("clerk"), code, []batch.Again{{Payment: p.ID, Account: o.newAccount(p.Payee, 503, name(n)), Reason: "更换社保卡"}})
	if err != nil {
		o.t.Fatal(explain(err))
	}
	if _, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest); err != nil {
		o.t.Fatal(explain(err))
	}
	if _, err := o.batch.ReleaseReissue(o.all("releaser"), l.ID, day); err != nil {
		o.t.Fatal(explain(err))
	}
}

// tampers runs statements that only the owner of the tables may.
func (o *office) tampers(sql string) {
	o.t.Helper()
	for _, one := range strings.Split(sql, ";") {
		if _, err := o.env.Owner(o.t).Exec(o.t.Context(), one); err != nil {
			o.t.Fatal(err)
		}
	}
}
