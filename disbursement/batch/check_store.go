package batch

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// storeFindings appends a round of findings and returns its number.
func storeFindings(ctx context.Context, tx pgx.Tx, id ID, found findings) (int, error) {
	round, err := lastRound(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	round++
	_, err = db.CopyIn(ctx, tx, "batch_finding", []string{"batch", "round", "no", "line", "check_code", "severity", "detail"}, len(found),
		func(i int) ([]any, error) {
			f := &found[i]
			detail, err := f.detail()
			return []any{int64(id), round, f.No, nullable(int64(f.Line)), f.Code, string(f.Severity), detail}, err
		})
	return round, err
}

func lastRound(ctx context.Context, q db.Querier, id ID) (int, error) {
	var round int
	err := q.QueryRow(ctx, `SELECT coalesce(max(round), 0) FROM batch_finding WHERE batch = $1`, id).Scan(&round)
	if err != nil {
		return 0, fmt.Errorf("rounds of batch %d: %w", id, err)
	}
	return round, nil
}

// Findings reads what a round of checks found, in order.
func Findings(ctx context.Context, q db.Querier, id ID, round int) ([]Finding, error) {
	rows, err := q.Query(ctx, `SELECT f.no, coalesce(f.line, 0), coalesce(l.no, 0), f.check_code, f.severity, f.detail
		FROM batch_finding f LEFT JOIN entitlement_line l ON l.id = f.line
		WHERE f.batch = $1 AND f.round = $2 ORDER BY f.no`, id, round)
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Finding, error) {
		var f Finding
		var detail []byte
		if err := row.Scan(&f.No, &f.Line, &f.LineNo, &f.Code, &f.Severity, &detail); err != nil {
			return f, err
		}
		return f, json.Unmarshal(detail, &f.Args)
	})
}
