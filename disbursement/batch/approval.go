package batch

import (
	"context"
	"slices"
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

// entitled finds who acts and whether the chain lets him: he holds the right
// the step needs, or has it in his hands, is of the office that takes it, and
// neither he nor whoever he acts for took another step of the chain; and a batch
// is approved after all reviews. Errors: AUTH_NO_ACTOR, AUTH_RIGHT_MISSING,
// BATCH_CHAIN_STEP, BATCH_CHAIN_OFFICE, BATCH_SAME_PERSON, BATCH_REVIEW_FIRST
// (all Refused).
func (s *Service) entitled(ctx context.Context, q db.Querier, kind, subject, maker string, step Step) (auth.Actor, error) {
	of, err := subjectNamed(ctx, q, subject)
	if err != nil {
		return auth.Actor{}, err
	}
	chain, err := chainOf(ctx, q, kind, of)
	if err != nil {
		return auth.Actor{}, err
	}
	stage, found := chain.stage(step)
	if !found {
		return auth.Actor{}, errs.New(errs.Refused, "BATCH_CHAIN_STEP", "chain", kind, "step", stepName(step))
	}
	actor, err := stage.fits(ctx)
	if err != nil {
		return actor, err
	}
	all, err := Approvals(ctx, q, subject)
	if err != nil {
		return actor, err
	}
	if err := apart(ctx, q, chain, taken{maker, of.made, all}, stage, actor); err != nil {
		return actor, err
	}
	if next, have, whole := chain.reviewed(len(reviewsOf(all, of.digest))); step == StepApprove && !whole {
		return actor, errs.New(errs.Refused, "BATCH_REVIEW_FIRST", "stage", next.name(), "office", next.Office, "have", have, "persons", next.Persons)
	}
	return actor, nil
}

// makes finds who is about to make something and whether the chain of its office
// and program lets them: by right, and by the office that the chain names.
// Errors: AUTH_NO_ACTOR, AUTH_RIGHT_MISSING, BATCH_CHAIN_OFFICE (all Refused).
func (s *Service) makes(ctx context.Context, q db.Querier, kind, office, program string) (auth.Actor, error) {
	chain, err := chainOf(ctx, q, kind, subjectOf{office: office, program: program, made: s.clock.Now()})
	if err != nil {
		return auth.Actor{}, err
	}
	stage, found := chain.stage(StepMake)
	if !found {
		return auth.Actor{}, errs.New(errs.Refused, "BATCH_CHAIN_STEP", "chain", kind, "step", stepName(StepMake))
	}
	return stage.fits(ctx)
}

// taken is who took which steps so far.
type taken struct {
	maker string
	made  time.Time
	all   []Approval
}

// apart refuses a person who took another step of the chain, or acts for who
// did, or has somebody act for them who did. Who reviewed once does not again.
func apart(ctx context.Context, q db.Querier, chain Chain, t taken, stage Stage, actor auth.Actor) error {
	for _, a := range t.since() {
		other, of := chain.stage(a.Step)
		if !of || a.Actor == "" || a.Step == stage.Step && a.Step != StepReview {
			continue
		}
		same, err := auth.SamePerson(ctx, q, auth.Took{Login: a.Actor, Right: other.Right, At: a.DecidedAt}, actor, stage.Right)
		if err != nil {
			return err
		}
		if same {
			return errs.New(errs.Refused, "BATCH_SAME_PERSON", "name", actor.Name, "login", actor.Login,
				"done", stepName(a.Step), "step", stage.name())
		}
	}
	return nil
}

// since is the making, and the last time each step was taken since the list was
// last sent back; reviews are all counted.
func (t taken) since() []Approval {
	var done []Approval
	for _, a := range t.all {
		switch {
		case a.Decision == Rejected:
			done = nil
		case a.Step != StepMake:
			if a.Step != StepReview {
				done = slices.DeleteFunc(done, func(b Approval) bool { return b.Step == a.Step })
			}
			done = append(done, a)
		}
	}
	return append(done, Approval{Step: StepMake, Actor: t.maker, DecidedAt: t.made})
}

func stepName(s Step) string { return i18n.Term(i18n.ZH, "batch.step", string(s)) }
