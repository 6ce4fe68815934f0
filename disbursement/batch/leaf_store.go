package batch

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/leaf"
)

// LeafOf makes the leaf of an approval from what is stored. Errors:
// errs.NotFound BATCH_APPROVAL_UNKNOWN.
func LeafOf(ctx context.Context, q db.Querier, approval int64) (*leaf.Leaf, error) {
	rows, err := q.Query(ctx, `SELECT `+approvalColumns+` FROM approval WHERE id = $1`, approval)
	if err != nil {
		return nil, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanApproval)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errs.New(errs.NotFound, "BATCH_APPROVAL_UNKNOWN", "approval", approval)
	}
	return ApprovalLeaf(a), err
}
