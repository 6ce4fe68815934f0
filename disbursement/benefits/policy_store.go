package benefits

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/money"
)

type policyRecord struct {
	ID         PolicyID  `db:"id"`
	Program    string    `db:"program"`
	Component  string    `db:"component"`
	Class      string    `db:"class"`
	ValidFrom  time.Time `db:"valid_from"`
	Period     string    `db:"period"`
	AmountFen  int64     `db:"amount_fen"`
	Rounding   string    `db:"rounding"`
	Operator   string    `db:"operator"`
	Document   string    `db:"document"`
	Clause     string    `db:"clause"`
	Quote      string    `db:"quote"`
	ImportFile int64     `db:"import_file"`
	Area       string    `db:"area_code"`
}

func (r policyRecord) policy() Policy {
	return Policy{
		ID: r.ID, Program: r.Program, Component: r.Component, Class: r.Class, ValidFrom: r.ValidFrom,
		Period: Period(r.Period), Amount: money.Fen(r.AmountFen), Rounding: calc.Method(r.Rounding), Operator: Operator(r.Operator),
		Document: r.Document, Clause: r.Clause, Quote: r.Quote, ImportFile: r.ImportFile, Area: areaOf(r.Area),
	}
}

const selectPolicy = `
	SELECT p.id, p.program, p.component, p.class, p.valid_from, p.period, p.amount_fen, p.rounding, p.operator, p.document, p.clause, p.quote, p.import_file, p.area_code
	FROM policy p`

// loadPolicies reads policies that meet a condition, with their layers, by
// program, component, class and date. Standards are hundreds of rows in all.
func loadPolicies(ctx context.Context, q db.Querier, where string, args ...any) ([]Policy, error) {
	rows, err := q.Query(ctx, selectPolicy+where+` ORDER BY p.program, p.component, p.class, p.area_code, p.valid_from`, args...)
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[policyRecord])
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	out := make([]Policy, len(found))
	ids := make([]PolicyID, len(found))
	for i, r := range found {
		out[i], ids[i] = r.policy(), r.ID
	}
	layers, err := loadLayers(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	formulas, err := loadFormulas(ctx, q, ids)
	for i := range out {
		out[i].Layers, out[i].Formula = layers[out[i].ID], formulas[out[i].ID]
	}
	return out, err
}

// areaOf is a stored area as a policy has it.
func areaOf(stored string) string {
	if stored == rules.Nation {
		return ""
	}
	return stored
}

func loadLayers(ctx context.Context, q db.Querier, policies []PolicyID) (map[PolicyID][]Layer, error) {
	rows, err := q.Query(ctx, `SELECT policy, level, amount_fen FROM policy_layer WHERE policy = ANY($1)`, policies)
	if err != nil {
		return nil, fmt.Errorf("policy layers: %w", err)
	}
	out := map[PolicyID][]Layer{}
	var policy PolicyID
	var level string
	var amount int64
	_, err = pgx.ForEachRow(rows, []any{&policy, &level, &amount}, func() error {
		out[policy] = append(out[policy], Layer{terms.Level(level), money.Fen(amount)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("policy layers: %w", err)
	}
	for _, layers := range out {
		slices.SortFunc(layers, func(a, b Layer) int { return cmp.Compare(rank(a.Level), rank(b.Level)) })
	}
	return out, nil
}

// PoliciesAt is every policy that applies in a service month: of each class the
// newest that is in force on its first day.
func (s *Service) PoliciesAt(ctx context.Context, q db.Querier, month terms.Month) (Index, error) {
	found, err := loadPolicies(ctx, q, ` WHERE p.valid_from <= $1`, month.First())
	return newest(found, month), err
}

// PolicyAt is the policy that applies to a class of a component at a place (12
// digits; "": Index.Get) in a service month. Errors: POLICY_NOT_FOUND.
func (s *Service) PolicyAt(ctx context.Context, q db.Querier, program, component, class, area string, month terms.Month) (Policy, error) {
	found, err := loadPolicies(ctx, q, `
		WHERE p.program = $1 AND p.component = $2 AND p.class = $3 AND p.valid_from <= $4`, program, component, class, month.First())
	if err != nil {
		return Policy{}, err
	}
	index := newest(found, month)
	p, ok := index.GetIn(program, component, class, area)
	if area == "" {
		p, ok = index.Get(program, component, class)
	}
	if !ok {
		return Policy{}, notFound(program, component, class, month)
	}
	return p, nil
}

// ClassMonths is what applies to the class of a policy in each of some months, at
// whatever place.
func (s *Service) ClassMonths(ctx context.Context, q db.Querier, p Policy, months []terms.Month) (map[terms.Month]Index, error) {
	found, err := loadPolicies(ctx, q, ` WHERE p.program = $1 AND p.component = $2 AND p.class = $3`, p.Program, p.Component, p.Class)
	out := make(map[terms.Month]Index, len(months))
	for _, m := range months {
		out[m] = newest(found, m)
	}
	return out, err
}

func notFound(program, component, class string, month terms.Month) error {
	return errs.New(errs.NotFound, "POLICY_NOT_FOUND", "program", program, "component", component, "class", class, "month", month)
}

// Policies is policy rows by id. Errors: POLICY_UNKNOWN for one that is none.
func (s *Service) Policies(ctx context.Context, q db.Querier, ids []PolicyID) (map[PolicyID]Policy, error) {
	found, err := loadPolicies(ctx, q, ` WHERE p.id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[PolicyID]Policy, len(found))
	for _, p := range found {
		out[p.ID] = p
	}
	for _, id := range ids {
		if _, ok := out[id]; !ok {
			return nil, errs.New(errs.NotFound, "POLICY_UNKNOWN", "id", id)
		}
	}
	return out, nil
}

func insertPolicies(ctx context.Context, tx pgx.Tx, policies []Policy, importFile int64, at time.Time) ([]PolicyID, error) {
	ids := make([]PolicyID, len(policies))
	type layerOf struct {
		policy PolicyID
		Layer
	}
	var layers []layerOf
	for i, p := range policies {
		id, err := db.NextID(ctx, tx, "policy_id_seq")
		if err != nil {
			return nil, err
		}
		ids[i] = PolicyID(id)
		for _, l := range p.Layers {
			layers = append(layers, layerOf{ids[i], l})
		}
	}
	columns := []string{
		"id", "program", "component", "class", "valid_from", "period", "amount_fen", "rounding", "operator",
		"document", "clause", "quote", "import_file", "recorded_at", "area_code",
	}
	_, err := db.CopyIn(ctx, tx, "policy", columns, len(policies), func(i int) ([]any, error) {
		p := policies[i]
		return []any{
			int64(ids[i]), p.Program, p.Component, p.Class, p.ValidFrom, string(p.Period), int64(p.Amount), string(p.Rounding), string(p.Operator),
			p.Document, p.Clause, p.Quote, importFile, at, p.area(),
		}, nil
	})
	if err != nil {
		return nil, err
	}
	_, err = db.CopyIn(ctx, tx, "policy_layer", []string{"policy", "level", "amount_fen"}, len(layers), func(i int) ([]any, error) {
		return []any{int64(layers[i].policy), string(layers[i].Level), int64(layers[i].Amount)}, nil
	})
	if err != nil {
		return nil, err
	}
	if err := insertFormulas(ctx, tx, policies, ids); err != nil {
		return nil, err
	}
	return ids, logPolicies(ctx, tx, policies, ids, importFile)
}

// logPolicies gives every new row its leaf in the log.
func logPolicies(ctx context.Context, tx pgx.Tx, policies []Policy, ids []PolicyID, importFile int64) error {
	for i, p := range policies {
		p.ID, p.ImportFile = ids[i], importFile
		if err := proof.Append(ctx, tx, proof.ItemOf(PolicyLeaf(p), int64(p.ID))); err != nil {
			return err
		}
	}
	return nil
}

// checks re-derive what the rows of this room promise.
var checks = []check.Query{
	{Promise: 4, Check: "policy_layers", SQL: `
		SELECT 'policy ' || p.id::text, 'amount ' || p.amount_fen::text || ' fen, layers ' || (sum(l.amount_fen)::bigint)::text
		FROM policy p JOIN policy_layer l ON l.policy = p.id
		GROUP BY p.id, p.amount_fen HAVING sum(l.amount_fen) <> p.amount_fen ORDER BY p.id`},
	{Promise: 4, Check: "policy_catalogue", SQL: `
		SELECT 'policy ' || p.id::text, p.program || '/' || p.component
		FROM policy p LEFT JOIN component c ON c.program = p.program AND c.code = p.component
		WHERE c.code IS NULL ORDER BY p.id`},
	proof.Orphans("policy_leaf", proof.KindPolicy, "policy"),
	proof.Orphans("policy_limit_leaf", proof.KindPolicyLimit, "policy_limit"),
}

// Checks re-derives what this domain promises from its rows, and every row's
// leaf. No finding means all of it holds.
func (s *Service) Checks() []check.Job {
	return check.Jobs(checks, check.Job{Name: "policy_leaf", Run: verifyLeaves}, check.Job{Name: "policy_limit_leaf", Run: verifyLimits})
}

// Verify runs all Checks, one after the other.
func (s *Service) Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, s.Checks())
}

// verifyLeaves makes the leaf of every policy again; there are hundreds.
func verifyLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	policies, err := loadPolicies(ctx, q, ``)
	if err != nil {
		return nil, err
	}
	byID := make(map[PolicyID]Policy, len(policies))
	for _, p := range policies {
		byID[p.ID] = p
	}
	rows, err := q.Query(ctx, `SELECT p.id, l.digest FROM policy p LEFT JOIN logged l ON l.kind = 'policy' AND l.ref = p.id ORDER BY p.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of policies: %w", err)
	}
	return proof.Recheck(rows, "policy_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var id PolicyID
		var logged []byte
		err := row.Scan(&id, &logged)
		return proof.Row{Name: fmt.Sprintf("policy %d", id), Leaf: PolicyLeaf(byID[id]), Logged: logged}, err
	})
}
