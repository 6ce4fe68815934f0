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
	Level  string
	Needed money.Fen
	Free   money.Fen
}

// allocation is which source pays what (资金匹配).
type allocation struct {
	parts   []part // by line, for each line in the order its levels are named
	missing []Missing
}

// allocator hands out the pool's money.
type allocator struct {
	sources []funds.Source
	left    []money.Fen
	shares  map[shareKey][]benefits.Layer
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
func allocate(lines []Line, sources []funds.Source, policies map[benefits.PolicyID]benefits.Policy) (allocation, error) {
	a := &allocator{sources: sources, left: make([]money.Fen, len(sources)), shares: map[shareKey][]benefits.Layer{},
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
			a.take(int32(i), layer.Amount, string(layer.Level))
		}
	}
	for i := range lines {
		if len(a.layers(&lines[i])) == 0 {
			a.take(int32(i), lines[i].Amount, "")
		}
	}
	return allocation{parts: a.parts}, nil
}

// layers is what each level pays of a line; it was computed with the demand.
func (a *allocator) layers(l *Line) []benefits.Layer { return a.shares[shareKey{l.Policy, l.Amount}] }

// take takes an amount from the sources of a level (all for "") in pool order.
// The demand was compared with what is left, so it is there.
func (a *allocator) take(line int32, amount money.Fen, level string) {
	for i := range a.sources {
		if amount == 0 {
			return
		}
		if level != "" && string(a.sources[i].Level) != level {
			continue
		}
		if got := min(amount, a.left[i]); got > 0 {
			a.left[i] -= got
			amount -= got
			a.parts = append(a.parts, part{line, int16(i), got})
		}
	}
}

// demand is what a list needs of each level, and of any.
type demand struct {
	of    map[string]money.Fen
	order []string
	any   money.Fen
}

func newDemand() *demand { return &demand{of: map[string]money.Fen{}} }

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
		return grow(&d.any, l.Amount)
	}
	for _, layer := range layers {
		level := string(layer.Level)
		if _, met := d.of[level]; !met {
			d.order = append(d.order, level)
		}
		sum := d.of[level]
		if err := grow(&sum, layer.Amount); err != nil {
			return err
		}
		d.of[level] = sum
	}
	return nil
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
	var left money.Fen
	free := map[string]money.Fen{}
	for i, s := range a.sources {
		free[string(s.Level)] += a.left[i]
		left += a.left[i]
	}
	for _, level := range d.order {
		if d.of[level] > free[level] {
			out = append(out, Missing{level, d.of[level], free[level]})
		}
		left -= min(d.of[level], free[level])
	}
	if d.any > left {
		out = append(out, Missing{"", d.any, left})
	}
	return out
}
