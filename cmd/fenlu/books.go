package main

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
	"fenlu/trace"
)

// pointFlags say when the books are asked about.
type pointFlags struct {
	At   string `xor:"then" help:"help_books_at" placeholder:"TIME|INDEX"`
	Date string `xor:"then" help:"help_books_date" placeholder:"2026-10-31"`
}

// point resolves the flags; without any, it is the last index of the log.
func (f pointFlags) point(a *app, tx pgx.Tx) (trace.Point, error) {
	switch {
	case f.Date != "":
		day, err := parseDay(f.Date)
		return trace.Point{Day: day}, err
	case f.At == "":
		return trace.LastPoint(a.ctx, tx)
	}
	index, err := indexOf(a, tx, f.At)
	if err != nil {
		return trace.Point{}, err
	}
	return trace.PointAt(a.ctx, tx, index)
}

// indexOf resolves a time, or a number, to an index of the log.
func indexOf(a *app, tx pgx.Tx, at string) (int64, error) {
	if n, err := strconv.ParseInt(at, 10, 64); err == nil {
		return n, nil
	}
	t, err := parseMoment(at)
	if err != nil {
		return 0, err
	}
	index, _, err := proof.IndexAt(a.ctx, tx, t)
	return index, err
}

// trialCmd is `fenlu trial-balance`.
type trialCmd struct {
	pointFlags
	By    string `enum:"place,lot,budget-line,account,person,household,unit" default:"place" help:"help_books_by"`
	After int64  `help:"help_books_after"`
	Limit int    `default:"500" help:"help_books_limit"`
	sheetFlag
}

// sheetFlag asks for a spreadsheet besides.
type sheetFlag struct {
	XLSX string `name:"xlsx" placeholder:"FILE" help:"help_books_xlsx"`
}

// write writes a table of the books where one is asked for; amounts are text
// with two decimals, as everywhere in our spreadsheets.
func (f sheetFlag) write(a *app, name string, s trace.Sheet) error {
	if f.XLSX == "" {
		return nil
	}
	l, heads, rows := sheet.Layout{Name: name}, s.Heads(), s.Cells(a.Lang)
	for _, h := range heads {
		code := "books.head." + strings.TrimPrefix(h, ">")
		l.Columns = append(l.Columns, sheet.Column{Key: strings.TrimPrefix(h, ">"), ZH: i18n.T(i18n.ZH, code), EN: i18n.T(i18n.EN, code)})
	}
	for _, row := range rows {
		for i := range row {
			if strings.HasPrefix(heads[i], ">") {
				row[i] = strings.ReplaceAll(row[i], ",", "")
			}
		}
	}
	return sheet.WriteFile(f.XLSX, sheet.XLSX, l, a.Lang, sheet.FromSlice(rows))
}

// Run prints the trial balance, or writes it into a spreadsheet.
func (c trialCmd) Run(a *app) error {
	if trace.By(c.By).OfParties() {
		return c.ofParties(a)
	}
	return tell(a, func(_ *services, tx pgx.Tx) (trace.Trial, error) {
		p, err := c.point(a, tx)
		if err != nil {
			return trace.Trial{}, err
		}
		t, err := trace.TrialBalance(a.ctx, tx, trace.TrialQuery{Point: p, By: trace.By(c.By), After: c.After, Limit: c.Limit})
		if err != nil {
			return t, err
		}
		return t, c.write(a, "trial-balance", t)
	})
}

// ofParties prints a page of parties.
func (c trialCmd) ofParties(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (trace.PartyTrial, error) {
		p, err := c.point(a, tx)
		if err != nil {
			return trace.PartyTrial{}, err
		}
		t, err := s.Trace.PartyTrial(a.ctx, tx, trace.TrialQuery{Point: p, By: trace.By(c.By), After: c.After, Limit: c.Limit})
		if err != nil {
			return t, err
		}
		return t, c.write(a, "trial-balance", t)
	})
}

// statementCmd is `fenlu statement`.
type statementCmd struct {
	Account    int64  `xor:"what" help:"help_books_account"`
	Lot        int64  `xor:"what" help:"help_books_lot"`
	BudgetLine int64  `xor:"what" name:"budget-line" help:"help_books_budget_line"`
	Person     string `xor:"what" help:"help_books_person"`
	Household  string `xor:"what" help:"help_books_household"`
	Unit       string `xor:"what" help:"help_books_unit"`
	At         string `xor:"then" placeholder:"TIME|INDEX" help:"help_books_at"`
	Date       string `xor:"then" placeholder:"2026-10-31" help:"help_books_date"`
	From       string `xor:"then" placeholder:"2026-10-01" help:"help_books_from"`
	To         string `placeholder:"2026-10-31" help:"help_books_to"`
	After      string `help:"help_books_after"`
	Limit      int    `default:"100" help:"help_books_limit"`
	sheetFlag
}

// Run prints the statement, or writes it into a spreadsheet.
func (c statementCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (trace.Statement, error) {
		st, err := c.ask(a, s, tx)
		if err != nil {
			return st, err
		}
		return st, c.write(a, "statement", st)
	})
}

func (c statementCmd) ask(a *app, s *services, tx pgx.Tx) (trace.Statement, error) {
	ask, err := c.query(a, tx)
	if err != nil {
		return trace.Statement{}, err
	}
	for kind, who := range map[string]string{trace.KindPerson: c.Person, trace.KindHousehold: c.Household, trace.KindUnit: c.Unit} {
		if who != "" {
			return s.Trace.PartyStatement(a.ctx, tx, kind, who, ask)
		}
	}
	return trace.StatementOf(a.ctx, tx, ask)
}

func (c statementCmd) query(a *app, tx pgx.Tx) (ask trace.StatementQuery, err error) {
	ask = trace.StatementQuery{Account: c.Account, Lot: c.Lot, BudgetLine: c.BudgetLine, After: c.After, Limit: c.Limit}
	if (c.From == "") != (c.To == "") {
		return ask, errs.New(errs.Invalid, "STATEMENT_FROM_TO")
	}
	if c.Date != "" {
		ask.To, err = parseDay(c.Date)
		return ask, err
	}
	if c.From == "" {
		ask.Point, err = pointFlags{At: c.At}.point(a, tx)
		return ask, err
	}
	if ask.From, err = parseDay(c.From); err != nil {
		return ask, err
	}
	ask.To, err = parseDay(c.To)
	return ask, err
}

// journalCmd is `fenlu journal`.
type journalCmd struct {
	Show    journalShowCmd    `cmd:"" help:"help_journal_show"`
	List    journalListCmd    `cmd:"" help:"help_journal_list"`
	Reverse journalReverseCmd `cmd:"" help:"help_journal_reverse"`
}

type journalShowCmd struct {
	ID    int64 `arg:"" help:"help_journal_id"`
	After int32 `help:"help_books_after"`
	Limit int   `default:"100" help:"help_books_limit"`
	sheetFlag
}

type journalListCmd struct {
	Cause string `help:"help_journal_cause" placeholder:"batch:12"`
	After int64  `help:"help_books_after"`
	Limit int    `default:"50" help:"help_books_limit"`
	sheetFlag
}

// Run shows a journal with its lines.
func (c journalShowCmd) Run(a *app) error {
	return tell(a, func(_ *services, tx pgx.Tx) (trace.JournalStory, error) {
		j, err := trace.JournalOf(a.ctx, tx, c.ID, c.After, c.Limit)
		if err != nil {
			return j, err
		}
		return j, c.write(a, "journal", j)
	})
}

// Run lists journals in order.
func (c journalListCmd) Run(a *app) error {
	return tell(a, func(_ *services, tx pgx.Tx) (trace.Journals, error) {
		l, err := trace.JournalList(a.ctx, tx, c.Cause, c.After, c.Limit)
		if err != nil {
			return l, err
		}
		return l, c.write(a, "journals", l)
	})
}

type journalReverseCmd struct {
	ID       int64    `arg:"" help:"help_journal_id"`
	Line     []string `placeholder:"LINE[=AMOUNT]" help:"help_journal_reverse_line"`
	Number   string   `required:"" help:"help_journal_reverse_number"`
	Title    string   `required:"" help:"help_journal_reverse_title"`
	IssuedOn string   `required:"" name:"issued-on" placeholder:"2026-12-02" help:"help_journal_reverse_issued"`
}

// Run reverses a journal, or lines of it.
func (c journalReverseCmd) Run(a *app) error {
	issued, err := parseDay(c.IssuedOn)
	if err != nil {
		return err
	}
	cmd := funds.ReverseMove{Journal: ledger.JournalID(c.ID), Number: c.Number, Title: c.Title, IssuedOn: issued}
	for _, l := range c.Line {
		part, err := partOf(l)
		if err != nil {
			return err
		}
		cmd.Parts = append(cmd.Parts, part)
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Funds.Reverse(ctx, cmd)
		if err != nil {
			return err
		}
		return a.Result(done, func(io.Writer) {
			text := "books.reversed"
			if done.Replay {
				text = "books.reversed_replay"
			}
			a.Println(a.T(text, "number", done.Number, "journal", done.Journal, "reverses", c.ID, "amount", done.Amount.Grouped()))
		})
	})
}

// partOf reads "2" or "2=150.00".
func partOf(text string) (ledger.Part, error) {
	line, amount, some := strings.Cut(text, "=")
	n, err := strconv.ParseInt(line, 10, 32)
	if err != nil {
		return ledger.Part{}, errs.New(errs.Invalid, "JOURNAL_LINE", "line", text)
	}
	part := ledger.Part{Line: int32(n)}
	if some {
		part.Amount, err = money.Parse(amount)
	}
	if err != nil || some && part.Amount <= 0 {
		return part, errs.New(errs.Invalid, "JOURNAL_LINE", "line", text)
	}
	return part, nil
}
