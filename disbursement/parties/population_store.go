package parties

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/areas"
	"fenlu/disbursement/imports"
	"fenlu/internal/db"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
)

// populationRow is a row of a population file.
type populationRow struct {
	AreaCode  string    `sheet:"area_code"`
	Name      string    `sheet:"name" validate:"max=100,no_personal_number"`
	Residents int64     `sheet:"residents" validate:"min=0"`
	AsOf      time.Time `sheet:"as_of"`
	Source    string    `sheet:"source" validate:"max=200,no_personal_number"`
}

func (r populationRow) key() string { return r.AreaCode + " " + r.AsOf.Format(time.DateOnly) }

func (s *Service) checkPopulationRow(row sheet.Row, r *populationRow, is *imports.Issues) {
	is.Refuse(s.valid.Row(row, r)...)
	r.AreaCode = ident.Normalize(r.AreaCode)
	_, found := ident.CheckArea(r.AreaCode)
	is.Findings(row.Problem("area_code", ""), found)
	if r.AsOf.After(s.today()) {
		is.Refuse(row.Problem("as_of", "PARTIES_FUTURE", "today", s.today().Format(time.DateOnly)))
	}
}

// ImportPopulation imports areas with their names and registered residents
// (户籍人口). Figures are never changed: another figure for the same area and date
// is a problem (PARTIES_POPULATION_DIFFERS). Errors as ImportPeople.
func (s *Service) ImportPopulation(ctx context.Context, path, actor string) (Report, error) {
	table, err := imports.Read(ctx, path, "", sheet.Population, s.checkPopulationRow)
	if err != nil {
		return Report{}, err
	}
	first := map[string]int{}
	for _, r := range table.Rows {
		if !table.Read(r.Row, "area_code", "as_of") {
			continue
		}
		if row, twice := first[r.Value.key()]; twice {
			table.Issues.Say(table.At(r.Row, "area_code", r.Value.AreaCode), "PARTIES_AREA_TWICE", "row", row)
			continue
		}
		first[r.Value.key()] = r.Row
	}
	var report Report
	err = s.runImport(ctx, func(tx pgx.Tx) error {
		report, err = s.importPopulation(ctx, tx, table, actor)
		return err
	})
	if err != nil {
		return Report{}, err
	}
	s.log.InfoContext(ctx, "population imported", "file", report.File, "new", report.Population.New, "replay", report.Replay, "actor", actor)
	return report, nil
}

func (s *Service) importPopulation(ctx context.Context, tx pgx.Tx, table *imports.Sheet[populationRow], actor string) (Report, error) {
	id, replay, err := imports.Record(ctx, tx, table.File, actor, s.clock.Now())
	if err != nil {
		return Report{}, err
	}
	is := table.Issues.Copy()
	report := newReport(id, replay, table.File, is)
	if replay {
		return report, nil
	}
	fresh, err := newFigures(ctx, tx, table, is)
	if err != nil {
		return Report{}, err
	}
	if err := is.Err(); err != nil {
		return Report{}, err
	}
	if report.Areas, err = writeAreas(ctx, tx, table); err != nil {
		return Report{}, err
	}
	_, err = db.CopyIn(ctx, tx, "population", []string{"area_code", "as_of", "residents", "source", "import_file"}, len(fresh), func(i int) ([]any, error) {
		r := fresh[i]
		return []any{r.AreaCode, r.AsOf, r.Residents, r.Source, id}, nil
	})
	report.Population = Change{New: len(fresh), Same: len(table.Rows) - len(fresh)}
	return report, err
}

// newFigures compares a file with the figures on record.
func newFigures(ctx context.Context, tx pgx.Tx, table *imports.Sheet[populationRow], is *imports.Issues) ([]populationRow, error) {
	codes, dates := make([]string, len(table.Rows)), make([]time.Time, len(table.Rows))
	for i, r := range table.Rows {
		codes[i], dates[i] = r.Value.AreaCode, r.Value.AsOf
	}
	type figure struct {
		AreaCode  string    `db:"area_code"`
		AsOf      time.Time `db:"as_of"`
		Residents int64     `db:"residents"`
		Source    string    `db:"source"`
	}
	found, err := query[figure](ctx, tx, "known population", `
		SELECT p.area_code, p.as_of, p.residents, p.source
		FROM unnest($1::text[], $2::date[]) AS n (area_code, as_of)
		JOIN population p ON p.area_code = n.area_code AND p.as_of = n.as_of`, codes, dates)
	if err != nil {
		return nil, err
	}
	known := map[string]figure{}
	for _, f := range found {
		known[populationRow{AreaCode: f.AreaCode, AsOf: f.AsOf}.key()] = f
	}
	var fresh []populationRow
	for _, r := range table.Rows {
		f, there := known[r.Value.key()]
		switch {
		case !there:
			fresh = append(fresh, r.Value)
		case f.Residents != r.Value.Residents:
			is.Say(table.At(r.Row, "residents", fmt.Sprint(r.Value.Residents)), "PARTIES_POPULATION_DIFFERS", "known", f.Residents, "source", f.Source)
		}
	}
	return fresh, nil
}

// writeAreas names the areas of a file, by the first row of each.
func writeAreas(ctx context.Context, tx pgx.Tx, table *imports.Sheet[populationRow]) (Change, error) {
	names := map[string]string{}
	for _, r := range table.Rows {
		if names[r.Value.AreaCode] == "" {
			names[r.Value.AreaCode] = r.Value.Name
		}
	}
	named, err := areas.Name(ctx, tx, names)
	return Change(named), err
}

// span is the lowest and highest 12-digit code that begins with prefix.
func span(prefix string) (low, high string) {
	rest := max(0, 12-len(prefix))
	return prefix + strings.Repeat("0", rest), prefix + strings.Repeat("9", rest)
}

// Population is the newest figure at or before a date of each area whose code
// begins with prefix ("991301" for the county's townships), by code.
func (s *Service) Population(ctx context.Context, q db.Querier, prefix string, onOrBefore time.Time) ([]Population, error) {
	low, high := span(prefix)
	type record struct {
		AreaCode  string    `db:"area_code"`
		Name      string    `db:"name"`
		AsOf      time.Time `db:"as_of"`
		Residents int64     `db:"residents"`
		Source    string    `db:"source"`
	}
	found, err := query[record](ctx, q, "population", `
		SELECT DISTINCT ON (p.area_code) p.area_code, a.name, p.as_of, p.residents, p.source
		FROM population p JOIN area a ON a.code = p.area_code
		WHERE p.area_code BETWEEN $1 AND $2 AND p.as_of <= $3
		ORDER BY p.area_code, p.as_of DESC`, low, high, onOrBefore)
	out := make([]Population, len(found))
	for i, r := range found {
		out[i] = Population(r)
	}
	return out, err
}

// Townships is the named townships and streets whose code begins with prefix,
// by code.
func (s *Service) Townships(ctx context.Context, q db.Querier, prefix string) ([]Area, error) {
	low, high := span(prefix)
	return query[Area](ctx, q, "townships", `
		SELECT code, name, level FROM area
		WHERE code BETWEEN $1 AND $2 AND level = 'township' ORDER BY code`, low, high)
}

// Areas is areas by code; codes without a name on record are not in it.
func (s *Service) Areas(ctx context.Context, q db.Querier, codes []string) (map[string]Area, error) {
	found, err := query[Area](ctx, q, "areas", `SELECT code, name, level FROM area WHERE code = ANY($1)`, codes)
	out := make(map[string]Area, len(found))
	for _, a := range found {
		out[a.Code] = a
	}
	return out, err
}
