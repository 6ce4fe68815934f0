package calc

import (
	"cmp"
	"slices"
	"time"

	"fenlu/internal/errs"
	"fenlu/money"
)

// cell is one month and layer: what is due, what was paid, and the difference.
type cell struct {
	month, level    string
	due, paid, open money.Fen
}

// tabulate brings both sides together, by month in order of time and by layer
// in the order in which the layers first appear.
func tabulate(due, paid []Owed) ([][]cell, error) {
	t := table{cells: map[[2]string]*cell{}}
	for _, side := range []struct {
		owed   []Owed
		amount func(*cell) *money.Fen
	}{
		{due, func(c *cell) *money.Fen { return &c.due }},
		{paid, func(c *cell) *money.Fen { return &c.paid }},
	} {
		for _, o := range side.owed {
			if err := t.book(o, side.amount); err != nil {
				return nil, err
			}
		}
	}
	return t.months()
}

type table struct {
	cells  map[[2]string]*cell
	levels []string
}

// book adds an amount to its cell.
func (t *table) book(o Owed, amount func(*cell) *money.Fen) error {
	if _, err := calendarMonth(o.Month); err != nil {
		return err
	}
	key := [2]string{o.Month, o.Level}
	c, ok := t.cells[key]
	if !ok {
		c = &cell{month: o.Month, level: o.Level}
		t.cells[key] = c
	}
	if !slices.Contains(t.levels, o.Level) {
		t.levels = append(t.levels, o.Level)
	}
	sum, err := money.Add(*amount(c), o.Amount)
	if err != nil {
		return arithmetic(err)
	}
	*amount(c) = sum
	return nil
}

// months is the cells with their differences, sorted and cut into months.
func (t *table) months() ([][]cell, error) {
	var all []cell
	for _, c := range t.cells {
		open, err := money.Sub(c.due, c.paid)
		if err != nil {
			return nil, arithmetic(err)
		}
		c.open = open
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.month, b.month),
			cmp.Compare(slices.Index(t.levels, a.level), slices.Index(t.levels, b.level)))
	})
	var out [][]cell
	for i, c := range all {
		if i == 0 || all[i-1].month != c.month {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], c)
	}
	return out, nil
}

// balances is a month's total difference, and by layer how much too little and
// how much too much it paid (0 where it did not).
func balances(cells []cell) (total money.Fen, under, over []int64, err error) {
	for _, c := range cells {
		if total, err = money.Add(total, c.open); err != nil {
			return 0, nil, nil, arithmetic(err)
		}
		under = append(under, int64(max(c.open, 0)))
		over = append(over, int64(max(-c.open, 0)))
	}
	return total, under, over, nil
}

// shareOut shares an amount that the weights cover; nothing is shared as zeros.
func shareOut(amount money.Fen, weights []int64) ([]money.Fen, error) {
	if amount == 0 {
		return make([]money.Fen, len(weights)), nil
	}
	shares, err := money.Share(amount, weights)
	if err != nil {
		return nil, arithmetic(err)
	}
	return shares, nil
}

// calendarMonth is the month 1 to 12 of "2018-01".
func calendarMonth(month string) (int, error) {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return 0, errs.New(errs.Invalid, "CALC_MONTH", "month", month)
	}
	return int(t.Month()), nil
}
