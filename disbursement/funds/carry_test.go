package funds_test

import (
	"strings"
	"testing"

	"fenlu/disbursement/funds"
	"fenlu/internal/errs"
	"fenlu/ledger"
)

// TestCarryOver moves a year's free money, what is set aside included, to lines
// of the next year; every fen keeps its lot and address.
func TestCarryOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "500.00"})
	o.carveoutRule()
	if _, err := o.funds.SetAside(o.as("zhou"), setAside("县民〔2026〕1号", item(o.line("财社〔2026〕12号"), yuan(30)))); err != nil {
		t.Fatal(explain(err))
	}
	before, err := ledger.HolderNow(o.ctx, o.db.Pool(), 1, yuan(900))
	if err != nil {
		t.Fatal(err)
	}
	cmd := funds.CarryOver{Year: 2026, Number: "县财预[2027]1号", Title: "关于结转上年结余的通知", IssuedOn: date("2027-01-05")}
	done, err := o.funds.CarryOver(o.as("zheng"), cmd)
	if err != nil || done.Lines != 3 || done.Amount != yuan(1500) || done.Replay {
		t.Fatalf("carried %+v, %v", done, explain(err))
	}
	if left, err := funds.Unspent(o.ctx, o.db.Pool(), 2026); err != nil || len(left) != 0 {
		t.Errorf("left of 2026: %+v, %v", left, err)
	}
	next, err := funds.Unspent(o.ctx, o.db.Pool(), 2027)
	if err != nil || len(next) != 3 || next[0].Amount+next[1].Amount+next[2].Amount != yuan(1500) {
		t.Errorf("in 2027: %+v, %v", next, err)
	}
	after, err := ledger.HolderNow(o.ctx, o.db.Pool(), 1, yuan(900))
	if err != nil || after.Account == before.Account {
		t.Errorf("fen 90000 of lot 1 stands in account %d, stood in %d, %v", after.Account, before.Account, err)
	}
	if was, err := ledger.HolderAt(o.ctx, o.db.Pool(), 1, yuan(900), after.Opened-1); err != nil || was.Account != before.Account {
		t.Errorf("fen 90000 of lot 1 stood in %d before, %v", was.Account, err)
	}
	again, err := o.funds.CarryOver(o.as("zheng"), cmd)
	if err != nil || !again.Replay || again.Journal != done.Journal {
		t.Errorf("again %+v, %v", again, explain(err))
	}
	cmd.Title = "另一份文件"
	if _, err := o.funds.CarryOver(o.as("zheng"), cmd); errs.CodeOf(err) != "FUNDS_NUMBER_USED" {
		t.Error(explain(err))
	}
	cmd.Number = "县财预〔2027〕2号"
	if _, err := o.funds.CarryOver(o.as("zheng"), cmd); errs.CodeOf(err) != "CARRY_NOTHING" {
		t.Error(explain(err))
	}
	found, err := funds.Verify(o.ctx, o.db.Pool())
	if err != nil || len(found) != 0 {
		t.Errorf("verify: %+v, %v", found, err)
	}
}

// TestReverse undoes a set-aside in part and a carry-over whole, by another
// person, once for each reason.
func TestReverse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "500.00"})
	o.carveoutRule()
	aside, err := o.funds.SetAside(o.as("zhou"), setAside("县民〔2026〕1号", item(o.line("财社〔2026〕12号"), yuan(30))))
	if err != nil {
		t.Fatal(explain(err))
	}
	part := funds.ReverseMove{Journal: aside.Journal, Parts: []ledger.Part{{Line: 1, Amount: yuan(10)}},
		Number: "县民〔2026〕9号", Title: "关于更正列支的通知", IssuedOn: date("2026-11-20")}
	if _, err := o.funds.Reverse(o.as("zhou"), part); errs.CodeOf(err) != "FUNDS_OWN_JOURNAL" {
		t.Error(explain(err))
	}
	done, err := o.funds.Reverse(o.as("lin"), part)
	if err != nil || done.Amount != yuan(10) || done.Lines != 1 || done.Replay {
		t.Fatalf("%+v, %v", done, explain(err))
	}
	if again, err := o.funds.Reverse(o.as("lin"), part); err != nil || !again.Replay || again.Journal != done.Journal {
		t.Errorf("%+v, %v", again, explain(err))
	}
	status, err := o.funds.CarveoutStatus(o.ctx, o.db.Pool(), 2026, "")
	if err != nil || status.Result.Planned.Fund+status.Result.Planned.Others != yuan(20) {
		t.Errorf("planned %v, %v", status.Result.Planned, explain(err))
	}
	part.Parts[0].Amount, part.Number = yuan(21), "县民〔2026〕10号"
	if _, err := o.funds.Reverse(o.as("lin"), part); errs.CodeOf(err) != "LEDGER_PART_TOO_MUCH" {
		t.Error(explain(err))
	}
	carried, err := o.funds.CarryOver(o.as("zheng"), funds.CarryOver{Year: 2026, Number: "县财预〔2027〕1号", Title: "结转", IssuedOn: date("2027-01-05")})
	if err != nil {
		t.Fatal(explain(err))
	}
	all := part
	all.Journal, all.Parts, all.Number = carried.Journal, nil, "县财预〔2027〕2号"
	if back, err := o.funds.Reverse(o.as("lin"), all); err != nil || back.Amount != yuan(1500) {
		t.Fatalf("%+v, %v", back, explain(err))
	}
	if next, err := funds.Unspent(o.ctx, o.db.Pool(), 2027); err != nil || len(next) != 0 {
		t.Errorf("in 2027: %+v, %v", next, err)
	}
	o.imports(notice("1.00"))
	o.inSpring()
	o.imports(whole("1.00", "含"))
	brought, err := ledger.JournalAt(o.ctx, o.db.Pool(), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	for code, change := range map[string]func(*funds.ReverseMove){
		"FUNDS_NOT_REVERSIBLE":    func(c *funds.ReverseMove) { c.Journal = brought.ID },
		"LEDGER_REVERSED_ALREADY": func(*funds.ReverseMove) {},
		"LEDGER_JOURNAL_UNKNOWN":  func(c *funds.ReverseMove) { c.Journal = 999 },
		"FUNDS_NUMBER_USED":       func(c *funds.ReverseMove) { c.Number = "县民〔2026〕1号" },
		"FUNDS_NUMBER_USED ":      func(c *funds.ReverseMove) { c.Number = "财社〔2027〕21号" }, // a document that moved nothing
		"VALID_PROBLEMS":          func(c *funds.ReverseMove) { c.Title = "" },
	} {
		cmd := all
		cmd.Number = "县财预〔2027〕3号"
		change(&cmd)
		if _, err := o.funds.Reverse(o.as("lin"), cmd); errs.CodeOf(err) != strings.TrimSpace(code) {
			t.Errorf("%s: %v", code, explain(err))
		}
	}
	found, err := funds.Verify(o.ctx, o.db.Pool())
	if err != nil || len(found) != 0 {
		t.Errorf("verify: %+v, %v", found, err)
	}
}
