package mt

import (
	"regexp"
	"strconv"
	"time"
)

// date reads YYMMDD; 80 to 99 are of the last century. A day that no calendar
// has (banks count 30 days in February) is a warning, and the date empty.
func (st *statement) date(f *field, digits string) (string, error) {
	if day, ok := parse(digits); ok {
		return day.Format(time.DateOnly), nil
	}
	return "", st.r.out.Warn(f.at, "BANKFILE_WARN_MT_DATE", "value", digits)
}

func parse(digits string) (time.Time, bool) {
	century := "20"
	if digits >= "80" {
		century = "19"
	}
	day, err := time.Parse("20060102", century+digits)
	return day, err == nil
}

// entryDate is the day of MMDD that is nearest to the value date, whose year
// the standard leaves to be guessed: 0102 beside 31 December is of the next
// year. Without a value date it is of the year that date names.
func (st *statement) entryDate(f *field, value, monthDay string) (string, error) {
	if monthDay == "" {
		return "", nil
	}
	near, ok := parse(value)
	if !ok {
		near, ok = parse(value[:2] + "0701")
	}
	best := time.Time{}
	for _, year := range []int{near.Year(), near.Year() - 1, near.Year() + 1} {
		day, err := time.Parse("20060102", strconv.Itoa(year)+monthDay)
		if ok && err == nil && (best.IsZero() || day.Sub(near).Abs() < best.Sub(near).Abs()) {
			best = day
		}
	}
	if best.IsZero() {
		return "", st.r.out.Warn(f.at, "BANKFILE_WARN_MT_DATE", "value", monthDay)
	}
	return best.Format(time.DateOnly), nil
}

var momentForm = regexp.MustCompile(`^(\d{10})([+-]\d{4})?`)

// moment is :13D:, YYMMDDhhmm and perhaps the zone, as ISO 8601 has it; empty
// where it is none.
func moment(s string) string {
	m := momentForm.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	if m[2] == "" {
		t, err := time.Parse("0601021504", m[1])
		if err != nil {
			return ""
		}
		return t.Format("2006-01-02T15:04:05")
	}
	t, err := time.Parse("0601021504-0700", m[1]+m[2])
	if err != nil {
		return ""
	}
	return t.Format("2006-01-02T15:04:05-07:00")
}
