package batch

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/payment"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
)

// ProposeList proposes to withhold or withdraw lines of an approved batch, with
// the reason. A withheld line may also be withdrawn later, at any time: it has
// no money then and gives up its once-key, so that a cured entitlement can
// stand in a new batch.
//
// Errors: AUTH_RIGHT_MISSING; BATCH_STATE, BATCH_LINES_TAKEN (Refused) for lines
// that are out already; BATCH_LINES_UNKNOWN, BATCH_REASON_EMPTY, VALID_PROBLEMS (Invalid);
// BATCH_LIST_PROPOSED (Conflict) for a list somebody else proposed.
func (s *Service) ProposeList(ctx context.Context, code string, kind ListKind, numbers []int32, reason string) (SmallList, error) {
	var out SmallList
	if err := s.plain(freeText{Reason: reason}); err != nil {
		return out, err
	}
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := s.makes(ctx, tx, "list", b.Office, b.Program)
		if err != nil {
			return err
		}
		if kind != Withhold && kind != Withdraw {
			return errs.New(errs.Invalid, "BATCH_LIST_KIND", "kind", kind)
		}
		numbers = slices.Clone(numbers)
		slices.Sort(numbers)
		lines, err := linesNamed(ctx, tx, b, slices.Compact(numbers))
		if err != nil {
			return err
		}
		items := make([]Item, len(lines))
		for i, l := range lines {
			items[i] = Item{Line: l.ID, Amount: l.Amount, Reason: reason}
		}
		var known bool
		if out, known, err = proposedBefore(ctx, tx, b, kind, items, actor.Login); err != nil || known {
			return err
		}
		if err := mayTakeOut(b, kind, lines); err != nil {
			return err
		}
		out, err = s.propose(ctx, tx, b, kind, items)
		return err
	})
	return out, err
}

// mayTakeOut: money is frozen and the file has not left; or the lines are
// withheld already and only give up their keys.
func mayTakeOut(b Batch, kind ListKind, lines []Line) error {
	withheld := len(withStatus(lines, Withheld))
	if kind == Withdraw && withheld == len(lines) && b.State.Reached(Approved) {
		return nil
	}
	if b.State != Approved {
		return errs.New(errs.Refused, "BATCH_STATE", "batch", b.Code, "state", b.State.Name(i18n.ZH), "step", kind.Name(i18n.ZH),
			"from", Approved.Name(i18n.ZH))
	}
	for _, l := range lines {
		if l.Status != Listed {
			return errs.New(errs.Refused, "BATCH_LINES_TAKEN", "batch", b.Code, "line", l.No, "status", i18n.Term(i18n.ZH, "batch.line", string(l.Status)))
		}
	}
	return nil
}

// takeOut does what an approved withhold or withdraw list says.
func (s *Service) takeOut(ctx context.Context, tx pgx.Tx, b Batch, l SmallList, actor auth.Actor) error {
	ids := make([]LineID, len(l.Items))
	for i, item := range l.Items {
		ids[i] = item.Line
	}
	lines, err := linesByID(ctx, tx, ids)
	if err != nil {
		return err
	}
	if err := mayTakeOut(b, l.Kind, lines); err != nil {
		return err
	}
	if listed := withStatus(lines, Listed); len(listed) > 0 {
		c := ledger.Command{Key: "list/" + itoa(l.ID), Kind: string(l.Kind), Actor: actor.Login, Cause: b.subject(), Memo: l.subject()}
		if err := s.giveBack(ctx, tx, c, lineIDs(listed)); err != nil {
			return err
		}
	}
	status, topic := Withheld, events.LineWithheld
	if l.Kind == Withdraw {
		status, topic = Withdrawn, events.LineWithdrawn
		if err := freeKeys(ctx, tx, ids, "withdrawn"); err != nil {
			return err
		}
	}
	if err := setStatus(ctx, tx, ids, status); err != nil {
		return err
	}
	amount, err := l.amount()
	if err != nil {
		return err
	}
	return s.publish(ctx, tx, b, topic, events.Facts{Actor: actor.Name, Count: len(lines), Amount: amount, Reason: l.Items[0].Reason})
}

// giveBack returns the money of lines to the accounts it was drawn from, in one
// journal, and takes them out of their payments.
func (s *Service) giveBack(ctx context.Context, tx pgx.Tx, c ledger.Command, lines []LineID) error {
	numbers := make([]int64, len(lines))
	for i := range lines {
		numbers[i] = int64(lines[i])
	}
	legs, err := ledger.HoldingsOfLines(ctx, tx, numbers)
	if err != nil {
		return err
	}
	var ids []ledger.HoldingID
	less, taken := map[int64]money.Fen{}, map[int64]map[int64]bool{}
	var order []int64
	for _, h := range legs {
		if h.Account == 0 {
			continue
		}
		ids = append(ids, h.ID)
		if taken[h.Payment] == nil {
			taken[h.Payment] = map[int64]bool{}
			order = append(order, h.Payment)
		}
		taken[h.Payment][h.Line] = true
		less[h.Payment] += h.Amount
	}
	slices.Sort(order)
	for _, p := range order {
		if err := s.payment.ReduceTx(ctx, tx, payment.ID(p), less[p], len(taken[p])); err != nil {
			return err
		}
	}
	c.BusinessDate, c.Steps = clock.Date(s.clock.Now()), []ledger.Step{ledger.GiveBack{Holdings: ids, From: ledger.Frozen}}
	_, err = s.ledger.PostTx(ctx, tx, c)
	return err
}
