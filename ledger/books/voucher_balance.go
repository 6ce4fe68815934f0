package books

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// BalanceQuery asks for the accounts from a day to another, of a book and office
// where they are not empty.
type BalanceQuery struct {
	From, To time.Time
	Book     Book
	Office   string
}

// BalanceRow is an account in a period (科目余额表): what stood there before, its
// turnover, and what stands there; a balance is positive on the debit side.
type BalanceRow struct {
	Office  string    `json:"office"`
	Book    Book      `json:"book"`
	Account string    `json:"account"`
	NameZH  string    `json:"name_zh"`
	NameEN  string    `json:"name_en"`
	Opening money.Fen `json:"opening"`
	Debits  money.Fen `json:"debits"`
	Credits money.Fen `json:"credits"`
	Closing money.Fen `json:"closing"`
}

// monthsOf are the months from a day's to another's.
func monthsOf(from, to time.Time) []string {
	var months []string
	for m := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC); !m.After(to); m = m.AddDate(0, 1, 0) {
		months = append(months, m.Format("2006-01"))
	}
	return months
}

// Balances is the trial balance of the vouchers (科目余额表, 试算平衡), by office,
// book and account. What stood on an account before is counted from 1 January: an
// account's code holds for one year, and openings from another system are not
// known here. Errors: VOUCHER_ONE_YEAR for days of two years, VOUCHER_OFFICE_UNKNOWN.
func Balances(ctx context.Context, q db.Querier, ask BalanceQuery) ([]BalanceRow, error) {
	if ask.From.Year() != ask.To.Year() {
		return nil, errs.New(errs.Invalid, "VOUCHER_ONE_YEAR", "from", ask.From.Format(time.DateOnly), "to", ask.To.Format(time.DateOnly))
	}
	if err := knownOffice(ctx, q, ask.Office); err != nil {
		return nil, err
	}
	first := time.Date(ask.From.Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
	rows, err := q.Query(ctx, `
		SELECT s.office, s.book, s.account, coalesce(a.name_zh, ''), coalesce(a.name_en, ''), s.opening, s.debits, s.credits, s.opening + s.debits - s.credits
		FROM (SELECT v.office, v.book, l.account,
				coalesce(sum(CASE WHEN v.voucher_date < $2 THEN CASE WHEN l.side = 'debit' THEN l.amount_fen ELSE -l.amount_fen END END), 0)::bigint AS opening,
				coalesce(sum(CASE WHEN v.voucher_date >= $2 AND l.side = 'debit' THEN l.amount_fen END), 0)::bigint AS debits,
				coalesce(sum(CASE WHEN v.voucher_date >= $2 AND l.side = 'credit' THEN l.amount_fen END), 0)::bigint AS credits
			FROM voucher v JOIN voucher_line l ON l.voucher = v.id
			WHERE v.period = ANY($1) AND v.voucher_date <= $3 AND ($4 = '' OR v.book = $4) AND ($5 = '' OR v.office = $5)
			GROUP BY v.office, v.book, l.account) s
		LEFT JOIN voucher_account a ON a.year = $6 AND a.code = s.account
		ORDER BY s.office, s.book DESC, s.account`, monthsOf(first, ask.To), ask.From, ask.To, string(ask.Book), ask.Office, ask.From.Year())
	if err != nil {
		return nil, fmt.Errorf("read balances of the books: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[BalanceRow])
}

// DetailRow is a line of an account's detail ledger (明细账); Balance is what stands
// after it, positive on the debit side.
type DetailRow struct {
	Date      time.Time `json:"date"`
	Office    string    `json:"office"`
	Voucher   int64     `json:"voucher"`
	Number    string    `json:"number"`
	Event     Event     `json:"event"`
	Condition Condition `json:"condition,omitempty"`
	About     string    `json:"about"`
	Function  string    `json:"function_code,omitempty"`
	Economic  string    `json:"economic_code,omitempty"`
	Level     string    `json:"level,omitempty"`
	Program   string    `json:"program,omitempty"`
	Township  string    `json:"township,omitempty"`
	Debit     money.Fen `json:"debit"`
	Credit    money.Fen `json:"credit"`
	Balance   money.Fen `json:"balance"`
}

// Detail is an account's ledger (明细账) from a day to another, with what stood there
// on the day before.
type Detail struct {
	Account string      `json:"account"`
	NameZH  string      `json:"name_zh"`
	NameEN  string      `json:"name_en"`
	Opening money.Fen   `json:"opening"`
	Rows    []DetailRow `json:"rows"`
	Debits  money.Fen   `json:"debits"`
	Credits money.Fen   `json:"credits"`
	Closing money.Fen   `json:"closing"`
}

// DetailOf is the detail ledger of an account. Errors: VOUCHER_ACCOUNT_UNKNOWN
// (NotFound), VOUCHER_ONE_YEAR.
func DetailOf(ctx context.Context, q db.Querier, account string, ask BalanceQuery) (Detail, error) {
	d := Detail{Account: account, Rows: []DetailRow{}}
	balances, err := Balances(ctx, q, ask)
	if err != nil {
		return d, err
	}
	for _, b := range balances {
		if b.Account == account {
			d.Opening += b.Opening
		}
	}
	err = q.QueryRow(ctx, `SELECT name_zh, name_en FROM voucher_account WHERE year = $1 AND code = $2`, ask.From.Year(), account).Scan(&d.NameZH, &d.NameEN)
	if err != nil {
		if noRows(err) == nil {
			err = errs.New(errs.NotFound, "VOUCHER_ACCOUNT_UNKNOWN", "value", account, "year", ask.From.Year(), "event", "—")
		}
		return d, err
	}
	rows, err := q.Query(ctx, `SELECT v.voucher_date, v.office, v.id, v.book, v.period, v.no, v.event, v.condition, v.about, l.function_code, l.economic_code, l.level,
			l.program, l.township, CASE WHEN l.side = 'debit' THEN l.amount_fen ELSE 0 END, CASE WHEN l.side = 'credit' THEN l.amount_fen ELSE 0 END
		FROM voucher v JOIN voucher_line l ON l.voucher = v.id
		WHERE v.period = ANY($1) AND v.voucher_date >= $2 AND v.voucher_date <= $3 AND ($4 = '' OR v.office = $4) AND l.account = $5 AND ($6 = '' OR v.book = $6)
		ORDER BY v.voucher_date, v.period, v.office, v.no, l.line`, monthsOf(ask.From, ask.To), ask.From, ask.To, ask.Office, account, string(ask.Book))
	if err != nil {
		return d, fmt.Errorf("read detail ledger: %w", err)
	}
	var v Voucher
	var r DetailRow
	d.Closing = d.Opening
	_, err = pgx.ForEachRow(rows, []any{&r.Date, &r.Office, &r.Voucher, &v.Book, &v.Period, &v.No, &r.Event, &r.Condition, &r.About, &r.Function, &r.Economic, &r.Level,
		&r.Program, &r.Township, &r.Debit, &r.Credit}, func() error {
		d.Debits, d.Credits, d.Closing = d.Debits+r.Debit, d.Credits+r.Credit, d.Closing+r.Debit-r.Credit
		r.Number, r.Balance = v.VoucherNo(), d.Closing
		d.Rows = append(d.Rows, r)
		return nil
	})
	return d, err
}
