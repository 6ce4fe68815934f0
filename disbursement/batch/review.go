package batch

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/events"
	"fenlu/internal/errs"
)

// Reviewed is a signature on the way to a batch's approval.
type Reviewed struct {
	Batch  Batch  `json:"batch"`
	Stage  Stage  `json:"stage"`
	Left   int    `json:"left"`           // how many signatures the stage still wants
	Next   *Stage `json:"next,omitempty"` // the review after it, where this one is whole
	Replay bool   `json:"replay"`
}

// Review signs a submitted list for the stage of its chain whose turn it is
// (会签). Every person signs once; a list that is sent back is signed anew.
//
// Errors: BATCH_STATE; BATCH_REVIEW_NONE (Refused) where the chain wants none,
// or no more; AUTH_RIGHT_MISSING, BATCH_CHAIN_OFFICE, BATCH_SAME_PERSON
// (Refused); BATCH_LIST_CHANGED (Conflict); VALID_PROBLEMS.
func (s *Service) Review(ctx context.Context, code string, seen Digest, comment string) (Reviewed, error) {
	if err := s.plain(freeText{Comment: comment}); err != nil {
		return Reviewed{}, err
	}
	var out Reviewed
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) (err error) {
		out, err = s.review(ctx, tx, b, seen, strings.TrimSpace(comment))
		return err
	})
	return out, err
}

func (s *Service) review(ctx context.Context, tx pgx.Tx, b Batch, seen Digest, comment string) (Reviewed, error) {
	chain, err := chainOf(ctx, tx, b.Kind.chain(), subjectOf{office: b.Office, program: b.Program, made: b.CreatedAt})
	if err != nil {
		return Reviewed{}, err
	}
	all, err := Approvals(ctx, tx, b.subject())
	if err != nil {
		return Reviewed{}, err
	}
	signed := reviewsOf(all, b.Digest)
	if again := reviewedBefore(ctx, chain, b, signed); again.Replay {
		if string(seen) != string(b.Digest) { // another list than the one that was signed
			return Reviewed{}, errs.New(errs.Conflict, "BATCH_LIST_CHANGED", "batch", b.Code, "seen", seen, "now", b.Digest)
		}
		return again, nil
	}
	stage, have, whole := chain.reviewed(len(signed))
	if whole {
		return Reviewed{}, errs.New(errs.Refused, "BATCH_REVIEW_NONE", "batch", b.Code)
	}
	if b.State != Submitted {
		_, err := transition(b, StepReview)
		return Reviewed{}, err
	}
	actor, err := stage.fits(ctx)
	if err != nil {
		return Reviewed{}, err
	}
	if err := apart(ctx, tx, chain, taken{b.Maker, b.CreatedAt, all}, stage, actor); err != nil {
		return Reviewed{}, err
	}
	if _, err := s.listOf(ctx, tx, b, seen); err != nil {
		return Reviewed{}, err
	}
	if err := s.approve(ctx, tx, Approval{Subject: b.subject(), Step: StepReview, Actor: actor.Login, Digest: b.Digest, Comment: comment}); err != nil {
		return Reviewed{}, err
	}
	out := Reviewed{Batch: b, Stage: stage, Left: stage.Persons - have - 1}
	if next, _, whole := chain.reviewed(len(signed) + 1); out.Left == 0 && !whole {
		out.Next = &next
	}
	return out, s.publish(ctx, tx, b, events.BatchReviewed, events.Facts{Actor: actor.Name, Name: stage.name(), Count: b.Lines, Amount: b.Amount})
}

// reviewedBefore answers somebody who signed this list already.
func reviewedBefore(ctx context.Context, chain Chain, b Batch, signed []Approval) Reviewed {
	for i, a := range signed {
		stage, have, _ := chain.reviewed(i)
		if actor, err := stage.fits(ctx); err == nil && actor.Login == a.Actor {
			return Reviewed{Batch: b, Stage: stage, Left: stage.Persons - have - 1, Replay: true}
		}
	}
	return Reviewed{}
}
