// Package check holds what verification finds: each domain exports its checks,
// and fenlu verify runs them all.
package check

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// Finding is one thing that is wrong, and where: Check is the code of the
// check (its sentence is in the message catalogue as check.<code>), Row names
// the row ("transfer 12/3"), Detail both numbers.
type Finding struct {
	Promise int    `json:"promise"` // the promise of DESIGN §2 it breaks
	Check   string `json:"check"`
	Row     string `json:"row"`
	Detail  string `json:"detail"`
}

// Query is a check that one statement makes: it selects (row, detail) for each
// violation and nothing when all is well.
type Query struct {
	Promise int
	Check   string
	SQL     string
}

// Job is a part of verification that reads whole tables and needs nothing of
// the other parts: parts may run side by side over one snapshot.
type Job struct {
	Name string
	Run  func(ctx context.Context, q db.Querier) ([]Finding, error)
}

// Each makes a job of each query.
func Each(checks []Query) []Job {
	jobs := make([]Job, len(checks))
	for i, c := range checks {
		jobs[i] = Job{Name: c.Check, Run: func(ctx context.Context, q db.Querier) ([]Finding, error) { return one(ctx, q, c) }}
	}
	return jobs
}

// Limit is how many findings one check reports at most.
const Limit = 100

// Run runs checks in order and collects their findings.
func Run(ctx context.Context, q db.Querier, checks []Query) ([]Finding, error) {
	var all []Finding
	for _, c := range checks {
		found, err := one(ctx, q, c)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", c.Check, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func one(ctx context.Context, q db.Querier, c Query) ([]Finding, error) {
	rows, err := q.Query(ctx, c.SQL+fmt.Sprintf(" LIMIT %d", Limit))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Finding, error) {
		f := Finding{Promise: c.Promise, Check: c.Check}
		err := row.Scan(&f.Row, &f.Detail)
		return f, err
	})
}
