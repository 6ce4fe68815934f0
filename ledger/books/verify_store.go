package books

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
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
	proof.Orphans("period_logged", proof.KindPeriod, "period_act"),
}

// Checks checks the periods, each act against its leaf, and the vouchers.
func Checks() []check.Job {
	return check.Jobs(slices.Concat(checks, voucherChecks, voucherLeaves), check.Job{Name: "period_logged", Run: verifyLeaves},
		check.Job{Name: "voucher_rules", Run: verifyRules}, check.Job{Name: "voucher_settings", Run: verifySettings})
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}

func verifyLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT a.id, a.period, a.act, coalesce(a.proposal, 0), a.actor, a.reason, a.decided_at, a.journals, a.amount_fen, l.digest
		FROM period_act a LEFT JOIN logged l ON l.kind = 'period' AND l.ref = a.id ORDER BY a.id`)
	if err != nil {
		return nil, fmt.Errorf("read period acts: %w", err)
	}
	return proof.Recheck(rows, "period_logged", func(row pgx.CollectableRow) (proof.Row, error) {
		var a Act
		var logged []byte
		err := row.Scan(&a.ID, &a.Period, &a.Kind, &a.Proposal, &a.Actor, &a.Reason, &a.DecidedAt, &a.Journals, &a.Amount, &logged)
		return proof.Row{Name: fmt.Sprintf("period_act %d", a.ID), Leaf: Leaf(a), Logged: logged}, err
	})
}
