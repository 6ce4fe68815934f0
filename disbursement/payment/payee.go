package payment

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/parties"
)

// OpenPayee says whom an attempt paid, in clear, with the salt that proves it
// against the leaf of its file. The actor in ctx needs people.unmask, and the
// look is recorded. Errors: AUTH_…; PAYMENT_ATTEMPT_UNKNOWN; those of
// parties.OpenTx.
func (s *Service) OpenPayee(ctx context.Context, endToEndID string) (parties.Opened, error) {
	var out parties.Opened
	err := s.db.Run(ctx, func(tx pgx.Tx) (err error) {
		out, err = s.OpenPayeeTx(ctx, tx, endToEndID)
		return err
	})
	if err != nil {
		return parties.Opened{}, err
	}
	return out, nil
}

// OpenPayeeTx is OpenPayee in the caller's transaction: what it gives goes to
// nobody before that is committed.
func (s *Service) OpenPayeeTx(ctx context.Context, tx pgx.Tx, endToEndID string) (parties.Opened, error) {
	actor, err := auth.Require(ctx, auth.PeopleUnmask)
	if err != nil {
		return parties.Opened{}, err
	}
	c, err := payeeOf(ctx, tx, endToEndID)
	if err != nil {
		return parties.Opened{}, err
	}
	return s.parties.OpenTx(ctx, tx, c, parties.Unmasking{Purpose: parties.ForPayee, Subject: "attempt:" + endToEndID, Actor: actor.Login})
}
