package batch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

const batchColumns = `id, code, no, kind, program, office, period, channel, state, coalesce(import_file, 0), coalesce(source_account, 0),
	line_count, amount_fen, coalesce(list_digest, ''::bytea), maker, created_at`

func scanBatch(row pgx.Row) (Batch, error) {
	var b Batch
	err := row.Scan(&b.ID, &b.Code, &b.No, &b.Kind, &b.Program, &b.Office, &b.Period, &b.Channel, &b.State, &b.ImportFile, &b.Source,
		&b.Lines, &b.Amount, (*[]byte)(&b.Digest), &b.Maker, &b.CreatedAt)
	return b, err
}

func oneBatch(ctx context.Context, q db.Querier, code, sql string, args ...any) (Batch, error) {
	b, err := scanBatch(q.QueryRow(ctx, sql, args...))
	if errors.Is(err, pgx.ErrNoRows) {
		return b, errs.New(errs.NotFound, "BATCH_UNKNOWN", "batch", code)
	}
	if err != nil {
		return b, fmt.Errorf("read batch %s: %w", code, err)
	}
	return b, nil
}

// ByCode reads a batch. Errors: BATCH_UNKNOWN (NotFound).
func ByCode(ctx context.Context, q db.Querier, code string) (Batch, error) {
	return oneBatch(ctx, q, code, `SELECT `+batchColumns+` FROM batch WHERE code = $1`, code)
}

// ByID reads a batch. Errors: BATCH_UNKNOWN (NotFound).
func ByID(ctx context.Context, q db.Querier, id ID) (Batch, error) {
	return oneBatch(ctx, q, fmt.Sprint(id), `SELECT `+batchColumns+` FROM batch WHERE id = $1`, id)
}

func lockBatch(ctx context.Context, tx pgx.Tx, code string) (Batch, error) {
	return oneBatch(ctx, tx, code, `SELECT `+batchColumns+` FROM batch WHERE code = $1 FOR UPDATE`, code)
}

func lockBatchByID(ctx context.Context, tx pgx.Tx, id ID) (Batch, error) {
	return oneBatch(ctx, tx, fmt.Sprint(id), `SELECT `+batchColumns+` FROM batch WHERE id = $1 FOR UPDATE`, id)
}

// List reads batches in the order they were made, a page from the one after.
func List(ctx context.Context, q db.Querier, after ID, limit int) ([]Batch, error) {
	if limit <= 0 || limit > 1000 {
		limit = 1000
	}
	rows, err := q.Query(ctx, `SELECT `+batchColumns+` FROM batch WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Batch, error) { return scanBatch(row) })
}

// insertBatch stores a batch under the next number of its office. The others of
// the office wait for it until the transaction ends: it belongs to its end.
// splitsBeside finds the lists of a batch's office, program and period that were
// parted from another since a moment, by the comment that names the other.
func splitsBeside(ctx context.Context, q db.Querier, b Batch, at time.Time) (map[string][]ID, error) {
	rows, err := q.Query(ctx, `SELECT a.comment, b.id FROM batch b
		JOIN approval a ON a.subject = 'batch:' || b.id::text AND a.step = 'make' AND a.comment LIKE 'split:%'
		WHERE b.period = $1 AND b.program = $2 AND b.office = $3 AND b.created_at >= $4 ORDER BY b.id`, b.Period, b.Program, b.Office, at)
	if err != nil {
		return nil, fmt.Errorf("lists parted from batch %d: %w", b.ID, err)
	}
	all := map[string][]ID{}
	var comment string
	var id ID
	_, err = pgx.ForEachRow(rows, []any{&comment, &id}, func() error { all[comment] = append(all[comment], id); return nil })
	if err != nil {
		return nil, fmt.Errorf("lists parted from batch %d: %w", b.ID, err)
	}
	return all, nil
}

func insertBatch(ctx context.Context, tx pgx.Tx, b *Batch) error {
	err := tx.QueryRow(ctx, `INSERT INTO batch_number (office, last) VALUES ($1, 1)
		ON CONFLICT (office) DO UPDATE SET last = batch_number.last + 1 RETURNING last`, b.Office).Scan(&b.No)
	if err != nil {
		return fmt.Errorf("number batch %s: %w", b.Code, err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO batch
		(id, code, no, kind, program, office, period, channel, state, import_file, source_account, line_count, amount_fen, maker, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		b.ID, b.Code, b.No, b.Kind, b.Program, b.Office, b.Period, b.Channel, b.State, nullable(b.ImportFile), nullable(int64(b.Source)),
		b.Lines, int64(b.Amount), b.Maker, b.CreatedAt)
	if name, ok := db.Violation(err); ok && name == "batch_code" {
		return errs.Wrap(err, errs.Conflict, "BATCH_CODE_TAKEN", "batch", b.Code)
	}
	if err != nil {
		return fmt.Errorf("insert batch %s: %w", b.Code, err)
	}
	return nil
}

func setState(ctx context.Context, tx pgx.Tx, id ID, to State) error {
	if _, err := tx.Exec(ctx, `UPDATE batch SET state = $2 WHERE id = $1`, id, to); err != nil {
		return fmt.Errorf("batch %d to %s: %w", id, to, err)
	}
	return nil
}

func setDigest(ctx context.Context, tx pgx.Tx, id ID, digest Digest) error {
	if _, err := tx.Exec(ctx, `UPDATE batch SET list_digest = $2 WHERE id = $1`, id, []byte(digest)); err != nil {
		return fmt.Errorf("digest of batch %d: %w", id, err)
	}
	return nil
}

func setSums(ctx context.Context, tx pgx.Tx, id ID, lines int, amount money.Fen) error {
	if _, err := tx.Exec(ctx, `UPDATE batch SET line_count = $2, amount_fen = $3 WHERE id = $1`, id, lines, int64(amount)); err != nil {
		return fmt.Errorf("sums of batch %d: %w", id, err)
	}
	return nil
}

// batchesOfImport reads the batches made from an imported roster.
func batchesOfImport(ctx context.Context, q db.Querier, file int64) ([]Batch, error) {
	rows, err := q.Query(ctx, `SELECT `+batchColumns+` FROM batch WHERE import_file = $1 ORDER BY id`, file)
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Batch, error) { return scanBatch(row) })
}

func nullable(v int64) any {
	if v == 0 {
		return nil
	}
	return v
}

// Unclosed are the batches of a month (2026-10) or an earlier one whose money
// was frozen and which are not closed, in the order they were made.
func Unclosed(ctx context.Context, q db.Querier, month string) ([]Batch, error) {
	rows, err := q.Query(ctx, `SELECT `+batchColumns+` FROM batch
		WHERE period <= $1 AND state IN ('approved', 'releasing', 'released', 'reconciled') ORDER BY id`, month)
	if err != nil {
		return nil, fmt.Errorf("read open batches: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Batch, error) { return scanBatch(row) })
}
