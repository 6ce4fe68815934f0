package parties

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/ledger/proof/leaf"
)

// Relation says that somebody may be paid for a beneficiary (收款关系): a guardian,
// carer, institution or, after his death, heir. The head of his household needs
// none: the membership says it.
type Relation struct {
	ID       int64
	Person   PersonID
	Payee    int64 // a PersonID, or of an institution a UnitID
	Kind     terms.PayeeRole
	From     time.Time
	To       time.Time // last day; zero: open
	Document string
	EndedOn  time.Time // first day on which it was ended by an act; zero: not ended

	act ActID
	no  int
}

func (r Relation) part() []byte {
	var p leaf.Part
	to := ""
	if !r.To.IsZero() {
		to = r.To.Format(time.DateOnly)
	}
	return append([]byte(nil), p.Start().Text("relation").Int(r.ID).Int(int64(r.Person)).Int(r.Payee).Text(string(r.Kind)).
		Text(r.From.Format(time.DateOnly)).Text(to).Text(r.Document).Bytes()...)
}

// Ending says why a relation does not count on a day; empty where it does.
type Ending string

// The endings. Each has its word in the catalogue under "relation.ending".
const (
	EndNone      Ending = ""
	EndNotYet    Ending = "not_yet"    // 尚未开始
	EndOver      Ending = "over"       // 期限已满
	EndEnded     Ending = "ended"      // 已终止
	EndAdult     Ending = "adult"      // 已到年龄
	EndNoRule    Ending = "no_rule"    // 缺少年龄规则
	EndDead      Ending = "dead"       // 享受人已亡故
	EndPayeeDead Ending = "payee_dead" // 收款人已亡故
	EndReplaced  Ending = "replaced"   // 监护人已变更
	EndAlive     Ending = "alive"      // 享受人在世, an heir has nothing to receive
	EndMissing   Ending = "missing"    // 没有登记
)

// situation is what decides whether a relation counts on a day.
type situation struct {
	day       time.Time
	person    Person
	died      time.Time // the beneficiary; zero: lives
	payeeDied time.Time
	rules     rules.Set
	all       []Relation // of the person
}

// ending says why a relation does not count in a situation (peers-and-audits #26).
func (r Relation) ending(s situation) Ending {
	switch {
	case s.day.Before(r.From):
		return EndNotYet
	case !r.To.IsZero() && s.day.After(r.To):
		return EndOver
	case !r.EndedOn.IsZero() && !s.day.Before(r.EndedOn):
		return EndEnded
	case !s.payeeDied.IsZero():
		return EndPayeeDead
	case r.Kind == terms.PayHeir && s.died.IsZero():
		return EndAlive
	case r.Kind != terms.PayHeir && !s.died.IsZero() && r.Kind != terms.PayInstitution:
		return EndDead
	case r.Kind == terms.PayGuardian:
		return r.guardianEnding(s)
	}
	return EndNone
}

// guardianEnding: at the age that the rule of the area says, or when another
// guardian follows.
func (r Relation) guardianEnding(s situation) Ending {
	for _, o := range s.all {
		if o.Kind == terms.PayGuardian && o.Payee != r.Payee && o.From.After(r.From) && !s.day.Before(o.From) {
			return EndReplaced
		}
	}
	rule, ok := s.rules.At(rules.RelationAdultAge, s.person.AreaCode, s.day)
	age, known := s.person.ageOn(s.day)
	limit, err := rule.Whole()
	switch {
	case !ok || err != nil:
		return EndNoRule
	case known && age >= limit:
		return EndAdult
	}
	return EndNone
}

// Pair is a beneficiary, who is paid for him, and as what.
type Pair struct {
	Person PersonID
	Payee  int64
	Role   terms.PayeeRole
}

// EndingsOn says of pairs of beneficiary and payee why the relation between them
// does not count on a day (付款日有效的收款关系); pairs whose relation counts are not in
// it. A head must be the head of the person's household, or of one he belonged to
// in the month of the day.
func (s *Service) EndingsOn(ctx context.Context, q querier, pairs []Pair, day time.Time) (map[Pair]Ending, error) {
	if len(pairs) == 0 {
		return map[Pair]Ending{}, nil
	}
	k, err := s.learnPairs(ctx, q, pairs, day)
	if err != nil {
		return nil, err
	}
	out := map[Pair]Ending{}
	for _, p := range pairs {
		if e := k.ending(p, day); e != EndNone {
			out[p] = e
		}
	}
	return out, nil
}

// PayeesOn is who is paid for people on a day by a relation on record (代领): the
// institution a person lives in, else a child's guardian; of several the one
// that began last. People without one are not in it.
func (s *Service) PayeesOn(ctx context.Context, q querier, persons []PersonID, day time.Time) (map[PersonID]Pair, error) {
	relations, err := relationsOf(ctx, q, persons)
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	began := map[Pair]time.Time{}
	for _, person := range persons {
		for _, r := range relations[person] {
			p := Pair{Person: person, Payee: r.Payee, Role: r.Kind}
			if r.Kind != terms.PayInstitution && r.Kind != terms.PayGuardian {
				continue
			}
			pairs = append(pairs, p)
			if r.From.After(began[p]) {
				began[p] = r.From
			}
		}
	}
	endings, err := s.EndingsOn(ctx, q, pairs, day)
	out := map[PersonID]Pair{}
	for _, p := range pairs {
		best, known := out[p.Person]
		if _, ended := endings[p]; !ended && (!known || p.before(best, began)) {
			out[p.Person] = p
		}
	}
	return out, err
}

// before says whether p is paid rather than o: an institution has the person's
// keep, and the later relation the last word.
func (p Pair) before(o Pair, began map[Pair]time.Time) bool {
	if p.Role != o.Role {
		return p.Role == terms.PayInstitution
	}
	return began[p].After(began[o])
}

// pairsKnown is what is on record of pairs.
type pairsKnown struct {
	people    map[PersonID]Person
	deaths    map[PersonID]Death
	belonged  map[PersonID][]Belonged
	relations map[PersonID][]Relation
	rules     rules.Set
}

func (s *Service) learnPairs(ctx context.Context, q querier, pairs []Pair, day time.Time) (k pairsKnown, err error) {
	var persons, everybody []PersonID
	for _, p := range pairs {
		persons = append(persons, p.Person)
		everybody = append(everybody, p.Person, PersonID(p.Payee))
	}
	if k.people, err = s.People(ctx, q, persons); err != nil {
		return k, err
	}
	if k.deaths, err = s.DeathsOf(ctx, q, everybody); err != nil {
		return k, err
	}
	if k.belonged, err = s.BelongedIn(ctx, q, persons, terms.MonthOf(day)); err != nil {
		return k, err
	}
	if k.rules, err = rules.Load(ctx, q, rules.RelationAdultAge); err != nil {
		return k, err
	}
	k.relations, err = relationsOf(ctx, q, persons)
	return k, err
}

func (k pairsKnown) ending(p Pair, day time.Time) Ending {
	if p.Payee == int64(p.Person) {
		return EndNone
	}
	if p.Role == terms.PayHead {
		for _, b := range k.belonged[p.Person] {
			if int64(b.Head) != p.Payee {
				continue
			}
			if _, dead := k.deaths[b.Head]; dead {
				return EndPayeeDead
			}
			return EndNone
		}
		return EndMissing
	}
	at := situation{day: day, person: k.people[p.Person], died: k.deaths[p.Person].DiedOn, payeeDied: k.deaths[PersonID(p.Payee)].DiedOn,
		rules: k.rules, all: k.relations[p.Person]}
	best := EndMissing
	for _, r := range at.all {
		if r.Payee != p.Payee || r.Kind != p.Role {
			continue
		}
		if best = r.ending(at); best == EndNone {
			return EndNone
		}
	}
	return best
}

// relationRow is a row of a relations file.
type relationRow struct {
	Name      string    `sheet:"name" validate:"max=100"`
	IDNumber  string    `sheet:"id_number"`
	Kind      string    `sheet:"relation"`
	PayeeName string    `sheet:"payee_name" validate:"max=100"`
	PayeeID   string    `sheet:"payee_id"`
	ValidFrom time.Time `sheet:"valid_from"`
	ValidTo   time.Time `sheet:"valid_to"`
	Document  string    `sheet:"document" validate:"max=100,no_personal_number"`

	kind terms.PayeeRole
}

func (s *Service) checkRelationRow(row sheet.Row, r *relationRow, is *imports.Issues) {
	is.Refuse(s.valid.Row(row, r)...)
	r.Name, r.PayeeName = cleanName(r.Name), cleanName(r.PayeeName)
	r.IDNumber, r.PayeeID = ident.Normalize(r.IDNumber), ident.Normalize(r.PayeeID)
	r.kind, _ = terms.ParsePayeeRole(r.Kind)
	switch r.kind {
	case terms.PayGuardian, terms.PayCarer, terms.PayInstitution:
	default:
		words := terms.PayGuardian.Name(i18n.ZH) + "/" + terms.PayCarer.Name(i18n.ZH) + "/" + terms.PayInstitution.Name(i18n.ZH)
		is.Refuse(row.Problem("relation", "PARTIES_WORD", "options", words))
	}
	if !r.ValidTo.IsZero() && r.ValidTo.Before(r.ValidFrom) {
		is.Refuse(row.Problem("valid_to", "PARTIES_RELATION_DATES"))
	}
}

// ImportRelations imports who may be paid for whom (收款关系), each by a document,
// from a day and perhaps until one. A relation on record is left alone; another
// end for the same relation is a problem (PARTIES_RELATION_DIFFERS): end it with
// EndRelation. Errors as ImportPeople.
func (s *Service) ImportRelations(ctx context.Context, path, actor string) (Report, error) {
	table, err := imports.Read(ctx, path, "", sheet.Relations, s.checkRelationRow)
	if err != nil {
		return Report{}, err
	}
	return importSheet(ctx, s, table, actor, s.importRelations)
}

func (s *Service) importRelations(ctx context.Context, tx pgx.Tx, table *imports.Sheet[relationRow], is *imports.Issues, by stamp, report *Report) error {
	var numbers, codes []string
	for _, r := range table.Rows {
		numbers = append(numbers, r.Value.IDNumber)
		if r.Value.kind == terms.PayInstitution {
			codes = append(codes, r.Value.PayeeID)
		} else {
			numbers = append(numbers, r.Value.PayeeID)
		}
	}
	people, err := s.ResolvePeople(ctx, tx, numbers)
	if err != nil {
		return err
	}
	units, err := s.Units(ctx, tx, codes)
	if err != nil {
		return err
	}
	var persons []PersonID
	for _, p := range people {
		persons = append(persons, p.ID)
	}
	slices.Sort(persons)
	known, err := relationsOf(ctx, tx, persons)
	if err != nil {
		return err
	}
	w := relationWriter{table: table, is: is, people: people, units: units, known: known}
	w.decide()
	report.Relations = Change{New: len(w.fresh), Same: w.same}
	if err := is.Err(); err != nil || len(w.fresh) == 0 {
		return err
	}
	return s.writeRelations(ctx, tx, Act{Kind: ActRelations}, w.fresh, func(a Act, parts items) error {
		return s.recordImport(ctx, tx, a, table.File, by, parts)
	})
}

// relationWriter compares a relations file with the record.
type relationWriter struct {
	table  *imports.Sheet[relationRow]
	is     *imports.Issues
	people map[string]Person
	units  map[string]Unit
	known  map[PersonID][]Relation
	fresh  []Relation
	same   int
}

func (w *relationWriter) decide() {
	for _, row := range w.table.Rows {
		r := row.Value
		person, ok := w.people[r.IDNumber]
		switch {
		case !ok && r.IDNumber != "":
			w.is.Say(w.table.At(row.Row, "id_number", r.IDNumber), "PARTIES_ROW_PERSON")
		case ok && person.Name != r.Name:
			w.is.Say(w.table.At(row.Row, "name", r.Name), "PARTIES_ROW_NAME", "name", person.Name)
		}
		payee, name := w.payee(r)
		switch {
		case payee == 0 && r.PayeeID != "":
			w.is.Say(w.table.At(row.Row, "payee_id", r.PayeeID), "PARTIES_ROW_PERSON")
		case payee != 0 && name != r.PayeeName:
			w.is.Say(w.table.At(row.Row, "payee_name", r.PayeeName), "PARTIES_ROW_NAME", "name", name)
		case payee != 0 && payee == int64(person.ID):
			w.is.Say(w.table.At(row.Row, "payee_id", r.PayeeID), "PARTIES_RELATION_SELF")
		}
		if !ok || payee == 0 {
			continue
		}
		fresh := Relation{Person: person.ID, Payee: payee, Kind: r.kind, From: r.ValidFrom, To: r.ValidTo, Document: r.Document}
		i := slices.IndexFunc(w.known[person.ID], func(o Relation) bool {
			return o.Payee == fresh.Payee && o.Kind == fresh.Kind && o.From.Equal(fresh.From)
		})
		switch {
		case i < 0:
			w.known[person.ID] = append(w.known[person.ID], fresh)
			w.fresh = append(w.fresh, fresh)
		case !w.known[person.ID][i].To.Equal(fresh.To):
			w.is.Say(w.table.At(row.Row, "valid_to", ""), "PARTIES_RELATION_DIFFERS", "document", w.known[person.ID][i].Document)
		default:
			w.same++
		}
	}
}

func (w *relationWriter) payee(r relationRow) (id int64, name string) {
	if r.kind == terms.PayInstitution {
		u := w.units[r.PayeeID]
		return int64(u.ID), u.Name
	}
	p := w.people[r.PayeeID]
	return int64(p.ID), p.Name
}

// EndRelation ends the relations of a payee with a person from a day on (收款关系终止).
// Errors: as SplitHousehold; PARTIES_PERSON_UNKNOWN, PARTIES_NO_RELATION.
func (s *Service) EndRelation(ctx context.Context, who, payee ident.Secret, g Ground) (Act, error) {
	actor, err := mayChange(ctx)
	if err != nil {
		return Act{}, err
	}
	if err := s.checkGround(&g); err != nil {
		return Act{}, err
	}
	a := Act{Kind: ActRelationEnd, Effective: g.Effective, Document: g.Document, Reason: g.Reason, Actor: actor.Login}
	key := a.key(string(s.BlindID(who.Reveal())), string(s.BlindID(payee.Reveal())))
	var out Act
	err = s.again(ctx, s.db.Run, func(tx pgx.Tx) error {
		was, found, err := actOfKey(ctx, tx, key)
		if err != nil || found {
			out = was
			return err
		}
		p, err := s.onePerson(ctx, tx, who)
		if err != nil {
			return err
		}
		a.Subject = int64(p.ID)
		if a.Other, err = s.payeeOf(ctx, tx, payee); err != nil {
			return err
		}
		known, err := relationsOf(ctx, tx, []PersonID{p.ID})
		if err != nil {
			return err
		}
		var parts items
		var ended []int64
		for _, r := range known[p.ID] {
			if r.Payee == a.Other && r.EndedOn.IsZero() {
				ended = append(ended, r.ID)
				parts.add(func(l *leafPart) { l.Text("end").Int(r.ID) })
			}
		}
		if len(ended) == 0 {
			return errs.New(errs.Refused, "PARTIES_NO_RELATION", "person", who)
		}
		if a.ID, err = nextAct(ctx, tx); err != nil {
			return err
		}
		if err := insertEnds(ctx, tx, ended, a); err != nil {
			return err
		}
		out, err = s.record(ctx, tx, a, key, parts)
		return err
	})
	return out, err
}

// payeeOf finds a payee by ID number or credit code.
func (s *Service) payeeOf(ctx context.Context, tx pgx.Tx, number ident.Secret) (int64, error) {
	units, err := s.Units(ctx, tx, []string{number.Reveal()})
	if err != nil {
		return 0, err
	}
	if u, ok := units[ident.Normalize(number.Reveal())]; ok {
		return int64(u.ID), nil
	}
	p, err := s.onePerson(ctx, tx, number)
	return int64(p.ID), err
}
