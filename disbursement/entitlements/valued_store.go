package entitlements

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

const valuedColumns = `v.id, v.number, v.form, v.scheme, v.source, coalesce(v.person, 0), coalesce(v.unit, 0), v.given_on, v.what, v.quantity, v.value_fen,
	v.document, v.import_file`

func (v *Valued) targets() []any {
	return []any{&v.ID, &v.Number, &v.Form, &v.Scheme, &v.Source, &v.Person, &v.Unit, &v.GivenOn, &v.What, &v.Quantity, &v.Value, &v.Document, &v.ImportFile}
}

func valuedBy(ctx context.Context, q db.Querier, where string, args ...any) ([]Valued, error) {
	rows, err := q.Query(ctx, `SELECT `+valuedColumns+` FROM valued_aid v `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read valued aid: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Valued, error) {
		var v Valued
		err := row.Scan(v.targets()...)
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("read valued aid: %w", err)
	}
	return found, nil
}

// ValuedIn is the aid by its value of some days, both in them, with who received it.
func (s *Service) ValuedIn(ctx context.Context, q db.Querier, from, to time.Time) ([]Valued, error) {
	found, err := valuedBy(ctx, q, `WHERE v.given_on BETWEEN $1 AND $2 ORDER BY v.given_on, v.id`, from, to)
	if err != nil {
		return nil, err
	}
	var persons []parties.PersonID
	var homes []parties.UnitID
	for _, v := range found {
		persons, homes = append(persons, parties.PersonID(v.Person)), append(homes, parties.UnitID(v.Unit))
	}
	people, err := s.parties.People(ctx, q, persons)
	if err != nil {
		return nil, err
	}
	units, err := s.parties.UnitsByID(ctx, q, homes)
	for i, v := range found {
		if p, ok := people[parties.PersonID(v.Person)]; ok {
			found[i].Name, found[i].Masked = p.Name, p.Masked
		}
		if u, ok := units[parties.UnitID(v.Unit)]; ok {
			found[i].Name, found[i].Masked = u.Name, u.CreditCode
		}
	}
	return found, err
}

// ValuedByID is a record. Errors: ENTITLE_UNKNOWN (NotFound).
func ValuedByID(ctx context.Context, q db.Querier, id int64) (Valued, error) {
	found, err := valuedBy(ctx, q, `WHERE v.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "ENTITLE_UNKNOWN", "id", id)
	}
	if err != nil {
		return Valued{}, err
	}
	return found[0], nil
}

func (s *Service) insertValued(ctx context.Context, tx pgx.Tx, fresh []Valued, file int64) error {
	at := s.clock.Now()
	for _, v := range fresh {
		id, err := db.NextID(ctx, tx, "valued_aid_id_seq")
		if err != nil {
			return err
		}
		v.ID, v.ImportFile = id, file
		_, err = tx.Exec(ctx, `INSERT INTO valued_aid (id, number, form, scheme, source, person, unit, given_on, what, quantity, value_fen, document, import_file, recorded_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`, v.ID, v.Number, string(v.Form), v.Scheme, string(v.Source), orNull(v.Person),
			orNull(v.Unit), v.GivenOn, v.What, v.Quantity, v.Value, v.Document, file, at)
		if err != nil {
			return fmt.Errorf("record valued aid: %w", err)
		}
		if err := proof.Append(ctx, tx, proof.ItemOf(ValuedLeaf(v), id)); err != nil {
			return err
		}
	}
	return nil
}

func verifyValued(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+valuedColumns+`, l.digest FROM valued_aid v
		LEFT JOIN logged l ON l.kind = 'valued_aid' AND l.ref = v.id ORDER BY v.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of valued aid: %w", err)
	}
	return proof.Recheck(rows, "valued_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var v Valued
		var logged []byte
		err := row.Scan(append(v.targets(), &logged)...)
		return proof.Row{Name: fmt.Sprintf("valued_aid %d", v.ID), Leaf: ValuedLeaf(v), Logged: logged}, err
	})
}
