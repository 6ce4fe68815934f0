package iso

import (
	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// requestReader reads camt.056 of any version: a bank asks to cancel payments
// or to have them back (退回申请、查询). A request moves no money and says
// nothing of success: each is an item of kind status without a code, its
// outcome unknown, with the reason that the bank gives.
type requestReader struct {
	in      *xmlscan.Scanner
	out     *record.Out
	group   record.Header
	told    bool
	whole   int64 // groups asked back without a list
	count   int64
	sum     record.Total
	unknown bool // one has no amount
}

func readCamt056(in *xmlscan.Scanner, out *record.Out) error {
	r := &requestReader{in: in, out: out, group: record.Header{Level: record.LevelFile, Position: in.Here()}}
	err := in.Children(func(name string) error {
		switch name {
		case "Assgnmt":
			r.group.Position = in.Here()
			return in.Children(r.header)
		case "Case":
			return r.caseID()
		case "CtrlData":
			return in.Children(r.header)
		case "Undrlyg":
			if err := r.tell(); err != nil {
				return err
			}
			return r.underlying()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.tell(); err != nil || r.whole > 0 {
		return err
	}
	if err := record.Agree(r.group.Position, record.LevelFile, r.group.Count, "", r.count, nil); err != nil || r.unknown {
		return err
	}
	return record.Agree(r.group.Position, record.LevelFile, "", r.group.Sum, r.count, &r.sum)
}

func (r *requestReader) header(name string) (err error) {
	switch name {
	case "Id":
		r.group.MessageID, err = r.in.Leaf()
	case "CreDtTm":
		r.group.Created, err = r.in.Leaf()
	case "NbOfTxs":
		r.group.Count, err = r.in.Leaf()
	case "CtrlSum":
		r.group.Sum, err = r.in.Leaf()
	}
	return err
}

func (r *requestReader) caseID() (err error) {
	r.group.OriginalID, err = r.in.Pick("Id")
	return err
}

func (r *requestReader) tell() error {
	if r.told {
		return nil
	}
	r.told = true
	return r.out.Header(r.group)
}

// underlying reads the payments of one original file. Without a list the file
// itself is asked back.
func (r *requestReader) underlying() error {
	it := &record.Item{Kind: record.KindStatus, Level: record.LevelFile, Position: r.in.Here()}
	var all status
	listed := r.count
	err := r.in.Children(func(name string) error {
		switch name {
		case "OrgnlGrpInfAndCxl", "OrgnlPmtInfAndCxl":
			if it.Level == record.LevelFile {
				it.Position = r.in.Here()
			}
			return r.in.Children(func(name string) (err error) {
				switch name {
				case "OrgnlMsgId", "OrgnlPmtInfId":
					it.BatchID, err = r.in.Leaf()
				case "CxlRsnInf":
					err = all.read(r.in, r.out)
				}
				return err
			})
		case "TxInf":
			return r.payment(it.BatchID, all)
		}
		return nil
	})
	if err != nil || r.count > listed {
		return err
	}
	r.whole++
	setRequest(it, all)
	return r.out.Item(it)
}

func (r *requestReader) payment(batch string, all status) error {
	in := r.in
	it := &record.Item{Kind: record.KindStatus, Level: record.LevelPayment, BatchID: batch, Position: in.Here()}
	var own status
	err := in.Children(func(name string) (err error) {
		switch name {
		case "CxlId":
			it.BankRef, err = in.Leaf()
		case "OrgnlGrpInf":
			var id string
			id, err = in.Pick("OrgnlMsgId")
			it.BatchID = record.First(id, it.BatchID)
		case "CxlRsnInf":
			err = own.read(in, r.out)
		default:
			err = originalPayment(in, it, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	own, it.InheritedFrom = inherited{{record.LevelFile, all}}.complete(own)
	setRequest(it, own)
	r.count++
	if a, ok := record.ParseAmount(it.Amount); ok {
		r.sum.Add(a)
	}
	r.unknown = r.unknown || it.Amount == ""
	return r.out.Item(it)
}
