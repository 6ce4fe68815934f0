package batch

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/payment"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

// Outside stores where the log stands outside the database, signed, so that
// whoever closes a batch can show later that it was there.
type Outside interface {
	// StoreCheckpoint signs and stores a checkpoint of all that is committed and
	// says how many leaves it covers.
	StoreCheckpoint(ctx context.Context) (size int64, err error)
}

// WithOutside makes closing wait for a checkpoint outside and gives the service
// back; it belongs to the wiring. Without it batches close without one.
func (s *Service) WithOutside(o Outside) *Service {
	s.outside = o
	return s
}

// coverTries bounds how often a checkpoint is made again because something was
// written about the batch meanwhile.
const coverTries = 3

// whenCovered runs a closing transaction once a checkpoint outside covers the
// batch, and again with another when the batch was written to in between.
func (s *Service) whenCovered(ctx context.Context, code string, fn func(size int64) error) error {
	if s.outside == nil {
		return fn(0)
	}
	for n := 1; ; n++ {
		size, err := s.outside.StoreCheckpoint(ctx)
		if err != nil {
			return errs.Wrap(err, refusal(err), "BATCH_NOT_OUTSIDE", "batch", code)
		}
		if err = fn(size); errs.CodeOf(err) != "BATCH_NOT_COVERED" || n == coverTries {
			return err
		}
	}
}

// refusal keeps the kind of a checkpoint that contradicts the log; anything
// else that keeps it from being stored is a refusal to close.
func refusal(err error) errs.Kind {
	if k := errs.KindOf(err); k == errs.Unverified {
		return k
	}
	return errs.Refused
}

// covered refuses a batch of which something is beyond the checkpoint. Errors:
// BATCH_NOT_COVERED (Refused).
func (s *Service) covered(ctx context.Context, tx pgx.Tx, b Batch, size int64) error {
	if s.outside == nil {
		return nil
	}
	place, err := logPlace(ctx, tx, b)
	if err != nil {
		return err
	}
	if place.Waiting > 0 || place.Last >= size {
		return errs.New(errs.Refused, "BATCH_NOT_COVERED", "batch", b.Code, "last", place.Last, "size", size, "waiting", place.Waiting)
	}
	return nil
}

// FirstClosed is the approval that closed a batch first, and which batch; 0
// while none was closed.
func FirstClosed(ctx context.Context, q db.Querier) (approval int64, code string, err error) {
	err = q.QueryRow(ctx, `SELECT a.id, b.code FROM approval a JOIN batch b ON a.subject = 'batch:' || b.id::text
		WHERE a.step = 'close' AND a.decision = 'done' ORDER BY a.id LIMIT 1`).Scan(&approval, &code)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, "", nil
	}
	return approval, code, err
}

// logPlace is where the last of what was written about a batch stands in the
// log: the approvals of it and of its lists, its files, and what evidence did.
func logPlace(ctx context.Context, tx pgx.Tx, b Batch) (proof.Place, error) {
	subjects := []string{b.subject()}
	lists, err := ListsOf(ctx, tx, b.ID)
	if err != nil {
		return proof.Place{}, err
	}
	for _, l := range lists {
		subjects = append(subjects, l.subject())
	}
	var ids []int64
	for _, subject := range subjects {
		all, err := Approvals(ctx, tx, subject)
		if err != nil {
			return proof.Place{}, err
		}
		for _, a := range all {
			ids = append(ids, a.ID)
		}
	}
	approvals, errApprovals := proof.LastOf(ctx, tx, proof.KindApproval, ids)
	payments, errPayments := payment.LogPlace(ctx, tx, int64(b.ID))
	return approvals.And(payments), errors.Join(errApprovals, errPayments)
}
