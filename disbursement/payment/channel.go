package payment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// OpenChannelTx opens a channel in the transaction that records whose account it pays
// from. A code is opened once.
func OpenChannelTx(ctx context.Context, tx pgx.Tx, c Channel) error {
	_, err := tx.Exec(ctx, `INSERT INTO channel (code, name_zh, name_en, profile, many_budget_lines, max_rows, debtor_name, debtor_account, debtor_agent)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, c.Code, c.NameZH, c.NameEN, c.Profile, c.ManyBudgetLines, c.MaxRows, c.DebtorName, c.DebtorAccount, c.DebtorAgent)
	if err != nil {
		return fmt.Errorf("open channel %s: %w", c.Code, err)
	}
	return nil
}

// LockChannel makes those wait for each other who spend what is on a channel's account.
func LockChannel(ctx context.Context, tx pgx.Tx, code string) error {
	if err := tx.QueryRow(ctx, `SELECT code FROM channel WHERE code = $1 FOR UPDATE`, code).Scan(&code); err != nil {
		return fmt.Errorf("lock channel %s: %w", code, err)
	}
	return nil
}
