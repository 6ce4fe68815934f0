package funds_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fenlu/disbursement/funds"
	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/ledger"
)

// term imports a figure of an area.
func (o *office) term(name rules.Name, value int, area, from string) {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), "rules.csv")
	text := fmt.Sprintf("name,area_code,valid_from,value,operator,document,clause,quote\n%s,%s,%s,%d,≤,预算法,五十二,应当在三十日内\n", name, area, from, value)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
	if _, err := rules.New(o.db, o.clock).Import(o.ctx, path, "zhou"); err != nil {
		o.t.Fatal(explain(err))
	}
}

func flags(l *funds.DueList) string {
	var out []string
	for _, d := range l.Items {
		out = append(out, d.Document+" "+d.Flag+" "+fmt.Sprintf("%s%+d ", d.DueOn.Format(time.DateOnly), d.Days)+d.Amount.String())
	}
	return strings.Join(out, "\n")
}

// TestCash arrives in instalments, and the quota without cash stands beside what
// is available.
func TestCash(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00", cash: "200.00"}, row{number: "财社〔2026〕40号", kind: "调减", issued: "2026-08-01", received: "2026-08-05",
		cuts: "财社〔2026〕12号", cutsLine: 1, amount: "100.00"})
	cmd := funds.Arrival{Number: "财社[2026]12号", LineNo: 1, Voucher: "收001", ArrivedOn: date("2026-03-01"), Amount: yuan(300)}
	done, err := o.funds.RecordArrival(o.as("zhou"), cmd)
	if err != nil || done.Arrived != yuan(500) || done.Unfunded != yuan(400) || done.Replay {
		t.Errorf("%+v, %v", done, explain(err))
	}
	if again, err := o.funds.RecordArrival(o.as("zhou"), cmd); err != nil || !again.Replay || again.Arrived != yuan(500) {
		t.Errorf("%+v, %v", again, explain(err))
	}
	before := o.balances()
	cmd.Amount = yuan(301)
	_, err = o.funds.RecordArrival(o.as("zhou"), cmd)
	o.refused(err, "FUNDS_VOUCHER_USED", errs.Conflict, before)
	cmd.Voucher, cmd.Amount = "收002", yuan(501)
	_, err = o.funds.RecordArrival(o.as("zhou"), cmd)
	o.refused(err, "FUNDS_ARRIVED_ABOVE", errs.Refused, before)
	cmd.ArrivedOn = date("2026-10-09")
	_, err = o.funds.RecordArrival(o.as("zhou"), cmd)
	o.refused(err, "FUNDS_ARRIVED_FUTURE", errs.Invalid, before)
	cmd.ArrivedOn, cmd.LineNo = date("2026-10-08"), 2
	_, err = o.funds.RecordArrival(o.as("zhou"), cmd)
	o.refused(err, "FUNDS_LINE_UNKNOWN", errs.Invalid, before)
	// Two instalments at once that together are too much.
	errsOf := race(2, func(i int) error {
		_, err := o.funds.RecordArrival(o.as("zhou"), funds.Arrival{Number: "财社〔2026〕12号", LineNo: 1, Voucher: []string{"收003", "收004"}[i],
			ArrivedOn: date("2026-04-01"), Amount: yuan(400)})
		return err
	})
	if countCode(errsOf, "") != 1 || countCode(errsOf, "FUNDS_ARRIVED_ABOVE") != 1 {
		t.Error(errsOf)
	}
	lots, err := o.funds.CashOfLots(o.ctx, o.db.Pool())
	if err != nil || len(lots) != 1 || lots[0].Unfunded != 0 || lots[0].Arrived != yuan(900) || lots[0].Available != yuan(900) {
		t.Errorf("%+v, %v", lots, err)
	}
	o.tampered(`UPDATE cash_arrival SET amount_fen = amount_fen + 20000`)
	found, err := funds.Verify(o.ctx, o.db.Pool())
	if err != nil || len(found) != 3 || found[0].Check != "cash_arrival" {
		t.Errorf("found %v, %v", found, err)
	}
	o.tampered(`UPDATE cash_arrival SET amount_fen = amount_fen - 20000`)
}

// TestVerify_of_cash: what is said about cash has a leaf, and what somebody alters
// is found.
func TestVerify_of_cash(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.term(rules.FundsRemitDays, 10, county, "2026-01-01")
	o.imports(row{amount: "1000.00"})
	if _, err := o.funds.RecordArrival(o.as("zhou"), funds.Arrival{Number: "财社〔2026〕12号", LineNo: 1, Voucher: "收001", ArrivedOn: date("2026-02-01"), Amount: yuan(400)}); err != nil {
		t.Fatal(explain(err))
	}
	receipt := funds.Receipt{Number: "息2026-09", Kind: funds.Interest, ReceivedOn: date("2026-09-21"), Payer: "青禾农商行", Amount: yuan(120), Area: county}
	if _, err := o.funds.RegisterReceipt(o.as("zhou"), receipt); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.funds.RemitReceipt(o.as("zhou"), funds.Remit{Receipt: "息2026-09", Number: "缴1", RemittedOn: date("2026-09-25"), Amount: yuan(20)}); err != nil {
		t.Fatal(explain(err))
	}
	if err := o.funds.PassOn(o.as("zhou"), "财社〔2026〕12号", date("2026-02-10")); err != nil {
		t.Fatal(explain(err))
	}
	for check, sql := range map[string][2]string{
		"cash_arrival_leaf": {`UPDATE cash_arrival SET arrived_on = '2026-02-02'`, `UPDATE cash_arrival SET arrived_on = '2026-02-01'`},
		"fund_receipt_leaf": {`UPDATE fund_receipt SET due_on = '2027-01-01'`, `UPDATE fund_receipt SET due_on = '2026-10-01'`},
		"remittance_leaf":   {`UPDATE receipt_remittance SET number = '缴2'`, `UPDATE receipt_remittance SET number = '缴1'`},
		"passed_on_leaf": {`CREATE TABLE kept_passed AS SELECT * FROM document_passed_on; DELETE FROM document_passed_on`, // a row that is gone
			`INSERT INTO document_passed_on SELECT * FROM kept_passed`},
	} {
		o.tampered(sql[0])
		found, err := funds.Verify(o.ctx, o.db.Pool())
		if err != nil || len(found) != 1 || found[0].Check != check {
			t.Errorf("%s: found %v, %v", check, found, err)
		}
		o.tampered(sql[1])
	}
}

// TestPassOnList: received on 12 January, 30 days; the county's own money has no
// such clock.
func TestPassOnList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.term(rules.FundsPassOnDays, 30, county, "2026-01-01")
	o.imports(row{amount: "1000.00"}, row{number: "省财社〔2026〕31号", amount: "5.00"}, row{number: "县财预〔2026〕6号", level: "县", amount: "7.00"})
	list := func(on string) string {
		t.Helper()
		l, err := o.funds.PassOnList(o.ctx, o.db.Pool(), county, date(on))
		if err != nil {
			t.Fatal(explain(err))
		}
		return flags(l)
	}
	if got := list("2026-02-11"); got != "" {
		t.Errorf("on the last day %s", got)
	}
	if got := list("2026-02-12"); got != "财社〔2026〕12号 overdue 2026-02-11+1 1000.00\n省财社〔2026〕31号 overdue 2026-02-11+1 5.00" {
		t.Errorf("the day after %s", got)
	}
	for number, on := range map[string]string{"财社〔2026〕12号": "2026-02-10", "省财社〔2026〕31号": "2026-02-20"} {
		for range 2 {
			if err := o.funds.PassOn(o.as("zhou"), number, date(on)); err != nil {
				t.Fatal(explain(err))
			}
		}
	}
	if got := list("2026-03-01"); got != "省财社〔2026〕31号 late 2026-02-11+9 5.00" {
		t.Errorf("later %s", got)
	}
	if err := o.funds.PassOn(o.as("zhou"), "财社〔2026〕12号", date("2026-02-12")); errs.CodeOf(err) != "FUNDS_PASSED_ALREADY" {
		t.Error(explain(err))
	}
	if err := o.funds.PassOn(o.as("zhou"), "财社〔2026〕12号", date("2026-01-05")); errs.CodeOf(err) != "FUNDS_PASSED_BEFORE" {
		t.Error(explain(err))
	}
}

// TestIdleList flags what is left of each instalment 12 and 24 months after it
// arrived: what is spent came from the first.
func TestIdleList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.term(rules.FundsIdleMonths, 12, county, "2026-01-01")
	o.term(rules.FundsLongIdleMonths, 24, county, "2026-01-01")
	o.imports(row{amount: "1000.00"}, row{number: "县财预〔2026〕6号", level: "县", received: "2026-01-20", amount: "7.00"})
	for voucher, on := range map[string]string{"收001": "2026-02-01", "收002": "2026-05-01"} {
		if _, err := o.funds.RecordArrival(o.as("zhou"), funds.Arrival{Number: "财社〔2026〕12号", LineNo: 1, Voucher: voucher, ArrivedOn: date(on), Amount: yuan(400)}); err != nil {
			t.Fatal(explain(err))
		}
	}
	o.spend(o.line("财社〔2026〕12号"), yuan(300))
	list := func(on string) string {
		t.Helper()
		l, err := o.funds.IdleList(o.ctx, o.db.Pool(), county, date(on))
		if err != nil {
			t.Fatal(explain(err))
		}
		return flags(l)
	}
	for on, want := range map[string]string{
		"2027-01-19": "",
		"2027-01-31": "县财预〔2026〕6号 idle 2027-01-19+12 7.00",
		"2027-02-01": "财社〔2026〕12号 idle 2027-01-31+1 100.00\n县财预〔2026〕6号 idle 2027-01-19+13 7.00",
		"2028-02-01": "财社〔2026〕12号 idle_long 2028-01-31+1 100.00\n财社〔2026〕12号 idle 2027-04-30+277 400.00\n县财预〔2026〕6号 idle_long 2028-01-19+13 7.00",
	} {
		if got := list(on); got != want {
			t.Errorf("on %s\n%s\nwant\n%s", on, got, want)
		}
	}
}

// TestGiveBackList: unspent at the end of the year after the root document's,
// or earlier by a local rule; carry-over does not start the clock again.
func TestGiveBackList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.term(rules.FundsGiveBackYears, 1, "99", "2026-01-01")
	o.imports(row{amount: "1000.00"})
	o.spend(o.line("财社〔2026〕12号"), yuan(900))
	o.clock.Set(time.Date(2027, 1, 5, 9, 0, 0, 0, clock.Shanghai))
	if _, err := o.funds.CarryOver(o.as("zheng"), funds.CarryOver{Year: 2026, Number: "县财预〔2027〕1号", Title: "结转", IssuedOn: date("2027-01-05")}); err != nil {
		t.Fatal(explain(err))
	}
	list := func(on string) string {
		t.Helper()
		l, err := o.funds.GiveBackList(o.ctx, o.db.Pool(), county, date(on))
		if err != nil {
			t.Fatal(explain(err))
		}
		return flags(l)
	}
	for on, want := range map[string]string{
		"2026-12-31": "", "2027-12-31": "财社〔2026〕12号 coming 2027-12-31+0 100.00", "2028-01-01": "财社〔2026〕12号 give_back 2027-12-31+1 100.00",
	} {
		if got := list(on); got != want {
			t.Errorf("on %s %s, want %s", on, got, want)
		}
	}
	o.term(rules.FundsGiveBackYears, 0, county, "2026-06-01")
	if got := list("2027-01-05"); got != "财社〔2026〕12号 give_back 2026-12-31+5 100.00" {
		t.Errorf("by the county's rule %s", got)
	}
}

// TestReceipt: interest is a lot of its own, due within the term, and leaves only
// to the treasury, under a document.
func TestReceipt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	cmd := funds.Receipt{Number: "息2026-09", Kind: funds.Interest, ReceivedOn: date("2026-09-21"), Payer: "青禾农商行", Amount: yuan(120), Area: county}
	if _, err := o.funds.RegisterReceipt(o.as("zhou"), cmd); errs.CodeOf(err) != "RULE_NONE" {
		t.Fatal(explain(err))
	}
	o.term(rules.FundsRemitDays, 10, county, "2026-01-01")
	r, err := o.funds.RegisterReceipt(o.as("zhou"), cmd)
	if err != nil || !r.DueOn.Equal(date("2026-10-01")) || !r.Overdue || r.Open != yuan(120) || o.place(ledger.Suspense) != yuan(120) {
		t.Fatalf("%+v, %v", r, explain(err))
	}
	if again, err := o.funds.RegisterReceipt(o.as("zhou"), cmd); err != nil || !again.Replay || again.Lot != r.Lot {
		t.Errorf("%+v, %v", again, explain(err))
	}
	before := o.balances()
	cmd.Amount = yuan(121)
	_, err = o.funds.RegisterReceipt(o.as("zhou"), cmd)
	o.refused(err, "FUNDS_RECEIPT_USED", errs.Conflict, before)
	remit := funds.Remit{Receipt: "息2026-09", Number: "缴〔2026〕5号", RemittedOn: date("2026-10-08"), Amount: yuan(20)}
	for range 2 {
		if r, err = o.funds.RemitReceipt(o.as("zhou"), remit); err != nil || r.Remitted != yuan(20) || r.Open != yuan(100) {
			t.Errorf("%+v, %v", r, explain(err))
		}
	}
	before = o.balances()
	remit.Amount = yuan(30)
	_, err = o.funds.RemitReceipt(o.as("zhou"), remit)
	o.refused(err, "FUNDS_REMITTANCE_USED", errs.Conflict, before)
	remit.Number, remit.Amount = "缴〔2026〕6号", yuan(101)
	_, err = o.funds.RemitReceipt(o.as("zhou"), remit)
	o.refused(err, "FUNDS_REMIT_ABOVE", errs.Insufficient, before)
	errsOf := race(2, func(i int) error {
		_, err := o.funds.RemitReceipt(o.as("zhou"), funds.Remit{Receipt: "息2026-09", Number: []string{"缴〔2026〕7号", "缴〔2026〕8号"}[i], RemittedOn: date("2026-10-08")})
		return err
	})
	if countCode(errsOf, "") != 1 || countCode(errsOf, "FUNDS_REMIT_ABOVE") != 1 || o.place(ledger.Surrendered) != yuan(120) {
		t.Errorf("%v\n%s", errsOf, o.balances())
	}
	open, err := o.funds.Receipts(o.ctx, o.db.Pool(), date("2026-10-08"), false)
	all, err2 := o.funds.Receipts(o.ctx, o.db.Pool(), date("2026-10-08"), true)
	if err != nil || err2 != nil || len(open) != 0 || len(all) != 1 || all[0].Overdue {
		t.Errorf("%+v %+v %v %v", open, all, err, err2)
	}
	o.tampered(`UPDATE receipt_remittance SET amount_fen = amount_fen + 1`)
	found, err := funds.Verify(o.ctx, o.db.Pool())
	if err != nil || len(found) == 0 || found[0].Check != "fund_receipt" {
		t.Errorf("found %v, %v", found, err)
	}
	o.tampered(`UPDATE receipt_remittance SET amount_fen = amount_fen - 1`)
}
