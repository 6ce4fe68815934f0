package main

import (
	"io"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/trace"
)

// traceCmd is `fenlu trace`: from anything to anything, both ways.
type traceCmd struct {
	Payment   tracePaymentCmd   `cmd:"" help:"help_trace_payment"`
	Person    tracePersonCmd    `cmd:"" help:"help_trace_person"`
	Household traceHouseholdCmd `cmd:"" help:"help_trace_household"`
	Unit      traceUnitCmd      `cmd:"" help:"help_trace_unit"`
	Document  traceDocumentCmd  `cmd:"" help:"help_trace_document"`
	Lot       traceLotCmd       `cmd:"" help:"help_trace_lot"`
	File      traceFileCmd      `cmd:"" help:"help_trace_file"`
	Yuan      traceYuanCmd      `cmd:"" help:"help_trace_yuan"`
}

// pageFlags are the options of every list that may be long.
type pageFlags struct {
	Limit int   `default:"50" help:"help_trace_limit"`
	After int64 `help:"help_trace_after"`
}

func (f pageFlags) page() trace.Page { return trace.Page{Limit: f.Limit, After: f.After} }

type tracePaymentCmd struct {
	pageFlags
	ID string `arg:"" help:"help_trace_payment_id"`
}

type tracePersonCmd struct {
	pageFlags
	Who string `arg:"" help:"help_trace_person_text"`
}

type traceHouseholdCmd struct {
	pageFlags
	Code string `arg:"" help:"help_trace_household_code"`
}

type traceUnitCmd struct {
	pageFlags
	Unit string `arg:"" help:"help_trace_unit_text"`
}

type traceDocumentCmd struct {
	Number string `arg:"" help:"help_trace_document_no"`
	Count  bool   `help:"help_trace_count"`
}

type traceLotCmd struct {
	ID    int64 `arg:"" help:"help_trace_lot_id"`
	Count bool  `help:"help_trace_count"`
}

type traceFileCmd struct {
	pageFlags
	Name string `arg:"" help:"help_trace_file_name"`
}

type traceYuanCmd struct {
	Document string `xor:"of" help:"help_trace_document_no" placeholder:"文号"`
	Lot      int64  `xor:"of" help:"help_trace_lot_id"`
	Nth      string `required:"" help:"help_trace_nth"`
}

// answer is what trace found: JSON as it is, and a text for people.
type answer interface {
	Text(w io.Writer, lang i18n.Lang) error
}

// tell asks trace in one snapshot and prints the answer.
func tell[T answer](a *app, ask func(*services, pgx.Tx) (T, error)) error {
	return a.with(func(s *services) error {
		var found T
		err := s.DB.Read(a.ctx, func(tx pgx.Tx) (err error) {
			found, err = ask(s, tx)
			return err
		})
		if err != nil {
			return err
		}
		return a.show(found)
	})
}

// show prints an answer the way the user asked for.
func (a *app) show(found answer) error {
	var err error
	return firstError(a.Result(found, func(w io.Writer) { err = found.Text(w, a.Lang) }), &err)
}

// firstError is err, or what later is by then.
func firstError(err error, later *error) error {
	if err != nil {
		return err
	}
	return *later
}

// Run traces a payment.
func (c tracePaymentCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (trace.Credit, error) { return s.Trace.Payment(a.ctx, tx, c.ID, c.page()) })
}

// Run traces a person.
func (c tracePersonCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (trace.Story, error) { return s.Trace.Person(a.ctx, tx, c.Who, c.page()) })
}

// Run traces a household.
func (c traceHouseholdCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (trace.Story, error) {
		return s.Trace.Household(a.ctx, tx, c.Code, c.page())
	})
}

// Run traces a unit.
func (c traceUnitCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (trace.Story, error) { return s.Trace.Unit(a.ctx, tx, c.Unit, c.page()) })
}

// Run traces a document.
func (c traceDocumentCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (trace.Document, error) {
		d, err := s.Trace.Document(a.ctx, tx, c.Number)
		if err != nil || !c.Count {
			return d, err
		}
		return d, d.CountReach(a.ctx, tx)
	})
}

// Run traces a lot.
func (c traceLotCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (trace.Lot, error) {
		l, err := s.Trace.Lot(a.ctx, tx, c.ID)
		if err != nil || !c.Count {
			return l, err
		}
		return l, l.CountReach(a.ctx, tx)
	})
}

// Run traces a bank file.
func (c traceFileCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (trace.File, error) { return s.Trace.File(a.ctx, tx, c.Name, c.page()) })
}

// Run says where a yuan is and has been.
func (c traceYuanCmd) Run(a *app) error {
	if c.Document == "" && c.Lot == 0 {
		return errs.New(errs.Invalid, "TRACE_YUAN_WHERE")
	}
	nth, err := trace.ParseNth(c.Nth)
	if err != nil {
		return err
	}
	ask := trace.YuanQuery{Document: c.Document, Lot: c.Lot, Nth: nth}
	return tell(a, func(s *services, tx pgx.Tx) (trace.Yuan, error) { return s.Trace.Yuan(a.ctx, tx, ask) })
}
