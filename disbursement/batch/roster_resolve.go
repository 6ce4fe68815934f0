package batch

import (
	"context"
	"slices"
	"strings"

	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
)

// known is what the database knows about a chunk of rows.
type known struct {
	people   map[string]parties.Person // by normalised ID number, payees too
	units    map[string]parties.Unit   // by credit code
	heads    map[parties.HouseholdID]parties.PersonID
	accounts map[int64]parties.Account               // by owner
	belonged map[parties.PersonID][]parties.Belonged // households of the month
	lived    map[parties.PersonID]terms.Residence    // residence class at the month's beginning
}

// resolve turns the rows of a chunk into lines: who is covered, who is paid,
// to which account.
func (r *rosterReader) resolve(ctx context.Context, chunk []entry) ([]Line, error) {
	if len(chunk) == 0 {
		return nil, nil
	}
	k, err := r.know(ctx, chunk)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, 0, len(chunk))
	owners := make([]int64, 0, len(chunk))
	for i := range chunk {
		if line, ok := r.line(&chunk[i], k); ok {
			lines = append(lines, line)
			owners = append(owners, line.Payee)
		}
	}
	if k.accounts, err = r.svc.parties.CurrentAccounts(ctx, r.svc.db.Pool(), owners); err != nil {
		return nil, err
	}
	for i := range lines {
		lines[i].Account = int64(k.accounts[lines[i].Payee].ID)
	}
	return lines, nil
}

func (r *rosterReader) know(ctx context.Context, chunk []entry) (known, error) {
	var numbers, credits []string
	for i := range chunk {
		v := &chunk[i].value
		numbers = append(numbers, v.IDNumber)
		switch chunk[i].role {
		case terms.PayGuardian, terms.PayCarer, terms.PayHeir:
			numbers = append(numbers, v.PayeeID)
		case terms.PayInstitution:
			credits = append(credits, v.PayeeID)
		default:
		}
	}
	q := r.svc.db.Pool()
	var k known
	var err error
	if k.people, err = r.svc.parties.ResolvePeople(ctx, q, numbers); err != nil {
		return k, err
	}
	for _, n := range numbers {
		if _, isPerson := k.people[n]; !isPerson {
			credits = append(credits, n) // a unit may be the beneficiary itself
		}
	}
	if k.units, err = r.svc.parties.Units(ctx, q, credits); err != nil {
		return k, err
	}
	persons := make([]parties.PersonID, 0, len(k.people))
	for _, p := range k.people {
		persons = append(persons, p.ID)
	}
	if k.belonged, err = r.svc.parties.BelongedIn(ctx, q, persons, r.make.Period); err != nil {
		return k, err
	}
	if k.lived, err = r.svc.parties.ResidencesOn(ctx, q, persons, r.make.Period.First()); err != nil {
		return k, err
	}
	var households []parties.HouseholdID
	for i := range chunk {
		if p, ok := k.people[chunk[i].value.IDNumber]; ok && chunk[i].role == terms.PayHead && p.Household != 0 {
			households = append(households, p.Household)
		}
	}
	k.heads, err = r.svc.parties.Heads(ctx, q, households)
	return k, err
}

// line makes the line of a row, or says what is wrong with it.
func (r *rosterReader) line(e *entry, k known) (Line, bool) {
	l := Line{Component: r.words.one(e.component), Class: r.words.one(strings.TrimSpace(e.value.Class)), Role: e.role,
		Month: r.make.Period, Amount: e.value.Amount, Status: Listed}
	person, isPerson := k.people[e.value.IDNumber]
	unit, isUnit := k.units[e.value.IDNumber]
	switch {
	case isPerson:
		r.cover(e, &l, person, k)
	case isUnit:
		l.Unit, l.Township = int64(unit.ID), r.words.one(r.merged.Township(unit.AreaCode))
		r.checkName(e, unit.Name)
	default:
		e.say(r.problems, "id_number", "BATCH_ROW_PERSON")
	}
	r.standard(e, l.Township)
	l.Occasion, l.Policy = r.words.one(e.occasion), int32(e.policy.ID) //nolint:gosec // policy ids fit 31 bits
	r.pay(e, &l, person, k)
	return l, !e.bad
}

// cover: the line belongs to the household that the row names, where the person
// belonged to it in the month, else to the one of today; and to the residence
// class of the month's first day, so that a change counts for new months only.
func (r *rosterReader) cover(e *entry, l *Line, p parties.Person, k known) {
	l.Person, l.Household = int64(p.ID), int64(p.Household)
	l.Township, l.Residence = r.words.one(r.merged.Township(p.AreaCode)), r.words.one(string(k.lived[p.ID]))
	r.checkName(e, p.Name)
	if e.value.Household == "" || e.value.Household == p.HouseholdCode {
		return
	}
	was := slices.IndexFunc(k.belonged[p.ID], func(b parties.Belonged) bool { return b.Code == e.value.Household })
	if was >= 0 {
		l.Household = int64(k.belonged[p.ID][was].Household)
	} else {
		e.say(r.problems, "household", "BATCH_ROW_HOUSEHOLD", "household", orNone(p.HouseholdCode))
	}
}

// checkName: a name that is not the number's is a wrong number more often than
// a wrong name, so the row is refused.
func (r *rosterReader) checkName(e *entry, name string) {
	if e.value.Name != strings.Join(strings.Fields(name), "") {
		e.say(r.problems, "name", "BATCH_ROW_NAME", "name", name)
	}
}

func (r *rosterReader) pay(e *entry, l *Line, covered parties.Person, k known) {
	switch e.role {
	case terms.PaySelf:
		l.Payee = l.Subject()
	case terms.PayHead:
		head, ok := k.headOf(covered, parties.HouseholdID(l.Household))
		if !ok && l.Person != 0 {
			e.say(r.problems, "payee", "BATCH_ROW_NO_HEAD")
		}
		l.Payee = int64(head)
	case terms.PayGuardian, terms.PayCarer, terms.PayHeir:
		guardian, ok := k.people[e.value.PayeeID]
		if !ok && e.value.PayeeID != "" {
			e.say(r.problems, "payee_id", "BATCH_ROW_PAYEE_UNKNOWN")
		}
		l.Payee = int64(guardian.ID)
	case terms.PayInstitution:
		unit, ok := k.units[e.value.PayeeID]
		if !ok && e.value.PayeeID != "" {
			e.say(r.problems, "payee_id", "BATCH_ROW_UNIT_UNKNOWN")
		}
		l.Payee = int64(unit.ID)
	}
	if l.Payee == 0 {
		e.bad = true // said above, or where the cell was read
	}
}

// headOf is the head of the household that a line belongs to: of today's, or of
// one that the person belonged to in the month.
func (k known) headOf(p parties.Person, household parties.HouseholdID) (parties.PersonID, bool) {
	for _, b := range k.belonged[p.ID] {
		if b.Household == household && b.Head != 0 {
			return b.Head, true
		}
	}
	head, ok := k.heads[p.Household]
	return head, ok
}

func orNone(s string) string {
	if s == "" {
		return "—"
	}
	return s
}
