package batch

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/terms"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/money"
)

// The line of an emergency: 临时救助, 急难型, paid by the townships' account.
const (
	emergencyProgram   = "LS"
	emergencyComponent = "emergency"
	emergencyClass     = "急难型"
	emergencyChannel   = "XZ"
)

// Draw asks for an emergency to be paid from a township's reserve (先行救助).
type Draw struct {
	Number     string       `name:"case" validate:"required,max=40,no_personal_number"` // 案号
	Township   string       `name:"township" validate:"area12"`                         // whose reserve pays
	IDNumber   ident.Secret `name:"id_number" validate:"required" mask:"true"`
	Class      string       `name:"class" validate:"max=40"` // of the policy; empty: 急难型
	Amount     money.Fen    `name:"amount" validate:"fen_positive"`
	Reason     string       `name:"reason" validate:"required,max=200,no_personal_number"` // no personal data
	ReportedAt time.Time    `name:"reported_at" validate:"required"`
	Office     string       `name:"office" validate:"officecode"` // in the bank's ids

	funds.Handover        // how it is paid; no form: by transfer
	RepayTo        string `name:"unit" validate:"max=18"` // credit code of the unit that advanced it (垫付单位)
}

// Drawn is a case that waits for its second person, with the reserve's balance
// before it is paid.
type Drawn struct {
	Batch   Batch     `json:"batch"`
	Digest  Digest    `json:"digest"`
	Reserve money.Fen `json:"reserve"`
	Replay  bool      `json:"replay"`
}

// CaseCode is the code of the small batch that pays a case.
func CaseCode(number string) string { return "LS-E-" + number }

// DrawReserve makes the small batch of one emergency case, which a second
// person confirms. Nothing is booked yet.
//
// Errors: AUTH_RIGHT_MISSING, BATCH_CHAIN_OFFICE; VALID_PROBLEMS; BATCH_DRAW_PERSON,
// BATCH_DRAW_POLICY; BATCH_DRAW_CHECK (Refused) with what the checks found;
// BATCH_ONCE_KEY; BATCH_CODE_TAKEN for a case by somebody else; BATCH_DRAW_URGENT
// (Insufficient) where the reserve does not cover it: nothing is drawn, and an
// urgent payment is asked of the county; BATCH_DRAW_UNIT of a case that a township
// advanced; those of funds.RecordCase:
// RESERVE_CASE_LIMIT, RESERVE_HANDOVER …
func (s *Service) DrawReserve(ctx context.Context, d Draw) (Drawn, error) {
	if _, err := auth.Require(ctx, auth.ReserveDraw); err != nil {
		return Drawn{}, err
	}
	d.Form = cmp.Or(d.Form, funds.ByTransfer)
	if err := s.valid.Check(d); err != nil {
		return Drawn{}, err
	}
	if !caseNumber.MatchString(d.Number) {
		return Drawn{}, errs.New(errs.Invalid, "BATCH_ROW_CASE")
	}
	out, err := s.drawOnce(ctx, d)
	if errs.CodeOf(err) == "RESERVE_BALANCE" {
		err = s.askCounty(ctx, d, err)
	}
	return out, err
}

func (s *Service) drawOnce(ctx context.Context, d Draw) (Drawn, error) {
	var out Drawn
	err := s.db.Run(ctx, func(tx pgx.Tx) error {
		actor, err := s.makes(ctx, tx, Emergency.chain(), d.Office, emergencyProgram)
		if err != nil {
			return err
		}
		out, err = s.draw(ctx, tx, d, actor)
		return err
	})
	if errs.CodeOf(err) == codeKeyHeld {
		return Drawn{}, errs.Wrap(err, errs.Conflict, "BATCH_DRAW_TWICE", "case", d.Number)
	}
	return out, err
}

func (s *Service) draw(ctx context.Context, tx pgx.Tx, d Draw, actor auth.Actor) (Drawn, error) {
	people, err := s.parties.ResolvePeople(ctx, tx, []string{d.IDNumber.Reveal()})
	if err != nil {
		return Drawn{}, err
	}
	person, ok := people[ident.Normalize(d.IDNumber.Reveal())]
	if !ok {
		return Drawn{}, errs.New(errs.NotFound, "BATCH_DRAW_PERSON", "id", d.IDNumber.String())
	}
	if err := s.repaidUnit(ctx, tx, &d); err != nil {
		return Drawn{}, err
	}
	b, known, err := s.caseBatch(ctx, tx, d, actor)
	if err != nil {
		return Drawn{}, err
	}
	c := funds.Case{Number: d.Number, Township: d.Township, Person: person.ID, Reason: d.Reason, Amount: d.Amount, ReportedAt: d.ReportedAt,
		DrawnBy: actor.Login, DrawnAt: s.clock.Now(), Batch: int64(b.ID), Handover: d.Handover}
	_, reserve, err := s.funds.RecordCase(ctx, tx, c)
	if err != nil {
		return Drawn{}, err
	}
	if known {
		return Drawn{Batch: b, Digest: b.Digest, Reserve: reserve.Free(), Replay: true}, nil
	}
	b.Source = reserve.Accounts[0].Account
	line, err := s.caseLine(ctx, tx, b, d, person)
	if err != nil {
		return Drawn{}, err
	}
	b, err = s.storeCase(ctx, tx, b, line, actor)
	if err != nil {
		return Drawn{}, err
	}
	return Drawn{Batch: b, Digest: b.Digest, Reserve: reserve.Free()}, s.publish(ctx, tx, b, events.BatchSubmitted,
		events.Facts{Actor: actor.Name, Count: 1, Amount: d.Amount})
}

// caseBatch finds the batch of a case, or begins a new one.
func (s *Service) caseBatch(ctx context.Context, tx pgx.Tx, d Draw, actor auth.Actor) (Batch, bool, error) {
	b, err := lockBatch(ctx, tx, CaseCode(d.Number))
	if err == nil {
		if b.Maker != actor.Login || b.State == Cancelled {
			return b, false, errs.New(errs.Conflict, "BATCH_CODE_TAKEN", "batch", b.Code)
		}
		return b, true, nil
	}
	if errs.CodeOf(err) != "BATCH_UNKNOWN" {
		return b, false, err
	}
	channel, err := s.channelOf(ctx, tx, d.Form, d.Township)
	if err != nil {
		return b, false, err
	}
	id, err := db.NextID(ctx, tx, "batch_id_seq")
	return Batch{ID: ID(id), Code: CaseCode(d.Number), Kind: Emergency, Program: emergencyProgram, Office: d.Office,
		Period: terms.MonthOf(s.helpedOn(d)), Channel: channel, State: Submitted, Lines: 1, Amount: d.Amount,
		Maker: actor.Login, CreatedAt: s.clock.Now()}, false, err
}

// caseLine makes the case's line and runs the checks of a line on it.
func (s *Service) caseLine(ctx context.Context, tx pgx.Tx, b Batch, d Draw, person parties.Person) (Line, error) {
	class := d.Class
	if class == "" {
		class = emergencyClass
	}
	policy, err := s.benefits.PolicyAt(ctx, tx, b.Program, emergencyComponent, class, person.Township(), b.Period)
	if err != nil {
		return Line{}, errs.Wrap(err, errs.Refused, "BATCH_DRAW_POLICY", "class", class, "month", b.Period)
	}
	merged, err := areas.MapOn(ctx, tx, clock.Date(s.clock.Now()))
	if err != nil {
		return Line{}, err
	}
	l := Line{No: 1, Component: emergencyComponent, Class: class, Person: int64(person.ID), Household: int64(person.Household),
		Township: merged.Township(person.AreaCode), Residence: string(person.Residence), Month: b.Period, Occasion: CaseOccasion(d.Number, 1),
		Policy: int32(policy.ID), Amount: d.Amount, Status: Listed} //nolint:gosec // policy ids fit 31 bits
	if err := s.casePayee(ctx, tx, &l, d, person); err != nil {
		return l, err
	}
	inForce, err := s.benefits.InForce(ctx, tx, []benefits.PolicyID{policy.ID})
	if err != nil {
		return l, err
	}
	x := &examiner{svc: s, batch: b, today: clock.Date(s.clock.Now()), policies: inForce}
	if err := x.learn(ctx, tx, []Line{l}); err != nil {
		return l, err
	}
	if err := x.line(&l); err != nil {
		return l, err
	}
	return l, refusedBy(d, x.found)
}

// casePayee: the person's own account, else that of the head of the household; where
// a township advanced it, the unit's. What is handed over goes to no account.
func (s *Service) casePayee(ctx context.Context, tx pgx.Tx, l *Line, d Draw, person parties.Person) error {
	if d.ByHand() {
		l.Payee, l.Role = l.Person, terms.PaySelf
		return nil
	}
	if d.Form == funds.Advanced {
		l.Payee, l.Role = int64(d.Unit), terms.PayTownship
		accounts, err := s.parties.CurrentAccounts(ctx, tx, []int64{l.Payee})
		l.Account = int64(accounts[l.Payee].ID)
		return err
	}
	heads, err := s.parties.Heads(ctx, tx, []parties.HouseholdID{person.Household})
	if err != nil {
		return err
	}
	head := int64(heads[person.Household])
	accounts, err := s.parties.CurrentAccounts(ctx, tx, []int64{l.Person, head})
	if err != nil {
		return err
	}
	l.Payee, l.Role = l.Person, terms.PaySelf
	if _, own := accounts[l.Person]; !own && head != 0 {
		l.Payee, l.Role = head, terms.PayHead
	}
	l.Account = int64(accounts[l.Payee].ID)
	return nil
}

func refusedBy(d Draw, found findings) error {
	if found.count(Block) == 0 {
		return nil
	}
	e := errs.New(errs.Refused, "BATCH_DRAW_CHECK", "case", d.Number, "count", found.count(Block))
	for _, f := range found {
		if f.Severity == Block {
			field := f.field(d.IDNumber.String())
			field.Row = 0 // a case has no list that its user has seen
			e.Fields = append(e.Fields, field)
		}
	}
	return e
}

func (s *Service) storeCase(ctx context.Context, tx pgx.Tx, b Batch, line Line, actor auth.Actor) (Batch, error) {
	if err := insertBatch(ctx, tx, &b); err != nil {
		return b, err
	}
	lines := []Line{line}
	if err := copyLines(ctx, tx, b, lines); err != nil {
		return b, err
	}
	if err := claimKeys(ctx, tx, b.ID); err != nil {
		return b, err
	}
	b.Digest = digestOf(b, lines)
	if err := setDigest(ctx, tx, b.ID, b.Digest); err != nil {
		return b, err
	}
	return b, s.approve(ctx, tx, Approval{Subject: b.subject(), Step: StepMake, Actor: actor.Login, Digest: b.Digest})
}

// ConfirmDraw is the second person's step: in one transaction the money is
// frozen from the township's reserve and released as a file of one line.
// WriteFiles writes it. What was handed over is confirmed by ConfirmHandover.
//
// Errors: AUTH_RIGHT_MISSING, BATCH_SAME_PERSON, BATCH_STATE,
// BATCH_LIST_CHANGED; BATCH_CASE_SINCE (Refused) where the person died or the
// account changed meanwhile; BATCH_EXECUTE_ON; RESERVE_CONFIRM_LATE (Refused);
// BATCH_RESERVE_SHORT (Insufficient) with the balance;
// nothing changes then.
func (s *Service) ConfirmDraw(ctx context.Context, number string, digest Digest, executeOn time.Time) (ReleasedFiles, error) {
	return s.confirmDraw(ctx, number, confirmation{digest: digest, on: executeOn})
}

// confirmation is what a second person confirms.
type confirmation struct {
	digest  Digest
	on      time.Time
	receipt []byte // SHA-256 of the image that the second person saw; none for a transfer
}

func (s *Service) confirmDraw(ctx context.Context, number string, say confirmation) (ReleasedFiles, error) {
	for try := 1; ; try++ {
		var out ReleasedFiles
		err := s.change(ctx, CaseCode(number), func(tx pgx.Tx, b Batch) error {
			var err error
			out, err = s.confirm(ctx, tx, b, number, say)
			return err
		})
		if errs.CodeOf(err) != "LEDGER_INSUFFICIENT" || try == freezeTries {
			return out, s.orAskCounty(ctx, number, err)
		}
	}
}

func (s *Service) confirm(ctx context.Context, tx pgx.Tx, b Batch, number string, say confirmation) (ReleasedFiles, error) {
	actor, err := s.entitled(ctx, tx, b.Kind.chain(), b.subject(), b.Maker, StepApprove)
	if err != nil {
		return ReleasedFiles{}, err
	}
	if b.State.Reached(Released) {
		last, err := lastApprovals(ctx, tx, b.subject())
		if err != nil {
			return ReleasedFiles{}, err
		}
		if err := done(b, last[StepApprove], actor.Login, say.digest); err != nil {
			return ReleasedFiles{}, err
		}
		return s.reissuedBefore(ctx, tx, b, SmallList{})
	}
	t, err := transition(b, StepApprove)
	if err != nil {
		return ReleasedFiles{}, err
	}
	if b.Kind != Emergency {
		return ReleasedFiles{}, errs.New(errs.Refused, "BATCH_NOT_EMERGENCY", "batch", b.Code)
	}
	lines, err := s.listOf(ctx, tx, b, say.digest)
	if err != nil {
		return ReleasedFiles{}, err
	}
	found, err := s.recheck(ctx, tx, b, lines)
	if err := orErr(err, found.refusal("BATCH_CASE_SINCE", b.Code)); err != nil {
		return ReleasedFiles{}, err
	}
	c, err := s.funds.ReleaseCase(ctx, tx, number)
	if err != nil {
		return ReleasedFiles{}, err
	}
	if err := sawReceipt(c, say.receipt); err != nil {
		return ReleasedFiles{}, err
	}
	if err := s.freezeReserve(ctx, tx, b, c, lines, actor); err != nil {
		return ReleasedFiles{}, err
	}
	files, err := s.releaseCase(ctx, tx, b, c, say.on, actor)
	if err != nil {
		return ReleasedFiles{}, err
	}
	return s.confirmed(ctx, tx, b, c, t.To, files, actor)
}

// confirmed records the confirmation of a case whose money left.
func (s *Service) confirmed(ctx context.Context, tx pgx.Tx, b Batch, c funds.Case, to State, files []payment.File, actor auth.Actor) (ReleasedFiles, error) {
	out, err := s.filesReleased(ctx, tx, b, files, actor)
	if err != nil {
		return ReleasedFiles{}, err
	}
	out.Batch.State = to
	if err := setState(ctx, tx, b.ID, to); err != nil {
		return ReleasedFiles{}, err
	}
	if err := s.approve(ctx, tx, Approval{Subject: b.subject(), Step: StepApprove, Actor: actor.Login, Digest: b.Digest}); err != nil {
		return ReleasedFiles{}, err
	}
	place, err := s.townshipName(ctx, tx, c.Township)
	if err != nil {
		return ReleasedFiles{}, err
	}
	return out, s.publish(ctx, tx, b, events.ReserveDrawn, events.Facts{Name: place, Actor: actor.Name, Count: 1, Amount: b.Amount, Reason: c.Reason})
}

// freezeReserve draws the case's money from the reserve, whose money any lot
// may have brought: layers of the policy do not apply. A case that no account of
// the township holds by itself is drawn from several of them in order.
func (s *Service) freezeReserve(ctx context.Context, tx pgx.Tx, b Batch, c funds.Case, lines []Line, actor auth.Actor) error {
	if err := s.sameChannel(ctx, tx, b, c); err != nil {
		return err
	}
	reserve, err := s.reserveNow(ctx, tx, c)
	if err != nil {
		return err
	}
	if free := reserve.Free(); free < b.Amount {
		return errs.New(errs.Insufficient, "BATCH_RESERVE_SHORT", "case", b.Code, "free", free.Grouped(), "asked", b.Amount.Grouped(),
			"missing", (b.Amount - free).Grouped())
	}
	_, err = s.freezeFrom(ctx, tx, b, lines, reserve.Sources(), nil, actor)
	return err
}

// reserveNow is the reserve that pays a case: the one of the year it was drawn in,
// or the successor's where the township is part of another by now. A township is paid
// back from the reserve of the day.
func (s *Service) reserveNow(ctx context.Context, tx pgx.Tx, c funds.Case) (funds.Reserve, error) {
	today := clock.Date(s.clock.Now())
	merged, err := areas.MapOn(ctx, tx, today)
	if err != nil {
		return funds.Reserve{}, err
	}
	now, year := merged.Of(c.Township), clock.Date(c.DrawnAt).Year()
	if now != c.Township || c.Form == funds.Advanced { // a township may have waited into another year
		year = today.Year()
	}
	return s.funds.Reserve(ctx, tx, now, year)
}

func (s *Service) townshipName(ctx context.Context, q db.Querier, code string) (string, error) {
	areas, err := s.parties.Areas(ctx, q, []string{code})
	if name := areas[code].Name; name != "" {
		return name, err
	}
	return code, err
}
