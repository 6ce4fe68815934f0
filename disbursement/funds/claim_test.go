package funds_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"fenlu/disbursement/funds"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

var paper = bytes.Repeat([]byte{7}, 32)

// paperOf is the digest of the paper of a bank credit.
func paperOf(number string) []byte {
	sum := sha256.Sum256([]byte(number))
	return sum[:]
}

// paidPeople is an office that paid person 1 for August (line 1), September
// (line 2) and October (line 3), 300 yuan each, and person 2 for October (line 4).
func paidPeople(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	o.imports(row{level: "县", amount: "1000000.00"})
	o.figures("recovery.age_first,991301,2026-01-01,30", "recovery.age_second,991301,2026-01-01,90", "recovery.age_third,991301,2026-01-01,365",
		"funds.remit_days,991301,2026-01-01,10")
	owner := o.env.Owner(t)
	exec := func(sql string, args ...any) {
		if _, err := owner.Exec(o.ctx, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO channel (code, name_zh, name_en, profile, many_budget_lines, max_rows, debtor_name, debtor_account, debtor_agent)
		VALUES ('c', 'c', 'c', 'p', true, 10, '', '', '') ON CONFLICT (code) DO NOTHING`)
	exec(`INSERT INTO batch (id, code, no, kind, program, office, period, channel, state, line_count, amount_fen, maker, created_at)
		VALUES (1, 'B1', 1, 'roster', 'DB', 'QHMZ', '2026-10', 'c', 'reconciled', 4, 120000, 'zhou', now())`)
	var legs []ledger.Leg
	for line, month := range []string{"2026-08", "2026-09", "2026-10", "2026-10"} {
		id, person := int64(line+1), int64(1+line/3)
		exec(`INSERT INTO entitlement_line (id, batch, no, program, component, class, person, payee, payee_role, township, residence, month, occasion, policy, amount_fen)
			VALUES ($1, 1, $2, 'DB', 'basic', 'rural', $3, $4, 'self', $5, 'rural', $6, 'regular', 1, 30000)`, id, line+1, person, person, town, month)
		legs = append(legs, ledger.Leg{Line: id, Payment: id, Party: person, Amount: yuan(300)})
	}
	o.holdings = o.pay(legs)
	return o
}

// pay draws legs from the county's only line and settles them.
func (o *office) pay(legs []ledger.Leg) []ledger.HoldingID {
	o.t.Helper()
	var account ledger.AccountID
	if err := o.db.Pool().QueryRow(o.ctx, `SELECT id FROM account WHERE kind = 'available' ORDER BY id LIMIT 1`).Scan(&account); err != nil {
		o.t.Fatal(err)
	}
	c := ledger.Command{Key: "freeze", Kind: "batch.freeze", Actor: "li", Cause: "batch:1", BusinessDate: clock.Date(o.clock.Now()),
		Steps: []ledger.Step{ledger.Draw{From: account, To: ledger.Frozen, Legs: legs}}}
	drawn, err := o.ledger.Post(o.ctx, c)
	if err != nil {
		o.t.Fatal(explain(err))
	}
	for _, hop := range [][2]ledger.AccountKind{{ledger.Frozen, ledger.InTransit}, {ledger.InTransit, ledger.Paid}} {
		c.Key, c.Steps = string(hop[1]), []ledger.Step{ledger.Move{Holdings: drawn.Holdings, From: hop[0], To: hop[1], PerLeg: hop[1] == ledger.Paid}}
		if _, err := o.ledger.Post(o.ctx, c); err != nil {
			o.t.Fatal(explain(err))
		}
	}
	return drawn.Holdings
}

func claim(lines ...funds.ClaimLine) funds.OpenRecovery {
	return funds.OpenRecovery{Source: funds.FromDeath, Lines: lines, Reason: "死亡后发放"}
}

// claimed opens a claim for all three lines of person 1 and confirms it.
func (o *office) claimed() funds.RecoveryView {
	o.t.Helper()
	v, err := o.funds.OpenRecovery(o.as("zhou"), claim(funds.ClaimLine{Line: 3}, funds.ClaimLine{Line: 1}, funds.ClaimLine{Line: 2, Amount: yuan(200)}))
	if err == nil {
		v, err = o.funds.ConfirmRecovery(o.as("lin"), v.ID)
	}
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return v
}

func (o *office) instalment(id funds.RecoveryID, number string, amount money.Fen) (funds.RecoveryView, error) {
	return o.funds.ReceiveRecovery(o.as("sun"), funds.ReceiveRecovery{Recovery: id, Number: number, ReceivedOn: date("2026-10-08"), Amount: amount, Evidence: paperOf(number)})
}

func TestOpenRecovery(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	before := o.balances()
	for _, tt := range []struct {
		code  string
		kind  errs.Kind
		lines []funds.ClaimLine
	}{
		{"RECOVERY_PERSONS", errs.Invalid, []funds.ClaimLine{{Line: 3}, {Line: 4}}},
		{"RECOVERY_LINE_TWICE", errs.Invalid, []funds.ClaimLine{{Line: 3}, {Line: 3}}},
		{"RECOVERY_LINE_UNKNOWN", errs.NotFound, []funds.ClaimLine{{Line: 9}}},
		{"RECOVERY_NOT_PAID", errs.Refused, []funds.ClaimLine{{Line: 3, Amount: yuan(300) + 1}}},
	} {
		_, err := o.funds.OpenRecovery(o.as("zhou"), claim(tt.lines...))
		o.refused(err, tt.code, tt.kind, before)
	}
	v := o.claimed()
	if v.Amount != yuan(800) || v.State != funds.ClaimOpen || len(v.Items) != 3 || v.Items[0].Month != "2026-08" || o.balances() != before {
		t.Errorf("%+v", v)
	}
	again, err := o.funds.OpenRecovery(o.as("zhou"), claim(funds.ClaimLine{Line: 1}, funds.ClaimLine{Line: 2, Amount: yuan(200)}, funds.ClaimLine{Line: 3}))
	if err != nil || !again.Replay || again.ID != v.ID {
		t.Errorf("again: %+v, %v", again, explain(err))
	}
	for _, lines := range [][]funds.ClaimLine{{{Line: 1}}, {{Line: 1}, {Line: 2}, {Line: 3}}} {
		_, err = o.funds.OpenRecovery(o.as("zhou"), claim(lines...))
		o.refused(err, "RECOVERY_LINE_CLAIMED", errs.Conflict, before)
	}
	other := claim(funds.ClaimLine{Line: 1}, funds.ClaimLine{Line: 2, Amount: yuan(200)}, funds.ClaimLine{Line: 3})
	other.Reason = "重复发放"
	_, err = o.funds.OpenRecovery(o.as("zhou"), other)
	o.refused(err, "RECOVERY_LINE_CLAIMED", errs.Conflict, before)
	other.Reason, other.Source = "死亡后发放", funds.FromOther
	_, err = o.funds.OpenRecovery(o.as("zhou"), other)
	o.refused(err, "RECOVERY_LINE_CLAIMED", errs.Conflict, before)
	if _, err := o.instalment(v.ID, "YH1", yuan(100)); err != nil {
		t.Fatal(explain(err))
	}
	other.Source = funds.FromDeath
	if again, err := o.funds.OpenRecovery(o.as("zhou"), other); err != nil || !again.Replay || again.ID != v.ID {
		t.Errorf("again after an instalment: %+v, %v", again, explain(err))
	}
}

// TestRejectRecovery: a second person lets a claim fall; nothing of it is
// collected or written off, and its lines can be claimed anew.
func TestRejectRecovery(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v, err := o.funds.OpenRecovery(o.as("zhou"), claim(funds.ClaimLine{Line: 1}))
	if err != nil {
		t.Fatal(explain(err))
	}
	before := o.balances()
	off := funds.WriteOffRecovery{Recovery: v.ID, Number: "县财社〔2026〕40号", IssuedOn: date("2026-10-08"), Evidence: paper, Reason: "无可执行财产"}
	_, err = o.funds.WriteOffRecovery(o.as("lin"), off)
	o.refused(err, "RECOVERY_PROPOSED", errs.Refused, before)
	reject := funds.RejectRecovery{Recovery: v.ID, Reason: "死亡信息有误"}
	_, err = o.funds.RejectRecovery(o.as("zhou"), reject)
	o.refused(err, "RECOVERY_OWN", errs.Refused, before)
	for _, replay := range []bool{false, true} {
		if v, err = o.funds.RejectRecovery(o.as("lin"), reject); err != nil || v.Replay != replay || v.State != funds.ClaimRejected || v.Outstanding != 0 {
			t.Errorf("%+v, %v", v, explain(err))
		}
	}
	_, err = o.funds.RejectRecovery(o.as("wu"), reject)
	o.refused(err, "RECOVERY_REJECTED", errs.Conflict, before)
	_, err = o.funds.ConfirmRecovery(o.as("wu"), v.ID)
	o.refused(err, "RECOVERY_REJECTED", errs.Conflict, before)
	_, err = o.funds.WriteOffRecovery(o.as("lin"), off)
	o.refused(err, "RECOVERY_REJECTED", errs.Conflict, before)
	_, err = o.instalment(v.ID, "YH1", yuan(1))
	o.refused(err, "RECOVERY_REJECTED", errs.Conflict, before)
	ages, err := o.funds.Recoveries(o.ctx, o.db.Pool(), county, date("2026-10-08"), false)
	if err != nil || len(ages.Claims) != 0 || ages.Total != 0 {
		t.Errorf("%+v, %v", ages, explain(err))
	}
	again := o.claimed()
	if again.ID == v.ID || again.State != funds.ClaimOpen || again.Amount != yuan(800) {
		t.Errorf("claimed anew: %+v", again)
	}
	_, err = o.funds.RejectRecovery(o.as("lin"), funds.RejectRecovery{Recovery: again.ID, Reason: "死亡信息有误"})
	o.refused(err, "RECOVERY_CONFIRMED", errs.Conflict, before)
}

// TestReceiveRecovery_of_a_credit_once: by its reference or its paper, a bank
// credit settles one claim.
func TestReceiveRecovery_of_a_credit_once(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v := o.claimed()
	other, err := o.funds.OpenRecovery(o.as("zhou"), claim(funds.ClaimLine{Line: 4}))
	if err == nil {
		_, err = o.funds.ConfirmRecovery(o.as("lin"), other.ID)
	}
	if err == nil {
		_, err = o.instalment(v.ID, "YH1", yuan(100))
	}
	if err != nil {
		t.Fatal(explain(err))
	}
	before := o.balances()
	_, err = o.instalment(other.ID, "YH1", yuan(100))
	o.refused(err, "RECOVERY_NUMBER_USED", errs.Conflict, before)
	_, err = o.funds.ReceiveRecovery(o.as("sun"), funds.ReceiveRecovery{Recovery: other.ID, Number: "YH2", ReceivedOn: date("2026-10-08"), Amount: yuan(100), Evidence: paperOf("YH1")})
	o.refused(err, "RECOVERY_NUMBER_USED", errs.Conflict, before)
	found := race(2, func(i int) error {
		_, err := o.instalment([]funds.RecoveryID{v.ID, other.ID}[i], "YH3", yuan(1))
		return err
	})
	if countCode(found, "") != 1 || countCode(found, "RECOVERY_NUMBER_USED") != 1 {
		t.Errorf("%v", found)
	}
}

// TestReceiveRecovery_passes_what_is_not_paid: a line whose money the bank
// returned does not stop the others.
func TestReceiveRecovery_passes_what_is_not_paid(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v := o.claimed()
	if _, err := o.ledger.Post(o.ctx, ledger.Command{Key: "return", Kind: "payment.return", Actor: "li", Cause: "batch:1", BusinessDate: clock.Date(o.clock.Now()),
		Steps: []ledger.Step{ledger.Move{Holdings: o.holdings[:1], From: ledger.Paid, To: ledger.Returned, PerLeg: true}}}); err != nil {
		t.Fatal(explain(err))
	}
	got, err := o.instalment(v.ID, "YH1", yuan(250))
	if err != nil || got.Items[0].Settled != 0 || got.Items[1].Settled != yuan(200) || got.Items[2].Settled != yuan(50) {
		t.Fatalf("%+v, %v", got, explain(err))
	}
	before := o.balances()
	_, err = o.instalment(v.ID, "YH2", yuan(251))
	o.refused(err, "RECOVERY_NOT_PAID", errs.Refused, before)
}

// TestCandidates goes by what is known of a death now, by lines that still stand
// for a month, and by what was paid after a stop (money-rules C13).
func TestCandidates(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	owner := o.env.Owner(t)
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := owner.Exec(o.ctx, sql, args...); err != nil {
			t.Fatal(sql, err)
		}
	}
	blind := paperOf("1")
	exec(`INSERT INTO identity (person, id_blind) VALUES (1, $1)`, blind)
	exec(`INSERT INTO death (id_blind, died_on, source, import_file, recorded_at) VALUES ($1, '2026-08-20', '', 0, now())`, blind)
	exec(`INSERT INTO once_key (subject, program, component, month, occasion, line) VALUES (2, 'DB', 'basic', '2026-10', 'regular', 4), (1, 'DB', 'basic', '2026-09', 'regular', 1)`)
	exec(`UPDATE entitlement_line SET month = '2026-09' WHERE id = 2`)
	lines := func(want ...int64) {
		t.Helper()
		found, err := o.funds.Candidates(o.ctx, o.db.Pool(), county, "2026-01")
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, c := range found {
			got = append(got, c.Line)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	lines(2, 2, 3) // line 2 after the death, and as the second of September
	exec(`UPDATE once_key SET freed = 'withdrawn' WHERE line = 1`)
	lines(2, 3)
	exec(`INSERT INTO death_version (id_blind, n, died_on, withdrawn, source, act, import_file, recorded_at) VALUES ($1, 1, '2026-09-20', false, '', 0, 0, now())`, blind)
	lines(3)
	exec(`INSERT INTO death_version (id_blind, n, died_on, withdrawn, source, act, import_file, recorded_at) VALUES ($1, 2, '2026-09-20', true, '', 0, 0, now())`, blind)
	lines()
	// stopped, told twice, with what had been paid for later months; approved again
	event := `INSERT INTO entitlement_event (id, person, program, event, on_date, review_class, grace, document, import_file, recorded_at)
		VALUES ($1, 1, 'DB', $2, $3, '', $4, '青民〔2026〕40号', 0, now())`
	exec(event, 1, "stopped", "2026-08-15", true)
	lines()
	exec(event, 2, "stopped", "2026-08-16", false)
	exec(event, 3, "stopped", "2026-08-17", false)
	lines(2, 3)
	exec(event, 4, "approved", "2026-10-01", false)
	lines(2)
}

func TestConfirmRecovery_is_for_a_second_person(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v, err := o.funds.OpenRecovery(o.as("zhou"), claim(funds.ClaimLine{Line: 1}))
	if err != nil || v.State != funds.ClaimProposed {
		t.Fatalf("%+v, %v", v, explain(err))
	}
	before := o.balances()
	_, err = o.instalment(v.ID, "YH1", yuan(100))
	o.refused(err, "RECOVERY_PROPOSED", errs.Refused, before)
	_, err = o.funds.ConfirmRecovery(o.as("zhou"), v.ID)
	o.refused(err, "RECOVERY_OWN", errs.Refused, before)
	for _, replay := range []bool{false, true} {
		if v, err = o.funds.ConfirmRecovery(o.as("lin"), v.ID); err != nil || v.Replay != replay || v.ConfirmedBy != "lin" {
			t.Errorf("%+v, %v", v, explain(err))
		}
	}
	_, err = o.funds.ConfirmRecovery(o.as("wu"), v.ID)
	o.refused(err, "RECOVERY_CONFIRMED", errs.Conflict, before)
}

// TestReceiveRecovery_settles_the_oldest_month: and this year's money is free
// again where it had been drawn from, at its own addresses.
func TestReceiveRecovery_settles_the_oldest_month(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v := o.claimed()
	free := o.place(ledger.Available)
	for i, tt := range []struct {
		amount  money.Fen
		settled [3]money.Fen
	}{{yuan(250), [3]money.Fen{yuan(250), 0, 0}}, {yuan(150), [3]money.Fen{yuan(300), yuan(100), 0}}, {yuan(400), [3]money.Fen{yuan(300), yuan(200), yuan(300)}}} {
		number := fmt.Sprintf("YH%d", i)
		for _, replay := range []bool{false, true} {
			got, err := o.instalment(v.ID, number, tt.amount)
			if err != nil || got.Replay != replay {
				t.Fatalf("%+v, %v", got, explain(err))
			}
			v = got
		}
		if settled := [3]money.Fen{v.Items[0].Settled, v.Items[1].Settled, v.Items[2].Settled}; settled != tt.settled {
			t.Errorf("%d: %v, want %v", i, settled, tt.settled)
		}
	}
	if v.State != funds.ClaimSettled || o.place(ledger.Available) != free+yuan(800) || o.place(ledger.Paid) != yuan(400) || o.place(ledger.Recovered) != 0 {
		t.Errorf("%+v\n%s", v, o.balances())
	}
	// line 1 had the first 300 yuan of the lot; 100 of line 2 stay with it
	for fen, want := range map[money.Fen]ledger.AccountKind{0: ledger.Available, yuan(300): "", yuan(400): ledger.Available, yuan(900): ""} {
		p, err := ledger.HolderNow(o.ctx, o.db.Pool(), 1, fen)
		if err != nil {
			t.Fatal(err)
		}
		var kind ledger.AccountKind
		if p.Holding == 0 {
			a, err := ledger.AccountByID(o.ctx, o.db.Pool(), p.Account)
			if err != nil {
				t.Fatal(err)
			}
			kind = a.Place.Kind
		}
		if kind != want {
			t.Errorf("fen %d is %q, want %q", fen, kind, want)
		}
	}
	before := o.balances()
	_, err := o.instalment(v.ID, "YH9", 1)
	o.refused(err, "RECOVERY_ABOVE", errs.Insufficient, before)
	_, err = o.instalment(v.ID, "YH0", yuan(1))
	o.refused(err, "RECOVERY_NUMBER_USED", errs.Conflict, before)
}

// TestReceiveRecovery_of_an_earlier_year: the payment stays as it was; what comes
// is to be remitted, and so are a fine and interest of any year.
func TestReceiveRecovery_of_an_earlier_year(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v := o.claimed()
	o.clock.Set(time.Date(2027, 3, 1, 9, 0, 0, 0, clock.Shanghai))
	paid := o.place(ledger.Paid)
	cmd := funds.ReceiveRecovery{Recovery: v.ID, Number: "YH1", ReceivedOn: date("2027-02-26"), Amount: yuan(350), Fine: yuan(50), Interest: 7, Evidence: paper}
	for range 2 {
		var err error
		if v, err = o.funds.ReceiveRecovery(o.as("sun"), cmd); err != nil {
			t.Fatal(explain(err))
		}
	}
	before := o.balances()
	for _, change := range []func(*funds.ReceiveRecovery){func(c *funds.ReceiveRecovery) { c.Fine = 0 }, func(c *funds.ReceiveRecovery) { c.Interest = 8 }} {
		other := cmd
		change(&other)
		_, err := o.funds.ReceiveRecovery(o.as("sun"), other)
		o.refused(err, "RECOVERY_NUMBER_USED", errs.Conflict, before)
	}
	receipts, err := o.funds.Receipts(o.ctx, o.db.Pool(), date("2027-03-01"), false)
	if err != nil || len(receipts) != 3 || o.place(ledger.Paid) != paid || v.Received != yuan(350) || v.Items[1].Settled != yuan(50) {
		t.Fatalf("%+v, %+v, %v", receipts, v, err)
	}
	sums := map[funds.ReceiptKind]money.Fen{}
	for _, r := range receipts {
		sums[r.Kind] += r.Amount
		if !r.DueOn.Equal(date("2027-03-08")) {
			t.Errorf("due %s", r.DueOn)
		}
		if _, err := o.funds.RemitReceipt(o.as("sun"), funds.Remit{Receipt: r.Number, Number: "缴款书" + r.Number, RemittedOn: date("2027-03-01")}); err != nil {
			t.Error(explain(err))
		}
	}
	if sums[funds.OtherReceipt] != yuan(350) || sums[funds.Fine] != yuan(50) || sums[funds.Interest] != 7 || o.place(ledger.Surrendered) != yuan(400)+7 {
		t.Errorf("%v\n%s", sums, o.balances())
	}
	// the rest of line 2 is 150, of which nothing is counted twice
	cmd.Number, cmd.Amount, cmd.Fine, cmd.Interest = "YH2", yuan(450), 0, 0
	if v, err = o.funds.ReceiveRecovery(o.as("sun"), cmd); err != nil || v.State != funds.ClaimSettled {
		t.Errorf("%+v, %v", v, explain(err))
	}
}

func TestWriteOffRecovery(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v := o.claimed()
	if _, err := o.instalment(v.ID, "YH1", yuan(100)); err != nil {
		t.Fatal(explain(err))
	}
	cmd := funds.WriteOffRecovery{Recovery: v.ID, Number: "县财社 [2026] 40号", IssuedOn: date("2026-10-08"), Amount: yuan(701), Evidence: paper, Reason: "无可执行财产"}
	before := o.balances()
	_, err := o.funds.WriteOffRecovery(o.as("lin"), cmd)
	o.refused(err, "RECOVERY_ABOVE", errs.Insufficient, before)
	cmd.Amount = 0
	_, err = o.funds.WriteOffRecovery(o.as("zhou"), cmd)
	o.refused(err, "RECOVERY_OWN", errs.Refused, before)
	none := cmd
	none.Number, none.Evidence = "", nil
	_, err = o.funds.WriteOffRecovery(o.as("lin"), none)
	o.refused(err, "VALID_PROBLEMS", errs.Invalid, before)
	for _, replay := range []bool{false, true} {
		if v, err = o.funds.WriteOffRecovery(o.as("lin"), cmd); err != nil || v.Replay != replay || v.WrittenOff != yuan(700) || v.State != funds.ClaimWrittenOff {
			t.Errorf("%+v, %v", v, explain(err))
		}
	}
	ages, err := o.funds.Recoveries(o.ctx, o.db.Pool(), county, date("2026-10-08"), false)
	if err != nil || len(ages.Claims) != 1 || ages.Total != 0 || o.balances() != before {
		t.Errorf("a claim that is written off stays visible: %+v, %v", ages, err)
	}
}

func TestRecoveries_by_age(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v := o.claimed()
	if _, err := o.instalment(v.ID, "YH1", yuan(100)); err != nil {
		t.Fatal(explain(err))
	}
	for _, tt := range []struct{ on, class string }{{"2026-11-07", "0-30"}, {"2026-11-08", "31-90"}, {"2027-01-07", "91-365"}, {"2027-10-09", ">365"}} {
		ages, err := o.funds.Recoveries(o.ctx, o.db.Pool(), county, date(tt.on), false)
		if err != nil || len(ages.Classes) != 4 || ages.Total != yuan(700) || ages.Claims[0].Class != tt.class {
			t.Fatalf("%s: %+v, %v", tt.on, ages, explain(err))
		}
		for _, c := range ages.Classes {
			if (c.Class == tt.class) != (c.Amount == yuan(700)) {
				t.Errorf("%s: %+v", tt.on, c)
			}
		}
	}
}

// TestReceiveRecovery_races: of two instalments at once that are together more
// than the claim, one is booked.
func TestReceiveRecovery_races(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v := o.claimed()
	found := race(4, func(i int) error { _, err := o.instalment(v.ID, fmt.Sprint("YH", i), yuan(500)); return err })
	if countCode(found, "") != 1 || countCode(found, "RECOVERY_ABOVE") != 3 || o.place(ledger.Paid) != yuan(700) {
		t.Errorf("%v\n%s", found, o.balances())
	}
}

// TestVerify_of_claims: what somebody alters is found.
func TestVerify_of_claims(t *testing.T) {
	t.Parallel()
	o := paidPeople(t)
	v := o.claimed()
	if _, err := o.instalment(v.ID, "YH1", yuan(100)); err != nil {
		t.Fatal(explain(err))
	}
	owner := o.env.Owner(t)
	for sql, check := range map[string]string{
		`UPDATE recovery SET amount_fen = 9999`:                          "recovery_sum",
		`UPDATE recovery_item SET amount_fen = 9999 WHERE line = 1`:      "recovery_line",
		`UPDATE recovery_settled SET amount_fen = amount_fen - 1`:        "recovery_ledger",
		`UPDATE recovery_settled SET way = 'receipt'`:                    "recovery_receipt",
		`UPDATE recovery_act SET actor = 'zhou' WHERE kind = 'confirm'`:  "recovery_persons",
		`UPDATE recovery_act SET n = 9 WHERE kind = 'confirm'`:           "recovery_persons",
		`UPDATE recovery_act SET number = 'YH2' WHERE kind = 'receive'`:  "recovery_leaf",
		`UPDATE recovery_act SET kind = 'reject' WHERE kind = 'receive'`: "recovery_persons",
		`INSERT INTO recovery (id, source, person, amount_fen, reason, opened_by, opened_at) VALUES (99, 'other', 1, 1, '', 'zhou', now());
			INSERT INTO recovery_item (recovery, line, month, amount_fen, round) VALUES (99, 1, '2026-08', 1, 1)`: "recovery_once",
		`DELETE FROM recovery_settled; DELETE FROM recovery_act WHERE n > 1`: "recovery_leaf",
	} {
		tx, err := owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(sql, err)
		}
		found, err := funds.Verify(t.Context(), tx)
		if err != nil {
			t.Fatal(sql, err)
		}
		seen := false
		for _, f := range found {
			seen = seen || f.Check == check
		}
		if !seen {
			t.Errorf("%s: %+v", sql, found)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
