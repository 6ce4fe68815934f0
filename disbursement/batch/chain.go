package batch

import (
	"context"
	"slices"
	"time"

	"fenlu/auth"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// ChainID names an approval chain.
type ChainID int64

// Chain is an approval chain (审批链) of an office and program from a date on.
type Chain struct {
	ID         ChainID   `json:"id"` // 0: the general chain, which stands where no document set another
	Kind       string    `json:"kind"`
	Office     string    `json:"office"`  // "": any
	Program    string    `json:"program"` // "": any
	ValidFrom  time.Time `json:"valid_from"`
	Document   string    `json:"document"`
	Clause     string    `json:"clause"`
	ImportFile int64     `json:"-"`
	RecordedBy string    `json:"recorded_by"`
	RecordedAt time.Time `json:"recorded_at"`
	Stages     []Stage   `json:"stages"`
}

// Stage is a stage of a chain: who takes the step, by right and office, and how
// many persons have to.
type Stage struct {
	Order   int        `json:"order"`
	Step    Step       `json:"step"`
	Title   string     `json:"title"` // as the office calls it; "": the step's name
	Right   auth.Right `json:"right"`
	Office  string     `json:"office"`  // "": any
	Persons int        `json:"persons"` // more than one for reviews only
}

func (g Stage) name() string {
	if g.Title != "" {
		return g.Title
	}
	return stepName(g.Step)
}

// orders are the steps that a chain of a kind has, in order; reviews may stand
// before the approval of a batch.
var orders = map[string][]Step{
	"batch":     {StepMake, StepCheck, StepReview, StepApprove, StepRelease, StepClose},
	"emergency": {StepMake, StepApprove, StepClose},
	"list":      {StepMake, StepApprove},
}

// rightOf is the right that a step of a chain needs where its document names no
// other.
func rightOf(kind string, step Step) auth.Right {
	if kind == "list" {
		return map[Step]auth.Right{StepMake: auth.ListMake, StepApprove: auth.ListApprove}[step]
	}
	if kind == "emergency" {
		return map[Step]auth.Right{StepMake: auth.ReserveDraw, StepApprove: auth.ReserveConfirm, StepClose: auth.BatchClose}[step]
	}
	return map[Step]auth.Right{StepMake: auth.BatchMake, StepCheck: auth.BatchCheck, StepReview: auth.BatchReview, StepApprove: auth.BatchApprove,
		StepRelease: auth.BatchRelease, StepClose: auth.BatchClose}[step]
}

// ChainLeaf is the leaf of a chain; its parts are the stages in order.
func ChainLeaf(c Chain) *leaf.Leaf {
	var stages leaf.Tree
	var part leaf.Part
	for _, g := range c.Stages {
		stages.Add(part.Start().Int(int64(g.Order)).Text(string(g.Step)).Text(g.Title).Text(string(g.Right)).Text(g.Office).Int(int64(g.Persons)).Bytes())
	}
	return leaf.New(string(proof.KindChain), 1).Int("id", int64(c.ID)).Text("kind", c.Kind).Text("office", c.Office).Text("program", c.Program).
		Date("valid_from", c.ValidFrom).Text("document", c.Document).Text("clause", c.Clause).Int("import", c.ImportFile).
		Text("recorded_by", c.RecordedBy).Time("recorded_at", c.RecordedAt).Parts(&stages)
}

// subjectOf is what is known of a batch or small list whose chain is asked for:
// the chain in force and on record when it was made goes with it to its end,
// whatever is imported later.
type subjectOf struct {
	office, program string
	made            time.Time
	digest          Digest
}

// chainOf is the chain for a batch or list: of those that fit, the one that
// names the office and program, then the one that names the office, then the
// one that names the program; of these the newest.
func chainOf(ctx context.Context, q db.Querier, kind string, of subjectOf) (Chain, error) {
	fit, err := chainsFor(ctx, q, kind, of)
	if err != nil {
		return Chain{}, err
	}
	if len(fit) == 0 {
		return generalChain(ctx, q, kind)
	}
	return slices.MaxFunc(fit, func(a, b Chain) int {
		if a.names() != b.names() {
			return a.names() - b.names()
		}
		return a.ValidFrom.Compare(b.ValidFrom)
	}), nil
}

func (c Chain) names() int {
	n := 0
	if c.Office != "" {
		n += 2
	}
	if c.Program != "" {
		n++
	}
	return n
}

// stage finds the stage of a step that is taken once.
func (c Chain) stage(step Step) (Stage, bool) {
	i := slices.IndexFunc(c.Stages, func(g Stage) bool { return g.Step == step })
	if i < 0 {
		return Stage{}, false
	}
	return c.Stages[i], true
}

// reviews are the stages between submission and approval, in order.
func (c Chain) reviews() []Stage {
	return slices.DeleteFunc(slices.Clone(c.Stages), func(g Stage) bool { return g.Step != StepReview })
}

// reviewed says which review is next, how many of its persons have signed, and
// whether all reviews are done: signatures are taken in the chain's order.
func (c Chain) reviewed(signed int) (next Stage, have int, whole bool) {
	for _, g := range c.reviews() {
		if signed < g.Persons {
			return g, signed, false
		}
		signed -= g.Persons
	}
	return Stage{}, 0, true
}

// fits says whether somebody may take a stage: by right, then by the office of
// whoever they act for. Errors: AUTH_NO_ACTOR, AUTH_RIGHT_MISSING,
// BATCH_CHAIN_OFFICE (all Refused).
func (g Stage) fits(ctx context.Context) (auth.Actor, error) {
	actor, err := auth.Require(ctx, g.Right)
	if err != nil {
		return actor, err
	}
	if who := actor.ActsFor(g.Right); g.Office != "" && who.Office != g.Office {
		return actor, errs.New(errs.Refused, "BATCH_CHAIN_OFFICE", "name", who.Name, "office", who.Office, "want", g.Office, "step", g.name())
	}
	return actor, nil
}

// wrong is the step that is wrong in a chain: one that lacks, stands twice or out
// of order.
func (c Chain) wrong() (Step, bool) {
	want := slices.Clone(orders[c.Kind])
	at := 0
	for _, g := range c.Stages {
		i := slices.Index(want[at:], g.Step)
		if i < 0 {
			return g.Step, true
		}
		for _, skipped := range want[at : at+i] {
			if skipped != StepReview {
				return skipped, true
			}
		}
		if at += i; g.Step != StepReview {
			at++
		}
	}
	for _, left := range want[at:] {
		if left != StepReview {
			return left, true
		}
	}
	return "", false
}
