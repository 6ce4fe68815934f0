package db_test

import (
	"slices"
	"testing"

	"fenlu/internal/db"
	"fenlu/internal/pgtest"
)

func TestForEachInts(t *testing.T) {
	t.Parallel()
	pool := pgtest.NewBareEnv(t).Open(t).Pool()
	for _, tt := range []struct {
		name, sql string
		want      [][]int64
		fails     bool
	}{
		{name: "both widths, below zero, NULL", want: [][]int64{{-7, -9000000000, 0}, {7, 9000000000, 1}},
			sql: `SELECT a::integer, b::bigint, c::integer FROM (VALUES (-7, -9000000000, NULL), (7, 9000000000, 1)) v (a, b, c)`},
		{name: "no rows", sql: `SELECT 1 WHERE 1 = 0`},
		{name: "text is refused", sql: `SELECT 'x'::text`, fails: true},
		{name: "an error of the server is told", sql: `SELECT 1 / (v.a - 1) FROM (VALUES (1)) v (a)`, fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := pool.Query(t.Context(), tt.sql)
			if err != nil {
				t.Fatal(err)
			}
			var got [][]int64
			err = db.ForEachInts(rows, func(v []int64) error { got = append(got, slices.Clone(v)); return nil })
			if (err != nil) != tt.fails {
				t.Fatalf("error %v, wanted one: %t", err, tt.fails)
			}
			if !slices.EqualFunc(got, tt.want, slices.Equal) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
