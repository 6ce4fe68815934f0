package books

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
)

// checks re-derive from the rows what people decided about periods.
var checks = []check.Query{
	// A period is closed where its last closing or reopening says so.
	{Promise: 6, Check: "period_state", SQL: `
		SELECT 'period ' || p.month, 'closed ' || p.closed::text || ', last act ' || coalesce(a.act, 'none')
		FROM period p
		LEFT JOIN LATERAL (SELECT x.act FROM period_act x WHERE x.period = p.month AND x.act IN ('close', 'reopen') ORDER BY x.id DESC LIMIT 1) a ON true
		WHERE p.closed <> (coalesce(a.act, 'reopen') = 'close') ORDER BY p.month`},
	// What a closed period held then is what it holds now.
	{Promise: 6, Check: "period_journals", SQL: `
		SELECT 'period ' || p.month, 'closed with ' || a.journals::text || ' journals of ' || a.amount_fen::text || ' fen, holds ' ||
			coalesce(s.n, 0)::text || ' of ' || coalesce(s.fen, 0)::text
		FROM period p
		JOIN LATERAL (SELECT x.journals, x.amount_fen FROM period_act x WHERE x.period = p.month AND x.act = 'close' ORDER BY x.id DESC LIMIT 1) a ON true
		LEFT JOIN (SELECT substring(business_date::text, 1, 7) AS month, count(*) AS n, sum(amount_fen)::bigint AS fen FROM journal GROUP BY 1) s ON s.month = p.month
		WHERE p.closed AND (a.journals <> coalesce(s.n, 0) OR a.amount_fen <> coalesce(s.fen, 0)) ORDER BY p.month`},
	// Whoever proposes does not confirm; and nothing is done without a proposal.
	{Promise: 7, Check: "period_two_people", SQL: `
		SELECT 'period_act ' || a.id::text, a.act || ' by ' || a.actor || ', proposed: ' || coalesce(p.act || ' by ' || p.actor, 'nothing')
		FROM period_act a LEFT JOIN period_act p ON p.id = a.proposal AND p.period = a.period AND p.id < a.id
		WHERE a.act IN ('close', 'reopen') AND (p.id IS NULL OR p.actor = a.actor OR p.act <> 'propose_' || a.act) ORDER BY a.id`},
	{Promise: 6, Check: "period_logged", SQL: `
		SELECT 'period_act ' || a.id::text, 'no leaf'
		FROM period_act a LEFT JOIN log_leaf f ON f.kind = 'period' AND f.ref = a.id LEFT JOIN log_pending w ON w.kind = 'period' AND w.ref = a.id
		WHERE f.ref IS NULL AND w.ref IS NULL ORDER BY a.id`},
}

// Verify checks the periods, and each act against its leaf.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	found, err := check.Run(ctx, q, checks)
	if err != nil {
		return nil, err
	}
	altered, err := verifyLeaves(ctx, q)
	return append(found, altered...), err
}

func verifyLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT a.id, a.period, a.act, coalesce(a.proposal, 0), a.actor, a.reason, a.decided_at, a.journals, a.amount_fen,
		coalesce(f.digest, w.digest) FROM period_act a
		LEFT JOIN log_leaf f ON f.kind = 'period' AND f.ref = a.id LEFT JOIN log_pending w ON w.kind = 'period' AND w.ref = a.id ORDER BY a.id`)
	if err != nil {
		return nil, fmt.Errorf("read period acts: %w", err)
	}
	var found []check.Finding
	var a Act
	var logged []byte
	_, err = pgx.ForEachRow(rows, []any{&a.ID, &a.Period, &a.Kind, &a.Proposal, &a.Actor, &a.Reason, &a.DecidedAt, &a.Journals, &a.Amount, &logged}, func() error {
		if h := Leaf(a).Hash(); logged != nil && !bytes.Equal(h[:], logged) {
			found = append(found, check.Finding{Promise: 6, Check: "period_logged", Row: fmt.Sprintf("period_act %d", a.ID),
				Detail: fmt.Sprintf("logged %.8x, row gives %.8x", logged, h[:])})
		}
		return nil
	})
	return found, err
}
