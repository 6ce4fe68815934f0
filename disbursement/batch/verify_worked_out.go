package batch

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/terms"
	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/money"
)

// workedOut is an amount that lines of a township and month have by a policy row.
type workedOut struct {
	Policy   benefits.PolicyID
	Township string
	Month    terms.Month
	Amount   money.Fen
	Line     int64 // the first that has it
}

// VerifyWorkedOut compares what lines have with the standards that are worked out
// from others (promise 4): the calculator of the row's family once for each township and month,
// with the figures of rules as they stand.
func (s *Service) VerifyWorkedOut(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT e.policy, e.township, e.month, e.amount_fen, min(e.id) FROM entitlement_line e
		JOIN batch b ON b.id = e.batch AND b.state IN ('submitted', 'freezing', 'approved', 'releasing', 'released', 'reconciled', 'closed')
		WHERE e.status <> 'withdrawn' AND e.occasion NOT LIKE 'backpay/%' GROUP BY e.policy, e.township, e.month, e.amount_fen ORDER BY 1, 2, 3, 4`)
	if err != nil {
		return nil, fmt.Errorf("read amounts of lines: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[workedOut])
	if err != nil {
		return nil, fmt.Errorf("read amounts of lines: %w", err)
	}
	ids := map[benefits.PolicyID]bool{}
	for _, w := range all {
		ids[w.Policy] = true
	}
	policies, err := s.benefits.InForce(ctx, q, slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return nil, err
	}
	var found []check.Finding
	for _, w := range all {
		if p := policies.Row(w.Policy); p.Amount != 0 || p.Family() == benefits.Gap {
			continue // it gives its amount: the database compares it; or a household's facts decide, with its uplifts
		}
		at, err := policies.At(w.Policy, w.Township, w.Month)
		if err != nil {
			return nil, err
		}
		allowed, err := benefits.Allows(at, w.Month, w.Amount)
		if err != nil {
			return nil, err
		}
		if !allowed {
			found = append(found, check.Finding{Promise: 4, Check: "cross_policy", Row: fmt.Sprintf("entitlement_line %d", w.Line),
				Detail: fmt.Sprintf("amount %d in %s, policy %d is worked out as %d", w.Amount, w.Month, w.Policy, at.Amount)})
		}
	}
	return found, nil
}
