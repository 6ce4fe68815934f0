package batch

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/money"
)

// PlanKind says how a case of temporary aid is approved.
type PlanKind string

// The kinds.
const (
	Staged     PlanKind = "staged"       // 一次审批、分阶段救助 (money-rules C5)
	CaseByCase PlanKind = "case_by_case" // 一事一议, with minutes and a hard cap (money-rules A23, C6)
)

// Instalment is what of an approved case falls due when (一期).
type Instalment struct {
	No     int       `json:"no"`
	DueOn  time.Time `json:"due_on" validate:"required"`
	Amount money.Fen `json:"amount" validate:"fen_positive"` // 0: stopped
	Reason string    `json:"reason,omitempty"`               // why it was shortened or stopped
	Month  string    `json:"month,omitempty"`                // of the list that has it; empty: in none

	line LineID // that has it; 0: none
}

// ProposePlan asks for one approval of a case with dated instalments within it.
type ProposePlan struct {
	Number      string       `name:"case" validate:"required,max=40,no_personal_number"` // 案号, as in the rosters
	Kind        PlanKind     `name:"kind" validate:"oneof=staged case_by_case"`
	Office      string       `name:"office" validate:"officecode"` // whose chain approves, in the banks' ids
	IDNumber    ident.Secret `name:"id_number" validate:"required" mask:"true"`
	Reason      string       `name:"reason" validate:"required,max=200,no_personal_number"`
	Minutes     string       `name:"minutes" validate:"max=80,no_personal_number"` // 会议纪要文号
	Instalments []Instalment `name:"instalments" validate:"min=1,max=99,dive"`
}

// Plan is an approval of a case as it stands.
type Plan struct {
	ID          int64            `json:"id"`
	Number      string           `json:"case"`
	Kind        PlanKind         `json:"kind"`
	Office      string           `json:"office"`
	Person      parties.PersonID `json:"person"`
	Reason      string           `json:"reason"`
	Minutes     string           `json:"minutes"`
	Approved    money.Fen        `json:"approved"`  // of all instalments, as approved
	InLists     money.Fen        `json:"in_lists"`  // of those that a list has: frozen, sent or paid as the list says
	Remaining   money.Fen        `json:"remaining"` // of those in no list, as they are now
	Maker       string           `json:"maker"`
	MadeAt      time.Time        `json:"made_at"`
	Digest      Digest           `json:"digest"`
	IsApproved  bool             `json:"is_approved"`
	Instalments []Instalment     `json:"instalments"` // as they are now
	Cuts        []Cut            `json:"cuts,omitempty"`
	Replay      bool             `json:"replay"`

	approved Digest // what its approval is bound to; empty: none
	now      Digest // of the rows as they are
}

func (p Plan) subject() string { return "aid:" + strconv.FormatInt(p.ID, 10) }

// digest is of what the approval is bound to.
func (p Plan) digest() Digest {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "fenlu.aid.plan.v1\n%s\t%s\t%s\t%d\t%s\t%s\t\n", p.Number, p.Kind, p.Office, p.Person, p.Reason, p.Minutes)
	for _, i := range p.Instalments {
		_, _ = fmt.Fprintf(&b, "%d\t%s\t%d\t\n", i.No, i.DueOn.Format(time.DateOnly), int64(i.Amount))
	}
	sum := sha256.Sum256([]byte(b.String()))
	return sum[:]
}

// ProposePlan puts an approval in instalments on record, for another person to
// approve. The same plan again by the same person changes nothing.
//
// Errors: AUTH_RIGHT_MISSING, BATCH_CHAIN_OFFICE; VALID_PROBLEMS, BATCH_ROW_CASE,
// AID_DATES, AID_MINUTES, AID_OFFICE (Invalid); BATCH_DRAW_PERSON, RULE_NONE (NotFound); AID_LIMIT
// (Refused); AID_TAKEN (Conflict).
func (s *Service) ProposePlan(ctx context.Context, cmd ProposePlan) (Plan, error) {
	if err := s.valid.Check(cmd); err != nil {
		return Plan{}, err
	}
	if !caseNumber.MatchString(cmd.Number) {
		return Plan{}, errs.New(errs.Invalid, "BATCH_ROW_CASE")
	}
	if cmd.Kind == CaseByCase && cmd.Minutes == "" {
		return Plan{}, errs.New(errs.Invalid, "AID_MINUTES")
	}
	var p Plan
	err := s.db.Run(ctx, func(tx pgx.Tx) error {
		actor, err := s.makes(ctx, tx, "list", cmd.Office, emergencyProgram)
		if err != nil {
			return err
		}
		p, err = s.proposePlan(ctx, tx, cmd, actor)
		return err
	})
	return p, err
}

func (s *Service) proposePlan(ctx context.Context, tx pgx.Tx, cmd ProposePlan, actor auth.Actor) (Plan, error) {
	p := Plan{Number: cmd.Number, Kind: cmd.Kind, Office: cmd.Office, Reason: cmd.Reason, Minutes: cmd.Minutes, Maker: actor.Login,
		MadeAt: s.clock.Now(), Instalments: slices.Clone(cmd.Instalments)}
	for i := range p.Instalments {
		in := &p.Instalments[i]
		in.No, in.DueOn = i+1, clock.Date(in.DueOn)
		if i > 0 && !in.DueOn.After(p.Instalments[i-1].DueOn) {
			return Plan{}, errs.New(errs.Invalid, "AID_DATES", "no", in.No)
		}
		var err error
		if p.Approved, err = money.Add(p.Approved, in.Amount); err != nil {
			return Plan{}, errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
	}
	if known, err := knownOffice(ctx, tx, p.Office); err != nil || !known {
		return Plan{}, orErr(err, errs.New(errs.Invalid, "AID_OFFICE", "office", p.Office))
	}
	people, err := s.parties.ResolvePeople(ctx, tx, []string{cmd.IDNumber.Reveal()})
	if err != nil {
		return Plan{}, err
	}
	person, ok := people[ident.Normalize(cmd.IDNumber.Reveal())]
	if !ok {
		return Plan{}, errs.New(errs.NotFound, "BATCH_DRAW_PERSON", "id", cmd.IDNumber.String())
	}
	p.Person, p.Remaining = person.ID, p.Approved
	p.Digest = p.digest()
	known, err := planByNumber(ctx, tx, cmd.Number)
	if err == nil {
		if known.Digest.String() != p.Digest.String() || known.Maker != p.Maker {
			return Plan{}, errs.New(errs.Conflict, "AID_TAKEN", "number", cmd.Number, "by", known.Maker)
		}
		known.Replay = true
		return known, nil
	}
	if errs.CodeOf(err) != "AID_UNKNOWN" {
		return Plan{}, err
	}
	if err := withinCap(ctx, tx, p, person.Township(), clock.Date(s.clock.Now())); err != nil {
		return Plan{}, err
	}
	if err := insertPlan(ctx, tx, &p); err != nil {
		return Plan{}, err
	}
	return p, s.approve(ctx, tx, Approval{Subject: p.subject(), Step: StepMake, Actor: actor.Login, Digest: p.Digest})
}

// withinCap refuses a case decided by itself above the cap of its place.
func withinCap(ctx context.Context, tx pgx.Tx, p Plan, area string, on time.Time) error {
	if p.Kind != CaseByCase {
		return nil
	}
	limit, rule, err := capOf(ctx, tx, area, on)
	if err != nil || p.Approved <= limit {
		return err
	}
	return errs.New(errs.Refused, "AID_LIMIT", "number", p.Number, "amount", p.Approved.Grouped(), "limit", limit.Grouped(),
		"document", rule.Document, "clause", rule.Clause, "over", (p.Approved - limit).Grouped())
}

func capOf(ctx context.Context, tx pgx.Tx, area string, on time.Time) (money.Fen, rules.Figure, error) {
	f, err := rules.Find(ctx, tx, rules.AidCaseLimit, area, on)
	if err != nil {
		return 0, f, err
	}
	limit, err := f.Amount()
	return limit, f, err
}

// ApprovePlan approves a plan as its digest says. Who proposed it does not.
//
// Errors: AUTH_RIGHT_MISSING, BATCH_SAME_PERSON; AID_UNKNOWN; AID_DIGEST (Conflict).
func (s *Service) ApprovePlan(ctx context.Context, number string, digest Digest) (Plan, error) {
	return s.changePlan(ctx, number, func(tx pgx.Tx, p Plan) error {
		actor, err := s.entitled(ctx, tx, "list", p.subject(), p.Maker, StepApprove)
		if err != nil || p.IsApproved {
			return err
		}
		if string(p.now) != string(digest) || string(p.now) != string(p.Digest) {
			return errs.New(errs.Conflict, "AID_DIGEST", "number", number, "digest", p.now)
		}
		return s.approve(ctx, tx, Approval{Subject: p.subject(), Step: StepApprove, Actor: actor.Login, Digest: p.Digest})
	})
}

// changePlan does fn on a plan that nobody else changes or pays from meanwhile.
func (s *Service) changePlan(ctx context.Context, number string, fn func(pgx.Tx, Plan) error) (Plan, error) {
	var p Plan
	err := s.db.Run(ctx, func(tx pgx.Tx) error {
		if err := lockPlans(ctx, tx, []string{number}); err != nil {
			return err
		}
		before, err := planByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		if err := fn(tx, before); err != nil {
			return err
		}
		p, err = planByNumber(ctx, tx, number)
		return err
	})
	return p, err
}

// PlanOf is the approval in instalments of a case. Errors: AID_UNKNOWN (NotFound).
func (s *Service) PlanOf(ctx context.Context, tx pgx.Tx, number string) (Plan, error) {
	return planByNumber(ctx, tx, number)
}

// plan is an approval as the checks of a list need it.
type plan struct {
	Plan
	limit money.Fen // of a case decided by itself
	rule  rules.Figure
}

// caseOfLine takes the occasion of a line apart: the case's number and the
// instalment; false where it is no case.
func caseOfLine(l *Line) (number string, no int, ok bool) {
	rest, ok := strings.CutPrefix(l.Occasion, "case/")
	i := strings.LastIndexByte(rest, '/')
	if !ok || i < 0 || l.Person == 0 {
		return "", 0, false
	}
	no, err := strconv.Atoi(rest[i+1:])
	return rest[:i], no, err == nil
}

// learnPlans reads the approvals of the cases that a part of the list names and
// holds them, so that no instalment is cut while the list is decided on.
func (x *examiner) learnPlans(ctx context.Context, tx pgx.Tx, part []Line) error {
	x.plans = map[string]plan{}
	town := map[string]string{}
	var numbers []string
	for i := range part {
		if number, _, ok := caseOfLine(&part[i]); ok && x.batch.Program == emergencyProgram && town[number] == "" {
			town[number] = part[i].Township
			numbers = append(numbers, number)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	if err := lockPlans(ctx, tx, numbers); err != nil {
		return err
	}
	found, err := plansByNumber(ctx, tx, numbers)
	if err != nil {
		return err
	}
	for _, p := range found {
		known := plan{Plan: p}
		if p.Kind == CaseByCase {
			if known.limit, known.rule, err = capOf(ctx, tx, town[p.Number], x.today); err != nil {
				return err
			}
		}
		x.plans[p.Number] = known
	}
	return nil
}

// planned checks a line of a case against its approval: within it, in time, to
// the person, once. Without one only the first instalment is paid.
func (x *examiner) planned(l *Line) {
	number, no, ok := caseOfLine(l)
	if !ok || x.batch.Program != emergencyProgram {
		return
	}
	p, found := x.plans[number]
	if !found {
		if no > 1 {
			x.found.say(l, Block, "plan_missing", "case", number)
		}
		return
	}
	switch {
	case !p.IsApproved:
		x.found.say(l, Block, "plan_open", "case", number)
	case int64(p.Person) != l.Person:
		x.found.say(l, Block, "plan_person", "case", number)
	case p.Kind == CaseByCase && p.Approved > p.limit:
		x.found.say(l, Block, "plan_cap", "case", number, "approved", p.Approved.Grouped(), "limit", p.limit.Grouped(), "document", p.rule.Document)
	default:
		x.instalment(l, p, no)
	}
}

func (x *examiner) instalment(l *Line, p plan, no int) {
	at := slices.IndexFunc(p.Instalments, func(i Instalment) bool { return i.No == no })
	if at < 0 {
		x.found.say(l, Block, "plan_instalment", "case", p.Number, "no", strconv.Itoa(no))
		return
	}
	i := p.Instalments[at]
	args := []string{"case", p.Number, "no", strconv.Itoa(no)}
	switch {
	case i.line != 0 && i.line != l.ID:
		x.found.say(l, Block, "plan_paid", append(args, "month", i.Month)...)
	case i.Amount == 0:
		x.found.say(l, Block, "plan_stopped", append(args, "reason", i.Reason)...)
	case i.DueOn.After(x.today):
		x.found.say(l, Block, "plan_early", append(args, "due", i.DueOn.Format(time.DateOnly))...)
	case l.Amount != i.Amount:
		x.found.say(l, Block, "plan_amount", append(args, "approved", i.Amount.Grouped(), "amount", l.Amount.Grouped())...)
	}
}
