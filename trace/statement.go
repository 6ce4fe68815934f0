package trace

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// StatementQuery asks for a statement of one account, of a lot or of a budget
// line; a party's is asked for besides. With To it is in the order of business
// dates, from From or the beginning on; without, in the order of the log up to
// an index. After is the Next of the page before.
type StatementQuery struct {
	Account, Lot, BudgetLine int64
	Point
	From, To time.Time
	After    string
	Limit    int
}

// Statement (明细账) is what moved in some accounts of one lot, or for one party:
// where each stood, every change with the balance after it, where each stands at
// the end. The accounts of a party's statement count its own money only.
type Statement struct {
	Point
	Party     *PartyBalance   `json:"party,omitempty"`
	From      string          `json:"from,omitempty"`
	To        string          `json:"to,omitempty"`
	Accounts  []StatementSide `json:"accounts"`
	Movements []Movement      `json:"movements"`
	Next      string          `json:"next,omitempty"` // --after of the next page
}

// StatementSide is one account with where it stood before the statement and
// after it.
type StatementSide struct {
	Account    int64     `json:"account"`
	Lot        int64     `json:"lot"`
	BudgetLine int64     `json:"budget_line"`
	Place      string    `json:"place"`
	Township   string    `json:"township,omitempty"`
	Document   string    `json:"document,omitempty"` // 文号 of the budget line, in a party's statement
	Opening    money.Fen `json:"opening"`
	Closing    money.Fen `json:"closing"`
}

// Movement is what one journal changed in one account.
type Movement struct {
	Date    string    `json:"date"`
	Journal int64     `json:"journal"`
	Kind    string    `json:"kind"`
	About   string    `json:"about"`
	Account int64     `json:"account"`
	Place   string    `json:"place"`
	Debit   money.Fen `json:"debit"`
	Credit  money.Fen `json:"credit"`
	Balance money.Fen `json:"balance"`

	// In a party's statement: which of its lines, and the 文号 that paid it.
	Line     int64  `json:"line,omitempty"`
	Document string `json:"document,omitempty"`
}

// EntryKey is a place in a statement, as the Next of a page names it: a date, a
// number (in the lot; of a party's statement of the leaf, or by date of the
// journal), a line and an account.
type EntryKey struct {
	Day     time.Time
	No      int64
	Line    int64
	Account int64
}

// String is what the next page is asked for with.
func (k EntryKey) String() string {
	return fmt.Sprintf("%s/%d/%d/%d", k.Day.Format(time.DateOnly), k.No, k.Line, k.Account)
}

// StatementOf reads a statement. Errors: STATEMENT_WHAT, STATEMENT_AFTER
// (Invalid); TRACE_NO_ACCOUNT (NotFound).
func StatementOf(ctx context.Context, q db.Querier, ask StatementQuery) (Statement, error) {
	which, err := ask.which(ctx, q)
	if err != nil {
		return Statement{}, err
	}
	after, err := parseKey(ask.After)
	if err != nil {
		return Statement{}, err
	}
	st := ask.empty()
	before, end := Point{Index: -1}, ask.Point
	if ask.byDay() {
		end = Point{Day: ask.To}
	}
	if !ask.From.IsZero() {
		before = Point{Day: ask.From.AddDate(0, 0, -1)}
	}
	if err := st.sides(ctx, q, which, before, end); err != nil {
		return Statement{}, err
	}
	list, err := st.entries(ctx, q, ask, after)
	if err != nil {
		return Statement{}, err
	}
	if ask.Limit > 0 && len(list) == ask.Limit {
		last := list[len(list)-1]
		st.Next = EntryKey{Day: last.BusinessDate, No: last.Seq, Account: int64(last.Account)}.String()
	}
	return st, st.fill(ctx, q, list)
}

// empty is a statement that says which part of the time it is of.
func (ask StatementQuery) empty() Statement {
	st := Statement{Point: ask.Point, Accounts: []StatementSide{}, Movements: []Movement{}}
	switch {
	case !ask.byDay():
	case ask.From.IsZero():
		st.Point = Point{Day: ask.To}
	default:
		st.Point = Point{}
		st.From, st.To = ask.From.Format(time.DateOnly), ask.To.Format(time.DateOnly)
	}
	return st
}

// byDay says whether the statement is in the order of business dates.
func (ask StatementQuery) byDay() bool { return !ask.To.IsZero() }

// which are the accounts: all of one lot.
func (ask StatementQuery) which(ctx context.Context, q db.Querier) (ledger.Which, error) {
	w := ledger.Which{Account: ledger.AccountID(ask.Account), Lot: ledger.LotID(ask.Lot), BudgetLine: ledger.BudgetLineID(ask.BudgetLine)} //nolint:gosec // ids fit 31 bits
	switch {
	case ask.BudgetLine != 0:
		lots, err := numbers(ctx, q, "lot of a budget line", `SELECT lot FROM budget_line WHERE id = $1`, ask.BudgetLine)
		if err == nil && len(lots) == 0 {
			err = errs.New(errs.NotFound, "TRACE_NO_ACCOUNT")
		}
		if err != nil {
			return w, err
		}
		w.Lot = ledger.LotID(lots[0]) //nolint:gosec // lot ids fit 31 bits
	case w == ledger.Which{}:
		return w, errs.New(errs.Invalid, "STATEMENT_WHAT")
	}
	return w, nil
}

// sides reads the accounts as they stood before and stand at the end.
func (st *Statement) sides(ctx context.Context, q db.Querier, w ledger.Which, before, end Point) error {
	opening, err := before.standings(ctx, q, w)
	if err != nil {
		return err
	}
	closing, err := end.standings(ctx, q, w)
	if err != nil {
		return err
	}
	if len(closing) == 0 {
		return errs.New(errs.NotFound, "TRACE_NO_ACCOUNT")
	}
	for i, c := range closing { // both list every account, in order
		st.Accounts = append(st.Accounts, StatementSide{Account: int64(c.ID), Lot: int64(c.Lot), BudgetLine: int64(c.Place.BudgetLine),
			Place: string(c.Place.Kind), Township: c.Place.Township, Opening: opening[i].Balance, Closing: c.Balance})
	}
	return nil
}

func (st *Statement) entries(ctx context.Context, q db.Querier, ask StatementQuery, key EntryKey) ([]ledger.Entry, error) {
	after := ledger.EntryKey{Day: key.Day, Seq: key.No, Account: ledger.AccountID(key.Account)} //nolint:gosec // account ids fit 31 bits
	var ids []ledger.AccountID
	for _, a := range st.Accounts {
		ids = append(ids, ledger.AccountID(a.Account)) //nolint:gosec // account ids fit 31 bits
	}
	if ask.byDay() {
		if ask.After == "" {
			after = ledger.EntryKey{Day: ask.From}
		}
		return ledger.EntriesByDay(ctx, q, ids, ask.To, after, ask.Limit)
	}
	to, err := ledger.SeqAt(ctx, q, ledger.LotID(st.Accounts[0].Lot), ask.Index) //nolint:gosec // lot ids fit 31 bits
	if err != nil {
		return nil, err
	}
	return ledger.EntriesBySeq(ctx, q, ids, to, after, ask.Limit)
}

// fill says of each entry which journal it was and what about.
func (st *Statement) fill(ctx context.Context, q db.Querier, list []ledger.Entry) error {
	var ids []int64
	for _, e := range list {
		ids = append(ids, int64(e.Journal))
	}
	refs, err := collect(ctx, q, "journals", scanJournalRef, `SELECT `+journalRefColumns+` FROM journal j WHERE j.id = ANY($1)`, distinct(ids))
	if err != nil {
		return err
	}
	if err := about(ctx, q, refs); err != nil {
		return err
	}
	byID, places := map[int64]JournalRef{}, map[int64]string{}
	for _, r := range refs {
		byID[r.ID] = r
	}
	for _, a := range st.Accounts {
		places[a.Account] = a.Place
	}
	for _, e := range list {
		st.Movements = append(st.Movements, movement(byID[int64(e.Journal)], int64(e.Account), places[int64(e.Account)], e.Delta, e.Balance))
	}
	return nil
}

// parseKey reads the Next of a page.
func parseKey(text string) (EntryKey, error) {
	if text == "" {
		return EntryKey{}, nil
	}
	var k EntryKey
	day, rest, _ := strings.Cut(text, "/")
	t, err := time.Parse(time.DateOnly, day)
	if n, errRest := fmt.Sscanf(rest, "%d/%d/%d", &k.No, &k.Line, &k.Account); err != nil || errRest != nil || n != 3 {
		return k, errs.New(errs.Invalid, "STATEMENT_AFTER", "after", text)
	}
	k.Day = t
	return k, nil
}
