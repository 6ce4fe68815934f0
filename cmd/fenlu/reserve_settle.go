package main

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/internal/clock"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/money"
)

// reserveRefillCmd refills the reserves of a year.
type reserveRefillCmd struct{ reserveAllocateCmd }

// Run refills them as the policy says.
func (c reserveRefillCmd) Run(a *app) error {
	return c.give(a, "funds.reserve.refilled", func(s *services) giving { return s.Funds.RefillReserves })
}

// reserveReturnCmd gives back what the reserves of a year have left.
type reserveReturnCmd struct {
	Year     int    `help:"help_reserve_year"`
	Area     string `help:"help_reserve_area"`
	Township string `help:"help_reserve_only"`
	Number   string `required:"" help:"help_reserve_number"`
	Title    string `required:"" help:"help_reserve_title"`
	IssuedOn string `required:"" name:"issued-on" placeholder:"2026-12-28" help:"help_reserve_issued_on"`
}

// Run gives it back to the county.
func (c reserveReturnCmd) Run(a *app) error {
	cmd := funds.ReturnReserves{Area: c.Area, Township: c.Township, Year: a.yearOr(c.Year), Number: c.Number, Title: c.Title}
	var err error
	if cmd.IssuedOn, err = parseDay(c.IssuedOn); err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Funds.ReturnReserves(ctx, cmd)
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) {
			a.say(w, done.Replay, "funds.reserve.returned", "number", done.Number, "amount", done.Amount.Grouped(), "lines", done.Lines)
		})
	})
}

// reserveRefuseCmd refuses the write-up of a case.
type reserveRefuseCmd struct {
	Case   string `arg:"" help:"help_reserve_case"`
	Reason string `required:"" help:"help_batch_reason"`
}

// Run refuses it and opens the recovery.
func (c reserveRefuseCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		r, err := s.Funds.RefuseCase(ctx, funds.RefuseCase{Number: c.Case, Reason: c.Reason})
		if err != nil {
			return err
		}
		return a.Result(r, func(w io.Writer) {
			a.say(w, false, "funds.reserve.refused", "case", c.Case, "amount", r.Amount.Grouped(), "id", int64(r.ID))
		})
	})
}

// reserveSheet is the status of a year as a spreadsheet, with the columns of
// the reports that auditors ask for.
type reserveSheet struct {
	app  *app
	year funds.ReserveYear
}

// Heads are the columns of Cells.
func (r reserveSheet) Heads() []string {
	return []string{">reserve_rank", "reserve_town", ">reserve_people", ">reserve_allotted", ">reserve_used", ">reserve_left", ">balance",
		">reserve_share", ">reserve_papers", ">reserve_overdue", ">reserve_late", "reserve_note", "reserve_form", ">bank_expected", ">bank_statement", ">reserve_elapsed"}
}

// Cells are the townships as rows.
func (r reserveSheet) Cells(i18n.Lang) [][]string {
	var rows [][]string
	for _, t := range r.year.Townships {
		rows = append(rows, append(r.app.reserveRow(townshipName(t.Name, t.Township), t), r.year.Elapsed+"%"))
	}
	return rows
}

// reserveLateCmd reports what was late.
type reserveLateCmd struct {
	Year int `help:"help_reserve_year"`
	sheetFlag
}

// lateCase is a case that was paid too late, or whose write-up is overdue.
type lateCase struct {
	Kind       string    `json:"kind"` // paid, due, papers
	Case       string    `json:"case"`
	Township   string    `json:"township"`
	Amount     money.Fen `json:"amount"`
	ReportedAt string    `json:"reported_at"`
	Due        string    `json:"due"`
	ReleasedAt string    `json:"released_at"`
}

// lateCases is the report of a year.
type lateCases struct {
	Year    int        `json:"year"`
	Late    int        `json:"late"`
	Overdue int        `json:"overdue"`
	Cases   []lateCase `json:"cases"`
	names   words
}

// Run prints the cases, or writes them into a spreadsheet.
func (c reserveLateCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (lateCases, error) {
		out := lateCases{Year: a.yearOr(c.Year), Cases: []lateCase{}}
		found, err := s.Funds.LateOf(a.ctx, tx, out.Year)
		if err != nil {
			return out, err
		}
		for _, l := range found {
			if l.Kind == funds.PapersLate {
				out.Overdue++
				out.Cases = append(out.Cases, lateView(l, l.DocumentDue.Format(time.DateOnly)))
				continue
			}
			out.Late++
			out.Cases = append(out.Cases, lateView(l, instant(l.PayDue)))
		}
		if out.names, err = s.words(a.ctx, tx, codes(out.Cases, func(l lateCase) string { return l.Township })); err != nil {
			return out, err
		}
		return out, c.write(a, "late", out)
	})
}

func lateView(c funds.LateCase, due string) lateCase {
	v := lateCase{Kind: string(c.Kind), Case: c.Number, Township: c.Township, Amount: c.Amount, ReportedAt: instant(c.ReportedAt), Due: due}
	if !c.ReleasedAt.IsZero() {
		v.ReleasedAt = instant(c.ReleasedAt)
	}
	return v
}

func instant(t time.Time) string { return t.In(clock.Shanghai).Format(time.RFC3339) }

// read is an instant of the JSON as people read it; a day stays one.
func read(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.In(clock.Shanghai).Format("2006-01-02 15:04")
}

var lateHeads = []string{"reserve_kind", "reserve_case", "reserve_town", ">amount", "reserve_reported", "reserve_due", "reserve_done"}

// Heads are the columns of Cells.
func (l lateCases) Heads() []string { return lateHeads }

// Cells are the cases as rows.
func (l lateCases) Cells(lang i18n.Lang) [][]string {
	var rows [][]string
	for _, c := range l.Cases {
		rows = append(rows, []string{i18n.T(lang, "funds.reserve.kind."+c.Kind), c.Case, l.names.area(c.Township), c.Amount.Grouped(), read(c.ReportedAt), read(c.Due),
			read(c.ReleasedAt)})
	}
	return rows
}

// Text prints the cases.
func (l lateCases) Text(w io.Writer, lang i18n.Lang) error {
	if len(l.Cases) == 0 {
		_, err := io.WriteString(w, i18n.T(lang, "funds.reserve.in_time", "year", l.Year)+"\n")
		return err
	}
	t := table.New(i18n.T(lang, "funds.reserve.late", "year", l.Year, "late", strconv.Itoa(l.Late), "overdue", strconv.Itoa(l.Overdue)), headed(lang, lateHeads...)...)
	for _, row := range l.Cells(lang) {
		t.Add(row...)
	}
	return t.Write(w)
}
