package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/notary"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/trace"
)

// logOf lets the notary ask the log.
type logOf struct{ q db.Querier }

// Size is the number of leaves.
func (l logOf) Size(ctx context.Context) (int64, error) { return proof.Size(ctx, l.q) }

// RootAt is the root of the first leaves.
func (l logOf) RootAt(ctx context.Context, size int64) (tlog.Hash, error) {
	return proof.RootAt(ctx, l.q, size)
}

// ProveExtends is the proof that the log grew from one size to another.
func (l logOf) ProveExtends(ctx context.Context, size, old int64) (tlog.TreeProof, error) {
	return proof.ProveExtends(ctx, l.q, size, old)
}

// openNotary opens the keys of the database's log, or makes them where it has
// none yet. Errors: those of notary.Open; NOTARY_KEYS_OTHER (Refused) where the
// key directory is another log's.
func openNotary(ctx context.Context, database *db.DB, w wiring, dataDir string) (*notary.Notary, error) {
	recorded, err := proof.Keys(ctx, database.Pool())
	if err != nil {
		return nil, err
	}
	n, made, err := notary.Open(notary.Options{KeyDir: w.keyDir, DataDir: dataDir, Outside: w.outside, Begun: len(recorded) > 0})
	if err != nil {
		return nil, err
	}
	if made {
		w.tell("key.out.made", "fingerprint", n.Keys.Current().Fingerprint(), "origin", n.Keys.Origin(), "dir", w.keyDir)
	}
	return n, ownKeys(n, recorded)
}

// ownKeys refuses a key directory that does not know a key of this log.
func ownKeys(n *notary.Notary, recorded []proof.Key) error {
	for _, r := range recorded {
		k, err := checkpoint.ParseKey(r.VKey)
		if err != nil || !k.Equal(n.Keys.First) && r.ID == 1 {
			return errs.Wrap(err, errs.Refused, "NOTARY_KEYS_OTHER", "origin", n.Keys.Origin(), "log", k.Name())
		}
	}
	return nil
}

// recordKeys makes a leaf of each key that has none. Nothing is first in a log
// but what is done with it, so an empty log waits.
func (s *services) recordKeys(ctx context.Context) error {
	recorded, err := proof.Keys(ctx, s.DB.Pool())
	keys := s.Notary.Keys.Keys()
	if err != nil || len(recorded) >= len(keys) {
		return err
	}
	size, err := proof.Size(ctx, s.DB.Pool())
	if err != nil || size == 0 {
		return err
	}
	return s.DB.Run(ctx, func(tx pgx.Tx) error {
		for i, k := range keys {
			r := proof.Key{ID: int64(i + 1), VKey: k.String(), RecordedAt: s.clock.Now()}
			if i > 0 {
				r.Rotation = string(s.Notary.Keys.Rotations[i-1].Note)
			}
			if _, err := proof.AppendKey(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// drainLog gives everything that waits its place in the log.
func (s *services) drainLog(ctx context.Context) error {
	if _, err := proof.Drain(ctx, s.DB, s.clock); err != nil {
		return err
	}
	if err := s.recordKeys(ctx); err != nil {
		return err
	}
	_, err := proof.Drain(ctx, s.DB, s.clock)
	return err
}

// stamp signs where the log stands and stores it outside; witnesses that do not
// answer are told of and stop nobody.
func (s *services) stamp(ctx context.Context) (checkpoint.Signed, error) {
	log := logOf{s.DB.Pool()}
	c, grown, err := s.Notary.Stamp(ctx, log)
	if err != nil || !grown {
		return c, err
	}
	for _, missing := range s.Notary.Ask(ctx, log, c) {
		s.warn(missing)
	}
	return c, nil
}

// StoreCheckpoint makes the services batch.Outside.
func (s *services) StoreCheckpoint(ctx context.Context) (int64, error) {
	if err := s.drainLog(ctx); err != nil {
		return 0, err
	}
	c, err := s.stamp(ctx)
	return c.Size, err
}

// Checkpoint makes the services payment.Checkpoints.
func (s *services) Checkpoint(ctx context.Context) ([]byte, error) {
	if err := s.drainLog(ctx); err != nil {
		return nil, err
	}
	c, err := s.stamp(ctx)
	return c.Note, err
}

// kept are checkpoints that the log must extend, read before the snapshot that
// it is compared in: whoever stores one meanwhile has sequenced before.
type kept struct {
	checkpoint.Kept
	err     error // why the file could not be read as it should be
	outcome notary.Compared
	again   []trace.Restarted
}

// compared says it for the result of a verification; nil where nothing was.
func (k *kept) compared() *trace.Compared {
	if k.err != nil {
		return nil
	}
	return &trace.Compared{Checkpoints: k.outcome.Checkpoints, Largest: k.outcome.Largest, Leaves: k.outcome.Size, Cosigned: k.outcome.Cosigned,
		Restarts: k.again}
}

func (s *services) keptOutside() *kept {
	list, err := s.Notary.Outside().Kept()
	return &kept{Kept: list, err: err}
}

// verifyOutside compares the log with the checkpoints kept, each with its root
// at that size.
func (s *services) verifyOutside(k *kept) func(context.Context, db.Querier) ([]check.Finding, error) {
	return func(ctx context.Context, q db.Querier) ([]check.Finding, error) {
		if errs.KindOf(k.err) == errs.Unverified {
			return []check.Finding{{Promise: 10, Check: "outside_damaged", Row: s.Notary.Path(), Detail: i18n.Error(i18n.ZH, k.err)}}, nil
		}
		if k.err != nil {
			return nil, k.err
		}
		outcome, bad, err := s.Notary.Compare(ctx, logOf{q}, k.Checkpoints)
		k.outcome = outcome
		found, errRestarts := k.verifyRestarts(ctx, q)
		for _, m := range bad {
			found = append(found, check.Finding{Promise: 10, Check: mismatch(m.Err), Row: fmt.Sprintf("checkpoint %d", m.Checkpoint.Size),
				Detail: fmt.Sprintf("log %d, checkpoint %d", outcome.Size, m.Checkpoint.Size)})
		}
		keys, errKeys := proof.VerifyKeys(ctx, q)
		missing, errMissing := s.missingOutside(ctx, q, k)
		return slices.Concat(found, keys, missing), errors.Join(err, errRestarts, errKeys, errMissing)
	}
}

// mismatch is the check that a comparison failed.
func mismatch(err error) string {
	switch errs.CodeOf(err) {
	case "CHECKPOINT_SMALLER":
		return "log_cut"
	case "CHECKPOINT_OTHER_ROOT", "CHECKPOINT_PROOF":
		return "log_forked"
	}
	return "log_rootless"
}
