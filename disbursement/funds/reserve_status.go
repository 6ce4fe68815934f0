package funds

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"fenlu/disbursement/areas"
	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// TownshipReserve is how a township's reserve of a year stands. Percentages are
// text with one decimal.
type TownshipReserve struct {
	Township      string    `json:"township"`
	Name          string    `json:"name"`
	MergedInto    string    `json:"merged_into,omitempty"` // 12 digits: it is part of that township now
	MergedName    string    `json:"merged_name,omitempty"`
	Residents     int64     `json:"residents"`
	Allotted      money.Fen `json:"allotted"` // refills and what came from the year before included
	Used          money.Fen `json:"used"`     // drawn: frozen, in transit or paid
	Left          money.Fen `json:"left"`     // given back to the county, carried over into the next year, or cut by a document
	Balance       money.Fen `json:"balance"`
	UsedPercent   string    `json:"used_percent"`
	Rank          int       `json:"rank"`  // 1: the greatest share used; the same share, the same rank
	Idle          bool      `json:"idle"`  // less is used than the rule's share of what the time passed would allow
	Ahead         bool      `json:"ahead"` // a greater share is used than of the year has passed
	Cases         int       `json:"cases"`
	Undocumented  int       `json:"undocumented"` // paid first, write-up still missing
	Overdue       int       `json:"overdue"`      // of them, past the day it was due
	OverdueAmount money.Fen `json:"overdue_amount"`
	Late          int       `json:"late"` // money that left after its hours, or is due and has not left
	Form          Form      `json:"form,omitempty"`
	Bank          *BankSide `json:"bank,omitempty"` // of a township that has an account: all years
}

// Form is how a township has its reserve (备用金形式): money-rules C7 leaves both open.
type Form string

// The forms.
const (
	AsCash  Form = "cash"  // 预拨现金: on an account of the township
	AsQuota Form = "quota" // 切块额度: the county's channel pays
)

// ReserveYear is how a year's reserves stand (备用金情况). Elapsed is the share
// of the year that has passed on AsOf.
type ReserveYear struct {
	Year      int               `json:"year"`
	AsOf      time.Time         `json:"as_of"`
	Days      int               `json:"days"`
	DaysOf    int               `json:"days_of"`
	Elapsed   string            `json:"elapsed_percent"`
	Townships []TownshipReserve `json:"townships"`
	Total     TownshipReserve   `json:"total"`
}

// ReserveStatus reads how each township's reserve of a year stands, the
// greatest share used first (备用金使用进度排名, 审计发现 10). A township without
// a rule of idleness is never called idle.
// A year without reserves has no townships. Errors: none of its own.
func (s *Service) ReserveStatus(ctx context.Context, q db.Querier, year int) (ReserveYear, error) {
	sums, err := townshipSums(ctx, q, year)
	if err != nil {
		return ReserveYear{}, err
	}
	first := time.Date(year, time.January, 1, 0, 0, 0, 0, clock.Shanghai)
	cases, err := caseSums(ctx, q, first, first.AddDate(1, 0, 0), s.clock.Now(), s.today())
	if err != nil {
		return ReserveYear{}, err
	}
	merged, err := areas.MapOn(ctx, q, s.today())
	if err != nil {
		return ReserveYear{}, err
	}
	names, err := s.parties.Areas(ctx, q, townshipCodes(sums))
	if err != nil {
		return ReserveYear{}, err
	}
	idle, err := rules.Load(ctx, q, rules.ReserveIdleShare)
	if err != nil {
		return ReserveYear{}, err
	}
	forms, err := cashFormsOn(ctx, q, s.today())
	if err != nil {
		return ReserveYear{}, err
	}
	y := newReserveYear(year, s.today())
	for _, sum := range sums {
		t := TownshipReserve{Township: sum.Township, Name: names[sum.Township].Name, Residents: sum.Residents, Allotted: sum.Allotted,
			Balance: sum.Balance, Used: sum.Used, Left: sum.Allotted - sum.Used - sum.Balance}
		for _, c := range cases {
			if merged.Of(c.Township) == sum.Township {
				if err := t.count(c); err != nil {
					return ReserveYear{}, err
				}
			}
		}
		if now := merged.Of(sum.Township); now != sum.Township {
			t.MergedInto, t.MergedName = now, cmp.Or(names[now].Name, now)
		}
		if t.Idle, err = y.idle(idle, t); err != nil {
			return ReserveYear{}, err
		}
		if t.Form, t.Bank, err = forms.sides(ctx, q, t); err != nil {
			return ReserveYear{}, err
		}
		if err := y.add(t); err != nil {
			return ReserveYear{}, err
		}
	}
	y.Total.finish(y.Days, y.DaysOf)
	y.rank()
	return y, nil
}

// count adds the cases of a township, or of one that became part of it.
func (t *TownshipReserve) count(c caseSum) (err error) {
	t.Cases += c.Cases
	t.Undocumented += c.Undocumented
	t.Overdue += c.Overdue
	t.Late += c.Late
	if t.OverdueAmount, err = money.Add(t.OverdueAmount, c.OverdueAmount); err != nil {
		return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
	}
	return nil
}

func townshipCodes(sums []townshipSum) []string {
	codes := make([]string, len(sums))
	for i, s := range sums {
		codes[i] = s.Township
	}
	return codes
}

// newReserveYear counts the days of the year that have passed, today included.
func newReserveYear(year int, today time.Time) ReserveYear {
	first := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
	y := ReserveYear{Year: year, AsOf: today, DaysOf: first.AddDate(1, 0, -1).YearDay(), Townships: []TownshipReserve{}}
	switch {
	case today.Year() > year:
		y.Days = y.DaysOf
	case today.Year() == year:
		y.Days = today.YearDay()
	}
	y.Elapsed = percent(int64(y.Days), int64(y.DaysOf))
	return y
}

func (y *ReserveYear) add(t TownshipReserve) (err error) {
	t.finish(y.Days, y.DaysOf)
	y.Townships = append(y.Townships, t)
	all := &y.Total
	all.Residents += t.Residents
	all.Cases += t.Cases
	all.Undocumented += t.Undocumented
	all.Overdue += t.Overdue
	all.Late += t.Late
	for _, sum := range []struct {
		to *money.Fen
		by money.Fen
	}{{&all.Allotted, t.Allotted}, {&all.Used, t.Used}, {&all.Left, t.Left}, {&all.Balance, t.Balance}, {&all.OverdueAmount, t.OverdueAmount}} {
		if *sum.to, err = money.Add(*sum.to, sum.by); err != nil {
			return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
	}
	return nil
}

// rank orders the townships by the share they have used, compared exactly, and
// by code where it is the same.
func (y *ReserveYear) rank() {
	share := func(a, b TownshipReserve) int {
		return b.Used.Decimal().Mul(a.Allotted.Decimal()).Cmp(a.Used.Decimal().Mul(b.Allotted.Decimal()))
	}
	slices.SortStableFunc(y.Townships, func(a, b TownshipReserve) int { return cmp.Or(share(a, b), cmp.Compare(a.Township, b.Township)) })
	for i := range y.Townships {
		y.Townships[i].Rank = i + 1
		if i > 0 && share(y.Townships[i-1], y.Townships[i]) == 0 {
			y.Townships[i].Rank = y.Townships[i-1].Rank
		}
	}
}

// idle says whether used ÷ allotted < the rule's share × days ÷ days of the
// year, exactly.
func (y *ReserveYear) idle(set rules.Set, t TownshipReserve) (bool, error) {
	f, there := set.At(rules.ReserveIdleShare, t.Township, y.AsOf)
	if !there {
		return false, nil
	}
	share, err := f.Rate()
	if err != nil {
		return false, err
	}
	due := money.ExactOf(t.Allotted).Times(share).TimesInt(int64(y.Days)).Per(int64(y.DaysOf))
	return money.ExactOf(t.Used).Cmp(due) < 0, nil
}

// finish works out the shares. used ÷ allotted > days ÷ days of the year is
// compared exactly.
func (t *TownshipReserve) finish(days, daysOf int) {
	t.UsedPercent = percent(int64(t.Used), int64(t.Allotted))
	t.Ahead = t.Used.Decimal().Mul(decimal.NewFromInt(int64(daysOf))).GreaterThan(t.Allotted.Decimal().Mul(decimal.NewFromInt(int64(days))))
}

// percent is part of whole with one decimal, half up; "0.0" of nothing.
func percent(part, whole int64) string {
	if whole == 0 {
		return "0.0"
	}
	return decimal.NewFromInt(part).Mul(decimal.NewFromInt(100)).DivRound(decimal.NewFromInt(whole), 1).StringFixed(1)
}

// ReserveAccounts is where a township's reserve of a year stands, the account
// with the most first: a township at which one source ended and the next began
// has two.
func (s *Service) ReserveAccounts(ctx context.Context, q db.Querier, township string, year int) ([]ReserveAccount, error) {
	return reserveAccounts(ctx, q, Area12(township), year)
}

// Reserve is what a township can draw on in a year (备用金余额), and the accounts it
// stands on in the order in which a case takes from them: where one holds the whole
// case, no other is touched.
type Reserve struct {
	Township string
	Accounts []ReserveAccount
	Balance  money.Fen // of all of them
	Arriving money.Fen // cash on its way to the township: in no account of its yet
}

// Free is what may be drawn: where the reserve is cash, what is on its way may not.
func (r Reserve) Free() money.Fen { return max(0, r.Balance-r.Arriving) }

// Reserve is the reserve from which an emergency of a township is paid. Errors:
// RESERVE_NONE (NotFound).
func (s *Service) Reserve(ctx context.Context, q db.Querier, township string, year int) (Reserve, error) {
	r := Reserve{Township: Area12(township)}
	var err error
	if r.Accounts, err = s.ReserveAccounts(ctx, q, township, year); err != nil {
		return r, err
	}
	if len(r.Accounts) == 0 {
		return r, errs.New(errs.NotFound, "RESERVE_NONE", "township", township, "year", year)
	}
	for _, a := range r.Accounts {
		if r.Balance, err = money.Add(r.Balance, a.Balance); err != nil {
			return r, errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
	}
	r.Arriving, err = arriving(ctx, q, r.Township)
	return r, err
}

// Sources are its accounts as money that a case may be paid from.
func (r Reserve) Sources() []Source {
	out := make([]Source, len(r.Accounts))
	for i, a := range r.Accounts {
		out[i] = Source{Lot: a.Lot, BudgetLine: a.BudgetLine, Account: a.Account, Balance: a.Balance}
	}
	return out
}
