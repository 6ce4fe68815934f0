package batch

import (
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/internal/errs"
	"fenlu/money"
)

// part is what one source pays of one line. It is kept small: a large batch
// has more than a million.
type part struct {
	line   int32 // position in the list
	source int16 // position in the pool
	amount money.Fen
}

// Missing is what a level (资金级次) does not have. Level is empty for lines that
// any level of the pool may pay.
type Missing struct {
	Level     string
	Residence string // where only some sources may pay the lines of a residence class
	Needed    money.Fen
	Free      money.Fen
}

// allocation is which source pays what (资金匹配).
type allocation struct {
	parts   []part // by line, for each line in the order its levels are named
	missing []Missing
}

// allocator hands out the pool's money.
type allocator struct {
	sources []funds.Source
	codes   sourceCodes
	left    []money.Fen
	shares  map[shareKey][]benefits.Layer
	orders  map[need][]int
	parts   []part
}

type shareKey struct {
	policy int32
	amount money.Fen
}

// allocate matches lines with sources. A line whose policy says what each level
// pays takes exactly that from the level's sources, in pool order; any other
// takes from the sources in pool order. Lines with layers come first, because
// no other money may take their level's place; within that the order is the
// list's. What is missing is named for each level, and nothing is allocated in
// its stead.
//
// Where codes say that a source pays one residence class only, no line of the
// other takes from it, and a line takes from those of its own class first.
func allocate(lines []Line, sources []funds.Source, codes sourceCodes, policies map[benefits.PolicyID]benefits.Policy) (allocation, error) {
	a := &allocator{sources: sources, codes: codes, left: make([]money.Fen, len(sources)), shares: map[shareKey][]benefits.Layer{},
		parts: make([]part, 0, len(lines)+len(lines)/8)}
	for i, s := range sources {
		a.left[i] = s.Balance
	}
	needed := newDemand()
	for i := range lines {
		if err := needed.add(a, &lines[i], policies[benefits.PolicyID(lines[i].Policy)]); err != nil {
			return allocation{}, err
		}
	}
	if missing := needed.missing(a); len(missing) > 0 {
		return allocation{missing: missing}, nil
	}
	for i := range lines {
		for _, layer := range a.layers(&lines[i]) {
			a.take(int32(i), layer.Amount, string(layer.Level), a.codes.class(&lines[i]))
		}
	}
	for i := range lines {
		if len(a.layers(&lines[i])) == 0 {
			a.take(int32(i), lines[i].Amount, "", a.codes.class(&lines[i]))
		}
	}
	return allocation{parts: a.parts}, nil
}

// layers is what each level pays of a line; it was computed with the demand.
func (a *allocator) layers(l *Line) []benefits.Layer { return a.shares[shareKey{l.Policy, l.Amount}] }

// take takes an amount from the sources of a level (all for "") that may pay a
// residence class, its own first, in pool order. The demand was compared with what
// is left, so it is there.
func (a *allocator) take(line int32, amount money.Fen, level, class string) {
	for _, i := range a.from(level, class) {
		if amount == 0 {
			return
		}
		if got := min(amount, a.left[i]); got > 0 {
			a.left[i] -= got
			amount -= got
			a.parts = append(a.parts, part{line, int16(i), got}) //nolint:gosec // a pool has a few dozen sources
		}
	}
}

// from is the positions of the sources that may pay, in the order they are taken.
func (a *allocator) from(level, class string) []int {
	key := need{level, class}
	if order, known := a.orders[key]; known {
		return order
	}
	var own, open []int
	for i := range a.sources {
		switch {
		case level != "" && string(a.sources[i].Level) != level:
		case a.codes.of(i) == "":
			open = append(open, i)
		case a.codes.of(i) == class:
			own = append(own, i)
		}
	}
	if a.orders == nil {
		a.orders = map[need][]int{}
	}
	a.orders[key] = append(own, open...)
	return a.orders[key]
}

// need is what may be taken from: a level, or any for "", for a residence class.
type need struct{ level, class string }

// demand is what a list needs of each level, and of any.
type demand struct {
	of    map[need]money.Fen
	order []need // levels before any
	any   []need
}

func newDemand() *demand { return &demand{of: map[need]money.Fen{}} }

func (d *demand) add(a *allocator, l *Line, p benefits.Policy) error {
	key := shareKey{l.Policy, l.Amount}
	layers, known := a.shares[key]
	if !known {
		var err error
		if layers, err = benefits.Shares(p, l.Month, l.Amount); err != nil {
			return err
		}
		if err := addsUp(l, layers); err != nil {
			return err
		}
		a.shares[key] = layers
	}
	if len(layers) == 0 {
		return d.grow(need{"", a.codes.class(l)}, l.Amount)
	}
	for _, layer := range layers {
		if err := d.grow(need{string(layer.Level), a.codes.class(l)}, layer.Amount); err != nil {
			return err
		}
	}
	return nil
}

func (d *demand) grow(n need, amount money.Fen) error {
	sum, met := d.of[n]
	switch {
	case !met && n.level == "":
		d.any = append(d.any, n)
	case !met:
		d.order = append(d.order, n)
	}
	err := grow(&sum, amount)
	d.of[n] = sum
	return err
}

func addsUp(l *Line, layers []benefits.Layer) error {
	var sum money.Fen
	for _, layer := range layers {
		if err := grow(&sum, layer.Amount); err != nil {
			return err
		}
	}
	if len(layers) > 0 && sum != l.Amount {
		return errs.New(errs.Refused, "BATCH_LAYERS", "line", l.No, "amount", l.Amount.Grouped(), "layers", sum.Grouped())
	}
	return nil
}

func grow(sum *money.Fen, by money.Fen) error {
	next, err := money.Add(*sum, by)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "LEDGER_OVERFLOW")
	}
	*sum = next
	return nil
}

// missing compares what is needed with what the pool has: each level that the
// layers name for itself, then all other lines with what those leave.
func (d *demand) missing(a *allocator) []Missing {
	var out []Missing
	left := append([]money.Fen(nil), a.left...)
	for _, n := range append(d.order[:len(d.order):len(d.order)], d.any...) {
		var free money.Fen
		todo := d.of[n]
		for _, i := range a.from(n.level, n.class) {
			free += left[i]
			got := min(todo, left[i])
			left[i] -= got
			todo -= got
		}
		if todo > 0 {
			out = append(out, Missing{Level: n.level, Residence: n.class, Needed: d.of[n], Free: free})
		}
	}
	return out
}
