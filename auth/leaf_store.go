package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/leaf"
)

// LeafOf makes the leaf of a right that was given or taken (权限记录) from what is
// stored. Errors: errs.NotFound AUTH_CHANGE_UNKNOWN.
func LeafOf(ctx context.Context, q db.Querier, id int64) (*leaf.Leaf, error) {
	var c Change
	err := q.QueryRow(ctx, `SELECT r.id, r.login, u.name, u.office, r.right_code, r.given, r.given_by, r.given_at
		FROM user_right r JOIN app_user u ON u.login = r.login WHERE r.id = $1`, id).
		Scan(&c.ID, &c.Login, &c.Name, &c.Office, &c.Right, &c.Given, &c.By, &c.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errs.New(errs.NotFound, "AUTH_CHANGE_UNKNOWN", "id", id)
	}
	if err != nil {
		return nil, fmt.Errorf("right %d: %w", id, err)
	}
	return RightLeaf(c), nil
}
