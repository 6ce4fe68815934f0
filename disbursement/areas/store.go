package areas

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/ledger/proof"
)

const changeColumns = `c.id, c.code, c.kind, c.name, c.successor, c.valid_from, c.document, c.import_file, c.recorded_by, c.recorded_at`

func scanChange(row pgx.CollectableRow) (Change, error) {
	var c Change
	err := row.Scan(&c.ID, &c.Code, &c.Kind, &c.Name, &c.Successor, &c.From, &c.Document, &c.ImportFile, &c.By, &c.At)
	return c, err
}

const officeColumns = `o.id, o.code, o.name, o.area_code, o.valid_from, o.closed, o.document, o.import_file`

func scanOffice(row pgx.CollectableRow) (Office, error) {
	var o Office
	err := row.Scan(&o.ID, &o.Code, &o.Name, &o.Area, &o.From, &o.Closed, &o.Document, &o.ImportFile)
	return o, err
}

func collect[T any](ctx context.Context, q db.Querier, what string, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	found, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return found, nil
}

// Changes are all changes by day and number; they are few.
func Changes(ctx context.Context, q db.Querier) ([]Change, error) {
	return collect(ctx, q, "changes of areas", scanChange, `SELECT `+changeColumns+` FROM area_change c ORDER BY c.valid_from, c.id`)
}

// MapOn says where merged areas went, as of a day.
func MapOn(ctx context.Context, q db.Querier, on time.Time) (Map, error) {
	changes, err := Changes(ctx, q)
	return mapOf(changes, on), err
}

// Offices are the offices as of a day by code, without those closed; they are few.
func Offices(ctx context.Context, q db.Querier, on time.Time) ([]Office, error) {
	all, err := officeRows(ctx, q)
	var open []Office
	for _, o := range all { // by code and day
		if o.From.After(on) {
			continue
		}
		if n := len(open); n > 0 && open[n-1].Code == o.Code {
			open = open[:n-1]
		}
		open = append(open, o)
	}
	return slices.DeleteFunc(open, func(o Office) bool { return o.Closed }), err
}

func officeRows(ctx context.Context, q db.Querier) ([]Office, error) {
	return collect(ctx, q, "offices", scanOffice, `SELECT `+officeColumns+` FROM office o ORDER BY o.code, o.valid_from`)
}

// MergeTx records that an area became part of another from a day on, in the
// caller's transaction. That it already did, under whatever document, changes
// nothing. Errors: Invalid AREA_LEVEL; Refused AREA_CIRCLE; Conflict AREA_MERGED
// (into another one).
func MergeTx(ctx context.Context, tx pgx.Tx, c Change) error {
	c.Kind = Merged
	changes, err := Changes(ctx, tx)
	if err != nil {
		return err
	}
	if code, args := mergerFault(changes, c); code != "" {
		kind := errs.Refused
		if code == "AREA_MERGED" {
			kind = errs.Conflict
		}
		return errs.New(kind, code, args...)
	}
	if mapOf(changes, farOff)[c.Code].Successor == c.Successor {
		return nil
	}
	return insertChange(ctx, tx, c)
}

// mergerFault is why an area cannot merge into another: "" where it can.
func mergerFault(changes []Change, c Change) (code string, args []any) {
	one, _ := ident.CheckArea(c.Code)
	other, _ := ident.CheckArea(c.Successor)
	m := mapOf(changes, farOff)
	switch into, merged := m[c.Code]; {
	case one.Level() != other.Level() || one.Level() == "":
		return "AREA_LEVEL", []any{"area", c.Code, "successor", c.Successor}
	case merged && into.Successor != c.Successor:
		return "AREA_MERGED", []any{"area", c.Code, "successor", into.Successor}
	case m.Of(c.Successor) == c.Code || c.Successor == c.Code:
		return "AREA_CIRCLE", []any{"area", c.Code, "successor", c.Successor}
	}
	return "", nil
}

// farOff is after every change.
var farOff = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

func insertChange(ctx context.Context, tx pgx.Tx, c Change) (err error) {
	if c.ID, err = db.NextID(ctx, tx, "area_change_id_seq"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO area_change (id, code, kind, name, successor, valid_from, document, import_file, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, c.ID, c.Code, c.Kind, c.Name, c.Successor, c.From, c.Document, c.ImportFile, c.By, c.At)
	if err != nil {
		return fmt.Errorf("record change of area %s: %w", c.Code, err)
	}
	if c.Name != "" {
		if err := nameArea(ctx, tx, c.Code, c.Name); err != nil {
			return err
		}
	}
	return proof.Append(ctx, tx, proof.ItemOf(ChangeLeaf(c), c.ID))
}

// nameArea gives an area its name, where names are looked up.
func nameArea(ctx context.Context, tx pgx.Tx, code, name string) error {
	_, err := Name(ctx, tx, map[string]string{code: name})
	return err
}

// Named says of how many areas the name is new, another than before, the same.
type Named struct{ New, Changed, Same int }

// Name names areas by code in the caller's transaction; a new name replaces the
// old one.
func Name(ctx context.Context, tx pgx.Tx, names map[string]string) (Named, error) {
	var codes, texts, levels []string
	for code, name := range names {
		area, _ := ident.CheckArea(code)
		codes, texts, levels = append(codes, code), append(texts, name), append(levels, levelName(area))
	}
	type row struct{ Code, Name string }
	known, err := collect(ctx, tx, "known areas", pgx.RowToStructByName[row], `SELECT code, name FROM area WHERE code = ANY($1) ORDER BY code FOR UPDATE`, codes)
	if err != nil {
		return Named{}, err
	}
	done := Named{New: len(codes) - len(known)}
	for _, k := range known {
		if k.Name == names[k.Code] {
			done.Same++
		} else {
			done.Changed++
		}
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO area (code, name, level)
		SELECT n.code, n.name, n.level FROM unnest($1::text[], $2::text[], $3::text[]) AS n (code, name, level)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name`, codes, texts, levels); err != nil {
		return done, fmt.Errorf("name areas: %w", err)
	}
	return done, nil
}

func levelName(a ident.Area) string {
	if a.Level() == ident.City {
		return "prefecture"
	}
	return string(a.Level())
}

func insertOffice(ctx context.Context, tx pgx.Tx, o Office, at time.Time) (err error) {
	if o.ID, err = db.NextID(ctx, tx, "office_id_seq"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO office (id, code, name, area_code, valid_from, closed, document, import_file, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, o.ID, o.Code, o.Name, o.Area, o.From, o.Closed, o.Document, o.ImportFile, at)
	if err != nil {
		return fmt.Errorf("record office %s: %w", o.Code, err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(OfficeLeaf(o), o.ID))
}

var checks = []check.Query{
	proof.Orphans("area_leaf", proof.KindArea, "area_change"),
	proof.Orphans("office_leaf", proof.KindOffice, "office"),
}

// Checks makes the leaf of every row again.
func Checks() []check.Job {
	return check.Jobs(checks, check.Job{Name: "area_leaf", Run: verifyChanges}, check.Job{Name: "office_leaf", Run: verifyOffices})
}

func verifyChanges(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+changeColumns+`, l.digest FROM area_change c
		LEFT JOIN logged l ON l.kind = 'area' AND l.ref = c.id ORDER BY c.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of areas: %w", err)
	}
	return proof.Recheck(rows, "area_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var c Change
		var logged []byte
		err := row.Scan(&c.ID, &c.Code, &c.Kind, &c.Name, &c.Successor, &c.From, &c.Document, &c.ImportFile, &c.By, &c.At, &logged)
		return proof.Row{Name: fmt.Sprintf("area_change %d", c.ID), Leaf: ChangeLeaf(c), Logged: logged}, err
	})
}

func verifyOffices(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+officeColumns+`, l.digest FROM office o
		LEFT JOIN logged l ON l.kind = 'office' AND l.ref = o.id ORDER BY o.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of offices: %w", err)
	}
	return proof.Recheck(rows, "office_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var o Office
		var logged []byte
		err := row.Scan(&o.ID, &o.Code, &o.Name, &o.Area, &o.From, &o.Closed, &o.Document, &o.ImportFile, &logged)
		return proof.Row{Name: fmt.Sprintf("office %d", o.ID), Leaf: OfficeLeaf(o), Logged: logged}, err
	})
}
