package events

import (
	"context"

	"fenlu/internal/check"
	"fenlu/internal/db"
)

// checks compare what the activity log was told with what it says. The inbox
// also holds the relays' lock, which is never committed.
var checks = []check.Query{
	{Promise: 11, Check: "activity_inbox", SQL: `
		SELECT 'activity ' || coalesce(a.id::text, '?'), 'message ' || coalesce(a.message, i.message)::text ||
			CASE WHEN a.id IS NULL THEN ' was told and is not in the activity log' ELSE ' is in the activity log and was never told' END
		FROM activity a FULL JOIN (SELECT message FROM inbox WHERE handler = 'activity') i ON i.message = a.message
		WHERE a.id IS NULL OR i.message IS NULL
		ORDER BY coalesce(a.message, i.message)`},
}

// Checks compares the activity log with the inbox of its handler: one entry for
// each message that was told, and none that was not.
func Checks() []check.Job {
	return check.Jobs(checks)
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}
