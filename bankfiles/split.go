package bankfiles

import (
	"io"
	"iter"

	"fenlu/bankfiles/order"
)

// Split says which payments go into which file under a profile, so that no
// file is over the limits; see [order.Split]. The payments must be valid
// ([Validate], which gave the totals). b is the head of the files, with a
// message id as long as that of each. Bytes are measured by writing: what a
// file will have is at most what was measured, since counts, sums and row
// numbers of a part are no longer than those of the whole.
func Split(profile string, b order.Batch, totals order.Totals, src order.Source, l order.Limits) ([]order.Part, error) {
	p, err := writer(profile)
	if err != nil {
		return nil, err
	}
	return p.Split(b, totals, src, l)
}

// Split is [Split] with the profile at hand.
func (p Profile) Split(b order.Batch, totals order.Totals, src order.Source, l order.Limits) ([]order.Part, error) {
	size, err := frame(p, b, totals)
	if err != nil {
		return nil, err
	}
	return order.Split(p.Name, measured(p, b, totals, src), size, l)
}

// frame is the bytes of a file of these totals without its payments.
func frame(p Profile, b order.Batch, totals order.Totals) (int64, error) {
	out := order.NewOutput(io.Discard)
	none := func() iter.Seq2[order.Instruction, error] { return func(func(order.Instruction, error) bool) {} }
	err := p.write(out, b, totals, none)
	return out.Bytes + slack, err
}

// slack is for a trailer, which counts what was written: nothing, here, and at
// most 15 digits for the count and 18 for the sum in a whole file.
const slack = 32

// measured gives each payment with the bytes that it took when all of them
// were written one after the other: it is known when the next one is asked for.
func measured(p Profile, b order.Batch, totals order.Totals, src order.Source) iter.Seq2[order.Measured, error] {
	return func(yield func(order.Measured, error) bool) {
		out := order.NewOutput(io.Discard)
		var last order.Measured
		more, at := true, int64(-1)
		tell := func() {
			if at >= 0 && more {
				last.Bytes = out.Bytes - at
				more = yield(last, nil)
			}
		}
		watched := func() iter.Seq2[order.Instruction, error] {
			return func(next func(order.Instruction, error) bool) {
				for in, err := range src() {
					tell()
					last.Instruction, at = in, out.Bytes
					if !more || !next(in, err) {
						return
					}
				}
				tell()
			}
		}
		if err := p.write(out, b, totals, watched); err != nil && more {
			yield(order.Measured{}, err)
		}
	}
}
