package imports

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/sheet"
)

// Report is what an import of rows that are each on record once did.
type Report struct {
	Import int64  `json:"import"`
	File   string `json:"file"`
	Rows   int    `json:"rows"`
	Replay bool   `json:"replay"` // the same file had been imported before: nothing was done
	New    int    `json:"new"`
	Same   int    `json:"same"` // rows that are on record as they are
	Notes  Notes  `json:"notes"`
}

// raceTries bounds how often an import runs again because another stored the same
// row at the same moment.
const raceTries = 8

// Importer reads files of rows R that are put on record as T, each once: a row
// that is on record as it is changes nothing.
type Importer[R, T any] struct {
	Layout sheet.Layout
	// Check looks at one row as far as it could be read.
	Check func(sheet.Row, *R, *Issues)
	// Fresh are the rows that are not on record; it adds what is wrong to the issues.
	Fresh func(context.Context, pgx.Tx, *Sheet[R], *Issues) ([]T, error)
	// Write stores them, as of an import file.
	Write func(ctx context.Context, tx pgx.Tx, fresh []T, file int64) error
}

// Run imports a file, whole or not at all; the same file again changes nothing.
// Errors: SHEET_PROBLEMS with a Field for every problem (nothing is imported
// then), and what sheet.Open returns.
func (m Importer[R, T]) Run(ctx context.Context, d *db.DB, c clock.Clock, path, actor string) (Report, error) {
	table, err := Read(ctx, path, "", m.Layout, m.Check)
	if err != nil {
		return Report{}, err
	}
	var report Report
	for try := 1; ; try++ {
		err = d.Run(ctx, func(tx pgx.Tx) error {
			report, err = m.store(ctx, tx, c, table, actor)
			return err
		})
		// another import stored the same row first: the next try compares with it
		if _, twice := db.Violation(err); !twice || try == raceTries {
			return report, err
		}
	}
}

func (m Importer[R, T]) store(ctx context.Context, tx pgx.Tx, c clock.Clock, table *Sheet[R], actor string) (Report, error) {
	id, replay, err := Record(ctx, tx, table.File, actor, c.Now())
	report := Report{Import: id, File: table.File.Name, Rows: table.File.Rows, Replay: replay}
	if err != nil || replay {
		return report, err
	}
	is := table.Issues.Copy()
	fresh, err := m.Fresh(ctx, tx, table, is)
	if err == nil {
		err = is.Err()
	}
	if err != nil {
		return Report{}, err
	}
	report.New, report.Same, report.Notes = len(fresh), len(table.Rows)-len(fresh), is.Notes()
	return report, m.Write(ctx, tx, fresh, id)
}
