package batch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/ledger/proof"
)

const voucherColumns = `v.id, v.batch, v.number, v.dated, v.budget_line, v.amount_fen, v.recorded_by, v.recorded_at,
	coalesce(w.reason, ''), coalesce(w.voided_by, ''), w.voided_at`

const voucherFrom = ` FROM batch_voucher v LEFT JOIN batch_voucher_void w ON w.voucher = v.id `

func scanVoucher(row pgx.Row, more ...any) (Voucher, error) {
	var v Voucher
	var w Void
	var at *time.Time
	err := row.Scan(append([]any{&v.ID, &v.Batch, &v.Number, &v.Dated, &v.BudgetLine, &v.Amount, &v.RecordedBy, &v.RecordedAt,
		&w.Reason, &w.VoidedBy, &at}, more...)...)
	if at != nil {
		w.Voucher, w.VoidedAt = v.ID, *at
		v.Voided = &w
	}
	return v, err
}

// voucherByNumber is the voucher with a number for a budget line, or none.
func voucherByNumber(ctx context.Context, q db.Querier, number string, line ledger.BudgetLineID) (Voucher, error) {
	v, err := scanVoucher(q.QueryRow(ctx, `SELECT `+voucherColumns+voucherFrom+`WHERE v.number = $1 AND v.budget_line = $2`, number, line))
	if errors.Is(err, pgx.ErrNoRows) {
		return Voucher{}, nil
	}
	if err != nil {
		return v, fmt.Errorf("read voucher %s: %w", number, err)
	}
	return v, nil
}

// VouchersOf are the vouchers of a batch in the order they were recorded.
func VouchersOf(ctx context.Context, q db.Querier, id ID) ([]Voucher, error) {
	rows, err := q.Query(ctx, `SELECT `+voucherColumns+voucherFrom+`WHERE v.batch = $1 ORDER BY v.id`, id)
	if err != nil {
		return nil, fmt.Errorf("vouchers of batch %d: %w", id, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Voucher, error) { return scanVoucher(row) })
}

// CoveredBy sets what a batch's legs hold of each budget line beside its
// vouchers.
func CoveredBy(ctx context.Context, q db.Querier, id ID) ([]Covered, error) {
	rows, err := q.Query(ctx, `SELECT l.id, l.number, f.fen, coalesce(v.fen, 0)
		FROM (SELECT a.budget_line, sum(h.amount_fen)::bigint AS fen FROM payment p JOIN leg h ON h.payment = p.id JOIN account a ON a.id = h.account
			WHERE p.batch = $1 GROUP BY a.budget_line) f
		JOIN budget_line l ON l.id = f.budget_line
		LEFT JOIN (SELECT n.budget_line, sum(n.amount_fen)::bigint AS fen FROM batch_voucher n LEFT JOIN batch_voucher_void w ON w.voucher = n.id
			WHERE n.batch = $1 AND w.voucher IS NULL GROUP BY n.budget_line) v ON v.budget_line = f.budget_line
		ORDER BY l.id`, id)
	if err != nil {
		return nil, fmt.Errorf("vouchers and frozen money of batch %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Covered])
}

func insertVoucher(ctx context.Context, tx pgx.Tx, v Voucher) (int64, error) {
	id, err := db.NextID(ctx, tx, "batch_voucher_id_seq")
	if err != nil {
		return 0, err
	}
	v.ID = id
	_, err = tx.Exec(ctx, `INSERT INTO batch_voucher (id, batch, number, dated, budget_line, amount_fen, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, v.ID, v.Batch, v.Number, v.Dated, v.BudgetLine, v.Amount, v.RecordedBy, v.RecordedAt)
	if err != nil {
		return 0, fmt.Errorf("record voucher %s: %w", v.Number, err)
	}
	return id, proof.Append(ctx, tx, proof.ItemOf(VoucherLeaf(v), id))
}

func insertVoid(ctx context.Context, tx pgx.Tx, v Void) error {
	_, err := tx.Exec(ctx, `INSERT INTO batch_voucher_void (voucher, reason, voided_by, voided_at) VALUES ($1, $2, $3, $4)`,
		v.Voucher, v.Reason, v.VoidedBy, v.VoidedAt)
	if err != nil {
		return fmt.Errorf("void voucher %d: %w", v.Voucher, err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(VoidLeaf(v), v.Voucher))
}

// verifyVoids makes the leaf of every voiding again.
func verifyVoids(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT w.voucher, w.reason, w.voided_by, w.voided_at, l.digest
		FROM batch_voucher_void w LEFT JOIN logged l ON l.kind = 'voucher_void' AND l.ref = w.voucher ORDER BY w.voucher`)
	if err != nil {
		return nil, fmt.Errorf("read voided vouchers: %w", err)
	}
	return proof.Recheck(rows, "voucher_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var v Void
		var logged []byte
		err := row.Scan(&v.Voucher, &v.Reason, &v.VoidedBy, &v.VoidedAt, &logged)
		return proof.Row{Name: fmt.Sprintf("batch_voucher_void %d", v.Voucher), Leaf: VoidLeaf(v), Logged: logged}, err
	})
}

// verifyVouchers makes the leaf of every voucher again.
func verifyVouchers(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+voucherColumns+`, l.digest`+voucherFrom+`LEFT JOIN logged l ON l.kind = 'voucher' AND l.ref = v.id ORDER BY v.id`)
	if err != nil {
		return nil, fmt.Errorf("read vouchers: %w", err)
	}
	return proof.Recheck(rows, "voucher_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var logged []byte
		v, err := scanVoucher(row, &logged)
		return proof.Row{Name: fmt.Sprintf("batch_voucher %d", v.ID), Leaf: VoucherLeaf(v), Logged: logged}, err
	})
}
