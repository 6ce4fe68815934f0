package entitlements

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/parties"
	"fenlu/internal/db"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/ledger/proof"
)

// Fact is what another office knows about somebody from a day on (外部信息;
// money-rules G6, B14, peers-and-audits #2, #20). It moves no money by itself: a
// row of the matrix says what it does to a line.
type Fact struct {
	ID     int64
	Person int64 // 0: nobody on record had the number when it was imported
	Blind  []byte
	Kind   Kind
	From   time.Time
	To     time.Time // last day; zero: open
	Source string

	ImportFile int64
}

// Touches says whether the fact holds on a day of a span.
func (f Fact) Touches(first, last time.Time) bool {
	return !f.From.After(last) && (f.To.IsZero() || !f.To.Before(first))
}

// factRow is a row of a facts file.
type factRow struct {
	Kind     string    `sheet:"kind"`
	Name     string    `sheet:"name" validate:"max=100"`
	IDNumber string    `sheet:"id_number"`
	From     time.Time `sheet:"from_on"`
	To       time.Time `sheet:"to_on"`
	Source   string    `sheet:"source" validate:"max=200,no_personal_number"`

	kind Kind
}

// ImportFacts imports what other offices know (外部信息). People need not be on
// record; a name that differs from the record's is noted (ENTITLE_NAME). A row on
// record as it is changes nothing; another last day replaces. Errors as
// ImportExclusions.
func (s *Service) ImportFacts(ctx context.Context, path, actor string) (Report, error) {
	return importer[factRow, Fact]{sheet.Facts, s.checkFact, s.freshFacts, s.insertFacts}.run(ctx, s, path, actor)
}

func (s *Service) checkFact(row sheet.Row, r *factRow, is *imports.Issues) {
	var ok bool
	if r.kind, ok = word(r.Kind, prefixKind, kinds); !ok {
		is.Refuse(row.Problem("kind", "PARTIES_WORD", "options", options(prefixKind, kinds)))
	}
	r.IDNumber = ident.Normalize(r.IDNumber)
	_, found := ident.CheckResident(r.IDNumber, s.clock.Now())
	is.Findings(row.Problem("id_number", ""), found)
	if !r.To.IsZero() && r.To.Before(r.From) {
		is.Refuse(row.Problem("to_on", "PARTIES_RELATION_DATES"))
	}
}

// key is what facts must share to follow one another.
func (f Fact) key() string {
	return string(f.Blind) + "/" + string(f.Kind) + "/" + f.From.Format(time.DateOnly)
}

func (s *Service) freshFacts(ctx context.Context, tx pgx.Tx, table *imports.Sheet[factRow], is *imports.Issues) ([]Fact, error) {
	numbers := make([]string, len(table.Rows))
	blinds := make([][]byte, len(table.Rows))
	for i, r := range table.Rows {
		numbers[i], blinds[i] = r.Value.IDNumber, s.parties.BlindID(r.Value.IDNumber)
	}
	people, err := s.parties.ResolvePeople(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	found, err := factsOf(ctx, tx, nil, blinds)
	if err != nil {
		return nil, err
	}
	known, first := map[string]Fact{}, map[string]int{}
	for _, f := range found {
		known[f.key()] = f
	}
	var fresh []Fact
	for i, r := range table.Rows {
		v := r.Value
		p := people[v.IDNumber]
		f := Fact{Person: int64(p.ID), Blind: blinds[i], Kind: v.kind, From: v.From, To: v.To, Source: strings.TrimSpace(v.Source)}
		if p.ID != 0 && p.Name != strings.TrimSpace(v.Name) {
			is.Tell(table.At(r.Row, "name", v.Name), "ENTITLE_NAME", "name", p.Name)
		}
		if row, twice := first[f.key()]; twice {
			is.Say(table.At(r.Row, "id_number", v.IDNumber), "ENTITLE_FACT_TWICE", "row", row)
			continue
		}
		first[f.key()] = r.Row
		if k, there := known[f.key()]; !there || !k.To.Equal(f.To) || k.Source != f.Source {
			fresh = append(fresh, f)
		}
	}
	return fresh, nil
}

func (s *Service) insertFacts(ctx context.Context, tx pgx.Tx, fresh []Fact, file int64) error {
	ids, err := db.NextIDs(ctx, tx, "outside_fact_id_seq", len(fresh))
	if err != nil {
		return err
	}
	at := s.clock.Now()
	items := make([]proof.Item, len(fresh))
	for i := range fresh {
		fresh[i].ID, fresh[i].ImportFile = ids[i], file
		items[i] = proof.ItemOf(FactLeaf(fresh[i]), ids[i])
	}
	_, err = db.CopyIn(ctx, tx, "outside_fact", []string{"id", "id_blind", "person", "kind", "from_on", "to_on", "source", "import_file", "recorded_at", "in_log"}, len(fresh),
		func(i int) ([]any, error) {
			f := fresh[i]
			return []any{f.ID, f.Blind, orNull(f.Person), string(f.Kind), f.From, dayOrNull(f.To), f.Source, file, at, true}, nil
		})
	if err != nil {
		return err
	}
	return proof.AppendAll(ctx, tx, items)
}

// FactsOf is what is known about people, by person; every number they have or had
// finds them, also of records merged into theirs.
func FactsOf(ctx context.Context, q db.Querier, people map[parties.PersonID]parties.Person) (map[int64][]Fact, error) {
	out := map[int64][]Fact{}
	if len(people) == 0 {
		return out, nil
	}
	also, err := parties.AliasesOf(ctx, q, slices.Collect(maps.Keys(people)))
	if err != nil {
		return nil, err
	}
	found, err := factsOf(ctx, q, also.All(), also.Blinds())
	last := map[string]int64{}
	for _, f := range found { // the newest row of a fact is last
		last[f.key()] = f.ID
	}
	for _, f := range found {
		if last[f.key()] != f.ID {
			continue
		}
		whose := also.Numbers[string(f.Blind)]
		if len(whose) == 0 {
			whose = also.Records[f.Person]
		}
		for _, p := range whose {
			f.Person = int64(p)
			out[f.Person] = append(out[f.Person], f)
		}
	}
	return out, err
}

const factColumns = `f.id, coalesce(f.person, 0), f.id_blind, f.kind, f.from_on, f.to_on, f.source, f.import_file`

func scanFact(row pgx.CollectableRow, more ...any) (Fact, error) {
	var f Fact
	var to *time.Time
	err := row.Scan(append([]any{&f.ID, &f.Person, &f.Blind, &f.Kind, &f.From, &to, &f.Source, &f.ImportFile}, more...)...)
	if to != nil {
		f.To = *to
	}
	return f, err
}

func factsOf(ctx context.Context, q db.Querier, persons []int64, blinds [][]byte) ([]Fact, error) {
	rows, err := q.Query(ctx, `SELECT `+factColumns+` FROM outside_fact f WHERE f.id_blind = ANY($1)
		UNION SELECT `+factColumns+` FROM outside_fact f WHERE f.person = ANY($2) ORDER BY 1`, blinds, persons)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Fact, error) { return scanFact(row) })
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	return found, nil
}

func orNull(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

func dayOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
