package db_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"fenlu/internal/db"
)

func TestNextIDs(t *testing.T) {
	t.Parallel()
	d, _ := setup(t,
		`CREATE SEQUENCE blocks INCREMENT BY 1000`, `CREATE SEQUENCE ones`,
		`GRANT USAGE ON SEQUENCE blocks TO fenlu_app`, `GRANT USAGE ON SEQUENCE ones TO fenlu_app`)
	t.Run("are never handed out twice", func(t *testing.T) {
		t.Parallel()
		var mu sync.Mutex
		var all []int64
		var g errgroup.Group
		for _, n := range []int{1, 999, 1000, 1001, 2500, 7} {
			g.Go(func() error {
				ids, err := db.NextIDs(t.Context(), d.Pool(), "blocks", n)
				if err == nil && len(ids) != n {
					err = fmt.Errorf("asked for %d, got %d", n, len(ids))
				}
				mu.Lock()
				defer mu.Unlock()
				all = append(all, ids...)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(all)
		if unique := slices.Compact(slices.Clone(all)); len(unique) != len(all) {
			t.Errorf("%d ids, %d different", len(all), len(unique))
		}
	})
	t.Run("of none is none", func(t *testing.T) {
		t.Parallel()
		if ids, err := db.NextIDs(t.Context(), d.Pool(), "blocks", 0); err != nil || len(ids) != 0 {
			t.Errorf("%v, %v", ids, err)
		}
	})
	t.Run("one by one ascend", func(t *testing.T) {
		t.Parallel()
		a, err1 := db.NextID(t.Context(), d.Pool(), "ones")
		b, err2 := db.NextID(t.Context(), d.Pool(), "ones")
		if err1 != nil || err2 != nil || b != a+1 {
			t.Errorf("%d, %d (%v, %v)", a, b, err1, err2)
		}
	})
	t.Run("only from a plain name", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"", "a'b", "A", "x;y", "a b"} {
			if _, err := db.NextID(t.Context(), d.Pool(), name); err == nil {
				t.Errorf("took %q for a name", name)
			}
		}
	})
}

type copier func(ctx context.Context, tx pgx.Tx, table string, columns []string, n int, row func(int) ([]any, error)) (int64, error)

func TestCopyIn(t *testing.T) {
	t.Parallel()
	for name, copyIn := range map[string]copier{"as here": db.CopyIn, "by unnest": db.CopyByUnnest} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := setup(t, `CREATE TABLE things (id bigint CONSTRAINT things_pk PRIMARY KEY, name text, secret bytea, born date, seen timestamptz, ok boolean, small int, tags text[])`)
			const n = 2345
			born, seen := time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 9, 1, 2, 3, 4000, time.UTC)
			columns := []string{"id", "name", "secret", "born", "seen", "ok", "small"}
			row := func(i int) ([]any, error) { //nolint:unparam // the signature is CopyIn's
				var text *string
				if i%2 == 0 {
					s := fmt.Sprintf("第 %d 行 \"', {}", i)
					text = &s
				}
				return []any{int64(i), text, []byte{0, byte(i)}, born, seen, i%3 == 0, int32(i)}, nil
			}
			var stored int64
			err := d.Run(t.Context(), func(tx pgx.Tx) (err error) {
				stored, err = copyIn(t.Context(), tx, "things", columns, n, row)
				return err
			})
			if err != nil || stored != n {
				t.Fatalf("stored %d of %d: %v", stored, n, err)
			}
			checkThings(t, d, n, born, seen)
		})
		t.Run(name+", a row's error stores nothing", func(t *testing.T) {
			t.Parallel()
			d, _ := setup(t, `CREATE TABLE things (id bigint CONSTRAINT things_pk PRIMARY KEY)`)
			bad := fmt.Errorf("bad row")
			err := d.Run(t.Context(), func(tx pgx.Tx) error {
				_, err := copyIn(t.Context(), tx, "things", []string{"id"}, 3, func(i int) ([]any, error) {
					if i == 2 {
						return nil, bad
					}
					return []any{int64(i)}, nil
				})
				return err
			})
			if err == nil || get[int](t, d.Pool(), `SELECT count(*) FROM things`) != 0 {
				t.Errorf("got %v", err)
			}
		})
	}
}

func checkThings(t *testing.T, d *db.DB, n int, born, seen time.Time) {
	t.Helper()
	type thing struct {
		ID     int64
		Name   *string
		Secret []byte
		Born   time.Time
		Seen   time.Time
		OK     bool
		Small  int32
	}
	rows, err := d.Pool().Query(t.Context(), `SELECT id, name, secret, born, seen, ok, small FROM things ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[thing])
	if err != nil {
		t.Fatal(err)
	}
	want := make([]thing, n)
	for i := range want {
		want[i] = thing{ID: int64(i), Secret: []byte{0, byte(i)}, Born: born, Seen: seen, OK: i%3 == 0, Small: int32(i)}
		if i%2 == 0 {
			s := fmt.Sprintf("第 %d 行 \"', {}", i)
			want[i].Name = &s
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}
