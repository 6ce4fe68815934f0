package auth

import (
	"context"

	"fenlu/internal/check"
	"fenlu/internal/db"
)

// checks re-derive who was entitled to give rights. The first user alone gives
// rights to themselves: nobody else was there.
var checks = []check.Query{
	{Promise: 7, Check: "right_giver", SQL: `
		SELECT 'user_right ' || r.login || '/' || r.right_code, 'given by ' || r.given_by || CASE WHEN u.login IS NULL THEN ', who is no user' ELSE ', who never managed users' END
		FROM user_right r
		LEFT JOIN app_user u ON u.login = r.given_by
		LEFT JOIN (SELECT DISTINCT login FROM user_right WHERE right_code = 'users.manage' AND given) m ON m.login = r.given_by
		WHERE u.login IS NULL OR m.login IS NULL
		ORDER BY r.login, r.right_code, r.given_at`},
	{Promise: 7, Check: "right_self", SQL: `
		SELECT 'user_right ' || r.login || '/' || r.right_code, r.login || ' gave it to themselves, the first user is ' || coalesce(f.value, '?')
		FROM user_right r LEFT JOIN installation f ON f.name = 'first_user'
		WHERE r.given AND r.given_by = r.login AND f.value IS DISTINCT FROM r.login
		ORDER BY r.login, r.right_code, r.given_at`},
}

// Verify re-derives from the rows that every right was given or taken by a user
// who managed users, and that nobody but the first user gave one to themselves.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.Run(ctx, q, checks)
}
