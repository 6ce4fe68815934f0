package batch

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// claimant is one approval that covers somebody: a household's, or a person's own.
type claimant struct {
	home    int64 // household; 0: the person is in none
	shared  bool  // the household's approval
	covered []int64
	events  []entitlements.Event
}

// claims are all approvals of a program with whom they cover in a month.
type claims struct {
	list   []claimant
	people map[parties.PersonID]parties.Person
	homes  map[parties.HouseholdID]parties.Household
	lived  map[parties.PersonID]terms.Residence
	deaths map[parties.PersonID]parties.Death
}

func (c claims) persons() []int64 {
	out := make([]int64, 0, len(c.people))
	for id := range c.people {
		out = append(out, int64(id))
	}
	return out
}

func (c claims) households() []int64 {
	out := make([]int64, 0, len(c.homes))
	for id := range c.homes {
		out = append(out, int64(id))
	}
	return out
}

// heads are the numbers of the heads of all households.
func (c claims) heads() []int64 {
	var out []int64
	for _, h := range c.homes {
		if h.Head != 0 {
			out = append(out, int64(h.Head))
		}
	}
	return out
}

// claimsOf reads the approvals of a program: those of households first, each in
// the order of its number. A member with an approval of his own is not covered by
// his household's (单人保, money-rules A30).
func (s *Service) claimsOf(ctx context.Context, q db.Querier, program string, month terms.Month) (claims, error) {
	var c claims
	ofPerson, ofHousehold, err := entitlements.EventsIn(ctx, q, program)
	if err != nil {
		return c, err
	}
	if ofPerson, err = s.keptEvents(ctx, q, ofPerson); err != nil {
		return c, err
	}
	var homes []parties.HouseholdID
	for _, id := range slices.Sorted(maps.Keys(ofHousehold)) {
		homes = append(homes, parties.HouseholdID(id))
	}
	members, err := s.parties.MembersIn(ctx, q, homes, month)
	if err != nil {
		return c, err
	}
	var people []parties.PersonID
	for _, id := range homes {
		one := claimant{home: int64(id), shared: true, events: ofHousehold[int64(id)]}
		for _, m := range members[id] {
			if len(ofPerson[int64(m)]) == 0 {
				one.covered = append(one.covered, int64(m))
				people = append(people, m)
			}
		}
		if len(one.covered) > 0 {
			c.list = append(c.list, one)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ofPerson)) {
		c.list = append(c.list, claimant{covered: []int64{id}, events: ofPerson[id]})
		people = append(people, parties.PersonID(id))
	}
	return c, s.knowClaims(ctx, q, &c, homes, people, month)
}

// knowClaims reads who the people and households of claims are.
func (s *Service) knowClaims(ctx context.Context, q db.Querier, c *claims, homes []parties.HouseholdID, people []parties.PersonID, month terms.Month) (err error) {
	if c.people, err = s.parties.People(ctx, q, people); err != nil {
		return err
	}
	for i := range c.list {
		if one := &c.list[i]; !one.shared {
			p := c.people[parties.PersonID(one.covered[0])]
			one.home = int64(p.Household)
			homes = append(homes, p.Household)
		}
	}
	if c.homes, err = s.parties.HouseholdsByID(ctx, q, homes); err != nil {
		return err
	}
	if c.lived, err = s.parties.ResidencesOn(ctx, q, people, month.First()); err != nil {
		return err
	}
	c.deaths, err = s.parties.DeathsOf(ctx, q, people)
	return err
}

// keptEvents puts the events of records that were merged under the one that counts.
func (s *Service) keptEvents(ctx context.Context, q db.Querier, events map[int64][]entitlements.Event) (map[int64][]entitlements.Event, error) {
	var ids []parties.PersonID
	for id := range events {
		ids = append(ids, parties.PersonID(id))
	}
	kept, err := s.parties.Kept(ctx, q, ids)
	out := map[int64][]entitlements.Event{}
	for _, id := range slices.Sorted(maps.Keys(events)) {
		now := int64(kept[parties.PersonID(id)])
		out[now] = append(out[now], events[id]...)
	}
	return out, err
}

// copyExplanations stores why the lines of a computed list have their amounts.
func copyExplanations(ctx context.Context, tx pgx.Tx, lines []Line, made []madeLine) error {
	_, err := db.CopyIn(ctx, tx, "line_explanation", []string{"line", "steps_zh", "steps_en"}, len(lines), func(i int) ([]any, error) {
		return []any{int64(lines[i].ID), made[i].zh, made[i].en}, nil
	})
	return err
}

// Explanation is why a computed line has its amount, one step on a line, as it was
// read when the list was made.
type Explanation struct {
	No     int32     `json:"line"`
	Name   string    `json:"name"`
	Masked string    `json:"masked"`
	Class  string    `json:"class"`
	Amount money.Fen `json:"amount"`
	ZH     string    `json:"steps_zh"`
	EN     string    `json:"steps_en"`
}

// Text is the steps in a reader's language.
func (e Explanation) Text(lang i18n.Lang) string {
	if lang == i18n.EN {
		return e.EN
	}
	return e.ZH
}

// Explain is why the lines of a computed batch have their amounts; with no, one of
// them. Errors: BATCH_UNKNOWN, BATCH_NOT_COMPUTED (NotFound).
func (s *Service) Explain(ctx context.Context, q db.Querier, code string, no int32) ([]Explanation, error) {
	b, err := ByCode(ctx, q, code)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT l.no, coalesce(l.person, 0), l.class, l.amount_fen, e.steps_zh, e.steps_en
		FROM entitlement_line l JOIN line_explanation e ON e.line = l.id
		WHERE l.batch = $1 AND ($2 = 0 OR l.no = $2) ORDER BY l.no`, b.ID, no)
	if err != nil {
		return nil, fmt.Errorf("explanations of batch %d: %w", b.ID, err)
	}
	var persons []parties.PersonID
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Explanation, error) {
		var e Explanation
		var person parties.PersonID
		err := row.Scan(&e.No, &person, &e.Class, &e.Amount, &e.ZH, &e.EN)
		persons = append(persons, person)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("explanations of batch %d: %w", b.ID, err)
	}
	if len(found) == 0 {
		return nil, errs.New(errs.NotFound, "BATCH_NOT_COMPUTED", "batch", code)
	}
	people, err := s.parties.People(ctx, q, persons)
	for i := range found {
		found[i].Name, found[i].Masked = people[persons[i]].Name, people[persons[i]].Masked
	}
	return found, err
}

// verifyComputed makes the digest of every computed list again, from its lines and
// their explanations, and compares it with the import that it is on record as.
func verifyComputed(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT l.batch FROM line_explanation e JOIN entitlement_line l ON l.id = e.line ORDER BY l.batch`)
	if err != nil {
		return nil, fmt.Errorf("computed lists: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
	if err != nil {
		return nil, fmt.Errorf("computed lists: %w", err)
	}
	var found []check.Finding
	for _, id := range ids {
		b, err := ByID(ctx, q, id)
		if err != nil {
			return nil, err
		}
		list, err := computedLines(ctx, q, id)
		if err != nil {
			return nil, err
		}
		was, err := imports.Get(ctx, q, b.ImportFile)
		if err != nil && errs.CodeOf(err) != "IMPORTS_NOT_FOUND" {
			return nil, err
		}
		if now := digestOfComputed(Create{Office: b.Office, Program: b.Program, Period: b.Period}, list); now != was.SHA256 {
			found = append(found, check.Finding{Promise: 10, Check: "computed_list", Row: fmt.Sprintf("batch %d", id), Detail: "digest " + now + ", on record " + was.SHA256})
		}
	}
	return found, nil
}

// computedLines are the lines of a computed list as it was made, what was taken out
// since included.
func computedLines(ctx context.Context, q db.Querier, id ID) ([]madeLine, error) {
	rows, err := q.Query(ctx, `SELECT l.no, coalesce(l.person, 0), coalesce(l.household, 0), l.payee, l.payee_role, l.component, l.class, l.policy, l.amount_fen,
		coalesce(e.steps_zh, '') FROM entitlement_line l LEFT JOIN line_explanation e ON e.line = l.id WHERE l.batch = $1 ORDER BY l.no`, id)
	if err != nil {
		return nil, fmt.Errorf("lines of batch %d: %w", id, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (madeLine, error) {
		var m madeLine
		err := row.Scan(&m.No, &m.Person, &m.Household, &m.Payee, &m.Role, &m.Component, &m.Class, &m.Policy, &m.Amount, &m.zh)
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("lines of batch %d: %w", id, err)
	}
	return list, nil
}
