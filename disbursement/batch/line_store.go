package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/money"
)

const lineColumns = `l.id, l.no, l.component, l.class, coalesce(l.person, 0), coalesce(l.household, 0), coalesce(l.unit, 0), l.payee,
	l.payee_role, coalesce(l.account, 0), l.township, l.residence, l.month, l.occasion, l.policy, l.amount_fen, l.status`

// copyLines gives the lines their ids and stores them.
func copyLines(ctx context.Context, tx pgx.Tx, b Batch, lines []Line) error {
	ids, err := db.NextIDs(ctx, tx, "line_id_seq", len(lines))
	if err != nil {
		return err
	}
	columns := []string{"id", "batch", "no", "program", "component", "class", "person", "household", "unit", "payee", "payee_role",
		"account", "township", "residence", "month", "occasion", "policy", "amount_fen", "status"}
	_, err = db.CopyIn(ctx, tx, "entitlement_line", columns, len(lines), func(i int) ([]any, error) {
		lines[i].ID = LineID(ids[i])
		l := &lines[i]
		return []any{int64(l.ID), int64(b.ID), l.No, b.Program, l.Component, l.Class, nullable(l.Person), nullable(l.Household), nullable(l.Unit),
			l.Payee, string(l.Role), nullable(l.Account), l.Township, l.Residence, string(l.Month), l.Occasion, l.Policy, int64(l.Amount), string(l.Status)}, nil
	})
	return err
}

// eachLine reads lines by a query, one after the other, into the same Line.
func eachLine(ctx context.Context, q db.Querier, sql string, args []any, fn func(l *Line) error) error {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("read lines: %w", err)
	}
	var l Line
	_, err = pgx.ForEachRow(rows, []any{&l.ID, &l.No, &l.Component, &l.Class, &l.Person, &l.Household, &l.Unit, &l.Payee, &l.Role, &l.Account,
		&l.Township, &l.Residence, &l.Month, &l.Occasion, &l.Policy, &l.Amount, &l.Status}, func() error { return fn(&l) })
	if err != nil {
		return fmt.Errorf("read lines: %w", err)
	}
	return nil
}

// Condition of the lines that belong to a batch's list: what was taken out
// before it was submitted does not, what a small list took out afterwards does.
const inList = ` (l.status <> 'withdrawn' OR EXISTS (SELECT 1 FROM once_key k WHERE k.line = l.id AND k.freed = 'withdrawn'))`

const listQuery = `SELECT ` + lineColumns + ` FROM entitlement_line l WHERE l.batch = $1 AND` + inList + ` ORDER BY l.no`

// linesOfList reads the list of a batch in its order.
func linesOfList(ctx context.Context, q db.Querier, id ID, size int) ([]Line, error) {
	lines := make([]Line, 0, size)
	shared := words{}
	err := eachLine(ctx, q, listQuery, []any{id},
		func(l *Line) error {
			lines = append(lines, l.sharing(shared))
			return nil
		})
	return lines, err
}

// sharing is the line with one copy of each text that many lines have.
func (l *Line) sharing(w words) Line {
	out := *l
	out.Component, out.Class, out.Occasion = w.one(l.Component), w.one(l.Class), w.one(l.Occasion)
	out.Township, out.Residence = w.one(l.Township), w.one(l.Residence)
	return out
}

// Lines reads lines of a batch in list order, a page after a line number.
func Lines(ctx context.Context, q db.Querier, id ID, after int32, limit int) ([]Line, error) {
	if limit <= 0 || limit > 10_000 {
		limit = 1000
	}
	var lines []Line
	err := eachLine(ctx, q, `SELECT `+lineColumns+` FROM entitlement_line l WHERE l.batch = $1 AND l.no > $2 ORDER BY l.no LIMIT $3`,
		[]any{id, after, limit}, func(l *Line) error { lines = append(lines, *l); return nil })
	return lines, err
}

// linesByNo locks lines of a batch by their numbers, in order.
func linesByNo(ctx context.Context, tx pgx.Tx, id ID, numbers []int32) ([]Line, error) {
	var lines []Line
	err := eachLine(ctx, tx, `SELECT `+lineColumns+` FROM entitlement_line l WHERE l.batch = $1 AND l.no = ANY($2) ORDER BY l.no FOR UPDATE`,
		[]any{id, numbers}, func(l *Line) error { lines = append(lines, *l); return nil })
	return lines, err
}

// residencesOf reads of lines, by batch, what tells which sources may pay them.
func residencesOf(ctx context.Context, q db.Querier, ids []int64) (map[ID][]Line, error) {
	rows, err := q.Query(ctx, `SELECT batch, id, residence, township FROM entitlement_line WHERE id = ANY($1) ORDER BY batch, no`, ids)
	if err != nil {
		return nil, fmt.Errorf("residence classes of lines: %w", err)
	}
	all := map[ID][]Line{}
	var id ID
	var l Line
	_, err = pgx.ForEachRow(rows, []any{&id, &l.ID, &l.Residence, &l.Township}, func() error { all[id] = append(all[id], l); return nil })
	if err != nil {
		return nil, fmt.Errorf("residence classes of lines: %w", err)
	}
	return all, nil
}

// lineNumbers are the numbers of a batch's lines, in order.
func lineNumbers(ctx context.Context, q db.Querier, id ID) ([]int32, error) {
	rows, err := q.Query(ctx, `SELECT no FROM entitlement_line WHERE batch = $1 ORDER BY no`, id)
	if err != nil {
		return nil, fmt.Errorf("line numbers of batch %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int32])
}

func setStatus(ctx context.Context, tx pgx.Tx, ids []LineID, to LineStatus) error {
	if _, err := tx.Exec(ctx, `UPDATE entitlement_line SET status = $2 WHERE id = ANY($1)`, ids, to); err != nil {
		return fmt.Errorf("lines to %s: %w", to, err)
	}
	return nil
}

// setAccounts points the lines of payees to another account version.
func setAccounts(ctx context.Context, tx pgx.Tx, id ID, payees, accounts []int64) error {
	_, err := tx.Exec(ctx, `UPDATE entitlement_line SET account = u.account
		FROM unnest($2::bigint[], $3::bigint[]) AS u (payee, account)
		WHERE batch = $1 AND entitlement_line.payee = u.payee AND status = 'listed'`, id, payees, accounts)
	if err != nil {
		return fmt.Errorf("accounts of batch %d: %w", id, err)
	}
	return nil
}

// listSums counts the listed lines of a batch.
func listSums(ctx context.Context, q db.Querier, id ID) (count int, amount money.Fen, err error) {
	err = q.QueryRow(ctx, `SELECT count(*), coalesce(sum(amount_fen), 0)::bigint FROM entitlement_line WHERE batch = $1 AND status = 'listed'`, id).
		Scan(&count, &amount)
	return count, amount, err
}

// moveLines gives lines of a draft to another list.
func moveLines(ctx context.Context, tx pgx.Tx, ids []LineID, to ID) error {
	if _, err := tx.Exec(ctx, `UPDATE entitlement_line SET batch = $2 WHERE id = ANY($1)`, ids, to); err != nil {
		return fmt.Errorf("lines to batch %d: %w", to, err)
	}
	return nil
}
