package proof

import (
	"bytes"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/ledger/proof/leaf"
)

// Row is a row that has a leaf: how a finding names it, the leaf as the row
// gives it now, and the digest that the log has of it (table logged), empty for
// none.
type Row struct {
	Name   string
	Leaf   *leaf.Leaf
	Logged []byte
}

// Finding says whether the row and its leaf disagree, under the code of a check.
func (r Row) Finding(code string) (check.Finding, bool) {
	now := r.Leaf.Hash()
	f := check.Finding{Promise: 10, Check: code, Row: r.Name, Detail: fmt.Sprintf("logged %.8x, row gives %.8x", r.Logged, now[:])}
	if len(r.Logged) == 0 {
		f.Detail = "not in the log"
	}
	return f, !bytes.Equal(r.Logged, now[:])
}

// Recheck makes the leaf of each row of a query again and compares it with the
// log; scan reads one row. It holds one row at a time.
func Recheck(rows pgx.Rows, code string, scan func(pgx.CollectableRow) (Row, error)) ([]check.Finding, error) {
	defer rows.Close()
	var found []check.Finding
	for rows.Next() && len(found) < check.Limit {
		r, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", code, err)
		}
		if f, bad := r.Finding(code); bad {
			found = append(found, f)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("check %s: %w", code, err)
	}
	return found, nil
}
