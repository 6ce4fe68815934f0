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
	"fenlu/internal/table"
	"fenlu/ledger"
	"fenlu/money"
)

// reserveCmd is `fenlu reserve`: the townships' emergency reserves.
type reserveCmd struct {
	Allocate reserveAllocateCmd `cmd:"" help:"help_reserve_allocate"`
	Draw     reserveDrawCmd     `cmd:"" help:"help_reserve_draw"`
	Confirm  reserveConfirmCmd  `cmd:"" help:"help_reserve_confirm"`
	Document reserveDocumentCmd `cmd:"" help:"help_reserve_document"`
	Refuse   reserveRefuseCmd   `cmd:"" help:"help_reserve_refuse"`
	Refill   reserveRefillCmd   `cmd:"" help:"help_reserve_refill"`
	Return   reserveReturnCmd   `cmd:"" help:"help_reserve_return"`
	Status   reserveStatusCmd   `cmd:"" help:"help_reserve_status"`
	Late     reserveLateCmd     `cmd:"" help:"help_reserve_late"`
	Urgent   reserveUrgentCmd   `cmd:"" help:"help_reserve_urgent"`
	Advances reserveAdvancesCmd `cmd:"" help:"help_reserve_advances"`

	Account   reserveAccountCmd   `cmd:"" help:"help_reserve_account"`
	Arrived   reserveArrivedCmd   `cmd:"" help:"help_reserve_arrived"`
	Interest  reserveInterestCmd  `cmd:"" help:"help_reserve_interest"`
	Transfers reserveTransfersCmd `cmd:"" help:"help_reserve_transfers"`
	Reconcile reserveReconcileCmd `cmd:"" help:"help_reserve_reconcile"`
}

// reserveAllocateCmd allots a year's reserves.
type reserveAllocateCmd struct {
	Year         int     `help:"help_reserve_year"`
	Area         string  `help:"help_reserve_area"`
	Number       string  `required:"" help:"help_reserve_number"`
	Title        string  `required:"" help:"help_reserve_title"`
	IssuedOn     string  `required:"" name:"issued-on" placeholder:"2026-01-08" help:"help_reserve_issued_on"`
	PopulationOn string  `name:"population-on" placeholder:"2026-01-01" help:"help_reserve_population_on"`
	From         []int32 `placeholder:"12" help:"help_reserve_from"`
}

// Run allots the reserves of the year.
func (c reserveAllocateCmd) Run(a *app) error {
	return c.give(a, "funds.reserve.done", func(s *services) giving { return s.Funds.AllocateReserves })
}

// giving is what an allotment and a refill have in common.
type giving func(context.Context, funds.AllocateReserves) (funds.Allocated, error)

func (c reserveAllocateCmd) give(a *app, done string, how func(*services) giving) error {
	cmd := funds.AllocateReserves{Area: c.Area, Year: a.yearOr(c.Year), Number: c.Number, Title: c.Title}
	var err error
	if cmd.IssuedOn, err = parseDay(c.IssuedOn); err != nil {
		return err
	}
	if c.PopulationOn != "" {
		if cmd.PopulationOn, err = parseDay(c.PopulationOn); err != nil {
			return err
		}
	}
	for _, id := range c.From {
		cmd.From = append(cmd.From, ledger.BudgetLineID(id))
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		given, err := how(s)(ctx, cmd)
		if err != nil {
			return err
		}
		names, err := s.Parties.Areas(ctx, s.DB.Pool(), codesOf(given.Townships))
		if err != nil {
			return err
		}
		return a.Result(given, func(w io.Writer) {
			t := table.New("", table.Left(a.T("funds.column.township")), table.Right(a.T("funds.column.residents")),
				table.Right(a.T("funds.column.budget_line")), table.Right(a.T("funds.column.allotted")))
			for _, r := range given.Townships {
				t.Add(townshipName(names[r.Township].Name, r.Township), people(r.Residents), strconv.Itoa(int(r.BudgetLine)), r.Amount.Grouped())
			}
			t.Total(a.T("funds.total"), "", "", given.Amount.Grouped())
			_ = t.Write(w)
			code := done
			if given.Replay {
				code = "funds.replay"
			}
			_, _ = fmt.Fprintln(w, a.T(code, "number", given.Number, "townships", countTownships(given.Townships), "amount", given.Amount.Grouped()))
		})
	})
}

// people is a number of people, grouped.
func people(n int64) string { return strings.TrimSuffix(money.Fen(100*n).Grouped(), ".00") }

func codesOf(given []funds.Allotment) []string {
	codes := make([]string, len(given))
	for i, g := range given {
		codes[i] = g.Township
	}
	return codes
}

// countTownships counts a township that was given from two lines once.
func countTownships(given []funds.Allotment) int {
	seen := map[string]bool{}
	for _, g := range given {
		seen[g.Township] = true
	}
	return len(seen)
}

// reserveStatusCmd says what each township has left.
type reserveStatusCmd struct {
	Year int `help:"help_reserve_year"`
	sheetFlag
}

// Run shows the reserves of a year beside the time that has passed.
func (c reserveStatusCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		var status funds.ReserveYear
		err := s.DB.Read(a.ctx, func(tx pgx.Tx) (err error) {
			status, err = s.Funds.ReserveStatus(a.ctx, tx, a.yearOr(c.Year))
			return err
		})
		if err != nil {
			return err
		}
		if err := c.write(a, "reserve", reserveSheet{a, status}); err != nil {
			return err
		}
		view := struct {
			funds.ReserveYear
			AsOf string `json:"as_of"`
		}{status, status.AsOf.Format(time.DateOnly)}
		return a.Result(view, func(w io.Writer) { a.printReserveYear(w, status) })
	})
}

func (a *app) printReserveYear(w io.Writer, y funds.ReserveYear) {
	if len(y.Townships) == 0 {
		_, _ = fmt.Fprintln(w, a.T("funds.reserve.none", "year", y.Year))
		return
	}
	t := table.New(a.T("funds.reserve.title", "year", y.Year, "elapsed", y.Elapsed, "days", y.Days, "of", y.DaysOf),
		table.Right(a.T("books.head.reserve_rank")), table.Left(a.T("funds.column.township")), table.Right(a.T("funds.column.residents")), table.Right(a.T("funds.column.allotted")),
		table.Right(a.T("funds.column.used")), table.Right(a.T("books.head.reserve_left")), table.Right(a.T("funds.column.balance")), table.Right(a.T("funds.column.used_percent")),
		table.Right(a.T("funds.column.undocumented")), table.Right(a.T("funds.column.overdue")), table.Right(a.T("books.head.reserve_late")), table.Left(""),
		table.Left(a.T("books.head.reserve_form")), table.Right(a.T("books.head.bank_expected")), table.Right(a.T("books.head.bank_statement")))
	for _, r := range y.Townships {
		t.Add(a.reserveRow(townshipName(r.Name, r.Township), r)...)
	}
	t.Total(a.reserveRow(a.T("funds.total"), y.Total)...)
	_ = t.Write(w)
}

func (a *app) reserveRow(name string, r funds.TownshipReserve) []string {
	note, rank := "", ""
	switch {
	case r.MergedInto != "":
		note = a.T("areas.merged_into", "township", r.MergedName)
	case r.Idle:
		note = a.T("funds.reserve.idle")
	case r.Ahead:
		note = a.T("funds.reserve.ahead")
	}
	if r.Rank > 0 {
		rank = strconv.Itoa(r.Rank)
	}
	return []string{rank, name, people(r.Residents), r.Allotted.Grouped(), r.Used.Grouped(), r.Left.Grouped(), r.Balance.Grouped(), r.UsedPercent + "%",
		strconv.Itoa(r.Undocumented), strconv.Itoa(r.Overdue), strconv.Itoa(r.Late), note, a.reserveForm(r.Form), expectedAt(r.Bank), statementOf(r.Bank)}
}

func (a *app) reserveForm(f funds.Form) string {
	if f == "" {
		return ""
	}
	return a.T("reserve.form." + string(f))
}

// expectedAt is what should be on a township's account; nothing where it has none.
func expectedAt(b *funds.BankSide) string {
	if b == nil {
		return ""
	}
	return b.Expected.Grouped()
}

func statementOf(b *funds.BankSide) string {
	if b == nil {
		return ""
	}
	return b.Statement.Grouped()
}
