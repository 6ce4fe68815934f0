package benefits

import (
	"context"
	"log/slog"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/valid"
)

// Service imports and finds policies.
type Service struct {
	db    *db.DB
	clock clock.Clock
	log   *slog.Logger
	valid *valid.Validator
}

// New is a service on a database. A nil logger is silent.
func New(database *db.DB, clk clock.Clock, logger *slog.Logger) *Service {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Service{db: database, clock: clk, log: logger, valid: valid.New()}
}

// Report is what an import of policies did.
type Report struct {
	Import int64         `json:"import"`
	File   string        `json:"file"`
	SHA256 string        `json:"sha256"`
	Rows   int           `json:"rows"`
	Replay bool          `json:"replay"` // the same file had been imported before: nothing was done
	New    []PolicyID    `json:"new"`
	Same   int           `json:"same"` // rows that are on record as they are
	Notes  imports.Notes `json:"notes"`
}

// ImportPolicies imports policy rows (政策标准) from an XLSX or CSV file. A row
// that is on record as it is changes nothing; one that differs from the record
// for the same program, component, class and date is a problem (POLICY_DIFFERS).
// Errors: SHEET_PROBLEMS with a Field for every problem (nothing is imported
// then), and what sheet.Open returns.
func (s *Service) ImportPolicies(ctx context.Context, path, actor string) (Report, error) {
	catalogue, err := LoadCatalogue(ctx, s.db.Pool())
	if err != nil {
		return Report{}, err
	}
	table, err := s.readPolicies(ctx, path, catalogue)
	if err != nil {
		return Report{}, err
	}
	var report Report
	for try := 1; ; try++ {
		err = s.db.Run(ctx, func(tx pgx.Tx) error {
			report, err = s.importPolicies(ctx, tx, table, actor)
			return err
		})
		// another import stored the same row first: the next try compares with it
		if constraint, _ := db.Violation(err); constraint != "policy_row" || try == raceTries {
			break
		}
	}
	if err != nil {
		return Report{}, err
	}
	s.log.InfoContext(ctx, "policies imported", "file", report.File, "new", len(report.New), "replay", report.Replay, "actor", actor)
	return report, nil
}

const raceTries = 8

func (s *Service) importPolicies(ctx context.Context, tx pgx.Tx, table *policySheet, actor string) (Report, error) {
	at := s.clock.Now()
	id, replay, err := imports.Record(ctx, tx, table.File, actor, at)
	if err != nil {
		return Report{}, err
	}
	is := table.Issues.Copy()
	report := Report{Import: id, File: table.File.Name, SHA256: table.File.SHA256, Rows: table.File.Rows, Replay: replay}
	if replay {
		return report, nil
	}
	book, err := LoadBook(ctx, tx)
	if err != nil {
		return Report{}, err
	}
	fresh := newPolicies(table, book, is)
	if err := is.Err(); err != nil {
		return Report{}, err
	}
	report.New, err = insertPolicies(ctx, tx, fresh, id, at)
	report.Same, report.Notes = len(table.Rows)-len(fresh), is.Notes()
	return report, err
}

// newPolicies compares a file with the record, and the rows that are new with
// what standards must keep to.
func newPolicies(table *policySheet, book Book, is *imports.Issues) []Policy {
	known := book.Policies
	var fresh []Policy
	rows := map[int]int{} // of fresh, by its place in table.Rows
	for n, r := range table.Rows {
		p := r.Value.policy
		i := slices.IndexFunc(known, func(k Policy) bool {
			return k.key() == p.key() && k.area() == p.area() && k.ValidFrom.Equal(p.ValidFrom)
		})
		switch {
		case i < 0:
			rows[n] = len(fresh)
			fresh = append(fresh, p)
		case !known[i].same(p):
			is.Say(table.At(r.Row, "amount", p.Amount.String()), "POLICY_DIFFERS", "known", known[i].Amount, "document", known[i].Document)
		}
	}
	if is.Err() != nil {
		return fresh // what rows are worked out from must be sound first
	}
	book.Policies = append(slices.Clone(known), fresh...)
	for n, r := range table.Rows {
		if i, isNew := rows[n]; isNew {
			report(table, r.Row, fresh[i], book.Check(fresh[i]), is)
		}
	}
	return fresh
}

// report says the findings of a row: they refuse it, ask for a reason and are
// noted with it, or are noted.
func report(table *policySheet, row int, p Policy, found []Finding, is *imports.Issues) {
	reason := ""
	if p.Formula != nil {
		reason = p.Formula.Reason
	}
	for _, f := range found {
		at := table.At(row, f.column, "")
		at.Code, at.Args = f.Code, f.Args
		switch {
		case f.Weight == Block:
			is.Refuse(at)
		case f.Weight == Reason && reason == "":
			at.Code = "POLICY_REASON"
			at.Args = errs.Pairs("finding", f.Text(i18n.ZH))
			is.Refuse(at)
		default:
			is.Note(at)
		}
	}
}

// same says whether two rows for the same class and date say the same.
func (p Policy) same(o Policy) bool {
	return p.Period == o.Period && p.Amount == o.Amount && p.Rounding == o.Rounding && p.Operator == o.Operator &&
		p.Document == o.Document && p.Clause == o.Clause && p.Quote == o.Quote && slices.Equal(p.Layers, o.Layers) &&
		sameFormula(p.Formula, o.Formula)
}

// sameFormula compares how two rows are worked out; the reason that was given
// once stands, whatever is written later.
func sameFormula(a, b *Formula) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Family == b.Family && a.Rate == b.Rate && slices.Equal(a.Base, b.Base) && a.Operator == b.Operator && a.Least == b.Least &&
		a.Greatest == b.Greatest && a.Order == b.Order && a.Round == b.Round && a.StatedFrom == b.StatedFrom && a.StatedRise == b.StatedRise
}
