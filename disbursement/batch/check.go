package batch

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// Result is what the checks of a batch found (核对). Findings are the first
// ones; all are stored (Findings).
type Result struct {
	Batch    Batch     `json:"batch"`
	Round    int       `json:"round"`
	Digest   Digest    `json:"digest"`
	Blocks   int       `json:"blocks"`
	Reasons  int       `json:"reasons"`
	Notes    int       `json:"notes"`
	Findings []Finding `json:"findings"`
	Replay   bool      `json:"replay"`
}

// shownFindings is how many findings a result carries.
const shownFindings = 200

// Check runs the checks before submission and, where none of them blocks,
// makes the batch checked. Lines are first pointed at their payees' accounts as
// they are now. The findings are stored either way, one round after the other.
//
// Errors: AUTH_RIGHT_MISSING, BATCH_SAME_PERSON for the maker, BATCH_STATE,
// BATCH_STEP_DONE; BATCH_BLOCKED (Refused) together with the result where a
// finding blocks: cure it, or take the line out with Remove, and check again.
func (s *Service) Check(ctx context.Context, code string) (Result, error) {
	var r Result
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		var err error
		r, err = s.check(ctx, tx, b)
		return err
	})
	if err == nil && r.Blocks > 0 {
		err = errs.New(errs.Refused, "BATCH_BLOCKED", "batch", code, "count", r.Blocks)
	}
	return r, err
}

func (s *Service) check(ctx context.Context, tx pgx.Tx, b Batch) (Result, error) {
	actor, err := s.entitled(ctx, tx, b.Kind.chain(), b.subject(), b.Maker, StepCheck)
	if err != nil {
		return Result{}, err
	}
	if b.State.Reached(Checked) {
		return s.checkedBefore(ctx, tx, b, actor.Login)
	}
	t, err := transition(b, StepCheck)
	if err != nil {
		return Result{}, err
	}
	lines, err := linesOfList(ctx, tx, b.ID, b.Lines)
	if err != nil {
		return Result{}, err
	}
	found, err := s.examine(ctx, tx, b, lines)
	if err != nil {
		return Result{}, err
	}
	r := Result{Batch: b, Digest: digestOf(b, lines)}
	if r.Round, err = storeFindings(ctx, tx, b.ID, found); err != nil {
		return Result{}, err
	}
	r.count(found)
	if r.Blocks > 0 {
		return r, nil
	}
	r.Batch.State = t.To
	if err := setState(ctx, tx, b.ID, t.To); err != nil {
		return Result{}, err
	}
	if err := s.approve(ctx, tx, Approval{Subject: b.subject(), Step: StepCheck, Actor: actor.Login, Digest: r.Digest}); err != nil {
		return Result{}, err
	}
	return r, s.publish(ctx, tx, b, events.BatchChecked, events.Facts{Actor: actor.Name, Count: b.Lines, Amount: b.Amount})
}

func (r *Result) count(found findings) {
	r.Blocks, r.Reasons, r.Notes = found.count(Block), found.count(Reason), found.count(Note)
	r.Findings = found[:min(len(found), shownFindings)]
}

func (s *Service) checkedBefore(ctx context.Context, tx pgx.Tx, b Batch, actor string) (Result, error) {
	last, err := lastApprovals(ctx, tx, b.subject())
	if err != nil {
		return Result{}, err
	}
	if err := done(b, last[StepCheck], actor, nil); err != nil {
		return Result{}, err
	}
	round, err := lastRound(ctx, tx, b.ID)
	if err != nil {
		return Result{}, err
	}
	found, err := Findings(ctx, tx, b.ID, round)
	r := Result{Batch: b, Round: round, Digest: last[StepCheck].Digest, Replay: true}
	r.count(found)
	return r, err
}

// chain is the approval chain of a kind of batch.
func (k Kind) chain() string {
	if k == Emergency {
		return "emergency"
	}
	return "batch"
}

// examiner runs the checks of one batch over its lines.
type examiner struct {
	svc      *Service
	batch    Batch
	today    time.Time
	people   map[parties.PersonID]parties.Person
	units    map[parties.UnitID]parties.Unit
	accounts map[int64]parties.Account // current, by owner
	deaths   map[parties.PersonID]parties.Death
	known    peopleKnown
	alias    map[int64]int64 // under which number the once-key of a merged record is kept
	policies *benefits.InForce
	plans    map[string]plan      // by case number
	helped   map[LineID]time.Time // when townships had helped the people they advanced for
	terms    termsKnown
	back     backKnown
	years    map[yearKey]money.Fen // had in a year under a ceiling
	gaps     map[LineID]money.Fen  // what the facts on record make of lines that make up an income
	found    findings

	paysServices bool // the program pays suppliers
}

// examine runs every check. It changes the lines' accounts to the current
// versions, in memory and in the database.
func (s *Service) examine(ctx context.Context, tx pgx.Tx, b Batch, lines []Line) (findings, error) {
	x := &examiner{svc: s, batch: b, today: clock.Date(s.clock.Now())}
	var err error
	if x.alias, err = aliases(ctx, tx, b.ID); err != nil {
		return nil, err
	}
	if x.policies, err = s.policiesOf(ctx, tx, lines); err != nil {
		return nil, err
	}
	if err := x.learnGaps(ctx, tx, lines); err != nil {
		return nil, err
	}
	for from := 0; from < len(lines); from += chunkRows {
		part := lines[from:min(from+chunkRows, len(lines))]
		if err := x.learn(ctx, tx, part); err != nil {
			return nil, err
		}
		if err := x.refreshAccounts(ctx, tx, part); err != nil {
			return nil, err
		}
		for i := range part {
			if err := x.line(&part[i]); err != nil {
				return nil, err
			}
		}
		if err := x.entitled(ctx, tx, part); err != nil {
			return nil, err
		}
	}
	x.unruled()
	x.twice(lines)
	if err := x.elsewhere(ctx, tx); err != nil {
		return nil, err
	}
	if err := x.otherOffices(ctx, tx); err != nil {
		return nil, err
	}
	if err := x.exclusive(ctx, tx); err != nil {
		return nil, err
	}
	if err := x.divided(ctx, tx, lines); err != nil {
		return nil, err
	}
	return x.found, x.money(ctx, tx, lines)
}

// policiesOf reads the policy rows of lines.
func (s *Service) policiesOf(ctx context.Context, tx pgx.Tx, lines []Line) (*benefits.InForce, error) {
	seen := map[int32]bool{}
	var ids []benefits.PolicyID
	for i := range lines {
		if p := lines[i].Policy; !seen[p] {
			seen[p] = true
			ids = append(ids, benefits.PolicyID(p))
		}
	}
	return s.benefits.InForce(ctx, tx, ids)
}

// policyOf is the policy row of a line with its amount where the person lives.
func policyOf(policies *benefits.InForce, l *Line) (benefits.Policy, error) {
	return policies.At(benefits.PolicyID(l.Policy), l.Township, l.Month)
}

// learn reads the people, units, accounts and deaths that a part of the list
// names.
func (x *examiner) learn(ctx context.Context, tx pgx.Tx, part []Line) error {
	var people []parties.PersonID
	var units []parties.UnitID
	var payees []int64
	for i := range part {
		l := &part[i]
		payees = append(payees, l.Payee)
		people = append(people, parties.PersonID(l.Person))
		if l.Role == terms.PayInstitution || l.Role == terms.PayTownship || l.Unit != 0 {
			units = append(units, parties.UnitID(l.Payee), parties.UnitID(l.Unit))
		} else if l.Payee != l.Person {
			people = append(people, parties.PersonID(l.Payee))
		}
	}
	var err error
	if x.people, err = x.svc.parties.People(ctx, tx, people); err != nil {
		return err
	}
	if x.units, err = x.svc.parties.UnitsByID(ctx, tx, units); err != nil {
		return err
	}
	if x.accounts, err = x.svc.parties.CurrentAccounts(ctx, tx, payees); err != nil {
		return err
	}
	if x.paysServices, err = funds.PaysServices(ctx, tx, x.batch.Program); err != nil {
		return err
	}
	if err := x.learnPeople(ctx, tx, part); err != nil {
		return err
	}
	if err := x.learnHelped(ctx, tx, part); err != nil {
		return err
	}
	if err := x.learnPlans(ctx, tx, part); err != nil {
		return err
	}
	if err := x.learnYears(ctx, tx, part); err != nil {
		return err
	}
	return x.learnBackPay(ctx, tx, part)
}

// refreshAccounts points lines at the newest version of their payee's account.
func (x *examiner) refreshAccounts(ctx context.Context, tx pgx.Tx, part []Line) error {
	var payees, accounts []int64
	named := map[int64]bool{}
	for i := range part {
		l := &part[i]
		now := int64(x.accounts[l.Payee].ID)
		if now == 0 || now == l.Account {
			continue
		}
		l.Account = now
		if !named[l.Payee] {
			named[l.Payee] = true
			payees, accounts = append(payees, l.Payee), append(accounts, now)
		}
	}
	if len(payees) == 0 {
		return nil
	}
	return setAccounts(ctx, tx, x.batch.ID, payees, accounts)
}

// line checks one line by itself.
func (x *examiner) line(l *Line) error {
	x.standing(l)
	return x.amount(l)
}

// standing checks what time may change about a line: whom it covers and where
// it goes.
func (x *examiner) standing(l *Line) {
	p, isPerson := x.people[parties.PersonID(l.Person)]
	if isPerson {
		if p.IDType == terms.TemporaryID && p.TempUntil.Before(x.on(l)) {
			x.found.say(l, Block, "identity_expired", "until", p.TempUntil.Format(time.DateOnly))
		}
		x.alive(l, p)
	}
	x.collides(l)
	x.account(l, p)
	x.planned(l)
	x.backPaid(l)
	x.supplied(l)
}

// alive: a death before the month takes the entitlement away; one since leaves it,
// and somebody else is paid, or nobody.
func (x *examiner) alive(l *Line, p parties.Person) {
	d, dead := x.deaths[p.ID]
	if !dead || l.Role == terms.PayTownship && !d.DiedOn.Before(x.on(l)) { // who was helped in life
		return
	}
	if !d.DiedOn.After(l.Month.First()) || l.Role == terms.PayTownship {
		x.found.say(l, Block, "dead", "died_on", d.DiedOn.Format(time.DateOnly), "source", d.Source)
		return
	}
	x.owed(l, p, d)
}

// account: the payee has one, somebody verified it, and it is in the name of
// the payee or of the person covered.
func (x *examiner) account(l *Line, covered parties.Person) {
	if x.batch.byHand() {
		return // nothing goes to an account
	}
	a, ok := x.accounts[l.Payee]
	switch {
	case !ok:
		x.found.say(l, Block, "account_missing")
		return
	case !a.Verified():
		x.found.say(l, Block, "account_unverified", "account", a.Masked)
	}
	payee := x.people[parties.PersonID(l.Payee)].Name
	if u, isUnit := x.units[parties.UnitID(l.Payee)]; isUnit {
		payee = u.Name
	}
	if a.Holder != payee && (covered.Name == "" || a.Holder != covered.Name || l.Role == terms.PayTownship) {
		x.found.say(l, Block, "account_holder", "holder", a.Holder, "payee", payee)
	}
	x.relation(l, payee)
	x.usable(l, a)
}

func (x *examiner) amount(l *Line) error {
	if x.batch.Kind == BackPay {
		return nil // backPaid compares it with the difference
	}
	p, err := policyOf(x.policies, l)
	if err != nil || x.computed(l, p) {
		return err
	}
	allowed, err := benefits.Allows(p, l.Month, l.Amount)
	switch {
	case err == nil && allowed && p.Open:
		x.found.say(l, Reason, "amount_of_case", "amount", l.Amount.Grouped(), "family", p.Family().Name(i18n.ZH), "document", p.Document, "clause", p.Clause)
		return nil
	case err == nil && allowed && p.Family() == benefits.YearCeiling:
		return x.withinYear(l, p)
	case err != nil || allowed:
		return err
	case p.Open || l.Amount < p.Least:
		x.found.say(l, Block, "amount_below", "amount", l.Amount.Grouped(), "least", p.Least.Grouped(), "document", p.Document, "clause", p.Clause)
		return nil
	}
	due, err := benefits.MonthlyAmount(p, l.Month)
	code := "amount_differs"
	if p.Operator == benefits.AtMost {
		code = "amount_above"
	}
	x.found.say(l, Block, code, "amount", l.Amount.Grouped(), "due", due.Total.Grouped(), "document", p.Document, "clause", p.Clause)
	return err
}

// money simulates the freezing: what is missing is named for each level.
func (x *examiner) money(ctx context.Context, tx pgx.Tx, lines []Line) error {
	if len(lines) == 0 {
		x.found.say(nil, Block, "empty")
		return nil
	}
	sources, err := x.sources(ctx, tx, lines)
	if err != nil || x.paysServices && sources == nil { // nothing was accepted that money could be looked for
		return err
	}
	codes, err := x.svc.codesOf(ctx, tx, x.batch, lines, sources)
	if err != nil {
		return err
	}
	leaves, err := x.svc.leaves(ctx, tx, x.batch.Program)
	if err != nil {
		return err
	}
	a, err := allocate(lines, sources, codes, x.policies, x.back.given, leaves)
	if err != nil {
		return err
	}
	for _, m := range a.missing {
		x.found.say(nil, Block, "short", "level", m.name(), "needed", m.Needed.Grouped(), "free", m.Free.Grouped(), "missing", (m.Needed - m.Free).Grouped())
	}
	return nil
}

// claim is what makes two lines the same entitlement within one batch.
type claim struct {
	subject   int64
	component string
	month     terms.Month
	occasion  string
}

// twice finds entitlements that stand in the list more than once, and persons
// that have the same component for two occasions.
func (x *examiner) twice(lines []Line) {
	first := make(map[claim]int32, len(lines))
	several := map[claim]int32{}
	for i := range lines {
		l := &lines[i]
		c := claim{x.subject(l), l.Component, l.Month, l.Occasion}
		if no, there := first[c]; there {
			x.found.say(l, Block, "twice", "first", itoa(no))
			continue
		}
		first[c] = l.No
		if l.Occasion == Regular || x.paysServices { // a supplier has many acceptances
			continue
		}
		c.occasion = ""
		if no, there := several[c]; there {
			x.found.say(l, Reason, "component_twice", "first", itoa(no))
			continue
		}
		several[c] = l.No
	}
}

// elsewhere finds lines whose once-key another batch holds.
func (x *examiner) elsewhere(ctx context.Context, tx pgx.Tx) error {
	held, err := holdersOf(ctx, tx, x.batch.ID)
	if err == nil && x.batch.Program == emergencyProgram {
		var cases []holder
		cases, err = caseHoldersOf(ctx, tx, x.batch.ID)
		held = append(held, cases...)
	}
	for _, h := range held {
		x.found.say(&Line{ID: h.Line, No: h.No}, Block, "once_key", "batch", h.Batch, "first", itoa(h.HolderNo))
	}
	return err
}

func (m Missing) name() string {
	class := ""
	if m.Residence != "" {
		class = terms.Residence(m.Residence).Name(i18n.ZH) + " "
	}
	if m.Level == "" {
		return class + i18n.T(i18n.ZH, "batch.level.any")
	}
	return class + terms.Level(m.Level).Name(i18n.ZH)
}
