package batch

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/events"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// Again asks for a payment to be issued once more, to a newer account version
// of the same payee.
type Again struct {
	Payment payment.ID
	Account parties.AccountID
	Reason  string
}

// ProposeReissue proposes to issue payments again whose money stands returned.
// All that is wrong is reported at once.
//
// Errors: AUTH_RIGHT_MISSING; BATCH_STATE; BATCH_REISSUE (Refused) with a Field
// for each thing that speaks against a payment (see mayReissue);
// BATCH_REASON_EMPTY, VALID_PROBLEMS (Invalid).
func (s *Service) ProposeReissue(ctx context.Context, code string, payments []Again) (SmallList, error) {
	var out SmallList
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := s.makes(ctx, tx, "list", b.Office, b.Program)
		if err != nil {
			return err
		}
		if !b.State.Reached(Released) {
			return errs.New(errs.Refused, "BATCH_STATE", "batch", b.Code, "state", b.State.Name(i18n.ZH), "step", Reissue.Name(i18n.ZH),
				"from", Released.Name(i18n.ZH))
		}
		for _, p := range payments {
			if err := s.plain(freeText{Reason: p.Reason}); err != nil {
				return err
			}
		}
		items, problem, err := s.reissueItems(ctx, tx, b, payments)
		if err != nil {
			return err
		}
		var known bool
		if out, known, err = proposedBefore(ctx, tx, b, Reissue, items, actor.Login); err != nil || known {
			return err
		}
		if problem != nil {
			return problem
		}
		out, err = s.propose(ctx, tx, b, Reissue, items)
		return err
	})
	return out, err
}

// reissueItems is the items of a re-issue list, and what speaks against it.
func (s *Service) reissueItems(ctx context.Context, tx pgx.Tx, b Batch, list []Again) ([]Item, error, error) {
	if len(list) == 0 {
		return nil, nil, errs.New(errs.Invalid, "BATCH_REISSUE_EMPTY", "batch", b.Code)
	}
	r, err := s.learnReissue(ctx, tx, b, list)
	if err != nil {
		return nil, nil, err
	}
	items := make([]Item, len(list))
	for i, a := range list {
		items[i] = Item{Payment: int64(a.Payment), Account: int64(a.Account), Amount: r.returned[int64(a.Payment)], Reason: a.Reason}
	}
	if fields := r.against(list); len(fields) > 0 {
		e := errs.New(errs.Refused, "BATCH_REISSUE", "batch", b.Code, "count", len(fields))
		e.Fields = fields
		return items, e, nil
	}
	return items, nil, nil
}

// ReleaseReissue seals the files of an approved re-issue list and books its
// money in transit again. The third person: neither who made nor who approved
// the list. Errors: AUTH_RIGHT_MISSING; BATCH_SAME_PERSON; BATCH_LIST_STATE,
// BATCH_LIST_CHANGED (Conflict); BATCH_REISSUE_MOVED (Conflict) where less or
// more stands returned than was approved; BATCH_REISSUE_SINCE (Refused) where a
// payment may not be issued again any more, by the rules it was proposed under;
// BATCH_EXECUTE_ON (Invalid); those of payment.ReleaseTx.
func (s *Service) ReleaseReissue(ctx context.Context, id ListID, executeOn time.Time) (ReleasedFiles, error) {
	var out ReleasedFiles
	err := s.onList(ctx, id, func(tx pgx.Tx, b Batch, l SmallList) error {
		actor, last, err := s.third(ctx, tx, b, l)
		if err != nil {
			return err
		}
		if l.Kind == Reissue && l.State == ListReleased {
			out, err = s.reissuedBefore(ctx, tx, b, l)
			return orErr(err, done(b, last[StepRelease], actor.Login, nil))
		}
		if l.Kind != Reissue || l.State != ListApproved {
			return errs.New(errs.Conflict, "BATCH_LIST_STATE", "list", int64(l.ID), "state", l.State.Name(i18n.ZH))
		}
		if err := s.unchanged(ctx, tx, b, l, last[StepApprove].Digest); err != nil {
			return err
		}
		if out, err = s.reissueFiles(ctx, tx, b, l, executeOn, actor); err != nil {
			return err
		}
		if err := setListState(ctx, tx, l.ID, ListReleased); err != nil {
			return err
		}
		return s.approve(ctx, tx, Approval{Subject: l.subject(), Step: StepRelease, Actor: actor.Login, Digest: l.Digest})
	})
	return out, err
}

// third is who releases a re-issue: he holds the right, neither made nor approved
// the list and did not close the batch. Errors: AUTH_RIGHT_MISSING,
// BATCH_SAME_PERSON.
func (s *Service) third(ctx context.Context, tx pgx.Tx, b Batch, l SmallList) (auth.Actor, map[Step]Approval, error) {
	actor, err := auth.Require(ctx, auth.BatchRelease)
	if err != nil {
		return actor, nil, err
	}
	last, err := lastApprovals(ctx, tx, l.subject())
	if err != nil {
		return actor, nil, err
	}
	for _, step := range []Step{StepMake, StepApprove} {
		if err := another(ctx, tx, last[step].took(rightOf("list", step)), step, actor, auth.BatchRelease, StepRelease); err != nil {
			return actor, nil, err
		}
	}
	of, err := lastApprovals(ctx, tx, b.subject())
	if err != nil {
		return actor, nil, err
	}
	return actor, last, another(ctx, tx, of[StepClose].took(auth.BatchClose), StepClose, actor, auth.BatchRelease, StepRelease)
}

// unchanged: the list is what was approved, its money is still there, and it may
// still be issued again.
func (s *Service) unchanged(ctx context.Context, tx pgx.Tx, b Batch, l SmallList, approved Digest) error {
	if err := l.bound(b, approved); err != nil {
		return err
	}
	ids := make([]int64, len(l.Items))
	for i, item := range l.Items {
		ids[i] = item.Payment
	}
	returned, err := standingIn(ctx, tx, ids, "returned")
	if err != nil {
		return err
	}
	list := make([]Again, len(l.Items))
	for i, item := range l.Items {
		if returned[item.Payment] != item.Amount {
			return errs.New(errs.Conflict, "BATCH_REISSUE_MOVED", "payment", item.Payment, "approved", item.Amount.Grouped(),
				"returned", returned[item.Payment].Grouped())
		}
		list[i] = Again{Payment: payment.ID(item.Payment), Account: parties.AccountID(item.Account)}
	}
	r, err := s.learnReissue(ctx, tx, b, list)
	if err != nil {
		return err
	}
	if fields := r.against(list); len(fields) > 0 {
		e := errs.New(errs.Refused, "BATCH_REISSUE_SINCE", "list", int64(l.ID), "count", len(fields))
		e.Fields = fields
		return e
	}
	return nil
}

func (s *Service) reissueFiles(ctx context.Context, tx pgx.Tx, b Batch, l SmallList, executeOn time.Time, actor auth.Actor) (ReleasedFiles, error) {
	if err := s.executable(executeOn); err != nil {
		return ReleasedFiles{}, err
	}
	pay := make([]payment.ToPay, len(l.Items))
	for i, item := range l.Items {
		pay[i] = payment.ToPay{Payment: payment.ID(item.Payment), Account: parties.AccountID(item.Account)}
	}
	files, err := s.payment.ReleaseTx(ctx, tx, payment.Release{Batch: int64(b.ID), BatchCode: b.Code, BatchNo: b.No, Office: b.Office, Channel: b.Channel,
		List: int64(l.ID), Reissue: true, Payments: pay, Remark: remark(b), ExecuteOn: executeOn, Actor: actor.Login})
	if err != nil {
		return ReleasedFiles{}, err
	}
	out := ReleasedFiles{Batch: b, Files: files}
	for _, f := range files {
		if err := grow(&out.Amount, f.Sum); err != nil {
			return ReleasedFiles{}, err
		}
		err := s.publish(ctx, tx, b, events.PaymentReissued, events.Facts{Name: f.Name, Actor: actor.Name, Count: f.Count, Amount: f.Sum})
		if err != nil {
			return ReleasedFiles{}, err
		}
	}
	return out, nil
}

func (s *Service) reissuedBefore(ctx context.Context, tx pgx.Tx, b Batch, l SmallList) (ReleasedFiles, error) {
	files, err := payment.FilesOf(ctx, tx, int64(b.ID))
	out := ReleasedFiles{Batch: b, Replay: true}
	for _, f := range files {
		if f.List == int64(l.ID) {
			out.Files, out.Amount = append(out.Files, f), out.Amount+f.Sum
		}
	}
	return out, err
}
