package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/ledger"
	"fenlu/money"
)

// lotsCmd is `fenlu lots`: every lot and where its money stands.
type lotsCmd struct{}

// lotPlaces are the places of a lot in the order of the columns.
func lotPlaces() []ledger.AccountKind {
	return []ledger.AccountKind{ledger.Available, ledger.Carveout, ledger.Reserve, ledger.Frozen, ledger.InTransit, ledger.Paid, ledger.Returned,
		ledger.Recovered, ledger.Suspense, ledger.Surrendered, ledger.CarriedOver, ledger.Shortfall}
}

// Run lists the lots.
func (lotsCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		var list funds.LotList
		err := s.DB.Read(a.ctx, func(tx pgx.Tx) (err error) {
			list, err = s.Funds.Lots(a.ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
		return a.Result(list, func(w io.Writer) { a.printLots(w, list) })
	})
}

func (a *app) printLots(w io.Writer, list funds.LotList) {
	places := usedPlaces(list.Lots)
	columns := []table.Column{table.Right(a.T("funds.column.lot")), table.Left(a.T("funds.column.document")), table.Right(a.T("funds.column.line")),
		table.Left(a.T("funds.column.level")), table.Left(a.T("funds.column.fund")), table.Right(a.T("funds.column.brought_in")),
		table.Right(a.T("funds.column.withdrawn"))}
	for _, p := range places {
		columns = append(columns, table.Right(i18n.Term(a.Lang, "place", string(p))))
	}
	t := table.New(a.T("funds.lots.title"), columns...)
	sums := make([]money.Fen, 2+len(places))
	for _, l := range list.Lots {
		amounts := []money.Fen{l.BroughtIn, l.Withdrawn}
		for _, p := range places {
			amounts = append(amounts, l.Places[p])
		}
		document := l.Document
		if l.Stopped {
			document += a.T("funds.stopped")
		}
		cells := []string{strconv.Itoa(int(l.Lot)), document, strconv.Itoa(l.LineNo), l.Level.Name(a.Lang), l.Fund}
		for i, f := range amounts {
			sums[i] += f // for the eye; verify checks the books
			cells = append(cells, f.Grouped())
		}
		t.Add(cells...)
	}
	total := []string{"", a.T("funds.total"), "", "", ""}
	for _, f := range sums {
		total = append(total, f.Grouped())
	}
	t.Total(total...)
	_ = t.Write(w)
	a.printReserves(w, list.Reserves)
}

// usedPlaces leaves out the places where no lot has anything; available stays.
func usedPlaces(lots []funds.LotView) []ledger.AccountKind {
	var out []ledger.AccountKind
	for _, p := range lotPlaces() {
		used := p == ledger.Available
		for _, l := range lots {
			used = used || l.Places[p] != 0
		}
		if used {
			out = append(out, p)
		}
	}
	return out
}

func (a *app) printReserves(w io.Writer, reserves []funds.ReserveView) {
	if len(reserves) == 0 {
		return
	}
	t := table.New(a.T("funds.lots.reserves"), table.Left(a.T("funds.column.township")), table.Right(a.T("funds.column.lot")),
		table.Right(a.T("funds.column.budget_line")), table.Right(a.T("funds.column.balance")))
	var sum money.Fen
	for _, r := range reserves {
		sum += r.Balance
		t.Add(townshipName(r.Name, r.Township), strconv.Itoa(int(r.Lot)), strconv.Itoa(int(r.BudgetLine)), r.Balance.Grouped())
	}
	t.Total(a.T("funds.total"), "", "", sum.Grouped())
	_, _ = fmt.Fprintln(w)
	_ = t.Write(w)
}

func townshipName(name, code string) string {
	if name == "" {
		return code
	}
	return name
}

// carveoutCmd is `fenlu carveout`: the purchased-service share.
type carveoutCmd struct {
	Status   carveoutStatusCmd   `cmd:"" help:"help_carveout_status"`
	SetAside carveoutSetAsideCmd `cmd:"" name:"set-aside" help:"help_carveout_set_aside"`

	Rule      carveoutRuleCmd      `cmd:"" help:"help_carveout_rule"`
	Decide    carveoutDecideCmd    `cmd:"" help:"help_carveout_decide"`
	Contracts carveoutContractsCmd `cmd:"" help:"help_carveout_contracts"`
	Accept    carveoutAcceptCmd    `cmd:"" help:"help_carveout_accept"`
	Void      carveoutVoidCmd      `cmd:"" help:"help_carveout_void"`
	Statement carveoutStatementCmd `cmd:"" help:"help_carveout_statement"`
}

// carveoutStatusCmd says where the year's share stands.
type carveoutStatusCmd struct {
	Year int    `help:"help_carveout_year"`
	Area string `help:"help_carveout_area"`
}

// Run shows the calculation, line by line, and why the state is what it is.
func (c carveoutStatusCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		var status funds.CarveoutStatus
		err := s.DB.Read(a.ctx, func(tx pgx.Tx) (err error) {
			status, err = s.Funds.CarveoutStatus(a.ctx, tx, a.yearOr(c.Year), c.Area)
			return err
		})
		if err != nil {
			return err
		}
		view := struct {
			funds.CarveoutStatus
			State  string `json:"state"`
			Reason string `json:"reason"`
		}{status, string(status.Result.State), a.carveoutReason(status)}
		return a.Result(view, func(w io.Writer) { a.printCarveout(w, status) })
	})
}

// yearOr is the year given, or this one.
func (a *app) yearOr(year int) int {
	if year == 0 {
		return clock.Date(a.clock.Now()).Year()
	}
	return year
}

func (a *app) printCarveout(w io.Writer, s funds.CarveoutStatus) {
	_, _ = fmt.Fprintln(w, a.decisionText(s))
	for _, r := range s.Readings {
		t := table.New(a.T("funds.carveout.title", "year", r.Result.Year)+" · "+i18n.Term(a.Lang, "carveout.variant", string(r.Variant)),
			table.Right(a.T("funds.column.no")), table.Left(a.T("funds.column.what")),
			table.Right(a.T("funds.column.amount")), table.Left(a.T("funds.column.source")))
		for _, l := range r.Result.Lines {
			t.Add(strconv.Itoa(l.No), a.carveoutLine(l), l.Amount.Grouped(), l.Source)
		}
		_ = t.Write(w)
		_, _ = fmt.Fprintln(w, i18n.Term(a.Lang, "carveout.state", string(r.Result.State))+" · "+r.Result.Reason(a.Lang))
	}
	planned := s.Result.Planned
	_, _ = fmt.Fprintln(w, a.T("funds.carveout.set_aside", "total", (planned.Fund+planned.Others).Grouped(), "fund", s.Rule.CapFund,
		"capped", planned.Fund.Grouped()))
	for _, text := range a.carveoutNotes(s) {
		_, _ = fmt.Fprintln(w, text)
	}
}

// carveoutSetAsideCmd sets money aside under a document. Without items it
// proposes them; without --yes it only shows them.
type carveoutSetAsideCmd struct {
	Year         int      `help:"help_carveout_year"`
	Area         string   `help:"help_carveout_area"`
	Number       string   `required:"" help:"help_carveout_number"`
	Title        string   `required:"" help:"help_carveout_title"`
	IssuedOn     string   `required:"" name:"issued-on" placeholder:"2026-02-11" help:"help_carveout_issued_on"`
	Item         []string `placeholder:"12=350000.00" sep:"none" help:"help_carveout_item"`
	EconomicCode string   `name:"economic-code" default:"50205" help:"help_carveout_economic_code"`
	Yes          bool     `help:"help_carveout_yes"`
}

// carveoutSetAsideResult is its JSON.
type carveoutSetAsideResult struct {
	Plan funds.Plan   `json:"plan"`
	Done *funds.Moved `json:"done"`
}

// Run sets the money aside.
func (c carveoutSetAsideCmd) Run(a *app) error {
	issued, err := parseDay(c.IssuedOn)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		if _, err := auth.Require(ctx, auth.Carveout); err != nil { // what is proposed is for them, too
			return err
		}
		year := a.yearOr(c.Year)
		result := carveoutSetAsideResult{}
		if result.Plan, err = c.plan(ctx, a, s, year); err != nil {
			return err
		}
		if c.Yes {
			done, err := s.Funds.SetAside(ctx, funds.SetAside{Area: c.Area, Year: year, Number: c.Number, Title: c.Title, IssuedOn: issued,
				Items: result.Plan.Items})
			if err != nil {
				return err
			}
			result.Done = &done
		}
		return a.Result(result, func(w io.Writer) { a.printSetAside(w, result) })
	})
}

// plan is the items given, or what the service proposes. A document that is
// on record stands for itself, so that running the command again is a replay.
func (c carveoutSetAsideCmd) plan(ctx context.Context, a *app, s *services, year int) (funds.Plan, error) {
	if len(c.Item) == 0 {
		if _, lines, err := s.Funds.FindDocument(ctx, s.DB.Pool(), c.Number); err == nil {
			return planOf(lines), nil
		}
		plan, err := s.Funds.PlanSetAside(ctx, s.DB.Pool(), year, c.Area)
		if err != nil {
			return plan, err
		}
		for i := range plan.Items {
			plan.Items[i].EconomicCode = c.EconomicCode
		}
		if len(plan.Items) == 0 {
			return plan, errs.New(errs.Refused, "CARVEOUT_NOTHING", "reason", i18n.Term(a.Lang, "carveout.state", string(plan.State)))
		}
		return plan, nil
	}
	var plan funds.Plan
	for _, text := range c.Item {
		item, err := parseItem(text, c.EconomicCode)
		if err != nil {
			return plan, err
		}
		plan.Items = append(plan.Items, item)
		if plan.Total, err = money.Add(plan.Total, item.Amount); err != nil {
			return plan, errs.New(errs.Invalid, "FUNDS_ITEM", "item", text)
		}
	}
	return plan, nil
}

func planOf(lines []funds.Line) funds.Plan {
	var plan funds.Plan
	for _, l := range lines {
		plan.Items = append(plan.Items, funds.SetAsideItem{BudgetLine: l.From, Amount: l.Amount, EconomicCode: l.EconomicCode})
		plan.Total += l.Amount // as it was posted
	}
	return plan
}

func parseItem(text, economicCode string) (funds.SetAsideItem, error) {
	line, amount, ok := strings.Cut(text, "=")
	id, errID := strconv.ParseInt(line, 10, 32)
	fen, errAmount := money.Parse(amount)
	if !ok || errID != nil || errAmount != nil {
		return funds.SetAsideItem{}, errs.New(errs.Invalid, "FUNDS_ITEM", "item", text)
	}
	return funds.SetAsideItem{BudgetLine: ledger.BudgetLineID(id), Amount: fen, EconomicCode: economicCode}, nil
}

func parseDay(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, errs.New(errs.Invalid, "FUNDS_DAY", "value", text)
	}
	return day, nil
}

func (a *app) printSetAside(w io.Writer, r carveoutSetAsideResult) {
	t := table.New(a.T("funds.carveout.plan"), table.Right(a.T("funds.column.budget_line")), table.Left(a.T("funds.column.economic_code")),
		table.Right(a.T("funds.column.amount")))
	for _, item := range r.Plan.Items {
		t.Add(strconv.Itoa(int(item.BudgetLine)), item.EconomicCode, item.Amount.Grouped())
	}
	t.Total(a.T("funds.total"), "", r.Plan.Total.Grouped())
	_ = t.Write(w)
	if r.Plan.Missing > 0 {
		_, _ = fmt.Fprintln(w, a.T("funds.carveout.missing", "missing", r.Plan.Missing.Grouped()))
	}
	switch {
	case r.Done == nil:
		_, _ = fmt.Fprintln(w, a.T("funds.carveout.to_confirm"))
	case r.Done.Replay:
		_, _ = fmt.Fprintln(w, a.T("funds.replay", "number", r.Done.Number))
	default:
		_, _ = fmt.Fprintln(w, a.T("funds.carveout.done", "number", r.Done.Number, "lines", r.Done.Lines, "amount", r.Done.Amount.Grouped()))
	}
}
