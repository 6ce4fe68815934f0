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
	Source   string    `sheet:"source" validate:"max=200,no_personal_number"`
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
	err = s.insertDeaths(ctx, tx, fresh, id, at)
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

// insertDeaths registers deaths; one that had been withdrawn is registered again
// by a version of it.
func (s *Service) insertDeaths(ctx context.Context, tx pgx.Tx, fresh []deathRow, file int64, at time.Time) error {
	blinds := make([][]byte, len(fresh))
	for i := range fresh {
		blinds[i] = s.BlindID(fresh[i].IDNumber)
	}
	type was struct {
		Blind []byte `db:"id_blind"`
	}
	found, err := query[was](ctx, tx, "deaths withdrawn", `SELECT id_blind FROM death WHERE id_blind = ANY($1)`, blinds)
	if err != nil {
		return err
	}
	before := map[string]bool{}
	for _, f := range found {
		before[string(f.Blind)] = true
	}
	var first []deathRow
	for i, r := range fresh {
		if !before[string(blinds[i])] {
			first = append(first, r)
			continue
		}
		if err := s.insertDeathVersion(ctx, tx, blinds[i], false, Death{r.DiedOn, r.Source, file}, 0); err != nil {
			return err
		}
	}
	_, err = db.CopyIn(ctx, tx, "death", []string{"id_blind", "died_on", "source", "import_file", "recorded_at"}, len(first), func(i int) ([]any, error) {
		return []any{s.BlindID(first[i].IDNumber), first[i].DiedOn, first[i].Source, file, at}, nil
	})
	return err
}

// insertDeathVersion says something new about a registered death.
func (s *Service) insertDeathVersion(ctx context.Context, tx pgx.Tx, blind []byte, withdrawn bool, d Death, act ActID) error {
	_, err := tx.Exec(ctx, `INSERT INTO death_version (id_blind, n, withdrawn, died_on, source, act, import_file, recorded_at)
		VALUES ($1, (SELECT coalesce(max(n), 0) + 1 FROM death_version WHERE id_blind = $1), $2, $3, $4, $5, $6, $7)`,
		blind, withdrawn, d.DiedOn, d.Source, int64(act), d.ImportFile, s.clock.Now())
	if err != nil {
		return fmt.Errorf("version of a death: %w", err)
	}
	return nil
}

// standingDeath is a death as the last word about it has it; none where that
// withdrew it.
const standingDeath = `
	FROM death d
	LEFT JOIN death_version v ON v.id_blind = d.id_blind AND v.n = (SELECT max(w.n) FROM death_version w WHERE w.id_blind = d.id_blind)`

// Deaths is the registered deaths by blind index (Person.Blind, BlindID), without
// those that were withdrawn; the result is keyed by the same bytes as a string.
func (s *Service) Deaths(ctx context.Context, q db.Querier, blinds [][]byte) (map[string]Death, error) {
	rows, err := q.Query(ctx, `SELECT d.id_blind, coalesce(v.died_on, d.died_on), coalesce(v.source, d.source), coalesce(v.import_file, d.import_file)`+
		standingDeath+` WHERE d.id_blind = ANY($1) AND NOT coalesce(v.withdrawn, false)`, blinds)
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

type deadBlind struct {
	person PersonID
	blind  []byte
	death  Death
}

// deadNumbers is the deaths registered under any ID number that people have or
// had, those of records merged with theirs included.
func deadNumbers(ctx context.Context, q db.Querier, persons []PersonID) ([]deadBlind, error) {
	rows, err := q.Query(ctx, `
		`+recordsOf+`, number AS (SELECT DISTINCT r.now, n.id_blind FROM record r JOIN person_version n ON n.person = r.id)
		SELECT number.now, d.id_blind, coalesce(v.died_on, d.died_on), coalesce(v.source, d.source), coalesce(v.import_file, d.import_file)
		FROM number JOIN death d ON d.id_blind = number.id_blind
		LEFT JOIN death_version v ON v.id_blind = d.id_blind AND v.n = (SELECT max(w.n) FROM death_version w WHERE w.id_blind = d.id_blind)
		WHERE NOT coalesce(v.withdrawn, false)
		ORDER BY number.now, d.id_blind`, persons)
	if err != nil {
		return nil, fmt.Errorf("deaths of people: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (deadBlind, error) {
		var d deadBlind
		err := row.Scan(&d.person, &d.blind, &d.death.DiedOn, &d.death.Source, &d.death.ImportFile)
		return d, err
	})
}

// DeathsOf is the registered deaths of people under any number they have or had,
// the earliest of each.
func (s *Service) DeathsOf(ctx context.Context, q db.Querier, persons []PersonID) (map[PersonID]Death, error) {
	list, err := deadNumbers(ctx, q, persons)
	out := map[PersonID]Death{}
	for _, d := range list {
		if was, there := out[d.person]; !there || d.death.DiedOn.Before(was.DiedOn) {
			out[d.person] = d.death
		}
	}
	return out, err
}

// Recomputations is the households a member of which has died since a day and
// whose aid nobody has recorded as computed again (待重新核算家庭).
func (s *Service) Recomputations(ctx context.Context, q db.Querier, since time.Time) ([]Recomputation, error) {
	type record struct {
		Household HouseholdID `db:"household"`
		Code      string      `db:"code"`
		Person    PersonID    `db:"person"`
		DiedOn    time.Time   `db:"died_on"`
		Members   int         `db:"members"`
	}
	found, err := query[record](ctx, q, "households to recompute", `
		SELECT m.household, h.code, m.person, x.died_on, (SELECT count(*) FROM household_member o
			WHERE o.household = m.household AND o.valid_to IS NULL AND o.person <> m.person) AS members
		FROM (SELECT d.id_blind, coalesce(v.died_on, d.died_on) AS died_on`+standingDeath+` WHERE NOT coalesce(v.withdrawn, false)) x
		JOIN identity i ON i.id_blind = x.id_blind
		JOIN person p ON p.id = i.person
		JOIN household_member m ON m.person = coalesce(p.merged_into, p.id) AND (m.valid_to IS NULL OR m.valid_to > x.died_on)
		JOIN household h ON h.id = m.household
		WHERE x.died_on >= $1 AND NOT EXISTS (SELECT 1 FROM party_act a WHERE a.subject = m.person AND a.kind = 'recomputed')
		ORDER BY h.code, m.person`, since)
	if err != nil {
		return nil, err
	}
	ids := make([]PersonID, len(found))
	for i, r := range found {
		ids[i] = r.Person
	}
	people, err := s.People(ctx, q, ids)
	out := []Recomputation{}
	for _, r := range found {
		p := people[r.Person]
		if r.Members > 0 {
			out = append(out, Recomputation{r.Household, r.Code, r.Person, p.Name, p.Masked, r.DiedOn, r.Members})
		}
	}
	return out, err
}
