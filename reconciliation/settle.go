package reconciliation

import (
	"fmt"
	"maps"
	"slices"

	"fenlu/bankfiles/record"

	"fenlu/internal/evidence"
	"fenlu/money"
)

// inherit lets the payments of a file that the bank refused whole fail, as far
// as the report lists them not and nothing has moved them: a status of the
// file is theirs too. Payments that were paid before stay paid; that the bank
// says otherwise now is one break. What the bank refused as a duplicate of
// what it has, it has.
func (r *reading) inherit() error {
	seen := map[string]bool{}
	for _, h := range r.refused {
		if seen[h.OriginalID] {
			continue
		}
		seen[h.OriginalID] = true
		if err := r.failOpen(h); err != nil {
			return err
		}
	}
	return r.checkWholes()
}

// failOpen stores a line for each open payment of a refused file.
func (r *reading) failOpen(h record.Header) error {
	open, err := openOfMessage(r.ctx, r.tx, h.OriginalID, r.done.File, r.open)
	if err != nil {
		return err
	}
	lines := make([]line, len(open))
	for i, a := range open {
		r.pos++
		lines[i] = line{
			pos: r.pos, kind: record.KindStatus, endToEndID: a.EndToEndID, attempt: a.ID, at: h.Position,
			status: clip(h.Status, 35), reason: clip(maskText(h.Reason), 35), reasonText: clip(maskText(h.ReasonText), 500),
			says: SaysFailed, match: Matched,
		}
		r.touched[a.ID] = r.pos
	}
	r.done.count(Matched, len(lines), true)
	return r.store(lines)
}

// checkWholes opens a break for a line about a file that is not ours, and for a
// refusal of one of which payments were booked.
func (r *reading) checkWholes() error {
	for _, w := range r.wholes {
		known, booked, err := messageBooked(r.ctx, r.tx, w.ref)
		if err != nil {
			return err
		}
		switch {
		case !known:
			r.gaps = append(r.gaps, gap{kind: BreakUnmatched, pos: w.pos})
		case w.failed && booked > 0:
			r.gaps = append(r.gaps, gap{kind: BreakContradiction, pos: w.pos, amount: booked})
		}
	}
	return nil
}

// moved is what one attempt's evidence changed, for the events.
type moved struct {
	attempt int64
	what    string
	amount  money.Fen
}

const (
	movedPaid     = "paid"
	movedFailed   = "failed"
	movedReturned = "returned"
)

// settle derives anew the state of every attempt that the file spoke of, from
// all its evidence old and new, and applies what changed.
//
// The batches are locked first, then the attempts in id order, and their
// evidence is read after: of two imports about one attempt the second sees
// what the first stored.
func (r *reading) settle() error {
	ids := slices.Sorted(maps.Keys(r.touched))
	if len(ids) == 0 {
		return nil
	}
	if err := lockBatches(r.ctx, r.tx, ids); err != nil {
		return err
	}
	var outcomes []evidence.Outcome
	for part := range slices.Chunk(ids, chunkLines) {
		some, err := r.derive(part)
		if err != nil {
			return err
		}
		outcomes = append(outcomes, some...)
	}
	return r.apply(outcomes)
}

func (r *reading) derive(ids []int64) ([]evidence.Outcome, error) {
	attempts, err := r.service.payments.LockAttempts(r.ctx, r.tx, ids)
	if err != nil {
		return nil, err
	}
	facts, err := factsOf(r.ctx, r.tx, ids)
	if err != nil {
		return nil, err
	}
	var outcomes []evidence.Outcome
	for _, id := range ids {
		a := attempts[id]
		before := slices.DeleteFunc(slices.Clone(facts[id]), func(f Fact) bool { return f.File == r.done.File && f.Pos > r.from })
		v, was := Derive(a.Amount, facts[id]), Derive(a.Amount, before)
		r.compare(a, v, was)
		if v.moves(a) {
			outcomes = append(outcomes, evidence.Outcome{Attempt: id, State: v.State, Booked: v.Booked, Returned: v.Returned, Excess: v.Excess,
				Back: returns(facts[id], v.Returned), File: int64(r.done.File), Pos: r.touched[id]})
			r.move(a, v)
		}
	}
	return outcomes, nil
}

// move notes what an attempt's new state means in money.
func (r *reading) move(a evidence.Attempt, v Verdict) {
	if v.Booked > a.Booked {
		r.moved = append(r.moved, moved{a.ID, movedPaid, v.Booked - a.Booked})
	}
	if v.State == evidence.Failed {
		r.moved = append(r.moved, moved{a.ID, movedFailed, a.Amount})
	}
	if v.Returned > a.Returned {
		r.moved = append(r.moved, moved{a.ID, movedReturned, v.Returned - a.Returned})
	}
}

// compare opens the breaks that the new evidence of an attempt brings: a
// contradiction, money that the bank took twice, or more of it back than it
// took.
func (r *reading) compare(a evidence.Attempt, v, was Verdict) {
	add := func(kind BreakKind, amount money.Fen) {
		r.gaps = append(r.gaps, gap{kind: kind, pos: r.touched[a.ID], attempt: a.ID, amount: amount})
	}
	if v.Contradiction && !was.Contradiction {
		add(BreakContradiction, a.Amount)
	}
	if v.Excess > was.Excess {
		add(BreakPaidTwice, v.Excess-was.Excess)
	}
	if v.Over > was.Over {
		add(BreakAmountDiffers, v.Over-was.Over)
	}
}

// apply hands the outcomes to the payments, as one command.
func (r *reading) apply(outcomes []evidence.Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	days, err := valueDatesOf(r.ctx, r.tx, r.done.File)
	if err != nil {
		return err
	}
	done, err := r.service.payments.ApplyTx(r.ctx, r.tx, outcomes, evidence.Command{
		Key: fmt.Sprintf("evidence/%d%s", r.done.File, r.key), Actor: r.actor.Login, Cause: r.cause(), BusinessDate: r.today(),
		ValueDates: append(days, r.today()),
	})
	if err != nil {
		return err
	}
	r.done.Journal, r.done.Paid, r.done.Failed, r.done.Returned = done.Journal, done.Paid, done.Failed, done.Returned
	amounts := make(map[int64]evidence.Outcome, len(outcomes))
	for _, o := range outcomes {
		amounts[o.Attempt] = o
	}
	r.breaksOf(BreakPaidTwice, done.PaidTwice, func(o evidence.Outcome) money.Fen { return o.Booked }, amounts)
	r.breaksOf(BreakContradiction, done.Contradicting, func(o evidence.Outcome) money.Fen { return o.Booked }, amounts)
	r.breaksOf(BreakWhichLine, done.WhichLine, func(o evidence.Outcome) money.Fen { return o.Returned }, amounts)
	return nil
}

func (r *reading) breaksOf(kind BreakKind, attempts []int64, amount func(evidence.Outcome) money.Fen, of map[int64]evidence.Outcome) {
	for _, id := range attempts {
		r.gaps = append(r.gaps, gap{kind: kind, pos: r.touched[id], attempt: id, amount: amount(of[id])})
	}
}
