package batch

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
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

// ApprovalLeaf is the leaf of an approval. The comment is text: the rules keep
// ID and account numbers out of what people type.
func ApprovalLeaf(a Approval) *leaf.Leaf {
	return leaf.New(string(proof.KindApproval), 1).Int("id", a.ID).Text("subject", a.Subject).Hex("list_digest", a.Digest).
		Text("step", string(a.Step)).Text("decision", string(a.Decision)).Text("actor", a.Actor).
		Time("decided_at", a.DecidedAt).Text("comment", a.Comment)
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
	return proof.Append(ctx, tx, proof.ItemOf(ApprovalLeaf(a), a.ID))
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
