package batch_test

import (
	"strings"
	"testing"

	"fenlu/disbursement/batch"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

// otherMoney is a correction of BF-1: money that arrived pays instead of what was cut.
func otherMoney(amount money.Fen) batch.NewPaymentCorrection {
	return batch.NewPaymentCorrection{Number: "县财预〔2026〕37号", Title: "关于更正资金来源的通知", IssuedOn: day, Batch: "BF-1", Freed: "省财社〔2026〕66号",
		Arrived: "省财社〔2026〕88号", Amount: amount}
}

// cutBelow has three people's 420.00 frozen on a lot of 1,500.00 that is cut by
// 700.00: 240.00 are short by 460.00.
func cutBelow(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	o.money("省财社〔2026〕66号", "省", "1500.00")
	o.people(head(1), head(2), head(3))
	o.approved("BF-1", "DB", "DF", due(1), due(2), due(3))
	o.cut("省财社〔2026〕71号", "省财社〔2026〕66号", "700.00")
	if got := o.lotBalances("省财社〔2026〕66号")[ledger.Shortfall]; got != -460_00 {
		t.Fatalf("shortfall %s", got)
	}
	o.money("省财社〔2026〕88号", "省", "2000.00")
	return o
}

func TestCorrectPayments_makes_a_cut_good_before_the_release(t *testing.T) {
	t.Parallel()
	o := cutBelow(t)
	done, err := o.batch.CorrectPayments(o.all("xie"), otherMoney(460_00))
	if err != nil {
		t.Fatal(explain(err))
	}
	if done.Amount != 460_00 || done.Lines != 2 || len(done.Legs) != 2 { // 420 of the first line, 40 of the second
		t.Errorf("%+v", done)
	}
	if got := o.lotBalances("省财社〔2026〕66号"); got[ledger.Shortfall] != 0 || got[ledger.Frozen] != 800_00 || got[ledger.Available] != 0 {
		t.Errorf("%v", got)
	}
	if got := o.lotBalances("省财社〔2026〕88号"); got[ledger.Frozen] != 460_00 || got[ledger.Available] != 1540_00 {
		t.Errorf("%v", got)
	}
	o.conserved()
	again, err := o.batch.CorrectPayments(o.all("xie"), otherMoney(460_00))
	if err != nil || !again.Replay || again.Journal != done.Journal {
		t.Errorf("%+v, %v", again, err)
	}
	o.release("BF-1")
	for _, p := range o.payments("BF-1") {
		o.settle(p.ID, evidence.Paid)
	}
	if got := o.balances(); got[ledger.Paid] != 1260_00 || got[ledger.InTransit] != 0 {
		t.Errorf("%v", got)
	}
	o.conserved()
}

func TestCorrectPayments_refuses(t *testing.T) {
	t.Parallel()
	o := cutBelow(t)
	o.money("县财预〔2026〕6号", "县", "5000.00")
	for _, c := range []struct {
		login, code string
		change      func(*batch.NewPaymentCorrection)
	}{
		{"maker", "BATCH_CORRECT_CHAIN", func(*batch.NewPaymentCorrection) {}},
		{"approver", "BATCH_CORRECT_CHAIN", func(*batch.NewPaymentCorrection) {}},
		{"xie", "BATCH_CORRECT_LESS", func(n *batch.NewPaymentCorrection) { n.Amount = 1260_01 }},
		{"xie", "BATCH_CORRECT_FREED", func(n *batch.NewPaymentCorrection) { n.Place = ledger.Returned }},
		{"xie", "BATCH_CORRECT_MONEY", func(n *batch.NewPaymentCorrection) { n.Arrived = "县财预〔2026〕6号" }}, // another level
		{"xie", "BATCH_CORRECT_WHAT", func(n *batch.NewPaymentCorrection) { n.Arrived = n.Freed }},
		{"xie", "BATCH_NUMBER_USED", func(n *batch.NewPaymentCorrection) { n.Number = "省财社〔2026〕88号" }},
		{"xie", "BATCH_UNKNOWN", func(n *batch.NewPaymentCorrection) { n.Batch = "BF-9" }},
	} {
		n := otherMoney(460_00)
		c.change(&n)
		_, err := o.batch.CorrectPayments(o.all(c.login), n)
		o.refused(err, c.code)
	}
	o.people(head(4))
	o.submitted("BF-2", "DB", "DF", due(4))
	n := otherMoney(0)
	n.Batch = "BF-2"
	_, err := o.batch.CorrectPayments(o.all("xie"), n)
	o.refused(err, "BATCH_STATE")
}

// Where a channel pays a credit from one budget line, nothing frozen is parted.
func TestCorrectPayments_leaves_one_budget_line_to_a_payment(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("省财社〔2026〕66号", "省", "1500.00")
	o.people(head(1))
	o.approved("BF-1", "DB", "GK", due(1))
	o.money("省财社〔2026〕88号", "省", "2000.00")
	_, err := o.batch.CorrectPayments(o.all("xie"), otherMoney(0))
	o.refused(err, "BATCH_CORRECT_CHANNEL")
	o.release("BF-1")
	if _, err := o.batch.CorrectPayments(o.all("xie"), otherMoney(0)); err != nil {
		t.Error(explain(err))
	}
	o.conserved()
}

// What a bank sent back is paid again out of other money: the line, its once-key and
// the payment are the same.
func TestCorrectPayments_of_what_came_back(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("省财社〔2026〕66号", "省", "1500.00")
	o.people(head(1), head(2))
	o.released("BF-1", "DB", "DF", due(1), due(2))
	pay := o.payments("BF-1")
	for _, p := range pay {
		o.settle(p.ID, evidence.Paid)
	}
	o.settleReturned(pay[1].ID)
	o.money("省财社〔2026〕88号", "省", "2000.00")
	n := otherMoney(0)
	n.Place = ledger.Returned
	done, err := o.batch.CorrectPayments(o.all("xie"), n)
	if err != nil || done.Amount != 420_00 || done.Lines != 1 {
		t.Fatalf("%+v, %s", done, explain(err))
	}
	if got := o.lotBalances("省财社〔2026〕66号"); got[ledger.Available] != 1080_00 || got[ledger.Returned] != 0 {
		t.Errorf("%v", got)
	}
	o.sentAgain("BF-1", pay[1], 2)
	o.settle(pay[1].ID, evidence.Paid)
	if got := o.lotBalances("省财社〔2026〕88号"); got[ledger.Paid] != 420_00 {
		t.Errorf("%v", got)
	}
	o.conserved()
}

func TestVerify_sees_tampering_with_payment_corrections(t *testing.T) {
	t.Parallel()
	o := cutBelow(t)
	if _, err := o.batch.CorrectPayments(o.all("xie"), otherMoney(460_00)); err != nil {
		t.Fatal(explain(err))
	}
	o.tampers(`UPDATE correction_leg SET amount_fen = amount_fen - 1`)
	found, err := batch.Verify(t.Context(), o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	for _, f := range found {
		seen.WriteString(f.Check + " ")
	}
	for _, want := range []string{"advance_owed", "correction_legs", "correction_leaf"} {
		if !strings.Contains(seen.String(), want) {
			t.Errorf("%s did not speak: %v", want, found)
		}
	}
}
