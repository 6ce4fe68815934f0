package funds_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/funds"
	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

const otherTown = "991301100000"

// figures puts figures of rules on record: name, area, date, value.
func (o *office) figures(rows ...string) {
	o.t.Helper()
	text := "参数,区划代码,执行日期,数值,关系,文号,条款,原文\n"
	for _, r := range rows {
		text += r + ",=,县民发〔2025〕20号,六,规定\n"
	}
	path := filepath.Join(o.t.TempDir(), "rules.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
	if _, err := rules.New(o.db, o.clock).Import(o.ctx, path, "zhou"); err != nil {
		o.t.Fatal(explain(err))
	}
}

func (o *office) reserveRule() {
	o.t.Helper()
	err := o.funds.SetReserveRule(o.as("zhou"), funds.ReserveRule{Area: county, Year: 2026, PerResident: 100, CaseLimit: yuan(1000),
		Document: "县民发〔2025〕20号", Clause: "五"})
	if err != nil {
		o.t.Fatal(explain(err))
	}
	o.figures("reserve.document_days,991301,2026-01-01,15", "reserve.payment_hours,991301,2026-01-01,24", "reserve.confirm_hours,991301,2026-01-01,24")
}

func allocation(number string, from ...ledger.BudgetLineID) funds.AllocateReserves {
	return funds.AllocateReserves{Area: county, Year: 2026, Number: number, Title: "关于核拨临时救助备用金的通知", IssuedOn: date("2026-01-08"), From: from}
}

func (o *office) allocate(number string, from ...ledger.BudgetLineID) funds.Allocated {
	o.t.Helper()
	done, err := o.funds.AllocateReserves(o.as("zhou"), allocation(number, from...))
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return done
}

func TestAllocateReserves_golden(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{number: "县财预〔2026〕6号", level: "县", amount: "1000000.00"}, row{level: "中央", amount: "1000000.00"})
	o.reserveRule()
	o.population(
		town+",麦川乡,13900,2024-12-31,上年",
		town+",麦川乡,14280,2025-12-31,县公安局",
		town+",麦川乡,15000,2026-06-30,半年报",
		county+",青禾县,412600,2025-12-31,县公安局",
		"991301100201,东门村,900,2025-12-31,县公安局")
	cmd := allocation("县民〔2026〕2号")
	cmd.Area = "" // the only area with a rule
	done, err := o.funds.AllocateReserves(o.as("zhou"), cmd)
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(done.Townships) != 1 || done.Amount.String() != "14280.00" || done.Townships[0].Residents != 14280 || o.place(ledger.Reserve).String() != "14280.00" {
		t.Fatalf("%+v\n%s", done, o.balances())
	}
	before := o.balances()
	again, err := o.funds.AllocateReserves(o.as("zhou"), allocation("县民〔2026〕2号"))
	if err != nil || !again.Replay {
		t.Fatalf("again: %+v, %v", again, err)
	}
	again.Replay = false
	if diff := cmp.Diff(done, again); diff != "" || o.balances() != before {
		t.Errorf("again: %s", diff)
	}
	_, err = o.funds.AllocateReserves(o.as("zhou"), allocation("县民〔2026〕3号"))
	o.refused(err, "RESERVE_ALLOCATED", errs.Conflict, before)
	reserve, err := o.funds.Reserve(o.ctx, o.db.Pool(), "991301200", 2026)
	if err != nil || len(reserve.Accounts) != 1 {
		t.Fatalf("%+v, %v", reserve, err)
	}
	if account := reserve.Accounts[0]; account.Balance != yuan(14280) || reserve.Balance != account.Balance || account.Lot != 1 || account.Account != done.Townships[0].Account || account.BudgetLine != done.Townships[0].BudgetLine {
		t.Errorf("account %+v", account)
	}
}

// TestAllocateReserves_at_another_rate: the same reserve, where another county's
// rule says another amount for each resident and another limit of a case.
func TestAllocateReserves_at_another_rate(t *testing.T) {
	t.Parallel()
	const neighbour, theirs = "991302000000", "991302200000"
	o := newOffice(t)
	o.imports(row{level: "县", amount: "1000000.00"})
	o.reserveRule()
	err := o.funds.SetReserveRule(o.as("zhou"), funds.ReserveRule{Area: neighbour, Year: 2026, PerResident: 250, CaseLimit: yuan(2000), Document: "邻民发〔2025〕9号", Clause: "三"})
	if err != nil {
		t.Fatal(explain(err))
	}
	o.figures("reserve.document_days,991302,2026-01-01,15", "reserve.payment_hours,991302,2026-01-01,24", "reserve.confirm_hours,991302,2026-01-01,24")
	o.population(town+",麦川乡,800,2025-12-31,统计", theirs+",邻乡,801,2025-12-31,统计")
	if done := o.allocate("县民〔2026〕2号"); done.Amount != yuan(800) {
		t.Errorf("%+v", done)
	}
	cmd := allocation("邻民〔2026〕2号")
	cmd.Area = neighbour
	done, err := o.funds.AllocateReserves(o.as("zhou"), cmd)
	if err != nil || done.Amount != 801*250 || len(done.Townships) != 1 || done.Townships[0].Township != theirs {
		t.Fatalf("%+v, %v", done, explain(err))
	}
	c := emergency("LJ-1", yuan(1500))
	c.Township = theirs
	if _, err := o.record(c); err != nil {
		t.Errorf("within their limit: %v", explain(err))
	}
	c.Number, c.Township = "LJ-2", town
	if _, err := o.record(c); errs.CodeOf(err) != "RESERVE_CASE_LIMIT" {
		t.Errorf("above ours: %v", explain(err))
	}
}

func TestAllocateReserves_takes_sources_in_order(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "150.00"}, row{number: "县财预〔2026〕6号", level: "县", amount: "1000.00"})
	o.reserveRule()
	o.population(otherTown+",青禾镇,100,2025-12-31,统计", town+",麦川乡,100,2025-12-31,统计")
	province, local := o.line("财社〔2026〕12号"), o.line("县财预〔2026〕6号")
	done := o.allocate("县民〔2026〕2号", province, local)
	type share struct {
		Township string
		Amount   money.Fen
	}
	var got []share
	for _, a := range done.Townships {
		got = append(got, share{a.Township, a.Amount})
	}
	if diff := cmp.Diff([]share{{otherTown, yuan(100)}, {town, yuan(50)}, {town, yuan(50)}}, got); diff != "" {
		t.Error(diff)
	}
	if done.Lines != 2 || o.place(ledger.Available) != yuan(950) {
		t.Errorf("%+v\n%s", done, o.balances())
	}
	accounts, err := o.funds.ReserveAccounts(o.ctx, o.db.Pool(), town, 2026)
	if err != nil || len(accounts) != 2 || accounts[0].Lot == accounts[1].Lot {
		t.Errorf("accounts %+v, %v", accounts, err)
	}
}

func TestAllocateReserves_refuses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "150.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "1000.00"})
	before := o.balances()
	_, err := o.funds.AllocateReserves(o.as("zhou"), allocation("n〔2026〕1号"))
	o.refused(err, "RESERVE_NO_RULE", errs.NotFound, before)
	o.reserveRule()
	_, err = o.funds.AllocateReserves(o.as("zhou"), allocation("n〔2026〕1号"))
	o.refused(err, "RESERVE_NO_POPULATION", errs.NotFound, before)
	o.population(otherTown+",青禾镇,100,2025-12-31,统计", town+",麦川乡,100,2025-12-31,统计")
	_, err = o.funds.AllocateReserves(o.as("zhou"), allocation("n〔2026〕1号"))
	if text := o.refused(err, "RESERVE_INSUFFICIENT", errs.Insufficient, before); !strings.Contains(text, "缺 50.00 元") {
		t.Errorf("does not say what is missing: %s", text)
	}
	_, err = o.funds.AllocateReserves(o.as("zhou"), allocation("n〔2026〕1号", o.line("县财预〔2026〕7号")))
	o.refused(err, "RESERVE_SOURCE", errs.Refused, before)
	_, err = o.funds.AllocateReserves(o.as("zhou"), allocation("财社〔2026〕12号"))
	o.refused(err, "FUNDS_NUMBER_USED", errs.Conflict, before)
}

func TestAllocateReserves_races_for_the_year(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"}, row{number: "县财预〔2026〕6号", level: "县", amount: "1000.00"})
	o.reserveRule()
	o.population(town + ",麦川乡,100,2025-12-31,统计")
	cmds := []funds.AllocateReserves{allocation("a〔2026〕1号", o.line("财社〔2026〕12号")), allocation("a〔2026〕2号", o.line("县财预〔2026〕6号"))}
	errsOf := race(len(cmds), func(i int) error { _, err := o.funds.AllocateReserves(o.as("zhou"), cmds[i]); return err })
	if countCode(errsOf, "RESERVE_ALLOCATED") != 1 || countCode(errsOf, "") != 1 || o.place(ledger.Reserve) != yuan(100) {
		t.Errorf("%v\n%s", errsOf, o.balances())
	}
}

func emergency(number string, amount money.Fen) funds.Case {
	return funds.Case{Number: number, Township: town, Person: 7, Reason: "突发疾病住院", Amount: amount,
		ReportedAt: time.Date(2026, 10, 8, 8, 0, 0, 0, clock.Shanghai), DrawnBy: "cheng"}
}

func (o *office) record(c funds.Case) (done funds.Case, err error) {
	err = o.inTx(func(tx pgx.Tx) error {
		done, _, err = o.funds.RecordCase(o.ctx, tx, c)
		return err
	})
	return done, err
}

func TestRecordCase(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if _, err := o.record(emergency("LJ-1", yuan(10))); errs.CodeOf(err) != "RESERVE_NONE" {
		t.Errorf("without a reserve: %v", err)
	}
	o.imports(row{level: "县", amount: "1000000.00"})
	o.reserveRule()
	o.population(town + ",麦川乡,800,2025-12-31,统计")
	o.allocate("县民〔2026〕2号")
	c, err := o.record(emergency("LJ-1", yuan(300)))
	if err != nil || c.DocumentDue != date("2026-10-23") || c.ID == 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	if again, err := o.record(emergency("LJ-1", yuan(300))); err != nil || again.ID != c.ID {
		t.Errorf("again: %+v, %v", again, err)
	}
	late := emergency("LJ-9", yuan(1))
	late.ReportedAt = o.clock.Now().Add(time.Hour)
	nobody := emergency("LJ-9", yuan(1))
	nobody.Person = 0
	for _, x := range []struct {
		c    funds.Case
		code string
	}{
		{emergency("LJ-1", yuan(301)), "RESERVE_CASE_TAKEN"}, {emergency("LJ-2", yuan(1000)+1), "RESERVE_CASE_LIMIT"},
		{emergency("LJ-2", yuan(900)), "RESERVE_BALANCE"}, {emergency("LJ-2", 0), "VALID_PROBLEMS"}, {late, "RESERVE_CASE_DATES"}, {nobody, "VALID_PROBLEMS"},
	} {
		if _, err := o.record(x.c); errs.CodeOf(err) != x.code || strings.ContainsAny(explain(err), "{}") {
			t.Errorf("%s %s: %v", x.c.Number, x.code, err)
		}
	}
	link := func(batch int64) error {
		return o.inTx(func(tx pgx.Tx) error { return o.funds.LinkCase(o.ctx, tx, "LJ-1", batch) })
	}
	if err := link(5); err != nil || link(5) != nil || errs.CodeOf(link(6)) != "RESERVE_CASE_LINKED" {
		t.Errorf("linking: %v, %v", err, link(6))
	}
}

func TestReserveStatus(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{level: "县", amount: "1000000.00"})
	o.reserveRule()
	o.population(otherTown+",青禾镇,1000,2025-12-31,统计", town+",麦川乡,800,2025-12-31,统计")
	done := o.allocate("县民〔2026〕2号")
	if _, err := o.record(emergency("LJ-1", yuan(760))); err != nil {
		t.Fatal(explain(err))
	}
	before, err := o.funds.ReserveStatus(o.ctx, o.db.Pool(), 2026)
	if err != nil || before.Total.Used != 0 || before.Days != 281 || before.Elapsed != "77.0" {
		t.Errorf("before the draw: %+v, %v", before, err)
	}
	o.spendFrom(done.Townships[1].Account, yuan(760))
	o.clock.Set(time.Date(2026, 10, 24, 9, 0, 0, 0, clock.Shanghai))
	y, err := o.funds.ReserveStatus(o.ctx, o.db.Pool(), 2026)
	if err != nil {
		t.Fatal(err)
	}
	want := funds.TownshipReserve{Township: town, Name: "麦川乡", Residents: 800, Allotted: yuan(800), Used: yuan(760), Balance: yuan(40),
		UsedPercent: "95.0", Rank: 1, Ahead: true, Cases: 1, Undocumented: 1, Overdue: 1, OverdueAmount: yuan(760), Late: 1, Form: funds.AsQuota}
	if diff := cmp.Diff(want, y.Townships[0]); diff != "" {
		t.Error(diff)
	}
	if y.Total.Allotted != yuan(1800) || y.Total.Used != yuan(760) || y.Total.UsedPercent != "42.2" || y.Total.Ahead {
		t.Errorf("total %+v", y.Total)
	}
	if overdue, err := o.funds.OverdueCases(o.ctx, o.db.Pool()); err != nil || len(overdue) != 1 || overdue[0].Number != "LJ-1" {
		t.Errorf("overdue %+v, %v", overdue, err)
	}
	if c, err := o.funds.DocumentCase(o.as("cheng"), "LJ-1"); err != nil || c.DocumentedOn != date("2026-10-24") {
		t.Errorf("written up: %+v, %v", c, err)
	}
	if _, err := o.funds.DocumentCase(o.as("du"), "LJ-1"); errs.CodeOf(err) != "RESERVE_CASE_DOCUMENTED" {
		t.Errorf("by another: %v", err)
	}
	if _, err := o.funds.DocumentCase(o.as("du"), "LJ-7"); errs.CodeOf(err) != "RESERVE_CASE_UNKNOWN" {
		t.Errorf("no such case: %v", err)
	}
	if y, err = o.funds.ReserveStatus(o.ctx, o.db.Pool(), 2026); err != nil || y.Total.Overdue != 0 || y.Total.Cases != 1 {
		t.Errorf("after the write-up: %+v, %v", y.Total, err)
	}
}

// TestACaseThatWasGivenUp: its small batch was cancelled, so nothing was paid
// and nothing is to be written up.
func TestACaseThatWasGivenUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{level: "县", amount: "1000000.00"})
	o.reserveRule()
	o.population(town + ",麦川乡,800,2025-12-31,统计")
	o.allocate("县民〔2026〕2号")
	for i, number := range []string{"LJ-1", "LJ-2"} {
		c := emergency(number, yuan(100))
		c.Batch = int64(i + 1)
		if _, err := o.record(c); err != nil {
			t.Fatal(err)
		}
		o.tampered(fmt.Sprintf(`INSERT INTO batch (id, code, no, kind, program, office, period, channel, state, line_count, amount_fen, maker, created_at)
			VALUES (%[1]d, '%[2]s', %[1]d, 'emergency', 'LS', '青禾县民政局', '2026-10', 'XZ', 'released', 1, 10000, 'cheng', now())`, c.Batch, number))
	}
	o.clock.Set(time.Date(2026, 11, 9, 9, 0, 0, 0, clock.Shanghai))
	count := func(want int) {
		t.Helper()
		y, err := o.funds.ReserveStatus(o.ctx, o.db.Pool(), 2026)
		if err != nil || y.Total.Cases != want || y.Total.Undocumented != want || y.Total.Overdue != want || y.Total.OverdueAmount != yuan(int64(100*want)) {
			t.Errorf("%+v, %v; want %d cases", y.Total, err, want)
		}
		if overdue, err := o.funds.OverdueCases(o.ctx, o.db.Pool()); err != nil || len(overdue) != want {
			t.Errorf("overdue %+v, %v", overdue, err)
		}
	}
	count(2)
	o.tampered(`UPDATE batch SET state = 'cancelled' WHERE id = 1`)
	count(1)
	if _, err := o.record(emergency("LJ-1", yuan(200))); errs.CodeOf(err) != "RESERVE_CASE_TAKEN" {
		t.Errorf("its number stays used: %v", err)
	}
}
