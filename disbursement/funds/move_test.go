package funds_test

import (
	"testing"
	"time"

	"fenlu/disbursement/funds"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/ledger"
)

func moving(t funds.Type, number string, items ...funds.MoveItem) funds.MoveMoney {
	return funds.MoveMoney{Type: t, Number: number, Title: "关于调整预算的通知", IssuedOn: date("2026-10-01"), Items: items}
}

// TestMove takes money down to a township and on to another code: it keeps its
// lot and addresses, and pays from where it stands.
func TestMove(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"})
	root := o.line("财社〔2026〕12号")
	allocate := moving(funds.Allocation, "青民[2026]31号", funds.MoveItem{BudgetLine: root, Amount: yuan(400), Office: "麦川乡人民政府"})
	done, err := o.funds.Move(o.as("zhou"), allocate)
	if err != nil || done.Amount != yuan(400) || done.Replay {
		t.Fatalf("%+v, %v", done, explain(err))
	}
	again, err := o.funds.Move(o.as("zhou"), allocate)
	if err != nil || !again.Replay || again.Journal != done.Journal {
		t.Errorf("again %+v, %v", again, explain(err))
	}
	allocate.Items[0].Office = "石桥乡人民政府"
	if _, err := o.funds.Move(o.as("zhou"), allocate); errs.CodeOf(err) != "FUNDS_NUMBER_USED" {
		t.Errorf("another office: %v", explain(err))
	}
	below := o.line("青民〔2026〕31号")
	if _, err := o.funds.Move(o.as("zhou"), moving(funds.Recoding, "青民〔2026〕32号", funds.MoveItem{BudgetLine: below, Amount: yuan(150),
		FunctionCode: "2082102", EconomicCode: "50902"})); err != nil {
		t.Fatal(explain(err))
	}
	last := o.line("青民〔2026〕32号")
	d, lines, err := o.funds.FindDocument(o.ctx, o.db.Pool(), "青民〔2026〕32号")
	if err != nil || d.Type != funds.Recoding || lines[0].Office != "麦川乡人民政府" || lines[0].FunctionCode != "2082102" || lines[0].Lot != 1 {
		t.Errorf("%+v %+v %v", d, lines, err)
	}
	h, err := ledger.HolderNow(o.ctx, o.db.Pool(), 1, yuan(150)-1)
	if err != nil || h.Account != o.available(last) {
		t.Errorf("fen 14999 of lot 1 stands in %+v, %v", h, err)
	}
	pool, err := o.funds.Pool(o.ctx, o.db.Pool(), "DB")
	if err != nil || len(pool) != 3 {
		t.Errorf("pool %+v, %v", pool, err)
	}
	o.spend(last, yuan(150))
	// A cut of the root takes what its money became, wherever it stands.
	r := o.imports(row{number: "财社〔2026〕40号", kind: "调减", issued: "2026-08-01", received: "2026-08-05", cuts: "财社〔2026〕12号", cutsLine: 1, amount: "860.00"})
	if r.Short != yuan(10) || o.place(ledger.Available) != 0 || o.place(ledger.Withdrawn) != yuan(860) {
		t.Errorf("%+v\n%s", r, o.balances())
	}
}

func TestMove_refused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imports(row{amount: "1000.00"}, row{number: "财社〔2026〕200号", year: "2027", amount: "10.00"})
	o.carveoutRule()
	if _, err := o.funds.SetAside(o.as("zhou"), setAside("县民〔2026〕1号", item(o.line("财社〔2026〕12号"), yuan(30)))); err != nil {
		t.Fatal(explain(err))
	}
	line, next := o.line("财社〔2026〕12号"), o.line("财社〔2026〕200号")
	before := o.balances()
	for name, c := range map[string]struct {
		cmd  funds.MoveMoney
		code string
		kind errs.Kind
	}{
		"recoding that changes the office":  {moving(funds.Recoding, "a", funds.MoveItem{BudgetLine: line, Amount: 1, EconomicCode: "50902", Office: "x"}), "FUNDS_MOVE_CHANGES", errs.Invalid},
		"recoding that changes nothing":     {moving(funds.Recoding, "a", funds.MoveItem{BudgetLine: line, Amount: 1, EconomicCode: "50901"}), "FUNDS_MOVE_CHANGES", errs.Invalid},
		"allocation that changes the codes": {moving(funds.Allocation, "a", funds.MoveItem{BudgetLine: line, Amount: 1, EconomicCode: "50902", Office: "x"}), "FUNDS_MOVE_CHANGES", errs.Invalid},
		"transfer that changes nothing":     {moving(funds.Transfer, "a", funds.MoveItem{BudgetLine: line, Amount: 1}), "FUNDS_MOVE_CHANGES", errs.Invalid},
		"no code":                           {moving(funds.Transfer, "a", funds.MoveItem{BudgetLine: line, Amount: 1, EconomicCode: "5"}), "FUNDS_MOVE_CODE", errs.Invalid},
		"two years":                         {moving(funds.Allocation, "a", funds.MoveItem{BudgetLine: line, Amount: 1, Office: "x"}, funds.MoveItem{BudgetLine: next, Amount: 1, Office: "x"}), "FUNDS_MOVE_YEARS", errs.Invalid},
		"more than is free":                 {moving(funds.Allocation, "a", funds.MoveItem{BudgetLine: line, Amount: yuan(900), Office: "x"}, funds.MoveItem{BudgetLine: line, Amount: yuan(71), Office: "x"}), "FUNDS_INSUFFICIENT", errs.Insufficient},
		"type":                              {moving(funds.Addition, "a", funds.MoveItem{BudgetLine: line, Amount: 1, Office: "x"}), "FUNDS_MOVE_TYPE", errs.Invalid},
		"unknown line":                      {moving(funds.Transfer, "a", funds.MoveItem{BudgetLine: 99, Amount: 1, Office: "x"}), "FUNDS_BUDGET_LINE_UNKNOWN", errs.NotFound},
	} {
		_, err := o.funds.Move(o.as("zhou"), c.cmd)
		t.Log(name)
		o.refused(err, c.code, c.kind, before)
	}
	// Money of a coming year may be allotted, and stays shut.
	if _, err := o.funds.Move(o.as("zhou"), moving(funds.Allocation, "b〔2026〕1号", funds.MoveItem{BudgetLine: next, Amount: yuan(5), Office: "x"})); err != nil {
		t.Fatal(explain(err))
	}
	_, err := o.ledger.Post(o.ctx, ledger.Command{Key: "early", Kind: "batch.freeze", Actor: "li", Cause: "batch:1", BusinessDate: clock.Date(o.clock.Now()),
		Steps: []ledger.Step{ledger.Draw{From: o.available(o.line("b〔2026〕1号")), To: ledger.Frozen, Legs: []ledger.Leg{{Line: 1, Payment: 1, Party: 1, Amount: 1}}}}})
	if errs.CodeOf(err) != "LEDGER_NOT_OPEN" {
		t.Error(explain(err))
	}
	o.clock.Set(time.Date(2027, 1, 2, 9, 0, 0, 0, clock.Shanghai))
	o.spend(o.line("b〔2026〕1号"), yuan(5))
}
