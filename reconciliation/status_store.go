package reconciliation

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// sidesOf derives the sides of sealed files. A payment that one result calls
// unknown or failed and another one paid counts as paid.
func sidesOf(ctx context.Context, q db.Querier, files []int64) (map[int64]FileStatus, error) {
	rows, err := q.Query(ctx, `WITH said AS (
			SELECT a.id, a.file, a.amount_fen, a.state, a.booked_fen, a.returned_fen,
				count(*) FILTER (WHERE e.says = 'paid') AS paid,
				count(*) FILTER (WHERE e.says = 'failed') AS failed,
				count(*) FILTER (WHERE e.says = 'unknown') AS unknown,
				count(*) FILTER (WHERE e.says = 'booked') AS booked,
				coalesce(sum(e.amount_fen) FILTER (WHERE e.says = 'booked'), 0)::bigint AS debit_fen,
				coalesce(sum(e.amount_fen) FILTER (WHERE e.says = 'returned'), 0)::bigint AS back_fen
			FROM attempt a LEFT JOIN evidence e ON e.attempt = a.id AND e.outcome = 'matched'
			WHERE a.file = ANY($1)
			GROUP BY a.id, a.file, a.amount_fen, a.state, a.booked_fen, a.returned_fen)
		SELECT file, count(*), sum(amount_fen)::bigint,
			count(*) FILTER (WHERE paid > 0), coalesce(sum(amount_fen) FILTER (WHERE paid > 0), 0)::bigint,
			count(*) FILTER (WHERE paid = 0 AND failed > 0), coalesce(sum(amount_fen) FILTER (WHERE paid = 0 AND failed > 0), 0)::bigint,
			count(*) FILTER (WHERE paid + failed = 0 AND unknown > 0), coalesce(sum(amount_fen) FILTER (WHERE paid + failed = 0 AND unknown > 0), 0)::bigint,
			count(*) FILTER (WHERE paid + failed + unknown = 0), coalesce(sum(amount_fen) FILTER (WHERE paid + failed + unknown = 0), 0)::bigint,
			count(*) FILTER (WHERE booked > 0), coalesce(sum(amount_fen) FILTER (WHERE booked > 0), 0)::bigint,
			count(*) FILTER (WHERE debit_fen > amount_fen), coalesce(sum(debit_fen - amount_fen) FILTER (WHERE debit_fen > amount_fen), 0)::bigint,
			count(*) FILTER (WHERE back_fen > 0), coalesce(sum(back_fen), 0)::bigint,
			count(*) FILTER (WHERE booked_fen > 0), coalesce(sum(booked_fen), 0)::bigint,
			count(*) FILTER (WHERE state = 'failed'), coalesce(sum(amount_fen) FILTER (WHERE state = 'failed'), 0)::bigint,
			count(*) FILTER (WHERE returned_fen > 0), coalesce(sum(returned_fen), 0)::bigint,
			count(*) FILTER (WHERE state IN ('written', 'sent', 'unknown')),
			coalesce(sum(amount_fen) FILTER (WHERE state IN ('written', 'sent', 'unknown')), 0)::bigint
		FROM said GROUP BY file ORDER BY file`, files)
	if err != nil {
		return nil, fmt.Errorf("compare sides: %w", err)
	}
	found := make(map[int64]FileStatus, len(files))
	var file int64
	var st FileStatus
	r, b := &st.Result, &st.Books
	_, err = pgx.ForEachRow(rows, []any{
		&file, &st.listed.Count, &st.listed.Amount,
		&r.OK.Count, &r.OK.Amount, &r.Failed.Count, &r.Failed.Amount,
		&r.Unknown.Count, &r.Unknown.Amount, &r.Unmentioned.Count, &r.Unmentioned.Amount,
		&st.Statement.Booked.Count, &st.Statement.Booked.Amount,
		&st.Statement.Excess.Count, &st.Statement.Excess.Amount, &st.Statement.Returned.Count, &st.Statement.Returned.Amount,
		&b.Paid.Count, &b.Paid.Amount, &b.Failed.Count, &b.Failed.Amount,
		&b.Returned.Count, &b.Returned.Amount, &b.InTransit.Count, &b.InTransit.Amount,
	}, func() error { found[file] = st; return nil })
	if err != nil {
		return nil, fmt.Errorf("compare sides: %w", err)
	}
	return found, nil
}

// selectUnconfirmed reads along the index of live attempts, in payment order.
func selectUnconfirmed(ctx context.Context, q db.Querier, batch, after int64, limit int) ([]Unconfirmed, error) {
	rows, err := q.Query(ctx, `SELECT a.payment, a.id, a.end_to_end_id, f.name, f.batch, a.amount_fen, a.state, f.created_at
		FROM attempt a JOIN bank_file f ON f.id = a.file
		WHERE a.state IN ('written', 'sent', 'unknown') AND a.state <> 'written' AND a.payment > $2 AND ($1 = 0 OR f.batch = $1)
		ORDER BY a.payment LIMIT $3`, batch, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read unconfirmed: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Unconfirmed])
}
