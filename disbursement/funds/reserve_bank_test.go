package funds_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/funds"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/ledger"
)

// accountOf is the number of a township's account.
func accountOf(township string) string { return "95580099" + township }

// opens records the account of a township.
func (o *office) opens(township string) error {
	return o.inTx(func(tx pgx.Tx) error {
		_, _, err := o.funds.RecordTownshipAccountTx(o.ctx, tx, funds.TownshipAccount{Township: township, Channel: "XZ" + township[:9], Account: accountOf(township),
			Holder: "备用金专户" + township, Agent: "402991300034", Document: "县民〔2026〕1号", OpenedOn: date("2026-01-05"), RecordedBy: "zhou"})
		return err
	})
}

// says puts a statement of a township's account on record: its amounts in yuan, below
// zero what was debited. It gives the places of its entries.
func (o *office) says(file int64, township string, amounts ...int64) []string {
	o.t.Helper()
	o.tampered(fmt.Sprintf(`INSERT INTO evidence_file (id, kind, scope, sha256, name, profile, item_count, imported_by, imported_at)
		VALUES (%d, 'statement', '%s', '\x%02x', 'stmt%d.xml', 'camt.053', %d, 'he', now())`, file, accountOf(township), file, file, len(amounts)))
	var places []string
	for i, a := range amounts {
		direction := "CRDT"
		if a < 0 {
			direction, a = "DBIT", -a
		}
		o.tampered(fmt.Sprintf(`INSERT INTO evidence (file, pos, kind, place, end_to_end_id, bank_ref, amount_fen, direction, status, reason, reason_text, value_date, src_offset, src_line, outcome)
			VALUES (%d, %d, 'entry', 'place-%d-%d', '', '', %d, '%s', 'BOOK', '', '财政拨款', '2026-01-12', 0, %d, 'other_money')`, file, i+1, file, i+1, 100*a, direction, i+1))
		places = append(places, fmt.Sprintf("%d:%d", file, i+1))
	}
	return places
}

func (o *office) side(township string) funds.BankSide {
	o.t.Helper()
	sides, err := o.funds.ReconcileReserves(o.ctx, o.db.Pool(), township)
	if err != nil || len(sides) != 1 {
		o.t.Fatalf("%+v, %s", sides, explain(err))
	}
	return sides[0]
}

// agrees checks what should be on an account and what is.
func (o *office) agrees(township string, expected, statement int64) {
	o.t.Helper()
	b := o.side(township)
	if b.Expected != yuan(expected) || b.Statement != yuan(statement) || b.Difference != yuan(statement-expected) {
		o.t.Errorf("%s: expected %s, statement %s: %+v", township, b.Expected, b.Statement, b)
	}
}

func (o *office) arrived(number, township, entry string) (funds.SettledTransfer, error) {
	return o.funds.ConfirmTransfer(o.as("he"), funds.ConfirmTransfer{Number: number, Township: township, Entry: entry})
}

// cashReserve is an office in which 麦川乡 has its reserve as cash and 青禾镇 as a quota.
func cashReserve(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	o.imports(row{level: "县", amount: "1000000.00"})
	o.reserveRule()
	o.figures("reserve.is_ceiling,991301,2026-01-01,否", "funds.remit_days,991301,2026-01-01,10", "reserve.cash_advanced,"+town+",2026-01-01,是")
	o.population(otherTown+",青禾镇,1000,2025-12-31,统计", town+",麦川乡,800,2025-12-31,统计")
	return o
}

// TestCashReserve_is_in_transit_until_a_statement_shows_it: what is allotted to a
// township's account leaves the county, and is drawn only after the township's
// statement says that it arrived; a quota needs none of it.
func TestCashReserve_is_in_transit_until_a_statement_shows_it(t *testing.T) {
	t.Parallel()
	o := cashReserve(t)
	before := o.balances()
	_, err := o.funds.AllocateReserves(o.as("zhou"), allocation("县民〔2026〕2号"))
	o.refused(err, "RESERVE_NO_ACCOUNT", errs.Refused, before)
	if err := o.opens(town); err != nil {
		t.Fatal(explain(err))
	}
	if err := o.opens(town); err != nil {
		t.Errorf("again: %s", explain(err))
	}
	o.allocate("县民〔2026〕2号")
	o.allocate("县民〔2026〕2号")
	open, err := o.funds.Transfers(o.ctx, o.db.Pool(), false)
	if err != nil || len(open) != 1 || open[0].To != town || open[0].From != "" || open[0].Amount != yuan(800) || !open[0].Open() {
		t.Fatalf("the quota of 青禾镇 moves no cash: %+v, %v", open, err)
	}
	if _, err := o.record(emergency("LJ-1", yuan(10))); errs.CodeOf(err) != "RESERVE_BALANCE" {
		t.Errorf("drawn on money in transit: %v", err)
	}
	quota := emergency("QH-1", yuan(10))
	quota.Township = otherTown
	if _, err := o.record(quota); err != nil {
		t.Error(explain(err))
	}
	o.agrees(town, 0, 0)
	if _, err := o.arrived("县民〔2026〕2号", town, ""); errs.CodeOf(err) != "RESERVE_NOT_ARRIVED" {
		t.Errorf("silence is not success: %v", err)
	}
	places := o.says(1, town, 799, 800, -800, 800)
	o.agrees(town, 0, 1599)
	if _, err := o.arrived("县民〔2026〕2号", town, ""); errs.CodeOf(err) != "RESERVE_ENTRY_WHICH" || !strings.Contains(explain(err), places[3]) {
		t.Errorf("two entries fit: %v", explain(err))
	}
	for _, wrong := range []string{places[0], places[2], "9:9"} {
		if _, err := o.arrived("县民〔2026〕2号", town, wrong); errs.CodeOf(err) != "RESERVE_NOT_ARRIVED" {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	done, err := o.arrived("县民〔2026〕2号", town, places[1])
	if err != nil || done.Amount != yuan(800) || done.ArrivedOn == nil || done.Replay {
		t.Fatalf("%+v, %s", done, explain(err))
	}
	if again, err := o.arrived("县民〔2026〕2号", town, places[3]); err != nil || !again.Replay || again.Entry.Place() != places[1] {
		t.Errorf("%+v, %s", again, explain(err))
	}
	o.agrees(town, 800, 1599)
	if got := o.side(town).Entries; len(got) != 3 || o.side(town).Agrees() {
		t.Errorf("what nothing explains: %+v", got)
	}
	if _, err := o.record(emergency("LJ-1", yuan(10))); err != nil {
		t.Error(explain(err))
	}
	if _, err := o.arrived("无此文号", town, ""); errs.CodeOf(err) != "RESERVE_TRANSFER_UNKNOWN" {
		t.Error(err)
	}
	o.sound()
}

// arrivedReserve is cashReserve after the money arrived.
func arrivedReserve(t *testing.T) *office {
	t.Helper()
	o := cashReserve(t)
	if err := o.opens(town); err != nil {
		t.Fatal(explain(err))
	}
	o.allocate("县民〔2026〕2号")
	o.says(1, town, 800)
	if _, err := o.arrived("县民〔2026〕2号", town, ""); err != nil {
		t.Fatal(explain(err))
	}
	return o
}

// TestCashReserve_interest: what the account earned is a lot of its own to remit, by the
// entry that shows it, once.
func TestCashReserve_interest(t *testing.T) {
	t.Parallel()
	o := arrivedReserve(t)
	places := o.says(2, town, 3, -3)
	register := func(number, place string) (funds.ReceiptView, error) {
		return o.funds.RegisterReserveInterest(o.as("zhou"), funds.ReserveInterest{Township: town, Number: number, Entry: place})
	}
	if _, err := register("息1", places[1]); errs.CodeOf(err) != "RESERVE_ENTRY_UNKNOWN" {
		t.Errorf("a debit is no interest: %v", err)
	}
	r, err := register("息1", places[0])
	if err != nil || r.Amount != yuan(3) || r.Kind != funds.Interest || r.Open != yuan(3) {
		t.Fatalf("%+v, %s", r, explain(err))
	}
	if again, err := register("息1", places[0]); err != nil || !again.Replay {
		t.Errorf("%+v, %s", again, explain(err))
	}
	if _, err := register("息2", places[0]); errs.CodeOf(err) != "RESERVE_ENTRY_UNKNOWN" {
		t.Errorf("the same entry under another number: %v", err)
	}
	if _, err := register("息1", places[1]); errs.CodeOf(err) != "FUNDS_RECEIPT_USED" {
		t.Errorf("the same number for another entry: %v", err)
	}
	o.agrees(town, 803, 800)
	if _, err := o.funds.RemitReceipt(o.as("zhou"), funds.Remit{Receipt: "息1", Number: "缴1", RemittedOn: date("2026-01-20")}); err != nil {
		t.Fatal(explain(err))
	}
	o.agrees(town, 800, 800)
	o.sound()
}

// TestCashReserve_goes_back_and_along: what is given back is on the account until its
// statement shows that it left; a merger sends the cash to the successor's account.
func TestCashReserve_goes_back_and_along(t *testing.T) {
	t.Parallel()
	o := arrivedReserve(t)
	o.figures("reserve.cash_advanced," + otherTown + ",2026-02-01,是")
	if err := o.opens(otherTown); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.funds.MergeTownships(o.as("zhou"), merger("县政〔2026〕30号")); err != nil {
		t.Fatal(explain(err))
	}
	o.agrees(town, 800, 800)
	o.agrees(otherTown, 1000, 0) // 1,000 that were a quota when they were allotted
	r, err := o.funds.Reserve(o.ctx, o.db.Pool(), otherTown, 2026)
	if err != nil || r.Balance != yuan(1800) || r.Free() != yuan(1000) {
		t.Errorf("%+v, %v", r, err)
	}
	o.says(2, town, -800)
	o.says(3, otherTown, 800)
	for _, of := range []string{town, otherTown} {
		if _, err := o.arrived("县政〔2026〕30号", of, ""); err != nil {
			t.Fatal(explain(err))
		}
	}
	o.agrees(town, 0, 0)
	o.agrees(otherTown, 1800, 800)
	_, err = o.funds.ReturnReserves(o.as("zhou"), funds.ReturnReserves{Township: otherTown, Year: 2026, Number: "县民〔2026〕40号", Title: "交回", IssuedOn: date("2026-10-08")})
	if err != nil {
		t.Fatal(explain(err))
	}
	o.agrees(otherTown, 1800, 800)
	open, err := o.funds.Transfers(o.ctx, o.db.Pool(), false)
	if err != nil || len(open) != 1 || open[0].From != otherTown || open[0].To != "" || open[0].Amount != yuan(1800) {
		t.Errorf("%+v, %v", open, err)
	}
	o.sound()
}

// TestCashReserve_is_cut: what a cut takes from a reserve that is cash comes back to the
// county, and is on the account until it left; what it takes from a quota moves none.
func TestCashReserve_is_cut(t *testing.T) {
	t.Parallel()
	o := arrivedReserve(t)
	o.imports(row{number: "县财预〔2026〕44号", kind: "调减", level: "县", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "999400.00", reserve: "1200.00"})
	if got := o.shares(); got[town]+got[otherTown] != yuan(600) {
		t.Fatalf("%v", got)
	}
	o.agrees(town, 800, 800)
	open, err := o.funds.Transfers(o.ctx, o.db.Pool(), false)
	if err != nil || len(open) != 1 || open[0].From != town || open[0].To != "" || open[0].Amount != yuan(800)-o.shares()[town] {
		t.Fatalf("%+v, %v", open, err)
	}
	o.sound()
}

// TestReserveStatus_shows_both_forms: the form of each township, and its account.
func TestReserveStatus_shows_both_forms(t *testing.T) {
	t.Parallel()
	o := arrivedReserve(t)
	forms := map[string]funds.Form{}
	for _, r := range o.year().Townships {
		forms[r.Township] = r.Form
		if (r.Bank != nil) != (r.Township == town) || r.Bank != nil && (r.Bank.Expected != yuan(800) || r.Bank.Statement != yuan(800) || !r.Bank.Agrees()) {
			t.Errorf("%+v", r.Bank)
		}
	}
	if diff := cmp.Diff(map[string]funds.Form{town: funds.AsCash, otherTown: funds.AsQuota}, forms); diff != "" {
		t.Error(diff)
	}
	if _, err := o.funds.ReconcileReserves(o.ctx, o.db.Pool(), otherTown); errs.CodeOf(err) != "RESERVE_NO_ACCOUNT" {
		t.Error(err)
	}
	if o.place(ledger.Reserve) != yuan(1800) || o.place(ledger.InTransit) != 0 {
		t.Errorf("an advance is no expenditure: %s", o.balances())
	}
}

// TestVerify_of_cash_reserves: each row that is altered or gone is named.
func TestVerify_of_cash_reserves(t *testing.T) {
	t.Parallel()
	o := arrivedReserve(t)
	c := emergency("LJ-1", yuan(10))
	c.Handover = funds.Handover{Form: funds.Advanced, ReceiptSHA256: []byte(strings.Repeat("x", 32)), ReceiptName: "1.jpg", Witness: "甲", Unit: 9,
		PaidAt: time.Date(2026, 10, 8, 9, 0, 0, 0, clock.Shanghai)}
	if _, err := o.record(c); err != nil {
		t.Fatal(explain(err))
	}
	o.sound()
	for name, sql := range map[string][3]string{
		"account":  {"township_account_leaf", `UPDATE township_account SET account = '1'`, `UPDATE township_account SET account = '` + accountOf(town) + `'`},
		"transfer": {"reserve_transfer_leaf", `UPDATE reserve_transfer SET amount_fen = 1`, `UPDATE reserve_transfer SET amount_fen = 80000`},
		"entry":    {"township_entry_leaf", `UPDATE township_entry SET pos = 7`, `UPDATE township_entry SET pos = 1`},
		"advance":  {"township_advance_leaf", `UPDATE township_advance SET unit = 8`, `UPDATE township_advance SET unit = 9`},
		"amount":   {"township_advance_leaf", `UPDATE reserve_case SET amount_fen = 999 WHERE number = 'LJ-1'`, `UPDATE reserve_case SET amount_fen = 1000 WHERE number = 'LJ-1'`},
		"form":     {"township_advance", `UPDATE reserve_case SET form = 'cash' WHERE number = 'LJ-1'`, `UPDATE reserve_case SET form = 'advanced' WHERE number = 'LJ-1'`},
	} {
		o.tampered(sql[1])
		found, err := funds.Verify(o.ctx, o.db.Pool())
		if err != nil || len(found) != 1 || found[0].Check != sql[0] {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
		o.tampered(sql[2])
	}
	o.sound()
}
