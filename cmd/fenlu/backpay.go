package main

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// standardFlags name a policy row: by number, or by what it is for and a month.
type standardFlags struct {
	Policy    int64  `help:"help_backpay_policy"`
	Program   string `help:"help_backpay_program"`
	Component string `help:"help_backpay_component"`
	Class     string `help:"help_backpay_class"`
	Month     string `placeholder:"2026-10" help:"help_backpay_month"`
	Area      string `help:"help_policies_area" placeholder:"991301"`
}

// row is the number of the row that the flags name.
func (f standardFlags) row(ctx context.Context, a *app, s *services, q db.Querier) (benefits.PolicyID, error) {
	if f.Policy != 0 {
		return benefits.PolicyID(f.Policy), nil
	}
	if f.Program == "" || f.Component == "" {
		return 0, errs.New(errs.Invalid, "BACKPAY_POINTER")
	}
	month := terms.MonthOf(clock.Date(a.clock.Now()))
	if f.Month != "" {
		var err error
		if month, err = terms.ParseMonth(f.Month); err != nil {
			return 0, err
		}
	}
	area := ""
	if f.Area != "" {
		var ok bool
		if area, ok = rules.ParseArea(f.Area); !ok {
			return 0, errs.New(errs.Invalid, "AREA_CODE_FORMAT", "length", len(f.Area))
		}
	}
	p, err := s.Benefits.PolicyAt(ctx, q, f.Program, f.Component, f.Class, area, month)
	return p.ID, err
}

// batchBackPayCmd makes the back-pay batch of a policy row.
type batchBackPayCmd struct {
	standardFlags
	Code    string `help:"help_batch_code"`
	Office  string `default:"QHMZ" help:"help_batch_office"`
	Channel string `default:"DF" help:"help_batch_channel"`
}

// Run makes it, or says that no difference is open.
func (c batchBackPayCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		policy, err := c.row(ctx, a, s, s.DB.Pool())
		if err != nil {
			return err
		}
		made, err := s.Batch.MakeBackPay(ctx, batch.BackPayAsk{Code: c.Code, Office: c.Office, Policy: policy, Channel: c.Channel})
		if err != nil {
			return err
		}
		return a.Result(made, func(w io.Writer) {
			if made.Nothing {
				a.say(w, false, "backpay.nothing")
			} else {
				a.say(w, made.Replay, "backpay.made", "code", made.Batch.Code, "lines", made.Batch.Lines, "amount", made.Batch.Amount.Grouped())
			}
			if len(made.Waiting)+len(made.Review) > 0 {
				a.say(w, false, "backpay.others", "waiting", len(made.Waiting), "review", len(made.Review))
			}
		})
	})
}

// batchBackPayStatusCmd tells how far the back-pay of a policy row is.
type batchBackPayStatusCmd struct {
	standardFlags
	Office string `default:"QHMZ" help:"help_batch_office"`
	sheetFlag
}

// Run prints it; a spreadsheet has who is unpaid, who waits and what is to be
// decided.
func (c batchBackPayStatusCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (backPayStatus, error) {
		policy, err := c.row(a.ctx, a, s, tx)
		if err != nil {
			return backPayStatus{}, err
		}
		found, err := s.Batch.BackPayStatus(a.ctx, tx, policy, c.Office)
		if err != nil {
			return backPayStatus{}, err
		}
		names, err := s.words(a.ctx, tx, codes(found.Townships, func(t batch.TownshipBackPay) string { return t.Township }))
		if err != nil {
			return backPayStatus{}, err
		}
		st := backPayStatus{found, names}
		return st, c.write(a, "backpay", st)
	})
}

type backPayStatus struct {
	batch.BackPayStatus
	names words
}

var backPayHeads = []string{"bp_list", "bp_township", "bp_name", "bp_number", "bp_month", "bp_level", ">bp_amount", "bp_why", "bp_batch", "bp_line"}

// Heads are the columns of Cells.
func (st backPayStatus) Heads() []string { return backPayHeads }

// Cells are the items of all three lists.
func (st backPayStatus) Cells(lang i18n.Lang) [][]string {
	var rows [][]string
	for _, list := range []struct {
		name  string
		items []batch.BackPayItem
	}{{"unpaid", st.Unpaid}, {"waiting", st.Waiting}, {"review", st.Review}} {
		for _, i := range list.items {
			line, level := "", ""
			if i.Line > 0 {
				line = strconv.Itoa(int(i.Line))
			}
			if i.Level != "" {
				level = i.Level.Name(lang)
			}
			rows = append(rows, []string{i18n.T(lang, "backpay."+list.name), st.names.area(i.Township), i.Name, i.Masked, string(i.Month), level,
				i.Amount.Grouped(), i18n.T(lang, "backpay.why."+i.Why), i.Batch, line})
		}
	}
	return rows
}

// Text prints the townships and then the lists.
func (st backPayStatus) Text(w io.Writer, lang i18n.Lang) error {
	t := table.New(i18n.T(lang, "backpay.status", "policy", int64(st.Policy), "document", st.Document, "clause", st.Clause, "class", st.Class,
		"method", i18n.Term(lang, "calc.method", string(st.Method))), headed(lang, "bp_township", "bp_deadline", ">bp_months", ">bp_added", ">bp_paid", ">bp_unpaid", ">bp_waiting", ">bp_review")...)
	for _, one := range st.Townships {
		deadline := i18n.T(lang, "backpay.deadline.none")
		if one.Deadline != nil {
			deadline = one.Deadline.Format(time.DateOnly)
		}
		if one.Overdue {
			deadline += " " + i18n.T(lang, "backpay.overdue")
		}
		t.Add(st.names.area(one.Township), deadline, strconv.Itoa(one.Months), one.Added.Grouped(), one.Paid.Grouped(), strconv.Itoa(one.Unpaid),
			strconv.Itoa(one.Waiting), strconv.Itoa(one.Review))
	}
	if err := t.Write(w); err != nil {
		return err
	}
	rows := st.Cells(lang)
	if len(rows) == 0 {
		return nil
	}
	list := table.New("", headed(lang, backPayHeads...)...)
	for _, row := range rows {
		list.Add(row...)
	}
	return list.Write(w)
}
