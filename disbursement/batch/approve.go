package batch

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/payment"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
)

// Frozen is what an approval froze. Sources is empty on a replay.
type Frozen struct {
	Batch    Batch            `json:"batch"`
	Digest   Digest           `json:"digest"`
	Journal  ledger.JournalID `json:"journal"`
	Payments int              `json:"payments"`
	Amount   money.Fen        `json:"amount"`
	Sources  []SourceUse      `json:"sources,omitempty"`
	Replay   bool             `json:"replay"`
}

// Approve approves the list that digest names and freezes its money in the same
// transaction: each line gets its legs, each payee's account its payment.
//
// Errors: AUTH_RIGHT_MISSING; BATCH_SAME_PERSON, BATCH_STATE (Refused);
// BATCH_LIST_CHANGED (Conflict) where the rows are not the list of the digest;
// BATCH_BLOCKED_SINCE (Refused) with a Field for each line that the rules of the
// checks block by now: somebody died, an identity ended, an account changed;
// BATCH_SHORT (Insufficient) with a Field for each level that lacks money;
// BATCH_ACCOUNT_MISSING. Nothing is frozen then.
//
// Where one transaction cannot carry the list, it is frozen in steps: see
// approveInSteps.
func (s *Service) Approve(ctx context.Context, code string, digest Digest) (Frozen, error) {
	if inSteps, err := s.approvesInSteps(ctx, code); err != nil || inSteps {
		return s.approveInSteps(ctx, code, digest, err)
	}
	for try := 1; ; try++ {
		var out Frozen
		err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
			var err error
			out, err = s.approveBatch(ctx, tx, b, digest)
			return err
		})
		// Somebody drew between the look at the pool and the lock on the lots:
		// look again.
		if !outrun(err) || try == freezeTries {
			return out, err
		}
	}
}

// outrun says whether somebody else took, between our look and our locks, what
// was to be frozen: money of the pool, or what was left of a decision to advance.
func outrun(err error) bool {
	code := errs.CodeOf(err)
	return code == "LEDGER_INSUFFICIENT" || code == "BATCH_ADVANCE_LIMIT"
}

func (s *Service) approveBatch(ctx context.Context, tx pgx.Tx, b Batch, digest Digest) (Frozen, error) {
	actor, err := s.entitled(ctx, tx, b.Kind.chain(), b.subject(), b.Maker, StepApprove)
	if err != nil {
		return Frozen{}, err
	}
	if b.State.Reached(Approved) {
		return s.approvedBefore(ctx, tx, b, actor.Login, digest)
	}
	if b.State == Freezing { // begun in steps since we looked
		return Frozen{}, stepped(b)
	}
	if _, err := transition(b, StepApprove); err != nil {
		return Frozen{}, err
	}
	if b.Kind == Emergency {
		return Frozen{}, errs.New(errs.Refused, "BATCH_EMERGENCY", "batch", b.Code)
	}
	lines, err := s.listOf(ctx, tx, b, digest)
	if err != nil {
		return Frozen{}, err
	}
	if err := s.stillPayable(ctx, tx, b, lines); err != nil {
		return Frozen{}, err
	}
	sources, err := s.sourcesOf(ctx, tx, b, lines)
	if err != nil {
		return Frozen{}, err
	}
	out, err := s.freeze(ctx, tx, b, lines, sources, actor)
	if err != nil {
		return Frozen{}, err
	}
	out.Batch, err = s.finishApproval(ctx, tx, b, actor)
	return out, err
}

// stillPayable asks the rules of the checks again. Errors: BATCH_BLOCKED_SINCE.
func (s *Service) stillPayable(ctx context.Context, tx pgx.Tx, b Batch, lines []Line) error {
	found, err := s.recheck(ctx, tx, b, lines)
	return orErr(err, found.refusal("BATCH_BLOCKED_SINCE", b.Code))
}

// finishApproval records the approval of a batch whose money is frozen.
func (s *Service) finishApproval(ctx context.Context, tx pgx.Tx, b Batch, actor auth.Actor) (Batch, error) {
	t, err := transition(b, StepApprove)
	if err != nil {
		return b, err
	}
	b.State = t.To
	if err := setState(ctx, tx, b.ID, t.To); err != nil {
		return b, err
	}
	if err := s.approve(ctx, tx, Approval{Subject: b.subject(), Step: StepApprove, Actor: actor.Login, Digest: b.Digest}); err != nil {
		return b, err
	}
	return b, s.publish(ctx, tx, b, events.BatchApproved, events.Facts{Actor: actor.Name, Count: b.Lines, Amount: b.Amount})
}

func (s *Service) approvedBefore(ctx context.Context, tx pgx.Tx, b Batch, actor string, digest Digest) (Frozen, error) {
	last, err := lastApprovals(ctx, tx, b.subject())
	if err != nil {
		return Frozen{}, err
	}
	if err := done(b, last[StepApprove], actor, digest); err != nil {
		return Frozen{}, err
	}
	out := Frozen{Batch: b, Digest: b.Digest, Amount: b.Amount, Replay: true}
	if out.Payments, err = countPayments(ctx, tx, b.ID); err != nil {
		return Frozen{}, err
	}
	journals, err := ledger.JournalsOf(ctx, tx, b.subject())
	for _, j := range journals {
		if j.Kind == kindFreeze {
			out.Journal = j.ID
		}
	}
	return out, err
}

// The kinds of the journals that freeze a batch, and give back what was frozen
// of one that cannot be frozen whole.
const (
	kindFreeze   = "freeze"
	kindUnfreeze = "unfreeze"
)

// listOf reads the list under the batch's lock and refuses one that is not the
// list that was submitted, or not the one the approver saw.
func (s *Service) listOf(ctx context.Context, tx pgx.Tx, b Batch, seen Digest) ([]Line, error) {
	lines, err := linesOfList(ctx, tx, b.ID, b.Lines)
	if err != nil {
		return nil, err
	}
	now := digestOf(b, lines)
	if string(now) != string(b.Digest) || string(now) != string(seen) {
		return nil, errs.New(errs.Conflict, "BATCH_LIST_CHANGED", "batch", b.Code, "seen", seen, "now", now)
	}
	var without []errs.Field
	for i := range lines {
		if lines[i].Account == 0 && !b.byHand() {
			without = append(without, errs.Field{Row: int(lines[i].No), Code: "BATCH_LINE_ACCOUNT"})
		}
	}
	if len(without) > 0 {
		e := errs.New(errs.Refused, "BATCH_ACCOUNT_MISSING", "batch", b.Code, "count", len(without))
		e.Fields = without
		return nil, e
	}
	return lines, nil
}

// freeze allocates the list to the sources, forms its payments and draws their
// money.
func (s *Service) freeze(ctx context.Context, tx pgx.Tx, b Batch, lines []Line, sources []funds.Source, actor auth.Actor) (Frozen, error) {
	policies, err := s.policiesOf(ctx, tx, lines)
	if err != nil {
		return Frozen{}, err
	}
	return s.freezeFrom(ctx, tx, b, lines, sources, policies, actor)
}

// freezeFrom freezes a list from sources; policies say what each level pays.
func (s *Service) freezeFrom(ctx context.Context, tx pgx.Tx, b Batch, lines []Line, sources []funds.Source,
	policies *benefits.InForce, actor auth.Actor) (Frozen, error) {
	codes, err := s.codesOf(ctx, tx, b, lines, sources)
	if err != nil {
		return Frozen{}, err
	}
	leaves, err := s.leaves(ctx, tx, b.Program)
	if err != nil {
		return Frozen{}, err
	}
	set, err := layersOf(ctx, tx, b)
	if err != nil {
		return Frozen{}, err
	}
	a, err := allocate(lines, sources, codes, policies, set, leaves)
	if err != nil {
		return Frozen{}, err
	}
	if len(a.missing) > 0 {
		return Frozen{}, short(b, a.missing)
	}
	d := draw{key: "freeze/" + b.Code, lines: lines, parts: a.parts, sources: sources, leaves: leaves, actor: actor}
	out, err := s.drawMoney(ctx, tx, b, d)
	if err == nil && out.Amount != b.Amount {
		err = errs.New(errs.Conflict, "BATCH_SUM", "batch", b.Code, "list", b.Amount.Grouped(), "frozen", out.Amount.Grouped())
	}
	out.Sources = uses(a.parts, sources)
	return out, err
}

// draw is the money of lines that one journal freezes: parts say which source
// pays what, after is the number of the batch's last payment so far.
type draw struct {
	key     string
	lines   []Line
	parts   []part
	sources []funds.Source
	leaves  []leave
	after   int
	actor   auth.Actor
}

// drawMoney forms the payments of lines and draws their money.
func (s *Service) drawMoney(ctx context.Context, tx pgx.Tx, b Batch, d draw) (Frozen, error) {
	channel, err := payment.ChannelByCode(ctx, tx, b.Channel)
	if err != nil {
		return Frozen{}, err
	}
	f, err := form(d.lines, d.parts, d.sources, channel.ManyBudgetLines)
	if err != nil {
		return Frozen{}, err
	}
	for i := range f.payments {
		f.payments[i].No += d.after
	}
	ids, err := payment.NextIDs(ctx, tx, len(f.payments))
	if err != nil {
		return Frozen{}, err
	}
	if err := s.payment.FormTx(ctx, tx, int64(b.ID), ids, f.payments); err != nil {
		return Frozen{}, err
	}
	steps, order := f.draws(d.lines, d.parts, d.sources, ids)
	posted, err := s.ledger.PostTx(ctx, tx, ledger.Command{Key: d.key, Kind: kindFreeze, Actor: d.actor.Login, Cause: b.subject(),
		Memo: b.Code, BusinessDate: clock.Date(s.clock.Now()), Steps: steps})
	if err == nil {
		err = s.recordAdvanced(ctx, tx, d, order, posted)
	}
	return Frozen{Batch: b, Digest: b.Digest, Journal: posted.Journal, Payments: len(ids), Amount: posted.Amount}, err
}

// short refuses a batch whole and says what is missing for each level.
func short(b Batch, missing []Missing) error {
	var total money.Fen
	fields := make([]errs.Field, len(missing))
	for i, m := range missing {
		gap := m.Needed - m.Free
		total += gap
		fields[i] = errs.Field{Column: i18n.T(i18n.ZH, "batch.level"), Value: m.name(), Code: "BATCH_SHORT_LEVEL",
			Args: errs.Pairs("needed", m.Needed.Grouped(), "free", m.Free.Grouped(), "missing", gap.Grouped())}
	}
	e := errs.New(errs.Insufficient, "BATCH_SHORT", "batch", b.Code, "missing", total.Grouped())
	e.Fields = fields
	return e
}
