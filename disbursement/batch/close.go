package batch

import (
	"context"
	"strings"
	"time"

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

// Closing is how a batch was closed: OpenItems is the signed list of what was
// still open, or 0.
type Closing struct {
	Batch     Batch  `json:"batch"`
	OpenItems ListID `json:"open_items,omitempty"`
	Replay    bool   `json:"replay"`
}

// Close reconciles and closes a released batch: with nothing open, or with a
// signed open-items list that covers all that is. Errors: AUTH_RIGHT_MISSING;
// BATCH_STATE; BATCH_OPEN_ITEMS (Refused) with a Field for each payment that is
// open and not signed for.
func (s *Service) Close(ctx context.Context, code string) (Closing, error) {
	var out Closing
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := auth.Require(ctx, auth.BatchClose)
		if err != nil {
			return err
		}
		last, err := lastApprovals(ctx, tx, b.subject())
		if err != nil {
			return err
		}
		if b.State.Reached(Closed) {
			out = Closing{Batch: b, Replay: true}
			return done(b, last[StepClose], actor.Login, nil)
		}
		list, err := s.nothingOpen(ctx, tx, b)
		if err != nil {
			return err
		}
		for _, step := range []Step{StepReconcile, StepClose} {
			if b.State == Reconciled && step == StepReconcile {
				continue
			}
			t, err := transition(b, step)
			if err != nil {
				return err
			}
			b.State = t.To
			if err := s.approve(ctx, tx, Approval{Subject: b.subject(), Step: step, Actor: actor.Login, Digest: b.Digest, Comment: list.comment()}); err != nil {
				return err
			}
		}
		if err := setState(ctx, tx, b.ID, b.State); err != nil {
			return err
		}
		out = Closing{Batch: b, OpenItems: list.ID}
		return s.publish(ctx, tx, b, events.BatchClosed, events.Facts{Actor: actor.Name, Count: b.Lines, Amount: b.Amount})
	})
	return out, err
}

func (l SmallList) comment() string {
	if l.ID == 0 {
		return ""
	}
	return l.subject()
}

// nothingOpen finds the signed list that covers what is open, if anything is.
func (s *Service) nothingOpen(ctx context.Context, tx pgx.Tx, b Batch) (SmallList, error) {
	if !b.State.Reached(Released) {
		_, err := transition(b, StepReconcile)
		return SmallList{}, err
	}
	open, err := payment.OpenItems(ctx, tx, int64(b.ID))
	if err != nil || len(open) == 0 {
		return SmallList{}, err
	}
	signed, err := lastSigned(ctx, tx, b.ID)
	if err != nil {
		return SmallList{}, err
	}
	covered := map[int64]money.Fen{}
	for _, i := range signed.Items {
		covered[i.Payment] += i.Amount
	}
	e := errs.New(errs.Refused, "BATCH_OPEN_ITEMS", "batch", b.Code)
	var sum money.Fen
	for _, o := range open {
		covered[int64(o.Payment)] -= o.Amount
		if covered[int64(o.Payment)] < 0 {
			sum += o.Amount
			e.Fields = append(e.Fields, errs.Field{Row: o.No, Value: o.Amount.Grouped(), Code: "BATCH_OPEN_ITEM",
				Args: errs.Pairs("id", orNone(o.EndToEndID), "place", i18n.Term(i18n.ZH, "place", string(o.Place)))})
		}
	}
	if len(e.Fields) > 0 {
		e.Args = append(e.Args, errs.Pairs("count", len(e.Fields), "amount", sum.Grouped())...)
		return SmallList{}, e
	}
	return signed, nil
}

// lastSigned is the last approved open-items list of a batch.
func lastSigned(ctx context.Context, tx pgx.Tx, id ID) (SmallList, error) {
	all, err := ListsOf(ctx, tx, id)
	if err != nil {
		return SmallList{}, err
	}
	var signed SmallList
	for _, l := range all {
		if l.Kind == OpenItems && l.State == ListApproved {
			signed = l
		}
	}
	if signed.ID == 0 {
		return signed, nil
	}
	return ListByID(ctx, tx, signed.ID)
}

// ProposeOpenItems lists what is still open in a released batch, with who sees
// to it, until when and why; a second person signs it with ApproveList. Errors:
// AUTH_RIGHT_MISSING; BATCH_STATE; BATCH_NOTHING_OPEN; BATCH_REASON_EMPTY,
// BATCH_OWNER (Invalid) without an owner or a day.
func (s *Service) ProposeOpenItems(ctx context.Context, code, owner string, due time.Time, reason string) (SmallList, error) {
	var out SmallList
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := s.entitled(ctx, tx, "list", "", "", StepMake)
		if err != nil {
			return err
		}
		if strings.TrimSpace(owner) == "" || due.IsZero() {
			return errs.New(errs.Invalid, "BATCH_OWNER", "batch", b.Code)
		}
		if !b.State.Reached(Released) {
			_, err := transition(b, StepReconcile)
			return err
		}
		open, err := payment.OpenItems(ctx, tx, int64(b.ID))
		if err != nil {
			return err
		}
		if len(open) == 0 {
			return errs.New(errs.Refused, "BATCH_NOTHING_OPEN", "batch", b.Code)
		}
		items := make([]Item, len(open))
		for i, o := range open {
			items[i] = Item{Payment: int64(o.Payment), Amount: o.Amount, Owner: strings.TrimSpace(owner), DueOn: clock.Date(due),
				Reason: strings.TrimSpace(reason)}
		}
		var known bool
		if out, known, err = proposedBefore(ctx, tx, b, OpenItems, items, actor.Login); err != nil || known {
			return err
		}
		out, err = s.propose(ctx, tx, b, OpenItems, items)
		return err
	})
	return out, err
}

// Cancel gives a batch up before its release, with the reason: what is frozen
// goes back where it came from and the once-keys are free again. Errors:
// AUTH_RIGHT_MISSING (from approved on it takes the right to approve),
// BATCH_STATE, BATCH_REASON_EMPTY.
func (s *Service) Cancel(ctx context.Context, code, reason string) (Batch, error) {
	var out Batch
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, ok := auth.ActorFrom(ctx)
		if b.State == Cancelled && ok {
			last, err := lastApprovals(ctx, tx, b.subject())
			out = b
			return orErr(err, done(b, last[StepCancel], actor.Login, nil))
		}
		t, err := transition(b, StepCancel)
		if err != nil {
			return err
		}
		if actor, err = auth.Require(ctx, t.Right); err != nil {
			return err
		}
		out, err = s.cancel(ctx, tx, b, t, actor, strings.TrimSpace(reason))
		return err
	})
	return out, err
}

func (s *Service) cancel(ctx context.Context, tx pgx.Tx, b Batch, t Transition, actor auth.Actor, reason string) (Batch, error) {
	if reason == "" {
		return b, errs.New(errs.Invalid, "BATCH_REASON_EMPTY", "batch", b.Code)
	}
	if b.State == Approved {
		if err := s.giveBackAll(ctx, tx, b, actor); err != nil {
			return b, err
		}
	}
	if err := freeKeysOfBatch(ctx, tx, b.ID, "cancelled"); err != nil {
		return b, err
	}
	if err := rejectOpenLists(ctx, tx, b.ID); err != nil {
		return b, err
	}
	b.State = t.To
	if err := setState(ctx, tx, b.ID, t.To); err != nil {
		return b, err
	}
	if err := s.approve(ctx, tx, Approval{Subject: b.subject(), Step: StepCancel, Actor: actor.Login, Digest: b.Digest, Comment: reason}); err != nil {
		return b, err
	}
	return b, s.publish(ctx, tx, b, events.BatchRejected, events.Facts{Actor: actor.Name, Count: b.Lines, Amount: b.Amount,
		Reason: i18n.T(i18n.ZH, "batch.cancelled", "reason", reason)})
}

// giveBackAll returns what a batch has frozen and stops its payments.
func (s *Service) giveBackAll(ctx context.Context, tx pgx.Tx, b Batch, actor auth.Actor) error {
	payments, err := payment.OfBatch(ctx, tx, int64(b.ID))
	if err != nil {
		return err
	}
	ids := make([]int64, 0, len(payments))
	for _, p := range payments {
		if p.Amount == 0 {
			continue
		}
		ids = append(ids, int64(p.ID))
		if err := s.payment.ReduceTx(ctx, tx, p.ID, p.Amount, p.LineCount); err != nil {
			return err
		}
	}
	legs, err := ledger.HoldingsOfPayments(ctx, tx, ids)
	if err != nil {
		return err
	}
	var standing []ledger.HoldingID
	for _, h := range legs {
		if h.Account != 0 {
			standing = append(standing, h.ID)
		}
	}
	if len(standing) == 0 {
		return nil
	}
	_, err = s.ledger.PostTx(ctx, tx, ledger.Command{Key: "cancel/" + b.Code, Kind: "cancel", Actor: actor.Login, Cause: b.subject(),
		Memo: b.Code, BusinessDate: clock.Date(s.clock.Now()), Steps: []ledger.Step{ledger.GiveBack{Holdings: standing, From: ledger.Frozen}}})
	return err
}
