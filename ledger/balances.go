package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// Accounts reads every account with its balance, in order of lot and id.
func Accounts(ctx context.Context, q db.Querier) ([]Account, error) {
	return accounts(ctx, q, `SELECT id, lot, kind, budget_line, township, balance_fen FROM account ORDER BY lot, id`)
}

// AccountByID reads one account.
func AccountByID(ctx context.Context, q db.Querier, id AccountID) (Account, error) {
	found, err := accounts(ctx, q, `SELECT id, lot, kind, budget_line, township, balance_fen FROM account WHERE id = $1`, id)
	if err != nil {
		return Account{}, err
	}
	if len(found) == 0 {
		return Account{}, errs.New(errs.NotFound, "LEDGER_ACCOUNT_UNKNOWN", "account", id)
	}
	return found[0], nil
}

// AccountAt finds the account of a place of a lot; found is false where no
// money ever stood there.
func AccountAt(ctx context.Context, q db.Querier, lot LotID, place Place) (a Account, found bool, err error) {
	list, err := accounts(ctx, q, `SELECT id, lot, kind, budget_line, township, balance_fen FROM account
		WHERE lot = $1 AND kind = $2 AND budget_line = $3 AND township = $4`, lot, place.Kind, place.BudgetLine, place.Township)
	if err != nil || len(list) == 0 {
		return Account{}, false, err
	}
	return list[0], true, nil
}

// AccountsAt reads every account with its balance as of an index of the log, as
// StandingsAt.
func AccountsAt(ctx context.Context, q db.Querier, index int64) ([]Account, error) {
	then, err := StandingsAt(ctx, q, index, Which{})
	out := make([]Account, len(then))
	for i, s := range then {
		out[i] = s.Account
	}
	return out, err
}

func accounts(ctx context.Context, q db.Querier, sql string, args ...any) ([]Account, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanAccount)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return found, nil
}

// JournalByID reads a journal's header.
func JournalByID(ctx context.Context, q db.Querier, id JournalID) (Journal, error) {
	j, found, err := oneJournal(ctx, q, `SELECT `+journalColumns+` FROM journal WHERE id = $1`, id)
	if err == nil && !found {
		err = errs.New(errs.NotFound, "LEDGER_JOURNAL_UNKNOWN", "journal", id)
	}
	return j, err
}

// JournalsOf reads the journals of one cause ("batch:12") in order.
func JournalsOf(ctx context.Context, q db.Querier, cause string) ([]Journal, error) {
	rows, err := q.Query(ctx, `SELECT `+journalColumns+` FROM journal WHERE cause = $1 ORDER BY id`, cause)
	if err != nil {
		return nil, fmt.Errorf("read journals: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanJournal)
	if err != nil {
		return nil, fmt.Errorf("read journals: %w", err)
	}
	return found, nil
}

// ReversalsOf finds the journals that reverse another, in order.
func ReversalsOf(ctx context.Context, q db.Querier, id JournalID) ([]JournalID, error) {
	rows, err := q.Query(ctx, `SELECT id FROM journal WHERE reverses = $1 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("find reversals: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[JournalID])
}

// Transfers reads the transfers of a journal in order, at most limit of them,
// from the line after the one given.
func Transfers(ctx context.Context, q db.Querier, journal JournalID, after int32, limit int) ([]Transfer, error) {
	rows, err := q.Query(ctx, `SELECT line, lot, debit, credit, amount_fen, coalesce(payment, 0), coalesce(party, 0), coalesce(holding, 0)
		FROM transfer WHERE journal = $1 AND line > $2 ORDER BY line LIMIT $3`, journal, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read transfers: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Transfer, error) {
		var t Transfer
		err := row.Scan(&t.Line, &t.Lot, &t.Debit, &t.Credit, &t.Amount, &t.Payment, &t.Party, &t.Holding)
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("read transfers: %w", err)
	}
	return found, nil
}
