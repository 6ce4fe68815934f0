package simbank

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"sort"
	"strconv"
)

// fate is what becomes of an instruction.
type fate uint8

const (
	fateCredited  fate = iota // booked, in the first result, stays
	fateFailed                // in the first result as failed, never booked
	fateForgotten             // booked, first named in the query result
	fateReturned              // booked, in the first result as credited, comes back later
	fateLost                  // taken in and never heard of again: not booked, in no result, in no statement

	// Fates that only faults give.
	fateOmitted       // booked, in no result: only the statement shows it
	fateUnknownPaid   // booked, unknown in the first result, paid in the query result
	fateUnknownFailed // not booked, unknown in the first result, failed in the query result
	fatePartial       // booked by half, and the first result says so as its format can
	fateLate          // booked, comes back long after
	fateTakenAgain    // booked, comes back, and is taken again: a refund of a refund
	fateTwoAnswers    // booked, in the first result once as paid and once as failed
)

// rateBase is the denominator of the rates: parts per 10,000.
const rateBase = 10_000

// draws are four independent numbers of one instruction: one for each fate and
// one for the reason.
type draws struct{ fail, forget, back, reason uint64 }

// decide gives every line of the order its fate. It looks at the seed and at the
// lines, at nothing else.
func decide(o *order, opt Options) {
	drawn := make([]draws, len(o.lines))
	key := strconv.AppendInt(nil, opt.Seed, 10)
	mac := hmac.New(sha256.New, key)
	var text, sum []byte
	for i := range o.lines {
		l := &o.lines[i]
		text = append(append(text[:0], l.endToEnd...), '|')
		text = append(append(text, l.account...), '|')
		text = l.amount.append(text)
		mac.Reset()
		mac.Write(text)
		sum = mac.Sum(sum[:0])
		drawn[i] = draws{
			fail: binary.BigEndian.Uint64(sum), forget: binary.BigEndian.Uint64(sum[8:]),
			back: binary.BigEndian.Uint64(sum[16:]), reason: binary.BigEndian.Uint64(sum[24:]),
		}
		l.fate = drawn[i].fate(opt)
	}
	if len(o.lines) > 0 && len(o.lines) >= opt.MinLines {
		topUp(o, drawn, fateFailed, opt.MinFailures, func(d draws) uint64 { return d.fail })
		topUp(o, drawn, fateForgotten, opt.MinForgotten, func(d draws) uint64 { return d.forget })
		topUp(o, drawn, fateReturned, opt.MinReturns, func(d draws) uint64 { return d.back })
		if opt.LoseOn != "" && o.bookedOn == opt.LoseOn {
			topUp(o, drawn, fateLost, 1, func(d draws) uint64 { return d.reason })
		}
		for i, f := range opt.lineFaults() {
			topUp(o, drawn, f, 1, func(d draws) uint64 { return bits.RotateLeft64(d.reason, i+1) })
		}
	}
	for i := range o.lines {
		o.lines[i].explain(drawn[i].reason)
	}
}

func (d draws) fate(opt Options) fate {
	switch {
	case hits(d.fail, opt.FailRate):
		return fateFailed
	case hits(d.forget, opt.ForgetRate):
		return fateForgotten
	case hits(d.back, opt.ReturnRate):
		return fateReturned
	}
	return fateCredited
}

// hits says whether a draw falls under a rate in parts per 10,000.
func hits(draw uint64, rate int) bool { return int(draw%rateBase) < rate }

// topUp turns credited lines into f until the order has least of them, the
// smallest draw first.
func topUp(o *order, drawn []draws, f fate, least int, by func(draws) uint64) {
	var credited []int
	for i := range o.lines {
		switch o.lines[i].fate {
		case f:
			least--
		case fateCredited:
			credited = append(credited, i)
		default:
		}
	}
	if least <= 0 {
		return
	}
	sort.Slice(credited, func(a, b int) bool {
		x, y := by(drawn[credited[a]]), by(drawn[credited[b]])
		if x != y {
			return x < y
		}
		return o.lines[credited[a]].endToEnd < o.lines[credited[b]].endToEnd
	})
	for _, i := range credited[:min(least, len(credited))] {
		o.lines[i].fate = f
	}
}

func (i *instruction) explain(draw uint64) {
	switch c := i.fate.course(); {
	case c.back != backNever:
		i.reason = pick(returnReasons(), draw)
	case c.says(answerFailed):
		i.reason = pick(failureReasons(), draw)
	}
}

// reason is why a payment failed or came back.
type reason struct {
	code   string // of the result file (回盘)
	iso    string // ISO 20022 external reason code
	text   string
	weight uint64
}

func failureReasons() []reason {
	return []reason{
		{"1001", "AC01", "账号不存在", 24},
		{"1002", "BE01", "户名不符", 24},
		{"1003", "AC04", "已销户", 20},
		{"1004", "AC06", "账户冻结", 10},
		{"1005", "NARR", "不动户", 8},
		{"1006", "NARR", "卡户未激活", 8},
		{"1099", "MD07", "其他：收款人已死亡", 3},
		{"1099", "NARR", "其他", 3},
	}
}

func returnReasons() []reason {
	return []reason{
		{"1003", "AC04", "退汇：账户已销户", 40},
		{"1004", "AC06", "退汇：账户冻结", 20},
		{"1002", "BE01", "退汇：户名不符", 20},
		{"1001", "AC01", "退汇：账号不存在", 10},
		{"1099", "MD07", "退汇：收款人已死亡", 10},
	}
}

func pick(from []reason, draw uint64) *reason {
	var total uint64
	for i := range from {
		total += from[i].weight
	}
	at := draw % total
	for i := range from {
		if at < from[i].weight {
			return &from[i]
		}
		at -= from[i].weight
	}
	return &from[len(from)-1]
}
