package parties

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
)

// currentPerson is a person as stored, with what is needed to show him.
type currentPerson struct {
	ID         PersonID   `db:"id"`
	Version    int        `db:"version"`
	Name       string     `db:"name"`
	IDType     string     `db:"id_type"`
	Cipher     []byte     `db:"id_cipher"`
	Blind      []byte     `db:"id_blind"`
	KeyVersion int        `db:"key_version"`
	AreaCode   string     `db:"area_code"`
	Residence  string     `db:"residence"`
	TempUntil  *time.Time `db:"temp_until"`
	Household  int64      `db:"household"`
	Code       string     `db:"code"`
	Relation   string     `db:"relation"`
}

const selectPerson = `
	SELECT p.id, p.version, v.name, v.id_type, v.id_cipher, v.id_blind, v.key_version, v.area_code, v.residence, v.temp_until,
		coalesce(m.household, 0) AS household, coalesce(h.code, '') AS code, coalesce(m.relation, '') AS relation
	FROM person p
	JOIN person_version v ON v.person = p.id AND v.version = p.version
	LEFT JOIN household_member m ON m.person = p.id AND m.valid_to IS NULL
	LEFT JOIN household h ON h.id = m.household`

func (s *Service) number(c currentPerson) (string, error) {
	return s.vault.Open(c.Cipher, c.KeyVersion, idAAD(c.ID, c.Version))
}

func (s *Service) person(c currentPerson) (Person, error) {
	number, err := s.number(c)
	if err != nil {
		return Person{}, err
	}
	p := Person{
		ID: c.ID, Version: c.Version, Name: c.Name, IDType: terms.IDType(c.IDType), Masked: ident.Mask(number), Blind: c.Blind,
		AreaCode: c.AreaCode, Residence: terms.Residence(c.Residence),
		Household: HouseholdID(c.Household), HouseholdCode: c.Code, Relation: terms.Relation(c.Relation),
		Birth: birthOf(number, terms.IDType(c.IDType)),
	}
	if c.TempUntil != nil {
		p.TempUntil = *c.TempUntil
	}
	return p, nil
}

// persons runs a query for persons in their current version.
func (s *Service) persons(ctx context.Context, q db.Querier, sql string, args ...any) ([]Person, error) {
	found, err := query[currentPerson](ctx, q, "persons", sql, args...)
	if err != nil {
		return nil, err
	}
	out := make([]Person, len(found))
	for i, c := range found {
		if out[i], err = s.person(c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ResolvePeople finds people by their ID numbers, as written in a file, through
// the blind index. The result is keyed by the normalised number
// (ident.Normalize); numbers of nobody are not in it.
func (s *Service) ResolvePeople(ctx context.Context, q db.Querier, numbers []string) (map[string]Person, error) {
	byBlind := make(map[string]string, len(numbers))
	blinds := make([][]byte, 0, len(numbers))
	for _, n := range numbers {
		n = ident.Normalize(n)
		blind := s.vault.Blind(n, blindID)
		if _, twice := byBlind[string(blind)]; !twice {
			byBlind[string(blind)] = n
			blinds = append(blinds, blind)
		}
	}
	type known struct {
		Blind  []byte   `db:"id_blind"`
		Person PersonID `db:"person"`
	}
	found, err := query[known](ctx, q, "identities", `
		SELECT i.id_blind, coalesce(p.merged_into, p.id) AS person FROM identity i JOIN person p ON p.id = i.person WHERE i.id_blind = ANY($1)`, blinds)
	if err != nil {
		return nil, err
	}
	ids := make([]PersonID, len(found))
	for i, f := range found {
		ids[i] = f.Person
	}
	people, err := s.People(ctx, q, ids)
	out := make(map[string]Person, len(found))
	for _, f := range found {
		out[byBlind[string(f.Blind)]] = people[f.Person]
	}
	return out, err
}

// People is persons by id, in their current version, ID numbers masked.
func (s *Service) People(ctx context.Context, q db.Querier, ids []PersonID) (map[PersonID]Person, error) {
	found, err := s.persons(ctx, q, selectPerson+` WHERE p.id = ANY($1)`, ids)
	out := make(map[PersonID]Person, len(found))
	for _, p := range found {
		out[p.ID] = p
	}
	return out, err
}

// Search says whom to look for: by Number (an ID number, exact), by Household
// code, or by Name (exact). The first that is filled counts.
type Search struct {
	Number    ident.Secret
	Household string
	Name      string
	After     PersonID // the last person of the page before
	Limit     int      // persons on a page; 0: 50, at most 500
}

// Find looks for people, a page at a time, in the order of their ids. Errors:
// PARTIES_SEARCH_EMPTY where nothing is asked for.
func (s *Service) Find(ctx context.Context, q db.Querier, f Search) ([]Person, error) {
	limit := min(f.Limit, 500)
	if limit <= 0 {
		limit = 50
	}
	switch {
	case f.Number != "":
		found, err := s.ResolvePeople(ctx, q, []string{f.Number.Reveal()})
		p, ok := found[ident.Normalize(f.Number.Reveal())]
		if !ok || p.ID <= f.After {
			return nil, err
		}
		return []Person{p}, err
	case f.Household != "":
		return s.persons(ctx, q, selectPerson+`
			WHERE m.household = (SELECT id FROM household WHERE code = $1) AND p.id > $2 ORDER BY p.id LIMIT $3`,
			ident.Normalize(f.Household), f.After, limit)
	case f.Name != "":
		return s.persons(ctx, q, selectPerson+`
			WHERE v.name = $1 AND p.id > $2 ORDER BY p.id LIMIT $3`, cleanName(f.Name), f.After, limit)
	}
	return nil, errs.New(errs.Invalid, "PARTIES_SEARCH_EMPTY")
}

// Aliases is under what people are on record (并入的档案与曾用号码): every record that
// was merged with theirs, whichever was kept, and every ID number of these, of now
// and before. Several of the people asked for may share one.
type Aliases struct {
	Records map[int64][]PersonID  // by the number of any record, their own included
	Numbers map[string][]PersonID // by blind index as a string
}

// All are the numbers of all records of the people asked for.
func (a Aliases) All() []int64 { return slices.Sorted(maps.Keys(a.Records)) }

// Blinds are the blind indexes of all their numbers.
func (a Aliases) Blinds() [][]byte {
	out := make([][]byte, 0, len(a.Numbers))
	for _, b := range slices.Sorted(maps.Keys(a.Numbers)) {
		out = append(out, []byte(b))
	}
	return out
}

// AliasesOf finds what other rooms kept under another record or number of people.
func AliasesOf(ctx context.Context, q db.Querier, persons []PersonID) (Aliases, error) {
	a := Aliases{Records: map[int64][]PersonID{}, Numbers: map[string][]PersonID{}}
	rows, err := q.Query(ctx, recordsOf+` SELECT record.id, record.now, n.id_blind FROM record JOIN person_version n ON n.person = record.id
		ORDER BY record.now, record.id, n.version`, persons)
	if err != nil {
		return a, fmt.Errorf("records of people: %w", err)
	}
	var id int64
	var now PersonID
	var blind []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &now, &blind}, func() error {
		if !slices.Contains(a.Records[id], now) {
			a.Records[id] = append(a.Records[id], now)
		}
		if !slices.Contains(a.Numbers[string(blind)], now) {
			a.Numbers[string(blind)] = append(a.Numbers[string(blind)], now)
		}
		return nil
	})
	if err != nil {
		return a, fmt.Errorf("records of people: %w", err)
	}
	return a, nil
}

// recordsOf is the records of people ($1): their own, the one it was merged into and
// the others merged into that.
const recordsOf = `WITH asked AS (SELECT id AS now, coalesce(merged_into, id) AS root FROM person WHERE id = ANY($1)),
	record AS (SELECT root AS id, now FROM asked UNION SELECT p.id, a.now FROM asked a JOIN person p ON p.merged_into = a.root)`
