package entitlements

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

const exclusionColumns = `e.id, e.area_code, e.valid_from, e.program, e.component, e.class, e.other_program, e.other_component, e.other_class,
	e.fact, e.scope, e.effect, e.document, e.clause, e.quote, e.import_file`

func (e *Exclusion) targets() []any {
	return []any{&e.ID, &e.Area, &e.ValidFrom, &e.One.Program, &e.One.Component, &e.One.Class, &e.Other.Program, &e.Other.Component, &e.Other.Class,
		&e.Fact, &e.Scope, &e.Effect, &e.Document, &e.Clause, &e.Quote, &e.ImportFile}
}

func exclusions(ctx context.Context, q db.Querier, where string, args ...any) (Matrix, error) {
	rows, err := q.Query(ctx, `SELECT `+exclusionColumns+` FROM exclusion e `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read exclusions: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Exclusion, error) {
		var e Exclusion
		err := row.Scan(e.targets()...)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("read exclusions: %w", err)
	}
	return found, nil
}

// Exclusions is the whole matrix; it has hundreds of rows at most.
func Exclusions(ctx context.Context, q db.Querier) (Matrix, error) {
	return exclusions(ctx, q, `ORDER BY e.id`)
}

// ExclusionByID is a row. Errors: ENTITLE_UNKNOWN (NotFound).
func ExclusionByID(ctx context.Context, q db.Querier, id int64) (Exclusion, error) {
	found, err := exclusions(ctx, q, `WHERE e.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "ENTITLE_UNKNOWN", "id", id)
	}
	if err != nil {
		return Exclusion{}, err
	}
	return found[0], nil
}

func insertExclusions(ctx context.Context, tx pgx.Tx, fresh []Exclusion, file int64, at time.Time) error {
	for _, e := range fresh {
		id, err := db.NextID(ctx, tx, "exclusion_id_seq")
		if err != nil {
			return err
		}
		e.ID, e.ImportFile = id, file
		_, err = tx.Exec(ctx, `INSERT INTO exclusion (id, area_code, valid_from, program, component, class, other_program, other_component, other_class,
			fact, scope, effect, document, clause, quote, import_file, recorded_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
			e.ID, e.Area, e.ValidFrom, e.One.Program, e.One.Component, e.One.Class, e.Other.Program, e.Other.Component, e.Other.Class,
			string(e.Fact), string(e.Scope), string(e.Effect), e.Document, e.Clause, e.Quote, file, at)
		if err != nil {
			return fmt.Errorf("record exclusion: %w", err)
		}
		if err := proof.Append(ctx, tx, proof.ItemOf(Leaf(e), id)); err != nil {
			return err
		}
	}
	return nil
}

var checks = []check.Query{
	proof.Orphans("exclusion_leaf", proof.KindExclusion, "exclusion"),
	proof.Orphans("valued_leaf", proof.KindValued, "valued_aid"),
	proof.Orphans("entitlement_leaf", proof.KindEntitlement, "entitlement_event"),
	proof.Orphans("outside_fact_leaf", proof.KindOutsideFact, "outside_fact"),
	proof.Orphans("household_fact_leaf", proof.KindHouseholdFact, "household_fact"),
}

// Checks makes the leaves of the room's rows again.
func Checks() []check.Job {
	return check.Jobs(checks, check.Job{Name: "exclusion_leaf", Run: verifyLeaves}, check.Job{Name: "valued_leaf", Run: verifyValued},
		check.Job{Name: "entitlement_leaf", Run: verifyEvents}, check.Job{Name: "outside_fact_leaf", Run: verifyFacts},
		check.Job{Name: "household_fact_leaf", Run: verifyMeans})
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}

func verifyLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+exclusionColumns+`, l.digest FROM exclusion e
		LEFT JOIN logged l ON l.kind = 'exclusion' AND l.ref = e.id ORDER BY e.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of exclusions: %w", err)
	}
	return proof.Recheck(rows, "exclusion_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var e Exclusion
		var logged []byte
		err := row.Scan(append(e.targets(), &logged)...)
		return proof.Row{Name: fmt.Sprintf("exclusion %d", e.ID), Leaf: Leaf(e), Logged: logged}, err
	})
}
