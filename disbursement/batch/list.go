package batch

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
)

// ListKind says what a small list does (小名单).
type ListKind string

// The kinds.
const (
	Withhold  ListKind = "withhold"   // 暂缓发放
	Withdraw  ListKind = "withdraw"   // 撤出
	Reissue   ListKind = "reissue"    // 重新发出
	OpenItems ListKind = "open_items" // 未结清单
)

// ListState is where a small list stands.
type ListState string

// The states.
const (
	ListProposed ListState = "proposed"
	ListApproved ListState = "approved"
	ListReleased ListState = "released"
	ListRejected ListState = "rejected"
)

// SmallList is a list with its own maker, checker and digest.
type SmallList struct {
	ID     ListID    `json:"id"`
	Kind   ListKind  `json:"kind"`
	Batch  ID        `json:"batch"`
	State  ListState `json:"state"`
	Digest Digest    `json:"digest"`
	Maker  string    `json:"maker"`
	MadeAt time.Time `json:"made_at"`
	Items  []Item    `json:"items,omitempty"`
	Replay bool      `json:"replay"`
}

// Item is one row of a small list: a line for withhold and withdraw; a payment
// for re-issue, with the account version it goes to; for open items a payment
// with who sees to it and until when, the place where its money stands and the
// end-to-end id of its last attempt.
type Item struct {
	No         int                `json:"no"`
	Line       LineID             `json:"line,omitempty"`
	Payment    int64              `json:"payment,omitempty"`
	Account    int64              `json:"account,omitempty"`
	Amount     money.Fen          `json:"amount"`
	Reason     string             `json:"reason"`
	Owner      string             `json:"owner,omitempty"`
	DueOn      time.Time          `json:"due_on,omitzero"`
	Place      ledger.AccountKind `json:"place,omitempty"`
	EndToEndID string             `json:"end_to_end_id,omitempty"`
}

func (l SmallList) subject() string { return fmt.Sprintf("list:%d", l.ID) }

func (l SmallList) amount() (money.Fen, error) {
	var sum money.Fen
	for _, i := range l.Items {
		if err := grow(&sum, i.Amount); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// listDigestOf is SHA-256 over UTF-8 text: "fenlu.small.list.v2", kind and batch
// code, then for each item its number, line, payment, account, amount in fen,
// owner, due date, place, end-to-end id and reason; fields end with a tab, lines with a line feed.
func listDigestOf(kind ListKind, code string, items []Item) Digest {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "fenlu.small.list.v2\n%s\t%s\n", kind, code) // a hash never fails
	for _, i := range items {
		due := ""
		if !i.DueOn.IsZero() {
			due = i.DueOn.Format(time.DateOnly)
		}
		_, _ = fmt.Fprintf(h, "%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\n", i.No, i.Line, i.Payment, i.Account, i.Amount, i.Owner, due,
			i.Place, i.EndToEndID, i.Reason)
	}
	return h.Sum(nil)
}

// propose stores a list, its maker's act included. The same list again, while
// it is proposed or approved, is the first one.
func (s *Service) propose(ctx context.Context, tx pgx.Tx, b Batch, kind ListKind, items []Item) (SmallList, error) {
	actor, err := s.makes(ctx, tx, "list", b.Office, b.Program)
	if err != nil {
		return SmallList{}, err
	}
	for i := range items {
		items[i].No = i + 1
		if items[i].Reason = strings.TrimSpace(items[i].Reason); items[i].Reason == "" {
			return SmallList{}, errs.New(errs.Invalid, "BATCH_REASON_EMPTY", "batch", b.Code)
		}
	}
	l := SmallList{Kind: kind, Batch: b.ID, State: ListProposed, Digest: listDigestOf(kind, b.Code, items), Maker: actor.Login,
		MadeAt: s.clock.Now().Truncate(time.Microsecond), Items: items}
	id, err := db.NextID(ctx, tx, "line_list_id_seq")
	if err != nil {
		return SmallList{}, err
	}
	l.ID = ListID(id)
	if err := insertList(ctx, tx, l); err != nil {
		return SmallList{}, err
	}
	return l, s.approve(ctx, tx, Approval{Subject: l.subject(), Step: StepMake, Actor: actor.Login, Digest: l.Digest})
}

// proposedBefore finds the same list of a batch as it was proposed before. Of a
// re-issue the amounts do not count: they are gone once it was released, and
// the same payments go to the same accounts only once.
func proposedBefore(ctx context.Context, tx pgx.Tx, b Batch, kind ListKind, items []Item, actor string) (SmallList, bool, error) {
	all, err := ListsOf(ctx, tx, b.ID)
	if err != nil {
		return SmallList{}, false, err
	}
	for _, l := range all {
		if l.Kind != kind || l.State == ListRejected {
			continue
		}
		if l.Items, err = itemsOf(ctx, tx, l.ID); err != nil {
			return SmallList{}, false, err
		}
		if !l.asks(items) {
			continue
		}
		if l.Maker != actor {
			return l, true, errs.New(errs.Conflict, "BATCH_LIST_PROPOSED", "list", int64(l.ID), "actor", l.Maker)
		}
		l.Replay = true
		return l, true, nil
	}
	return SmallList{}, false, nil
}

// asks says whether a list asks for just these items.
func (l SmallList) asks(items []Item) bool {
	return slices.EqualFunc(l.Items, items, func(was, now Item) bool {
		return was.Line == now.Line && was.Payment == now.Payment && was.Account == now.Account && was.Reason == strings.TrimSpace(now.Reason) &&
			was.Owner == now.Owner && was.DueOn.Equal(now.DueOn) && was.Place == now.Place && was.EndToEndID == now.EndToEndID && (was.Amount == now.Amount || l.Kind == Reissue)
	})
}

// ApproveList approves a small list, bound to its digest, and does what it
// says: the money of withheld and withdrawn lines goes back where it came from;
// a re-issue waits for its release; open items wait for Close. Doing it again
// changes nothing. Errors: AUTH_RIGHT_MISSING; BATCH_SAME_PERSON for the maker,
// and of open items for whoever released a file of the batch;
// BATCH_LIST_UNKNOWN; BATCH_LIST_CHANGED, BATCH_LIST_STATE (Conflict);
// LEDGER_HOLDING_MOVED where the money has left.
func (s *Service) ApproveList(ctx context.Context, id ListID, digest Digest) (SmallList, error) {
	var out SmallList
	err := s.onList(ctx, id, func(tx pgx.Tx, b Batch, l SmallList) error {
		actor, err := s.entitled(ctx, tx, "list", l.subject(), l.Maker, StepApprove)
		if err != nil {
			return err
		}
		if out, err = l, l.bound(b, digest); err != nil {
			return err
		}
		if l.State != ListProposed {
			last, err := lastApprovals(ctx, tx, l.subject())
			out.Replay = true
			if err != nil || last[StepApprove].ID == 0 {
				return orErr(err, errs.New(errs.Conflict, "BATCH_LIST_STATE", "list", int64(l.ID), "state", l.State.Name(i18n.ZH)))
			}
			return done(b, last[StepApprove], actor.Login, digest)
		}
		if l.Kind == OpenItems {
			if err := releasedNothing(ctx, tx, b, actor, StepApprove); err != nil {
				return err
			}
		}
		out.State = ListApproved
		if err := setListState(ctx, tx, l.ID, ListApproved); err != nil {
			return err
		}
		if err := s.approve(ctx, tx, Approval{Subject: l.subject(), Step: StepApprove, Actor: actor.Login, Digest: l.Digest}); err != nil {
			return err
		}
		if l.Kind == Withhold || l.Kind == Withdraw {
			return s.takeOut(ctx, tx, b, l, actor)
		}
		return nil
	})
	return out, err
}

// RejectList refuses a proposed list; its maker may take it back himself.
// Errors: AUTH_RIGHT_MISSING, BATCH_LIST_UNKNOWN, BATCH_LIST_STATE, VALID_PROBLEMS.
func (s *Service) RejectList(ctx context.Context, id ListID, reason string) (SmallList, error) {
	var out SmallList
	if err := s.plain(freeText{Reason: reason}); err != nil {
		return out, err
	}
	err := s.onList(ctx, id, func(tx pgx.Tx, b Batch, l SmallList) error {
		step := StepApprove
		actor, err := s.entitled(ctx, tx, "list", l.subject(), l.Maker, StepApprove)
		if err != nil {
			step = StepMake
			if actor, err = s.makes(ctx, tx, "list", b.Office, b.Program); err != nil || actor.Login != l.Maker {
				return orErr(err, errs.New(errs.Refused, "BATCH_NOT_MAKER", "name", actor.Name, "maker", l.Maker, "batch", b.Code))
			}
		}
		out = l
		if l.State == ListRejected {
			out.Replay = true
			return nil
		}
		if l.State != ListProposed {
			return errs.New(errs.Conflict, "BATCH_LIST_STATE", "list", int64(l.ID), "state", l.State.Name(i18n.ZH))
		}
		out.State = ListRejected
		if err := setListState(ctx, tx, l.ID, ListRejected); err != nil {
			return err
		}
		return s.approve(ctx, tx, Approval{Subject: l.subject(), Step: step, Decision: Rejected, Actor: actor.Login, Digest: l.Digest,
			Comment: strings.TrimSpace(reason)})
	})
	return out, err
}

// onList runs fn on a small list with its batch locked first.
func (s *Service) onList(ctx context.Context, id ListID, fn func(pgx.Tx, Batch, SmallList) error) error {
	return s.db.Run(ctx, func(tx pgx.Tx) error {
		l, err := ListByID(ctx, tx, id)
		if err != nil {
			return err
		}
		b, err := lockBatchByID(ctx, tx, l.Batch)
		if err != nil {
			return err
		}
		if l, err = ListByID(ctx, tx, id); err != nil { // again, under the lock
			return err
		}
		return fn(tx, b, l)
	})
}

// bound compares the rows of a list with its digest and with the one seen.
func (l SmallList) bound(b Batch, seen Digest) error {
	now := listDigestOf(l.Kind, b.Code, l.Items)
	if string(now) != string(l.Digest) || string(now) != string(seen) {
		return errs.New(errs.Conflict, "BATCH_LIST_CHANGED", "batch", b.Code, "seen", seen, "now", now)
	}
	return nil
}

// Name is the word a user reads.
func (s ListState) Name(lang i18n.Lang) string { return i18n.Term(lang, "batch.list.state", string(s)) }

// Name is the word a user reads.
func (k ListKind) Name(lang i18n.Lang) string { return i18n.Term(lang, "batch.list.kind", string(k)) }

func orErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
