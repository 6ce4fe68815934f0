package batch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

func insertList(ctx context.Context, tx pgx.Tx, l SmallList) error {
	_, err := tx.Exec(ctx, `INSERT INTO line_list (id, kind, batch, state, digest, maker, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		l.ID, l.Kind, l.Batch, l.State, []byte(l.Digest), l.Maker, l.MadeAt)
	if err != nil {
		return fmt.Errorf("insert list: %w", err)
	}
	columns := []string{"list", "no", "line", "payment", "account", "amount_fen", "reason", "owner", "due_on", "place", "end_to_end_id"}
	_, err = db.CopyIn(ctx, tx, "line_list_item", columns, len(l.Items), func(i int) ([]any, error) {
		it := l.Items[i]
		var due any
		if !it.DueOn.IsZero() {
			due = it.DueOn
		}
		return []any{int64(l.ID), it.No, nullable(int64(it.Line)), nullable(it.Payment), nullable(it.Account), int64(it.Amount), it.Reason, it.Owner, due,
			string(it.Place), it.EndToEndID}, nil
	})
	return err
}

const listColumns = `id, kind, batch, state, digest, maker, made_at`

func scanList(row pgx.CollectableRow) (SmallList, error) {
	var l SmallList
	err := row.Scan(&l.ID, &l.Kind, &l.Batch, &l.State, (*[]byte)(&l.Digest), &l.Maker, &l.MadeAt)
	return l, err
}

// ListByID reads a small list with its items. Errors: BATCH_LIST_UNKNOWN.
func ListByID(ctx context.Context, q db.Querier, id ListID) (SmallList, error) {
	rows, err := q.Query(ctx, `SELECT `+listColumns+` FROM line_list WHERE id = $1`, id)
	if err != nil {
		return SmallList{}, fmt.Errorf("read list: %w", err)
	}
	l, err := pgx.CollectExactlyOneRow(rows, scanList)
	if errors.Is(err, pgx.ErrNoRows) {
		return l, errs.New(errs.NotFound, "BATCH_LIST_UNKNOWN", "list", int64(id))
	}
	if err != nil {
		return l, fmt.Errorf("read list: %w", err)
	}
	l.Items, err = itemsOf(ctx, q, id)
	return l, err
}

// ListsOf reads the small lists of a batch in order, without their items.
func ListsOf(ctx context.Context, q db.Querier, id ID) ([]SmallList, error) {
	rows, err := q.Query(ctx, `SELECT `+listColumns+` FROM line_list WHERE batch = $1 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("read lists: %w", err)
	}
	return pgx.CollectRows(rows, scanList)
}

func itemsOf(ctx context.Context, q db.Querier, id ListID) ([]Item, error) {
	rows, err := q.Query(ctx, `SELECT no, coalesce(line, 0), coalesce(payment, 0), coalesce(account, 0), amount_fen, reason, owner, due_on, place, end_to_end_id
		FROM line_list_item WHERE list = $1 ORDER BY no`, id)
	if err != nil {
		return nil, fmt.Errorf("read list items: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Item, error) {
		var i Item
		var due *time.Time
		err := row.Scan(&i.No, &i.Line, &i.Payment, &i.Account, &i.Amount, &i.Reason, &i.Owner, &due, &i.Place, &i.EndToEndID)
		if due != nil {
			i.DueOn = *due
		}
		return i, err
	})
}

func setListState(ctx context.Context, tx pgx.Tx, id ListID, to ListState) error {
	if _, err := tx.Exec(ctx, `UPDATE line_list SET state = $2 WHERE id = $1`, id, to); err != nil {
		return fmt.Errorf("list %d to %s: %w", id, to, err)
	}
	return nil
}

// linesByID reads lines by their ids, locked, in list order.
func linesByID(ctx context.Context, tx pgx.Tx, ids []LineID) ([]Line, error) {
	var lines []Line
	err := eachLine(ctx, tx, `SELECT `+lineColumns+` FROM entitlement_line l WHERE l.id = ANY($1) ORDER BY l.no FOR UPDATE`,
		[]any{ids}, func(l *Line) error { lines = append(lines, *l); return nil })
	return lines, err
}

// rejectOpenLists ends the lists of a cancelled batch that nobody decided on.
func rejectOpenLists(ctx context.Context, tx pgx.Tx, id ID) error {
	if _, err := tx.Exec(ctx, `UPDATE line_list SET state = 'rejected' WHERE batch = $1 AND state = 'proposed'`, id); err != nil {
		return fmt.Errorf("reject lists of batch %d: %w", id, err)
	}
	return nil
}
