package payment

import (
	"context"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// Service forms, releases and settles payments.
type Service struct {
	db      *db.DB
	ledger  *ledger.Service
	parties *parties.Service
	clock   clock.Clock
	log     *slog.Logger

	checkpoints Checkpoints // nil: none goes out with files
}

// NewService makes the service.
func NewService(d *db.DB, l *ledger.Service, p *parties.Service, c clock.Clock, log *slog.Logger) *Service {
	return &Service{db: d, ledger: l, parties: p, clock: c, log: log}
}

// FormTx stores the payments of a batch, in the transaction that freezes their
// money. ids are drawn beforehand with NextIDs, because the legs name them.
func (s *Service) FormTx(ctx context.Context, tx pgx.Tx, batch int64, ids []int64, list []New) error {
	_, err := db.CopyIn(ctx, tx, "payment", []string{"id", "batch", "no", "payee", "budget_line", "amount_fen", "line_count"}, len(list),
		func(i int) ([]any, error) {
			n := list[i]
			var line any
			if n.BudgetLine != 0 {
				line = n.BudgetLine
			}
			return []any{ids[i], batch, n.No, n.Payee, line, int64(n.Amount), n.LineCount}, nil
		})
	return err
}

// NextIDs draws ids for n payments.
func NextIDs(ctx context.Context, q db.Querier, n int) ([]int64, error) {
	return db.NextIDs(ctx, q, "payment_id_seq", n)
}

// ReduceTx takes a line out of a payment that has no instruction yet; at zero
// the payment is stopped. Refused (Conflict PAYMENT_INSTRUCTED) afterwards.
func (s *Service) ReduceTx(ctx context.Context, tx pgx.Tx, id ID, by money.Fen, lines int) error {
	tag, err := tx.Exec(ctx, `UPDATE payment SET amount_fen = amount_fen - $2, line_count = line_count - $3
		WHERE id = $1 AND amount_fen >= $2 AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.payment = payment.id AND a.state <> 'stopped')`, id, by, lines)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return errs.New(errs.Conflict, "PAYMENT_INSTRUCTED", "payment", int64(id))
	}
	return nil
}
