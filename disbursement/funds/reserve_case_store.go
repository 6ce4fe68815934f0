package funds

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

const caseColumns = `id, number, township, person, reason, amount_fen, reported_at, drawn_by, drawn_at, document_due, documented_on,
	documented_by, coalesce(batch, 0), pay_due, confirm_due, released_at, refused_on, refused_by,
	form, receipt_sha256, receipt_name, witness, goods, supplier,
	coalesce((SELECT t.unit FROM township_advance t WHERE t.reserve_case = reserve_case.id), 0),
	(SELECT t.paid_at FROM township_advance t WHERE t.reserve_case = reserve_case.id)`

// notCancelled holds for a case whose small batch was not given up: what was
// cancelled drew nothing, so nothing is to be written up. Its number stays used.
const notCancelled = ` NOT EXISTS (SELECT 1 FROM batch b WHERE b.id = reserve_case.batch AND b.state = 'cancelled')`

func scanCase(row pgx.CollectableRow) (Case, error) {
	var c Case
	var documented, payDue, confirmDue, released, refused, paid *time.Time
	err := row.Scan(&c.ID, &c.Number, &c.Township, &c.Person, &c.Reason, &c.Amount, &c.ReportedAt, &c.DrawnBy, &c.DrawnAt, &c.DocumentDue,
		&documented, &c.DocumentedBy, &c.Batch, &payDue, &confirmDue, &released, &refused, &c.RefusedBy,
		&c.Form, &c.ReceiptSHA256, &c.ReceiptName, &c.Witness, &c.Goods, &c.Supplier, &c.Unit, &paid)
	for _, at := range []struct{ to, from *time.Time }{{&c.DocumentedOn, documented}, {&c.PayDue, payDue}, {&c.ConfirmDue, confirmDue},
		{&c.ReleasedAt, released}, {&c.RefusedOn, refused}, {&c.PaidAt, paid}} {
		if at.from != nil {
			*at.to = *at.from
		}
	}
	return c, err
}

func caseByNumber(ctx context.Context, q db.Querier, number string) (Case, bool, error) {
	rows, err := q.Query(ctx, `SELECT `+caseColumns+` FROM reserve_case WHERE number = $1`, number)
	if err != nil {
		return Case{}, false, fmt.Errorf("find case %s: %w", number, err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCase)
	if errors.Is(err, pgx.ErrNoRows) {
		return Case{}, false, nil
	}
	if err != nil {
		return Case{}, false, fmt.Errorf("find case %s: %w", number, err)
	}
	return c, true, nil
}

func insertCase(ctx context.Context, tx pgx.Tx, c Case) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO reserve_case (id, number, township, person, reason, amount_fen, reported_at, drawn_by, drawn_at, document_due, batch,
			pay_due, confirm_due, form, receipt_sha256, receipt_name, witness, goods, supplier)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		c.ID, c.Number, c.Township, c.Person, c.Reason, c.Amount, c.ReportedAt, c.DrawnBy, c.DrawnAt, c.DocumentDue, orNull(c.Batch, c.Batch == 0),
		c.PayDue, orNull(c.ConfirmDue, c.ConfirmDue.IsZero()), c.Form, append([]byte{}, c.ReceiptSHA256...), c.ReceiptName, c.Witness, c.Goods, c.Supplier)
	if err != nil {
		return fmt.Errorf("record case %s: %w", c.Number, err)
	}
	return nil
}
