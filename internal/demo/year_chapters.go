package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fenlu/internal/sample"
	"fenlu/internal/simbank"
)

// chapters are the year: what is particular to a month, among what every month has.
func (y *year) chapters() []chapter {
	all := []chapter{{"demo.year.before", 0, []step{
		plain("2025-12 advance notice", "2025-12-12 10:05", func() error { return y.documents("00-documents") }),
		{"2025-12 not drawable", "2025-12-15 09:00", y.notDrawable},
	}}}
	for m := 1; m <= december; m++ {
		steps := y.monthly(m)
		if m == 1 {
			steps = append(y.beginning(), steps...)
		}
		steps = append(append(steps, y.particular(m)...), y.monthEnd(m)...)
		slices.SortStableFunc(steps, func(a, b step) int { return strings.Compare(a.at, b.at) })
		all = append(all, chapter{"demo.year.month", m, steps})
	}
	return append(all, chapter{"demo.year.after", 0, y.newYear()})
}

// moment is a day and time of a month of the year.
func moment(month, day int, clock string) string {
	return fmt.Sprintf("%d-%02d-%02d %s", sample.YearOf, month, day, clock)
}

func (y *year) day(month, day int) simbank.Day {
	return simbank.Day(fmt.Sprintf("%d-%02d-%02d", sample.YearOf, month, day))
}

func stepName(month int, what string) string {
	return fmt.Sprintf("%d-%02d %s", sample.YearOf, month, what)
}

// The days of every month: lists are approved on the 5th, sent on the 9th, issued
// again on the 16th; what else is paid is sent on the 20th, cases on the 12th; the
// bank returns a credit five days later.
const (
	returnsAfter = 5
	listDay      = 3
	approveDay   = 5
	sendDay      = 9
	caseDay      = 12
	afterReturns = 15
	againDay     = 16
	otherDay     = 20
	closeDay     = 27
)

// monthly are the steps of every month.
func (y *year) monthly(m int) []step {
	name := func(what string) string { return stepName(m, what) }
	return []step{
		{name("lists"), moment(m, listDay, "08:20"), func(ctx context.Context) error { return y.regular(ctx, m) }},
		plain(name("release"), moment(m, sendDay, "10:24"), func() error { return y.releaseRegular(m) }),
		{name("results"), moment(m, sendDay, "17:30"), func(ctx context.Context) error { return y.firstAnswers(ctx, y.day(m, sendDay)) }},
		{name("query"), moment(m, sendDay+1, "09:15"), func(ctx context.Context) error { return y.query(ctx, y.day(m, sendDay)) }},
		plain(name("statements"), moment(m, sendDay+1, "10:40"), func() error { return y.upTo(y.day(m, sendDay)) }),
		plain(name("returns"), moment(m, afterReturns, "09:30"), func() error { return y.upTo(y.day(m, sendDay+returnsAfter)) }),
		{name("reissue"), moment(m, afterReturns, "10:30"), func(ctx context.Context) error { return y.reissueRegular(ctx, m) }},
		{name("reissue results"), moment(m, againDay, "17:30"), func(ctx context.Context) error { return y.firstAnswers(ctx, y.day(m, againDay)) }},
		{name("reissue query"), moment(m, againDay+1, "09:15"), func(ctx context.Context) error { return y.query(ctx, y.day(m, againDay)) }},
		{name("other results"), moment(m, otherDay, "17:30"), func(ctx context.Context) error { return y.firstAnswers(ctx, y.day(m, otherDay)) }},
		{name("other query"), moment(m, otherDay+1, "09:15"), func(ctx context.Context) error { return y.query(ctx, y.day(m, otherDay)) }},
		plain(name("statements again"), moment(m, closeDay, "09:20"), func() error { return y.upTo(y.day(m, otherDay+returnsAfter)) }),
		{name("close batches"), moment(m, closeDay, "16:00"), y.closeBatches},
	}
}

// monthEnd closes the books of a month on the first day of the next; December's wait
// for the end of the year's work.
func (y *year) monthEnd(m int) []step {
	if m == december {
		return nil
	}
	return []step{plain(stepName(m, "close"), moment(m+1, 1, "10:00"), func() error { return y.closeMonth(sample.MonthName(m)) })}
}

const december = 12

// beginning are the steps with which the year begins.
func (y *year) beginning() []step {
	return []step{
		{"2026-01 people", moment(1, 2, "09:00"), y.peopleIn},
		plain("2025-12 close", moment(1, 2, "10:00"), func() error { return y.closePeriod("2025-12") }),
		plain("2026-01 standards", moment(1, 2, "11:00"), y.standardsIn),
		plain("2026-01 documents", moment(1, 2, "14:00"), func() error { return y.documents("01-documents") }),
		{"2026-01 including", moment(1, 2, "14:30"), y.included},
	}
}

// particular are the steps that only one month has.
func (y *year) particular(m int) []step {
	of := map[int]func() []step{2: y.february, 3: y.march, 4: y.april, 5: y.may, 6: y.june, 7: y.july, 8: y.august, 9: y.september,
		10: y.october, 11: y.november, december: y.decembers}[m]
	if of == nil {
		return nil
	}
	return of()
}
