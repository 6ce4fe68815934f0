package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/ledger/proof/restart"
	"fenlu/trace"
)

// auditRestartCmd is `fenlu audit restart`: the database is an older backup on
// purpose, and the log goes on from there. One proposes, another confirms.
type auditRestartCmd struct {
	Reason  string `xor:"act" required:"" help:"help_audit_restart_reason"`
	Confirm bool   `xor:"act" required:"" help:"help_audit_restart_confirm"`
}

// Run proposes a restart, or does what another person proposed.
func (c auditRestartCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		acts := restart.New(s.DB, s.clock, outside{s})
		var r proof.Restart
		var err error
		if c.Confirm {
			r, err = acts.Confirm(ctx)
		} else {
			r, err = acts.Propose(ctx, c.Reason)
		}
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

// outside makes the notary restart.Outside.
type outside struct{ s *services }

func (o outside) Kept() (checkpoint.Kept, error) { return o.s.Notary.Outside().Kept() }

func (o outside) Restart(r checkpoint.Restart) error { return o.s.Notary.Restart(r) }

func (o outside) Contradicted(ctx context.Context, kept []checkpoint.Signed) ([]checkpoint.Checkpoint, error) {
	_, bad, err := o.s.Notary.Compare(ctx, logOf{o.s.DB.Pool()}, kept)
	out := make([]checkpoint.Checkpoint, len(bad))
	for i, m := range bad {
		out[i] = m.Checkpoint
	}
	return out, err
}

// verifyRestarts compares the acts with their leaves and with the file outside,
// and keeps who answers for each.
func (k *kept) verifyRestarts(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	found, confirmed, err := restart.Verify(ctx, q, k.Kept)
	k.again = nil
	for _, r := range confirmed {
		k.again = append(k.again, trace.Restarted{At: r.At, ProposedBy: r.ProposedBy, ConfirmedBy: r.Actor, Reason: r.Reason,
			Abandoned: r.AbandonedSize - r.KeptSize, Size: r.AbandonedSize, Kept: r.KeptSize})
	}
	return found, err
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
