package batch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// ComputedKind is the kind of import that a computed list is on record as: the
// digest is of its lines with their explanations.
const ComputedKind = "computed"

// ComputeAsk asks for a list computed from household facts. An empty Code is program
// and period.
type ComputeAsk struct {
	Code    string      `name:"code" validate:"omitempty,batchcode,no_personal_number"`
	Office  string      `name:"office" validate:"officecode"`
	Program string      `name:"program" validate:"programcode"`
	Period  terms.Month `name:"period" validate:"month"`
	Channel string      `name:"channel" validate:"required,max=20"`
}

// Computed is a list computed from household facts, and who is not on it. Nothing
// says that no line came out, so that no batch was made.
type Computed struct {
	Batch   Batch     `json:"batch,omitzero"`
	Replay  bool      `json:"replay"`
	Nothing bool      `json:"nothing"`
	Left    []LeftOut `json:"left"`
}

// LeftOut is somebody with an approval who is not on a computed list (未列入): a
// household as its head.
type LeftOut struct {
	Household string     `json:"household"` // 户号
	Person    int64      `json:"person"`
	Name      string     `json:"name"`
	Masked    string     `json:"masked"` // the ID number, masked
	Township  string     `json:"township"`
	Component string     `json:"component"`
	Why       string     `json:"why"`
	Args      []errs.Arg `json:"args"`
}

// Sentence is the reason in a reader's language.
func (l LeftOut) Sentence(lang i18n.Lang) string {
	args := make([]any, 0, 2*len(l.Args))
	for _, a := range l.Args {
		switch v := a.Value.(type) {
		case money.Fen:
			args = append(args, a.Name, v.Grouped())
		case string:
			if a.Name == "rule" {
				v = i18n.Term(lang, "rule", v)
			}
			args = append(args, a.Name, v)
		default:
			args = append(args, a.Name, v)
		}
	}
	return i18n.T(lang, "computed.why."+l.Why, args...)
}

// madeLine is a computed line with why it has its amount.
type madeLine struct {
	Line
	zh, en string
}

// Compute makes a draft batch of what everybody with an approval is owed in a month
// by the facts on record (按家庭经济状况计算): a household is made up to the standard or
// a class is paid, by the standard of its place. A household's approval covers its
// members but those who have one of their own; it is paid to the head, a person's
// own to the institution he lives in or to his guardian, else to himself. Whoever earns too much, or of whom a fact or an account is
// missing, is left out with the reason. The list then lives as a roster.
//
// The facts are those in force on the month's first day. Again with the same facts
// the same batch is the answer.
//
// Errors: AUTH_RIGHT_MISSING, BATCH_CHAIN_OFFICE, VALID_PROBLEMS, BATCH_PROGRAM,
// BATCH_PROGRAM_MONTH; BATCH_CODE_TAKEN (Conflict) where the code names another
// list; BATCH_ROSTER_USED where the same list is another batch's.
func (s *Service) Compute(ctx context.Context, ask ComputeAsk) (Computed, error) {
	actor, err := auth.Require(ctx, auth.BatchMake)
	if err != nil {
		return Computed{}, err
	}
	if ask.Code == "" {
		ask.Code = ask.Program + "-" + string(ask.Period)
	}
	if err := s.valid.Check(ask); err != nil {
		return Computed{}, err
	}
	c := Create{Code: ask.Code, Office: ask.Office, Program: ask.Program, Period: ask.Period, Channel: ask.Channel, File: ComputedKind}
	r, err := s.newReader(ctx, c, ComputedKind)
	if err != nil {
		return Computed{}, err
	}
	var out Computed
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		list, left, err := s.compute(ctx, tx, r)
		out = Computed{Left: left, Nothing: len(list) == 0}
		if err != nil || out.Nothing {
			return err
		}
		file := imports.File{Kind: ComputedKind, Scope: c.Office + "/" + c.Program + "/" + string(c.Period), SHA256: digestOfComputed(c, list),
			Name: ComputedKind + "-" + c.Code, Rows: len(list)}
		lines := make([]Line, len(list))
		for i := range list {
			lines[i] = list[i].Line
		}
		made, err := s.create(ctx, tx, c, actor, file, lines)
		out.Batch, out.Replay = made.Batch, made.Replay
		if err != nil || made.Replay {
			return err
		}
		return copyExplanations(ctx, tx, lines, list)
	})
	return out, err
}

// digestOfComputed is SHA-256 over UTF-8 text: "fenlu.computed.v1", office, program
// and month; then for each line its number, person, household, payee, role,
// component, class, policy and amount in fen and its explanation in Chinese; fields
// end with a tab, lines with a line feed. Accounts are not in it: they may change.
func digestOfComputed(c Create, list []madeLine) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "fenlu.computed.v1\n%s\t%s\t%s\n", c.Office, c.Program, c.Period) // a hash never fails
	for i := range list {
		l := &list[i]
		_, _ = fmt.Fprintf(h, "%d\t%d\t%d\t%d\t%s\t%s\t%s\t%d\t%d\t%s\n", l.No, l.Person, l.Household, l.Payee, l.Role, l.Component, l.Class,
			l.Policy, l.Amount, l.zh)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// maker collects the lines of a computed list, and who is left out.
type maker struct {
	*computer
	claims   claims
	reader   *rosterReader
	payees   map[parties.PersonID]parties.Pair // who is paid for whom, where not himself
	accounts map[int64]parties.Account
	lines    []madeLine
	left     []LeftOut
}

// compute works out the list of a program and month, by township, household and
// person.
func (s *Service) compute(ctx context.Context, q db.Querier, r *rosterReader) ([]madeLine, []LeftOut, error) {
	all, err := s.claimsOf(ctx, q, r.program.Code, r.make.Period)
	if err != nil {
		return nil, nil, err
	}
	c, err := s.newComputer(ctx, q, r.program, r.make.Period, all.persons(), all.households())
	if err != nil {
		return nil, nil, err
	}
	m := &maker{computer: c, claims: all, reader: r}
	today := clock.Date(s.clock.Now())
	if m.payees, err = s.parties.PayeesOn(ctx, q, slices.Sorted(maps.Keys(all.people)), today); err != nil {
		return nil, nil, err
	}
	owners := append(all.persons(), all.heads()...)
	for _, p := range m.payees {
		owners = append(owners, p.Payee)
	}
	if m.accounts, err = s.parties.CurrentAccounts(ctx, q, owners); err != nil {
		return nil, nil, err
	}
	for _, one := range all.list {
		if err := m.claim(one, today); err != nil {
			return nil, nil, err
		}
	}
	slices.SortStableFunc(m.lines, func(a, b madeLine) int {
		return cmp.Or(cmp.Compare(a.Township, b.Township), cmp.Compare(a.Household, b.Household))
	})
	for i := range m.lines {
		m.lines[i].No = int32(i + 1)
	}
	return m.lines, m.left, nil
}

// without leaves a person out, or a household as its first.
func (m *maker) without(person int64, home int64, component string, w why) {
	p := m.claims.people[parties.PersonID(person)]
	l := LeftOut{Person: person, Name: p.Name, Masked: p.Masked, Township: m.reader.merged.Township(p.AreaCode), Component: component, Why: w.code, Args: w.args}
	if home != 0 {
		l.Household = m.claims.homes[parties.HouseholdID(home)].Code
	}
	m.left = append(m.left, l)
}

// claim computes one approval: component by component, the household's gap at once,
// everything else person by person.
func (m *maker) claim(one claimant, today time.Time) error {
	first := m.claims.people[parties.PersonID(one.covered[0])]
	township := m.reader.merged.Township(first.AreaCode)
	owed, held := m.term(one.events, township, today)
	switch {
	case !owed:
		return nil
	case held.code != "":
		m.without(one.covered[0], one.home, "", held)
		return nil
	}
	covered := one.covered[:0:0]
	for _, person := range one.covered {
		if d, dead := m.claims.deaths[parties.PersonID(person)]; dead && !d.DiedOn.After(m.month.First()) {
			m.without(person, one.home, "", because(whyDead))
			continue
		}
		covered = append(covered, person)
	}
	one.covered = covered
	some := false
	for _, component := range m.program.Components {
		found, err := m.component(one, component.Code, township)
		if err != nil {
			return err
		}
		some = some || found
	}
	if !some && len(one.covered) > 0 {
		m.without(one.covered[0], one.home, "", because(whyClass))
	}
	return nil
}

// component computes one component for a claim; false where no fact names a class
// that has a standard.
func (m *maker) component(one claimant, component, township string) (bool, error) {
	gaps := map[benefits.PolicyID][]int64{}
	rows := map[benefits.PolicyID]benefits.Policy{}
	var order []benefits.PolicyID
	found := false
	for _, person := range one.covered {
		p, ok := m.standard(person, one.home, township, component)
		if !ok {
			continue
		}
		found = true
		if p.Family() == benefits.Gap && !decided(p) {
			if len(gaps[p.ID]) == 0 {
				order = append(order, p.ID)
			}
			gaps[p.ID], rows[p.ID] = append(gaps[p.ID], person), p
			continue
		}
		owed, w, err := m.flat(person, township, p)
		if err != nil {
			return found, err
		}
		m.put(one, component, p, []share{owed}, person, w)
	}
	for _, id := range order {
		h := household{id: one.home, township: township, residence: m.claims.lived[parties.PersonID(one.covered[0])], covered: gaps[id]}
		shares, w, err := m.gap(h, rows[id])
		if err != nil {
			return found, err
		}
		m.put(one, component, rows[id], shares, gaps[id][0], w)
	}
	return found, nil
}

// put makes the lines of shares, or leaves whose they are out.
func (m *maker) put(one claimant, component string, p benefits.Policy, shares []share, first int64, w why) {
	if w.code != "" {
		m.without(first, one.home, component, w)
		return
	}
	for _, s := range shares {
		l := Line{Component: component, Class: p.Class, Person: s.person, Household: one.home, Payee: s.person, Role: terms.PaySelf, Month: m.month,
			Occasion: Regular, Policy: int32(p.ID), Amount: s.amount, Status: Listed} //nolint:gosec // policy ids fit 31 bits
		person := m.claims.people[parties.PersonID(s.person)]
		l.Township, l.Residence = m.reader.merged.Township(person.AreaCode), string(m.claims.lived[person.ID])
		if by, other := m.payees[person.ID]; other {
			l.Role, l.Payee = by.Role, by.Payee
		}
		if one.shared {
			l.Role, l.Payee = terms.PayHead, int64(m.claims.homes[parties.HouseholdID(one.home)].Head)
		}
		l.Account = int64(m.accounts[l.Payee].ID)
		switch {
		case l.Payee == 0:
			m.without(s.person, one.home, component, because(whyHead))
		case l.Account == 0:
			m.without(s.person, one.home, component, because(whyAccount, "amount", s.amount))
		case s.amount > 0: // a share of a few fen among many may be none
			made := madeLine{Line: l}
			made.zh, made.en = s.text(i18n.ZH), s.text(i18n.EN)
			m.lines = append(m.lines, made)
		}
	}
}

// text is the steps of a share as a clerk reads them, one on a line.
func (s share) text(lang i18n.Lang) string {
	lines := make([]string, len(s.steps))
	for i, step := range s.steps {
		lines[i] = step.Text(lang)
	}
	return strings.Join(lines, "\n")
}
