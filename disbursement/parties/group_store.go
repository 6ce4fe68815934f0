package parties

import (
	"context"
	"slices"
	"time"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/ident"
)

type householdRecord struct {
	ID   HouseholdID `db:"id"`
	Code string      `db:"code"`
	Head PersonID    `db:"head"`
}

const selectHousehold = `
	SELECT h.id, h.code, coalesce(m.person, 0) AS head
	FROM household h
	LEFT JOIN household_member m ON m.household = h.id AND m.valid_to IS NULL AND m.relation = 'head'`

// Households finds households by code (户号), as written in a file. The result
// is keyed by the normalised code; codes of none are not in it.
func (s *Service) Households(ctx context.Context, q db.Querier, codes []string) (map[string]Household, error) {
	found, err := query[householdRecord](ctx, q, "households", selectHousehold+` WHERE h.code = ANY($1)`, normalised(codes))
	out := make(map[string]Household, len(found))
	for _, h := range found {
		out[h.Code] = Household(h)
	}
	return out, err
}

// HouseholdsByID is households by id.
func (s *Service) HouseholdsByID(ctx context.Context, q db.Querier, ids []HouseholdID) (map[HouseholdID]Household, error) {
	found, err := query[householdRecord](ctx, q, "households", selectHousehold+` WHERE h.id = ANY($1)`, ids)
	out := make(map[HouseholdID]Household, len(found))
	for _, h := range found {
		out[h.ID] = Household(h)
	}
	return out, err
}

// Heads is the head (户主) of each household; one without a head is not in it.
func (s *Service) Heads(ctx context.Context, q db.Querier, households []HouseholdID) (map[HouseholdID]PersonID, error) {
	type head struct {
		Household HouseholdID `db:"household"`
		Person    PersonID    `db:"person"`
	}
	found, err := query[head](ctx, q, "heads", `
		SELECT household, person FROM household_member
		WHERE household = ANY($1) AND valid_to IS NULL AND relation = 'head'`, households)
	out := make(map[HouseholdID]PersonID, len(found))
	for _, h := range found {
		out[h.Household] = h.Person
	}
	return out, err
}

// Member is a membership in a household, past ones included (户成员).
type Member struct {
	Household HouseholdID
	Person    PersonID
	Relation  terms.Relation
	From      time.Time // first day
	To        time.Time // the day it ended, not in it any more; zero where it goes on
}

// Members is everybody who is or was in a household, by person and time.
func (s *Service) Members(ctx context.Context, q db.Querier, household HouseholdID) ([]Member, error) {
	type record struct {
		Household HouseholdID `db:"household"`
		Person    PersonID    `db:"person"`
		Relation  string      `db:"relation"`
		From      time.Time   `db:"valid_from"`
		To        *time.Time  `db:"valid_to"`
	}
	found, err := query[record](ctx, q, "members", `
		SELECT household, person, relation, valid_from, valid_to FROM household_member
		WHERE household = $1 ORDER BY household, person, valid_from`, household)
	out := make([]Member, len(found))
	for i, r := range found {
		out[i] = Member{Household: r.Household, Person: r.Person, Relation: terms.Relation(r.Relation), From: r.From}
		if r.To != nil {
			out[i].To = *r.To
		}
	}
	return out, err
}

func (r unitRecord) unit() Unit {
	return Unit{ID: r.ID, Version: r.Version, CreditCode: r.CreditCode, Name: r.Name, Kind: terms.UnitKind(r.Kind), AreaCode: r.AreaCode}
}

// Units finds units by credit code (统一社会信用代码), as written in a file. The
// result is keyed by the normalised code; codes of none are not in it.
func (s *Service) Units(ctx context.Context, q db.Querier, creditCodes []string) (map[string]Unit, error) {
	found, err := query[unitRecord](ctx, q, "units", selectUnit+` WHERE u.credit_code = ANY($1)`, normalised(creditCodes))
	out := make(map[string]Unit, len(found))
	for _, u := range found {
		out[u.CreditCode] = u.unit()
	}
	return out, err
}

// UnitsByID is units by id.
func (s *Service) UnitsByID(ctx context.Context, q db.Querier, ids []UnitID) (map[UnitID]Unit, error) {
	found, err := query[unitRecord](ctx, q, "units", selectUnit+` WHERE u.id = ANY($1)`, ids)
	out := make(map[UnitID]Unit, len(found))
	for _, u := range found {
		out[u.ID] = u.unit()
	}
	return out, err
}

func normalised(codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = ident.Normalize(c)
	}
	return out
}

// MembersIn is who belonged to households on any day of a month, head first, then
// by person. Whoever belonged to two of them belongs to the one that he was in
// first (money-rules C10: a change counts for new months).
func (s *Service) MembersIn(ctx context.Context, q db.Querier, households []HouseholdID, month terms.Month) (map[HouseholdID][]PersonID, error) {
	type member struct {
		Household HouseholdID `db:"household"`
		Person    PersonID    `db:"person"`
	}
	found, err := query[member](ctx, q, "members of a month", `
		SELECT m.household, m.person FROM household_member m
		WHERE m.household = ANY($1) AND m.valid_from <= $3 AND (m.valid_to IS NULL OR (m.valid_to > $2 AND m.valid_to > m.valid_from))
			AND NOT EXISTS (SELECT 1 FROM household_member o WHERE o.person = m.person AND o.household <> m.household AND o.valid_from < m.valid_from
				AND o.valid_to > $2 AND o.valid_to > o.valid_from)
		ORDER BY m.household, CASE m.relation WHEN 'head' THEN 0 ELSE 1 END, m.person`, households, month.First(), month.Last())
	out := map[HouseholdID][]PersonID{}
	for _, m := range found {
		if !slices.Contains(out[m.Household], m.Person) {
			out[m.Household] = append(out[m.Household], m.Person)
		}
	}
	return out, err
}

// Kept is the record that counts of each person (并入的档案): another where his was
// merged into it.
func (s *Service) Kept(ctx context.Context, q db.Querier, persons []PersonID) (map[PersonID]PersonID, error) {
	type kept struct {
		ID  PersonID `db:"id"`
		Now PersonID `db:"now"`
	}
	found, err := query[kept](ctx, q, "records that count", `SELECT id, coalesce(merged_into, id) AS now FROM person WHERE id = ANY($1)`, persons)
	out := make(map[PersonID]PersonID, len(found))
	for _, k := range found {
		out[k.ID] = k.Now
	}
	return out, err
}
