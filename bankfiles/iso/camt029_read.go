package iso

import (
	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// resolutionReader reads camt.029 of any version: the answer to a request to
// cancel or change a payment (查复). The status is that of the request, not of
// the payment: that money came back is proved by a return or a statement only,
// so that every outcome is unknown.
type resolutionReader struct {
	in    *xmlscan.Scanner
	out   *record.Out
	file  status
	group record.Header
	told  bool
	items int64
}

func readCamt029(in *xmlscan.Scanner, out *record.Out) error {
	r := &resolutionReader{in: in, out: out, group: record.Header{Level: record.LevelFile, Position: in.Here()}}
	at := in.Here()
	err := in.Children(func(name string) (err error) {
		switch name {
		case "Assgnmt":
			r.group.Position = in.Here()
			return in.Children(r.assignment)
		case "RslvdCase":
			r.group.OriginalID, err = in.Pick("Id")
		case "Sts":
			err = in.Children(r.confirmation)
		case "CxlDtls":
			if err = r.tell(); err == nil {
				err = r.details()
			}
		case "ModDtls":
			if err = r.tell(); err == nil {
				err = r.payment(inherited{{record.LevelFile, r.file}}, r.group.OriginalID)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := r.tell(); err != nil || r.items > 0 {
		return err
	}
	if r.file == (status{}) {
		return out.Warn(at, "BANKFILE_WARN_NO_STATUS")
	}
	return r.whole(record.LevelFile, r.group.OriginalID, r.group.Position, r.file)
}

func (r *resolutionReader) assignment(name string) (err error) {
	switch name {
	case "Id":
		r.group.MessageID, err = r.in.Leaf()
	case "CreDtTm":
		r.group.Created, err = r.in.Leaf()
	}
	return err
}

// confirmation reads the status of the whole: a code, or one of the kinds that
// have none, whose element then stands for it.
func (r *resolutionReader) confirmation(name string) (err error) {
	switch name {
	case "Conf":
		r.file.code, err = r.in.Leaf()
	case "RjctdMod":
		r.file.code = name
		var reason string
		reason, err = r.in.Pick("Cd", "Prtry", name)
		r.file.reason = record.First(r.file.reason, reason)
	case "DplctOf", "AssgnmtCxlConf":
		r.file.code = name
	}
	return err
}

func (r *resolutionReader) tell() error {
	if r.told {
		return nil
	}
	r.told = true
	h := r.group
	h.Status, h.Reason, h.ReasonText = r.file.code, r.file.reason, r.file.text
	return r.out.Header(h)
}

func (r *resolutionReader) whole(level record.Level, id string, at record.Position, s status) error {
	it := &record.Item{Kind: record.KindStatus, Level: level, BatchID: id, Position: at}
	setRequest(it, s)
	r.items++
	return r.out.Item(it)
}

// setRequest is [set] for the status of a request.
func setRequest(it *record.Item, s status) {
	set(it, s)
	it.Outcome = record.OutcomeUnknown
}

// details reads one CxlDtls: the original file, its batches, its payments,
// each of which may be the only one with a status.
func (r *resolutionReader) details() error {
	group := record.Header{Level: record.LevelFile, Position: r.in.Here()}
	var own status
	listed := r.items
	err := r.in.Children(func(name string) (err error) {
		above := inherited{{record.LevelFile, own}, {record.LevelFile, r.file}}
		switch name {
		case "OrgnlGrpInfAndSts":
			group.Position = r.in.Here()
			if err = r.original(&group, &own, "GrpCxlSts", nil); err == nil {
				err = r.out.Header(group)
			}
		case "OrgnlPmtInfAndSts":
			err = r.batch(above)
		case "TxInfAndSts":
			err = r.payment(above, group.OriginalID)
		}
		return err
	})
	if err != nil || r.items > listed || own.code == "" {
		return err
	}
	return r.whole(record.LevelFile, group.OriginalID, group.Position, own)
}

// original reads what OrgnlGrpInfAndSts and OrgnlPmtInfAndSts share.
func (r *resolutionReader) original(h *record.Header, own *status, code string, payment func() error) error {
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "OrgnlMsgId", "OrgnlPmtInfId":
			h.OriginalID, err = r.in.Leaf()
		case "OrgnlNbOfTxs":
			h.Count, err = r.in.Leaf()
		case "OrgnlCtrlSum":
			h.Sum, err = r.in.Leaf()
		case code:
			own.code, err = r.in.Leaf()
		case "CxlStsRsnInf":
			err = own.read(r.in, r.out)
		case "TxInfAndSts":
			if payment != nil {
				err = payment()
			}
		}
		return err
	})
	h.Status, h.Reason, h.ReasonText = own.code, own.reason, own.text
	return err
}

func (r *resolutionReader) batch(above inherited) error {
	h := record.Header{Level: record.LevelBatch, Position: r.in.Here()}
	var own status
	listed, told := r.items, false
	err := r.original(&h, &own, "PmtInfCxlSts", func() error {
		if !told {
			told = true
			h.Status, h.Reason, h.ReasonText = own.code, own.reason, own.text
			if err := r.out.Header(h); err != nil {
				return err
			}
		}
		return r.payment(append(inherited{{record.LevelBatch, own}}, above...), h.OriginalID)
	})
	if err != nil {
		return err
	}
	if !told {
		if err := r.out.Header(h); err != nil {
			return err
		}
	}
	if r.items > listed || own.code == "" {
		return nil
	}
	return r.whole(record.LevelBatch, h.OriginalID, h.Position, own)
}

// payment reads one TxInfAndSts, or the ModDtls of a changed payment.
func (r *resolutionReader) payment(above inherited, batch string) error {
	in := r.in
	it := &record.Item{Kind: record.KindStatus, Level: record.LevelPayment, BatchID: batch, Position: in.Here()}
	var own status
	err := in.Children(func(name string) (err error) {
		switch name {
		case "OrgnlGrpInf":
			var id string
			id, err = in.Pick("OrgnlMsgId")
			it.BatchID = record.First(it.BatchID, id)
		case "TxCxlSts":
			own.code, err = in.Leaf()
		case "CxlStsRsnInf", "ModStsRsnInf":
			err = own.read(in, r.out)
		case "RsltnRltdInf":
			it.BankRef, err = in.Pick("TxId")
		default:
			err = originalPayment(in, it, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	own, it.InheritedFrom = above.complete(own)
	setRequest(it, own)
	r.items++
	return r.out.Item(it)
}
