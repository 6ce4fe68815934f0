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
type Report = imports.Report

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
	check := func(row sheet.Row, r *R, is *imports.Issues) {
		is.Refuse(s.valid.Row(row, r)...)
		m.check(row, r, is)
	}
	return imports.Importer[R, T]{Layout: m.layout, Check: check, Fresh: m.fresh, Write: m.write}.Run(ctx, s.db, s.clock, path, actor)
}
