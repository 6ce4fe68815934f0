package funds

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/parties"
	"fenlu/events"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// RecoverySource is how it was found that somebody was paid too much.
type RecoverySource string

// The sources.
const (
	FromCase    RecoverySource = "case"    // 先行救助说明不予认可
	FromDeath   RecoverySource = "death"   // 死亡后发放
	FromTwice   RecoverySource = "twice"   // 重复发放
	FromStopped RecoverySource = "stopped" // 停发后多发
	FromOther   RecoverySource = "other"   // 其他
)

// RecoveryState is where a claim stands; it follows from its acts.
type RecoveryState string

// The states.
const (
	ClaimProposed   RecoveryState = "proposed"    // 待复核
	ClaimOpen       RecoveryState = "open"        // 追回中
	ClaimSettled    RecoveryState = "settled"     // 已收清
	ClaimWrittenOff RecoveryState = "written_off" // 已核销: nothing is outstanding, and some of it never came
	ClaimRejected   RecoveryState = "rejected"    // 不予追回: the second person did not confirm it
)

// RecoveryActKind is what was done about a claim.
type RecoveryActKind string

// The kinds.
const (
	RecoveryOpen     RecoveryActKind = "open"      // 立案
	RecoveryConfirm  RecoveryActKind = "confirm"   // 复核
	RecoveryReject   RecoveryActKind = "reject"    // 不予追回
	RecoveryReceive  RecoveryActKind = "receive"   // 收回一期
	RecoveryWriteOff RecoveryActKind = "write_off" // 核销
)

// RecoveryAct is one thing that was done about a claim, and a leaf of the log.
type RecoveryAct struct {
	ID       int64           `json:"id"`
	Recovery RecoveryID      `json:"recovery"`
	N        int             `json:"n"`
	Kind     RecoveryActKind `json:"kind"`
	On       time.Time       `json:"on"`
	Amount   money.Fen       `json:"amount"`
	Number   string          `json:"number"`   // 银行流水号, 文号, 案号
	Evidence []byte          `json:"evidence"` // SHA-256 of the paper
	Reason   string          `json:"reason"`
	Actor    string          `json:"actor"`
	At       time.Time       `json:"recorded_at"`
}

// Leaf is the leaf of an act; its parts are the lines of a claim that is opened,
// or what an instalment settled, in order.
func (a RecoveryAct) Leaf(parts *leaf.Tree) *leaf.Leaf {
	return leaf.New(string(proof.KindRecovery), 1).Int("id", a.ID).Int("recovery", int64(a.Recovery)).Int("n", int64(a.N)).Text("kind", string(a.Kind)).
		Date("happened_on", a.On).Int("amount_fen", int64(a.Amount)).Text("number", a.Number).Hex("evidence", a.Evidence).Text("reason", a.Reason).
		Text("actor", a.Actor).Time("at", a.At).Parts(parts)
}

// RecoveryItem is a line of a claim.
type RecoveryItem struct {
	Line    int64     `json:"line" db:"line"`
	Month   string    `json:"month" db:"month"`
	Amount  money.Fen `json:"amount" db:"amount_fen"`
	Settled money.Fen `json:"settled" db:"settled_fen"`
}

// part is an item as a part of the leaf of the act that opened the claim.
func (i RecoveryItem) part(p *leaf.Part) []byte {
	return p.Start().Int(i.Line).Text(i.Month).Int(int64(i.Amount)).Bytes()
}

// ClaimLine asks for a line to be claimed; an amount of 0 is all that is paid.
type ClaimLine struct {
	Line   int64     `validate:"min=1"`
	Amount money.Fen `validate:"fen_not_negative"`
}

// OpenRecovery asks to open a claim against a person for lines that should not,
// or not in full, have been paid (多发追回立案; money-rules D7).
type OpenRecovery struct {
	Source RecoverySource
	Lines  []ClaimLine `validate:"required,dive"`
	Reason string      `validate:"required,max=200,no_personal_number"`
}

// OpenRecovery opens a claim; it counts once a second person confirms it.
// Nothing is moved, and nothing that the person is owed is set off against it.
// The same claim again changes nothing; lines of one that was rejected can be
// claimed anew.
//
// Errors: VALID_PROBLEMS; Invalid RECOVERY_SOURCE, RECOVERY_PERSONS (lines of
// more than one person, or of a unit), RECOVERY_LINE_TWICE; NotFound
// RECOVERY_LINE_UNKNOWN; Refused RECOVERY_NOT_PAID (less is paid than is
// claimed); Conflict RECOVERY_LINE_CLAIMED.
func (s *Service) OpenRecovery(ctx context.Context, cmd OpenRecovery) (RecoveryView, error) {
	who, err := auth.Require(ctx, auth.ListMake)
	if err != nil {
		return RecoveryView{}, err
	}
	if err := s.valid.Check(cmd); err != nil {
		return RecoveryView{}, err
	}
	switch cmd.Source {
	case FromDeath, FromTwice, FromStopped, FromOther:
	default:
		return RecoveryView{}, errs.New(errs.Invalid, "RECOVERY_SOURCE", "source", string(cmd.Source))
	}
	var id RecoveryID
	var replay bool
	err = run(ctx, s.db.Run, func(tx pgx.Tx) (err error) {
		if id, replay, err = claimedBefore(ctx, tx, cmd); err != nil || replay {
			return err
		}
		person, items, err := claimable(ctx, tx, cmd.Lines)
		if err != nil {
			return err
		}
		id, err = s.openClaim(ctx, tx, cmd, person, items, who.Login)
		return err
	})
	return s.recoveryNow(ctx, id, replay, err)
}

// recoveryNow is a claim after an act that went well.
func (s *Service) recoveryNow(ctx context.Context, id RecoveryID, replay bool, err error) (RecoveryView, error) {
	if err != nil {
		return RecoveryView{}, err
	}
	v, err := s.RecoveryByID(ctx, s.db.Pool(), id)
	v.Replay = replay
	return v, err
}

// claimable reads the lines of a claim, in the order of month and number.
func claimable(ctx context.Context, tx pgx.Tx, asked []ClaimLine) (parties.PersonID, []RecoveryItem, error) {
	var person int64
	items := make([]RecoveryItem, 0, len(asked))
	lines, err := paidLines(ctx, tx, asked)
	if err != nil {
		return 0, nil, err
	}
	for _, a := range asked {
		if slices.ContainsFunc(items, func(i RecoveryItem) bool { return i.Line == a.Line }) {
			return 0, nil, errs.New(errs.Invalid, "RECOVERY_LINE_TWICE", "line", a.Line)
		}
		l, known := lines[a.Line]
		if !known {
			return 0, nil, errs.New(errs.NotFound, "RECOVERY_LINE_UNKNOWN", "line", a.Line)
		}
		if l.Person == 0 || person != 0 && l.Person != person {
			return 0, nil, errs.New(errs.Invalid, "RECOVERY_PERSONS", "line", a.Line)
		}
		person = l.Person
		amount := cmp.Or(a.Amount, l.Paid)
		if amount == 0 || amount > l.Paid {
			return 0, nil, errs.New(errs.Refused, "RECOVERY_NOT_PAID", "line", a.Line, "paid", l.Paid.Grouped(), "asked", amount.Grouped())
		}
		items = append(items, RecoveryItem{Line: a.Line, Month: l.Month, Amount: amount})
	}
	slices.SortFunc(items, func(a, b RecoveryItem) int {
		return cmp.Or(strings.Compare(a.Month, b.Month), cmp.Compare(a.Line, b.Line))
	})
	return parties.PersonID(person), items, nil
}

func (s *Service) openClaim(ctx context.Context, tx pgx.Tx, cmd OpenRecovery, person parties.PersonID, items []RecoveryItem, actor string) (RecoveryID, error) {
	r := Recovery{Source: cmd.Source, Person: person, Reason: cmd.Reason, OpenedBy: actor, OpenedAt: s.clock.Now().Truncate(time.Microsecond)}
	var err error
	for _, i := range items {
		if r.Amount, err = money.Add(r.Amount, i.Amount); err != nil {
			return 0, errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
	}
	if r.ID, err = insertRecovery(ctx, tx, r); err != nil {
		return 0, err
	}
	if err := insertItems(ctx, tx, r.ID, items); err != nil {
		return 0, err
	}
	return r.ID, s.record(ctx, tx, events.RecoveryClaimed, RecoveryAct{Recovery: r.ID, N: 1, Kind: RecoveryOpen, On: s.today(), Amount: r.Amount, Reason: r.Reason, Actor: actor},
		itemParts(items))
}

// claimCase makes the claim of a refused case like every other: its lines, and
// the act that opened it. Whoever refused is the second person beside the one
// who drew, so that it needs no further confirmation.
func (s *Service) claimCase(ctx context.Context, tx pgx.Tx, r Recovery, c Case, items []RecoveryItem) error {
	if err := insertItems(ctx, tx, r.ID, items); err != nil {
		return err
	}
	return s.record(ctx, tx, "", RecoveryAct{Recovery: r.ID, N: 1, Kind: RecoveryOpen, On: s.today(), Amount: r.Amount, Number: c.Number, Reason: r.Reason, Actor: r.OpenedBy},
		itemParts(items))
}

func itemParts(items []RecoveryItem) [][]byte {
	parts := make([][]byte, len(items))
	for i, item := range items {
		var p leaf.Part
		parts[i] = item.part(&p)
	}
	return parts
}

// record stores an act with its leaf and says that it happened.
func (s *Service) record(ctx context.Context, tx pgx.Tx, topic events.Topic, a RecoveryAct, parts [][]byte) error {
	a, err := s.reserveAct(ctx, tx, a)
	if err != nil {
		return err
	}
	return announce(ctx, tx, topic, a, parts)
}

// reserveAct stores an act in its place after those that were read: of two at
// once one is refused by the index and starts again.
func (s *Service) reserveAct(ctx context.Context, tx pgx.Tx, a RecoveryAct) (RecoveryAct, error) {
	a.At = s.clock.Now().Truncate(time.Microsecond)
	return insertAct(ctx, tx, a)
}

// announce appends the leaf of an act and says that it happened.
func announce(ctx context.Context, tx pgx.Tx, topic events.Topic, a RecoveryAct, parts [][]byte) error {
	var tree leaf.Tree
	for _, p := range parts {
		tree.Add(p)
	}
	if err := proof.Append(ctx, tx, proof.ItemOf(a.Leaf(&tree), a.ID)); err != nil || topic == "" {
		return err
	}
	id := strconv.FormatInt(int64(a.Recovery), 10)
	return events.Publish(ctx, tx, events.Event{Topic: topic, Subject: "recovery:" + id,
		Facts: events.Facts{Code: id, Name: a.Number, Actor: a.Actor, Count: max(1, len(parts)), Amount: a.Amount, Reason: a.Reason}}, a.At)
}

// ConfirmRecovery confirms a claim: by another person than the one who opened
// it. Again by the same person it changes nothing.
//
// Errors: NotFound RECOVERY_UNKNOWN; Refused RECOVERY_OWN; Conflict
// RECOVERY_CONFIRMED, RECOVERY_REJECTED.
func (s *Service) ConfirmRecovery(ctx context.Context, id RecoveryID) (RecoveryView, error) {
	who, err := auth.Require(ctx, auth.ListApprove)
	if err != nil {
		return RecoveryView{}, err
	}
	replay := false
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		v, err := recoveryByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := v.notOwn(ctx, tx, who, auth.ListApprove); err != nil {
			return err
		}
		switch {
		case v.ConfirmedBy == who.Login:
			replay = true
			return nil
		case v.State == ClaimRejected:
			return v.rejected()
		case v.State != ClaimProposed:
			return errs.New(errs.Conflict, "RECOVERY_CONFIRMED", "id", int64(id), "by", v.ConfirmedBy)
		}
		return s.record(ctx, tx, events.RecoveryConfirmed,
			RecoveryAct{Recovery: id, N: v.next(), Kind: RecoveryConfirm, On: s.today(), Amount: v.Amount, Actor: who.Login}, nil)
	})
	return s.recoveryNow(ctx, id, replay, err)
}

// RejectRecovery asks to let a proposed claim fall (不予追回).
type RejectRecovery struct {
	Recovery RecoveryID `validate:"min=1"`
	Reason   string     `validate:"required,max=200,no_personal_number"`
}

// RejectRecovery rejects a claim that is not confirmed yet: by another person
// than the one who opened it. The claim stays on record, nothing of it is
// outstanding, and its lines can be claimed again. Again by the same person with
// the same reason it changes nothing.
//
// Errors: VALID_PROBLEMS; NotFound RECOVERY_UNKNOWN; Refused RECOVERY_OWN;
// Conflict RECOVERY_CONFIRMED, RECOVERY_REJECTED.
func (s *Service) RejectRecovery(ctx context.Context, cmd RejectRecovery) (RecoveryView, error) {
	who, err := auth.Require(ctx, auth.ListApprove)
	if err != nil {
		return RecoveryView{}, err
	}
	if err := s.valid.Check(cmd); err != nil {
		return RecoveryView{}, err
	}
	replay := false
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		v, err := recoveryByID(ctx, tx, cmd.Recovery)
		if err != nil {
			return err
		}
		if err := v.notOwn(ctx, tx, who, auth.ListApprove); err != nil {
			return err
		}
		last, rejected := v.rejection()
		switch {
		case rejected && last.Actor == who.Login && last.Reason == cmd.Reason:
			replay = true
			return nil
		case rejected:
			return v.rejected()
		case v.State != ClaimProposed:
			return errs.New(errs.Conflict, "RECOVERY_CONFIRMED", "id", int64(v.ID), "by", v.ConfirmedBy)
		}
		return s.record(ctx, tx, events.RecoveryRejected,
			RecoveryAct{Recovery: v.ID, N: v.next(), Kind: RecoveryReject, On: s.today(), Amount: v.Amount, Reason: cmd.Reason, Actor: who.Login}, nil)
	})
	return s.recoveryNow(ctx, cmd.Recovery, replay, err)
}

// rejection is the act that rejected a claim.
func (v *RecoveryView) rejection() (RecoveryAct, bool) {
	i := slices.IndexFunc(v.Acts, func(a RecoveryAct) bool { return a.Kind == RecoveryReject })
	if i < 0 {
		return RecoveryAct{}, false
	}
	return v.Acts[i], true
}

// rejected is the refusal of an act on a claim that was rejected.
func (v *RecoveryView) rejected() error {
	a, _ := v.rejection()
	return errs.New(errs.Conflict, "RECOVERY_REJECTED", "id", int64(v.ID), "by", a.Actor, "on", day(a.On))
}

// notOwn refuses an act of who opened the claim. Errors: Refused RECOVERY_OWN.
func (v *RecoveryView) notOwn(ctx context.Context, q db.Querier, who auth.Actor, right auth.Right) error {
	opened := step{v.OpenedBy, auth.ListMake, v.OpenedAt}
	if v.Source == FromCase {
		opened.right = auth.ReserveConfirm
	}
	return secondPerson(ctx, q, opened, who, right, errs.New(errs.Refused, "RECOVERY_OWN", "id", int64(v.ID), "actor", v.OpenedBy))
}

// collectable refuses money for, and writing off of, a claim that is not
// confirmed.
func (v *RecoveryView) collectable() error {
	switch v.State {
	case ClaimProposed:
		return errs.New(errs.Refused, "RECOVERY_PROPOSED", "id", int64(v.ID))
	case ClaimRejected:
		return v.rejected()
	case ClaimOpen, ClaimSettled, ClaimWrittenOff:
	}
	return nil
}

// WriteOffRecovery asks to give up what is outstanding of a claim, or a part of
// it, under a document (核销). An amount of 0 is all.
type WriteOffRecovery struct {
	Recovery RecoveryID `validate:"min=1"`
	Number   string     `validate:"required,max=80,no_personal_number"` // 文号
	IssuedOn time.Time  `validate:"required"`
	Amount   money.Fen  `validate:"fen_not_negative"`
	Evidence []byte     `validate:"len=32"` // SHA-256 of the document
	Reason   string     `validate:"required,max=200,no_personal_number"`
}

// WriteOffRecovery writes off under a document. The claim stays, with what was
// written off and why; no money moves. Not by the person who opened the claim.
// The same document again changes nothing.
//
// Errors: VALID_PROBLEMS; Invalid FUNDS_ARRIVED_FUTURE; NotFound RECOVERY_UNKNOWN; Refused
// RECOVERY_OWN, RECOVERY_PROPOSED; Insufficient RECOVERY_ABOVE; Conflict
// RECOVERY_NUMBER_USED, RECOVERY_REJECTED.
func (s *Service) WriteOffRecovery(ctx context.Context, cmd WriteOffRecovery) (RecoveryView, error) {
	who, err := auth.Require(ctx, auth.JournalCorrect)
	if err != nil {
		return RecoveryView{}, err
	}
	if err := s.valid.Check(cmd); err != nil {
		return RecoveryView{}, err
	}
	if cmd.IssuedOn.After(s.today()) {
		return RecoveryView{}, errs.New(errs.Invalid, "FUNDS_ARRIVED_FUTURE", "date", day(cmd.IssuedOn), "today", day(s.today()))
	}
	act := RecoveryAct{Recovery: cmd.Recovery, Kind: RecoveryWriteOff, On: cmd.IssuedOn, Amount: cmd.Amount, Number: NormalNumber(cmd.Number),
		Evidence: cmd.Evidence, Reason: cmd.Reason, Actor: who.Login}
	replay := false
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		v, err := recoveryByID(ctx, tx, cmd.Recovery)
		if err != nil {
			return err
		}
		if err := v.notOwn(ctx, tx, who, auth.JournalCorrect); err != nil {
			return err
		}
		if replay, err = v.knows(act); err != nil || replay {
			return err
		}
		if err := v.collectable(); err != nil {
			return err
		}
		a := act
		a.N = v.next()
		a.Amount = cmp.Or(a.Amount, v.Outstanding)
		if a.Amount == 0 || a.Amount > v.Outstanding {
			return errs.New(errs.Insufficient, "RECOVERY_ABOVE", "id", int64(v.ID), "open", v.Outstanding.Grouped(), "asked", a.Amount.Grouped())
		}
		return s.record(ctx, tx, events.RecoveryWrittenOff, a, nil)
	})
	return s.recoveryNow(ctx, cmd.Recovery, replay, err)
}
