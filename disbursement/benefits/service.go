package benefits

import (
	"context"
	"log/slog"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/internal/clock"
	"fenlu/internal/db"
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
	fresh, err := newPolicies(ctx, tx, table, is)
	if err != nil {
		return Report{}, err
	}
	if err := is.Err(); err != nil {
		return Report{}, err
	}
	report.New, err = insertPolicies(ctx, tx, fresh, id, at)
	report.Same, report.Notes = len(table.Rows)-len(fresh), is.Notes()
	return report, err
}

// newPolicies compares a file with the record.
func newPolicies(ctx context.Context, tx pgx.Tx, table *policySheet, is *imports.Issues) ([]Policy, error) {
	known, err := loadPolicies(ctx, tx, ``)
	if err != nil {
		return nil, err
	}
	var fresh []Policy
	for _, r := range table.Rows {
		p := r.Value.policy
		i := slices.IndexFunc(known, func(k Policy) bool { return k.key() == p.key() && k.ValidFrom.Equal(p.ValidFrom) })
		switch {
		case i < 0:
			fresh = append(fresh, p)
		case !known[i].same(p):
			is.Say(table.At(r.Row, "amount", p.Amount.String()), "POLICY_DIFFERS", "known", known[i].Amount, "document", known[i].Document)
		}
	}
	return fresh, nil
}

// same says whether two rows for the same class and date say the same.
func (p Policy) same(o Policy) bool {
	return p.Period == o.Period && p.Amount == o.Amount && p.Rounding == o.Rounding && p.Operator == o.Operator &&
		p.Document == o.Document && p.Clause == o.Clause && p.Quote == o.Quote && slices.Equal(p.Layers, o.Layers)
}
