package iso

import (
	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// returnReader reads pacs.004 of any version: payments that a bank sends back
// (退汇、业务退回). Each is an item of kind return by the ids of the original
// payment, with the money that really moves back.
type returnReader struct {
	in      *xmlscan.Scanner
	out     *record.Out
	group   record.Header
	whole   bool   // GrpRtr: the whole original file comes back
	total   stated // TtlRtrdIntrBkSttlmAmt
	settled string // the date of settlement of all
	reason  status // of all
	count   int64
	sum     record.Total
	unknown bool // one has no amount
}

func readPacs004(in *xmlscan.Scanner, out *record.Out) error {
	r := &returnReader{in: in, out: out}
	told := false
	err := in.Children(func(name string) error {
		switch name {
		case "GrpHdr":
			r.group = record.Header{Level: record.LevelFile, Position: in.Here()}
			return in.Children(r.header)
		case "OrgnlGrpInf":
			return in.Children(r.original)
		case "TxInf":
			if err := r.tell(&told); err != nil {
				return err
			}
			return r.payment()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.tell(&told); err != nil {
		return err
	}
	return r.end()
}

func (r *returnReader) tell(told *bool) error {
	if *told {
		return nil
	}
	*told = true
	h := r.group
	h.Reason, h.ReasonText = r.reason.reason, r.reason.text
	return r.out.Header(h)
}

func (r *returnReader) header(name string) (err error) {
	switch name {
	case "NbOfTxs":
		r.group.Count, err = r.in.Leaf()
	case "CtrlSum":
		r.group.Sum, err = r.in.Leaf()
	case "GrpRtr":
		r.whole, err = flag(r.in)
	case "TtlRtrdIntrBkSttlmAmt":
		r.total.digits, r.total.currency, err = r.in.Money()
	case "IntrBkSttlmDt":
		r.settled, err = r.in.Leaf()
		r.settled = day(r.settled)
	default:
		err = identity(r.in, &r.group, name)
	}
	return err
}

func (r *returnReader) original(name string) (err error) {
	switch name {
	case "OrgnlMsgId":
		r.group.OriginalID, err = r.in.Leaf()
	case "RtrRsnInf":
		err = r.reason.read(r.in, r.out)
	}
	return err
}

// end compares what the message states of all returns with those listed. A
// group return may list none: then it is itself the item.
func (r *returnReader) end() error {
	at := r.group.Position
	if r.whole && r.count == 0 {
		it := &record.Item{
			Kind: record.KindReturn, Level: record.LevelFile, BatchID: r.group.OriginalID, BankRef: r.group.MessageID, Position: at,
			Direction: record.Credit, Amount: r.total.digits, Currency: r.total.currency, ValueDate: r.settled,
			Reason: r.reason.reason, ReasonText: r.reason.text,
		}
		return r.out.Item(it)
	}
	if err := record.Agree(at, record.LevelFile, r.group.Count, "", r.count, nil); err != nil || r.unknown {
		return err
	}
	for _, stated := range []string{r.group.Sum, r.total.digits} {
		if err := record.Agree(at, record.LevelFile, "", stated, r.count, &r.sum); err != nil {
			return err
		}
	}
	return nil
}

// returned is the TxInf being read.
type returned struct {
	*returnReader
	it                    *record.Item
	own                   status
	back, billed, sent    stated // what comes back, as settled, as instructed; what was sent
	returnID, clearingRef string
}

func (r *returnReader) payment() error {
	it := &record.Item{
		Kind: record.KindReturn, Level: record.LevelPayment, Position: r.in.Here(),
		BatchID: r.group.OriginalID, Direction: record.Credit, ValueDate: r.settled,
	}
	p := &returned{returnReader: r, it: it}
	if err := r.in.Children(p.field); err != nil {
		return err
	}
	it.BankRef = record.First(p.returnID, p.clearingRef)
	why := p.own.because(r.reason)
	it.Reason, it.ReasonText = why.reason, why.text
	if p.back.digits == "" {
		p.back = p.billed
	}
	it.Amount, it.Currency = p.back.digits, p.back.currency
	if err := p.add(); err != nil {
		return err
	}
	return r.out.Item(it)
}

func (p *returned) field(name string) (err error) {
	in, it := p.in, p.it
	switch name {
	case "RtrId":
		p.returnID, err = in.Leaf()
	case "ClrSysRef":
		p.clearingRef, err = in.Leaf()
	case "OrgnlGrpInf":
		var id string
		id, err = in.Pick("OrgnlMsgId")
		it.BatchID = record.First(id, it.BatchID)
	case "OrgnlIntrBkSttlmAmt":
		p.sent.digits, p.sent.currency, err = in.Money()
	case "RtrdIntrBkSttlmAmt":
		p.back.digits, p.back.currency, err = in.Money()
	case "RtrdInstdAmt":
		p.billed.digits, p.billed.currency, err = in.Money()
	case "IntrBkSttlmDt":
		it.ValueDate, err = in.Leaf()
		it.ValueDate = day(it.ValueDate)
	case "RtrRsnInf":
		err = p.own.read(in, p.out)
	default:
		err = originalPayment(in, it, name)
	}
	return err
}

// add counts the return; less than was sent is a difference of its own.
func (p *returned) add() error {
	p.count++
	a, ok := record.ParseAmount(p.back.digits)
	switch {
	case p.back.digits == "":
		p.unknown = true
		return p.out.Warn(p.it.Position, "BANKFILE_WARN_NO_AMOUNT")
	case !ok:
		return nil // the item says where
	}
	p.sum.Add(a)
	sent, ok := record.ParseAmount(p.sent.digits)
	if !ok || p.sent.currency != p.back.currency || sent.Decimal().Equal(a.Decimal()) {
		return nil
	}
	return p.out.Difference(p.it.Position, "BANKFILE_WARN_RETURN_AMOUNT", sent, a)
}
