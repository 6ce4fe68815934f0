package batch

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger/proof"
)

// Decision is what somebody decided.
type Decision string

// The decisions.
const (
	Done     Decision = "done"
	Rejected Decision = "rejected"
)

// Approval is one act of one person on a list (审批), bound to its digest.
type Approval struct {
	ID        int64     `json:"id"`
	Subject   string    `json:"subject"` // "batch:12", "list:3"
	Step      Step      `json:"step"`
	Decision  Decision  `json:"decision"`
	Actor     string    `json:"actor"`
	DecidedAt time.Time `json:"decided_at"`
	Digest    Digest    `json:"digest"`
	Comment   string    `json:"comment,omitempty"`
}

// approvalVersion is the version of the canonical bytes of an approval.
const approvalVersion = 1

// leaf is the digest of the approval itself, as the log keeps it: every field
// with its length before it, so that none can run into the next.
func (a Approval) leaf() []byte {
	h := sha256.New()
	put := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		_, _ = h.Write(n[:])
		_, _ = h.Write(b) // a hash never fails
	}
	var id [8]byte
	binary.BigEndian.PutUint64(id[:], uint64(a.ID)) //nolint:gosec // the bit pattern is what is hashed
	put([]byte("fenlu.approval.v1"))
	put(id[:])
	for _, s := range []string{a.Subject, string(a.Step), string(a.Decision), a.Actor, a.DecidedAt.UTC().Format(time.RFC3339Nano), a.Comment} {
		put([]byte(s))
	}
	put(a.Digest)
	return h.Sum(nil)
}

// approve appends an approval and its pending leaf.
func (s *Service) approve(ctx context.Context, tx pgx.Tx, a Approval) error {
	id, err := db.NextID(ctx, tx, "approval_id_seq")
	if err != nil {
		return err
	}
	a.ID, a.DecidedAt = id, s.clock.Now().Truncate(time.Microsecond)
	if a.Decision == "" {
		a.Decision = Done
	}
	if err := insertApproval(ctx, tx, a); err != nil {
		return err
	}
	return proof.Append(ctx, tx, proof.Item{Kind: proof.KindApproval, Ref: a.ID, Version: approvalVersion, Digest: a.leaf()}, a.DecidedAt)
}

// ChainStep is one step of an approval chain (审批链), which is data.
type ChainStep struct {
	Kind  string
	Order int
	Step  Step
	Right auth.Right
}

// entitled finds who acts and whether the chain lets him: he holds the right
// the step needs and took no other step of the chain. Errors: AUTH_NO_ACTOR,
// AUTH_RIGHT_MISSING, BATCH_SAME_PERSON (all Refused).
func (s *Service) entitled(ctx context.Context, q db.Querier, chain, subject, maker string, step Step) (auth.Actor, error) {
	steps, err := chainSteps(ctx, q, chain)
	if err != nil {
		return auth.Actor{}, err
	}
	right := auth.Right("")
	for _, c := range steps {
		if c.Step == step {
			right = c.Right
		}
	}
	if right == "" {
		return auth.Actor{}, errs.New(errs.Refused, "BATCH_CHAIN_STEP", "chain", chain, "step", stepName(step))
	}
	actor, err := auth.Require(ctx, right)
	if err != nil {
		return actor, err
	}
	return actor, s.apart(ctx, q, steps, subject, maker, step, actor)
}

// apart refuses a person who took another step of the chain.
func (s *Service) apart(ctx context.Context, q db.Querier, steps []ChainStep, subject, maker string, step Step, actor auth.Actor) error {
	took := map[Step]string{StepMake: maker}
	last, err := lastApprovals(ctx, q, subject)
	if err != nil {
		return err
	}
	for _, c := range steps {
		if a, ok := last[c.Step]; ok && c.Step != StepMake {
			took[c.Step] = a.Actor
		}
	}
	for _, c := range steps {
		if c.Step != step && took[c.Step] == actor.Login {
			return errs.New(errs.Refused, "BATCH_SAME_PERSON", "name", actor.Name, "login", actor.Login,
				"done", stepName(c.Step), "step", stepName(step))
		}
	}
	return nil
}

func stepName(s Step) string { return i18n.Term(i18n.ZH, "batch.step", string(s)) }
