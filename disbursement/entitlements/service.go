package entitlements

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/sheet"
	"fenlu/internal/valid"
)

// Service imports exclusions, events of entitlements and facts.
type Service struct {
	db      *db.DB
	parties *parties.Service
	clock   clock.Clock
	valid   *valid.Validator
}

// New is a service on a database; people are found through p.
func New(d *db.DB, p *parties.Service, c clock.Clock) *Service {
	return &Service{db: d, parties: p, clock: c, valid: valid.New()}
}

// Report is what an import did.
type Report struct {
	Import int64         `json:"import"`
	File   string        `json:"file"`
	Rows   int           `json:"rows"`
	Replay bool          `json:"replay"` // the same file had been imported before: nothing was done
	New    int           `json:"new"`
	Same   int           `json:"same"` // rows that are on record as they are
	Notes  imports.Notes `json:"notes"`
}

// raceTries bounds how often an import runs again because another stored the same
// row at the same moment.
const raceTries = 8

// importer reads one kind of file: fresh says which rows are not on record and
// adds what is wrong, write stores them.
type importer[R, T any] struct {
	layout sheet.Layout
	check  func(sheet.Row, *R, *imports.Issues)
	fresh  func(context.Context, pgx.Tx, *imports.Sheet[R], *imports.Issues) ([]T, error)
	write  func(ctx context.Context, tx pgx.Tx, fresh []T, file int64) error
}

// run imports a file, whole or not at all.
func (m importer[R, T]) run(ctx context.Context, s *Service, path, actor string) (Report, error) {
	table, err := imports.Read(ctx, path, "", m.layout, func(row sheet.Row, r *R, is *imports.Issues) {
		is.Refuse(s.valid.Row(row, r)...)
		m.check(row, r, is)
	})
	if err != nil {
		return Report{}, err
	}
	var report Report
	for try := 1; ; try++ {
		err = s.db.Run(ctx, func(tx pgx.Tx) error {
			report, err = m.store(ctx, s, tx, table, actor)
			return err
		})
		if _, twice := db.Violation(err); !twice || try == raceTries {
			return report, err
		}
	}
}

func (m importer[R, T]) store(ctx context.Context, s *Service, tx pgx.Tx, table *imports.Sheet[R], actor string) (Report, error) {
	id, replay, err := imports.Record(ctx, tx, table.File, actor, s.clock.Now())
	report := Report{Import: id, File: table.File.Name, Rows: table.File.Rows, Replay: replay}
	if err != nil || replay {
		return report, err
	}
	is := table.Issues.Copy()
	fresh, err := m.fresh(ctx, tx, table, is)
	if err == nil {
		err = is.Err()
	}
	if err != nil {
		return Report{}, err
	}
	report.New, report.Same, report.Notes = len(fresh), len(table.Rows)-len(fresh), is.Notes()
	return report, m.write(ctx, tx, fresh, id)
}
