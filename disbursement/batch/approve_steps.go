package batch

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/internal/errs"
	"fenlu/ledger"
)

// approvesInSteps says whether a list is frozen in steps: the database cannot
// carry any number of rows in a transaction, or it was begun so.
func (s *Service) approvesInSteps(ctx context.Context, code string) (bool, error) {
	b, err := ByCode(ctx, s.db.Pool(), code)
	return b.Kind != Emergency && (s.db.BulkRows() > 0 || b.State == Freezing), err
}

// approveInSteps freezes a list in several transactions of at most db.BulkRows
// legs each (one payee's more than that stay together). From the first on the
// batch is Freezing, in which nobody may do anything but approve it; the last
// makes it Approved. What is done is told by the legs: killed in between and
// called again, by whoever may approve, it goes on with the lines that have
// none, and ends with the legs that one transaction would have made.
//
// A pool that is short is refused before the first step. Where money or a line's
// claim to it is lost between two steps, all that was frozen is given back and
// the batch is Submitted again. Errors: as Approve; BATCH_FREEZING (Conflict)
// while somebody else's steps go on.
func (s *Service) approveInSteps(ctx context.Context, code string, digest Digest, err error) (Frozen, error) {
	for try := 1; err == nil; try++ {
		var p *stepPlan
		var out Frozen
		if p, out, err = s.freezeInSteps(ctx, code, digest); err == nil {
			return out, nil
		}
		if outrun(err) && try < freezeTries {
			err = nil // somebody drew since the plan was made: make another
			continue
		}
		if kind := errs.KindOf(err); p != nil && (kind == errs.Refused || kind == errs.Insufficient) {
			err = orErr(s.unfreeze(ctx, code, p.actor), err)
		}
	}
	return Frozen{}, err
}

// stepPlan is what is left to freeze, and who freezes it.
type stepPlan struct {
	actor   auth.Actor
	lines   []Line // without legs yet
	sources []funds.Source
	leaves  []leave
	chunks  []chunk
	done    int // journals of earlier steps
}

// chunk is the lines of one step, with the parts that pay them.
type chunk struct {
	lines []Line
	parts []part
}

// freezeInSteps plans what is left and does it. The plan is nil where the
// approver was not let through, or the list is not his.
func (s *Service) freezeInSteps(ctx context.Context, code string, digest Digest) (*stepPlan, Frozen, error) {
	var p *stepPlan
	var out Frozen
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		var err error
		p, out, err = s.planSteps(ctx, tx, b, digest)
		return err
	})
	if err != nil || p == nil {
		return p, out, err
	}
	for i := range p.chunks {
		err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
			step, err := s.freezeStep(ctx, tx, b, p, i)
			if err != nil {
				return err
			}
			out.Batch, out.Journal, out.Payments = step.Batch, step.Journal, step.Payments
			return nil
		})
		if err != nil {
			return p, Frozen{}, err
		}
	}
	return p, out, nil
}

// planSteps lets the approver through, looks whether the whole list can be
// paid, and begins: the batch is Freezing.
func (s *Service) planSteps(ctx context.Context, tx pgx.Tx, b Batch, digest Digest) (*stepPlan, Frozen, error) {
	actor, err := s.entitled(ctx, tx, b.Kind.chain(), b.subject(), b.Maker, StepApprove)
	if err != nil {
		return nil, Frozen{}, err
	}
	if b.State.Reached(Approved) {
		out, err := s.approvedBefore(ctx, tx, b, actor.Login, digest)
		return nil, out, err
	}
	if _, err := transition(b, StepApprove); err != nil {
		return nil, Frozen{}, err
	}
	lines, err := s.listOf(ctx, tx, b, digest)
	if err != nil {
		return nil, Frozen{}, err
	}
	p := &stepPlan{actor: actor}
	if err := s.stillPayable(ctx, tx, b, lines); err != nil {
		return p, Frozen{}, err
	}
	out := Frozen{Batch: b, Digest: b.Digest, Amount: b.Amount}
	if out.Sources, err = s.planRest(ctx, tx, b, p, lines); err != nil {
		return p, Frozen{}, err
	}
	return p, out, setState(ctx, tx, b.ID, Freezing)
}

// planRest allocates the lines that have no legs to what the pool has now.
func (s *Service) planRest(ctx context.Context, tx pgx.Tx, b Batch, p *stepPlan, lines []Line) ([]SourceUse, error) {
	frozen, err := frozenLines(ctx, tx, b)
	if err != nil {
		return nil, err
	}
	for i := range lines {
		if frozen[lines[i].ID] == 0 {
			p.lines = append(p.lines, lines[i])
		}
	}
	if p.sources, err = s.sourcesOf(ctx, tx, b, p.lines); err != nil {
		return nil, err
	}
	policies, err := s.policiesOf(ctx, tx, p.lines)
	if err != nil {
		return nil, err
	}
	codes, err := s.codesOf(ctx, tx, b, lines, p.sources)
	if err != nil {
		return nil, err
	}
	if p.leaves, err = s.leaves(ctx, tx, b.Program); err != nil {
		return nil, err
	}
	set, err := layersOf(ctx, tx, b)
	if err != nil {
		return nil, err
	}
	a, err := allocate(p.lines, p.sources, codes, policies, set, p.leaves)
	if err != nil {
		return nil, err
	}
	if len(a.missing) > 0 {
		return nil, short(b, a.missing)
	}
	p.chunks = chunksOf(p.lines, a.parts, s.stepRows())
	p.done, _, err = stepsDone(ctx, tx, b)
	return uses(a.parts, p.sources), err
}

// stepRows is how many legs a step carries.
func (s *Service) stepRows() int {
	if rows := s.db.BulkRows(); rows > 0 {
		return rows
	}
	return math.MaxInt32
}

// chunksOf cuts a list into steps of at most rows parts, in list order; the
// lines of one payee's account stay together, because one payment pays them.
func chunksOf(lines []Line, parts []part, rows int) []chunk {
	type payee struct{ id, account int64 }
	number, groups := map[payee]int{}, [][]int32{}
	for i := range lines {
		key := payee{lines[i].Payee, lines[i].Account}
		n, met := number[key]
		if !met {
			n = len(groups)
			number[key] = n
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], int32(i))
	}
	of := make([][]part, len(lines))
	for _, p := range parts {
		of[p.line] = append(of[p.line], p)
	}
	var out []chunk
	var c chunk
	for _, g := range groups {
		size := 0
		for _, i := range g {
			size += len(of[i])
		}
		if len(c.parts) > 0 && len(c.parts)+size > rows {
			out, c = append(out, c), chunk{}
		}
		for _, i := range g {
			c.add(lines[i], of[i])
		}
	}
	return append(out, c)
}

func (c *chunk) add(l Line, parts []part) {
	for _, p := range parts {
		p.line = int32(len(c.lines)) //nolint:gosec // a list is far shorter
		c.parts = append(c.parts, p)
	}
	c.lines = append(c.lines, l)
}

// freezeStep does one step; the last one approves.
func (s *Service) freezeStep(ctx context.Context, tx pgx.Tx, b Batch, p *stepPlan, i int) (Frozen, error) {
	done, payments, err := stepsDone(ctx, tx, b)
	if err != nil {
		return Frozen{}, err
	}
	if b.State != Freezing || done != p.done+i {
		return Frozen{}, stepped(b)
	}
	c := p.chunks[i]
	if err := s.servicesAgain(ctx, tx, b, c.lines); err != nil {
		return Frozen{}, err
	}
	out, err := s.drawMoney(ctx, tx, b, draw{key: stepKey(b, done), lines: c.lines, parts: c.parts, sources: p.sources, leaves: p.leaves, after: payments, actor: p.actor})
	if err != nil || i < len(p.chunks)-1 {
		return out, err
	}
	wrong, err := notFrozen(ctx, tx, b)
	if err == nil && len(wrong) > 0 {
		err = errs.New(errs.Conflict, "BATCH_LEGS", "batch", b.Code, "count", len(wrong))
	}
	if err != nil {
		return Frozen{}, err
	}
	if out.Payments, err = countPayments(ctx, tx, b.ID); err != nil {
		return Frozen{}, err
	}
	out.Batch, err = s.finishApproval(ctx, tx, b, p.actor)
	return out, err
}

// stepKey is the idempotency key of the step after done others.
func stepKey(b Batch, done int) string { return fmt.Sprintf("freeze/%s/%d", b.Code, done+1) }

// stepped refuses a step that is not the next one: somebody else took it.
func stepped(b Batch) error { return errs.New(errs.Conflict, "BATCH_FREEZING", "batch", b.Code) }

// unfreeze gives back what earlier steps froze, in steps; the last one makes
// the batch Submitted again. Killed in between, the next approval goes on from
// there: forward, if the money is there by then.
func (s *Service) unfreeze(ctx context.Context, code string, actor auth.Actor) error {
	for more := true; more; {
		err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
			if more = b.State == Freezing; !more {
				return nil
			}
			lines, err := frozenSome(ctx, tx, b, s.stepRows())
			if err != nil {
				return err
			}
			if more = len(lines) > 0; !more {
				return setState(ctx, tx, b.ID, Submitted)
			}
			done, _, err := stepsDone(ctx, tx, b)
			if err != nil {
				return err
			}
			c := ledger.Command{Key: stepKey(b, done), Kind: kindUnfreeze, Actor: actor.Login, Cause: b.subject(), Memo: b.Code}
			return s.giveBack(ctx, tx, c, lines)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
