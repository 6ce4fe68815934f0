package trace

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger"
)

// lotSeq is a moment of a lot; journalLot a journal's part in a lot.
type (
	lotSeq     struct{ lot, seq int64 }
	journalLot struct{ journal, lot int64 }
)

// knowledge is what must be known to tell the past of some fen.
type knowledge struct {
	accounts map[int64]standing
	chains   chains // to every budget line
	lines    []Line
	payments []Payment
	byLine   map[int64]Line
	legs     map[int64]Leg
	journals map[lotSeq]JournalRef
	seqs     map[journalLot]int64
	moves    map[int64][]move // by payment
}

// move is a journal that moved a payment's legs: to is the attempt's state
// after it, sent for a release.
type move struct {
	journal JournalRef
	to      string
	why     string
}

// place is where the move put a leg. After a part return the leg tells itself
// whether it was the part.
func (m move) place(g Leg, line Line) string {
	switch m.to {
	case "sent":
		return string(ledger.InTransit)
	case "paid":
		return line.paidPlace()
	case "part_returned":
		if g.Place == line.paidPlace() {
			return g.Place
		}
	}
	return string(ledger.Returned)
}

// standsOn is the budget line a piece stands on.
func (k *knowledge) standsOn(p ledger.Piece) int64 {
	if p.Holding != 0 {
		return k.legs[int64(p.Holding)].budgetLine
	}
	return k.accounts[int64(p.Account)].budgetLine
}

// know reads everything that the runs' holders touch: a few rows for each
// change of holder.
func (s *Service) know(ctx context.Context, q db.Querier, runs []run) (*knowledge, error) {
	var holdings, accounts, lots, seqs []int64
	for _, r := range runs {
		for _, p := range r.chain {
			holdings, accounts = append(holdings, int64(p.Holding)), append(accounts, int64(p.Account))
			lots, seqs = append(lots, int64(p.Lot)), append(seqs, p.Opened)
		}
	}
	k := &knowledge{}
	if err := k.learnAccounts(ctx, q, distinct(accounts)); err != nil {
		return nil, err
	}
	if err := s.learnLines(ctx, q, k, distinct(holdings)); err != nil {
		return nil, err
	}
	if err := k.learnChains(ctx, q); err != nil {
		return nil, err
	}
	if err := k.learnMoments(ctx, q, lots, seqs); err != nil {
		return nil, err
	}
	return k, k.learnMoves(ctx, q, distinct(lots))
}

func (k *knowledge) learnAccounts(ctx context.Context, q db.Querier, ids []int64) error {
	list, err := collect(ctx, q, "accounts", scanStanding, `
		SELECT a.lot, a.id, a.budget_line, a.kind, a.township, coalesce(ar.name, a.township), a.balance_fen
		FROM account a LEFT JOIN area ar ON ar.code = a.township WHERE a.id = ANY($1)`, ids)
	if err != nil {
		return err
	}
	k.accounts = map[int64]standing{}
	for _, a := range list {
		k.accounts[a.account] = a
	}
	return nil
}

func (k *knowledge) learnChains(ctx context.Context, q db.Querier) (err error) {
	var budgetLines []int64
	for _, a := range k.accounts {
		budgetLines = append(budgetLines, a.budgetLine)
	}
	for _, g := range k.legs {
		budgetLines = append(budgetLines, g.budgetLine)
	}
	k.chains, err = chainsOf(ctx, q, budgetLines)
	return err
}

func (s *Service) learnLines(ctx context.Context, q db.Querier, k *knowledge, holdings []int64) error {
	ids, err := numbers(ctx, q, "lines of legs", `SELECT DISTINCT line FROM leg WHERE id = ANY($1)`, holdings)
	if err != nil {
		return err
	}
	if k.lines, err = s.lines(ctx, q, ids); err != nil {
		return err
	}
	k.byLine, k.legs = map[int64]Line{}, map[int64]Leg{}
	var payments []int64
	for _, l := range k.lines {
		k.byLine[l.ID] = l
		for _, g := range l.Legs {
			k.legs[g.ID] = g
			payments = append(payments, g.Payment)
		}
	}
	k.payments, err = s.payments(ctx, q, payments)
	return err
}

// learnMoments reads the journals at which holders changed.
func (k *knowledge) learnMoments(ctx context.Context, q db.Querier, lots, seqs []int64) error {
	k.journals = map[lotSeq]JournalRef{}
	var keys []lotSeq
	list, err := collect(ctx, q, "journals of lots", func(row pgx.CollectableRow) (JournalRef, error) {
		var j JournalRef
		var at lotSeq
		err := row.Scan(&at.lot, &at.seq, &j.ID, &j.Kind, &j.Cause, &j.Actor, &j.BusinessDate, &j.PostedAt, &j.Amount)
		keys = append(keys, at)
		return j, err
	}, `SELECT l.lot, l.seq, `+journalRefColumns+`
		FROM unnest($1::bigint[], $2::bigint[]) AS u (lot, seq)
		JOIN journal_lot l ON l.lot = u.lot AND l.seq = u.seq
		JOIN journal j ON j.id = l.journal`, lots, seqs)
	if err != nil {
		return err
	}
	if err := about(ctx, q, list); err != nil {
		return err
	}
	for i, j := range list {
		k.journals[keys[i]] = j
	}
	return nil
}

// learnMoves reads the journals of the payments' instructions, and when each
// was in the lots' own time.
func (k *knowledge) learnMoves(ctx context.Context, q db.Querier, lots []int64) error {
	k.moves, k.seqs = map[int64][]move{}, map[journalLot]int64{}
	found, err := k.journalsOfAttempts(ctx, q)
	if err != nil {
		return err
	}
	for _, p := range k.payments {
		for _, a := range p.Attempts {
			k.moves[p.ID] = append(k.moves[p.ID], movesOf(a, found)...)
		}
		slices.SortStableFunc(k.moves[p.ID], func(a, b move) int { return int(a.journal.ID - b.journal.ID) })
	}
	var at journalLot
	var seq int64
	rows, err := q.Query(ctx, `SELECT journal, lot, seq FROM journal_lot WHERE journal = ANY($1) AND lot = ANY($2)`,
		slices.Collect(maps.Keys(byID(found))), lots)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&at.journal, &at.lot, &seq}, func() error { k.seqs[at] = seq; return nil })
	}
	return err
}

// attemptJournals are journals by id, and releases by the file's reference.
type attemptJournals struct {
	settled  map[int64]JournalRef
	released map[string]JournalRef
}

func byID(found attemptJournals) map[int64]bool {
	ids := map[int64]bool{}
	for id := range found.settled {
		ids[id] = true
	}
	for _, j := range found.released {
		ids[j.ID] = true
	}
	return ids
}

func (k *knowledge) journalsOfAttempts(ctx context.Context, q db.Querier) (attemptJournals, error) {
	out := attemptJournals{map[int64]JournalRef{}, map[string]JournalRef{}}
	var ids []int64
	var keys []string
	for _, p := range k.payments {
		for _, a := range p.Attempts {
			keys, ids = append(keys, releaseKey(a.fileRef)), append(ids, a.releasedBy)
			for _, e := range a.Events {
				ids = append(ids, e.Journal)
			}
		}
	}
	var names []string
	list, err := collect(ctx, q, "journals of attempts", func(row pgx.CollectableRow) (JournalRef, error) {
		var j JournalRef
		var key string
		err := row.Scan(&j.ID, &j.Kind, &j.Cause, &j.Actor, &j.BusinessDate, &j.PostedAt, &j.Amount, &key)
		names = append(names, key)
		return j, err
	}, `SELECT `+journalRefColumns+`, j.key FROM journal j WHERE j.id = ANY($1) OR j.key = ANY($2)`, distinct(ids), keys)
	if err != nil {
		return out, err
	}
	if err := about(ctx, q, list); err != nil {
		return out, err
	}
	for i, j := range list {
		out.settled[j.ID], out.released[names[i]] = j, j
	}
	return out, nil
}

// movesOf are the moves of one attempt's legs, with the bank's reason for those
// that brought the money back.
func movesOf(a Attempt, found attemptJournals) []move {
	var list []move
	j, ok := found.released[releaseKey(a.fileRef)]
	if a.releasedBy != 0 {
		j, ok = found.settled[a.releasedBy]
	}
	if ok {
		list = append(list, move{journal: j, to: "sent"})
	}
	for _, e := range a.Events {
		j, ok := found.settled[e.Journal]
		if !ok || e.To == "stopped" {
			continue
		}
		m := move{journal: j, to: e.To}
		if e.To != "paid" {
			m.why = reasonOf(a)
		}
		list = append(list, m)
	}
	return list
}

// reasonOf is what the bank last gave as the reason why money did not stay.
func reasonOf(a Attempt) string {
	why := ""
	for _, e := range a.Evidence {
		if e.ReasonText != "" && (e.Says == "failed" || e.Says == "returned") {
			why = e.ReasonText
		}
	}
	return why
}
