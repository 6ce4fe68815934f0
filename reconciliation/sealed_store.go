package reconciliation

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// What reconciliation reads of the sealed side: which batch and file an attempt
// belongs to, set by set. It writes none of it.

// openAttempt is an attempt that a refusal of its file may still move.
type openAttempt struct {
	ID         int64
	EndToEndID string
}

// openOfMessage finds the attempts of a sealed file that nothing has moved and
// that an evidence file does not list, the first most of them; all for 0.
func openOfMessage(ctx context.Context, q db.Querier, ref string, file FileID, most int) ([]openAttempt, error) {
	rows, err := q.Query(ctx, `SELECT a.id, a.end_to_end_id
		FROM bank_file f JOIN attempt a ON a.file = f.id
		WHERE f.file_ref = $1 AND a.state IN ('written', 'sent', 'unknown')
			AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.attempt = a.id AND e.file = $2)
		ORDER BY a.file_line LIMIT nullif($3, 0)`, ref, file, most)
	if err != nil {
		return nil, fmt.Errorf("read open attempts: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[openAttempt])
}

// messageBooked says whether a file is ours, and how much of it was booked.
func messageBooked(ctx context.Context, q db.Querier, ref string) (known bool, booked money.Fen, err error) {
	err = q.QueryRow(ctx, `SELECT count(DISTINCT f.id) > 0, coalesce(sum(a.booked_fen), 0)::bigint
		FROM bank_file f LEFT JOIN attempt a ON a.file = f.id WHERE f.file_ref = $1`, ref).Scan(&known, &booked)
	if err != nil {
		return false, 0, fmt.Errorf("read sealed file: %w", err)
	}
	return known, booked, nil
}

// lockBatches locks the batches of attempts in id order, so that the events of
// a batch keep the order of commits.
func lockBatches(ctx context.Context, tx pgx.Tx, attempts []int64) error {
	_, err := tx.Exec(ctx, `SELECT id FROM batch
		WHERE id IN (SELECT f.batch FROM attempt a JOIN bank_file f ON f.id = a.file WHERE a.id = ANY($1))
		ORDER BY id FOR UPDATE`, attempts)
	if err != nil {
		return fmt.Errorf("lock batches: %w", err)
	}
	return nil
}

// batchTotal is what a file moved in one batch.
type batchTotal struct {
	Batch  int64
	Code   string
	What   string
	Count  int
	Amount money.Fen
}

func batchTotals(ctx context.Context, q db.Querier, list []moved) ([]batchTotal, error) {
	ids, what, amounts := make([]int64, len(list)), make([]string, len(list)), make([]int64, len(list))
	for i, m := range list {
		ids[i], what[i], amounts[i] = m.attempt, m.what, int64(m.amount)
	}
	rows, err := q.Query(ctx, `SELECT f.batch, coalesce(b.code, ''), u.what, count(*), sum(u.fen)::bigint
		FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS u (attempt, what, fen)
		JOIN attempt a ON a.id = u.attempt
		JOIN bank_file f ON f.id = a.file
		LEFT JOIN batch b ON b.id = f.batch
		GROUP BY f.batch, b.code, u.what ORDER BY f.batch, u.what`, ids, what, amounts)
	if err != nil {
		return nil, fmt.Errorf("sum batches: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[batchTotal])
}

// batchByCode finds a batch's number; 0 stands for all.
func batchByCode(ctx context.Context, q db.Querier, code string) (id int64, err error) {
	if code == "" {
		return 0, nil
	}
	err = q.QueryRow(ctx, `SELECT id FROM batch WHERE code = $1`, code).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errs.New(errs.NotFound, "RECON_BATCH", "batch", code)
	}
	if err != nil {
		return 0, fmt.Errorf("find batch: %w", err)
	}
	return id, nil
}
