package payment

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

// settlement is one application of outcomes in the making.
type settlement struct {
	kinds   map[ledger.AccountID]ledger.Account
	at      map[spot]ledger.AccountID
	legs    map[int64][]ledger.Holding // of each payment
	latest  map[int64]Attempt          // of each payment
	first   map[int64]int64            // each payment's first attempt
	owners  map[ledger.HoldingID]int64 // attempts of legs that are not the first's
	names   map[int64]string           // of beneficiaries, for part returns
	moves   map[hop][]ledger.HoldingID
	parts   []ledger.Step
	partOf  []int64 // the attempt of each of them
	split   []ledger.HoldingID
	shifts  []ledger.Step
	changes []change
	done    evidence.Applied
}

// spot is an account by what it is.
type spot struct {
	lot  ledger.LotID
	line ledger.BudgetLineID
	kind ledger.AccountKind
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
// alone. What cannot be moved silently is named in Applied: an attempt paid
// after it had failed, one paid although a later one lives (its amount goes to
// suspense: a receivable), a part return that names no line.
func (s *Service) ApplyTx(ctx context.Context, tx pgx.Tx, outcomes []evidence.Outcome, cmd evidence.Command) (evidence.Applied, error) {
	st, todo, err := s.prepare(ctx, tx, outcomes)
	if err != nil || len(todo) == 0 {
		return evidence.Applied{}, err
	}
	for _, c := range todo {
		if err := st.apply(c); err != nil {
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

// prepare locks the attempts and reads what their settlement needs.
func (s *Service) prepare(ctx context.Context, tx pgx.Tx, outcomes []evidence.Outcome) (*settlement, []change, error) {
	todo, err := changesOf(ctx, tx, outcomes)
	if err != nil || len(todo) == 0 {
		return nil, nil, err
	}
	payments := make([]int64, len(todo))
	for i, c := range todo {
		payments[i] = c.Payment
	}
	st := &settlement{legs: map[int64][]ledger.Holding{}, latest: map[int64]Attempt{}, first: map[int64]int64{}, moves: map[hop][]ledger.HoldingID{}}
	if err := st.learnAccounts(ctx, tx); err != nil {
		return nil, nil, err
	}
	legs, err := ledger.HoldingsOfPayments(ctx, tx, payments)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]int64, len(legs))
	for i, h := range legs {
		st.legs[h.Payment] = append(st.legs[h.Payment], h)
		ids[i] = int64(h.ID)
	}
	if st.owners, err = legOwners(ctx, tx, ids); err != nil {
		return nil, nil, err
	}
	all, err := attemptsOf(ctx, tx, payments)
	if err != nil {
		return nil, nil, err
	}
	for id, list := range all {
		st.latest[int64(id)], st.first[int64(id)] = list[len(list)-1], list[0].ID
	}
	st.names, err = s.namesForParts(ctx, tx, todo, st.legs)
	return st, todo, err
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
		if a.State == o.State && a.Booked == o.Booked && a.Returned == o.Returned {
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
func (s *Service) namesForParts(ctx context.Context, tx pgx.Tx, todo []change, legs map[int64][]ledger.Holding) (map[int64]string, error) {
	var people []parties.PersonID
	for _, c := range todo {
		if c.out.State != evidence.PartReturned {
			continue
		}
		for _, h := range legs[c.Payment] {
			people = append(people, parties.PersonID(h.Party))
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

// apply decides the moves of one attempt. One whose legs have all gone on to a
// later attempt has nothing to move: what evidence says of it is about money
// that left the house a second time.
func (st *settlement) apply(c change) error {
	if st.latest[c.Payment].ID != c.ID && len(st.own(c)) == 0 {
		return st.superseded(c)
	}
	t, ok := findTransition(c.from, c.out.State)
	if !ok {
		return errs.New(errs.Conflict, "PAYMENT_TRANSITION", "id", c.EndToEndID, "from", c.from, "to", c.out.State)
	}
	for _, h := range t.moves {
		if err := st.hop(c, h); err != nil {
			return err
		}
	}
	st.count(c)
	st.changes = append(st.changes, c)
	return nil
}

// own are the legs of an attempt.
func (st *settlement) own(c change) []*ledger.Holding {
	var found []*ledger.Holding
	for i := range st.legs[c.Payment] {
		l := &st.legs[c.Payment][i]
		owner, later := st.owners[l.ID]
		if l.Account != 0 && (owner == c.ID || !later && st.first[c.Payment] == c.ID) {
			found = append(found, l)
		}
	}
	return found
}

// hop moves the payment's legs that stand where the hop begins: all of them,
// or as many as came back.
func (st *settlement) hop(c change, h hop) error {
	legs := st.standing(c, h.from)
	if len(legs) == 0 {
		return errs.New(errs.Conflict, "PAYMENT_LEGS", "id", c.EndToEndID, "place", h.from)
	}
	if !h.part || c.out.State == evidence.Returned {
		for _, l := range legs {
			st.move(l, h)
		}
		return nil
	}
	return st.partReturn(c, h, legs, c.out.Returned-c.Returned)
}

// standing are the attempt's legs that stand in accounts of a kind.
func (st *settlement) standing(c change, kind ledger.AccountKind) []*ledger.Holding {
	return slices.DeleteFunc(st.own(c), func(l *ledger.Holding) bool { return st.kinds[l.Account].Place.Kind != kind })
}

// move notes a whole leg's move; where it stands is followed so that the next
// hop of the same settlement sees it.
func (st *settlement) move(l *ledger.Holding, h hop) {
	st.moves[hop{h.from, h.to, false}] = append(st.moves[hop{h.from, h.to, false}], l.ID)
	from := st.kinds[l.Account]
	to := spot{from.Lot, from.Place.BudgetLine, h.to}
	if _, open := st.at[to]; !open {
		// The ledger opens this account when it posts. Until then a number
		// that no account has stands in for it.
		st.at[to] = -ledger.AccountID(len(st.kinds) + 1) //nolint:gosec // few accounts
		st.kinds[st.at[to]] = ledger.Account{Lot: to.lot, Place: ledger.Place{Kind: to.kind, BudgetLine: to.line}}
	}
	l.Account = st.at[to]
}

func (st *settlement) learnAccounts(ctx context.Context, tx pgx.Tx) error {
	kinds, err := accountKinds(ctx, tx)
	st.kinds, st.at = kinds, make(map[spot]ledger.AccountID, len(kinds))
	for id, a := range kinds {
		st.at[spot{a.Lot, a.Place.BudgetLine, a.Place.Kind}] = id
	}
	return err
}

// partReturn returns amount of the legs: of the person the bank's text names,
// else of the only line that has this amount, else the last ones, and then a
// person must say whose it was.
func (st *settlement) partReturn(c change, h hop, legs []*ledger.Holding, amount money.Fen) error {
	chosen := st.whose(c.out.Hint, legs, amount)
	if chosen == nil {
		chosen = legs
		if lines(legs) > 1 {
			st.done.WhichLine = append(st.done.WhichLine, c.ID)
		}
	}
	for _, l := range slices.Backward(chosen) {
		switch {
		case amount == 0:
			return nil
		case l.Amount <= amount:
			amount -= l.Amount
			st.move(l, h)
		default:
			st.parts = append(st.parts, ledger.PartMove{Holding: l.ID, From: h.from, To: h.to, Amount: amount})
			st.partOf = append(st.partOf, c.ID)
			return nil
		}
	}
	if amount != 0 {
		return errs.New(errs.Conflict, "PAYMENT_LEGS", "id", c.EndToEndID, "place", h.from)
	}
	return nil
}

// whose finds the legs of the one line that a part return is about, or nil.
func (st *settlement) whose(hint string, legs []*ledger.Holding, amount money.Fen) []*ledger.Holding {
	byLine, order := map[int64][]*ledger.Holding{}, []int64{}
	for _, l := range legs {
		if byLine[l.Line] == nil {
			order = append(order, l.Line)
		}
		byLine[l.Line] = append(byLine[l.Line], l)
	}
	for _, fits := range []func([]*ledger.Holding) bool{
		func(of []*ledger.Holding) bool {
			name := st.names[of[0].Party]
			return name != "" && strings.Contains(hint, name) && total(of) >= amount
		},
		func(of []*ledger.Holding) bool { return total(of) == amount },
	} {
		var found []*ledger.Holding
		n := 0
		for _, line := range order {
			if fits(byLine[line]) {
				found, n = byLine[line], n+1
			}
		}
		if n == 1 {
			return found
		}
	}
	return nil
}

func total(legs []*ledger.Holding) money.Fen {
	var sum money.Fen
	for _, l := range legs {
		sum += l.Amount
	}
	return sum
}

func lines(legs []*ledger.Holding) int {
	seen := map[int64]bool{}
	for _, l := range legs {
		seen[l.Line] = true
	}
	return len(seen)
}

// superseded keeps what evidence says of an attempt whose money was issued
// again. If the later one has not left the house it is stopped and its legs
// settle this one. Otherwise the entitlement was paid twice: a fact, booked to
// suspense from what is free in the same lots; and when that money comes back
// it leaves suspense again.
func (st *settlement) superseded(c change) error {
	later := st.latest[c.Payment]
	more := (c.out.Booked - c.out.Returned) - (c.Booked - c.Returned)
	st.changes = append(st.changes, c)
	switch {
	case more > 0 && later.State == evidence.Written:
		st.done.PaidTwice = append(st.done.PaidTwice, c.ID)
		return st.stopLater(c, later)
	case more > 0:
		st.done.PaidTwice = append(st.done.PaidTwice, c.ID)
		st.suspend(c, more)
	case more < 0:
		st.count(c)
		st.unsuspend(c, -more)
	}
	return nil
}

func (st *settlement) stopLater(c change, later Attempt) error {
	st.changes = append(st.changes, change{Attempt: later, from: later.State,
		out: evidence.Outcome{Attempt: later.ID, State: evidence.Stopped, File: c.out.File, Pos: c.out.Pos}})
	for _, l := range st.own(change{Attempt: later}) {
		st.owners[l.ID] = c.ID
	}
	return st.hop(c, settle)
}

func (st *settlement) suspend(c change, amount money.Fen) {
	for _, l := range st.legs[c.Payment] {
		if take := min(amount, l.Amount); take > 0 {
			st.shifts = append(st.shifts, ledger.Shift{From: l.Origin, Amount: take, Fact: true,
				To: ledger.Place{Kind: ledger.Suspense, BudgetLine: st.kinds[l.Origin].Place.BudgetLine}})
			amount -= take
		}
	}
}

func (st *settlement) unsuspend(c change, amount money.Fen) {
	for _, l := range st.legs[c.Payment] {
		origin := st.kinds[l.Origin]
		from, open := st.at[spot{origin.Lot, origin.Place.BudgetLine, ledger.Suspense}]
		if take := min(amount, l.Amount); open && take > 0 {
			st.shifts = append(st.shifts, ledger.Shift{From: from, Amount: take, Fact: true, To: origin.Place})
			amount -= take
		}
	}
}

// keepOwners stores which attempts legs belong to after the settlement: the
// parts it split off belong to the attempt they came from.
func (st *settlement) keepOwners(ctx context.Context, tx pgx.Tx) error {
	var attempts, legs []int64
	for leg, attempt := range st.owners {
		attempts, legs = append(attempts, attempt), append(legs, int64(leg))
	}
	for i, leg := range st.split {
		attempts, legs = append(attempts, st.partOf[i]), append(legs, int64(leg))
	}
	return assignLegs(ctx, tx, attempts, legs)
}

func (st *settlement) count(c change) {
	add := func(t *evidence.Total, amount money.Fen) { t.Count++; t.Amount += amount }
	if c.from == evidence.Failed && c.out.State != evidence.Returned {
		st.done.Contradicting = append(st.done.Contradicting, c.ID)
	}
	switch c.out.State {
	case evidence.Paid:
		add(&st.done.Paid, c.out.Booked)
	case evidence.Failed:
		add(&st.done.Failed, c.Amount)
	case evidence.Returned, evidence.PartReturned:
		if c.Booked == 0 {
			add(&st.done.Paid, c.out.Booked)
		}
		add(&st.done.Returned, c.out.Returned-c.Returned)
	default:
	}
}

// hopOrder is the order in which a journal moves legs: what was settled may
// come back in the same journal.
var hopOrder = []hop{settle, fail, paidAnyway, {ledger.Paid, ledger.Returned, false}}

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
		BusinessDate: cmd.BusinessDate, Steps: steps})
	st.done.Journal, st.split = int64(posted.Journal), posted.Holdings
	return err
}
