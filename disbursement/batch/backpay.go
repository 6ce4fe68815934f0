package batch

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/terms"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// BackPayOccasion is the occasion of what a policy row adds to months that were
// paid already (补发): one row pays a person, component and month once.
func BackPayOccasion(policy benefits.PolicyID) string {
	return "backpay/" + strconv.FormatInt(int64(policy), 10)
}

// BackPayAsk asks for the back-pay of a policy row. An empty Code is the next of
// the office and row, or the draft of it that is there.
type BackPayAsk struct {
	Code    string            `name:"code" validate:"omitempty,batchcode,no_personal_number"`
	Office  string            `name:"office" validate:"officecode"`
	Policy  benefits.PolicyID `name:"policy" validate:"min=1"`
	Channel string            `name:"channel" validate:"required,max=20"`
}

// BackPayMade is the batch of a policy row's back-pay. Nothing says that no
// difference is open, so that no batch was made.
type BackPayMade struct {
	Policy  benefits.PolicyID `json:"policy"`
	Batch   Batch             `json:"batch,omitzero"`
	Replay  bool              `json:"replay"`
	Nothing bool              `json:"nothing"`
	Waiting []BackPayItem     `json:"waiting"` // months that something is in the way of
	Review  []BackPayItem     `json:"review"`  // negative differences, for a person to decide
}

// MakeBackPay makes a draft of what a policy row adds to the months that the
// office paid already: for each person and month, due by the row − actually paid,
// level by level (money-rules C1, C2). The months are those in which the row is
// the one in force, up to the present one.
//
// What a payee paid back (追回) counts as not paid for its month: too much paid and
// got back leaves nothing open, all got back leaves all that is due, which checker
// and approver see as any other line and can take out. A month that another office
// paid is that office's. A month of which something is still on its way, came back or is withheld
// waits; a negative difference is only listed, never taken out of anything.
// Again before submission the same draft is the answer; again after payment
// there is nothing.
//
// Errors: AUTH_RIGHT_MISSING, BATCH_CHAIN_OFFICE; VALID_PROBLEMS; POLICY_UNKNOWN; BACKPAY_POLICY
// (Refused) for a row of which the amounts due do not follow; BACKPAY_CHANNEL
// (Conflict) where its draft goes by another channel; BATCH_CODE_TAKEN.
func (s *Service) MakeBackPay(ctx context.Context, ask BackPayAsk) (BackPayMade, error) {
	actor, err := auth.Require(ctx, auth.BatchMake)
	if err != nil {
		return BackPayMade{}, err
	}
	if err := s.valid.Check(ask); err != nil {
		return BackPayMade{}, err
	}
	for try := 1; ; try++ {
		var made BackPayMade
		err := s.db.Run(ctx, func(tx pgx.Tx) error {
			made, err = s.makeBackPay(ctx, tx, ask, actor)
			return err
		})
		// somebody made the next batch of the row first: it is the answer now
		if errs.CodeOf(err) != "BATCH_CODE_TAKEN" || ask.Code != "" || try == freezeTries {
			return made, err
		}
	}
}

func (s *Service) makeBackPay(ctx context.Context, tx pgx.Tx, ask BackPayAsk, actor auth.Actor) (BackPayMade, error) {
	if _, err := payment.BankChannel(ctx, tx, ask.Channel); err != nil {
		return BackPayMade{}, err
	}
	r, err := s.raiseOf(ctx, tx, ask.Policy)
	if err != nil {
		return BackPayMade{}, err
	}
	all, err := s.backPays(ctx, tx, r, ask.Office)
	if err != nil {
		return BackPayMade{}, err
	}
	made := BackPayMade{Policy: r.policy.ID}
	if made.Waiting, made.Review, err = s.backPayOpen(ctx, tx, all); err != nil {
		return made, err
	}
	known, code, err := backPayDraft(ctx, tx, ask, r.policy)
	if err != nil || known.ID != 0 {
		made.Batch, made.Replay = known, true
		return made, err
	}
	lines := backPayLines(r.policy, all)
	if len(lines) == 0 {
		made.Nothing = true
		return made, nil
	}
	if _, err := s.makes(ctx, tx, BackPay.chain(), ask.Office, r.policy.Program); err != nil {
		return made, err
	}
	made.Batch, err = s.insertBackPay(ctx, tx, ask, code, r.policy, lines, actor)
	return made, err
}

// backPayDraft is the batch that an ask names, or the draft of the row that
// waits to be submitted; else the code for a new one.
func backPayDraft(ctx context.Context, tx pgx.Tx, ask BackPayAsk, p benefits.Policy) (Batch, string, error) {
	prefix := ask.Office + "-BP" + strconv.FormatInt(int64(ask.Policy), 10) + "-"
	made, err := backPayBatches(ctx, tx, ask.Office, p.Program, BackPayOccasion(p.ID))
	if err != nil {
		return Batch{}, "", err
	}
	if ask.Code != "" {
		known, err := ByCode(ctx, tx, ask.Code)
		switch {
		case errs.CodeOf(err) == "BATCH_UNKNOWN":
			return Batch{}, ask.Code, nil
		case err != nil:
			return Batch{}, "", err
		case known.Channel == ask.Channel && slices.ContainsFunc(made, func(b Batch) bool { return b.ID == known.ID }):
			return known, "", nil
		}
		return Batch{}, "", errs.New(errs.Conflict, "BATCH_CODE_TAKEN", "batch", ask.Code)
	}
	next := 1
	for _, b := range made {
		if b.State == Draft || b.State == Checked {
			if b.Channel != ask.Channel {
				err = errs.New(errs.Conflict, "BACKPAY_CHANNEL", "batch", b.Code, "channel", b.Channel, "asked", ask.Channel)
			}
			return b, "", err
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(b.Code, prefix)); err == nil && n >= next {
			next = n + 1
		}
	}
	return Batch{}, prefix + strconv.Itoa(next), nil
}

// backLine is a line to be made with what each level pays of it.
type backLine struct {
	Line
	layers []benefits.Layer
}

// backPayLines are the lines of what is open: each month keeps its own
// household, township and residence class, and goes to whom the person's newest
// month went.
func backPayLines(p benefits.Policy, all []backPay) []backLine {
	newest := map[int64]Line{}
	for _, b := range all {
		if last, met := newest[b.subject]; !met || last.Month < b.base.Month {
			newest[b.subject] = b.base.Line
		}
	}
	var lines []backLine
	for _, b := range all {
		if b.amount == 0 || b.wait != "" {
			continue
		}
		l := b.base.Line
		to := newest[b.subject]
		if to.Payee == to.Subject() {
			to.Payee = b.subject
		}
		if l.Person != 0 {
			l.Person = b.subject // the record that counts of one registered twice
		}
		l.ID, l.Payee, l.Role, l.Account = 0, to.Payee, to.Role, 0
		l.Occasion, l.Policy, l.Amount, l.Status = BackPayOccasion(p.ID), int32(p.ID), b.amount, Listed //nolint:gosec // policy ids fit 31 bits
		lines = append(lines, backLine{l, b.layers})
	}
	slices.SortStableFunc(lines, func(a, b backLine) int {
		return cmp.Or(cmp.Compare(a.Township, b.Township), cmp.Compare(a.Subject(), b.Subject()), cmp.Compare(a.Month, b.Month))
	})
	for i := range lines {
		lines[i].No = int32(i + 1)
	}
	return lines
}

// insertBackPay stores the batch with its lines and their levels.
func (s *Service) insertBackPay(ctx context.Context, tx pgx.Tx, ask BackPayAsk, code string, p benefits.Policy, made []backLine, actor auth.Actor) (Batch, error) {
	lines := make([]Line, len(made))
	owners := make([]int64, len(made))
	for i := range made {
		lines[i], owners[i] = made[i].Line, made[i].Payee
	}
	accounts, err := s.parties.CurrentAccounts(ctx, tx, owners)
	if err != nil {
		return Batch{}, err
	}
	for i := range lines {
		lines[i].Account = int64(accounts[lines[i].Payee].ID)
	}
	id, err := db.NextID(ctx, tx, "batch_id_seq")
	if err != nil {
		return Batch{}, err
	}
	now := s.clock.Now()
	b := Batch{ID: ID(id), Code: code, Kind: BackPay, Program: p.Program, Office: ask.Office, Period: terms.MonthOf(clock.Date(now)),
		Channel: ask.Channel, State: Draft, Lines: len(lines), Maker: actor.Login, CreatedAt: now}
	if b.Amount, err = sumLines(lines); err != nil {
		return Batch{}, err
	}
	if err := copyLines(ctx, tx, b, lines); err != nil {
		return Batch{}, err
	}
	if err := copyLayers(ctx, tx, lines, made); err != nil {
		return Batch{}, err
	}
	if err := insertBatch(ctx, tx, &b); err != nil {
		return Batch{}, err
	}
	a := Approval{Subject: b.subject(), Step: StepMake, Actor: actor.Login, Digest: digestOf(b, lines), Comment: "policy:" + strconv.FormatInt(int64(p.ID), 10)}
	if err := s.approve(ctx, tx, a); err != nil {
		return Batch{}, err
	}
	return b, s.publish(ctx, tx, b, events.BatchCreated, events.Facts{Name: p.Program, Actor: actor.Name, Count: b.Lines, Amount: b.Amount})
}
