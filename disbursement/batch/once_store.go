package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// holder says that a line's once-key is held by another line.
type holder struct {
	Line      LineID
	No        int32
	Component string
	Month     string
	Occasion  string
	Batch     string // code of the holder's batch
	HolderNo  int32
}

// holdersOf finds the listed lines of a batch whose once-key another line
// holds, in list order.
func holdersOf(ctx context.Context, q db.Querier, id ID) ([]holder, error) {
	rows, err := q.Query(ctx, `SELECT l.id, l.no, l.component, l.month, l.occasion, b.code, o.no
		FROM entitlement_line l
		LEFT JOIN once_alias a ON a.subject = l.person
		JOIN once_key k ON k.subject = coalesce(a.now, l.person, l.unit) AND k.program = l.program AND k.component = l.component
			AND k.month = l.month AND k.occasion = l.occasion AND k.freed IS NULL AND k.line <> l.id
		JOIN entitlement_line o ON o.id = k.line
		JOIN batch b ON b.id = o.batch
		WHERE l.batch = $1 AND l.status = 'listed' ORDER BY l.no`, id)
	if err != nil {
		return nil, fmt.Errorf("read once-keys: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[holder])
}

// caseHoldersOf finds the emergencies of a batch whose case another line pays for
// another month: a case is paid once, whatever month a list is of.
func caseHoldersOf(ctx context.Context, q db.Querier, id ID) ([]holder, error) {
	rows, err := q.Query(ctx, `SELECT l.id, l.no, l.component, l.month, l.occasion, b.code, o.no
		FROM entitlement_line l
		LEFT JOIN once_alias a ON a.subject = l.person
		JOIN once_key k ON k.subject = coalesce(a.now, l.person) AND k.program = l.program AND k.component = l.component
			AND k.month <> l.month AND k.occasion = l.occasion AND k.freed IS NULL
		JOIN entitlement_line o ON o.id = k.line
		JOIN batch b ON b.id = o.batch
		WHERE l.batch = $1 AND l.status = 'listed' AND l.component = '`+emergencyComponent+`' AND l.occasion LIKE 'case/%' ORDER BY l.no`, id)
	if err != nil {
		return nil, fmt.Errorf("read once-keys of cases: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[holder])
}

// claimKeys claims the once-key of every listed line of a batch; a key that the
// line had given up is taken up again. errKeyHeld where somebody else holds one.
func claimKeys(ctx context.Context, tx pgx.Tx, id ID) error {
	_, err := tx.Exec(ctx, `INSERT INTO once_key (line, subject, program, component, month, occasion)
		SELECT l.id, coalesce(a.now, l.person, l.unit), l.program, l.component, l.month, l.occasion
		FROM entitlement_line l LEFT JOIN once_alias a ON a.subject = l.person
		WHERE l.batch = $1 AND l.status = 'listed'
		ORDER BY coalesce(a.now, l.person, l.unit), l.component, l.month, l.occasion
		ON CONFLICT (line, subject) DO UPDATE SET freed = NULL`, id)
	if name, ok := db.Violation(err); ok && name == "once_key_live" {
		return errs.Wrap(err, errs.Conflict, codeKeyHeld)
	}
	if err != nil {
		return fmt.Errorf("claim once-keys of batch %d: %w", id, err)
	}
	return nil
}

// freeKeysOfBatch gives up the live once-keys of a batch, for a reason.
func freeKeysOfBatch(ctx context.Context, tx pgx.Tx, id ID, why string) error {
	_, err := tx.Exec(ctx, `UPDATE once_key SET freed = $2
		WHERE freed IS NULL AND line IN (SELECT l.id FROM entitlement_line l WHERE l.batch = $1)`, id, why)
	if err != nil {
		return fmt.Errorf("free once-keys of batch %d: %w", id, err)
	}
	return nil
}

// freeKeys gives up the live once-keys of lines, for a reason.
func freeKeys(ctx context.Context, tx pgx.Tx, lines []LineID, why string) error {
	_, err := tx.Exec(ctx, `UPDATE once_key SET freed = $2 WHERE freed IS NULL AND line = ANY($1)`, lines, why)
	if err != nil {
		return fmt.Errorf("free once-keys: %w", err)
	}
	return nil
}
