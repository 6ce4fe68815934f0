package books

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// Quota tells the quota that is unspent at the end of a year, by office (年末未用指标):
// as it stood on 31 December, whatever was carried over since.
type Quota interface {
	UnusedOf(ctx context.Context, q db.Querier, year int) (map[string]money.Fen, error)
}

// WithQuota lets closing a year accrue unused quota where an area's setting says so.
func (s *Service) WithQuota(q Quota) *Service {
	s.quota = q
	return s
}

// transfer is a step of closing a year: all that stands on an account goes to
// another. Each stage has a voucher of its own.
type transfer struct {
	stage    int
	from, to string
}

// closing is how a year's accounts are closed (domain.md §6): what was earned and
// spent becomes the period's surplus, that is distributed and accumulates, as what
// was adjusted of earlier years does; in the budget book it becomes carry-over.
// Each step moves what the ones before it left.
var closing = map[Book][]transfer{
	Financial: {{1, "4001", "3301"}, {1, "5001", "3301"}, {2, "3301", "3302"}, {3, "3302", "3001"}, {4, "3501", "3001"}},
	Budget:    {{1, "6001", "8101.06"}, {1, "7101.01", "8101.06"}},
}

// ofTheYear are the beginnings of accounts that stand at nothing when a year is
// closed: income, expense, surplus of the period, adjustments of earlier years;
// in the budget book income and expenditure.
var ofTheYear = map[Book][]string{Financial: {"4", "5", "33", "35"}, Budget: {"6", "7"}}

// CloseYear makes the closing vouchers of a year (年末结转), dated 31 December: in
// each office and book the balances of its income and expense go where closing
// says. First the unused quota is accrued, where the area's setting says so. Run
// again, it moves only what came since, so that a year is never closed twice.
//
// Errors: as MakeVouchers; Refused VOUCHER_YEAR_OPEN while journals of the year
// have no vouchers, VOUCHER_CLOSE_LEFT with a Field for each account of the year
// that no step closes.
func (s *Service) CloseYear(ctx context.Context, year int) (Made, error) {
	month := Period(strconv.Itoa(year) + "-12")
	done := Made{Period: month}
	_, last, err := monthDays(month)
	if err != nil {
		return done, err
	}
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		done = Made{Period: month}
		actor, err := requireKeeper(ctx)
		if err != nil {
			return err
		}
		if err := openToMake(ctx, tx, month); err != nil {
			return err
		}
		n, err := withoutVouchers(ctx, tx, last.AddDate(-1, 0, 1), last)
		if err != nil {
			return err
		}
		if n > 0 {
			return errs.New(errs.Refused, "VOUCHER_YEAR_OPEN", "year", year, "journals", n)
		}
		m := &making{period: month, actor: actor.Login, at: s.clock.Now()}
		if m.plan, err = loadPlan(ctx, tx, year); err != nil {
			return err
		}
		if err := s.accrue(ctx, tx, m, last); err != nil {
			return err
		}
		if err := m.closeAccounts(ctx, tx, last); err != nil {
			return err
		}
		m.sort()
		if err := m.sum(); err != nil {
			return err
		}
		done.Vouchers, done.Amount = len(m.drafts), m.total
		return m.keep(ctx, tx, nil)
	})
	return done, err
}

// accrue enters the unused quota of each office once: what was accrued before is
// left out, and taken back in red where it was more.
func (s *Service) accrue(ctx context.Context, tx pgx.Tx, m *making, day time.Time) error {
	if s.quota == nil {
		return nil
	}
	unused, err := s.quota.UnusedOf(ctx, tx, day.Year())
	if err != nil {
		return err
	}
	before, err := accruedQuota(ctx, tx, m.period)
	if err != nil {
		return err
	}
	for office := range before {
		unused[office] += 0 // nothing is left of what was accrued
	}
	var moved []movement
	for office, amount := range unused {
		if amount != before[office] {
			moved = append(moved, movement{day: day, office: office, event: QuotaUnused, cause: "year:" + strconv.Itoa(day.Year()), purpose: "benefit",
				amount: amount - before[office]})
		}
	}
	if err := m.draw(moved); err != nil {
		return err
	}
	m.events = nil // there is no journal that meant it
	for _, d := range m.drafts {
		d.whole = map[int]map[int64]money.Fen{}
	}
	return nil
}

// accruedQuota is the unused quota that was accrued in a month, by office.
func accruedQuota(ctx context.Context, tx pgx.Tx, month Period) (map[string]money.Fen, error) {
	rows, err := tx.Query(ctx, `SELECT office, sum(amount_fen)::bigint FROM voucher WHERE period = $1 AND book = 'financial' AND event = 'quota_unused' GROUP BY office`,
		string(month))
	if err != nil {
		return nil, fmt.Errorf("read accrued quota: %w", err)
	}
	before := map[string]money.Fen{}
	var office string
	var amount money.Fen
	_, err = pgx.ForEachRow(rows, []any{&office, &amount}, func() error { before[office] = amount; return nil })
	return before, err
}

// closeAccounts drafts the closing vouchers of each office and book.
func (m *making) closeAccounts(ctx context.Context, tx pgx.Tx, day time.Time) error {
	rows, err := Balances(ctx, tx, BalanceQuery{From: day.AddDate(-1, 0, 1), To: day})
	if err != nil {
		return err
	}
	type set struct {
		office string
		book   Book
	}
	stands, sets := map[set]map[string]money.Fen{}, []set{}
	for _, r := range rows {
		k := set{r.Office, r.Book}
		if stands[k] == nil {
			stands[k] = map[string]money.Fen{}
			sets = append(sets, k)
		}
		stands[k][r.Account] = r.Debits - r.Credits
	}
	for _, d := range m.drafts { // the accrual just drafted
		k := set{d.Office, d.Book}
		if stands[k] == nil {
			stands[k] = map[string]money.Fen{}
			sets = append(sets, k)
		}
		for _, l := range d.Lines {
			stands[k][l.Account] += signed(l)
		}
	}
	left := errs.New(errs.Refused, "VOUCHER_CLOSE_LEFT", "year", m.plan.year)
	for _, k := range sets {
		if err := m.closeSet(k.office, k.book, stands[k], day); err != nil {
			return err
		}
		for _, code := range leftOf(k.book, stands[k]) {
			left.Fields = append(left.Fields, errs.Field{Row: len(left.Fields) + 1, Value: stands[k][code].Grouped(), Code: "VOUCHER_LEFT",
				Args: errs.Pairs("account", code, "office", k.office)})
		}
	}
	if len(left.Fields) == 0 {
		return nil
	}
	left.Args = append(left.Args, errs.Pairs("count", len(left.Fields))...)
	return left
}

// leftOf are the accounts of the year that still stand at something.
func leftOf(book Book, stands map[string]money.Fen) (left []string) {
	for _, code := range slices.Sorted(maps.Keys(stands)) {
		if stands[code] != 0 && slices.ContainsFunc(ofTheYear[book], func(begin string) bool { return strings.HasPrefix(code, begin) }) {
			left = append(left, code)
		}
	}
	return left
}

func signed(l VoucherLine) money.Fen {
	if l.Side == Debit {
		return l.Amount
	}
	return -l.Amount
}

// closeSet moves balances, each step seeing what the one before it left. Only what
// the steps bring to 3301 and 3302 goes on from there.
func (m *making) closeSet(office string, book Book, stands map[string]money.Fen, day time.Time) error {
	drafts := map[int]*draft{}
	for _, step := range closing[book] {
		balance := stands[step.from]
		if balance == 0 {
			continue
		}
		for _, code := range []string{step.from, step.to} {
			if _, ok := m.plan.accounts[code]; !ok {
				return errs.New(errs.Refused, "VOUCHER_ACCOUNT_UNKNOWN", "value", code, "year", m.plan.year, "event", string(YearClose))
			}
		}
		if drafts[step.stage] == nil {
			drafts[step.stage] = m.newDraft(key{office: office, day: day, event: YearClose, cause: fmt.Sprintf("close:%d/%d", day.Year(), step.stage)}, book)
		}
		r := Rule{Debit: step.from, Credit: step.to}
		if balance > 0 {
			r = Rule{Debit: step.to, Credit: step.from}
		}
		if err := drafts[step.stage].add(r, movement{amount: max(balance, -balance)}); err != nil {
			return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
		stands[step.from] = 0
		stands[step.to] += balance
	}
	for _, d := range drafts {
		d.whole = map[int]map[int64]money.Fen{} // no journal moved it
	}
	return nil
}
