package restart

import (
	"bytes"
	"context"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/auth"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/valid"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/checkpoint"
)

// Outside is the file of checkpoints outside the database, and who writes it.
type Outside interface {
	// Kept reads the checkpoints and restarts of the file.
	Kept() (checkpoint.Kept, error)
	// Contradicted are those of the checkpoints that the log does not extend.
	Contradicted(ctx context.Context, kept []checkpoint.Signed) ([]checkpoint.Checkpoint, error)
	// Restart signs a restart and stores it, once.
	Restart(r checkpoint.Restart) error
}

// Service is the acts about a restart.
type Service struct {
	db      *db.DB
	clock   clock.Clock
	outside Outside
}

// New makes the service.
func New(d *db.DB, c clock.Clock, o Outside) *Service { return &Service{d, c, o} }

// why is what a person types.
type why struct {
	Reason string `name:"reason" validate:"required,max=200,no_personal_number"`
}

// Propose asks another person to give a history up (提出重启). Asked for again by
// the same person for the same, it answers with the act on record. Errors:
// AUTH_NO_ACTOR, AUTH_RIGHT_MISSING, RESTART_NOT_NEEDED (Refused);
// VALID_PROBLEMS (Invalid); those of Outside.
func (s *Service) Propose(ctx context.Context, reason string) (proof.Restart, error) {
	actor, kept, err := s.begin(ctx)
	if err != nil {
		return proof.Restart{}, err
	}
	now, err := s.abandoned(ctx, kept)
	if err != nil {
		return now, err
	}
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		now.Actor, now.At = actor.Login, s.clock.Now()
		now, err = propose(ctx, tx, now, reason)
		return err
	})
	return now, err
}

// Confirm does what another person proposed last (确认重启), if it still gives up
// the same, and says so outside. Errors: AUTH_NO_ACTOR, AUTH_RIGHT_MISSING,
// RESTART_NOT_NEEDED, RESTART_SAME_PERSON (Refused); RESTART_NOTHING_PROPOSED
// (Conflict); those of Outside.
func (s *Service) Confirm(ctx context.Context) (proof.Restart, error) {
	actor, kept, err := s.begin(ctx)
	if err != nil {
		return proof.Restart{}, err
	}
	now, err := s.abandoned(ctx, kept)
	if errs.CodeOf(err) == codeNotNeeded {
		if done, found, errDone := s.confirmedBy(ctx, kept, actor); found || errDone != nil {
			return done, errDone
		}
	}
	if err != nil {
		return now, err
	}
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		now.Actor, now.At = actor.Login, s.clock.Now()
		now, err = confirm(ctx, tx, kept, now)
		return err
	})
	if err != nil {
		return now, err
	}
	return now, s.outside.Restart(outsideOf(now))
}

const codeNotNeeded = "RESTART_NOT_NEEDED"

// begin is who acts, with the right to, and what is outside.
func (s *Service) begin(ctx context.Context) (auth.Actor, checkpoint.Kept, error) {
	actor, err := auth.Require(ctx, auth.PeriodClose)
	if err != nil {
		return actor, checkpoint.Kept{}, err
	}
	kept, err := s.outside.Kept()
	return actor, kept, err
}

// confirmedBy is the last act where this person confirmed it and both places
// have it: asked for again, it is not done again.
func (s *Service) confirmedBy(ctx context.Context, kept checkpoint.Kept, actor auth.Actor) (proof.Restart, bool, error) {
	acts, err := proof.Restarts(ctx, s.db.Pool())
	if err != nil || len(acts) == 0 {
		return proof.Restart{}, false, err
	}
	last := acts[len(acts)-1]
	return last, last.Act == proof.ConfirmRestart && last.Actor == actor.Login && kept.Restarted(leafOf(last)), nil
}

// outsideOf is what the file outside says of a confirmed restart.
func outsideOf(r proof.Restart) checkpoint.Restart {
	return checkpoint.Restart{Abandoned: checkpoint.Checkpoint{Size: r.AbandonedSize, Root: tlog.Hash(r.AbandonedRoot)}, Kept: r.KeptSize, Leaf: leafOf(r)}
}

// leafOf is how the file outside names the leaf of an act.
func leafOf(r proof.Restart) string { return r.Leaf().Hash().String() }

// abandoned is what the log would give up: the largest checkpoint that it
// contradicts, down to the largest that it extends. Errors: RESTART_NOT_NEEDED
// (Refused).
func (s *Service) abandoned(ctx context.Context, kept checkpoint.Kept) (proof.Restart, error) {
	bad, err := s.outside.Contradicted(ctx, kept.Checkpoints)
	if err != nil {
		return proof.Restart{}, err
	}
	if len(bad) == 0 {
		return proof.Restart{}, errs.New(errs.Refused, codeNotNeeded)
	}
	contradicted := map[checkpoint.Checkpoint]bool{}
	var r proof.Restart
	for _, c := range bad {
		contradicted[c] = true
		if c.Size >= r.AbandonedSize {
			r.AbandonedSize, r.AbandonedRoot = c.Size, c.Root[:]
		}
	}
	for _, c := range kept.Checkpoints {
		if !contradicted[c.Checkpoint] {
			r.KeptSize = max(r.KeptSize, c.Size)
		}
	}
	return r, nil
}

// propose records the proposal unless it is on record as the last act.
func propose(ctx context.Context, tx pgx.Tx, r proof.Restart, reason string) (proof.Restart, error) {
	if err := valid.New().Check(why{reason}); err != nil {
		return r, err
	}
	last, err := lastAct(ctx, tx)
	if err != nil {
		return r, err
	}
	if last.Act == proof.ProposeRestart && last.Actor == r.Actor && last.Reason == reason && bytes.Equal(last.AbandonedRoot, r.AbandonedRoot) {
		return last, nil // asked for again
	}
	r.Act, r.Reason = proof.ProposeRestart, reason
	return proof.AppendRestart(ctx, tx, r)
}

// confirm records the confirmation of the last proposal. Where that was confirmed
// and only the word outside is missing, it is that again.
func confirm(ctx context.Context, tx pgx.Tx, kept checkpoint.Kept, r proof.Restart) (proof.Restart, error) {
	last, err := lastAct(ctx, tx)
	if err != nil {
		return r, err
	}
	switch {
	case last.AbandonedSize != r.AbandonedSize || !bytes.Equal(last.AbandonedRoot, r.AbandonedRoot):
		return r, errs.New(errs.Conflict, "RESTART_NOTHING_PROPOSED")
	case last.Act == proof.ConfirmRestart && !kept.Restarted(leafOf(last)):
		return last, nil
	case last.Act != proof.ProposeRestart:
		return r, errs.New(errs.Conflict, "RESTART_NOTHING_PROPOSED")
	case last.Actor == r.Actor:
		return r, errs.New(errs.Refused, "RESTART_SAME_PERSON", "login", r.Actor)
	}
	r.Act, r.Proposal, r.Reason, r.KeptSize = proof.ConfirmRestart, last.ID, last.Reason, last.KeptSize
	return proof.AppendRestart(ctx, tx, r)
}

// lastAct is the act on record last, empty where there is none.
func lastAct(ctx context.Context, q db.Querier) (proof.Restart, error) {
	acts, err := proof.Restarts(ctx, q)
	if err != nil || len(acts) == 0 {
		return proof.Restart{}, err
	}
	return acts[len(acts)-1], nil
}
