package payment

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/ledger"
)

// Follow is that money of another lot pays what a leg paid (支付更正): the new leg
// belongs to the same attempt.
type Follow struct {
	From, To ledger.HoldingID
}

// FollowTx gives new legs the attempts of those that they stand for. A leg of its
// payment's first attempt needs none.
func (s *Service) FollowTx(ctx context.Context, tx pgx.Tx, list []Follow) error {
	asked := make([]int64, len(list))
	for i, f := range list {
		asked[i] = int64(f.From)
	}
	slices.Sort(asked)
	owners, err := legOwners(ctx, tx, slices.Compact(asked))
	if err != nil {
		return err
	}
	var attempts, legs []int64
	for _, f := range list {
		if owner, later := owners[f.From]; later {
			attempts, legs = append(attempts, owner), append(legs, int64(f.To))
		}
	}
	return assignLegs(ctx, tx, attempts, legs)
}
