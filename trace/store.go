package trace

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// collect reads rows with a function of their own.
func collect[T any](ctx context.Context, q db.Querier, what string, scan func(pgx.CollectableRow) (T, error), sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", what, err)
	}
	return out, nil
}

// numbers reads one column of numbers.
func numbers(ctx context.Context, q db.Querier, what, sql string, args ...any) ([]int64, error) {
	return collect(ctx, q, what, pgx.RowTo[int64], sql, args...)
}

// count reads one number.
func count(ctx context.Context, q db.Querier, what, sql string, args ...any) (int, error) {
	var n int
	if err := q.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("trace %s: %w", what, err)
	}
	return n, nil
}

// distinct is the values without repetition and without 0, sorted.
func distinct(values []int64) []int64 {
	out := slices.DeleteFunc(slices.Clone(values), func(v int64) bool { return v == 0 })
	slices.Sort(out)
	return slices.Compact(out)
}

// unitsByID reads units with their current names.
func unitsByID(ctx context.Context, q db.Querier, ids []int64) (map[int64]Party, error) {
	found, err := collect(ctx, q, "units", func(row pgx.CollectableRow) (Party, error) {
		p := Party{Kind: KindUnit}
		return p, row.Scan(&p.ID, &p.Number, &p.Name)
	}, `SELECT u.id, u.credit_code, v.name FROM unit u JOIN unit_version v ON v.unit = u.id AND v.version = u.version
		WHERE u.id = ANY($1)`, ids)
	out := make(map[int64]Party, len(found))
	for _, p := range found {
		out[p.ID] = p
	}
	return out, err
}

// parties names persons and units, which draw their ids from one sequence.
func (s *Service) parties(ctx context.Context, q db.Querier, ids []int64) (map[int64]Party, error) {
	ids = distinct(ids)
	if len(ids) == 0 {
		return map[int64]Party{}, nil
	}
	out, err := unitsByID(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	people, err := s.labels.People(ctx, q, ids)
	for id, l := range people {
		out[id] = Party{Kind: KindPerson, ID: id, Name: l.Name, Number: l.Masked}
	}
	return out, err
}

// causes says what journals' causes are called: "batch:12" is the batch's code.
func causes(ctx context.Context, q db.Querier, list []string) (map[string]string, error) {
	ids := map[string][]int64{}
	for _, c := range list {
		var id int64
		for _, kind := range []string{"batch", "document", "evidence"} {
			if n, err := fmt.Sscanf(c, kind+":%d", &id); err == nil && n == 1 {
				ids[kind] = append(ids[kind], id)
			}
		}
	}
	out := map[string]string{}
	for kind, sql := range map[string]string{
		"batch":    `SELECT id, code FROM batch WHERE id = ANY($1)`,
		"document": `SELECT id, number FROM document WHERE id = ANY($1)`,
		"evidence": `SELECT id, name FROM evidence_file WHERE id = ANY($1)`,
	} {
		if len(ids[kind]) == 0 {
			continue
		}
		var id int64
		var name string
		rows, err := q.Query(ctx, sql, distinct(ids[kind]))
		if err == nil {
			_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error { out[fmt.Sprintf("%s:%d", kind, id)] = name; return nil })
		}
		if err != nil {
			return nil, fmt.Errorf("trace causes: %w", err)
		}
	}
	return out, nil
}

const journalRefColumns = `j.id, j.kind, j.cause, j.actor, j.business_date::text, j.posted_at, j.amount_fen`

func scanJournalRef(row pgx.CollectableRow) (JournalRef, error) {
	var j JournalRef
	err := row.Scan(&j.ID, &j.Kind, &j.Cause, &j.Actor, &j.BusinessDate, &j.PostedAt, &j.Amount)
	return j, err
}

// about fills in what the journals' causes are called.
func about(ctx context.Context, q db.Querier, list []JournalRef) error {
	var all []string
	for _, j := range list {
		all = append(all, j.Cause)
	}
	names, err := causes(ctx, q, all)
	for i, j := range list {
		list[i].About = names[j.Cause]
	}
	return err
}
