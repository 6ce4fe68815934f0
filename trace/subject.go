package trace

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// Story is everything that a person, household or unit was owed, newest first:
// the lines, the payments that carried them, and the documents the money came
// from.
type Story struct {
	Subject   Party         `json:"subject"`
	Members   []Member      `json:"members"` // of a household, or the households of a person
	Lines     []Line        `json:"lines"`
	Payments  []Payment     `json:"payments"`
	Documents []DocumentRef `json:"documents"`
	Rest
}

// Member is one membership of a household (户成员).
type Member struct {
	Household string `json:"household"`
	Person    Party  `json:"person"`
	Relation  string `json:"relation"`
	From      string `json:"from"`
	To        string `json:"to,omitempty"`

	person, household int64
}

// Person traces a person by id, ID number or name. Errors:
// TRACE_PERSON_UNKNOWN (NotFound); TRACE_PERSON_MANY (Invalid) lists those who
// bear the name.
func (s *Service) Person(ctx context.Context, q db.Querier, text string, p Page) (Story, error) {
	id, err := s.personID(ctx, q, strings.TrimSpace(text))
	if err != nil {
		return Story{}, err
	}
	members, err := s.members(ctx, q, `m.person = $1`, id)
	if err != nil {
		return Story{}, err
	}
	names, err := s.parties(ctx, q, []int64{id})
	if err != nil {
		return Story{}, err
	}
	story := Story{Subject: names[id], Members: members}
	return story, s.fill(ctx, q, &story, p, linesOfPerson, id)
}

// longestID is how many digits a person's own number has at most; what is
// longer is an ID number.
const longestID = 12

func (s *Service) personID(ctx context.Context, q db.Querier, text string) (int64, error) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) <= longestID {
		known, err := numbers(ctx, q, "person", `SELECT id FROM person WHERE id = $1`, id)
		if err == nil && len(known) == 0 {
			err = errs.New(errs.NotFound, "TRACE_PERSON_UNKNOWN")
		}
		return id, err
	}
	found, err := s.labels.FindPerson(ctx, q, text)
	if err != nil {
		return 0, err
	}
	switch len(found) {
	case 0:
		return 0, errs.New(errs.NotFound, "TRACE_PERSON_UNKNOWN")
	case 1:
		return found[0], nil
	}
	return 0, s.whichOf(ctx, q, found)
}

func (s *Service) whichOf(ctx context.Context, q db.Querier, ids []int64) error {
	names, err := s.parties(ctx, q, ids)
	if err != nil {
		return err
	}
	var fields []errs.Field
	for _, id := range ids {
		fields = append(fields, errs.Field{Value: names[id].Number, Code: "TRACE_PERSON_CANDIDATE",
			Args: errs.Pairs("id", id, "name", names[id].Name)})
	}
	return errs.WithFields("TRACE_PERSON_MANY", fields, "count", len(ids))
}

// Household traces a household by its code (户号): the lines made for it and
// those of everybody who was ever a member. Errors: TRACE_HOUSEHOLD_UNKNOWN
// (NotFound).
func (s *Service) Household(ctx context.Context, q db.Querier, code string, p Page) (Story, error) {
	who, members, err := s.household(ctx, q, code)
	if err != nil {
		return Story{}, err
	}
	story := Story{Subject: who, Members: members}
	return story, s.fill(ctx, q, &story, p, linesOfHousehold, who.ID)
}

// household finds a household by its code, named after its head, and everybody
// who was ever a member.
func (s *Service) household(ctx context.Context, q db.Querier, code string) (Party, []Member, error) {
	who := Party{Kind: KindHousehold, Number: strings.TrimSpace(code)}
	err := q.QueryRow(ctx, `SELECT id FROM household WHERE code = $1`, who.Number).Scan(&who.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errs.New(errs.NotFound, "TRACE_HOUSEHOLD_UNKNOWN", "code", who.Number)
	}
	if err != nil {
		return who, nil, err
	}
	members, err := s.members(ctx, q, `m.household = $1`, who.ID)
	for _, m := range members {
		if m.Relation == "head" {
			who.Name = m.Person.Name
		}
	}
	return who, members, err
}

// Unit traces a unit by its credit code or its exact name: what it was owed
// itself, and the lines that were paid to it for residents. Errors:
// TRACE_UNIT_UNKNOWN (NotFound).
func (s *Service) Unit(ctx context.Context, q db.Querier, text string, p Page) (Story, error) {
	id, err := unitID(ctx, q, strings.TrimSpace(text))
	if err != nil {
		return Story{}, err
	}
	units, err := unitsByID(ctx, q, []int64{id})
	if err != nil {
		return Story{}, err
	}
	story := Story{Subject: units[id], Members: []Member{}}
	return story, s.fill(ctx, q, &story, p, linesOfUnit, id)
}

func unitID(ctx context.Context, q db.Querier, text string) (int64, error) {
	found, err := numbers(ctx, q, "unit", `SELECT id FROM unit WHERE credit_code = $1`, strings.ToUpper(text))
	if err == nil && len(found) == 0 {
		found, err = numbers(ctx, q, "unit by name", `SELECT u.id FROM unit u JOIN unit_version v ON v.unit = u.id AND v.version = u.version
			WHERE v.name = $1 ORDER BY u.id LIMIT 1`, text)
	}
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "TRACE_UNIT_UNKNOWN", "text", text)
	}
	if err != nil {
		return 0, err
	}
	return found[0], nil
}

// members reads memberships, the current ones first.
func (s *Service) members(ctx context.Context, q db.Querier, where string, id int64) ([]Member, error) {
	list, err := collect(ctx, q, "members", func(row pgx.CollectableRow) (Member, error) {
		var m Member
		err := row.Scan(&m.household, &m.Household, &m.person, &m.Relation, &m.From, &m.To)
		return m, err
	}, `SELECT m.household, h.code, m.person, m.relation, m.valid_from::text, coalesce(m.valid_to::text, '')
		FROM household_member m JOIN household h ON h.id = m.household
		WHERE `+where+` ORDER BY (m.valid_to IS NOT NULL), (m.relation <> 'head'), m.valid_from, m.person`, id)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, m := range list {
		ids = append(ids, m.person)
	}
	names, err := s.parties(ctx, q, ids)
	for i := range list {
		list[i].Person = names[list[i].person]
	}
	return orEmpty(list), err
}

// The lines of a subject ($1) with an id below $2, newest first, at most $3.
const (
	linesOfPerson = `SELECT id FROM entitlement_line WHERE person = $1 AND id < $2 ORDER BY id DESC LIMIT $3`

	linesOfHousehold = `SELECT id FROM (
			(SELECT id FROM entitlement_line WHERE household = $1 AND id < $2 ORDER BY id DESC LIMIT $3)
			UNION
			(SELECT l.id FROM (SELECT DISTINCT person FROM household_member WHERE household = $1) m
				CROSS JOIN LATERAL (SELECT e.id FROM entitlement_line e WHERE e.person = m.person AND e.id < $2 ORDER BY e.id DESC LIMIT $3) l)
		) x ORDER BY id DESC LIMIT $3`

	linesOfUnit = `SELECT id FROM entitlement_line WHERE payee = $1 AND id < $2 ORDER BY id DESC LIMIT $3`
)

// fill gives a story its page of lines and what hangs on them.
func (s *Service) fill(ctx context.Context, q db.Querier, story *Story, p Page, find string, id int64) error {
	after := p.After
	if after == 0 {
		after = math.MaxInt64
	}
	ids, err := numbers(ctx, q, "lines of a subject", find, id, after, p.limit())
	if err != nil {
		return err
	}
	if len(ids) == p.limit() {
		story.Rest, err = rest(ctx, q, find, id, ids[len(ids)-1])
		if err != nil {
			return err
		}
	}
	if story.Lines, err = s.lines(ctx, q, ids); err != nil {
		return err
	}
	var payments, lots []int64
	for _, l := range story.Lines {
		for _, g := range l.Legs {
			payments, lots = append(payments, g.Payment), append(lots, g.Lot)
		}
	}
	if story.Payments, err = s.payments(ctx, q, payments); err != nil {
		return err
	}
	story.Documents, err = rootsOfLots(ctx, q, lots)
	story.Lines, story.Payments, story.Documents = orEmpty(story.Lines), orEmpty(story.Payments), orEmpty(story.Documents)
	return err
}

// mostCounted is how far a list is counted on.
const mostCounted = 10_000

func rest(ctx context.Context, q db.Querier, find string, id, last int64) (Rest, error) {
	more, err := count(ctx, q, "the rest", `SELECT count(*) FROM (`+find+`) r`, id, last, mostCounted)
	if err != nil || more == 0 {
		return Rest{}, err
	}
	return Rest{More: more, After: last}, nil
}
