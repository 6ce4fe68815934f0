// Package check holds what verification finds: each domain exports its checks,
// and fenlu verify runs them all.
package check

import (
	"context"
	"fmt"
	"slices"

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

// Jobs puts the walks of a room, which take the longest, before a job for each
// of its queries.
func Jobs(queries []Query, walks ...Job) []Job {
	jobs := slices.Clone(walks)
	for _, c := range queries {
		jobs = append(jobs, Job{Name: c.Check, Run: func(ctx context.Context, q db.Querier) ([]Finding, error) { return one(ctx, q, c) }})
	}
	return jobs
}

// Limit is how many findings one check reports at most.
const Limit = 100

// All runs jobs one after the other and collects their findings.
func All(ctx context.Context, q db.Querier, jobs []Job) ([]Finding, error) {
	var all []Finding
	for _, job := range jobs {
		found, err := job.Run(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", job.Name, err)
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
