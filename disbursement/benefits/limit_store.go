package benefits

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/money"
)

const limitColumns = `p.id, p.program, p.component, p.class, p.area_code, p.valid_from, p.operator, p.rate, p.greatest, p.base, p.round, p.binding,
	p.document, p.clause, p.quote, p.import_file`

// limitRecord is a row of policy_limit.
type limitRecord struct {
	ID                              LimitID
	Program, Component, Class, Area string
	ValidFrom                       time.Time
	Operator                        Relation
	Rate, Greatest, Base, Round     string
	Binding                         bool
	Document, Clause, Quote         string
	ImportFile                      int64
}

func (r limitRecord) limit() (Limit, error) {
	l := Limit{ID: r.ID, Program: r.Program, Component: r.Component, Class: r.Class, Area: r.Area, ValidFrom: r.ValidFrom, Operator: r.Operator,
		Binding: r.Binding, Document: r.Document, Clause: r.Clause, Quote: r.Quote, ImportFile: r.ImportFile}
	err := storedRate(r.Rate, &l.Rate)
	if err == nil {
		err = storedRate(r.Greatest, &l.Greatest)
	}
	if err == nil {
		l.Round, err = money.ParseRound(r.Round)
	}
	if err == nil {
		l.Base, err = storedTerms(r.Base)
	}
	if err != nil {
		return l, fmt.Errorf("limit %d: %w", r.ID, err)
	}
	return l, nil
}

func loadLimits(ctx context.Context, q db.Querier) ([]Limit, error) {
	rows, err := q.Query(ctx, `SELECT `+limitColumns+` FROM policy_limit p ORDER BY p.program, p.component, p.class, p.area_code, p.valid_from, p.id`)
	if err != nil {
		return nil, fmt.Errorf("limits of standards: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[limitRecord])
	if err != nil {
		return nil, fmt.Errorf("limits of standards: %w", err)
	}
	out := make([]Limit, len(found))
	for i, r := range found {
		if out[i], err = r.limit(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func insertLimit(ctx context.Context, tx pgx.Tx, l Limit, at time.Time) error {
	id, err := db.NextID(ctx, tx, "policy_limit_id_seq")
	if err != nil {
		return err
	}
	l.ID = LimitID(id)
	_, err = tx.Exec(ctx, `INSERT INTO policy_limit (id, program, component, class, area_code, valid_from, operator, rate, greatest, base, round, binding,
		document, clause, quote, import_file, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		id, l.Program, l.Component, l.Class, l.Area, l.ValidFrom, l.Operator, l.Rate.String(), l.Greatest.String(), termsText(l.Base), l.Round.String(),
		l.Binding, l.Document, l.Clause, l.Quote, l.ImportFile, at)
	if err != nil {
		return fmt.Errorf("record limit of %s/%s: %w", l.Program, l.Component, err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(LimitLeaf(l), id))
}

// verifyLimits makes the leaf of every limit again.
func verifyLimits(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+limitColumns+`, l.digest FROM policy_limit p
		LEFT JOIN logged l ON l.kind = 'policy_limit' AND l.ref = p.id ORDER BY p.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of limits: %w", err)
	}
	return proof.Recheck(rows, "policy_limit_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var r limitRecord
		var logged []byte
		err := row.Scan(&r.ID, &r.Program, &r.Component, &r.Class, &r.Area, &r.ValidFrom, &r.Operator, &r.Rate, &r.Greatest, &r.Base, &r.Round,
			&r.Binding, &r.Document, &r.Clause, &r.Quote, &r.ImportFile, &logged)
		if err != nil {
			return proof.Row{}, err
		}
		l, err := r.limit()
		return proof.Row{Name: fmt.Sprintf("policy_limit %d", l.ID), Leaf: LimitLeaf(l), Logged: logged}, err
	})
}
