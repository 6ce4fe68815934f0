package entitlements

import (
	"context"
	"strconv"
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
	"fenlu/money"
)

// meansRow is a row of a file of household facts.
type meansRow struct {
	Kind      string    `sheet:"kind"`
	Name      string    `sheet:"name" validate:"max=100"`
	IDNumber  string    `sheet:"id_number"`
	Scope     string    `sheet:"scope"`
	Value     string    `sheet:"value" validate:"max=40,no_personal_number"`
	Program   string    `sheet:"program"`
	Component string    `sheet:"component"`
	From      time.Time `sheet:"from_on"`
	To        time.Time `sheet:"to_on"`
	Document  string    `sheet:"document" validate:"max=100,no_personal_number"`

	fact  MeansFact
	scope Scope
}

// ImportMeans imports facts about households and their members (家庭经济状况), each
// from a day on. A row on record as it is changes nothing; another value or last
// day for the same fact and first day replaces. Errors as ImportExclusions.
func (s *Service) ImportMeans(ctx context.Context, path, actor string) (Report, error) {
	return importer[meansRow, MeansFact]{sheet.HouseholdFacts, checkMeans, s.freshMeans, s.insertMeans}.run(ctx, s, path, actor)
}

func checkMeans(row sheet.Row, r *meansRow, is *imports.Issues) {
	f := MeansFact{From: r.From, To: r.To, Document: strings.TrimSpace(r.Document)}
	var ok bool
	if f.Kind, ok = word(r.Kind, prefixMeans, meansKinds); !ok {
		is.Refuse(row.Problem("kind", "PARTIES_WORD", "options", options(prefixMeans, meansKinds)))
	}
	if r.scope, ok = word(r.Scope, prefixScope, scopes); !ok {
		if strings.TrimSpace(r.Scope) != "" {
			is.Refuse(row.Problem("scope", "PARTIES_WORD", "options", options(prefixScope, scopes)))
		}
		r.scope = OfPerson
	}
	switch {
	case f.Kind.ofHousehold():
		r.scope = OfHousehold
	case f.Kind != PaidClass && r.scope == OfHousehold:
		is.Refuse(row.Problem("scope", "ENTITLE_OF_PERSON"))
	}
	if !r.To.IsZero() && r.To.Before(r.From) {
		is.Refuse(row.Problem("to_on", "PARTIES_RELATION_DATES"))
	}
	if (strings.TrimSpace(r.Program) != "") != (f.Kind == PaidClass) {
		is.Refuse(row.Problem("program", "ENTITLE_CLASS_PROGRAM"))
	}
	f.Value = meansValue(row, r.Value, f.Kind, is)
	r.IDNumber = ident.Normalize(r.IDNumber)
	r.fact = f
}

// mostMembers is beyond what a household counts: a slip of the pen.
const mostMembers = 30

// meansValue is a value in the one form of its kind.
func meansValue(row sheet.Row, text string, kind MeansKind, is *imports.Issues) string {
	text = strings.TrimSpace(text)
	switch kind {
	case IncomeMonth, WorkCosts, Allowance:
		amount, err := money.Parse(text)
		switch {
		case err != nil:
			is.Refuse(row.Problem("value", money.Code(err)))
		case amount < 0:
			is.Refuse(row.Problem("value", "ENTITLE_NEGATIVE"))
		}
		return amount.String()
	case MemberCount:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 || n > mostMembers {
			is.Refuse(row.Problem("value", "ENTITLE_MEMBERS", "most", mostMembers))
		}
		return strconv.FormatInt(n, 10)
	case UpliftFor:
		reason, ok := word(text, prefixUplift, upliftReasons)
		if !ok {
			is.Refuse(row.Problem("value", "PARTIES_WORD", "options", options(prefixUplift, upliftReasons)))
		}
		return string(reason)
	default:
		return text
	}
}

func (s *Service) freshMeans(ctx context.Context, tx pgx.Tx, table *imports.Sheet[meansRow], is *imports.Issues) ([]MeansFact, error) {
	catalogue, err := benefits.LoadCatalogue(ctx, tx)
	if err != nil {
		return nil, err
	}
	numbers := make([]string, len(table.Rows))
	for i, r := range table.Rows {
		numbers[i] = r.Value.IDNumber
	}
	people, err := s.parties.ResolvePeople(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	known, err := knownMeans(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	first := map[string]int{}
	var fresh []MeansFact
	for _, r := range table.Rows {
		v := r.Value
		f, ok := v.fact.named(table, r.Row, v, people[v.IDNumber], catalogue, is)
		if !ok {
			continue
		}
		on := f.key() + "/" + f.From.Format(time.DateOnly)
		if row, twice := first[on]; twice {
			is.Say(table.At(r.Row, "id_number", v.IDNumber), "ENTITLE_FACT_TWICE", "row", row)
			continue
		}
		first[on] = r.Row
		if k, there := known[on]; !there || k.Value != f.Value || !k.To.Equal(f.To) || k.Document != f.Document {
			fresh = append(fresh, f)
		}
	}
	return fresh, nil
}

// named is the fact with whose it is, and what it is about.
func (f MeansFact) named(table *imports.Sheet[meansRow], row int, v meansRow, p parties.Person, catalogue benefits.Catalogue, is *imports.Issues) (MeansFact, bool) {
	switch {
	case p.ID == 0:
		is.Say(table.At(row, "id_number", v.IDNumber), "PARTIES_ROW_PERSON")
		return f, false
	case p.Name != strings.TrimSpace(v.Name):
		is.Say(table.At(row, "name", v.Name), "PARTIES_ROW_NAME", "name", p.Name)
	case v.scope == OfHousehold && p.Household == 0:
		is.Say(table.At(row, "kind", v.Kind), "ENTITLE_NO_HOUSEHOLD")
	}
	f.Person = int64(p.ID)
	if v.scope == OfHousehold {
		f.Household = int64(p.Household)
	}
	if f.Kind != PaidClass || strings.TrimSpace(v.Program) == "" {
		return f, true
	}
	program, ok := catalogue.Program(v.Program)
	if ok {
		var component benefits.Component
		component, ok = program.ComponentOf(v.Component, f.Value)
		f.Program, f.Component = program.Code, component.Code
	}
	if !ok {
		is.Say(table.At(row, "program", v.Program), "ENTITLE_PROGRAM", "options", catalogue.ProgramOptions())
	}
	return f, true
}

// knownMeans is the newest row of each fact and first day of people and their
// households.
func knownMeans(ctx context.Context, tx pgx.Tx, people map[string]parties.Person) (map[string]MeansFact, error) {
	var persons, households []int64
	for _, p := range people {
		persons = append(persons, int64(p.ID))
		if p.Household != 0 {
			households = append(households, int64(p.Household))
		}
	}
	own, err := meansFacts(ctx, tx, `WHERE f.household IS NULL AND f.person = ANY($1)`, persons)
	if err != nil {
		return nil, err
	}
	shared, err := meansFacts(ctx, tx, `WHERE f.household IS NOT NULL AND f.household = ANY($1)`, households)
	known := map[string]MeansFact{}
	for _, f := range append(own, shared...) {
		known[f.key()+"/"+f.From.Format(time.DateOnly)] = f
	}
	return known, err
}

func (s *Service) insertMeans(ctx context.Context, tx pgx.Tx, fresh []MeansFact, file int64) error {
	ids, err := db.NextIDs(ctx, tx, "household_fact_id_seq", len(fresh))
	if err != nil {
		return err
	}
	at := s.clock.Now()
	items := make([]proof.Item, len(fresh))
	for i := range fresh {
		fresh[i].ID, fresh[i].ImportFile = ids[i], file
		items[i] = proof.ItemOf(MeansLeaf(fresh[i]), ids[i])
	}
	_, err = db.CopyIn(ctx, tx, "household_fact", []string{"id", "person", "household", "kind", "program", "component", "value", "from_on", "to_on",
		"document", "import_file", "recorded_at", "in_log"}, len(fresh), func(i int) ([]any, error) {
		f := fresh[i]
		return []any{f.ID, f.Person, orNull(f.Household), string(f.Kind), f.Program, f.Component, f.Value, f.From, dayOrNull(f.To), f.Document, file, at, true}, nil
	})
	if err != nil {
		return err
	}
	return proof.AppendAll(ctx, tx, items)
}
