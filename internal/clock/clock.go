// Package clock tells the time to everything that needs it, so that a demo's
// month and a test's month are the same month every time.
package clock

import "time"

// Clock tells the time.
type Clock interface{ Now() time.Time }

// Shanghai is the zone of business dates. It has had no daylight saving time
// since 1991, so a fixed offset is exact for everything Fenlu records.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// System is the machine's clock.
type System struct{}

// Now is the current time, to the microsecond, as the database keeps it.
func (System) Now() time.Time { return time.Now().Truncate(time.Microsecond) }

// Date is the business date of a moment (Asia/Shanghai), at midnight UTC, as
// the database's date type carries it.
func Date(t time.Time) time.Time {
	y, m, d := t.In(Shanghai).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Manual is a clock that is set by hand: demo steps and tests.
type Manual struct{ at time.Time }

// NewManual is a clock that stands at t.
func NewManual(t time.Time) *Manual { return &Manual{at: t} }

// Now is the time it was set to.
func (m *Manual) Now() time.Time { return m.at }

// Set moves the clock to t.
func (m *Manual) Set(t time.Time) { m.at = t }
