package entitlements

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/parties"
	"fenlu/internal/db"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/ledger/proof"
)

// eventRow is a row of an entitlements file.
type eventRow struct {
	Event      string    `sheet:"event"`
	Program    string    `sheet:"program"`
	Name       string    `sheet:"name" validate:"max=100"`
	IDNumber   string    `sheet:"id_number"`
	Scope      string    `sheet:"scope"`
	On         time.Time `sheet:"on_date"`
	Class      string    `sheet:"review_class"`
	ValidUntil time.Time `sheet:"valid_until"`
	NextReview time.Time `sheet:"next_review"`
	Grace      string    `sheet:"grace"`
	Document   string    `sheet:"document" validate:"max=100,no_personal_number"`

	event Event
	scope Scope
}

// Import imports what was decided about entitlements (待遇审批): approved, reviewed,
// changed, stopped. A row on record as it is changes nothing; one that differs for
// the same person, program, event and day is a problem (ENTITLE_DIFFERS). Errors
// as ImportExclusions.
func (s *Service) Import(ctx context.Context, path, actor string) (Report, error) {
	return importer[eventRow, Event]{sheet.Entitlements, checkEvent, s.freshEvents, s.insertEvents}.run(ctx, s, path, actor)
}

func checkEvent(row sheet.Row, r *eventRow, is *imports.Issues) {
	e := Event{On: r.On, ValidUntil: r.ValidUntil, NextReview: r.NextReview, Document: strings.TrimSpace(r.Document)}
	var ok bool
	if e.Kind, ok = word(r.Event, prefixEvent, eventKinds); !ok {
		is.Refuse(row.Problem("event", "PARTIES_WORD", "options", options(prefixEvent, eventKinds)))
	}
	if r.scope, ok = word(r.Scope, prefixScope, scopes); !ok {
		is.Refuse(row.Problem("scope", "PARTIES_WORD", "options", options(prefixScope, scopes)))
	}
	if e.Class, ok = word(r.Class, prefixClass, classes); !ok && (strings.TrimSpace(r.Class) != "" || e.Kind == Approved) {
		is.Refuse(row.Problem("review_class", "PARTIES_WORD", "options", options(prefixClass, classes)))
	}
	if !r.ValidUntil.IsZero() && r.ValidUntil.Before(r.On) {
		is.Refuse(row.Problem("valid_until", "PARTIES_RELATION_DATES"))
	}
	if !r.NextReview.IsZero() && r.NextReview.Before(r.On) {
		is.Refuse(row.Problem("next_review", "PARTIES_RELATION_DATES"))
	}
	switch strings.ToLower(strings.TrimSpace(r.Grace)) {
	case "是", "yes":
		e.Grace = true
	case "", "否", "no":
	default:
		is.Refuse(row.Problem("grace", "PARTIES_WORD", "options", "是/否"))
	}
	r.IDNumber = ident.Normalize(r.IDNumber)
	r.event = e
}

// eventKey is what rows share of which there is one.
type eventKey struct {
	person  int64
	program string
	kind    EventKind
	on      string
}

func (e Event) key() eventKey {
	return eventKey{e.Person, e.Program, e.Kind, e.On.Format(time.DateOnly)}
}

func (e Event) same(o Event) bool {
	return e.Household == o.Household && e.Class == o.Class && e.ValidUntil.Equal(o.ValidUntil) && e.NextReview.Equal(o.NextReview) &&
		e.Grace == o.Grace && e.Document == o.Document
}

// knownEvents are the people that a file names, and what is on record of them and
// of the records that became theirs.
func (s *Service) knownEvents(ctx context.Context, tx pgx.Tx, table *imports.Sheet[eventRow]) (map[string]parties.Person, map[eventKey]Event, error) {
	numbers := make([]string, len(table.Rows))
	for i, r := range table.Rows {
		numbers[i] = r.Value.IDNumber
	}
	people, err := s.parties.ResolvePeople(ctx, tx, numbers)
	if err != nil {
		return nil, nil, err
	}
	var ids []int64
	for _, p := range people {
		ids = append(ids, int64(p.ID))
	}
	also, err := aliasesOf(ctx, tx, ids)
	if err != nil {
		return nil, nil, err
	}
	stored, err := events(ctx, tx, `WHERE e.person = ANY($1)`, also.All())
	if err != nil {
		return nil, nil, err
	}
	known := map[eventKey]Event{}
	for _, e := range stored {
		for _, p := range also.Records[e.Person] {
			e.Person = int64(p)
			known[e.key()] = e
		}
	}
	return people, known, nil
}

func (s *Service) freshEvents(ctx context.Context, tx pgx.Tx, table *imports.Sheet[eventRow], is *imports.Issues) ([]Event, error) {
	catalogue, err := benefits.LoadCatalogue(ctx, tx)
	if err != nil {
		return nil, err
	}
	people, known, err := s.knownEvents(ctx, tx, table)
	if err != nil {
		return nil, err
	}
	first := map[eventKey]int{}
	var fresh []Event
	for _, r := range table.Rows {
		v := r.Value
		e, p := v.event, people[v.IDNumber]
		program, ok := catalogue.Program(v.Program)
		if !ok {
			is.Say(table.At(r.Row, "program", v.Program), "ENTITLE_PROGRAM", "options", catalogue.ProgramOptions())
		}
		switch {
		case p.ID == 0:
			is.Say(table.At(r.Row, "id_number", v.IDNumber), "PARTIES_ROW_PERSON")
			continue
		case p.Name != strings.TrimSpace(v.Name):
			is.Say(table.At(r.Row, "name", v.Name), "PARTIES_ROW_NAME", "name", p.Name)
		case v.scope == OfHousehold && p.Household == 0:
			is.Say(table.At(r.Row, "scope", v.Scope), "ENTITLE_NO_HOUSEHOLD")
		}
		e.Person, e.Program = int64(p.ID), program.Code
		if v.scope == OfHousehold {
			e.Household = int64(p.Household)
		}
		k, there := known[e.key()]
		switch {
		case first[e.key()] != 0:
			is.Say(table.At(r.Row, "id_number", v.IDNumber), "ENTITLE_FACT_TWICE", "row", first[e.key()])
		case !there:
			fresh = append(fresh, e)
		case !k.same(e):
			is.Say(table.At(r.Row, "event", v.Event), "ENTITLE_DIFFERS", "document", k.Document)
		}
		first[e.key()] = r.Row
	}
	return fresh, nil
}

func aliasesOf(ctx context.Context, q db.Querier, persons []int64) (parties.Aliases, error) {
	ids := make([]parties.PersonID, len(persons))
	for i, p := range persons {
		ids[i] = parties.PersonID(p)
	}
	return parties.AliasesOf(ctx, q, ids)
}

func (s *Service) insertEvents(ctx context.Context, tx pgx.Tx, fresh []Event, file int64) error {
	ids, err := db.NextIDs(ctx, tx, "entitlement_event_id_seq", len(fresh))
	if err != nil {
		return err
	}
	at := s.clock.Now()
	items := make([]proof.Item, len(fresh))
	for i := range fresh {
		fresh[i].ID, fresh[i].ImportFile = ids[i], file
		items[i] = proof.ItemOf(EventLeaf(fresh[i]), ids[i])
	}
	_, err = db.CopyIn(ctx, tx, "entitlement_event", []string{"id", "person", "household", "program", "event", "on_date", "review_class", "valid_until",
		"next_review", "grace", "document", "import_file", "recorded_at", "in_log"}, len(fresh), func(i int) ([]any, error) {
		e := fresh[i]
		return []any{e.ID, e.Person, orNull(e.Household), e.Program, string(e.Kind), e.On, string(e.Class), dayOrNull(e.ValidUntil),
			dayOrNull(e.NextReview), e.Grace, e.Document, file, at, true}, nil
	})
	if err != nil {
		return err
	}
	return proof.AppendAll(ctx, tx, items)
}

const eventColumns = `e.id, e.person, coalesce(e.household, 0), e.program, e.event, e.on_date, e.review_class, e.valid_until, e.next_review, e.grace, e.document,
	e.import_file`

func scanEvent(row pgx.CollectableRow, more ...any) (Event, error) {
	var e Event
	var until, next *time.Time
	err := row.Scan(append([]any{&e.ID, &e.Person, &e.Household, &e.Program, &e.Kind, &e.On, &e.Class, &until, &next, &e.Grace, &e.Document, &e.ImportFile}, more...)...)
	if until != nil {
		e.ValidUntil = *until
	}
	if next != nil {
		e.NextReview = *next
	}
	return e, err
}

func events(ctx context.Context, q db.Querier, where string, args ...any) ([]Event, error) {
	rows, err := q.Query(ctx, `SELECT `+eventColumns+` FROM entitlement_event e `+where+` ORDER BY e.on_date, e.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read entitlements: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Event, error) { return scanEvent(row) })
	if err != nil {
		return nil, fmt.Errorf("read entitlements: %w", err)
	}
	return found, nil
}

// EventsOf is the events of people and of households in a program; those of records
// merged into a person's are his.
func EventsOf(ctx context.Context, q db.Querier, program string, persons, households []int64) (ofPerson, ofHousehold map[int64][]Event, err error) {
	ofPerson, ofHousehold = map[int64][]Event{}, map[int64][]Event{}
	also, err := aliasesOf(ctx, q, persons)
	if err != nil {
		return nil, nil, err
	}
	own, err := events(ctx, q, `WHERE e.person = ANY($1) AND e.program = $2`, also.All(), program)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range own {
		for _, p := range also.Records[e.Person] {
			ofPerson[int64(p)] = append(ofPerson[int64(p)], e)
		}
	}
	shared, err := events(ctx, q, `WHERE e.household = ANY($1) AND e.program = $2 AND e.household IS NOT NULL`, households, program)
	for _, e := range shared {
		ofHousehold[e.Household] = append(ofHousehold[e.Household], e)
	}
	return ofPerson, ofHousehold, err
}

// EventsIn is all events of a program: of people by person, of households by
// household.
func EventsIn(ctx context.Context, q db.Querier, program string) (ofPerson, ofHousehold map[int64][]Event, err error) {
	ofPerson, ofHousehold = map[int64][]Event{}, map[int64][]Event{}
	found, err := events(ctx, q, `WHERE e.program = $1`, program)
	for _, e := range found {
		if e.Household != 0 {
			ofHousehold[e.Household] = append(ofHousehold[e.Household], e)
		} else {
			ofPerson[e.Person] = append(ofPerson[e.Person], e)
		}
	}
	return ofPerson, ofHousehold, err
}
