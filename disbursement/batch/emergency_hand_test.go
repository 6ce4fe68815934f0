package batch_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

// desk reads receipts as reconciliation does, without its tables: what a receipt
// does to the evidence is tested in cmd/fenlu.
type desk struct{ o *office }

func (d desk) HandedOverTx(ctx context.Context, tx pgx.Tx, h evidence.HandedOver) error {
	d.o.files++
	_, err := d.o.payment.ApplyTx(ctx, tx, []evidence.Outcome{{Attempt: h.ID, State: evidence.Paid, Booked: h.Amount, File: 1, Pos: d.o.files}},
		evidence.Command{Key: fmt.Sprintf("receipt/%d", d.o.files), Actor: "he", Cause: "evidence:1", BusinessDate: day})
	return err
}

func receipt(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func cash(number string, n int, amount money.Fen) batch.Draw {
	d := caseOf(number, n, amount)
	d.Handover = funds.Handover{Form: funds.InCash, ReceiptSHA256: receipt(number), ReceiptName: number + ".jpg", Witness: "村干部甲"}
	return d
}

func handOffice(t *testing.T, residents string) *office {
	t.Helper()
	o := newOffice(t)
	o.batch.WithReceipts(desk{o})
	o.money("县财预〔2026〕6号", "县", "50000.00")
	o.reserves(residents)
	return o
}

// TestDrawReserve_in_cash: the money goes from the reserve to paid when a second
// person saw the same receipt; nothing goes to a bank, and no account is needed.
func TestDrawReserve_in_cash(t *testing.T) {
	t.Parallel()
	o := handOffice(t, "1500")
	o.people(head(1).with("账户类型", "", "银行行号", "", "开户银行", "", "账号", "", "户名", "", "核实人", "", "核实日期", ""))
	clerk, chief := as(t.Context(), "clerk", auth.ReserveDraw), as(t.Context(), "chief", auth.ReserveConfirm)
	o.refused(second(o.batch.DrawReserve(clerk, caseOf("白石2026-1", 1, 800_00))), "BATCH_DRAW_CHECK")

	drawn, err := o.batch.DrawReserve(clerk, cash("白石2026-1", 1, 800_00))
	if err != nil {
		t.Fatal(explain(err))
	}
	if again, err := o.batch.DrawReserve(clerk, cash("白石2026-1", 1, 800_00)); err != nil || !again.Replay {
		t.Errorf("%+v, %s", again, explain(err))
	}
	other := cash("白石2026-1", 1, 800_00)
	other.Witness = "村干部乙"
	o.refused(second(o.batch.DrawReserve(clerk, other)), "RESERVE_CASE_TAKEN")

	before := o.balances()
	o.refused(second(o.batch.ConfirmHandover(as(t.Context(), "clerk", auth.ReserveConfirm), "白石2026-1", drawn.Digest, receipt("白石2026-1"))), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.ConfirmHandover(chief, "白石2026-1", drawn.Digest, receipt("另一张"))), "BATCH_RECEIPT_DIFFERS")
	o.refused(second(o.batch.ConfirmDraw(chief, "白石2026-1", drawn.Digest, day)), "BATCH_RECEIPT_DIFFERS")
	if diff := cmp.Diff(before, o.balances()); diff != "" {
		t.Errorf("a refused confirmation moved money: %s", diff)
	}
	paid, err := o.batch.ConfirmHandover(chief, "白石2026-1", drawn.Digest, receipt("白石2026-1"))
	if err != nil || paid.Amount != 800_00 || len(paid.Files) != 1 || string(paid.Files[0].SHA256) != string(receipt("白石2026-1")) {
		t.Fatalf("%+v, %s", paid, explain(err))
	}
	if again, err := o.batch.ConfirmHandover(chief, "白石2026-1", drawn.Digest, receipt("白石2026-1")); err != nil || !again.Replay {
		t.Errorf("%+v, %s", again, explain(err))
	}
	now := o.balances()
	if now[ledger.Paid] != 800_00 || now[ledger.Reserve] != 700_00 || now[ledger.InTransit] != 0 || now[ledger.Frozen] != 0 {
		t.Errorf("%v", now)
	}
	if files, err := o.batch.WriteFiles(chief, "LS-E-白石2026-1", o.dir); err != nil || len(files) != 1 {
		t.Errorf("%+v, %s", files, explain(err))
	}
	if _, err := o.batch.Close(o.all("finance"), "LS-E-白石2026-1"); err != nil {
		t.Error(explain(err))
	}
	o.sound()
}

// TestDrawReserve_in_kind: what was handed over is named and valued, and one
// receipt pays one case.
func TestDrawReserve_in_kind(t *testing.T) {
	t.Parallel()
	o := handOffice(t, "1500")
	o.people(head(1), head(2))
	d := cash("白石2026-1", 1, 300_00)
	d.Form = funds.InGoods
	_, err := o.batch.DrawReserve(o.all("clerk"), d)
	o.refused(err, "RESERVE_HANDOVER")
	if got := fields(err); len(got) != 2 || got[0].Column != "goods" || got[1].Column != "supplier" {
		t.Errorf("%+v", got)
	}
	d.Goods, d.Supplier = "棉被两床、大米五十斤", "麦川供销社"
	drawn, err := o.batch.DrawReserve(o.all("clerk"), d)
	if err != nil {
		t.Fatal(explain(err))
	}
	twice := cash("白石2026-2", 2, 100_00)
	twice.ReceiptSHA256 = d.ReceiptSHA256
	o.refused(second(o.batch.DrawReserve(o.all("clerk"), twice)), "RESERVE_RECEIPT_USED")
	bare := caseOf("白石2026-2", 2, 100_00)
	bare.Witness = "村干部甲"
	o.refused(second(o.batch.DrawReserve(o.all("clerk"), bare)), "RESERVE_HANDOVER")
	if _, err := o.batch.ConfirmHandover(o.all("chief"), "白石2026-1", drawn.Digest, d.ReceiptSHA256); err != nil {
		t.Fatal(explain(err))
	}
	if got := o.balances(); got[ledger.Paid] != 300_00 || got[ledger.Reserve] != 1200_00 {
		t.Errorf("%v", got)
	}
	o.sound()
}

// TestDrawReserve_asks_the_county: a balance that is short refuses the draw and
// opens an urgent payment on the same clock, which the county's list settles.
func TestDrawReserve_asks_the_county(t *testing.T) {
	t.Parallel()
	o := handOffice(t, "500")
	o.people(head(1), head(2))
	d := caseOf("白石2026-1", 1, 900_00)
	d.ReportedAt = o.clock.Now()
	before := o.balances()
	for range 2 {
		_, err := o.batch.DrawReserve(o.all("clerk"), d)
		o.refused(err, "BATCH_DRAW_URGENT")
		if errs.KindOf(err) != errs.Insufficient {
			t.Error(explain(err))
		}
	}
	if diff := cmp.Diff(before, o.balances()); diff != "" {
		t.Errorf("a refused draw moved money: %s", diff)
	}
	other := d
	other.Amount = 901_00
	o.refused(second(o.batch.DrawReserve(o.all("clerk"), other)), "BATCH_URGENT_TAKEN")
	open := o.urgent()
	if len(open) != 1 || !open[0].IsOpen() || open[0].Free != 500_00 || !open[0].PayDue.Equal(d.ReportedAt.Add(24*time.Hour)) || open[0].Overdue {
		t.Fatalf("%+v", open)
	}

	// what others pay under other numbers does not settle it
	for n, number := range map[int]string{1: "白石2026-10", 2: "白石2026-2"} {
		c := caseOf(number, n, 50_00)
		c.Office = "QHMZ"
		small, err := o.batch.DrawReserve(o.all("clerk"), c)
		if err != nil {
			t.Fatal(explain(err))
		}
		if _, err := o.batch.ConfirmDraw(o.all("chief"), number, small.Digest, day); err != nil {
			t.Fatal(explain(err))
		}
	}
	o.clock.Set(d.ReportedAt.Add(25 * time.Hour))
	if open = o.urgent(); !open[0].IsOpen() || !open[0].Overdue {
		t.Errorf("%+v", open)
	}
	o.clock.Set(d.ReportedAt.Add(2 * time.Hour))
	o.released("LS-2026-10", "LS", "DF", due(1).with("项目", "LS", "分项", "急难型", "类别", "急难型", "金额", "900.00", "案号", "白石2026-1", "期次", "1"))
	if open = o.urgent(); open[0].IsOpen() || open[0].Batch != "LS-2026-10" || open[0].Paid != 900_00 || open[0].Overdue {
		t.Errorf("%+v", open)
	}
	o.settle(o.payments("LS-2026-10")[0].ID, evidence.Failed)
	if open = o.urgent(); !open[0].IsOpen() {
		t.Errorf("the bank refused it, it is owed again: %+v", open)
	}
	o.sound()
}

func (o *office) urgent() []batch.Urgent {
	o.t.Helper()
	list, err := o.batch.UrgentOf(o.t.Context(), o.db.Pool(), 2026)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return list
}

// TestConfirmDraw_asks_the_county: the reserve was spent by others before the
// second person came.
func TestConfirmDraw_asks_the_county(t *testing.T) {
	t.Parallel()
	o := handOffice(t, "1000")
	o.people(head(1), head(2))
	var digests []batch.Digest
	for i, number := range []string{"白石1", "白石2"} {
		d, err := o.batch.DrawReserve(o.all("clerk"), caseOf(number, i+1, 600_00))
		if err != nil {
			t.Fatal(explain(err))
		}
		digests = append(digests, d.Digest)
	}
	if _, err := o.batch.ConfirmDraw(o.all("chief"), "白石1", digests[0], day); err != nil {
		t.Fatal(explain(err))
	}
	o.refused(second(o.batch.ConfirmDraw(o.all("chief"), "白石2", digests[1], day)), "BATCH_DRAW_URGENT")
	if open := o.urgent(); len(open) != 1 || open[0].Number != "白石2" || open[0].Free != 400_00 {
		t.Errorf("%+v", open)
	}
	o.sound()
}

// TestCreate_not_by_hand: a list goes through a bank.
func TestCreate_not_by_hand(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.people(head(1))
	_, err := o.batch.Create(o.all("maker"), batch.Create{Code: "DB-1", Office: "QHMZ", Program: "DB", Period: "2026-10", Channel: "XJ", File: o.csv(rosterHead, due(1))})
	o.refused(err, "PAYMENT_CHANNEL_HAND")
}
