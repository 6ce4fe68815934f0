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
	line    int32 // position in the list
	source  int16 // position in the pool
	advance int16 // 1 + position of the decision under which it is advanced (垫付); 0: none
	amount  money.Fen
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
	set     given // levels of back-pay lines
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
// Where a level is short, decisions (leaves) may let another level advance what is
// missing, out of what its own part leaves it and up to what is left of the
// decision: the lines that come last in the list are advanced.
//
// Where codes say that a source pays one residence class only, no line of the
// other takes from it, and a line takes from those of its own class first.
//
// Where set is given (back-pay), it says what each level pays instead of the
// policy: the difference of that level.
func allocate(lines []Line, sources []funds.Source, codes sourceCodes, policies *benefits.InForce,
	set given, leaves []leave) (allocation, error) {
	a := &allocator{sources: sources, codes: codes, set: set, left: make([]money.Fen, len(sources)), shares: map[shareKey][]benefits.Layer{},
		parts: make([]part, 0, len(lines)+len(lines)/8)}
	for i, s := range sources {
		a.left[i] = s.Balance
	}
	needed := newDemand()
	for i := range lines {
		p, err := policyOf(policies, &lines[i])
		if err != nil {
			return allocation{}, err
		}
		if err := needed.add(a, &lines[i], p); err != nil {
			return allocation{}, err
		}
	}
	if missing := needed.missing(a); len(missing) > 0 && len(leaves) == 0 {
		return allocation{missing: missing}, nil
	}
	var open []gap
	for i := range lines {
		for _, layer := range a.layers(&lines[i]) {
			n := need{string(layer.Level), a.codes.class(&lines[i])}
			if left := a.take(int32(i), layer.Amount, n, 0); left > 0 {
				open = append(open, gap{int32(i), n, left})
			}
		}
	}
	open = a.advance(open, leaves)
	for i := range lines {
		if len(a.layers(&lines[i])) == 0 {
			n := need{"", a.codes.class(&lines[i])}
			if left := a.take(int32(i), lines[i].Amount, n, 0); left > 0 {
				open = append(open, gap{int32(i), n, left})
			}
		}
	}
	if len(open) > 0 {
		return allocation{missing: needed.short(open)}, nil
	}
	return allocation{parts: a.parts}, nil
}

// gap is what nobody pays of a line's part.
type gap struct {
	line   int32
	need   need
	amount money.Fen
}

// advance lets other levels pay gaps under decisions, each only for the level that
// it names, and returns the gaps that stay.
func (a *allocator) advance(open []gap, leaves []leave) []gap {
	left := make([]money.Fen, len(leaves))
	for i, l := range leaves {
		left[i] = l.left
	}
	var stay []gap
	for _, g := range open {
		for i, l := range leaves {
			asked := min(g.amount, left[i])
			if string(l.Owing) != g.need.level || asked == 0 {
				continue
			}
			got := asked - a.take(g.line, asked, need{string(l.Payer), g.need.class}, i+1)
			g.amount, left[i] = g.amount-got, left[i]-got
		}
		if g.amount > 0 {
			stay = append(stay, g)
		}
	}
	return stay
}

// short names what is missing where not everything could be paid.
func (d *demand) short(open []gap) []Missing {
	gaps := map[need]money.Fen{}
	for _, g := range open {
		gaps[g.need] += g.amount // parts of the demand, which was summed with a check
	}
	var out []Missing
	for _, n := range append(d.order[:len(d.order):len(d.order)], d.any...) {
		if gaps[n] > 0 {
			out = append(out, Missing{Level: n.level, Residence: n.class, Needed: d.of[n], Free: d.of[n] - gaps[n]})
		}
	}
	return out
}

// layers is what each level pays of a line; it was computed with the demand.
func (a *allocator) layers(l *Line) []benefits.Layer {
	if a.set != nil {
		return a.set[l.ID]
	}
	return a.shares[shareKey{l.Policy, l.Amount}]
}

// take takes an amount from the sources of a level (all for "") that may pay a
// residence class, its own first, in pool order, and returns what is not there.
// advance says under which decision (1 + its position), 0 for none.
func (a *allocator) take(line int32, amount money.Fen, n need, advance int) money.Fen {
	for _, i := range a.from(n.level, n.class) {
		if amount == 0 {
			return 0
		}
		if got := min(amount, a.left[i]); got > 0 {
			a.left[i] -= got
			amount -= got
			a.parts = append(a.parts, part{line, int16(i), int16(advance), got}) //nolint:gosec // a pool has a few dozen sources, a program few decisions
		}
	}
	return amount
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
	layers, err := a.shared(l, p)
	if err != nil {
		return err
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

// shared is what each level pays of a line: what is set down for it, else what
// its policy says.
func (a *allocator) shared(l *Line, p benefits.Policy) ([]benefits.Layer, error) {
	if a.set != nil {
		return a.set[l.ID], addsUp(l, a.set[l.ID])
	}
	key := shareKey{l.Policy, l.Amount}
	layers, known := a.shares[key]
	if known {
		return layers, nil
	}
	layers, err := benefits.Shares(p, l.Month, l.Amount)
	if err == nil {
		err = addsUp(l, layers)
	}
	a.shares[key] = layers
	return layers, err
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
