package simbank

import "errors"

const (
	pain001Space = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
	cnapsCode    = "CNAPS"
)

// draft gathers the values of a pain.001 while it is read.
type draft struct {
	order      *order
	bad        *refusals
	groupCount int
	groupSum   Fen
	instrID    string
}

// readPain001 reads a credit transfer initiation. The guide asks for one PmtInf,
// counts and control sums at both levels, CNY, and a 12-digit CNAPS member.
func readPain001(raw []byte, r *refusals) *order {
	d := draft{order: &order{profile: ProfilePain001}, bad: r}
	g := guideReader{draft: &d, space: pain001Space, root: pain001Guide()}
	line, err := g.read(raw)
	guide, deviated := errors.AsType[guideError](err)
	switch {
	case deviated:
		d.order.broken = true
		r.add(line, refuseFormat, string(guide))
	case err != nil:
		d.order.broken = true
		r.add(line, refuseFormat, "不是完整有效的XML")
	case d.groupCount != d.order.count || d.groupSum != d.order.sum:
		r.add(0, refuseTotals, "报文头与批次的笔数或金额不符")
	}
	return d.order
}

// last is the instruction being read.
func (d *draft) last() *instruction { return &d.order.lines[len(d.order.lines)-1] }

func (d *draft) begin(at int) {
	d.order.lines = append(d.order.lines, instruction{seq: len(d.order.lines) + 1, at: at})
	d.instrID = ""
}

func (d *draft) count(to *int, value string, at int) {
	n, ok := parseCount(value)
	if !ok {
		d.bad.add(at, refuseFormat, "笔数格式错误")
	}
	*to = n
}

func (d *draft) amount(to *Fen, value string, at int) {
	n, ok := parseDecimal(value)
	if !ok {
		d.bad.add(at, refuseFormat, "金额须为不超过两位小数的元")
	}
	*to = n
}

func (d *draft) endToEnd(value string, at int) {
	if d.instrID != value {
		d.bad.add(at, refuseFormat, "EndToEndId与InstrId不一致")
	}
	d.last().endToEnd = value
}

func (d *draft) day(to *Day, value string, at int) bool {
	day, ok := parseXMLDay(value)
	if !ok {
		d.bad.add(at, refuseFormat, "日期格式错误")
	}
	*to = day
	return ok
}

// created keeps CreDtTm as written, to be quoted in the status report.
func (d *draft) created(value string, at int) {
	var ignored Day
	if d.day(&ignored, value, at) {
		d.order.created = value
	}
}

// fixed refuses any value but want.
func fixed(name, want string) func(*draft, string, int) {
	return func(d *draft, value string, at int) {
		if value != want {
			d.bad.add(at, refuseFormat, name+"应为"+want)
		}
	}
}

func remark(d *draft, value string, at int) {
	if !isText(value) {
		d.bad.add(at, refuseFormat, "附言过长或含有不允许的字符")
	}
}
