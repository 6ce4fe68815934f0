package simbank

import (
	"fmt"
	"strings"
	"time"
)

// Day is a business date written 2026-10-09; days compare as text.
type Day string

const dayLayout = "2006-01-02"

// DayOf is the calendar day of t in t's own location.
func DayOf(t time.Time) Day { return Day(t.Format(dayLayout)) }

// Add is the day n calendar days later.
func (d Day) Add(n int) Day {
	t, err := time.Parse(dayLayout, string(d))
	if err != nil {
		return d
	}
	return DayOf(t.AddDate(0, 0, n))
}

func (d Day) check() error {
	if t, err := time.Parse(dayLayout, string(d)); err != nil || DayOf(t) != d {
		return fmt.Errorf("simbank: %q is not a date like 2026-10-09", string(d))
	}
	return nil
}

// compact is the day as 20261009.
func (d Day) compact() string { return strings.ReplaceAll(string(d), "-", "") }

// parseCompactDay reads 20261009.
func parseCompactDay(s string) (Day, bool) {
	t, err := time.Parse("20060102", s)
	if err != nil || len(s) != 8 {
		return "", false
	}
	return DayOf(t), true
}

// parseXMLDay reads an ISODate or the date of an ISODateTime.
func parseXMLDay(s string) (Day, bool) {
	for _, layout := range []string{dayLayout, time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return DayOf(t), true
		}
	}
	return "", false
}
