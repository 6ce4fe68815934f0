package trace

import (
	"cmp"
	"context"
	"slices"
	"time"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// reportDays are the days that a report is about, both days in it.
type reportDays struct{ from, to time.Time }

// ReportDays are the days of a year, or with half 1 or 2 of half of it (半年, 年度).
// Errors: REPORT_PERIOD (Invalid) for another half, or a year that is none.
func ReportDays(year, half int) (from, to time.Time, err error) {
	if year < firstReportYear || year > lastReportYear || half < 0 || half > 2 {
		return from, to, errs.New(errs.Invalid, "REPORT_PERIOD", "year", year, "half", half)
	}
	first, months := time.January, monthsOfYear
	if half > 0 {
		months /= 2
	}
	if half == 2 {
		first = time.July
	}
	from = time.Date(year, first, 1, 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(0, months, -1), nil
}

const (
	monthsOfYear                    = 12
	firstReportYear, lastReportYear = 1949, 9999
)

// FundReport is the statement of half a year or a year (收支情况表, money-rules C16):
// what came of each source and where it went, and what was paid by program, level
// and month. It stands on the business dates of journals, so a closed period's
// statement never changes.
type FundReport struct {
	From     string        `json:"from"`
	To       string        `json:"to"`
	Sources  []SourceRow   `json:"sources"`
	Payments []PaymentsRow `json:"payments"`
}

// SourceRow is a source: the money of one level and fund (资金来源). Opening +
// Brought − Withdrawn − Gone − Paid to persons and units + Back = Closing. A fund
// of several sources has a row for each (money-rules B12).
type SourceRow struct {
	Level     string    `json:"level"` // "": receipts that have to be remitted
	Fund      string    `json:"fund"`
	Opening   money.Fen `json:"opening"`
	Brought   money.Fen `json:"brought"`      // 下达
	Withdrawn money.Fen `json:"withdrawn"`    // 调减收回
	SetAside  money.Fen `json:"set_aside"`    // 购买服务列支: of Brought and Opening, kept for services
	Reserves  money.Fen `json:"reserves"`     // 乡镇备用金, the same
	Persons   money.Fen `json:"paid_persons"` // 发放到人
	Units     money.Fen `json:"paid_units"`   // 支付到单位
	Back      money.Fen `json:"back"`         // 退回、追回: what left the place paid again
	Gone      money.Fen `json:"gone"`         // 上缴、结转
	Closing   money.Fen `json:"closing"`      // 结余
	paid      money.Fen
}

// PaymentsRow is what was paid for a program from a source in a month.
type PaymentsRow struct {
	Program    string    `json:"program"`
	Level      string    `json:"level"`
	Fund       string    `json:"fund"`
	Month      string    `json:"month"` // of the business date
	Persons    money.Fen `json:"paid_persons"`
	Units      money.Fen `json:"paid_units"`
	Back       money.Fen `json:"back"`
	People     int64     `json:"people"`     // paid in the month, each once
	Households int64     `json:"households"` // theirs
}

// FundReportOf reads the statement from a day to another, both in it. Errors:
// REPORT_DIFFERS (Internal) where what was paid does not add up to what the
// accounts say.
func FundReportOf(ctx context.Context, q db.Querier, from, to time.Time) (FundReport, error) {
	days := reportDays{from, to}
	out := FundReport{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly), Sources: []SourceRow{}}
	payments, err := paymentsOf(ctx, q, days)
	if err != nil {
		return out, err
	}
	out.Payments = payments
	rows, err := sourcesOf(ctx, q, days)
	if err != nil {
		return out, err
	}
	for _, p := range payments {
		r := rows[moneySource{p.Level, p.Fund}]
		if r == nil {
			return out, errs.New(errs.Internal, "REPORT_DIFFERS", "level", p.Level, "fund", p.Fund, "paid", p.Persons+p.Units, "accounts", money.Fen(0))
		}
		r.Persons, r.Units, r.Back = r.Persons+p.Persons, r.Units+p.Units, r.Back+p.Back
	}
	for _, r := range rows {
		if r.Persons+r.Units-r.Back != r.paid {
			return out, errs.New(errs.Internal, "REPORT_DIFFERS", "level", r.Level, "fund", r.Fund, "paid", r.Persons+r.Units-r.Back, "accounts", r.paid)
		}
		out.Sources = append(out.Sources, *r)
	}
	slices.SortFunc(out.Sources, func(a, b SourceRow) int { return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Fund, b.Fund)) })
	return out, nil
}

// moneySource is what rows of a report are told apart by.
type moneySource struct{ level, fund string }

// sourcesOf reads where the money of each source stood before the days and at
// their end; what it stood on meanwhile is the difference.
func sourcesOf(ctx context.Context, q db.Querier, days reportDays) (map[moneySource]*SourceRow, error) {
	lots, err := lotSources(ctx, q)
	if err != nil {
		return nil, err
	}
	kept, err := setAsideLines(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := map[moneySource]*SourceRow{}
	for i, day := range []time.Time{days.from.AddDate(0, 0, -1), days.to} {
		list, err := ledger.StandingsOn(ctx, q, day, ledger.Which{})
		if err != nil {
			return nil, err
		}
		sign := money.Fen(2*i - 1)
		for _, s := range list {
			if s.Debits == 0 && s.Balance == 0 {
				continue
			}
			of := lots[int64(s.Lot)]
			r := rows[of]
			if r == nil {
				r = &SourceRow{Level: of.level, Fund: of.fund}
				rows[of] = r
			}
			r.add(s, sign, kept[int64(s.Place.BudgetLine)])
		}
	}
	return rows, nil
}

// add counts an account into the row: sign −1 as it stood before the days, 1 as
// at their end; purpose is what its budget line is kept for.
func (r *SourceRow) add(s ledger.Standing, sign money.Fen, purpose string) {
	b := s.Balance
	switch s.Place.Kind {
	case ledger.Appropriated:
		r.Brought -= sign * b
		return
	case ledger.Withdrawn:
		r.Withdrawn += sign * b
		return
	case ledger.Surrendered, ledger.CarriedOver:
		r.Gone += sign * b
		return
	case ledger.Paid:
		r.paid += sign * b
	default:
		if sign < 0 {
			r.Opening += b
		} else {
			r.Closing += b
		}
	}
	switch purpose {
	case "carveout":
		r.SetAside += sign * b
	case "reserve":
		r.Reserves += sign * b
	}
}
