package entitlements

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/money"
)

// MeansKind is what a fact about a household is about.
type MeansKind string

// The kinds. The first four are the household's, the last three a member's; a
// class is either's.
const (
	IncomeMonth MeansKind = "income"     // 家庭月收入, yuan a month of all who are counted
	WorkCosts   MeansKind = "work_costs" // 必要就业成本, yuan a month (money-rules A27)
	Allowance   MeansKind = "allowance"  // 收入中所含低保金, yuan a month of the income (A28)
	MemberCount MeansKind = "members"    // 共同生活人数, who share the income
	PaidClass   MeansKind = "class"      // 待遇类别, under which somebody is paid
	UpliftFor   MeansKind = "uplift"     // 分类施保原因 (A31)
	Disability  MeansKind = "disability" // 残疾等级
	Care        MeansKind = "care"       // 护理等级
)

// UpliftReason is why one person gets more than the gap (分类施保, money-rules A31).
type UpliftReason string

// The reasons; the rate of each is a figure of rules.
const (
	Elderly  UpliftReason = "elderly"  // 老年人
	Minor    UpliftReason = "minor"    // 未成年人
	Disabled UpliftReason = "disabled" // 重度残疾人
	Ill      UpliftReason = "ill"      // 重病患者
)

// MeansFact is a fact about a household or a member of it from a day on.
type MeansFact struct {
	ID        int64
	Person    int64 // whose it is, or who declared it for the household
	Household int64 // set: the household's
	Kind      MeansKind
	Program   string // of a class
	Component string // of a class
	Value     string // yuan, a count, a word: one form for each kind
	From      time.Time
	To        time.Time // last day; zero: open
	Document  string

	ImportFile int64
}

// ofHousehold says whether a fact is always the household's.
func (k MeansKind) ofHousehold() bool {
	return k == IncomeMonth || k == WorkCosts || k == Allowance || k == MemberCount
}

// key is what facts must share of which the one that began last counts. A person
// may have several reasons for an uplift.
func (f MeansFact) key() string {
	whose := "p" + strconv.FormatInt(f.Person, 10)
	if f.Household != 0 {
		whose = "h" + strconv.FormatInt(f.Household, 10)
	}
	parts := []string{whose, string(f.Kind), f.Program, f.Component}
	if f.Kind == UpliftFor {
		parts = append(parts, f.Value)
	}
	return strings.Join(parts, "/")
}

// Means is the facts in force in one month.
type Means struct {
	ofPerson, ofHousehold map[int64][]MeansFact
}

// MeansIn is the facts of people and households in force on the first day of a
// month: of each the one that began last, corrections counted; none where that one
// has ended. A person's facts are found under every record merged into his.
func MeansIn(ctx context.Context, q db.Querier, persons, households []int64, month terms.Month) (Means, error) {
	m := Means{ofPerson: map[int64][]MeansFact{}, ofHousehold: map[int64][]MeansFact{}}
	also, err := aliasesOf(ctx, q, persons)
	if err != nil {
		return m, err
	}
	own, err := meansFacts(ctx, q, `WHERE f.household IS NULL AND f.person = ANY($1)`, also.All())
	if err != nil {
		return m, err
	}
	for _, f := range inForce(own, month.First()) {
		for _, p := range also.Records[f.Person] {
			m.ofPerson[int64(p)] = append(m.ofPerson[int64(p)], f)
		}
	}
	shared, err := meansFacts(ctx, q, `WHERE f.household IS NOT NULL AND f.household = ANY($1)`, households)
	for _, f := range inForce(shared, month.First()) {
		m.ofHousehold[f.Household] = append(m.ofHousehold[f.Household], f)
	}
	return m, err
}

// inForce takes facts by first day and number, and keeps those that hold on a day.
func inForce(all []MeansFact, day time.Time) []MeansFact {
	var kept []MeansFact
	place := map[string]int{}
	for _, f := range all {
		if f.From.After(day) {
			continue
		}
		if i, met := place[f.key()]; met {
			kept[i] = f
			continue
		}
		place[f.key()] = len(kept)
		kept = append(kept, f)
	}
	return slices.DeleteFunc(kept, func(f MeansFact) bool { return !f.To.IsZero() && f.To.Before(day) })
}

// Amount is a household's sum a month; false where none is on record.
func (m Means) Amount(household int64, kind MeansKind) (money.Fen, bool, error) {
	f, ok := find(m.ofHousehold[household], kind)
	if !ok {
		return 0, false, nil
	}
	amount, err := money.Parse(f.Value)
	if err != nil {
		return 0, false, fmt.Errorf("household fact %d: %w", f.ID, err)
	}
	return amount, true, nil
}

// Members is how many share the household's income; false where nobody said.
func (m Means) Members(household int64) (int64, bool, error) {
	f, ok := find(m.ofHousehold[household], MemberCount)
	if !ok {
		return 0, false, nil
	}
	n, err := strconv.ParseInt(f.Value, 10, 64)
	if err != nil {
		return 0, false, fmt.Errorf("household fact %d: %w", f.ID, err)
	}
	return n, true, nil
}

// Uplifts are the reasons for which a person gets more.
func (m Means) Uplifts(person int64) []UpliftReason {
	var out []UpliftReason
	for _, f := range m.ofPerson[person] {
		if f.Kind == UpliftFor {
			out = append(out, UpliftReason(f.Value))
		}
	}
	return out
}

// Classes are the classes that a person may be paid under by a component, the
// first that has a standard counts: his own class, his household's, his degree of
// care, his degree of disability.
func (m Means) Classes(person, household int64, program, component string) []string {
	var out []string
	for _, facts := range [][]MeansFact{m.ofPerson[person], m.ofHousehold[household]} {
		for _, f := range facts {
			if f.Kind == PaidClass && f.Program == program && f.Component == component {
				out = append(out, f.Value)
			}
		}
	}
	for _, kind := range []MeansKind{Care, Disability} {
		if f, ok := find(m.ofPerson[person], kind); ok {
			out = append(out, f.Value)
		}
	}
	return out
}

func find(facts []MeansFact, kind MeansKind) (MeansFact, bool) {
	i := slices.IndexFunc(facts, func(f MeansFact) bool { return f.Kind == kind })
	if i < 0 {
		return MeansFact{}, false
	}
	return facts[i], true
}

const meansColumns = `f.id, f.person, coalesce(f.household, 0), f.kind, f.program, f.component, f.value, f.from_on, f.to_on, f.document, f.import_file`

func scanMeans(row pgx.CollectableRow, more ...any) (MeansFact, error) {
	var f MeansFact
	var to *time.Time
	err := row.Scan(append([]any{&f.ID, &f.Person, &f.Household, &f.Kind, &f.Program, &f.Component, &f.Value, &f.From, &to, &f.Document, &f.ImportFile}, more...)...)
	if to != nil {
		f.To = *to
	}
	return f, err
}

func meansFacts(ctx context.Context, q db.Querier, where string, args ...any) ([]MeansFact, error) {
	rows, err := q.Query(ctx, `SELECT `+meansColumns+` FROM household_fact f `+where+` ORDER BY f.from_on, f.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read household facts: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (MeansFact, error) { return scanMeans(row) })
	if err != nil {
		return nil, fmt.Errorf("read household facts: %w", err)
	}
	return found, nil
}
