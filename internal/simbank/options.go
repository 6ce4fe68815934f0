package simbank

import "fmt"

// Options fix the bank's behaviour for the whole life of its directory. Rates
// are in parts per 10,000 instructions; the zero value credits every payment.
type Options struct {
	// Seed keys the hash that decides each instruction's fate.
	Seed int64 `json:"seed"`
	// FailRate is the share that fails at once and is never booked.
	FailRate int `json:"fail_rate"`
	// ForgetRate is the share booked but left out of the first result.
	ForgetRate int `json:"forget_rate"`
	// ReturnRate is the share credited and returned later (退汇).
	ReturnRate int `json:"return_rate"`
	// ReturnAfterDays is how many calendar days after booking a return comes; at least 1
	// where anything can be returned.
	ReturnAfterDays int `json:"return_after_days"`
	// QueryAfterDays dates the query result: so many days after booking.
	QueryAfterDays int `json:"query_after_days"`
	// MinFailures, MinForgotten and MinReturns hold for each file of at least
	// MinLines instructions, however the rates fall.
	MinFailures  int `json:"min_failures"`
	MinForgotten int `json:"min_forgotten"`
	MinReturns   int `json:"min_returns"`
	// MinLines is the number of lines from which the minima hold.
	MinLines int `json:"min_lines"`
	// LoseOn is a day of which each file of at least MinLines instructions has one
	// that the bank loses: it is neither booked nor named, ever. Empty: none.
	LoseOn Day `json:"lose_on,omitempty"`
	// Account is drawn on by files that name none (签约付款账号).
	Account string `json:"account,omitempty"`
	// Faults are what the bank does wrong besides. Those of payments befall one
	// payment of each file of at least MinLines instructions; those of files
	// befall every result.
	Faults []Fault `json:"faults,omitempty"`
}

// DefaultOptions is a bank as a county knows it: 0.9% fail at once, 0.02% are
// forgotten, 0.15% come back after three days; a file of ten lines or more has
// at least one of each.
func DefaultOptions(seed int64) Options {
	return Options{
		Seed: seed, FailRate: 90, ForgetRate: 2, ReturnRate: 15,
		ReturnAfterDays: 3, QueryAfterDays: 1,
		MinFailures: 1, MinForgotten: 1, MinReturns: 1, MinLines: 10,
	}
}

func (o Options) check() error {
	for _, f := range []struct {
		name       string
		value, max int
	}{
		{"FailRate", o.FailRate, rateBase}, {"ForgetRate", o.ForgetRate, rateBase},
		{"ReturnRate", o.ReturnRate, rateBase},
		{"ReturnAfterDays", o.ReturnAfterDays, 366}, {"QueryAfterDays", o.QueryAfterDays, 366},
		{"MinFailures", o.MinFailures, 1 << 20}, {"MinForgotten", o.MinForgotten, 1 << 20},
		{"MinReturns", o.MinReturns, 1 << 20}, {"MinLines", o.MinLines, 1 << 20},
	} {
		if f.value < 0 || f.value > f.max {
			return fmt.Errorf("simbank: option %s is %d, want 0 to %d", f.name, f.value, f.max)
		}
	}
	if o.Account != "" && !isAccount(o.Account) {
		return fmt.Errorf("simbank: option Account is no account")
	}
	for _, f := range o.Faults {
		if !f.known() {
			return fmt.Errorf("simbank: there is no fault %q", string(f))
		}
	}
	if minima := o.MinFailures + o.MinForgotten + o.MinReturns + len(o.lineFaults()); minima > o.MinLines {
		return fmt.Errorf("simbank: the minima ask for %d lines, MinLines is only %d", minima, o.MinLines)
	}
	if o.ReturnAfterDays == 0 && (o.ReturnRate > 0 || o.MinReturns > 0) {
		return fmt.Errorf("simbank: ReturnAfterDays is 0, but a return comes at least a day after the credit")
	}
	return nil
}
