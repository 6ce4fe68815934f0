package terms

import (
	"fmt"
	"time"

	"fenlu/internal/errs"
)

// Month is a service month (服务月份), "2026-10". Months compare as strings.
type Month string

// ParseMonth reads YYYY-MM. Errors: TERMS_MONTH (Invalid).
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || t.Year() < 1900 {
		return "", errs.New(errs.Invalid, "TERMS_MONTH", "value", s)
	}
	return Month(s), nil
}

// MonthOf is the service month of a business date.
func MonthOf(date time.Time) Month { return Month(date.Format("2006-01")) }

// IsValid says whether it is a month at all.
func (m Month) IsValid() bool { _, err := ParseMonth(string(m)); return err == nil }

// First is the first day of the month, midnight UTC, as the database's date
// type carries it; the zero time for what is no month.
func (m Month) First() time.Time {
	t, err := time.Parse("2006-01", string(m))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Last is the last day of the month.
func (m Month) Last() time.Time { return m.First().AddDate(0, 1, -1) }

// Year is the calendar year.
func (m Month) Year() int { return m.First().Year() }

// Number is 1 for January … 12 for December.
func (m Month) Number() int { return int(m.First().Month()) }

// Add is the month n months later, or earlier where n is negative.
func (m Month) Add(n int) Month { return MonthOf(m.First().AddDate(0, n, 0)) }

// Since is the number of months from other to m.
func (m Month) Since(other Month) int {
	return (m.Year()-other.Year())*12 + m.Number() - other.Number()
}

// String is YYYY-MM.
func (m Month) String() string { return string(m) }

// Range is every month from first to last, both included.
func Range(first, last Month) ([]Month, error) {
	if !first.IsValid() || !last.IsValid() || last < first {
		return nil, errs.New(errs.Invalid, "TERMS_MONTH", "value", fmt.Sprintf("%s…%s", first, last))
	}
	var out []Month
	for m := first; m <= last; m = m.Add(1) {
		out = append(out, m)
	}
	return out, nil
}
