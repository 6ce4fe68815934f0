package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/valid"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/trace"
)

// auditRestartCmd is `fenlu audit restart`: the database is an older backup on
// purpose, and the log goes on from there. One proposes, another confirms.
type auditRestartCmd struct {
	Reason  string `xor:"act" required:"" help:"${help_audit_restart_reason}"`
	Confirm bool   `xor:"act" required:"" help:"${help_audit_restart_confirm}"`
}

// Run proposes a restart, or does what another person proposed.
func (c auditRestartCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, actor auth.Actor) error {
		if _, err := auth.Require(ctx, auth.PeriodClose); err != nil {
			return err
		}
		r, err := s.restart(ctx, c, actor)
		if err != nil {
			return err
		}
		view := map[string]any{"act": r.Act, "abandoned_size": r.AbandonedSize, "kept": r.KeptSize, "reason": r.Reason, "actor": r.Actor}
		return a.Result(view, func(w io.Writer) {
			a.say(w, false, "audit.out.restart_"+string(r.Act), "size", r.AbandonedSize, "kept", r.KeptSize, "lost", r.AbandonedSize-r.KeptSize,
				"path", s.Notary.Path())
		})
	})
}

// restart records the act and, when it is confirmed, says so outside.
func (s *services) restart(ctx context.Context, c auditRestartCmd, actor auth.Actor) (proof.Restart, error) {
	k := s.keptOutside()
	if k.err != nil {
		return proof.Restart{}, k.err
	}
	now, err := s.abandoned(ctx, k)
	if errs.CodeOf(err) == "RESTART_NOT_NEEDED" && c.Confirm {
		if done, found, errDone := s.confirmedBy(ctx, k, actor); found || errDone != nil {
			return done, errDone
		}
	}
	if err != nil {
		return now, err
	}
	err = s.DB.Run(ctx, func(tx pgx.Tx) error {
		now.Actor, now.At = actor.Login, s.clock.Now()
		if !c.Confirm {
			now, err = proposeRestart(ctx, tx, now, c.Reason)
			return err
		}
		now, err = confirmRestart(ctx, tx, k, now)
		return err
	})
	if err != nil || !c.Confirm {
		return now, err
	}
	return now, s.Notary.Restart(outsideOf(now))
}

// confirmedBy is the last act where somebody confirmed it and both places have
// it: asked for again, it is not done again.
func (s *services) confirmedBy(ctx context.Context, k *kept, actor auth.Actor) (proof.Restart, bool, error) {
	acts, err := proof.Restarts(ctx, s.DB.Pool())
	if err != nil || len(acts) == 0 {
		return proof.Restart{}, false, err
	}
	last := acts[len(acts)-1]
	return last, last.Act == proof.ConfirmRestart && last.Actor == actor.Login && k.Restarted(restartLeaf(last)), nil
}

// outsideOf is what the file outside says of a confirmed restart.
func outsideOf(r proof.Restart) checkpoint.Restart {
	return checkpoint.Restart{Abandoned: checkpoint.Checkpoint{Size: r.AbandonedSize, Root: tlog.Hash(r.AbandonedRoot)}, Kept: r.KeptSize, Leaf: restartLeaf(r)}
}

// restartLeaf is how the file outside names the leaf of an act.
func restartLeaf(r proof.Restart) string { return r.Leaf().Hash().String() }

// abandoned is what the log would give up: the largest checkpoint that it
// contradicts, down to the largest that it extends. Errors: RESTART_NOT_NEEDED
// (Refused).
func (s *services) abandoned(ctx context.Context, k *kept) (proof.Restart, error) {
	_, bad, err := s.Notary.Compare(ctx, logOf{s.DB.Pool()}, k.Checkpoints)
	if err != nil {
		return proof.Restart{}, err
	}
	if len(bad) == 0 {
		return proof.Restart{}, errs.New(errs.Refused, "RESTART_NOT_NEEDED")
	}
	contradicted := map[checkpoint.Checkpoint]bool{}
	var r proof.Restart
	for _, m := range bad {
		contradicted[m.Checkpoint] = true
		if m.Checkpoint.Size >= r.AbandonedSize {
			r.AbandonedSize, r.AbandonedRoot = m.Checkpoint.Size, m.Checkpoint.Root[:]
		}
	}
	for _, c := range k.Checkpoints {
		if !contradicted[c.Checkpoint] {
			r.KeptSize = max(r.KeptSize, c.Size)
		}
	}
	return r, nil
}

// proposeRestart asks another person. Errors: VALID_PROBLEMS (Invalid).
func proposeRestart(ctx context.Context, tx pgx.Tx, r proof.Restart, reason string) (proof.Restart, error) {
	why := struct {
		Reason string `name:"reason" validate:"required,max=200,no_personal_number"`
	}{reason}
	if err := valid.New().Check(why); err != nil {
		return r, err
	}
	acts, err := proof.Restarts(ctx, tx)
	if err != nil {
		return r, err
	}
	if n := len(acts); n > 0 && acts[n-1].Act == proof.ProposeRestart && acts[n-1].Actor == r.Actor && acts[n-1].Reason == reason &&
		string(acts[n-1].AbandonedRoot) == string(r.AbandonedRoot) {
		return acts[n-1], nil // asked for again
	}
	r.Act, r.Reason = proof.ProposeRestart, reason
	return proof.AppendRestart(ctx, tx, r)
}

// confirmRestart does what another person proposed last, if it still gives up
// the same. Where that was confirmed and only the word outside is missing, it is
// that again. Errors: RESTART_NOTHING_PROPOSED (Conflict), RESTART_SAME_PERSON
// (Refused).
func confirmRestart(ctx context.Context, tx pgx.Tx, k *kept, r proof.Restart) (proof.Restart, error) {
	acts, err := proof.Restarts(ctx, tx)
	if err != nil {
		return r, err
	}
	var last proof.Restart
	if len(acts) > 0 {
		last = acts[len(acts)-1]
	}
	switch {
	case last.AbandonedSize != r.AbandonedSize || string(last.AbandonedRoot) != string(r.AbandonedRoot):
		return r, errs.New(errs.Conflict, "RESTART_NOTHING_PROPOSED")
	case last.Act == proof.ConfirmRestart && !k.Restarted(restartLeaf(last)):
		return last, nil
	case last.Act != proof.ProposeRestart:
		return r, errs.New(errs.Conflict, "RESTART_NOTHING_PROPOSED")
	case last.Actor == r.Actor:
		return r, errs.New(errs.Refused, "RESTART_SAME_PERSON", "login", r.Actor)
	}
	r.Act, r.Proposal, r.Reason, r.KeptSize = proof.ConfirmRestart, last.ID, last.Reason, last.KeptSize
	return proof.AppendRestart(ctx, tx, r)
}

// verifyRestarts compares the acts with their leaves and with the file outside,
// and keeps who answers for each.
func (s *services) verifyRestarts(ctx context.Context, q db.Querier, k *kept) ([]check.Finding, error) {
	found, err := proof.VerifyRestarts(ctx, q)
	if err != nil {
		return nil, err
	}
	acts, err := proof.Restarts(ctx, q)
	if err != nil {
		return nil, err
	}
	k.again = nil
	by, confirmed := map[int64]string{}, map[string]bool{}
	for _, r := range acts {
		by[r.ID] = r.Actor
		if r.Act != proof.ConfirmRestart {
			continue
		}
		confirmed[restartLeaf(r)] = true
		k.again = append(k.again, trace.Restarted{At: r.At, ProposedBy: by[r.Proposal], ConfirmedBy: r.Actor, Reason: r.Reason,
			Abandoned: r.AbandonedSize - r.KeptSize, Size: r.AbandonedSize, Kept: r.KeptSize})
		if !k.Restarted(restartLeaf(r)) {
			found = append(found, restartAlone(fmt.Sprintf("log_restart %d", r.ID), "not in the file outside"))
		}
	}
	for _, r := range k.Restarts {
		if !confirmed[r.Leaf] {
			found = append(found, restartAlone(fmt.Sprintf("checkpoint %d", r.Abandoned.Size), "given up in the file outside, by nobody on record"))
		}
	}
	return found, nil
}

func restartAlone(row, detail string) check.Finding {
	return check.Finding{Promise: 10, Check: "restart_alone", Row: row, Detail: detail}
}

// missingOutside says when checkpoints that were stored outside are not there:
// the log names a key, so that each command since has stored one; a batch was
// closed, for which one that covers it was stored before.
func (s *services) missingOutside(ctx context.Context, q db.Querier, k *kept) ([]check.Finding, error) {
	keys, errKeys := proof.Keys(ctx, q)
	closed, code, errClosed := batch.FirstClosed(ctx, q)
	if err := errors.Join(errKeys, errClosed); err != nil {
		return nil, err
	}
	f := check.Finding{Promise: 10, Check: "outside_missing", Row: s.Notary.Path(), Detail: "no checkpoint in it"}
	if len(k.Checkpoints) == 0 && len(k.Restarts) == 0 {
		if len(keys) == 0 {
			return nil, nil
		}
		return []check.Finding{f}, nil
	}
	index, sequenced, err := proof.LeafOf(ctx, q, proof.KindApproval, closed)
	if err != nil || !sequenced {
		return nil, err
	}
	for _, c := range k.Checkpoints {
		if c.Size <= index {
			return nil, nil
		}
	}
	f.Detail = fmt.Sprintf("none from before leaf %d, which closed %s", index, code)
	return []check.Finding{f}, nil
}
