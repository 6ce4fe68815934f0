package parties

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/internal/ident"
)

// stamp is when, by whom and from which file rows are written.
type stamp struct {
	day        time.Time // business date
	at         time.Time
	actor      string
	importFile int64
}

// known is what is on record of the parties that a file names.
type known struct {
	blinds     map[string]string // ID number or account → blind index
	persons    map[string]personRecord
	units      map[string]unitRecord
	households map[string]HouseholdID
	members    map[PersonID]membership // of everybody in the file and in the households touched
	accounts   map[int64]accountRecord // current account by owner
}

// membership is where a person is a member now.
type membership struct {
	Household HouseholdID `db:"household"`
	Person    PersonID    `db:"person"`
	Relation  string      `db:"relation"`
	Code      string      `db:"code"`
}

// countyDigits is how much of an area code says the county.
const countyDigits = 6

// plan is what an import will write, decided from the file and the record
// before the first row is written.
type plan struct {
	service *Service
	table   *peopleSheet
	issues  *imports.Issues
	known   known
	stamp   stamp

	persons    []personChange
	units      []unitChange
	households []string // new codes
	accounts   []accountChange
	moves      []move
	same       struct{ persons, units, accounts int }
}

// personChange is a person who is new (was.ID 0) or differs from the record.
type personChange struct {
	row *personRow
	was personRecord
	id  PersonID // drawn before writing where new
}

type unitChange struct {
	row *personRow
	was unitRecord
	id  UnitID
}

// accountChange is an account that is new (was.ID 0) or differs. Its owner is
// found by the row: he may not have an id yet.
type accountChange struct {
	row *personRow
	was accountRecord
	id  AccountID
}

// move is a person who enters, leaves or changes his relation in a household.
type move struct {
	row  *personRow
	was  membership // Household 0 where he was in none
	line int
}

// decide compares the file with the record. Rows with problems are compared as
// far as they go, so that everything wrong is reported at once.
func (p *plan) decide() {
	seen := map[PersonID]int{}
	for i := range p.table.Rows {
		line, row := p.table.Rows[i].Row, &p.table.Rows[i].Value
		switch {
		case row.IDNumber == "":
		case row.isUnit:
			p.decideUnit(row)
		default:
			p.decidePerson(row, line, seen)
		}
	}
	p.decideHouseholds()
}

func (p *plan) decidePerson(row *personRow, line int, seen map[PersonID]int) {
	was, there := p.known.persons[row.IDNumber]
	if there {
		if first, twice := seen[was.ID]; twice && first != line {
			p.issues.Say(p.table.At(line, "id_number", row.IDNumber), "PARTIES_SAME_PERSON", "row", first)
			return
		}
		seen[was.ID] = line
	}
	if was.number != "" {
		p.issues.Tell(p.table.At(line, "id_number", row.IDNumber), "PARTIES_OLD_NUMBER", "now", ident.Mask(was.number))
	}
	now := was.keepNumber(row)
	switch {
	case !there:
		p.persons = append(p.persons, personChange{row: row})
	case was.differs(now):
		if len(was.AreaCode) >= countyDigits && len(row.AreaCode) >= countyDigits && was.AreaCode[:countyDigits] != row.AreaCode[:countyDigits] {
			p.issues.Tell(p.table.At(line, "area_code", row.AreaCode), "PARTIES_OTHER_COUNTY", "was", was.AreaCode[:countyDigits], "now", row.AreaCode[:countyDigits])
		}
		p.persons = append(p.persons, personChange{row: now, was: was, id: was.ID})
		if was.Name != row.Name {
			p.issues.Tell(p.table.At(line, "name", row.Name), "PARTIES_RENAMED", "was", was.Name)
		}
	default:
		p.same.persons++
	}
	p.decideAccount(row, int64(was.ID))
	p.decideMove(row, line, p.known.members[was.ID])
}

func (p *plan) decideUnit(row *personRow) {
	was, there := p.known.units[row.IDNumber]
	switch {
	case !there:
		p.units = append(p.units, unitChange{row: row})
	case was.Name != row.Name || was.Kind != string(row.unitKind) || was.AreaCode != row.AreaCode:
		p.units = append(p.units, unitChange{row: row, was: was, id: was.ID})
	default:
		p.same.units++
	}
	p.decideAccount(row, int64(was.ID))
}

func (p *plan) decideAccount(row *personRow, owner int64) {
	if row.account == nil {
		return
	}
	was := p.known.accounts[owner]
	was.complete(row.account, p.known.blinds[accountKey(row.account.number)])
	if owner != 0 && was.same(row.account, p.known.blinds[accountKey(row.account.number)]) {
		p.same.accounts++
		return
	}
	p.accounts = append(p.accounts, accountChange{row: row, was: was})
}

func (p *plan) decideMove(row *personRow, line int, was membership) {
	if row.Household == "" || row.relation == "" || (was.Code == row.Household && was.Relation == string(row.relation)) {
		return
	}
	p.moves = append(p.moves, move{row, was, line})
}

// decideHouseholds finds the new ones and checks that every household touched
// has exactly one head when the file is in.
func (p *plan) decideHouseholds() {
	after := p.membersAfter()
	for _, code := range slices.Sorted(maps.Keys(after)) {
		h := after[code]
		if p.known.households[code] == 0 && h.named {
			p.households = append(p.households, code)
		}
		at := p.table.At(h.line, h.key, h.value)
		switch {
		case h.unclear || h.members == 0:
		case h.heads == 0 && h.named:
			p.issues.Say(at, "PARTIES_NO_HEAD", "household", code)
		case h.heads == 0:
			p.issues.Say(at, "PARTIES_HEAD_LEFT", "household", code)
		case h.heads > 1 && h.kept > 0:
			p.issues.Say(at, "PARTIES_HEAD_ON_RECORD", "household", code)
		}
	}
}

// houseAfter is a household as it will be when the file is in.
type houseAfter struct {
	members, heads int
	kept           int  // heads on record that the file does not name
	named          bool // the file puts somebody into it
	unclear        bool // a row of it could not be read: nothing can be said of its head
	line           int  // the row a problem is reported at
	key, value     string
}

func (p *plan) membersAfter() map[string]*houseAfter {
	after := map[string]*houseAfter{}
	house := func(code string, line int, key, value string) *houseAfter {
		if after[code] == nil {
			after[code] = &houseAfter{line: line, key: key, value: value}
		}
		return after[code]
	}
	inFile := map[PersonID]bool{}
	for i := range p.table.Rows {
		line, row := p.table.Rows[i].Row, &p.table.Rows[i].Value
		was := p.known.members[p.known.persons[row.IDNumber].ID]
		if row.Household == "" || row.isUnit {
			continue
		}
		h := house(row.Household, line, "household", row.Household)
		h.named, h.members = true, h.members+1
		h.unclear = h.unclear || row.relation == "" || p.table.Bad[line]
		if row.relation == terms.Head {
			h.heads, h.line, h.key, h.value = h.heads+1, line, "relation", row.Relation
		}
		if was.Person != 0 {
			inFile[was.Person] = true
			house(was.Code, line, "household", row.Household)
		}
	}
	p.addStaying(after, inFile)
	return after
}

// addStaying counts the members on record whom the file does not move.
func (p *plan) addStaying(after map[string]*houseAfter, inFile map[PersonID]bool) {
	for person, m := range p.known.members {
		h := after[m.Code]
		if h == nil || inFile[person] {
			continue
		}
		h.members++
		if m.Relation == string(terms.Head) {
			h.heads, h.kept = h.heads+1, h.kept+1
		}
	}
}

func (p *plan) counts() (persons, units, households, accounts Change) {
	for _, c := range p.persons {
		persons.count(c.was.ID == 0)
	}
	for _, c := range p.units {
		units.count(c.was.ID == 0)
	}
	for _, c := range p.accounts {
		accounts.count(c.was.ID == 0)
	}
	persons.Same, units.Same, accounts.Same = p.same.persons, p.same.units, p.same.accounts
	households.New, households.Changed = len(p.households), p.householdsChanged()
	return persons, units, households, accounts
}

func (c *Change) count(isNew bool) {
	if isNew {
		c.New++
	} else {
		c.Changed++
	}
}

// householdsChanged counts the households on record whose members change.
func (p *plan) householdsChanged() int {
	touched := map[string]bool{}
	for _, m := range p.moves {
		touched[m.row.Household] = true
		if m.was.Household != 0 {
			touched[m.was.Code] = true
		}
	}
	n := 0
	for code := range touched {
		if p.known.households[code] != 0 {
			n++
		}
	}
	return n
}

// sortByBlind brings new persons into the order of their blind index: two
// imports that make the same persons then wait for each other instead of
// deadlocking.
func (p *plan) sortByBlind() {
	slices.SortFunc(p.persons, func(a, b personChange) int {
		return cmp.Compare(p.known.blinds[a.row.IDNumber], p.known.blinds[b.row.IDNumber])
	})
}

// accountKey keeps account numbers and ID numbers apart in known.blinds.
func accountKey(number string) string { return blindAccount + ":" + number }

func (r personRecord) differs(row *personRow) bool {
	return r.Name != row.Name || r.IDType != string(row.idType) || r.AreaCode != row.AreaCode || r.Residence != string(row.residence) ||
		r.TempReason != row.TempReason || r.TempApprover != row.TempApprover || !r.until().Equal(row.TempUntil)
}

// keepNumber is a row with the number and its kind that count, where it names
// another number of the person.
func (r personRecord) keepNumber(row *personRow) *personRow {
	if r.number == "" {
		return row
	}
	now := *row
	now.IDNumber, now.idType = r.number, terms.IDType(r.IDType)
	now.TempReason, now.TempApprover, now.TempUntil = r.TempReason, r.TempApprover, r.until()
	return &now
}

func (r personRecord) until() time.Time {
	if r.TempUntil == nil {
		return time.Time{}
	}
	return *r.TempUntil
}

func (r accountRecord) same(a *accountRow, blind string) bool {
	return r.ID != 0 && string(r.AccountBlind) == blind && r.Kind == string(a.kind) && r.BankCode == a.bankCode &&
		r.BankName == a.bankName && r.HolderName == a.holder && r.Class == a.class && r.Limit == a.limit && r.Activation == string(a.activation) && r.sameVerification(a)
}

// complete fills in what a file leaves out about the class, limit and activation
// of the account that is on record.
func (r accountRecord) complete(a *accountRow, blind string) {
	if r.ID == 0 || string(r.AccountBlind) != blind {
		return
	}
	if a.class == "" {
		a.class = r.Class
	}
	if a.limit == 0 {
		a.limit = r.Limit
	}
	if a.activation == ActivationUnknown {
		a.activation = Activation(r.Activation)
	}
}

// sameVerification: a file that says nothing of who verified an account takes
// nothing back.
func (r accountRecord) sameVerification(a *accountRow) bool {
	return a.verifiedBy == "" || (r.VerifiedBy == a.verifiedBy && r.verifiedOn().Equal(a.verifiedOn))
}

func (r accountRecord) verifiedOn() time.Time {
	if r.VerifiedOn == nil {
		return time.Time{}
	}
	return *r.VerifiedOn
}
