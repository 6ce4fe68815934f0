package reconciliation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

func insertBreaks(ctx context.Context, tx pgx.Tx, file FileID, list []gap, owner string, opened, due time.Time) error {
	if len(list) == 0 {
		return nil
	}
	var kinds []string
	var positions, attempts, amounts []int64
	for _, g := range list {
		kinds, positions = append(kinds, string(g.kind)), append(positions, int64(g.pos))
		attempts, amounts = append(attempts, g.attempt), append(amounts, int64(g.amount))
	}
	_, err := tx.Exec(ctx, `INSERT INTO break (id, kind, file, pos, attempt, amount_fen, owner, opened_on, due_on)
		SELECT nextval('break_id_seq'), u.kind, $1, u.pos, nullif(u.attempt, 0), u.fen, $6, $7, $8
		FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS u (kind, pos, attempt, fen)`,
		file, kinds, positions, attempts, amounts, owner, opened, due)
	if err != nil {
		return fmt.Errorf("open breaks: %w", err)
	}
	return nil
}

const breakSelect = `SELECT b.id, b.kind, b.file, f.name, b.pos, e.src_line, e.end_to_end_id, coalesce(b.attempt, 0),
		e.amount_fen, b.amount_fen, e.direction, e.status, e.reason, e.reason_text,
		b.owner, b.opened_on, b.due_on, b.resolved_on, b.resolved_by, b.resolution
	FROM break b JOIN evidence_file f ON f.id = b.file JOIN evidence e ON e.file = b.file AND e.pos = b.pos`

func selectBreaks(ctx context.Context, q db.Querier, f BreakFilter) ([]Break, error) {
	sql := breakSelect + `
		WHERE b.id > $1 ORDER BY b.id LIMIT $2`
	if f.OpenOnly {
		sql = breakSelect + `
		WHERE b.resolved_on IS NULL AND ($1 = 0 OR (b.due_on, b.id) > (SELECT p.due_on, p.id FROM break p WHERE p.id = $1))
		ORDER BY b.due_on, b.id LIMIT $2`
	}
	rows, err := q.Query(ctx, sql, int64(f.After), f.limit())
	if err != nil {
		return nil, fmt.Errorf("read breaks: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Break])
}

func lockBreak(ctx context.Context, tx pgx.Tx, id BreakID) (Break, error) {
	rows, err := tx.Query(ctx, breakSelect+` WHERE b.id = $1 FOR UPDATE OF b`, int64(id))
	if err != nil {
		return Break{}, fmt.Errorf("lock break: %w", err)
	}
	b, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Break])
	if errors.Is(err, pgx.ErrNoRows) {
		return Break{}, errs.New(errs.NotFound, "RECON_BREAK_UNKNOWN", "break", id)
	}
	return b, err
}

func updateBreak(ctx context.Context, tx pgx.Tx, b Break) error {
	_, err := tx.Exec(ctx, `UPDATE break SET resolved_on = $2, resolution = $3, resolved_by = $4 WHERE id = $1`,
		int64(b.ID), b.ResolvedOn, b.Resolution, b.ResolvedBy)
	if err != nil {
		return fmt.Errorf("resolve break: %w", err)
	}
	return nil
}

func countOpenBreaks(ctx context.Context, q db.Querier, attempts []int64) (map[int64]int, error) {
	rows, err := q.Query(ctx, `SELECT attempt, count(*) FROM break
		WHERE attempt = ANY($1) AND resolved_on IS NULL AND kind IN ('amount_differs', 'contradiction', 'paid_twice', 'which_line')
		GROUP BY attempt`, attempts)
	if err != nil {
		return nil, fmt.Errorf("count open breaks: %w", err)
	}
	open := map[int64]int{}
	var attempt int64
	var n int
	_, err = pgx.ForEachRow(rows, []any{&attempt, &n}, func() error { open[attempt] = n; return nil })
	if err != nil {
		return nil, fmt.Errorf("count open breaks: %w", err)
	}
	return open, nil
}
