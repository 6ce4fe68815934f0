package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// unnestRows is how many rows one INSERT … SELECT unnest carries where COPY is
// slow: about the best size measured on CockroachDB.
const unnestRows = 1000

// CopyIn stores n rows in table, in the transaction given: row(i) returns the
// values of row i in the order of columns. PostgreSQL takes them by COPY;
// CockroachDB, whose COPY is slow and in old versions commits on its own, by
// INSERT … SELECT unnest. It returns the number of rows stored. The caller
// keeps one transaction on CockroachDB to a few thousand rows.
func CopyIn(ctx context.Context, tx pgx.Tx, table string, columns []string, n int, row func(i int) ([]any, error)) (int64, error) {
	if n == 0 {
		return 0, nil
	}
	if onCockroach(tx.Conn()) {
		return copyByUnnest(ctx, tx, table, columns, n, row)
	}
	stored, err := tx.CopyFrom(ctx, identifier(table), columns, pgx.CopyFromSlice(n, row))
	if err != nil {
		return 0, fmt.Errorf("copy into %s: %w", table, err)
	}
	return stored, nil
}

func copyByUnnest(ctx context.Context, tx pgx.Tx, table string, columns []string, n int, row func(i int) ([]any, error)) (int64, error) {
	types, err := columnTypes(ctx, tx, table, columns)
	if err != nil {
		return 0, err
	}
	statement := unnestStatement(table, columns, types)
	var stored int64
	for from := 0; from < n; from += unnestRows {
		arrays, err := columnArrays(from, min(from+unnestRows, n), len(columns), row)
		if err != nil {
			return 0, err
		}
		tag, err := tx.Exec(ctx, statement, arrays...)
		if err != nil {
			return 0, fmt.Errorf("insert into %s: %w", table, err)
		}
		stored += tag.RowsAffected()
	}
	return stored, nil
}

// columnArrays turns rows from … to-1 into one array for each column.
func columnArrays(from, to, columns int, row func(i int) ([]any, error)) ([]any, error) {
	arrays := make([][]any, columns)
	for i := from; i < to; i++ {
		values, err := row(i)
		if err != nil {
			return nil, err
		}
		if len(values) != columns {
			return nil, fmt.Errorf("row %d has %d values for %d columns", i, len(values), columns)
		}
		for c, v := range values {
			arrays[c] = append(arrays[c], v)
		}
	}
	args := make([]any, columns)
	for c := range arrays {
		args[c] = arrays[c]
	}
	return args, nil
}

func unnestStatement(table string, columns, types []string) string {
	quoted, params := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = pgx.Identifier{c}.Sanitize()
		params[i] = fmt.Sprintf("$%d::%s[]", i+1, types[i])
	}
	names := strings.Join(quoted, ", ")
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM unnest(%s) AS new_rows (%s)",
		identifier(table).Sanitize(), names, names, strings.Join(params, ", "), names)
}

// columnTypes asks the database for the types of the columns, which the arrays
// are cast to.
func columnTypes(ctx context.Context, q Querier, table string, columns []string) ([]string, error) {
	rows, err := q.Query(ctx, `
		SELECT a.attname::text AS name, format_type(a.atttypid, NULL) AS type
		FROM pg_attribute a
		WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped`, table)
	if err != nil {
		return nil, fmt.Errorf("columns of %s: %w", table, err)
	}
	byName := map[string]string{}
	var name, typ string
	if _, err := pgx.ForEachRow(rows, []any{&name, &typ}, func() error { byName[name] = typ; return nil }); err != nil {
		return nil, fmt.Errorf("columns of %s: %w", table, err)
	}
	types := make([]string, len(columns))
	for i, c := range columns {
		if types[i] = byName[c]; types[i] == "" {
			return nil, fmt.Errorf("table %s has no column %s", table, c)
		}
	}
	return types, nil
}

func identifier(table string) pgx.Identifier { return strings.Split(table, ".") }
