package auth

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
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
	{Promise: 7, Check: "user_stopped", SQL: `
		SELECT 'app_user ' || u.login, CASE WHEN u.disabled_at IS NULL THEN 'works' ELSE 'is stopped' END || ', the last record says otherwise'
		FROM app_user u
		LEFT JOIN (SELECT login, max(given_at) AS at FROM user_right WHERE right_code = 'login' GROUP BY login) m ON m.login = u.login
		LEFT JOIN user_right r ON r.login = u.login AND r.right_code = 'login' AND r.given_at = m.at
		WHERE (u.disabled_at IS NULL) IS DISTINCT FROM r.given ORDER BY u.login`},
	proof.Orphans("right_leaf", proof.KindRight, "user_right"),
	proof.Orphans("delegation_leaf", proof.KindDelegation, "delegation"),
	proof.Orphans("installation_leaf", proof.KindInstallation, "installation"),
}

// Checks re-derives from the rows that every right was given or taken by a user
// who managed users, that nobody but the first user gave one to themselves, and
// every leaf.
func Checks() []check.Job {
	return check.Jobs(checks, check.Job{Name: "right_leaf", Run: verifyRights}, check.Job{Name: "installation_leaf", Run: verifyFacts},
		check.Job{Name: "delegation_leaf", Run: verifyDelegations})
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}

func verifyRights(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT r.id, r.login, u.name, u.office, r.right_code, r.given, r.given_by, r.given_at, l.digest
		FROM user_right r JOIN app_user u ON u.login = r.login
		LEFT JOIN logged l ON l.kind = 'right' AND l.ref = r.id ORDER BY r.id`)
	if err != nil {
		return nil, fmt.Errorf("read rights: %w", err)
	}
	return proof.Recheck(rows, "right_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var c Change
		var logged []byte
		err := row.Scan(&c.ID, &c.Login, &c.Name, &c.Office, &c.Right, &c.Given, &c.By, &c.At, &logged)
		return proof.Row{Name: fmt.Sprintf("user_right %d", c.ID), Leaf: RightLeaf(c), Logged: logged}, err
	})
}

func verifyFacts(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT i.id, i.name, i.value, i.recorded_at, l.digest
		FROM installation i LEFT JOIN logged l ON l.kind = 'installation' AND l.ref = i.id ORDER BY i.id`)
	if err != nil {
		return nil, fmt.Errorf("read installation: %w", err)
	}
	return proof.Recheck(rows, "installation_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var f Fact
		var logged []byte
		err := row.Scan(&f.ID, &f.Name, &f.Value, &f.RecordedAt, &logged)
		return proof.Row{Name: fmt.Sprintf("installation %d", f.ID), Leaf: InstallationLeaf(f), Logged: logged}, err
	})
}
