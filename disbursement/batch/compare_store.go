package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
)

// listsOfMonth are the lists of the batch's office and program for a month that
// somebody submitted and nobody cancelled. The batches of an office are found
// by batch_no.
func listsOfMonth(ctx context.Context, q db.Querier, b Batch, month terms.Month) ([]Batch, error) {
	rows, err := q.Query(ctx, `SELECT `+batchColumns+` FROM batch
		WHERE office = $1 AND program = $2 AND period = $3 AND kind = 'roster' AND id <> $4 AND state NOT IN ('draft', 'checked', 'cancelled')
		ORDER BY no`, b.Office, b.Program, month, b.ID)
	if err != nil {
		return nil, fmt.Errorf("lists of %s: %w", month, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Batch, error) { return scanBatch(row) })
}

// beside joins the regular lines of a list ($1, month $2) with those of the
// lists of the month before ($3, month $4) by whom they cover and for what; each
// half is read through entitlement_line_batch.
const beside = `WITH mine AS (
		SELECT coalesce(l.person, l.unit) AS subject, l.component, l.no, l.person IS NULL AS unit, l.township, l.amount_fen, l.payee,
			coalesce(l.account, 0) AS account, l.payee_role
		FROM entitlement_line l WHERE l.batch = $1 AND l.month = $2 AND l.occasion = 'regular' AND ` + inList + `
	), past AS (
		SELECT coalesce(l.person, l.unit) AS subject, l.component, l.person IS NULL AS unit, l.township, l.amount_fen, l.payee,
			coalesce(l.account, 0) AS account, l.payee_role
		FROM entitlement_line l WHERE l.batch = ANY($3) AND l.month = $4 AND l.occasion = 'regular' AND l.status <> 'withdrawn'
	), pair AS (
		SELECT coalesce(m.subject, p.subject) AS subject, coalesce(m.unit, p.unit) AS unit, coalesce(m.component, p.component) AS component,
			coalesce(m.township, p.township) AS township, coalesce(m.no, 0) AS no, coalesce(m.payee_role, p.payee_role) AS payee_role,
			coalesce(p.amount_fen, 0) AS before_fen, coalesce(m.amount_fen, 0) AS now_fen,
			p.subject IS NULL AS is_new, m.subject IS NULL AS is_stopped,
			coalesce(m.amount_fen <> p.amount_fen, false) AS is_amount,
			coalesce(m.payee <> p.payee OR (m.account <> 0 AND p.account <> 0 AND m.account <> p.account), false) AS is_account
		FROM mine m FULL JOIN past p ON p.subject = m.subject AND p.component = m.component
	) `

func townshipChanges(ctx context.Context, q db.Querier, b Batch, before []ID, month terms.Month) ([]TownshipChange, error) {
	rows, err := q.Query(ctx, beside+`SELECT township, count(*) FILTER (WHERE NOT is_new), count(*) FILTER (WHERE NOT is_stopped),
			count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_stopped), count(*) FILTER (WHERE is_amount),
			count(*) FILTER (WHERE is_account), sum(before_fen)::bigint, sum(now_fen)::bigint
		FROM pair GROUP BY township ORDER BY township`, b.ID, b.Period, before, month)
	if err != nil {
		return nil, fmt.Errorf("compare batch %d by township: %w", b.ID, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[TownshipChange])
	if err != nil {
		return nil, fmt.Errorf("compare batch %d by township: %w", b.ID, err)
	}
	return all, nil
}

// changes reads one row more than limit, to tell that there are more.
func changes(ctx context.Context, q db.Querier, b Batch, before []ID, month terms.Month, limit int) ([]Change, error) {
	sql, args := beside+`SELECT no, subject, unit, township, component, before_fen, now_fen, payee_role, is_new, is_stopped, is_amount, is_account
		FROM pair WHERE is_new OR is_stopped OR is_amount OR is_account ORDER BY township, no, subject, component`,
		[]any{b.ID, b.Period, before, month}
	if limit > 0 {
		sql, args = sql+` LIMIT $5`, append(args, limit+1)
	}
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("compare batch %d: %w", b.ID, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Change, error) {
		var c Change
		is := map[ChangeKind]*bool{ChangeNew: new(bool), ChangeStopped: new(bool), ChangeAmount: new(bool), ChangeAccount: new(bool)}
		err := row.Scan(&c.No, &c.Subject, &c.Unit, &c.Township, &c.Component, &c.Before, &c.Now, &c.Role,
			is[ChangeNew], is[ChangeStopped], is[ChangeAmount], is[ChangeAccount])
		for _, kind := range []ChangeKind{ChangeNew, ChangeStopped, ChangeAmount, ChangeAccount} {
			if *is[kind] {
				c.Kinds = append(c.Kinds, kind)
			}
		}
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("compare batch %d: %w", b.ID, err)
	}
	return all, nil
}
