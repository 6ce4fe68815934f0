package batch

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/terms"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
)

// NewPaymentCorrection is a correction of the payments of a batch (支付更正) about
// to be made: money of the document Arrived takes the place of money of the
// document Freed, in the order of the list. So a cut that a frozen batch stands in
// the way of is made good (money-rules C, shortfall), and money that a bank sent
// back after the end of the year is paid again out of the new year's.
type NewPaymentCorrection struct {
	Number   string             `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	Title    string             `json:"title" validate:"required,max=200,no_personal_number"`
	IssuedOn time.Time          `json:"issued_on" validate:"required"`
	Batch    string             `json:"batch" validate:"required"`
	Freed    string             `json:"freed" validate:"required,max=80"`   // 文号 whose money is freed
	Arrived  string             `json:"arrived" validate:"required,max=80"` // 文号 whose money pays instead
	Place    ledger.AccountKind `json:"place"`                              // only what stands there; empty: wherever
	Amount   money.Fen          `json:"amount"`                             // 0: all that stands so, as far as the money goes
}

// CorrectPayments lets money of another document pay what a batch's lines drew from
// one, in one journal: legs of the same level, in the order of the list, the last
// one in part. The fen that come free end open claims of their own lot first. It is
// for another person than who made and who approved the batch. Idempotent by 文号.
//
// Errors: AUTH_RIGHT_MISSING; VALID_PROBLEMS; BATCH_UNKNOWN; BATCH_SAME_PERSON;
// Refused BATCH_STATE, BATCH_CORRECT_FREED, BATCH_CORRECT_MONEY,
// BATCH_CORRECT_LESS, BATCH_CORRECT_CHANNEL; Insufficient BATCH_CORRECT_SHORT;
// Conflict BATCH_NUMBER_USED; LEDGER_PERIOD_CLOSED.
func (s *Service) CorrectPayments(ctx context.Context, n NewPaymentCorrection) (Correction, error) {
	actor, err := auth.Require(ctx, auth.JournalCorrect)
	if err != nil {
		return Correction{}, err
	}
	n.Number, n.Freed, n.Arrived, n.IssuedOn = funds.NormalNumber(n.Number), funds.NormalNumber(n.Freed), funds.NormalNumber(n.Arrived), clock.Date(n.IssuedOn)
	if err := s.valid.Check(n); err != nil {
		return Correction{}, err
	}
	if n.Freed == n.Arrived || n.Amount < 0 {
		return Correction{}, errs.New(errs.Invalid, "BATCH_CORRECT_WHAT")
	}
	var out Correction
	err = s.change(ctx, n.Batch, func(tx pgx.Tx, b Batch) (err error) {
		out, err = s.correctPayments(ctx, tx, b, n, actor)
		return err
	})
	return out, err
}

func (s *Service) correctPayments(ctx context.Context, tx pgx.Tx, b Batch, n NewPaymentCorrection, actor auth.Actor) (Correction, error) {
	known, err := corrections(ctx, tx, `WHERE c.number = $1`, n.Number)
	if err != nil {
		return Correction{}, err
	}
	if len(known) > 0 {
		c := known[0]
		if c.Advance != 0 || c.Title != n.Title || !c.IssuedOn.Equal(n.IssuedOn) || c.Arrived != n.Arrived || c.Asked != n.Amount {
			return c, numberUsed(n.Number)
		}
		c.Replay = true
		return c, nil
	}
	if err := s.mayCorrect(ctx, tx, b, n, actor); err != nil {
		return Correction{}, err
	}
	m, err := s.planPayments(ctx, tx, b, n)
	if err != nil {
		return Correction{}, err
	}
	c, err := s.postMoves(ctx, tx, Correction{Number: n.Number, Title: n.Title, IssuedOn: n.IssuedOn, Arrived: n.Arrived, Asked: n.Amount,
		RecordedBy: actor.Login, RecordedAt: s.clock.Now().Truncate(time.Microsecond)}, m)
	if err != nil {
		return Correction{}, err
	}
	return c, s.publish(ctx, tx, b, events.PaymentsCorrected, events.Facts{Actor: actor.Name, Name: c.Title, Count: c.Lines, Amount: c.Amount})
}

// mayCorrect: the batch's money is frozen or has left, nobody is at work on it, and
// whoever made or approved it does not change what pays it.
func (s *Service) mayCorrect(ctx context.Context, tx pgx.Tx, b Batch, n NewPaymentCorrection, actor auth.Actor) error {
	if !b.State.Reached(Approved) || b.State == Releasing {
		return errs.New(errs.Refused, "BATCH_STATE", "batch", b.Code, "state", b.State.Name(i18n.ZH), "step", i18n.Term(i18n.ZH, "batch.step", "correct"),
			"from", Approved.Name(i18n.ZH))
	}
	last, err := lastApprovals(ctx, tx, b.subject())
	if err != nil {
		return err
	}
	for _, step := range []Step{StepMake, StepApprove} {
		for _, login := range []string{actor.Login, actor.ActsFor(auth.JournalCorrect).Login} {
			if last[step].Actor == login {
				return errs.New(errs.Refused, "BATCH_CORRECT_CHAIN", "batch", b.Code, "name", actor.Name)
			}
		}
	}
	return s.numberFree(ctx, tx, n.Number)
}

// freedLegs are the legs of a batch that stand on lots of a document, in the order
// of the list, with the level of each lot.
func (s *Service) freedLegs(ctx context.Context, tx pgx.Tx, b Batch, n NewPaymentCorrection) ([]owedLeg, terms.Level, error) {
	payments, err := payment.OfBatch(ctx, tx, int64(b.ID))
	if err != nil {
		return nil, "", err
	}
	ids := make([]int64, len(payments))
	for i, p := range payments {
		ids[i] = int64(p.ID)
	}
	all, err := ledger.HoldingsOfPayments(ctx, tx, ids)
	if err != nil {
		return nil, "", err
	}
	list, err := s.funds.Lots(ctx, tx)
	if err != nil {
		return nil, "", err
	}
	of := map[ledger.LotID]terms.Level{}
	for _, l := range list.Lots {
		if l.Document == n.Freed {
			of[l.Lot] = l.Level
		}
	}
	var legs []owedLeg
	var level terms.Level
	for _, h := range all {
		if at, freed := of[h.Lot]; freed && h.Account != 0 && (level == "" || level == at) {
			level = at
			legs = append(legs, owedLeg{h.ID, h})
		}
	}
	slices.SortFunc(legs, func(a, b owedLeg) int {
		if a.Line != b.Line {
			return int(a.Line - b.Line)
		}
		return int(a.ID - b.ID)
	})
	return legs, level, nil
}

// planPayments matches what the batch drew from the money that is freed with the
// money that arrived.
func (s *Service) planPayments(ctx context.Context, tx pgx.Tx, b Batch, n NewPaymentCorrection) (moving, error) {
	var m moving
	legs, level, err := s.freedLegs(ctx, tx, b, n)
	if err != nil {
		return m, err
	}
	legs, kinds, standing, err := standingAt(ctx, tx, legs, n.Place)
	if err != nil {
		return m, err
	}
	switch {
	case standing == 0:
		return m, errs.New(errs.Refused, "BATCH_CORRECT_FREED", "batch", b.Code, "document", n.Freed)
	case n.Amount > standing:
		return m, errs.New(errs.Refused, "BATCH_CORRECT_LESS", "batch", b.Code, "document", n.Freed, "asked", n.Amount.Grouped(), "standing", standing.Grouped())
	}
	if err := oneLineOnly(ctx, tx, b, legs, kinds); err != nil {
		return m, err
	}
	sources, free, err := s.arrived(ctx, tx, Advance{NewAdvance: NewAdvance{Program: b.Program, Owing: level}}, n.Arrived)
	if err != nil {
		return m, err
	}
	payers, err := s.payersOf(ctx, tx, legs, sources)
	if err != nil {
		return m, err
	}
	amount := n.Amount
	if amount == 0 {
		amount = min(standing, free)
	}
	if err := m.fill(legs, kinds, sources, payers, amount); err != nil {
		return m, err
	}
	if m.amount == 0 || m.amount < n.Amount {
		return m, errs.New(errs.Insufficient, "BATCH_CORRECT_SHORT", "document", n.Arrived, "asked", amount.Grouped(), "free", m.amount.Grouped())
	}
	return m, nil
}

// oneLineOnly: where a channel pays a credit from one budget line only, what is
// frozen for a payment may not be parted any more.
func oneLineOnly(ctx context.Context, tx pgx.Tx, b Batch, legs []owedLeg, kinds map[ledger.AccountID]ledger.AccountKind) error {
	channel, err := payment.ChannelByCode(ctx, tx, b.Channel)
	if err != nil || channel.ManyBudgetLines {
		return err
	}
	for _, g := range legs {
		if kinds[g.Account] == ledger.Frozen {
			return errs.New(errs.Refused, "BATCH_CORRECT_CHANNEL", "batch", b.Code, "channel", channel.NameZH)
		}
	}
	return nil
}

// standingAt keeps the legs at a kind of place, any for "", with the kinds of places
// where they stand and their sum.
func standingAt(ctx context.Context, tx pgx.Tx, legs []owedLeg, place ledger.AccountKind) ([]owedLeg, map[ledger.AccountID]ledger.AccountKind, money.Fen, error) {
	all, err := ledger.Accounts(ctx, tx)
	if err != nil {
		return nil, nil, 0, err
	}
	kinds := map[ledger.AccountID]ledger.AccountKind{}
	for _, a := range all {
		kinds[a.ID] = a.Place.Kind
	}
	var out []owedLeg
	var sum money.Fen
	for _, g := range legs {
		if place != "" && kinds[g.Account] != place {
			continue
		}
		out = append(out, g)
		if err := grow(&sum, g.Amount); err != nil {
			return nil, nil, 0, err
		}
	}
	return out, kinds, sum, nil
}
