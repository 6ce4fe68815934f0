package funds_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/funds"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// twoReserves allots 800 and 1,000 yuan to two townships and draws 300 of the first.
func twoReserves(t *testing.T, ceiling string) *office {
	t.Helper()
	o := newOffice(t)
	o.imports(row{level: "县", amount: "1000000.00"})
	o.reserveRule()
	o.figures("reserve.is_ceiling,991301,2026-01-01," + ceiling)
	o.population(otherTown+",青禾镇,1000,2025-12-31,统计", town+",麦川乡,800,2025-12-31,统计")
	done := o.allocate("县民〔2026〕2号")
	o.spendFrom(done.Townships[1].Account, yuan(300))
	return o
}

func (o *office) refill(number string) (funds.Allocated, error) {
	cmd := allocation(number)
	cmd.IssuedOn = date("2026-10-08")
	return o.funds.RefillReserves(o.as("zhou"), cmd)
}

func (o *office) year() funds.ReserveYear {
	o.t.Helper()
	y, err := o.funds.ReserveStatus(o.ctx, o.db.Pool(), 2026)
	if err != nil {
		o.t.Fatal(err)
	}
	return y
}

func TestRefillReserves_up_to_the_ceiling(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "是")
	done, err := o.refill("县民〔2026〕9号")
	if err != nil || done.Amount != yuan(300) || len(done.Townships) != 1 || done.Townships[0].Township != town {
		t.Fatalf("%+v, %v", done, explain(err))
	}
	if again, err := o.refill("县民〔2026〕9号"); err != nil || !again.Replay || again.Amount != yuan(300) || len(again.Townships) != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
	elsewhere := allocation("县民〔2026〕9号")
	elsewhere.Area, elsewhere.IssuedOn = "991302000000", date("2026-10-08")
	before := o.balances()
	_, err = o.funds.RefillReserves(o.as("zhou"), elsewhere)
	o.refused(err, "FUNDS_NUMBER_USED", errs.Conflict, before)
	y := o.year()
	if first := y.Townships[0]; first.Township != town || first.Allotted != yuan(1100) || first.Used != yuan(300) || first.Balance != yuan(800) {
		t.Errorf("%+v", first)
	}
	before = o.balances()
	_, err = o.refill("县民〔2026〕10号")
	o.refused(err, "RESERVE_AT_CEILING", errs.Refused, before)
}

// TestRefillReserves_by_the_rule_of_the_township: it may differ from its county's.
func TestRefillReserves_by_the_rule_of_the_township(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "否")
	o.figures("reserve.is_ceiling," + town + ",2026-02-01,是")
	if done, err := o.refill("县民〔2026〕9号"); err != nil || done.Amount != yuan(300) {
		t.Errorf("%+v, %v", done, explain(err))
	}
}

func TestRefillReserves_within_the_total_of_the_year(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "否")
	before := o.balances()
	_, err := o.refill("县民〔2026〕9号")
	o.refused(err, "RESERVE_FULL", errs.Refused, before)
}

func TestRefillReserves_needs_the_policy_and_the_allotment(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{level: "县", amount: "1000000.00"})
	o.reserveRule()
	o.population(town + ",麦川乡,800,2025-12-31,统计")
	before := o.balances()
	_, err := o.refill("县民〔2026〕9号")
	o.refused(err, "RESERVE_NONE_OF_YEAR", errs.NotFound, before)
	o.allocate("县民〔2026〕2号")
	before = o.balances()
	_, err = o.refill("县民〔2026〕9号")
	o.refused(err, "RULE_NONE", errs.NotFound, before)
}

// TestRefillReserves_races: two documents refill at the same moment; the
// ceiling is reached once.
func TestRefillReserves_races(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "是")
	numbers := []string{"县民〔2026〕9号", "县民〔2026〕10号", "县民〔2026〕11号"}
	found := race(len(numbers), func(i int) error { _, err := o.refill(numbers[i]); return err })
	if countCode(found, "") != 1 || countCode(found, "RESERVE_AT_CEILING") != 2 || o.place(ledger.Reserve) != yuan(1800) {
		t.Errorf("%v\n%s", found, o.balances())
	}
}

func TestReturnReserves(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "否")
	cmd := funds.ReturnReserves{Year: 2026, Township: town, Number: "县民〔2026〕20号", Title: "关于交回备用金的通知", IssuedOn: date("2026-10-08")}
	done, err := o.funds.ReturnReserves(o.as("zhou"), cmd)
	if err != nil || done.Amount != yuan(500) || done.Lines != 1 {
		t.Fatalf("%+v, %v", done, explain(err))
	}
	if again, err := o.funds.ReturnReserves(o.as("zhou"), cmd); err != nil || !again.Replay || again.Amount != yuan(500) {
		t.Errorf("again: %+v, %v", again, err)
	}
	before := o.balances()
	for _, other := range []string{otherTown, ""} {
		elsewhere := cmd
		elsewhere.Township = other
		_, err := o.funds.ReturnReserves(o.as("zhou"), elsewhere)
		o.refused(err, "FUNDS_NUMBER_USED", errs.Conflict, before)
	}
	first := o.year().Townships[0]
	if first.Township != town || first.Used != yuan(300) || first.Left != yuan(500) || first.Balance != 0 || o.place(ledger.Reserve) != yuan(1000) {
		t.Errorf("what is given back is not used: %+v", first)
	}
	cmd.Number = "县民〔2026〕21号"
	_, err = o.funds.ReturnReserves(o.as("zhou"), cmd)
	o.refused(err, "RESERVE_EMPTY", errs.Refused, before)
	cmd.Township, cmd.Number = "", "县民〔2026〕22号"
	if done, err := o.funds.ReturnReserves(o.as("zhou"), cmd); err != nil || done.Amount != yuan(1000) {
		t.Errorf("all of the area: %+v, %v", done, err)
	}
	if _, err := o.funds.ReturnReserves(o.as("zhou"), cmd); err != nil {
		t.Error(err)
	}
	pool, err := o.funds.Pool(o.ctx, o.db.Pool(), "LS")
	var free money.Fen
	for _, p := range pool {
		free += p.Balance
	}
	if err != nil || free != yuan(1000000-300) {
		t.Errorf("the pool has %s, %v", free, err)
	}
}

// TestCarryOver_of_reserves: what a township has left it can draw on in the
// next year, and a ceiling counts it.
func TestCarryOver_of_reserves(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		ceiling string
		next    money.Fen // allotted to 麦川乡 in 2027, beside the 500 carried over
	}{{"是", yuan(300)}, {"否", yuan(800)}} {
		t.Run(tt.ceiling, func(t *testing.T) {
			t.Parallel()
			o := twoReserves(t, tt.ceiling)
			o.clock.Set(time.Date(2027, 1, 5, 9, 0, 0, 0, clock.Shanghai))
			carry := funds.CarryOver{Year: 2026, Number: "县财预〔2027〕1号", Title: "关于结转的通知", IssuedOn: date("2027-01-05")}
			if _, err := o.funds.CarryOver(o.as("zheng"), carry); err != nil {
				t.Fatal(explain(err))
			}
			if y := o.year(); y.Total.Used != yuan(300) || y.Total.Left != yuan(1500) || y.Total.Balance != 0 {
				t.Errorf("2026: %+v", y.Total)
			}
			at, err := o.funds.Reserve(o.ctx, o.db.Pool(), town, 2027)
			if err != nil || at.Balance != yuan(500) {
				t.Fatalf("麦川乡 in 2027: %+v, %v", at, err)
			}
			rule := funds.ReserveRule{Area: county, Year: 2027, PerResident: 100, CaseLimit: yuan(1000), Document: "县民发〔2027〕1号", Clause: "五"}
			if err := o.funds.SetReserveRule(o.as("zhou"), rule); err != nil {
				t.Fatal(explain(err))
			}
			next := allocation("县民〔2027〕2号")
			next.Year, next.IssuedOn = 2027, date("2027-01-05")
			done, err := o.funds.AllocateReserves(o.as("zhou"), next)
			if err != nil {
				t.Fatal(explain(err))
			}
			var given money.Fen
			for _, a := range done.Townships {
				if a.Township == town {
					given += a.Amount
				}
			}
			if given != tt.next {
				t.Errorf("allotted %s, want %s", given, tt.next)
			}
			// what is carried over afterwards leaves the allotment right
			if _, err := o.refill("县民〔2027〕9号"); err != nil && tt.ceiling == "是" {
				t.Fatal(explain(err))
			}
			carry.Number = "县财预〔2027〕3号"
			if _, err := o.funds.CarryOver(o.as("zheng"), carry); err != nil && tt.ceiling == "是" {
				t.Fatal(explain(err))
			}
		})
	}
}

// TestCarryOver_of_reserves_reversed: what was carried over and taken back is in
// no year's reserve, and counts once when it is carried over again.
func TestCarryOver_of_reserves_reversed(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "是")
	o.clock.Set(time.Date(2027, 1, 5, 9, 0, 0, 0, clock.Shanghai))
	carry := funds.CarryOver{Year: 2026, Number: "县财预〔2027〕1号", Title: "关于结转的通知", IssuedOn: date("2027-01-05")}
	next := func() funds.ReserveYear {
		t.Helper()
		y, err := o.funds.ReserveStatus(o.ctx, o.db.Pool(), 2027)
		if err != nil {
			t.Fatal(err)
		}
		return y
	}
	turn := func(carried money.Fen, number string) {
		t.Helper()
		done, err := o.funds.CarryOver(o.as("zheng"), carry)
		if err != nil {
			t.Fatal(explain(err))
		}
		if y := next(); y.Total.Allotted != carried || y.Total.Left != 0 {
			t.Errorf("carried over: %+v", y.Total)
		}
		if _, err := o.funds.Reverse(o.as("lin"), funds.ReverseMove{Journal: done.Journal, Number: number, Title: "冲销结转", IssuedOn: date("2027-01-05")}); err != nil {
			t.Fatal(explain(err))
		}
		if y := next(); y.Total.Allotted != y.Total.Balance || y.Total.Left != 0 || y.Total.Used != 0 {
			t.Errorf("taken back: %+v", y.Total)
		}
	}
	turn(yuan(1500), "县财预〔2027〕2号")
	rule := funds.ReserveRule{Area: county, Year: 2027, PerResident: 100, CaseLimit: yuan(1000), Document: "县民发〔2027〕1号", Clause: "五"}
	if err := o.funds.SetReserveRule(o.as("zhou"), rule); err != nil {
		t.Fatal(explain(err))
	}
	year := allocation("县民〔2027〕2号")
	year.Year, year.IssuedOn = 2027, date("2027-01-05")
	if done, err := o.funds.AllocateReserves(o.as("zhou"), year); err != nil || done.Amount != yuan(1800) {
		t.Fatalf("nothing was carried over: %+v, %v", done, explain(err))
	}
	// what is carried over after the year's allotment does not lessen it in hindsight
	carry.Number = "县财预〔2027〕3号"
	turn(yuan(1800+1500), "县财预〔2027〕4号")
}

// TestReserveStatus_of_what_a_cut_took: it is not used.
func TestReserveStatus_of_what_a_cut_took(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "否")
	o.spend(1, o.place(ledger.Available))
	o.imports(row{number: "财社〔2026〕40号", kind: "收回", issued: "2026-08-01", received: "2026-08-05", level: "县", cuts: "财社〔2026〕12号", cutsLine: 1,
		reserve: "1500.00", amount: "1500.00"})
	if y := o.year(); y.Total.Used != yuan(300) || y.Total.Left != yuan(1500) || y.Total.Balance != 0 {
		t.Errorf("%+v", y.Total)
	}
}

func TestReserveStatus_ranks_and_flags_what_is_idle(t *testing.T) {
	t.Parallel()
	o := twoReserves(t, "否")
	if y := o.year(); y.Townships[0].Idle || y.Townships[1].Idle {
		t.Error("idle without a rule")
	}
	// 281 of 365 days: 800 × 48.7% × 281/365 = 299.94 is reached by 300, 48.8% is not
	o.figures("reserve.idle_share,"+town+",2026-01-01,48.7%", "reserve.idle_share,991301,2026-01-01,1/1000")
	y := o.year()
	if y.Townships[0].Township != town || y.Townships[0].Rank != 1 || y.Townships[1].Rank != 2 || y.Townships[0].Idle || !y.Townships[1].Idle {
		t.Errorf("%+v", y.Townships)
	}
	o.figures("reserve.idle_share," + town + ",2026-02-01,48.8%")
	if y := o.year(); !y.Townships[0].Idle {
		t.Errorf("%+v", y.Townships[0])
	}
}

// TestRecordCase_by_the_rules_of_the_day: hours and days are those of the
// township on the day of the draw; without them nothing is drawn.
func TestRecordCase_by_the_rules_of_the_day(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{level: "县", amount: "1000000.00"})
	o.reserveRule()
	o.figures("reserve.document_days,"+town+",2026-03-01,10", "reserve.payment_hours,"+town+",2026-03-01,12", "reserve.confirm_hours,"+town+",2026-03-01,6")
	o.population(town+",麦川乡,800,2025-12-31,统计", "992301100000,别县某镇,800,2025-12-31,统计")
	o.allocate("县民〔2026〕2号")
	c, err := o.record(emergency("LJ-1", yuan(10)))
	if err != nil || c.DocumentDue != date("2026-10-18") || !c.PayDue.Equal(c.ReportedAt.Add(12*time.Hour)) || !c.ConfirmDue.Equal(c.DrawnAt.Add(6*time.Hour)) {
		t.Errorf("%+v, %v", c, err)
	}
	o.tampered(`DELETE FROM rule_figure WHERE name = 'reserve.payment_hours'`)
	if _, err := o.record(emergency("LJ-2", yuan(10))); errs.CodeOf(err) != "RULE_NONE" {
		t.Errorf("without hours: %v", err)
	}
}

func TestRefuseCase(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{level: "县", amount: "1000000.00"})
	o.reserveRule()
	o.population(town + ",麦川乡,800,2025-12-31,统计")
	o.allocate("县民〔2026〕2号")
	for i, number := range []string{"LJ-1", "LJ-2", "LJ-3"} {
		c := emergency(number, yuan(100))
		c.Batch = int64(i + 1)
		if _, err := o.record(c); err != nil {
			t.Fatal(explain(err))
		}
	}
	// the bank booked 60 yuan of the first and nothing of the others
	o.tampered(`INSERT INTO channel (code, name_zh, name_en, profile, many_budget_lines, max_rows, debtor_name, debtor_account, debtor_agent)
		VALUES ('c', 'c', 'c', 'p', true, 10, '', '', '') ON CONFLICT (code) DO NOTHING;
		INSERT INTO batch (id, code, no, kind, program, office, period, channel, state, line_count, amount_fen, maker, created_at)
		VALUES (1, 'B1', 1, 'emergency', 'LS', 'QHMZ', '2026-10', 'c', 'released', 2, 10000, 'cheng', now());
		INSERT INTO entitlement_line (id, batch, no, program, component, class, person, payee, payee_role, township, residence, month, occasion, policy, amount_fen)
		VALUES (1, 1, 1, 'LS', 'basic', 'rural', 7, 7, 'self', '` + town + `', 'rural', '2026-10', 'LJ-1', 1, 6000), (2, 1, 2, 'LS', 'basic', 'rural', 7, 7, 'self', '` + town + `', 'rural', '2026-10', 'LJ-1b', 1, 4000)`)
	o.pay([]ledger.Leg{{Line: 1, Payment: 1, Party: 7, Amount: yuan(60)}})
	refuse := func(number, reason, actor string) (funds.Recovery, error) {
		return o.funds.RefuseCase(o.as(actor), funds.RefuseCase{Number: number, Reason: reason})
	}
	wants := func(code string, err error) {
		t.Helper()
		if errs.CodeOf(err) != code || strings.ContainsAny(explain(err), "{}") {
			t.Errorf("%v, want %s", err, code)
		}
	}
	_, err := refuse("LJ-1", "材料不实", "du")
	wants("RESERVE_CASE_UNPAID", err)
	for _, number := range []string{"LJ-1", "LJ-2"} {
		if err := o.inTx(func(tx pgx.Tx) error { _, err := o.funds.ReleaseCase(o.ctx, tx, number); return err }); err != nil {
			t.Fatal(err)
		}
	}
	_, err = refuse("LJ-2", "材料不实", "du")
	wants("RESERVE_CASE_UNPAID", err)
	_, err = refuse("LJ-1", "材料不实", "cheng")
	wants("RESERVE_CASE_OWN", err)
	r, err := refuse("LJ-1", "材料不实", "du")
	if err != nil || r.Amount != yuan(60) || r.Person != 7 || r.Reason != "材料不实" {
		t.Fatalf("%+v, %v", r, err)
	}
	if again, err := refuse("LJ-1", "材料不实", "du"); err != nil || again.ID != r.ID {
		t.Errorf("again: %+v, %v", again, err)
	}
	_, err = refuse("LJ-1", "别的原因", "du")
	wants("RESERVE_CASE_REFUSED", err)
	_, err = o.funds.DocumentCase(o.as("cheng"), "LJ-1")
	wants("RESERVE_CASE_REFUSED", err)
	if _, err := o.funds.DocumentCase(o.as("cheng"), "LJ-2"); err != nil {
		t.Fatal(err)
	}
	_, err = refuse("LJ-2", "材料不实", "du")
	wants("RESERVE_CASE_DOCUMENTED", err)
	_, err = refuse("LJ-8", "材料不实", "du")
	wants("RESERVE_CASE_UNKNOWN", err)
	o.clock.Set(time.Date(2026, 11, 9, 9, 0, 0, 0, clock.Shanghai))
	if y := o.year(); y.Total.Undocumented != 1 || y.Total.Overdue != 1 || y.Total.Cases != 3 {
		t.Errorf("a refused write-up is not missing: %+v", y.Total)
	}
	if overdue, err := o.funds.OverdueCases(o.ctx, o.db.Pool()); err != nil || len(overdue) != 1 || overdue[0].Number != "LJ-3" {
		t.Errorf("%+v, %v", overdue, err)
	}
}
