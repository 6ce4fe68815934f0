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
	"fenlu/internal/db"
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
// signed open-items list that covers all that is, each at the place and for the
// attempt it was signed for. An approved batch all of whose lines were withheld
// or withdrawn has nothing to release and is closed as it is. Whoever closes took
// no other step of the chain, released no file of the batch and did not sign the
// list it is closed with.
//
// A checkpoint of the log that covers what was written about the batch is stored
// outside the database first (see Outside).
//
// Errors: AUTH_RIGHT_MISSING; BATCH_SAME_PERSON, BATCH_STATE; BATCH_OPEN_ITEMS
// (Refused) with a Field for each payment that is open and not signed for;
// BATCH_NOT_OUTSIDE where no checkpoint could be stored, BATCH_NOT_COVERED.
func (s *Service) Close(ctx context.Context, code string) (Closing, error) {
	var out Closing
	err := s.whenCovered(ctx, code, func(size int64) (err error) {
		out, err = s.closeCovered(ctx, code, size)
		return err
	})
	return out, err
}

// closeCovered is Close with a checkpoint of so many leaves outside.
func (s *Service) closeCovered(ctx context.Context, code string, size int64) (Closing, error) {
	var out Closing
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := s.entitled(ctx, tx, b.Kind.chain(), b.subject(), b.Maker, StepClose)
		if err != nil {
			return err
		}
		if b.State.Reached(Closed) {
			last, err := lastApprovals(ctx, tx, b.subject())
			out = Closing{Batch: b, Replay: true}
			return orErr(err, done(b, last[StepClose], actor.Login, nil))
		}
		if err := releasedNothing(ctx, tx, b, actor, StepClose); err != nil {
			return err
		}
		list, err := s.nothingOpen(ctx, tx, b)
		if err != nil {
			return err
		}
		if err := signedByAnother(ctx, tx, list, actor); err != nil {
			return err
		}
		if err := s.covered(ctx, tx, b, size); err != nil {
			return err
		}
		out, err = s.close(ctx, tx, b, list, actor)
		return err
	})
	return out, err
}

// close takes the steps from where the batch is to closed.
func (s *Service) close(ctx context.Context, tx pgx.Tx, b Batch, list SmallList, actor auth.Actor) (Closing, error) {
	steps := []Step{StepReconcile, StepClose}
	if b.State != Released {
		steps = steps[1:]
	}
	for _, step := range steps {
		t, err := transition(b, step)
		if err != nil {
			return Closing{}, err
		}
		b.State = t.To
		a := Approval{Subject: b.subject(), Step: step, Actor: actor.Login, Digest: b.Digest, Comment: list.comment()}
		if err := s.approve(ctx, tx, a); err != nil {
			return Closing{}, err
		}
	}
	if err := setState(ctx, tx, b.ID, b.State); err != nil {
		return Closing{}, err
	}
	return Closing{Batch: b, OpenItems: list.ID}, s.publish(ctx, tx, b, events.BatchClosed,
		events.Facts{Actor: actor.Name, Count: b.Lines, Amount: b.Amount})
}

// releasedNothing refuses who released a file of the batch, a re-issue's or an
// emergency's included. Errors: BATCH_SAME_PERSON.
func releasedNothing(ctx context.Context, tx pgx.Tx, b Batch, actor auth.Actor, step Step) error {
	files, err := payment.FilesOf(ctx, tx, int64(b.ID))
	for _, f := range files {
		did := auth.Took{Login: f.ReleasedBy, Right: releases(b), At: f.CreatedAt}
		if err := another(ctx, tx, did, StepRelease, actor, byRight(step), step); err != nil {
			return err
		}
	}
	return err
}

// releases is the right by which a batch's files go out: an emergency's with its
// second person's confirmation.
func releases(b Batch) auth.Right {
	if b.Kind == Emergency {
		return rightOf(b.Kind.chain(), StepApprove)
	}
	return rightOf(b.Kind.chain(), StepRelease)
}

// byRight is the right with which a file's release is looked at: to close the
// batch, or to approve its open items.
func byRight(step Step) auth.Right {
	if step == StepClose {
		return auth.BatchClose
	}
	return auth.ListApprove
}

// signedByAnother refuses who signed the open-items list. Errors:
// BATCH_SAME_PERSON.
func signedByAnother(ctx context.Context, tx pgx.Tx, list SmallList, actor auth.Actor) error {
	if list.ID == 0 {
		return nil
	}
	last, err := lastApprovals(ctx, tx, list.subject())
	if err != nil {
		return err
	}
	return another(ctx, tx, last[StepApprove].took(auth.ListApprove), StepApprove, actor, auth.BatchClose, StepClose)
}

// another refuses whoever is one person with who took a step (auth.SamePerson).
// Errors: BATCH_SAME_PERSON.
func another(ctx context.Context, q db.Querier, took auth.Took, did Step, actor auth.Actor, r auth.Right, step Step) error {
	same, err := auth.SamePerson(ctx, q, took, actor, r)
	if err == nil && same {
		err = samePerson(actor, stepName(did), stepName(step))
	}
	return err
}

// took is an approval as a step that was taken by a right.
func (a Approval) took(r auth.Right) auth.Took {
	return auth.Took{Login: a.Actor, Right: r, At: a.DecidedAt}
}

// made is the making of a batch as a step that was taken by a right.
func (b Batch) made() auth.Took {
	return auth.Took{Login: b.Maker, Right: rightOf(b.Kind.chain(), StepMake), At: b.CreatedAt}
}

func samePerson(actor auth.Actor, did, step string) error {
	return errs.New(errs.Refused, "BATCH_SAME_PERSON", "name", actor.Name, "login", actor.Login, "done", did, "step", step)
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
		return SmallList{}, nothingToRelease(ctx, tx, b)
	}
	open, err := payment.OpenItems(ctx, tx, int64(b.ID))
	if err != nil || len(open) == 0 {
		return SmallList{}, err
	}
	signed, err := lastSigned(ctx, tx, b.ID)
	if err != nil {
		return SmallList{}, err
	}
	if err := uncovered(b, open, signed); err != nil {
		return SmallList{}, err
	}
	return signed, nil
}

// nothingToRelease: an approved batch whose lines are all withheld or withdrawn.
func nothingToRelease(ctx context.Context, tx pgx.Tx, b Batch) error {
	left, _, err := listSums(ctx, tx, b.ID)
	if err != nil || (b.State == Approved && left == 0) {
		return err
	}
	_, err = transition(b, StepReconcile)
	return err
}

// standingItem is what a signature on an open item is for.
type standingItem struct {
	payment    int64
	place      ledger.AccountKind
	endToEndID string
}

// uncovered refuses open items that the signed list does not name where they
// stand now. Errors: BATCH_OPEN_ITEMS.
func uncovered(b Batch, open []payment.OpenItem, signed SmallList) error {
	covered := map[standingItem]money.Fen{}
	for _, i := range signed.Items {
		covered[standingItem{i.Payment, i.Place, i.EndToEndID}] += i.Amount
	}
	e := errs.New(errs.Refused, "BATCH_OPEN_ITEMS", "batch", b.Code)
	var sum money.Fen
	for _, o := range open {
		if o.Amount <= covered[standingItem{int64(o.Payment), o.Place, o.EndToEndID}] {
			continue
		}
		sum += o.Amount
		e.Fields = append(e.Fields, errs.Field{Row: o.No, Value: o.Amount.Grouped(), Code: "BATCH_OPEN_ITEM",
			Args: errs.Pairs("id", orNone(o.EndToEndID), "place", i18n.Term(i18n.ZH, "place", string(o.Place)))})
	}
	if len(e.Fields) == 0 {
		return nil
	}
	e.Args = append(e.Args, errs.Pairs("count", len(e.Fields), "amount", sum.Grouped())...)
	return e
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
// BATCH_OWNER, VALID_PROBLEMS (Invalid).
func (s *Service) ProposeOpenItems(ctx context.Context, code, owner string, due time.Time, reason string) (SmallList, error) {
	var out SmallList
	if err := s.plain(freeText{Reason: reason, Owner: owner}); err != nil {
		return out, err
	}
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := s.makes(ctx, tx, "list", b.Office, b.Program)
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
				Reason: strings.TrimSpace(reason), Place: o.Place, EndToEndID: o.EndToEndID}
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
// BATCH_STATE, BATCH_REASON_EMPTY, VALID_PROBLEMS.
func (s *Service) Cancel(ctx context.Context, code, reason string) (Batch, error) {
	var out Batch
	if err := s.plain(freeText{Reason: reason}); err != nil {
		return out, err
	}
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
	if b.Kind == Emergency {
		if err := s.funds.GiveUpCase(ctx, tx, strings.TrimPrefix(b.Code, CaseCode(""))); err != nil {
			return b, err
		}
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
