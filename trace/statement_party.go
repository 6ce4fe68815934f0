package trace

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/money"
)

// PartySums is where the money of a party stands: what is due to it (应发) once
// approval has frozen it, and of that frozen, in transit, paid and returned. Due
// is the sum of the others.
type PartySums struct {
	Due       money.Fen `json:"due"`
	Frozen    money.Fen `json:"frozen"`
	InTransit money.Fen `json:"in_transit"`
	Paid      money.Fen `json:"paid"`
	Returned  money.Fen `json:"returned"`
}

func (s *PartySums) add(place string, amount money.Fen) {
	s.Due += amount
	*map[string]*money.Fen{string(ledger.Frozen): &s.Frozen, string(ledger.InTransit): &s.InTransit, string(ledger.Paid): &s.Paid,
		string(ledger.Returned): &s.Returned}[place] += amount
}

// PartyBalance is whose statement it is, and where the party's money stood
// before it and stands after it.
type PartyBalance struct {
	Subject Party     `json:"subject"`
	Opening PartySums `json:"opening"`
	Closing PartySums `json:"closing"`
}

// PartyStatement reads the statement of a person, a household or a unit (KindPerson
// …): of the lines that it is the beneficiary of, of a household those that were
// made for it. It stands on what legs held and where their parcels stood, which
// only grows, so yesterday's answer never changes. Errors: those of the trace of
// that subject, STATEMENT_AFTER (Invalid).
func (s *Service) PartyStatement(ctx context.Context, q db.Querier, kind, text string, ask StatementQuery) (Statement, error) {
	after, err := parseKey(ask.After)
	if err != nil {
		return Statement{}, err
	}
	who, err := s.subject(ctx, q, kind, text)
	if err != nil {
		return Statement{}, err
	}
	st := ask.empty()
	st.Party = &PartyBalance{Subject: who}
	list, err := partyEntries(ctx, q, who)
	if err != nil {
		return Statement{}, err
	}
	return st, st.tellParty(ctx, q, ask, after, list)
}

// subject finds a party by what people call it.
func (s *Service) subject(ctx context.Context, q db.Querier, kind, text string) (Party, error) {
	switch kind {
	case KindHousehold:
		who, _, err := s.household(ctx, q, text)
		return who, err
	case KindUnit:
		id, err := unitID(ctx, q, text)
		if err != nil {
			return Party{}, err
		}
		found, err := unitsByID(ctx, q, []int64{id})
		return found[id], err
	default:
		id, err := s.personID(ctx, q, text)
		if err != nil {
			return Party{}, err
		}
		found, err := s.parties(ctx, q, []int64{id})
		return found[id], err
	}
}

// partyEntry is what one journal changed in one account for one line.
type partyEntry struct {
	ledger.LegChange
	journal JournalRef
	leaf    int64 // -1: not in the log yet
	account standing
}

// linesFor are all lines that were made for a party ($1).
var linesFor = map[string]string{
	KindPerson:    `SELECT id FROM entitlement_line WHERE person = $1`,
	KindHousehold: `SELECT id FROM entitlement_line WHERE household = $1`,
	KindUnit:      `SELECT id FROM entitlement_line WHERE unit = $1`,
}

func partyEntries(ctx context.Context, q db.Querier, who Party) ([]partyEntry, error) {
	lines, err := numbers(ctx, q, "lines of a party", linesFor[who.Kind], who.ID)
	if err != nil {
		return nil, err
	}
	changes, err := ledger.LegChanges(ctx, q, lines)
	if err != nil {
		return nil, err
	}
	return entriesOf(ctx, q, changes)
}

// entriesOf says of changes which journals made them, and where.
func entriesOf(ctx context.Context, q db.Querier, changes []ledger.LegChange) ([]partyEntry, error) {
	var lots, seqs, accounts []int64
	for i, c := range changes {
		accounts = append(accounts, int64(c.Account))
		if i == 0 || c.Lot != changes[i-1].Lot || c.Seq != changes[i-1].Seq {
			lots, seqs = append(lots, int64(c.Lot)), append(seqs, c.Seq)
		}
	}
	moments, err := momentsOf(ctx, q, lots, seqs)
	if err != nil {
		return nil, err
	}
	where, err := collect(ctx, q, "accounts", scanStanding, `SELECT a.lot, a.id, a.budget_line, a.kind, a.township, a.township, a.balance_fen
		FROM account a WHERE a.id = ANY($1)`, distinct(accounts))
	if err != nil {
		return nil, err
	}
	byID := map[int64]standing{}
	for _, a := range where {
		byID[a.account] = a
	}
	out := make([]partyEntry, len(changes))
	for i, c := range changes {
		out[i] = moments[lotSeq{int64(c.Lot), c.Seq}]
		out[i].LegChange, out[i].account = c, byID[int64(c.Account)]
	}
	return out, nil
}

// momentsPage is how many moments one statement reads: each is a probe of three
// tables, at most a dozen buffers.
const momentsPage = 16

// momentsOf reads which journals were numbers of lots, and their leaves.
func momentsOf(ctx context.Context, q db.Querier, lots, seqs []int64) (map[lotSeq]partyEntry, error) {
	out, at := map[lotSeq]partyEntry{}, lotSeq{}
	scan := func(row pgx.CollectableRow) (partyEntry, error) {
		var e partyEntry
		j := &e.journal
		err := row.Scan(&at.lot, &at.seq, &j.ID, &j.Kind, &j.Cause, &j.Actor, &j.BusinessDate, &j.PostedAt, &j.Amount, &e.leaf)
		out[at] = e
		return e, err
	}
	for from := 0; from < len(lots); from += momentsPage {
		to := min(from+momentsPage, len(lots))
		if _, err := collect(ctx, q, "journals of a party", scan, `SELECT l.lot, l.seq, `+journalRefColumns+`, coalesce(f.leaf_index, -1)
		FROM unnest($1::bigint[], $2::bigint[]) AS u (lot, seq)
		JOIN journal_lot l ON l.lot = u.lot AND l.seq = u.seq
		JOIN journal j ON j.id = l.journal
		LEFT JOIN log_leaf f ON f.kind = 'journal' AND f.ref = j.id`, lots[from:to], seqs[from:to]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// key is an entry's place in the statement: by business date, or by the log.
func (e partyEntry) key(byDay bool) EntryKey {
	day, _ := time.Parse(time.DateOnly, e.journal.BusinessDate)
	k := EntryKey{Day: day, No: e.leaf, Line: e.Line, Account: int64(e.Account)}
	if byDay {
		k.No = e.journal.ID
	}
	return k
}

// before says whether a place comes before another.
func (k EntryKey) before(o EntryKey, byDay bool) bool {
	byLog := cmp.Or(cmp.Compare(k.No, o.No), cmp.Compare(k.Line, o.Line), cmp.Compare(k.Account, o.Account))
	if byDay {
		return cmp.Or(k.Day.Compare(o.Day), byLog) < 0
	}
	return byLog < 0
}

// tellParty puts the entries in order and tells what the statement is about:
// what stood before it, its page of movements, what stands at its end.
func (st *Statement) tellParty(ctx context.Context, q db.Querier, ask StatementQuery, after EntryKey, list []partyEntry) error {
	byDay := ask.byDay()
	slices.SortFunc(list, func(a, b partyEntry) int {
		if a.key(byDay).before(b.key(byDay), byDay) {
			return -1
		}
		return 1
	})
	sides, budgetLines := map[int64]*StatementSide{}, []int64{}
	var page []partyEntry
	for _, e := range list {
		past, inside := ask.holds(e)
		if !past && !inside {
			continue
		}
		side := sides[int64(e.Account)]
		if side == nil {
			side = &StatementSide{Account: int64(e.Account), Lot: int64(e.Lot), BudgetLine: e.account.budgetLine, Place: e.account.kind}
			sides[side.Account], budgetLines = side, append(budgetLines, side.BudgetLine)
		}
		side.Closing += e.Delta
		st.Party.Closing.add(side.Place, e.Delta)
		if past {
			side.Opening += e.Delta
			st.Party.Opening.add(side.Place, e.Delta)
			continue
		}
		if ask.After != "" && !after.before(e.key(byDay), byDay) {
			continue
		}
		e.account.balance = side.Closing
		page = append(page, e)
	}
	if ask.Limit > 0 && len(page) > ask.Limit {
		page = page[:ask.Limit]
		st.Next = page[ask.Limit-1].key(byDay).String()
	}
	return st.finishParty(ctx, q, sides, distinct(budgetLines), page)
}

// holds says whether an entry is of the time before the statement or of its own.
func (ask StatementQuery) holds(e partyEntry) (past, inside bool) {
	if !ask.byDay() {
		return false, e.leaf >= 0 && e.leaf <= ask.Index
	}
	day := e.journal.BusinessDate
	return day < ask.From.Format(time.DateOnly), day >= ask.From.Format(time.DateOnly) && day <= ask.To.Format(time.DateOnly)
}

// finishParty names what the entries are about and lays out the accounts.
func (st *Statement) finishParty(ctx context.Context, q db.Querier, sides map[int64]*StatementSide, budgetLines []int64, page []partyEntry) error {
	came, err := chainsOf(ctx, q, budgetLines)
	if err != nil {
		return err
	}
	refs := make([]JournalRef, len(page))
	for i, e := range page {
		refs[i] = e.journal
	}
	if err := about(ctx, q, refs); err != nil {
		return err
	}
	for i, e := range page {
		m := movement(refs[i], int64(e.Account), e.account.kind, e.Delta, e.account.balance)
		m.Line, m.Document = e.Line, came.number(e.account.budgetLine)
		st.Movements = append(st.Movements, m)
	}
	for _, side := range sides {
		side.Document = came.number(side.BudgetLine)
		st.Accounts = append(st.Accounts, *side)
	}
	slices.SortFunc(st.Accounts, func(a, b StatementSide) int { return cmp.Compare(a.Account, b.Account) })
	return nil
}

// movement is what a journal changed, as a row of a statement.
func movement(j JournalRef, account int64, place string, delta, balance money.Fen) Movement {
	return Movement{Date: j.BusinessDate, Journal: j.ID, Kind: j.Kind, About: j.About, Account: account, Place: place,
		Debit: max(delta, 0), Credit: max(-delta, 0), Balance: balance}
}
