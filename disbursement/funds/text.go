package funds

import (
	"strconv"
	"time"
)

// day is a business date as people read it; empty for none.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func itoa(n int) string { return strconv.Itoa(n) }
