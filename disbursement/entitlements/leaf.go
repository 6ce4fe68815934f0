package entitlements

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// EventLeaf is the leaf of what was decided about an entitlement: it says who may be
// paid (promise 10).
func EventLeaf(e Event) *leaf.Leaf {
	grace := int64(0)
	if e.Grace {
		grace = 1
	}
	return leaf.New(string(proof.KindEntitlement), 1).Int("id", e.ID).Int("person", e.Person).Int("household", e.Household).Text("program", e.Program).
		Text("event", string(e.Kind)).Date("on_date", e.On).Text("review_class", string(e.Class)).Date("valid_until", e.ValidUntil).
		Date("next_review", e.NextReview).Int("grace", grace).Text("document", e.Document).Int("import", e.ImportFile)
}

// FactLeaf is the leaf of what another office knows about somebody: it may keep him
// from being paid. The number he has there is in it as its blind index.
func FactLeaf(f Fact) *leaf.Leaf {
	return leaf.New(string(proof.KindOutsideFact), 1).Int("id", f.ID).Hex("id_blind", f.Blind).Int("person", f.Person).Text("kind", string(f.Kind)).
		Date("from_on", f.From).Date("to_on", f.To).Text("source", f.Source).Int("import", f.ImportFile)
}

// MeansLeaf is the leaf of a fact that amounts are computed from.
func MeansLeaf(f MeansFact) *leaf.Leaf {
	return leaf.New(string(proof.KindHouseholdFact), 1).Int("id", f.ID).Int("person", f.Person).Int("household", f.Household).Text("kind", string(f.Kind)).
		Text("program", f.Program).Text("component", f.Component).Text("value", f.Value).Date("from_on", f.From).Date("to_on", f.To).
		Text("document", f.Document).Int("import", f.ImportFile)
}

// verifyEvents makes the leaves of events again; rows of before they were kept have
// none.
func verifyEvents(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return remade(ctx, q, "entitlement_leaf", `SELECT `+eventColumns+`, l.digest FROM entitlement_event e
		LEFT JOIN logged l ON l.kind = 'entitlement' AND l.ref = e.id WHERE e.in_log OR l.ref IS NOT NULL ORDER BY e.id`,
		func(row pgx.CollectableRow) (proof.Row, error) {
			var logged []byte
			e, err := scanEvent(row, &logged)
			return proof.Row{Name: fmt.Sprintf("entitlement_event %d", e.ID), Leaf: EventLeaf(e), Logged: logged}, err
		})
}

// verifyFacts makes the leaves of facts again; rows of before they were kept have
// none.
func verifyFacts(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return remade(ctx, q, "outside_fact_leaf", `SELECT `+factColumns+`, l.digest FROM outside_fact f
		LEFT JOIN logged l ON l.kind = 'outside_fact' AND l.ref = f.id WHERE f.in_log OR l.ref IS NOT NULL ORDER BY f.id`,
		func(row pgx.CollectableRow) (proof.Row, error) {
			var logged []byte
			f, err := scanFact(row, &logged)
			return proof.Row{Name: fmt.Sprintf("outside_fact %d", f.ID), Leaf: FactLeaf(f), Logged: logged}, err
		})
}

// verifyMeans makes the leaves of household facts again; rows of before they were kept
// have none.
func verifyMeans(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return remade(ctx, q, "household_fact_leaf", `SELECT `+meansColumns+`, l.digest FROM household_fact f
		LEFT JOIN logged l ON l.kind = 'household_fact' AND l.ref = f.id WHERE f.in_log OR l.ref IS NOT NULL ORDER BY f.id`,
		func(row pgx.CollectableRow) (proof.Row, error) {
			var logged []byte
			f, err := scanMeans(row, &logged)
			return proof.Row{Name: fmt.Sprintf("household_fact %d", f.ID), Leaf: MeansLeaf(f), Logged: logged}, err
		})
}

func remade(ctx context.Context, q db.Querier, code, sql string, scan func(pgx.CollectableRow) (proof.Row, error)) ([]check.Finding, error) {
	rows, err := q.Query(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", code, err)
	}
	return proof.Recheck(rows, code, scan)
}
