package books

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"fenlu/internal/db"
)

// withoutVouchers counts the journals of some days that the books have not read.
func withoutVouchers(ctx context.Context, q db.Querier, from, to time.Time) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM journal j LEFT JOIN voucher_journal v ON v.journal = j.id
		WHERE v.journal IS NULL AND j.business_date >= $1 AND j.business_date <= $2`, from, to).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count journals without vouchers: %w", err)
	}
	return n, nil
}

// openVouchers keeps a month from closing while journals of it have no vouchers.
// It asks so only where vouchers are kept here at all: where some were made.
type openVouchers struct{}

// OpenIn says how many journals have no vouchers.
func (openVouchers) OpenIn(ctx context.Context, q db.Querier, p Period) ([]Open, error) {
	if p.IsYear() {
		return nil, nil
	}
	from, to, err := monthDays(p)
	if err != nil {
		return nil, err
	}
	var kept int64
	if err := q.QueryRow(ctx, `SELECT coalesce(max(journal), 0) FROM voucher_journal`).Scan(&kept); err != nil {
		return nil, fmt.Errorf("read whether vouchers are kept: %w", err)
	}
	if kept == 0 {
		return nil, nil
	}
	n, err := withoutVouchers(ctx, q, from, to)
	if err != nil || n == 0 {
		return nil, err
	}
	return []Open{{What: "PERIOD_OPEN_VOUCHERS", Code: strconv.FormatInt(n, 10)}}, nil
}
