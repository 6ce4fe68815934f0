package parties

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
)

// Change is how many rows of a kind an import made, changed, or left as they
// were.
type Change struct {
	New     int `json:"new"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
}

// Report is what an import did (导入结果). A replay did nothing: the same file had
// been imported before.
type Report struct {
	Import     int64         `json:"import"`
	File       string        `json:"file"`
	SHA256     string        `json:"sha256"`
	Rows       int           `json:"rows"`
	Replay     bool          `json:"replay"`
	Persons    Change        `json:"persons"`
	Units      Change        `json:"units"`
	Households Change        `json:"households"` // Changed: members came, left or changed relation
	Accounts   Change        `json:"accounts"`
	Deaths     Change        `json:"deaths"`
	Areas      Change        `json:"areas"`
	Population Change        `json:"population"`
	Relations  Change        `json:"relations"`
	Notes      imports.Notes `json:"notes"`
}

func newReport(id int64, replay bool, file imports.File, is *imports.Issues) Report {
	return Report{Import: id, File: file.Name, SHA256: file.SHA256, Rows: file.Rows, Replay: replay, Notes: is.Notes()}
}

// ImportPeople imports persons, households, units and payee accounts
// (人员、户、单位、收款账户) from an XLSX or CSV file.
//
// What is new is added, what differs from the record becomes a new version
// valid from today, what is the same is left alone. A person that the file does
// not name keeps his household and account. Errors: SHEET_PROBLEMS with a Field
// for every problem (nothing is imported then), what sheet.Open returns,
// VAULT_NOT_OURS where the database was sealed with other keys.
func (s *Service) ImportPeople(ctx context.Context, path, actor string) (Report, error) {
	table, err := s.readPeople(ctx, path)
	if err != nil {
		return Report{}, err
	}
	var report Report
	err = s.runImport(ctx, func(tx pgx.Tx) error {
		report, err = s.importPeople(ctx, tx, table, actor)
		return err
	})
	if err != nil {
		return Report{}, err
	}
	s.log.InfoContext(ctx, "people imported", "file", report.File, "rows", report.Rows, "replay", report.Replay,
		"persons_new", report.Persons.New, "persons_changed", report.Persons.Changed, "actor", actor)
	return report, nil
}

func (s *Service) importPeople(ctx context.Context, tx pgx.Tx, table *peopleSheet, actor string) (Report, error) {
	at := s.clock.Now()
	id, replay, err := imports.Record(ctx, tx, table.File, actor, at)
	if err != nil {
		return Report{}, err
	}
	is := table.Issues.Copy()
	report := newReport(id, replay, table.File, is)
	if replay {
		return report, nil
	}
	if err := s.checkKeys(ctx, tx); err != nil {
		return Report{}, err
	}
	known, err := s.loadKnown(ctx, tx, table)
	if err != nil {
		return Report{}, err
	}
	p := &plan{service: s, table: table, issues: is, known: known, stamp: stamp{s.today(), at, actor, id}}
	p.decide()
	if err := is.Err(); err != nil {
		return Report{}, err
	}
	if err := p.write(ctx, tx); err != nil {
		return Report{}, err
	}
	report.Persons, report.Units, report.Households, report.Accounts = p.counts()
	report.Notes = is.Notes()
	return report, nil
}
