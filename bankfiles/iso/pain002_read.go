package iso

import (
	"strconv"

	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// statusReader reads pain.002 of any version. Every level may be the only one
// that states a status: one item comes out for each payment listed, or for a
// batch without payments, or for a file without either. Statuses of file and
// batch stand in their headers too, since payments not listed inherit them.
type statusReader struct {
	in    *xmlscan.Scanner
	out   *record.Out
	file  status
	group record.Header
	items int64
	count int64 // payments listed
	tally tally // of the file
}

func readPain002(in *xmlscan.Scanner, out *record.Out) error {
	r := &statusReader{in: in, out: out}
	at := in.Here()
	err := in.Children(func(name string) (err error) {
		switch name {
		case "GrpHdr":
			r.group = record.Header{Level: record.LevelFile, Position: in.Here()}
			return in.Children(func(name string) error { return identity(in, &r.group, name) })
		case "OrgnlGrpInfAndSts":
			return r.original()
		case "OrgnlPmtInfAndSts":
			return r.batch()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.end(at)
}

// end gives the file's own status as the item where no level below has one.
func (r *statusReader) end(at record.Position) error {
	if err := notMore(r.group.Position, record.LevelFile, r.group.Count, r.count); err != nil {
		return err
	}
	if err := r.tally.check(r.group.Position, record.LevelFile); err != nil || r.items > 0 {
		return err
	}
	if r.file.code == "" {
		return r.out.Warn(at, "BANKFILE_WARN_NO_STATUS")
	}
	it := &record.Item{Kind: record.KindStatus, Level: record.LevelFile, BatchID: r.group.OriginalID, Position: r.group.Position}
	set(it, r.file)
	return r.out.Item(it)
}

func (r *statusReader) original() error {
	h := r.group
	h.Position = r.in.Here()
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "OrgnlMsgId":
			h.OriginalID, err = r.in.Leaf()
		case "OrgnlNbOfTxs":
			h.Count, err = r.in.Leaf()
		case "OrgnlCtrlSum":
			h.Sum, err = r.in.Leaf()
		case "GrpSts":
			r.file.code, err = r.in.Leaf()
		case "NbOfTxsPerSts":
			err = r.tally.read(r.in)
		case "StsRsnInf":
			err = r.file.read(r.in, r.out)
		}
		return err
	})
	if err != nil {
		return err
	}
	h.Status, h.Reason, h.ReasonText = r.file.code, r.file.reason, r.file.text
	r.group = h
	return r.out.Header(h)
}

func (r *statusReader) batch() error {
	h := record.Header{Level: record.LevelBatch, Position: r.in.Here()}
	var own status
	var tally tally
	listed := int64(0)
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "OrgnlPmtInfId":
			h.OriginalID, err = r.in.Leaf()
		case "OrgnlNbOfTxs":
			h.Count, err = r.in.Leaf()
		case "OrgnlCtrlSum":
			h.Sum, err = r.in.Leaf()
		case "PmtInfSts":
			own.code, err = r.in.Leaf()
		case "NbOfTxsPerSts":
			err = tally.read(r.in)
		case "StsRsnInf":
			err = own.read(r.in, r.out)
		case "TxInfAndSts":
			if listed++; listed == 1 {
				if err = r.batchHeader(&h, own); err != nil {
					return err
				}
			}
			err = r.payment(h.OriginalID, own, &tally)
		}
		return err
	})
	if err != nil {
		return err
	}
	r.count += listed
	if err := tally.check(h.Position, record.LevelBatch); err != nil {
		return err
	}
	if err := notMore(h.Position, record.LevelBatch, h.Count, listed); err != nil || listed > 0 {
		return err
	}
	return r.batchOnly(h, own)
}

func (r *statusReader) batchHeader(h *record.Header, own status) error {
	h.Status, h.Reason, h.ReasonText = own.code, own.reason, own.text
	return r.out.Header(*h)
}

func (r *statusReader) batchOnly(h record.Header, own status) error {
	if err := r.batchHeader(&h, own); err != nil || own.code == "" {
		return err
	}
	it := &record.Item{Kind: record.KindStatus, Level: record.LevelBatch, BatchID: h.OriginalID, Position: h.Position}
	set(it, own)
	r.items++
	return r.out.Item(it)
}

// payment reads one TxInfAndSts. Without a status of its own it has the
// batch's, else the file's.
func (r *statusReader) payment(batch string, above status, of *tally) error {
	it := &record.Item{Kind: record.KindStatus, Level: record.LevelPayment, BatchID: batch, Position: r.in.Here()}
	var own status
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "TxSts":
			own.code, err = r.in.Leaf()
		case "StsRsnInf":
			err = own.read(r.in, r.out)
		case "AcctSvcrRef":
			it.BankRef, err = r.in.Leaf()
		case "AccptncDtTm":
			it.BookingDate, err = r.in.Leaf()
			it.BookingDate = day(it.BookingDate)
		default:
			err = originalPayment(r.in, it, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	own, it.InheritedFrom = inherited{{record.LevelBatch, above}, {record.LevelFile, r.file}}.complete(own)
	set(it, own)
	of.add(own.code, it.Amount)
	r.tally.add(own.code, it.Amount)
	r.items++
	return r.out.Item(it)
}

// notMore refuses a report that lists more payments than the original had;
// fewer are usual, since many banks list rejected ones only.
func notMore(at record.Position, level record.Level, stated string, listed int64) error {
	if stated == "" {
		return nil
	}
	n, err := strconv.ParseInt(stated, 10, 64)
	if err != nil {
		return at.Fault("BANKFILE_NUMBER", "value", record.Clip(stated))
	}
	if listed > n {
		return at.Fault("BANKFILE_COUNT_MISMATCH", "level", string(level), "stated", n, "found", listed)
	}
	return nil
}
