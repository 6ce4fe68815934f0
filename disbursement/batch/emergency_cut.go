package batch

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// CutInstalment asks to shorten an instalment that no list has, or to stop it.
type CutInstalment struct {
	Number string    `name:"case" validate:"required,max=40,no_personal_number"`
	No     int       `name:"no" validate:"min=1,max=99"`
	Amount money.Fen `name:"amount" validate:"min=0"` // what it becomes; 0: stopped
	Reason string    `name:"reason" validate:"required,max=200,no_personal_number"`
}

// Cut is what a later instalment is to become (缩减、停发); from its approval on it
// counts (money-rules C5).
type Cut struct {
	ID         int64     `json:"id"`
	No         int       `json:"no"`
	Amount     money.Fen `json:"amount"` // 0: stopped
	Reason     string    `json:"reason"`
	Maker      string    `json:"maker"`
	MadeAt     time.Time `json:"made_at"`
	Digest     Digest    `json:"digest"`
	IsApproved bool      `json:"is_approved"`

	approved Digest // what its approval is bound to; empty: none
}

func (c Cut) subject() string { return "cut:" + strconv.FormatInt(c.ID, 10) }

// digest is of what the approval of a cut is bound to.
func (c Cut) digest(p Plan) Digest {
	sum := sha256.Sum256(fmt.Appendf(nil, "fenlu.aid.cut.v1\n%d\t%s\t%s\t%d\t%d\t%s\t\n", c.ID, p.Number, p.Digest, c.No, int64(c.Amount), c.Reason))
	return sum[:]
}

// CutInstalment proposes to shorten or stop a later instalment of an approved
// plan, for another person to approve; what is paid is not touched and is not
// approved again (money-rules C5). Until then the instalment is as it was. The
// same cut again changes nothing.
//
// Errors: AUTH_RIGHT_MISSING, BATCH_CHAIN_OFFICE; AID_UNKNOWN; VALID_PROBLEMS;
// NotFound AID_INSTALMENT; Refused AID_NOT_APPROVED, AID_NOT_LESS,
// AID_INSTALMENT_TAKEN.
func (s *Service) CutInstalment(ctx context.Context, cmd CutInstalment) (Plan, error) {
	if err := s.valid.Check(cmd); err != nil {
		return Plan{}, err
	}
	return s.changePlan(ctx, cmd.Number, func(tx pgx.Tx, p Plan) error {
		actor, err := s.makes(ctx, tx, "list", p.Office, emergencyProgram)
		if err != nil {
			return err
		}
		c := Cut{No: cmd.No, Amount: cmd.Amount, Reason: cmd.Reason, Maker: actor.Login, MadeAt: s.clock.Now().Truncate(time.Microsecond)}
		same := func(o Cut) bool { return o.No == c.No && o.Amount == c.Amount && o.Reason == c.Reason }
		if slices.ContainsFunc(p.Cuts, same) {
			return nil
		}
		if err := p.mayCut(c); err != nil {
			return err
		}
		if c.ID, err = db.NextID(ctx, tx, "aid_cut_id_seq"); err != nil {
			return err
		}
		c.Digest = c.digest(p)
		if err := insertCut(ctx, tx, p, c); err != nil {
			return err
		}
		return s.approve(ctx, tx, Approval{Subject: c.subject(), Step: StepMake, Actor: c.Maker, Digest: c.Digest})
	})
}

// ApproveCut approves the cut that digest names. Who proposed it does not.
//
// Errors: those of CutInstalment; BATCH_SAME_PERSON; AID_CUT_UNKNOWN (NotFound);
// AID_DIGEST (Conflict) where the cut on record is another than was proposed.
func (s *Service) ApproveCut(ctx context.Context, number string, digest Digest) (Plan, error) {
	return s.changePlan(ctx, number, func(tx pgx.Tx, p Plan) error {
		i := slices.IndexFunc(p.Cuts, func(c Cut) bool { return string(c.Digest) == string(digest) })
		if i < 0 {
			return errs.New(errs.NotFound, "AID_CUT_UNKNOWN", "number", number, "digest", digest)
		}
		c := p.Cuts[i]
		actor, err := s.entitled(ctx, tx, "list", c.subject(), c.Maker, StepApprove)
		if err != nil || c.IsApproved {
			return err
		}
		if now := c.digest(p); string(now) != string(digest) {
			return errs.New(errs.Conflict, "AID_DIGEST", "number", number, "digest", now)
		}
		if err := p.mayCut(c); err != nil {
			return err
		}
		return s.approve(ctx, tx, Approval{Subject: c.subject(), Step: StepApprove, Actor: actor.Login, Digest: digest})
	})
}

// mayCut refuses what is no cut of a later instalment as the plan is now.
func (p Plan) mayCut(c Cut) error {
	i := slices.IndexFunc(p.Instalments, func(i Instalment) bool { return i.No == c.No })
	if i < 0 {
		return errs.New(errs.NotFound, "AID_INSTALMENT", "number", p.Number, "no", c.No)
	}
	now := p.Instalments[i]
	switch {
	case !p.IsApproved:
		return errs.New(errs.Refused, "AID_NOT_APPROVED", "number", p.Number)
	case now.Month != "":
		return errs.New(errs.Refused, "AID_INSTALMENT_TAKEN", "number", p.Number, "no", c.No, "month", now.Month)
	case c.Amount >= now.Amount:
		return errs.New(errs.Refused, "AID_NOT_LESS", "number", p.Number, "no", c.No, "amount", now.Amount.Grouped())
	}
	return nil
}

// cut takes the approved cuts into the instalments, in the order in which they
// were approved; false where one is not what was approved.
func (p *Plan) cut() bool {
	for _, c := range p.Cuts {
		if len(c.approved) == 0 {
			continue
		}
		i := slices.IndexFunc(p.Instalments, func(i Instalment) bool { return i.No == c.No })
		if i < 0 || !c.IsApproved {
			return false
		}
		p.Instalments[i].Amount, p.Instalments[i].Reason = c.Amount, c.Reason
	}
	return true
}
