package payment

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

// settlement is one application of outcomes in the making.
type settlement struct {
	kinds    map[ledger.AccountID]ledger.Account
	suspense map[ledger.AccountID]ledger.AccountID // of an origin account, where money is in it
	names    map[int64]string                      // of beneficiaries, for part returns
	moves    map[hop][]ledger.HoldingID
	parts    []ledger.Step
	partOf   []int64 // the attempt of each of them
	split    []ledger.HoldingID
	shifts   []ledger.Step
	changes  []change
	done     evidence.Applied
}

// hop is a move of legs between kinds of places.
type hop struct{ from, to ledger.AccountKind }

// hopOrder is the order in which a journal moves legs: what was settled may
// come back in the same journal.
var hopOrder = []hop{
	{ledger.InTransit, ledger.Paid}, {ledger.InTransit, ledger.Returned},
	{ledger.Returned, ledger.Paid}, {ledger.Paid, ledger.Returned},
}

// change is a new state for an attempt.
type change struct {
	Attempt
	from evidence.State
	out  evidence.Outcome
}

// ApplyTx moves attempts to what all the evidence about them says, and their
// money with them: one journal with a transfer for each leg. The outcomes of
// one command may come in any order; an attempt that is there already is left
// alone.
//
// The money of a payment follows from its attempts alone (see standing), so the
// same evidence gives the same places in any order. What cannot pass silently
// is named in Applied: an attempt paid after it had failed, a payment credited
// with more than it owes (the rest stands in suspense: a receivable), a part
// return that names no line.
func (s *Service) ApplyTx(ctx context.Context, tx pgx.Tx, outcomes []evidence.Outcome, cmd evidence.Command) (evidence.Applied, error) {
	todo, err := changesOf(ctx, tx, outcomes)
	if err != nil || len(todo) == 0 {
		return evidence.Applied{}, err
	}
	st, payments, err := s.prepare(ctx, tx, todo)
	if err != nil {
		return evidence.Applied{}, err
	}
	for _, p := range payments {
		if err := st.settle(p); err != nil {
			return evidence.Applied{}, err
		}
	}
	if err := s.book(ctx, tx, st, cmd); err != nil {
		return evidence.Applied{}, err
	}
	if err := st.keepOwners(ctx, tx); err != nil {
		return evidence.Applied{}, err
	}
	return st.done, saveChanges(ctx, tx, st.changes, st.done.Journal, s.clock.Now())
}

// prepare reads what the settlement of changed attempts needs, payment by
// payment in the order they are first named.
func (s *Service) prepare(ctx context.Context, tx pgx.Tx, todo []change) (*settlement, []*standing, error) {
	st := &settlement{moves: map[hop][]ledger.HoldingID{}, suspense: map[ledger.AccountID]ledger.AccountID{}}
	if err := st.learnAccounts(ctx, tx); err != nil {
		return nil, nil, err
	}
	byPayment, order, ids := map[int64]*standing{}, []*standing{}, []int64{}
	for _, c := range todo {
		p := byPayment[c.Payment]
		if p == nil {
			p = &standing{payment: c.Payment}
			byPayment[c.Payment] = p
			order, ids = append(order, p), append(ids, c.Payment)
		}
		p.changes = append(p.changes, c)
	}
	if err := st.fill(ctx, tx, byPayment, ids); err != nil {
		return nil, nil, err
	}
	var err error
	st.names, err = s.namesForParts(ctx, tx, order)
	return st, order, err
}

// fill reads the legs and attempts of payments.
func (st *settlement) fill(ctx context.Context, tx pgx.Tx, byPayment map[int64]*standing, payments []int64) error {
	legs, err := ledger.HoldingsOfPayments(ctx, tx, payments)
	if err != nil {
		return err
	}
	ids := make([]int64, len(legs))
	for i, h := range legs {
		ids[i] = int64(h.ID)
	}
	owners, err := legOwners(ctx, tx, ids)
	if err != nil {
		return err
	}
	all, err := attemptsOf(ctx, tx, payments)
	if err != nil {
		return err
	}
	for id, list := range all {
		byPayment[int64(id)].attempts = list
	}
	for _, h := range legs {
		if p := byPayment[h.Payment]; h.Account != 0 && len(p.attempts) > 0 {
			owner, later := owners[h.ID]
			if !later {
				owner = p.attempts[0].ID
			}
			p.legs = append(p.legs, &leg{Holding: h, kind: st.kinds[h.Account].Place.Kind, owner: owner})
		}
	}
	return nil
}

func (st *settlement) learnAccounts(ctx context.Context, tx pgx.Tx) error {
	kinds, err := accountKinds(ctx, tx)
	if err != nil {
		return err
	}
	type spot struct {
		lot  ledger.LotID
		line ledger.BudgetLineID
	}
	waiting := map[spot]ledger.AccountID{}
	for id, a := range kinds {
		if a.Place.Kind == ledger.Suspense {
			waiting[spot{a.Lot, a.Place.BudgetLine}] = id
		}
	}
	for id, a := range kinds {
		if w, ok := waiting[spot{a.Lot, a.Place.BudgetLine}]; ok {
			st.suspense[id] = w
		}
	}
	st.kinds = kinds
	return nil
}

// changesOf locks the attempts named, in id order, and keeps the outcomes that
// say something new.
func changesOf(ctx context.Context, tx pgx.Tx, outcomes []evidence.Outcome) ([]change, error) {
	ids := make([]int64, len(outcomes))
	for i, o := range outcomes {
		ids[i] = o.Attempt
	}
	locked, err := attempts(ctx, tx, `SELECT `+attemptColumns+` FROM attempt WHERE id = ANY($1) ORDER BY id FOR UPDATE`, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]Attempt, len(locked))
	for _, a := range locked {
		byID[a.ID] = a
	}
	var todo []change
	for _, o := range outcomes {
		a, ok := byID[o.Attempt]
		if !ok {
			return nil, errs.New(errs.NotFound, "PAYMENT_ATTEMPT_UNKNOWN", "attempt", o.Attempt)
		}
		if a.State == o.State && a.Booked == o.Booked && a.Returned == o.Returned && a.Excess == o.Excess {
			continue
		}
		todo = append(todo, change{Attempt: a, from: a.State, out: o})
	}
	slices.SortFunc(todo, func(a, b change) int { return int(a.ID - b.ID) })
	return todo, nil
}

// LockAttempts locks attempts in id order and reads where they stand.
func (s *Service) LockAttempts(ctx context.Context, tx pgx.Tx, ids []int64) (map[int64]evidence.Attempt, error) {
	locked, err := attempts(ctx, tx, `SELECT `+attemptColumns+` FROM attempt WHERE id = ANY($1) ORDER BY id FOR UPDATE`, ids)
	found := make(map[int64]evidence.Attempt, len(locked))
	for _, a := range locked {
		found[a.ID] = a.Attempt
	}
	return found, err
}

// namesForParts reads the beneficiaries' names of payments that came back in
// part: the bank's text may say whose money it is.
func (s *Service) namesForParts(ctx context.Context, tx pgx.Tx, payments []*standing) (map[int64]string, error) {
	var people []parties.PersonID
	for _, p := range payments {
		for _, c := range p.changes {
			if c.out.State != evidence.PartReturned {
				continue
			}
			for _, l := range p.legs {
				people = append(people, parties.PersonID(l.Party))
			}
		}
	}
	if len(people) == 0 {
		return nil, nil
	}
	found, err := s.parties.People(ctx, tx, people)
	names := make(map[int64]string, len(found))
	for id, p := range found {
		names[int64(id)] = p.Name
	}
	return names, err
}

// count adds a change to what is reported.
func (st *settlement) count(c change) {
	add := func(t *evidence.Total, amount money.Fen) { t.Count++; t.Amount += amount }
	if c.from == evidence.Failed && c.out.Booked > c.out.Returned {
		st.done.Contradicting = append(st.done.Contradicting, c.ID)
	}
	if c.out.Booked > c.Booked {
		add(&st.done.Paid, c.out.Booked-c.Booked)
	}
	if c.out.Returned > c.Returned {
		add(&st.done.Returned, c.out.Returned-c.Returned)
	}
	if c.out.State == evidence.Failed {
		add(&st.done.Failed, c.Amount)
	}
}

// keepOwners stores to which attempts the parts that were split off belong:
// the one they came from.
func (st *settlement) keepOwners(ctx context.Context, tx pgx.Tx) error {
	legs := make([]int64, len(st.split))
	for i, id := range st.split {
		legs[i] = int64(id)
	}
	return assignLegs(ctx, tx, st.partOf[:len(legs)], legs)
}

// book posts the settlement's journal.
func (s *Service) book(ctx context.Context, tx pgx.Tx, st *settlement, cmd evidence.Command) error {
	var steps []ledger.Step
	for _, h := range hopOrder {
		if legs := st.moves[h]; len(legs) > 0 {
			steps = append(steps, ledger.Move{Holdings: legs, From: h.from, To: h.to, PerLeg: true})
		}
	}
	steps = append(append(steps, st.parts...), st.shifts...)
	if len(steps) == 0 {
		return nil
	}
	posted, err := s.ledger.PostTx(ctx, tx, ledger.Command{Key: cmd.Key, Kind: "settlement", Actor: cmd.Actor, Cause: cmd.Cause,
		BusinessDate: cmd.BusinessDate, ValueDates: cmd.ValueDates, Steps: steps})
	st.done.Journal, st.split = int64(posted.Journal), posted.Holdings
	return err
}
