package batch

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
)

// backKnown is what an examiner knows about the lines of a back-pay batch.
type backKnown struct {
	raises map[int32]raise
	given  given
	now    map[LineID]backPay // the month computed again; none: nothing of it was paid
}

// learnBackPay computes the months of a part of the list again, from what is
// paid by now without the batch's own lines.
func (x *examiner) learnBackPay(ctx context.Context, tx pgx.Tx, part []Line) (err error) {
	if x.batch.Kind != BackPay {
		return nil
	}
	if x.back.raises == nil {
		x.back = backKnown{raises: map[int32]raise{}, now: map[LineID]backPay{}}
		if x.back.given, err = layersOf(ctx, tx, x.batch); err != nil {
			return err
		}
		if x.alias, err = aliases(ctx, tx, x.batch.ID); err != nil {
			return err
		}
	}
	of := map[int32][]*Line{}
	for i := range part {
		of[part[i].Policy] = append(of[part[i].Policy], &part[i])
	}
	for policy, lines := range of {
		if err := x.computeAgain(ctx, tx, policy, lines); err != nil {
			return err
		}
	}
	return nil
}

func (x *examiner) computeAgain(ctx context.Context, tx pgx.Tx, policy int32, lines []*Line) (err error) {
	r, known := x.back.raises[policy]
	if !known {
		if r, err = x.svc.raiseOf(ctx, tx, benefits.PolicyID(policy)); err != nil {
			return err
		}
		x.back.raises[policy] = r
	}
	subjects := make([]int64, len(lines))
	for i, l := range lines {
		subjects[i] = x.subject(l)
	}
	facts, err := paidLines(ctx, tx, r, subjects)
	if err != nil {
		return err
	}
	for _, l := range lines {
		b, there, err := r.month(facts[monthKey{x.subject(l), l.Month}], x.batch.Office, x.batch.ID)
		if err != nil {
			return err
		}
		if there {
			x.back.now[l.ID] = b
		}
	}
	return nil
}

// backPaid: a back-pay line is the difference that is open now, level by level,
// of a month in which its policy row is the one in force.
func (x *examiner) backPaid(l *Line) {
	if x.batch.Kind != BackPay {
		return
	}
	b, paid := x.back.now[l.ID]
	switch {
	case !slices.Contains(x.back.raises[l.Policy].months, l.Month):
		x.found.say(l, Block, "backpay_policy", "month", string(l.Month))
	case !paid:
		x.found.say(l, Block, "backpay_unpaid", "month", string(l.Month))
	case b.wait != "":
		x.found.say(l, Block, "backpay_"+b.wait, "month", string(l.Month), "batch", b.blocker)
	case b.amount != l.Amount || !sameLayers(b.layers, x.back.given[l.ID]):
		x.found.say(l, Block, "backpay_differs", "month", string(l.Month), "amount", l.Amount.Grouped(), "due", b.amount.Grouped())
	}
}

// sameLayers says whether levels pay the same, in whatever order.
func sameLayers(a, b []benefits.Layer) bool {
	order := func(x, y benefits.Layer) int { return strings.Compare(string(x.Level), string(y.Level)) }
	return slices.Equal(slices.SortedFunc(slices.Values(a), order), slices.SortedFunc(slices.Values(b), order))
}
