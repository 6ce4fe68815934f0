package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/money"
)

// Standing is an account as it stood at one point: its balance then, and all
// that it was ever debited with up to then, each journal netted.
type Standing struct {
	Account
	Debits money.Fen
}

// Credits is all that the account was credited with: debits − credits is the
// balance.
func (s Standing) Credits() money.Fen { return s.Debits - s.Balance }

// Which says which accounts are asked for; the zero value is all of them. After
// and Limit page by the account's number.
type Which struct {
	Lot        LotID
	BudgetLine BudgetLineID // together with its lot
	Account    AccountID
	After      AccountID
	Limit      int
}

// asked is the end of a statement about accounts, and its arguments: $1 is the
// point in time.
func (w Which) asked(at any) (string, []any) {
	args, sql := []any{at, w.After}, ` WHERE a.id > $2`
	for _, c := range []struct {
		column string
		id     int32
	}{{"a.lot", int32(w.Lot)}, {"a.budget_line", int32(w.BudgetLine)}, {"a.id", int32(w.Account)}} {
		if c.id != 0 {
			args = append(args, c.id)
			sql += fmt.Sprintf(` AND %s = $%d`, c.column, len(args))
		}
	}
	sql += ` ORDER BY a.id`
	if w.Limit > 0 {
		args = append(args, w.Limit)
		sql += fmt.Sprintf(` LIMIT $%d`, len(args))
	}
	return sql, args
}

// StandingsAt reads accounts as of an index of the log: per lot, as of the last
// journal whose leaf is at or before it. The answer never changes. One probe for
// each lot and each account.
func StandingsAt(ctx context.Context, q db.Querier, index int64, w Which) ([]Standing, error) {
	return w.inPages(func(page Which) ([]Standing, error) {
		sql, args := page.asked(index)
		return standings(ctx, q, `SELECT a.id, a.lot, a.kind, a.budget_line, a.township, coalesce(e.balance_fen, 0), coalesce(e.debited_fen, 0)
		FROM account a
		LEFT JOIN LATERAL (SELECT l.seq FROM log_lot l WHERE l.lot = a.lot AND l.leaf_index <= $1
			ORDER BY l.leaf_index DESC LIMIT 1) s ON true
		LEFT JOIN LATERAL (SELECT x.balance_fen, x.debited_fen FROM account_entry x WHERE x.account = a.id AND x.seq <= s.seq
			ORDER BY x.seq DESC LIMIT 1) e ON true`+sql, args...)
	})
}

// StandingsOn reads accounts as at the end of a business date: all journals of
// that date or an earlier one. While the date's period is open, a journal booked
// into it changes the answer; once it is closed, nothing does. One probe for
// each account.
func StandingsOn(ctx context.Context, q db.Querier, day time.Time, w Which) ([]Standing, error) {
	return w.inPages(func(page Which) ([]Standing, error) {
		sql, args := page.asked(day)
		return standings(ctx, q, `SELECT a.id, a.lot, a.kind, a.budget_line, a.township, coalesce(d.closing_fen, 0), coalesce(d.debited_fen, 0)
		FROM account a
		LEFT JOIN LATERAL (SELECT x.closing_fen, x.debited_fen FROM account_day x WHERE x.account = a.id AND x.day <= $1
			ORDER BY x.day DESC LIMIT 1) d ON true`+sql, args...)
	})
}

// standingsPage is how many accounts one statement reads: at most six buffers for
// each, the lot's and its own, keep it below 200.
const standingsPage = 32

// inPages reads standings with statements that stay small, however many accounts
// are asked for.
func (w Which) inPages(read func(Which) ([]Standing, error)) ([]Standing, error) {
	out, page := []Standing{}, w
	for {
		page.Limit = standingsPage
		if w.Limit > 0 {
			page.Limit = min(standingsPage, w.Limit-len(out))
		}
		list, err := read(page)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
		if len(list) < page.Limit || len(out) == w.Limit {
			return out, nil
		}
		page.After = list[len(list)-1].ID
	}
}

func standings(ctx context.Context, q db.Querier, sql string, args ...any) ([]Standing, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read standings: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Standing, error) {
		var s Standing
		err := row.Scan(&s.ID, &s.Lot, &s.Place.Kind, &s.Place.BudgetLine, &s.Place.Township, &s.Balance, &s.Debits)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("read standings: %w", err)
	}
	return found, nil
}

// Entry is what one journal changed in one account, with the account's balance
// after it in the order of the statement it is part of.
type Entry struct {
	Account      AccountID
	BusinessDate time.Time
	Seq          int64
	Journal      JournalID
	Delta        money.Fen
	Balance      money.Fen
}

// EntryKey names a place in a statement: the entries after it are read. A
// statement by number has no day.
type EntryKey struct {
	Day     time.Time
	Seq     int64
	Account AccountID
}

// EntriesBySeq reads what moved in accounts of one lot, in the order of its
// journals, up to number to, from after the key: at most limit entries, read by
// one range of each account.
func EntriesBySeq(ctx context.Context, q db.Querier, accounts []AccountID, to int64, after EntryKey, limit int) ([]Entry, error) {
	return entries(ctx, q, `SELECT e.account, e.business_date, e.seq, e.journal, e.delta_fen, e.balance_fen
		FROM unnest($1::int[]) AS u (account)
		CROSS JOIN LATERAL (SELECT x.account, x.business_date, x.seq, x.journal, x.delta_fen, x.balance_fen FROM account_entry x
			WHERE x.account = u.account AND x.seq <= $2 AND (x.seq > $3 OR (x.seq = $3 AND x.account > $4)) AND x.seq >= $3
			ORDER BY x.seq LIMIT $5) e
		ORDER BY e.seq, e.account LIMIT $5`, accounts, to, after.Seq, after.Account, limit)
}

// EntriesByDay reads what moved in accounts of one lot from the key's day to
// another, in the order of business dates, from after the key: at most limit
// entries. Their balances count the entries of earlier dates only, whenever
// they were posted.
func EntriesByDay(ctx context.Context, q db.Querier, accounts []AccountID, to time.Time, after EntryKey, limit int) ([]Entry, error) {
	list, err := entries(ctx, q, `SELECT e.account, e.business_date, e.seq, e.journal, e.delta_fen, 0::bigint
		FROM unnest($1::int[]) AS u (account)
		CROSS JOIN LATERAL (SELECT x.account, x.business_date, x.seq, x.journal, x.delta_fen FROM account_entry x
			WHERE x.account = u.account AND x.business_date <= $2 AND x.business_date >= $3
				AND (x.business_date > $3 OR x.seq > $4 OR (x.seq = $4 AND x.account > $5))
			ORDER BY x.business_date, x.seq LIMIT $6) e
		ORDER BY e.business_date, e.seq, e.account LIMIT $6`, accounts, to, after.Day, after.Seq, after.Account, limit)
	if err != nil || len(list) == 0 {
		return list, err
	}
	running, err := balancesBefore(ctx, q, accounts, EntryKey{Day: list[0].BusinessDate, Seq: list[0].Seq, Account: list[0].Account})
	for i := range list {
		e := &list[i]
		running[e.Account] += e.Delta // as the account's row summed them, with a check
		e.Balance = running[e.Account]
	}
	return list, err
}

// balancesBefore is where accounts stood before an entry, in order of business
// dates: the day before, and that day's entries up to it.
func balancesBefore(ctx context.Context, q db.Querier, accounts []AccountID, key EntryKey) (map[AccountID]money.Fen, error) {
	rows, err := q.Query(ctx, `SELECT u.account, coalesce(d.closing_fen, 0) + coalesce((SELECT sum(x.delta_fen)::bigint FROM account_entry x
			WHERE x.account = u.account AND x.business_date = $2 AND (x.seq < $3 OR (x.seq = $3 AND x.account < $4))), 0)
		FROM unnest($1::int[]) AS u (account)
		LEFT JOIN LATERAL (SELECT x.closing_fen FROM account_day x WHERE x.account = u.account AND x.day < $2
			ORDER BY x.day DESC LIMIT 1) d ON true`, accounts, key.Day, key.Seq, key.Account)
	if err != nil {
		return nil, fmt.Errorf("read opening balances: %w", err)
	}
	out, account, balance := map[AccountID]money.Fen{}, AccountID(0), money.Fen(0)
	_, err = pgx.ForEachRow(rows, []any{&account, &balance}, func() error { out[account] = balance; return nil })
	return out, err
}

func entries(ctx context.Context, q db.Querier, sql string, args ...any) ([]Entry, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Entry, error) {
		var e Entry
		err := row.Scan(&e.Account, &e.BusinessDate, &e.Seq, &e.Journal, &e.Delta, &e.Balance)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	return found, nil
}

// SeqAt is at which number a lot stood as of an index of the log; 0 before its
// first journal.
func SeqAt(ctx context.Context, q db.Querier, lot LotID, index int64) (int64, error) {
	var seq int64
	err := q.QueryRow(ctx, `SELECT coalesce((SELECT l.seq FROM log_lot l WHERE l.lot = $1 AND l.leaf_index <= $2
		ORDER BY l.leaf_index DESC LIMIT 1), 0)`, lot, index).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("find number of lot %d: %w", lot, err)
	}
	return seq, nil
}

// JournalsByID reads journals' headers by number.
func JournalsByID(ctx context.Context, q db.Querier, ids []JournalID) (map[JournalID]Journal, error) {
	rows, err := q.Query(ctx, `SELECT `+journalColumns+` FROM journal WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read journals: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanJournal)
	out := make(map[JournalID]Journal, len(list))
	for _, j := range list {
		out[j.ID] = j
	}
	return out, err
}

// JournalsAfter reads journals' headers in order, from the number after the one
// given, at most limit; of one cause where cause is not empty.
func JournalsAfter(ctx context.Context, q db.Querier, cause string, after JournalID, limit int) ([]Journal, error) {
	sql := `SELECT ` + journalColumns + ` FROM journal WHERE id > $1 ORDER BY id LIMIT $2`
	args := []any{after, limit}
	if cause != "" {
		sql = `SELECT ` + journalColumns + ` FROM journal WHERE cause = $3 AND id > $1 ORDER BY id LIMIT $2`
		args = append(args, cause)
	}
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read journals: %w", err)
	}
	return pgx.CollectRows(rows, scanJournal)
}
