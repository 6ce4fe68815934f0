package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// BlockSize is the INCREMENT BY of every block sequence in the schema: one
// nextval hands out the ids v … v+BlockSize-1.
const BlockSize = 1000

// NextIDs draws n ids from a block sequence (INCREMENT BY 1000), whole blocks
// at a time; what is left of the last block is never used. The ids ascend
// within a block. Ids say nothing about the order of commits.
func NextIDs(ctx context.Context, q Querier, sequence string, n int) ([]int64, error) {
	if n <= 0 {
		return nil, nil
	}
	blocks, err := draw(ctx, q, sequence, (n+BlockSize-1)/BlockSize)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, n)
	for _, first := range blocks {
		for id := first; id < first+BlockSize && len(ids) < n; id++ {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// NextID draws one number from a sequence with INCREMENT BY 1, such as that of
// the journals. Two transactions that hold the same row locks while they draw
// get their numbers in the order of those locks.
func NextID(ctx context.Context, q Querier, sequence string) (int64, error) {
	ids, err := draw(ctx, q, sequence, 1)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// NextNumbers draws n numbers from a sequence with INCREMENT BY 1.
func NextNumbers(ctx context.Context, q Querier, sequence string, n int) ([]int64, error) {
	if n <= 0 {
		return nil, nil
	}
	return draw(ctx, q, sequence, n)
}

func draw(ctx context.Context, q Querier, sequence string, times int) ([]int64, error) {
	if !plainName(sequence) {
		return nil, fmt.Errorf("draw ids: %q is not the name of a sequence", sequence)
	}
	// The name stands in the text because the parameter of nextval has another
	// type on each database (regclass, string).
	rows, err := q.Query(ctx, `SELECT nextval('`+sequence+`') FROM generate_series(1, $1::bigint)`, times)
	if err != nil {
		return nil, fmt.Errorf("draw ids from %s: %w", sequence, err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("draw ids from %s: %w", sequence, err)
	}
	return values, nil
}

// plainName says whether s may stand unquoted in SQL: lower-case letters,
// digits, underscores, and a dot between schema and name.
func plainName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '.' {
			return false
		}
	}
	return s != ""
}
