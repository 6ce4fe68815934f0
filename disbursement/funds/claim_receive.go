package funds

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/events"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/ledger"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// ReceiveRecovery asks to book an instalment that a person paid back (分期退款),
// with what he paid beside it as a fine or interest.
type ReceiveRecovery struct {
	Recovery   RecoveryID `validate:"min=1"`
	Number     string     `validate:"required,max=60,no_personal_number"` // 银行流水号
	ReceivedOn time.Time  `validate:"required"`
	Amount     money.Fen  `validate:"fen_positive"`
	Fine       money.Fen  `validate:"fen_not_negative"`
	Interest   money.Fen  `validate:"fen_not_negative"`
	Evidence   []byte     `validate:"len=32"` // SHA-256 of the receipt
}

// settledPart is what an instalment settled of a leg.
type settledPart struct {
	Line    int64
	Leg     paidLeg
	Way     string
	Amount  money.Fen
	Journal ledger.JournalID
}

// The ways of money that comes back.
const (
	toLot     = "lot"     // this year's: back to the lot, at its own addresses
	toReceipt = "receipt" // an earlier year's: to be remitted
)

// part is it as a part of the leaf of the instalment.
func (p settledPart) part(b *leaf.Part) []byte {
	return b.Start().Int(p.Line).Int(int64(p.Leg.Holding)).Text(p.Way).Int(int64(p.Amount)).Int(int64(p.Journal)).Bytes()
}

// ReceiveRecovery books an instalment: it settles the oldest month first. Money
// paid this year goes back to its lot, at the addresses that the line had; money
// of an earlier year is a receipt that has to be remitted, and so are fines and
// interest, which do not lessen the claim. Idempotent by claim and reference.
//
// Errors: VALID_PROBLEMS; Invalid FUNDS_ARRIVED_FUTURE; NotFound
// RECOVERY_UNKNOWN, RULE_NONE; Refused RECOVERY_PROPOSED, RECOVERY_NOT_PAID;
// Insufficient RECOVERY_ABOVE; Conflict RECOVERY_NUMBER_USED (the reference, or the
// paper, stands for something else, or on another claim), RECOVERY_REJECTED,
// FUNDS_RECEIPT_USED.
func (s *Service) ReceiveRecovery(ctx context.Context, cmd ReceiveRecovery) (RecoveryView, error) {
	who, err := auth.Require(ctx, auth.Reconcile)
	if err != nil {
		return RecoveryView{}, err
	}
	cmd.Number = ident.Normalize(cmd.Number)
	if err := s.valid.Check(cmd); err != nil {
		return RecoveryView{}, err
	}
	if cmd.ReceivedOn.After(s.today()) {
		return RecoveryView{}, errs.New(errs.Invalid, "FUNDS_ARRIVED_FUTURE", "date", day(cmd.ReceivedOn), "today", day(s.today()))
	}
	replay := false
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		v, err := recoveryByID(ctx, tx, cmd.Recovery)
		if err != nil {
			return err
		}
		act := RecoveryAct{Recovery: v.ID, N: v.next(), Kind: RecoveryReceive, On: cmd.ReceivedOn, Amount: cmd.Amount, Number: cmd.Number, Evidence: cmd.Evidence, Actor: who.Login}
		if replay, err = v.knows(act); err != nil {
			return err
		}
		if replay {
			return s.sameBeside(ctx, tx, cmd)
		}
		if err := v.collectable(); err != nil {
			return err
		}
		if err := creditUnused(ctx, tx, cmd); err != nil {
			return err
		}
		if cmd.Amount > v.Outstanding {
			return errs.New(errs.Insufficient, "RECOVERY_ABOVE", "id", int64(v.ID), "open", v.Outstanding.Grouped(), "asked", cmd.Amount.Grouped())
		}
		return s.receive(ctx, tx, v, act, cmd)
	})
	return s.recoveryNow(ctx, cmd.Recovery, replay, err)
}

// knows says whether an act is on record with its number, and refuses one that
// says something else. An amount of 0 is whatever is on record.
func (v RecoveryView) knows(a RecoveryAct) (bool, error) {
	for _, k := range v.Acts {
		switch {
		case k.Kind != a.Kind || k.Number != a.Number:
		case k.On.Equal(a.On) && k.Amount == cmp.Or(a.Amount, k.Amount) && bytes.Equal(k.Evidence, a.Evidence) && k.Reason == a.Reason:
			return true, nil
		default:
			return false, errs.New(errs.Conflict, "RECOVERY_NUMBER_USED", "number", a.Number, "id", int64(v.ID), "amount", k.Amount.Grouped(), "date", day(k.On))
		}
	}
	return false, nil
}

// besides are what is paid beside an instalment, with the mark that the number of
// its receipt has.
func (r ReceiveRecovery) besides() []beside {
	return []beside{{Fine, "罚款", r.Fine}, {Interest, "利息", r.Interest}}
}

// beside is a receipt of an instalment.
type beside struct {
	kind   ReceiptKind
	mark   string
	amount money.Fen
}

// receiptNumber is the number of a receipt that belongs to an instalment.
func (r ReceiveRecovery) receiptNumber(mark string) string {
	return fmt.Sprintf("%s-%s%d", r.Number, mark, r.Recovery)
}

// sameBeside refuses an instalment that is on record with another fine or
// interest: what is told to be booked has to be.
func (s *Service) sameBeside(ctx context.Context, q db.Querier, cmd ReceiveRecovery) error {
	for _, b := range cmd.besides() {
		known, _, err := receiptByNumber(ctx, q, cmd.receiptNumber(b.mark), s.today())
		if err != nil {
			return err
		}
		if known.Amount != b.amount {
			return errs.New(errs.Conflict, "RECOVERY_NUMBER_USED", "number", cmd.receiptNumber(b.mark), "id", int64(cmd.Recovery),
				"amount", known.Amount.Grouped(), "date", day(cmd.ReceivedOn))
		}
	}
	return nil
}

// creditUnused refuses a bank credit, by its reference or its paper, that was
// booked on another claim.
func creditUnused(ctx context.Context, q db.Querier, cmd ReceiveRecovery) error {
	found, err := collect(ctx, q, "instalments by reference", scanAct, `SELECT `+actColumns+` FROM recovery_act
		WHERE kind = 'receive' AND number = $1 AND recovery <> $3
		UNION ALL SELECT `+actColumns+` FROM recovery_act WHERE kind = 'receive' AND evidence = $2 AND recovery <> $3 ORDER BY 1 LIMIT 1`,
		cmd.Number, cmd.Evidence, cmd.Recovery)
	if err != nil || len(found) == 0 {
		return err
	}
	return errs.New(errs.Conflict, "RECOVERY_NUMBER_USED", "number", found[0].Number, "id", int64(found[0].Recovery), "amount", found[0].Amount.Grouped(),
		"date", day(found[0].On))
}

func (s *Service) receive(ctx context.Context, tx pgx.Tx, v RecoveryView, act RecoveryAct, cmd ReceiveRecovery) error {
	act, err := s.reserveAct(ctx, tx, act)
	if err != nil {
		return err
	}
	parts, err := settleOldest(ctx, tx, v, cmd, s.today().Year())
	if err != nil {
		return err
	}
	if err := s.backToLots(ctx, tx, act, parts); err != nil {
		return err
	}
	if err := s.toReceipts(ctx, tx, v, act, cmd, parts); err != nil {
		return err
	}
	leaves := make([][]byte, len(parts))
	for i, p := range parts {
		var b leaf.Part
		leaves[i] = p.part(&b)
	}
	if err := announce(ctx, tx, events.RecoveryReceived, act, leaves); err != nil {
		return err
	}
	return insertSettled(ctx, tx, act, parts)
}

// settleOldest shares an instalment out to the items of a claim, the oldest month
// first, and within a line to its legs, the last first. What of a line is no longer
// paid, because it came back by another way, the next line takes.
func settleOldest(ctx context.Context, tx pgx.Tx, v RecoveryView, cmd ReceiveRecovery, year int) ([]settledPart, error) {
	var parts []settledPart
	var short error // of the first line that took less than it should
	legs, err := paidLegs(ctx, tx, v.Items)
	if err != nil {
		return nil, err
	}
	left := cmd.Amount
	for _, item := range v.Items {
		asked := min(left, item.Amount-item.Settled)
		if asked == 0 {
			continue
		}
		want := asked
		for _, l := range legs[item.Line] {
			take := min(want, l.Amount)
			if take == 0 {
				continue
			}
			want -= take
			way := toReceipt
			if l.Year == cmd.ReceivedOn.Year() && l.Year == year {
				way = toLot
			}
			parts = append(parts, settledPart{Line: item.Line, Leg: l, Way: way, Amount: take})
		}
		left -= asked - want
		if want > 0 && short == nil {
			short = errs.New(errs.Refused, "RECOVERY_NOT_PAID", "line", item.Line, "paid", (asked - want).Grouped(), "asked", asked.Grouped())
		}
	}
	switch {
	case left > 0 && short != nil:
		return nil, short
	case left > 0:
		return nil, errs.New(errs.Refused, "RECOVERY_NO_LINES", "id", int64(v.ID), "amount", left.Grouped())
	}
	return parts, nil
}

// backToLots posts what goes back to its lot, in one journal.
func (s *Service) backToLots(ctx context.Context, tx pgx.Tx, act RecoveryAct, parts []settledPart) error {
	var steps []ledger.Step
	for _, p := range parts {
		if p.Way == toLot {
			steps = append(steps, ledger.Recover{Holding: p.Leg.Holding, Amount: p.Amount})
		}
	}
	if len(steps) == 0 {
		return nil
	}
	posted, err := s.ledger.PostTx(ctx, tx, ledger.Command{Key: fmt.Sprintf("recovery/%d/%d", act.Recovery, act.N), Kind: "recovery.receive", Actor: act.Actor,
		Cause: fmt.Sprintf("recovery:%d", act.Recovery), Memo: act.Number, BusinessDate: s.today(), ValueDates: []time.Time{act.On}, Steps: steps})
	if err != nil {
		return err
	}
	for i := range parts {
		if parts[i].Way == toLot {
			parts[i].Journal = posted.Journal
		}
	}
	return nil
}

// toReceipts registers what has to be remitted: what was paid in an earlier year,
// a fine, interest.
func (s *Service) toReceipts(ctx context.Context, tx pgx.Tx, v RecoveryView, act RecoveryAct, cmd ReceiveRecovery, parts []settledPart) error {
	var earlier money.Fen
	for _, p := range parts {
		if p.Way == toReceipt {
			earlier += p.Amount
		}
	}
	for _, r := range append([]beside{{OtherReceipt, "追回", earlier}}, cmd.besides()...) {
		if r.amount == 0 {
			continue
		}
		number := cmd.receiptNumber(r.mark)
		known, found, err := receiptByNumber(ctx, tx, number, s.today())
		if err != nil {
			return err
		}
		if found {
			return errs.New(errs.Conflict, "FUNDS_RECEIPT_USED", "number", number, "amount", known.Amount.Grouped(), "date", day(known.ReceivedOn))
		}
		if err := s.registerReceipt(ctx, tx, Receipt{Number: number, Kind: r.kind, ReceivedOn: act.On, Amount: r.amount, Area: v.Area}, act.Actor); err != nil {
			return err
		}
		if known, _, err = receiptByNumber(ctx, tx, number, s.today()); err != nil {
			return err
		}
		for i := range parts {
			if r.kind == OtherReceipt && parts[i].Way == toReceipt {
				parts[i].Journal = known.Journal
			}
		}
	}
	return nil
}
