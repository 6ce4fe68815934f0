package parties

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/internal/db"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
)

// deathRow is a row of a deaths file.
type deathRow struct {
	Name     string    `sheet:"name" validate:"max=100"`
	IDNumber string    `sheet:"id_number"`
	DiedOn   time.Time `sheet:"died_on"`
	Source   string    `sheet:"source" validate:"max=200"`
}

func (s *Service) checkDeathRow(row sheet.Row, r *deathRow, is *imports.Issues) {
	is.Refuse(s.valid.Row(row, r)...)
	r.Name, r.IDNumber = cleanName(r.Name), ident.Normalize(r.IDNumber)
	at := row.Problem("id_number", "")
	resident, found := ident.CheckResident(r.IDNumber, s.today())
	is.Findings(at, found)
	switch {
	case r.DiedOn.After(s.today()):
		is.Refuse(row.Problem("died_on", "PARTIES_FUTURE", "today", s.today().Format(time.DateOnly)))
	case !found.Refused() && r.DiedOn.Before(resident.Birth):
		is.Refuse(row.Problem("died_on", "PARTIES_DIED_BEFORE_BIRTH"))
	}
}

// ImportDeaths imports a list of deaths (死亡登记). A death of somebody who is not
// on record is kept: the person may arrive later. A death on record with another
// date is a problem (PARTIES_DEATH_DIFFERS); a name other than the record's is a
// note. Errors as ImportPeople.
func (s *Service) ImportDeaths(ctx context.Context, path, actor string) (Report, error) {
	table, err := imports.Read(ctx, path, "", sheet.Deaths, s.checkDeathRow)
	if err != nil {
		return Report{}, err
	}
	first := map[string]int{}
	for _, r := range table.Rows {
		if row, twice := first[r.Value.IDNumber]; twice && r.Value.IDNumber != "" {
			table.Issues.Say(table.At(r.Row, "id_number", r.Value.IDNumber), "PARTIES_TWICE", "row", row)
			continue
		}
		first[r.Value.IDNumber] = r.Row
	}
	var report Report
	err = s.runImport(ctx, func(tx pgx.Tx) error {
		report, err = s.importDeaths(ctx, tx, table, actor)
		return err
	})
	if err != nil {
		return Report{}, err
	}
	s.log.InfoContext(ctx, "deaths imported", "file", report.File, "new", report.Deaths.New, "replay", report.Replay, "actor", actor)
	return report, nil
}

func (s *Service) importDeaths(ctx context.Context, tx pgx.Tx, table *imports.Sheet[deathRow], actor string) (Report, error) {
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
	fresh, err := s.newDeaths(ctx, tx, table, is)
	if err != nil {
		return Report{}, err
	}
	if err := is.Err(); err != nil {
		return Report{}, err
	}
	_, err = db.CopyIn(ctx, tx, "death", []string{"id_blind", "died_on", "source", "import_file", "recorded_at"}, len(fresh), func(i int) ([]any, error) {
		return []any{s.BlindID(fresh[i].IDNumber), fresh[i].DiedOn, fresh[i].Source, id, at}, nil
	})
	report.Deaths = Change{New: len(fresh), Same: len(table.Rows) - len(fresh)}
	report.Notes = is.Notes()
	return report, err
}

// newDeaths compares a file with what is on record.
func (s *Service) newDeaths(ctx context.Context, tx pgx.Tx, table *imports.Sheet[deathRow], is *imports.Issues) ([]deathRow, error) {
	numbers, blinds := make([]string, len(table.Rows)), make([][]byte, len(table.Rows))
	for i, r := range table.Rows {
		numbers[i], blinds[i] = r.Value.IDNumber, s.BlindID(r.Value.IDNumber)
	}
	known, err := s.Deaths(ctx, tx, blinds)
	if err != nil {
		return nil, err
	}
	people, err := s.ResolvePeople(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	var fresh []deathRow
	for i, r := range table.Rows {
		person, onRecord := people[numbers[i]]
		if onRecord && person.Name != r.Value.Name {
			is.Tell(table.At(r.Row, "name", r.Value.Name), "PARTIES_DEATH_NAME", "name", person.Name)
		}
		death, there := known[string(blinds[i])]
		switch {
		case !there:
			fresh = append(fresh, r.Value)
		case !death.DiedOn.Equal(r.Value.DiedOn):
			is.Say(table.At(r.Row, "died_on", r.Value.DiedOn.Format(time.DateOnly)), "PARTIES_DEATH_DIFFERS",
				"known", death.DiedOn.Format(time.DateOnly), "source", death.Source)
		}
	}
	return fresh, nil
}

// Deaths is the registered deaths by blind index (Person.Blind, BlindID); the
// result is keyed by the same bytes as a string.
func (s *Service) Deaths(ctx context.Context, q db.Querier, blinds [][]byte) (map[string]Death, error) {
	rows, err := q.Query(ctx, `SELECT id_blind, died_on, source, import_file FROM death WHERE id_blind = ANY($1)`, blinds)
	if err != nil {
		return nil, fmt.Errorf("deaths: %w", err)
	}
	out := map[string]Death{}
	var blind []byte
	var d Death
	_, err = pgx.ForEachRow(rows, []any{&blind, &d.DiedOn, &d.Source, &d.ImportFile}, func() error {
		out[string(blind)] = d
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("deaths: %w", err)
	}
	return out, nil
}
