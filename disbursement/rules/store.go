package rules

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

const figureColumns = `f.id, f.name, f.area_code, f.valid_from, f.value, f.operator, f.document, f.clause, f.quote, f.import_file`

func scanFigure(row pgx.CollectableRow) (Figure, error) {
	var f Figure
	err := row.Scan(&f.ID, &f.Name, &f.Area, &f.ValidFrom, &f.Value, &f.Operator, &f.Document, &f.Clause, &f.Quote, &f.ImportFile)
	return f, err
}

func figures(ctx context.Context, q db.Querier, where string, args ...any) ([]Figure, error) {
	rows, err := q.Query(ctx, `SELECT `+figureColumns+` FROM rule_figure f `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read figures of rules: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanFigure)
	if err != nil {
		return nil, fmt.Errorf("read figures of rules: %w", err)
	}
	return found, nil
}

// Find is the figure in force at a place (12 digits) on a date: of the smallest
// area that has one, the newest, unless an area above bounds it more tightly
// (不低于, 不超过). Errors: NotFound RULE_NONE, which says what to
// import.
func Find(ctx context.Context, q db.Querier, name Name, area string, on time.Time) (Figure, error) {
	areas := Areas(area)
	found, err := figures(ctx, q, `WHERE f.name = $1 AND f.area_code = ANY($2) AND f.valid_from <= $3 ORDER BY f.valid_from`, name, areas, on)
	if err != nil {
		return Figure{}, err
	}
	return Pick(found, name, area, on)
}

// Pick is Find among rows that were read before (List, Load). Errors: as Find.
func Pick(rows Set, name Name, area string, on time.Time) (Figure, error) {
	if f, ok := rows.At(name, area, on); ok {
		return f, nil
	}
	return Figure{}, errs.New(errs.NotFound, "RULE_NONE", "rule", string(name), "area", area, "date", on.Format(time.DateOnly))
}

// Set is the rows of some figures, to ask many times of many places.
type Set []Figure

// Load reads the rows of figures; they are few.
func Load(ctx context.Context, q db.Querier, list ...Name) (Set, error) {
	return figures(ctx, q, `WHERE f.name = ANY($1) ORDER BY f.name, f.area_code, f.valid_from`, list)
}

// At is the figure in force at a place on a date, as Find; false where there is
// none.
func (s Set) At(name Name, area string, on time.Time) (Figure, bool) {
	var found Figure
	for _, a := range Areas(area) { // the smallest first
		f, ok := s.newest(name, a, on)
		if ok && (found.Name == "" || found.tighter(f)) {
			found = f
		}
	}
	return found, found.Name != ""
}

// newest is the newest row of just that area; of a set the newest is last.
func (s Set) newest(name Name, area string, on time.Time) (Figure, bool) {
	for _, f := range slices.Backward(s) {
		if f.Name == name && f.Area == area && !f.ValidFrom.After(on) {
			return f, true
		}
	}
	return Figure{}, false
}

// List is all rows by name, area and date; with a name, its rows.
func List(ctx context.Context, q db.Querier, name Name) ([]Figure, error) {
	return figures(ctx, q, `WHERE $1 = '' OR f.name = $1 ORDER BY f.name, f.area_code, f.valid_from`, name)
}

func insertFigure(ctx context.Context, tx pgx.Tx, f Figure, at time.Time) error {
	id, err := db.NextID(ctx, tx, "rule_figure_id_seq")
	if err != nil {
		return err
	}
	f.ID = FigureID(id)
	_, err = tx.Exec(ctx, `INSERT INTO rule_figure (id, name, area_code, valid_from, value, operator, document, clause, quote, import_file, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		f.ID, f.Name, f.Area, f.ValidFrom, f.Value, f.Operator, f.Document, f.Clause, f.Quote, f.ImportFile, at)
	if err != nil {
		return fmt.Errorf("record figure %s: %w", f.Name, err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(Leaf(f), id))
}

var checks = []check.Query{
	proof.Orphans("rule_leaf", proof.KindRule, "rule_figure"),
}

// Checks makes the leaf of every row again.
func Checks() []check.Job {
	return check.Jobs(checks, check.Job{Name: "rule_leaf", Run: verifyLeaves})
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}

func verifyLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+figureColumns+`, l.digest FROM rule_figure f
		LEFT JOIN logged l ON l.kind = 'rule' AND l.ref = f.id ORDER BY f.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of figures: %w", err)
	}
	return proof.Recheck(rows, "rule_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var f Figure
		var logged []byte
		err := row.Scan(&f.ID, &f.Name, &f.Area, &f.ValidFrom, &f.Value, &f.Operator, &f.Document, &f.Clause, &f.Quote, &f.ImportFile, &logged)
		return proof.Row{Name: fmt.Sprintf("rule_figure %d", f.ID), Leaf: Leaf(f), Logged: logged}, err
	})
}

// ByID is a row. Errors: RULE_UNKNOWN (NotFound).
func ByID(ctx context.Context, q db.Querier, id FigureID) (Figure, error) {
	found, err := figures(ctx, q, `WHERE f.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "RULE_UNKNOWN", "id", int64(id))
	}
	if err != nil {
		return Figure{}, err
	}
	return found[0], nil
}
