package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/money"
)

// paidIn are the transfers into and out of the place paid on the days asked about,
// with the line, source and budget line of each, found by account_entry_day.
const paidIn = ` account a
	JOIN account_entry e ON e.account = a.id AND e.business_date BETWEEN @from AND @to
	JOIN transfer t ON t.journal = e.journal AND (t.debit = a.id OR t.credit = a.id)
	JOIN holding h ON h.id = t.holding
	JOIN entitlement_line l ON l.id = h.line AND l.township LIKE @area
	JOIN budget_line n ON n.id = a.budget_line
	JOIN document_line d ON d.lot = a.lot AND d.kind = 'bring' `

func (p Period) args() pgx.NamedArgs {
	return pgx.NamedArgs{"from": p.From.Format(time.DateOnly), "to": p.To.Format(time.DateOnly), "area": prefix(p.Area), "year": p.To.Year()}
}

// programSums adds up what was paid by program; due is the day of the month by which
// a month's aid is in people's accounts.
func programSums(ctx context.Context, q db.Querier, ask Period, due int) ([]programSum, error) {
	args := ask.args()
	args["due"] = fmt.Sprintf("-%02d", due)
	rows, err := q.Query(ctx, `WITH x AS (
			SELECT l.id, l.program, l.person, l.household, l.month, l.occasion,
				sum(CASE WHEN t.debit = a.id THEN t.amount_fen ELSE -t.amount_fen END)::bigint AS net,
				sum(CASE WHEN d.level NOT IN ('prefecture', 'county') THEN 0 WHEN t.debit = a.id THEN t.amount_fen ELSE -t.amount_fen END)::bigint AS local,
				sum(CASE WHEN n.purpose <> 'carveout' THEN 0 WHEN t.debit = a.id THEN t.amount_fen ELSE -t.amount_fen END)::bigint AS services,
				coalesce(sum(t.amount_fen) FILTER (WHERE t.debit = a.id), 0)::bigint AS gross,
				coalesce(sum(t.amount_fen) FILTER (WHERE t.credit = a.id), 0)::bigint AS back,
				min(e.business_date) FILTER (WHERE t.debit = a.id) AS paid_on
			FROM`+paidIn+`WHERE a.kind = 'paid' GROUP BY l.id, l.program, l.person, l.household, l.month, l.occasion)
		SELECT program, count(DISTINCT person) FILTER (WHERE net > 0), count(DISTINCT household) FILTER (WHERE net > 0),
			count(DISTINCT person::text || ' ' || month || ' ' || occasion) FILTER (WHERE net > 0), sum(net)::bigint,
			coalesce(sum(net) FILTER (WHERE person IS NOT NULL), 0)::bigint, coalesce(sum(local) FILTER (WHERE person IS NOT NULL), 0)::bigint,
			count(*) FILTER (WHERE occasion = 'regular' AND paid_on::text <= month || @due), count(*) FILTER (WHERE occasion = 'regular' AND gross > 0),
			sum(back)::bigint, sum(gross)::bigint, sum(services)::bigint
		FROM x GROUP BY program ORDER BY program`, args)
	if err != nil {
		return nil, fmt.Errorf("add up what programs paid: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (programSum, error) {
		var p programSum
		err := row.Scan(&p.program, &p.people, &p.households, &p.times, &p.amount, &p.ofPersons, &p.local, &p.timely, &p.regular, &p.back, &p.gross, &p.services)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("add up what programs paid: %w", err)
	}
	return out, nil
}

// levelSum is what came from a level in a year, and where it went.
type levelSum struct {
	level                             terms.Level
	brought, arrived, units, services money.Fen
}

// levelSums adds up by level what the documents of the year brought, what of it
// arrived by the last day, and what was paid to units or set aside for services.
func levelSums(ctx context.Context, q db.Querier, ask Period) ([]levelSum, error) {
	rows, err := q.Query(ctx, `SELECT level, sum(brought)::bigint, sum(arrived)::bigint, sum(units)::bigint, sum(services)::bigint FROM (
			SELECT dl.level, dl.amount_fen AS brought, 0::bigint AS units, 0::bigint AS services,
				coalesce(dl.cash_arrived_fen, 0) + coalesce((SELECT sum(k.amount_fen)::bigint FROM cash_arrival k WHERE k.lot = dl.lot AND k.arrived_on <= @to), 0) AS arrived
			FROM document o JOIN document_line dl ON dl.document = o.id AND dl.kind = 'bring' WHERE o.year = @year AND o.received_on <= @to
			UNION ALL
			SELECT d.level, 0::bigint, CASE WHEN t.debit = a.id THEN t.amount_fen ELSE -t.amount_fen END, 0::bigint, 0::bigint
			FROM`+paidIn+`WHERE a.kind = 'paid' AND l.unit IS NOT NULL
			UNION ALL
			SELECT d.level, 0::bigint, 0::bigint, e.delta_fen, 0::bigint
			FROM budget_line n JOIN account a ON a.lot = n.lot AND a.budget_line = n.id AND a.kind NOT IN ('appropriated', 'shortfall', 'withdrawn', 'surrendered', 'carried_over')
			JOIN account_entry e ON e.account = a.id AND e.business_date BETWEEN @from AND @to
			JOIN document_line d ON d.lot = n.lot AND d.kind = 'bring'
			WHERE n.purpose = 'carveout') x
		GROUP BY level ORDER BY level`, ask.args())
	if err != nil {
		return nil, fmt.Errorf("add up what levels brought: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (levelSum, error) {
		var l levelSum
		err := row.Scan(&l.level, &l.brought, &l.arrived, &l.units, &l.services)
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("add up what levels brought: %w", err)
	}
	return out, nil
}
