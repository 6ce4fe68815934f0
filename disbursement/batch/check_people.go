package batch

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// peopleKnown is what a part of a list makes an examiner know about people beside
// who they are.
type peopleKnown struct {
	endings   map[parties.Pair]parties.Ending
	rules     rules.Set
	conflicts map[LineID]conflict
	credited  map[int64]money.Fen // what the list pays each payee so far
}

// pairOf is who is paid for whom by a line; false where the beneficiary is paid
// himself.
func pairOf(l *Line) (parties.Pair, bool) {
	return parties.Pair{Person: parties.PersonID(l.Person), Payee: l.Payee, Role: l.Role}, l.Person != 0 && l.Payee != l.Person && l.Role != terms.PayTownship
}

// learnPeople reads deaths, relations, rules and colliding once-keys of a part of
// the list.
func (x *examiner) learnPeople(ctx context.Context, tx pgx.Tx, part []Line) (err error) {
	var persons []parties.PersonID
	var pairs []parties.Pair
	ids := make([]LineID, len(part))
	for i := range part {
		ids[i] = part[i].ID
		if part[i].Person != 0 {
			persons = append(persons, parties.PersonID(part[i].Person))
		}
		if pair, other := pairOf(&part[i]); other {
			pairs = append(pairs, pair)
		}
	}
	if x.deaths, err = x.svc.parties.DeathsOf(ctx, tx, persons); err != nil {
		return err
	}
	if x.known.endings, err = x.svc.parties.EndingsOn(ctx, tx, pairs, x.today); err != nil {
		return err
	}
	if x.known.rules == nil {
		if x.known.rules, err = rules.Load(ctx, tx, rules.DeathToHousehold, rules.DeathToHeir); err != nil {
			return err
		}
	}
	x.known.conflicts, err = conflictsOf(ctx, tx, ids)
	return err
}

// relation: whoever is paid for somebody else has a relation with him that counts
// today (peers-and-audits #26). That a household's money goes to its head is how
// it is paid, and told of nobody: thousands of notes hide the ones that matter.
func (x *examiner) relation(l *Line, payee string) {
	pair, other := pairOf(l)
	if !other {
		return
	}
	if ending, bad := x.known.endings[pair]; bad {
		x.found.say(l, Block, "payee_relation", "payee", payee, "role", l.Role.Name(i18n.ZH), "why", i18n.Term(i18n.ZH, "relation.ending", string(ending)))
		return
	}
	if l.Role == terms.PayGuardian || l.Role == terms.PayCarer {
		x.found.say(l, Note, "payee_other", "payee", payee, "role", l.Role.Name(i18n.ZH))
	}
}

// owed: what somebody was owed who died since goes where the rule of his area
// says (亡故人员应发款); where there is none, only a death within the month is told.
func (x *examiner) owed(l *Line, p parties.Person, d parties.Death) {
	on := d.DiedOn.Format(time.DateOnly)
	toHousehold, ruled := x.known.rules.At(rules.DeathToHousehold, p.AreaCode, x.today)
	toHeir, heirRuled := x.known.rules.At(rules.DeathToHeir, p.AreaCode, x.today)
	if (!ruled && !heirRuled) || l.Role == terms.PayInstitution {
		if !d.DiedOn.After(l.Month.Last()) {
			x.found.say(l, Note, "died_in_month", "died_on", on, "source", d.Source)
		}
		return
	}
	rule := toHousehold
	if !ruled {
		rule = toHeir
	}
	household, heir := toHousehold.Yes(), toHeir.Yes()
	switch {
	case !household && !heir:
		x.found.say(l, Block, "death_stopped", "died_on", on, "document", rule.Document, "clause", rule.Clause)
	case household && l.Role == terms.PayHead && l.Payee != l.Person, heir && l.Role == terms.PayHeir:
		x.found.say(l, Note, "death_paid_to", "died_on", on, "role", l.Role.Name(i18n.ZH), "document", rule.Document)
	default:
		x.found.say(l, Block, "death_payee", "died_on", on, "rule", i18n.Term(i18n.ZH, "death_money", mayGoTo(household, heir)),
			"document", rule.Document, "clause", rule.Clause)
	}
}

// mayGoTo is the word for who may be paid.
func mayGoTo(household, heir bool) string {
	switch {
	case household && heir:
		return "household_or_heir"
	case heir:
		return "heir"
	default:
		return "household"
	}
}

// usable: an account that is not activated, or whose limit a credit would pass,
// is returned by the bank.
func (x *examiner) usable(l *Line, a parties.Account) {
	if a.Activation == parties.NotActivated {
		x.found.say(l, Block, "account_inactive", "account", a.Masked)
	}
	if a.Limit == 0 {
		return
	}
	if x.known.credited == nil {
		x.known.credited = map[int64]money.Fen{}
	}
	sum, err := money.Add(x.known.credited[l.Payee], l.Amount)
	x.known.credited[l.Payee] = sum
	if err != nil || sum > a.Limit {
		x.found.say(l, Block, "account_limit", "account", a.Masked, "amount", sum.Grouped(), "limit", a.Limit.Grouped())
	}
}

// collides: the once-key of the line and another's stand for the same entitlement
// of one person.
func (x *examiner) collides(l *Line) {
	if c, there := x.known.conflicts[l.ID]; there {
		x.found.say(l, Block, "once_conflict", "batch", c.Batch, "first", itoa(c.No))
	}
}

// otherOffices finds people that another office pays in the same month (一人两县),
// whatever it pays.
func (x *examiner) otherOffices(ctx context.Context, tx pgx.Tx) error {
	found, err := otherOffices(ctx, tx, x.batch)
	if err != nil {
		return err
	}
	ids := make([]parties.PersonID, len(found))
	for i, f := range found {
		ids[i] = parties.PersonID(f.Person)
	}
	people, err := x.svc.parties.People(ctx, tx, ids)
	for _, f := range found {
		p := people[parties.PersonID(f.Person)]
		x.found.say(&Line{ID: f.Line, No: f.No}, Reason, "other_office", "person", p.Masked, "office", x.batch.Office, "other", f.Office,
			"batch", f.Batch, "first", itoa(f.OtherNo), "program", f.Program)
	}
	return err
}

// divided: when a household was split or joined within the month, everybody of it
// is covered once: whoever is in neither list is told of. (That nobody is in both
// is twice and the once-key.)
func (x *examiner) divided(ctx context.Context, tx pgx.Tx, lines []Line) error {
	if x.batch.Kind == BackPay {
		return nil // its months were covered by their own lists
	}
	households, first := []parties.HouseholdID{}, map[parties.HouseholdID]*Line{}
	covered := map[parties.PersonID]bool{}
	for i := range lines {
		l := &lines[i]
		covered[parties.PersonID(x.subject(l))] = true
		if h := parties.HouseholdID(l.Household); h != 0 && first[h] == nil {
			first[h] = l
			households = append(households, h)
		}
	}
	list, err := x.svc.parties.DividedIn(ctx, tx, households, x.batch.Period)
	if err != nil {
		return err
	}
	var missing []parties.Divided
	var ids []parties.PersonID
	for _, d := range list {
		if !covered[d.Person] {
			missing, ids = append(missing, d), append(ids, d.Person)
		}
	}
	elsewhere, err := coveredElsewhere(ctx, tx, x.batch, ids)
	if err != nil {
		return err
	}
	people, err := x.svc.parties.People(ctx, tx, ids)
	for _, d := range missing {
		if !elsewhere[int64(d.Person)] {
			p := people[d.Person]
			x.found.say(first[d.Household], Reason, "split_dropped", "person", p.Masked, "household", d.Code, "on", d.On.Format(time.DateOnly))
		}
	}
	return err
}

// subject is under which number the once-key of a line is kept.
func (x *examiner) subject(l *Line) int64 {
	if now, merged := x.alias[l.Subject()]; merged {
		return now
	}
	return l.Subject()
}
