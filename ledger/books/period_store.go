package books

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/money"
)

func scanAct(row pgx.CollectableRow) (Act, error) {
	var a Act
	err := row.Scan(&a.ID, &a.Period, &a.Kind, &a.Proposal, &a.Actor, &a.Reason, &a.DecidedAt, &a.Journals, &a.Amount)
	return a, err
}

// Acts is the story of a period, oldest first.
func Acts(ctx context.Context, q db.Querier, p Period) ([]Act, error) {
	rows, err := q.Query(ctx, `SELECT id, period, act, coalesce(proposal, 0), actor, reason, decided_at, journals, amount_fen
		FROM period_act WHERE period = $1 ORDER BY id`, string(p))
	if err != nil {
		return nil, fmt.Errorf("read period acts: %w", err)
	}
	return pgx.CollectRows(rows, scanAct)
}

func insertAct(ctx context.Context, tx pgx.Tx, a Act) error {
	var proposal any
	if a.Proposal != 0 {
		proposal = a.Proposal
	}
	_, err := tx.Exec(ctx, `INSERT INTO period_act (id, period, act, proposal, actor, reason, decided_at, journals, amount_fen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		a.ID, string(a.Period), string(a.Kind), proposal, a.Actor, a.Reason, a.DecidedAt, a.Journals, a.Amount)
	if err != nil {
		return fmt.Errorf("record act on period %s: %w", a.Period, err)
	}
	return nil
}

// heldIn is how many journals months hold and the fen they moved. It reads the
// headers of all journals, once for each closing.
func heldIn(ctx context.Context, q db.Querier, months []string) (journals int64, amount money.Fen, err error) {
	err = q.QueryRow(ctx, `SELECT count(*), coalesce(sum(amount_fen), 0)::bigint FROM journal
		WHERE substring(business_date::text, 1, 7) = ANY($1)`, months).Scan(&journals, &amount)
	if err != nil {
		return 0, 0, fmt.Errorf("count journals of a period: %w", err)
	}
	return journals, amount, nil
}

// monthsWithJournals are the months before another that have journals, in order.
func monthsWithJournals(ctx context.Context, q db.Querier, before string) ([]string, error) {
	first, err := time.Parse("2006-01", before)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT DISTINCT substring(business_date::text, 1, 7) AS month FROM journal
		WHERE business_date < $1 ORDER BY month`, first)
	if err != nil {
		return nil, fmt.Errorf("read months with journals: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
