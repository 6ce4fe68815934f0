package parties

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// querier is what a lookup joins.
type querier = db.Querier

func loadRelations(ctx context.Context, q db.Querier, where string, args ...any) ([]Relation, error) {
	rows, err := q.Query(ctx, `SELECT r.id, r.person, r.payee, r.kind, r.valid_from, r.valid_to, r.document, r.act, r.no, e.ended_on
		FROM payee_relation r LEFT JOIN payee_relation_end e ON e.relation = r.id WHERE `+where+` ORDER BY r.person, r.valid_from, r.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read relations: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Relation, error) {
		var r Relation
		var to, ended *time.Time
		err := row.Scan(&r.ID, &r.Person, &r.Payee, &r.Kind, &r.From, &to, &r.Document, &r.act, &r.no, &ended)
		if to != nil {
			r.To = *to
		}
		if ended != nil {
			r.EndedOn = *ended
		}
		return r, err
	})
}

// relationsOf is the relations of people, those of records merged into them
// included.
func relationsOf(ctx context.Context, q db.Querier, persons []PersonID) (map[PersonID][]Relation, error) {
	type known struct {
		ID  PersonID `db:"id"`
		Now PersonID `db:"now"`
	}
	merged, err := query[known](ctx, q, "merged records", `SELECT id, merged_into AS now FROM person WHERE merged_into = ANY($1)`, persons)
	if err != nil {
		return nil, err
	}
	now := map[PersonID]PersonID{}
	ids := append([]PersonID(nil), persons...)
	for _, m := range merged {
		now[m.ID] = m.Now
		ids = append(ids, m.ID)
	}
	list, err := loadRelations(ctx, q, `r.person = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	if err := payeesNow(ctx, q, list); err != nil {
		return nil, err
	}
	out := map[PersonID][]Relation{}
	for _, r := range list {
		of := r.Person
		if to, is := now[of]; is {
			of = to
		}
		out[of] = append(out[of], r)
	}
	return out, nil
}

// payeesNow puts the record that counts in the place of payees whose record was
// merged away.
func payeesNow(ctx context.Context, q db.Querier, list []Relation) error {
	type merged struct {
		ID  int64 `db:"id"`
		Now int64 `db:"now"`
	}
	payees := make([]int64, len(list))
	for i, r := range list {
		payees[i] = r.Payee
	}
	found, err := query[merged](ctx, q, "merged payees", `SELECT id, merged_into AS now FROM person WHERE id = ANY($1) AND merged_into IS NOT NULL`, payees)
	now := map[int64]int64{}
	for _, m := range found {
		now[m.ID] = m.Now
	}
	for i := range list {
		if to, is := now[list[i].Payee]; is {
			list[i].Payee = to
		}
	}
	return err
}

// writeRelations stores relations under an act; record stores the act.
func (s *Service) writeRelations(ctx context.Context, tx pgx.Tx, a Act, list []Relation, record func(Act, items) error) error {
	var err error
	if a.ID, err = nextAct(ctx, tx); err != nil {
		return err
	}
	ids, err := db.NextIDs(ctx, tx, "payee_relation_id_seq", len(list))
	if err != nil {
		return err
	}
	var parts items
	for i := range list {
		list[i].ID, list[i].act, list[i].no = ids[i], a.ID, i+1
		parts = append(parts, list[i].part())
	}
	_, err = db.CopyIn(ctx, tx, "payee_relation", []string{"id", "person", "payee", "kind", "valid_from", "valid_to", "document", "act", "no"}, len(list),
		func(i int) ([]any, error) {
			r := list[i]
			return []any{r.ID, int64(r.Person), r.Payee, string(r.Kind), r.From, dateOrNull(r.To), r.Document, int64(r.act), r.no}, nil
		})
	if err != nil {
		return err
	}
	return record(a, parts)
}

func insertEnds(ctx context.Context, tx pgx.Tx, relations []int64, a Act) error {
	_, err := tx.Exec(ctx, `INSERT INTO payee_relation_end (relation, ended_on, act) SELECT n.relation, $2::date, $3::bigint FROM unnest($1::bigint[]) AS n (relation)`,
		relations, a.Effective, int64(a.ID))
	if err != nil {
		return fmt.Errorf("end relations: %w", err)
	}
	return nil
}
