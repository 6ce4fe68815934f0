package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
)

// entry is a row of a list that the checks compare with.
type entry[T any] interface {
	// key is what two rows share of which one is on record.
	key() string
	// same says whether the row on record says the same.
	same(T) bool
}

// list imports the files of one kind: rows R that are kept as entries T.
type list[R any, T entry[T]] struct {
	layout sheet.Layout
	column string // whose cell a problem of the whole row is shown at
	check  func(sheet.Row, *R, *imports.Issues)
	// entries reads what rows name (people, units, programs) and says what each is;
	// false for one with a problem, which it adds.
	entries func(context.Context, pgx.Tx, *imports.Sheet[R], *imports.Issues) (func(sheet.Record[R]) (T, bool), error)
	// known are the entries on record that share a key with one of these.
	known func(context.Context, pgx.Tx, []T) ([]T, error)

	table   string
	columns []string
	values  func(T) []any
}

// run imports a file, whole or not at all. Errors: SHEET_PROBLEMS with a Field for
// every problem, and what sheet.Open returns.
func (m list[R, T]) run(ctx context.Context, s *Service, path, actor string) (imports.Report, error) {
	check := func(row sheet.Row, r *R, is *imports.Issues) {
		is.Refuse(s.valid.Row(row, r)...)
		m.check(row, r, is)
	}
	write := func(ctx context.Context, tx pgx.Tx, fresh []T, file int64) error {
		return m.write(ctx, tx, s, fresh, file)
	}
	return imports.Importer[R, T]{Layout: m.layout, Check: check, Fresh: m.fresh, Write: write}.Run(ctx, s.db, s.clock, path, actor)
}

// fresh are the rows that are not on record. A row that stands in the file twice, or
// says otherwise than the record, is a problem.
func (m list[R, T]) fresh(ctx context.Context, tx pgx.Tx, table *imports.Sheet[R], is *imports.Issues) ([]T, error) {
	entryOf, err := m.entries(ctx, tx, table, is)
	if err != nil {
		return nil, err
	}
	first := map[string]int{}
	var all []T
	for _, r := range table.Rows {
		e, ok := entryOf(r)
		if row, twice := first[e.key()]; ok && twice {
			is.Say(table.At(r.Row, m.column, ""), "AUDIT_LIST_TWICE", "row", row)
		} else if ok {
			first[e.key()] = r.Row
			all = append(all, e)
		}
	}
	known, err := m.known(ctx, tx, all)
	if err != nil {
		return nil, err
	}
	stored := map[string]T{}
	for _, k := range known {
		stored[k.key()] = k
	}
	var fresh []T
	for _, e := range all {
		k, there := stored[e.key()]
		switch {
		case !there:
			fresh = append(fresh, e)
		case !e.same(k):
			is.Say(table.At(first[e.key()], m.column, ""), "AUDIT_LIST_DIFFERS")
		}
	}
	return fresh, nil
}

func (m list[R, T]) write(ctx context.Context, tx pgx.Tx, s *Service, fresh []T, file int64) error {
	ids, err := db.NextIDs(ctx, tx, "audit_list_id_seq", len(fresh))
	if err != nil {
		return err
	}
	at := s.clock.Now()
	_, err = db.CopyIn(ctx, tx, m.table, append([]string{"id", "import_file", "recorded_at"}, m.columns...), len(fresh), func(i int) ([]any, error) {
		return append([]any{ids[i], file, at}, m.values(fresh[i])...), nil
	})
	return err
}

// word reads a word of a column; a wrong one is a problem.
func word[W ~string](row sheet.Row, column, text, prefix string, all []W, is *imports.Issues) W {
	w, ok := terms.Word(text, prefix, all)
	if !ok {
		is.Refuse(row.Problem(column, "PARTIES_WORD", "options", terms.Words(i18n.ZH, prefix, all)))
	}
	return w
}

// programsByName are the codes of programs by code and by name in either language.
func programsByName(ctx context.Context, q db.Querier) (map[string]string, error) {
	rows, err := q.Query(ctx, `SELECT code, name_zh, name_en FROM program`)
	if err != nil {
		return nil, fmt.Errorf("read programs: %w", err)
	}
	out := map[string]string{}
	var code, zh, en string
	_, err = pgx.ForEachRow(rows, []any{&code, &zh, &en}, func() error {
		out[code], out[zh], out[en] = code, code, code
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read programs: %w", err)
	}
	return out, nil
}

// collect reads entries.
func collect[T any](ctx context.Context, q db.Querier, what, sql string, scan func(pgx.CollectableRow) (T, error), args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	found, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	return found, nil
}
