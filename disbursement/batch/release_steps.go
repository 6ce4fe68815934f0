package batch

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/payment"
	"fenlu/internal/errs"
)

// releasesInSteps says whether a batch is released in steps: the database
// cannot carry any number of rows in a transaction, or it was begun so.
func (s *Service) releasesInSteps(ctx context.Context, code string) (bool, error) {
	b, err := ByCode(ctx, s.db.Pool(), code)
	return b.Kind != Emergency && (s.db.BulkRows() > 0 || b.State == Releasing), err
}

// releaseInSteps releases a batch in several transactions of at most
// db.BulkRows legs each (ADR 28). From the first on the batch is Releasing, in
// which nobody may do anything but release it; the last seals its files and
// makes it Released: until then none is on record and none can be written.
// What is done is told by the steps on record: killed in between and called
// again, by whoever may release, it goes on behind them.
//
// What ReleaseTx would refuse is refused before the first step. What speaks
// against the rest when it goes on (somebody died meanwhile), and another
// execution date, give back all that was sent: the batch is Approved again, and
// the attempts are stopped. Errors: as Release; BATCH_SENDING (Conflict) while
// somebody else's steps go on.
func (s *Service) releaseInSteps(ctx context.Context, code string, executeOn time.Time, err error) (ReleasedFiles, error) {
	for err == nil {
		var p *sendPlan
		var out ReleasedFiles
		if p, out, err = s.sendInSteps(ctx, code, executeOn); err == nil && (p == nil || !p.back) {
			return out, nil
		}
		if p != nil && p.back {
			err = orErr(s.unsend(ctx, code, p.release), err)
		}
	}
	return ReleasedFiles{}, err
}

// sendPlan is what is left to release, and who does it; back says that what was
// sent is to be given back first.
type sendPlan struct {
	actor   auth.Actor
	release payment.Release
	steps   *payment.Steps
	done    int // journals of earlier steps
	back    bool
}

// sendInSteps plans what is left and does it. The plan is nil where the releaser
// was not let through, or somebody has released the batch before.
func (s *Service) sendInSteps(ctx context.Context, code string, executeOn time.Time) (*sendPlan, ReleasedFiles, error) {
	var p *sendPlan
	var out ReleasedFiles
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		var err error
		p, out, err = s.planSending(ctx, tx, b, executeOn)
		return err
	})
	if err != nil || p == nil || p.back {
		return p, out, err
	}
	for i := range p.steps.Len() {
		err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
			if err := p.isNext(ctx, tx, b, i); err != nil {
				return err
			}
			return s.payment.StepTx(ctx, tx, p.steps, i, p.done+i+1)
		})
		if err != nil {
			return p, ReleasedFiles{}, err
		}
	}
	err = s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		if err := p.isNext(ctx, tx, b, p.steps.Len()); err != nil {
			return err
		}
		out, err = s.seal(ctx, tx, b, p)
		return err
	})
	return p, out, err
}

// isNext refuses step i of a plan where it is not the next one: somebody else
// took it.
func (p *sendPlan) isNext(ctx context.Context, tx pgx.Tx, b Batch, i int) error {
	done, err := sendingsDone(ctx, tx, b)
	if err == nil && (b.State != Releasing || done != p.done+i) {
		err = sending(b)
	}
	return err
}

// sending refuses what is somebody else's to do.
func sending(b Batch) error { return errs.New(errs.Conflict, "BATCH_SENDING", "batch", b.Code) }

// planSending lets the releaser through, looks whether all that is left can be
// released, and begins: the batch is Releasing.
func (s *Service) planSending(ctx context.Context, tx pgx.Tx, b Batch, executeOn time.Time) (*sendPlan, ReleasedFiles, error) {
	actor, err := s.entitled(ctx, tx, b.Kind.chain(), b.subject(), b.Maker, StepRelease)
	if err != nil {
		return nil, ReleasedFiles{}, err
	}
	if b.State.Reached(Released) {
		out, err := s.releasedBefore(ctx, tx, b, actor.Login)
		return nil, out, err
	}
	if _, err := transition(b, StepRelease); err != nil {
		return nil, ReleasedFiles{}, err
	}
	p := &sendPlan{actor: actor}
	if p.release, err = s.releaseOf(b, executeOn, actor); err != nil {
		return nil, ReleasedFiles{}, err
	}
	if b.State == Releasing {
		goesOn, err := payment.GoesOn(ctx, tx, int64(b.ID), executeOn)
		if p.back = !goesOn; err != nil || p.back {
			return p, ReleasedFiles{}, err
		}
	}
	if err := s.releasable(ctx, tx, b); err != nil {
		p.back = b.State == Releasing && errs.KindOf(err) == errs.Refused
		return p, ReleasedFiles{}, err
	}
	if p.release.Payments, err = toPay(ctx, tx, b.ID); err != nil {
		return nil, ReleasedFiles{}, err
	}
	if p.steps, err = s.payment.BeginStepsTx(ctx, tx, p.release, s.stepRows()); err != nil {
		return nil, ReleasedFiles{}, err
	}
	if p.done, err = sendingsDone(ctx, tx, b); err != nil {
		return nil, ReleasedFiles{}, err
	}
	return p, ReleasedFiles{}, setState(ctx, tx, b.ID, Releasing)
}

// seal is the last step: the files are sealed, compared with the list as the
// legs say, and the batch is Released.
func (s *Service) seal(ctx context.Context, tx pgx.Tx, b Batch, p *sendPlan) (ReleasedFiles, error) {
	wrong, err := notStanding(ctx, tx, b, "in_transit")
	if err == nil && len(wrong) > 0 {
		err = errs.New(errs.Conflict, "BATCH_LEGS", "batch", b.Code, "count", len(wrong))
	}
	if err != nil {
		return ReleasedFiles{}, err
	}
	files, err := s.payment.SealTx(ctx, tx, p.release)
	if err != nil {
		return ReleasedFiles{}, err
	}
	return s.finishRelease(ctx, tx, b, files, p.actor)
}

// unsend gives back what earlier steps sent, in steps; the last one makes the
// batch Approved again. Killed in between, the next release ends it first.
func (s *Service) unsend(ctx context.Context, code string, r payment.Release) error {
	for more := true; more; {
		err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
			if more = b.State == Releasing; !more {
				return nil
			}
			done, err := sendingsDone(ctx, tx, b)
			if err != nil {
				return err
			}
			more, err = s.payment.UnsendTx(ctx, tx, r, s.stepRows(), fmt.Sprintf("unsend/%s/%d", b.Code, done+1))
			if err != nil || more {
				return err
			}
			return setState(ctx, tx, b.ID, Approved)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
